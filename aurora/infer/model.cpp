#include "aurora/infer/model.h"

#include <fmt/format.h>

#include "aurora/base/error.h"
#include "aurora/kernels/kernels.h"

namespace aurora::infer {

void check_vocabulary(const tokenizer::Tokenizer& tokenizer, const plan::ModelShape& shape) {
  if (tokenizer.vocab_size() > shape.vocab)
    throw Error(fmt::format("the tokenizer has {} tokens but the model knows {}", tokenizer.vocab_size(),
                            shape.vocab),
                "tokenizer.json", "use the tokenizer that the model was trained with");
}

Model make_model(models::Llama llama, const device::View& master, device::DType act,
                 tokenizer::Tokenizer tokenizer, int64_t max_length, Pool& pool) {
  check_vocabulary(tokenizer, llama.shape());
  const auto arena = std::make_shared<nn::ParameterArena>(llama.layout(), act);
  const device::Stream stream = device::Stream::cpu(pool);
  if (act == device::DType::kF32)
    std::copy_n(master.as<float>(), master.elements(), arena->flat().as<float>());
  else
    kernels::cpu_kernels().cast(stream, master, arena->flat());
  models::InferenceWeights weights = models::InferenceWeights::of_arena(llama.layout(), arena->flat(), arena);
  Model model{std::move(llama), std::move(weights), std::move(tokenizer), max_length};
  if (model.tokenizer.end_of_document() >= 0) model.end_tokens = {model.tokenizer.end_of_document()};
  return model;
}

}  // namespace aurora::infer
