// What pretokenize_oracle.py compares with the engines of tiktoken and HF tokenizers.
//   pretokenize_dump SCHEME     texts on stdin, the ends of their words on stdout: each u32 count, then items
//   pretokenize_dump --list     the schemes, one a line: name, then its regexes or its steps
#include <cstdio>
#include <cstring>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "aurora/pretokenize/pretokenizer.h"

namespace {

using namespace aurora;

int list() {
  for (const pretokenize::Scheme& one : pretokenize::schemes()) {
    std::cout << one.name;
    for (const std::string_view regex : one.regexes) std::cout << '\t' << regex;
    for (const std::string_view step : one.steps) std::cout << '\t' << step;
    std::cout << '\n';
  }
  return 0;
}

int cut(const char* name) {
  const pretokenize::Scheme* const scheme = pretokenize::find_scheme(name);
  if (scheme == nullptr) return 1;
  const std::string input((std::istreambuf_iterator<char>(std::cin)), {});
  std::vector<uint32_t> ends;
  for (size_t at = 0; at + 4 <= input.size();) {
    uint32_t size = 0;
    std::memcpy(&size, input.data() + at, 4);
    ends.clear();
    pretokenize::append_cuts(scheme->cut, std::string_view(input).substr(at + 4, size), 0, ends);
    at += 4 + size;
    const uint32_t count = static_cast<uint32_t>(ends.size());
    std::fwrite(&count, 4, 1, stdout);
    std::fwrite(ends.data(), 4, ends.size(), stdout);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 1;
  return std::strcmp(argv[1], "--list") == 0 ? list() : cut(argv[1]);
}
