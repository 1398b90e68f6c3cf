// Serving is the training forward, bit for bit, whatever else is in a step.
#include "aurora/models/step.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <map>

#include "aurora/format/quant_blocks.h"
#include "aurora/kernels/cpu/attention.h"
#include "aurora/kernels/cpu/gemm.h"
#include "aurora/kernels/cpu/paged_attention.h"
#include "aurora/models/testing.h"

namespace aurora::models {
namespace {

using kernels::kPageTokens;
using testing::optional_shapes;
using testing::random_leaf;
using testing::Running;
using testing::small_shape;

constexpr auto kBF16 = device::DType::kBF16;
constexpr auto kF32 = device::DType::kF32;

// The CPU's kernels with the products of one microkernel.
template <const kernels::cpu::Microkernel& kKernel>
const kernels::Kernels& kernels_with() {
  using namespace kernels;
  static const Kernels table = [] {
    Kernels t = cpu_kernels();
    t.gemm = [](const Stream& s, const Gemm& call) { cpu::gemm_with(kKernel, s, call); };
    t.attention_forward = [](const Stream& s, const Attention& call) {
      cpu::attention_forward_with(kKernel, s, call);
    };
    t.page_bytes = [](const PageShape& shape) { return cpu::page_bytes_with(kKernel, shape); };
    t.paged_attention = [](const Stream& s, const PagedAttention& call) {
      cpu::paged_attention_with(kKernel, s, call);
    };
    return t;
  }();
  return table;
}

std::vector<const kernels::Kernels*> usable_kernels(device::DType act) {
  using namespace kernels::cpu;
  const std::map<const Microkernel*, const kernels::Kernels*> all = {
      {&kPortableMicrokernel, &kernels_with<kPortableMicrokernel>()},
      {&kAvx2Microkernel, &kernels_with<kAvx2Microkernel>()},
      {&kAvx512Microkernel, &kernels_with<kAvx512Microkernel>()},
      {&kAvx512Bf16Microkernel, &kernels_with<kAvx512Bf16Microkernel>()}};
  std::vector<const kernels::Kernels*> usable = {&kernels::reference_kernels()};
  for (const Microkernel* kernel : usable_microkernels(act)) usable.push_back(all.at(kernel));
  return usable;
}

using Logits = std::vector<float>;

// What the trainer's forward gives at all positions of one sequence.
Logits trainers_logits(Running& model, std::span<const int32_t> tokens) {
  const auto rows = static_cast<int64_t>(tokens.size());
  nn::Tape tape(model.exec, autograd::Recording::kOn);
  tape.clear();
  nn::Leaf leaf = random_leaf(1, rows, 2);
  for (int64_t i = 0; i < rows; ++i) leaf.segment_begin[static_cast<size_t>(i)] = model.llama.first_key(i, 0);
  const std::vector<nn::Weight> weights =
      nn::weights_of(model.llama.layout(), model.compute.flat(), model.gradient.flat());
  nn::Variable x =
      model.llama.hidden(tape, weights,
                         {model.exec.upload(tokens.data(), nn::DType::kI32, {rows}),
                          model.exec.upload(leaf.positions.data(), nn::DType::kI32, {rows}),
                          model.exec.upload(leaf.segment_begin.data(), nn::DType::kI32, {1, rows})});
  Logits logits(static_cast<size_t>(rows * model.llama.shape().vocab));
  const View out = View::contiguous(logits.data(), kF32, {rows, model.llama.shape().vocab});
  model.exec.run(&kernels::Kernels::gemm,
                 kernels::Gemm{.a = tape.value(x),
                               .b = weights[static_cast<size_t>(model.llama.output())].value,
                               .c = out,
                               .transpose_b = true});
  return logits;
}

PagedCache small_cache(const Running& model, int64_t pages) {
  const auto act = model.compute.flat().dtype;
  const size_t page =
      PagedCache::page_bytes(model.exec.kernels, model.llama.shape(), act, kernels::PageFormat::kAct);
  return PagedCache(model.exec.kernels, model.llama.shape(),
                    {act, kernels::PageFormat::kAct, static_cast<size_t>(pages) * page});
}

// A sequence being served.
struct Served {
  std::vector<int32_t> tokens;
  Logits expected;
  int64_t seen = 0;
  std::vector<int32_t> pages{};

