// The token files of a run, opened when they are first asked for: a run over thousands of files begins with
// none. Tokens are copied out of memory maps while these add up to at most 64 GiB (their page tables then
// take up to 128 MiB); files opened beyond that are read by ranges.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "aurora/base/file.h"
#include "aurora/dataset/mapped_bytes.h"
#include "aurora/format/token_file.h"

namespace aurora::dataset {

struct TokenFileSource {
  std::string corpus;
  Path prefix;             // PREFIX.bin, PREFIX.idx
  uint64_t tokens = 0;     // as its manifest or .idx says; held against the file when it is opened
  uint64_t documents = 0;  //
  uint64_t identity = 0;   // of the content (order::File::identity)
};

// A token file and the way to its stored tokens.
class OpenTokenFile {
 public:
  // map: copy tokens out of a mapping.
  OpenTokenFile(const Path& prefix, format::TokenCheck check, bool map);
  ~OpenTokenFile();

  const format::TokenFile& file() const { return file_; }
  // As TokenFile::read_raw, faster where the file is mapped. Thread-safe.
  void read_raw(uint64_t begin, uint64_t count, void* out) const;
  // The same for T the stored type (u16 or i32), checked on the way: returns how many tokens there are before
  // the first that is outside [0, vocab_size).
  template <typename T>
  uint64_t read_inside(uint64_t begin, uint64_t count, int64_t vocab_size, T* out) const;
  // Brings tokens nearer to this core; never an error.
  void prefetch(uint64_t begin, uint64_t count) const;
  // The files under its name are still those that were opened, as they were.
  bool unchanged() const;

 private:
  struct Stamp;
  // Asks the file itself for the last token of `out` when that may be a zero which is not there.
  void check_end(uint64_t begin, uint64_t count, void* out) const;

  std::unique_ptr<const Stamp> stamp_;
  format::TokenFile file_;
  std::unique_ptr<const MappedBytes> bytes_;
  size_t width_;
};

class TokenFiles {
 public:
  // check: how much of an .idx is read when it is opened.
  explicit TokenFiles(std::vector<TokenFileSource> sources,
                      format::TokenCheck check = format::TokenCheck::kEnds);
  ~TokenFiles();

  size_t size() const;
  const TokenFileSource& source(size_t file) const;
  // Opens it when it is not open. Thread-safe; references stay good while this lives. Errors: those of
  // format::TokenFile; other counts than the source says.
  const format::TokenFile& open(size_t file) const { return opened(file).file(); }
  const OpenTokenFile& opened(size_t file) const;
  // After an error of reading: opens the file anew when someone has put another in the place of `damaged`,
  // and gives what open() would now. Errors as open(); what was open stays open then.
  const OpenTokenFile& reopen(size_t file, const OpenTokenFile& damaged) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace aurora::dataset
