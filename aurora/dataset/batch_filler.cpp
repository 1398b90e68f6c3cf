#include "aurora/dataset/batch_filler.h"

#include <fmt/format.h>

#include <algorithm>

#include "aurora/base/check.h"
#include "aurora/base/error.h"
#include "aurora/dataset/vocabulary.h"

namespace aurora::dataset {
namespace {

using format::TokenType;
using order::Piece;

constexpr size_t kAlign = 64;
constexpr size_t kAhead = 12 << 10;  // bytes on their way while others are copied

}  // namespace

BatchFiller::BatchFiller(const TokenFiles& files, const order::SampleOrder& order,
                         const LoaderOptions& options, TokenBatch& batch)
    : files_(files),
      order_(order),
      options_(options),
      batch_(batch),
      length_(static_cast<uint32_t>(order.sequence_length())),
      windows_(order.stored_windows()),
      width_(TokenBatch::wide(options.vocab_size) ? sizeof(int32_t) : sizeof(uint16_t)) {}

void BatchFiller::fill(std::span<const uint64_t> numbers) {
  batch_.clear(TokenBatch::wide(options_.vocab_size));
  order_.pieces_of(numbers, batch_.pieces_, batch_.piece_ends_);
  find_beginnings();
  for (size_t end : batch_.piece_ends_) plan(end);
  batch_.reserve(bytes_);
  size_t ahead = 0;    // the first run that was not prefetched
  size_t fetched = 0;  // tokens, of runs before it
  size_t copied = 0;
  for (size_t sample = 0; sample < numbers.size(); ++sample) {
    const TokenBatch::Ranges& ranges = batch_.samples_[sample];
    for (size_t run = ranges.first_run; run < ranges.first_run + ranges.runs; ++run) {
      for (; ahead < batch_.runs_.size() && (ahead <= run || fetched < copied + kAhead / width_); ++ahead) {
        const Run& next = batch_.runs_[ahead];
        next.file->prefetch(next.begin, next.tokens);
        fetched += next.tokens;
      }
      copied += batch_.runs_[run].tokens;
      fetch(batch_.runs_[run]);
    }
    if (batch_.wide()) {
      mark<int32_t>(sample);
    } else {
      mark<uint16_t>(sample);
    }
  }
}

// --- what goes where ---------------------------------------------------------------------------------------

// Which pieces begin their document. In windows all do but, perhaps, the first of each.
void BatchFiller::find_beginnings() {
  const auto begins = [this](const Piece& piece) {
    return piece.begin == 0 || files_.open(piece.file).document_begin(piece.document) == piece.begin;
  };
  batch_.begins_.assign(batch_.pieces_.size(), 1);
  if (windows_) {
    size_t first = 0;
    for (size_t end : batch_.piece_ends_) {
      if (first < end) batch_.begins_[first] = begins(batch_.pieces_[first]);
      first = end;
    }
    return;
  }
  for (const Piece& piece : batch_.pieces_) {
    const format::TokenFile& file = files_.open(piece.file);
    file.prefetch_document(piece.document);
    file.prefetch_sequence(piece.document);  // most writers make one sequence of a document
  }
  for (size_t i = 0; i < batch_.pieces_.size(); ++i) batch_.begins_[i] = begins(batch_.pieces_[i]);
}

// The next sample, whose pieces end before `end`.
void BatchFiller::plan(size_t end) {
  TokenBatch::Ranges sample;
  sample.byte = bytes_;
  sample.first_piece = batch_.samples_.empty() ? 0 : batch_.piece_ends_[batch_.samples_.size() - 1];
  sample.pieces = end - sample.first_piece;
  AURORA_CHECK(sample.pieces > 0, "a sample without a piece");
  sample.first_run = batch_.runs_.size();
  if (windows_) {
    const Piece& first = batch_.pieces_[sample.first_piece];
    add_run(first, first.begin - 1, uint64_t{length_} + 1, bytes_);
    sample.tokens = size_t{length_} + 1;
  } else {
    sample.tokens = plan_pieces(sample.first_piece, end);
  }
  sample.runs = batch_.runs_.size() - sample.first_run;
  batch_.samples_.push_back(sample);
  bytes_ += (sample.tokens * width_ + kAlign - 1) / kAlign * kAlign;
}

// Every piece brings the input of its first row: read, or set by mark_piece().
size_t BatchFiller::plan_pieces(size_t first, size_t end) {
  size_t tokens = 0;
  uint64_t rows = 0;
  for (size_t i = first; i < end; ++i) {
    const Piece& piece = batch_.pieces_[i];
    const uint64_t inputs = batch_.begins_[i] ? 0 : 1;
    add_run(piece, piece.begin - inputs, piece.length + inputs, bytes_ + (tokens + 1 - inputs) * width_);
    tokens += size_t{piece.length} + 1;
    rows += piece.length;
  }
  AURORA_CHECK(rows <= length_, "{} rows of {}", rows, length_);
  return tokens;
}

void BatchFiller::add_run(const Piece& piece, uint64_t begin, uint64_t tokens, size_t byte) {
  batch_.runs_.push_back(
      {&files_.opened(piece.file), piece.file, static_cast<uint32_t>(tokens), begin, byte});
}

// --- copies ------------------------------------------------------------------------------------------------

// After an error the file may have been put right meanwhile; else the error stands.
void BatchFiller::fetch(const Run& run) {
  try {
    fetch_from(*run.file, run);
  } catch (const Error& error) {
    const OpenTokenFile* again = nullptr;
    try {
      again = &files_.reopen(run.file_number, *run.file);
    } catch (const Error&) {
      throw error;
    }
    fetch_from(*again, run);
  }
}

void BatchFiller::fetch_from(const OpenTokenFile& file, const Run& run) {
  if (batch_.wide()) {
    fetch_as<int32_t>(TokenType::kI32, file, run);
  } else {
    fetch_as<uint16_t>(TokenType::kU16, file, run);
  }
}

template <typename T>
void BatchFiller::fetch_as(TokenType as_it_is, const OpenTokenFile& file, const Run& run) {
  T* to = reinterpret_cast<T*>(batch_.memory_.get() + run.byte);
  if (file.file().type() == as_it_is) {
    const uint64_t inside = file.read_inside(run.begin, run.tokens, options_.vocab_size, to);
    if (inside < run.tokens) refuse_token(file, run, inside, static_cast<int64_t>(to[inside]));
    return;
  }
  std::vector<int32_t>& converted = batch_.converted_;
  converted.resize(run.tokens);
  file.file().read(run.begin, run.tokens, converted.data());
  const uint64_t inside = first_outside(converted.data(), run.tokens, options_.vocab_size);
  if (inside < run.tokens) refuse_token(file, run, inside, converted[inside]);
  std::transform(converted.begin(), converted.end(), to, [](int32_t token) { return static_cast<T>(token); });
}

void BatchFiller::refuse_token(const OpenTokenFile& opened, const Run& run, uint64_t at,
                               int64_t token) const {
  const format::TokenFile& file = opened.file();
  const uint64_t offset = (run.begin + at) * format::token_type_bytes(file.type());
  throw Error(fmt::format("token {} is outside the vocabulary of {}", token, options_.vocab_size),
              fmt::format("{}@{}", format::token_bin_path(file.prefix()).string(), offset),
              "the tokens were made with another tokenizer than the model's; run the tokenize stage again");
}

// --- borders -----------------------------------------------------------------------------------------------

void BatchFiller::add_segment(const Segment& segment) {
  if (segment.length > 0) batch_.segments_.push_back(segment);
}

template <typename T>
void BatchFiller::mark(size_t number) {
  TokenBatch::Ranges& sample = batch_.samples_[number];
  sample.first_segment = batch_.segments_.size();
  T* strip = reinterpret_cast<T*>(batch_.memory_.get() + sample.byte);
  if (windows_) {
    mark_window(sample, strip);
  } else {
    uint32_t row = 0;
    uint32_t at = 0;
    for (size_t i = sample.first_piece; i < sample.first_piece + sample.pieces; ++i) {
      const uint32_t length = batch_.pieces_[i].length;
      mark_piece(i, row, at, strip);
      row += length;
      at += length + 1;
    }
  }
  sample.segments = batch_.segments_.size() - sample.first_segment;
}

template <typename T>
void BatchFiller::mark_window(const TokenBatch::Ranges& sample, const T* strip) {
  if (!options_.document_mask) return add_segment({0, length_, 0, 0, length_});
  const uint64_t first = batch_.pieces_[sample.first_piece].begin;
  uint32_t begin = 0;  // of the segment that is open
  for (size_t i = 0; i < sample.pieces; ++i) {
    if (!batch_.begins_[sample.first_piece + i]) continue;
    const auto row = static_cast<uint32_t>(batch_.pieces_[sample.first_piece + i].begin - first);
    if (int64_t{strip[row]} == options_.end_of_document) {
      add_segment({begin, row - begin, begin, 0, row - begin});
      begin = row;
    } else {
      add_segment({begin, row + 1 - begin, begin, 0, row - begin});
      begin = row + 1;
    }
  }
  add_segment({begin, length_ - begin, begin, 0, length_ - begin});
}

template <typename T>
void BatchFiller::mark_piece(size_t piece, uint32_t row, uint32_t at, T* strip) {
  const uint32_t length = batch_.pieces_[piece].length;
  const uint32_t position = options_.document_mask ? 0 : row;
  if (!batch_.begins_[piece] || options_.end_of_document >= 0) {
    if (batch_.begins_[piece]) strip[at] = static_cast<T>(options_.end_of_document);
    return add_segment({row, length, at, position, length});
  }
  // No token says that a document begins.
  if (!options_.document_mask && row > 0) {
    strip[at] = strip[at - 1];
    return add_segment({row, length, at, position, length});
  }
  strip[at] = 0;
  add_segment({row, 1, at, 0, 0});
  add_segment({row + 1, length - 1, at + 1, options_.document_mask ? 0 : row + 1, length - 1});
}

}  // namespace aurora::dataset
