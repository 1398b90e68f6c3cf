// Our own order over token files: the units of order/order.h resolved to pieces of documents by the .idx.
//
// What a look-up costs beside the order itself: windows and sequential, one search in the .idx; blocks and
// packed, the layout of a block (its documents permuted or packed), computed when the block is first asked
// for and kept, least recently used first out, in a cache of bounded size.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "aurora/dataset/token_files.h"
#include "aurora/order/order.h"
#include "aurora/order/piece.h"

namespace aurora::dataset {

class StoredOrder : public order::SampleOrder {
 public:
  // files: as the order's spec lists them. cache_bytes: of block layouts at most (one at least is kept).
  StoredOrder(order::Order order, std::shared_ptr<const TokenFiles> files,
              size_t cache_bytes = size_t{64} << 20);
  ~StoredOrder() override;

  void pieces(uint64_t sample, std::vector<order::Piece>& out) const override;
  void pieces_of(std::span<const uint64_t> samples, std::vector<order::Piece>& out,
                 std::vector<size_t>& ends) const override;
  int64_t sequence_length() const override;
  bool stored_windows() const override;
  const order::Order& order() const;
  const std::shared_ptr<const TokenFiles>& files() const;
  // Heap bytes of the layouts held now.
  size_t cached_bytes() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace aurora::dataset
