#include "aurora/constrain/spell.h"

#include <algorithm>
#include <array>
#include <map>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>

namespace aurora::constrain {
namespace {

constexpr StateId kNowhere = UINT32_MAX;
using Map = std::vector<TextDfa::Edge>;  // characters to states of the machine; sorted, disjoint
using Edges = std::vector<MachineEdge>;

// One digit of a character that is written as several: how its values become bytes.
struct Digit {
  enum class Kind { kContinuation, kHex, kHexFrom8, kHexFromC };
  Kind kind;
  int bits;
  std::string_view before;  // bytes in front of it
};

using enum Digit::Kind;
constexpr std::array<Digit, 3> kContinuations = {
    {{kContinuation, 6, ""}, {kContinuation, 6, ""}, {kContinuation, 6, ""}}};
constexpr std::array<Digit, 4> kBasic = {{{kHex, 4, ""}, {kHex, 4, ""}, {kHex, 4, ""}, {kHex, 4, ""}}};
constexpr std::array<Digit, 6> kSurrogates = {{{kHexFrom8, 2, "d"},
                                               {kHex, 4, ""},
                                               {kHex, 4, ""},
                                               {kHexFromC, 2, "\\ud"},
                                               {kHex, 4, ""},
                                               {kHex, 4, ""}}};

void add_edge(Edges& edges, uint8_t low, uint8_t high, StateId target) {
  for (MachineEdge& edge : edges) {
    if (edge.target != target || edge.high + 1 != low) continue;
    edge.high = high;
    return;
  }
  edges.push_back({low, high, target});
}

void add_digit(Edges& edges, const Digit& digit, uint32_t value, StateId target) {
  if (digit.kind == kContinuation) {
    const auto byte = static_cast<uint8_t>(0x80 + value);
    return add_edge(edges, byte, byte, target);
  }
  if (digit.kind == kHexFrom8) value += 8;
  if (digit.kind == kHexFromC) value += 12;
  const auto letter = static_cast<uint8_t>(value < 10 ? '0' + value : 'a' + value - 10);
  add_edge(edges, letter, letter, target);
  if (value >= 10)
    add_edge(edges, static_cast<uint8_t>(letter - 'a' + 'A'), static_cast<uint8_t>(letter - 'a' + 'A'),
             target);
}

// Bytes of one state of an automaton; equal pieces are made once.
class Speller {
 public:
  explicit Speller(MachineBuilder& machine) : machine_(machine) {}

  void plain(const Map& map, StateId from) {
    for (const TextDfa::Edge& edge : map) {
      if (edge.low > 0x7f) break;
      machine_.add_bytes(from, static_cast<uint8_t>(edge.low),
                         static_cast<uint8_t>(std::min(edge.high, 0x7fu)), edge.target);
    }
    leads(map, from, 0xc0, 0x80, 0x7ff, 1);
    leads(map, from, 0xe0, 0x800, 0xffff, 2);
    leads(map, from, 0xf0, 0x10000, 0x10ffff, 3);
  }

  void json_string(const Map& map, StateId from) {
    Map direct;
    for (const TextDfa::Edge& edge : map) {
      clip(direct, edge, 0x20, 0x21);
      clip(direct, edge, 0x23, 0x5b);
      clip(direct, edge, 0x5d, kLastCodePoint);
    }
    plain(direct, from);
    Edges escapes;
    constexpr std::string_view kLetters = "\"\\/bfnrt";
    constexpr std::string_view kMeaning = "\"\\/\b\f\n\r\t";
    for (size_t i = 0; i < kLetters.size(); ++i) {
      const StateId target = target_of(map, static_cast<uint8_t>(kMeaning[i]));
      const auto letter = static_cast<uint8_t>(kLetters[i]);
      if (target != kNowhere) escapes.push_back({letter, letter, target});
    }
    std::sort(escapes.begin(), escapes.end(), [](const auto& a, const auto& b) { return a.low < b.low; });
    const StateId basic = block(map, 0, kBasic);
    if (basic != kNowhere) escapes.push_back({'u', 'u', basic});
    Map high;
    for (const TextDfa::Edge& edge : map) clip(high, edge, 0x10000, kLastCodePoint);
    for (TextDfa::Edge& edge : high) {
      edge.low -= 0x10000;
      edge.high -= 0x10000;
    }
    const StateId pairs = block(high, 0, kSurrogates);
    if (pairs != kNowhere) escapes.push_back({'u', 'u', pairs});
    if (!escapes.empty()) machine_.add_bytes(from, '\\', '\\', intern(escapes));
  }

 private:
  static void clip(Map& map, TextDfa::Edge edge, uint32_t low, uint32_t high) {
    edge.low = std::max(edge.low, low);
    edge.high = std::min(edge.high, high);
    if (edge.low <= edge.high) map.push_back(edge);
  }

  static StateId target_of(const Map& map, uint32_t c) {
    const auto edge =
        std::partition_point(map.begin(), map.end(), [&](const auto& each) { return each.high < c; });
    return edge == map.end() || edge->low > c ? kNowhere : edge->target;
  }

  // UTF-8's first byte and what follows, for characters in [min, max].
  void leads(const Map& map, StateId from, uint32_t mark, uint32_t min, uint32_t max, size_t continuations) {
    Map clipped;
    for (const TextDfa::Edge& edge : map) clip(clipped, edge, min, max);
    if (clipped.empty()) return;
    const std::span<const Digit> digits(kContinuations.data(), continuations);
    const int shift = 6 * static_cast<int>(continuations);
    Edges edges;
    for (uint32_t lead = min >> shift; lead <= max >> shift; ++lead) {
      const StateId target = block(clipped, lead << shift, digits);
      const auto byte = static_cast<uint8_t>(mark | lead);
      if (target != kNowhere) add_edge(edges, byte, byte, target);
    }
    for (const MachineEdge& edge : edges) machine_.add_bytes(from, edge.low, edge.high, edge.target);
  }

