// Element by element: add, cast; and the sum of squares. Contract: kernels.h.
#pragma once

#include "aurora/kernels/kernels.h"

namespace aurora::kernels::cpu {

void add(const Stream& stream, View a, View b, View out);
void cast(const Stream& stream, View from, View to);
void sum_squares(const Stream& stream, View x, double* out);

}  // namespace aurora::kernels::cpu
