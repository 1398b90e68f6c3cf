#include "aurora/tokenize/tokenize_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "aurora/base/error.h"
#include "aurora/base/fault.h"
#include "aurora/tokenize/join_units.h"

namespace aurora::tokenize {
namespace {

bool has_json_lines(const Path& path) {
  constexpr std::array<std::string_view, 6> kEndings = {".jsonl",    ".json",     ".jsonl.zst",
                                                        ".jsonl.gz", ".json.zst", ".json.gz"};
  const std::string name = path.filename().string();
  return !name.starts_with('.') &&
         std::any_of(kEndings.begin(), kEndings.end(),
                     [&](std::string_view ending) { return name.ends_with(ending); });
}

std::vector<InputFile> find_files(const std::vector<Path>& inputs) {
  std::vector<InputFile> files;
  for (const Path& input : inputs) {
    if (!std::filesystem::is_directory(input)) {
      files.push_back(input_file(input));
      continue;
    }
    const size_t before = files.size();
    for (const Path& path : list_files(input)) {
      if (has_json_lines(path)) files.push_back(input_file(path));
    }
    if (files.size() == before) {
      throw Error("no files of JSON lines in the folder", input.string(),
                  "name a folder that holds .jsonl, .jsonl.zst or .jsonl.gz files, or name files");
    }
  }
  if (files.empty()) throw UsageError("no input", "", "name files of JSON lines, or folders of them");
  return files;
}

Path rejected_path(const Path& prefix) {
  return prefix.string() + ".rejected.tsv";
}

void write_rejected(const JoinTask& join, const Path& path) {
  AtomicFile file(path);
  for (const UnitRecord& record : join.records) {
    if (record.rejected > 0) file.write(UnitReader(record.name.in(join.work_folder)).rejected_lines());
  }
  if (file.size() > 0) {
    file.commit();
  } else {
    std::filesystem::remove(path);
  }
}

}  // namespace

FilesSummary tokenize_files(const std::vector<Path>& inputs, const tokenizer::Tokenizer& tokenizer,
                            const Path& prefix, const FilesSettings& settings, const Workers& workers) {
  if (settings.append_eod && tokenizer.end_of_document() < 0) {
    throw UsageError("the tokenizer names no token that ends documents", "",
                     "append none, or use a tokenizer that has one");
  }
  const bool is_root = workers.group.rank() == 0;
  UnitsTask task;
  task.rule = {&tokenizer, settings.append_eod, nullptr, settings.text_key};
  task.rule_identity = "text " + settings.text_key;
  task.cuts = settings.cuts;
  task.work_folder = prefix.string() + ".working";
  if (is_root) task.files = find_files(inputs);
  const Units units = make_units(task, workers);

  JoinTask join;
  join.records = units.records;
  join.work_folder = task.work_folder;
  join.type = task.rule.type();
  join.outputs = {{prefix, "", false, {}}};
  if (is_root) join.besides.push_back([&] { write_rejected(join, rejected_path(prefix)); });
  join_units(join, workers);
  if (is_root) std::filesystem::remove_all(task.work_folder);
  fault_point("tokenize.end");

  FilesSummary summary;
  for (const UnitRecord& record : units.records) {
    summary.counts.add(record.counts());
    summary.rejected += record.rejected;
  }
  summary.type = join.type;
  summary.units = units.records.size();
  summary.units_kept = summary.units - units.made;
  return summary;
}

}  // namespace aurora::tokenize