  // The state from which the digits of the characters from `base` on lead to their targets.
  StateId block(const Map& map, uint32_t base, std::span<const Digit> digits) {
    if (digits.empty()) return target_of(map, base);
    int bits = 0;
    for (const Digit& digit : digits) bits += digit.bits;
    const uint32_t last = base + ((uint32_t{1} << bits) - 1);
    const auto edge =
        std::partition_point(map.begin(), map.end(), [&](const auto& each) { return each.high < base; });
    if (edge == map.end() || edge->low > last) return kNowhere;
    const bool uniform = edge->low <= base && edge->high >= last;
    const auto key = std::make_tuple(digits.data() + digits.size(), digits.size(), edge->target);
    if (uniform) {
      const auto known = uniform_.find(key);
      if (known != uniform_.end()) return known->second;
    }
    Edges edges;
    const int rest = bits - digits[0].bits;
    for (uint32_t value = 0; value >> digits[0].bits == 0; ++value) {
      const StateId target = block(map, base + (value << rest), digits.subspan(1));
      if (target != kNowhere) add_digit(edges, digits[0], value, target);
    }
    StateId state = intern(edges);
    for (size_t i = digits[0].before.size(); i > 0; --i)
      state = intern(byte_edge(digits[0].before[i - 1], state));
    if (uniform) uniform_.emplace(key, state);
    return state;
  }

  static Edges byte_edge(char c, StateId target) {
    const auto byte = static_cast<uint8_t>(c);
    if (c != 'd') return {{byte, byte, target}};
    return {{'D', 'D', target}, {'d', 'd', target}};
  }

  StateId intern(const Edges& edges) {
    std::vector<std::tuple<uint8_t, uint8_t, StateId>> key;
    for (const MachineEdge& edge : edges) key.emplace_back(edge.low, edge.high, edge.target);
    const auto [entry, is_new] = nodes_.emplace(std::move(key), 0);
    if (is_new) {
      entry->second = machine_.add_state();
      for (const MachineEdge& edge : edges)
        machine_.add_bytes(entry->second, edge.low, edge.high, edge.target);
    }
    return entry->second;
  }

  MachineBuilder& machine_;
  std::map<std::vector<std::tuple<uint8_t, uint8_t, StateId>>, StateId> nodes_;
  std::map<std::tuple<const Digit*, size_t, StateId>, StateId> uniform_;
};

// One more character of a string, whatever it is: the states between are made in the same order each time.
void any_character(MachineBuilder& machine, StateId from, StateId to) {
  Map map;
  for (const CodeRange& range : CodeSet::all().ranges()) map.push_back({range.low, range.high, to});
  Speller(machine).json_string(map, from);
}

// A loop of characters; gives the first of its states, which is the one between two characters.
StateId any_loop(MachineBuilder& machine) {
  const StateId loop = machine.add_state();
  any_character(machine, loop, loop);
  return loop;
}

}  // namespace

std::vector<StateId> spell(MachineBuilder& machine, const TextDfa& dfa, Spelling spelling, StateId from) {
  std::vector<StateId> states = {from};
  while (states.size() < dfa.states.size()) states.push_back(machine.add_state());
  Speller speller(machine);
  for (size_t s = 0; s < states.size(); ++s) {
    Map map = dfa.states[s].edges;
    for (TextDfa::Edge& edge : map) edge.target = states[edge.target];
    if (spelling == Spelling::kPlain) {
      speller.plain(map, states[s]);
    } else {
      speller.json_string(map, states[s]);
    }
  }
  return states;
}

void spell(MachineBuilder& machine, const TextDfa& dfa, Spelling spelling, StateId from, StateId to) {
  // A state of its own: the automaton may come back to its start, `from` may have other ways out.
  const StateId start = machine.add_state();
  machine.add_free(from, start);
  const std::vector<StateId> states = spell(machine, dfa, spelling, start);
  for (size_t s = 0; s < states.size(); ++s) {
    if (dfa.states[s].final) machine.add_free(states[s], to);
  }
}

void spell_any(MachineBuilder& machine, int64_t min, int64_t max, StateId from, StateId to) {
  const StateId open = any_loop(machine);  // may end
  const auto loop_states = static_cast<StateId>(machine.states() - open);
  machine.add_free(open, to);
  const auto reach = static_cast<int64_t>(machine.longest_token()) + 1;
  const bool long_minimum = min > reach;
  const StateId closed = long_minimum ? any_loop(machine) : open;  // may not end
  const int64_t last = max < 0 ? min : max;
  machine.expect(static_cast<size_t>(last) * loop_states);
  StateId at = machine.add_state();
  machine.add_free(from, at);
  for (int64_t i = 0; i < last; ++i) {
    // The states of one character lie between `at` and the next.
    const StateId next = machine.add_state();
    any_character(machine, at, next);
    if (i >= min && max >= 0) machine.add_free(at, to);
    const bool far_from_max = max < 0 || max - i > reach;
    const bool far_below_min = min - i > reach;
    if (far_from_max && (i >= min || far_below_min)) {
      const StateId loop = i >= min ? open : closed;
      machine.set_twin(at, loop);
      for (StateId s = 1; s < loop_states; ++s) machine.set_twin(next + s, loop + s);
    }
    at = next;
  }
  machine.add_free(at, max < 0 ? open : to);
}

}  // namespace aurora::constrain
