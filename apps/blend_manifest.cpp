// `aurora blend manifest`: makes the manifest of a collection of token files, or holds one against its files.
// Under mpiexec the files are shared out over the ranks.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "apps/command.h"
#include "aurora/base/error.h"
#include "aurora/base/progress.h"
#include "aurora/comm/world.h"
#include "aurora/dataset/collection.h"
#include "aurora/tokenizer/tokenizer.h"

namespace aurora::apps {
namespace {

using dataset::Collection;

struct Flags {
  std::string list;
  std::string out;
  std::string licence;
  std::vector<std::string> corpus_licences;
  std::string tokenizer;
  std::string pack;
  bool verify = false;
  bool json = false;
  bool quiet = false;
  int64_t threads = 0;
};

// A fingerprint as it is, or that of a tokenizer.json.
std::string tokenizer_fingerprint(const std::string& text) {
  return text.ends_with(".json") ? tokenizer::Tokenizer::load(text).fingerprint() : text;
}

// "T,W"
void parse_pack(const std::string& text, dataset::CollectionSettings& settings) {
  if (text.empty()) return;
  const char* const end = text.data() + text.size();
  const auto length = std::from_chars(text.data(), end, settings.pack_sequence_length);
  bool good = length.ec == std::errc() && length.ptr != end && *length.ptr == ',';
  if (good) {
    const auto windows = std::from_chars(length.ptr + 1, end, settings.pack_block_windows);
    good = windows.ec == std::errc() && windows.ptr == end;
  }
  if (!good || settings.pack_sequence_length < 1 || settings.pack_block_windows < 1) {
    throw UsageError("no pair of numbers above 0: \"" + text + "\"", "--pack",
                     "write the sequence length and the windows of a block, like 4096,64");
  }
}

Collection make(const Flags& flags, comm::Group& group, Pool& pool, Log& log) {
  dataset::CollectionSettings settings;
  settings.licence = flags.licence;
  settings.tokenizer = tokenizer_fingerprint(flags.tokenizer);
  settings.corpus_licences = flags.corpus_licences;
  parse_pack(flags.pack, settings);
  Collection collection = dataset::make_collection(flags.list, format::read_data_list(flags.list), settings,
                                                   flags.out, group, pool, log);
  if (group.rank() == 0) dataset::write_collection(flags.out, collection);
  group.barrier();  // what comes next may read it
  return collection;
}

struct CorpusSum {
  uint64_t files = 0, tokens = 0, documents = 0, bytes = 0;
  double weight = 0;
};

std::map<std::string, CorpusSum> sums_of(const Collection& collection) {
  std::map<std::string, CorpusSum> sums;
  for (const dataset::CollectionFile& file : collection.files) {
    CorpusSum& sum = sums[file.corpus];
    ++sum.files;
    sum.tokens += file.tokens;
    sum.documents += file.documents;
    sum.bytes += file.bin_bytes + file.idx_bytes;
    sum.weight += file.weight;
  }
  return sums;
}

void print_table(const Flags& flags, const Collection& collection) {
  fmt::print("{:<24} {:>7} {:>10} {:>10} {:>10} {:>10}\n", "corpus", "files", "tokens", "documents", "bytes",
             "weight");
  for (const auto& [corpus, sum] : sums_of(collection)) {
    fmt::print("{:<24} {:>7} {:>10} {:>10} {:>10} {:>10.6g}\n", corpus, sum.files,
               human_count(static_cast<double>(sum.tokens)), human_count(static_cast<double>(sum.documents)),
               human_bytes(static_cast<double>(sum.bytes)), sum.weight);
  }
  fmt::print("{}: {} files, {} tokens, identity {}\n", flags.out, collection.files.size(),
             human_count(static_cast<double>(collection.tokens())), collection.identity());
}

void print_json(const Flags& flags, const Collection& collection, const std::vector<std::string>& damages) {
  nlohmann::ordered_json json = {{"manifest", flags.out},
                                 {"identity", collection.identity()},
                                 {"files", collection.files.size()},
                                 {"tokens", collection.tokens()}};
  if (!flags.list.empty()) {
    json["files_read"] = collection.reading.files_read;
    json["bytes_read"] = collection.reading.bytes_read;
  }
  if (flags.verify) {
    json["whole"] = damages.empty();
    json["damages"] = damages;
  }
  json["corpora"] = nlohmann::ordered_json::array();
  for (const auto& [corpus, sum] : sums_of(collection)) {
    json["corpora"].push_back({{"name", corpus},
                               {"files", sum.files},
                               {"tokens", sum.tokens},
                               {"documents", sum.documents},
                               {"bytes", sum.bytes},
                               {"weight", sum.weight}});
  }
  fmt::print("{}\n", json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

int manifest(const Flags& flags, comm::Group& group) {
  if (flags.out.empty()) throw UsageError("no manifest is named", "--out", "add --out collection.json");
  if (flags.list.empty() && !flags.verify) {
    throw UsageError("no list is named", "--list",
                     "add --list LIST, or --verify to check the manifest alone");
  }
  if (flags.threads < 0) throw UsageError("threads below 0", "--threads", "0 stands for all cores");
  Log log(2, flags.quiet || group.rank() != 0);
  Pool pool(static_cast<int>(std::min<int64_t>(flags.threads, 1024)));
  Collection collection =
      flags.list.empty() ? dataset::read_collection(flags.out) : make(flags, group, pool, log);
  std::vector<std::string> damages;
  if (flags.verify) {
    // As a reader will find it: not what was just made, but what now stands in the file.
    damages = dataset::verify_collection(flags.out, dataset::read_collection(flags.out), group, pool);
  }
  if (group.rank() == 0) {
    if (flags.json) {
      print_json(flags, collection, damages);
    } else {
      print_table(flags, collection);
      for (const std::string& damage : damages) fmt::print("damaged: {}\n", damage);
      if (flags.verify && damages.empty()) fmt::print("whole: every file has the bytes of its manifest\n");
    }
  }
  return damages.empty() ? 0 : 1;
}

int manifest_on_all_ranks(const Flags& flags) {
  const std::unique_ptr<comm::Group> group = comm::world_group();
  if (group->size() == 1) return manifest(flags, *group);
  try {
    return manifest(flags, *group);
  } catch (const Error& error) {
    // The others may wait in a collective that this rank will never join.
    group->abort(fmt::format("{} ({}): {}", error.happened(), error.where(), error.remedy()));
    throw;
  }
}

}  // namespace

Command blend_manifest_command() {
  return {"manifest", "make or check the manifest of a collection of token files", [](Arguments& arguments) {
            auto flags = std::make_shared<Flags>();
            arguments.option("--list", flags->list, "token files: lines of WEIGHT PREFIX [CORPUS]");
            arguments.option("--out", flags->out,
                             "the manifest; files that it already has and nobody touched are not read again");
            arguments.option("--licence", flags->licence, "licence of the files");
            arguments.option("--corpus-licence", flags->corpus_licences,
                             "CORPUS=LICENCE: of one corpus; repeatable");
            arguments.option("--tokenizer", flags->tokenizer,
                             "fingerprint of the tokenizer that made them, or its tokenizer.json");
            arguments.option("--pack", flags->pack,
                             "T,W: count the bins of whole documents packed into T tokens, in blocks of W*T");
            arguments.flag("--verify", flags->verify, "read every file and compare it with the manifest");
            arguments.option("--threads", flags->threads, "0: all cores");
            arguments.flag("--json", flags->json, "print the result as JSON");
            arguments.flag("--quiet", flags->quiet, "no progress");
            return std::function<int()>([flags] { return manifest_on_all_ranks(*flags); });
          }};
}

}  // namespace aurora::apps
