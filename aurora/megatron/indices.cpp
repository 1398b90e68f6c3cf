#include "aurora/megatron/indices.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include <fmt/format.h>

#include "aurora/base/check.h"
#include "aurora/base/error.h"
#include "aurora/megatron/numpy_random.h"

namespace aurora::megatron {

namespace {

constexpr double kLastEpochThreshold = 0.80;
constexpr int64_t kMostTokens = int64_t{1} << 62;
constexpr uint64_t kChunk = uint64_t{1} << 16;  // entries of the document index that one tile walks

// A document with its length beside it, so that the walk over shuffled documents reads memory in order.
using Entry = uint64_t;

Entry make_entry(int32_t length, uint64_t document) {
  return uint64_t{static_cast<uint32_t>(length)} << 32 | document;
}
int32_t document_of(Entry entry) {
  return static_cast<int32_t>(static_cast<uint32_t>(entry));
}
int64_t length_of(Entry entry) {
  return static_cast<int64_t>(entry >> 32);
}

// helpers.cpp: exact, or rounded up in single precision where a last partial sample counts.
int64_t count_samples(int64_t tokens, const IndexSettings& settings) {
  const int64_t whole = tokens - (settings.extra_token ? 1 : 0);
  if (settings.drop_last_partial) return whole / settings.sequence_length;
  return static_cast<int64_t>(
      std::ceil(static_cast<float>(whole) / static_cast<float>(settings.sequence_length)));
}

void check_settings(SequenceRange range, const IndexSettings& settings) {
  if (settings.sequence_length < 2 || settings.sequence_length >= INT32_MAX) {
    throw Error(fmt::format("sequence length {}", settings.sequence_length), "",
                "Megatron's indices take 2 to 2^31-2 tokens a sequence");
  }
  if (range.end > INT32_MAX) {
    throw Error(fmt::format("{} sequences in one token file", range.end), "",
                "Megatron numbers them in int32: split the file");
  }
}

// Tiles of `kChunk` entries.
size_t chunks_of(uint64_t entries) {
  return static_cast<size_t>((entries + kChunk - 1) / kChunk);
}

LargeArray<Entry> unshuffled_entries(const SequenceLengths& lengths, const IndexPlan& plan, Pool& pool) {
  LargeArray<Entry> entries(plan.documents());
  const uint64_t per_epoch = plan.range.size();
  pool.for_each(chunks_of(per_epoch), [&](size_t chunk) {
    const uint64_t end = std::min(per_epoch, (chunk + 1) * kChunk);
    for (uint64_t i = chunk * kChunk; i < end; ++i) {
      const uint64_t document = plan.range.begin + i;
      const Entry entry = make_entry(lengths[document], document);
      for (uint64_t at = i; at < entries.size(); at += per_epoch) entries[at] = entry;
    }
  });
  return entries;
}

// The entries of the document index that are shuffled as one, before those of the last epoch.
uint64_t first_documents(const IndexPlan& plan) {
  return plan.documents() - (plan.separate_last_epoch ? plan.range.size() : 0);
}

void shuffle_documents(const IndexPlan& plan, std::span<Entry> entries, NumpyRandom& random) {
  const uint64_t first = first_documents(plan);
  random.shuffle(entries.first(first));
  random.shuffle(entries.subspan(first));
}

void skip_documents(const IndexPlan& plan, NumpyRandom& random) {
  const uint64_t first = first_documents(plan);
  random.skip_shuffle(first);
  random.skip_shuffle(plan.documents() - first);
}

template <typename Number>
LargeArray<Number> shuffled_samples(const IndexPlan& plan, NumpyRandom& random) {
  LargeArray<Number> shuffle(static_cast<size_t>(plan.shuffle_entries()));
  for (size_t i = 0; i < shuffle.size(); ++i) shuffle[i] = static_cast<Number>(i);
  const size_t first =
      plan.separate_last_epoch ? static_cast<size_t>(plan.samples_before_last_epoch) : shuffle.size();
  random.shuffle(shuffle.span().first(first));
  random.shuffle(shuffle.span().subspan(first));
  return shuffle;
}

void shuffle_samples(const IndexPlan& plan, NumpyRandom& random, Indices& indices) {
  if (plan.wide_shuffle()) {
    indices.wide_shuffle = shuffled_samples<int64_t>(plan, random);
  } else {
    indices.shuffle = shuffled_samples<uint32_t>(plan, random);
  }
}

// Row k >= 1 stands at token k*S + x - 1 of the shuffled stream (x = 1 with the extra token, else 0), the
// last token of sample k-1, as (its document, its offset + 1 - x).
template <typename Number>
class RowWalk {
 public:
  RowWalk(const IndexPlan& plan, const IndexSettings& settings, std::span<const Entry> entries)
      : sequence_(settings.sequence_length),
        extra_(settings.extra_token ? 1 : 0),
        entries_(entries),
        rows_(plan.samples + 1),
        numbers_(2 * static_cast<size_t>(rows_)) {
    numbers_[0] = 0;
    numbers_[1] = 0;
  }

