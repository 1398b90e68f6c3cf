#include <unicode/ubrk.h>
#include <unicode/utext.h>

#include <memory>

#include "aurora/base/error.h"
#include "aurora/unicode/words.h"

namespace aurora::unicode {

void for_each_word(std::string_view text, const std::function<void(size_t, size_t)>& use) {
  UErrorCode status = U_ZERO_ERROR;
  UText source = UTEXT_INITIALIZER;
  utext_openUTF8(&source, text.data(), static_cast<int64_t>(text.size()), &status);
  const std::unique_ptr<UBreakIterator, decltype(&ubrk_close)> breaks(
      ubrk_open(UBRK_WORD, "", nullptr, 0, &status), ubrk_close);
  ubrk_setUText(breaks.get(), &source, &status);
  if (U_FAILURE(status)) throw Error(u_errorName(status), "words of a text", "install ICU's data");
  int32_t begin = ubrk_first(breaks.get());
  for (int32_t end = ubrk_next(breaks.get()); end != UBRK_DONE; begin = end, end = ubrk_next(breaks.get())) {
    if (ubrk_getRuleStatus(breaks.get()) >= UBRK_WORD_NUMBER)
      use(static_cast<size_t>(begin), static_cast<size_t>(end));
  }
  utext_close(&source);
}

}  // namespace aurora::unicode
