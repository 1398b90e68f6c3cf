// Embedding rows out of a table, and gradients back into it. Contract: kernels.h.
#pragma once

#include "aurora/kernels/kernels.h"

namespace aurora::kernels::reference {

void embedding_forward(const Stream& stream, View table, View tokens, View out);
void embedding_backward(const Stream& stream, View d_out, View tokens, View d_table);

}  // namespace aurora::kernels::reference
