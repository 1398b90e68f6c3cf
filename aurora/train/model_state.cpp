#include "aurora/train/model_state.h"

#include <fmt/format.h>

#include "aurora/kernels/cpu/isa.h"
#include "aurora/kernels/cpu/microkernel.h"

namespace aurora::train {

ModelState::ModelState(const models::Llama& model, device::DType act)
    : model_(model),
      master_(model.layout(), device::DType::kF32),
      m_(model.layout(), device::DType::kF32),
      v_(model.layout(), device::DType::kF32) {
  if (act != device::DType::kF32) compute_ = nn::ParameterArena(model.layout(), act);
}

void ModelState::refresh(const tensor::Exec& exec) {
  if (!compute_.empty()) exec.run(&kernels::Kernels::cast, master_.flat(), compute_.flat());
}

device::DType compute_dtype(const config::Train& train) {
  return train.dtype == "f32" ? device::DType::kF32 : device::DType::kBF16;
}

std::string numerics_fingerprint(device::Kind kind) {
  const char* isa = "portable";
  if (kernels::cpu::isa() == kernels::cpu::Isa::kAvx2) isa = "avx2";
  if (kernels::cpu::isa() == kernels::cpu::Isa::kAvx512) isa = "avx512";
  return fmt::format("{} {} bf16:{} f32:{} gcc-{}", kernels::kernels_for(kind).name, isa,
                     kernels::cpu::best_microkernel(device::DType::kBF16).name,
                     kernels::cpu::best_microkernel(device::DType::kF32).name, __VERSION__);
}

}  // namespace aurora::train