  // The rows whose token lies in the entries [begin, end), which begin at token `token` of the stream.
  void walk(uint64_t begin, uint64_t end, int64_t token) const {
    int64_t row = std::max<int64_t>(1, (token - extra_ + sequence_) / sequence_);
    int64_t wanted = row * sequence_ + extra_ - 1;
    for (uint64_t i = begin; i < end && row < rows_; ++i) {
      const int64_t past = token + length_of(entries_[i]);
      for (; wanted < past && row < rows_; ++row, wanted += sequence_) {
        set(row, static_cast<int64_t>(i), wanted - token + 1 - extra_);
      }
      token = past;
    }
  }

  // The rows beyond the last token: they end the last document.
  void finish(int64_t tokens) const {
    const int64_t row = std::max<int64_t>(1, (tokens - extra_ + sequence_) / sequence_);
    if (row >= rows_) return;
    const int64_t offset = length_of(entries_.back()) - extra_;
    if (offset < 0 && sizeof(Number) == sizeof(int32_t)) {
      throw Error("the last sample of the split ends in an empty document, which Megatron refuses", "",
                  "drop the last partial validation sequence, or leave empty documents out of the file");
    }
    for (int64_t at = row; at < rows_; ++at) set(at, static_cast<int64_t>(entries_.size()) - 1, offset);
  }

  LargeArray<Number> take() { return std::move(numbers_); }

 private:
  void set(int64_t row, int64_t document, int64_t offset) const {
    numbers_[2 * static_cast<size_t>(row)] = static_cast<Number>(document);
    numbers_[2 * static_cast<size_t>(row) + 1] = static_cast<Number>(offset);
  }

