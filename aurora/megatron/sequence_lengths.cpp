#include "aurora/megatron/sequence_lengths.h"

#include <fmt/format.h>

#include "aurora/base/error.h"

namespace aurora::megatron {

namespace {

constexpr size_t kLengthsAt = 34;  // bytes before them in an .idx

}  // namespace

SequenceLengths::SequenceLengths(const Path& prefix) {
  const format::TokenFile file(prefix, format::TokenCheck::kEnds);  // checks header and sizes
  size_ = file.sequences();
  tokens_ = file.tokens();
  idx_ = std::make_shared<const MappedFile>(format::token_idx_path(prefix));
  if (idx_->bytes().size() < kLengthsAt + size_ * sizeof(int32_t)) {
    throw Error("the index changed while it was opened", idx_->path().string(), "run again");
  }
  data_ = idx_->bytes().data() + kLengthsAt;
}

int64_t SequenceLengths::sum(uint64_t begin, uint64_t end) const {
  int64_t sum = 0;
  int32_t signs = 0;
  for (uint64_t i = begin; i < end; ++i) {
    const int32_t length = (*this)[i];
    sum += length;
    signs |= length;
  }
  if (signs < 0) {
    throw Error("a sequence of negative length",
                idx_ ? fmt::format("{}@{}", idx_->path().string(), kLengthsAt) : std::string(),
                "make the token file again from its documents");
  }
  return sum;
}

}  // namespace aurora::megatron
