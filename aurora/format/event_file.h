// TensorBoard event files: scalar curves as TFRecords of protobuf `Event`s (docs/formats/event_file.md;
// source: tensorflow/core/lib/io/record_writer.cc, core/util/event.proto, core/framework/summary.proto).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aurora/base/file.h"

namespace aurora::format {

struct Scalar {
  std::string tag;  // "train/loss"
  float value = 0;
};

struct ScalarEvent {
  double wall_time_s = 0;  // seconds since 1970, for people; never part of a result
  int64_t step = 0;
  std::vector<Scalar> scalars;
};

// Appends to one file. TensorBoard finds files whose name contains "tfevents". A file is written as it grows
// and is not atomic: a reader, and the next resume, cut off a record that was not finished. Not thread-safe.
class EventFileWriter {
 public:
  // Opens or creates `path`. What the file holds beyond `last_step`, or behind a damaged record, is cut off,
  // so that a resumed run overwrites the steps it repeats; last_step < 0 begins a new file.
  EventFileWriter(const Path& path, int64_t last_step);
  ~EventFileWriter();
  EventFileWriter(const EventFileWriter&) = delete;

  void write(const ScalarEvent& event);  // buffered until flush()
  void flush();

 private:
  Path path_;
  int fd_ = -1;
  std::string buffer_;
};

// All whole scalar events of a file, in order; stops at an unfinished last record. Error: no event file.
std::vector<ScalarEvent> read_event_file(const Path& path);

// CRC-32C (Castagnoli, reflected) and TFRecord's masked form of it.
uint32_t crc32c(std::string_view bytes);
uint32_t masked_crc32c(std::string_view bytes);

}  // namespace aurora::format
