// A progress bar on a terminal (rate, time left, redrawn at most 10 times a second); plain lines elsewhere,
// one at most every `plain_every_s` seconds. Thread-safe adds. Finishes (a last line with total and rate) on
// destruction.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

#include "aurora/base/log.h"

namespace aurora {

class Progress {
 public:
  // total: in `unit`s, 0 when not known. unit: "B" prints as KB/MB/GB, else a plain count ("documents").
  Progress(Log& log, std::string name, uint64_t total, std::string unit, double plain_every_s = 10);
  ~Progress();
  Progress(const Progress&) = delete;

  void add(uint64_t amount);
  // Words after the bar, e.g. "loss 3.21".
  void note(std::string text);

 private:
  void draw(bool last);
  std::string status(double elapsed_s) const;

  Log& log_;
  std::string name_;
  uint64_t total_;
  std::string unit_;
  double plain_every_s_;
  std::atomic<uint64_t> done_{0};
  std::mutex mutex_;
  std::string note_;
  std::chrono::steady_clock::time_point start_;
  std::atomic<int64_t> next_draw_ns_;  // since start_
};

// "1.2 GB", "34.5 M", "3m12s": the same spelling in every table.
std::string human_bytes(double bytes);
std::string human_count(double count);
std::string human_seconds(double seconds);

}  // namespace aurora
