// For tests of the engine: models whose logits one can work out by hand, over pages that remember which
// tokens were stored there, so that a wrong page is a wrong answer.
#pragma once

#include <cmath>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "aurora/base/check.h"
#include "aurora/base/hash.h"
#include "aurora/base/random.h"
#include "aurora/constrain/grammar.h"
#include "aurora/infer/engine.h"
#include "aurora/infer/step_model.h"
#include "aurora/tokenizer/test_specs.h"
#include "aurora/tokenizer/tokenizer.h"

namespace aurora::infer::testing {

constexpr int64_t kFakeVocab = 272;  // the tokenizer has 263
constexpr int64_t kFakeWidth = 3;

inline const tokenizer::Tokenizer& byte_tokenizer() {
  static const tokenizer::Tokenizer tokenizer(tokenizer::byte_level_spec());
  return tokenizer;
}

inline std::shared_ptr<const constrain::Vocabulary> byte_vocabulary() {
  static const auto vocabulary = constrain::Vocabulary::of(byte_tokenizer());
  return vocabulary;
}

inline ModelTokens byte_tokens(int64_t max_length = 1 << 20) {
  return {.tokenizer = &byte_tokenizer(),
          .end_tokens = {byte_tokenizer().end_of_document()},
          .max_length = max_length};
}

inline std::vector<int32_t> bytes(std::string_view text) {
  std::vector<int32_t> tokens;
  for (const char byte : text) tokens.push_back(static_cast<unsigned char>(byte));
  return tokens;
}

// Fills the logits [kFakeVocab] that follow `tokens`.
using Language = std::function<void(std::span<const int32_t> tokens, float* logits)>;

class FakeModel : public StepModel {
 public:
  FakeModel(Language language, int64_t pages, int64_t page_tokens = 4)
      : language_(std::move(language)), page_tokens_(page_tokens), used_(static_cast<size_t>(pages)) {
    stored_.assign(static_cast<size_t>(pages * page_tokens), -1);
  }
  ~FakeModel() override { AURORA_CHECK_EQ(free_pages(), pages()); }

  int64_t vocab() const override { return kFakeVocab; }
  int64_t width() const override { return kFakeWidth; }
  int64_t page_tokens() const override { return page_tokens_; }
  int64_t pages() const override { return static_cast<int64_t>(used_.size()); }
  int64_t free_pages() const override { return std::count(used_.begin(), used_.end(), false); }
  std::optional<int32_t> allocate_page() override {
    const auto at = std::find(used_.begin(), used_.end(), false);
    if (at == used_.end()) return std::nullopt;
    *at = true;
    return static_cast<int32_t>(at - used_.begin());
  }
  void release_page(int32_t page) override {
    AURORA_CHECK(used_[static_cast<size_t>(page)], "a page is given back twice");
    used_[static_cast<size_t>(page)] = false;
    for (int64_t i = 0; i < page_tokens_; ++i) stored_[static_cast<size_t>(page * page_tokens_ + i)] = -1;
  }

  std::span<float> logits(std::span<const SequencePiece> pieces) override {
    rows_.clear();
    each_wanted(pieces, [&](std::span<const int32_t> tokens) {
      rows_.resize(rows_.size() + kFakeVocab);
      language_(tokens, rows_.data() + rows_.size() - kFakeVocab);
    });
    return rows_;
  }
  // [tokens, last token, 1]
  std::span<const float> hidden(std::span<const SequencePiece> pieces) override {
    rows_.clear();
    each_wanted(pieces, [&](std::span<const int32_t> tokens) {
      rows_.push_back(static_cast<float>(tokens.size()));
      rows_.push_back(static_cast<float>(tokens.back()));
      rows_.push_back(1);
    });
    return rows_;
  }

  std::function<void(std::span<const SequencePiece>)> watch;  // sees each step; may throw

