// Long files of many records become documents of bounded size, cut where a reader would cut.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aurora/corpus/read_format.h"

namespace aurora::corpus {

// Cuts at blank lines so that pieces are at most max_bytes; a longer paragraph is cut at line ends, a longer
// line between characters.
std::vector<std::string> split_at_paragraphs(std::string_view text, size_t max_bytes);

// The longest part of `text`, at most max_bytes, that ends at a line end, or else at a blank, or else between
// characters. Not empty if text is not empty and max_bytes >= 4.
std::string_view leading_part(std::string_view text, size_t max_bytes);

// One document per piece, like `pattern` but with source "path#1", "path#2", ... in order.
void send_pieces(const std::vector<std::string>& pieces, const RawDocument& pattern,
                 const ReadContext& context);

}  // namespace aurora::corpus
