#include "aurora/models/load_weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "aurora/base/error.h"
#include "aurora/kernels/packed.h"

namespace aurora::models {
namespace {

using device::DType;
using format::BlockType;
using kernels::PackFormat;

BlockType plain_type(DType act) {
  return act == DType::kF32 ? BlockType::kF32 : BlockType::kBf16;
}

// A parameter's parts in their files. A vector is a matrix of one row; its parts lie behind each other.
class Parameter {
 public:
  Parameter(const nn::Parameter& parameter, const TensorSource& source) : source_(source) {
    for (const nn::Part& part : parameter.parts) {
      std::vector<int64_t> shape = parameter.shape;
      shape.front() = part.rows;
      parts_.push_back(&source.tensor(hugging_face_name(part.name), shape));
    }
  }

  const std::vector<const SourceTensor*>& parts() const { return parts_; }
  bool stored_as(BlockType type) const {
    return std::all_of(parts_.begin(), parts_.end(),
                       [type](const SourceTensor* part) { return part->format->type == type; });
  }

  // Rows [row, row + count) of a matrix.
  void read_rows(int64_t row, int64_t count, BlockType as, void* out) const {
    auto* bytes = static_cast<std::byte*>(out);
    int64_t begin = 0;
    for (const SourceTensor* part : parts_) {
      const int64_t first = std::max(row, begin), last = std::min(row + count, begin + part->rows());
      if (first < last) {
        source_.read_rows(*part, first - begin, last - first, as, bytes);
        bytes += (last - first) * format::block_format(as).bytes(part->row_elements());
      }
      begin += part->rows();
    }
  }

  // All elements, in order.
  void read_all(BlockType as, void* out, Pool& pool) const {
    constexpr int64_t kRows = 256;
    auto* bytes = static_cast<std::byte*>(out);
    for (const SourceTensor* part : parts_) {
      const int64_t row_bytes = format::block_format(as).bytes(part->row_elements());
      pool.for_each(static_cast<size_t>((part->rows() + kRows - 1) / kRows), [&](size_t tile) {
        const int64_t row = static_cast<int64_t>(tile) * kRows;
        source_.read_rows(*part, row, std::min(kRows, part->rows() - row), as, bytes + row * row_bytes);
      });
      bytes += part->rows() * row_bytes;
    }
  }

 private:
  const TensorSource& source_;
  std::vector<const SourceTensor*> parts_;
};

device::View view_of(void* data, DType act, const std::vector<int64_t>& shape) {
  return shape.size() == 1 ? device::View::contiguous(data, act, {shape[0]})
                           : device::View::contiguous(data, act, {shape[0], shape[1]});
}

class Loader {
 public:
  Loader(const Llama& llama, const TensorSource& source, const WeightSettings& settings, Pool& pool)
      : llama_(llama),
        source_(source),
        settings_(settings),
        pool_(pool),
        weights_(llama.layout(), settings.act) {}

  InferenceWeights load() {
    const std::vector<nn::Parameter>& parameters = llama_.layout().parameters();
    for (int i = 0; i < static_cast<int>(parameters.size()); ++i) {
      const nn::Parameter& shape = parameters[static_cast<size_t>(i)];
      const Parameter parameter(shape, source_);
      for (const SourceTensor* part : parameter.parts()) used_.insert(part->name);
      const bool looked_up = i == llama_.embedding();
      const bool packed = settings_.form != WeightForm::kPlain && shape.shape.size() == 2;
      if (!packed || looked_up) set_plain(i, shape, parameter);
      if (packed && (!looked_up || i == llama_.output())) set_packed(i, shape, parameter);
    }
    refuse_others();
    return std::move(weights_);
  }

 private:
  void set_plain(int index, const nn::Parameter& shape, const Parameter& parameter) {
    const SourceTensor& first = *parameter.parts().front();
    const bool in_place = parameter.parts().size() == 1 && first.rope_heads == 0 &&
                          first.format->type == plain_type(settings_.act) &&
                          reinterpret_cast<uintptr_t>(first.data) % device::dtype_size(settings_.act) == 0;
    if (in_place) {
      // Views are of memory that may be written; this one is only read.
      void* data = const_cast<std::byte*>(first.data);
      return weights_.set_plain(index, view_of(data, settings_.act, shape.shape), source_.files());
    }
    const auto buffer = std::make_shared<device::Buffer>(static_cast<size_t>(shape.elements()) *
                                                         device::dtype_size(settings_.act));
    parameter.read_all(plain_type(settings_.act), buffer->data(), pool_);
    weights_.set_plain(index, view_of(buffer->data(), settings_.act, shape.shape), buffer);
  }

  void set_packed(int index, const nn::Parameter& shape, const Parameter& parameter) {
    const PackFormat format = format_of(parameter);
    const BlockType as = format == PackFormat::kInt8   ? BlockType::kQ8_0
                         : format == PackFormat::kInt4 ? BlockType::kQ4_0
                                                       : plain_type(settings_.act);
    if (shape.shape[1] % format::block_format(as).block_elements != 0)
      throw Error(
          fmt::format("rows of {} elements are no whole groups of {}", shape.shape[1], kernels::kPackGroup),
          fmt::format("{}, tensor {}", source_.where(), parameter.parts().front()->stored_name),
          "ask for dense weights");
    const auto read_rows = [&](int64_t row, int64_t count, void* out) {
      parameter.read_rows(row, count, as, out);
    };
    weights_.set_packed(index,
                        std::make_shared<const kernels::PackedWeight>(kernels::pack_weight(
                            {shape.shape[0], shape.shape[1], format, settings_.act}, read_rows, pool_)));
  }

  PackFormat format_of(const Parameter& parameter) const {
    switch (settings_.form) {
      case WeightForm::kInt8:
        return PackFormat::kInt8;
      case WeightForm::kInt4:
        return PackFormat::kInt4;
      case WeightForm::kDense:
      case WeightForm::kPlain:
        return PackFormat::kDense;
      case WeightForm::kAsStored:
        break;
    }
    if (parameter.stored_as(BlockType::kQ8_0)) return PackFormat::kInt8;
    if (parameter.stored_as(BlockType::kQ4_0)) return PackFormat::kInt4;
    return PackFormat::kDense;
  }

  // A tensor that nobody asked for may be one that the answer needs.
  void refuse_others() const {
    for (const std::string& name : source_.names()) {
      const bool derived = name.ends_with("rotary_emb.inv_freq") ||  // older transformers stored these
                           (name == "lm_head.weight" && llama_.shape().tied);
      if (derived || used_.contains(name)) continue;
      throw Error("a tensor that this model does not have",
                  fmt::format("{}, tensor {}", source_.where(), source_.find(name)->stored_name),
                  "use a model of a family that docs/formats/model-files.md names");
    }
  }

  const Llama& llama_;
  const TensorSource& source_;
  const WeightSettings& settings_;
  Pool& pool_;
  InferenceWeights weights_;
  std::set<std::string> used_;
};

}  // namespace

InferenceWeights load_weights(const Llama& llama, const TensorSource& source, const WeightSettings& settings,
                              Pool& pool) {
  source.will_need();
  return Loader(llama, source, settings, pool).load();
}

}  // namespace aurora::models
