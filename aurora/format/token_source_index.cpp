// Token files whose documents stand in an index: Megatron's, fairseq's and DataTrove's.
#include <fmt/format.h>

#include <charconv>
#include <cstring>
#include <string_view>
#include <utility>

#include "aurora/base/error.h"
#include "aurora/format/token_numbers.h"
#include "aurora/format/token_source.h"

namespace aurora::format {
namespace {

using token_numbers::load;

constexpr std::string_view kFairseqMagic("TNTIDX\0\0", 8);

// Borders that can be told one by one, in order.
class ListedBorders : public TokenBorders {
 public:
  void find(uint64_t begin, std::span<const int32_t> tokens, std::vector<TokenBorder>& out) override {
    tell(begin + tokens.size(), out);
  }
  void finish(uint64_t tokens, std::vector<TokenBorder>& out) override { tell(tokens, out); }

 protected:
  virtual bool next(TokenBorder& border) = 0;

 private:
  void tell(uint64_t end, std::vector<TokenBorder>& out) {
    if (!started_) more_ = next(border_);
    started_ = true;
    for (; more_ && border_.end <= end; more_ = next(border_)) out.push_back(border_);
  }
  TokenBorder border_;
  bool started_ = false;
  bool more_ = false;
};

// Sequences one after the other, and documents as numbers of sequences. `Index` has sequences(), documents(),
// end(sequence), boundary(document) and mode(sequence); all were checked.
template <typename Index>
class SequenceBorders : public ListedBorders {
 public:
  explicit SequenceBorders(Index index) : index_(std::move(index)) {}

 protected:
  bool next(TokenBorder& border) override {
    const bool inside = document_ < index_.documents();
    if (inside && sequence_ == index_.boundary(document_ + 1)) {  // a document without sequences
      border.ends_sequence = false;
      border.ends_document = true;
      ++document_;
      return true;
    }
    if (sequence_ == index_.sequences()) return false;
    border.end = index_.end(sequence_);
    border.mode = index_.mode(sequence_);
    border.ends_sequence = true;
    ++sequence_;
    border.ends_document = inside && sequence_ == index_.boundary(document_ + 1);
    if (border.ends_document) ++document_;
    return true;
  }

 private:
  Index index_;
  uint64_t sequence_ = 0;
  uint64_t document_ = 0;  // that is being told
};

struct MegatronIndex {
  std::unique_ptr<TokenFile> file;
  uint64_t sequences() const { return file->sequences(); }
  uint64_t documents() const { return file->documents(); }
  uint64_t end(uint64_t sequence) const {
    return file->sequence_begin(sequence) + file->sequence_tokens(sequence);
  }
  uint64_t boundary(uint64_t document) const { return file->document_first_sequence(document); }
  int8_t mode(uint64_t sequence) const { return file->mode(sequence); }
};

NpyType stored_type(TokenType type) {
  constexpr NpyType kTypes[] = {NpyType::kU8,  NpyType::kU8,  NpyType::kI8,  NpyType::kI16, NpyType::kI32,
                                NpyType::kI64, NpyType::kF64, NpyType::kF32, NpyType::kU16};
  return kTypes[static_cast<size_t>(type)];
}

// --- fairseq ----------------------------------------------------------------------------------------------

// magic, then u64: version, type code, element size, items N, dimensions S, and in Megatron-LM's variant the
// count D of document entries; then i64: N+1 dimension offsets, N+1 data offsets (in elements), S sizes, and
// D document entries (numbers of items).
class FairseqIndex {
 public:
  explicit FairseqIndex(const Path& path) : map_(path) { read_header(); }

  NpyType type() const { return type_; }
  uint64_t sequences() const { return items_; }
  uint64_t documents() const { return has_documents_ ? entries_ - 1 : items_; }
  uint64_t end(uint64_t item) const { return number(data_at_ + 8 * (item + 1)); }
  uint64_t boundary(uint64_t document) const {
    return has_documents_ ? number(documents_at_ + 8 * document) : document;
  }
  int8_t mode(uint64_t) const { return 0; }

