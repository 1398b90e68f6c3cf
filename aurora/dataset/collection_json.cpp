#include "aurora/dataset/collection_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "aurora/base/error.h"
#include "aurora/base/utf8.h"
#include "aurora/format/json_value.h"

namespace aurora::dataset {
namespace {

using format::Json;
using format::JsonObject;
using format::OrderedJson;

constexpr const char* kFormat = "aurora-collection";
constexpr uint64_t kVersion = 1;
constexpr const char* kRemedy = "make the manifest again (aurora blend manifest)";
constexpr size_t kFileKeys = 14;
constexpr uint64_t kIdxHeaderBytes = 34;

// --- writing ---------------------------------------------------------------------------------------------

OrderedJson to_json(const PackedCounts& packed) {
  return {{"sequence_length", packed.sequence_length},
          {"block_windows", packed.block_windows},
          {"bins", packed.bins}};
}

OrderedJson to_json(const CollectionFile& file) {
  OrderedJson packed = OrderedJson::array();
  for (const PackedCounts& counts : file.packed) packed.push_back(to_json(counts));
  return {{"prefix", file.prefix.string()}, {"corpus", file.corpus},
          {"licence", file.licence},        {"tokenizer", file.tokenizer},
          {"weight", file.weight},          {"type", format::token_type_name(file.type)},
          {"tokens", file.tokens},          {"sequences", file.sequences},
          {"documents", file.documents},    {"bin_bytes", file.bin_bytes},
          {"idx_bytes", file.idx_bytes},    {"bin_xxh3_128", file.bin_hash},
          {"idx_xxh3_128", file.idx_hash},  {"packed", packed}};
}

// --- reading ---------------------------------------------------------------------------------------------

double weight_of(const JsonObject& object) {
  const Json& value = object.at("weight");
  if (!value.is_number()) object.refuse("key \"weight\" is no number");
  const double weight = value.get<double>();
  if (!std::isfinite(weight) || weight < 0) object.refuse("key \"weight\" is no finite number >= 0");
  return weight;
}

std::string hash_of(const JsonObject& object, const char* key) {
  std::string hash = object.text(key);
  if (hash.size() != 32 || hash.find_first_not_of("0123456789abcdef") != hash.npos) {
    object.refuse(fmt::format("key \"{}\" is no hash of 32 lower-case hex digits", key));
  }
  return hash;
}

format::TokenType type_of(const JsonObject& object) {
  const std::string name = object.text("type");
  for (uint8_t code = 1; code <= 8; ++code) {
    const auto type = static_cast<format::TokenType>(code);
    if (name == format::token_type_name(type)) return type;
  }
  object.refuse("key \"type\" names no token type: \"" + name + "\"");
}

Path prefix_of(const JsonObject& object) {
  const std::string prefix = object.text("prefix");
  if (prefix.empty() || prefix.ends_with('/') || prefix.find('\0') != prefix.npos) {
    object.refuse("key \"prefix\" names no file");
  }
  return prefix;
}

int64_t positive(const JsonObject& object, const char* key) {
  const uint64_t number = object.number(key);
  if (number < 1 || number > INT64_MAX) object.refuse(fmt::format("key \"{}\" is not in [1, 2^63)", key));
  return static_cast<int64_t>(number);
}

PackedCounts packed_of(const Json& json, const std::string& where, uint64_t tokens) {
  const JsonObject object(json, where, kRemedy);
  if (json.size() != 3) object.refuse("unknown keys in \"packed\"");
  PackedCounts packed;
  packed.sequence_length = positive(object, "sequence_length");
  packed.block_windows = positive(object, "block_windows");
  uint64_t bins = 0;
  for (const Json& item : object.array("bins")) {
    if (!item.is_number_unsigned() || item.get<uint64_t>() > UINT32_MAX) {
      object.refuse("key \"bins\" has an item that is no whole number below 2^32");
    }
    packed.bins.push_back(item.get<uint32_t>());
    bins += packed.bins.back();
  }
  using Wide = unsigned __int128;
  const Wide block = Wide{static_cast<uint64_t>(packed.sequence_length)} * packed.block_windows;
  const Wide blocks = (tokens + block - 1) / block;
  if (packed.bins.size() != blocks) {
    object.refuse(fmt::format("key \"bins\" has {} blocks, {} tokens make {}", packed.bins.size(), tokens,
                              static_cast<uint64_t>(blocks)));
  }
  // Every bin holds 1 .. T tokens, and all tokens lie in bins.
  if (bins > tokens || Wide{bins} * packed.sequence_length < tokens) {
    object.refuse(fmt::format("key \"bins\" has {} bins of at most {} for {} tokens", bins,
                              packed.sequence_length, tokens));
  }
  return packed;
}

// The .idx has 12 bytes per sequence, 8 per document boundary, and one mode per sequence if multimodal.
void refuse_contradictions(const CollectionFile& file, const JsonObject& object) {
  const uint64_t width = format::token_type_bytes(file.type);
  if (file.bin_bytes % width != 0 || file.bin_bytes / width != file.tokens) {
    object.refuse(fmt::format("{} tokens of {} do not make \"bin_bytes\" {}", file.tokens,
                              format::token_type_name(file.type), file.bin_bytes));
  }
  const bool fit = file.idx_bytes >= kIdxHeaderBytes + 8 && file.sequences <= file.idx_bytes / 12 &&
                   file.documents <= file.idx_bytes / 8;
  const uint64_t idx_bytes = kIdxHeaderBytes + 12 * file.sequences + 8 * (file.documents + 1);
  if (!fit || (file.idx_bytes != idx_bytes && file.idx_bytes != idx_bytes + file.sequences)) {
    object.refuse(fmt::format("{} sequences and {} documents do not make \"idx_bytes\" {}", file.sequences,
                              file.documents, file.idx_bytes));
  }
  if (file.sequences > 0 && file.documents == 0) {
    object.refuse(fmt::format("{} sequences in no document", file.sequences));
  }
  if (file.tokens > 0 && (file.tokens - 1) / 0x7fffffff >= file.sequences) {
    object.refuse(fmt::format("{} tokens in {} sequences of less than 2^31", file.tokens, file.sequences));
  }
}

CollectionFile file_of(const Json& json, const std::string& where) {
  const JsonObject object(json, where, kRemedy);
  CollectionFile file;
  file.prefix = prefix_of(object);
  file.corpus = object.text("corpus");
  if (file.corpus.empty()) object.refuse("key \"corpus\" is empty");
  file.licence = object.text("licence");
  file.tokenizer = object.text("tokenizer");
  file.weight = weight_of(object);
  file.type = type_of(object);
  file.tokens = object.number("tokens");
  file.sequences = object.number("sequences");
  file.documents = object.number("documents");
  file.bin_bytes = object.number("bin_bytes");
  file.idx_bytes = object.number("idx_bytes");
  file.bin_hash = hash_of(object, "bin_xxh3_128");
  file.idx_hash = hash_of(object, "idx_xxh3_128");
  refuse_contradictions(file, object);
  for (const Json& item : object.array("packed")) {
    file.packed.push_back(packed_of(item, where, file.tokens));
    const PackedCounts& last = file.packed.back();
    const auto same = std::count_if(file.packed.begin(), file.packed.end(), [&](const PackedCounts& other) {
      return other.sequence_length == last.sequence_length && other.block_windows == last.block_windows;
    });
    if (same > 1) object.refuse("key \"packed\" has the same packing twice");
  }
  // All known keys are there, so more of them means an unknown one.
  if (json.size() != kFileKeys) object.refuse(fmt::format("{} keys instead of {}", json.size(), kFileKeys));
  return file;
}

}  // namespace

std::string print_collection_file(const CollectionFile& file) {
  if (!is_valid_utf8(file.prefix.string())) {
    throw Error("a path that is not UTF-8", repair_utf8(file.prefix.string()), "rename the folder");
  }
  return to_json(file).dump();
}

CollectionFile parse_collection_file(std::string_view line, const std::string& where) {
  return file_of(format::parse_json(line, where, kRemedy), where);
}

std::string print_collection(const Collection& collection) {
  // One line per file: small, and easy to compare and search.
  std::string text = fmt::format(
      "{{\n\"format\": \"{}\",\n\"version\": {},\n\"identity\": \"{}\",\n\"tokens\": {},\n\"files\": [",
      kFormat, kVersion, collection.identity(), collection.tokens());
  for (size_t i = 0; i < collection.files.size(); ++i) {
    text += i > 0 ? ",\n" : "\n";
    text += print_collection_file(collection.files[i]);
  }
  return text + "\n]\n}\n";
}

Collection parse_collection(std::string_view text, const std::string& where) {
  const Json json = format::parse_json(text, where, kRemedy);
  const JsonObject object(json, where, kRemedy);
  if (object.text("format") != kFormat) object.refuse("not the manifest of a collection of token files");
  if (object.number("version") != kVersion) {
    object.refuse(
        fmt::format("collection version {}, this program reads {}", object.number("version"), kVersion));
  }
  if (json.size() != 5) object.refuse("unknown keys beside format, version, identity, tokens, files");
  Collection collection;
  uint64_t tokens = 0;
  for (const Json& item : object.array("files")) {
    const std::string here = fmt::format("{} files[{}]", where, collection.files.size());
    collection.files.push_back(file_of(item, here));
    if (__builtin_add_overflow(tokens, collection.files.back().tokens, &tokens)) {
      object.refuse("the tokens of all files do not fit into 64 bits");
    }
  }
  if (object.number("tokens") != tokens) {
    object.refuse(fmt::format("key \"tokens\" is {}, its files have {}", object.number("tokens"), tokens));
  }
  if (hash_of(object, "identity") != collection.identity()) {
    object.refuse("key \"identity\" is not that of its files: a value was changed by hand or by a fault");
  }
  return collection;
}

}  // namespace aurora::dataset
