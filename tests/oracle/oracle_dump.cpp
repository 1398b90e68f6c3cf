// What the oracles in this folder compare: logits and the gradient of one leaf, of a checkpoint, as
// safetensors.
//
// usage: oracle_dump CHECKPOINT OUT.safetensors f32|bf16 < token ids, separated by white space
// OUT: "logits" [T, V] f32, and under every Hugging Face name the f32 gradient of the summed loss of
// predicting token t+1 from tokens 0..t, for t = 0 .. T-2.

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <vector>

#include "aurora/base/error.h"
#include "aurora/format/safetensors.h"
#include "aurora/kernels/kernels.h"
#include "aurora/models/step.h"
#include "aurora/train/checkpoint.h"

using namespace aurora;

namespace {

nn::ParameterArena computing_copy(const train::TrainedModel& trained, device::DType act,
                                  const device::Stream& stream) {
  nn::ParameterArena weights(trained.model.layout(), act);
  if (act == device::DType::kF32)
    std::copy_n(trained.master.flat().as<float>(), trained.master.flat().elements(),
                weights.flat().as<float>());
  else
    kernels::cpu_kernels().cast(stream, trained.master.flat(), weights.flat());
  return weights;
}

nn::Leaf leaf_of(const std::vector<int32_t>& tokens) {
  nn::Leaf leaf;
  leaf.sequences = 1;
  leaf.length = static_cast<int64_t>(tokens.size()) - 1;
  leaf.tokens.assign(tokens.begin(), tokens.end() - 1);
  leaf.targets.assign(tokens.begin() + 1, tokens.end());
  leaf.loss_weights.assign(static_cast<size_t>(leaf.length), 1.0f);
  leaf.segment_begin.assign(static_cast<size_t>(leaf.length), 0);
  for (int32_t i = 0; i < leaf.length; ++i) leaf.positions.push_back(i);
  return leaf;
}

// At every position, as they are served. In the arena of exec.
device::View logits_of(tensor::Exec& exec, const models::Llama& model, const device::View& weights,
                       const std::vector<int32_t>& tokens) {
  const size_t pages = tokens.size() / kernels::kPageTokens + 1;
  const size_t page_bytes =
      models::PagedCache::page_bytes(exec.kernels, model.shape(), weights.dtype, kernels::PageFormat::kAct);
  models::PagedCache cache(exec.kernels, model.shape(),
                           {weights.dtype, kernels::PageFormat::kAct, pages * page_bytes});
  std::vector<int32_t> list;
  for (size_t i = 0; i < pages; ++i) list.push_back(cache.allocate().value());
  const models::SequenceStep step{tokens, 0, list, 0};
  return models::step_logits(exec, model, models::InferenceWeights::of_arena(model.layout(), weights),
                             {&step, 1}, cache);
}

int dump(const std::string& checkpoint, const std::string& out, const std::string& dtype) {
  std::vector<int32_t> tokens;
  for (int32_t token; std::cin >> token;) tokens.push_back(token);
  if (tokens.size() < 2)
    throw UsageError("fewer than two tokens on standard input", "standard input", "give some");

  const train::TrainedModel trained = train::load_trained_model(checkpoint);
  Pool pool(0);
  tensor::Arena arena;
  tensor::Exec exec{device::Stream::cpu(pool), kernels::cpu_kernels(), arena};
  const device::DType act = dtype == "f32" ? device::DType::kF32 : device::DType::kBF16;
  const nn::ParameterArena weights = computing_copy(trained, act, exec.stream);

  const nn::ParameterArena gradient(trained.model.layout(), device::DType::kF32);
  trained.model.loss_and_gradient(exec, weights.flat(), leaf_of(tokens), gradient.flat());
  const device::View logits = logits_of(exec, trained.model, weights.flat(), tokens);

  std::vector<format::TensorSpec> specs = {
      {"logits", format::StoredType::kF32, {logits.dim(0), logits.dim(1)}}};
  const std::vector<models::NamedWeight> gradients = trained.model.named_weights(gradient.flat());
  for (const models::NamedWeight& one : gradients)
    specs.push_back({one.name, format::StoredType::kF32, one.shape});
  format::SafetensorsWriter writer(out, specs);
  writer.write(logits.data, logits.bytes());
  for (const models::NamedWeight& one : gradients) writer.write(one.data.data(), one.data.size_bytes());
  writer.commit();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    fmt::print(stderr, "usage: oracle_dump CHECKPOINT OUT.safetensors f32|bf16 < token ids\n");
    return 2;
  }
  try {
    return dump(argv[1], argv[2], argv[3]);
  } catch (const Error& error) {
    fmt::print(stderr, "{}: {}: {}\n", error.where(), error.happened(), error.remedy());
    return 1;
  }
}
