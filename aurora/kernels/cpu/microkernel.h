// The inner loops of every product on the CPU: gemm, attention and the classifier are built from them. A
// microkernel multiplies a few packed rows by a few packed columns in registers; which one runs is chosen
// once, from what the processor can do.
//
// Packed form: the summed axis is cut into steps of one 4-byte unit, which is one f32 or a pair of bf16
// neighbours. A panel holds `width` rows of op(A) (or columns of op(B)) as [step][width] units; what lies
// beyond the matrix is zero.
//
// Bits: an output element is one chain of fused multiply-adds over the steps, in order, from zero, in its
// own lane. So it depends on nothing but its row, its column and the processor's instruction set.
#pragma once

#include <cstdint>
#include <vector>

#include "aurora/device/view.h"

namespace aurora::kernels::cpu {

// What is packed: `outer` rows of op(A), or columns of op(B), along a summed axis of length `depth`.
struct PackSource {
  const void* data;
  device::DType dtype;       // bf16 or f32
  int64_t stride;            // elements between stored rows
  bool depth_is_contiguous;  // stored [outer, depth], else [depth, outer]
  int64_t outer, depth;
};

// c[rows, Microkernel::columns] = (add ? c : 0) + a * b.
struct MicroProduct {
  int rows;  // 1 .. Microkernel::rows
  int64_t steps;
  const uint32_t* a;  // unit of row i, step s at a[i * a_row_stride + s * a_step_stride]
  int64_t a_row_stride, a_step_stride;
  const void* b;  // one packed panel of width Microkernel::columns
  float* c;
  int64_t c_stride;
  bool add;
};

// A finished tile on its way out: out = tile (+ addend).
struct TileOut {
  const float* tile;  // [rows, tile_stride]
  int64_t tile_stride;
  int rows, columns;    // what is kept of it
  const float* addend;  // null, or [rows, columns]; may be `out`
  int64_t addend_stride;
  void* out;  // f32 or bf16
  device::DType out_dtype;
  int64_t out_stride;
};

constexpr int kPanelSlack = 16;

struct Microkernel {
  const char* name;
  device::DType unit;  // kF32: a step is one f32; kBF16: a pair of bf16
  int rows, columns;   // largest tile
  void (*run)(const MicroProduct&);
  // The same with the same bits where b is [step][columns] bf16, which take half the memory. Null where
  // unit is bf16.
  void (*run_bf16_columns)(const MicroProduct&);
  // Writes ceil(outer / width) panels, panel p at panels + p * panel_stride; may write kPanelSlack units
  // beyond the end of each.
  void (*pack)(const PackSource&, int width, uint32_t* panels, int64_t panel_stride);
  void (*write)(const TileOut&);

  int64_t steps(int64_t depth) const { return unit == device::DType::kBF16 ? (depth + 1) / 2 : depth; }
  // Units from one panel to the next, slack included, a whole number of cache lines.
  int64_t panel_stride(int64_t depth, int width) const {
    return (steps(depth) * width + kPanelSlack + 15) / 16 * 16;
  }
};

// The fastest for products of matrices of this dtype (bf16 or f32) on this processor.
const Microkernel& best_microkernel(device::DType dtype);
// All that this processor can run for such products, the best first.
std::vector<const Microkernel*> usable_microkernels(device::DType dtype);

extern const Microkernel kPortableMicrokernel;
extern const Microkernel kAvx2Microkernel;
extern const Microkernel kAvx512Microkernel;
extern const Microkernel kAvx512Bf16Microkernel;

}  // namespace aurora::kernels::cpu
