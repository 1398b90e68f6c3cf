// Many samples as the tokens that are stored, in one block of memory: what goes to a device, from which it
// makes rows itself. Half to a tenth of the bytes of dataset/loader.h's Sample, and no work per token.
//
// Per sample a *strip* of tokens and the segments that its rows make. Row r of a segment:
//   input     strip[at + r - row]
//   target    strip[at + r - row + 1]
//   position  r - row + position
//   attends to rows  row - position .. r
//   loss      weight 1 for the first `taught` rows of the segment, else 0
// A sample that lies in one place of a file is a strip of its T+1 tokens, however many documents it holds;
// other pieces bring a token of their own for the input of their first row. Rows that no segment covers are
// padding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "aurora/dataset/token_files.h"
#include "aurora/order/piece.h"

namespace aurora::dataset {

struct Segment {
  uint32_t row = 0;  // first
  uint32_t length = 0;
  uint32_t at = 0;  // in the strip: input of the first row
  uint32_t position = 0;
  uint32_t taught = 0;
  bool operator==(const Segment&) const = default;
};

class TokenBatch {
 public:
  TokenBatch() = default;
  // For batches of up to `samples` samples of T tokens, of any kind of document.
  TokenBatch(size_t samples, int64_t sequence_length, int64_t vocab_size);

  // The memory, aligned to a page (to 2 MiB, and huge pages asked for, from that size on). It stays where it
  // is until a batch needs more than capacity(): a device may register it. A default batch has none yet.
  void* data() const { return memory_.get(); }
  size_t capacity() const { return capacity_; }  // bytes

  size_t samples() const { return samples_.size(); }
  // Tokens are u16 up to a vocabulary of 65,536, else i32.
  bool wide() const { return wide_; }
  static bool wide(int64_t vocab_size) { return vocab_size > 65536; }
  std::span<const uint16_t> tokens16(size_t sample) const { return strip<uint16_t>(sample); }
  std::span<const int32_t> tokens32(size_t sample) const { return strip<int32_t>(sample); }
  std::span<const Segment> segments(size_t sample) const;
  std::span<const order::Piece> pieces(size_t sample) const;

 private:
  friend class BatchFiller;  // batch_filler.h
  struct Ranges {            // of one sample
    size_t byte = 0;
    size_t tokens = 0;
    size_t first_segment = 0, segments = 0;
    size_t first_piece = 0, pieces = 0;
    size_t first_run = 0, runs = 0;
  };
  struct Run {  // stored tokens that lie together
    const OpenTokenFile* file = nullptr;
    uint32_t file_number = 0;
    uint32_t tokens = 0;
    uint64_t begin = 0;
    size_t byte = 0;  // where they go
  };
  struct Free {
    void operator()(std::byte* memory) const;
  };

  template <typename T>
  std::span<const T> strip(size_t sample) const {
    const Ranges& ranges = samples_[sample];
    return {reinterpret_cast<const T*>(memory_.get() + ranges.byte), ranges.tokens};
  }
  void clear(bool wide);
  void reserve(size_t bytes);

  std::unique_ptr<std::byte, Free> memory_;
  size_t capacity_ = 0;
  bool wide_ = false;
  std::vector<Ranges> samples_;
  std::vector<Segment> segments_;
  std::vector<order::Piece> pieces_;
  std::vector<Run> runs_;
  std::vector<size_t> piece_ends_;  // per sample
  std::vector<int32_t> converted_;
};

}  // namespace aurora::dataset
