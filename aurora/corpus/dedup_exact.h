// Exact duplicates: documents whose text is the same but for white space.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>

#include "aurora/base/hash.h"

namespace aurora::corpus {

// xxh3-128 of the text with every run of white space as one space and none at the ends. Thread-safe.
Hash128 text_identity(std::string_view text);

// Remembers which document came first with an identity. Not thread-safe: documents are asked in corpus order.
class FirstSeen {
 public:
  // The number of the first document with this identity: `number` itself if there was none.
  uint32_t first(const Hash128& identity, uint32_t number) {
    return seen_.try_emplace(identity, number).first->second;
  }

 private:
  struct LowBits {
    size_t operator()(const Hash128& identity) const { return identity.low; }
  };
  std::unordered_map<Hash128, uint32_t, LowBits> seen_;
};

}  // namespace aurora::corpus
