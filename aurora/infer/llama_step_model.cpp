#include "aurora/infer/llama_step_model.h"

#include <utility>

#include "aurora/infer/engine.h"
#include "aurora/kernels/kernels.h"

namespace aurora::infer {
namespace {

class LlamaStepModel : public StepModel {
 public:
  LlamaStepModel(const models::Llama& llama, models::InferenceWeights weights,
                 const models::PagedCacheSettings& settings, Pool& pool)
      : llama_(llama),
        weights_(std::move(weights)),
        cache_(kernels::cpu_kernels(), llama.shape(), settings),
        exec_{device::Stream::cpu(pool), kernels::cpu_kernels(), arena_} {}

  int64_t vocab() const override { return llama_.shape().vocab; }
  int64_t width() const override { return llama_.shape().width; }
  int64_t page_tokens() const override { return kernels::kPageTokens; }
  int64_t pages() const override { return cache_.pages(); }
  int64_t free_pages() const override { return cache_.free_pages(); }
  std::optional<int32_t> allocate_page() override { return cache_.allocate(); }
  void release_page(int32_t page) override { cache_.release(page); }

  std::span<float> logits(std::span<const SequencePiece> pieces) override {
    const device::View rows = models::step_logits(exec_, llama_, weights_, pieces, cache_);
    if (rows.empty()) return {};
    return {rows.as<float>(), static_cast<size_t>(rows.elements())};
  }

  std::span<const float> hidden(std::span<const SequencePiece> pieces) override {
    const device::View rows = models::step_hidden(exec_, llama_, weights_, pieces, cache_);
    if (rows.empty()) return {};
    const auto count = static_cast<size_t>(rows.elements());
    if (rows.dtype == device::DType::kF32) return {rows.as<float>(), count};
    hidden_.resize(count);
    const auto wide =
        device::View::contiguous(hidden_.data(), device::DType::kF32, {rows.dim(0), rows.dim(1)});
    exec_.run(&kernels::Kernels::cast, rows, wide);
    return hidden_;
  }

 private:
  const models::Llama& llama_;
  models::InferenceWeights weights_;
  models::PagedCache cache_;
  tensor::Arena arena_;
  tensor::Exec exec_;
  std::vector<float> hidden_;
};

models::PagedCacheSettings cache_settings(const Model& model, const EngineSettings& settings) {
  models::PagedCacheSettings cache;
  cache.act = model.act();
  cache.format = settings.kv_int8 ? kernels::PageFormat::kInt8 : kernels::PageFormat::kAct;
  cache.memory_bytes = static_cast<size_t>(settings.kv_bytes);
  if (settings.kv_bytes > 0) return cache;
  const size_t page =
      models::PagedCache::page_bytes(kernels::cpu_kernels(), model.llama.shape(), cache.act, cache.format);
  const int64_t length = settings.max_length > 0 ? settings.max_length : model.max_length;
  cache.memory_bytes = page * static_cast<size_t>((length + kernels::kPageTokens - 1) / kernels::kPageTokens);
  return cache;
}

}  // namespace

std::unique_ptr<StepModel> make_step_model(const models::Llama& llama, models::InferenceWeights weights,
                                           const models::PagedCacheSettings& settings, Pool& pool) {
  return std::make_unique<LlamaStepModel>(llama, std::move(weights), settings, pool);
}

Engine::Engine(const Model& model, const EngineSettings& settings, Pool& pool)
    : Engine(make_step_model(model.llama, model.weights, cache_settings(model, settings), pool),
             {.tokenizer = &model.tokenizer, .end_tokens = model.end_tokens, .max_length = model.max_length},
             settings, pool) {}

}  // namespace aurora::infer
