#include "aurora/train/metrics.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <string_view>

#include "aurora/base/error.h"

namespace aurora::train {
namespace {

constexpr std::string_view kLineBegin = "{\"step\": ";

double seconds_since_1970() {
  using namespace std::chrono;
  return duration<double>(system_clock::now().time_since_epoch()).count();
}

Path prepare(const Path& folder, int64_t last_step) {
  std::filesystem::create_directories(folder);
  Path path = folder / "train.jsonl";
  std::string kept;
  if (last_step > 0 && std::filesystem::exists(path)) kept = cut_metrics(read_file(path), last_step);
  write_file_atomic(path, kept);
  return path;
}

}  // namespace

std::string cut_metrics(const std::string& lines, int64_t last_step) {
  std::string kept;
  size_t begin = 0;
  for (size_t end; (end = lines.find('\n', begin)) != std::string::npos; begin = end + 1) {
    std::string_view line(lines.data() + begin, end - begin);
    if (!line.starts_with(kLineBegin) || line.back() != '}') break;
    int64_t step = 0;
    const char* digits = line.data() + kLineBegin.size();
    if (std::from_chars(digits, line.data() + line.size(), step).ec != std::errc() || step > last_step) break;
    kept.append(line).push_back('\n');
  }
  return kept;
}

MetricsWriter::MetricsWriter(const Path& folder, int64_t last_step)
    : path_(prepare(folder, last_step)),
      events_(folder / "events.out.tfevents.aurora", last_step > 0 ? last_step : -1) {
  fd_ = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (fd_ < 0) throw system_error("open", path_.string(), errno);
}

MetricsWriter::~MetricsWriter() {
  ::close(fd_);
}

void MetricsWriter::write(const StepMetrics& m) {
  // Loss and norm round-trip; speeds are for the eye.
  std::string line = fmt::format(
      "{}{}, \"tokens\": {}, \"first_sample\": {}, \"loss\": {}, \"learning_rate\": {}, \"grad_norm\": {}, "
      "\"step_s\": {:.4g}, \"data_s\": {:.3g}, "
      "\"tokens_per_s\": {:.5g}, \"flops_per_s\": {:.5g}}}\n",
      kLineBegin, m.step, m.tokens, m.first_sample, m.loss, m.learning_rate, m.gradient_norm, m.step_s,
      m.data_s, m.tokens_per_s, m.flops_per_s);
  if (::write(fd_, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
    throw system_error("write", path_.string(), errno);
  auto scalar = [](const char* tag, double value) { return format::Scalar{tag, static_cast<float>(value)}; };
  events_.write({seconds_since_1970(),
                 m.step,
                 {scalar("train/loss", m.loss), scalar("train/learning_rate", m.learning_rate),
                  scalar("train/grad_norm", m.gradient_norm), scalar("speed/tokens_per_s", m.tokens_per_s),
                  scalar("speed/flops_per_s", m.flops_per_s)}});
  events_.flush();
}

}  // namespace aurora::train
