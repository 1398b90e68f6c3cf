#include "aurora/format/token_convert.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "aurora/base/check.h"
#include "aurora/base/error.h"
#include "aurora/format/token_numbers.h"
#include "aurora/format/token_source.h"

namespace aurora::format {
namespace {

using token_numbers::decode;

constexpr std::array kNames = {"auto", "megatron", "fairseq", "datatrove", "llm.c", "numpy", "olmo", "flat"};
constexpr uint64_t kPieceTokens = uint64_t{1} << 18;

TokenType kept_type(NpyType stored) {
  switch (stored) {
    case NpyType::kU8:
      return TokenType::kU8;
    case NpyType::kI8:
      return TokenType::kI8;
    case NpyType::kI16:
      return TokenType::kI16;
    case NpyType::kU16:
      return TokenType::kU16;
    case NpyType::kI64:
    case NpyType::kU64:
      return TokenType::kI64;
    case NpyType::kF32:
      return TokenType::kF32;
    case NpyType::kF64:
      return TokenType::kF64;
    default:
      return TokenType::kI32;
  }
}

// Hands the tokens of a source to a writer, piece by piece.
class Conversion {
 public:
  Conversion(TokenSource source, TokenFileWriter& writer, TokenType type, const ConvertSettings& settings)
      : source_(std::move(source)),
        writer_(writer),
        longest_sequence_(settings.longest_sequence),
        most_(token_type_bounds(type).second) {
    if (settings.vocab_size > 0 && settings.vocab_size <= most_) {
      most_ = static_cast<int32_t>(settings.vocab_size - 1);
    }
  }

  void run() {
    const size_t width = npy_type_bytes(source_.stored);
    const uint64_t most = std::min(kPieceTokens, source_.tokens);
    std::vector<std::byte> stored(most * width);
    std::vector<int32_t> tokens(most);
    std::vector<TokenBorder> borders;
    for (uint64_t begin = 0; begin < source_.tokens;) {
      const uint64_t count = std::min(most, source_.tokens - begin);
      source_.file->read(source_.data_at + begin * width, stored.data(), count * width);
      decode_piece(stored.data(), begin, std::span(tokens).first(count));
      borders.clear();
      source_.borders->find(begin, std::span(tokens).first(count), borders);
      take_piece(begin, std::span(tokens).first(count), borders);
      begin += count;
    }
    borders.clear();
    source_.borders->finish(source_.tokens, borders);
    take_piece(source_.tokens, {}, borders);
  }

 private:
  void decode_piece(const std::byte* stored, uint64_t begin, std::span<int32_t> tokens) const {
    using Decode = uint64_t (*)(const std::byte*, uint64_t, int32_t*);
    // In the order of NpyType.
    constexpr Decode kDecode[] = {decode<uint8_t>, decode<int8_t>,   decode<int16_t>, decode<uint16_t>,
                                  decode<int32_t>, decode<uint32_t>, decode<int64_t>, decode<uint64_t>,
                                  decode<float>,   decode<double>};
    const uint64_t good = kDecode[static_cast<size_t>(source_.stored)](stored, tokens.size(), tokens.data());
    if (good < tokens.size()) refuse(begin + good, "is no number in [0, 2^31)");
    if (tokens.empty() || *std::max_element(tokens.begin(), tokens.end()) <= most_) return;
    const auto bad =
        std::find_if(tokens.begin(), tokens.end(), [this](int32_t token) { return token > most_; });
    refuse(begin + static_cast<uint64_t>(bad - tokens.begin()), fmt::format("is {}, beyond {}", *bad, most_));
  }

  void take_piece(uint64_t begin, std::span<const int32_t> tokens, std::span<const TokenBorder> borders) {
    uint64_t done = 0;
    for (const TokenBorder& border : borders) {
      take(tokens.subspan(done, border.end - begin - done));
      done = border.end - begin;
      if (border.ends_sequence) end_sequence(border.mode);
      if (border.ends_document) writer_.end_document();
    }
    take(tokens.subspan(done));
  }

