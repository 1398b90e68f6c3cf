// Hugging Face's tokenizer.json (docs/formats/tokenizer.md).
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "aurora/base/error.h"
#include "aurora/base/utf8.h"
#include "aurora/format/json_value.h"
#include "aurora/pretokenize/pretokenize.h"
#include "aurora/tokenizer/tokenizer.h"
#include "aurora/tokenizer/trained_spec.h"

namespace aurora::tokenizer {
namespace {

using format::Json;
using format::JsonObject;
using format::OrderedJson;

constexpr const char* kRemedy = "use a tokenizer.json that aurora wrote";

// GPT-2's alphabet: each byte is written as one visible character, itself where it is one, else U+0100 on.
class ByteAlphabet {
 public:
  ByteAlphabet() {
    uint32_t next = 256;
    for (uint32_t byte = 0; byte < 256; ++byte) {
      const bool visible = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
      character_[byte] = visible ? byte : next++;
      byte_[character_[byte]] = static_cast<char>(byte);
    }
  }
  std::string write(std::string_view bytes) const {
    std::string text;
    for (char byte : bytes) append_utf8(text, character_[static_cast<uint8_t>(byte)]);
    return text;
  }
  // false when the text is not written in the alphabet.
  bool read(std::string_view text, std::string& bytes) const {
    bytes.clear();
    for (size_t at = 0; at < text.size();) {
      const Decoded decoded = decode_utf8(text, at);
      const auto found = byte_.find(decoded.code_point);
      if (!decoded.valid || found == byte_.end()) return false;
      bytes += found->second;
      at += decoded.bytes;
    }
    return true;
  }

 private:
  std::array<uint32_t, 256> character_;
  std::unordered_map<uint32_t, char> byte_;
};

OrderedJson byte_level(bool use_regex) {
  return {
      {"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", false}, {"use_regex", use_regex}};
}

OrderedJson pre_tokenizer() {
  const OrderedJson split = {{"type", "Split"},
                             {"pattern", {{"Regex", pretokenize::kPretokenPattern}}},
                             {"behavior", "Isolated"},
                             {"invert", false}};
  return {{"type", "Sequence"}, {"pretokenizers", OrderedJson::array({split, byte_level(false)})}};
}

// Reads one file's parts; `where` stands in every error.
class JsonReader {
 public:
  JsonReader(const Json& json, const std::string& where)
      : where_(where),
        json_(json),
        root_(json, where, kRemedy),
        model_(root_.object("model"), where + ", model", kRemedy) {}

  Spec read() {
    check_kind();
    read_vocabulary();
    read_merges();
    return spec_of_trained_bpe(tokens_, merges_, special_tokens_);
  }

 private:
  bool absent(const Json& object, const char* key) const {
    const auto found = object.find(key);
    return found == object.end() || found->is_null() || *found == false || *found == "";
  }

  void check_kind() const {
    if (model_.text("type") != "BPE") model_.refuse("the model is " + model_.text("type") + ", not BPE");
    for (const char* key : {"dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix",
                            "byte_fallback", "ignore_merges"}) {
      if (!absent(json_["model"], key)) {
        model_.refuse(fmt::format("\"{}\" is set, which this program does not know", key));
      }
    }
    if (!absent(json_, "normalizer")) root_.refuse("a normalizer would change bytes; none is expected");
    check_pre_tokenizer();
    const JsonObject decoder(root_.object("decoder"), where_ + ", decoder", kRemedy);
    if (decoder.text("type") != "ByteLevel") decoder.refuse("the decoder is not ByteLevel");
  }

  void check_pre_tokenizer() const {
    const Json expected = Json::parse(pre_tokenizer().dump());
    const std::string where = where_ + ", pre_tokenizer";
    const JsonObject outer(root_.object("pre_tokenizer"), where, kRemedy);
    const char* another = "another pre-tokenization than the one of this program (docs/formats/tokenizer.md)";
    if (outer.text("type") != "Sequence" || outer.array("pretokenizers").size() != 2) outer.refuse(another);
    const Json& parts = outer.array("pretokenizers");
    const JsonObject bytes(parts[1], where, kRemedy);
    // trim_offsets concerns offsets only, never ids.
    const bool plain = bytes.text("type") == "ByteLevel" && bytes.at("add_prefix_space") == false &&
                       bytes.at("use_regex") == false;
    if (parts[0] != expected["pretokenizers"][0] || !plain) outer.refuse(another);
  }

