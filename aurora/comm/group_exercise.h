// For tests only: what every group must do, whatever it is made of. Each function is run by all ranks.
#pragma once

#include <gtest/gtest.h>

#include <numeric>
#include <string>
#include <vector>

#include "aurora/comm/group.h"

namespace aurora::comm {

inline void exercise_broadcast(Group& group) {
  for (int root = 0; root < group.size(); ++root) {
    std::vector<int> data(1000, group.rank() == root ? root + 7 : -1);
    group.broadcast(data.data(), data.size() * sizeof(int), root);
    EXPECT_EQ(data, std::vector<int>(1000, root + 7));
    group.broadcast(nullptr, 0, root);
  }
}

// Round the ring: rank 0 sends first and the others receive first, so that no send waits for a send.
inline void exercise_messages(Group& group) {
  const int size = group.size(), rank = group.rank();
  if (size == 1) return;
  if (rank == 0) {
    int value = 1;
    group.send(&value, sizeof value, 1, 3);
    group.receive(&value, sizeof value, size - 1, 3);
    EXPECT_EQ(value, size);
  } else {
    int value = 0;
    group.receive(&value, sizeof value, rank - 1, 3);
    ++value;
    group.send(&value, sizeof value, (rank + 1) % size, 3);
  }
  // In order, and empty messages count.
  for (int i = 0; i < 5 && rank < 2; ++i) {
    std::string text(static_cast<size_t>(i) * 100000, static_cast<char>('a' + i));
    if (rank == 0) {
      group.send(text.data(), text.size(), 1, 0);
    } else {
      std::string got(text.size(), '?');
      group.receive(got.data(), got.size(), 0, 0);
      EXPECT_EQ(got, text);
    }
  }
}

inline void exercise_gather(Group& group) {
  for (int root = 0; root < group.size(); ++root) {
    const auto all = group.gather(std::string(static_cast<size_t>(group.rank()), 'x'), root);
    if (group.rank() != root) {
      EXPECT_TRUE(all.empty());
      continue;
    }
    ASSERT_EQ(all.size(), static_cast<size_t>(group.size()));
    for (size_t from = 0; from < all.size(); ++from) EXPECT_EQ(all[from], std::string(from, 'x'));
  }
}

inline void exercise_sum(Group& group) {
  std::vector<int64_t> counts = {group.rank(), 1};
  group.sum(std::span(counts));
  EXPECT_EQ(counts[0], group.size() * (group.size() - 1) / 2);
  EXPECT_EQ(counts[1], group.size());
  // The tree of f64 sums: ((0 + 1) + (2 + 3)) + 4.
  const auto part = [](int rank) { return 0.1 + rank * 1e-9; };
  std::vector<double> tree(static_cast<size_t>(group.size()));
  for (size_t i = 0; i < tree.size(); ++i) tree[i] = part(static_cast<int>(i));
  for (size_t step = 1; step < tree.size(); step *= 2)
    for (size_t i = 0; i + step < tree.size(); i += 2 * step) tree[i] += tree[i + step];
  double sum = part(group.rank());
  group.sum(std::span(&sum, 1));
  EXPECT_EQ(sum, tree[0]);
}

inline void exercise_group(Group& group) {
  for (int round = 0; round < 3; ++round) {
    group.barrier();
    exercise_broadcast(group);
    exercise_messages(group);
    exercise_gather(group);
    exercise_sum(group);
  }
  group.barrier();
}

}  // namespace aurora::comm
