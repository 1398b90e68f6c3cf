// Broken invariants. A failed check is a bug of ours: it prints rank, file, line and the two values, then
// runs the abort handler (comm installs one that stops all ranks) and aborts. Never reachable from bad input.
#pragma once

#include <fmt/format.h>

#include <string>

namespace aurora {

// Called once with the message before abort(). Set at start-up only; the default does nothing.
using AbortHandler = void (*)(const char* message);
void set_abort_handler(AbortHandler handler);
// The rank named in messages; 0 until comm says otherwise.
void set_check_rank(int rank);

[[noreturn]] void check_failed(const char* file, int line, const std::string& message);

}  // namespace aurora

#define AURORA_CHECK(condition, ...)                                              \
  do {                                                                            \
    if (!(condition))                                                             \
      ::aurora::check_failed(__FILE__, __LINE__,                                  \
                             std::string("check failed: " #condition)             \
                                 __VA_OPT__(+(": " + fmt::format(__VA_ARGS__)))); \
  } while (false)
#define AURORA_CHECK_EQ(a, b) AURORA_CHECK_OP_(==, a, b)
#define AURORA_CHECK_LE(a, b) AURORA_CHECK_OP_(<=, a, b)
#define AURORA_CHECK_LT(a, b) AURORA_CHECK_OP_(<, a, b)
#define AURORA_CHECK_GE(a, b) AURORA_CHECK_OP_(>=, a, b)
#define AURORA_CHECK_OP_(op, a, b)                                                               \
  do {                                                                                           \
    const auto& check_a_ = (a);                                                                  \
    const auto& check_b_ = (b);                                                                  \
    if (!(check_a_ op check_b_))                                                                 \
      ::aurora::check_failed(                                                                    \
          __FILE__, __LINE__,                                                                    \
          fmt::format("{} ({} vs {})", "check failed: " #a " " #op " " #b, check_a_, check_b_)); \
  } while (false)
