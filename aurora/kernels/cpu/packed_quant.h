// kInt8 and kInt4: panels as quant_kernel.h has them, the same for every instruction set.
#pragma once

#include "aurora/kernels/cpu/packed_form.h"
#include "aurora/kernels/cpu/quant_kernel.h"

namespace aurora::kernels::cpu {

// How one quantised type lies in a stored row and in a panel.
struct QuantType {
  PackFormat format;
  int64_t block_bytes;  // stored: f16 scale, then 4 bytes for each step
  int steps;            // of a group in a panel
  uint8_t flip;         // bits that differ between a stored byte and the panel's
  int zero;             // the panel's weights are too large by this
  void (*QuantKernel::*run)(const QuantProduct&);
};

class QuantForm final : public PackedForm {
 public:
  QuantForm(const QuantType& type, const QuantKernel& kernel) : type_(type), kernel_(kernel) {}

  PackFormat format() const { return type_.format; }
  const char* name() const override { return kernel_.name; }
  int columns() const override { return kQuantColumns; }
  size_t panel_bytes(int64_t k) const override;
  void pack(const PackSpec& spec, const StoredRows& rows, std::byte* panel) const override;
  void unpack(const PackSpec& spec, const std::byte* panel, int64_t column, std::byte* row) const override;
  void multiply(const Stream& stream, const PackedGemm& call) const override;

 private:
  const QuantType& type_;
  const QuantKernel& kernel_;
};

// One for each usable kernel, the best first.
std::vector<const PackedForm*> usable_quant_forms(PackFormat format);

}  // namespace aurora::kernels::cpu
