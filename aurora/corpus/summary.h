// What prepare did: counts for people, reports and manifests.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace aurora::corpus {

struct Count {
  int64_t documents = 0;
  int64_t bytes = 0;  // of cleaned text

  Count& operator+=(const Count& other) {
    documents += other.documents;
    bytes += other.bytes;
    return *this;
  }
};

struct CorpusFiles {
  std::string corpus;
  int64_t files = 0;
  int64_t bytes = 0;         // of the files as they lie on disk
  int64_t files_unread = 0;  // behind the point where corpus.max_bytes was reached
};

struct PrepareSummary {
  // A cell of the cross table; an empty reason means kept.
  struct Key {
    std::string corpus;
    std::string language;
    std::string reason;
    auto operator<=>(const Key&) const = default;
  };
  std::map<Key, Count> counts;
  std::vector<CorpusFiles> files;  // in recipe order

  Count kept() const;
  Count dropped() const;
  Count kept_of(const std::string& corpus) const;
};

// summary.json: docs/formats/documents.md.
std::string summary_json(const PrepareSummary& summary);
// Tables for people: per corpus, per language, per reason.
std::string summary_text(const PrepareSummary& summary);

}  // namespace aurora::corpus
