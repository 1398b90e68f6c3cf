// The inline parts of Markdown and reStructuredText: what a reader sees of links, images, roles and tags.
#pragma once

#include <string>
#include <string_view>

namespace aurora::corpus {

// [text](address) is text, ![alt](address) is nothing, <b>x</b> is x; code spans, emphasis and formulas stay.
std::string plain_markdown(std::string_view text);

// :role:`text <target>` and `text <target>`_ are text, :math:`x` is $x$, ``x`` is `x`, |x| stays.
std::string plain_rst(std::string_view text);

}  // namespace aurora::corpus
