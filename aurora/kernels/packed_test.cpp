#include "aurora/kernels/packed.h"

#include <gtest/gtest.h>

#include <cmath>

#include "aurora/base/error.h"
#include "aurora/kernels/cpu/gemm.h"
#include "aurora/kernels/cpu/packed_dense.h"
#include "aurora/kernels/reference/gemm.h"
#include "aurora/kernels/reference/gemm_packed.h"
#include "aurora/kernels/test_tensor.h"

namespace aurora::kernels {
namespace {

using device::DType;

constexpr DType kActs[] = {DType::kF32, DType::kBF16};
constexpr int64_t kRows[] = {1, 2, 7, 12, 13, 96, 97, 300};

// Rows of a weight, handed to a packer as they are.
struct Rows {
  const TestTensor& tensor;
  void operator()(int64_t row, int64_t count, void* out) const {
    const int64_t bytes = tensor.view.dim(1) * static_cast<int64_t>(dtype_size(tensor.view.dtype));
    std::memcpy(out, tensor.bytes.data() + row * bytes, count * bytes);
  }
};

PackedWeight pack(const cpu::PackedForm& form, const TestTensor& weight, Pool& pool = Pool::serial()) {
  return pack_weight_as(form, {weight.view.dim(0), weight.view.dim(1), PackFormat::kDense, weight.view.dtype},
                        Rows{weight}, pool);
}

const cpu::Microkernel& microkernel(const cpu::PackedForm& form) {
  return dynamic_cast<const cpu::DenseForm&>(form).kernel();
}

TEST(PackedDense, multiplies_a_product_done_by_hand) {
  for (DType act : kActs) {
    const TestTensor a = TestTensor::of(act, {2, 3}, {1, 2, 3, 4, 5, 6});
    const TestTensor w = TestTensor::of(act, {2, 3}, {7, 9, 11, 8, 10, 12});
    for (const cpu::PackedForm* form : cpu::usable_forms(PackFormat::kDense, act)) {
      const PackedWeight weight = pack(*form, w);
      TestTensor c(DType::kF32, {2, 2});
      for (auto gemm : {cpu_kernels().gemm_packed, reference_kernels().gemm_packed}) {
        gemm(Stream::cpu(Pool::serial()), {a.view, &weight, c.view});
        EXPECT_EQ(c[0], 58) << form->name();
        EXPECT_EQ(c[1], 64) << form->name();
        EXPECT_EQ(c[2], 139) << form->name();
        EXPECT_EQ(c[3], 154) << form->name();
      }
    }
  }
}

TEST(PackedDense, gives_back_its_rows) {
  Pool pool(2);
  for (DType act : kActs) {
    for (const int64_t k : {1, 7, 64, 333}) {
      const TestTensor w = TestTensor::random(act, {77, k}, 3);
      for (const cpu::PackedForm* form : cpu::usable_forms(PackFormat::kDense, act)) {
        const PackedWeight weight = pack(*form, w, pool);
        TestTensor back(act, {77, k});
        weight.unpack_rows(0, 77, back.view.data);
        EXPECT_TRUE(same_bits(w, back)) << form->name();
        TestTensor one(act, {1, k});
        weight.unpack_rows(40, 1, one.view.data);
        EXPECT_EQ(0, std::memcmp(one.view.data, w.view.rows(40, 1).data, one.view.bytes())) << form->name();
      }
    }
  }
}

// gemm and gemm_packed with the same microkernel, on all rows of `a` at once.
void expect_bits_of_gemm(const cpu::PackedForm& form, const TestTensor& a, const TestTensor& w, Pool& pool) {
  const PackedWeight weight = pack(form, w, pool);
  for (DType out : {DType::kF32, a.view.dtype}) {
    for (const int64_t m : kRows) {
      TestTensor expected(out, {m, w.view.dim(0)}), c(out, {m, w.view.dim(0)});
      View rows = a.view.rows(a.view.dim(0) - m, m);
      cpu::gemm_with(microkernel(form), Stream::cpu(pool), {rows, w.view, expected.view, false, true, false});
      form.multiply(Stream::cpu(pool), {rows, &weight, c.view});
      ASSERT_TRUE(same_bits(expected, c)) << form.name() << ": " << m << " x " << w.view.dim(0) << " x "
                                          << w.view.dim(1) << ", " << pool.threads() << " threads";
    }
  }
}

// The same on a weight [n, k] and rows stored with three columns to spare, in every form.
void expect_bits_of_gemm(int64_t n, int64_t k, Pool& pool) {
  for (DType act : kActs) {
    TestTensor a = TestTensor::random(act, {300, k + 3}, 1);
    a.view.shape[1] -= 3;
    const TestTensor w = TestTensor::random(act, {n, k}, 2);
    for (const cpu::PackedForm* form : cpu::usable_forms(PackFormat::kDense, act))
      expect_bits_of_gemm(*form, a, w, pool);
  }
}

TEST(PackedDense, has_the_bits_of_gemm_for_any_number_of_rows) {
  Pool pool(2);
  expect_bits_of_gemm(1, 1, pool);
  expect_bits_of_gemm(33, 7, pool);
  expect_bits_of_gemm(100, 65, pool);
  expect_bits_of_gemm(40, 4500, pool);  // several depth blocks
}

TEST(PackedDense, has_the_bits_of_gemm_for_any_number_of_threads) {
  for (const int threads : {1, 5}) {
    Pool pool(threads);
    expect_bits_of_gemm(257, 130, pool);
  }
}

TEST(PackedDense, agrees_with_the_reference_within_its_rounding) {
  const TestTensor a = TestTensor::random(DType::kBF16, {5, 700}, 1);
  const TestTensor w = TestTensor::random(DType::kBF16, {45, 700}, 2);
  const PackedWeight weight = pack_weight(w.view, Pool::serial());
  TestTensor c(DType::kF32, {5, 45}), exact(DType::kF32, {5, 45});
  cpu_kernels().gemm_packed(Stream::cpu(Pool::serial()), {a.view, &weight, c.view});
  reference_kernels().gemm_packed(Stream::cpu(Pool::serial()), {a.view, &weight, exact.view});
  for (int64_t i = 0; i < c.elements(); ++i) EXPECT_NEAR(c[i], exact[i], 702 * 0x1p-24 * 700);
}

TEST(PackedDense, writes_nothing_beyond_its_columns) {
  for (const cpu::PackedForm* form : cpu::usable_forms(PackFormat::kDense, DType::kBF16)) {
    const TestTensor a = TestTensor::random(DType::kBF16, {14, 9}, 1);
    const PackedWeight weight = pack(*form, TestTensor::random(DType::kBF16, {35, 9}, 2));
    TestTensor c(DType::kF32, {14, 40});
    for (int64_t i = 0; i < c.elements(); ++i) c.set(i, -1);
    View out = c.view;
    out.shape[1] = 35;
    form->multiply(Stream::cpu(Pool::serial()), {a.view, &weight, out});
    for (int64_t i = 0; i < 14; ++i)
      for (int64_t j = 35; j < 40; ++j) EXPECT_EQ(c[i * 40 + j], -1) << form->name();
  }
}

TEST(PackedWeight, of_rows_in_memory_is_that_of_rows_read) {
  TestTensor w = TestTensor::random(DType::kBF16, {50, 44}, 2);
  w.view.shape[1] = 40;  // stored with four columns to spare
  const PackedWeight weight = pack_weight(w.view, Pool::serial());
  TestTensor row(DType::kBF16, {1, 40});
  weight.unpack_rows(49, 1, row.view.data);
  EXPECT_EQ(0, std::memcmp(row.view.data, w.view.rows(49, 1).data, 80));
}

TEST(PackedWeight, what_reading_rows_throws_passes_through) {
  Pool pool(2);
  EXPECT_THROW(pack_weight(
                   {500, 64}, [](int64_t, int64_t, void*) { throw Error("gone", "file", "look"); }, pool),
               Error);
}

}  // namespace
}  // namespace aurora::kernels
