// From an element tree to text: what extraction.md promises for HTML.
#pragma once

#include <gumbo.h>

#include <string>
#include <string_view>

#include "aurora/corpus/extract_writer.h"

namespace aurora::corpus {

class HtmlText {
 public:
  // furniture_by_name: also drop what only its class or id says to be navigation.
  explicit HtmlText(bool furniture_by_name) : furniture_by_name_(furniture_by_name) {}

  std::string run(const GumboNode& root);

 private:
  void node(const GumboNode& node);
  void children(const GumboNode& node);
  void element(const GumboNode& node);
  void text_node(std::string_view text);
  void preformatted(const GumboNode& node);
  void table(const GumboNode& node);
  void table_rows(const GumboNode& node);
  void list(const GumboNode& node, bool numbered);
  void definitions(const GumboNode& node);
  void label(const GumboNode& node);
  void script(const GumboNode& node, char mark);
  bool formula(const GumboNode& node);

  TextWriter out_;
  bool furniture_by_name_;
  int depth_ = 0;
  int list_depth_ = 0;
  bool in_row_ = false;  // of a data table: blocks do not end the line
};

}  // namespace aurora::corpus