  void check(uint64_t bin_bytes, const std::string& bin_name) const {
    uint64_t dimension = 0, tokens = 0;
    expect(dimensions_at_, 0, "the first dimension offset");
    expect(data_at_, 0, "the first data offset");
    for (uint64_t item = 0; item < items_; ++item) {
      const uint64_t last = number(dimensions_at_ + 8 * (item + 1));
      if (last < dimension || last > sizes_)
        refuse(fmt::format("item {} has the sizes {} to {} of {}", item, dimension, last, sizes_),
               dimensions_at_ + 8 * (item + 1));
      uint64_t elements = 1;
      for (; dimension < last; ++dimension)
        if (__builtin_mul_overflow(elements, number(sizes_at_ + 8 * dimension), &elements))
          refuse(fmt::format("item {} has more elements than 64 bits count", item),
                 sizes_at_ + 8 * dimension);
      if (__builtin_add_overflow(tokens, elements, &tokens)) tokens = ~uint64_t{0};
      expect(data_at_ + 8 * (item + 1), tokens, "the data offset that its sizes add up to");
    }
    if (dimension != sizes_) refuse(fmt::format("{} sizes belong to no item", sizes_ - dimension), sizes_at_);
    if (tokens > bin_bytes || tokens * npy_type_bytes(type_) != bin_bytes) {
      throw Error(fmt::format("{} bytes, but its index describes {} numbers of {}", bin_bytes, tokens,
                              npy_type_name(type_)),
                  fmt::format("{}@{}", bin_name, bin_bytes), "copy both files anew");
    }
    if (!has_documents_) return;
    expect(documents_at_, 0, "the first document entry");
    for (uint64_t i = 1; i < entries_; ++i)
      if (boundary(i) < boundary(i - 1))
        refuse(fmt::format("document entry {} is {}, below the one before it", i, boundary(i)),
               documents_at_ + 8 * i);
    expect(documents_at_ + 8 * (entries_ - 1), items_, "the last document entry");
  }

 private:
  [[noreturn]] void refuse(const std::string& what, uint64_t at) const {
    throw Error(what, fmt::format("{}@{}", map_.path().string(), at),
                "copy both files anew, or make them again with the program that made them");
  }
  uint64_t number(uint64_t at) const { return load<uint64_t>(&map_.bytes()[at]); }
  void expect(uint64_t at, uint64_t wanted, const char* name) const {
    if (number(at) != wanted)
      refuse(fmt::format("{} is {}, not {}", name, static_cast<int64_t>(number(at)), wanted), at);
  }

  void read_header() {
    const uint64_t size = map_.bytes().size();
    if (size < 48)
      refuse(fmt::format("the index is cut short: {} bytes of the 48 of its header", size), size);
    if (std::memcmp(map_.bytes().data(), kFairseqMagic.data(), kFairseqMagic.size()) != 0)
      refuse("no index of fairseq's: wrong magic", 0);
    if (number(8) == uint64_t{1} << 56) refuse("its numbers are big-endian", 8);
    if (number(8) != 1) refuse(fmt::format("index version {}, this program reads 1", number(8)), 8);
    read_type();
    items_ = number(32);
    sizes_ = number(40);
    const uint64_t room = size / 8;
    if (items_ > room || sizes_ > room)
      refuse(fmt::format("{} items and {} sizes do not fit into {} bytes", items_, sizes_, size), 32);
    // fairseq's own has dimension offset 0, which is 0, where Megatron-LM counts document entries, at
    // least 1.
    has_documents_ = size >= 56 && number(48) != 0;
    entries_ = has_documents_ ? number(48) : 0;
    if (entries_ > room)
      refuse(fmt::format("{} document entries do not fit into {} bytes", entries_, size), 48);
    dimensions_at_ = has_documents_ ? 56 : 48;
    data_at_ = dimensions_at_ + 8 * (items_ + 1);
    sizes_at_ = data_at_ + 8 * (items_ + 1);
    documents_at_ = sizes_at_ + 8 * sizes_;
    if (const uint64_t end = documents_at_ + 8 * entries_; end != size)
      refuse(fmt::format("the index has {} bytes, its counts want {}", size, end), std::min(end, size));
  }

  void read_type() {
    // Codes are fairseq's; 6 is f32 or f64, as the element size says.
    constexpr std::pair<uint64_t, NpyType> kCodes[] = {
        {1, NpyType::kU8},  {2, NpyType::kI8},  {3, NpyType::kI16}, {4, NpyType::kI32},
        {5, NpyType::kI64}, {6, NpyType::kF32}, {6, NpyType::kF64}, {7, NpyType::kF64},
        {8, NpyType::kU16}, {9, NpyType::kU32}, {10, NpyType::kU64}};
    for (const auto& [code, type] : kCodes) {
      if (code != number(16) || npy_type_bytes(type) != number(24)) continue;
      type_ = type;
      return;
    }
    refuse(fmt::format("type code {} with elements of {} bytes", number(16), number(24)), 16);
  }

