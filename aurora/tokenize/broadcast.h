// What rank 0 knows, to all ranks.
#pragma once

#include <string>
#include <type_traits>
#include <vector>

#include "aurora/comm/group.h"

namespace aurora::tokenize {

template <typename T>
void broadcast_list(comm::Group& group, std::vector<T>& list) {
  static_assert(std::is_trivially_copyable_v<T>);
  uint64_t count = list.size();
  group.broadcast(&count, sizeof count, 0);
  list.resize(count);
  group.broadcast(list.data(), count * sizeof(T), 0);
}

inline void broadcast_texts(comm::Group& group, std::vector<std::string>& texts) {
  std::vector<uint64_t> sizes;
  std::vector<char> bytes;
  for (const std::string& text : texts) {
    sizes.push_back(text.size());
    bytes.insert(bytes.end(), text.begin(), text.end());
  }
  broadcast_list(group, sizes);
  broadcast_list(group, bytes);
  texts.clear();
  size_t at = 0;
  for (const uint64_t size : sizes) {
    texts.emplace_back(bytes.data() + at, size);
    at += size;
  }
}

}  // namespace aurora::tokenize
