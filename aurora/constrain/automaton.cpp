#include "aurora/constrain/automaton.h"

#include <algorithm>
#include <utility>

#include "aurora/base/check.h"

namespace aurora::constrain {
namespace {

constexpr PlaceId kUnseen = -2;
constexpr size_t kMaxBytes = size_t{48} << 20;  // of places and frames

}  // namespace

size_t Automaton::KeyHash::operator()(const Key& key) const {
  uint64_t hash = key.tag + 0x9e3779b97f4a7c15u;
  for (const Config& config : key.configs) {
    hash ^= uint64_t{config.state} << 32 | config.frame;
    hash *= 0xff51afd7ed558ccdu;
    hash ^= hash >> 32;
  }
  return hash;
}

Automaton::Automaton(std::shared_ptr<const Machine> machine, std::shared_ptr<const Vocabulary> vocabulary)
    : machine_(std::move(machine)), vocabulary_(std::move(vocabulary)) {
  frames_ = {{Machine::kRoot, {}}, {Machine::kRoot, {}}};
  start_ = close({{machine_->rules()[Machine::kRoot].start, kBottom}});
  AURORA_CHECK(start_ != kDead);
}

PlaceId Automaton::advance(PlaceId place, std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  for (const char c : bytes) {
    if (place == kDead) break;
    place = step(place, static_cast<uint8_t>(c));
  }
  return place;
}

bool Automaton::may_end(PlaceId place) const {
  const std::lock_guard lock(mutex_);
  return places_[static_cast<size_t>(place)].ends;
}

bool Automaton::must_end(PlaceId place) const {
  const std::lock_guard lock(mutex_);
  return places_[static_cast<size_t>(place)].configs.empty();
}

bool Automaton::is_full() const {
  const std::lock_guard lock(mutex_);
  return bytes_ > kMaxBytes;
}

PlaceId Automaton::step(PlaceId from, uint8_t byte) {
  const uint8_t byte_class = machine_->class_of(byte);
  Place& place = places_[static_cast<size_t>(from)];
  if (place.next.empty()) {
    place.next.assign(static_cast<size_t>(machine_->classes()), kUnseen);
    bytes_ += place.next.size() * sizeof(PlaceId);
  }
  const PlaceId known = place.next[byte_class];
  if (known != kUnseen) return known;
  reached_.clear();
  for (const Config& config : place.configs) {
    for (const MachineEdge& edge : machine_->edges(config.state)) {
      if (edge.low <= byte && byte <= edge.high) reached_.push_back({edge.target, config.frame});
    }
  }
  const PlaceId to = reached_.empty() ? kDead : close(reached_);
  places_[static_cast<size_t>(from)].next[byte_class] = to;
  return to;
}

// Everything that is reached without a byte. Returns come first, as a frame is complete before its rule ends;
// then calls, those of a rule all at once, in an order in which a rule comes after the rules that call it
// first.
PlaceId Automaton::close(const Configs& reached) {
  seen_.clear();
  if (!many_seen_.empty()) many_seen_ = {};
  Place place;
  Configs work = reached;
  std::map<std::pair<uint32_t, RuleId>, Configs> calls;  // by rank
  follow(work, place.configs, calls, place);
  while (!calls.empty()) {
    const auto call = calls.begin();
    const RuleId rule = call->first.second;
    Configs returns = std::move(call->second);
    calls.erase(call);
    std::sort(returns.begin(), returns.end());
    returns.erase(std::unique(returns.begin(), returns.end()), returns.end());
    work = {{machine_->rules()[rule].start, frame_of(rule, std::move(returns))}};
    follow(work, place.configs, calls, place);
  }
  if (place.configs.empty() && !place.ends && !place.leaves) return kDead;
  std::sort(place.configs.begin(), place.configs.end());
  return place_of(std::move(place.configs), place.ends, place.leaves);
}

// Usually there are few.
bool Automaton::is_new(const Config& config) {
  constexpr size_t kFew = 24;
  const uint64_t key = uint64_t{config.state} << 32 | config.frame;
  if (std::find(seen_.begin(), seen_.end(), key) != seen_.end()) return false;
  if (seen_.size() == kFew) return many_seen_.insert(key).second;
  seen_.push_back(key);
  return true;
}

void Automaton::follow(Configs& work, Configs& kept, std::map<std::pair<uint32_t, RuleId>, Configs>& calls,
                       Place& place) {
  while (!work.empty()) {
    const Config config = work.back();
    work.pop_back();
    if (!is_new(config)) continue;
    if (!machine_->edges(config.state).empty()) kept.push_back(config);
    for (const StateId target : machine_->free(config.state)) work.push_back({target, config.frame});
    for (const MachineCall& call : machine_->calls(config.state)) {
      calls[{machine_->rules()[call.rule].rank, call.rule}].push_back({call.target, config.frame});
    }
    if (!machine_->is_end(config.state)) continue;
    if (config.frame == kBottom) {
      place.ends = true;
    } else if (config.frame == kUnknown) {
      place.leaves = true;
    } else {
      const Configs& returns = frames_[config.frame].returns;
      work.insert(work.end(), returns.begin(), returns.end());
    }
  }
}

PlaceId Automaton::place_of(Configs configs, bool ends, bool leaves) {
  const uint32_t flags = (ends ? 1u : 0u) | (leaves ? 2u : 0u);
  const auto [entry, is_new] = place_ids_.emplace(Key{std::move(configs), flags}, places_.size());
  if (is_new) {
    Place& place = places_.emplace_back();
    place.configs = entry->first.configs;
    place.ends = ends;
    place.leaves = leaves;
    bytes_ += sizeof(Place) + 2 * place.configs.size() * sizeof(Config) + 100;
  }
  return entry->second;
}

Automaton::FrameId Automaton::frame_of(RuleId rule, Configs returns) {
  const auto [entry, is_new] = frame_ids_.emplace(Key{std::move(returns), rule}, frames_.size());
  if (is_new) {
    frames_.push_back({rule, entry->first.configs});
    bytes_ += sizeof(Frame) + 2 * entry->first.configs.size() * sizeof(Config) + 100;
  }
  return entry->second;
}

PlaceId Automaton::adopt(Automaton& from, PlaceId place) {
  const std::scoped_lock lock(from.mutex_, mutex_);
  const Place& theirs = from.places_[static_cast<size_t>(place)];
  std::unordered_map<FrameId, FrameId> known = {{kBottom, kBottom}, {kUnknown, kUnknown}};
  Configs configs;
  for (const Config& config : theirs.configs) {
    configs.push_back({config.state, adopt_frame(from, config.frame, known)});
  }
  std::sort(configs.begin(), configs.end());
  return place_of(std::move(configs), theirs.ends, theirs.leaves);
}

// A frame returns to frames that were made before it, with smaller numbers: no recursion is needed.
Automaton::FrameId Automaton::adopt_frame(const Automaton& from, FrameId frame,
                                          std::unordered_map<FrameId, FrameId>& known) {
  std::vector<FrameId> work = {frame};
  while (!work.empty()) {
    const FrameId top = work.back();
    const size_t before = work.size();
    if (!known.contains(top)) {
      for (const Config& config : from.frames_[top].returns) {
        if (!known.contains(config.frame)) work.push_back(config.frame);
      }
    }
    if (work.size() > before) continue;
    work.pop_back();
    if (known.contains(top)) continue;
    Configs returns;
    for (const Config& config : from.frames_[top].returns) {
      returns.push_back({config.state, known.at(config.frame)});
    }
    std::sort(returns.begin(), returns.end());
    known[top] = frame_of(from.frames_[top].rule, std::move(returns));
  }
  return known.at(frame);
}

}  // namespace aurora::constrain
