// A Machine as it is run: sets of its states, with what they return to, made when a text first reaches them
// and remembered; and the token masks of such sets. Thread-safe: one lock around everything, held for a
// look-up in the usual case.
//
// A configuration is a state of the machine and a stack. Stacks are shared: all calls of a rule at one place
// of a text are one Frame with several places to return to (Tomita 1987, "graph-structured stack"), so that
// an ambiguous grammar costs no more than the sum of its readings. A mask is put together of two parts: what
// a token may do inside the frame at hand, which is remembered for the states of that frame whatever they
// return to; and tokens that leave the frame, which are followed further from where it returns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "aurora/constrain/machine.h"
#include "aurora/constrain/token_mask.h"
#include "aurora/constrain/vocabulary.h"

namespace aurora::constrain {

using PlaceId = int32_t;  // a set of configurations; kDead: no text goes on like this

class Automaton {
 public:
  static constexpr PlaceId kDead = -1;

  Automaton(std::shared_ptr<const Machine> machine, std::shared_ptr<const Vocabulary> vocabulary);

  PlaceId start() const { return start_; }
  // place is not kDead.
  PlaceId advance(PlaceId place, std::string_view bytes);
  bool may_end(PlaceId place) const;
  bool must_end(PlaceId place) const;  // nothing but the end can follow
  std::shared_ptr<const TokenMask> mask(PlaceId place);

  // What is remembered is more than it should be: time for a new automaton.
  bool is_full() const;
  // The same place in this automaton, of the same machine; `from` is another.
  PlaceId adopt(Automaton& from, PlaceId place);

 private:
  using FrameId = uint32_t;
  static constexpr FrameId kBottom = 0;   // returning from it ends the text
  static constexpr FrameId kUnknown = 1;  // stands for any frame in what is remembered for all of them

  struct Config {
    StateId state;
    FrameId frame;
    auto operator<=>(const Config&) const = default;
  };
  using Configs = std::vector<Config>;  // sorted, of states with edges
  struct Frame {
    RuleId rule;
    Configs returns;  // sorted; where the text goes on behind the rule
  };
  struct Place {
    Configs configs;
    bool ends = false;    // the text is complete
    bool leaves = false;  // has returned from kUnknown
    bool knows_loops = false;
    uint32_t walk = 0;              // the last one that came by
    std::vector<PlaceId> next;      // by class of bytes; kUnseen
    ByteSet loops{};                // bytes that lead back here
    bool loops_characters = false;  // as does every character beyond ASCII
    std::shared_ptr<const TokenMask> mask;
  };
  struct FrameMask {
    TokenMask mask;
    std::vector<uint32_t> leaving;  // nodes of the trie where a token may have left the frame
  };

  struct Key {
    Configs configs;
    uint32_t tag;  // of a place: its flags; of a frame: its rule
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    size_t operator()(const Key& key) const;
  };

  PlaceId step(PlaceId place, uint8_t byte);
  PlaceId close(const Configs& reached);
  bool is_new(const Config& config);
  void follow(Configs& work, Configs& kept, std::map<std::pair<uint32_t, RuleId>, Configs>& calls,
              Place& place);
  PlaceId place_of(Configs configs, bool ends, bool leaves);
  FrameId frame_of(RuleId rule, Configs returns);
  FrameId adopt_frame(const Automaton& from, FrameId frame, std::unordered_map<FrameId, FrameId>& known);

  const FrameMask& frame_mask(PlaceId inside);
  void walk(PlaceId from, uint32_t begin, uint32_t behind, TokenMask& mask, std::vector<uint32_t>* leaving);
  bool loops_through(PlaceId place, const TokenTrie::Node& node);
  void find_loops(PlaceId place);
  bool continues_to(PlaceId from, int bytes, uint8_t low, uint8_t high, PlaceId to);
  void allow_range(uint32_t begin_node, uint32_t behind_node, TokenMask& mask) const;
  void add_leaving(const FrameMask& inside, FrameId frame, TokenMask& mask);

  const std::shared_ptr<const Machine> machine_;
  const std::shared_ptr<const Vocabulary> vocabulary_;
  mutable std::mutex mutex_;
  PlaceId start_ = kDead;
  std::vector<Place> places_;
  std::vector<Frame> frames_;
  std::unordered_map<Key, PlaceId, KeyHash> place_ids_;
  std::unordered_map<Key, FrameId, KeyHash> frame_ids_;
  std::unordered_map<PlaceId, FrameMask> frame_masks_;
  Configs reached_;             // of one step
  std::vector<uint64_t> seen_;  // of one closure; many are in many_seen_ instead
  std::unordered_set<uint64_t> many_seen_;
  std::vector<PlaceId> path_;  // of one walk
  uint32_t walks_ = 0;
  size_t bytes_ = 0;  // remembered, roughly
  size_t mask_bytes_ = 0;
};

}  // namespace aurora::constrain
