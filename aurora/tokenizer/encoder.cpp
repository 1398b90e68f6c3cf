#include "aurora/tokenizer/encoder.h"

#include <algorithm>
#include <optional>

#include "aurora/base/free_list.h"
#include "aurora/tokenizer/bpe/encoder.h"
#include "aurora/tokenizer/bpe/words.h"
#include "aurora/tokenizer/encoding_model.h"

namespace aurora::tokenizer {
namespace {

// Where the ids go: alone, or with the places they stand for.
struct Sink {
  std::vector<int32_t>* ids = nullptr;
  std::vector<TokenSpan>* spans = nullptr;

  void put(int32_t id, size_t begin, size_t end) const {
    if (ids) ids->push_back(id);
    if (spans) spans->push_back({id, begin, end});
  }
};

}  // namespace

struct Encoder::State {
  State(const EncodingModel& all, std::shared_ptr<SharedWords> words)
      : model(all),
        text_policy(all.added().policy(Specials::kText)),
        parse_policy(all.added().policy(Specials::kParse)) {
    if (all.bpe()) bpe.emplace(*all.bpe(), all.bpe_cut(), std::move(words));
    if (all.unigram()) unigram.emplace(*all.unigram());
  }

  // The way of a text, from the outside in.
  void encode(std::string_view text, const EncodeOptions& options, const Sink& sink);
  void source(std::string_view text, const AddedPolicy& policy, const Sink& sink);
  void between_tokens(std::string_view text, size_t begin, const AddedPolicy& policy, const Sink& sink);
  void normalized(AlignedText& text, bool at_begin, const Sink& sink);
  void words(const AlignedText& text, const Sink& sink);
  void word_with_places(const AlignedText& text, size_t begin, size_t end, const Sink& sink);

  const EncodingModel& model;
  const AddedPolicy text_policy;
  const AddedPolicy parse_policy;
  std::optional<BpeEncoder> bpe;
  std::optional<UnigramEncoder> unigram;

