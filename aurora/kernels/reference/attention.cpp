#include "aurora/kernels/reference/attention.h"

#include <cmath>
#include <limits>
#include <vector>

#include "aurora/kernels/element.h"
#include "aurora/kernels/shapes.h"

namespace aurora::kernels::reference {
namespace {

// Offset of element 0 of head `head` at row `t` of sequence `b`.
int64_t at(const View& view, int64_t b, int64_t t, int64_t head) {
  return b * view.strides[0] + t * view.strides[1] + head * view.strides[2];
}

double dot(const View& x, int64_t x_at, const View& y, int64_t y_at, int64_t d) {
  double sum = 0;
  for (int64_t i = 0; i < d; ++i) sum += load_element(x, x_at + i) * load_element(y, y_at + i);
  return sum;
}

// Keys [begin, end) that query row i of sequence b sees.
struct Keys {
  int64_t begin, end;
};
Keys keys_of(const Attention& call, int64_t b, int64_t i) {
  const View& begin = call.segment_begin;
  return {begin.as<int32_t>()[b * begin.strides[0] + i * begin.strides[1]], i + 1};
}

// One query row of one head.
void forward_row(const Attention& call, const AttentionSizes& size, int64_t b, int64_t i, int64_t h) {
  const int64_t g = h / (size.h / size.g);
  const double scale = 1 / std::sqrt(static_cast<double>(size.d));
  const auto [begin, end] = keys_of(call, b, i);
  std::vector<double> scores;
  double highest = -std::numeric_limits<double>::infinity();
  for (int64_t j = begin; j < end; ++j) {
    scores.push_back(scale * dot(call.q, at(call.q, b, i, h), call.k, at(call.k, b, j, g), size.d));
    highest = std::max(highest, scores.back());
  }
  double sum = 0;
  for (double score : scores) sum += std::exp(score - highest);
  for (int64_t x = 0; x < size.d; ++x) {
    double value = 0;
    for (int64_t j = begin; j < end; ++j)
      value += std::exp(scores[j - begin] - highest) / sum * load_element(call.v, at(call.v, b, j, g) + x);
    store_element(call.out, at(call.out, b, i, h) + x, value);
  }
  if (!call.lse.empty())
    call.lse.as<float>()[(b * size.h + h) * size.t + i] = static_cast<float>(highest + std::log(sum));
}

// The gradients of one head's queries, added into d_k and d_v of its key/value head: [T, D] doubles each.
void backward_head(const AttentionBackward& call, const AttentionSizes& size, int64_t b, int64_t h,
                   std::vector<double>& d_k, std::vector<double>& d_v) {
  const Attention& forward = call.forward;
  const int64_t g = h / (size.h / size.g), d = size.d;
  const double scale = 1 / std::sqrt(static_cast<double>(d));
  for (int64_t i = 0; i < size.t; ++i) {
    const int64_t q_at = at(forward.q, b, i, h), d_out_at = at(call.d_out, b, i, h);
    const double lse = forward.lse.as<float>()[(b * size.h + h) * size.t + i];
    const double out_d_out = dot(forward.out, at(forward.out, b, i, h), call.d_out, d_out_at, d);
    const auto [begin, end] = keys_of(forward, b, i);
    std::vector<double> d_q(d, 0.0);
    for (int64_t j = begin; j < end; ++j) {
      const int64_t k_at = at(forward.k, b, j, g), v_at = at(forward.v, b, j, g);
      const double p = std::exp(scale * dot(forward.q, q_at, forward.k, k_at, d) - lse);
      const double d_p = dot(call.d_out, d_out_at, forward.v, v_at, d);
      const double d_score = p * (d_p - out_d_out) * scale;
      for (int64_t x = 0; x < d; ++x) {
        d_q[x] += d_score * load_element(forward.k, k_at + x);
        d_k[j * d + x] += d_score * load_element(forward.q, q_at + x);
        d_v[j * d + x] += p * load_element(call.d_out, d_out_at + x);
      }
    }
    for (int64_t x = 0; x < d; ++x) store_element(call.d_q, at(call.d_q, b, i, h) + x, d_q[x]);
  }
}

}  // namespace

void attention_forward(const Stream&, const Attention& call) {
  const AttentionSizes size = attention_sizes(call);
  for (int64_t b = 0; b < size.b; ++b)
    for (int64_t i = 0; i < size.t; ++i)
      for (int64_t h = 0; h < size.h; ++h) forward_row(call, size, b, i, h);
}

void attention_backward(const Stream&, const AttentionBackward& call) {
  const AttentionSizes size = attention_sizes(call);
  const int64_t group = size.h / size.g;
  for (int64_t b = 0; b < size.b; ++b) {
    for (int64_t g = 0; g < size.g; ++g) {
      std::vector<double> d_k(size.t * size.d, 0.0), d_v(size.t * size.d, 0.0);
      for (int64_t h = g * group; h < (g + 1) * group; ++h) backward_head(call, size, b, h, d_k, d_v);
      for (int64_t j = 0; j < size.t; ++j) {
        for (int64_t x = 0; x < size.d; ++x) {
          store_element(call.d_k, at(call.d_k, b, j, g) + x, d_k[j * size.d + x]);
          store_element(call.d_v, at(call.d_v, b, j, g) + x, d_v[j * size.d + x]);
        }
      }
    }
  }
}

}  // namespace aurora::kernels::reference
