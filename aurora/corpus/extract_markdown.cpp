// Markdown: kept as Markdown, with soft line ends joined and addresses, images, HTML and front matter gone.
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
  return has_ending(name, ".md .markdown .mkd .rmd .qmd");
}

// "```python" or "~~~": the fence, or "".
std::string_view fence_of(std::string_view line) {
  const std::string_view words = trim(line);
  size_t size = 0;
  while (size < words.size() && words[size] == words[0] && (words[0] == '`' || words[0] == '~')) ++size;
  return size >= 3 && words.substr(size).find('`') == std::string_view::npos ? words.substr(0, size)
                                                                             : std::string_view();
}

bool is_heading(std::string_view line) {
  return line.starts_with('#') && line.find_first_not_of('#') <= 6;
}
bool is_underline(std::string_view line) {
  const std::string_view words = trim(line);
  return words.size() >= 2 && (words.find_first_not_of('=') == std::string_view::npos ||
                               words.find_first_not_of('-') == std::string_view::npos);
}
bool is_rule(std::string_view line) {
  const std::string_view words = trim(line);
  return words.size() >= 3 && words.find_first_not_of("-*_ ") == std::string_view::npos;
}
// [label]: http://address
bool is_reference(std::string_view line) {
  const std::string_view words = trim(line);
  const size_t close = words.find("]:");
  return words.starts_with('[') && close != std::string_view::npos && !words.starts_with("[^") &&
         trim(words.substr(close + 2)).find(' ') == std::string_view::npos;
}

class MarkdownText {
 public:
  explicit MarkdownText(std::string_view text) : lines_(split_lines(text)) {}

  std::string run() {
    skip_front_matter();
    while (at_ < lines_.size()) block();
    return out_.finish();
  }
  const std::string& title() const { return title_; }

 private:
  void skip_front_matter() {
    if (lines_.empty() || trim(lines_[0]) != "---") return;
    for (size_t end = 1; end < lines_.size() && end < 200; ++end) {
      if (lines_[end].starts_with("title:")) title_ = std::string(trim(lines_[end].substr(6)));
      if (trim(lines_[end]) != "---" && trim(lines_[end]) != "...") continue;
      at_ = end + 1;
      if (title_.size() > 1 && (title_[0] == '"' || title_[0] == '\''))
        title_ = title_.substr(1, title_.size() - 2);
      return;
    }
    title_.clear();
  }

  void block() {
    const std::string_view line = lines_[at_];
    const std::string_view words = trim(line);
    if (words.empty()) {
      out_.paragraph();
      ++at_;
    } else if (const std::string_view fence = fence_of(line); !fence.empty()) {
      fenced(fence);
    } else if (words.starts_with("<!--")) {
      while (at_ < lines_.size() && lines_[at_++].find("-->") == std::string_view::npos) {
      }
    } else if (is_reference(line)) {
      ++at_;
    } else if (words.starts_with("$$") || words.starts_with("\\[") || words.starts_with("\\begin{")) {
      formula(words);
    } else if (is_heading(words)) {
      heading(words.substr(0, words.find_last_not_of("# ") + 1));
      ++at_;
    } else if (is_rule(line) && !words.starts_with('=')) {
      out_.paragraph();
      ++at_;
    } else if (indentation(line) >= 4 && out_.level() == 0 && !in_list_) {
      verbatim_line(line);
    } else if (words.starts_with('|')) {
      table_row(words);
    } else {
      paragraph();
    }
    if (words.empty() == false && indentation(line) == 0 && !is_list_item(words)) in_list_ = false;
  }

  void heading(std::string_view words) {
    const std::string text = plain_markdown(words);
    if (title_.empty())
      title_ = std::string(
          trim(std::string_view(text).substr(std::min(text.find_first_not_of('#'), text.size()))));
    out_.title(text);
  }

