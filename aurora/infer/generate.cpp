#include "aurora/infer/generate.h"
#include "aurora/tokenizer/decode.h"

#include <algorithm>

namespace aurora::infer {
namespace {

// [end of document] prompt, cut from the left so that at least one token can follow.
std::vector<int32_t> prompt_tokens(const Model& model, std::string_view prompt) {
  std::vector<int32_t> tokens = {model.tokenizer.end_of_document()};
  const std::vector<int32_t> text = model.tokenizer.encode(prompt);
  const int64_t room = model.max_length - 2;
  const int64_t skip = std::max<int64_t>(0, static_cast<int64_t>(text.size()) - room);
  tokens.insert(tokens.end(), text.begin() + skip, text.end());
  return tokens;
}

}  // namespace

Generation generate(const Model& model, std::string_view prompt, const GenerateSettings& settings, Pool& pool,
                    const TextSink& sink) {
  check_sampling(settings.sampling);
  Generation result;
  const std::vector<int32_t> first = prompt_tokens(model, prompt);
  result.prompt_tokens = static_cast<int64_t>(first.size());

  models::KvCache cache(model.llama.shape(), model.act(), 1, model.max_length);
  tensor::Arena arena;
  tensor::Exec exec{device::Stream::cpu(pool), kernels::cpu_kernels(), arena};
  tokenizer::StreamDecoder decoder(model.tokenizer);
  const auto emit = [&](const std::string& text) {
    result.text += text;
    return text.empty() || !sink || sink(text);
  };

  std::span<const int32_t> next = first;
  int32_t token = 0;
  while (true) {
    const device::View logits = model.llama.logits(exec, model.weights.flat(), next, cache, 1);
    // Ids beyond the tokenizer's are padding of the vocabulary and never said.
    const std::span<const float> known(logits.as<float>(), static_cast<size_t>(model.tokenizer.vocab_size()));
    token = sample_token(known, settings.sampling, cache.length());
    if (token == model.tokenizer.end_of_document()) {
      result.stop = Stop::kEndOfText;
      break;
    }
    result.tokens.push_back(token);
    if (!emit(decoder.push(token))) {
      result.stop = Stop::kCaller;
      break;
    }
    if (static_cast<int64_t>(result.tokens.size()) >= settings.max_tokens) break;
    if (cache.length() + 1 >= cache.capacity()) {
      result.stop = Stop::kMaxLength;
      break;
    }
    next = {&token, 1};
  }
  emit(decoder.finish());
  return result;
}

}  // namespace aurora::infer
