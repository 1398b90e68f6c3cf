#include "aurora/tokenizer/bpe/model.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "aurora/base/error.h"
#include "aurora/base/utf8.h"
#include "aurora/tokenizer/bpe/tables.h"

namespace aurora::tokenizer {
namespace {

// What became of a token's own text.
struct Origin {
  bool reached = false;  // it became the token
  BpeStep last;          // by this merge at last
};

// Builds the tables with ids as symbols first; a regular model is renumbered then.
class TableBuilder {
 public:
  TableBuilder(const Spec& spec, const std::string& where) : spec_(spec), where_(where) {}

  std::unique_ptr<BpeTables> build() {
    read_first_symbols();
    read_merges();
    find_origins();
    sort_results();
    if (tables_.regular) {
      renumber();
    } else {
      tables_.ids.resize(spec_.tokens.size());
      for (size_t id = 0; id < tables_.ids.size(); ++id) tables_.ids[id] = static_cast<int32_t>(id);
    }
    add_whole_words();
    add_seams();
    add_seeds();
    return std::make_unique<BpeTables>(std::move(tables_));
  }

 private:
  bool is_text(int32_t id) const { return spec_.tokens[id].kind == TokenKind::kNormal; }
  const std::string& text(int32_t id) const { return spec_.tokens[id].text; }

  void read_first_symbols() {
    tables_.byte_level = spec_.byte_level;
    tables_.fuse_unknown = spec_.fuse_unknown;
    tables_.bytes.fill(kNoSymbol);
    if (spec_.tokens.size() > kMaxSymbols) {
      throw Error(fmt::format("{} tokens, at most {} are supported", spec_.tokens.size(), kMaxSymbols),
                  where_, "use a smaller vocabulary");
    }
    std::unordered_map<std::string_view, int32_t> seen;
    for (int32_t id = 0; id < static_cast<int32_t>(spec_.tokens.size()); ++id) {
      const Token& token = spec_.tokens[id];
      if (token.kind == TokenKind::kByte && spec_.byte_fallback && !spec_.byte_level) read_byte_token(id);
      if (!is_text(id) || token.text.empty()) continue;
      if (!seen.emplace(token.text, id).second) {
        tables_.regular = false;  // two tokens of one text: the first is where words start from
        continue;
      }
      if (spec_.byte_level ? token.text.size() == 1 : decode_utf8(token.text, 0).bytes == token.text.size()) {
        read_first_symbol(id);
      }
    }
    tables_.complete =
        std::find(tables_.bytes.begin(), tables_.bytes.end(), kNoSymbol) == tables_.bytes.end();
    if (spec_.unknown >= 0 && spec_.unknown < static_cast<int32_t>(spec_.tokens.size())) {
      tables_.unknown = static_cast<uint32_t>(spec_.unknown);
    }
  }
  void read_byte_token(int32_t id) {
    for (uint32_t byte = 0; byte < 256; ++byte) {
      if (text(id) == fmt::format("<0x{:02X}>", byte)) tables_.bytes[byte] = static_cast<uint32_t>(id);
    }
  }
  void read_first_symbol(int32_t id) {
    const uint32_t symbol = static_cast<uint32_t>(id);
    if (spec_.byte_level) {
      tables_.bytes[static_cast<uint8_t>(text(id)[0])] = symbol;
      return;
    }
    const Decoded character = decode_utf8(text(id), 0);
    if (!character.valid) return;  // a byte that is no character: bytes are looked for elsewhere
    if (tables_.characters.size() <= character.code_point) {
      tables_.characters.resize(character.code_point + 1, kNoSymbol);
    }
    tables_.characters[character.code_point] = symbol;
  }

  void read_merges() {
    tables_.all_rules = BpeMergeMap(spec_.merges.size());
    const int32_t size = static_cast<int32_t>(spec_.tokens.size());
    const auto known = [&](int32_t id) { return id >= 0 && id < size; };
    for (const MergeRule& rule : spec_.merges) {
      if (!known(rule.left) || !known(rule.right) || !known(rule.result)) {
        throw Error(fmt::format("a merge joins tokens {} and {} to {} of {}", rule.left, rule.right,
                                rule.result, size),
                    where_, "copy the file anew");
      }
      const BpeMerge merge{rule.rank, rule.result};
      const auto [stored, fresh] = tables_.all_rules.insert(rule.left, rule.right, merge);
      if (!fresh) stored = merge;  // the last of equal pairs counts, as in `tokenizers`
      if (!is_text(rule.left) || !is_text(rule.right) || !is_text(rule.result) ||
          text(rule.left) + text(rule.right) != text(rule.result)) {
        tables_.regular = false;
      }
    }
  }

