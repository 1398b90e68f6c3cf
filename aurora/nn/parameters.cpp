#include "aurora/nn/parameters.h"

#include <algorithm>

#include "aurora/base/hash.h"
#include "aurora/base/random.h"

namespace aurora::nn {
namespace {

int64_t product(const std::vector<int64_t>& shape) {
  int64_t count = 1;
  for (int64_t extent : shape) count *= extent;
  return count;
}

// Elements per tile of initialise: each element depends on its index alone, so any size gives the same bits.
constexpr int64_t kTile = int64_t{1} << 16;

}  // namespace

int64_t Parameter::elements() const {
  return product(shape);
}
int64_t Parameter::row_elements() const {
  return elements() / shape[0];
}

int ParameterLayout::add(Parameter parameter) {
  AURORA_CHECK(parameter.shape.size() == 1 || parameter.shape.size() == 2, "{}", parameter.name);
  if (parameter.parts.empty()) parameter.parts.push_back({parameter.name, 0, parameter.shape[0]});
  int64_t row = 0;
  for (Part& part : parameter.parts) {
    part.begin_row = row;
    row += part.rows;
  }
  AURORA_CHECK_EQ(row, parameter.shape[0]);
  parameter.offset = elements_;
  counted_ += parameter.elements();
  elements_ += (parameter.elements() + kAlignment - 1) / kAlignment * kAlignment;
  parameters_.push_back(std::move(parameter));
  return static_cast<int>(parameters_.size()) - 1;
}

View ParameterLayout::view(int index, const View& arena) const {
  const Parameter& parameter = (*this)[index];
  AURORA_CHECK_EQ(arena.dim(0), elements_);
  View rows = arena.rows(parameter.offset, parameter.elements());
  if (parameter.shape.size() == 1) return rows;
  return rows.reshaped({parameter.shape[0], parameter.shape[1]});
}

std::vector<tensor::Range> ParameterLayout::decayed_ranges() const {
  std::vector<tensor::Range> ranges;
  for (size_t i = 0; i < parameters_.size(); ++i) {
    if (!parameters_[i].decays()) continue;
    int64_t begin = parameters_[i].offset;
    int64_t end = i + 1 < parameters_.size() ? parameters_[i + 1].offset : elements_;
    if (!ranges.empty() && ranges.back().end == begin) {
      ranges.back().end = end;
    } else {
      ranges.push_back({begin, end});
    }
  }
  return ranges;
}

std::vector<NamedPart> named_parts(const ParameterLayout& layout) {
  std::vector<NamedPart> parts;
  for (const Parameter& parameter : layout.parameters()) {
    int64_t row = parameter.row_elements();
    for (const Part& part : parameter.parts) {
      NamedPart named{part.name, parameter.shape, parameter.offset + part.begin_row * row, part.rows * row};
      named.shape[0] = part.rows;
      parts.push_back(std::move(named));
    }
  }
  std::sort(parts.begin(), parts.end(),
            [](const NamedPart& a, const NamedPart& b) { return a.name < b.name; });
  return parts;
}

ParameterArena::ParameterArena(const ParameterLayout& layout, DType dtype, device::Kind kind)
    : buffer_(static_cast<size_t>(layout.elements()) * dtype_size(dtype), kind),
      flat_(View::contiguous(buffer_.data(), dtype, {layout.elements()}, kind)) {}

std::vector<Weight> weights_of(const ParameterLayout& layout, const View& values, const View& gradients) {
  std::vector<Weight> weights(layout.parameters().size());
  for (size_t i = 0; i < weights.size(); ++i) {
    const int index = static_cast<int>(i);
    weights[i].value = layout.view(index, values);
    if (!gradients.empty()) weights[i].gradient = layout.view(index, gradients);
  }
  return weights;
}

void initialise(const ParameterLayout& layout, uint64_t seed, const View& master, Pool& pool) {
  AURORA_CHECK_EQ(master.dim(0), layout.elements());
  float* flat = master.as<float>();
  for (const Parameter& parameter : layout.parameters()) {
    for (const Part& part : parameter.parts) {
      int64_t count = part.rows * parameter.row_elements();
      float* values = flat + parameter.offset + part.begin_row * parameter.row_elements();
      if (parameter.init_deviation == 0) {
        std::fill(values, values + count, parameter.init_value);
        continue;
      }
      RandomKey key = random_key(seed, Purpose::kInit, {xxh3_64(part.name)});
      auto tiles = static_cast<size_t>((count + kTile - 1) / kTile);
      pool.for_each(tiles, [&](size_t tile) {
        int64_t begin = static_cast<int64_t>(tile) * kTile;
        for (int64_t i = begin; i < std::min(begin + kTile, count); ++i) {
          values[i] = parameter.init_deviation * random_normal(static_cast<uint64_t>(i), key);
        }
      });
    }
  }
}

}  // namespace aurora::nn
