// reStructuredText: titles with their underlines, paragraphs joined, the plumbing of directives and targets
// gone.
#include <algorithm>
#include <optional>

#include "aurora/corpus/extract_markup.h"
#include "aurora/corpus/extract_unwrap.h"
#include "aurora/corpus/extract_writer.h"
#include "aurora/corpus/read_bytes.h"
#include "aurora/corpus/read_format.h"

namespace aurora::corpus {
namespace {

bool claims(std::string_view name, std::string_view) {
  return has_ending(name, ".rst .rst.txt .rest");
}

bool is_title_line(std::string_view line) {
  return line.size() >= 3 && std::string_view("=-`:.'\"~^_*+#<>").find(line[0]) != std::string_view::npos &&
         line.find_first_not_of(line[0]) == std::string_view::npos;
}
// The rules of grid and simple tables: +---+---+ and ===  ===.
bool is_table_rule(std::string_view words) {
  if (words.size() < 4) return false;
  if (words.starts_with("+-") || words.starts_with("+="))
    return words.find_first_not_of("+-= ") == std::string_view::npos;
  return words.starts_with("==") && words.find("= =") != std::string_view::npos &&
         words.find_first_not_of("= ") == std::string_view::npos;
}
bool is_list_item(std::string_view words) {
  if (words.size() >= 2 && (words[0] == '-' || words[0] == '*' || words[0] == '+') && words[1] == ' ')
    return true;
  const size_t digits = std::min(words.find_first_not_of("0123456789#"), words.size());
  return digits > 0 && digits <= 4 && digits + 1 < words.size() &&
         (words[digits] == '.' || words[digits] == ')') && words[digits + 1] == ' ';
}
// ":name: value": an option of a directive or a docinfo field.
bool is_field(std::string_view words) {
  if (!words.starts_with(':')) return false;
  const size_t close = words.find(':', 1);
  return close != std::string_view::npos && close > 1 &&
         (close + 1 == words.size() || words[close + 1] == ' ');
}

enum class Body { kDropped, kCode, kFormula, kText, kNote, kSignature };
Body body_of(std::string_view directive) {
  struct Row {
    std::string_view names;
    Body body;
  };
  static constexpr Row kRows[] = {
      {" code code-block sourcecode parsed-literal ipython prompt doctest testcode highlight-block "
       "productionlist ",
       Body::kCode},
      {" math ", Body::kFormula},
      {" note warning tip hint important attention caution danger error seealso admonition todo versionadded "
       "versionchanged deprecated topic sidebar rubric epigraph highlights pull-quote compound container "
       "only "
       "centered glossary table list-table csv-table figure class-description tab tab-set ",
       Body::kNote},
      {" function method class data attribute exception module-description option envvar describe c:function "
       "c:type "
       "c:macro c:var c:member c:struct c:enum py:function py:class py:method py:data py:attribute "
       "py:exception "
       "cpp:function cpp:class opcode cmdoption program-option staticmethod classmethod property decorator "
       "macro ",
       Body::kSignature}};
  for (const Row& row : kRows)
    if (row.names.find(" " + std::string(directive) + " ") != std::string_view::npos) return row.body;
  return Body::kDropped;
}

class RstText {
 public:
  explicit RstText(std::string_view text) : lines_(split_lines(text)) {}

  std::string run() {
    while (at_ < lines_.size()) block();
    return out_.finish();
  }
  const std::string& title() const { return title_; }

 private:
  size_t block_end(size_t at, size_t indent) const {
    // Lines deeper than `indent`, and the blank ones between them.
    size_t end = at;
    for (size_t i = at; i < lines_.size(); ++i) {
      if (trim(lines_[i]).empty()) continue;
      if (indentation(lines_[i]) <= indent) break;
      end = i + 1;
    }
    return end;
  }