  // Memory that is used again.
  std::vector<Section> sections;
  std::vector<Section> inner_sections;
  AlignedText whole;
  AlignedText part;
  std::vector<uint32_t> ends;
  std::vector<BpeSymbol> symbols;
  std::vector<Piece> pieces;
};

std::shared_ptr<SharedWords> shared_words() {
  return std::make_shared<SharedWords>();
}

Encoder::Encoder(const Tokenizer& tokenizer, std::shared_ptr<SharedWords> words)
    : state_(std::make_unique<State>(tokenizer.encoding(), std::move(words))) {}
Encoder::~Encoder() = default;
Encoder::Encoder(Encoder&&) noexcept = default;

void Encoder::encode(std::string_view text, std::vector<int32_t>& out, Specials specials) {
  EncodeOptions options;
  options.specials = specials;
  encode(text, out, options);
}

void Encoder::encode(std::string_view text, std::vector<int32_t>& out, const EncodeOptions& options) {
  state_->encode(text, options, {&out, nullptr});
}

void Encoder::encode_with_offsets(std::string_view text, std::vector<TokenSpan>& out,
                                  const EncodeOptions& options) {
  state_->encode(text, options, {nullptr, &out});
}

void Encoder::forget() {
  if (state_->bpe) state_->bpe->forget();
  if (state_->unigram) state_->unigram->forget();
}

// The template around the text.
void Encoder::State::encode(std::string_view text, const EncodeOptions& options, const Sink& sink) {
  const bool known = options.allowed.empty() && options.specials != Specials::kRefuse;
  const AddedPolicy asked = known ? AddedPolicy{} : model.added().policy(options.specials, options.allowed);
  const AddedPolicy& usual = options.specials == Specials::kParse ? parse_policy : text_policy;
  const AddedPolicy& policy = known ? usual : asked;
  if (!options.add_template || model.single().empty()) return source(text, policy, sink);
  size_t at = 0;
  for (const TemplatePiece& piece : model.single()) {
    if (piece.kind == TemplatePiece::Kind::kToken) sink.put(piece.id, at, at);
    if (piece.kind != TemplatePiece::Kind::kFirst) continue;
    source(text, policy, sink);
    at = text.size();
  }
}

// Added tokens that stand in the source.
void Encoder::State::source(std::string_view text, const AddedPolicy& policy, const Sink& sink) {
  if (!policy.in_source) return between_tokens(text, 0, policy, sink);
  sections.clear();
  model.added().split_source(text, policy, sections);
  for (const Section& section : sections) {
    if (section.index >= 0) {
      sink.put(model.added().token(section.index).id, section.begin, section.end);
    } else {
      between_tokens(text.substr(section.begin, section.end - section.begin), section.begin, policy, sink);
    }
  }
}

// Normalizers, and the added tokens that stand in what they make. Text that they leave alone goes to the
// model as it is where it can.
void Encoder::State::between_tokens(std::string_view text, size_t begin, const AddedPolicy& policy,
                                    const Sink& sink) {
  const bool plain = bpe && (model.words().cut() || model.words().keeps_whole());
  if (plain && sink.ids && !policy.in_normalized && model.normalizer().keeps(text)) {
    return bpe->encode(text, *sink.ids);
  }
  const bool asks = model.words().asks_for_begin() && begin == 0 && !model.normalizer().empty();
  whole.assign(text, begin, sink.spans != nullptr || asks);
  model.normalizer().apply(whole);
  if (!policy.in_normalized) return normalized(whole, begin == 0, sink);
  inner_sections.clear();
  model.added().split_normalized(whole.text, policy, inner_sections);
  for (const Section& section : inner_sections) {
    if (section.index >= 0) {
      const SourceRange range = whole.aligned ? whole.range(section.begin, section.end) : SourceRange{};
      sink.put(model.added().token(section.index).id, range.begin, range.end);
    } else {
      part.assign_part(whole, section.begin, section.end);
      normalized(part, begin == 0 && section.begin == 0, sink);
    }
  }
}

// Words.
void Encoder::State::normalized(AlignedText& text, bool at_begin, const Sink& sink) {
  const bool plain = bpe && (model.words().cut() || model.words().keeps_whole());
  if (plain && sink.ids) return bpe->encode(text.text, *sink.ids);
  model.words().split(text, at_begin, ends);
  words(text, sink);
}

// The model.
void Encoder::State::words(const AlignedText& text, const Sink& sink) {
  const std::string_view all = text.text;
  size_t begin = 0;
  for (const size_t end : ends) {
    if (sink.spans) {
      word_with_places(text, begin, end, sink);
    } else if (bpe) {
      bpe->encode_word(all.substr(begin, end - begin), *sink.ids);
    } else {
      unigram->encode(all.substr(begin, end - begin), *sink.ids);
    }
    begin = end;
  }
}

void Encoder::State::word_with_places(const AlignedText& text, size_t begin, size_t end, const Sink& sink) {
  const std::string_view word = std::string_view(text.text).substr(begin, end - begin);
  pieces.clear();
  if (bpe) {
    symbols.clear();
    bpe->encode_word(word, symbols);
    for (const BpeSymbol& symbol : symbols) pieces.push_back({symbol.id, symbol.end});
  } else {
    unigram->encode(word, pieces);
  }
  size_t from = 0;
  size_t to = 0;
  for (const Piece& piece : pieces) {
    if (piece.end != to) from = std::exchange(to, piece.end);  // else a byte of the piece before
    const SourceRange range = text.range(begin + from, begin + to);
    sink.put(piece.id, range.begin, range.end);
  }
}

std::vector<std::vector<int32_t>> encode_batch(const Tokenizer& tokenizer,
                                               std::span<const std::string_view> texts, Pool& pool,
                                               const EncodeOptions& options) {
  constexpr size_t kTileBytes = size_t{64} << 10;
  std::vector<size_t> tiles{0};  // where each begins
  size_t bytes = 0;
  for (size_t i = 0; i < texts.size(); ++i) {
    bytes += texts[i].size();
    if (bytes < kTileBytes && i + 1 < texts.size()) continue;
    tiles.push_back(i + 1);
    bytes = 0;
  }
  std::vector<std::vector<int32_t>> out(texts.size());
  const std::shared_ptr<SharedWords> words = shared_words();
  FreeList<Encoder> encoders([&] { return std::make_unique<Encoder>(tokenizer, words); });
  pool.for_each(tiles.size() - 1, [&](size_t tile) {
    std::unique_ptr<Encoder> encoder = encoders.take();
    for (size_t i = tiles[tile]; i < tiles[tile + 1]; ++i) encoder->encode(texts[i], out[i], options);
    encoders.give_back(std::move(encoder));
  });
  return out;
}

}  // namespace aurora::tokenizer
