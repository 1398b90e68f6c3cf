// What token_convert.cpp reads: one file of numbers and the borders among them. Private to this folder.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "aurora/base/range_file.h"
#include "aurora/format/npy.h"
#include "aurora/format/token_convert.h"

namespace aurora::format {

// A place in the flat stream where a sequence or a document ends.
struct TokenBorder {
  uint64_t end = 0;  // tokens before it
  bool ends_sequence = true;
  bool ends_document = true;
  int8_t mode = 0;
};

class TokenBorders {
 public:
  virtual ~TokenBorders() = default;
  // Tokens begin .. of the stream have been read: appends the borders up to their end that were not yet told,
  // in order.
  virtual void find(uint64_t begin, std::span<const int32_t> tokens, std::vector<TokenBorder>& out) = 0;
  // The stream has ended after `tokens`: appends those still missing.
  virtual void finish(uint64_t tokens, std::vector<TokenBorder>& out) = 0;
};

struct TokenSource {
  std::unique_ptr<RangeFile> file;
  uint64_t data_at = 0;  // offset of the first number
  uint64_t tokens = 0;
  NpyType stored = NpyType::kU16;
  bool multimodal = false;
  std::unique_ptr<TokenBorders> borders;
};

// By the kind, which is not kAuto. Errors: those of convert_tokens().
TokenSource open_token_source(TokenSourceKind kind, const Path& from, const ConvertSettings& settings);

// Kinds with an index (token_source_index.cpp).
TokenSource open_megatron_source(const Path& prefix);
TokenSource open_fairseq_source(const Path& prefix);
TokenSource open_datatrove_source(const Path& path);

// FILE.idx, FILE.bin and FILE name the same pair.
Path pair_prefix(const Path& path);

// Borders at a token, or none but the end.
std::unique_ptr<TokenBorders> borders_at_token(const ConvertSettings& settings);

}  // namespace aurora::format
