#include "aurora/dataset/document_search.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "aurora/base/check.h"

namespace aurora::dataset {
namespace {

constexpr size_t kAtOnce = 64;
// Sequences whose pointers lie in a few lines of memory: looked through at once.
constexpr uint64_t kNear = 16;
// Two looks this far apart may lie in two pages, and a page that is not known yet costs more than a look.
constexpr uint64_t kFar = 64;

// A search under way for the sequence of a token: `low` begins at or before it, `high` behind it.
class Bracket {
 public:
  Bracket() = default;
  explicit Bracket(DocumentSearch& search) : search_(&search), file_(search.file) {
    AURORA_CHECK_LT(search.token, file_->tokens());
    high_ = file_->sequences();
    high_begin_ = file_->tokens();
  }
  bool done() const { return high_ - low_ <= 1; }

  // Chooses where to look, from the share of the tokens: that is right give or take the root of the way from
  // the nearer border when lengths are random. When they are not, every fourth look halves.
  void aim() {
    const uint64_t range = high_ - low_;
    uint64_t step = range / 2;
    if (++looks_ % 4 != 0 && low_begin_ <= search_->token && search_->token < high_begin_) {
      const double share =
          static_cast<double>(search_->token - low_begin_) / static_cast<double>(high_begin_ - low_begin_);
      step = static_cast<uint64_t>(share * static_cast<double>(range));
    }
    const double way = static_cast<double>(std::min(step, range - std::min(step, range)));
    const uint64_t give = 2 + static_cast<uint64_t>(2 * std::sqrt(way));
    const uint64_t at = low_ + std::clamp<uint64_t>(step, 1, range - 1);
    first_ = give > kFar ? at : std::max(at - std::min(at, give), low_ + 1);
    second_ = give > kFar ? at : std::min(at + give, high_ - 1);
    file_->prefetch_sequence(first_);
    file_->prefetch_sequence(second_);
  }

  void look() {
    look_at(first_);
    if (second_ > low_ && second_ < high_) look_at(second_);
    if (high_ - low_ <= kNear)
      while (!done()) look_at(low_ + (high_ - low_) / 2);
    if (done()) file_->prefetch_document(low_);
  }

  // Where document and sequence have one number, as most writers make them; else the long way.
  void finish() const {
    const bool one_each = low_ < file_->documents() && file_->document_first_sequence(low_) == low_ &&
                          file_->document_first_sequence(low_ + 1) == low_ + 1;
    search_->document = one_each ? low_ : file_->document_of(search_->token);
  }

 private:
  void look_at(uint64_t sequence) {
    const uint64_t begin = file_->sequence_begin(sequence);
    const bool before = begin <= search_->token;
    (before ? low_ : high_) = sequence;
    (before ? low_begin_ : high_begin_) = begin;
  }

  DocumentSearch* search_ = nullptr;
  const format::TokenFile* file_ = nullptr;
  uint64_t low_ = 0, high_ = 0;
  uint64_t low_begin_ = 0, high_begin_ = 0;
  uint64_t first_ = 0, second_ = 0;
  uint32_t looks_ = 0;
};

void find_some(std::span<DocumentSearch> searches) {
  std::array<Bracket, kAtOnce> brackets;
  size_t under_way = 0;
  for (DocumentSearch& search : searches) brackets[under_way++] = Bracket(search);
  while (under_way > 0) {
    for (size_t i = 0; i < under_way;) {
      if (brackets[i].done()) {
        brackets[i].finish();
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
