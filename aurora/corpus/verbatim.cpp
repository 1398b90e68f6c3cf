#include "aurora/corpus/verbatim.h"

#include <algorithm>

namespace aurora::corpus {
namespace {

constexpr size_t kNone = std::string_view::npos;
constexpr std::string_view kOpeners = "`\\$";
constexpr size_t kMaxFormulaBytes = 10'000;

bool begins_line(std::string_view text, size_t at) {
  while (at > 0 && (text[at - 1] == ' ' || text[at - 1] == '\t')) --at;
  return at == 0 || text[at - 1] == '\n';
}

// Finds the next closing mark behind a place. Places only grow, so the last answer often serves again and all
// searches together pass over the text once.
class Closing {
 public:
  Closing(std::string_view text, std::string_view mark, bool at_line_begin = false)
      : text_(text), mark_(mark), at_line_begin_(at_line_begin) {}

  // End of the first mark at `from` or behind it, or kNone.
  size_t end_behind(size_t from) {
    if (next_ != kNone && next_ < from) {
      next_ = text_.find(mark_, from);
      while (at_line_begin_ && next_ != kNone && !begins_line(text_, next_))
        next_ = text_.find(mark_, next_ + 1);
    }
    return next_ == kNone ? kNone : next_ + mark_.size();
  }

 private:
  std::string_view text_;
  std::string_view mark_;
  bool at_line_begin_;
  size_t next_ = 0;
};

class Verbatim {
 public:
  explicit Verbatim(std::string_view text) : text_(text) {}

  // End of the code or formula that text[at], one of kOpeners, begins; kNone if it begins none.
  size_t end(size_t at) {
    const std::string_view rest = text_.substr(at);
    if (rest.starts_with("```")) return begins_line(text_, at) ? fence_.end_behind(at + 3) : kNone;
    if (rest.starts_with("\\[")) return end_of_formula(square_, at);
    if (rest.starts_with("\\(")) return end_of_formula(round_, at);
    if (rest.starts_with("$$")) return end_of_formula(dollars_, at);
    return rest.starts_with('$') ? end_of_inline_formula(at) : kNone;
  }

 private:
  static size_t end_of_formula(Closing& closing, size_t at) {
    const size_t end = closing.end_behind(at + 2);
    return end == kNone || end - at > kMaxFormulaBytes ? kNone : end;
  }
  // Pandoc's rule: no space inside either dollar, no digit behind the closing one; all in one line.
  size_t end_of_inline_formula(size_t at) const {
    const auto is_blank = [](char c) { return c == ' ' || c == '\n' || c == '\t'; };
    if (at + 1 >= text_.size() || is_blank(text_[at + 1])) return kNone;
    const size_t close = text_.find_first_of("$\n", at + 1);
    if (close == kNone || text_[close] == '\n' || is_blank(text_[close - 1])) return kNone;
    const bool digit_behind = close + 1 < text_.size() && text_[close + 1] >= '0' && text_[close + 1] <= '9';
    return digit_behind ? kNone : close + 1;
  }

  std::string_view text_;
  Closing fence_{text_, "```", true};
  Closing square_{text_, "\\]"};
  Closing round_{text_, "\\)"};
  Closing dollars_{text_, "$$"};
};

}  // namespace

std::string without_verbatim(std::string_view text) {
  Verbatim verbatim(text);
  std::string out;
  size_t kept = 0;
  for (size_t at = text.find_first_of(kOpeners); at != kNone;) {
    const size_t end = verbatim.end(at);
    if (end != kNone) {
      out.append(text, kept, at - kept);
      out += ' ';
      kept = end;
    }
    at = text.find_first_of(kOpeners, end != kNone ? end : at + 1);
  }
  if (kept == 0) return {};
  return out.append(text, kept);
}

}  // namespace aurora::corpus
