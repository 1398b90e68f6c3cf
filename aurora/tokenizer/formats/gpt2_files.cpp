#include "aurora/tokenizer/formats/gpt2_files.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "aurora/format/json_value.h"
#include "aurora/tokenizer/formats/tokenizer_json_parts.h"
#include "aurora/tokenizer/trained_spec.h"

namespace aurora::tokenizer {

Spec read_gpt2_files(std::string_view vocab_json, std::string_view merges_txt, const std::string& where) {
  const char* end_of_text = "<|endoftext|>";
  nlohmann::json merges = nlohmann::json::array();
  for (size_t at = 0; at < merges_txt.size();) {
    const size_t end = std::min(merges_txt.find('\n', at), merges_txt.size());
    std::string_view line = merges_txt.substr(at, end - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty() && !(at == 0 && line.starts_with("#version"))) merges.push_back(std::string(line));
    at = end + 1;
  }
  nlohmann::json document;
  document["model"]["vocab"] = format::parse_json(vocab_json, where + "/vocab.json", "copy the file anew");
  document["model"]["merges"] = std::move(merges);
  const nlohmann::json& vocab = document["model"]["vocab"];
  if (vocab.is_object() && vocab.contains(end_of_text)) {
    document["added_tokens"] = {{{"id", vocab[end_of_text]}, {"content", end_of_text}, {"special", true}}};
  }
  Spec spec;
  spec.pretokenizers = steps_of_scheme("gpt2", where);
  spec.decoders = {DecoderStep{}};
  read_json_model(JsonNode(document, where), spec);
  if (!spec.added.empty()) spec.end_of_document = spec.added.front().id;
  return spec;
}

}  // namespace aurora::tokenizer