  void block() {
    const std::string_view line = lines_[at_];
    const std::string_view words = trim(line);
    if (words.empty()) {
      out_.paragraph();
      ++at_;
    } else if (words.starts_with(".. ") || words == "..") {
      explicit_markup(line, words);
    } else if (is_title_line(words) && at_ + 2 < lines_.size() && trim(lines_[at_ + 2]) == words) {
      ++at_;  // an overline: the title follows
    } else if (at_ + 1 < lines_.size() && is_title_line(trim(lines_[at_ + 1])) && !is_title_line(words) &&
               display_width(words) <= trim(lines_[at_ + 1]).size() + 2 &&
               indentation(lines_[at_ + 1]) == 0) {
      section(words);
    } else if (is_table_rule(words)) {
      table();
    } else if (words.starts_with("| ") || words == "|") {
      line_block(line);
    } else if (words.starts_with(">>> ")) {
      verbatim(block_end_at_blank(), indentation(line));
    } else {
      paragraph(line, words);
    }
  }

  size_t block_end_at_blank() const {
    size_t end = at_;
    while (end < lines_.size() && !trim(lines_[end]).empty()) ++end;
    return end;
  }

  void section(std::string_view words) {
    const std::string text = plain_rst(words);
    if (title_.empty()) title_ = text;
    out_.paragraph();
    out_.set_level(0);
    out_.exact(text);
    out_.line_break();
    out_.exact(trim(lines_[at_ + 1]));
    out_.paragraph();
    at_ += 2;
  }

  // ".. name:: arguments" and its block; targets, comments and substitutions have nothing to read.
  void explicit_markup(std::string_view line, std::string_view words) {
    const size_t indent = indentation(line);
    const std::string_view rest = trim(words.substr(2));
    const size_t colons = rest.find("::");
    ++at_;
    if (rest.starts_with('[')) {
      // A footnote or citation: its text is text.
      const size_t close = rest.find(']');
      out_.line_break();
      out_.text(plain_rst(rest.substr(0, close + 1)));
      out_.space();
      if (close != std::string_view::npos) join(rest.substr(close + 1), block_end(at_, indent));
      return out_.paragraph();
    }
    const bool is_directive = colons != std::string_view::npos && colons > 0 && !rest.starts_with('_') &&
                              !rest.starts_with('|') &&
                              rest.substr(0, colons).find(' ') == std::string_view::npos;
    const size_t end = block_end(at_, indent);
    if (!is_directive) {
      at_ = end;
      return;
    }
    out_.line_break();
    out_.set_level(static_cast<int>(indent / 3));
    directive(rest.substr(0, colons), trim(rest.substr(colons + 2)), end);
    out_.set_level(0);
  }

  void directive(std::string_view name, std::string_view argument, size_t end) {
    const Body body = body_of(name);
    if (body == Body::kDropped) {
      at_ = end;
      return;
    }
    const bool has_caption = name == "figure" || name.ends_with("table");
    skip_options(end);
    switch (body) {
      case Body::kCode:
        out_.paragraph();
        out_.verbatim("```" + std::string(argument.substr(0, argument.find(' '))));
        verbatim(end, 0);
        out_.verbatim("```");
        return out_.paragraph();
      case Body::kFormula:
        return formula(argument, end);
      case Body::kSignature:
        out_.line_break();
        out_.text(argument);
        return out_.line_break();
      default:
        break;
    }
    if (argument.empty() || name == "figure") {
      if (!has_caption && name != "only") title_word(name);
    } else {
      out_.line_break();
      if (name.starts_with("version") || name == "deprecated") title_word(name);
      out_.text(plain_rst(argument));
      if (!has_caption && name != "only") out_.line_break();
    }
    // The block goes on as ordinary text.
  }

  void title_word(std::string_view name) {
    std::string word(name);
    word[0] = static_cast<char>(word[0] - (word[0] >= 'a' && word[0] <= 'z' ? 32 : 0));
    if (name == "seealso") word = "See also";
    if (name == "versionadded") word = "New in version";
    if (name == "versionchanged") word = "Changed in version";
    if (name == "deprecated") word = "Deprecated since version";
    out_.line_break();
    out_.text(word);
    out_.exact(name.starts_with("version") || name == "deprecated" ? " " : ": ");
  }

