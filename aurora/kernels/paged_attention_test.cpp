// Attention over pages is attention_forward, bit for bit, however the tokens came in.
#include <gtest/gtest.h>

#include <cstring>
#include <numeric>

#include "aurora/kernels/cpu/attention.h"
#include "aurora/kernels/cpu/paged_attention.h"
#include "aurora/kernels/page_int8.h"
#include "aurora/kernels/reference/attention.h"
#include "aurora/kernels/reference/paged_attention.h"
#include "aurora/kernels/testing.h"

namespace aurora::kernels {
namespace {

struct Backend {
  std::string name;
  const cpu::Microkernel* kernel;  // null: the reference

  static Stream stream() {
    static Pool pool(2);
    return Stream::cpu(pool);
  }
  int64_t page_bytes(const PageShape& shape) const {
    return kernel ? cpu::page_bytes_with(*kernel, shape) : reference::page_bytes(shape);
  }
  void paged(const PagedAttention& call) const {
    kernel ? cpu::paged_attention_with(*kernel, stream(), call) : reference::paged_attention(stream(), call);
  }
  void whole(const Attention& call) const {
    kernel ? cpu::attention_forward_with(*kernel, stream(), call)
           : reference::attention_forward(stream(), call);
  }
};

std::vector<Backend> backends(DType act) {
  std::vector<Backend> all = {{"reference", nullptr}};
  for (const cpu::Microkernel* kernel : cpu::usable_microkernels(act)) all.push_back({kernel->name, kernel});
  return all;
}

struct Heads {
  int64_t h, g, d;
  int64_t width() const { return (h + 2 * g) * d; }
};

// What int8 pages make of the keys and values in rows of qkv.
void round_keys_and_values(Array& qkv, const Heads& heads) {
  std::vector<float> x(static_cast<size_t>(heads.d));
  std::vector<int8_t> q(x.size());
  for (int64_t r = 0; r < qkv.view().dim(0); ++r)
    for (int64_t head = heads.h; head < heads.h + 2 * heads.g; ++head) {
      const int64_t at = r * heads.width() + head * heads.d;
      for (int64_t i = 0; i < heads.d; ++i) x[static_cast<size_t>(i)] = qkv.get(at + i);
      const float scale = quantise_head(x.data(), heads.d, q.data());
      for (int64_t i = 0; i < heads.d; ++i)
        qkv.set(at + i, static_cast<float>(q[static_cast<size_t>(i)]) * scale);
    }
}

// One sequence: its rows of qkv and what attention_forward makes of them.
struct Sequence {
  Array qkv, first_key, expected;
  int64_t length, seen = 0;
  std::vector<int32_t> pages{};

  Sequence(const Backend& backend, DType act, const Heads& heads, int64_t length_in, uint64_t seed,
           PageFormat format = PageFormat::kAct)
      : qkv(Array::random(act, {length_in, heads.width()}, seed, 2)),
        first_key(DType::kI32, {1, length_in}),
        expected(act, {length_in, heads.h * heads.d}),
        length(length_in) {
    // A window, so that some rows see nothing of the first blocks.
    for (int64_t i = 0; i < length; ++i)
      first_key.view().as<int32_t>()[i] =
          seed % 2 == 0 ? 0 : static_cast<int32_t>(std::max<int64_t>(0, i - 150));
    Array stored = qkv.clone();
    if (format == PageFormat::kInt8) round_keys_and_values(stored, heads);
    const auto part = [&](int64_t first, int64_t count) {
      View view = stored.view();
      view.data = static_cast<char*>(view.data) + first * heads.d * static_cast<int64_t>(dtype_size(act));
      view.rank = 4;
      view.shape = {1, length, count, heads.d};
      view.strides = {length * heads.width(), heads.width(), heads.d, 1};
      return view;
    };
    backend.whole({.q = part(0, heads.h),
                   .k = part(heads.h, heads.g),
                   .v = part(heads.h + heads.g, heads.g),
                   .segment_begin = first_key,
                   .out = expected.view().reshaped({1, length, heads.h, heads.d}),
                   .lse = View{}});
  }
};

// Pages that were used before: every byte set.
struct Pages {
  PageStore store;
  Buffer buffer;
  std::vector<int32_t> free;

