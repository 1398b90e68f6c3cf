// Token masks: one pass over the trie of all tokens.
#include <algorithm>
#include <utility>

#include "aurora/constrain/automaton.h"

namespace aurora::constrain {
namespace {

constexpr size_t kMaxMaskBytes = size_t{32} << 20;
// Limits of one walk: configurations that take a byte, and different places. They are far beyond what
// sensible grammars need, and do not depend on what is remembered. A walk that comes to one goes on with the
// tokens of one byte only, which are enough to complete every text.
constexpr size_t kMaxWork = size_t{1} << 25;
constexpr size_t kMaxPlaces = size_t{1} << 16;
constexpr uint32_t kLoopNodes = 8;  // smaller subtrees are walked faster than they are judged

}  // namespace

std::shared_ptr<const TokenMask> Automaton::mask(PlaceId id) {
  const std::lock_guard lock(mutex_);
  if (places_[static_cast<size_t>(id)].mask) return places_[static_cast<size_t>(id)].mask;
  auto mask = std::make_shared<TokenMask>(vocabulary_->size());
  std::map<FrameId, Configs> frames;
  for (const Config& config : places_[static_cast<size_t>(id)].configs) {
    frames[config.frame].push_back({machine_->twin(config.state), kUnknown});
  }
  for (auto& [frame, configs] : frames) {
    std::sort(configs.begin(), configs.end());
    configs.erase(std::unique(configs.begin(), configs.end()), configs.end());
    const FrameMask& inside = frame_mask(place_of(std::move(configs), false, false));
    mask->allow_all_of(inside.mask);
    add_leaving(inside, frame, *mask);
  }
  if (places_[static_cast<size_t>(id)].ends) {
    for (const int32_t token : vocabulary_->end_tokens()) mask->allow(token);
  }
  if (mask_bytes_ > kMaxMaskBytes) {
    for (Place& place : places_) place.mask.reset();
    frame_masks_.clear();
    mask_bytes_ = 0;
  }
  mask_bytes_ += mask->words().size_bytes();
  places_[static_cast<size_t>(id)].mask = mask;
  return mask;
}

const Automaton::FrameMask& Automaton::frame_mask(PlaceId inside) {
  const auto known = frame_masks_.find(inside);
  if (known != frame_masks_.end()) return known->second;
  FrameMask made{TokenMask(vocabulary_->size()), {}};
  const auto nodes = static_cast<uint32_t>(vocabulary_->trie().nodes().size() - 1);
  walk(inside, 0, nodes, made.mask, &made.leaving);
  mask_bytes_ += made.mask.words().size_bytes() + made.leaving.size() * sizeof(uint32_t);
  return frame_masks_.emplace(inside, std::move(made)).first->second;
}

// Tokens that go on behind the frame.
void Automaton::add_leaving(const FrameMask& inside, FrameId frame, TokenMask& mask) {
  if (inside.leaving.empty() || frame == kBottom) return;
  const PlaceId behind = close(frames_[frame].returns);
  const std::span<const TokenTrie::Node> nodes = vocabulary_->trie().nodes();
  for (const uint32_t node : inside.leaving) walk(behind, node + 1, nodes[node].behind, mask, nullptr);
}

// Allows the tokens of nodes begin .. behind-1 (whole subtrees of one depth) whose bytes, without those
// above, lead on from `from`. `leaving` gets the nodes below which tokens may go on outside of the frame.
void Automaton::walk(PlaceId from, uint32_t begin, uint32_t behind, TokenMask& mask,
                     std::vector<uint32_t>* leaving) {
  if (begin == behind) return;
  const TokenTrie& trie = vocabulary_->trie();
  const std::span<const TokenTrie::Node> nodes = trie.nodes();
  const std::span<const int32_t> ids = trie.ids();
  const size_t top = nodes[begin].depth;
  size_t work = 0;
  size_t places = 0;
  ++walks_;
  path_.assign(trie.longest() + 2, kDead);
  path_[top - 1] = from;
  for (uint32_t i = begin; i < behind;) {
    const TokenTrie::Node& node = nodes[i];
    const PlaceId above = path_[node.depth - 1];
    const PlaceId place = step(above, node.byte);
    work += places_[static_cast<size_t>(above)].configs.size();
    if (place == kDead) {
      i = node.behind;
      continue;
    }
    for (uint32_t t = node.first; t < nodes[i + 1].first; ++t) mask.allow(ids[t]);
    Place& reached = places_[static_cast<size_t>(place)];
    if (reached.walk != walks_) ++places;
    reached.walk = walks_;
    const bool has_children = node.behind > i + 1;
    if (reached.leaves && has_children && leaving != nullptr) leaving->push_back(i);
    path_[node.depth] = place;
    if (reached.configs.empty() || work > kMaxWork || places > kMaxPlaces) {
      i = node.behind;
    } else if (node.behind - i > kLoopNodes && !reached.leaves && loops_through(place, node)) {
      allow_range(i + 1, node.behind, mask);
      i = node.behind;
    } else {
      ++i;
    }
  }
}

// All paths below the node lead from the place back to it, or to a place in a character that leads back to
// it.
bool Automaton::loops_through(PlaceId id, const TokenTrie::Node& node) {
  if (!places_[static_cast<size_t>(id)].knows_loops) find_loops(id);
  const Place& place = places_[static_cast<size_t>(id)];
  ByteSet below = vocabulary_->trie().bytes_below(node);
  if (node.characters && place.loops_characters) below[2] = below[3] = 0;
  return is_subset(below, place.loops);
}

void Automaton::find_loops(PlaceId id) {
  ByteSet loops{};
  for (int byte = 0; byte < 256; ++byte) {
    if (step(id, static_cast<uint8_t>(byte)) == id) insert(loops, static_cast<uint8_t>(byte));
  }
  bool characters = true;
  for (int lead = 0xc2; lead <= 0xf4 && characters; ++lead) {
    const PlaceId inside = step(id, static_cast<uint8_t>(lead));
    const uint8_t low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    const uint8_t high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    characters = continues_to(inside, lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3, low, high, id);
  }
  Place& place = places_[static_cast<size_t>(id)];
  place.loops = loops;
  place.loops_characters = characters;
  place.knows_loops = true;
}

// All of the second bytes low .. high, and then all continuation bytes, lead to a place.
bool Automaton::continues_to(PlaceId from, int bytes, uint8_t low, uint8_t high, PlaceId to) {
  if (bytes == 0) return from == to;
  if (from == kDead || places_[static_cast<size_t>(from)].leaves) return false;
  PlaceId last = kDead;
  for (int byte = low; byte <= high; ++byte) {
    const PlaceId next = step(from, static_cast<uint8_t>(byte));
    if (next == kDead) return false;
    if (next != last && !continues_to(next, bytes - 1, 0x80, 0xbf, to)) return false;
    last = next;
  }
  return true;
}

void Automaton::allow_range(uint32_t begin_node, uint32_t behind_node, TokenMask& mask) const {
  const std::span<const TokenTrie::Node> nodes = vocabulary_->trie().nodes();
  const std::span<const int32_t> ids = vocabulary_->trie().ids();
  for (uint32_t t = nodes[begin_node].first; t < nodes[behind_node].first; ++t) mask.allow(ids[t]);
}

}  // namespace aurora::constrain
