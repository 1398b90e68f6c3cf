#include "aurora/kernels/cpu/gemm_packed.h"

#include "aurora/kernels/cpu/packed_dense.h"
#include "aurora/kernels/cpu/packed_form.h"
#include "aurora/kernels/cpu/packed_quant.h"

namespace aurora::kernels::cpu {

std::vector<const PackedForm*> usable_forms(PackFormat format, device::DType act) {
  return format == PackFormat::kDense ? usable_dense_forms(act) : usable_quant_forms(format);
}

void gemm_packed(const Stream& stream, const PackedGemm& call) {
  AURORA_CHECK(call.weight != nullptr && !call.weight->empty(), "gemm_packed takes a packed weight");
  call.weight->form().multiply(stream, call);
}

}  // namespace aurora::kernels::cpu
