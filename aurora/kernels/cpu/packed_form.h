// How a PackedWeight (kernels/packed.h) lies in memory and is multiplied by: one class per format, one object
// per format and instruction set. Panels of `columns` rows of W follow each other; what lies beyond W's last
// row is zero.
#pragma once

#include <cstddef>
#include <vector>

#include "aurora/kernels/kernels.h"
#include "aurora/kernels/packed.h"

namespace aurora::kernels::cpu {

// Rows of W as they are read: row i at data + i * stride, stride in bytes.
struct StoredRows {
  const std::byte* data;
  int64_t stride, count;
};

class PackedForm {
 public:
  virtual ~PackedForm() = default;

  virtual const char* name() const = 0;
  virtual int columns() const = 0;                  // rows of W in a panel
  virtual size_t panel_bytes(int64_t k) const = 0;  // a whole number of cache lines
  // At most columns() rows into one panel.
  virtual void pack(const PackSpec& spec, const StoredRows& rows, std::byte* panel) const = 0;
  virtual void unpack(const PackSpec& spec, const std::byte* panel, int64_t column, std::byte* row) const = 0;
  virtual void multiply(const Stream& stream, const PackedGemm& call) const = 0;

 protected:
  PackedForm() = default;
  PackedForm(const PackedForm&) = default;
};

// All that this processor can run, the best first; they live as long as the program.
std::vector<const PackedForm*> usable_forms(PackFormat format, device::DType act);

}  // namespace aurora::kernels::cpu
