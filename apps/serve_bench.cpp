// `aurora serve bench`: how fast a model decodes and reads prompts here, beside what the memory and the
// processor can do in the same run.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <nlohmann/json.hpp>

#include "apps/serve_flags.h"
#include "aurora/base/error.h"
#include "aurora/kernels/roof.h"
#include "aurora/models/step.h"

namespace aurora::apps {
namespace {

using device::bf16;
using device::DType;
using Clock = std::chrono::steady_clock;

constexpr int kRounds = 5;
constexpr int64_t kPrefillTokens = 512;

struct BenchFlags {
  std::string model, shape;
  infer::LoadSettings load;
  int64_t threads = 0, batch = 1, context = 128;
  bool json = false;

  void declare(Arguments& arguments) {
    arguments.positional("MODEL", model, "as for aurora serve; or give --shape", false);
    arguments.option("--shape", shape, "random weights of this size instead: 124M, 350M, 1B ...");
    arguments.option("--weights", load.weights, "dense, int8 or int4");
    arguments.option("--dtype", load.act, "bf16 or f32, of activations");
    arguments.option("--threads", threads, "0 = all cores");
    arguments.option("--batch", batch, "sequences that are decoded side by side");
    arguments.option("--context", context, "tokens before the one that is decoded");
    arguments.flag("--json", json, "one JSON object");
  }
};

// What is measured: a model without its tokenizer.
struct Subject {
  models::Llama llama;
  models::InferenceWeights weights;
};

// Rows of small numbers, or of ggml blocks, that depend on their place alone.
void fill_rows(const kernels::PackSpec& spec, int64_t row, int64_t count, void* out) {
  uint64_t state = static_cast<uint64_t>(row) * 0x9e3779b97f4a7c15 + 1;
  const auto next = [&] { return (state = state * 6364136223846793005 + 1442695040888963407) >> 40; };
  const int64_t bytes = count * spec.row_bytes();
  if (spec.format == kernels::PackFormat::kDense) {
    const auto value = [&] { return (static_cast<float>(next() & 255) - 128) * 0x1p-12f; };
    if (spec.act == DType::kF32)
      for (int64_t i = 0; i < bytes / 4; ++i) static_cast<float*>(out)[i] = value();
    else
      for (int64_t i = 0; i < bytes / 2; ++i) static_cast<bf16*>(out)[i] = bf16(value());
    return;
  }
  auto* blocks = static_cast<uint8_t*>(out);
  const int64_t block = spec.row_bytes() / (spec.k / kernels::kPackGroup);
  for (int64_t i = 0; i < bytes; ++i) blocks[i] = static_cast<uint8_t>(next());
  for (int64_t i = 0; i < bytes; i += block) std::memcpy(blocks + i, "\x00\x10", 2);  // a scale of 2^-11
}

Subject random_subject(const BenchFlags& flags, Pool& pool) {
  plan::ModelShape shape = plan::preset(flags.shape);
  shape.vocab = 32768;
  const DType act = flags.load.act == "f32" ? DType::kF32 : DType::kBF16;
  const auto format = flags.load.weights == "int8"   ? kernels::PackFormat::kInt8
                      : flags.load.weights == "int4" ? kernels::PackFormat::kInt4
                                                     : kernels::PackFormat::kDense;
  models::Llama llama(shape);
  models::InferenceWeights weights(llama.layout(), act);
  const auto& parameters = llama.layout().parameters();
  for (size_t i = 0; i < parameters.size(); ++i) {
    const nn::Parameter& parameter = parameters[i];
    const auto index = static_cast<int>(i);
    const bool is_table = parameter.name == "embedding";
    if (parameter.shape.size() == 1 || is_table) {
      const int64_t rows = is_table ? parameter.shape[0] : 1, columns = parameter.shape.back();
      const auto buffer =
          std::make_shared<device::Buffer>(static_cast<size_t>(rows * columns) * dtype_size(act));
      fill_rows({rows, columns, kernels::PackFormat::kDense, act}, 0, rows, buffer->data());
      weights.set_plain(index, is_table ? buffer->view(act, {rows, columns}) : buffer->view(act, {columns}),
                        buffer);
    }
    if (parameter.shape.size() == 1 || (is_table && !shape.tied)) continue;
    const kernels::PackSpec spec{parameter.shape[0], parameter.shape[1], format, act};
    weights.set_packed(
        index, std::make_shared<const kernels::PackedWeight>(kernels::pack_weight(
                   spec, [spec](int64_t row, int64_t count, void* out) { fill_rows(spec, row, count, out); },
                   pool)));
  }
  return {std::move(llama), std::move(weights)};
}

// Bytes of weights that one step reads.
int64_t weight_bytes(const Subject& subject) {
  int64_t bytes = 0;
  for (const autograd::Weight& weight : subject.weights.weights()) {
    if (weight.packed != nullptr)
      bytes += static_cast<int64_t>(weight.packed->bytes());
    else if (weight.value.rank == 1)
      bytes += static_cast<int64_t>(weight.value.bytes());
  }
  return bytes;
}

struct Measured {
  double decode_tokens_per_s = 0, bytes_per_token = 0, read_bandwidth = 0, share_of_bandwidth = 0;
  double prefill_tokens_per_s = 0, gemm_roof = 0, prefill_share_of_roof = 0;
};

class Bench {
 public:
  Bench(const Subject& subject, const BenchFlags& flags, Pool& pool)
      : subject_(subject),
        flags_(flags),
        exec_{device::Stream::cpu(pool), kernels::cpu_kernels(), arena_},
        cache_(exec_.kernels, subject.llama.shape(), cache_settings(subject, flags)) {
    const int64_t longest = std::max(flags.context, kPrefillTokens) + 1;
    tokens_.assign(static_cast<size_t>(longest), 0);
    for (size_t i = 0; i < tokens_.size(); ++i)
      tokens_[i] = static_cast<int32_t>(i * 7919 % static_cast<size_t>(subject.llama.shape().vocab));
    for (int64_t b = 0; b < flags.batch; ++b) {
      pages_.emplace_back();
      for (int64_t at = 0; at < longest; at += kernels::kPageTokens)
        pages_.back().push_back(*cache_.allocate());
    }
  }

