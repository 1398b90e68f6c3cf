#include <fmt/format.h>

#include "aurora/base/error.h"
#include "aurora/dataset/collection.h"
#include "aurora/dataset/collection_read.h"
#include "aurora/dataset/collection_share.h"
#include "aurora/dataset/packing.h"

namespace aurora::dataset {
namespace {

struct Expected {
  Path path;
  uint64_t bytes;
  const std::string& hash;
};

// A sentence, or nothing when the file is as expected.
std::string verify_bytes(const Expected& expected, bool overlap) {
  const std::string name = expected.path.string();
  if (std::error_code failed; !std::filesystem::exists(expected.path, failed)) return name + " is missing";
  const uint64_t bytes = stamp_file(expected.path).bytes;
  if (bytes != expected.bytes) return fmt::format("{} has {} bytes, not {}", name, bytes, expected.bytes);
  if (hash_with_stamp(expected.path, overlap, nullptr).hash != expected.hash) {
    return name + " has the right size but other bytes";
  }
  return "";
}

// What the manifest says of a file that has the right bytes.
std::string verify_counts(const Path& prefix, const CollectionFile& file) {
  const format::TokenFile tokens(prefix);
  if (tokens.type() != file.type || tokens.tokens() != file.tokens || tokens.sequences() != file.sequences ||
      tokens.documents() != file.documents) {
    return fmt::format("{} has {} tokens ({}) in {} sequences and {} documents, not as the manifest says",
                       prefix.string(), tokens.tokens(), format::token_type_name(tokens.type()),
                       tokens.sequences(), tokens.documents());
  }
  for (const PackedCounts& packed : file.packed) {
    const ReadSettings settings{packed.sequence_length, packed.block_windows, false};
    if (count_packed(prefix, settings) != packed) {
      return fmt::format("{} packs into other bins than the manifest says, at {} tokens and {} windows",
                         prefix.string(), packed.sequence_length, packed.block_windows);
    }
  }
  return "";
}

std::vector<std::string> verify_file(const Path& folder, const CollectionFile& file, bool overlap) {
  const Path prefix = folder / file.prefix;
  std::vector<std::string> sentences;
  const auto add = [&](const std::function<std::string()>& verify) {
    try {
      if (std::string sentence = verify(); !sentence.empty()) sentences.push_back(std::move(sentence));
    } catch (const Error& error) {
      sentences.push_back(fmt::format("{}: {}", error.where(), error.happened()));
    }
  };
  add([&] { return verify_bytes({format::token_bin_path(prefix), file.bin_bytes, file.bin_hash}, overlap); });
  add([&] { return verify_bytes({format::token_idx_path(prefix), file.idx_bytes, file.idx_hash}, overlap); });
  if (sentences.empty()) add([&] { return verify_counts(prefix, file); });
  return sentences;
}

}  // namespace

std::vector<std::string> verify_collection(const Path& path, const Collection& collection, comm::Group& group,
                                           Pool& pool) {
  std::vector<uint64_t> bytes;
  for (const CollectionFile& file : collection.files) bytes.push_back(file.bin_bytes + file.idx_bytes);
  const std::vector<size_t> own = jobs_of(bytes, assign_ranks(bytes, group.size()), group.rank());
  const bool overlap = static_cast<int>(own.size()) < pool.threads();
  std::vector<std::vector<std::string>> sentences(own.size());
  pool.for_each(own.size(), [&](size_t i) {
    sentences[i] = verify_file(path.parent_path(), collection.files[own[i]], overlap);
  });
  std::vector<Finding> mine;
  for (size_t i = 0; i < own.size(); ++i) {
    for (const std::string& sentence : sentences[i]) mine.push_back({own[i], sentence});
  }
  std::vector<std::string> all;
  for (Finding& finding : share(group, std::move(mine))) all.push_back(std::move(finding.text));
  return all;
}

}  // namespace aurora::dataset
