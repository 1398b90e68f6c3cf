#include "aurora/base/progress.h"

#include <sys/ioctl.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "aurora/base/utf8.h"

namespace aurora {

namespace {

constexpr double kRedrawS = 0.1;
constexpr size_t kBarWidth = 24;

std::string with_prefix(double value, double step, const char* const* prefixes, int count, const char* unit) {
  int prefix = 0;
  while (std::abs(value) >= step * 0.9995 && prefix + 1 < count) {
    value /= step;
    ++prefix;
  }
  // Whole numbers without prefix; else three digits.
  const bool whole = prefix == 0 && value == std::floor(value);
  const int decimals = whole || std::abs(value) >= 99.95 ? 0 : std::abs(value) >= 9.995 ? 1 : 2;
  const std::string tail = std::string(prefixes[prefix]) + unit;
  return fmt::format("{:.{}f}{}{}", value, decimals, tail.empty() ? "" : " ", tail);
}

constexpr const char* kPrefixes[] = {"", "k", "M", "G", "T", "P", "E"};
constexpr const char* kBytePrefixes[] = {"", "K", "M", "G", "T", "P", "E"};

std::string amount(double value, const std::string& unit) {
  if (unit == "B") return human_bytes(value);
  return human_count(value) + (unit.empty() ? "" : " " + unit);
}

size_t terminal_columns(int fd) {
  winsize size{};
  return ::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

// Cut to `columns` characters, never inside one.
std::string cut(const std::string& text, size_t columns) {
  size_t at = 0;
  for (size_t used = 0; at < text.size() && used < columns; ++used) at += decode_utf8(text, at).bytes;
  return text.substr(0, at);
}

}  // namespace

std::string human_bytes(double bytes) {
  return with_prefix(bytes, 1000, kBytePrefixes, 7, "B");
}
std::string human_count(double count) {
  return with_prefix(count, 1000, kPrefixes, 7, "");
}

std::string human_seconds(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0) return "?";
  if (seconds < 0.9995) return fmt::format("{:.0f}ms", seconds * 1000);
  if (seconds < 9.95) return fmt::format("{:.1f}s", seconds);
  const auto whole = static_cast<int64_t>(std::llround(seconds));
  if (whole < 60) return fmt::format("{}s", whole);
  if (whole < 3600) return fmt::format("{}m{:02}s", whole / 60, whole % 60);
  if (whole < 86400) return fmt::format("{}h{:02}m", whole / 3600, whole % 3600 / 60);
  return fmt::format("{}d{:02}h", whole / 86400, whole % 86400 / 3600);
}

Progress::Progress(Log& log, std::string name, uint64_t total, std::string unit, double plain_every_s)
    : log_(log),
      name_(std::move(name)),
      total_(total),
      unit_(std::move(unit)),
      plain_every_s_(plain_every_s),
      start_(std::chrono::steady_clock::now()),
      next_draw_ns_(static_cast<int64_t>((log.is_terminal() ? kRedrawS : plain_every_s) * 1e9)) {}

Progress::~Progress() {
  draw(true);
}

void Progress::add(uint64_t amount) {
  done_.fetch_add(amount, std::memory_order_relaxed);
  if (log_.quiet()) return;
  const auto elapsed = std::chrono::steady_clock::now() - start_;
  const int64_t now_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(elapsed).count();
  int64_t due_ns = next_draw_ns_.load(std::memory_order_relaxed);
  if (now_ns < due_ns) return;
  const double every_s = log_.is_terminal() ? kRedrawS : plain_every_s_;
  const auto next_ns = now_ns + static_cast<int64_t>(every_s * 1e9);
  // Of several threads that find it due, one draws.
  if (next_draw_ns_.compare_exchange_strong(due_ns, next_ns)) draw(false);
}

void Progress::note(std::string text) {
  const std::lock_guard lock(mutex_);
  note_ = std::move(text);
}

std::string Progress::status(double elapsed_s) const {
  const auto done = static_cast<double>(done_.load(std::memory_order_relaxed));
  const double rate = elapsed_s > 0 ? done / elapsed_s : 0;
  std::string text = amount(done, total_ > 0 && unit_ != "B" ? "" : unit_);
  if (total_ > 0) text += " of " + amount(static_cast<double>(total_), unit_);
  text += fmt::format(", {}/s", amount(rate, unit_));
  if (total_ > 0 && rate > 0) {
    text += fmt::format(", {} left", human_seconds(std::max(0.0, static_cast<double>(total_) - done) / rate));
  }
  return text;
}

void Progress::draw(bool last) {
  if (log_.quiet()) return;
  const std::lock_guard lock(mutex_);
  const double elapsed_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  const auto done = static_cast<double>(done_.load(std::memory_order_relaxed));
  const std::string tail = note_.empty() ? "" : ", " + note_;
  if (last) {
    const double rate = elapsed_s > 0 ? done / elapsed_s : 0;
    log_.line("", fmt::format("{}: {} in {}, {}/s{}", name_, amount(done, unit_), human_seconds(elapsed_s),
                              amount(rate, unit_), tail));
    return;
  }
  const double share = total_ > 0 ? std::min(1.0, done / static_cast<double>(total_)) : 0;
  const std::string percent = total_ > 0 ? fmt::format("{:.0f} %, ", std::floor(share * 100)) : "";
  if (!log_.is_terminal()) {
    log_.line("", fmt::format("{}: {}{}{}", name_, percent, status(elapsed_s), tail));
    return;
  }
  std::string bar;
  if (total_ > 0) {
    const auto full = static_cast<size_t>(share * kBarWidth);
    bar = "[" + std::string(full, '#') + std::string(kBarWidth - full, '.') + "] ";
  }
  const std::string text = fmt::format("{} {}{}{}{}", name_, bar, percent, status(elapsed_s), tail);
  log_.raw("\r\x1b[K" + cut(text, terminal_columns(log_.fd()) - 1));
}

}  // namespace aurora
