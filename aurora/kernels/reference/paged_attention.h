// The contract is in kernels/paged.h. A page is [kPageTokens, G, 2, D] act: keys and values as they come; of
// int8 pages as they come back.
#pragma once

#include "aurora/kernels/kernels.h"

namespace aurora::kernels::reference {

int64_t page_bytes(const PageShape& shape);
void paged_attention(const Stream& stream, const PagedAttention& call);

}  // namespace aurora::kernels::reference