  int64_t sequence_;
  int64_t extra_;
  std::span<const Entry> entries_;
  int64_t rows_;
  LargeArray<Number> numbers_;
};

// Fills `documents` from the entries and returns the token at which each chunk begins, and their number.
std::vector<int64_t> unpack_documents(std::span<const Entry> entries, LargeArray<int32_t>& documents,
                                      Pool& pool) {
  documents = LargeArray<int32_t>(entries.size());
  std::vector<int64_t> begins(chunks_of(entries.size()) + 1);
  pool.for_each(chunks_of(entries.size()), [&](size_t chunk) {
    const uint64_t end = std::min<uint64_t>(entries.size(), (chunk + 1) * kChunk);
    int64_t tokens = 0;
    for (uint64_t i = chunk * kChunk; i < end; ++i) {
      documents[i] = document_of(entries[i]);
      tokens += length_of(entries[i]);
    }
    begins[chunk + 1] = tokens;
  });
  for (size_t chunk = 1; chunk < begins.size(); ++chunk) begins[chunk] += begins[chunk - 1];
  return begins;
}

template <typename Number>
LargeArray<Number> sample_rows(const IndexPlan& plan, const IndexSettings& settings,
                               std::span<const Entry> entries, std::span<const int64_t> begins, Pool& pool) {
  RowWalk<Number> rows(plan, settings, entries);
  pool.for_each(chunks_of(entries.size()), [&](size_t chunk) {
    rows.walk(chunk * kChunk, std::min<uint64_t>(entries.size(), (chunk + 1) * kChunk), begins[chunk]);
  });
  rows.finish(begins.back());
  return rows.take();
}

}  // namespace

int64_t IndexPlan::shuffle_entries() const {
  return separate_last_epoch ? std::max(samples, samples_before_last_epoch) : samples;
}

IndexPlan plan_indices(SequenceRange range, int64_t tokens_per_epoch, std::optional<int64_t> samples,
                       const IndexSettings& settings) {
  check_settings(range, settings);
  const int64_t extra = settings.extra_token ? 1 : 0;
  IndexPlan plan;
  plan.range = range;
  plan.tokens_per_epoch = tokens_per_epoch;
  if (samples) {
    if (*samples < 0 || *samples > kMostTokens / settings.sequence_length) {
      throw Error(fmt::format("{} samples of {} tokens", *samples, settings.sequence_length), "",
                  "ask for 0 to 2^62 tokens");
    }
    const int64_t wanted = *samples * settings.sequence_length + extra;
    if (wanted > 0 && tokens_per_epoch == 0) {
      throw Error(fmt::format("{} samples are wanted of a split without a token", *samples), "",
                  "give the split more weight or the dataset more documents");
    }
    if (wanted > tokens_per_epoch) plan.epochs = (wanted + tokens_per_epoch - 1) / tokens_per_epoch;
  }
  if (plan.epochs > 1) {
    plan.samples_before_last_epoch =
        ((plan.epochs - 1) * tokens_per_epoch - extra) / settings.sequence_length;
    const int64_t of_last = *samples - plan.samples_before_last_epoch;
    const int64_t per_epoch = (tokens_per_epoch - extra) / settings.sequence_length;
    if (of_last < 0 || of_last > per_epoch + 1) {
      throw Error(
          fmt::format("the last of {} epochs would give {} samples of {}", plan.epochs, of_last, per_epoch),
          "", "Megatron refuses this too: ask for another number of samples");
    }
    plan.separate_last_epoch =
        of_last < static_cast<int64_t>(kLastEpochThreshold * static_cast<double>(per_epoch));
  }
  plan.samples = count_samples(plan.epochs * tokens_per_epoch, settings);
  return plan;
}

Indices build_indices(const SequenceLengths& lengths, const IndexPlan& plan, const IndexSettings& settings,
                      Pool& pool) {
  AURORA_CHECK_LE(plan.range.end, lengths.size());
  Indices indices;
  LargeArray<Entry> entries = unshuffled_entries(lengths, plan, pool);
  if (pool.threads() == 1) {
    NumpyRandom random(settings.seed);
    shuffle_documents(plan, entries.span(), random);
    shuffle_samples(plan, random, indices);
  } else {
    // The samples need the generator's state after the documents, not the documents.
    pool.for_each(2, [&](size_t tile) {
      NumpyRandom random(settings.seed);
      if (tile == 0) {
        shuffle_documents(plan, entries.span(), random);
      } else {
        skip_documents(plan, random);
        shuffle_samples(plan, random, indices);
      }
    });
  }
  const std::vector<int64_t> begins = unpack_documents(entries.span(), indices.documents, pool);
  if (plan.wide_rows()) {
    indices.wide_samples = sample_rows<int64_t>(plan, settings, entries.span(), begins, pool);
  } else {
    indices.samples = sample_rows<int32_t>(plan, settings, entries.span(), begins, pool);
  }
  return indices;
}

}  // namespace aurora::megatron
