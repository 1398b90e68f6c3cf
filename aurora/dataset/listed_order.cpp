#include "aurora/dataset/listed_order.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <utility>

#include "aurora/base/error.h"
#include "aurora/base/hash.h"
#include "aurora/comm/self.h"
#include "aurora/dataset/collection.h"
#include "aurora/dataset/packing.h"
#include "aurora/format/data_list.h"

namespace aurora::dataset {
namespace {

namespace fs = std::filesystem;

// One file of the list, wherever its numbers came from.
struct Entry {
  double weight = 0;
  std::string corpus;
  std::string name;
  order::File file;
  TokenFileSource source;
};

// A manifest is JSON, a list is not.
bool is_manifest(const Path& path) {
  std::ifstream file(path);
  char first = 0;
  return file >> first && first == '{';
}

std::vector<uint32_t> block_bins(const CollectionFile& file, const Path& prefix,
                                 const ListSettings& settings) {
  const auto length = static_cast<int64_t>(settings.sequence_length);
  const auto windows = static_cast<int64_t>(settings.block_windows);
  for (const PackedCounts& packed : file.packed)
    if (packed.sequence_length == length && packed.block_windows == windows) return packed.bins;
  return count_bins(format::TokenFile(prefix), length, windows);
}

std::vector<Entry> entries_of(const Collection& collection, const ListSettings& settings, Pool& pool) {
  std::vector<Entry> entries(collection.files.size());
  pool.for_each(entries.size(), [&](size_t i) {
    const CollectionFile& file = collection.files[i];
    const Path prefix = collection.place(file);
    Entry& entry = entries[i];
    entry.weight = file.weight;
    entry.corpus = file.corpus;
    entry.name = file.prefix.string();
    entry.file.identity = file.identity();
    entry.file.tokens = file.tokens;
    if (settings.mode == order::Mode::kPacked) entry.file.block_bins = block_bins(file, prefix, settings);
    entry.source = {file.corpus, prefix, file.tokens, file.documents, entry.file.identity};
  });
  return entries;
}

// Neither files nor counts: the weights are shares of the tokens.
std::vector<Entry> entries_of_shares(const std::vector<format::ListEntry>& list,
                                     const ListSettings& settings) {
  if (settings.mode == order::Mode::kPacked)
    throw Error("whole documents cannot be packed from a list alone", settings.list.string(),
                "the lengths of the documents are needed: put the token files where the list says, or choose "
                "another --mode");
  if (!(settings.tokens > 0))
    throw Error("the files of the list are not there, and the tokens of the run are not given",
                settings.list.string(), "give --tokens; or put the token files where the list says");
  double sum = 0;
  for (const format::ListEntry& entry : list) sum += entry.weight;
  std::vector<Entry> entries;
  for (const format::ListEntry& one : list) {
    Entry entry{one.weight, one.corpus, one.prefix, {}, {}};
    const double share = sum > 0 ? one.weight / sum : 1.0 / static_cast<double>(list.size());
    entry.file.identity = xxh3_64(one.prefix);
    entry.file.tokens = static_cast<uint64_t>(std::llround(share * settings.tokens));
    entries.push_back(std::move(entry));
  }
  return entries;
}

// Either all files are there or none. When the first is not, the others are not asked for: thousands of
// questions to a file system take longer than all the rest.
bool files_exist(const std::vector<format::ListEntry>& list, const Path& path) {
  size_t there = 0;
  std::string missing;
  for (const format::ListEntry& entry : list) {
    const Path idx = format::token_idx_path(format::list_entry_path(path, entry));
    if (fs::exists(idx))
      ++there;
    else if (missing.empty())
      missing = idx.string();
    if (there == 0 && !missing.empty()) return false;
  }
  if (!missing.empty())
    throw Error("a token file of the list is missing", missing,
                "put it there, or take its line out of the list");
  return true;
}

std::vector<Entry> read_entries(const ListSettings& settings, bool& with_files, Pool& pool, Log& log) {
  if (is_manifest(settings.list)) {
    with_files = true;
    return entries_of(read_collection(settings.list), settings, pool);
  }
  const std::vector<format::ListEntry> list = format::read_data_list(settings.list);
  with_files = files_exist(list, settings.list);
  if (!with_files) return entries_of_shares(list, settings);
  const std::unique_ptr<comm::Group> alone = comm::self_group();
  return entries_of(make_collection(settings.list, list, {}, {}, *alone, pool, log), settings, pool);
}

}  // namespace

ListOrder read_list_order(const ListSettings& settings, Pool& pool, Log& log) {
  bool with_files = false;
  std::vector<Entry> entries = read_entries(settings, with_files, pool, log);
  const bool weighted =
      std::any_of(entries.begin(), entries.end(), [](const Entry& entry) { return entry.weight > 0; });
  if (weighted) std::erase_if(entries, [](const Entry& entry) { return entry.weight == 0; });

  ListOrder out;
  order::OrderSpec& spec = out.spec;
  spec.seed = settings.seed;
  spec.mode = settings.mode;
  spec.sequence_length = settings.sequence_length;
  spec.block_windows = settings.block_windows;
  spec.stages.push_back({"all", 0, {}});
  std::vector<std::vector<Entry*>> of_corpus;
  for (Entry& entry : entries) {
    size_t c = 0;
    while (c < spec.corpora.size() && spec.corpora[c].name != entry.corpus) ++c;
    if (c == spec.corpora.size()) {
      spec.corpora.push_back({entry.corpus, {}});
      spec.stages[0].weights.push_back(0);
      of_corpus.emplace_back();
    }
    entry.file.weight = entry.weight;
    spec.stages[0].weights[c] += weighted ? entry.weight : static_cast<double>(entry.file.tokens);
    of_corpus[c].push_back(&entry);
  }
  double tokens = 0;
  for (size_t c = 0; c < of_corpus.size(); ++c) {
    for (Entry* entry : of_corpus[c]) {
      tokens += static_cast<double>(entry->file.tokens);
      spec.corpora[c].files.push_back(std::move(entry->file));
      out.names.push_back(std::move(entry->name));
      if (with_files) out.sources.push_back(std::move(entry->source));
    }
  }
  out.tokens = static_cast<uint64_t>(settings.tokens > 0 ? settings.tokens : tokens);
  return out;
}

}  // namespace aurora::dataset
