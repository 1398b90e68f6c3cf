// Environments and formulas of LaTeX.
#include <algorithm>

#include "aurora/corpus/extract_latex_symbols.h"
#include "aurora/corpus/extract_latex_text.h"
#include "aurora/corpus/extract_unwrap.h"

namespace aurora::corpus {
namespace {

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string_view unstarred(std::string_view name) {
  return name.ends_with('*') ? name.substr(0, name.size() - 1) : name;
}

bool is_formula(std::string_view name) {
  return is_one_of(unstarred(name), {"equation", "align", "gather", "multline", "eqnarray", "displaymath",
                                     "flalign", "alignat", "math", "dmath", "xalignat", "dgroup"});
}
bool is_verbatim(std::string_view name) {
  return is_one_of(unstarred(name),
                   {"verbatim", "Verbatim", "lstlisting", "minted", "alltt", "BVerbatim", "semiverbatim"});
}
bool is_picture(std::string_view name) {
  return is_one_of(unstarred(name),
                   {"tikzpicture", "picture", "pspicture", "filecontents", "comment", "CCSXML", "asy",
                    "pgfpicture", "axis", "feynmandiagram", "circuitikz", "forest"});
}
bool is_table(std::string_view name) {
  return is_one_of(unstarred(name),
                   {"tabular", "tabularx", "tabulary", "longtable", "supertabular", "tabbing", "tblr"});
}
// Environments with arguments that are no text, as for commands.
std::string_view argument_shape(std::string_view name) {
  name = unstarred(name);
  if (is_one_of(name, {"minipage", "wrapfigure", "wraptable"})) return name == "minipage" ? "oooa" : "oaoa";
  if (is_one_of(name, {"multicols", "thebibliography", "spacing", "adjustbox", "columns", "column", "list"}))
    return "oa";
  if (is_one_of(name, {"adjustwidth", "subfigure", "subtable"})) return name == "adjustwidth" ? "aa" : "oa";
  return {};
}

// Titles of theorem-like environments that packages define.
std::string theorem_title(std::string_view name) {
  static constexpr std::string_view kNames[] = {
      "theorem",    "lemma", "proposition", "corollary", "definition", "remark",   "example",  "proof",
      "conjecture", "claim", "assumption",  "exercise",  "problem",    "solution", "algorithm"};
  name = unstarred(name);
  if (std::find(std::begin(kNames), std::end(kNames), name) == std::end(kNames)) return {};
  std::string title(name);
  title[0] = static_cast<char>(title[0] - 32);
  return title;
}

}  // namespace

void LatexText::begin_environment() {
  const std::string name = input_.take_argument();
  if (name == "document") {
    // Commands of the preamble have been read by now; nothing of it is text.
    in_preamble_ = false;
    out_ = TextWriter();
    return;
  }
  if (is_picture(name)) {
    input_.take_until("\\end{" + name + "}");
  } else if (in_preamble_) {
    return;
  } else if (is_verbatim(name)) {
    verbatim_environment(name);
  } else if (is_formula(name)) {
    formula_environment(name);
  } else if (is_table(name)) {
    out_.paragraph();
    const std::string_view plain = unstarred(name);
    if (plain == "tabularx" || plain == "tabulary" || name == "tabular*") input_.take_argument();
    input_.take_optional();
    if (plain != "tabbing") input_.take_argument();
    ++tables_;
  } else if (is_one_of(unstarred(name),
                       {"itemize", "enumerate", "description", "compactitem", "compactenum", "inparaenum"})) {
    input_.take_optional();
    if (lists_.empty())
      out_.paragraph();
    else
      out_.line_break();
    lists_.push_back({name.find("enum") != std::string::npos, name == "description", 0});
    out_.set_level(static_cast<int>(lists_.size()));
  } else {
    named_environment(name);
  }
}

void LatexText::named_environment(const std::string& name) {
  if (name == "abstract") return out_.title("Abstract");
  const std::string* own = macros_.theorem(name);
  const std::string title = own != nullptr ? rendered(*own) : theorem_title(name);
  if (!title.empty()) {
    out_.paragraph();
    words(title);
    if (const auto note = input_.take_optional()) {
      out_.space();
      words("(" + rendered(*note) + ")");
    }
    out_.exact(".");
    out_.space();
    return;
  }
  if (const std::string_view shape = argument_shape(name); !shape.empty()) {
    for (const char kind : shape) {
      if (kind == 'o')
        input_.take_optional();
      else
        input_.take_argument();
    }
  } else if (input_.peek() == '[') {
    input_.take_optional();
  }
  blank_line();
}

void LatexText::end_environment() {
  const std::string name = input_.take_argument();
  if (name == "document") {
    ended_ = nesting_ == 0;
  } else if (is_table(name)) {
    if (tables_ > 0) --tables_;
    blank_line();
  } else if (!lists_.empty() && is_one_of(unstarred(name), {"itemize", "enumerate", "description",
                                                            "compactitem", "compactenum", "inparaenum"})) {
    lists_.pop_back();
    out_.line_break();
    out_.set_level(static_cast<int>(lists_.size()));
    if (lists_.empty()) out_.paragraph();
  } else if (!in_preamble_) {
    blank_line();
  }
}

void LatexText::verbatim_environment(const std::string& name) {
  std::string language;
  if (name == "minted") {
    input_.take_optional();
    language = input_.take_argument();
  } else if (name == "lstlisting" || name == "Verbatim") {
    input_.take_optional();
  }
  const std::string code = input_.take_until("\\end{" + name + "}");
  out_.paragraph();
  out_.verbatim("```" + language);
  out_.verbatim(std::string_view(code).substr(code.starts_with('\n') ? 1 : 0));
  out_.verbatim("```");
  out_.paragraph();
}

// Formulas stay LaTeX: macros of the document are expanded, labels and comments go, white space is one space.
std::string LatexText::take_formula(const std::string& close) {
  std::string formula;
  const auto add_space = [&] {
    if (!formula.empty() && formula.back() != ' ') formula += ' ';
  };
  int depth = 0;
  while (!input_.at_end()) {
    const char c = input_.next();
    if (c == '%') {
      input_.skip_comment();
      add_space();
    } else if (c == ' ' || c == '\n' || c == '\t') {
      // A blank line cannot be in a formula: somebody forgot to close it.
      const bool line_end = c == '\n';
      while (input_.peek() == ' ' || input_.peek() == '\t') input_.next();
      if (line_end && input_.peek() == '\n' && close.front() != '\\') break;
      add_space();
    } else if (c == '\\') {
      const std::string name = input_.take_command();
      if ("\\" + name == close) break;
      if (name == "label" || name == "nonumber" || name == "notag") {
        if (name == "label") input_.take_argument();
      } else if (name == "end") {
        const std::string environment = input_.take_argument();
        if ("\\end{" + environment + "}" == close) break;
        formula += "\\end{" + environment + "}";
      } else if (!macros_.define(name, input_) && !macros_.expand(name, input_)) {
        formula += "\\" + name;
        // take_command() has eaten the blank that ends the name.
        const char after = input_.peek();
        if (name.size() > 1 && ((after >= 'a' && after <= 'z') || (after >= 'A' && after <= 'Z')))
          formula += ' ';
      }
    } else {
      depth += (c == '{') - (c == '}');
      if (depth <= 0 && c == close.front() && (close.size() == 1 || input_.peek() == close[1]) && c == '$') {
        if (close.size() == 2) input_.next();
        break;
      }
      formula += c;
    }
  }
  return std::string(trim(formula));
}

void LatexText::inline_formula(const std::string& open, const std::string& close) {
  const std::string formula = take_formula(close);
  if (!formula.empty() && !in_preamble_) out_.exact(open + formula + close);
}

void LatexText::display(const std::string& open, const std::string& close) {
  const std::string formula = take_formula(close);
  if (formula.empty() || in_preamble_) return;
  out_.line_break();
  out_.exact(open + formula + close);
  out_.line_break();
}

void LatexText::formula_environment(const std::string& name) {
  const std::string end = "\\end{" + name + "}";
  display("\\begin{" + name + "}", end);
}

void LatexText::dollars() {
  if (input_.peek() == '$') {
    input_.next();
    display("$$", "$$");
  } else {
    inline_formula("$", "$");
  }
}

}  // namespace aurora::corpus
