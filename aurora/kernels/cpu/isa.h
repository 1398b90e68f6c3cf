// One body of code, compiled for several instruction sets, chosen when the program runs. The body and all it
// calls must be always_inline, so that it takes on the instruction set of the function it is put into.
#pragma once

#include <cstdint>

namespace aurora::kernels::cpu {

enum class Isa : uint8_t { kPortable, kAvx2, kAvx512 };
// The widest that this processor has.
Isa isa();

#if defined(__x86_64__)
template <typename Body>
[[gnu::target("avx512f,avx512bw,avx512dq,avx512vl"), gnu::noinline]] void run_avx512(const Body& body) {
  body();
}
template <typename Body>
[[gnu::target("avx2"), gnu::noinline]] void run_avx2(const Body& body) {
  body();
}
#else
template <typename Body>
void run_avx512(const Body& body) {
  body();
}
template <typename Body>
void run_avx2(const Body& body) {
  body();
}
#endif

// Runs `body`, a lambda without arguments, in a given instruction set.
template <typename Body>
void run_on(Isa isa, const Body& body) {
  if (isa == Isa::kAvx512)
    run_avx512(body);
  else if (isa == Isa::kAvx2)
    run_avx2(body);
  else
    body();
}
template <typename Body>
void run(const Body& body) {
  run_on(isa(), body);
}

}  // namespace aurora::kernels::cpu
