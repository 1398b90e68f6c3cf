// Speed of reading samples from the page cache, in bytes of stored tokens per second of one core, beside what
// the machine gives for the same ranges: pread, and copies out of a mapping.
//   loader_bench FOLDER [GIGABYTES=3] [FILES=8]
// Files of random tokens are made in FOLDER and removed at the end. Times are of the thread's processor
// clock, best of five rounds in which everything takes its turn.
#include <fcntl.h>
#include <fmt/format.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <numeric>
#include <string>
#include <vector>

#include "aurora/base/check.h"
#include "aurora/base/error.h"
#include "aurora/base/random.h"
#include "aurora/dataset/loader.h"
#include "aurora/dataset/packing.h"
#include "aurora/dataset/stored_order.h"

namespace aurora::bench {
namespace {

using dataset::Loader;
using dataset::StoredOrder;
using dataset::TokenFiles;
using dataset::TokenFileSource;
using order::Mode;

constexpr int64_t kLength = 4096;  // T
constexpr int64_t kVocab = 50257;
constexpr int32_t kEnd = 50256;
constexpr size_t kBatch = 64;
constexpr uint64_t kSamples = 40000;  // per round, and half of the files at the default size
constexpr size_t kBytes = 2 * (kLength + 1);

double processor_s() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

// Documents of some 500 tokens, each with its end.
TokenFileSource make_file(const Path& prefix, uint64_t tokens, uint64_t number) {
  constexpr size_t kNoise = size_t{1} << 20;
  const RandomKey key = random_key(number, Purpose::kTest);
  std::vector<uint16_t> noise(kNoise);
  for (size_t i = 0; i < kNoise; ++i) noise[i] = static_cast<uint16_t>(random_below(i, key, kEnd));
  format::TokenFileWriter writer(prefix, format::TokenType::kU16);
  for (uint64_t document = 0; writer.tokens() < tokens; ++document) {
    const double share = random_uniform(kNoise + document, key);
    const auto length = static_cast<uint64_t>(40 + 1900 * share * share * share);
    writer.append_raw(&noise[random_u64(2 * kNoise + document, key) % (kNoise - length)], length);
    const auto end = static_cast<uint16_t>(kEnd);
    writer.append_raw(&end, 1);
    writer.end_sequence();
    writer.end_document();
  }
  writer.commit();
  return {"noise", prefix, writer.tokens(), writer.documents(), number + 1};
}

class Rounds {
 public:
  // Seconds of the processor for `body`; the best of all calls under this name counts.
  void time(const std::string& name, const std::function<void()>& body) {
    const double begin = processor_s();
    body();
    const double taken = processor_s() - begin;
    const auto [entry, is_new] = best_.try_emplace(name, taken);
    if (!is_new) entry->second = std::min(entry->second, taken);
  }
  double best(const std::string& name) const { return best_.at(name); }

 private:
  std::map<std::string, double> best_;
};

struct Range {
  int file = 0;  // descriptor
  const dataset::OpenTokenFile* opened = nullptr;
  uint64_t begin = 0;
};

class Bench {
 public:
  Bench(std::vector<TokenFileSource> sources) : sources_(std::move(sources)) {
    files_ = std::make_shared<TokenFiles>(sources_);
    for (const TokenFileSource& source : sources_) {
      descriptors_.push_back(::open(format::token_bin_path(source.prefix).c_str(), O_RDONLY));
      AURORA_CHECK(descriptors_.back() >= 0);
    }
    memory_.resize(kBatch * 8320);
  }
  ~Bench() {
    for (int descriptor : descriptors_) ::close(descriptor);
  }

  void windows();
  void blocks(Mode mode, int64_t block_windows);

