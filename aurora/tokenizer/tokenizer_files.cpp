// Which reader a path goes to, by what it holds.
#include <algorithm>
#include <array>

#include "aurora/base/error.h"
#include "aurora/tokenizer/formats/gpt2_files.h"
#include "aurora/tokenizer/formats/rank_file.h"
#include "aurora/tokenizer/formats/sentencepiece_hugging_face.h"
#include "aurora/tokenizer/formats/sentencepiece_model.h"
#include "aurora/tokenizer/formats/tokenizer_config.h"
#include "aurora/tokenizer/formats/tokenizer_json.h"
#include "aurora/tokenizer/tokenizer.h"
#include "aurora/tokenizer/trained_spec.h"

namespace aurora::tokenizer {
namespace {

namespace fs = std::filesystem;
constexpr uint64_t kMaxBytes = uint64_t{1} << 30;
constexpr const char* kJson = "tokenizer.json";
constexpr const char* kModel = "tokenizer.model";

// "bGkg 123", the first line of a rank file.
bool looks_like_ranks(std::string_view text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  const size_t space = line.find(' ');
  const auto all = [](std::string_view part, std::string_view allowed) {
    return !part.empty() && part.find_first_not_of(allowed) == std::string_view::npos;
  };
  return space != std::string_view::npos &&
         all(line.substr(0, space), "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=") &&
         all(line.substr(space + 1), "0123456789\r");
}

// "cl100k_base.tiktoken" tells its scheme; other rank files do not.
Spec read_named_rank_file(std::string_view text, const Path& path) {
  constexpr std::array<std::string_view, 6> kNames = {"r50k_base",   "p50k_base",  "p50k_edit",
                                                      "cl100k_base", "o200k_base", "o200k_harmony"};
  const std::string name = path.stem().string();
  if (std::find(kNames.begin(), kNames.end(), name) == kNames.end()) {
    throw UsageError("a rank file does not say by which pattern words are cut", path.string(),
                     "name it, e.g. --pattern cl100k");
  }
  return read_rank_file(text, name, path.string());
}

Spec read_by_content(const Path& path) {
  const std::string bytes = read_file(path, kMaxBytes);
  const size_t first = bytes.find_first_not_of(" \t\r\n");
  if (first != std::string::npos && bytes[first] == '{') return read_tokenizer_json(bytes, path.string());
  if (looks_like_ranks(bytes)) return read_named_rank_file(bytes, path);
  if (bytes.starts_with('\n')) return read_sentencepiece_model(bytes, path.string());  // field 1, a piece
  throw Error("neither a tokenizer.json, a rank file nor a SentencePiece model", path.string(),
              "docs/formats/tokenizer.md names what is read");
}

Spec read_gpt2_folder(const Path& folder) {
  const std::string name = tokenizer_class(folder);
  if (!name.empty() && !name.starts_with("GPT2Tokenizer")) {
    throw Error("vocab.json and merges.txt of a " + name + ", which do not say how words are cut",
                folder.string(),
                "save it as tokenizer.json (transformers: save_pretrained of a fast tokenizer)");
  }
  return read_gpt2_files(read_file(folder / "vocab.json", kMaxBytes),
                         read_file(folder / "merges.txt", kMaxBytes), folder.string());
}

Spec read_folder(const Path& folder) {
  Spec spec;
  if (fs::exists(folder / kJson)) {
    spec = read_by_content(folder / kJson);
  } else if (fs::exists(folder / "vocab.json") && fs::exists(folder / "merges.txt")) {
    spec = read_gpt2_folder(folder);
  } else if (fs::exists(folder / kModel)) {
    spec = read_by_content(folder / kModel);
  } else {
    throw Error("no tokenizer.json, no vocab.json with merges.txt and no tokenizer.model", folder.string(),
                "name the folder or file of a tokenizer");
  }
  read_tokenizer_config(folder, spec);
  return spec;
}

}  // namespace

Tokenizer Tokenizer::load(const Path& path) {
  if (fs::is_directory(path)) return Tokenizer(read_folder(path), path.string());
  // The same whether the folder is named or the file in it.
  if (path.filename() == kJson)
    return Tokenizer(read_folder(fs::absolute(path).parent_path()), path.string());
  return Tokenizer(read_by_content(path), path.string());
}

Tokenizer Tokenizer::load_rank_file(const Path& path, std::string_view scheme) {
  return Tokenizer(read_rank_file(read_file(path, kMaxBytes), scheme, path.string()), path.string());
}

Tokenizer Tokenizer::from_json(std::string_view json, const std::string& where) {
  return Tokenizer(read_tokenizer_json(json, where), where);
}

std::string Tokenizer::to_json() const {
  return write_tokenizer_json(spec_);
}

void Tokenizer::save(const Path& path) const {
  const bool folder = fs::is_directory(path) || path.filename() == kJson;
  if (!folder) return write_file_atomic(path, to_json());
  const Path parent = fs::is_directory(path) ? path : path.parent_path();
  if (is_sentencepiece(spec_)) {
    write_file_atomic(parent / kModel, write_sentencepiece_model(spec_));
  } else {
    write_file_atomic(parent / kJson, to_json());
  }
  const bool says_all = is_own_spec(spec_) && spec_.begin_of_document < 0 && spec_.chat_template.empty();
  if (!says_all) write_file_atomic(parent / "tokenizer_config.json", write_tokenizer_config(spec_));
}

}  // namespace aurora::tokenizer
