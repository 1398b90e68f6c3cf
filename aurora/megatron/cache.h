// The caches that Megatron-Core 0.16 keeps of its indices (docs/formats/megatron_cache.md): how they are
// named, what their descriptions say, and publishing them.
//
// A cache's key is the MD5 of its description, which names the dataset by its path, the samples asked for,
// split, seed, sequence length and tokenizer. It does not name add_extra_token_to_sequence nor
// drop_last_partial_validation_sequence: caches of runs that differ in those alone have one name, and only
// the numbers of entries are held against what a run wants.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "aurora/base/file.h"
#include "aurora/format/npy.h"
#include "aurora/megatron/splits.h"

namespace aurora::megatron {

// What stands in the description of one file's indices of one split.
struct DatasetIdentity {
  std::string path;  // dataset_path: the prefix as Megatron was told it
  std::optional<int64_t> samples;
  Split split = Split::kTrain;
  uint32_t seed = 1234;
  int64_t sequence_length = 0;
  std::optional<std::string> split_text;  // "969, 30, 1" as given; nothing: a list per split
  std::string tokenizer;                  // its unique_identifiers as JSON text, or "null"
};

// Identities of tokenizers, for `tokenizer`. In general it is what Python prints for
// json.dumps(tokenizer.unique_identifiers).
struct TokenizerOption {
  std::string name;
  std::string value;  // as str() prints it
};
// megatron.core.tokenizers (0.16): class_name with its module, e.g.
// "megatron.core.tokenizers.text.models.gpt_tokenizer.GPTTokenizer"; path: nothing for the null tokenizer.
std::string core_tokenizer_json(const std::string& class_name, const std::optional<std::string>& path,
                                const std::vector<TokenizerOption>& options);
// megatron.training's own classes (--legacy-tokenizer), e.g. "_HuggingFaceTokenizer"; a path may be nothing.
std::string legacy_tokenizer_json(const std::string& class_name,
                                  const std::vector<std::optional<std::string>>& paths,
                                  const std::vector<TokenizerOption>& options);

// Whole samples per dataset, or shares that were normalised.
using BlendWeights = std::variant<std::vector<int64_t>, std::vector<double>>;

std::string dataset_description(const DatasetIdentity& identity);
// size: nothing for the exhaustive blend.
std::string blend_description(const std::vector<DatasetIdentity>& datasets, Split split,
                              const BlendWeights& weights, std::optional<int64_t> size);

// The files of one cache: FOLDER/<md5>-<class>-<split>-<affix>.
class CacheFiles {
 public:
  static CacheFiles of_dataset(const Path& folder, const std::string& description, Split split);
  static CacheFiles of_blend(const Path& folder, const std::string& description, Split split);

  Path description_path() const { return path("description.txt"); }
  Path documents_path() const { return path("document_index.npy"); }
  Path samples_path() const { return path("sample_index.npy"); }
  Path shuffle_path() const { return path("shuffle_index.npy"); }
  Path blend_datasets_path() const { return path("dataset_index.npy"); }
  Path blend_samples_path() const { return path("dataset_sample_index.npy"); }

 private:
  CacheFiles(const Path& folder, const std::string& description, Split split, const char* class_name);
  Path path(const char* affix) const;

  Path folder_;
  std::string base_;
};

// One array of a cache.
struct CacheArray {
  Path path;
  format::NpyType type = format::NpyType::kI32;
  std::vector<uint64_t> shape;
  const void* data = nullptr;
};

// Whether the description stands there word for word and every array has the type and shape that it should
// have (`data` is not looked at).
bool cache_is_valid(const Path& description_path, const std::string& description,
                    const std::vector<CacheArray>& arrays);

// Every file is written aside, synced and renamed; an old description is removed first and the new one comes
// last. Megatron takes a cache when all its files are there, so a job that looks while this writes finds all
// of it or builds its own. Returns the bytes written. Errors: those of AtomicFile.
uint64_t publish_cache(const Path& description_path, const std::string& description,
                       const std::vector<CacheArray>& arrays);

}  // namespace aurora::megatron