 private:
  std::shared_ptr<const StoredOrder> make_order(Mode mode, int64_t block_windows) const {
    order::OrderSpec spec;
    spec.seed = 1;
    spec.mode = mode;
    spec.sequence_length = kLength;
    spec.block_windows = static_cast<uint64_t>(block_windows);
    spec.corpora.push_back({"noise", {}});
    for (size_t file = 0; file < sources_.size(); ++file) {
      order::File listed{sources_[file].identity, sources_[file].tokens, 0, {}};
      if (mode == Mode::kPacked)
        listed.block_bins = dataset::count_bins(files_->open(file), kLength, block_windows);
      spec.corpora[0].files.push_back(std::move(listed));
    }
    spec.stages.push_back({"all", 0, {1.0}});
    return std::make_shared<const StoredOrder>(order::Order(std::move(spec)), files_);
  }
  Loader loader(const std::shared_ptr<const StoredOrder>& order) const {
    return Loader(files_, order, {kVocab, kEnd});
  }
  static void read_batches(const Loader& loader, uint64_t samples, dataset::TokenBatch& batch) {
    std::vector<uint64_t> numbers(kBatch);
    for (uint64_t first = 0; first + kBatch <= samples; first += kBatch) {
      std::iota(numbers.begin(), numbers.end(), first);
      loader.read_batch(numbers, batch);
    }
  }

