// Where the keys and values of a head lie within a page, how new tokens get there, and how a microkernel
// gets them back.
#pragma once

#include "aurora/kernels/cpu/microkernel.h"
#include "aurora/kernels/cpu/panels.h"
#include "aurora/kernels/kernels.h"

namespace aurora::kernels::cpu {

// A page of one head for AttentionRows::block.
struct HeadPanels {
  ColumnPanels keys, values;
};

// An exact page holds a head's panels as the microkernel reads them. An int8 page holds the same units in the
// same order, each act element as one byte, behind two rows of kPageTokens f32 scales.
class PageLayout {
 public:
  PageLayout(const Microkernel& kernel, const PageShape& shape);

  int64_t page_bytes() const { return shape_.kv_heads * head_bytes_; }

  // Key and value [D] act of one head into slot `slot` of the page. Slots are filled in ascending order, from
  // any slot on; the other half of a pair that begins here becomes zero, so that nothing older than the
  // page's use is ever multiplied, not even by a probability of zero.
  void store(char* page, int64_t head, int64_t slot, const void* key, const void* value) const;

  // The head's panels: those of the page, or made in `scratch` [scratch_units].
  HeadPanels panels(char* page, int64_t head, uint32_t* scratch) const;
  int64_t scratch_units() const { return is_exact() ? 0 : keys_units_ + values_units_; }

 private:
  bool is_exact() const { return shape_.format == PageFormat::kAct; }
  HeadPanels at(const uint32_t* units) const {
    return {{units, key_stride_}, {units + keys_units_, value_stride_}};
  }
  // Unit of element x of the key, or the value, in a slot.
  int64_t key_unit(int64_t slot, int64_t x) const;
  int64_t value_unit(int64_t slot, int64_t x) const;
  template <typename T>
  void store_exact(uint32_t* units, int64_t slot, const T* key, const T* value) const;
  template <typename T>
  void store_int8(char* head, int64_t slot, const T* key, const T* value) const;
  void unpack(const char* head, uint32_t* units) const;

  const Microkernel& kernel_;
  PageShape shape_;
  int64_t depth_;  // elements of a unit: 1 or 2
  int64_t key_stride_, value_stride_, keys_units_, values_units_, head_bytes_;
};

}  // namespace aurora::kernels::cpu
