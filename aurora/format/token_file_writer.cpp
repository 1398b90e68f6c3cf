#include <algorithm>
#include <limits>

#include "aurora/base/check.h"
#include "aurora/base/fault.h"
#include "aurora/format/token_file.h"
#include "aurora/format/token_index.h"
#include "aurora/format/token_numbers.h"

namespace aurora::format {
namespace {

using namespace token_index;
using token_numbers::encode;

template <typename T>
void put(AtomicFile& file, T value) {
  file.write(&value, sizeof value);
}

}  // namespace

void store_tokens(std::span<const int32_t> tokens, TokenType type, std::vector<uint8_t>& out) {
  using Encode = void (*)(std::span<const int32_t>, uint8_t*);
  constexpr Encode kEncode[] = {nullptr,         encode<uint8_t>, encode<int8_t>,
                                encode<int16_t>, encode<int32_t>, encode<int64_t>,
                                encode<double>,  encode<float>,   encode<uint16_t>};
  const size_t old = out.size();
  out.resize(old + tokens.size() * token_type_bytes(type));
  kEncode[static_cast<size_t>(type)](tokens, out.data() + old);
}

TokenFileWriter::TokenFileWriter(const Path& prefix, TokenType type, bool multimodal)
    : prefix_(prefix),
      least_token_(token_type_bounds(type).first),
      most_token_(token_type_bounds(type).second),
      type_(type),
      multimodal_(multimodal),
      bin_(token_bin_path(prefix)) {}

TokenFileWriter::TokenFileWriter(const Path& prefix, int64_t vocab_size)
    : TokenFileWriter(prefix, token_type_for_vocab(vocab_size)) {
  AURORA_CHECK(vocab_size > 0 && vocab_size <= int64_t{1} << 31);
  least_token_ = 0;
  most_token_ = vocab_size - 1;
}

void TokenFileWriter::append(std::span<const int32_t> document) {
  append_sequence(document);
  end_document();
}

void TokenFileWriter::append_sequence(std::span<const int32_t> tokens, int8_t mode) {
  AURORA_CHECK_EQ(sequence_tokens_, 0u);
  append_tokens(tokens);
  end_sequence(mode);
}

void TokenFileWriter::append_tokens(std::span<const int32_t> tokens) {
  int32_t least = 0, most = 0;
  for (const int32_t token : tokens) {
    least = std::min(least, token);
    most = std::max(most, token);
  }
  AURORA_CHECK(least >= least_token_ && most <= most_token_, "tokens {} to {} outside [{}, {}]", least, most,
               least_token_, most_token_);
  encoded_.clear();
  store_tokens(tokens, type_, encoded_);
  append_raw(encoded_.data(), tokens.size());
}

void TokenFileWriter::append_raw(const void* numbers, uint64_t count) {
  bin_.write(numbers, count * token_type_bytes(type_));
  sequence_tokens_ += count;
  tokens_ += count;
}

void TokenFileWriter::end_sequence(int8_t mode) {
  AURORA_CHECK(sequence_tokens_ <= 0x7fffffff, "a sequence of {} tokens", sequence_tokens_);
  AURORA_CHECK(multimodal_ || mode == 0, "mode {} in a file without modes", mode);
  lengths_.push_back(static_cast<int32_t>(sequence_tokens_));
  if (multimodal_) modes_.push_back(mode);
  sequence_tokens_ = 0;
  ++document_sequences_;
}

void TokenFileWriter::end_document() {
  AURORA_CHECK_EQ(sequence_tokens_, 0u);
  if (boundaries_.empty() && document_sequences_ != 1) {
    for (uint64_t i = 0; i <= documents_; ++i) boundaries_.push_back(static_cast<int64_t>(i));
  }
  ++documents_;
  if (!boundaries_.empty()) boundaries_.push_back(static_cast<int64_t>(lengths_.size()));
  document_sequences_ = 0;
}

void TokenFileWriter::write_idx(AtomicFile& idx) const {
  idx.write(kMagic, sizeof kMagic);
  put(idx, kVersion);
  put(idx, static_cast<uint8_t>(type_));
  put(idx, uint64_t{lengths_.size()});
  put(idx, uint64_t{documents_ + 1});
  idx.write(lengths_.data(), lengths_.size() * sizeof lengths_[0]);
  const uint64_t width = token_type_bytes(type_);
  uint64_t pointer = 0;
  for (const int32_t length : lengths_) {
    put(idx, pointer);
    pointer += static_cast<uint64_t>(length) * width;
  }
  if (boundaries_.empty()) {
    for (uint64_t i = 0; i <= documents_; ++i) put(idx, i);
  } else {
    idx.write(boundaries_.data(), boundaries_.size() * sizeof boundaries_[0]);
  }
  idx.write(modes_.data(), modes_.size());
}

void TokenFileWriter::commit() {
  AURORA_CHECK(sequence_tokens_ == 0 && document_sequences_ == 0, "the last document has not ended");
  AtomicFile idx(token_idx_path(prefix_));
  write_idx(idx);
  // An old .idx beside a new .bin would describe other tokens, so it goes first.
  std::filesystem::remove(token_idx_path(prefix_));
  bin_.commit();
  fault_point("token_file.between");
  idx.commit();
}

}  // namespace aurora::format
