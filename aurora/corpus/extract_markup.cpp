#include "aurora/corpus/extract_markup.h"

#include <algorithm>

namespace aurora::corpus {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_word(char c) {
  return is_letter(c) || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
}

// The position behind the bracket that closes the one at `open`; 0 if there is none.
size_t behind_closing(std::string_view text, size_t open, char opening, char closing) {
  int depth = 0;
  for (size_t at = open; at < text.size() && at < open + 4000; ++at) {
    if (text[at] == '\\') {
      ++at;
      continue;
    }
    depth += (text[at] == opening) - (text[at] == closing);
    if (depth == 0) return at + 1;
  }
  return 0;
}

class MarkdownInline {
 public:
  explicit MarkdownInline(std::string_view text) : text_(text) {}

  std::string run(int depth) {
    while (at_ < text_.size()) {
      const size_t next = std::min(text_.find_first_of("`[!<$\\", at_), text_.size());
      out_.append(text_, at_, next - at_);
      at_ = next;
      if (at_ < text_.size()) special(depth);
    }
    return std::move(out_);
  }

 private:
  void special(int depth) {
    const char c = text_[at_];
    const char second = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
    if (c == '\\' && second != '\0') {
      // \( and \[ open formulas, and \alpha may stand in one; \* and \_ are the character.
      const bool escape = std::string_view("*_#+-.!<>|`~").find(second) != std::string_view::npos;
      if (!escape) out_ += c;
      out_ += second;
      at_ += 2;
    } else if (c == '`') {
      const size_t ticks = std::min(text_.find_first_not_of('`', at_), text_.size()) - at_;
      const size_t close = text_.find(text_.substr(at_, ticks), at_ + ticks);
      copy_to(close == std::string_view::npos ? at_ + ticks : close + ticks);
    } else if (c == '$') {
      const size_t close = text_.find('$', at_ + 1);
      copy_to(close == std::string_view::npos ? at_ + 1 : close + 1);
    } else if (c == '!' && second == '[') {
      ++at_;
      link(false, depth);
    } else if (c == '[') {
      link(true, depth);
    } else if (c == '<' && (is_letter(second) || second == '/' || second == '!')) {
      tag();
    } else {
      out_ += c;
      ++at_;
    }
  }
  void copy_to(size_t end) {
    out_.append(text_, at_, end - at_);
    at_ = end;
  }

  void link(bool keeps_text, int depth) {
    const size_t close = behind_closing(text_, at_, '[', ']');
    const char after = close > 0 && close < text_.size() ? text_[close] : '\0';
    size_t end = 0;
    if (after == '(') end = behind_closing(text_, close, '(', ')');
    if (after == '[') end = behind_closing(text_, close, '[', ']');
    if (end == 0) {
      out_ += '[';
      ++at_;
      return;
    }
    if (keeps_text) {
      const std::string_view label = text_.substr(at_ + 1, close - at_ - 2);
      out_ += depth < 3 ? MarkdownInline(label).run(depth + 1) : std::string(label);
    }
    at_ = end;
  }

  // HTML tags go; <http://address> keeps the address.
  void tag() {
    const size_t end = text_.find('>', at_);
    if (end == std::string_view::npos) {
      out_ += text_[at_++];
      return;
    }
    const std::string_view inner = text_.substr(at_ + 1, end - at_ - 1);
    if (inner.find("://") != std::string_view::npos && inner.find(' ') == std::string_view::npos) {
      out_ += inner;
    } else if (inner.find('@') != std::string_view::npos &&
               inner.find_first_of(" =") == std::string_view::npos) {
      out_ += inner;
    } else if (inner.starts_with("br")) {
      out_ += ' ';
    } else if (inner.size() > 300 || inner.find('<') != std::string_view::npos) {
      out_ += text_[at_++];  // "a < b and c > d"
      return;
    }
    at_ = end + 1;
  }

  std::string_view text_;
  size_t at_ = 0;
  std::string out_;
};

// "text <target>" is text; "~a.b.c" is c; "!x" is x.
std::string_view role_text(std::string_view content) {
  if (content.ends_with('>')) {
    const size_t open = content.rfind('<');
    if (open != std::string_view::npos && open > 0) {
      content = content.substr(0, open);
      while (content.ends_with(' ') || content.ends_with('\n')) content.remove_suffix(1);
      return content;
    }
  }
  if (content.starts_with('~'))
    return content.substr(content.rfind('.') == std::string_view::npos ? 1 : content.rfind('.') + 1);
  if (content.starts_with('!')) content.remove_prefix(1);
  return content;
}

}  // namespace

std::string plain_markdown(std::string_view text) {
  return MarkdownInline(text).run(0);
}

std::string plain_rst(std::string_view text) {
  std::string out;
  size_t at = 0;
  while (at < text.size()) {
    const size_t tick = text.find('`', at);
    if (tick == std::string_view::npos) break;
    // ``literal``
    if (text.substr(tick).starts_with("``")) {
      const size_t close = text.find("``", tick + 2);
      if (close == std::string_view::npos) break;
      out.append(text, at, tick - at).append(text, tick + 1, close - tick);
      at = close + 2;
      continue;
    }
    const size_t close = text.find('`', tick + 1);
    if (close == std::string_view::npos) break;
    // :role: before it, read backwards.
    size_t role = tick;
    if (role > at && text[role - 1] == ':') {
      --role;
      while (role > at && (is_word(text[role - 1]) || text[role - 1] == '-' || text[role - 1] == ':' ||
                           text[role - 1] == '+'))
        --role;
    }
    const std::string_view name = text.substr(role, tick - role);
    const bool is_math = name == ":math:";
    out.append(text, at, role - at);
    const std::string_view content = role_text(text.substr(tick + 1, close - tick - 1));
    if (name == ":pep:" || name == ":rfc:") out.append(name == ":pep:" ? "PEP " : "RFC ");
    if (is_math)
      out.append("$").append(text, tick + 1, close - tick - 1).append("$");
    else
      out.append(content);
    at = close + 1;
    // `text`_ and `text`__
    while (at < text.size() && text[at] == '_') ++at;
  }
  out.append(text, std::min(at, text.size()));
  // word_ refers to a target; [1]_ and [Name]_ are citations.
  for (size_t mark = out.find('_'); mark != std::string::npos; mark = out.find('_', mark + 1)) {
    const bool ends =
        mark + 1 == out.size() || !(is_word(out[mark + 1]) || out[mark + 1] == '_' || out[mark + 1] == '`');
    if (mark > 0 && (is_word(out[mark - 1]) || out[mark - 1] == ']') && ends) out.erase(mark, 1);
  }
  return out;
}

}  // namespace aurora::corpus