  void skip_options(size_t end) {
    while (at_ < end && is_field(trim(lines_[at_]))) ++at_;
    if (at_ < end && trim(lines_[at_]).empty()) ++at_;
  }

  void formula(std::string_view argument, size_t end) {
    std::string text(argument);
    for (; at_ < end; ++at_) text.append(text.empty() ? "" : " ").append(trim(lines_[at_]));
    out_.line_break();
    out_.exact("$$" + std::string(trim(text)) + "$$");
    out_.line_break();
  }

  // Lines as they are, less the indentation they share.
  void verbatim(size_t end, size_t least) {
    while (at_ < end && trim(lines_[at_]).empty()) ++at_;
    size_t shared = SIZE_MAX;
    for (size_t i = at_; i < end; ++i)
      if (!trim(lines_[i]).empty()) shared = std::min(shared, indentation(lines_[i]));
    std::string text;
    for (; at_ < end; ++at_) {
      std::string_view line = lines_[at_];
      size_t columns = std::max(shared, least);
      while (columns > 0 && !line.empty() && (line[0] == ' ' || line[0] == '\t')) {
        columns -= std::min<size_t>(columns, line[0] == '\t' ? 8 : 1);
        line.remove_prefix(1);
      }
      text.append(line).append("\n");
    }
    out_.verbatim(text);
  }

  void table() {
    const size_t indent = indentation(lines_[at_]);
    size_t end = at_;
    int rules = 0;
    const bool grid = trim(lines_[at_]).starts_with('+');
    // A simple table ends with its third rule (or second, without a header), a grid table at a blank line.
    for (; end < lines_.size(); ++end) {
      const std::string_view words = trim(lines_[end]);
      if (words.empty() && (grid || rules >= 3)) break;
      if (words.empty() && rules == 2 && is_table_rule(trim(lines_[end - 1]))) break;
      rules += is_table_rule(words);
    }
    out_.paragraph();
    verbatim(end, indent);
    out_.paragraph();
  }

  void line_block(std::string_view line) {
    out_.line_break();
    out_.text(plain_rst(trim(trim(line).substr(1))));
    out_.line_break();
    ++at_;
  }

  void join(std::string_view first, size_t end) {
    std::string joined(first);
    for (; at_ < end; ++at_) joined.append("\n").append(trim(lines_[at_]));
    out_.text(plain_rst(joined));
  }

  // Lines of one indentation are one paragraph; one that ends in :: announces a literal block.
  void paragraph(std::string_view line, std::string_view words) {
    const size_t indent = indentation(line);
    const bool item = is_list_item(words);
    const size_t inner = item ? indent + words.find(' ') + 1 : indent;
    size_t end = at_ + 1;
    while (end < lines_.size() && !trim(lines_[end]).empty() && indentation(lines_[end]) == inner &&
           !is_list_item(trim(lines_[end])) && !is_field(trim(lines_[end])) &&
           !trim(lines_[end]).starts_with(".. ") && !is_field(words))
      ++end;
    out_.line_break();
    out_.set_level(static_cast<int>(indent / 3));
    const std::string_view last = trim(lines_[end - 1]);
    const bool literal = last.ends_with("::");
    ++at_;
    std::string joined(words);
    for (; at_ < end; ++at_) joined.append("\n").append(trim(lines_[at_]));
    if (literal) joined.resize(joined.size() - (joined.ends_with(" ::") || joined == "::" ? 2 : 1));
    out_.text(plain_rst(joined));
    out_.line_break();
    if (literal) {
      const size_t literal_end = block_end(at_, indent);
      out_.paragraph();
      out_.verbatim("```");
      verbatim(literal_end, 0);
      out_.verbatim("```");
      out_.paragraph();
    }
    out_.set_level(0);
  }

  std::vector<std::string_view> lines_;
  size_t at_ = 0;
  TextWriter out_;
  std::string title_;
};

void read(std::string&& bytes, const ReadContext& context) {
  read_markup<RstText>("rst", std::move(bytes), context);
}

}  // namespace

const Format kRstFormat = {"rst", claims, read, nullptr, uint64_t{64} << 20};

}  // namespace aurora::corpus
