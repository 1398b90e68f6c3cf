// Finds the first of some stop strings in a text that comes in pieces, and holds back what may be the
// beginning of one. The first is the one that ends first, of these the longest; pieces do not matter.
// Copyable; not thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace aurora::infer {

class StopScanner {
 public:
  // None of `stops` is empty. Nothing is held back when there are none.
  explicit StopScanner(std::vector<std::string> stops) : stops_(std::move(stops)) {}

  // Adds text; returns what is certain to belong to no stop string. Once found() it returns nothing.
  std::string push(std::string_view text);
  // What was held back, at the end of the text.
  std::string finish();

  // Empty: none yet.
  const std::string& found() const { return found_; }

 private:
  std::vector<std::string> stops_;
  std::string held_;
  std::string found_;
};

}  // namespace aurora::infer
