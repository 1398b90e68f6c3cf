// What an element of a page is to a reader: text, layout or furniture. By tag, role, class and id.
#pragma once

#include <gumbo.h>

#include <string_view>

namespace aurora::corpus {

// Attribute value, "" if absent.
std::string_view html_attribute(const GumboElement& element, const char* name);
// Whether one of the words of the class attribute is `word`.
bool has_class(const GumboElement& element, std::string_view word);

// Never text: scripts, styles, forms, embedded objects, what is hidden.
bool is_invisible(const GumboElement& element);
// Navigation, banners, side bars, footers, search boxes, permalinks: by tag and role, and with `by_name` by
// the well-known class names and ids of Sphinx, DocBook, Texinfo, MediaWiki and common site generators.
bool is_furniture(const GumboElement& element, bool by_name);
// A list or table that holds links and hardly anything else.
bool is_link_list(const GumboNode& node);
// Starts and ends a line.
bool is_block(GumboTag tag);
// Starts and ends a paragraph.
bool is_paragraph(GumboTag tag);

// The element that holds the page's own text: <main>, role=main, one <article>, or a well-known id; else
// nullptr.
const GumboNode* find_main(const GumboNode& root);

// Bytes of text below a node, scripts apart; stops counting at `limit`.
size_t text_size(const GumboNode& node, size_t limit);

}  // namespace aurora::corpus
