// What the engine costs beside the model: answers of a randomly initialised model decoded side by side, and
// the share of each step spent outside the forward pass (scheduling, pages, draws, text, events). Processor
// time of all threads, so that others on the machine do not matter.
//   serving_bench [--threads=N] [--batch=8] [--tokens=48] [--shape=124M] [--layers=N]
#include <fmt/format.h>

#include <cstdlib>
#include <ctime>
#include <string>
#include <string_view>
#include <utility>

#include "aurora/infer/engine.h"
#include "aurora/infer/llama_step_model.h"
#include "aurora/kernels/packed.h"

namespace aurora::bench {
namespace {

constexpr int64_t kVocabulary = 50304;
constexpr int64_t kPromptTokens = 16;
constexpr int64_t kLongest = 512;

// The 256 bytes and words of four letters.
tokenizer::Tokenizer words_tokenizer() {
  tokenizer::Spec spec;
  const auto add = [&](std::string text) {
    tokenizer::Token token;
    token.text = std::move(text);
    spec.tokens.push_back(token);
  };
  for (int byte = 0; byte < 256; ++byte) add(std::string(1, static_cast<char>(byte)));
  for (int64_t word = 0; static_cast<int64_t>(spec.tokens.size()) < kVocabulary; ++word) {
    std::string text = " ";
    for (int64_t rest = word, i = 0; i < 4; ++i, rest /= 26) text += static_cast<char>('a' + rest % 26);
    add(text);
  }
  tokenizer::DecoderStep bytes;
  bytes.kind = tokenizer::DecoderStep::Kind::kByteLevel;
  spec.decoders = {bytes};
  return tokenizer::Tokenizer(std::move(spec));
}

double processor_s() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

struct Flags {
  int threads = 2;
  int64_t batch = 8, tokens = 48, layers = 0;
  std::string shape = "124M";
};

struct Case {
  const char* name;
  infer::Sampling sampling;
  int top_logprobs = -1;
};

struct World {
  explicit World(const Flags& flags) : pool(flags.threads), tokenizer(words_tokenizer()) {
    shape = plan::preset(flags.shape);
    shape.vocab = kVocabulary;
    if (flags.layers > 0) shape.layers = flags.layers;
    llama.emplace(shape);
    nn::ParameterArena master(llama->layout(), device::DType::kF32);
    llama->initialise(1, master.flat(), pool);
    arena = nn::ParameterArena(llama->layout(), device::DType::kBF16);
    kernels::cpu_kernels().cast(device::Stream::cpu(pool), master.flat(), arena.flat());
    weights = models::InferenceWeights::packed(llama->layout(), arena.flat(), llama->embedding(),
                                               llama->output(), pool);
  }
  infer::Engine engine(int64_t batch) {
    models::PagedCacheSettings cache;
    cache.memory_bytes =
        static_cast<size_t>(batch * kLongest / kernels::kPageTokens) *
        models::PagedCache::page_bytes(kernels::cpu_kernels(), shape, cache.act, cache.format);
    return infer::Engine(infer::make_step_model(*llama, *weights, cache, pool),
                         {.tokenizer = &tokenizer, .end_tokens = {}, .max_length = kLongest},
                         {.max_running = batch, .clock_s = processor_s}, pool);
  }

  Pool pool;
  tokenizer::Tokenizer tokenizer;
  plan::ModelShape shape;
  std::optional<models::Llama> llama;
  nn::ParameterArena arena;
  std::optional<models::InferenceWeights> weights;
};

void measure(World& world, const Flags& flags, const Case& one) {
  infer::Engine engine = world.engine(flags.batch);
  int64_t bytes = 0;
  for (int64_t i = 0; i < flags.batch; ++i) {
    infer::Request request;
    for (int64_t t = 0; t < kPromptTokens; ++t)
      request.prompt.push_back(static_cast<int32_t>((t * 997 + i) % kVocabulary));
    request.max_tokens = flags.tokens;
    request.sampling = one.sampling;
    request.sampling.seed = static_cast<uint64_t>(i);
    request.top_logprobs = one.top_logprobs;
    engine.submit(std::move(request),
                  [&](const infer::Event& event) { bytes += static_cast<int64_t>(event.text.size()); });
  }
  engine.step();  // the prompts
  const infer::EngineStats before = engine.stats();
  while (engine.step()) {
  }
  const infer::EngineStats after = engine.stats();
  const double steps = static_cast<double>(after.steps - before.steps);
  const double model_s = after.model_s - before.model_s, step_s = after.step_s - before.step_s;
  fmt::print("{:<24} {:8.2f} ms a step  {:8.1f} us of it beside the model  {:5.2f} %  ({} bytes of text)\n",
             one.name, 1e3 * step_s / steps, 1e6 * (step_s - model_s) / steps,
             100 * (step_s - model_s) / step_s, bytes);
}

int run(const Flags& flags) {
  World world(flags);
  fmt::print("{} tokens at once, {} threads, {}, vocabulary {}\n", flags.batch, flags.threads, flags.shape,
             kVocabulary);
  const Case cases[] = {{"greedy", {.temperature = 0}},
                        {"temperature", {.temperature = 0.8, .top_p = 1}},
                        {"top-k 40", {.temperature = 0.8, .top_k = 40, .top_p = 0.95}},
                        {"top-p (flat logits)", {.temperature = 0.8, .top_p = 0.95}},
                        {"greedy, 5 logprobs", {.temperature = 0}, 5},
                        {"penalties", {.temperature = 0, .frequency_penalty = 0.5}}};
  for (const Case& one : cases) measure(world, flags, one);
  return 0;
}

}  // namespace
}  // namespace aurora::bench

int main(int argc, char** argv) {
  aurora::bench::Flags flags;
  for (int i = 1; i < argc; ++i) {
    const std::string_view flag = argv[i];
    const auto value = [&](std::string_view name) {
      return flag.starts_with(name) ? argv[i] + name.size() : nullptr;
    };
    if (const char* text = value("--threads="))
      flags.threads = std::atoi(text);
    else if (const char* text = value("--batch="))
      flags.batch = std::atoll(text);
    else if (const char* text = value("--tokens="))
      flags.tokens = std::atoll(text);
    else if (const char* text = value("--layers="))
      flags.layers = std::atoll(text);
    else if (const char* text = value("--shape="))
      flags.shape = text;
  }
  return aurora::bench::run(flags);
}
