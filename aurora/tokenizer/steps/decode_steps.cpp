// The decoder steps of a tokenizer.json. In `tokenizers` each step turns the list of all tokens' texts into
// another list; here each step takes one text after the other and passes on what cannot change any more.
#include <algorithm>

#include "aurora/base/utf8.h"
#include "aurora/tokenizer/steps/decode_ways.h"

namespace aurora::tokenizer {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string out;
  size_t done = 0;
  for (size_t at = text.find(from); !from.empty() && at != std::string_view::npos;
       at = text.find(from, done)) {
    out.append(text, done, at - done);
    out += to;
    done = at + from.size();
  }
  out.append(text, done);
  return out;
}

// Takes up to `most` times `unit` from the begin of the text; returns how many.
int32_t strip_left(std::string_view& text, std::string_view unit, int32_t most) {
  int32_t count = 0;
  for (; count < most && !unit.empty() && text.starts_with(unit); ++count) text.remove_prefix(unit.size());
  return count;
}
int32_t strip_right(std::string_view& text, std::string_view unit, int32_t most) {
  int32_t count = 0;
  for (; count < most && !unit.empty() && text.ends_with(unit); ++count) text.remove_suffix(unit.size());
  return count;
}

class Stage {
 public:
  virtual ~Stage() = default;
  virtual void take(std::string_view text) = 0;
  virtual void finish() { next->finish(); }  // passes on what it holds, and begins anew

  Stage* next = nullptr;
};

// The end: texts are joined, by a space where the tokenizer has no decoder.
class JoinStage : public Stage {
 public:
  explicit JoinStage(std::string_view between) : between_(between) {}
  void take(std::string_view text) override {
    if (!first_) *out += between_;
    first_ = false;
    *out += text;
  }
  void finish() override { first_ = true; }

  std::string* out = nullptr;

 private:
  std::string_view between_;
  bool first_ = true;
};

class ReplaceStage : public Stage {
 public:
  explicit ReplaceStage(const DecoderStep& step) : step_(step) {}
  void take(std::string_view text) override { next->take(replaced(text, step_.pattern, step_.text)); }

 private:
  const DecoderStep& step_;
};

// Byte tokens in a row are a text if they are UTF-8; else each is U+FFFD.
class ByteFallbackStage : public Stage {
 public:
  void take(std::string_view text) override {
    const int byte = byte_of_piece(text);
    if (byte >= 0) {
      bytes_ += static_cast<char>(byte);
      return;
    }
    pass_on();
    next->take(text);
  }
  void finish() override {
    pass_on();
    next->finish();
  }

 private:
  void pass_on() {
    if (bytes_.empty()) return;
    if (is_valid_utf8(bytes_)) {
      next->take(bytes_);
    } else {
      for (size_t i = 0; i < bytes_.size(); ++i) next->take(kReplacement);
    }
    bytes_.clear();
  }
  std::string bytes_;
};

// At the ends of each text.
class StripStage : public Stage {
 public:
  explicit StripStage(const DecoderStep& step) : step_(step) {}
  void take(std::string_view text) override {
    strip_left(text, step_.pattern, step_.start);
    strip_right(text, step_.pattern, step_.stop);
    next->take(text);
  }

 private:
  const DecoderStep& step_;
};

// At the ends of the one text that all were fused into, of which parts come in turn.
class StripAllStage : public Stage {
 public:
  explicit StripAllStage(const DecoderStep& step) : step_(step) {}
  void take(std::string_view text) override {
    held_ += text;
    std::string_view rest = held_;
    if (at_begin_) {
      stripped_ += strip_left(rest, step_.pattern, step_.start - stripped_);
      if (rest.empty()) return held_.clear();
      at_begin_ = false;
    }
    std::string_view sure = rest;
    strip_right(sure, step_.pattern, step_.stop);
    next->take(sure);
    held_.erase(0, held_.size() - (rest.size() - sure.size()));
  }
  void finish() override {
    held_.clear();
    at_begin_ = true;
    stripped_ = 0;
    next->finish();
  }

 private:
  const DecoderStep& step_;
  std::string held_;
  bool at_begin_ = true;
  int32_t stripped_ = 0;
};

// The replacement is a space; in the first text it is nothing.
class MetaspaceStage : public Stage {
 public:
  explicit MetaspaceStage(const DecoderStep& step) : step_(step) {}
  void take(std::string_view text) override {
    next->take(replaced(text, step_.pattern, first_ && step_.prefix ? "" : " "));
    first_ = false;
  }
  void finish() override {
    first_ = true;
    next->finish();
  }

 private:
  const DecoderStep& step_;
  bool first_ = true;
};

// One text of all: for steps that look across what was fused.
class HoldStage : public Stage {
 public:
  explicit HoldStage(bool repair) : repair_(repair) {}
  void take(std::string_view text) override { held_ += text; }
  void finish() override {
    next->take(repair_ ? repair_utf8(held_) : held_);
    held_.clear();
    next->finish();
  }

 private:
  bool repair_;
  std::string held_;
};

class StepWay : public StreamDecoder::Way {
 public:
  explicit StepWay(const DecodeTables& tables) : tables_(tables), join_(tables.steps().empty() ? " " : "") {
    for (const DecoderStep& step : tables.steps()) add_step(step);
    for (size_t i = 0; i < stages_.size(); ++i) {
      stages_[i]->next = i + 1 < stages_.size() ? stages_[i + 1].get() : &join_;
    }
  }

  void push(int32_t id, std::string& out) override {
    join_.out = &out;
    first()->take(tables_.text(id));
  }
  void finish(std::string& out) override {
    join_.out = &out;
    first()->finish();
  }

 private:
  // What comes to the next step: the tokens' texts, parts of the one text they were fused into, or all of it.
  enum class Flow { kTokens, kParts, kWhole };

  Stage* first() { return stages_.empty() ? &join_ : stages_.front().get(); }
  void add(std::unique_ptr<Stage> stage) { stages_.push_back(std::move(stage)); }
  void hold_parts() {
    if (flow_ != Flow::kParts) return;
    add(std::make_unique<HoldStage>(false));
    flow_ = Flow::kWhole;
  }

  void add_step(const DecoderStep& step) {
    switch (step.kind) {
      case DecoderStep::Kind::kByteLevel:
        add(std::make_unique<HoldStage>(true));
        flow_ = Flow::kWhole;
        return;
      case DecoderStep::Kind::kFuse:
        flow_ = Flow::kParts;
        return;
      case DecoderStep::Kind::kByteFallback:
        hold_parts();
        add(std::make_unique<ByteFallbackStage>());
        return;
      case DecoderStep::Kind::kReplace:
        hold_parts();
        add(std::make_unique<ReplaceStage>(step));
        return;
      case DecoderStep::Kind::kMetaspace:
        hold_parts();
        add(std::make_unique<MetaspaceStage>(step));
        return;
      case DecoderStep::Kind::kStrip:
        if (flow_ == Flow::kParts) return add(std::make_unique<StripAllStage>(step));
        return add(std::make_unique<StripStage>(step));
    }
  }

  const DecodeTables& tables_;
  JoinStage join_;
  std::vector<std::unique_ptr<Stage>> stages_;
  Flow flow_ = Flow::kTokens;
};

}  // namespace

std::unique_ptr<StreamDecoder::Way> make_step_way(const DecodeTables& tables) {
  return std::make_unique<StepWay>(tables);
}

}  // namespace aurora::tokenizer
