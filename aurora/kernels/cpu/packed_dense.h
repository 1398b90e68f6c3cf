// kDense: the panels of a microkernel's columns. Where the microkernel's unit is f32 and act is bf16, the
// panels keep the bf16 and the microkernel widens them.
#pragma once

#include "aurora/kernels/cpu/microkernel.h"
#include "aurora/kernels/cpu/packed_form.h"

namespace aurora::kernels::cpu {

class DenseForm final : public PackedForm {
 public:
  DenseForm(const Microkernel& kernel, device::DType act);

  const char* name() const override { return kernel_.name; }
  int columns() const override { return kernel_.columns; }
  size_t panel_bytes(int64_t k) const override;
  void pack(const PackSpec& spec, const StoredRows& rows, std::byte* panel) const override;
  void unpack(const PackSpec& spec, const std::byte* panel, int64_t column, std::byte* row) const override;
  void multiply(const Stream& stream, const PackedGemm& call) const override;

  const Microkernel& kernel() const { return kernel_; }

 private:
  const Microkernel& kernel_;
  bool bf16_columns_;  // panels are [step][columns] bf16
};

// One for each usable microkernel, the best first.
std::vector<const PackedForm*> usable_dense_forms(device::DType act);

}  // namespace aurora::kernels::cpu
