#include "aurora/dataset/document_search.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "aurora/base/check.h"

namespace aurora::dataset {
namespace {

constexpr size_t kAtOnce = 64;

// A search under way: document `low` begins at or before the token, `high` behind it.
struct Bracket {
  DocumentSearch* search = nullptr;
  uint64_t low = 0, high = 0;
  uint64_t low_begin = 0, high_begin = 0;
  uint64_t guess = 0, beside = 0;  // where it looks next; beside == guess: nowhere
  bool halve = false;              // the last guesses were bad

  explicit Bracket(DocumentSearch* its_search = nullptr) : search(its_search) {
    if (search == nullptr) return;
    const format::TokenFile& file = *search->file;
    AURORA_CHECK_LT(search->token, file.tokens());
    high = file.documents();
    high_begin = file.tokens();
  }
  bool done() const { return high - low <= 1; }

  // The share of the tokens tells about where; the other border lies beside, off by about the root of the
  // range when lengths are random.
  void aim() {
    const uint64_t range = high - low;
    uint64_t step = range / 2;
    if (!halve && low_begin <= search->token && search->token < high_begin) {
      const double share =
          static_cast<double>(search->token - low_begin) / static_cast<double>(high_begin - low_begin);
      step = static_cast<uint64_t>(share * static_cast<double>(range));
    }
    const auto reach = static_cast<uint64_t>(std::sqrt(static_cast<double>(range)));
    const uint64_t at = low + std::clamp<uint64_t>(step, 1, range - 1);
    guess = std::max(at - std::min(at, reach / 2), low + 1);
    beside = std::min(guess + reach, high - 1);
    search->file->prefetch_document(guess);
    search->file->prefetch_document(beside);
  }

  void look() {
    const uint64_t range = high - low;
    look_at(guess);
    if (beside > low && beside < high) look_at(beside);
    halve = high - low > range / 2;
  }

 private:
  void look_at(uint64_t document) {
    const uint64_t begin = search->file->document_begin(document);
    if (begin <= search->token) {
      low = document;
      low_begin = begin;
    } else {
      high = document;
      high_begin = begin;
    }
  }
};

void find_some(std::span<DocumentSearch> searches) {
  std::array<Bracket, kAtOnce> brackets;
  size_t under_way = 0;
  for (DocumentSearch& search : searches) brackets[under_way++] = Bracket(&search);
  while (under_way > 0) {
    for (size_t i = 0; i < under_way;) {
      if (brackets[i].done()) {
        brackets[i].search->document = brackets[i].low;
        brackets[i] = brackets[--under_way];
      } else {
        brackets[i++].aim();
      }
    }
    for (size_t i = 0; i < under_way; ++i) brackets[i].look();
  }
}

}  // namespace

void find_documents(std::span<DocumentSearch> searches) {
  for (; searches.size() > kAtOnce; searches = searches.subspan(kAtOnce)) find_some(searches.first(kAtOnce));
  find_some(searches);
}

}  // namespace aurora::dataset
