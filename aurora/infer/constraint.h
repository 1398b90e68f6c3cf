// What may be said next, for one answer: the engine's side of a grammar.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

namespace aurora::infer {

class Constraint {
 public:
  virtual ~Constraint() = default;
  // Bit id % 64 of word id / 64: allowed. Valid until the next call of advance().
  virtual std::span<const uint64_t> allowed() = 0;
  virtual bool advance(int32_t token) = 0;  // false: the token is not allowed
  virtual bool finished() const = 0;        // nothing but an end can follow
};

}  // namespace aurora::infer
