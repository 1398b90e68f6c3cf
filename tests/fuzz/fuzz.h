// A fuzz target hands the fuzzer's bytes to one reader. Its rule: an aurora::Error is a good answer; a crash,
// a sanitizer's finding, a hang or any other exception is not.
//
//   tests/fuzz/run 600 safetensors      (without a name: every target; seeds: tests/fuzz/corpus/TARGET)
#pragma once

#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "aurora/base/error.h"
#include "aurora/base/file.h"

namespace aurora::fuzz {

inline void expect_error_or_success(const std::function<void()>& read) {
  try {
    read();
  } catch (const Error&) {
  }
}

// A folder of this process; the target writes its files there anew for every input.
inline const Path& folder() {
  static const Path path = [] {
    Path made = std::filesystem::temp_directory_path() / ("aurora_fuzz_" + std::to_string(::getpid()));
    std::filesystem::create_directories(made);
    return made;
  }();
  return path;
}

// Without the syncs of write_file_atomic, which would cost most of the time.
inline Path write(const std::string& name, std::string_view bytes) {
  const Path path = folder() / name;
  FILE* file = std::fopen(path.c_str(), "wb");
  std::fwrite(bytes.data(), 1, bytes.size(), file);
  std::fclose(file);
  return path;
}

inline std::string_view text(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace aurora::fuzz
