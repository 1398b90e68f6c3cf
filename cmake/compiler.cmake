# Flags that every target shares. -ffp-contract=off keeps a multiply and an add two roundings unless the
# source says fma: bits must not depend on what the optimiser finds (docs/ARCHITECTURE.md, "Bits").

add_compile_options(
  $<$<COMPILE_LANGUAGE:CXX>:-Wall> $<$<COMPILE_LANGUAGE:CXX>:-Wextra> $<$<COMPILE_LANGUAGE:CXX>:-Werror>
  $<$<COMPILE_LANGUAGE:CXX>:-ffp-contract=off>
  # g++ 12 sees overlaps in `"a" + string` (GCC bug 105651) and overflows in fmt that are not there.
  $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-restrict> $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-stringop-overflow>
  # sqrt sets no errno, so that loops over it become vector code; the bits are the same.
  $<$<COMPILE_LANGUAGE:CXX>:-fno-math-errno>
  # Wide vectors (kernels/cpu/lanes.h) cross no real call, so that their ABI does not matter.
  $<$<COMPILE_LANGUAGE:CXX>:-Wno-psabi>
  # Paths in messages are relative to the repository, wherever it was cloned.
  $<$<COMPILE_LANGUAGE:CXX>:-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=>)

set(AURORA_SANITIZE "" CACHE STRING "sanitizers for every target, e.g. address,undefined or thread")
if(AURORA_SANITIZE)
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fsanitize=${AURORA_SANITIZE}>
                      $<$<COMPILE_LANGUAGE:CXX>:-fno-omit-frame-pointer>
                      $<$<COMPILE_LANGUAGE:CXX>:-fno-sanitize-recover=all>)
  add_link_options(-fsanitize=${AURORA_SANITIZE})
endif()
if(AURORA_FUZZ)
  # Coverage for libFuzzer in every library; only the targets of tests/fuzz link its main.
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fsanitize=fuzzer-no-link>)
endif()