  std::vector<TokenFileSource> sources_;
  std::shared_ptr<const TokenFiles> files_;
  std::vector<int> descriptors_;
  std::vector<std::byte> memory_;
};

void line(const std::string& what, double seconds, double samples) {
  fmt::print("{:<44} {:8.0f} ns a sample  {:6.2f} GB/s\n", what, 1e9 * seconds / samples,
             1e-9 * samples * kBytes / seconds);
}

void Bench::windows() {
  const auto order = make_order(Mode::kWindows, 0);
  const Loader loader = this->loader(order);
  std::vector<Range> ranges(kSamples);
  for (uint64_t i = 0; i < kSamples; ++i) {
    const order::Unit unit = order->order()(i);
    ranges[i] = {descriptors_[unit.file], &files_->opened(unit.file), unit.begin};
  }
  const auto to = [this](uint64_t i) { return memory_.data() + i % kBatch * 8320; };
  dataset::TokenBatch batch(kBatch, kLength, kVocab);
  Rounds rounds;
  uint64_t sink = 0;
  for (int round = 0; round < 5; ++round) {
    rounds.time("pread", [&] {
      for (uint64_t i = 0; i < kSamples; ++i)
        AURORA_CHECK(::pread(ranges[i].file, to(i), kBytes, static_cast<off_t>(2 * ranges[i].begin)) ==
                     static_cast<ssize_t>(kBytes));
    });
    rounds.time("copies", [&] {
      for (uint64_t i = 0; i < kSamples; ++i) {
        const Range& next = ranges[std::min(i + 1, kSamples - 1)];
        next.opened->prefetch(next.begin, kLength + 1);
        ranges[i].opened->read_raw(ranges[i].begin, kLength + 1, to(i));
      }
    });
    rounds.time("order", [&] {
      for (uint64_t i = 0; i < kSamples; ++i) sink += order->order()(i).begin;
    });
    rounds.time("pieces", [&] {
      std::vector<order::Piece> pieces;
      for (uint64_t i = 0; i < kSamples; ++i) {
        order->pieces(i, pieces);
        sink += pieces.size();
      }
    });
    rounds.time("at once", [&] {
      std::vector<uint64_t> numbers(kBatch);
      std::vector<order::Piece> pieces;
      std::vector<size_t> ends;
      for (uint64_t first = 0; first < kSamples; first += kBatch) {
        std::iota(numbers.begin(), numbers.end(), first);
        order->pieces_of(numbers, pieces, ends);
        sink += pieces.size();
      }
    });
    rounds.time("batches", [&] { read_batches(loader, kSamples, batch); });
    rounds.time("samples", [&] {
      for (uint64_t i = 0; i < kSamples / 8; ++i) sink += loader.read(i).tokens.size();
    });
  }
  const double samples = kSamples;
  line("pread of the same ranges", rounds.best("pread"), samples);
  line("copies out of the mapping (the roof)", rounds.best("copies"), samples);
  line("look-up: order", rounds.best("order"), samples);
  line("look-up: order and documents", rounds.best("pieces"), samples);
  line(fmt::format("look-up: the same, {} at once", kBatch), rounds.best("at once"), samples);
  line("Loader::read_batch", rounds.best("batches"), samples);
  line("Loader::read (rows)", rounds.best("samples"), samples / 8);
  fmt::print("read_batch: {:.0f} % of the roof, {:.0f} % of pread; {} pieces seen\n",
             100 * rounds.best("copies") / rounds.best("batches"),
             100 * rounds.best("pread") / rounds.best("batches"), sink);
}

void Bench::blocks(Mode mode, int64_t block_windows) {
  const auto order = make_order(mode, block_windows);
  const Loader loader = this->loader(order);
  // As many as the blocks that the files are at hold: what a run does.
  const uint64_t samples = static_cast<uint64_t>(block_windows) * sources_.size() * 8;
  dataset::TokenBatch batch(kBatch, kLength, kVocab);
  std::vector<order::Piece> pieces;
  Rounds rounds;
  uint64_t count = 0;
  uint64_t tokens = 0;
  for (int round = 0; round < 3; ++round) {
    const auto fresh = make_order(mode, block_windows);
    rounds.time("pieces", [&] {
      for (uint64_t i = 0; i < samples; ++i) fresh->pieces(i, pieces);
    });
    rounds.time("again", [&] {
      count = tokens = 0;
      for (uint64_t i = samples - 64; i < samples; ++i) {
        fresh->pieces(i, pieces);
        count += pieces.size();
        for (const order::Piece& piece : pieces) tokens += piece.length;
      }
    });
    read_batches(loader, samples, batch);
    rounds.time("batches", [&] { read_batches(loader, samples, batch); });
  }
  fmt::print("\n{}, W = {}: {:.1f} pieces a sample, {:.2f} % of the rows filled, {} bytes cached\n",
             order::mode_name(mode), block_windows, static_cast<double>(count) / 64,
             100.0 * static_cast<double>(tokens) / 64 / kLength, order->cached_bytes());
  line("look-up, blocks laid out on the way", rounds.best("pieces"), static_cast<double>(samples));
  line("look-up, block in the cache", rounds.best("again"), 64);
  line("Loader::read_batch", rounds.best("batches"), static_cast<double>(samples));
}

int run(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "loader_bench FOLDER [GIGABYTES=3] [FILES=8]\n");
    return 2;
  }
  const double gigabytes = argc > 2 ? std::atof(argv[2]) : 3;
  const int files = argc > 3 ? std::atoi(argv[3]) : 8;
  const Path folder = Path(argv[1]) / "loader-bench";
  std::filesystem::create_directories(folder);
  std::vector<TokenFileSource> sources;
  for (int file = 0; file < files; ++file)
    sources.push_back(make_file(folder / fmt::format("noise-{}", file),
                                static_cast<uint64_t>(gigabytes * 5e8 / files), static_cast<uint64_t>(file)));
  uint64_t tokens = 0, documents = 0;
  for (const TokenFileSource& source : sources) tokens += source.tokens, documents += source.documents;
  fmt::print("{} files, {:.2f} GB, {} documents; T = {}\n", files, 2e-9 * static_cast<double>(tokens),
             documents, kLength);
  {
    Bench bench(sources);
    bench.windows();
    for (int64_t windows : {64, 1024}) {
      bench.blocks(Mode::kBlocks, windows);
      bench.blocks(Mode::kPacked, windows);
    }
  }
  std::filesystem::remove_all(folder);
  return 0;
}

}  // namespace
}  // namespace aurora::bench

int main(int argc, char** argv) {
  try {
    return aurora::bench::run(argc, argv);
  } catch (const aurora::Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
