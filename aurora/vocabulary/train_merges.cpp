#include "aurora/vocabulary/train_merges.h"

#include <algorithm>
#include <queue>
#include <unordered_map>

#include "aurora/base/check.h"
#include "aurora/tokenizer/pair_map.h"

namespace aurora::vocabulary {
namespace {

constexpr uint32_t kEnd = 0xffffffff;
constexpr int32_t kGone = -1;

// One place in the unique words: a symbol and its neighbours in the same word. Merging joins two places into
// the left one.
struct Place {
  int32_t symbol;
  uint32_t word;
  uint32_t previous;
  uint32_t next;
};

struct Pair {
  int32_t left;
  int32_t right;
  uint64_t count = 0;            // exact at all times
  std::vector<uint32_t> places;  // where it begins; may hold places where it is no more
  uint64_t raised_by = 0;        // the merge (from 1) that last raised the count
  bool merged = false;           // stands in the list of merges
};

// A count as it was when pushed. Counts that rise are pushed again, counts that fall are found out when
// popped, so the top with a true count is the most frequent pair.
struct Claim {
  uint64_t count;
  int32_t left;
  int32_t right;
  uint32_t pair;
  bool operator<(const Claim& other) const {
    if (count != other.count) return count < other.count;
    if (left != other.left) return left > other.left;
    return right > other.right;
  }
};

class Trainer {
 public:
  explicit Trainer(std::span<const WordCount> words) {
    for (int byte = 0; byte < 256; ++byte) {
      result_.tokens.emplace_back(1, static_cast<char>(byte));
      ids_.emplace(result_.tokens.back(), byte);
    }
    uint64_t places = 0;
    for (const WordCount& word : words) places += word.word.size();
    AURORA_CHECK(places < kEnd, "{} bytes of unique words", places);
    places_.reserve(places);
    for (const WordCount& word : words) add_word(word);
    for (uint32_t i = 0; i < pairs_.size(); ++i) claim(i);
  }

  Merges train(size_t max_tokens, uint64_t min_frequency) {
    const uint64_t least = std::max<uint64_t>(min_frequency, 1);
    while (result_.tokens.size() < max_tokens && !claims_.empty()) {
      const Claim best = claims_.top();
      claims_.pop();
      const uint64_t count = pairs_[best.pair].count;
      if (count != best.count) {
        if (count > 0 && count < best.count) claim(best.pair);
        continue;
      }
      if (count < least) break;
      merge(best.pair);
    }
    return std::move(result_);
  }

 private:
  void add_word(const WordCount& word) {
    const uint32_t begin = static_cast<uint32_t>(places_.size());
    const uint32_t end = begin + static_cast<uint32_t>(word.word.size());
    for (uint32_t at = begin; at < end; ++at) {
      places_.push_back({static_cast<uint8_t>(word.word[at - begin]), static_cast<uint32_t>(counts_.size()),
                         at > begin ? at - 1 : kEnd, at + 1 < end ? at + 1 : kEnd});
    }
    counts_.push_back(word.count);
    for (uint32_t at = begin; at + 1 < end; ++at) {
      Pair& pair = pairs_[index_of(places_[at].symbol, places_[at + 1].symbol)];
      pair.count += word.count;
      pair.places.push_back(at);
    }
  }

  uint32_t index_of(int32_t left, int32_t right) {
    const auto [index, added] = index_.insert(left, right, static_cast<uint32_t>(pairs_.size()));
    if (added) pairs_.push_back({left, right, 0, {}, 0, false});
    return index;
  }

  void claim(uint32_t pair) {
    claims_.push({pairs_[pair].count, pairs_[pair].left, pairs_[pair].right, pair});
  }

  void lower(int32_t left, int32_t right, uint64_t count) { pairs_[index_of(left, right)].count -= count; }

  void raise(int32_t left, int32_t right, uint64_t count, uint32_t place) {
    const uint32_t index = index_of(left, right);
    Pair& pair = pairs_[index];
    pair.count += count;
    pair.places.push_back(place);
    if (pair.raised_by != round_) raised_.push_back(index);
    pair.raised_by = round_;
  }

  // The id of the joined bytes: a new token, or one that another pair made before.
  int32_t join(Pair& pair) {
    std::string bytes = result_.tokens[pair.left] + result_.tokens[pair.right];
    const auto [found, added] = ids_.emplace(bytes, static_cast<int32_t>(result_.tokens.size()));
    if (added) result_.tokens.push_back(std::move(bytes));
    if (!pair.merged) result_.merges.emplace_back(pair.left, pair.right);
    pair.merged = true;
    return found->second;
  }

  void merge(uint32_t index) {
    const int32_t left = pairs_[index].left;
    const int32_t right = pairs_[index].right;
    const int32_t joined = join(pairs_[index]);
    std::vector<uint32_t> places = std::move(pairs_[index].places);
    pairs_[index].places = {};
    // "aaa" merges from the left, so places are taken in order.
    if (!std::is_sorted(places.begin(), places.end())) std::sort(places.begin(), places.end());
    ++round_;
    raised_.clear();
    for (const uint32_t at : places) {
      Place& here = places_[at];
      if (here.symbol != left || here.next == kEnd || places_[here.next].symbol != right) continue;
      Place& gone = places_[here.next];
      const uint64_t count = counts_[here.word];
      lower(left, right, count);
      if (here.previous != kEnd) {
        lower(places_[here.previous].symbol, left, count);
        raise(places_[here.previous].symbol, joined, count, here.previous);
      }
      if (gone.next != kEnd) {
        lower(right, places_[gone.next].symbol, count);
        raise(joined, places_[gone.next].symbol, count, at);
        places_[gone.next].previous = at;
      }
      here.symbol = joined;
      here.next = gone.next;
      gone.symbol = kGone;
    }
    for (const uint32_t raised : raised_) {
      if (pairs_[raised].count > 0) claim(raised);
    }
  }

  Merges result_;
  std::unordered_map<std::string, int32_t> ids_;  // token by its bytes
  std::vector<Place> places_;
  std::vector<uint64_t> counts_;  // of words
  std::vector<Pair> pairs_;
  tokenizer::PairMap<uint32_t> index_;  // into pairs_
  std::priority_queue<Claim> claims_;
  std::vector<uint32_t> raised_;
  uint64_t round_ = 0;
};

}  // namespace

Merges train_merges(std::span<const WordCount> words, size_t max_tokens, uint64_t min_frequency) {
  return Trainer(words).train(max_tokens, min_frequency);
}

}  // namespace aurora::vocabulary