  void extend(PagedCache& cache, int64_t count) {
    while (static_cast<int64_t>(pages.size()) * kPageTokens < seen + count)
      pages.push_back(cache.allocate().value());
  }
  void leave(PagedCache& cache) {
    for (int32_t page : pages) cache.release(page);
    pages.clear();
    seen = 0;
  }
  int64_t left() const { return static_cast<int64_t>(tokens.size()) - seen; }
};

Served served(Running& model, int64_t length, uint64_t seed) {
  Served s{random_leaf(1, length, model.llama.shape().vocab, seed).tokens, {}};
  s.expected = trainers_logits(model, s.tokens);
  return s;
}

// The next counts[i] tokens of each sequence; the last `wanted` rows of each are compared.
void step(Running& model, const InferenceWeights& weights, PagedCache& cache, std::vector<Served>& sequences,
          const std::vector<int64_t>& counts, int64_t wanted) {
  std::vector<SequenceStep> steps;
  std::vector<Served*> stepping;
  for (size_t i = 0; i < sequences.size(); ++i) {
    if (counts[i] == 0) continue;
    Served& s = sequences[i];
    s.extend(cache, counts[i]);
    steps.push_back({{s.tokens.data() + s.seen, static_cast<size_t>(counts[i])},
                     s.seen,
                     s.pages,
                     std::max<int64_t>(0, counts[i] - wanted)});
    stepping.push_back(&s);
  }
  const View logits = step_logits(model.exec, model.llama, weights, steps, cache);
  const auto vocab = static_cast<size_t>(model.llama.shape().vocab);
  size_t row = 0;
  for (size_t i = 0; i < steps.size(); ++i) {
    Served& s = *stepping[i];
    for (auto t = static_cast<size_t>(steps[i].logits_from); t < steps[i].tokens.size(); ++t, ++row) {
      const float* expected = s.expected.data() + (static_cast<size_t>(s.seen) + t) * vocab;
      EXPECT_EQ(std::memcmp(logits.as<float>() + row * vocab, expected, vocab * sizeof(float)), 0)
          << "sequence " << i << ", position " << s.seen + static_cast<int64_t>(t);
    }
    s.seen += static_cast<int64_t>(steps[i].tokens.size());
  }
  EXPECT_EQ(logits.empty() ? 0 : logits.dim(0), static_cast<int64_t>(row));
}

TEST(Step, ServedLogitsAreTheTrainersBitForBitOnEveryMicrokernel) {
  for (auto act : {kF32, kBF16}) {
    for (const kernels::Kernels* kernels : usable_kernels(act)) {
      Running model(small_shape(), *kernels, act);
      model.enlarge(8);
      PagedCache cache = small_cache(model, 6);
      const InferenceWeights weights = InferenceWeights::of_arena(model.llama.layout(), model.compute.flat());
      std::vector<Served> sequences = {served(model, 140, 1), served(model, 23, 2), served(model, 1, 3)};
      step(model, weights, cache, sequences, {100, 7, 1}, 100);
      step(model, weights, cache, sequences, {1, 1, 0}, 1);
      step(model, weights, cache, sequences, {38, 15, 0}, 1);
      step(model, weights, cache, sequences, {1, 0, 0}, 1);
    }
  }
}

InferenceWeights packed(Running& model) {
  const Llama& llama = model.llama;
  return InferenceWeights::packed(llama.layout(), model.compute.flat(), llama.embedding(), llama.output(),
                                  model.pool);
}

TEST(Step, PackedWeightsGiveTheSameBits) {
  plan::ModelShape untied = small_shape();
  untied.tied = false;
  for (const plan::ModelShape& shape : {small_shape(), untied}) {
    for (auto act : {kF32, kBF16}) {
      Running model(shape, kernels::cpu_kernels(), act, 2);
      model.enlarge(8);
      const InferenceWeights weights = packed(model);
      EXPECT_EQ(weights.missing(), "");
      PagedCache cache = small_cache(model, 4);
      std::vector<Served> sequences = {served(model, 60, 1), served(model, 23, 2)};
      step(model, weights, cache, sequences, {50, 7}, 50);
      step(model, weights, cache, sequences, {1, 1}, 1);
      step(model, weights, cache, sequences, {9, 15}, 9);
    }
  }
}

// All matrices as int8 or int4 groups, quantised from the model's own.
InferenceWeights quantised(Running& model, kernels::PackFormat format) {
  const nn::ParameterLayout& layout = model.llama.layout();
  const format::BlockFormat& blocks = format::block_format(
      format == kernels::PackFormat::kInt8 ? format::BlockType::kQ8_0 : format::BlockType::kQ4_0);
  InferenceWeights weights = packed(model);
  for (size_t i = 0; i < layout.parameters().size(); ++i) {
    const int index = static_cast<int>(i);
    const View values = layout.view(index, model.master.flat());
    if (values.rank != 2 || weights.weights()[i].packed == nullptr) continue;
    const kernels::PackSpec spec{values.dim(0), values.dim(1), format, model.compute.flat().dtype};
    const auto read = [&](int64_t row, int64_t count, void* out) {
      blocks.encode(values.as<float>() + row * spec.k, count * spec.k / blocks.block_elements, out);
    };
    weights.set_packed(
        index, std::make_shared<const kernels::PackedWeight>(kernels::pack_weight(spec, read, model.pool)));
  }
  return weights;
}

// What is expected of the sequence becomes what it gets alone, which is near what was expected and another.
void be_alone(Running& model, const InferenceWeights& weights, PagedCache& cache, Served& s,
              double tolerance) {
  s.extend(cache, s.left());
  const SequenceStep alone{s.tokens, 0, s.pages, 0};
  const View logits = step_logits(model.exec, model.llama, weights, {&alone, 1}, cache);
  double error = 0, size = 0;
  for (size_t i = 0; i < s.expected.size(); ++i) {
    error += std::pow(double{s.expected[i]} - double{logits.as<float>()[i]}, 2);
    size += std::pow(double{s.expected[i]}, 2);
  }
  EXPECT_LT(std::sqrt(error / size), tolerance);
  EXPECT_GT(error, 0);
  s.expected.assign(logits.as<float>(), logits.as<float>() + logits.elements());
  s.leave(cache);
}

TEST(Step, QuantisedWeightsAnswerTheSameAloneAndTogetherAndNearTheTruth) {
  plan::ModelShape shape = small_shape();
  shape.hidden = 64;
  for (auto format : {kernels::PackFormat::kInt8, kernels::PackFormat::kInt4}) {
    for (auto act : {kF32, kBF16}) {
      Running model(shape, kernels::cpu_kernels(), act, 2);
      model.enlarge(8);
      const InferenceWeights weights = quantised(model, format);
      PagedCache cache = small_cache(model, 6);
      std::vector<Served> sequences = {served(model, 60, 1), served(model, 23, 2)};
      for (Served& s : sequences)
        be_alone(model, weights, cache, s, format == kernels::PackFormat::kInt8 ? 0.1 : 0.7);
      step(model, weights, cache, sequences, {50, 7}, 50);
      step(model, weights, cache, sequences, {1, 1}, 1);
      step(model, weights, cache, sequences, {9, 15}, 9);
    }
  }
}

TEST(Step, HiddenRowsAreWhatTheOutputLayerReads) {
  Running model(small_shape(), kernels::cpu_kernels(), kBF16);
  model.enlarge(8);
  const InferenceWeights weights = packed(model);
  PagedCache cache = small_cache(model, 2);
  Served s = served(model, 9, 1), other = served(model, 5, 2);
  s.extend(cache, 9);
  other.extend(cache, 5);
  const SequenceStep steps[] = {{s.tokens, 0, s.pages, 6}, {other.tokens, 0, other.pages, 4}};
  const View hidden = step_hidden(model.exec, model.llama, weights, steps, cache);
  ASSERT_EQ(hidden.dim(0), 4);
  ASSERT_EQ(hidden.dim(1), 32);
  Logits logits(4 * 61);
  autograd::multiply(model.exec, hidden, weights.weights()[static_cast<size_t>(model.llama.output())],
                     View::contiguous(logits.data(), kF32, {4, 61}));
  EXPECT_TRUE(std::equal(logits.begin(), logits.begin() + 3 * 61, s.expected.begin() + 6 * 61));
  EXPECT_TRUE(std::equal(logits.begin() + 3 * 61, logits.end(), other.expected.begin() + 4 * 61));
}

TEST(Step, Int8PagesAnswerTheSameAloneAndTogetherAndNearTheTruth) {
  for (auto act : {kF32, kBF16}) {
    Running model(small_shape(), kernels::cpu_kernels(), act, 2);
    model.enlarge(8);
    const InferenceWeights weights = packed(model);
    PagedCache cache(model.exec.kernels, model.llama.shape(),
                     {act, kernels::PageFormat::kInt8, size_t{6} << 20});
    std::vector<Served> sequences = {served(model, 60, 1), served(model, 23, 2)};
    for (Served& s : sequences) be_alone(model, weights, cache, s, 0.1);
    step(model, weights, cache, sequences, {50, 7}, 50);
    step(model, weights, cache, sequences, {1, 1}, 1);
    step(model, weights, cache, sequences, {9, 15}, 9);
  }
}

TEST(Step, EveryOptionIsServedAsItIsTrained) {
  for (const plan::ModelShape& shape : optional_shapes()) {
    for (auto act : {kF32, kBF16}) {
      Running model(shape, kernels::cpu_kernels(), act, 2);
      model.enlarge(8);
      const InferenceWeights weights = InferenceWeights::of_arena(model.llama.layout(), model.compute.flat());
      PagedCache cache = small_cache(model, 4);
      std::vector<Served> sequences = {served(model, 140, 1), served(model, 23, 2)};
      step(model, weights, cache, sequences, {125, 7}, 125);
      step(model, weights, cache, sequences, {1, 1}, 1);
      step(model, weights, cache, sequences, {14, 15}, 14);
    }
  }
}

TEST(Step, AWindowHidesWhatLiesBeforeIt) {
  plan::ModelShape shape = small_shape();
  shape.layers = 1;
  shape.window = 4;
  Running model(shape, kernels::cpu_kernels(), kF32);
  model.enlarge(8);
  std::vector<int32_t> tokens = random_leaf(1, 12, shape.vocab).tokens;
  const Logits before = trainers_logits(model, tokens);
  tokens[3] = (tokens[3] + 1) % 61;
  const Logits after = trainers_logits(model, tokens);
  for (int64_t t = 0; t < 12; ++t)
    EXPECT_EQ(std::equal(before.begin() + t * 61, before.begin() + (t + 1) * 61, after.begin() + t * 61),
              t < 3 || t > 6)
        << t;
}

TEST(Step, SequencesComeAndGoWithoutATraceInTheirLogits) {
  for (auto act : {kF32, kBF16}) {
    Running model(small_shape(), kernels::cpu_kernels(), act, 2);
    model.enlarge(8);
    const InferenceWeights weights = InferenceWeights::of_arena(model.llama.layout(), model.compute.flat());
    PagedCache cache = small_cache(model, 10);
    std::vector<Served> sequences;
    for (int64_t length : {260, 130, 61, 17, 5})
      sequences.push_back(served(model, length, static_cast<uint64_t>(length)));
    const RandomKey key = random_key(5, Purpose::kTest);
    uint64_t at = 0;
    const auto random = [&](int64_t bound) {
      return static_cast<int64_t>(random_below(at++, key, static_cast<uint64_t>(bound)));
    };
    for (int round = 0; round < 60; ++round) {
      std::vector<int64_t> counts;
      for (Served& s : sequences) {
        if (s.left() == 0 || random(12) == 0) s.leave(cache);
        const int64_t count = random(3) == 0 ? random(90) : random(3);
        counts.push_back(std::min(count, s.left()));
      }
      step(model, weights, cache, sequences, counts, random(3));
    }
    for (Served& s : sequences) s.leave(cache);
    EXPECT_EQ(cache.free_pages(), cache.pages());
  }
}

TEST(Step, LogitsGiveTheLossOfTraining) {
  const nn::Leaf leaf = random_leaf(1, 40, 61);
  for (auto act : {kF32, kBF16}) {
    Running model(small_shape(), kernels::cpu_kernels(), act);
    model.enlarge(8);
    PagedCache cache = small_cache(model, 1);
    const std::vector<int32_t> pages = {cache.allocate().value()};
    const SequenceStep all{leaf.tokens, 0, pages, 0};
    const InferenceWeights weights = InferenceWeights::of_arena(model.llama.layout(), model.compute.flat());
    const View rows = step_logits(model.exec, model.llama, weights, {&all, 1}, cache);
    const Logits logits(rows.as<float>(), rows.as<float>() + rows.elements());
    const std::vector<float> nll = model.nll(leaf);
    for (size_t t = 0; t < 40; ++t) {
      const float* row = &logits[t * 61];
      double sum = 0;
      for (int v = 0; v < 61; ++v) sum += std::exp(double{row[v]});
      EXPECT_NEAR(std::log(sum) - double{row[leaf.targets[t]]}, nll[t], 1e-5 * (1 + std::fabs(nll[t])));
    }
  }
}

TEST(Step, ACopiedPageGoesItsOwnWay) {
  Running model(small_shape(), kernels::cpu_kernels(), kBF16);
  model.enlarge(8);
  const InferenceWeights weights = InferenceWeights::of_arena(model.llama.layout(), model.compute.flat());
  PagedCache cache = small_cache(model, 4);
  std::vector<Served> sequences = {served(model, 150, 1)};
  Served other = served(model, 150, 2);
  std::copy_n(sequences[0].tokens.begin(), 131, other.tokens.begin());
  other.expected = trainers_logits(model, other.tokens);
  step(model, weights, cache, sequences, {131}, 1);
  other.seen = 131;
  other.pages = {sequences[0].pages[0], cache.allocate().value()};
  cache.retain(other.pages[0]);
  cache.copy(sequences[0].pages[1], other.pages[1]);
  sequences.push_back(other);
  step(model, weights, cache, sequences, {10, 3}, 10);
  step(model, weights, cache, sequences, {9, 16}, 16);
}

TEST(Step, ARowMayBeTakenBackAndStoredAgain) {
  Running model(small_shape(), kernels::cpu_kernels(), kBF16);
  model.enlarge(8);
  const InferenceWeights weights = InferenceWeights::of_arena(model.llama.layout(), model.compute.flat());
  PagedCache cache = small_cache(model, 2);
  std::vector<Served> sequences = {served(model, 50, 1)};
  step(model, weights, cache, sequences, {21}, 1);
  const std::vector<int32_t> guesses = {3, 1, 4, 1, 5};
  const SequenceStep guessed{guesses, 21, sequences[0].pages, 5};
  EXPECT_TRUE(step_logits(model.exec, model.llama, weights, {&guessed, 1}, cache).empty());
  step(model, weights, cache, sequences, {2}, 2);
  step(model, weights, cache, sequences, {27}, 27);
}

TEST(PagedCache, KeepsToItsBudgetAndGivesPagesBack) {
  Running model(small_shape(), kernels::cpu_kernels(), kBF16);
  PagedCache cache = small_cache(model, 2);
  EXPECT_EQ(cache.pages(), 2);
  const int32_t first = cache.allocate().value(), second = cache.allocate().value();
  EXPECT_NE(first, second);
  EXPECT_FALSE(cache.allocate().has_value());
  cache.retain(first);
  cache.release(first);
  EXPECT_EQ(cache.references(first), 1);
  EXPECT_EQ(cache.free_pages(), 0);
  cache.release(first);
  EXPECT_EQ(cache.allocate(), first);
}

}  // namespace
}  // namespace aurora::models
