#include "aurora/base/error.h"
#include "aurora/unicode/words.h"

namespace aurora::unicode {

void for_each_word(std::string_view, const std::function<void(size_t, size_t)>&) {
  throw Error("words cannot be told apart: built without ICU", "words of a text",
              "build the preset `release`");
}

}  // namespace aurora::unicode
