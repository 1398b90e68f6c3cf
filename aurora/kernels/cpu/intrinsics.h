// immintrin.h without g++ 12's false alarm: its _mm512_undefined_* are "used uninitialized" by design.
// The warning is given where the intrinsics are inlined, so it stays off to the end of the including file.
#pragma once

#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <immintrin.h>
