#include "aurora/corpus/extract_latex_text.h"

#include <algorithm>

#include "aurora/corpus/extract_latex_symbols.h"
#include "aurora/corpus/extract_unwrap.h"

namespace aurora::corpus {
namespace {

constexpr int kMaxNesting = 12;

// Commands whose arguments are no text: o = optional, a = argument. Sorted by name.
struct Dropped {
  std::string_view name;
  std::string_view arguments;
};
constexpr Dropped kDropped[] = {{"addbibresource", "oa"}, {"addcontentsline", "aaa"},
                                {"addtocounter", "aa"},   {"addtolength", "aa"},
                                {"bibliography", "a"},    {"bibliographystyle", "a"},
                                {"cline", "a"},           {"cmidrule", "oa"},
                                {"color", "oa"},          {"colorbox", "a"},
                                {"definecolor", "aaa"},   {"documentclass", "oa"},
                                {"enlargethispage", "a"}, {"fontfamily", "a"},
                                {"fontsize", "aa"},       {"geometry", "a"},
                                {"graphicspath", "a"},    {"hspace", "a"},
                                {"hypersetup", "a"},      {"includegraphics", "ooa"},
                                {"includepdf", "oa"},     {"index", "oa"},
                                {"label", "a"},           {"linespread", "a"},
                                {"lstset", "a"},          {"mbox", ""},
                                {"newcounter", "ao"},     {"newlength", "a"},
                                {"pagenumbering", "a"},   {"pagestyle", "a"},
                                {"pdfbookmark", "oaa"},   {"phantom", "a"},
                                {"raisebox", "aoo"},      {"renewbibmacro", "aa"},
                                {"resizebox", "aa"},      {"rule", "oaa"},
                                {"scalebox", "a"},        {"selectlanguage", "a"},
                                {"setcounter", "aa"},     {"setlength", "aa"},
                                {"special", "a"},         {"textcolor", "oa"},
                                {"thispagestyle", "a"},   {"usepackage", "oao"},
                                {"usetikzlibrary", "a"},  {"vspace", "a"}};

constexpr std::string_view kHeadings[] = {"part",          "chapter",   "section",      "subsection",
                                          "subsubsection", "paragraph", "subparagraph", "frametitle"};

}  // namespace

LatexText::LatexText(std::string source, Include include)
    : input_(""),
      include_(std::move(include)),
      in_preamble_(source.find("\\begin{document}") != std::string::npos) {
  input_ = LatexInput(std::move(source));
}

std::string LatexText::run() {
  while (!ended_ && !input_.at_end()) step();
  return out_.finish();
}

std::string LatexText::rendered(std::string source) {
  if (nesting_ >= kMaxNesting) return source;
  const bool outer_preamble = in_preamble_;
  in_preamble_ = false;
  TextWriter outer;
  std::swap(outer, out_);
  LatexInput inner(std::move(source), input_.budget());
  std::swap(inner, input_);
  ++nesting_;
  while (!ended_ && !input_.at_end()) step();
  --nesting_;
  std::swap(inner, input_);
  input_.set_budget(inner.budget());
  in_preamble_ = outer_preamble;
  std::string text = out_.finish();
  std::swap(outer, out_);
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

void LatexText::blank_line() {
  if (tables_ > 0) return;
  out_.paragraph();
}

void LatexText::step() {
  const char c = input_.next();
  switch (c) {
    case '\\':
      return command();
    case '%':
      return input_.skip_comment();
    case '$':
      return dollars();
    case '{':
    case '}':
      return;
    case '~':
      return out_.space();
    case '&':
      return tables_ > 0 ? cell_end(false) : out_.exact("&");
    case '\n': {
      int line_ends = 1;
      while (input_.peek() == '\n' || input_.peek() == ' ' || input_.peek() == '\t')
        line_ends += input_.next() == '\n';
      return line_ends > 1 ? blank_line() : out_.line_end();
    }
    case '-': {
      int dashes = 1;
      while (dashes < 3 && input_.peek() == '-') dashes += input_.next() == '-';
      return out_.exact(dashes == 1 ? "-" : dashes == 2 ? "–" : "—");
    }
    case '`':
    case '\'':
      if (input_.peek() == c) {
        input_.next();
        return out_.exact(c == '`' ? "“" : "”");
      }
      return out_.exact(c == '`' ? "‘" : "'");
    case '"':
      if (german_quotes_ && std::string_view("aouAOUs`'").find(input_.peek()) != std::string_view::npos &&
          !input_.at_end()) {
        const char letter = input_.next();
        if (letter == '`') return out_.exact("„");
        if (letter == '\'') return out_.exact("“");
        return out_.exact(letter == 's' ? "ß" : with_latex_accent("\"", std::string_view(&letter, 1)));
      }
      return out_.exact("\"");
    default:
      break;
  }
  // A run of ordinary characters.
  std::string run(1, c);
  while (!input_.at_end() &&
         std::string_view("\\%${}~&\n-`'\"").find(input_.peek()) == std::string_view::npos)
    run += input_.next();
  words(run);
}

void LatexText::command() {
  if (input_.at_end()) return;
  // Blanks behind a command's name belong to it, but not those behind \\ or \%.
  const std::string name = input_.take_command();
  if (macros_.define(name, input_)) return;
  if (macros_.expand(name, input_)) return;
  if (name == "(") return inline_formula("\\(", "\\)");
  if (name == "[") return display("\\[", "\\]");
  if (name == "begin") return begin_environment();
  if (name == "end") return end_environment();
  if (in_preamble_) {
    if (name == "title") {
      input_.take_optional();
      title_ = rendered(input_.take_argument());
    }
    if (name == "usepackage" || name == "documentclass") {
      const std::string options = input_.take_optional().value_or("");
      if (options.find("german") != std::string::npos) german_quotes_ = true;
      input_.take_argument();
    }
    return;
  }
  if (is_latex_accent(name)) return out_.exact(with_latex_accent(name, rendered(input_.take_argument())));
  if (const char* symbol = latex_symbol(name)) {
    if (std::string_view(symbol) == " ") return out_.space();
    return out_.exact(symbol);
  }
  if (structure_command(name) || reference_command(name)) return;
  plain_command(name);
}

void LatexText::skip_arguments(std::string_view shape) {
  input_.skip_star();
  for (const char kind : shape) {
    if (kind == 'o')
      input_.take_optional();
    else
      input_.take_argument();
  }
}

void LatexText::heading(const std::string& name) {
  input_.skip_star();
  input_.take_optional();
  const std::string text = rendered(input_.take_argument());
  if (name == "paragraph" || name == "subparagraph") {
    // A run-in heading: its text goes on in the same line.
    out_.paragraph();
    words(text);
    if (!text.empty() && std::string_view(".:?!").find(text.back()) == std::string_view::npos)
      out_.exact(".");
    out_.space();
  } else {
    out_.title(text);
  }
}

bool LatexText::structure_command(const std::string& name) {
  if (std::find(std::begin(kHeadings), std::end(kHeadings), name) != std::end(kHeadings)) {
    heading(name);
  } else if (name == "\\" || name == "newline" || name == "tabularnewline" || name == "cr") {
    input_.skip_star();
    if (input_.peek() == '[') input_.take_optional();
    if (tables_ > 0)
      cell_end(true);
    else
      out_.line_break();
  } else if (name == "par" || name == "bigskip" || name == "medskip" || name == "newpage" ||
             name == "clearpage") {
    blank_line();
  } else if (name == "item" || name == "bibitem") {
    if (name == "bibitem") {
      input_.take_optional();
      const int number =
          citations_.try_emplace(input_.take_argument(), static_cast<int>(citations_.size()) + 1)
              .first->second;
      out_.line_break();
      out_.marker("[" + std::to_string(number) + "] ");
    } else {
      item();
    }
  } else if (name == "title") {
    input_.take_optional();
    title_ = rendered(input_.take_argument());
  } else if (name == "maketitle") {
    if (!title_.empty()) out_.title(title_);
  } else if (name == "caption" || name == "captionof") {
    input_.skip_star();
    if (name == "captionof") input_.take_argument();
    input_.take_optional();
    out_.title(rendered(input_.take_argument()));
  } else if (name == "footnote" || name == "thanks") {
    input_.take_optional();
    const std::string note = rendered(input_.take_argument());
    out_.space();
    out_.exact("(" + note + ")");
  } else if (name == "multicolumn") {
    input_.take_argument();
    input_.take_argument();
  } else if (name == "multirow") {
    input_.take_argument();
    input_.take_optional();
    input_.take_argument();
  } else if (name == "input" || name == "include" || name == "subfile") {
    input_.push(include_(input_.take_argument()));
  } else {
    return false;
  }
  return true;
}

void LatexText::cite() {
  while (input_.take_optional()) {
  }
  const std::string keys = input_.take_argument();
  std::string mark;
  for (size_t at = 0; at <= keys.size();) {
    const size_t end = std::min(keys.find(',', at), keys.size());
    const std::string key(trim(std::string_view(keys).substr(at, end - at)));
    if (!key.empty()) {
      const int number = citations_.try_emplace(key, static_cast<int>(citations_.size()) + 1).first->second;
      mark += (mark.empty() ? "" : ", ") + std::to_string(number);
    }
    at = end + 1;
  }
  if (!mark.empty()) out_.exact("[" + mark + "]");
}

bool LatexText::reference_command(const std::string& name) {
  if (name == "nocite") {
    input_.take_argument();
  } else if (name.find("cite") != std::string::npos) {
    input_.skip_star();
    cite();
  } else if (name == "ref" || name == "eqref" || name == "pageref" || name == "autoref" || name == "cref" ||
             name == "Cref" || name == "vref" || name == "nameref") {
    input_.skip_star();
    const std::string label = input_.take_argument();
    out_.exact("[" + label.substr(label.rfind(':') + 1) + "]");
  } else if (name == "href") {
    input_.take_argument();
  } else if (name == "url" || name == "path" || name == "nolinkurl") {
    out_.exact(input_.take_argument());
  } else if (name == "verb" || name == "lstinline") {
    input_.skip_star();
    if (name == "lstinline") input_.take_optional();
    const char delimiter = input_.next();
    out_.exact(input_.take_until(std::string_view(delimiter == '{' ? "}" : std::string(1, delimiter))));
  } else if (name == "SI" || name == "qty") {
    input_.take_optional();
    const std::string number = rendered(input_.take_argument());
    out_.exact(number + " " + rendered(input_.take_argument()));
  } else {
    return false;
  }
  return true;
}

// Neither a symbol nor anything that has a meaning here: its arguments are text unless listed.
void LatexText::plain_command(const std::string& name) {
  for (const Dropped& dropped : kDropped)
    if (dropped.name == name) return skip_arguments(dropped.arguments);
  input_.skip_star();
  if (!input_.at_end() && input_.peek() == '[' && tables_ == 0 && lists_.empty()) {
    // \textbf[..] does not exist, but \twocolumn[..], \linebreak[4] and their like do.
    const auto optional = input_.take_optional();
    if (name == "twocolumn" && optional) input_.push(*optional);
  }
}

void LatexText::item() {
  input_.skip_blanks();
  out_.line_break();
  const int level = static_cast<int>(lists_.size());
  out_.set_level(std::max(0, level - 1));
  const auto label = input_.take_optional();
  if (lists_.empty() || (!label && !lists_.back().numbered)) {
    out_.marker("- ");
  } else if (label) {
    const std::string text = rendered(*label);
    if (text.empty() || text == "•" || text == "-" || text == "–" || text == "—") {
      out_.marker("- ");
    } else {
      words(text);
      if (lists_.back().described && !text.ends_with(':')) out_.exact(":");
      out_.space();
    }
  } else {
    out_.marker(std::to_string(++lists_.back().items) + ". ");
  }
  out_.set_level(level);
}

void LatexText::cell_end(bool row) {
  if (row) {
    out_.line_break();
    return;
  }
  out_.space();
  words("|");
  out_.space();
}

}  // namespace aurora::corpus