  MappedFile map_;
  NpyType type_ = NpyType::kI32;
  bool has_documents_ = false;
  uint64_t items_ = 0;
  uint64_t sizes_ = 0;
  uint64_t entries_ = 0;
  uint64_t dimensions_at_ = 0;  // offsets in the .idx
  uint64_t data_at_ = 0;        //
  uint64_t sizes_at_ = 0;       //
  uint64_t documents_at_ = 0;   //
};

// --- DataTrove --------------------------------------------------------------------------------------------

// NAME.ds.index: u64 end of each document, in tokens.
class DataTroveBorders : public ListedBorders {
 public:
  explicit DataTroveBorders(const Path& path) : map_(path) {
    const uint64_t size = map_.bytes().size();
    if (size % 8 != 0) refuse("the index is cut short: it is a list of 8-byte numbers", size / 8 * 8);
    documents_ = size / 8;
    for (uint64_t i = 1; i < documents_; ++i)
      if (end(i) < end(i - 1))
        refuse(fmt::format("document {} ends at token {}, the one before it at {}", i, end(i), end(i - 1)),
               8 * i);
  }
  uint64_t tokens() const { return documents_ == 0 ? 0 : end(documents_ - 1); }

 protected:
  bool next(TokenBorder& border) override {
    if (at_ == documents_) return false;
    border.end = end(at_++);
    return true;
  }

 private:
  [[noreturn]] void refuse(const std::string& what, uint64_t at) const {
    throw Error(what, fmt::format("{}@{}", map_.path().string(), at), "copy the .ds and its .index anew");
  }
  uint64_t end(uint64_t document) const { return load<uint64_t>(&map_.bytes()[8 * document]); }

  MappedFile map_;
  uint64_t documents_ = 0;
  uint64_t at_ = 0;
};

// NAME.ds.metadata: "TOKENIZER|BYTES", the count of tokens, the count for people; older ones have no |BYTES
// and 2-byte tokens.
void check_datatrove_metadata(const Path& path, uint64_t tokens, size_t width) {
  if (!std::filesystem::exists(path)) return;
  const std::string text = read_file(path, 65536);
  const size_t line = text.find('\n');
  const std::string_view name = std::string_view(text).substr(0, line);
  const size_t bar = name.rfind('|');
  uint64_t said_width = bar == std::string_view::npos ? width : 0, said_tokens = 0;
  if (bar != std::string_view::npos)
    std::from_chars(name.data() + bar + 1, name.data() + name.size(), said_width);
  if (line != std::string::npos)
    std::from_chars(text.data() + line + 1, text.data() + text.size(), said_tokens);
  if (said_width != width || said_tokens != tokens) {
    throw Error(fmt::format("it says {} tokens of {} bytes, the files have {} of {}", said_tokens, said_width,
                            tokens, width),
                path.string(),
                "copy all three files anew, or move the .metadata away if it is known to be wrong");
  }
}

}  // namespace

TokenSource open_megatron_source(const Path& prefix) {
  MegatronIndex index{std::make_unique<TokenFile>(prefix)};
  TokenSource source;
  source.file = open_range_file(token_bin_path(prefix));
  source.tokens = index.file->tokens();
  source.stored = stored_type(index.file->type());
  source.multimodal = index.file->multimodal();
  source.borders = std::make_unique<SequenceBorders<MegatronIndex>>(std::move(index));
  return source;
}

TokenSource open_fairseq_source(const Path& prefix) {
  FairseqIndex index(token_idx_path(prefix));
  TokenSource source;
  source.file = open_range_file(token_bin_path(prefix));
  index.check(source.file->size(), source.file->name());
  source.stored = index.type();
  source.tokens = source.file->size() / npy_type_bytes(index.type());
  source.borders = std::make_unique<SequenceBorders<FairseqIndex>>(std::move(index));
  return source;
}

TokenSource open_datatrove_source(const Path& path) {
  auto borders = std::make_unique<DataTroveBorders>(path.string() + ".index");
  TokenSource source;
  source.file = open_range_file(path);
  source.tokens = borders->tokens();
  const uint64_t bytes = source.file->size();
  const uint64_t width = source.tokens == 0           ? (bytes == 0 ? 2 : 0)
                         : bytes % source.tokens == 0 ? bytes / source.tokens
                                                      : 0;
  if (width != 2 && width != 4) {
    throw Error(fmt::format("{} bytes are not the {} tokens of its index, of 2 or 4 bytes each", bytes,
                            source.tokens),
                fmt::format("{}@{}", path.string(), bytes), "copy the .ds and its .index anew");
  }
  source.stored = width == 2 ? NpyType::kU16 : NpyType::kU32;
  check_datatrove_metadata(path.string() + ".metadata", source.tokens, width);
  source.borders = std::move(borders);
  return source;
}

}  // namespace aurora::format
