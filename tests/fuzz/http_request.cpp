// Any bytes as what a client sends on one connection: the first byte says into which pieces they are cut.
// What the handler sees must not depend on the pieces, and must keep the limits; every answer must be HTTP.
#include <cstdlib>

#include "aurora/net/connection_testing.h"
#include "aurora/net/message_parser.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace aurora;
using namespace aurora::net;

// methods: of every request whose header was taken.
ServerSettings small_limits(std::vector<std::string>& methods) {
  ServerSettings settings;
  settings.limits.target_bytes = 200;
  settings.limits.header_bytes = 600;
  settings.limits.body_bytes = 500;
  settings.admit = [&methods](const HttpRequest& head) -> std::optional<HttpResponse> {
    methods.push_back(head.method);
    if (head.path != "/refused") return std::nullopt;
    return problem_response({401, "no_key", "Give a key."});
  };
  return settings;
}

// Whole answers, streams, none.
void answer(const HttpRequest& request, const Responder& responder) {
  HttpResponse response;
  response.headers.add("X-Echo", request.query);
  response.body = request.body;
  if (request.path == "/none") return;
  if (request.path == "/throw") throw Error("thrown", "handler", "none");
  if (request.path != "/stream") return responder.send(std::move(response));
  responder.begin(std::move(response));
  responder.write(request.target);
  responder.end();
}

std::string print(const HttpRequest& request) {
  std::string out = request.method + " " + request.target + " " + request.path + " " + request.query + "\n";
  for (const auto& [name, value] : request.headers) out.append(name).append(": ").append(value).append("\n");
  return out + request.body + "\n";
}

void check_answers(std::string_view output, const std::vector<std::string>& methods) {
  size_t next = 0;
  while (!output.empty()) {
    const bool head = next < methods.size() && methods[next] == "HEAD";
    ResponseParser parser(head, 1 << 20);
    for (size_t used = 1; used > 0 && !parser.complete() && !parser.problem();) {
      used = parser.feed(output);
      output.remove_prefix(used);
    }
    // A stream to HTTP/1.0 ends with the connection.
    if (!parser.complete()) parser.feed_end();
    if (parser.problem()) std::abort();
    if (parser.response().status != 100) ++next;
  }
}

std::string seen_by_handler(std::string_view bytes, size_t piece) {
  std::string seen;
  std::vector<std::string> methods;
  std::string output;
  TestConnection test(small_limits(methods), [&](HttpRequest request, Responder responder) {
    if (request.body.size() > 500 || request.path.find('\0') != request.path.npos) std::abort();
    seen += print(request);
    answer(request, responder);
  });
  for (size_t at = 0; at < bytes.size(); at += piece) output += test.give(bytes.substr(at, piece));
  output += test.wait(Milliseconds(60'000));
  test.connection().input_ended(test.now());
  if (test.shared().body_bytes != 0 || test.shared().active != 0) std::abort();
  // What is refused before its header is taken may have been HEAD: then the answers cannot be told apart.
  if (!test.connection().cut() && test.shared().cut_off == 0) check_answers(output, methods);
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const size_t piece = size_t{1} + data[0] % 64;
  const std::string_view bytes = fuzz::text(data + 1, size - 1);
  if (seen_by_handler(bytes, piece) != seen_by_handler(bytes, bytes.size() + 1)) std::abort();
  return 0;
}
