#include "aurora/comm/group.h"

#include <cstring>

#include "aurora/base/check.h"

namespace aurora::comm {
namespace {

// Tags of the collectives that are made of messages; callers' tags of the same number do not meet them, as
// messages of a pair arrive in order and every rank runs the same collectives in the same order.
constexpr int kGatherTag = 32767;
constexpr int kSumTag = 32766;

}  // namespace

std::vector<std::string> Group::gather(std::string_view bytes, int root) {
  AURORA_CHECK(root >= 0 && root < size(), "root {} of {}", root, size());
  if (rank() != root) {
    const uint64_t length = bytes.size();
    send(&length, sizeof length, root, kGatherTag);
    if (length > 0) send(bytes.data(), bytes.size(), root, kGatherTag);
    return {};
  }
  std::vector<std::string> all(static_cast<size_t>(size()));
  for (int from = 0; from < size(); ++from) {
    std::string& part = all[static_cast<size_t>(from)];
    if (from == root) {
      part = bytes;
      continue;
    }
    uint64_t length = 0;
    receive(&length, sizeof length, from, kGatherTag);
    part.resize(length);
    if (length > 0) receive(part.data(), part.size(), from, kGatherTag);
  }
  return all;
}

// Rank r with r a multiple of 2 * step takes the part of rank r + step, for step = 1, 2, 4 ...
template <typename T>
void Group::sum_over_ranks(std::span<T> values) {
  if (size() == 1 || values.empty()) return;
  std::vector<T> other(values.size());
  for (int step = 1; step < size(); step *= 2) {
    if (rank() % (2 * step) != 0) {
      send(values.data(), values.size_bytes(), rank() - step, kSumTag);
      break;
    }
    if (rank() + step >= size()) continue;
    receive(other.data(), values.size_bytes(), rank() + step, kSumTag);
    for (size_t i = 0; i < values.size(); ++i) values[i] += other[i];
  }
  broadcast(values.data(), values.size_bytes(), 0);
}

void Group::sum(std::span<double> values) {
  sum_over_ranks(values);
}
void Group::sum(std::span<int64_t> values) {
  sum_over_ranks(values);
}

}  // namespace aurora::comm
