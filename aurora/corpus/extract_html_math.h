// Formulas in HTML: what LaTeX a page carries for them, else MathML written out in one line.
#pragma once

#include <gumbo.h>

#include <string>

namespace aurora::corpus {

// "$...$" or "$$...$$" (display="block") from alttext or a TeX annotation; else the tokens with ^, _, / and
// sqrt.
std::string math_text(const GumboNode& math);
// The LaTeX of <script type="math/tex"> with its dollars, or "".
std::string math_script_text(const GumboNode& script);
// The alternative text of an image that shows a formula (class math, tex, latex), or "".
std::string math_image_text(const GumboElement& image);
// All text below a node.
void append_raw_text(const GumboNode& node, std::string* text);

}  // namespace aurora::corpus
