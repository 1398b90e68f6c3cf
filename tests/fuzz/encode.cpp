// Any bytes as text, through a small tokenizer of each kind: all that round_trip.h checks; byte-level texts
// come back as they were, and have the ids of the textbook.
#include <algorithm>
#include <array>
#include <deque>
#include <memory>
#include <optional>

#include "aurora/base/check.h"
#include "aurora/base/random.h"
#include "aurora/tokenizer/bpe/test_vocabulary.h"
#include "aurora/tokenizer/test_specs.h"
#include "aurora/tokenizer/textbook.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/round_trip.h"

namespace {

using namespace aurora;
using namespace aurora::tokenizer;

struct Subject {
  explicit Subject(Spec spec)
      : tokenizer(std::move(spec)),
        words(shared_words()),
        encoder(tokenizer, words),
        sharer(tokenizer, words) {}

  Tokenizer tokenizer;
  std::shared_ptr<SharedWords> words;
  Encoder encoder;     // remembers all it has seen
  Encoder sharer;      // ... and what the other has
  bool exact = false;  // texts come back as they were
  std::optional<Textbook> textbook{};
};

// Tokens of two others, drawn: of the letters, and of what was made of them. Merges too, or else (as in a
// rank file) one for each two tokens that join to a third.
void learn(Spec& spec, const std::vector<std::string>& letters, bool rank_file) {
  const RandomKey key = random_key(spec.tokens.size() + rank_file, Purpose::kTest);
  std::vector<int32_t> parts;
  std::vector<std::string> texts;
  for (const Token& token : spec.tokens) texts.push_back(token.text);
  for (const std::string& letter : letters)
    parts.push_back(static_cast<int32_t>(std::find(texts.begin(), texts.end(), letter) - texts.begin()));
  for (uint64_t i = 0; i < 400; ++i) {
    const int32_t left = parts[random_u64(2 * i, key) % parts.size()];
    const int32_t right = parts[random_u64(2 * i + 1, key) % parts.size()];
    const std::string joined = texts[static_cast<size_t>(left)] + texts[static_cast<size_t>(right)];
    if (joined.size() > 20 || std::find(texts.begin(), texts.end(), joined) != texts.end()) continue;
    texts.push_back(joined);
    parts.push_back(static_cast<int32_t>(spec.tokens.size()));
    if (rank_file && i % 8 == 0) continue;  // parts that are no tokens make tokens that no merge makes
    if (rank_file)
      spec.tokens.push_back(token_of(joined));
    else
      add_merge(spec, left, right);
  }
}

const std::vector<std::string> kBytes = {"a",    "b",    " ",    "t",    "h",    "e",    "1",    "\n",
                                         "\xe3", "\x81", "\x82", "\x84", "\xe8", "\xaa", "\x9e", "\xf0"};

Spec learned_bytes(const char* scheme, bool rank_file) {
  Spec spec;
  for (int byte = 0; byte < 256; ++byte)
    spec.tokens.push_back(token_of(std::string(1, static_cast<char>(byte))));
  learn(spec, kBytes, rank_file);
  if (rank_file) add_rank_merges(spec);
  spec.whole_words = rank_file;
  PretokenStep step;
  step.scheme = scheme;
  if (*scheme) spec.pretokenizers = {step};
  spec.decoders = {decoder(DecoderStep::Kind::kByteLevel)};
  return spec;
}

Spec learned_characters(bool fallback) {
  Spec spec = llama_spec();
  spec.byte_fallback = fallback;
  learn(spec, {"\u2581", "t", "h", "e", "a", "\u3042"}, false);
  return spec;
}

Spec with_normalizers(Spec spec, std::vector<Normalizer> steps) {
  spec.normalizers = std::move(steps);
  return spec;
}

// Added tokens of every kind.
Spec with_added_tokens(Spec spec) {
  for (int i = 0; i < 16; ++i) {
    add_token(spec, std::string("<") + static_cast<char>('a' + i) + ">", i & 1, i & 2);
    spec.added.back().single_word = i & 4;
    spec.added.back().strip_left = i & 8;
    spec.added.back().strip_right = i % 3 == 0;
  }
  return spec;
}

Normalizer strip() {
  Normalizer step = normalizer(Normalizer::Kind::kStrip);
  step.left = step.right = true;
  return step;
}

Normalizer rows() {
  Normalizer step = normalizer(Normalizer::Kind::kReplace, " {2,}", "_");
  step.pattern_is_regex = true;
  return step;
}

std::deque<Subject> make_subjects() {
  using Kind = Normalizer::Kind;
  std::deque<Subject> made;
  for (const char* scheme : {"gpt2", "cl100k", "o200k", "qwen2", "deepseek-v3"}) {
    made.emplace_back(byte_level_spec(scheme)).exact = true;
    for (const bool rank_file : {false, true}) {
      Subject& subject = made.emplace_back(learned_bytes(scheme, rank_file));
      subject.exact = true;
      subject.textbook.emplace(subject.tokenizer.spec());
    }
  }
  for (const bool rank_file : {false, true}) made.emplace_back(learned_bytes("", rank_file)).exact = true;
  made.emplace_back(with_normalizers(byte_level_spec(), {normalizer(Kind::kNfc)}));
  made.emplace_back(
      with_normalizers(byte_level_spec(), {normalizer(Kind::kNfkd), normalizer(Kind::kLowercase)}));
  made.emplace_back(with_normalizers(byte_level_spec(), {strip(), rows(), normalizer(Kind::kNfkc)}));
  made.emplace_back(with_added_tokens(byte_level_spec("cl100k")));
  made.emplace_back(with_added_tokens(with_normalizers(byte_level_spec(), {normalizer(Kind::kNfc)})));
  Spec prefix = byte_level_spec();
  prefix.pretokenizers[0].prepend = PretokenStep::Prepend::kAlways;
  made.emplace_back(prefix);
  made.emplace_back(llama_spec());
  made.emplace_back(with_added_tokens(llama_spec()));
  for (const bool fallback : {false, true}) made.emplace_back(learned_characters(fallback));
  made.emplace_back(unigram_spec());
  made.emplace_back(with_added_tokens(unigram_spec()));
  Spec first = unigram_spec();
  first.pretokenizers[0].prepend = PretokenStep::Prepend::kFirst;
  made.emplace_back(with_normalizers(first, {strip()}));
  made.emplace_back(unigram_spec(ModelKind::kSentencePieceUnigram));
  return made;
}

// The textbook's time grows with the square of a word.
constexpr size_t kTextbookBytes = 512;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static std::deque<Subject> subjects = make_subjects();
  if (size < 2) return 0;
  Subject& subject = subjects[data[0] % subjects.size()];
  EncodeOptions options;
  options.specials = std::array{Specials::kText, Specials::kParse, Specials::kRefuse}[data[1] % 3];
  options.add_template = data[1] & 0x40;
  if (data[1] & 0x80) options.allowed = {"<|end|>", "<b>"};
  const std::string_view text = fuzz::text(data + 2, size - 2);
  if (data[1] == 0x3f) subject.encoder.forget();
  fuzz::expect_error_or_success([&] {
    const std::vector<int32_t> ids = fuzz::round_trip(subject.tokenizer, subject.encoder, text, options);
    if (subject.exact) AURORA_CHECK(subject.tokenizer.decode(ids) == text);
    std::vector<int32_t> shared;
    subject.sharer.encode(text, shared, options);
    AURORA_CHECK(shared == ids);
    if (data[1] % 16 == 0) {  // seldom: it takes much memory
      std::vector<int32_t> fresh;
      Encoder(subject.tokenizer).encode(text, fresh, options);
      AURORA_CHECK(ids == fresh);
    }
    if (!subject.textbook || text.size() > kTextbookBytes) return;
    std::vector<int32_t> expected;
    subject.textbook->encode(text, expected);
    AURORA_CHECK(ids == expected);
  });
  return 0;
}
