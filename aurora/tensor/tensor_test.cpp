#include <gtest/gtest.h>

#include <cstring>

#include "aurora/base/error.h"
#include "aurora/tensor/exec.h"

namespace aurora::tensor {
namespace {

TEST(Arena, TensorsAreAlignedAndDoNotOverlap) {
  Arena arena;
  Tensor a = arena.allocate(DType::kF32, {3, 5});
  Tensor b = arena.allocate(DType::kBF16, {7});
  Tensor c = arena.allocate(DType::kF32, {1});
  for (const Tensor& t : {a, b, c}) EXPECT_EQ(reinterpret_cast<uintptr_t>(t.view.data) % 64, 0u);
  std::memset(a.view.data, 1, a.view.bytes());
  std::memset(b.view.data, 2, b.view.bytes());
  std::memset(c.view.data, 3, c.view.bytes());
  EXPECT_EQ(static_cast<char*>(a.view.data)[59], 1);
  EXPECT_EQ(static_cast<char*>(b.view.data)[13], 2);
  EXPECT_EQ(a.view.shape[1], 5);
  EXPECT_EQ(a.view.strides[0], 5);
}

TEST(Arena, TheSecondLeafLiesWhereTheFirstDid) {
  Arena arena;
  auto leaf = [&] {
    arena.reset();
    void* first = arena.allocate(DType::kF32, {300'000}).view.data;
    arena.allocate(DType::kF32, {2'000'000});
    arena.allocate(DType::kF32, {100});
    return first;
  };
  leaf();  // grows
  size_t peak = arena.peak_bytes();
  void* second = leaf();
  EXPECT_EQ(leaf(), second);
  EXPECT_EQ(arena.peak_bytes(), peak);
}

TEST(Arena, RecycledRoomIsUsedAgain) {
  Arena arena;
  Tensor a = arena.allocate(DType::kF32, {100});
  arena.allocate(DType::kF32, {10});
  arena.recycle(a);
  EXPECT_NE(arena.allocate(DType::kF32, {10}).view.data, a.view.data);
  EXPECT_EQ(arena.allocate(DType::kF32, {10, 10}).view.data, a.view.data);
  EXPECT_NE(arena.allocate(DType::kF32, {100}).view.data, a.view.data);
}

TEST(Arena, RewindForgetsWhatCameAfterTheMark) {
  Arena arena;
  Tensor kept = arena.allocate(DType::kF32, {4});
  kept.view.as<float>()[3] = 5;
  Arena::Mark mark = arena.mark();
  Tensor first = arena.allocate(DType::kF32, {4});
  arena.allocate(DType::kF32, {10'000'000});
  arena.rewind(mark);
  EXPECT_EQ(arena.allocate(DType::kF32, {4}).view.data, first.view.data);
  EXPECT_EQ(kept.view.as<float>()[3], 5);
}

TEST(Arena, AMarkTakenBeforeAnythingIsTheStart) {
  Arena arena;
  Arena::Mark mark = arena.mark();
  void* first = arena.allocate(DType::kF32, {4}).view.data;
  arena.rewind(mark);
  EXPECT_EQ(arena.allocate(DType::kF32, {4}).view.data, first);
}

void fake_add(const Stream&, View a, View, View out) {
  *out.as<float>() = *a.as<float>();
}

TEST(Exec, RunsAKernelThatIsThereAndNamesOneThatIsNot) {
  Arena arena;
  Kernels half{};
  half.name = "half";
  half.add = fake_add;
  Exec exec{Stream::cpu(Pool::serial()), half, arena};
  float from = 3, to = 0;
  View a = View::contiguous(&from, DType::kF32, {1});
  exec.run(&Kernels::add, a, a, View::contiguous(&to, DType::kF32, {1}));
  EXPECT_EQ(to, 3);
  try {
    exec.run(&Kernels::swiglu_backward, a, a, a);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(error.happened().find("half backend has no kernel swiglu_backward"), std::string::npos);
  }
  EXPECT_THROW(exec.run(&Kernels::adamw, kernels::AdamW{}), Error);
}

TEST(Exec, UploadOnTheCpuIsTheArrayItselfAndDownloadCopies) {
  Arena arena;
  Kernels none{};
  Exec exec{Stream::cpu(Pool::serial()), none, arena};
  int32_t tokens[3] = {1, 2, 3};
  View view = exec.upload(tokens, DType::kI32, {3});
  EXPECT_EQ(view.data, tokens);
  int32_t back[3] = {};
  exec.download(view, back);
  EXPECT_EQ(back[2], 3);
}

}  // namespace
}  // namespace aurora::tensor
