#include "aurora/net/sse.h"

#include <algorithm>

#include "aurora/base/error.h"

namespace aurora::net {

HttpResponse sse_head() {
  HttpResponse head;
  head.headers = {{"Content-Type", "text/event-stream; charset=utf-8"},
                  {"Cache-Control", "no-cache, no-transform"},
                  {"X-Accel-Buffering", "no"}};
  return head;
}

std::string sse_event(std::string_view data, std::string_view name) {
  std::string out;
  if (!name.empty()) out.append("event: ").append(name).append("\n");
  for (;;) {
    const size_t end = data.find_first_of("\r\n");
    out.append("data: ").append(data.substr(0, end)).append("\n");
    if (end == data.npos) break;
    const bool pair = data.substr(end, 2) == "\r\n";
    data.remove_prefix(end + (pair ? 2 : 1));
  }
  return out + "\n";
}

std::string sse_comment(std::string_view text) {
  std::string out = ": ";
  out.append(text);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c == '\r' || c == '\n'; }, ' ');
  return out + "\n\n";
}

void SseParser::feed(std::string_view piece, const Sink& sink) {
  while (!piece.empty()) {
    if (after_return_ && piece.front() == '\n') piece.remove_prefix(1);
    after_return_ = false;
    const size_t end = piece.find_first_of("\r\n");
    line_.append(piece.substr(0, end));
    if (line_.size() + data_.size() > max_event_bytes_) {
      throw Error("an event is larger than its limit", "event stream", "raise the limit of the parser");
    }
    if (end == piece.npos) return;
    after_return_ = piece[end] == '\r';
    piece.remove_prefix(end + 1);
    take_line(std::exchange(line_, {}), sink);
  }
}

void SseParser::take_line(std::string_view line, const Sink& sink) {
  if (line.empty()) {
    if (has_data_) {
      data_.pop_back();  // the '\n' after the last line
      sink({name_.empty() ? "message" : name_, data_});
    }
    name_.clear();
    data_.clear();
    has_data_ = false;
    return;
  }
  const size_t colon = std::min(line.find(':'), line.size());
  const std::string_view field = line.substr(0, colon);
  std::string_view value = line.substr(std::min(colon + 1, line.size()));
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "data") {
    data_.append(value).append("\n");
    has_data_ = true;
  } else if (field == "event") {
    name_ = value;
  }
}

}  // namespace aurora::net