  void read_vocabulary() {
    std::unordered_map<std::string, int32_t> special;
    std::vector<std::pair<uint64_t, std::string>> special_by_id;
    for (const Json& item : root_.array("added_tokens")) {
      const JsonObject token(item, where_ + ", added_tokens", kRemedy);
      if (token.at("special") != true)
        token.refuse("\"" + token.text("content") + "\" is added but not special");
      special_by_id.emplace_back(token.number("id"), token.text("content"));
      special.emplace(token.text("content"), 0);
    }
    std::sort(special_by_id.begin(), special_by_id.end());
    const Json& vocab = model_.object("vocab");
    std::vector<std::string>& tokens = tokens_;
    std::vector<bool> seen;
    for (const auto& [text, id] : vocab.items()) {
      if (special.count(text)) continue;
      std::string bytes;
      if (!alphabet_.read(text, bytes)) model_.refuse("token \"" + text + "\" is not in the byte alphabet");
      if (!id.is_number_unsigned() || id.get<uint64_t>() >= vocab.size()) {
        model_.refuse(fmt::format("token \"{}\" has an id outside 0..{}", text, vocab.size() - 1));
      }
      const size_t at = id.get<size_t>();
      if (at >= tokens.size()) tokens.resize(at + 1), seen.resize(at + 1);
      if (seen[at]) model_.refuse(fmt::format("id {} is given twice", at));
      seen[at] = true;
      tokens[at] = std::move(bytes);
      ids_.emplace(text, static_cast<int32_t>(at));
    }
    const auto hole = std::find(seen.begin(), seen.end(), false);
    if (hole != seen.end()) model_.refuse(fmt::format("no token has id {}", hole - seen.begin()));
    for (const auto& [id, text] : special_by_id) {
      if (id != tokens.size() + special_tokens_.size()) {
        root_.refuse(fmt::format("special token {} has id {}, not {}: special tokens follow all others", text,
                                 id, tokens.size() + special_tokens_.size()));
      }
      special_tokens_.push_back(text);
    }
  }

  // "a b", or ["a", "b"] as newer files have it.
  void read_merges() {
    size_t line = 0;
    for (const Json& item : model_.array("merges")) {
      std::string left;
      std::string right;
      if (item.is_string()) {
        const std::string text = item.get<std::string>();
        const size_t space = text.find(' ');
        left = text.substr(0, space);
        right = space == std::string::npos ? "" : text.substr(space + 1);
      } else if (item.is_array() && item.size() == 2 && item[0].is_string() && item[1].is_string()) {
        left = item[0].get<std::string>();
        right = item[1].get<std::string>();
      }
      const auto left_id = ids_.find(left);
      const auto right_id = ids_.find(right);
      if (left_id == ids_.end() || right_id == ids_.end()) {
        model_.refuse(fmt::format("merge {} ({}) names no two tokens", line, item.dump()));
      }
      merges_.emplace_back(left_id->second, right_id->second);
      ++line;
    }
  }

  std::string where_;
  const Json& json_;
  JsonObject root_;
  JsonObject model_;
  ByteAlphabet alphabet_;
  std::unordered_map<std::string, int32_t> ids_;
  std::vector<std::string> tokens_;
  std::vector<std::pair<int32_t, int32_t>> merges_;
  std::vector<std::string> special_tokens_;
};

Path json_path(const Path& path) {
  return std::filesystem::is_directory(path) ? path / "tokenizer.json" : path;
}

}  // namespace

std::string Tokenizer::to_json() const {
  const ByteAlphabet alphabet;
  std::vector<std::string> written;
  // OrderedJson looks a key up in linear time, so the vocabulary is built as the vector it is inside.
  OrderedJson::object_t vocab;
  const size_t ordinary = spec_.tokens.size() - spec_.added.size();
  for (size_t id = 0; id < ordinary; ++id) {
    written.push_back(alphabet.write(spec_.tokens[id].text));
    static_cast<OrderedJson::object_t::Container&>(vocab).emplace_back(written.back(), id);
  }
  OrderedJson merges = OrderedJson::array();
  for (const MergeRule& merge : spec_.merges)
    merges.push_back(written[merge.left] + " " + written[merge.right]);
  OrderedJson added = OrderedJson::array();
  for (const AddedToken& token : spec_.added) {
    added.push_back({{"id", token.id},
                     {"content", token.text},
                     {"single_word", false},
                     {"lstrip", false},
                     {"rstrip", false},
                     {"normalized", false},
                     {"special", true}});
  }
  OrderedJson json = {{"version", "1.0"},
                      {"truncation", nullptr},
                      {"padding", nullptr},
                      {"added_tokens", added},
                      {"normalizer", nullptr},
                      {"pre_tokenizer", pre_tokenizer()},
                      {"post_processor", nullptr},
                      {"decoder", byte_level(false)},
                      {"model",
                       {{"type", "BPE"},
                        {"dropout", nullptr},
                        {"unk_token", nullptr},
                        {"continuing_subword_prefix", nullptr},
                        {"end_of_word_suffix", nullptr},
                        {"fuse_unk", false},
                        {"byte_fallback", false},
                        {"ignore_merges", false}}}};
  json["model"]["vocab"] = std::move(vocab);
  json["model"]["merges"] = std::move(merges);
  return json.dump(1) + "\n";
}

Tokenizer Tokenizer::from_json(std::string_view text, const std::string& where) {
  const Json json = format::parse_json(text, where, kRemedy);
  return Tokenizer(JsonReader(json, where).read(), where);
}

Tokenizer Tokenizer::load(const Path& path) {
  const Path file = json_path(path);
  return from_json(read_file(file), file.string());
}

void Tokenizer::save(const Path& path) const {
  write_file_atomic(json_path(path), to_json());
}

}  // namespace aurora::tokenizer
