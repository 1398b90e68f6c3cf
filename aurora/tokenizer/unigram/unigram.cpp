#include "aurora/tokenizer/unigram/unigram.h"

#include <fmt/format.h>

#include <algorithm>
#include <cfloat>
#include <charconv>
#include <cmath>
#include <limits>

#include "aurora/base/error.h"
#include "aurora/unicode/classes.h"

namespace aurora::tokenizer {
namespace {

constexpr double kUnknownPenalty = 10;    // below the least probable piece
constexpr double kFarthestSum = 100'000;  // of SentencePiece's way
constexpr size_t kSettleBytes = 4096;     // so far back the best way is written down, where it is certain

void emit(std::vector<int32_t>& out, int32_t id, size_t) {
  out.push_back(id);
}
void emit(std::vector<Piece>& out, int32_t id, size_t end) {
  out.push_back({id, end});
}

// The score as `tokenizers` reads it from its file: the decimal digits as a whole number, rounded to f64,
// times or by a power of ten, rounded again (serde_json without float_roundtrip). It decides between sums
// that are equal but for rounding.
double as_tokenizers_reads(double score) {
  char text[40];
  const auto [end, _] =
      std::to_chars(text, text + sizeof text, std::abs(score), std::chars_format::scientific);
  uint64_t digits = 0;
  int exponent = 0;
  bool behind_point = false;
  for (const char* at = text; at < end; ++at) {
    if (*at == 'e') {
      int power = 0;
      std::from_chars(at + (at[1] == '+' ? 2 : 1), end, power);
      exponent += power;
      break;
    }
    if (*at == '.') {
      behind_point = true;
      continue;
    }
    digits = 10 * digits + static_cast<uint64_t>(*at - '0');
    if (behind_point) --exponent;
  }
  if (exponent < -300 || exponent > 300) return score;
  const double power = std::pow(10.0, std::abs(exponent));
  const double read =
      exponent < 0 ? static_cast<double>(digits) / power : static_cast<double>(digits) * power;
  return std::copysign(read, score);
}

std::vector<bool> user_defined(const Spec& spec) {
  std::vector<bool> found(spec.tokens.size());
  for (const AddedToken& token : spec.added) {
    if (!token.special) found[static_cast<size_t>(token.id)] = true;
  }
  return found;
}

bool is_piece(const Token& token, bool sentencepiece) {
  if (token.text.empty() || token.kind == TokenKind::kAdded || token.kind == TokenKind::kHole) return false;
  return !sentencepiece || token.kind == TokenKind::kNormal || token.kind == TokenKind::kUnused;
}

}  // namespace

UnigramModel::UnigramModel(const Spec& spec, const std::string& where)
    : sentencepiece_(spec.model == ModelKind::kSentencePieceUnigram),
      byte_fallback_(spec.byte_fallback),
      unknown_(spec.unknown),
      unused_(spec.tokens.size()),
      byte_ids_(256, -1) {
  const std::vector<bool> user = user_defined(spec);
  std::vector<PieceTrie::Piece> pieces;
  double least = std::numeric_limits<double>::infinity();
  for (size_t id = 0; id < spec.tokens.size(); ++id) {
    const Token& token = spec.tokens[id];
    scores_.push_back(sentencepiece_ ? token.score : as_tokenizers_reads(token.score));
    unused_[id] = sentencepiece_ && token.kind == TokenKind::kUnused;
    if (token.kind == TokenKind::kByte) {
      byte_ids_[std::stoul(token.text.substr(3, 2), nullptr, 16)] = static_cast<int32_t>(id);
    }
    if (!is_piece(token, sentencepiece_)) continue;
    pieces.emplace_back(token.text, static_cast<int32_t>(id));
    longest_ = std::max(longest_, token.text.size());
    if (sentencepiece_ && (user[id] || unused_[id])) continue;
    least = std::min(least, scores_[id]);
  }
  if (pieces.empty()) throw Error("a unigram model without pieces", where, "train the tokenizer again");
  if (sentencepiece_) {
    if (pieces.empty() || unknown_ < 0) {
      throw Error("a SentencePiece model without unknown token", where, "train the tokenizer again");
    }
    if (byte_fallback_ && std::count(byte_ids_.begin(), byte_ids_.end(), -1) > 0) {
      throw Error("byte fallback is on, and not every byte has a token", where, "train the tokenizer again");
    }
    for (size_t id = 0; id < user.size(); ++id) {
      // What SentencePiece 0.2.3 gives them: more than any way around them has.
      if (user[id])
        scores_[id] = static_cast<float>(0.1 * static_cast<double>(spec.tokens[id].text.size() - 1));
    }
    unknown_score_ = std::isinf(least) ? FLT_MAX : static_cast<float>(least);
    unknown_score_ = static_cast<float>(unknown_score_) - static_cast<float>(kUnknownPenalty);
  } else {
    unknown_score_ = least - kUnknownPenalty;
  }
  trie_ = PieceTrie(std::move(pieces));
}

void UnigramEncoder::encode(std::string_view text, std::vector<int32_t>& out) {
  if (model_.sentencepiece_) {
    find_path(text);
    write_path(text, out);
    return;
  }
  if (text.empty()) return;
  const std::span<const int32_t> known = words_.find(text);
  if (!known.empty()) {
    out.insert(out.end(), known.begin(), known.end());
    return;
  }
  const size_t before = out.size();
  find_path(text);
  write_path(text, out);
  words_.remember(text, std::span(out).subspan(before));
}

void UnigramEncoder::encode(std::string_view text, std::vector<Piece>& out) {
  find_path(text);
  write_path(text, out);
}

void UnigramEncoder::find_path(std::string_view text) {
  path_.clear();
  if (text.empty()) return;
  if (model_.sentencepiece_) {
    viterbi<float>(text);
  } else {
    viterbi<double>(text);
  }
}

// best_[i] is of the place base + i. Sums are rounded to Sum after each piece; which of two ways is better is
// asked before that.
template <class Sum>
void UnigramEncoder::viterbi(std::string_view text) {
  size_t base = 0;
  size_t reach = 0;  // the farthest place that a way leads to
  best_.assign(std::max(best_.size(), 2 * model_.longest_), {});
  const auto offer = [&](size_t place, size_t length, int32_t id, double score) {
    Best& best = best_[place - base];
    const auto sum = static_cast<Sum>(score);
    if (best.id >= 0 && !(sum > best.score)) return;
    best = {sum, static_cast<uint32_t>(length), id};
    reach = std::max(reach, place);
  };
  for (size_t at = 0; at < text.size();) {
    if (at == reach && at - base >= kSettleBytes) {
      settle(base, at);
      base = at;
    }
    if (best_.size() <= at - base + model_.longest_) best_.resize(2 * best_.size() + model_.longest_);
    // SentencePiece 0.2.3 lets sums begin anew when they have grown so far that rounding would decide much.
    const double grown = best_[at - base].score;
    if (model_.sentencepiece_ && std::abs(grown) > kFarthestSum) {
      for (size_t place = at; place <= reach; ++place) {
        Best& best = best_[place - base];
        best.score = static_cast<Sum>(best.score - grown);
      }
    }
    const double here = best_[at - base].score;
    const size_t character = unicode::read(text, at).bytes;
    bool has_single = false;
    uint32_t node = PieceTrie::kRoot;
    for (size_t end = at; end < text.size() && model_.trie_.step(node, static_cast<uint8_t>(text[end]));) {
      ++end;
      const int32_t id = model_.trie_.id(node);
      if (id < 0 || model_.unused_[static_cast<size_t>(id)]) continue;
      offer(end, end - at, id, static_cast<Sum>(model_.scores_[static_cast<size_t>(id)] + here));
      has_single = has_single || end - at == character;
    }
    if (!has_single) {
      if (model_.unknown_ < 0) {
        throw Error(fmt::format("no token for \"{}\", and no unknown token", text.substr(at, character)),
                    "the vocabulary", "use a vocabulary with an unknown token");
      }
      offer(at + character, character, model_.unknown_,
            static_cast<Sum>(static_cast<Sum>(model_.unknown_score_) + static_cast<Sum>(here)));
    }
    at += character;
  }
  settle(base, text.size());
}

// Writes the best way from base to at to the end of path_; best_ then begins at `at`.
void UnigramEncoder::settle(size_t base, size_t at) {
  const size_t before = path_.size();
  for (size_t end = at; end > base; end -= best_[end - base].length) {
    path_.push_back({best_[end - base].id, end});
  }
  std::reverse(path_.begin() + static_cast<ptrdiff_t>(before), path_.end());
  const double score = best_[at - base].score;
  std::fill_n(best_.begin(), at - base + 1, Best{});
  best_[0].score = score;
}

template <class Out>
void UnigramEncoder::write_path(std::string_view text, Out& out) const {
  size_t begin = 0;
  for (size_t i = 0; i < path_.size(); ++i) {
    if (path_[i].id != model_.unknown_) {
      emit(out, path_[i].id, path_[i].end);
    } else {
      while (i + 1 < path_.size() && path_[i + 1].id == model_.unknown_) ++i;
      write_unknown(text, begin, path_[i].end, out);
    }
    begin = path_[i].end;
  }
}

template <class Out>
void UnigramEncoder::write_unknown(std::string_view text, size_t begin, size_t end, Out& out) const {
  const std::string_view row = text.substr(begin, end - begin);
  if (!model_.sentencepiece_) {
    const int32_t id = model_.trie_.find(row);
    if (id >= 0) return emit(out, id, end);
  }
  const auto byte_id = [&](char byte) { return model_.byte_ids_[static_cast<uint8_t>(byte)]; };
  const bool have_bytes =
      model_.byte_fallback_ && std::all_of(row.begin(), row.end(), [&](char c) { return byte_id(c) >= 0; });
  if (!have_bytes) return emit(out, model_.unknown_, end);
  for (const char byte : row) emit(out, byte_id(byte), end);
}

}  // namespace aurora::tokenizer
