#include "aurora/dataset/collection.h"

#include <algorithm>
#include <fstream>

#include "aurora/base/error.h"
#include "aurora/base/hash.h"
#include "aurora/dataset/collection_json.h"
#include "aurora/dataset/collection_place.h"

namespace aurora::dataset {
namespace {

// Lengths keep "ab" + "c" apart from "a" + "bc".
void update(Hasher& hasher, const std::string& text) {
  const uint64_t length = text.size();
  hasher.update(&length, sizeof length);
  hasher.update(text);
}

Hash128 content_of(const CollectionFile& file) {
  Hasher hasher;
  for (const std::string* text :
       {&file.corpus, &file.tokenizer, &file.licence, &file.bin_hash, &file.idx_hash}) {
    update(hasher, *text);
  }
  return hasher.digest();
}

}  // namespace

uint64_t content_identity(const std::string& bin_hash, const std::string& idx_hash) {
  return xxh3_64(bin_hash + idx_hash);
}

std::string Collection::identity() const {
  std::vector<Hash128> contents;
  contents.reserve(files.size());
  for (const CollectionFile& file : files) contents.push_back(content_of(file));
  std::sort(contents.begin(), contents.end());
  Hasher hasher;
  for (const Hash128& content : contents) hasher.update(content.hex());
  return hasher.digest().hex();
}

uint64_t Collection::tokens() const {
  uint64_t total = 0;
  for (const CollectionFile& file : files) total += file.tokens;
  return total;
}

void write_collection(const Path& path, const Collection& collection) {
  Collection placed = collection;
  const Path from = real_folder(collection.folder);
  const Path to = real_folder(path.parent_path());
  for (CollectionFile& file : placed.files) file.prefix = moved_prefix(file.prefix, from, to);
  const std::string text = print_collection(placed);
  write_file_atomic(path, text);
  // Bound to these bytes by their hash: whatever is lost between the two writes, old stamps count no more.
  if (collection.reading.stamps.size() == collection.files.size()) {
    write_file_atomic(stamps_path(path), print_stamps(collection.reading.stamps, text));
  }
}

bool is_collection(const Path& path) {
  std::string head(64, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(head.data(), static_cast<std::streamsize>(head.size()));
  return head.find("\"format\"") < 8 && head.find("\"aurora-collection\"") < 24;
}

Collection read_collection(const Path& path) {
  Collection collection = parse_collection(read_file(path), path.string());
  collection.folder = path.parent_path();
  return collection;
}

}  // namespace aurora::dataset
