#include "aurora/infer/model.h"

#include <fmt/format.h>

#include "aurora/base/error.h"
#include "aurora/kernels/kernels.h"

namespace aurora::infer {

Model make_model(models::Llama llama, const device::View& master, device::DType act,
                 tokenizer::Tokenizer tokenizer, int64_t max_length, Pool& pool) {
  if (tokenizer.vocab_size() > llama.shape().vocab)
    throw Error(fmt::format("the tokenizer has {} tokens but the model knows {}", tokenizer.vocab_size(),
                            llama.shape().vocab),
                "tokenizer.json", "use the tokenizer that the model was trained with");
  nn::ParameterArena weights(llama.layout(), act);
  const device::Stream stream = device::Stream::cpu(pool);
  if (act == device::DType::kF32)
    std::copy_n(master.as<float>(), master.elements(), weights.flat().as<float>());
  else
    kernels::cpu_kernels().cast(stream, master, weights.flat());
  return Model{std::move(llama), std::move(weights), std::move(tokenizer), max_length};
}

}  // namespace aurora::infer
