#include "aurora/tokenize/sample.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "aurora/base/hash.h"
#include "aurora/format/document.h"
#include "aurora/tokenize/document_lines.h"

namespace aurora::tokenize {
namespace {

// Bytes that each corpus gives: its share by weight, and all it has where that is less; what such a corpus
// leaves over goes to the others by weight, until nothing is left over.
std::map<std::string, uint64_t> budgets(const std::map<std::string, uint64_t>& bytes,
                                        const SampleSettings& settings) {
  std::map<std::string, uint64_t> budget;
  std::map<std::string, double> open;  // corpora that have more than they gave
  for (const auto& [corpus, weight] : settings.weights) {
    if (bytes.count(corpus) && weight > 0) open[corpus] = weight;
  }
  uint64_t left = settings.train_bytes;
  while (!open.empty()) {
    double sum = 0;
    for (const auto& [corpus, weight] : open) sum += weight;
    std::vector<std::string> exhausted;
    for (const auto& [corpus, weight] : open) {
      budget[corpus] = static_cast<uint64_t>(static_cast<double>(left) * (weight / sum));
      if (budget[corpus] >= bytes.at(corpus)) exhausted.push_back(corpus);
    }
    if (exhausted.empty()) break;
    for (const std::string& corpus : exhausted) {
      budget[corpus] = bytes.at(corpus);
      left -= std::min(left, bytes.at(corpus));
      open.erase(corpus);
    }
  }
  return budget;
}

class SampledDocuments : public vocabulary::TextSource {
 public:
  SampledDocuments(const Path& folder, std::vector<bool> chosen)
      : parts_(format::document_parts(folder)), chosen_(std::move(chosen)) {}

  bool next(std::string& text, uint64_t&) override {
    while (lines_ || part_ < parts_.size()) {
      if (!lines_) lines_ = std::make_unique<DocumentLines>(parts_[part_++]);
      if (!lines_->next()) {
        lines_.reset();
        continue;
      }
      const size_t i = number_++;
      if (i >= chosen_.size() || !chosen_[i]) continue;
      format::DocumentView document;
      lines_->parse(document);
      text = document.text;
      return true;
    }
    return false;
  }

 private:
  std::vector<Path> parts_;
  size_t part_ = 0;
  std::unique_ptr<DocumentLines> lines_;  // of the part before part_
  std::vector<bool> chosen_;
  size_t number_ = 0;
};

}  // namespace

SampleSettings sample_settings(const config::Recipe& recipe) {
  SampleSettings settings;
  settings.train_bytes = static_cast<uint64_t>(recipe.tokenizer.train_bytes);
  for (const config::Corpus& corpus : recipe.corpora)
    settings.weights.emplace_back(corpus.name, corpus.weight);
  settings.held_out = held_out_rule(recipe);
  return settings;
}

std::vector<bool> choose_sample(std::span<const DocumentInfo> documents, const SampleSettings& settings) {
  const std::vector<bool> held_out = choose_held_out(documents, settings.held_out);
  std::map<std::string, uint64_t> bytes;
  for (size_t i = 0; i < documents.size(); ++i) {
    if (!held_out[i]) bytes[documents[i].corpus] += documents[i].bytes;
  }
  std::map<std::string, uint64_t> left = budgets(bytes, settings);

  std::vector<size_t> in_order(documents.size());
  std::iota(in_order.begin(), in_order.end(), size_t{0});
  std::vector<uint64_t> keys(documents.size());
  for (size_t i = 0; i < documents.size(); ++i) keys[i] = xxh3_64(documents[i].id);
  std::sort(in_order.begin(), in_order.end(), [&](size_t a, size_t b) {
    return keys[a] != keys[b] ? keys[a] < keys[b] : documents[a].id < documents[b].id;
  });
  std::vector<bool> chosen(documents.size());
  for (const size_t i : in_order) {
    if (held_out[i]) continue;
    const auto budget = left.find(documents[i].corpus);
    if (budget == left.end() || budget->second == 0) continue;
    chosen[i] = true;  // the last one may go beyond the share
    budget->second -= std::min(budget->second, documents[i].bytes);
  }
  return chosen;
}

std::unique_ptr<vocabulary::TextSource> sample_documents(const Path& documents_folder,
                                                         const SampleSettings& settings, Pool& pool) {
  return std::make_unique<SampledDocuments>(documents_folder,
                                            choose_sample(scan_documents(documents_folder, pool), settings));
}

}  // namespace aurora::tokenize
