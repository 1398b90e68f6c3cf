#include "aurora/tokenize/held_out.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "aurora/base/hash.h"
#include "aurora/base/random.h"
#include "aurora/format/document.h"

namespace aurora::tokenize {
namespace {

// Bytes of one language or corpus: all, and those held out so far.
struct Share {
  uint64_t bytes = 0;
  uint64_t held_out = 0;
  bool allows(uint64_t more) const { return 2 * (held_out + more) <= bytes; }
};

}  // namespace

std::vector<DocumentInfo> scan_documents(const Path& folder) {
  std::vector<DocumentInfo> documents;
  format::DocumentReader reader(folder);
  format::Document document;
  while (reader.next(document)) {
    documents.push_back({document.id, document.corpus, document.language, document.text.size()});
  }
  return documents;
}

HeldOutRule held_out_rule(const config::Recipe& recipe) {
  return {recipe.run.seed, recipe.blend.held_out_share, static_cast<uint64_t>(recipe.blend.held_out_bytes),
          recipe.prepare.languages};
}

std::vector<bool> choose_held_out(std::span<const DocumentInfo> documents, const HeldOutRule& rule) {
  const RandomKey key = random_key(rule.seed, Purpose::kHeldOut);
  std::vector<uint64_t> keys(documents.size());
  for (size_t i = 0; i < documents.size(); ++i) keys[i] = random_u64(xxh3_64(documents[i].id), key);
  std::vector<size_t> in_order(documents.size());
  std::iota(in_order.begin(), in_order.end(), size_t{0});
  std::sort(in_order.begin(), in_order.end(), [&](size_t a, size_t b) {
    return keys[a] != keys[b] ? keys[a] < keys[b] : documents[a].id < documents[b].id;
  });

  std::map<std::string, Share> languages;
  std::map<std::string, Share> corpora;
  for (const DocumentInfo& document : documents) {
    languages[document.language].bytes += document.bytes;
    corpora[document.corpus].bytes += document.bytes;
  }
  std::vector<bool> held_out(documents.size());
  const auto take = [&](size_t i) {
    held_out[i] = true;
    languages[documents[i].language].held_out += documents[i].bytes;
    corpora[documents[i].corpus].held_out += documents[i].bytes;
  };
  const auto may_take = [&](size_t i) {
    return !held_out[i] && languages[documents[i].language].allows(documents[i].bytes) &&
           corpora[documents[i].corpus].allows(documents[i].bytes);
  };

  const double below = std::ldexp(std::clamp(rule.share, 0.0, 1.0), 64);
  for (const size_t i : in_order) {
    if (static_cast<double>(keys[i]) < below) take(i);
  }
  for (const std::string& name : rule.named_languages) {
    for (const size_t i : in_order) {
      if (languages[name].held_out >= rule.language_bytes) break;
      if (documents[i].language == name && may_take(i)) take(i);
    }
  }
  for (const size_t i : in_order) {
    if (corpora[documents[i].corpus].held_out == 0 && may_take(i)) take(i);
  }
  return held_out;
}

}  // namespace aurora::tokenize
