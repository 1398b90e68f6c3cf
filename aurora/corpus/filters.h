// Filters: which documents are worth training on. Each rule is one row of a table: a name, where it applies,
// a signal and a bound. docs/formats/filters.md shows the table and defines every signal; a test holds the
// two together. A document is rejected by the first rule it breaks, in table order.
//
// The rules of profile prose are Gopher's (Rae et al. 2021, table A1 and §A.1) with their published
// thresholds; formal text, code and sequences, which those would throw away, have profiles of their own.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "aurora/corpus/signals.h"

namespace aurora::corpus {

enum class Profile : uint8_t { kProse, kCode, kFormal, kSequence };
// "prose", "code", "formal" or "sequence"; anything else is a UsageError.
Profile profile_from_name(std::string_view name);
const char* profile_name(Profile profile);

// Which languages a rule holds for.
enum class Tongues : uint8_t {
  kAny,
  kSpaced,      // words are separated by spaces, or the document has no language
  kUnspaced,    // Japanese, Chinese, Thai ...
  kStopListed,  // the language has a list of stop words
};

enum class Bound : uint8_t { kAtLeast, kAtMost };

struct Rule {
  const char* name;  // the reason in rejected/; never renamed
  uint8_t profiles;  // bit set of 1 << Profile
  Tongues tongues;
  double (*signal)(const Signals&);
  const char* signal_name;  // as in docs/formats/filters.md
  Bound bound;
  double threshold;
  bool repetition;  // needs measure_repetition()

  bool applies(Profile profile, std::string_view language) const;
  bool keeps(const Signals& signals) const {
    return bound == Bound::kAtLeast ? signal(signals) >= threshold : signal(signals) <= threshold;
  }
};

// All rules in order; those that need repetition come last.
std::span<const Rule> filter_rules();

// The first rule that the document breaks, or nullptr. text: as clean() leaves it; words: its kUnicode
// segmentation. Thread-safe.
const Rule* find_broken_rule(Profile profile, std::string_view language, std::string_view text,
                             const Words& words);

}  // namespace aurora::corpus