  Measured run() {
    Measured measured;
    measured.read_bandwidth = kernels::measure_read_bandwidth(exec_.stream);
    measured.gemm_roof = kernels::measure_gemm_roof(exec_.stream);
    for (int64_t b = 0; b < flags_.batch; ++b) step(b, 1, 0, flags_.context, false);
    const double decode_s = best_s([&] { step(0, flags_.batch, flags_.context, 1, true); });
    const double prefill_s = best_s([&] { step(0, 1, 0, kPrefillTokens, false); });
    measured.read_bandwidth =
        std::max(measured.read_bandwidth, kernels::measure_read_bandwidth(exec_.stream));
    measured.gemm_roof = std::max(measured.gemm_roof, kernels::measure_gemm_roof(exec_.stream));
    const plan::ModelShape& shape = subject_.llama.shape();
    const auto element = static_cast<int64_t>(dtype_size(subject_.weights.act()));
    const int64_t kv =
        2 * shape.layers * shape.kv_heads * shape.head_size * flags_.context * element * flags_.batch;
    const auto step_bytes = static_cast<double>(weight_bytes(subject_) + kv);
    measured.decode_tokens_per_s = static_cast<double>(flags_.batch) / decode_s;
    measured.bytes_per_token = step_bytes / static_cast<double>(flags_.batch);
    measured.share_of_bandwidth = step_bytes / decode_s / measured.read_bandwidth;
    measured.prefill_tokens_per_s = kPrefillTokens / prefill_s;
    // The output layer is not asked for.
    const double flops = kPrefillTokens * plan::forward_flops_per_token(shape, kPrefillTokens) -
                         2.0 * kPrefillTokens * static_cast<double>(shape.vocab * shape.width);
    measured.prefill_share_of_roof = flops / prefill_s / measured.gemm_roof;
    return measured;
  }

