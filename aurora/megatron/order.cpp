#include "aurora/megatron/order.h"

#include <cstring>
#include <mutex>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "aurora/base/check.h"
#include "aurora/base/error.h"
#include "aurora/format/npy.h"

namespace aurora::megatron {

namespace {

constexpr const char* kRemedy = "make the cache again from the token files as they are now";

// An array of integers of any type, as int64.
class IntegerArray {
 public:
  IntegerArray(const Path& path, size_t dimensions) : path_(path), file_(path), bytes_(file_.bytes()) {
    if (file_.shape().size() != dimensions || (dimensions == 2 && file_.shape()[1] != 2))
      throw Error("an index of another shape", path.string(), kRemedy);
    if (file_.type() == format::NpyType::kF32 || file_.type() == format::NpyType::kF64)
      throw Error("an index of fractions", path.string(), kRemedy);
  }

  uint64_t rows() const { return file_.shape()[0]; }
  const Path& path() const { return path_; }

  int64_t operator[](uint64_t i) const {
    using format::NpyType;
    switch (file_.type()) {
      case NpyType::kU8:
        return load<uint8_t>(i);
      case NpyType::kI16:
        return load<int16_t>(i);
      case NpyType::kU16:
        return load<uint16_t>(i);
      case NpyType::kI32:
        return load<int32_t>(i);
      case NpyType::kU32:
        return load<uint32_t>(i);
      default:
        return load<int64_t>(i);
    }
  }

  // The number at i, which must lie in [0, end).
  uint64_t below(uint64_t i, uint64_t end) const {
    const int64_t value = (*this)[i];
    if (value < 0 || static_cast<uint64_t>(value) >= end) {
      throw Error(fmt::format("entry {} is {}, not below {}", i, value, end), path_.string(), kRemedy);
    }
    return static_cast<uint64_t>(value);
  }

 private:
  template <typename Number>
  int64_t load(uint64_t i) const {
    Number number;
    std::memcpy(&number, bytes_.data() + i * sizeof(Number), sizeof(Number));
    return static_cast<int64_t>(number);
  }

  Path path_;
  format::NpyFile file_;
  std::span<const std::byte> bytes_;
};

// One file's three arrays.
struct OpenDataset {
  explicit OpenDataset(const DatasetArrays& paths)
      : documents(paths.documents, 1), samples(paths.samples, 2), shuffle(paths.shuffle, 1) {
    if (samples.rows() < shuffle.rows() + 1)
      throw Error("fewer rows than the shuffle index wants", paths.samples.string(), kRemedy);
  }
  IntegerArray documents;
  IntegerArray samples;
  IntegerArray shuffle;
};

struct LazyDataset {
  std::once_flag once;
  std::optional<OpenDataset> arrays;
};

}  // namespace

struct MegatronOrder::State {
  CacheArrays arrays;
  std::vector<OrderFile> files;
  OpenFile open;
  bool extra_token = true;
  std::optional<IntegerArray> blend_datasets;
  std::optional<IntegerArray> blend_samples;
  std::vector<LazyDataset> datasets;

  const OpenDataset& dataset(size_t number) {
    LazyDataset& lazy = datasets[number];
    std::call_once(lazy.once, [&] { lazy.arrays.emplace(arrays.datasets[number]); });
    return *lazy.arrays;
  }

  uint64_t samples() { return blend_datasets ? blend_datasets->rows() : dataset(0).shuffle.rows(); }
};

MegatronOrder::MegatronOrder(CacheArrays arrays, const std::vector<OrderFile>& files, OpenFile open,
                             bool extra_token)
    : state_(std::make_unique<State>()) {
  AURORA_CHECK(!arrays.datasets.empty() && arrays.sequence_length > 0);
  state_->datasets = std::vector<LazyDataset>(arrays.datasets.size());
  state_->files = files;
  state_->open = std::move(open);
  state_->extra_token = extra_token;
  if (!arrays.blend_datasets.empty()) {
    state_->blend_datasets.emplace(arrays.blend_datasets, 1);
    state_->blend_samples.emplace(arrays.blend_samples, 1);
    if (state_->blend_datasets->rows() != state_->blend_samples->rows())
      throw Error("the two arrays of the blend differ in length", arrays.blend_samples.string(), kRemedy);
  }
  state_->arrays = std::move(arrays);
}

MegatronOrder::~MegatronOrder() = default;

uint64_t MegatronOrder::samples() const {
  return state_->samples();
}

int64_t MegatronOrder::sequence_length() const {
  return state_->arrays.sequence_length;
}

void MegatronOrder::pieces(uint64_t sample, std::vector<order::Piece>& out) const {
  out.clear();
  State& state = *state_;
  AURORA_CHECK_LT(sample, state.samples());
  size_t number = 0;
  uint64_t index = sample;
  if (state.blend_datasets) {
    number = state.blend_datasets->below(sample, state.datasets.size());
    index = state.blend_samples->below(sample, state.dataset(number).shuffle.rows());
  }
  const OpenDataset& dataset = state.dataset(number);
  const size_t file_number = state.arrays.datasets[number].file;
  const format::TokenFile& file = state.open(file_number);
  const uint64_t row = dataset.shuffle.below(index, dataset.samples.rows() - 1);
  const uint64_t first = dataset.samples.below(2 * row, dataset.documents.rows());
  const uint64_t last = dataset.samples.below(2 * row + 2, dataset.documents.rows());
  const uint64_t extra = state.extra_token ? 1 : 0;
  const bool one_to_one = file.documents() == file.sequences();  // as we and most others write them
  bool input_only = true;                                        // the sample's first token is no target
  for (uint64_t at = first; at <= last; ++at) {
    const uint64_t sequence = dataset.documents.below(at, file.sequences());
    const uint64_t tokens = file.sequence_tokens(sequence);
    uint64_t begin = at == first ? dataset.samples.below(2 * row + 1, tokens + 1) : 0;
    const uint64_t end = at == last ? dataset.samples.below(2 * row + 3, tokens + 1 - extra) + extra : tokens;
    if (begin >= end) continue;
    begin += std::exchange(input_only, false) ? 1 : 0;
    if (begin == end) continue;
    const uint64_t token = file.sequence_begin(sequence) + begin;
    out.push_back({.corpus = state.files[file_number].corpus,
                   .file = static_cast<uint32_t>(file_number),
                   .document = one_to_one ? sequence : file.document_of(token),
                   .begin = token,
                   .length = static_cast<uint32_t>(end - begin)});
  }
}

}  // namespace aurora::megatron
