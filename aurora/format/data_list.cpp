#include "aurora/format/data_list.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <optional>

#include "aurora/base/error.h"
#include "aurora/base/utf8.h"

namespace aurora::format {
namespace {

constexpr const char* kRemedy = "a line is `WEIGHT PREFIX [CORPUS]`, or in all lines `PREFIX` alone";

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

// The words of a line up to a `#` that begins a word.
void split(std::string_view line, std::vector<std::string_view>& words) {
  words.clear();
  for (size_t at = 0;;) {
    while (at < line.size() && is_space(line[at])) ++at;
    if (at == line.size() || line[at] == '#') return;
    const size_t begin = at;
    while (at < line.size() && !is_space(line[at])) ++at;
    words.push_back(line.substr(begin, at - begin));
  }
}

class ListParser {
 public:
  explicit ListParser(const std::string& name) : name_(name) {}

  std::vector<ListEntry> parse(std::string_view text) {
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    std::vector<std::string_view> words;
    while (!text.empty()) {
      ++line_;
      const size_t end = text.find('\n');
      split(text.substr(0, end), words);
      if (!words.empty()) add_line(words);
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    if (entries_.empty()) throw Error("the list names no file", name_, kRemedy);
    return std::move(entries_);
  }

 private:
  void add_line(const std::vector<std::string_view>& words) {
    const bool weighted = words.size() > 1;
    if (weighted_.value_or(weighted) != weighted) {
      refuse(weighted ? "a line with a weight in a list without weights"
                      : "a line without a weight in a list with weights");
    }
    weighted_ = weighted;
    if (words.size() == 1) return add(0, words[0], {});
    if (words.size() == 3) return add(weight(words[0]), words[1], words[2]);
    if (words.size() % 2 != 0) {
      refuse(fmt::format("{} words, which are no pairs of a weight and a prefix", words.size()));
    }
    for (size_t i = 0; i < words.size(); i += 2) add(weight(words[i]), words[i + 1], {});
  }

  double weight(std::string_view word) const {
    std::string_view digits = word;
    if (digits.size() > 1 && digits[0] == '+' && digits[1] != '-') digits.remove_prefix(1);
    double value = 0;
    const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (failure == std::errc::result_out_of_range)
      refuse(fmt::format("weight \"{}\" is too large or too small for f64", shown(word)));
    if (failure != std::errc() || end != digits.data() + digits.size())
      refuse(fmt::format("weight \"{}\" is no number", shown(word)));
    if (!std::isfinite(value) || value < 0)
      refuse(fmt::format("weight \"{}\" is no finite number >= 0", shown(word)));
    return value + 0.0;  // -0 becomes 0
  }

  void add(double weight, std::string_view prefix, std::string_view corpus) {
    if (!is_valid_utf8(prefix) || !is_valid_utf8(corpus)) refuse("a name that is not UTF-8");
    if (prefix.find('\0') != prefix.npos) refuse("a prefix with a zero byte");
    if (prefix.ends_with('/')) refuse(fmt::format("prefix \"{}\" ends in '/': it names no file", prefix));
    if (corpus.empty()) corpus = prefix.substr(prefix.rfind('/') + 1);
    entries_.push_back({weight, std::string(prefix), std::string(corpus)});
  }

  // Error messages are UTF-8 whatever stands in the list.
  static std::string shown(std::string_view word) { return repair_utf8(word.substr(0, 100)); }

  [[noreturn]] void refuse(const std::string& what) const {
    throw Error(what, fmt::format("{}:{}", name_, line_), kRemedy);
  }

  const std::string& name_;
  uint64_t line_ = 0;
  std::optional<bool> weighted_;  // what the lines so far were
  std::vector<ListEntry> entries_;
};

}  // namespace

std::vector<ListEntry> parse_data_list(std::string_view text, const std::string& name_in_errors) {
  return ListParser(name_in_errors).parse(text);
}

std::vector<ListEntry> read_data_list(const Path& path) {
  return parse_data_list(read_file(path), path.string());
}

Path list_entry_path(const Path& list, const ListEntry& entry) {
  return list.parent_path() / entry.prefix;  // an absolute prefix replaces the folder
}

}  // namespace aurora::format
