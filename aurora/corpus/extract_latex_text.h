// From LaTeX source to text: what extraction.md promises for LaTeX.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "aurora/corpus/extract_latex_input.h"
#include "aurora/corpus/extract_writer.h"

namespace aurora::corpus {

class LatexText {
 public:
  // Returns the source that \input{name} means; "" if it may not be read.
  using Include = std::function<std::string(const std::string& name)>;

  LatexText(std::string source, Include include);
  std::string run();
  const std::string& title() const { return title_; }

 private:
  struct List {
    bool numbered = false;
    bool described = false;
    int items = 0;
  };

  void step();  // reads and writes one token
  void command();
  void plain_command(const std::string& name);
  bool structure_command(const std::string& name);
  bool reference_command(const std::string& name);
  void skip_arguments(std::string_view shape);
  void heading(const std::string& name);
  void begin_environment();
  void end_environment();
  void named_environment(const std::string& name);
  void verbatim_environment(const std::string& name);
  void display(const std::string& open, const std::string& close);
  void formula_environment(const std::string& name);
  void inline_formula(const std::string& open, const std::string& close);
  std::string take_formula(const std::string& close);
  void dollars();
  void item();
  void cell_end(bool row);
  void cite();
  void blank_line();
  void words(std::string_view text) { out_.text(text); }
  // The text that a piece of source makes, on one line.
  std::string rendered(std::string source);

  LatexInput input_;
  LatexMacros macros_;
  Include include_;
  bool in_preamble_;
  TextWriter out_;
  std::string title_;
  std::vector<List> lists_;
  int tables_ = 0;              // open tabular environments
  bool german_quotes_ = false;  // "a is ä
  int nesting_ = 0;             // of rendered()
  std::map<std::string, int> citations_;
  bool ended_ = false;
};

}  // namespace aurora::corpus
