#include "aurora/kernels/shapes.h"

#include "aurora/kernels/packed.h"

namespace aurora::kernels {
namespace {

using device::DType;

bool is_act(DType dtype) {
  return dtype == DType::kF32 || dtype == DType::kBF16;
}

// A tensor argument of attention: [b, t, heads, d] with unit stride along d.
void check_heads(const View& view, DType act, const std::array<int64_t, 4>& shape) {
  AURORA_CHECK_EQ(view.rank, 4);
  AURORA_CHECK(view.dtype == act, "attention takes one act dtype");
  for (int axis = 0; axis < 4; ++axis) AURORA_CHECK_EQ(view.shape[axis], shape[axis]);
  AURORA_CHECK(view.strides[3] == 1 || view.shape[3] == 1, "attention needs unit stride along D");
}

}  // namespace

GemmSizes gemm_sizes(const Gemm& gemm) {
  const View &a = gemm.a, &b = gemm.b, &c = gemm.c;
  AURORA_CHECK(a.rank == 2 && b.rank == 2 && c.rank == 2, "gemm takes matrices");
  const GemmSizes sizes{c.dim(0), c.dim(1), a.dim(gemm.transpose_a ? 0 : 1)};
  AURORA_CHECK_EQ(a.dim(gemm.transpose_a ? 1 : 0), sizes.m);
  AURORA_CHECK_EQ(b.dim(gemm.transpose_b ? 1 : 0), sizes.k);
  AURORA_CHECK_EQ(b.dim(gemm.transpose_b ? 0 : 1), sizes.n);
  AURORA_CHECK(is_act(a.dtype) && a.dtype == b.dtype, "gemm takes two bf16 or two f32 matrices");
  AURORA_CHECK(c.dtype == DType::kF32 || (c.dtype == a.dtype && !gemm.accumulate),
               "gemm writes f32, or act when it does not accumulate");
  for (const View* view : {&a, &b, &c})
    AURORA_CHECK(view->stride(1) == 1 || view->dim(1) <= 1, "gemm needs unit stride along rows");
  return sizes;
}

GemmSizes packed_gemm_sizes(const PackedGemm& gemm) {
  AURORA_CHECK(gemm.weight != nullptr && !gemm.weight->empty(), "gemm_packed takes a packed weight");
  const View &a = gemm.a, &c = gemm.c;
  const GemmSizes sizes{c.dim(0), gemm.weight->n(), gemm.weight->k()};
  AURORA_CHECK(a.rank == 2 && c.rank == 2, "gemm_packed takes matrices");
  AURORA_CHECK_EQ(a.dim(0), sizes.m);
  AURORA_CHECK_EQ(a.dim(1), sizes.k);
  AURORA_CHECK_EQ(c.dim(1), sizes.n);
  AURORA_CHECK(a.dtype == gemm.weight->spec().act, "A is of the act that the weight was packed for");
  AURORA_CHECK(c.dtype == DType::kF32 || c.dtype == a.dtype, "gemm_packed writes f32 or act");
  for (const View* view : {&a, &c})
    AURORA_CHECK(view->stride(1) == 1 || view->dim(1) <= 1, "gemm_packed needs unit stride along rows");
  return sizes;
}

AttentionSizes attention_sizes(const Attention& attention) {
  const View &q = attention.q, &k = attention.k;
  AURORA_CHECK(q.rank == 4 && k.rank == 4 && is_act(q.dtype), "attention takes [B, T, heads, D] act");
  const AttentionSizes sizes{q.dim(0), q.dim(1), q.dim(2), k.dim(2), q.dim(3)};
  check_heads(q, q.dtype, {sizes.b, sizes.t, sizes.h, sizes.d});
  check_heads(k, q.dtype, {sizes.b, sizes.t, sizes.g, sizes.d});
  check_heads(attention.v, q.dtype, {sizes.b, sizes.t, sizes.g, sizes.d});
  check_heads(attention.out, q.dtype, {sizes.b, sizes.t, sizes.h, sizes.d});
  AURORA_CHECK(sizes.g > 0 && sizes.h % sizes.g == 0, "H must be a multiple of G");
  const View& begin = attention.segment_begin;
  AURORA_CHECK(begin.rank == 2 && begin.dtype == DType::kI32, "segment_begin is [B, T] i32");
  AURORA_CHECK(begin.dim(0) == sizes.b && begin.dim(1) == sizes.t, "segment_begin is [B, T]");
  if (const View& lse = attention.lse; !lse.empty()) {
    AURORA_CHECK(lse.rank == 3 && lse.dtype == DType::kF32 && lse.is_contiguous(), "lse is [B, H, T] f32");
    AURORA_CHECK(lse.dim(0) == sizes.b && lse.dim(1) == sizes.h && lse.dim(2) == sizes.t, "lse is [B, H, T]");
  }
  return sizes;
}

AttentionSizes attention_sizes(const AttentionBackward& backward) {
  const AttentionSizes sizes = attention_sizes(backward.forward);
  const DType act = backward.forward.q.dtype;
  AURORA_CHECK(!backward.forward.lse.empty(), "attention's backward needs lse");
  check_heads(backward.d_out, act, {sizes.b, sizes.t, sizes.h, sizes.d});
  check_heads(backward.d_q, act, {sizes.b, sizes.t, sizes.h, sizes.d});
  check_heads(backward.d_k, act, {sizes.b, sizes.t, sizes.g, sizes.d});
  check_heads(backward.d_v, act, {sizes.b, sizes.t, sizes.g, sizes.d});
  return sizes;
}

PagedSizes paged_sizes(const PagedAttention& attention) {
  const View &qkv = attention.qkv, &out = attention.out, &first = attention.first_key;
  const PageShape& page = attention.store.shape;
  const PagedSizes sizes{qkv.dim(0), attention.heads, page.kv_heads, page.head_size};
  AURORA_CHECK(sizes.g > 0 && sizes.h % sizes.g == 0, "H must be a multiple of G");
  AURORA_CHECK(qkv.dtype == page.act && out.dtype == page.act && is_act(page.act), "attention takes one act");
  AURORA_CHECK(qkv.rank == 2 && qkv.is_contiguous(), "qkv is [R, (H+2G)*D]");
  AURORA_CHECK_EQ(qkv.dim(1), (sizes.h + 2 * sizes.g) * sizes.d);
  AURORA_CHECK(out.rank == 2 && out.is_contiguous() && out.dim(0) == sizes.r, "out is [R, H*D]");
  AURORA_CHECK_EQ(out.dim(1), sizes.h * sizes.d);
  AURORA_CHECK(first.dtype == DType::kI32 && first.elements() == sizes.r, "first_key is [R] i32");
  int64_t rows = 0;
  for (const PagedSequence& sequence : attention.sequences) {
    AURORA_CHECK(sequence.row == rows && sequence.rows > 0 && sequence.begin >= 0,
                 "sequences follow another");
    rows += sequence.rows;
    AURORA_CHECK_LE(sequence.begin + sequence.rows,
                    static_cast<int64_t>(sequence.pages.size()) * kPageTokens);
  }
  AURORA_CHECK_EQ(rows, sizes.r);
  return sizes;
}

ClassifierSizes classifier_sizes(const Classifier& call) {
  AURORA_CHECK(call.x.rank == 2 && call.weight.rank == 2, "classifier takes matrices");
  AURORA_CHECK(is_act(call.x.dtype) && call.x.dtype == call.weight.dtype, "classifier takes one act dtype");
  const ClassifierSizes sizes{call.x.dim(0), call.x.dim(1), call.weight.dim(0), !call.d_x.empty()};
  AURORA_CHECK_EQ(call.weight.dim(1), sizes.c);
  AURORA_CHECK(call.targets.dtype == DType::kI32 && call.targets.elements() == sizes.r, "targets is [R] i32");
  AURORA_CHECK(call.loss_weights.dtype == DType::kF32 && call.loss_weights.elements() == sizes.r,
               "loss_weights is [R] f32");
  AURORA_CHECK(call.nll.dtype == DType::kF32 && call.nll.elements() == sizes.r, "nll is [R] f32");
  AURORA_CHECK_EQ(call.d_weight.empty(), !sizes.gradient);
  if (sizes.gradient) {
    AURORA_CHECK(call.d_x.rank == 2 && call.d_x.dtype == call.x.dtype, "d_x is [R, C] act");
    AURORA_CHECK(call.d_x.dim(0) == sizes.r && call.d_x.dim(1) == sizes.c, "d_x is [R, C]");
    AURORA_CHECK(call.d_weight.rank == 2 && call.d_weight.dtype == DType::kF32, "d_weight is [V, C] f32");
    AURORA_CHECK(call.d_weight.dim(0) == sizes.v && call.d_weight.dim(1) == sizes.c, "d_weight is [V, C]");
  }
  return sizes;
}

}  // namespace aurora::kernels
