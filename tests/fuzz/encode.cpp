// Any bytes as text, through a small tokenizer of each kind: byte-level texts come back as they were, places
// ascend and lie inside, a stream gives what the whole gives, and what an encoder remembers changes nothing.
#include "aurora/base/check.h"
#include "aurora/base/utf8.h"
#include "aurora/tokenizer/decode.h"
#include "aurora/tokenizer/encoder.h"
#include "aurora/tokenizer/test_specs.h"
#include "aurora/tokenizer/tokenizer.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace aurora;
using namespace aurora::tokenizer;

Spec with_normalizers(Spec spec, std::vector<Normalizer> steps) {
  spec.normalizers = std::move(steps);
  return spec;
}

std::vector<Tokenizer> make_tokenizers() {
  using Kind = Normalizer::Kind;
  std::vector<Tokenizer> made;
  for (const char* scheme : {"gpt2", "cl100k", "o200k", "qwen2", "deepseek-v3"}) {  // 0..4 come back exactly
    made.emplace_back(byte_level_spec(scheme));
  }
  Normalizer strip = normalizer(Kind::kStrip);
  strip.left = strip.right = true;
  Normalizer rows = normalizer(Kind::kReplace, " {2,}", "_");
  rows.pattern_is_regex = true;
  made.emplace_back(with_normalizers(byte_level_spec(), {normalizer(Kind::kNfc)}));
  made.emplace_back(
      with_normalizers(byte_level_spec(), {normalizer(Kind::kNfkd), normalizer(Kind::kLowercase)}));
  made.emplace_back(with_normalizers(byte_level_spec(), {strip, rows, normalizer(Kind::kNfkc)}));
  made.emplace_back(llama_spec());
  made.emplace_back(unigram_spec());
  Spec first = unigram_spec();
  first.pretokenizers[0].prepend = PretokenStep::Prepend::kFirst;
  made.emplace_back(with_normalizers(first, {strip}));
  made.emplace_back(unigram_spec(ModelKind::kSentencePieceUnigram));
  return made;
}

constexpr size_t kExact = 5;

void check_places(const std::vector<TokenSpan>& spans, const std::vector<int32_t>& ids, size_t size) {
  AURORA_CHECK(spans.size() == ids.size());
  size_t last = 0;
  for (size_t i = 0; i < ids.size(); ++i) {
    AURORA_CHECK(spans[i].id == ids[i]);
    AURORA_CHECK(last <= spans[i].begin && spans[i].begin <= spans[i].end && spans[i].end <= size);
    last = spans[i].begin;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::vector<Tokenizer> tokenizers = make_tokenizers();
  static std::vector<Encoder> encoders(tokenizers.begin(), tokenizers.end());  // remember all they have seen
  if (size < 2) return 0;
  const size_t which = data[0] % tokenizers.size();
  EncodeOptions options;
  options.specials = data[1] % 2 ? Specials::kParse : Specials::kText;
  const std::string_view text = fuzz::text(data + 2, size - 2);
  const Tokenizer& tokenizer = tokenizers[which];

  std::vector<int32_t> ids;
  encoders[which].encode(text, ids, options);
  std::vector<int32_t> fresh;
  Encoder(tokenizer).encode(text, fresh, options);
  AURORA_CHECK(ids == fresh);
  std::vector<TokenSpan> spans;
  encoders[which].encode_with_offsets(text, spans, options);
  check_places(spans, ids, text.size());

  const std::string whole = tokenizer.decode(ids);
  AURORA_CHECK(which >= kExact || whole == text);
  StreamDecoder stream(tokenizer, false);
  std::string joined;
  for (const int32_t id : ids) {
    const std::string piece = stream.push(id);
    AURORA_CHECK(is_valid_utf8(piece));
    joined += piece;
  }
  joined += stream.finish();
  AURORA_CHECK(joined == repair_utf8(whole));
  return 0;
}
