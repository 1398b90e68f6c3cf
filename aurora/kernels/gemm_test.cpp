#include <gtest/gtest.h>

#include <cmath>

#include "aurora/kernels/cpu/gemm.h"
#include "aurora/kernels/reference/gemm.h"
#include "aurora/kernels/test_tensor.h"

namespace aurora::kernels {
namespace {

using device::DType;

// One way to run a gemm: the reference, or the blocked one with some microkernel.
struct Backend {
  std::string name;
  const cpu::Microkernel* kernel;  // null: the reference
  void operator()(const Gemm& call) const {
    static Pool pool(2);
    if (kernel)
      cpu::gemm_with(*kernel, Stream::cpu(pool), call);
    else
      reference::gemm(Stream::cpu(Pool::serial()), call);
  }
};

std::vector<Backend> cpu_backends(DType dtype) {
  std::vector<Backend> all;
  for (const cpu::Microkernel* kernel : cpu::usable_microkernels(dtype))
    all.push_back({kernel->name, kernel});
  return all;
}
std::vector<Backend> all_backends(DType dtype) {
  std::vector<Backend> all = cpu_backends(dtype);
  all.push_back({"reference", nullptr});
  return all;
}

struct Shape {
  int64_t m, n, k;
};

// Random operands, each stored with three columns to spare.
struct Problem {
  Shape shape;
  bool transpose_a, transpose_b;
  TestTensor a, b;

