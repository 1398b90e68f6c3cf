// The products of decoding and prefill with packed weights: every matrix of one model streamed in turn, so
// that nothing stays in a cache, beside the read bandwidth and the GEMM roof of the same run; and what lies
// between the products: norms, rotations, activations, and the pool's hand-off.
//   decode_bench [--threads=N] [--shape=1B|124M] [--layers=N] [--format=bf16|int8|int4] (default: all
//   formats)
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "aurora/kernels/kernels.h"
#include "aurora/kernels/packed.h"

namespace aurora::bench {
namespace {

using device::bf16;
using device::Buffer;
using device::DType;
using device::Stream;
using device::View;
using kernels::Kernels;
using kernels::PackedWeight;
using kernels::PackFormat;
using kernels::PackSpec;

struct Shape {
  const char* name;
  int64_t layers, width, hidden, heads, groups, head_size, vocabulary;
};
constexpr Shape kShapes[] = {{"1B", 16, 2048, 8192, 32, 8, 64, 128256},
                             {"124M", 12, 768, 2048, 12, 12, 64, 50304}};
constexpr int64_t kBatches[] = {1, 4, 8, 16};
constexpr int64_t kPrefillRows = 512;
constexpr int kRuns = 5;

// Threads to divide processor time by; 0: the wall's clock.
int processor_clock_threads = 0;

double now_s() {
  timespec now{};
  clock_gettime(processor_clock_threads > 0 ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &now);
  const double s = static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
  return processor_clock_threads > 0 ? s / processor_clock_threads : s;
}

template <typename Fn>
double best_s(int runs, const Fn& fn) {
  double best = std::numeric_limits<double>::infinity();
  for (int run = 0; run < runs; ++run) {
    const double begin = now_s();
    fn();
    best = std::min(best, now_s() - begin);
  }
  return best;
}

// Best rate, in bytes/s, of all threads reading memory in order: 64-byte loads of 1 MiB pieces of 512 MiB.
double measure_read_bandwidth(Pool& pool) {
  constexpr size_t kPiece = size_t{1} << 20, kPieces = 512;
  using Line = uint64_t __attribute__((vector_size(64)));
  static Buffer memory(kPiece * kPieces);
  std::memset(memory.data(), 1, memory.size());
  std::vector<uint64_t> sums(kPieces);
  const double s = best_s(kRuns, [&] {
    pool.for_each(kPieces, [&](size_t piece) {
      const Line* line =
          reinterpret_cast<const Line*>(static_cast<const char*>(memory.data()) + piece * kPiece);
      Line sum[4] = {};
      for (size_t i = 0; i < kPiece / sizeof(Line); i += 4)
        for (int j = 0; j < 4; ++j) sum[j] ^= line[i + j];
      const Line all = (sum[0] ^ sum[1]) ^ (sum[2] ^ sum[3]);
      sums[piece] = all[0] ^ all[7];
    });
  });
  return static_cast<double>(kPiece * kPieces) / s;
}

// As kernels::measure_gemm_roof, by this program's clock.
double measure_roof(const Stream& stream) {
  constexpr int64_t kSize = 1536;
  static Buffer a(kSize * kSize * 2), b(kSize * kSize * 2), c(kSize * kSize * 4);
  const double s = best_s(16, [&] {
    kernels::cpu_kernels().gemm(stream,
                                {a.view(DType::kBF16, {kSize, kSize}), b.view(DType::kBF16, {kSize, kSize}),
                                 c.view(DType::kF32, {kSize, kSize}), false, true, false});
  });
  return 2.0 * kSize * kSize * kSize / s;
}

// Rows of small numbers in the form that `spec` reads.
void fill_rows(const PackSpec& spec, int64_t row, int64_t count, void* out) {
  auto* bytes = static_cast<uint8_t*>(out);
  const int64_t size = count * spec.row_bytes();
  uint64_t state = static_cast<uint64_t>(row) * 0x9e3779b97f4a7c15 + 1;
  const auto next = [&] { return (state = state * 6364136223846793005 + 1442695040888963407) >> 40; };
  if (spec.format == PackFormat::kDense) {
    auto* to = static_cast<bf16*>(out);
    for (int64_t i = 0; i < size / 2; ++i) to[i] = bf16((static_cast<float>(next() & 255) - 128) * 0x1p-12f);
    return;
  }
  const int64_t block = spec.row_bytes() / (spec.k / kernels::kPackGroup);
  for (int64_t i = 0; i < size; ++i) bytes[i] = static_cast<uint8_t>(next());
  for (int64_t i = 0; i < size; i += block) std::memcpy(bytes + i, "\x00\x10", 2);  // f16 2^-11
}

struct Model {
  Shape shape;
  std::vector<PackedWeight> layers;  // qkv, out, gate_up, down of every layer
  PackedWeight head;

