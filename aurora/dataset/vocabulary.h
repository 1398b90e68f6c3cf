// Are all tokens in the vocabulary? Asked of every token that is read, so it runs at the speed of the cache.
#pragma once

#include <cstddef>
#include <cstdint>

namespace aurora::dataset {

// The first token outside [0, vocab_size), or count.
size_t first_outside(const uint16_t* tokens, size_t count, int64_t vocab_size);
size_t first_outside(const int32_t* tokens, size_t count, int64_t vocab_size);

}  // namespace aurora::dataset
