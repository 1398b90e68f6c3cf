// The inner loops of the greedy blend, for AVX-512, AVX2 and any machine, chosen at run time; same bits.
//
// A *lane* is a class of datasets of equal weight. Inside a class the rule takes the least taken first and of
// those the lowest index, so the members take turns in list order, and only the one whose turn it is can win.
// Most classes have one member.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace aurora::megatron {

// Datasets by equal weight. Classes are in the order of their lowest member.
struct WeightClasses {
  std::vector<double> weights;    // per class
  std::vector<int32_t> begin;     // class g: members[begin[g]] .. members[begin[g + 1] - 1], ascending
  std::vector<int32_t> members;   // dataset numbers
  std::vector<int32_t> class_of;  // per dataset
  bool singles = true;            // every class has one member; then class g is dataset g

  size_t size() const { return weights.size(); }
};
WeightClasses weight_classes(std::span<const double> weights);

// Some of the classes, in ascending order, padded with lanes whose error is minus infinity.
struct Lanes {
  static constexpr size_t kPadding = 8;  // loops read and write whole vectors

  std::vector<double> weights;
  std::vector<double> counts;   // how often the member whose turn it is was taken
  std::vector<int32_t> from;    // place in the lanes that these were selected from
  std::vector<int32_t> groups;  // class
  size_t size = 0;

  explicit Lanes(size_t capacity);
  void pad();
};

// Steps to be taken, and where their results go.
struct Steps {
  int64_t first = 0;
  size_t count = 0;
  double threshold = 0;  // finite; stop before a step at which no lane's error reaches it
  int16_t* datasets = nullptr;
  int64_t* samples = nullptr;
};

struct Taken {
  size_t steps = 0;
  double least = std::numeric_limits<double>::max();  // smallest of the winners' errors
};

struct LaneLoops {
  const char* name;  // "avx512" "avx2" "portable"
  // out = the lanes whose error at `step`, if they were not taken until then, reaches the threshold.
  // Fills weights, counts, from, size; lanes are padded, out is not yet.
  void (*select)(const Lanes& lanes, int64_t step, double threshold, Lanes& out);
  // Takes steps with the lanes as the only candidates; counts and cursors (turn in class) move on.
  Taken (*take)(Lanes& lanes, const WeightClasses& classes, int32_t* cursors, const Steps& steps);
};

// Of this machine, best first; the last is the portable one.
std::span<const LaneLoops> lane_loops();

extern const LaneLoops kAvx512LaneLoops;
extern const LaneLoops kAvx2LaneLoops;

// Writes step `done` as won by a lane and passes the turn in its class on. True if the lane's count went up.
inline bool win_step(Lanes& lanes, const WeightClasses& classes, int32_t* cursors, size_t lane,
                     const Steps& steps, size_t done) {
  steps.samples[done] = static_cast<int64_t>(lanes.counts[lane]);
  const auto group = static_cast<size_t>(lanes.groups[lane]);
  if (classes.singles) {
    steps.datasets[done] = static_cast<int16_t>(group);
  } else {
    const int32_t begin = classes.begin[group];
    int32_t& cursor = cursors[group];
    steps.datasets[done] = static_cast<int16_t>(classes.members[static_cast<size_t>(begin + cursor)]);
    if (++cursor < classes.begin[group + 1] - begin) return false;
    cursor = 0;
  }
  lanes.counts[lane] += 1;
  return true;
}

// Of two lanes the one whose turn has the lower dataset number; `best` may be lanes.size, which is none.
inline size_t earlier_turn(const Lanes& lanes, const WeightClasses& classes, const int32_t* cursors,
                           size_t best, size_t lane) {
  const auto turn = [&](size_t of) {
    const auto group = static_cast<size_t>(lanes.groups[of]);
    return classes.members[static_cast<size_t>(classes.begin[group] + cursors[group])];
  };
  return best == lanes.size || turn(lane) < turn(best) ? lane : best;
}

}  // namespace aurora::megatron
