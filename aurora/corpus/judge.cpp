#include "aurora/corpus/judge.h"

#include <fmt/format.h>

#include <algorithm>

#include "aurora/base/utf8.h"
#include "aurora/corpus/clean.h"
#include "aurora/corpus/dedup_exact.h"
#include "aurora/corpus/language.h"

namespace aurora::corpus {

Judge::Judge(const config::Prepare& settings, const config::Corpus& corpus)
    : settings_(settings),
      corpus_(corpus),
      profile_(profile_from_name(corpus.profile)),
      hasher_({settings.ngram, settings.bands, settings.rows}) {}

format::Document Judge::new_document(std::string source) const {
  format::Document document;
  document.source = std::move(source);
  document.corpus = corpus_.name;
  document.licence = corpus_.licence;
  document.language = "und";
  return document;
}

Judged Judge::judge(FileProblem&& problem) const {
  Judged judged;
  judged.document = new_document(std::move(problem.source));
  judged.reason = std::move(problem.reason);
  if (!problem.detail.empty()) set_attribute(judged.document, "detail", repair_utf8(problem.detail));
  return judged;
}

bool Judge::settle_language(format::Document& document, const std::string& hint) const {
  if (corpus_.language != "auto") {
    document.language = corpus_.language;
    return true;
  }
  const LanguageGuess guess = identify_language(document.text, hint);
  document.language = guess.code;
  if (profile_ != Profile::kProse && guess.code == "und") {
    document.language = "none";
    return true;
  }
  set_attribute(document, "language_confidence", fmt::format("{:.2f}", guess.confidence));
  const auto& named = settings_.languages;
  return settings_.other_languages == "keep" ||
         std::find(named.begin(), named.end(), document.language) != named.end();
}

Judged Judge::judge(RawDocument&& raw) const {
  Judged judged;
  format::Document& document = judged.document;
  document = new_document(std::move(raw.source));
  if (!raw.title.empty()) set_attribute(document, "title", clean(raw.title).text);
  for (const auto& [name, value] : raw.attributes) {
    if (name == "licence" && !value.empty()) document.licence = clean(value).text;
    set_attribute(document, clean(name).text, clean(value).text);
  }
  if (static_cast<int64_t>(raw.text.size()) > settings_.max_document_bytes) {
    document.text = repair_utf8(raw.text);
    judged.reason = "document_too_large";
    return judged;
  }
  Cleaned cleaned = clean(raw.text);
  document.text = std::move(cleaned.text);
  if (cleaned.mojibake) set_attribute(document, "mended", "mojibake");
  if (document.text.empty()) {
    judged.reason = "empty";
    return judged;
  }
  if (!settle_language(document, raw.language_hint)) {
    judged.reason = document.language == "und" ? "unknown_language" : "other_language";
    return judged;
  }

  thread_local Words words;
  segment(document.text, profile_ == Profile::kProse ? Segmentation::kUnicode : Segmentation::kTokens, words);
  if (settings_.filters) {
    const Rule* broken = find_broken_rule(profile_, document.language, document.text, words);
    if (broken != nullptr) {
      judged.reason = broken->name;
      return judged;
    }
  }
  document.id = format::document_id(document.corpus, document.source, document.text);
  judged.identity = text_identity(document.text);
  if (settings_.near_duplicates) judged.band_keys = hasher_.band_keys(document.text, words);
  return judged;
}

}  // namespace aurora::corpus
