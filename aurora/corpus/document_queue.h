// Documents that wait, in order, for the verdict on near duplicates: in memory up to a budget, the others in
// compressed files of a folder that goes with the queue.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "aurora/format/document.h"

namespace aurora::corpus {

// First all push()es, then one pass of next(). Not thread-safe.
class DocumentQueue {
 public:
  // folder: made when the budget is spent, removed by the destructor. memory_bytes: of text.
  DocumentQueue(Path folder, int64_t memory_bytes);
  ~DocumentQueue();
  DocumentQueue(const DocumentQueue&) = delete;

  void push(format::Document&& document);
  bool next(format::Document& document);

 private:
  Path folder_;
  int64_t memory_left_;
  std::vector<format::Document> in_memory_;
  size_t next_ = 0;
  std::unique_ptr<format::DocumentWriter> writer_;
  std::unique_ptr<format::DocumentReader> reader_;
};

}  // namespace aurora::corpus
