// The order of training as a function (docs/formats/order.md): global sample number -> a unit of one file,
// which is a window, a place in a block of documents, or a bin of packed documents. Nothing is built or
// stored; any rank asks for any sample; a run resumes from one integer.
//
// Four steps: skipped ranges are stepped over; the stage is found; the stage's blend tree gives file and
// index in the file (files hang under their corpus, so both keep their share after every prefix, give or take
// about one sample); the file's keyed permutation gives the place in the epoch. Every unit of a file comes
// once before any comes twice, across stages too: a stage goes on in each file where the stage before it
// stopped.
//
//   kWindows     unit = T+1 stored tokens from `begin` (the first is input only), the start of all windows
//   shifted
//                per epoch so that no token at the end is left out for good; windows permuted.
//   kBlocks      unit = window `slot` of block `block`: a block is W*T targets (the last of a file may be
//   shorter);
//                its documents, cut at its borders, are permuted before windows of T targets are taken
//                (dataset/ does it, it needs the .idx); blocks are permuted, windows of a block follow each
//                other.
//   kPacked      unit = bin `slot` of block `block`: a block is the documents that begin in its W*T tokens,
//   packed
//                whole by best fit into bins of at most T; blocks are permuted, and bins inside their block.
//   kSequential  as kWindows, not permuted and not shifted; a corpus's files follow each other.
//
// A file too short for one unit is left out. Which file is meant does not depend on names or paths: shuffles
// are keyed by File::identity, and the blend does not depend on the order of the lists.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aurora::order {

enum class Mode : uint8_t { kWindows, kBlocks, kPacked, kSequential };
const char* mode_name(Mode mode);  // "windows" "blocks" "packed" "sequential"
std::optional<Mode> mode_named(std::string_view name);

struct File {
  uint64_t identity = 0;  // hash of the content; equal files may be listed twice
  uint64_t tokens = 0;
  double weight = 0;  // share inside its corpus; 0 for all files of the corpus: by their units, so that all
                      // end their epochs together
  std::vector<uint32_t> block_bins;  // kPacked: bins of each block
};

struct Corpus {
  std::string name;  // unique
  std::vector<File> files;

  uint64_t tokens() const;  // of all files
};

struct Stage {
  std::string name;
  uint64_t samples = 0;         // 0, in the last only: without end
  std::vector<double> weights;  // one per corpus, >= 0, not all 0; normalised here
};

// Samples [begin, end) of the order that are never given out.
struct SampleRange {
  uint64_t begin = 0;
  uint64_t end = 0;
  bool operator==(const SampleRange&) const = default;
};

struct OrderSpec {
  uint64_t seed = 0;
  Mode mode = Mode::kWindows;
  uint64_t sequence_length = 0;  // T >= 1
  uint64_t block_windows = 0;    // W >= 1; kBlocks, kPacked
  std::vector<Corpus> corpora;
  std::vector<Stage> stages;       // at least one
  std::vector<SampleRange> skips;  // any order, may touch, must not be empty or overlap
};

struct Unit {
  uint32_t stage = 0;
  uint32_t corpus = 0;  // index in OrderSpec::corpora
  uint32_t file = 0;    // index over the files of all corpora, in list order
  uint64_t epoch = 0;   // of this file, from 0
  uint64_t block = 0;   // kBlocks, kPacked: of the file
  uint64_t slot = 0;    // window or bin: in the block, or else in the epoch
  uint64_t begin = 0;   // kWindows, kSequential: first of the T+1 tokens
  bool operator==(const Unit&) const = default;
};

class Order {
 public:
  // Error, naming the corpus, stage or range: a corpus with weight has no file long enough for one unit; a
  // weight that is no finite number >= 0; weights of some files of a corpus only; a name twice; a stage
  // without end before the last; a skip that is empty or overlaps another.
  explicit Order(OrderSpec spec);
  ~Order();
  Order(Order&&) noexcept;
  Order& operator=(Order&&) noexcept;

  // sample: as training counts them, skipped ones left out; below samples(). Thread-safe.
  Unit operator()(uint64_t sample) const;
  // out[i] = (*this)(first + i), several times faster than one by one. Thread-safe.
  void range(uint64_t first, std::span<Unit> out) const;

  // Number of samples over all stages, skipped ones left out; UINT64_MAX when the last stage has no end.
  uint64_t samples() const;
  // The same sample's number when skipped ones are counted too.
  uint64_t with_skipped(uint64_t sample) const;

  // Over the first `samples` samples, skipped ones counted too: units drawn per file (list order), per
  // corpus.
  std::vector<uint64_t> file_counts(uint64_t samples) const;
  std::vector<uint64_t> corpus_counts(uint64_t samples) const;
  // Units in one epoch of a file; 0: left out. Targets taught by one epoch of it.
  uint64_t units(uint32_t file) const;
  // Passes over a corpus when `units` of its units have been drawn, e.g. 2.5.
  double epochs(uint32_t corpus, uint64_t units) const;

  const OrderSpec& spec() const;
  size_t files() const;
  uint32_t corpus_of(uint32_t file) const;
  // Heap bytes that this order holds.
  size_t memory_bytes() const;

 private:
  struct State;
  std::unique_ptr<const State> state_;
};

}  // namespace aurora::order
