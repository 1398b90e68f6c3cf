#include "aurora/tokenize/tokenize.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "aurora/base/fault.h"
#include "aurora/format/document.h"
#include "aurora/tokenize/broadcast.h"
#include "aurora/tokenize/documents_table.h"
#include "aurora/tokenize/held_out_documents.h"

namespace aurora::tokenize {
namespace {

// Corpora of an earlier run may have other names, so everything of ours goes; the manifest first.
void clear(const Path& folder) {
  std::filesystem::create_directories(folder);
  std::filesystem::remove(format::manifest_path(folder));
  remove_partials(folder);
  std::vector<Path> old;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    const bool ours = name.ends_with(".bin") || name.ends_with(".idx") ||
                      name.ends_with(documents_table_path("").string()) ||
                      (name.starts_with("heldout-") && name.ends_with(".jsonl.zst"));
    if (ours && entry.is_regular_file()) old.push_back(entry.path());
  }
  for (const Path& path : old) std::filesystem::remove(path);
}

std::vector<InputFile> input_files(const Path& documents_folder) {
  std::vector<InputFile> files;
  for (const Path& part : format::document_parts(documents_folder)) files.push_back(input_file(part));
  return files;
}

std::vector<JoinOutput> outputs_of(std::span<const UnitRecord> records, const Path& out) {
  std::set<std::string> corpora;
  for (const UnitRecord& record : records) {
    for (const TokenizedPart& part : record.parts) corpora.insert(part.corpus);
  }
  std::vector<JoinOutput> outputs;
  for (const std::string& corpus : corpora) {
    const Path training = training_prefix(out, corpus);
    const Path held_out = held_out_prefix(out, corpus);
    outputs.push_back({training, corpus, false, documents_table_path(training)});
    outputs.push_back({held_out, corpus, true, documents_table_path(held_out)});
  }
  return outputs;
}

TokenizeSummary summary_of(std::span<const UnitRecord> records, const LateDocuments& late) {
  std::map<std::pair<std::string, std::string>, TokenizedPart> parts;
  const auto at = [&](const TokenizedPart& part) -> TokenizedPart& {
    TokenizedPart& sum = parts[{part.corpus, part.language}];
    sum.corpus = part.corpus;
    sum.language = part.language;
    return sum;
  };
  for (const UnitRecord& record : records) {
    for (const TokenizedPart& part : record.parts) {
      at(part).training.add(part.training);
      at(part).held_out.add(part.held_out);
    }
  }
  for (const LateDocument& document : late) {
    TokenizedPart& part = at(records[document.unit].parts[document.part]);
    part.held_out.add({1, document.text_bytes, document.tokens});
    part.training.documents -= 1;
    part.training.bytes -= document.text_bytes;
    part.training.tokens -= document.tokens;
  }
  TokenizeSummary summary;
  for (const auto& [name, part] : parts) summary.parts.push_back(part);
  summary.units = records.size();
  return summary;
}

}  // namespace

TokenizeSummary tokenize_documents(const Path& documents_folder, const tokenizer::Tokenizer& tokenizer,
                                   const HeldOutRule& rule, const Path& out, const Workers& workers,
                                   const Cuts& cuts) {
  const bool is_root = workers.group.rank() == 0;
  const HeldOutChoice choice(rule);
  UnitsTask task;
  task.rule = {&tokenizer, true, &choice, {}};
  task.rule_identity = fmt::format("held out {} {}", rule.seed, rule.share);
  task.cuts = cuts;
  task.work_folder = out / "working";
  if (is_root) {
    clear(out);
    task.files = input_files(documents_folder);
  }
  const Units units = make_units(task, workers);

  JoinTask join;
  join.records = units.records;
  join.work_folder = task.work_folder;
  join.type = task.rule.type();
  join.outputs = outputs_of(units.records, out);
  if (is_root) join.late = choose_late_documents(units.records, task.work_folder, choice);
  broadcast_list(workers.group, join.late);
  if (is_root) {
    join.besides.push_back([&] { write_held_out_documents(join, task, out, Pool::serial()); });
    join.besides.push_back([&] { tokenizer.save(out / "tokenizer.json"); });
  }
  join_units(join, workers);
  if (is_root) std::filesystem::remove_all(task.work_folder);
  fault_point("tokenize.end");
  TokenizeSummary summary = summary_of(units.records, join.late);
  summary.units_kept = summary.units - units.made;
  return summary;
}

}  // namespace aurora::tokenize
