#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "aurora/base/error.h"
#include "aurora/kernels/cpu/packed_form.h"
#include "aurora/kernels/cpu/quant_rows.h"
#include "aurora/kernels/packed.h"
#include "aurora/kernels/quant_blocks.h"
#include "aurora/kernels/test_tensor.h"

namespace aurora::kernels {
namespace {

using device::DType;

constexpr PackFormat kFormats[] = {PackFormat::kInt8, PackFormat::kInt4};
constexpr uint16_t kOne = 0x3c00, kHalf = 0x3800;  // f16

// The blocks of a weight, row after row.
struct Blocks {
  PackSpec spec;
  std::vector<std::byte> bytes;

  // Any bytes, every scale a finite f16 up to 2^-4.
  static Blocks random(const PackSpec& spec, uint64_t seed) {
    Blocks blocks{spec, std::vector<std::byte>(spec.n * spec.row_bytes())};
    const RandomKey key = random_key(seed, Purpose::kTest);
    const size_t block = spec.row_bytes() / (spec.k / kPackGroup);
    for (size_t i = 0; i < blocks.bytes.size(); ++i)
      blocks.bytes[i] = static_cast<std::byte>(random_below(i, key, 256));
    for (size_t i = 1; i < blocks.bytes.size(); i += block) blocks.bytes[i] &= std::byte{0xab};
    return blocks;
  }
  PackedWeight pack(const cpu::PackedForm& form, Pool& pool) const {
    return pack_weight_as(
        form, spec,
        [&](int64_t row, int64_t count, void* out) {
          std::memcpy(out, bytes.data() + row * spec.row_bytes(), count * spec.row_bytes());
        },
        pool);
  }
};

TEST(QuantisedGroup, is_scaled_by_its_largest_magnitude_and_rounded_to_even) {
  float x[kPackGroup] = {127, -127, 0.5f, 1.5f, 2.5f, -0.5f, -1.5f, 63.4f};
  QuantisedGroup group = quantise_group(x);
  EXPECT_EQ(group.d, 1);
  const int expected[] = {127, -127, 0, 2, 2, 0, -2, 63, 0};
  for (int i = 0; i < 9; ++i) EXPECT_EQ(group.q[i], expected[i]) << i;
  for (float& value : x) value *= 4;
  group = quantise_group(x);
  EXPECT_EQ(group.d, 4);
  for (int i = 0; i < 9; ++i) EXPECT_EQ(group.q[i], expected[i]) << i;
}

TEST(QuantisedGroup, of_zeros_is_zero_and_of_what_is_not_finite_is_not_a_number) {
  float x[kPackGroup] = {};
  x[3] = 0x1p-120f;
  EXPECT_EQ(quantise_group(x).d, 0);
  EXPECT_EQ(quantise_group(x).q[3], 0);
  for (float bad : {std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::quiet_NaN()}) {
    x[0] = 1;
    x[31] = bad;
    EXPECT_TRUE(std::isnan(quantise_group(x).d));
    EXPECT_EQ(quantise_group(x).q[0], 0);
  }
}

// Row r of a group that quantise_rows laid out for `rows` rows with zero = 8.
void expect_group(const int32_t* words, int64_t rows, int64_t r, const QuantisedGroup& group) {
  int sum = 0;
  for (int s = 0; s < 8; ++s) ASSERT_EQ(0, std::memcmp(words + s * rows + r, group.q + 4 * s, 4));
  for (int8_t q : group.q) sum += q;
  EXPECT_EQ(0, std::memcmp(words + 8 * rows + r, &group.d, 4));
  EXPECT_EQ(words[9 * rows + r], -8 * sum);
}

TEST(QuantisedGroup, is_the_same_in_rows_for_kernels_in_every_instruction_set) {
  constexpr int64_t kCount = 8, kGroups = 5;
  TestTensor a = TestTensor::random(DType::kF32, {kCount, kGroups * kPackGroup}, 5, 3);
  a.set(40, std::numeric_limits<double>::infinity());
  for (int i = 64; i < 96; ++i) a.set(i, 0);
  for (cpu::Isa isa : {cpu::Isa::kPortable, cpu::Isa::kAvx2, cpu::Isa::kAvx512}) {
    if (isa > cpu::isa()) continue;
    std::vector<int32_t> words(cpu::quant_block_offset(kCount, kGroups));
    cpu::quantise_rows(Stream::cpu(Pool::serial()), a.view, 8, words.data(), isa);
    for (int64_t r = 0; r < kCount; ++r) {
      const int64_t first = r / cpu::kQuantRows * cpu::kQuantRows;
      const int64_t rows = std::min<int64_t>(cpu::kQuantRows, kCount - first);
      const int32_t* block = words.data() + cpu::quant_block_offset(first, kGroups);
      for (int64_t g = 0; g < kGroups; ++g) {
        SCOPED_TRACE(fmt::format("row {}, group {}", r, g));
        expect_group(block + g * cpu::quant_group_words(rows), rows, r - first,
                     quantise_group(a.view.as<float>() + (r * kGroups + g) * kPackGroup));
      }
    }
  }
}

// One row of W with q = 1, 2, 3 ... in two groups, by one row of A: worked out by hand.
TEST(PackedInt8, multiplies_a_product_done_by_hand) {
  Q8Block blocks[2] = {{kOne, {}}, {kHalf, {}}};
  for (int i = 0; i < 32; ++i) blocks[0].q[i] = static_cast<int8_t>(i + 1), blocks[1].q[i] = -128;
  TestTensor a(DType::kF32, {1, 64});
  a.set(0, 127), a.set(1, 1), a.set(2, -127);  // d = 1; 127 * 1 + 1 * 2 - 127 * 3
  a.set(32, 254), a.set(33, 2);                // d = 2; q = 127, 1: -128 * 128, times 1/2 * 2
  for (const cpu::PackedForm* form : cpu::usable_forms(PackFormat::kInt8, DType::kF32)) {
    const PackedWeight weight = pack_weight_as(
        *form, {1, 64, PackFormat::kInt8, DType::kF32},
        [&](int64_t, int64_t, void* out) { std::memcpy(out, blocks, sizeof blocks); }, Pool::serial());
    TestTensor c(DType::kF32, {1, 1});
    form->multiply(Stream::cpu(Pool::serial()), {a.view, &weight, c.view});
    EXPECT_EQ(c[0], -252 - 16384) << form->name();
  }
}

TEST(PackedInt4, multiplies_a_product_done_by_hand) {
  Q4Block block{kHalf, {}};
  block.q[0] = 0x1f;  // elements 0 and 16: 15 - 8 = 7, 1 - 8 = -7; the others: -8
  TestTensor a(DType::kF32, {1, 32});
  a.set(0, 127), a.set(16, 10), a.set(31, -1);  // 7 * 127 - 7 * 10 + 8, times 1/2
  for (const cpu::PackedForm* form : cpu::usable_forms(PackFormat::kInt4, DType::kF32)) {
    const PackedWeight weight = pack_weight_as(
        *form, {1, 32, PackFormat::kInt4, DType::kF32},
        [&](int64_t, int64_t, void* out) { std::memcpy(out, &block, sizeof block); }, Pool::serial());
    TestTensor c(DType::kF32, {1, 1});
    form->multiply(Stream::cpu(Pool::serial()), {a.view, &weight, c.view});
    EXPECT_EQ(c[0], (889 - 70 + 8) / 2.0) << form->name();
  }
}

// Every kernel, any number of rows and threads: the bits of the reference on 300 rows.
void expect_bits_of_reference(const Blocks& blocks, DType out, Pool& pool) {
  const PackSpec& spec = blocks.spec;
  const TestTensor a = TestTensor::random(spec.act, {300, spec.k}, 7);
  TestTensor expected(out, {300, spec.n});
  bool first = true;
  for (const cpu::PackedForm* form : cpu::usable_forms(spec.format, spec.act)) {
    const PackedWeight weight = blocks.pack(*form, pool);
    if (first) reference_kernels().gemm_packed(Stream::cpu(pool), {a.view, &weight, expected.view});
    first = false;
    for (const int64_t m : {1, 2, 7, 12, 13, 96, 97, 300}) {
      TestTensor c(out, {m, spec.n});
      form->multiply(Stream::cpu(pool), {a.view.rows(300 - m, m), &weight, c.view});
      ASSERT_EQ(0, std::memcmp(c.view.data, expected.view.rows(300 - m, m).data, c.view.bytes()))
          << form->name() << ": " << m << " x " << spec.n << " x " << spec.k << ", " << pool.threads()
          << " threads";
    }
  }
}

TEST(PackedQuant, has_the_bits_of_the_reference_for_any_number_of_rows) {
  Pool pool(2);
  for (PackFormat format : kFormats) {
    expect_bits_of_reference(Blocks::random({1, 32, format, DType::kF32}, 1), DType::kF32, pool);
    expect_bits_of_reference(Blocks::random({40, 2112, format, DType::kBF16}, 2), DType::kF32, pool);
  }
}

TEST(PackedQuant, has_the_bits_of_the_reference_for_any_number_of_threads) {
  for (const int threads : {1, 5}) {
    Pool pool(threads);
    for (PackFormat format : kFormats)
      expect_bits_of_reference(Blocks::random({77, 160, format, DType::kBF16}, 3), DType::kBF16, pool);
  }
}

// The largest dots there are must not saturate.
TEST(PackedQuant, keeps_dots_of_the_largest_numbers) {
  TestTensor a(DType::kF32, {2, 32});
  for (int i = 0; i < 64; ++i) a.set(i, i < 32 ? 127 : -127);
  for (PackFormat format : kFormats) {
    for (const int byte : {0x00, 0x7f, 0x80, 0xff}) {
      Blocks blocks = Blocks::random({1, 32, format, DType::kF32}, 1);
      std::fill(blocks.bytes.begin() + 2, blocks.bytes.end(), static_cast<std::byte>(byte));
      std::memcpy(blocks.bytes.data(), &kOne, 2);
      const int low = format == PackFormat::kInt8 ? static_cast<int8_t>(byte) : (byte & 15) - 8;
      const int high = format == PackFormat::kInt8 ? low : (byte >> 4) - 8;
      for (const cpu::PackedForm* form : cpu::usable_forms(format, DType::kF32)) {
        const PackedWeight weight = blocks.pack(*form, Pool::serial());
        TestTensor c(DType::kF32, {2, 1});
        form->multiply(Stream::cpu(Pool::serial()), {a.view, &weight, c.view});
        EXPECT_EQ(c[0], 16 * 127 * (low + high)) << form->name() << " " << byte;
        EXPECT_EQ(c[1], -16 * 127 * (low + high)) << form->name() << " " << byte;
      }
    }
  }
}

TEST(PackedQuant, reads_every_finite_f16_as_a_scale) {
  EXPECT_EQ(f16_to_float(kHalf), 0.5f);
  EXPECT_EQ(f16_to_float(0x0001), 0x1p-24f);
  EXPECT_EQ(f16_to_float(0x83ff), -0x3ffp-24f);
  EXPECT_EQ(f16_to_float(0x7bff), 65504);
  EXPECT_TRUE(std::signbit(f16_to_float(0x8000)));
  EXPECT_TRUE(std::isinf(f16_to_float(0x7c00)) && std::isnan(f16_to_float(0x7c01)));
  TestTensor a(DType::kF32, {1, 32});
  a.set(7, 3);
  Blocks blocks = Blocks::random({0x10000, 32, PackFormat::kInt4, DType::kF32}, 1);
  for (int i = 0; i < 0x10000; ++i) {
    const auto scale = static_cast<uint16_t>((i & 0x7c00) == 0x7c00 ? 0 : i);
    std::memcpy(blocks.bytes.data() + i * sizeof(Q4Block), &scale, 2);
  }
  TestTensor expected(DType::kF32, {1, 0x10000}), c(DType::kF32, {1, 0x10000});
  for (const cpu::PackedForm* form : cpu::usable_forms(PackFormat::kInt4, DType::kF32)) {
    const PackedWeight weight = blocks.pack(*form, Pool::serial());
    reference_kernels().gemm_packed(Stream::cpu(Pool::serial()), {a.view, &weight, expected.view});
    form->multiply(Stream::cpu(Pool::serial()), {a.view, &weight, c.view});
    EXPECT_TRUE(same_bits(expected, c)) << form->name();
  }
}

TEST(PackedQuant, one_row_that_is_not_finite_spoils_no_other) {
  for (PackFormat format : kFormats) {
    const Blocks blocks = Blocks::random({40, 64, format, DType::kF32}, 4);
    TestTensor a = TestTensor::random(DType::kF32, {3, 64}, 1);
    a.set(64 + 5, std::numeric_limits<double>::infinity());
    for (const cpu::PackedForm* form : cpu::usable_forms(format, DType::kF32)) {
      const PackedWeight weight = blocks.pack(*form, Pool::serial());
      TestTensor c(DType::kF32, {3, 40});
      form->multiply(Stream::cpu(Pool::serial()), {a.view, &weight, c.view});
      for (int64_t j = 0; j < 40; ++j) {
        EXPECT_TRUE(std::isfinite(c[j]) && std::isnan(c[40 + j]) && std::isfinite(c[80 + j])) << form->name();
      }
    }
  }
}

TEST(PackedQuant, gives_back_its_blocks) {
  Pool pool(2);
  for (PackFormat format : kFormats) {
    const Blocks blocks = Blocks::random({70, 96, format, DType::kBF16}, 4);
    for (const cpu::PackedForm* form : cpu::usable_forms(format, DType::kBF16)) {
      const PackedWeight weight = blocks.pack(*form, pool);
      std::vector<std::byte> back(blocks.bytes.size());
      weight.unpack_rows(0, 70, back.data());
      EXPECT_EQ(back, blocks.bytes) << form->name();
    }
  }
}

TEST(PackedQuant, refuses_a_width_that_is_no_multiple_of_a_group) {
  const auto never = [](int64_t, int64_t, void*) { FAIL(); };
  for (PackFormat format : kFormats) {
    for (const int64_t k : {1, 31, 33, 100})
      EXPECT_THROW(pack_weight({8, k, format, DType::kBF16}, never, Pool::serial()), Error) << k;
  }
}

}  // namespace
}  // namespace aurora::kernels