  void fenced(std::string_view fence) {
    const std::string open(trim(lines_[at_]));
    std::string code;
    const size_t indent = indentation(lines_[at_]);
    for (++at_; at_ < lines_.size() && !trim(lines_[at_]).starts_with(fence); ++at_) {
      std::string_view line = lines_[at_];
      line.remove_prefix(std::min({indent, indentation(line), line.size()}));
      code.append(line).append("\n");
    }
    ++at_;
    out_.line_break();
    out_.verbatim(open);
    out_.verbatim(code);
    out_.verbatim(fence);
  }

  void formula(std::string_view first) {
    const std::string_view close = first.starts_with("$$")    ? "$$"
                                   : first.starts_with("\\[") ? "\\]"
                                                              : "\\end{";
    out_.line_break();
    for (bool opening = true; at_ < lines_.size(); opening = false) {
      const std::string_view line = lines_[at_++];
      out_.verbatim(line);
      const size_t from = opening ? line.find_first_not_of(" \t") + 2 : 0;
      if (line.find(close, std::min(from, line.size())) != std::string_view::npos || trim(line).empty())
        return;
    }
  }

  void verbatim_line(std::string_view line) {
    out_.line_break();
    out_.exact(line);
    out_.line_break();
    ++at_;
  }

  // The row of dashes that makes a table of the rows is layout.
  void table_row(std::string_view words) {
    ++at_;
    if (words.find_first_not_of("|-: ") == std::string_view::npos) return;
    out_.line_break();
    words.remove_prefix(1);
    if (words.ends_with('|')) words.remove_suffix(1);
    out_.text(plain_markdown(words));
    out_.line_break();
  }

  static bool is_list_item(std::string_view words) {
    if (words.size() >= 2 && (words[0] == '-' || words[0] == '*' || words[0] == '+') && words[1] == ' ')
      return true;
    const size_t digits = std::min(words.find_first_not_of("0123456789"), words.size());
    return digits > 0 && digits <= 4 && digits + 1 < words.size() &&
           (words[digits] == '.' || words[digits] == ')') && words[digits + 1] == ' ';
  }

  // Lines up to one that starts another block; a list item keeps its indentation.
  void paragraph() {
    const std::string_view first = lines_[at_];
    const std::string_view words = trim(first);
    if (at_ + 1 < lines_.size() && is_underline(lines_[at_ + 1]) && !is_list_item(words) &&
        words.find('|') == std::string_view::npos) {
      heading((trim(lines_[at_ + 1])[0] == '=' ? "# " : "## ") + std::string(words));
      at_ += 2;
      return;
    }
    std::string joined(words);
    const bool quote = words.starts_with('>');
    bool hard_break = first.ends_with("  ") || first.ends_with('\\');
    for (++at_; at_ < lines_.size() && !hard_break; ++at_) {
      std::string_view next = trim(lines_[at_]);
      if (next.empty() || is_list_item(next) || is_heading(next) || !fence_of(next).empty() ||
          next.starts_with("<!--") || next.starts_with('|') || next.starts_with("$$") ||
          next.starts_with('>') != quote || is_reference(next) || (is_underline(next) && next.size() > 2))
        break;
      if (quote) next = trim(next.substr(1));
      hard_break = lines_[at_].ends_with("  ");
      joined.append("\n").append(next);
    }
    const std::string text = plain_markdown(joined);
    out_.line_break();
    if (trim(text).empty()) return;
    out_.set_level(static_cast<int>(in_list_ || is_list_item(words) ? indentation(first) / 2 : 0));
    in_list_ = in_list_ || is_list_item(words);
    out_.text(text);
    out_.line_break();
    out_.set_level(0);
  }

  std::vector<std::string_view> lines_;
  size_t at_ = 0;
  bool in_list_ = false;
  TextWriter out_;
  std::string title_;
};

void read(std::string&& bytes, const ReadContext& context) {
  read_markup<MarkdownText>("markdown", std::move(bytes), context);
}

}  // namespace

const Format kMarkdownFormat = {"markdown", claims, read, nullptr, uint64_t{64} << 20};

}  // namespace aurora::corpus
