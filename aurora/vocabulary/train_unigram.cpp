#include "aurora/vocabulary/train_unigram.h"

#include <fmt/format.h>

#include <algorithm>

#include "aurora/base/error.h"
#include "aurora/comm/group.h"
#include "aurora/vocabulary/count_texts.h"
#include "aurora/vocabulary/learn_pieces.h"
#include "aurora/vocabulary/metaspace_words.h"
#include "aurora/vocabulary/train_settings.h"

namespace aurora::vocabulary {
namespace {

using tokenizer::DecoderStep;
using tokenizer::PretokenStep;
using tokenizer::Spec;
using tokenizer::Token;
using tokenizer::TokenKind;

constexpr const char* kUnknown = "<unk>";

std::string byte_token(int byte) {
  return fmt::format("<0x{:02X}>", byte);
}

// What is there before any piece.
std::vector<Token> first_tokens(const UnigramSettings& settings) {
  std::vector<Token> tokens = {{kUnknown, 0, TokenKind::kUnknown}};
  if (!settings.byte_fallback) return tokens;
  for (int byte = 0; byte < 256; ++byte) tokens.push_back({byte_token(byte), 0, TokenKind::kByte});
  return tokens;
}

void check(const UnigramSettings& settings) {
  if (!(settings.coverage > 0 && settings.coverage <= 1) || settings.longest_piece < 1 ||
      settings.longest_piece > 255) {
    throw UsageError(
        fmt::format("coverage {} and pieces of {} characters", settings.coverage, settings.longest_piece),
        "tokenizer.coverage", "cover 0 to 1 of the characters, by pieces of 1 to 255");
  }
  for (const std::string& token : settings.common.special_tokens) {
    if (token == kUnknown || token.starts_with("<0x"))
      throw UsageError("the special token \"" + token + "\" is there already", "tokenizer.special_tokens",
                       "leave it out");
  }
}

std::vector<Token> learn(const UnigramSettings& settings, size_t pieces, WordCounts& counts, Pool& pool) {
  const CharStrip strip = make_char_strip(counts, settings.coverage);
  const size_t chars = strip.code_points.size() - 1;
  if (chars > pieces) {
    throw UsageError(fmt::format("{} characters are to be covered by {} pieces", chars, pieces),
                     "tokenizer.vocab_size", "use a larger vocabulary or a smaller coverage");
  }
  PieceSettings piece_settings;
  piece_settings.pieces = pieces;
  piece_settings.longest = settings.longest_piece;
  piece_settings.seeds = settings.seeds;
  std::vector<Token> tokens;
  if (chars == 0) return tokens;
  for (const LearnedPiece& piece : learn_pieces(strip, piece_settings, pool))
    tokens.push_back({strip.text(piece.at, piece.length), piece.score, TokenKind::kNormal});
  return tokens;
}

// Rank 0's pieces to all.
void broadcast(std::vector<Token>& pieces, comm::Group& group) {
  std::string texts;
  std::vector<double> scores;
  for (const Token& piece : pieces) {
    texts += piece.text;
    texts += '\0';
    scores.push_back(piece.score);
  }
  uint64_t sizes[2] = {texts.size(), scores.size()};
  group.broadcast(sizes, sizeof sizes, 0);
  texts.resize(sizes[0]);
  scores.resize(sizes[1]);
  group.broadcast(texts.data(), texts.size(), 0);
  group.broadcast(scores.data(), scores.size() * sizeof(double), 0);
  pieces.clear();
  size_t at = 0;
  for (const double score : scores) {
    const size_t end = texts.find('\0', at);
    pieces.push_back({texts.substr(at, end - at), score, TokenKind::kNormal});
    at = end + 1;
  }
}

Spec spec_of(const UnigramSettings& settings, const VocabularyPlan& plan, const std::vector<Token>& pieces) {
  Spec spec;
  spec.model = tokenizer::ModelKind::kUnigram;
  spec.byte_level = false;
  spec.byte_fallback = settings.byte_fallback;
  spec.unknown = 0;
  spec.tokens = first_tokens(settings);
  spec.tokens.insert(spec.tokens.end(), pieces.begin(), pieces.end());
  PretokenStep words;
  words.kind = PretokenStep::Kind::kMetaspace;
  words.prepend = PretokenStep::Prepend::kAlways;
  spec.pretokenizers = {words};
  if (settings.byte_fallback) {
    DecoderStep bytes;
    bytes.kind = DecoderStep::Kind::kByteFallback;
    spec.decoders.push_back(bytes);
  }
  DecoderStep spaces;
  spaces.kind = DecoderStep::Kind::kMetaspace;
  spaces.pattern = kMetaspace;
  spaces.prefix = true;
  spec.decoders.push_back(spaces);
  spec.end_of_document = static_cast<int32_t>(spec.tokens.size());
  for (const std::string& text : fill_up(plan, settings.common, spec.tokens.size())) {
    tokenizer::AddedToken added;
    added.id = static_cast<int32_t>(spec.tokens.size());
    added.text = text;
    spec.added.push_back(added);
    spec.tokens.push_back({text, 0, TokenKind::kAdded});
  }
  return spec;
}

}  // namespace

TrainResult train_unigram(const UnigramSettings& settings, TextSource& source, Pool& pool,
                          comm::Group* group) {
  check(settings);
  const size_t first = first_tokens(settings).size();
  const VocabularyPlan plan = plan_vocabulary(settings.common, static_cast<int32_t>(first));
  TrainResult result;
  Lap lap;
  WordCounts counts(settings.common.memory_bytes, settings.common.spill_folder);
  result.text_bytes = count_texts(source, count_metaspace_words, 1, counts, pool);
  finish_counts(counts, pool, group, result);
  result.seconds_counting = lap.seconds();
  std::vector<Token> pieces;
  if (group == nullptr || group->rank() == 0)
    pieces = learn(settings, static_cast<size_t>(plan.learned()) - first, counts, pool);
  if (group != nullptr) broadcast(pieces, *group);
  result.spec = spec_of(settings, plan, pieces);
  result.seconds_learning = lap.seconds();
  return result;
}

}  // namespace aurora::vocabulary
