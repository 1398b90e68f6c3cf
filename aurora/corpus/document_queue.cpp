#include "aurora/corpus/document_queue.h"

#include <filesystem>

namespace aurora::corpus {
namespace {
constexpr int64_t kPartBytes = 256'000'000;
}

DocumentQueue::DocumentQueue(Path folder, int64_t memory_bytes)
    : folder_(std::move(folder)), memory_left_(memory_bytes) {
  std::filesystem::remove_all(folder_);  // of a run that was killed
}

DocumentQueue::~DocumentQueue() {
  writer_.reset();
  reader_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void DocumentQueue::push(format::Document&& document) {
  const auto bytes = static_cast<int64_t>(document.text.size());
  if (!writer_ && bytes <= memory_left_) {
    memory_left_ -= bytes;
    in_memory_.push_back(std::move(document));
    return;
  }
  if (!writer_) writer_ = std::make_unique<format::DocumentWriter>(folder_, "part", kPartBytes);
  writer_->add(document);
}

bool DocumentQueue::next(format::Document& document) {
  if (next_ < in_memory_.size()) {
    document = std::move(in_memory_[next_++]);
    return true;
  }
  if (!writer_) return false;
  if (!reader_) {
    writer_->finish();
    reader_ = std::make_unique<format::DocumentReader>(folder_);
  }
  return reader_->next(document);
}

}  // namespace aurora::corpus
