// Words as people count them: Unicode's word boundaries (UAX 29), with ICU's dictionaries where a language
// writes no spaces (Japanese, Chinese, Thai ...). Not to be taken for pre-tokenization (aurora/pretokenize).
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

namespace aurora::unicode {

// Calls use(begin, end) for each word in order; runs without letter or digit are no words. Text that is not
// UTF-8 is read as if its broken bytes were U+FFFD. Error: built without ICU.
void for_each_word(std::string_view text, const std::function<void(size_t begin, size_t end)>& use);

}  // namespace aurora::unicode
