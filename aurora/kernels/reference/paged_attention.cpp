#include "aurora/kernels/reference/paged_attention.h"

#include <cmath>
#include <limits>
#include <vector>

#include "aurora/kernels/element.h"
#include "aurora/kernels/page_int8.h"
#include "aurora/kernels/shapes.h"

namespace aurora::kernels::reference {
namespace {

// Rows of keys and values of one sequence as [kPageTokens * G * 2, D].
struct Pages {
  const PagedAttention& call;
  const PagedSequence& sequence;

  View of(int64_t position) const {
    const PageShape& shape = call.store.shape;
    char* data = call.store.data + sequence.pages[position / kPageTokens] * call.store.stride;
    return View::contiguous(data, shape.act, {kPageTokens * shape.kv_heads * 2, shape.head_size});
  }
  // Element 0 of the key (0) or value (1) of a head.
  int64_t at(int64_t position, int64_t g, int64_t which) const {
    const PageShape& shape = call.store.shape;
    return ((position % kPageTokens * shape.kv_heads + g) * 2 + which) * shape.head_size;
  }
};

void round_to_int8(std::vector<float>& values) {
  std::vector<int8_t> q(values.size());
  const float scale = quantise_head(values.data(), static_cast<int64_t>(q.size()), q.data());
  for (size_t i = 0; i < q.size(); ++i) values[i] = static_cast<float>(q[i]) * scale;
}

void store(const PagedAttention& call, const PagedSizes& size, const PagedSequence& sequence) {
  const Pages pages{call, sequence};
  for (int64_t i = 0; i < sequence.rows; ++i) {
    const int64_t position = sequence.begin + i;
    const View page = pages.of(position);
    const int64_t row = (sequence.row + i) * call.qkv.stride(0);
    for (int64_t g = 0; g < size.g; ++g)
      for (int64_t which = 0; which < 2; ++which) {
        std::vector<float> values(static_cast<size_t>(size.d));
        for (int64_t x = 0; x < size.d; ++x)
          values[x] =
              static_cast<float>(load_element(call.qkv, row + (size.h + which * size.g + g) * size.d + x));
        if (call.store.shape.format == PageFormat::kInt8) round_to_int8(values);
        for (int64_t x = 0; x < size.d; ++x) store_element(page, pages.at(position, g, which) + x, values[x]);
      }
  }
}

// Row i of the sequence, one head.
void attend(const PagedAttention& call, const PagedSizes& size, const PagedSequence& sequence, int64_t i,
            int64_t h) {
  const Pages pages{call, sequence};
  const int64_t g = h / (size.h / size.g), row = sequence.row + i;
  const int64_t query = row * call.qkv.stride(0) + h * size.d, end = sequence.begin + i + 1;
  const int64_t begin = call.first_key.as<int32_t>()[row];
  const double scale = 1 / std::sqrt(static_cast<double>(size.d));
  std::vector<double> scores;
  double highest = -std::numeric_limits<double>::infinity();
  for (int64_t j = begin; j < end; ++j) {
    double dot = 0;
    for (int64_t x = 0; x < size.d; ++x)
      dot += load_element(call.qkv, query + x) * load_element(pages.of(j), pages.at(j, g, 0) + x);
    scores.push_back(scale * dot);
    highest = std::max(highest, scores.back());
  }
  double sum = 0;
  for (double score : scores) sum += std::exp(score - highest);
  for (int64_t x = 0; x < size.d; ++x) {
    double value = 0;
    for (int64_t j = begin; j < end; ++j)
      value += std::exp(scores[j - begin] - highest) / sum * load_element(pages.of(j), pages.at(j, g, 1) + x);
    store_element(call.out, row * call.out.stride(0) + h * size.d + x, value);
  }
}

}  // namespace

int64_t page_bytes(const PageShape& shape) {
  const int64_t elements = kPageTokens * shape.kv_heads * 2 * shape.head_size;
  return (elements * static_cast<int64_t>(dtype_size(shape.act)) + 63) / 64 * 64;
}

void paged_attention(const Stream&, const PagedAttention& call) {
  const PagedSizes size = paged_sizes(call);
  for (const PagedSequence& sequence : call.sequences) {
    store(call, size, sequence);
    for (int64_t i = 0; i < sequence.rows; ++i)
      for (int64_t h = 0; h < size.h; ++h) attend(call, size, sequence, i, h);
  }
}

}  // namespace aurora::kernels::reference
