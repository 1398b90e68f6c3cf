// Token files: Megatron-LM's `.bin/.idx` pair, byte for byte (docs/formats/token_file.md; source:
// megatron/core/datasets/indexed_dataset.py). PREFIX.bin holds the tokens of all documents back to back,
// PREFIX.idx says where each begins. Sizes are 64-bit throughout.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "aurora/base/file.h"
#include "aurora/base/range_file.h"

namespace aurora::format {

// The code in the .idx. Numbers are Megatron's.
enum class TokenType : uint8_t {
  kU8 = 1,
  kI8 = 2,
  kI16 = 3,
  kI32 = 4,
  kI64 = 5,
  kF64 = 6,
  kF32 = 7,
  kU16 = 8,
};
size_t token_type_bytes(TokenType type);
const char* token_type_name(TokenType type);
// The least and the greatest int32_t up to which a type holds every one.
std::pair<int32_t, int32_t> token_type_bounds(TokenType type);
// Tokens as numbers of the stored type, appended to `out`; each must fit the type (token_type_bounds).
void store_tokens(std::span<const int32_t> tokens, TokenType type, std::vector<uint8_t>& out);
// What the writer uses: u16 below 65,500 tokens of vocabulary, else i32 (Megatron's rule; a newer fast path
// of theirs takes u16 up to 65,536: name the type to write so. Readers take the type from the .idx).
TokenType token_type_for_vocab(int64_t vocab_size);

Path token_bin_path(const Path& prefix);  // PREFIX.bin
Path token_idx_path(const Path& prefix);  // PREFIX.idx

// Writes one pair. Nothing is visible before commit(), which renames .bin first and .idx last, so that an
// .idx never names tokens that are not there. Holds 4 bytes per sequence in memory (8 more per document when
// documents are not one sequence each, 1 more when multimodal). Not thread-safe.
class TokenFileWriter {
 public:
  // Tokens in [0, vocab_size), stored as token_type_for_vocab() says.
  TokenFileWriter(const Path& prefix, int64_t vocab_size);
  // Any stored type; multimodal: every sequence also has a mode.
  TokenFileWriter(const Path& prefix, TokenType type, bool multimodal = false);

  // One document of one sequence. An empty document is kept as one (of one empty sequence).
  void append(std::span<const int32_t> document);

  // One sequence of the document that is being written. Every token must fit the type and the vocabulary
  // (checked).
  void append_sequence(std::span<const int32_t> tokens, int8_t mode = 0);
  // The next tokens of the sequence being written; as numbers of the stored type, which are not looked at ..
  void append_tokens(std::span<const int32_t> tokens);
  void append_raw(const void* numbers, uint64_t count);
  // .. and its end. At most 2^31 - 1 tokens a sequence: the format holds lengths as i32 (checked).
  void end_sequence(int8_t mode = 0);
  // A document without a sequence is one, too.
  void end_document();

  uint64_t documents() const { return documents_; }
  uint64_t sequences() const { return lengths_.size(); }
  uint64_t tokens() const { return tokens_; }
  // Every sequence and document must have ended (checked).
  void commit();

 private:
  void write_idx(AtomicFile& idx) const;

  Path prefix_;
  int64_t least_token_;  // what append_sequence() takes
  int64_t most_token_;   //
  TokenType type_;
  bool multimodal_;
  AtomicFile bin_;
  std::vector<int32_t> lengths_;
  std::vector<int8_t> modes_;
  std::vector<int64_t> boundaries_;  // empty while document i is sequence i
  uint64_t documents_ = 0;
  uint64_t tokens_ = 0;
  uint64_t sequence_tokens_ = 0;     // of the sequence being written
  uint64_t document_sequences_ = 0;  // of the document being written
  std::vector<uint8_t> encoded_;
};

// One pair whose totals are known beforehand, written in ranges by threads and processes at once; every
// document is one sequence. The bytes are those of TokenFileWriter. Not atomic: write aside, then rename .bin
// and after it .idx.
class TokenFileRanges {
 public:
  struct Totals {
    TokenType type = TokenType::kU16;
    uint64_t documents = 0;
    uint64_t tokens = 0;
  };
  // Makes both files anew, at full size. Once, before anybody opens them.
  static void create(const Path& prefix, const Totals& totals);
  // Opens what create() made with these totals.
  TokenFileRanges(const Path& prefix, const Totals& totals);
  ~TokenFileRanges();
  TokenFileRanges(const TokenFileRanges&) = delete;

