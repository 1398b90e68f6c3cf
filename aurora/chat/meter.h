// What a rendering may use up. Every operation whose cost grows with its operands pays for them here, so that
// steps bound time and memory, and nesting bounds the stack.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

#include "aurora/chat/template.h"

namespace aurora::chat {

// What Python would raise. Becomes an Error with the place in the template (template.cpp).
class Trouble : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};
// The template's own raise_exception.
class Raised : public Trouble {
 public:
  using Trouble::Trouble;
};
// A limit was passed.
class Exhausted : public Trouble {
 public:
  using Trouble::Trouble;
};

[[noreturn]] inline void fail(const std::string& what) {
  throw Trouble(what);
}

class Meter {
 public:
  explicit Meter(const RenderLimits& limits)
      : limits_(limits), nesting_left_(uint64_t{limits.depth} * kNestingPerCall) {}

  void spend(uint64_t steps = 1) {
    if (steps > limits_.steps - spent_)
      throw Exhausted("it takes more than " + std::to_string(limits_.steps) + " steps");
    spent_ += steps;
  }
  // No text may be longer than the whole output may be.
  void check_bytes(uint64_t bytes) const {
    if (bytes > limits_.output_bytes) {
      throw Exhausted("it makes more than " + std::to_string(limits_.output_bytes) + " bytes");
    }
  }
  // For a text read or made.
  void spend_bytes(uint64_t bytes) {
    check_bytes(bytes);
    spend(bytes / kBytesPerStep);
  }
  // For `count` copies of `bytes` bytes, before they are made.
  void spend_product(uint64_t bytes, uint64_t count) {
    if (bytes != 0 && count > limits_.output_bytes / bytes) check_bytes(UINT64_MAX);
    spend_bytes(bytes * count);
  }

 private:
  friend class Nesting;
  friend class CallDepth;
  static constexpr uint64_t kBytesPerStep = 16;
  static constexpr uint64_t kNestingPerCall = 8;
  [[noreturn]] void too_deep() const {
    throw Exhausted("it nests deeper than " + std::to_string(limits_.depth) + " calls");
  }

  const RenderLimits limits_;
  uint64_t spent_ = 0;
  uint64_t nesting_left_;
  uint32_t calls_ = 0;
};

// One level of recursion, of whatever kind.
class Nesting {
 public:
  explicit Nesting(Meter& meter) : meter_(meter) {
    if (meter_.nesting_left_ == 0) meter_.too_deep();
    --meter_.nesting_left_;
  }
  ~Nesting() { ++meter_.nesting_left_; }
  Nesting(const Nesting&) = delete;

 private:
  Meter& meter_;
};

// One call of a macro, a caller or a recursive loop.
class CallDepth {
 public:
  explicit CallDepth(Meter& meter) : meter_(meter) {
    if (meter_.calls_ == meter_.limits_.depth) meter_.too_deep();
    ++meter_.calls_;
  }
  ~CallDepth() { --meter_.calls_; }
  CallDepth(const CallDepth&) = delete;

 private:
  Meter& meter_;
};

}  // namespace aurora::chat
