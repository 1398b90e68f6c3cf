// What a sample is made of, for whoever reads tokens: pieces of documents. Every order of the house (order.h,
// megatron/) answers in them.
//
// A piece is a stretch of one document's tokens that the sample teaches, its *targets*. The input of a target
// is the token stored before it; the input of a document's first token is the end-of-document token (which,
// in files where every document ends with one, is the token stored before it as well). So every token has an
// input wherever its document is put, and rows of one piece see only each other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace aurora::order {

struct Piece {
  uint32_t corpus = 0;    // index in the list that the order was made of
  uint32_t file = 0;      // index over the files of all corpora, in list order
  uint64_t document = 0;  // of the file
  uint64_t begin = 0;     // first target, in the file's flat stream of tokens
  uint32_t length = 0;    // targets, >= 1
  bool operator==(const Piece&) const = default;
};

// Sample number -> pieces. Thread-safe.
class SampleOrder {
 public:
  virtual ~SampleOrder() = default;

  // The pieces of a sample in the order of its rows, in place of what `out` held. Their lengths add up to the
  // sequence length T, or to less where documents are packed whole (the rest is padding). Errors: those of
  // the files that must be asked for document borders.
  virtual void pieces(uint64_t sample, std::vector<Piece>& out) const = 0;
  // The pieces of several samples, one after another in place of what `out` held; those of samples[i] end
  // before out[ends[i]]. As asking one by one, and faster where an order has something to gain.
  virtual void pieces_of(std::span<const uint64_t> samples, std::vector<Piece>& out,
                         std::vector<size_t>& ends) const {
    std::vector<Piece> one;
    out.clear();
    ends.clear();
    for (uint64_t sample : samples) {
      pieces(sample, one);
      out.insert(out.end(), one.begin(), one.end());
      ends.push_back(out.size());
    }
  }
  virtual int64_t sequence_length() const = 0;  // T
  // Every sample is T+1 tokens of one file as they lie there, of which the first is an input only: its pieces
  // follow each other, and the first does not begin at token 0.
  virtual bool stored_windows() const { return false; }
};

}  // namespace aurora::order