  Problem(DType dtype, Shape s, bool ta, bool tb)
      : shape(s),
        transpose_a(ta),
        transpose_b(tb),
        a(TestTensor::random(dtype, {ta ? s.k : s.m, (ta ? s.m : s.k) + 3}, 1)),
        b(TestTensor::random(dtype, {tb ? s.n : s.k, (tb ? s.k : s.n) + 3}, 2)) {
    a.view.shape[1] -= 3;
    b.view.shape[1] -= 3;
  }
  Gemm call(const View& c, bool accumulate = false) const {
    return {a.view, b.view, c, transpose_a, transpose_b, accumulate};
  }
};

// What remains of a matrix stored outer by depth (or depth by outer) when outer is cut to [begin, end).
View cut(View matrix, int outer_axis, int64_t begin, int64_t end) {
  matrix.data = static_cast<char*>(matrix.data) +
                begin * matrix.stride(outer_axis) * static_cast<int64_t>(dtype_size(matrix.dtype));
  matrix.shape[outer_axis] = end - begin;
  return matrix;
}

TEST(Gemm, multiplies_a_product_done_by_hand_in_every_orientation) {
  for (DType dtype : {DType::kF32, DType::kBF16}) {
    for (const Backend& backend : all_backends(dtype)) {
      for (int orientation = 0; orientation < 4; ++orientation) {
        const bool ta = orientation & 1, tb = orientation & 2;
        const TestTensor a = ta ? TestTensor::of(dtype, {3, 2}, {1, 4, 2, 5, 3, 6})
                                : TestTensor::of(dtype, {2, 3}, {1, 2, 3, 4, 5, 6});
        const TestTensor b = tb ? TestTensor::of(dtype, {2, 3}, {7, 9, 11, 8, 10, 12})
                                : TestTensor::of(dtype, {3, 2}, {7, 8, 9, 10, 11, 12});
        TestTensor c = TestTensor::of(DType::kF32, {2, 2}, {1, 10, 100, 1000});
        backend({a.view, b.view, c.view, ta, tb, true});
        EXPECT_EQ(c[0], 59) << backend.name;
        EXPECT_EQ(c[1], 74) << backend.name;
        EXPECT_EQ(c[2], 239) << backend.name;
        EXPECT_EQ(c[3], 1154) << backend.name;
        backend({a.view, b.view, c.view, ta, tb, false});
        EXPECT_EQ(c[0], 58) << backend.name;
        EXPECT_EQ(c[3], 154) << backend.name;
      }
    }
  }
}

TEST(Gemm, with_an_empty_sum_writes_zeros_or_leaves_what_it_adds_to) {
  for (const Backend& backend : all_backends(DType::kF32)) {
    const TestTensor a(DType::kF32, {2, 0}), b(DType::kF32, {0, 2});
    TestTensor c = TestTensor::of(DType::kF32, {2, 2}, {1, 2, 3, 4});
    backend({a.view, b.view, c.view, false, false, true});
    EXPECT_EQ(c[3], 4);
    backend({a.view, b.view, c.view});
    EXPECT_EQ(c[0], 0);
    EXPECT_EQ(c[3], 0);
    const TestTensor no_rows(DType::kF32, {0, 2});
    backend({no_rows.view, c.view, no_rows.view});
  }
}

// |c - exact| <= (K + 2) rounding errors of the sum of magnitudes, and half a unit of a bf16 result.
void expect_close(const TestTensor& c, const TestTensor& exact, const TestTensor& magnitude, int64_t k,
                  const std::string& what) {
  double worst = 0;
  for (int64_t i = 0; i < c.elements(); ++i) {
    double bound = static_cast<double>(k + 2) * 0x1p-24 * magnitude[i];
    if (c.view.dtype == DType::kBF16) bound += 0x1.02p-8 * std::abs(exact[i]) + 1e-30;
    worst = std::max(worst, std::abs(c[i] - exact[i]) / bound);
  }
  EXPECT_LE(worst, 1) << what;
}

TestTensor absolute(const TestTensor& tensor) {
  TestTensor result = tensor;
  for (int64_t i = 0; i < tensor.view.dim(0) * tensor.view.stride(0); ++i)
    result.set(i, std::abs(load_element(tensor.view, i)));
  return result;
}

TEST(Gemm, agrees_with_the_reference_for_every_shape_orientation_and_output) {
  const Shape shapes[] = {{1, 1, 1},   {1, 50, 33},  {5, 3, 2},      {12, 32, 64},
                          {13, 33, 7}, {97, 65, 31}, {130, 300, 45}, {3, 40, 4500}};
  for (DType dtype : {DType::kF32, DType::kBF16}) {
    for (const Shape& shape : shapes) {
      for (int orientation = 0; orientation < 4; ++orientation) {
        const Problem problem(dtype, shape, orientation & 1, orientation & 2);
        TestTensor exact(DType::kF32, {shape.m, shape.n}), magnitude(DType::kF32, {shape.m, shape.n});
        const TestTensor abs_a = absolute(problem.a), abs_b = absolute(problem.b);
        reference::gemm(Stream::cpu(Pool::serial()), problem.call(exact.view));
        reference::gemm(Stream::cpu(Pool::serial()),
                        {abs_a.view, abs_b.view, magnitude.view, problem.transpose_a, problem.transpose_b});
        for (const Backend& backend : cpu_backends(dtype)) {
          const std::string what = fmt::format("{} {} {}x{}x{} orientation {}", backend.name,
                                               dtype_name(dtype), shape.m, shape.n, shape.k, orientation);
          TestTensor c(DType::kF32, {shape.m, shape.n}), c_act(dtype, {shape.m, shape.n});
          backend(problem.call(c.view));
          expect_close(c, exact, magnitude, shape.k, what);
          backend(problem.call(c_act.view));
          expect_close(c_act, exact, magnitude, shape.k, what + ", act");
          for (int64_t i = 0; i < c.elements(); ++i) c.set(i, i % 7);
          backend(problem.call(c.view, true));
          for (int64_t i = 0; i < c.elements(); ++i) c.set(i, c[i] - i % 7);
          for (int64_t i = 0; i < c.elements(); ++i) magnitude.set(i, magnitude[i] + 7);
          expect_close(c, exact, magnitude, shape.k, what + ", accumulated");
          for (int64_t i = 0; i < c.elements(); ++i) magnitude.set(i, magnitude[i] - 7);
        }
      }
    }
  }
}

TEST(Gemm, writes_nothing_beyond_its_columns) {
  for (const Backend& backend : all_backends(DType::kBF16)) {
    const Problem problem(DType::kBF16, {14, 35, 9}, false, true);
    TestTensor c(DType::kF32, {14, 40});
    for (int64_t i = 0; i < c.elements(); ++i) c.set(i, -1);
    backend(problem.call(cut(c.view, 1, 0, 35)));
    for (int64_t i = 0; i < 14; ++i)
      for (int64_t j = 35; j < 40; ++j) EXPECT_EQ(c[i * 40 + j], -1) << backend.name;
  }
}

// The element rule: rows [row, row + m) and columns [column, column + n) computed alone have the bits they
// have in the whole product.
void expect_part_equals_whole(const Backend& backend, const Problem& problem, const TestTensor& whole,
                              int64_t row, int64_t m, int64_t column, int64_t n) {
  const int64_t size = whole.view.dtype == DType::kBF16 ? 2 : 4;
  TestTensor part(whole.view.dtype, {m, n});
  Gemm call = problem.call(part.view);
  call.a = cut(call.a, problem.transpose_a ? 1 : 0, row, row + m);
  call.b = cut(call.b, problem.transpose_b ? 0 : 1, column, column + n);
  backend(call);
  for (int64_t i = 0; i < m; ++i)
    ASSERT_EQ(0,
              std::memcmp(part.bytes.data() + i * n * size,
                          whole.bytes.data() + ((row + i) * whole.view.stride(0) + column) * size, n * size))
        << backend.name << ": row " << row + i << " of " << m << " rows, " << n << " columns";
}

TEST(Gemm, bits_of_an_element_depend_on_its_row_and_column_alone) {
  const Shape shape{260, 600, 333};
  for (DType dtype : {DType::kF32, DType::kBF16}) {
    for (const Backend& backend : cpu_backends(dtype)) {
      for (int orientation = 0; orientation < 4; ++orientation) {
        const Problem problem(dtype, shape, orientation & 1, orientation & 2);
        for (DType out : {DType::kF32, dtype}) {
          TestTensor whole(out, {shape.m, shape.n});
          backend(problem.call(whole.view));
          for (int64_t m : {1, 3, 17, 64, 200})
            expect_part_equals_whole(backend, problem, whole, shape.m - m, m, 0, shape.n);
          for (int64_t n : {1, 3, 17, 64, 200})
            expect_part_equals_whole(backend, problem, whole, 0, shape.m, shape.n - n, n);
          expect_part_equals_whole(backend, problem, whole, 7, 1, 11, 1);
          if (out == dtype) break;
        }
      }
    }
  }
}

TEST(Gemm, bits_do_not_depend_on_the_number_of_threads) {
  const Problem problem(DType::kBF16, {200, 700, 2500}, true, false);
  TestTensor one(DType::kF32, {200, 700}), three(DType::kF32, {200, 700});
  Pool pool(3);
  cpu::gemm(Stream::cpu(Pool::serial()), problem.call(one.view));
  cpu::gemm(Stream::cpu(pool), problem.call(three.view));
  EXPECT_TRUE(same_bits(one, three));
}

}  // namespace
}  // namespace aurora::kernels
