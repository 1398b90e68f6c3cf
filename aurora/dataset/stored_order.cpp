#include "aurora/dataset/stored_order.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "aurora/base/check.h"
#include "aurora/base/error.h"
#include "aurora/dataset/blocks.h"
#include "aurora/dataset/document_search.h"
#include "aurora/dataset/layout_cache.h"

namespace aurora::dataset {

using order::Mode;
using order::Piece;

struct StoredOrder::State {
  order::Order order;
  std::shared_ptr<const TokenFiles> files;
  uint64_t length;  // T
  BlockShape shape;
  LayoutCache layouts;

  State(order::Order its_order, std::shared_ptr<const TokenFiles> its_files, size_t cache_bytes)
      : order(std::move(its_order)),
        files(std::move(its_files)),
        length(order.spec().sequence_length),
        shape{static_cast<int64_t>(length), static_cast<int64_t>(order.spec().block_windows)},
        layouts(cache_bytes) {}

  void window(const order::Unit& unit, const format::TokenFile& file, uint64_t document,
              std::vector<Piece>& out) const;
  void windows(std::span<const uint64_t> samples, std::vector<Piece>& out, std::vector<size_t>& ends) const;
  BlockLayout make_layout(const order::Unit& unit) const;
  void slot_of_block(const order::Unit& unit, std::vector<Piece>& out);
};

StoredOrder::StoredOrder(order::Order order, std::shared_ptr<const TokenFiles> files, size_t cache_bytes)
    : state_(std::make_unique<State>(std::move(order), std::move(files), cache_bytes)) {
  AURORA_CHECK_EQ(state_->order.files(), state_->files->size());
  size_t file = 0;
  for (const order::Corpus& corpus : state_->order.spec().corpora)
    for (const order::File& listed : corpus.files) {
      const TokenFileSource& source = state_->files->source(file++);
      AURORA_CHECK(source.tokens == listed.tokens && source.identity == listed.identity, "file {} of {}",
                   file, corpus.name);
    }
}

StoredOrder::~StoredOrder() = default;

// Targets begin+1 .. begin+T, cut at the borders of documents; the first lies in `document`.
void StoredOrder::State::window(const order::Unit& unit, const format::TokenFile& file, uint64_t document,
                                std::vector<Piece>& out) const {
  uint64_t at = unit.begin + 1;
  const uint64_t end = at + length;
  for (; at < end; ++document) {
    const uint64_t border = std::min(file.document_begin(document + 1), end);
    if (border <= at) continue;  // empty
    out.push_back({unit.corpus, unit.file, document, at, static_cast<uint32_t>(border - at)});
    at = border;
  }
}

void StoredOrder::State::windows(std::span<const uint64_t> samples, std::vector<Piece>& out,
                                 std::vector<size_t>& ends) const {
  constexpr size_t kAtOnce = 64;
  std::array<order::Unit, kAtOnce> units;
  std::array<DocumentSearch, kAtOnce> searches;
  for (; !samples.empty(); samples = samples.subspan(std::min(samples.size(), kAtOnce))) {
    const size_t count = std::min(samples.size(), kAtOnce);
    for (size_t i = 0; i < count; ++i) {
      units[i] = order(samples[i]);
      searches[i] = {&files->open(units[i].file), units[i].begin + 1, 0};
    }
    find_documents(std::span(searches).first(count));
    for (size_t i = 0; i < count; ++i) {
      window(units[i], *searches[i].file, searches[i].document, out);
      ends.push_back(out.size());
    }
  }
}

BlockLayout StoredOrder::State::make_layout(const order::Unit& unit) const {
  const format::TokenFile& file = files->open(unit.file);
  if (order.spec().mode == Mode::kPacked) return packed_block(file, unit.block, shape);
  const uint64_t identity = files->source(unit.file).identity;
  return permuted_block(file, unit.block, shape,
                        block_key(order.spec().seed, identity, unit.epoch, unit.block));
}

void StoredOrder::State::slot_of_block(const order::Unit& unit, std::vector<Piece>& out) {
  // Bins are the same in every epoch.
  const uint64_t epoch = order.spec().mode == Mode::kPacked ? 0 : unit.epoch;
  const std::pair<const State*, const order::Unit*> arguments(this, &unit);
  const std::shared_ptr<const BlockLayout> layout = layouts.get({unit.file, epoch, unit.block}, [&arguments] {
    return arguments.first->make_layout(*arguments.second);
  });
  if (unit.slot >= layout->slots())
    throw Error(fmt::format("block {} makes {} bins and not {} or more, as its manifest says", unit.block,
                            layout->slots(), unit.slot + 1),
                format::token_idx_path(files->source(unit.file).prefix).string(),
                "make the manifest of the token files anew");
  for (const Stretch& stretch : layout->slot(unit.slot))
    out.push_back(
        {unit.corpus, unit.file, layout->first_document + stretch.document, stretch.begin, stretch.length});
}

void StoredOrder::pieces(uint64_t sample, std::vector<Piece>& out) const {
  out.clear();
  const order::Unit unit = state_->order(sample);
  if (stored_windows()) {
    const format::TokenFile& file = state_->files->open(unit.file);
    state_->window(unit, file, file.document_of(unit.begin + 1), out);
  } else {
    state_->slot_of_block(unit, out);
  }
}

void StoredOrder::pieces_of(std::span<const uint64_t> samples, std::vector<Piece>& out,
                            std::vector<size_t>& ends) const {
  out.clear();
  ends.clear();
  if (stored_windows()) return state_->windows(samples, out, ends);
  for (uint64_t sample : samples) {
    state_->slot_of_block(state_->order(sample), out);
    ends.push_back(out.size());
  }
}

bool StoredOrder::stored_windows() const {
  const Mode mode = state_->order.spec().mode;
  return mode == Mode::kWindows || mode == Mode::kSequential;
}

int64_t StoredOrder::sequence_length() const {
  return static_cast<int64_t>(state_->length);
}

const order::Order& StoredOrder::order() const {
  return state_->order;
}

const std::shared_ptr<const TokenFiles>& StoredOrder::files() const {
  return state_->files;
}

size_t StoredOrder::cached_bytes() const {
  return state_->layouts.bytes();
}

}  // namespace aurora::dataset
