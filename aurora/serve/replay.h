// The answer of a receipt, made again.
#pragma once

#include <string>
#include <vector>

#include "aurora/serve/receipts.h"
#include "aurora/serve/served_model.h"

namespace aurora::serve {

struct Replay {
  std::vector<std::vector<int32_t>> tokens;  // of each choice
  std::vector<std::string> texts;
  bool same = false;  // all hashes are those of the receipt
};
// Error: the model is another one than the receipt's, or the request cannot be answered.
Replay replay(const ReceiptRecord& receipt, const ServedModel& model);

}  // namespace aurora::serve
