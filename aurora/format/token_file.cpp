#include "aurora/format/token_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "aurora/base/check.h"
#include "aurora/base/error.h"
#include "aurora/base/fault.h"

namespace aurora::format {
namespace {

constexpr char kMagic[9] = {'M', 'M', 'I', 'D', 'I', 'D', 'X', 0, 0};
constexpr uint64_t kVersion = 1;
constexpr uint64_t kVersionAt = 9;
constexpr uint64_t kTypeAt = 17;
constexpr uint64_t kSequencesAt = 18;
constexpr uint64_t kBoundariesAt = 26;
constexpr uint64_t kHeaderBytes = 34;
constexpr const char* kRemedy = "make the token files again (aurora tokenize), or copy both files anew";

// The arrays begin at offset 34 and are never aligned.
template <typename T>
T load(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

template <typename T>
void put(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

// Index of the first value that is no token, or count.
template <typename T>
uint64_t convert(const std::byte* from, uint64_t count, int32_t* out) {
  bool good = true;
  for (uint64_t i = 0; i < count; ++i) {
    T value = load<T>(from + i * sizeof(T));
    bool fits = true;
    if constexpr (std::is_floating_point_v<T>) {
      fits = value >= 0 && value < 2147483648.0 && value == std::floor(value);
    } else if constexpr (std::is_signed_v<T>) {
      fits = value >= 0 && static_cast<uint64_t>(value) <= 0x7fffffff;
    }
    out[i] = fits ? static_cast<int32_t>(value) : -1;
    good = good && fits;
  }
  return good ? count : static_cast<uint64_t>(std::find(out, out + count, -1) - out);
}

}  // namespace

size_t token_type_bytes(TokenType type) {
  constexpr size_t kBytes[] = {0, 1, 1, 2, 4, 8, 8, 4, 2};
  return kBytes[static_cast<size_t>(type)];
}

const char* token_type_name(TokenType type) {
  constexpr const char* kNames[] = {"", "u8", "i8", "i16", "i32", "i64", "f64", "f32", "u16"};
  return kNames[static_cast<size_t>(type)];
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

// --- writer ----------------------------------------------------------------------------------------------

TokenFileWriter::TokenFileWriter(const Path& prefix, int64_t vocab_size)
    : prefix_(prefix),
      vocab_size_(vocab_size),
      type_(token_type_for_vocab(vocab_size)),
      bin_(token_bin_path(prefix)) {
  AURORA_CHECK(vocab_size > 0 && vocab_size <= int64_t{1} << 31);
}

void TokenFileWriter::append(std::span<const int32_t> document) {
  AURORA_CHECK(document.size() <= 0x7fffffff, "lengths are i32 in the format");
  size_t width = token_type_bytes(type_);
  encoded_.resize(document.size() * width);
  for (size_t i = 0; i < document.size(); ++i) {
    AURORA_CHECK(document[i] >= 0 && document[i] < vocab_size_, "token {} in a vocabulary of {}", document[i],
                 vocab_size_);
    std::memcpy(encoded_.data() + i * width, &document[i], width);  // little endian: the low bytes come first
  }
  bin_.write(encoded_.data(), encoded_.size());
  lengths_.push_back(static_cast<int32_t>(document.size()));
  tokens_ += document.size();
}

void TokenFileWriter::commit() {
  std::string header(kMagic, sizeof kMagic);
  put(header, kVersion);
  put(header, static_cast<uint8_t>(type_));
  put(header, uint64_t{documents()});
  put(header, uint64_t{documents() + 1});

  AtomicFile idx(token_idx_path(prefix_));
  idx.write(header);
  idx.write(lengths_.data(), lengths_.size() * sizeof(int32_t));
  uint64_t width = token_type_bytes(type_);
  int64_t pointer = 0;
  for (int32_t length : lengths_) {
    idx.write(&pointer, sizeof pointer);
    pointer += static_cast<int64_t>(static_cast<uint64_t>(length) * width);
  }
  for (int64_t i = 0; i <= static_cast<int64_t>(documents()); ++i) idx.write(&i, sizeof i);

  // An old .idx beside a new .bin would describe other tokens, so it goes first.
  std::filesystem::remove(token_idx_path(prefix_));
  bin_.commit();
  fault_point("token_file.between");
  idx.commit();
}

// --- reader ----------------------------------------------------------------------------------------------

TokenFile::TokenFile(const Path& prefix, TokenCheck check)
    : prefix_(prefix), idx_(token_idx_path(prefix)), bin_(token_bin_path(prefix)) {
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
                "convert it with the program that made it, or tokenize the documents again");
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
  // A multimodal index has one more byte per sequence, its mode.
  if (idx.size() != end && idx.size() != end + sequences_) {
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
  uint64_t bin_bytes = bin_.bytes().size();
  if (bin_bytes % width != 0) {
    throw Error(fmt::format("{} bytes are no whole number of {} tokens", bin_bytes, token_type_name(type_)),
                bin_.path().string(), kRemedy);
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
    throw Error(fmt::format("{} bytes, but its index describes {}", bin_bytes, described),
                bin_.path().string(), kRemedy);
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

uint64_t TokenFile::document_begin(uint64_t i) const {
  AURORA_CHECK_LE(i, documents_);
  uint64_t sequence = static_cast<uint64_t>(boundary(i));
  if (sequence > sequences_) {
    refuse(fmt::format("document boundary {} is {} of {} sequences", i, boundary(i), sequences_),
           boundaries_at_ + 8 * i);
  }
  if (sequence == sequences_) return tokens_;
  uint64_t begin = static_cast<uint64_t>(pointer(sequence)) / token_type_bytes(type_);
  if (begin > tokens_) {
    refuse(fmt::format("sequence {} begins behind the end of the .bin", sequence),
           pointers_at_ + 8 * sequence);
  }
  return begin;
}

uint64_t TokenFile::document_tokens(uint64_t i) const {
  AURORA_CHECK_LT(i, documents_);
  uint64_t begin = document_begin(i);
  uint64_t end = document_begin(i + 1);
  if (end < begin) refuse(fmt::format("document {} ends before it begins", i), boundaries_at_ + 8 * i);
  return end - begin;
}

std::vector<int32_t> TokenFile::document(uint64_t i) const {
  std::vector<int32_t> tokens(document_tokens(i));
  read(document_begin(i), tokens.size(), tokens.data());
  return tokens;
}

uint64_t TokenFile::document_of(uint64_t token) const {
  AURORA_CHECK_LT(token, tokens_);
  uint64_t low = 0;
  uint64_t high = documents_;  // document_begin(low) <= token < document_begin(high)
  while (high - low > 1) {
    uint64_t middle = low + (high - low) / 2;
    (document_begin(middle) <= token ? low : high) = middle;
  }
  return low;
}

void TokenFile::read(uint64_t begin, uint64_t count, int32_t* out) const {
  AURORA_CHECK(begin <= tokens_ && count <= tokens_ - begin, "tokens {} + {} of {}", begin, count, tokens_);
  if (count == 0) return;
  const std::byte* from = &bin_.bytes()[begin * token_type_bytes(type_)];
  using Convert = uint64_t (*)(const std::byte*, uint64_t, int32_t*);
  constexpr Convert kConvert[] = {nullptr,          convert<uint8_t>, convert<int8_t>,
                                  convert<int16_t>, convert<int32_t>, convert<int64_t>,
                                  convert<double>,  convert<float>,   convert<uint16_t>};
  uint64_t good = kConvert[static_cast<size_t>(type_)](from, count, out);
  if (good < count) {
    throw Error(fmt::format("token {} is no number in [0, 2^31)", begin + good),
                fmt::format("{}@{}", bin_.path().string(), (begin + good) * token_type_bytes(type_)),
                kRemedy);
  }
}

}  // namespace aurora::format
