#include "aurora/format/json_value.h"

#include <nlohmann/json.hpp>
#include "aurora/tokenizer/formats/tokenizer_json.h"
#include "aurora/tokenizer/formats/tokenizer_json_parts.h"
#include "aurora/tokenizer/trained_spec.h"

namespace aurora::tokenizer {
namespace {

const nlohmann::json kNull;

}  // namespace

Spec read_tokenizer_json(std::string_view text, const std::string& where) {
  const nlohmann::json json = format::parse_json(text, where, "copy the file anew");
  const JsonNode document(json, where);
  const auto part = [&](const char* key) {
    return document.lacks(key) ? JsonNode(kNull, where) : document.at(key);
  };
  for (const char* key : {"truncation", "padding"}) {
    if (!document.lacks(key)) {
      document.at(key).refuse("texts that are cut or filled up are not known here", "set it to null");
    }
  }
  Spec spec;
  read_json_normalizer(part("normalizer"), spec);
  read_json_pre_tokenizer(part("pre_tokenizer"), spec);
  read_json_decoder(part("decoder"), spec);
  read_json_model(document, spec);
  read_json_post_processor(part("post_processor"), spec);
  if (!spec.added.empty()) {
    spec.end_of_document = spec.added.front().id;
    if (!is_own_spec(spec)) spec.end_of_document = -1;
  }
  return spec;
}

}  // namespace aurora::tokenizer
