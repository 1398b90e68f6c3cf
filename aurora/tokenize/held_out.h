// Which documents are kept from training, to measure on: a pure function of the documents' ids.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aurora/base/file.h"
#include "aurora/base/random.h"
#include "aurora/base/threads.h"
#include "aurora/config/recipe.h"

namespace aurora::tokenize {

struct DocumentInfo {
  std::string id;
  std::string corpus;
  std::string language;
  uint64_t bytes = 0;  // of text
};

// All documents of a documents folder, in order, without their text. Parts are read side by side.
std::vector<DocumentInfo> scan_documents(const Path& folder, Pool& pool = Pool::serial());

struct HeldOutRule {
  uint64_t seed = 0;
  double share = 0.02;                       // of documents
  uint64_t language_bytes = 80'000;          // at least so much text per named language ...
  std::vector<std::string> named_languages;  // ... of these
};
HeldOutRule held_out_rule(const config::Recipe& recipe);

// Every document has a key, a keyed hash of its id. Held out are
//  1. documents whose key lies below the share;
//  2. per named language, further documents in order of key until language_bytes are reached;
//  3. per corpus without any so far, the first document in order of key.
// Rules 2 and 3 pass over a document that would bring its language or corpus to more than half of its bytes
// held out.
//
// The choice, for documents that pass by once: rule 1 looks at nothing but the id; rules 2 and 3 want to know
// how much there is of each language and corpus, and then only documents of those that are short.
class HeldOutChoice {
 public:
  explicit HeldOutChoice(HeldOutRule rule);

  bool by_key(std::string_view id) const;  // rule 1. Thread-safe.

  // First all documents are counted, in any order and in any sums: their bytes, and of these what rule 1
  // holds out.
  void count(const std::string& corpus, const std::string& language, uint64_t bytes, uint64_t held_out_bytes);
  // Then those are offered that wants() names and rule 1 does not hold out; each by a number of its own.
  bool wants(const std::string& corpus, const std::string& language) const;
  void offer(uint64_t number, const DocumentInfo& document);
  // The numbers of those that rules 2 and 3 hold out, ascending.
  std::vector<uint64_t> take();

 private:
  struct Share {  // bytes of one language or corpus: all, and those held out so far
    uint64_t bytes = 0;
    uint64_t held_out = 0;
    bool allows(uint64_t more) const { return 2 * (held_out + more) <= bytes; }
  };
  struct Offer {
    uint64_t key = 0;
    uint64_t number = 0;
    DocumentInfo document;
    bool taken = false;
  };
  uint64_t key_of(std::string_view id) const;
  bool is_short(const std::string& language) const;
  void take_if_allowed(Offer& offer);

  HeldOutRule rule_;
  RandomKey key_;
  double below_;  // keys
  std::map<std::string, Share> languages_;
  std::map<std::string, Share> corpora_;
  std::vector<Offer> offers_;
};

// flags[i]: document i is held out.
std::vector<bool> choose_held_out(std::span<const DocumentInfo> documents, const HeldOutRule& rule);

}  // namespace aurora::tokenize
