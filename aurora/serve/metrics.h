// GET /metrics: the server's state in Prometheus' text format, version 0.0.4
// (https://prometheus.io/docs/instrumenting/exposition_formats/).
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "aurora/infer/engine_stats.h"
#include "aurora/net/http_server.h"

namespace aurora::serve {

// Answers by endpoint and status, counted as they end. Thread-safe.
class AnswerCounts {
 public:
  void add(std::string_view endpoint, int status);
  std::map<std::pair<std::string, int>, uint64_t> copy() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, int>, uint64_t> counts_;
};

struct MetricsInput {
  std::map<std::string, infer::EngineStats> models;  // by name
  net::ServerStats http;
  std::map<std::pair<std::string, int>, uint64_t> answers;
  uint64_t usage_dropped = 0;
};
std::string metrics_text(const MetricsInput& input);

}  // namespace aurora::serve
