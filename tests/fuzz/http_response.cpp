// Any bytes as what a server sends: an answer for the client, and a stream of events; in one piece and byte
// by byte.
#include <cstdlib>

#include "aurora/net/message_parser.h"
#include "aurora/net/sse.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace aurora;
using namespace aurora::net;

// Status and body; "problem" for what is no answer.
std::string answer(std::string_view bytes, size_t piece) {
  ResponseParser parser(false, 1000);
  std::string waiting;
  for (size_t at = 0; at < bytes.size() && !parser.complete() && !parser.problem(); at += piece) {
    waiting += bytes.substr(at, piece);
    for (size_t used = 1; used > 0 && !waiting.empty() && !parser.complete() && !parser.problem();) {
      used = parser.feed(waiting);
      waiting.erase(0, used);
    }
  }
  if (!parser.complete() && !parser.problem()) parser.feed_end();
  if (parser.problem()) return "problem";
  return std::to_string(parser.response().status) + parser.response().body;
}

std::string events(std::string_view bytes, size_t piece) {
  SseParser parser(1000);
  std::string out;
  try {
    for (size_t at = 0; at < bytes.size(); at += piece) {
      parser.feed(bytes.substr(at, piece),
                  [&](const SseEvent& event) { out += event.name + "=" + event.data + "\n"; });
    }
  } catch (const Error&) {
    return "error";
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes = fuzz::text(data, size);
  if (answer(bytes, 1) != answer(bytes, size + 1)) std::abort();
  if (size < 1000 && events(bytes, 1) != events(bytes, size + 1)) std::abort();
  return 0;
}