  Pages(const Backend& backend, const PageShape& shape, int32_t count)
      : store{shape, nullptr, backend.page_bytes(shape)}, buffer(static_cast<size_t>(count * store.stride)) {
    std::memset(buffer.data(), 0xff, buffer.size());
    store.data = static_cast<char*>(buffer.data());
    for (int32_t p = 0; p < count; ++p) free.push_back(p * 7 % count);
  }
  void extend(std::vector<int32_t>& pages, int64_t tokens) {
    while (static_cast<int64_t>(pages.size()) * kPageTokens < tokens) {
      pages.push_back(free.back());
      free.pop_back();
    }
  }
};

// The next counts[i] rows of each sequence in one call; those with none sit it out.
void step(const Backend& backend, const Heads& heads, Pages& pages, std::vector<Sequence>& sequences,
          const std::vector<int64_t>& counts) {
  const int64_t rows = std::accumulate(counts.begin(), counts.end(), int64_t{0});
  const DType act = pages.store.shape.act;
  Array qkv(act, {rows, heads.width()}), out(act, {rows, heads.h * heads.d}), first_key(DType::kI32, {rows});
  std::vector<PagedSequence> parts;
  int64_t row = 0;
  for (size_t i = 0; i < sequences.size(); ++i) {
    if (counts[i] == 0) continue;
    Sequence& s = sequences[i];
    pages.extend(s.pages, s.seen + counts[i]);
    const View from = s.qkv.view().rows(s.seen, counts[i]);
    std::memcpy(qkv.view().rows(row, counts[i]).data, from.data, from.bytes());
    std::copy_n(s.first_key.view().as<int32_t>() + s.seen, counts[i], first_key.view().as<int32_t>() + row);
    parts.push_back({row, counts[i], s.seen, s.pages});
    row += counts[i];
  }
  backend.paged({qkv, first_key, out, heads.h, parts, pages.store});
  for (const PagedSequence& part : parts) {
    const size_t i = static_cast<size_t>(
        std::find_if(sequences.begin(), sequences.end(),
                     [&](const Sequence& s) { return s.pages.data() == part.pages.data(); }) -
        sequences.begin());
    EXPECT_TRUE(same_bits(out.view().rows(part.row, part.rows),
                          sequences[i].expected.view().rows(part.begin, part.rows)))
        << backend.name << ", sequence " << i << ", rows from " << part.begin;
    sequences[i].seen += part.rows;
  }
}

void expect_forwards_bits(const Backend& backend, DType act, const Heads& heads, PageFormat format) {
  Pages pages(backend, {heads.g, heads.d, act, format}, 13);
  std::vector<Sequence> sequences;
  for (int64_t length : {300, 1, 129, 128, 57})
    sequences.emplace_back(backend, act, heads, length, static_cast<uint64_t>(length), format);
  step(backend, heads, pages, sequences, {128, 1, 1, 0, 50});
  step(backend, heads, pages, sequences, {1, 0, 126, 127, 1});
  step(backend, heads, pages, sequences, {170, 0, 1, 1, 1});
  step(backend, heads, pages, sequences, {1, 0, 1, 0, 5});
}

TEST(PagedAttention, EqualsAttentionForwardBitForBitOnEveryMicrokernel) {
  for (DType act : {DType::kF32, DType::kBF16})
    for (const Backend& backend : backends(act))
      for (const Heads& heads : {Heads{4, 2, 16}, Heads{3, 3, 40}, Heads{13, 1, 8}})
        expect_forwards_bits(backend, act, heads, PageFormat::kAct);
}

TEST(PagedAttention, OverInt8PagesIsAttentionOfTheRoundedKeysAndValues) {
  for (DType act : {DType::kF32, DType::kBF16})
    for (const Backend& backend : backends(act))
      for (const Heads& heads : {Heads{4, 2, 16}, Heads{6, 2, 40}})
        expect_forwards_bits(backend, act, heads, PageFormat::kInt8);
}

TEST(PagedAttention, Int8PagesTakeAboutHalfTheBytes) {
  const double exact = static_cast<double>(cpu::page_bytes({8, 64, DType::kBF16, PageFormat::kAct}));
  EXPECT_LT(static_cast<double>(cpu::page_bytes({8, 64, DType::kBF16, PageFormat::kInt8})), 0.54 * exact);
}

TEST(QuantiseHead, RoundsToTheScaleOfTheLargest) {
  const float x[] = {1.27f, -0.005f, 0.644f, 0};
  int8_t q[4];
  EXPECT_FLOAT_EQ(quantise_head(x, 4, q), 0.01f);
  EXPECT_EQ(std::vector<int>(q, q + 4), (std::vector<int>{127, 0, 64, 0}));
  const float nothing[] = {0, -0.0f}, broken[] = {1, NAN};
  EXPECT_EQ(quantise_head(nothing, 2, q), 0);
  EXPECT_TRUE(std::isnan(quantise_head(broken, 2, q)));
}

void expect_second_thoughts(PageFormat format) {
  const Heads heads{4, 2, 16};
  for (DType act : {DType::kF32, DType::kBF16}) {
    for (const Backend& backend : backends(act)) {
      Pages pages(backend, {heads.g, heads.d, act, format}, 3);
      std::vector<Sequence> sequences;
      sequences.emplace_back(backend, act, heads, 140, 4, format);
      std::vector<Sequence> wrong;
      wrong.emplace_back(backend, act, heads, 140, 6);
      step(backend, heads, pages, sequences, {125});
      // Others' tokens, taken back.
      pages.extend(sequences[0].pages, 140);
      Array out(act, {9, heads.h * heads.d});
      Array first_key(DType::kI32, {9});
      const PagedSequence part{0, 9, 125, sequences[0].pages};
      backend.paged({wrong[0].qkv.view().rows(125, 9), first_key, out, heads.h, {&part, 1}, pages.store});
      step(backend, heads, pages, sequences, {1});
      step(backend, heads, pages, sequences, {14});
    }
  }
}

TEST(PagedAttention, TokensMayBeStoredAgain) {
  expect_second_thoughts(PageFormat::kAct);
  expect_second_thoughts(PageFormat::kInt8);
}

TEST(PagedAttention, OfOneTokenIsItsValue) {
  const Heads heads{2, 1, 4};
  for (const Backend& backend : backends(DType::kF32)) {
    Pages pages(backend, {heads.g, heads.d, DType::kF32, PageFormat::kAct}, 1);
    Array qkv(DType::kF32, {1, heads.width()}), out(DType::kF32, {1, 8}), first_key(DType::kI32, {1});
    for (int64_t i = 0; i < qkv.size(); ++i) qkv.set(i, static_cast<float>(i));
    const std::vector<int32_t> page = {0};
    const PagedSequence part{0, 1, 0, page};
    backend.paged({qkv, first_key, out, heads.h, {&part, 1}, pages.store});
    for (int64_t i = 0; i < 8; ++i) EXPECT_EQ(out.get(i), static_cast<float>(12 + i % 4)) << backend.name;
  }
}

}  // namespace
}  // namespace aurora::kernels
