// Any bytes as the body of a request: the first byte chooses the endpoint. What is read must be refused by an
// ApiError or planned: a prompt of the vocabulary's ids, at least one answer. Texts are also read as an
// answer with calls, in pieces: words and calls together must not depend on the pieces.
#include "aurora/infer/fake_model.h"
#include "aurora/serve/completions.h"
#include "aurora/serve/embeddings.h"
#include "aurora/serve/responses.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace aurora;
using namespace aurora::serve;

const ServedModel& model() {
  static Pool pool(1);
  static infer::EngineThread engine(
      std::make_unique<infer::Engine>(std::make_unique<infer::testing::FakeModel>(infer::testing::babble, 64),
                                      infer::testing::byte_tokens(4096), infer::EngineSettings{}, pool));
  static const ServedModel model("fuzzed", "hash", infer::testing::byte_tokenizer(), {}, engine);
  return model;
}

void check(const infer::Request& request) {
  AURORA_CHECK(!request.prompt.empty() && request.n >= 1, "nothing is asked");
  for (const int32_t id : request.prompt) AURORA_CHECK(id >= 0, "no token");
  try {
    infer::check_sampling(request.sampling);
  } catch (const Error& error) {
    AURORA_CHECK(false, "sampling was let through: {}", error.what());
  }
}

void plan_body(uint8_t endpoint, std::string_view body_text) {
  const Json body = parse_body(body_text);
  const GenerationDefaults defaults;
  switch (endpoint % 4) {
    case 0: {
      ChatRequest chat = read_chat(body, defaults, 0);
      plan_chat(chat, model());
      return check(chat.request);
    }
    case 1: {
      CompletionRequest completion = read_completion(body, defaults);
      for (const infer::Request& request : plan_completion(completion, model())) check(request);
      return;
    }
    case 2: {
      ResponsesRequest responses = read_responses(body, defaults, 0);
      plan_chat(responses.chat, model());
      return check(responses.chat.request);
    }
    default:
      for (const infer::Request& request : plan_embedding(read_embedding(body), model())) check(request);
  }
}

std::string told(std::string_view text, size_t piece_bytes, const char* style) {
  ToolUse use;
  use.tools = {{"f", "{}"}, {"g", "{}"}};
  ToolCallReader reader(tool_format(style), use);
  std::string words, calls;
  const auto take = [&](const ToolCallReader::Piece& piece) {
    words += piece.text;
    for (const ToolCall& call : piece.calls) calls += call.name + call.arguments + "\n";
  };
  for (size_t at = 0; at < text.size(); at += piece_bytes) take(reader.push(text.substr(at, piece_bytes)));
  take(reader.finish());
  return words + "\n" + calls;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    plan_body(data[0], text);
  } catch (const ApiError&) {
  }
  for (const char* style : {"", "[TOOL_CALLS]", "<|python_tag|>"})
    AURORA_CHECK(told(text, 1, style) == told(text, text.size() + 1, style), "calls depend on the pieces");
  return 0;
}
