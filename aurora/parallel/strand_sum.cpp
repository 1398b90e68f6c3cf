#include "aurora/parallel/strand_sum.h"

#include <algorithm>
#include <utility>

#include "aurora/base/check.h"
#include "aurora/kernels/kernels.h"

namespace aurora::parallel {
namespace {

using device::DType;
using device::Stream;
using device::View;

constexpr int64_t kPiece = int64_t{1} << 20;  // elements of one message between ranks
constexpr int64_t kTile = int64_t{1} << 18;   // elements cleared at a time
constexpr int kGradientTag = 1;
constexpr int kScalarTag = 2;

void clear(const View& view, const Stream& stream) {
  float* data = view.as<float>();
  const int64_t size = view.elements();
  stream.pool->for_each(static_cast<size_t>((size + kTile - 1) / kTile), [&](size_t tile) {
    const int64_t begin = static_cast<int64_t>(tile) * kTile;
    std::fill(data + begin, data + std::min(begin + kTile, size), 0.0f);
  });
}

// left += right
void add(const View& left, const View& right, const Stream& stream) {
  kernels::kernels_for(stream.kind).add(stream, left, right, left);
}
void add(std::vector<double>& left, const std::vector<double>& right) {
  for (size_t i = 0; i < left.size(); ++i) left[i] += right[i];
}

}  // namespace

Partial::Partial(int64_t elements, int64_t scalar_count)
    : scalars(static_cast<size_t>(scalar_count), 0.0),
      elements_(elements),
      buffer_(static_cast<size_t>(elements) * sizeof(float)) {}

View Partial::gradient() const {
  return buffer_.view(DType::kF32, {elements_});
}

StrandSum::StrandSum(comm::Group& group, int64_t strands, int64_t elements, int64_t scalars)
    : group_(group),
      strands_(strands),
      elements_(elements),
      scalars_(scalars),
      mine_(strands_of(group.rank(), group.size(), strands)) {
  AURORA_CHECK(elements > 0 && scalars >= 0, "{} elements, {} scalars", elements, scalars);
}

int64_t StrandSum::buffers() const {
  const std::lock_guard lock(mutex_);
  return buffers_;
}

void StrandSum::recycle(Partial partial) {
  const std::lock_guard lock(mutex_);
  free_.push_back(std::move(partial));
}

// A used partial with its old contents, or a new one.
Partial StrandSum::take_any() {
  {
    const std::lock_guard lock(mutex_);
    if (!total_.empty()) free_.push_back(std::exchange(total_, Partial()));
    if (!free_.empty()) {
      Partial partial = std::move(free_.back());
      free_.pop_back();
      return partial;
    }
    ++buffers_;
  }
  return Partial(elements_, scalars_);
}

Partial StrandSum::take(const Stream& stream) {
  Partial partial = take_any();
  clear(partial.gradient(), stream);
  std::fill(partial.scalars.begin(), partial.scalars.end(), 0.0);
  return partial;
}

StrandSum::Ready::iterator StrandSum::ready_sibling(StrandRange node) {
  if (node.size() == strands_) return ready_.end();
  const StrandRange parent = parent_of(node, strands_);
  const int64_t middle = split_of(parent);
  if (node.begin == parent.begin) return ready_.find({middle, parent.end});
  return ready_.find({parent.begin, middle});
}

void StrandSum::finish(int64_t strand, Partial partial, const Stream& stream) {
  AURORA_CHECK(strand >= mine_.begin && strand < mine_.end, "strand {} of [{}, {})", strand, mine_.begin,
               mine_.end);
  for (StrandRange node{strand, strand + 1};;) {
    StrandRange sibling;
    Partial other;
    {
      const std::lock_guard lock(mutex_);
      const auto found = ready_sibling(node);
      if (found == ready_.end()) {
        const bool is_new = ready_.emplace(node, std::move(partial)).second;
        AURORA_CHECK(is_new, "strand {} was handed in twice", strand);
        return;
      }
      sibling = found->first;
      other = std::move(found->second);
      ready_.erase(found);
    }
    if (node.begin > sibling.begin) std::swap(partial, other);
    partial = join(std::move(partial), std::move(other), stream);
    node = {std::min(node.begin, sibling.begin), std::max(node.end, sibling.end)};
  }
}

Partial StrandSum::join(Partial left, Partial right, const Stream& stream) {
  add(left.gradient(), right.gradient(), stream);
  add(left.scalars, right.scalars);
  recycle(std::move(right));
  return left;
}

Partial StrandSum::take_ready(StrandRange node) {
  const std::lock_guard lock(mutex_);
  const auto found = ready_.find(node);
  AURORA_CHECK(found != ready_.end(), "the sum of strands [{}, {}) is not there", node.begin, node.end);
  Partial partial = std::move(found->second);
  ready_.erase(found);
  return partial;
}

// Joins the nodes that span ranks, left child before right child before their parent, on every rank in the
// same order. The owner of a node is that of its first strand; the right child goes to the left one's owner.
void StrandSum::join_ranks(StrandRange node, const Stream& stream) {
  if (owner(node.begin) == owner(node.end - 1)) return;  // joined by its rank in finish()
  const StrandRange left{node.begin, split_of(node)}, right{left.end, node.end};
  join_ranks(left, stream);
  join_ranks(right, stream);
  const int from = owner(right.begin), to = owner(left.begin);
  if (from == to && to == group_.rank()) {
    Partial other = take_ready(right);
    Partial joined = join(take_ready(left), std::move(other), stream);
    const std::lock_guard lock(mutex_);
    ready_.emplace(node, std::move(joined));
  } else if (from != to && to == group_.rank()) {
    Partial partial = take_ready(left);
    receive_and_add(partial, from, stream);
    const std::lock_guard lock(mutex_);
    ready_.emplace(node, std::move(partial));
  } else if (from != to && from == group_.rank()) {
    Partial partial = take_ready(right);
    send(partial, to);
    recycle(std::move(partial));
  }
}

void StrandSum::send(const Partial& partial, int peer) {
  const View gradient = partial.gradient();
  for (int64_t begin = 0; begin < elements_; begin += kPiece) {
    const View piece = gradient.rows(begin, std::min(kPiece, elements_ - begin));
    group_.send(piece.data, piece.bytes(), peer, kGradientTag);
  }
  if (scalars_ > 0)
    group_.send(partial.scalars.data(), partial.scalars.size() * sizeof(double), peer, kScalarTag);
}

// Piece by piece, so that it takes no second gradient's memory.
void StrandSum::receive_and_add(Partial& partial, int peer, const Stream& stream) {
  const View gradient = partial.gradient();
  const device::Buffer arrived(static_cast<size_t>(std::min(kPiece, elements_)) * sizeof(float));
  for (int64_t begin = 0; begin < elements_; begin += kPiece) {
    const View piece = gradient.rows(begin, std::min(kPiece, elements_ - begin));
    group_.receive(arrived.data(), piece.bytes(), peer, kGradientTag);
    add(piece, arrived.view(DType::kF32, {piece.elements()}), stream);
  }
  if (scalars_ == 0) return;
  std::vector<double> other(partial.scalars.size());
  group_.receive(other.data(), other.size() * sizeof(double), peer, kScalarTag);
  add(partial.scalars, other);
}

const Partial& StrandSum::reduce(const Stream& stream) {
  const StrandRange root{0, strands_};
  join_ranks(root, stream);
  Partial total = group_.rank() == 0 ? take_ready(root) : take_any();
  {
    const std::lock_guard lock(mutex_);
    AURORA_CHECK(ready_.empty(), "{} sums are left over", ready_.size());
  }
  group_.broadcast(total.gradient().data, total.gradient().bytes(), 0);
  if (scalars_ > 0) group_.broadcast(total.scalars.data(), total.scalars.size() * sizeof(double), 0);
  const std::lock_guard lock(mutex_);
  AURORA_CHECK(total_.empty(), "reduce() twice in one step");
  total_ = std::move(total);
  return total_;
}

}  // namespace aurora::parallel