  void take(std::span<const int32_t> tokens) {
    while (!tokens.empty()) {
      if (sequence_tokens_ == longest_sequence_) end_sequence(0);
      const size_t part = std::min<uint64_t>(tokens.size(), longest_sequence_ - sequence_tokens_);
      writer_.append_tokens(tokens.first(part));
      sequence_tokens_ += part;
      tokens = tokens.subspan(part);
    }
  }

  void end_sequence(int8_t mode) {
    writer_.end_sequence(mode);
    sequence_tokens_ = 0;
  }

  [[noreturn]] void refuse(uint64_t token, const std::string& what) const {
    const uint64_t offset = source_.data_at + token * npy_type_bytes(source_.stored);
    throw Error(fmt::format("token {} (read as {}) {}", token, npy_type_name(source_.stored), what),
                fmt::format("{}@{}", source_.file->name(), offset),
                "check the token width and the vocabulary's size, or name a wider type to store");
  }

  TokenSource source_;
  TokenFileWriter& writer_;
  uint64_t longest_sequence_;
  int32_t most_;
  uint64_t sequence_tokens_ = 0;
};

void check_settings(const ConvertSettings& settings) {
  const auto refuse = [](const std::string& what, const std::string& remedy) {
    throw UsageError(what, "", remedy);
  };
  if (settings.token_bytes != 0 && settings.token_bytes != 2 && settings.token_bytes != 4)
    refuse(fmt::format("tokens of {} bytes", settings.token_bytes), "flat files have tokens of 2 or 4 bytes");
  if (settings.vocab_size < 0 || settings.vocab_size > int64_t{1} << 31)
    refuse(fmt::format("a vocabulary of {}", settings.vocab_size), "it has 1 to 2^31 tokens");
  if (settings.end_of_document && *settings.end_of_document < 0)
    refuse(fmt::format("the end-of-document token {}", *settings.end_of_document), "tokens begin at 0");
  AURORA_CHECK(settings.longest_sequence > 0 && settings.longest_sequence <= 0x7fffffff);
}

void check_not_onto_itself(const RangeFile& input, const Path& to_prefix) {
  std::error_code failure;
  if (std::filesystem::equivalent(input.name(), token_bin_path(to_prefix), failure)) {
    throw Error("the output would replace its input", token_bin_path(to_prefix).string(),
                "name another output");
  }
}

}  // namespace

const char* token_source_name(TokenSourceKind kind) {
  return kNames[static_cast<size_t>(kind)];
}

TokenSourceKind token_source_kind(const std::string& name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) {
    throw UsageError(fmt::format("no kind of token file is called '{}'", name), "",
                     "known: auto megatron fairseq datatrove llm.c numpy olmo flat");
  }
  return static_cast<TokenSourceKind>(found - kNames.begin());
}

ConvertSummary convert_tokens(const Path& from, const Path& to_prefix, const ConvertSettings& settings) {
  check_settings(settings);
  ConvertSummary summary;
  summary.kind = settings.kind == TokenSourceKind::kAuto ? detect_token_source(from) : settings.kind;
  TokenSource source = open_token_source(summary.kind, from, settings);
  check_not_onto_itself(*source.file, to_prefix);
  summary.stored = npy_type_name(source.stored);
  summary.type = settings.type.value_or(kept_type(source.stored));

  if (source.multimodal && settings.longest_sequence < 0x7fffffff)
    throw UsageError("sequences with modes are not cut", from.string(), "leave the longest sequence out");
  TokenFileWriter writer(to_prefix, summary.type, source.multimodal);
  Conversion(std::move(source), writer, summary.type, settings).run();
  summary.documents = writer.documents();
  summary.sequences = writer.sequences();
  summary.tokens = writer.tokens();
  writer.commit();
  return summary;
}

}  // namespace aurora::format