  Model(const Shape& s, PackFormat format, Pool& pool) : shape(s) {
    const auto make = [&](int64_t n, int64_t k) {
      const PackSpec spec{n, k, format, DType::kBF16};
      return kernels::pack_weight(
          spec, [spec](int64_t row, int64_t count, void* out) { fill_rows(spec, row, count, out); }, pool);
    };
    for (int64_t i = 0; i < s.layers; ++i) {
      layers.push_back(make((s.heads + 2 * s.groups) * s.head_size, s.width));
      layers.push_back(make(s.width, s.heads * s.head_size));
      layers.push_back(make(2 * s.hidden, s.width));
      layers.push_back(make(s.width, s.hidden));
    }
    head = make(s.vocabulary, s.width);
  }
  double bytes() const {
    double sum = static_cast<double>(head.bytes());
    for (const PackedWeight& weight : layers) sum += static_cast<double>(weight.bytes());
    return sum;
  }
  double layer_parameters() const {
    double sum = 0;
    for (const PackedWeight& weight : layers) sum += static_cast<double>(weight.n() * weight.k());
    return sum;
  }
};

// Activations of `rows` tokens: each holds the widest that a product reads or writes.
struct Activations {
  Buffer in, out, logits;
  int64_t rows;
  Activations(const Shape& s, int64_t count, int64_t logit_rows)
      : in(count * std::max(2 * s.hidden, s.width) * 2),
        out(count * 2 * s.hidden * 2),
        logits(logit_rows * s.vocabulary * 4),
        rows(count) {
    auto* x = static_cast<bf16*>(in.data());
    for (size_t i = 0; i < in.size() / 2; ++i) x[i] = bf16(static_cast<float>(i % 13) * 0.1f - 0.6f);
  }
};

void run_layers(const Stream& stream, const Model& model, const Activations& act) {
  for (const PackedWeight& weight : model.layers)
    kernels::cpu_kernels().gemm_packed(stream, {act.in.view(DType::kBF16, {act.rows, weight.k()}), &weight,
                                                act.out.view(DType::kBF16, {act.rows, weight.n()})});
}
void run_head(const Stream& stream, const Model& model, const Activations& act) {
  const Shape& s = model.shape;
  kernels::cpu_kernels().gemm_packed(stream, {act.in.view(DType::kBF16, {act.rows, s.width}), &model.head,
                                              act.logits.view(DType::kF32, {act.rows, s.vocabulary})});
}

// All that a step does besides products and attention.
void run_between(const Stream& stream, const Shape& s, const Activations& act, const Buffer& weight,
                 const Buffer& scales, const Buffer& positions) {
  const Kernels& cpu = kernels::cpu_kernels();
  const int64_t m = act.rows;
  const View x = act.in.view(DType::kBF16, {m, s.width}), y = act.out.view(DType::kBF16, {m, s.width});
  const View norm = weight.view(DType::kBF16, {s.width}), inv_rms = scales.view(DType::kF32, {m});
  const View at = positions.view(DType::kI32, {m});
  const std::vector<double> frequencies(s.head_size / 2, 0.01);
  for (int64_t layer = 0; layer < s.layers; ++layer) {
    cpu.rmsnorm_forward(stream, x, norm, 1e-5f, y, inv_rms);
    for (const int64_t heads : {s.heads, s.groups})
      cpu.rope(stream, {act.out.view(DType::kBF16, {m, heads, s.head_size}), at, frequencies});
    cpu.add(stream, x, y, y);
    cpu.rmsnorm_forward(stream, x, norm, 1e-5f, y, inv_rms);
    cpu.swiglu_forward(stream, act.in.view(DType::kBF16, {m, 2 * s.hidden}),
                       act.out.view(DType::kBF16, {m, s.hidden}));
    cpu.add(stream, x, y, y);
  }
  cpu.rmsnorm_forward(stream, x, norm, 1e-5f, y, inv_rms);
}

double between_s(const Stream& stream, const Shape& s, const Activations& act) {
  Buffer weight(s.width * 2), scales(act.rows * 4), positions(act.rows * 4);
  for (int64_t i = 0; i < act.rows; ++i)
    static_cast<int32_t*>(positions.data())[i] = 1000 + static_cast<int>(i);
  return best_s(20, [&] { run_between(stream, s, act, weight, scales, positions); });
}

void report(const Stream& stream, const Shape& shape, PackFormat format) {
  constexpr const char* kNames[] = {"bf16", "int8", "int4"};
  const double begin = now_s();
  const Model model(shape, format, *stream.pool);
  const double made_s = now_s() - begin;
  double bandwidth = measure_read_bandwidth(*stream.pool);
  struct Row {
    int64_t batch;
    double s, between_s;
  };
  std::vector<Row> rows;
  for (const int64_t batch : kBatches) {
    const Activations act(shape, batch, batch);
    const double s = best_s(kRuns, [&] {
      run_layers(stream, model, act);
      run_head(stream, model, act);
    });
    rows.push_back({batch, s, between_s(stream, shape, act)});
  }
  bandwidth = std::max(bandwidth, measure_read_bandwidth(*stream.pool));
  fmt::print("{} {}: {:.0f} MB of weights (made in {:.1f} s), reads at {:.1f} GB/s\n", shape.name,
             kNames[static_cast<int>(format)], model.bytes() * 1e-6, made_s, bandwidth * 1e-9);
  for (const Row& row : rows) {
    const double rate = model.bytes() / row.s;
    fmt::print(
        "  batch {:2}: {:7.2f} tokens/s {:5.2f}x, {:6.1f} MB a token, {:5.2f} GB/s = {:5.1f} % of reading;"
        " between the products {:.2f} %\n",
        row.batch, static_cast<double>(row.batch) / row.s,
        static_cast<double>(row.batch) * rows.front().s / row.s,
        model.bytes() / static_cast<double>(row.batch) * 1e-6, rate * 1e-9, 100 * rate / bandwidth,
        100 * row.between_s / row.s);
  }
  const Activations act(shape, kPrefillRows, 0);
  double roof = measure_roof(stream);
  const double s = best_s(2, [&] { run_layers(stream, model, act); });
  roof = std::max(roof, measure_roof(stream));
  const double flops = 2 * static_cast<double>(kPrefillRows) * model.layer_parameters();
  fmt::print("  prefill {}: {:.1f} tokens/s, {:.0f} GFLOP/s = {:.1f} % of the GEMM roof of {:.0f}\n",
             kPrefillRows, static_cast<double>(kPrefillRows) / s, flops / s * 1e-9, 100 * flops / s / roof,
             roof * 1e-9);
  std::fflush(stdout);
}

// One for_each whose tiles wait for each other, one a thread, while the workers are awake: the quickest.
double hand_off_s(Pool& pool) {
  return best_s(2000, [&] {
    std::atomic<int> arrived{0};
    pool.for_each(pool.threads(), [&](size_t) {
      arrived.fetch_add(1);
      while (arrived.load(std::memory_order_relaxed) < pool.threads()) {
      }
    });
  });
}

}  // namespace
}  // namespace aurora::bench

