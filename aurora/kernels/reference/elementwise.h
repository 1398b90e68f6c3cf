// Element by element: add, cast; the bias of rows; the sum of squares. Contract: kernels.h.
#pragma once

#include "aurora/kernels/kernels.h"

namespace aurora::kernels::reference {

void add(const Stream& stream, View a, View b, View out);
void bias_forward(const Stream& stream, View x, View bias);
void bias_backward(const Stream& stream, View d_out, View d_bias);
void cast(const Stream& stream, View from, View to);
void sum_squares(const Stream& stream, View x, double* out);

}  // namespace aurora::kernels::reference
