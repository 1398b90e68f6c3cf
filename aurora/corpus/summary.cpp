#include "aurora/corpus/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "aurora/base/progress.h"

namespace aurora::corpus {
namespace {

struct Row {
  Count kept;
  Count dropped;
};

// The cross table summed over all keys with the same name_of(key).
template <typename NameOf>
std::map<std::string, Row> sum_by(const PrepareSummary& summary, NameOf name_of) {
  std::map<std::string, Row> rows;
  for (const auto& [key, count] : summary.counts) {
    Row& row = rows[name_of(key)];
    (key.reason.empty() ? row.kept : row.dropped) += count;
  }
  return rows;
}

std::string human(int64_t bytes) {
  return human_bytes(static_cast<double>(bytes));
}

std::string row_text(const std::string& name, const Row& row) {
  const int64_t all = row.kept.bytes + row.dropped.bytes;
  return fmt::format("  {:<24}{:>10}{:>12}{:>10}{:>12}{:>9.1f} %\n", name, row.kept.documents,
                     human(row.kept.bytes), row.dropped.documents, human(row.dropped.bytes),
                     all > 0 ? 100.0 * static_cast<double>(row.kept.bytes) / static_cast<double>(all) : 0.0);
}

std::string head_text(const char* name) {
  return fmt::format("  {:<24}{:>10}{:>12}{:>10}{:>12}{:>11}\n", name, "kept", "text", "dropped", "text",
                     "kept");
}

// "corpus n, corpus n": where a reason struck.
std::string places_of(const PrepareSummary& summary, const std::string& reason) {
  std::map<std::string, int64_t> by_corpus;
  for (const auto& [key, count] : summary.counts) {
    if (key.reason == reason) by_corpus[key.corpus] += count.documents;
  }
  std::string text;
  for (const auto& [corpus, documents] : by_corpus) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", corpus, documents);
  }
  return text;
}

}  // namespace

Count PrepareSummary::kept() const {
  Count sum;
  for (const auto& [key, count] : counts) {
    if (key.reason.empty()) sum += count;
  }
  return sum;
}

Count PrepareSummary::dropped() const {
  Count sum;
  for (const auto& [key, count] : counts) {
    if (!key.reason.empty()) sum += count;
  }
  return sum;
}

Count PrepareSummary::kept_of(const std::string& corpus) const {
  Count sum;
  for (const auto& [key, count] : counts) {
    if (key.reason.empty() && key.corpus == corpus) sum += count;
  }
  return sum;
}

std::string summary_json(const PrepareSummary& summary) {
  using Json = nlohmann::ordered_json;
  Json json;
  json["version"] = 1;
  const Count kept = summary.kept();
  const Count dropped = summary.dropped();
  json["kept"] = {{"documents", kept.documents}, {"bytes", kept.bytes}};
  json["dropped"] = {{"documents", dropped.documents}, {"bytes", dropped.bytes}};
  json["corpora"] = Json::array();
  for (const CorpusFiles& files : summary.files) {
    const Count of_corpus = summary.kept_of(files.corpus);
    json["corpora"].push_back({{"corpus", files.corpus},
                               {"files", files.files},
                               {"file_bytes", files.bytes},
                               {"files_unread", files.files_unread},
                               {"documents", of_corpus.documents},
                               {"bytes", of_corpus.bytes}});
  }
  json["counts"] = Json::array();
  for (const auto& [key, count] : summary.counts) {
    json["counts"].push_back({{"corpus", key.corpus},
                              {"language", key.language},
                              {"reason", key.reason},
                              {"documents", count.documents},
                              {"bytes", count.bytes}});
  }
  return json.dump(1) + "\n";
}

std::string summary_text(const PrepareSummary& summary) {
  std::string text = fmt::format("  {:<24}{:>10}{:>12}{:>10}\n", "corpus", "files", "size", "unread");
  for (const CorpusFiles& files : summary.files) {
    text += fmt::format("  {:<24}{:>10}{:>12}{:>10}\n", files.corpus, files.files, human(files.bytes),
                        files.files_unread);
  }
  const auto by_corpus = sum_by(summary, [](const auto& key) { return key.corpus; });
  text += "\n" + head_text("corpus");
  for (const CorpusFiles& files : summary.files) {
    const auto found = by_corpus.find(files.corpus);
    text += row_text(files.corpus, found == by_corpus.end() ? Row{} : found->second);
  }
  text += row_text("all", {summary.kept(), summary.dropped()});
  text += "\n" + head_text("language");
  for (const auto& [language, row] : sum_by(summary, [](const auto& key) { return key.language; })) {
    text += row_text(language, row);
  }
  text += fmt::format("\n  {:<34}{:>10}{:>12}  {}\n", "dropped because", "documents", "text", "where");
  for (const auto& [reason, row] : sum_by(summary, [](const auto& key) { return key.reason; })) {
    if (reason.empty()) continue;
    text += fmt::format("  {:<34}{:>10}{:>12}  {}\n", reason, row.dropped.documents, human(row.dropped.bytes),
                        places_of(summary, reason));
  }
  return text;
}

}  // namespace aurora::corpus
