// Where the keys and values of a head lie within a page, and how new tokens get there.
#pragma once

#include "aurora/kernels/cpu/microkernel.h"
#include "aurora/kernels/kernels.h"

namespace aurora::kernels::cpu {

class PageLayout {
 public:
  PageLayout(const Microkernel& kernel, const PageShape& shape);

  int64_t head_units() const { return keys_units_ + values_units_; }  // a whole number of cache lines
  int64_t page_bytes() const { return shape_.kv_heads * head_units() * 4; }

  int64_t key_stride() const { return key_stride_; }  // units between panels of keys
  int64_t value_stride() const { return value_stride_; }
  uint32_t* keys(char* page, int64_t head) const {
    return reinterpret_cast<uint32_t*>(page) + head * head_units();
  }
  uint32_t* values(char* page, int64_t head) const { return keys(page, head) + keys_units_; }

  // Key and value [D] act of one head into slot `slot` of the page. Slots are filled in ascending order, from
  // any slot on; the other half of a pair that begins here becomes zero, so that nothing older than the
  // page's use is ever multiplied, not even by a probability of zero.
  void store(char* page, int64_t head, int64_t slot, const void* key, const void* value) const;

 private:
  template <typename T>
  void store_as(char* page, int64_t head, int64_t slot, const T* key, const T* value) const;

  const Microkernel& kernel_;
  PageShape shape_;
  int64_t key_stride_, value_stride_, keys_units_, values_units_;
};

}  // namespace aurora::kernels::cpu