  // Both are thread-safe. Documents from first_document on, of so many tokens each, the first of which is
  // token first_token of the flat stream ..
  void write_lengths(uint64_t first_document, uint64_t first_token, std::span<const int32_t> lengths);
  // .. and tokens from first_token on, as numbers of the stored type, which are not looked at.
  void write_tokens(uint64_t first_token, const void* numbers, uint64_t count);
  // What this object wrote is on the disk when it returns.
  void sync();

 private:
  Path prefix_;
  Totals totals_;
  int bin_ = -1;
  int idx_ = -1;
};

// How much of the .idx the constructor reads. kFull: every length, pointer and boundary, O(documents).
// kEnds: header, sizes and the last entries, O(1), for files whose manifest was verified; each access is
// still held against the file's size, so that a lie is an Error and never a wild read.
enum class TokenCheck { kFull, kEnds };

// Reads a pair. The .bin is read by ranges (base/range_file.h); the .idx is a memory map: it is metadata,
// some 20 bytes per document, and where there is an object store it is fetched whole before the run.
// Immutable and safe to use from many threads. Errors name file and offset.
class TokenFile {
 public:
  explicit TokenFile(const Path& prefix, TokenCheck check = TokenCheck::kFull);

  const Path& prefix() const { return prefix_; }
  TokenType type() const { return type_; }
  uint64_t documents() const { return documents_; }
  uint64_t sequences() const { return sequences_; }
  uint64_t tokens() const { return tokens_; }
  bool multimodal() const { return multimodal_; }

  // First token of document i in the flat stream; i = documents() gives tokens(). Walking on from a document
  // costs two loads each.
  uint64_t document_begin(uint64_t i) const;
  uint64_t document_tokens(uint64_t i) const;
  std::vector<int32_t> document(uint64_t i) const;
  // The document that holds token `token` of the flat stream: some three cache misses among millions of
  // documents (search by interpolation).
  uint64_t document_of(uint64_t token) const;

  // Bring what sequence_begin(i) and document_first_sequence(i) look at nearer to this core; never an error.
  void prefetch_sequence(uint64_t i) const { __builtin_prefetch(idx_.bytes().data() + pointers_at_ + 8 * i); }
  void prefetch_document(uint64_t i) const {
    __builtin_prefetch(idx_.bytes().data() + boundaries_at_ + 8 * i);
  }

  // The sequences of document i are document_first_sequence(i) .. document_first_sequence(i + 1) - 1; most
  // writers make one.
  uint64_t document_first_sequence(uint64_t i) const;
  uint64_t sequence_begin(uint64_t sequence) const;  // sequence = sequences() gives tokens()
  uint64_t sequence_tokens(uint64_t sequence) const;
  int8_t mode(uint64_t sequence) const;  // 0 unless multimodal

  // Tokens begin .. begin+count-1 of the flat stream, across documents, into out[count]. A stored value that
  // is no token (negative, a fraction, beyond 2^31) is an Error.
  void read(uint64_t begin, uint64_t count, int32_t* out) const;
  // The same as it is stored: count numbers of type(), not looked at.
  void read_raw(uint64_t begin, uint64_t count, void* out) const;
  // These tokens will be read soon: a hint.
  void will_need(uint64_t begin, uint64_t count) const;

 private:
  void read_header();
  void check_ends();  // sets tokens_
  void check_all() const;
  int64_t pointer(uint64_t sequence) const;
  int64_t boundary(uint64_t entry) const;
  uint64_t sequence_of(uint64_t token) const;
  [[noreturn]] void refuse(const std::string& what, uint64_t offset) const;

  Path prefix_;
  MappedFile idx_;
  std::unique_ptr<RangeFile> bin_;
  TokenType type_ = TokenType::kU16;
  bool multimodal_ = false;
  uint64_t sequences_ = 0;
  uint64_t documents_ = 0;
  uint64_t tokens_ = 0;
  uint64_t pointers_at_ = 0;    // offsets in the .idx
  uint64_t boundaries_at_ = 0;  //
  uint64_t modes_at_ = 0;       //
};

}  // namespace aurora::format
