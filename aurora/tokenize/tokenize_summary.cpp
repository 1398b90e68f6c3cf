// The counts of a tokenize stage, and their spelling as notes of a manifest.
#include <fmt/format.h>

#include <cstdio>

#include "aurora/base/error.h"
#include "aurora/tokenize/tokenize.h"

namespace aurora::tokenize {
namespace {

constexpr std::string_view kKey = "tokenized";

std::string spell(const TokenCounts& counts) {
  return fmt::format("{} {} {}", counts.documents, counts.bytes, counts.tokens);
}

}  // namespace

void TokenCounts::add(const TokenCounts& other) {
  documents += other.documents;
  bytes += other.bytes;
  tokens += other.tokens;
}

TokenCounts TokenizeSummary::training() const {
  TokenCounts sum;
  for (const TokenizedPart& part : parts) sum.add(part.training);
  return sum;
}

TokenCounts TokenizeSummary::held_out() const {
  TokenCounts sum;
  for (const TokenizedPart& part : parts) sum.add(part.held_out);
  return sum;
}

// Neither a corpus ([a-z0-9_-]+) nor a language code holds a space.
format::Notes summary_notes(const TokenizeSummary& summary) {
  format::Notes notes;
  for (const TokenizedPart& part : summary.parts) {
    notes.emplace_back(fmt::format("{} {} {}", kKey, part.corpus, part.language),
                       spell(part.training) + " " + spell(part.held_out));
  }
  return notes;
}

TokenizeSummary summary_of_notes(const format::Notes& notes) {
  TokenizeSummary summary;
  for (const auto& [key, value] : notes) {
    if (key.rfind(kKey, 0) != 0) continue;
    const size_t corpus = kKey.size() + 1;
    const size_t space = key.find(' ', corpus);
    TokenizedPart part;
    unsigned long long n[6] = {};
    const int read =
        std::sscanf(value.c_str(), "%llu %llu %llu %llu %llu %llu", &n[0], &n[1], &n[2], &n[3], &n[4], &n[5]);
    if (space == std::string::npos || read != 6) {
      throw Error("note \"" + key + "\" is not six counts", "manifest.json", "tokenize again");
    }
    part.corpus = key.substr(corpus, space - corpus);
    part.language = key.substr(space + 1);
    part.training = {n[0], n[1], n[2]};
    part.held_out = {n[3], n[4], n[5]};
    summary.parts.push_back(part);
  }
  return summary;
}

}  // namespace aurora::tokenize
