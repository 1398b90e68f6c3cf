// Attention of decoding over pages: one token each of some sequences, against a context, beside the read
// bandwidth of the same run, both by processor time (so with one thread). The layers take turns, so that
// nothing stays in a cache.
//   paged_bench [--context=N] [--sequences=N]
#include <fmt/format.h>

#include <charconv>
#include <cstring>
#include <ctime>
#include <numeric>
#include <string_view>
#include <vector>

#include "aurora/device/buffer.h"
#include "aurora/kernels/kernels.h"

namespace aurora::bench {
namespace {

using device::Buffer;
using device::DType;
using device::Stream;
using kernels::PageFormat;
using kernels::PageStore;

struct Settings {
  int64_t context = 2048, sequences = 1;
};

// The 1B preset.
constexpr int64_t kLayers = 16, kHeads = 32, kKvHeads = 8, kHeadSize = 64;
constexpr int kRuns = 20;

// Of the processor, so that other programs do not count.
double now_s() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

template <typename Fn>
double best_s(const Fn& fn) {
  double best = 1e9;
  for (int run = 0; run < kRuns; ++run) {
    const double begin = now_s();
    fn();
    best = std::min(best, now_s() - begin);
  }
  return best;
}

double read_bytes_per_s(Pool& pool) {
  constexpr size_t kPiece = size_t{1} << 20, kPieces = 256;
  using Line = uint64_t __attribute__((vector_size(64)));
  Buffer memory(kPiece * kPieces);
  std::memset(memory.data(), 1, memory.size());
  std::vector<uint64_t> sums(kPieces);
  return static_cast<double>(memory.size()) / best_s([&] {
           pool.for_each(kPieces, [&](size_t piece) {
             const auto* line =
                 reinterpret_cast<const Line*>(static_cast<const char*>(memory.data()) + piece * kPiece);
             Line sum[4] = {};
             for (size_t i = 0; i < kPiece / sizeof(Line); i += 4)
               for (size_t j = 0; j < 4; ++j) sum[j] ^= line[i + j];
             const Line all = (sum[0] ^ sum[1]) ^ (sum[2] ^ sum[3]);
             sums[piece] = all[0] ^ all[7];
           });
         });
}

void report(const Settings& settings, PageFormat format, const char* name, double bandwidth, Pool& pool) {
  const kernels::Kernels& kernels = kernels::cpu_kernels();
  const kernels::PageShape shape{kKvHeads, kHeadSize, DType::kBF16, format};
  const int64_t layer_bytes = kernels.page_bytes(shape), page_bytes = kLayers * layer_bytes;
  const int64_t pages = settings.context / kernels::kPageTokens, rows = settings.sequences;
  Buffer memory(static_cast<size_t>(rows * pages * page_bytes));
  std::memset(memory.data(), 0, memory.size());  // zeros: every score is equal, the time is that of any other
  std::vector<int32_t> list(static_cast<size_t>(rows * pages)), first(static_cast<size_t>(rows), 0);
  std::iota(list.begin(), list.end(), 0);
  std::vector<kernels::PagedSequence> sequences;
  for (int64_t s = 0; s < rows; ++s)
    sequences.push_back({s, 1, settings.context - 1, {list.data() + s * pages, static_cast<size_t>(pages)}});
  Buffer qkv(static_cast<size_t>(rows * (kHeads + 2 * kKvHeads) * kHeadSize) * 2);
  Buffer out(static_cast<size_t>(rows * kHeads * kHeadSize) * 2);
  const double s = best_s([&] {
    for (int64_t layer = 0; layer < kLayers; ++layer) {
      const PageStore store{shape, static_cast<char*>(memory.data()) + layer * layer_bytes, page_bytes};
      kernels.paged_attention(Stream::cpu(pool),
                              {qkv.view(DType::kBF16, {rows, (kHeads + 2 * kKvHeads) * kHeadSize}),
                               device::View::contiguous(first.data(), DType::kI32, {rows}),
                               out.view(DType::kBF16, {rows, kHeads * kHeadSize}), kHeads, sequences, store});
    }
  });
  const auto bytes = static_cast<double>(memory.size());
  fmt::print("{}: {:.1f} MB of keys and values per step, {:.3f} ms, {:.2f} GB/s, {:.0f} % of the bandwidth\n",
             name, bytes / 1e6, s * 1e3, bytes / s / 1e9, 100 * bytes / s / bandwidth);
}

Settings parse(int argc, char** argv) {
  Settings settings;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    const auto take = [&](std::string_view flag, auto& value) {
      if (argument.substr(0, flag.size()) == flag)
        std::from_chars(argument.data() + flag.size(), argument.data() + argument.size(), value);
    };
    take("--context=", settings.context);
    take("--sequences=", settings.sequences);
  }
  return settings;
}

int main_of(int argc, char** argv) {
  const Settings settings = parse(argc, argv);
  Pool pool(1);
  const double bandwidth = read_bytes_per_s(pool);
  fmt::print("read bandwidth {:.2f} GB/s\n", bandwidth / 1e9);
  report(settings, PageFormat::kAct, "bf16 pages", bandwidth, pool);
  report(settings, PageFormat::kInt8, "int8 pages", bandwidth, pool);
  return 0;
}

}  // namespace
}  // namespace aurora::bench

int main(int argc, char** argv) {
  return aurora::bench::main_of(argc, argv);
}
