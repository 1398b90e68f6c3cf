// Server-Sent Events (WHATWG HTML, "Server-sent events"): what text/event-stream bodies are made of.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "aurora/net/http.h"

namespace aurora::net {

// The header of a stream of events: Content-Type, no caching, no buffering in proxies (nginx).
HttpResponse sse_head();

// "data: ...\n\n"; a line of data per line of `data`; with "event: NAME" before it when there is a name.
std::string sse_event(std::string_view data, std::string_view name = {});
// ": TEXT\n\n", which readers ignore: keeps proxies awake.
std::string sse_comment(std::string_view text);

struct SseEvent {
  std::string name;  // "message" unless the stream says otherwise
  std::string data;  // lines joined by '\n'
};

// Takes a stream in pieces of any size. Error: an event beyond max_event_bytes. One thread.
class SseParser {
 public:
  using Sink = std::function<void(const SseEvent&)>;

  explicit SseParser(uint64_t max_event_bytes = 64 << 20) : max_event_bytes_(max_event_bytes) {}
  void feed(std::string_view piece, const Sink& sink);

 private:
  void take_line(std::string_view line, const Sink& sink);
  uint64_t max_event_bytes_;
  std::string line_;  // begun, not ended
  std::string name_;
  std::string data_;
  bool has_data_ = false;
  bool after_return_ = false;  // the last byte was '\r': a '\n' belongs to it
};

}  // namespace aurora::net
