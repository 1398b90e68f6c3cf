// Code and formulas inside a text, as our extraction marks them: they are kept, but a question about prose is
// not asked of them.
#pragma once

#include <string>
#include <string_view>

namespace aurora::corpus {

// The text without fenced code (from a line that begins with ``` to the next one), \[..\], \(..\), $$..$$
// and, within a line, $..$ with no space inside either dollar. What is not closed is no formula. Empty if the
// text has none of these, so that the usual document costs one search.
std::string without_verbatim(std::string_view text);

}  // namespace aurora::corpus
