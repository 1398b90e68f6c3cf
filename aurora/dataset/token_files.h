// The token files of a run, opened when they are first asked for: a run over thousands of files begins with
// none.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "aurora/base/file.h"
#include "aurora/format/token_file.h"

namespace aurora::dataset {

struct TokenFileSource {
  std::string corpus;
  Path prefix;             // PREFIX.bin, PREFIX.idx
  uint64_t tokens = 0;     // as its manifest or .idx says; held against the file when it is opened
  uint64_t documents = 0;  //
  uint64_t identity = 0;   // of the content (order::File::identity)
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
  const format::TokenFile& open(size_t file) const;
  // Opens it anew when `damaged` is what open() gives: after an error, because someone may have put a whole
  // file in the place of a damaged one. Errors as open(); what was open stays so then.
  const format::TokenFile& reopen(size_t file, const format::TokenFile& damaged) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace aurora::dataset
