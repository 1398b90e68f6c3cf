// Samples: what a model is shown, read from token files in a given order. The loader keeps no state; the data
// cursor of a run is the number of samples consumed. What the rows of a sample are: dataset/sample.h.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "aurora/dataset/sample.h"
#include "aurora/dataset/token_batch.h"
#include "aurora/dataset/token_files.h"
#include "aurora/order/piece.h"

namespace aurora::dataset {

class Loader {
 public:
  // files: as the order counts them. Opens none. Error: an end-of-document token outside the vocabulary.
  Loader(std::shared_ptr<const TokenFiles> files, std::shared_ptr<const order::SampleOrder> order,
         const LoaderOptions& options);

  // The `number`-th sample of the run. Thread-safe.
  // Errors: a missing or damaged file, naming it and, where it was cut short, the offset; a token outside the
  // vocabulary, naming file and offset. A file that is put right (the whole one in its place again) is read
  // on with the next call: nobody needs to start anew.
  Sample read(uint64_t number) const;
  // The same for many samples, as they are stored. Thread-safe for different batches; allocates nothing once
  // `batch` has held such a batch. After an error the batch holds nothing of use.
  void read_batch(std::span<const uint64_t> numbers, TokenBatch& batch) const;
  // Tells the system that this sample will be read soon. Errors: those of the order.
  void will_need(uint64_t number) const;

  int64_t sequence_length() const { return order_->sequence_length(); }
  const order::SampleOrder& order() const { return *order_; }
  const TokenFiles& files() const { return *files_; }
  const LoaderOptions& options() const { return options_; }

 private:
  std::shared_ptr<const TokenFiles> files_;
  std::shared_ptr<const order::SampleOrder> order_;
  LoaderOptions options_;
};

}  // namespace aurora::dataset
