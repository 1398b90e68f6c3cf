// Everything that a tokenizer is, as plain data: file formats are read into a Spec and written from one, and
// a Tokenizer is built of one. What a Spec cannot say is refused by name where it is read, never
// approximated.
//
// The way of a text through it (docs/formats/tokenizer.md): added tokens with normalized = false are cut out;
// what lies between is normalized; added tokens with normalized = true are cut out; the rest is cut into
// words by the pre-tokenizers; the model turns each word into ids; the template puts ids around them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace aurora::tokenizer {

enum class ModelKind {
  kBpe,      // merges of pairs by rank (Sennrich et al. 2016, arXiv:1508.07909)
  kUnigram,  // the most probable pieces (Kudo 2018, arXiv:1804.10959); one word at a time, as `tokenizers`
  kSentencePieceUnigram,  // the same as SentencePiece computes it: the whole text at once, sums in f32
};

enum class TokenKind : uint8_t {
  kNormal,
  kUnknown,  // <unk>: stands for what has no token
  kControl,  // <s>: never made from text
  kByte,     // <0x0A>: byte fallback; stands for one byte
  kUnused,   // in the file, never made
  kAdded,    // an id outside the model: stands in Spec::added only
  kHole,     // no token has this id
};

struct Token {
  // Of a byte-level model (Spec::byte_level): the bytes themselves. Else the piece as it is spelled in the
  // file ("\u2581low", "<0x0A>"); kAdded: its text; kHole: empty.
  std::string text;
  double score = 0;  // unigram: log probability. BPE of SentencePiece: its score (kept for writing)
  TokenKind kind = TokenKind::kNormal;
  bool operator==(const Token&) const = default;
};

// Neighbours that join. Lower ranks first, of equal ranks the leftmost. Ranks need not be distinct: in a rank
// file (tiktoken) every pair that joins to a token has that token's rank.
struct MergeRule {
  int32_t left = 0;
  int32_t right = 0;
  int32_t result = 0;  // its text is the joined text
  uint32_t rank = 0;
  bool operator==(const MergeRule&) const = default;
};

// A token found in the text itself before anything else is done to it.
struct AddedToken {
  int32_t id = 0;
  std::string text;
  bool special = true;       // not special: found even where special tokens are taken as text
  bool single_word = false;  // only between characters that are no word characters
  bool strip_left = false;   // takes the white space before it along
  bool strip_right = false;  // ... and behind it
  bool normalized = false;   // looked for in the normalized text, normalized itself (a user-defined symbol of
                             // SentencePiece: as it is)
  bool operator==(const AddedToken&) const = default;
};

struct Normalizer {
  enum class Kind {
    kNfc,
    kNfd,
    kNfkc,
    kNfkd,
    kPrepend,  // `text` before a text that is not empty
    kReplace,  // `pattern` (plain text, or one of the regexes that normalize.cpp names) by `text`
    kStrip,    // white space at the left and/or right
    kLowercase,
    kPrecompiled,   // SentencePiece's precompiled_charsmap, in `text`
    kSentencePiece  // add_dummy_prefix, remove_extra_whitespaces, escape_whitespaces of a .model
  };
  Kind kind = Kind::kNfc;
  std::string pattern{};
  std::string text{};
  bool pattern_is_regex = false;
  bool left = false;   // kStrip; kSentencePiece: add_dummy_prefix
  bool right = false;  // kStrip; kSentencePiece: remove_extra_whitespaces
  bool operator==(const Normalizer&) const = default;
};

// Cuts, one step inside the pieces of the step before.
struct PretokenStep {
  enum class Kind {
    kScheme,     // a named pattern of aurora/pretokenize (a Split, or ByteLevel's own pattern)
    kDigits,     // digits one by one
    kMetaspace,  // spaces become `text` (U+2581), words begin at it
  };
  enum class Prepend { kNever, kFirst, kAlways };
  Kind kind = Kind::kScheme;
  std::string scheme{};               // kScheme: its name
  std::string text = "\xe2\x96\x81";  // kMetaspace
  Prepend prepend = Prepend::kNever;  // kMetaspace; ByteLevel's add_prefix_space is kAlways on a kScheme
  bool split = true;                  // kMetaspace
  bool operator==(const PretokenStep&) const = default;
};

struct DecoderStep {
  enum class Kind { kByteLevel, kByteFallback, kFuse, kReplace, kStrip, kMetaspace };
  Kind kind = Kind::kByteLevel;
  std::string pattern{};  // kReplace; kStrip: the character; kMetaspace: the replacement
  std::string text{};     // kReplace
  int32_t start = 0;      // kStrip: so many at the left at most
  int32_t stop = 0;       // ... and at the right
  bool prefix = false;    // kMetaspace: the first space goes (prepend_scheme is not "never")
  bool operator==(const DecoderStep&) const = default;
};

// What stands around one text (or two) when a caller asks for it.
struct TemplatePiece {
  enum class Kind { kFirst, kSecond, kToken };  // $A, $B, a special token
  Kind kind = Kind::kToken;
  int32_t id = 0;  // kToken
  int32_t type_id = 0;
  bool operator==(const TemplatePiece&) const = default;
};

struct Spec {
  ModelKind model = ModelKind::kBpe;
  std::vector<Token> tokens;      // by id, with the added ones
  std::vector<MergeRule> merges;  // kBpe; by rank
  std::vector<AddedToken> added;  // by id

  bool byte_level = true;    // kBpe: a word's first symbols are its bytes; false: its characters
  bool whole_words = false;  // a word that is a token is that token, merges or not (ignore_merges; tiktoken)
  bool byte_fallback = false;  // a character without token becomes kByte tokens
  bool fuse_unknown = false;   // several unknown characters in a row become one unknown token
  int32_t unknown = -1;

  std::vector<Normalizer> normalizers;
  std::vector<PretokenStep> pretokenizers;
  std::vector<DecoderStep> decoders;
  std::vector<TemplatePiece> single;  // empty: the text alone
  std::vector<TemplatePiece> pair;

  int32_t begin_of_document = -1;  // bos; -1: none
  int32_t end_of_document = -1;    // eos
  std::string chat_template;       // Jinja source (aurora/chat); empty: none
  bool operator==(const Spec&) const = default;
};

}  // namespace aurora::tokenizer
