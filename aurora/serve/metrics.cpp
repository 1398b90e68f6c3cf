#include "aurora/serve/metrics.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

namespace aurora::serve {
namespace {

using infer::EngineStats;
using infer::LatencyHistogram;

struct Number {
  const char* name;
  const char* type;
  const char* help;
  double (*value)(const EngineStats&);
};

template <auto kField>
double field(const EngineStats& stats) {
  return static_cast<double>(stats.*kField);
}

constexpr Number kNumbers[] = {
    {"aurora_requests_queued", "gauge", "Requests that wait.", field<&EngineStats::queued>},
    {"aurora_sequences_running", "gauge", "Sequences that hold pages.", field<&EngineStats::running>},
    {"aurora_batch_sequences", "gauge", "Sequences of the last step.", field<&EngineStats::batch_sequences>},
    {"aurora_batch_tokens", "gauge", "Tokens of the last step.", field<&EngineStats::batch_tokens>},
    {"aurora_kv_pages", "gauge", "Pages for keys and values.", field<&EngineStats::kv_pages>},
    {"aurora_kv_pages_used", "gauge", "Pages in use, the prefix cache's among them.",
     field<&EngineStats::kv_pages_used>},
    {"aurora_prefix_pages", "gauge", "Pages that the prefix cache keeps.", field<&EngineStats::prefix_pages>},
    {"aurora_steps_total", "counter", "Steps of the model.", field<&EngineStats::steps>},
    {"aurora_requests_total", "counter", "Requests taken.", field<&EngineStats::requests>},
    {"aurora_requests_finished_total", "counter", "Requests answered.", field<&EngineStats::finished>},
    {"aurora_requests_cancelled_total", "counter", "Requests whose client left.",
     field<&EngineStats::cancelled>},
    {"aurora_requests_failed_total", "counter", "Requests that failed.", field<&EngineStats::failed>},
    {"aurora_requests_refused_total", "counter", "Requests refused, the queue being full.",
     field<&EngineStats::refused>},
    {"aurora_prompt_tokens_total", "counter", "Tokens of prompts.", field<&EngineStats::prompt_tokens>},
    {"aurora_answer_tokens_total", "counter", "Tokens of answers.", field<&EngineStats::answer_tokens>},
    {"aurora_prefix_queries_total", "counter", "Prompts looked up in the prefix cache.",
     field<&EngineStats::prefix_queries>},
    {"aurora_prefix_hits_total", "counter", "Of them, found in part.", field<&EngineStats::prefix_hits>},
    {"aurora_prefix_tokens_total", "counter", "Tokens found there.", field<&EngineStats::prefix_tokens>},
    {"aurora_preemptions_total", "counter", "Sequences that gave their pages back.",
     field<&EngineStats::preemptions>},
    {"aurora_drafted_tokens_total", "counter", "Tokens guessed by speculation.",
     field<&EngineStats::drafted_tokens>},
    {"aurora_accepted_tokens_total", "counter", "Of them, guessed right.",
     field<&EngineStats::accepted_tokens>},
    {"aurora_model_seconds_total", "counter", "Time inside the model.", field<&EngineStats::model_s>},
    {"aurora_step_seconds_total", "counter", "Time inside steps, the model included.",
     field<&EngineStats::step_s>},
};

struct Histogram {
  const char* name;
  const char* help;
  LatencyHistogram EngineStats::*values;
};
constexpr Histogram kHistograms[] = {
    {"aurora_time_to_first_token_seconds", "From submission to the first token.", &EngineStats::first_token},
    {"aurora_time_per_output_token_seconds", "Between tokens of an answer.", &EngineStats::per_token},
    {"aurora_queue_seconds", "From submission to the first step.", &EngineStats::queue},
    {"aurora_request_seconds", "From submission to the end.", &EngineStats::request},
};

// As the format wants label values.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  return out + '"';
}

class Text {
 public:
  void head(const char* name, const char* type, const char* help) {
    fmt::format_to(std::back_inserter(text_), "# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
  }
  void line(const std::string& name_and_labels, double value) {
    fmt::format_to(std::back_inserter(text_), "{} {}\n", name_and_labels, value);
  }
  void single(const char* name, const char* type, const char* help, double value) {
    head(name, type, help);
    line(name, value);
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

void add_histogram(Text& text, const Histogram& histogram, const MetricsInput& input) {
  text.head(histogram.name, "histogram", histogram.help);
  for (const auto& [model, stats] : input.models) {
    const LatencyHistogram& values = stats.*histogram.values;
    int64_t below = 0;
    for (int b = 0; b < LatencyHistogram::kBuckets; ++b) {
      below += values.in_bucket(b);
      const double bound = LatencyHistogram::upper_bound_s(b);
      text.line(fmt::format("{}_bucket{{model={},le=\"{}\"}}", histogram.name, quoted(model),
                            std::isinf(bound) ? std::string("+Inf") : fmt::format("{}", bound)),
                static_cast<double>(below));
    }
    text.line(fmt::format("{}_sum{{model={}}}", histogram.name, quoted(model)), values.sum_s());
    text.line(fmt::format("{}_count{{model={}}}", histogram.name, quoted(model)),
              static_cast<double>(values.count()));
  }
}

}  // namespace

void AnswerCounts::add(std::string_view endpoint, int status) {
  std::lock_guard lock(mutex_);
  ++counts_[{std::string(endpoint), status}];
}

std::map<std::pair<std::string, int>, uint64_t> AnswerCounts::copy() const {
  std::lock_guard lock(mutex_);
  return counts_;
}

std::string metrics_text(const MetricsInput& input) {
  Text text;
  for (const Number& number : kNumbers) {
    text.head(number.name, number.type, number.help);
    for (const auto& [model, stats] : input.models)
      text.line(fmt::format("{}{{model={}}}", number.name, quoted(model)), number.value(stats));
  }
  for (const Histogram& histogram : kHistograms) add_histogram(text, histogram, input);
  text.head("aurora_answers_total", "counter", "Answers by endpoint and HTTP status.");
  for (const auto& [kind, count] : input.answers)
    text.line(
        fmt::format("aurora_answers_total{{endpoint={},status=\"{}\"}}", quoted(kind.first), kind.second),
        static_cast<double>(count));
  const net::ServerStats& http = input.http;
  text.single("aurora_http_connections", "gauge", "Connections open.", http.open);
  text.single("aurora_http_requests_active", "gauge", "Requests not yet answered.",
              static_cast<double>(http.active));
  text.single("aurora_http_connections_total", "counter", "Connections accepted.",
              static_cast<double>(http.accepted));
  text.single("aurora_http_connections_refused_total", "counter", "Connections over the limit.",
              static_cast<double>(http.refused));
  text.single("aurora_http_cut_off_total", "counter", "Connections ended by a limit.",
              static_cast<double>(http.cut_off));
  text.single("aurora_http_received_bytes_total", "counter", "Bytes received.",
              static_cast<double>(http.bytes_in));
  text.single("aurora_http_sent_bytes_total", "counter", "Bytes sent.", static_cast<double>(http.bytes_out));
  text.single("aurora_usage_rows_dropped_total", "counter", "Rows of the usage log that were lost.",
              static_cast<double>(input.usage_dropped));
  return text.take();
}

}  // namespace aurora::serve
