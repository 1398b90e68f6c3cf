#include "aurora/format/token_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "aurora/base/check.h"
#include "aurora/base/error.h"
#include "aurora/format/interpolation_search.h"
#include "aurora/format/token_index.h"
#include "aurora/format/token_numbers.h"

namespace aurora::format {
namespace {

using namespace token_index;
using token_numbers::decode;
using token_numbers::load;

constexpr const char* kRemedy = "make the token files again (aurora tokenize), or copy both files anew";

}  // namespace

size_t token_type_bytes(TokenType type) {
  constexpr size_t kBytes[] = {0, 1, 1, 2, 4, 8, 8, 4, 2};
  return kBytes[static_cast<size_t>(type)];
}

const char* token_type_name(TokenType type) {
  constexpr const char* kNames[] = {"", "u8", "i8", "i16", "i32", "i64", "f64", "f32", "u16"};
  return kNames[static_cast<size_t>(type)];
}

std::pair<int32_t, int32_t> token_type_bounds(TokenType type) {
  switch (type) {
    case TokenType::kU8:
      return {0, 255};
    case TokenType::kI8:
      return {-128, 127};
    case TokenType::kI16:
      return {-32768, 32767};
    case TokenType::kU16:
      return {0, 65535};
    case TokenType::kF32:
      return {-(1 << 24), 1 << 24};
    default:
      return {std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max()};
  }
}

TokenType token_type_for_vocab(int64_t vocab_size) {
  return vocab_size < 65500 ? TokenType::kU16 : TokenType::kI32;
}

Path token_bin_path(const Path& prefix) {
  return prefix.string() + ".bin";
}
Path token_idx_path(const Path& prefix) {
  return prefix.string() + ".idx";
}

TokenFile::TokenFile(const Path& prefix, TokenCheck check)
    : prefix_(prefix), idx_(token_idx_path(prefix)), bin_(open_range_file(token_bin_path(prefix))) {
  read_header();
  check_ends();
  if (check == TokenCheck::kFull) check_all();
}

void TokenFile::refuse(const std::string& what, uint64_t offset) const {
  throw Error(what, fmt::format("{}@{}", idx_.path().string(), offset), kRemedy);
}

void TokenFile::read_header() {
  std::span<const std::byte> idx = idx_.bytes();
  if (idx.size() >= 6 && std::memcmp(idx.data(), "TNTIDX", 6) == 0) {
    throw Error("an index of the old fairseq kind (TNTIDX)", idx_.path().string() + "@0",
                "convert it (aurora blend convert), or tokenize the documents again");
  }
  if (idx.size() < kHeaderBytes) {
    refuse(fmt::format("the index is cut short: {} bytes of the {} of its header", idx.size(), kHeaderBytes),
           idx.size());
  }
  if (std::memcmp(idx.data(), kMagic, sizeof kMagic) != 0) refuse("not a token index: wrong magic", 0);
  if (uint64_t version = load<uint64_t>(&idx[kVersionAt]); version != kVersion) {
    refuse(fmt::format("index version {}, this program reads {}", version, kVersion), kVersionAt);
  }
  uint8_t code = load<uint8_t>(&idx[kTypeAt]);
  if (code < 1 || code > 8) refuse(fmt::format("unknown token type code {}", code), kTypeAt);
  type_ = static_cast<TokenType>(code);

  sequences_ = load<uint64_t>(&idx[kSequencesAt]);
  uint64_t boundaries = load<uint64_t>(&idx[kBoundariesAt]);
  uint64_t room = idx.size() - kHeaderBytes;
  if (sequences_ > room / 12) {
    refuse(fmt::format("{} sequences do not fit into an index of {} bytes", sequences_, idx.size()),
           kSequencesAt);
  }
  if (boundaries == 0) refuse("no document boundary, at least one is needed", kBoundariesAt);
  if (boundaries > (room - 12 * sequences_) / 8) {
    refuse(fmt::format("{} document boundaries do not fit into an index of {} bytes", boundaries, idx.size()),
           kBoundariesAt);
  }
  documents_ = boundaries - 1;
  pointers_at_ = kHeaderBytes + 4 * sequences_;
  boundaries_at_ = pointers_at_ + 8 * sequences_;
  uint64_t end = boundaries_at_ + 8 * boundaries;
  modes_at_ = end;
  multimodal_ = sequences_ > 0 && idx.size() == end + sequences_;
  if (idx.size() != end && !multimodal_) {
    refuse(fmt::format("the index has {} bytes, its counts want {}", idx.size(), end), end);
  }
}

int64_t TokenFile::pointer(uint64_t sequence) const {
  return load<int64_t>(&idx_.bytes()[pointers_at_ + 8 * sequence]);
}

int64_t TokenFile::boundary(uint64_t entry) const {
  return load<int64_t>(&idx_.bytes()[boundaries_at_ + 8 * entry]);
}

void TokenFile::check_ends() {
  uint64_t width = token_type_bytes(type_);
  uint64_t bin_bytes = bin_->size();
  if (bin_bytes % width != 0) {
    throw Error(fmt::format("{} bytes are no whole number of {} tokens", bin_bytes, token_type_name(type_)),
                bin_->name(), kRemedy);
  }
  tokens_ = bin_bytes / width;
  uint64_t described = 0;
  if (sequences_ > 0) {
    uint64_t last_at = kHeaderBytes + 4 * (sequences_ - 1);
    int32_t length = load<int32_t>(&idx_.bytes()[last_at]);
    if (length < 0) refuse(fmt::format("sequence of {} tokens", length), last_at);
    if (pointer(0) != 0)
      refuse(fmt::format("the first sequence begins at byte {}", pointer(0)), pointers_at_);
    int64_t last = pointer(sequences_ - 1);
    if (last < 0 || static_cast<uint64_t>(last) > bin_bytes) {
      refuse(fmt::format("the last sequence begins at byte {} of a .bin of {} bytes", last, bin_bytes),
             boundaries_at_ - 8);
    }
    described = static_cast<uint64_t>(last) + static_cast<uint64_t>(length) * width;
  }
  if (described != bin_bytes) {
    throw Error(fmt::format("{} bytes, but its index describes {}", bin_bytes, described), bin_->name(),
                kRemedy);
  }
  if (boundary(0) != 0)
    refuse(fmt::format("first document boundary is {}, not 0", boundary(0)), boundaries_at_);
  if (boundary(documents_) != static_cast<int64_t>(sequences_)) {
    refuse(fmt::format("last document boundary is {}, not {}", boundary(documents_), sequences_),
           boundaries_at_ + 8 * documents_);
  }
}

void TokenFile::check_all() const {
  int64_t width = static_cast<int64_t>(token_type_bytes(type_));
  int64_t expected = 0;
  for (uint64_t i = 0; i < sequences_; ++i) {
    uint64_t length_at = kHeaderBytes + 4 * i;
    int32_t length = load<int32_t>(&idx_.bytes()[length_at]);
    if (length < 0) refuse(fmt::format("sequence {} has {} tokens", i, length), length_at);
    if (pointer(i) != expected) {
      refuse(fmt::format("sequence {} begins at byte {}, but the ones before it end at {}", i, pointer(i),
                         expected),
             pointers_at_ + 8 * i);
    }
    expected += length * width;
  }
  for (uint64_t i = 1; i <= documents_; ++i) {
    if (boundary(i) < boundary(i - 1)) {
      refuse(fmt::format("document boundary {} is {}, below the one before it ({})", i, boundary(i),
                         boundary(i - 1)),
             boundaries_at_ + 8 * i);
    }
  }
}

uint64_t TokenFile::sequence_begin(uint64_t sequence) const {
  AURORA_CHECK_LE(sequence, sequences_);
  if (sequence == sequences_) return tokens_;
  // Widths are powers of two, and searches divide often.
  const uint64_t begin =
      static_cast<uint64_t>(pointer(sequence)) >> std::countr_zero(token_type_bytes(type_));
  if (begin > tokens_) {
    refuse(fmt::format("sequence {} begins behind the end of the .bin", sequence),
           pointers_at_ + 8 * sequence);
  }
  return begin;
}

uint64_t TokenFile::sequence_tokens(uint64_t sequence) const {
  AURORA_CHECK_LT(sequence, sequences_);
  const uint64_t at = kHeaderBytes + 4 * sequence;
  const int32_t length = load<int32_t>(&idx_.bytes()[at]);
  if (length < 0) refuse(fmt::format("sequence {} has {} tokens", sequence, length), at);
  return static_cast<uint64_t>(length);
}

int8_t TokenFile::mode(uint64_t sequence) const {
  AURORA_CHECK_LT(sequence, sequences_);
  return multimodal_ ? load<int8_t>(&idx_.bytes()[modes_at_ + sequence]) : int8_t{0};
}

uint64_t TokenFile::document_first_sequence(uint64_t i) const {
  AURORA_CHECK_LE(i, documents_);
  const uint64_t sequence = static_cast<uint64_t>(boundary(i));
  if (sequence > sequences_) {
    refuse(fmt::format("document boundary {} is {} of {} sequences", i, boundary(i), sequences_),
           boundaries_at_ + 8 * i);
  }
  return sequence;
}

uint64_t TokenFile::document_begin(uint64_t i) const {
  return sequence_begin(document_first_sequence(i));
}

uint64_t TokenFile::document_tokens(uint64_t i) const {
  AURORA_CHECK_LT(i, documents_);
  const uint64_t begin = document_begin(i);
  const uint64_t end = document_begin(i + 1);
  if (end < begin) refuse(fmt::format("document {} ends before it begins", i), boundaries_at_ + 8 * i);
  return end - begin;
}

std::vector<int32_t> TokenFile::document(uint64_t i) const {
  std::vector<int32_t> tokens(document_tokens(i));
  read(document_begin(i), tokens.size(), tokens.data());
  return tokens;
}

uint64_t TokenFile::sequence_of(uint64_t token) const {
  const auto begin = [this](uint64_t i) {
    return i == sequences_ ? static_cast<int64_t>(bin_->size()) : pointer(i);
  };
  const uint64_t i =
      last_not_above(static_cast<int64_t>(token * token_type_bytes(type_)), sequences_, 0, begin);
  if (const int64_t end = begin(i + 1); end < 0 || static_cast<uint64_t>(end) > bin_->size())
    refuse(fmt::format("sequence {} begins behind the end of the .bin", i + 1), pointers_at_ + 8 * (i + 1));
  return i;
}

uint64_t TokenFile::document_of(uint64_t token) const {
  AURORA_CHECK_LT(token, tokens_);
  const uint64_t sequence = sequence_of(token);
  const uint64_t hint = std::min(sequence, documents_ - 1);  // right where a document is one sequence
  return last_not_above(static_cast<int64_t>(sequence), documents_, hint,
                        [this](uint64_t i) { return boundary(i); });
}

void TokenFile::read_raw(uint64_t begin, uint64_t count, void* out) const {
  AURORA_CHECK(begin <= tokens_ && count <= tokens_ - begin, "tokens {} + {} of {}", begin, count, tokens_);
  const size_t width = token_type_bytes(type_);
  bin_->read(begin * width, out, count * width);
}

void TokenFile::will_need(uint64_t begin, uint64_t count) const {
  const size_t width = token_type_bytes(type_);
  if (begin < tokens_) bin_->will_need(begin * width, std::min(count, tokens_ - begin) * width);
}

void TokenFile::read(uint64_t begin, uint64_t count, int32_t* out) const {
  using Decode = uint64_t (*)(const std::byte*, uint64_t, int32_t*);
  constexpr Decode kDecode[] = {nullptr,         decode<uint8_t>, decode<int8_t>,
                                decode<int16_t>, decode<int32_t>, decode<int64_t>,
                                decode<double>,  decode<float>,   decode<uint16_t>};
  const size_t width = token_type_bytes(type_);
  std::array<std::byte, 65536> stored;  // converted while it is in the cache
  for (uint64_t done = 0; done < count;) {
    const uint64_t part = std::min<uint64_t>(count - done, stored.size() / width);
    read_raw(begin + done, part, stored.data());
    const uint64_t good = kDecode[static_cast<size_t>(type_)](stored.data(), part, out + done);
    if (good < part) {
      const uint64_t token = begin + done + good;
      throw Error(fmt::format("token {} is no number in [0, 2^31)", token),
                  fmt::format("{}@{}", bin_->name(), token * width), kRemedy);
    }
    done += part;
  }
}

}  // namespace aurora::format
