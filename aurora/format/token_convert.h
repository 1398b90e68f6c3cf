// Other programs' token files to `.bin/.idx` (docs/formats/token_convert.md says what each looks like).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "aurora/base/file.h"
#include "aurora/format/token_file.h"

namespace aurora::format {

enum class TokenSourceKind : uint8_t {
  kAuto,       // by first bytes, then by ending; a file that says nothing of itself is kFlat
  kMegatron,   // .bin/.idx, to store it in another type
  kFairseq,    // .bin/.idx of magic TNTIDX: fairseq's "lazy" and "cached", and Megatron-LM's variant of it
  kDataTrove,  // NAME.ds with NAME.ds.index (and NAME.ds.metadata)
  kLlmC,       // a header of 256 i32, then u16 (magic 20240520) or u32 (20240801)
  kNumpy,      // .npy with its header: one dimension, or one document per row
  kOlmo,       // .npy without a header (OLMo, Dolma), with NAME.csv.gz or end-of-document tokens
  kFlat,       // bare u16 or u32 (nanoGPT)
};
const char* token_source_name(TokenSourceKind kind);         // "megatron", "fairseq" ..
TokenSourceKind token_source_kind(const std::string& name);  // UsageError: unknown; "auto" is known
TokenSourceKind detect_token_source(const Path& from);       // Error: missing, no token file

struct ConvertSettings {
  TokenSourceKind kind = TokenSourceKind::kAuto;
  // The token at which documents of files without an index end (and which belongs to the document it ends).
  // Without it such a file is one document.
  std::optional<int32_t> end_of_document = std::nullopt;
  bool token_begins_document = false;  // .. begin, instead (llm.c's own files)
  // 2 or 4: of a bare file (kFlat, kOlmo). 0: as vocab_size says (2 up to 65,536), or the .csv.gz.
  uint32_t token_bytes = 0;
  // Tokens must lie below it; 0: not checked. What finds a wrong width or byte order in bare files.
  int64_t vocab_size = 0;
  // What to store; else as it was, u32 as i32 and u64 as i64.
  std::optional<TokenType> type = std::nullopt;
  // A sequence of more tokens is cut into several of the same document (the format's lengths are i32); not
  // where sequences have modes.
  uint64_t longest_sequence = 0x7fffffff;
};

struct ConvertSummary {
  TokenSourceKind kind = TokenSourceKind::kFlat;
  std::string stored;                // "u16" .. as it was
  TokenType type = TokenType::kU16;  // as it is now
  uint64_t documents = 0;
  uint64_t sequences = 0;
  uint64_t tokens = 0;
};

// Writes TO.bin and TO.idx, whole or not at all. Streams: memory is about 8 MiB and what TokenFileWriter
// holds; indices are mapped. `from` may be a prefix where the kind has two files. Error with file@offset and
// a remedy: cut short, swapped bytes, counts that contradict each other, numbers that are no tokens or do not
// fit, nothing said of the width, an output that would replace its input.
ConvertSummary convert_tokens(const Path& from, const Path& to_prefix, const ConvertSettings& settings = {});

}  // namespace aurora::format
