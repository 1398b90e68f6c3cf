// Hard-wrapped prose: telling it from code, verse and tables, and joining its lines.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace aurora::corpus {

// Whether a paragraph's lines were broken only because a width was full: it has letters mostly, no columns,
// and at nearly every break the next word would not have fit. Two lines or more; width 50 to 120 columns.
bool is_wrapped_prose(const std::vector<std::string_view>& lines);

// Columns a terminal needs: wide characters count two.
size_t display_width(std::string_view text);

// Splits at LF; no empty last line.
std::vector<std::string_view> split_lines(std::string_view text);
std::string_view trim(std::string_view text);
size_t indentation(
    std::string_view line);  // blanks at the start, a tab counting up to the next multiple of 8

}  // namespace aurora::corpus
