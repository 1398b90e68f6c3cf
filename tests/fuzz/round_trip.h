// What holds of every tokenizer and every text, checked: places ascend, lie inside and stand at the same ids;
// a stream gives what the whole gives; what an encoder remembers changes nothing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aurora/base/check.h"
#include "aurora/base/utf8.h"
#include "aurora/tokenizer/decode.h"
#include "aurora/tokenizer/encoder.h"
#include "aurora/tokenizer/tokenizer.h"

namespace aurora::fuzz {

inline void check_places(const std::vector<tokenizer::TokenSpan>& spans, const std::vector<int32_t>& ids,
                         size_t size) {
  AURORA_CHECK(spans.size() == ids.size());
  size_t last = 0;
  for (size_t i = 0; i < ids.size(); ++i) {
    AURORA_CHECK(spans[i].id == ids[i]);
    AURORA_CHECK(last <= spans[i].begin && spans[i].begin <= spans[i].end && spans[i].end <= size);
    last = spans[i].begin;
  }
}

inline void check_stream(const tokenizer::Tokenizer& tokenizer, const std::vector<int32_t>& ids,
                         bool skip_special) {
  tokenizer::StreamDecoder stream(tokenizer, skip_special);
  std::string joined;
  for (const int32_t id : ids) {
    const std::string piece = stream.push(id);
    AURORA_CHECK(is_valid_utf8(piece));
    joined += piece;
  }
  joined += stream.finish();
  AURORA_CHECK(joined == repair_utf8(tokenizer.decode(ids, skip_special)));
}

// The ids. `encoder` is of this tokenizer and may have seen other texts; places are found without what it
// remembers. Error: the encoder's, which it then gives with places and without.
inline std::vector<int32_t> round_trip(const tokenizer::Tokenizer& tokenizer, tokenizer::Encoder& encoder,
                                       std::string_view text, const tokenizer::EncodeOptions& options) {
  std::vector<int32_t> ids;
  std::vector<tokenizer::TokenSpan> spans;
  bool refused = false;
  try {
    encoder.encode(text, ids, options);
  } catch (const Error&) {
    refused = true;
  }
  encoder.encode_with_offsets(text, spans, options);
  AURORA_CHECK(!refused);
  check_places(spans, ids, text.size());
  check_stream(tokenizer, ids, false);
  check_stream(tokenizer, ids, true);
  return ids;
}

// A text that a tokenizer nobody knows has something to do with: some of its own tokens among others.
inline std::string probe_text(const tokenizer::Spec& spec) {
  std::string text = "low  lower \xff<s>\u3042";
  for (size_t i = 0; i < spec.added.size() && i < 4; ++i) text += spec.added[i].text + (i % 2 ? "" : " ");
  const size_t tokens = spec.tokens.size();
  for (size_t i = tokens < 8 ? 0 : tokens - 8; i < tokens; ++i) text += spec.tokens[i].text;
  if (text.size() > 4096) text.resize(4096);
  return text + " ";
}

// The same of such a tokenizer. Error: the encoder's.
inline void probe(const tokenizer::Tokenizer& tokenizer) {
  tokenizer::Encoder encoder(tokenizer);
  tokenizer::EncodeOptions options;
  const std::string text = probe_text(tokenizer.spec());
  round_trip(tokenizer, encoder, text, options);
  options.specials = tokenizer::Specials::kParse;
  options.add_template = true;
  round_trip(tokenizer, encoder, text, options);
}

}  // namespace aurora::fuzz