  void find_origins() {
    origins_.resize(spec_.tokens.size());
    std::vector<BpeSymbol> symbols;
    for (int32_t id = 0; id < static_cast<int32_t>(origins_.size()); ++id) {
      if (!is_text(id) || text(id).empty()) continue;
      symbols.clear();
      first_symbols(tables_, text(id), symbols);
      // Characters without token could be dropped: nothing becomes the token then.
      if (!symbols.empty() && symbols.back().end == text(id).size()) origins_[id] = origin_of(id, symbols);
    }
  }
  Origin origin_of(int32_t id, std::vector<BpeSymbol>& symbols) {
    Origin origin;
    origin.last = merge_all(symbols);
    origin.reached = symbols.size() == 1 && symbols[0].id == id;
    return origin;
  }
  // By scanning: tokens are short. Returns the last merge.
  BpeStep merge_all(std::vector<BpeSymbol>& symbols) {
    BpeStep last;
    if (symbols.size() > 100) return heap_.merge(tables_.all_rules, symbols);
    pairs_.clear();
    for (size_t i = 0; i + 1 < symbols.size(); ++i) pairs_.push_back(find(symbols, i));
    while (true) {
      size_t best = 0;
      for (size_t i = 1; i < pairs_.size(); ++i) {
        if (pairs_[i].first < pairs_[best].first) best = i;
      }
      if (pairs_.empty() || pairs_[best].first == kNoPair) return last;
      last = {symbols[best].id, symbols[best + 1].id, static_cast<uint32_t>(pairs_[best].first)};
      symbols[best] = {pairs_[best].second, symbols[best + 1].end};
      symbols.erase(symbols.begin() + static_cast<ptrdiff_t>(best) + 1);
      pairs_.erase(pairs_.begin() + static_cast<ptrdiff_t>(best));
      if (best < pairs_.size()) pairs_[best] = find(symbols, best);
      if (best > 0) pairs_[best - 1] = find(symbols, best - 1);
    }
  }
  std::pair<uint64_t, int32_t> find(const std::vector<BpeSymbol>& symbols, size_t at) const {
    const BpeMerge* merge = tables_.all_rules.find(symbols[at].id, symbols[at + 1].id);
    return merge ? std::pair{uint64_t{merge->rank}, merge->result} : std::pair{kNoPair, 0};
  }

  // Results in the order of their ranks; equal ranks of different results are not regular.
  void sort_results() {
    for (int32_t id = 0; id < static_cast<int32_t>(origins_.size()); ++id) {
      if (origins_[id].reached && origins_[id].last.left >= 0) results_.push_back(id);
    }
    std::sort(results_.begin(), results_.end(), [&](int32_t a, int32_t b) {
      return std::pair(origins_[a].last.rank, a) < std::pair(origins_[b].last.rank, b);
    });
    for (size_t i = 1; i < results_.size(); ++i) {
      if (origins_[results_[i - 1]].last.rank == origins_[results_[i]].last.rank) tables_.regular = false;
    }
  }

  // The symbol of a token that words start from; numbered when it is first seen.
  void start_from(uint32_t& symbol, std::vector<uint32_t>& symbols) {
    if (symbol == kNoSymbol) return;
    uint32_t& number = symbols[symbol];
    if (number == kNoSymbol) {
      number = static_cast<uint32_t>(tables_.ids.size());
      tables_.ids.push_back(static_cast<int32_t>(symbol));
    }
    symbol = number;
  }

  void renumber() {
    std::vector<uint32_t> symbols(spec_.tokens.size(), kNoSymbol);
    for (uint32_t& symbol : tables_.bytes) start_from(symbol, symbols);
    for (uint32_t& symbol : tables_.characters) start_from(symbol, symbols);
    start_from(tables_.unknown, symbols);
    for (int32_t id : results_) {
      symbols[id] = static_cast<uint32_t>(tables_.ids.size());
      tables_.ids.push_back(id);
    }
    tables_.rules = BpeRules(results_.size());
    if (tables_.byte_level && tables_.complete) tables_.byte_pairs.assign(65536, kNoMerge);
    for (int32_t id : results_) {
      const BpeStep& last = origins_[id].last;
      tables_.rules.add(symbols[last.left], symbols[last.right], symbols[id]);
      if (!tables_.byte_pairs.empty() && text(id).size() == 2) {
        tables_.byte_pairs[static_cast<uint8_t>(text(id)[0]) << 8 | static_cast<uint8_t>(text(id)[1])] =
            symbols[id];
      }
    }
    tables_.all_rules = BpeMergeMap();
  }

  void add_whole_words() {
    if (!spec_.whole_words) return;
    for (int32_t id = 0; id < static_cast<int32_t>(origins_.size()); ++id) {
      if (is_text(id) && !text(id).empty() && !origins_[id].reached)
        tables_.whole_words.emplace(text(id), id);
    }
  }

  // Where a character may be unknown nothing is cut: it is dropped, or several become one token.
  void add_seams() {
    tables_.has_seams = tables_.regular && tables_.complete;
    if (!tables_.has_seams) return;
    for (int32_t id = 0; id < static_cast<int32_t>(origins_.size()); ++id) {
      if (origins_[id].reached || (spec_.whole_words && is_text(id))) tables_.seams.add(text(id));
    }
    tables_.seams.build();
  }

  void add_seeds() {
    size_t lines = 256;
    while (3 * lines / 2 < spec_.tokens.size()) lines *= 2;
    tables_.seeds = std::make_unique<WordTable>(lines);
    for (int32_t id = 0; id < static_cast<int32_t>(origins_.size()); ++id) {
      if (!origins_[id].reached || text(id).size() > kKeyBytes) continue;
      const WordKey key = key_of(text(id));
      tables_.seeds->insert(key, {&id, 1});
    }
  }

  static constexpr uint64_t kNoPair = ~uint64_t{0};

  const Spec& spec_;
  const std::string& where_;
  BpeTables tables_;
  BpeHeap heap_;
  std::vector<Origin> origins_;                      // of tokens
  std::vector<int32_t> results_;                     // tokens that merges make, by rank
  std::vector<std::pair<uint64_t, int32_t>> pairs_;  // of neighbours: rank and result
};

}  // namespace

BpeModel::BpeModel(const Spec& spec, const std::string& where) : tables_(TableBuilder(spec, where).build()) {}
BpeModel::~BpeModel() = default;
BpeModel::BpeModel(BpeModel&&) noexcept = default;
BpeModel& BpeModel::operator=(BpeModel&&) noexcept = default;

}  // namespace aurora::tokenizer