 private:
  static models::PagedCacheSettings cache_settings(const Subject& subject, const BenchFlags& flags) {
    models::PagedCacheSettings settings;
    settings.act = subject.weights.act();
    const int64_t pages = flags.batch * (std::max(flags.context, kPrefillTokens) / kernels::kPageTokens + 1);
    settings.memory_bytes = static_cast<size_t>(pages) *
                            models::PagedCache::page_bytes(kernels::cpu_kernels(), subject.llama.shape(),
                                                           settings.act, settings.format);
    return settings;
  }
  // `count` tokens from `begin` on of the sequences [first, first + sequences).
  void step(int64_t first, int64_t sequences, int64_t begin, int64_t count, bool logits) {
    std::vector<models::SequenceStep> steps;
    for (int64_t b = first; b < first + sequences; ++b)
      steps.push_back({std::span(tokens_).subspan(static_cast<size_t>(begin), static_cast<size_t>(count)),
                       begin, pages_[static_cast<size_t>(b)], logits ? 0 : count});
    models::step_logits(exec_, subject_.llama, subject_.weights, steps, cache_);
  }
  template <typename Fn>
  static double best_s(const Fn& fn) {
    double best = 1e30;
    for (int round = 0; round < kRounds; ++round) {
      const auto begin = Clock::now();
      fn();
      best = std::min(best, std::chrono::duration<double>(Clock::now() - begin).count());
    }
    return best;
  }

  const Subject& subject_;
  const BenchFlags& flags_;
  tensor::Arena arena_;
  tensor::Exec exec_;
  models::PagedCache cache_;
  std::vector<int32_t> tokens_;
  std::vector<std::vector<int32_t>> pages_;
};

void show(const Measured& measured, const BenchFlags& flags, int threads) {
  if (flags.json) {
    const nlohmann::ordered_json json = {{"decode_tokens_per_s", measured.decode_tokens_per_s},
                                         {"bytes_per_token", measured.bytes_per_token},
                                         {"read_bandwidth", measured.read_bandwidth},
                                         {"share_of_bandwidth", measured.share_of_bandwidth},
                                         {"prefill_tokens_per_s", measured.prefill_tokens_per_s},
                                         {"gemm_roof", measured.gemm_roof},
                                         {"prefill_share_of_roof", measured.prefill_share_of_roof},
                                         {"batch", flags.batch},
                                         {"context", flags.context},
                                         {"threads", threads}};
    fmt::print("{}\n", json.dump(2));
    return;
  }
  fmt::print("decode   {:8.2f} tokens/s at batch {}, {:.0f} MB a token, {:.1f} of {:.1f} GB/s ({:.0f} %)\n",
             measured.decode_tokens_per_s, flags.batch, measured.bytes_per_token / 1e6,
             measured.share_of_bandwidth * measured.read_bandwidth / 1e9, measured.read_bandwidth / 1e9,
             100 * measured.share_of_bandwidth);
  fmt::print("prefill  {:8.1f} tokens/s, {:.0f} % of the {:.0f} GFLOP/s of a matrix product\n",
             measured.prefill_tokens_per_s, 100 * measured.prefill_share_of_roof, measured.gemm_roof / 1e9);
}

int bench(const BenchFlags& flags) {
  infer::check_load_settings(flags.load);
  if (flags.model.empty() == flags.shape.empty())
    throw UsageError("neither model nor shape, or both", "--shape", "give a MODEL, or --shape 1B");
  if (flags.batch < 1 || flags.batch > 1024) throw UsageError("no such batch", "--batch", "1 to 1024");
  if (flags.context < 1) throw UsageError("no such context", "--context", "1 or more");
  Pool pool(static_cast<int>(flags.threads));
  if (!flags.shape.empty()) {
    const Subject subject = random_subject(flags, pool);
    show(Bench(subject, flags, pool).run(), flags, pool.threads());
  } else {
    infer::Model model = infer::load_model(flags.model, flags.load, pool);
    const Subject subject{std::move(model.llama), std::move(model.weights)};
    show(Bench(subject, flags, pool).run(), flags, pool.threads());
  }
  return 0;
}

}  // namespace

Command serve_bench_command() {
  return {"bench", "decoding and prompts, beside the memory's and the processor's limits",
          [](Arguments& arguments) { return with_flags<BenchFlags>(arguments, bench); }};
}

}  // namespace aurora::apps
