// Held-out bits per byte: how well the model predicts documents that it was not trained on, per language and
// per corpus, beside compressors given the same documents one after the other.
#pragma once

#include <vector>

#include "aurora/base/log.h"
#include "aurora/base/threads.h"
#include "aurora/evaluate/results.h"
#include "aurora/infer/model.h"

namespace aurora::evaluate {

// tokens_folder: what the tokenize stage made; its heldout-*.jsonl.zst are read. A document longer than the
// model's length is read in windows that overlap by half, and each token is counted once, in the window that
// gives it the most context. The bits do not depend on the number of threads.
std::vector<HeldOutRow> evaluate_held_out(const infer::Model& model, const Path& tokens_folder, Pool& pool,
                                          Log& log);

// Windows over n tokens for a model of length T: each predicts tokens [first, end) (0-based in the document)
// and reads from `begin` on. Exposed for tests.
struct Window {
  int64_t begin = 0;  // first token read
  int64_t first = 0;  // first token counted
  int64_t end = 0;
};
std::vector<Window> windows(int64_t tokens, int64_t length);

}  // namespace aurora::evaluate
