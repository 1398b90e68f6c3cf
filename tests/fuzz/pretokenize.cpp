// Any bytes as text: with every scheme words tile it, every scanner of this processor gives the reference's
// cuts, and they do not depend on how many are asked for at once.
#include <cstdlib>
#include <vector>

#include "aurora/pretokenize/pretokenizer.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace aurora;

void expect(bool holds) {
  if (!holds) std::abort();
}

std::vector<uint32_t> cut_few(pretokenize::CutFunction cut, std::string_view text, size_t few) {
  std::vector<uint32_t> all;
  std::vector<uint32_t> ends(few);
  for (size_t at = 0; at < text.size(); at = all.back()) {
    const size_t count = cut(text, at, ends);
    expect(count > 0);
    all.insert(all.end(), ends.begin(), ends.begin() + static_cast<std::ptrdiff_t>(count));
  }
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const size_t few = 1 + data[0] % 96;
  const std::string_view text = fuzz::text(data + 1, size - 1);
  for (const pretokenize::Scheme& one : pretokenize::schemes()) {
    const std::vector<uint32_t> expected = cut_few(one.cut_reference, text, 1);
    expect(expected.empty() ? text.empty() : expected.back() == text.size());
    for (size_t i = 1; i < expected.size(); ++i) expect(expected[i - 1] < expected[i]);
    expect(cut_few(one.cut_reference, text, few) == expected);
    expect(cut_few(one.cut, text, few) == expected);
    std::vector<uint32_t> all;
    pretokenize::append_cuts(one.cut, text, 0, all);
    expect(all == expected);
    if (one.steps.empty()) continue;
    std::vector<const pretokenize::Scheme*> steps;
    for (const std::string_view step : one.steps) steps.push_back(pretokenize::find_scheme(step));
    pretokenize::Pretokenizer(steps).cut_stepwise(text, all);
    expect(all == expected);
  }
  return 0;
}
