// Reads the model and the added tokens of a tokenizer.json.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "aurora/base/check.h"
#include "aurora/tokenizer/formats/byte_alphabet.h"
#include "aurora/tokenizer/formats/tokenizer_json_parts.h"
#include "aurora/tokenizer/spec_check.h"

namespace aurora::tokenizer {
namespace {

class ModelReader {
 public:
  ModelReader(const JsonNode& document, Spec& spec)
      : document_(document), model_(document.at("model")), spec_(spec) {}

  void read() {
    read_kind();
    if (spec_.model == ModelKind::kBpe) {
      read_vocabulary();
    } else {
      read_pieces();
    }
    read_unknown();
    read_added();
    if (spec_.model == ModelKind::kBpe) read_merges();
    name_kinds();
  }

 private:
  void read_kind() {
    const std::string type = model_.text_or("type", model_.lacks("merges") ? "without a type" : "BPE");
    if (type != "BPE" && type != "Unigram")
      model_.refuse(fmt::format("the model is {}, not BPE or Unigram", type));
    spec_.model = type == "BPE" ? ModelKind::kBpe : ModelKind::kUnigram;
    spec_.byte_fallback = model_.flag_or("byte_fallback", false);
    if (spec_.model == ModelKind::kUnigram) {
      if (spec_.byte_level) model_.refuse("a Unigram model over the byte alphabet is not known here");
      spec_.fuse_unknown = true;
      return;
    }
    spec_.fuse_unknown = model_.flag_or("fuse_unk", false);
    spec_.whole_words = model_.flag_or("ignore_merges", false);
    if (!model_.lacks("dropout") && model_.at("dropout").real() != 0) {
      model_.at("dropout").refuse("merges that are left out at random are not known here",
                                  "set it to null: it is for training a model only");
    }
    for (const char* key : {"continuing_subword_prefix", "end_of_word_suffix"}) {
      if (!model_.text_or(key, "").empty()) model_.at(key).refuse("not empty, which is not known here");
    }
    if (spec_.byte_level && spec_.byte_fallback)
      model_.at("byte_fallback").refuse("bytes need no byte_fallback");
  }

  void read_vocabulary() {
    const JsonNode node = model_.at("vocab");
    const JsonNode::Json& vocab = node.object();
    const int64_t last = static_cast<int64_t>(std::min(kMaxVocabulary, 2 * vocab.size() + kHoles)) - 1;
    for (const auto& [text, id] : vocab.items()) {
      if (!id.is_number_unsigned() || id.get<uint64_t>() > static_cast<uint64_t>(last)) {
        node.refuse(fmt::format("token \"{}\" has an id outside 0..{}", text, last));
      }
      const size_t at = id.get<size_t>();
      if (at >= spec_.tokens.size()) spec_.tokens.resize(at + 1, kHole);
      if (spec_.tokens[at].kind != TokenKind::kHole) node.refuse(fmt::format("id {} is given twice", at));
      spec_.tokens[at] = {text, 0, TokenKind::kNormal};
      ids_.emplace(text, static_cast<int32_t>(at));
    }
    model_size_ = vocab.size();
  }

  void read_pieces() {
    const JsonNode node = model_.at("vocab");
    if (!node.json().is_array()) node.refuse("not an array");
    if (node.json().size() > kMaxVocabulary) node.refuse("too many pieces");
    for (const JsonNode::Json& item : node.json()) {
      if (!item.is_array() || item.size() != 2 || !item[0].is_string() || !item[1].is_number()) {
        node.refuse(fmt::format("entry {} is no piece with its score", spec_.tokens.size()));
      }
      const auto id = static_cast<int32_t>(spec_.tokens.size());
      spec_.tokens.push_back({item[0].get<std::string>(), item[1].get<double>(), TokenKind::kNormal});
      if (!ids_.emplace(spec_.tokens.back().text, id).second) {
        node.refuse(fmt::format("piece \"{}\" stands twice", spec_.tokens.back().text));
      }
    }
    model_size_ = spec_.tokens.size();
  }

  void read_unknown() {
    if (spec_.model == ModelKind::kUnigram) {
      if (model_.lacks("unk_id")) return;
      spec_.unknown =
          static_cast<int32_t>(model_.at("unk_id").number(0, static_cast<int64_t>(model_size_) - 1));
    } else if (const std::string text = model_.text_or("unk_token", ""); !text.empty()) {
      const auto found = ids_.find(text);
      if (found == ids_.end()) model_.at("unk_token").refuse("\"" + text + "\" is no token");
      spec_.unknown = found->second;
    }
  }

