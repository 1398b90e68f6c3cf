#include "aurora/tokenize/document_lines.h"

#include <fmt/format.h>

#include "aurora/base/error.h"

namespace aurora::tokenize {
namespace {

[[noreturn]] void refuse(const InputProblem& problem) {
  throw Error(problem.what, problem.where, "run prepare again; docs/formats/documents.md lists the keys");
}

}  // namespace

DocumentLines::DocumentLines(const Path& part)
    : files_{input_file(part)}, reader_(files_, {0, 1, files_[0].bytes}, {}) {}

bool DocumentLines::next() {
  while (!next_line(rest_, line_)) {
    if (!block_.problems.empty()) refuse(block_.problems[0]);
    if (!reader_.next(block_)) return false;
    rest_ = block_.lines();
    number_ = block_.first_line - 1;
  }
  ++number_;
  return true;
}

void DocumentLines::parse(format::DocumentView& document) {
  const std::string problem = parser_.parse(line_, document);
  if (!problem.empty()) refuse({fmt::format("{}:{}", files_[0].path.string(), number_), problem});
}

}  // namespace aurora::tokenize
