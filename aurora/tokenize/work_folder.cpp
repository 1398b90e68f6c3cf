#include "aurora/tokenize/work_folder.h"

#include <fmt/format.h>

#include <algorithm>

#include "aurora/base/error.h"
#include "aurora/base/fault.h"
#include "aurora/base/hash.h"
#include "aurora/tokenize/broadcast.h"
#include "aurora/tokenize/encode_units.h"

namespace aurora::tokenize {
namespace {

constexpr const char* kTaskFile = "task";

// Whatever the bytes of a unit depend on.
std::string identity_of(const UnitsTask& task) {
  const tokenizer::Tokenizer& tokenizer = *task.rule.tokenizer;
  std::string text = fmt::format(
      "tokenize 1\ntokenizer {} of {}\nend {}\n{}\ncuts {} {} {} {}\n", tokenizer.fingerprint(),
      tokenizer.vocab_size(), task.rule.end_documents ? tokenizer.end_of_document() : -1, task.rule_identity,
      task.cuts.shard_bytes, task.cuts.unit_bytes, task.cuts.block_bytes, task.cuts.line_bytes);
  for (const InputFile& file : task.files)
    text += fmt::format("{} {} {}\n", file.bytes, file.modified_ns, file.path.string());
  return text;
}

// Units by name, and nothing else.
std::vector<UnitName> list_units(const Path& folder) {
  std::vector<UnitName> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (const auto name = UnitName::of_file(entry.path().filename().string())) names.push_back(*name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

void open_folder(const Path& folder, const std::string& identity) {
  const Path task = folder / kTaskFile;
  if (std::filesystem::exists(task) && read_file(task) == identity) {
    remove_partials(folder);
    return;
  }
  std::filesystem::remove_all(folder);
  write_file_atomic(task, identity);
  fault_point("tokenize.begun");
}

bool is_sound(const Path& folder, UnitName name, const std::string& job) try {
  const UnitReader reader(name.in(folder));
  return reader.record().job == job && reader.record().name == name && reader.is_sound();
} catch (const Error&) {
  return false;
}

// What an earlier run left: each rank looks through some of it and removes what is damaged.
std::vector<UnitName> units_kept(const UnitsTask& task, const std::string& job, const Workers& workers) {
  comm::Group& group = workers.group;
  std::vector<UnitName> names;
  if (group.rank() == 0) names = list_units(task.work_folder);
  broadcast_list(group, names);
  if (names.empty()) return names;
  const auto ranks = static_cast<size_t>(group.size());
  const auto rank = static_cast<size_t>(group.rank());
  workers.pool.for_each(names.size(), [&](size_t i) {
    if (i % ranks != rank || is_sound(task.work_folder, names[i], job)) return;
    workers.log.warn("{} is damaged and is made again", names[i].in(task.work_folder).string());
    std::filesystem::remove(names[i].in(task.work_folder));
  });
  group.barrier();
  if (group.rank() == 0) names = list_units(task.work_folder);
  broadcast_list(group, names);
  return names;
}

// The shards of which units are missing. `names` is sorted.
std::vector<uint32_t> shards_left(const Path& folder, const std::vector<UnitName>& names, size_t shards) {
  std::vector<uint32_t> units(shards);
  for (const UnitName& name : names) ++units.at(name.shard);
  std::vector<uint32_t> left;
  for (uint32_t shard = 0; shard < shards; ++shard) {
    const UnitName last{shard, units[shard] - 1};
    const bool whole = units[shard] > 0 && std::binary_search(names.begin(), names.end(), last) &&
                       UnitReader(last.in(folder)).record().ends_shard;
    if (!whole) left.push_back(shard);
  }
  return left;
}

std::vector<std::string> read_records(const Path& folder, const std::vector<UnitName>& names, Pool& pool) {
  std::vector<std::string> records(names.size());
  pool.for_each(names.size(),
                [&](size_t i) { records[i] = UnitReader(names[i].in(folder)).record().to_json(); });
  return records;
}

void broadcast_files(comm::Group& group, std::vector<InputFile>& files) {
  std::vector<std::string> lines;
  for (const InputFile& file : files) {
    lines.push_back(file.path.string());
    lines.push_back(fmt::format("{}", file.bytes));
    lines.push_back(fmt::format("{}", file.modified_ns));
  }
  broadcast_texts(group, lines);
  files.clear();
  for (size_t i = 0; i + 2 < lines.size(); i += 3)
    files.push_back({lines[i], std::stoull(lines[i + 1]), std::stoll(lines[i + 2])});
}

}  // namespace

Units make_units(UnitsTask& task, const Workers& workers) {
  comm::Group& group = workers.group;
  broadcast_files(group, task.files);
  const std::string identity = identity_of(task);
  if (group.rank() == 0) open_folder(task.work_folder, identity);
  group.barrier();

  EncodeTask encode;
  encode.rule = task.rule;
  encode.files = task.files;
  const std::vector<Shard> shards = cut_shards(task.files, task.cuts);
  encode.shards = shards;
  encode.cuts = task.cuts;
  encode.work_folder = task.work_folder;
  encode.job = xxh3_128(identity).hex();
  const std::vector<UnitName> kept = units_kept(task, encode.job, workers);
  encode.done = {kept.begin(), kept.end()};
  std::vector<uint32_t> left;
  if (group.rank() == 0) left = shards_left(task.work_folder, kept, shards.size());
  broadcast_list(group, left);

  int64_t made = 0;
  const auto shares = share_of_rank(shards, left, group.rank(), group.size());
  if (!shares.empty()) {
    Progress progress(workers.log, "tokenize", 0, "B");
    made = static_cast<int64_t>(encode_units(encode, shares, workers.pool, progress));
  }
  group.sum(std::span(&made, 1));  // all ranks have ended when it returns
  fault_point("tokenize.encoded");

  Units units;
  units.made = static_cast<uint64_t>(made);
  std::vector<std::string> records;
  if (group.rank() == 0) {
    const std::vector<UnitName> names = list_units(task.work_folder);
    if (!shards_left(task.work_folder, names, shards.size()).empty()) {
      throw Error("units are missing that were written", task.work_folder.string(),
                  "let nothing else work in this folder, and tokenize again");
    }
    records = read_records(task.work_folder, names, workers.pool);
  }
  broadcast_texts(group, records);
  for (const std::string& record : records)
    units.records.push_back(UnitRecord::from_json(record, task.work_folder.string()));
  return units;
}

}  // namespace aurora::tokenize
