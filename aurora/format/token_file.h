// Token files: Megatron-LM's `.bin/.idx` pair, byte for byte (docs/formats/token_file.md; source:
// megatron/core/datasets/indexed_dataset.py). PREFIX.bin holds the tokens of all documents back to back,
// PREFIX.idx says where each begins. Sizes are 64-bit throughout.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "aurora/base/file.h"

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
// What the writer uses: u16 below 65,500 tokens of vocabulary, else i32 (Megatron's rule).
TokenType token_type_for_vocab(int64_t vocab_size);

Path token_bin_path(const Path& prefix);  // PREFIX.bin
Path token_idx_path(const Path& prefix);  // PREFIX.idx

// Writes one pair; every document is one sequence. Nothing is visible before commit(), which renames .bin
// first and .idx last, so that an .idx never names tokens that are not there. Not thread-safe.
class TokenFileWriter {
 public:
  TokenFileWriter(const Path& prefix, int64_t vocab_size);
  // Tokens must lie in [0, vocab_size) (checked). An empty document is kept as one.
  void append(std::span<const int32_t> document);
  uint64_t documents() const { return lengths_.size(); }
  uint64_t tokens() const { return tokens_; }
  void commit();

 private:
  Path prefix_;
  int64_t vocab_size_;
  TokenType type_;
  AtomicFile bin_;
  std::vector<int32_t> lengths_;
  std::vector<uint8_t> encoded_;
  uint64_t tokens_ = 0;
};

// How much of the .idx the constructor reads. kFull: every length, pointer and boundary, O(documents).
// kEnds: header, sizes and the last entries, O(1), for files whose manifest was verified; each access is
// still held against the file's size, so that a lie is an Error and never a wild read.
enum class TokenCheck { kFull, kEnds };

// Reads a pair through memory maps. Immutable and safe to use from many threads. Errors name file and offset.
class TokenFile {
 public:
  explicit TokenFile(const Path& prefix, TokenCheck check = TokenCheck::kFull);

  const Path& prefix() const { return prefix_; }
  TokenType type() const { return type_; }
  uint64_t documents() const { return documents_; }
  uint64_t sequences() const { return sequences_; }
  uint64_t tokens() const { return tokens_; }

  // First token of document i in the flat stream; i = documents() gives tokens().
  uint64_t document_begin(uint64_t i) const;
  uint64_t document_tokens(uint64_t i) const { return document_begin(i + 1) - document_begin(i); }
  std::vector<int32_t> document(uint64_t i) const;
  // The document that holds token `token` of the flat stream; O(log documents).
  uint64_t document_of(uint64_t token) const;

  // Tokens begin .. begin+count-1 of the flat stream, across documents, into out[count]. A stored value that
  // is no token (negative, a fraction, beyond 2^31) is an Error.
  void read(uint64_t begin, uint64_t count, int32_t* out) const;

 private:
  void read_header();
  void check_ends() const;
  void check_all() const;
  int64_t pointer(uint64_t sequence) const;
  int64_t boundary(uint64_t entry) const;
  [[noreturn]] void refuse(const std::string& what, uint64_t offset) const;

  Path prefix_;
  MappedFile idx_;
  MappedFile bin_;
  TokenType type_ = TokenType::kU16;
  uint64_t sequences_ = 0;
  uint64_t documents_ = 0;
  uint64_t tokens_ = 0;
  uint64_t pointers_at_ = 0;    // offsets in the .idx
  uint64_t boundaries_at_ = 0;  //
};

}  // namespace aurora::format
