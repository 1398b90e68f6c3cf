// What the engine needs of a model: pages, and logits or hidden rows of pieces of many sequences at once.
// The real one is made by make_step_model() (llama_step_model.h); tests bring models whose logits one can
// work out by hand.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "aurora/models/step.h"
#include "aurora/tokenizer/tokenizer.h"

namespace aurora::infer {

// A piece of one sequence: see models/step.h.
using SequencePiece = models::SequenceStep;

// Not thread-safe. Rows of a page are written when their tokens are stepped, and again when stepped again.
class StepModel {
 public:
  virtual ~StepModel() = default;

  virtual int64_t vocab() const = 0;  // V
  virtual int64_t width() const = 0;  // C
  virtual int64_t page_tokens() const = 0;
  virtual int64_t pages() const = 0;  // of the pool
  virtual int64_t free_pages() const = 0;

  virtual std::optional<int32_t> allocate_page() = 0;  // nothing when all are taken
  virtual void release_page(int32_t page) = 0;         // of allocate_page(), once

  // [wanted rows in order, V]; the caller may overwrite them. Valid until the next call. Error: the step
  // failed, and what its pages hold of the pieces' tokens is undefined.
  virtual std::span<float> logits(std::span<const SequencePiece> pieces) = 0;
  // Rows of the final norm: [wanted rows in order, C]. As above.
  virtual std::span<const float> hidden(std::span<const SequencePiece> pieces) = 0;
};

// Tokens as the engine sees them. The tokenizer must outlive it.
struct ModelTokens {
  const tokenizer::Tokenizer* tokenizer = nullptr;
  std::vector<int32_t> end_tokens;  // an answer ends with any of these
  int64_t max_length = 0;           // longest sequence of the model
};

}  // namespace aurora::infer
