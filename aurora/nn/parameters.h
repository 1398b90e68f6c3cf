// Parameters live in flat arenas: master (f32), compute copy (act), gradient sum (f32), optimizer moments
// (f32), all with one layout, none mandatory. A parameter is a named view into them; a fused one (q, k and v
// in one matrix) has named parts, which are what checkpoints, hashes and other programs see.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "aurora/autograd/op.h"
#include "aurora/device/buffer.h"

namespace aurora::nn {

using autograd::Weight;
using device::DType;
using device::View;

// A logical tensor: rows [begin_row, begin_row + rows) of its parameter. A parameter that is not fused has
// one part, of its own name.
struct Part {
  std::string name;
  int64_t begin_row = 0;
  int64_t rows = 0;
};

struct Parameter {
  std::string name;            // "layers.0.attention.qkv"
  std::vector<int64_t> shape;  // [N, K] or [C]
  std::vector<Part> parts;     // names "layers.0.attention.q" ...; cover all rows in order
  float init_deviation = 0;    // normal(0, deviation); 0: all init_value
  float init_value = 1;        // 1 for norms, 0 for biases
  int64_t offset = 0;          // elements from the start of an arena; a multiple of kAlignment

  bool decays() const { return shape.size() > 1; }  // norms and biases are not (Radford et al. 2019)
  int64_t elements() const;
  int64_t row_elements() const;  // elements per row of axis 0
};

class ParameterLayout {
 public:
  static constexpr int64_t kAlignment = 64;  // elements

  // Returns the parameter's index. Parts without names: one part of the parameter's own name.
  int add(Parameter parameter);

  const std::vector<Parameter>& parameters() const { return parameters_; }
  const Parameter& operator[](int index) const { return parameters_[static_cast<size_t>(index)]; }
  int64_t elements() const { return elements_; }        // of an arena, with padding
  int64_t parameter_count() const { return counted_; }  // without
  View view(int index, const View& arena) const;        // arena: [elements()] of any dtype
  std::vector<tensor::Range> decayed_ranges() const;    // of an arena; neighbours are joined

 private:
  std::vector<Parameter> parameters_;
  int64_t elements_ = 0;
  int64_t counted_ = 0;
};

// A logical tensor inside an arena, for hashing, saving and loading.
struct NamedPart {
  std::string name;
  std::vector<int64_t> shape;
  int64_t offset = 0;  // elements
  int64_t elements = 0;
};
std::vector<NamedPart> named_parts(const ParameterLayout& layout);  // in name order

// Owns one arena of a layout; zeros at first, and its padding stays zero.
class ParameterArena {
 public:
  ParameterArena() = default;
  ParameterArena(const ParameterLayout& layout, DType dtype, device::Kind kind = device::Kind::kCpu);

  const View& flat() const { return flat_; }  // [layout.elements()]
  bool empty() const { return flat_.empty(); }

 private:
  device::Buffer buffer_;
  View flat_;
};

// Parameters as ops want them, by index.
using Weights = std::span<const Weight>;
// Views into flat arenas: values act, gradients f32 (may be empty).
std::vector<Weight> weights_of(const ParameterLayout& layout, const View& values, const View& gradients);

// Fills a master arena: normal(0, init_deviation), or init_value. Element i of the part `name` is a function
// of (seed, name, i) alone, so that neither layout nor fusing nor threads can matter.
void initialise(const ParameterLayout& layout, uint64_t seed, const View& master, Pool& pool);

}  // namespace aurora::nn
