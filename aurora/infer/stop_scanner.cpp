#include "aurora/infer/stop_scanner.h"

#include <algorithm>
#include <utility>

namespace aurora::infer {

std::string StopScanner::push(std::string_view text) {
  if (!found_.empty()) return {};
  if (stops_.empty()) return std::string(text);
  for (const char byte : text) {
    held_ += byte;
    for (const std::string& stop : stops_)
      if (stop.size() > found_.size() && held_.ends_with(stop)) found_ = stop;
    if (found_.empty()) continue;
    held_.resize(held_.size() - found_.size());
    return std::exchange(held_, {});
  }
  const auto begins_stop = [&](size_t at) {
    const std::string_view rest = std::string_view(held_).substr(at);
    return std::any_of(stops_.begin(), stops_.end(),
                       [&](const std::string& stop) { return std::string_view(stop).starts_with(rest); });
  };
  size_t certain = 0;
  while (certain < held_.size() && !begins_stop(certain)) ++certain;
  std::string released = held_.substr(0, certain);
  held_.erase(0, certain);
  return released;
}

std::string StopScanner::finish() {
  return std::exchange(held_, {});
}

}  // namespace aurora::infer