 private:
  void each_wanted(std::span<const SequencePiece> pieces,
                   const std::function<void(std::span<const int32_t>)>& row) {
    if (watch) watch(pieces);
    for (const SequencePiece& piece : pieces) {
      const auto end = piece.begin + static_cast<int64_t>(piece.tokens.size());
      AURORA_CHECK(!piece.tokens.empty() && piece.logits_from >= 0, "an empty piece");
      AURORA_CHECK_LE(end, static_cast<int64_t>(piece.pages.size()) * page_tokens_);
      for (int64_t i = piece.begin; i < end; ++i)
        place(piece, i) = piece.tokens[static_cast<size_t>(i - piece.begin)];
      std::vector<int32_t> tokens;
      for (int64_t i = 0; i < end; ++i) {
        tokens.push_back(place(piece, i));
        AURORA_CHECK(tokens.back() >= 0, "token {} was never stored", i);
        if (i >= piece.begin + piece.logits_from) row(tokens);
      }
    }
  }
  int32_t& place(const SequencePiece& piece, int64_t position) {
    const int32_t page = piece.pages[static_cast<size_t>(position / page_tokens_)];
    AURORA_CHECK(used_[static_cast<size_t>(page)], "a page that nobody has");
    return stored_[static_cast<size_t>(page * page_tokens_ + position % page_tokens_)];
  }

  Language language_;
  int64_t page_tokens_;
  std::vector<bool> used_;
  std::vector<int32_t> stored_;
  std::vector<float> rows_;
};

// Says what follows the longest of its sentences' beginnings that the text ends with: all but certain.
// Text that ends no beginning is followed by the end token.
inline Language parrot(std::vector<std::string> sentences) {
  return [sentences](std::span<const int32_t> tokens, float* logits) {
    std::fill_n(logits, kFakeVocab, 0.0f);
    int32_t next = byte_tokenizer().end_of_document();
    size_t longest = 0;
    for (const std::string& sentence : sentences) {
      for (size_t length = 1; length < sentence.size(); ++length) {
        if (length <= longest || length > tokens.size()) continue;
        bool same = true;
        for (size_t i = 0; i < length && same; ++i)
          same = tokens[tokens.size() - length + i] == static_cast<unsigned char>(sentence[i]);
        if (!same) continue;
        longest = length;
        next = static_cast<unsigned char>(sentence[length]);
      }
    }
    logits[next] = 20;
  };
}

// Logits that depend on every token of the text, and most on the last one, so that texts repeat themselves.
inline void babble(std::span<const int32_t> tokens, float* logits) {
  const uint64_t all = xxh3_64(tokens.data(), tokens.size_bytes());
  const auto last = static_cast<uint64_t>(tokens.back() % 8);
  const auto fraction = [](uint64_t key, uint64_t v) {
    uint64_t mixed = (key + v * 0x9e3779b97f4a7c15) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 29)) * 0x94d049bb133111eb;
    return static_cast<float>(mixed >> 40) * 0x1p-24f;
  };
  for (uint64_t v = 0; v < kFakeVocab; ++v) logits[v] = 40 * fraction(last + 1, v) + 0.2f * fraction(all, v);
}

// What a request was told.
struct Told {
  struct Choice {
    std::vector<int32_t> tokens;
    std::vector<TokenLogprobs> logprobs;
    std::string text;
    bool finished = false;
    FinishReason reason = FinishReason::kEnd;
    std::string stop_string;
    int32_t end_token = kNoToken;
    Usage usage;
  };
  std::map<int, Choice> choices;
  std::vector<TokenLogprobs> prompt;
  std::vector<float> embedding;
  std::string error;
  int lasts = 0;
  int events = 0;

  bool over() const { return lasts > 0; }
  Sink sink() {
    return [this](const Event& event) { add(event); };
  }
  void add(const Event& event) {
    AURORA_CHECK(!over(), "an event behind the last");
    ++events;
    lasts += event.last ? 1 : 0;
    Choice& choice = choices[event.choice];
    choice.text += event.text;
    if (event.kind == Event::Kind::kToken) {
      AURORA_CHECK(!choice.finished, "a token behind the end");
      choice.tokens.push_back(event.token);
      if (event.logprobs != nullptr) choice.logprobs.push_back(*event.logprobs);
    } else if (event.kind == Event::Kind::kPrompt) {
      prompt.assign(event.prompt.begin(), event.prompt.end());
    } else if (event.kind == Event::Kind::kFailed) {
      error = event.error->what();
    } else {
      choice.finished = true;
      choice.reason = event.reason;
      choice.stop_string = event.stop_string;
      choice.end_token = event.end_token;
      choice.usage = event.usage;
      embedding.assign(event.embedding.begin(), event.embedding.end());
    }
  }
};

inline void run_until_idle(Engine& engine) {
  while (engine.step()) {
  }
}

}  // namespace aurora::infer::testing