int main(int argc, char** argv) {
  using namespace aurora;
  int threads = 0;
  bool processor_clock = false;
  std::string shape_name = "1B", format_name;
  int64_t layers = 0;
  for (int i = 1; i < argc; ++i) {
    const std::string_view flag = argv[i];
    const auto value = [&](std::string_view name) -> const char* {
      return flag.substr(0, name.size()) == name ? argv[i] + name.size() : nullptr;
    };
    if (const char* v = value("--threads=")) threads = std::atoi(v);
    if (const char* v = value("--shape=")) shape_name = v;
    if (const char* v = value("--layers=")) layers = std::atoi(v);
    if (const char* v = value("--format=")) format_name = v;
    if (flag == "--clock=processor") processor_clock = true;
  }
  Pool pool(threads);
  if (processor_clock) bench::processor_clock_threads = pool.threads();
  fmt::print("{} threads, a hand-off takes {:.2f} us\n", pool.threads(), bench::hand_off_s(pool) * 1e6);
  for (bench::Shape shape : bench::kShapes) {
    if (shape.name != shape_name) continue;
    if (layers > 0) shape.layers = layers;
    for (const auto& [name, format] :
         {std::pair{"bf16", kernels::PackFormat::kDense}, std::pair{"int8", kernels::PackFormat::kInt8},
          std::pair{"int4", kernels::PackFormat::kInt4}}) {
      if (format_name.empty() || format_name == name) bench::report(device::Stream::cpu(pool), shape, format);
    }
  }
}