  // `tokenizers` gives an added token the id that the model has for its text, else the next one, whatever
  // the file says; files that say another are refused.
  void read_added() {
    if (document_.lacks("added_tokens")) return;
    int64_t next = static_cast<int64_t>(model_size_);
    for (const JsonNode& node : document_.at("added_tokens").items()) {
      AddedToken token;
      token.text = node.text("content");
      const auto found = ids_.find(token.text);
      const int64_t expected = found == ids_.end() ? next : found->second;
      const int64_t id = node.at("id").number(0, static_cast<int64_t>(kMaxVocabulary) - 1);
      if (id != expected) {
        node.refuse(
            fmt::format("\"{}\" has id {} here, but `tokenizers` gives it {}", token.text, id, expected),
            "set the id right, or add the token to model.vocab");
      }
      token.id = static_cast<int32_t>(id);
      token.special = node.flag_or("special", false);
      token.single_word = node.flag_or("single_word", false);
      token.strip_left = node.flag_or("lstrip", false);
      token.strip_right = node.flag_or("rstrip", false);
      token.normalized = node.flag_or("normalized", !token.special);
      if (found == ids_.end()) {
        const size_t at = static_cast<size_t>(id);
        if (at >= spec_.tokens.size()) spec_.tokens.resize(at + 1, kHole);
        if (spec_.tokens[at].kind != TokenKind::kHole) node.refuse(fmt::format("id {} is given twice", id));
        spec_.tokens[at] = {token.text, 0, TokenKind::kAdded};
        ids_.emplace(token.text, token.id);
      }
      next = std::max(next, id + 1);
      spec_.added.push_back(std::move(token));
    }
    std::sort(spec_.added.begin(), spec_.added.end(),
              [](const AddedToken& a, const AddedToken& b) { return a.id < b.id; });
  }

  // "a b", or ["a", "b"] as newer files have it.
  void read_merges() {
    const JsonNode node = model_.at("merges");
    if (!node.json().is_array()) node.refuse("not an array");
    merged_.resize(spec_.tokens.size());
    for (const JsonNode::Json& item : node.json()) {
      std::string left;
      std::string right;
      if (item.is_string()) {
        const std::string& text = item.get_ref<const std::string&>();
        const size_t space = text.find(' ');
        left = text.substr(0, space);
        right = space == std::string::npos ? "" : text.substr(space + 1);
      } else if (item.is_array() && item.size() == 2 && item[0].is_string() && item[1].is_string()) {
        left = item[0].get<std::string>();
        right = item[1].get<std::string>();
      }
      MergeRule merge;
      merge.rank = static_cast<uint32_t>(spec_.merges.size());
      merge.left = model_id(left);
      merge.right = model_id(right);
      if (merge.left < 0 || merge.right < 0) {
        node.refuse(fmt::format("merge {} names no two tokens", merge.rank));
      }
      merge.result = model_id(left + right);
      if (merge.result < 0) {
        node.refuse(
            fmt::format("merge {}: tokens {} and {} join to no token", merge.rank, merge.left, merge.right));
      }
      for (const int32_t id : {merge.left, merge.right, merge.result}) merged_[id] = true;
      spec_.merges.push_back(merge);
    }
  }
  int32_t model_id(const std::string& text) const {
    const auto found = ids_.find(text);
    return found == ids_.end() || spec_.tokens[found->second].kind != TokenKind::kNormal ? -1 : found->second;
  }

  // What the texts of the model's tokens stand for.
  void name_kinds() {
    enum class Added : uint8_t { kNo, kYes, kSpecial };
    std::vector<Added> added(spec_.tokens.size());
    for (const AddedToken& token : spec_.added)
      added[token.id] = token.special ? Added::kSpecial : Added::kYes;
    std::string bytes;
    for (size_t id = 0; id < spec_.tokens.size(); ++id) {
      Token& token = spec_.tokens[id];
      if (token.kind != TokenKind::kNormal) continue;
      const bool readable = spec_.byte_level && read_byte_alphabet(token.text, bytes);
      const bool merged = id < merged_.size() && merged_[id];
      if (static_cast<int32_t>(id) == spec_.unknown && !merged) {
        token.kind = TokenKind::kUnknown;
      } else if (spec_.model == ModelKind::kBpe && added[id] == Added::kSpecial && !merged &&
                 !(readable && bytes.size() == 1)) {  // to a unigram model it is a piece like any other
        token.kind = TokenKind::kAdded;               // the model never makes it
      } else if (added[id] != Added::kNo && spec_.byte_level && !readable) {
        token.kind = TokenKind::kAdded;
      } else if (spec_.byte_level) {
        if (!readable) model_.refuse("token \"" + token.text + "\" is not in the byte alphabet");
        token.text = bytes;
      } else if (spec_.byte_fallback) {
        token.kind = TokenKind::kByte;
        if (byte_of(spec_, token) < 0) token.kind = TokenKind::kNormal;
      }
    }
  }

  static constexpr size_t kHoles = 300'000;  // so many ids may be without token, and no more
  inline static const Token kHole = {"", 0, TokenKind::kHole};

  const JsonNode& document_;
  const JsonNode model_;
  Spec& spec_;
  std::unordered_map<std::string, int32_t> ids_;
  size_t model_size_ = 0;
  std::vector<bool> merged_;  // by id: a merge takes or makes it
};

}  // namespace

void read_json_model(const JsonNode& document, Spec& spec) {
  ModelReader(document, spec).read();
}

}  // namespace aurora::tokenizer
