#include "aurora/tokenize/held_out.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <tuple>

#include "aurora/base/hash.h"
#include "aurora/format/document.h"
#include "aurora/tokenize/document_lines.h"

namespace aurora::tokenize {

namespace {

std::vector<DocumentInfo> scan_part(const Path& path) {
  std::vector<DocumentInfo> documents;
  DocumentLines lines(path);
  format::DocumentView document;
  while (lines.next()) {
    lines.parse(document);
    documents.push_back({std::string(document.id), std::string(document.corpus),
                         std::string(document.language), document.text.size()});
  }
  return documents;
}

}  // namespace

std::vector<DocumentInfo> scan_documents(const Path& folder, Pool& pool) {
  const std::vector<Path> parts = format::document_parts(folder);
  std::vector<std::vector<DocumentInfo>> of_parts(parts.size());
  pool.for_each(parts.size(), [&](size_t i) { of_parts[i] = scan_part(parts[i]); });
  std::vector<DocumentInfo> documents;
  for (std::vector<DocumentInfo>& some : of_parts)
    documents.insert(documents.end(), std::make_move_iterator(some.begin()),
                     std::make_move_iterator(some.end()));
  return documents;
}

HeldOutRule held_out_rule(const config::Recipe& recipe) {
  return {recipe.run.seed, recipe.blend.held_out_share, static_cast<uint64_t>(recipe.blend.held_out_bytes),
          recipe.prepare.languages};
}

HeldOutChoice::HeldOutChoice(HeldOutRule rule)
    : rule_(std::move(rule)),
      key_(random_key(rule_.seed, Purpose::kHeldOut)),
      below_(std::ldexp(std::clamp(rule_.share, 0.0, 1.0), 64)) {}

uint64_t HeldOutChoice::key_of(std::string_view id) const {
  return random_u64(xxh3_64(id), key_);
}

bool HeldOutChoice::by_key(std::string_view id) const {
  return static_cast<double>(key_of(id)) < below_;
}

void HeldOutChoice::count(const std::string& corpus, const std::string& language, uint64_t bytes,
                          uint64_t held_out_bytes) {
  for (Share* share : {&languages_[language], &corpora_[corpus]}) {
    share->bytes += bytes;
    share->held_out += held_out_bytes;
  }
}

bool HeldOutChoice::is_short(const std::string& language) const {
  const auto found = languages_.find(language);
  return found != languages_.end() && found->second.held_out < rule_.language_bytes;
}

bool HeldOutChoice::wants(const std::string& corpus, const std::string& language) const {
  const auto& named = rule_.named_languages;
  const auto found = corpora_.find(corpus);
  return (found != corpora_.end() && found->second.held_out == 0) ||
         (std::find(named.begin(), named.end(), language) != named.end() && is_short(language));
}

void HeldOutChoice::offer(uint64_t number, const DocumentInfo& document) {
  offers_.push_back({key_of(document.id), number, document});
}

void HeldOutChoice::take_if_allowed(Offer& offer) {
  Share& language = languages_[offer.document.language];
  Share& corpus = corpora_[offer.document.corpus];
  const uint64_t bytes = offer.document.bytes;
  if (offer.taken || !language.allows(bytes) || !corpus.allows(bytes)) return;
  offer.taken = true;
  language.held_out += bytes;
  corpus.held_out += bytes;
}

std::vector<uint64_t> HeldOutChoice::take() {
  std::sort(offers_.begin(), offers_.end(), [](const Offer& a, const Offer& b) {
    return std::tie(a.key, a.document.id, a.number) < std::tie(b.key, b.document.id, b.number);
  });
  for (const std::string& name : rule_.named_languages) {
    for (Offer& offer : offers_) {
      if (!is_short(name)) break;
      if (offer.document.language == name) take_if_allowed(offer);
    }
  }
  for (Offer& offer : offers_) {
    if (corpora_[offer.document.corpus].held_out == 0) take_if_allowed(offer);
  }
  std::vector<uint64_t> numbers;
  for (const Offer& offer : offers_) {
    if (offer.taken) numbers.push_back(offer.number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

std::vector<bool> choose_held_out(std::span<const DocumentInfo> documents, const HeldOutRule& rule) {
  HeldOutChoice choice(rule);
  std::vector<bool> held_out(documents.size());
  for (size_t i = 0; i < documents.size(); ++i) {
    const DocumentInfo& document = documents[i];
    held_out[i] = choice.by_key(document.id);
    choice.count(document.corpus, document.language, document.bytes, held_out[i] ? document.bytes : 0);
  }
  for (size_t i = 0; i < documents.size(); ++i) {
    if (!held_out[i] && choice.wants(documents[i].corpus, documents[i].language))
      choice.offer(i, documents[i]);
  }
  for (const uint64_t i : choice.take()) held_out[i] = true;
  return held_out;
}

}  // namespace aurora::tokenize
