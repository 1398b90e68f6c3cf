// Man pages: encodings, languages and aliases around the roff reader.
#include <algorithm>
#include <optional>
#include <vector>

#include "aurora/corpus/extract_roff.h"
#include "aurora/corpus/read_bytes.h"
#include "aurora/corpus/read_format.h"

namespace aurora::corpus {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

// "ls.1", "printf.3p", "git.1.fr"; and the first lines begin with a request or comment.
bool claims(std::string_view name, std::string_view head) {
  const size_t dot = name.rfind('.');
  const bool section = dot != std::string_view::npos && dot > 0 && dot + 1 < name.size() &&
                       is_digit(name[dot + 1]) &&
                       std::all_of(name.begin() + static_cast<long>(dot) + 2, name.end(), is_lower);
  for (size_t at = 0; at < head.size();) {
    const std::string_view line = head.substr(at, head.find('\n', at) - at);
    const bool control = !line.empty() && (line[0] == '.' || line[0] == '\'');
    const bool prologue = line.starts_with(".TH ") || line.starts_with(".Dd") || line.starts_with(".Dt ");
    if (prologue) return true;
    if (section && control) return true;
    if (!line.empty() && !control) return false;
    at += line.size() + 1;
  }
  return false;
}

// "fr" of "fr/man1/ls.1", "zh" of "zh_CN/man1/...", with its encoding if that is named ("fr.ISO8859-1").
struct Locale {
  std::string language;
  std::string encoding;
};
Locale locale_of(std::string_view source) {
  // The folder above manN, or the last one if there is no manN.
  std::vector<std::string_view> folders;
  for (size_t at = 0, slash; (slash = source.find('/', at)) != std::string_view::npos; at = slash + 1)
    folders.push_back(source.substr(at, slash - at));
  if (!folders.empty() && folders.back().starts_with("man") && folders.back().size() >= 4 &&
      is_digit(folders.back()[3]))
    folders.pop_back();
  if (folders.empty()) return {};
  const std::string_view name = folders.back();
  const size_t end = std::min(name.find_first_of("_.@"), name.size());
  if (end < 2 || end > 3 || !std::all_of(name.begin(), name.begin() + static_cast<long>(end), is_lower) ||
      name == "man")
    return {};
  Locale locale{std::string(name.substr(0, end)), {}};
  if (const size_t dot = name.find('.'); dot != std::string_view::npos)
    locale.encoding = name.substr(dot + 1, name.find('@', dot) - dot - 1);
  else if (name.starts_with("zh_TW"))
    locale.encoding = "big5";
  return locale;
}

std::string_view legacy_encoding(std::string_view language) {
  struct Row {
    std::string_view languages;
    std::string_view encoding;
  };
  static constexpr Row kRows[] = {{"ja", "euc-jp"},
                                  {"ko", "euc-kr"},
                                  {"zh", "gb18030"},
                                  {"ru be uk bg", "koi8-r"},
                                  {"cs hu pl hr sk sl ro sq", "iso-8859-2"},
                                  {"el", "iso-8859-7"},
                                  {"tr", "iso-8859-9"},
                                  {"lt lv et", "iso-8859-13"}};
  if (!language.empty())
    for (const Row& row : kRows)
      if (row.languages.find(language) != std::string_view::npos) return row.encoding;
  return "windows-1252";
}

// The Emacs tag that man(1) reads: '\" -*- coding: EUC-JP -*- in the first two lines.
std::string_view coding_tag(std::string_view bytes) {
  size_t end = bytes.find('\n');
  if (end != std::string_view::npos) end = bytes.find('\n', end + 1);
  const std::string_view head = bytes.substr(0, std::min<size_t>(end, 400));
  const size_t tag = head.find("coding:");
  if (tag == std::string_view::npos || head.find("-*-") == std::string_view::npos) return {};
  const size_t begin = head.find_first_not_of(" \t", tag + 7);
  if (begin == std::string_view::npos) return {};
  std::string_view name = head.substr(begin, head.find_first_of(" ;\t\n", begin) - begin);
  return name;
}

void read(std::string&& bytes, const ReadContext& context) {
  const Locale locale = locale_of(context.source);
  std::string tag(coding_tag(bytes));
  tag.erase(std::remove(tag.begin(), tag.end(), '\\'), tag.end());  // ISO\-8859\-1
  EncodingGuess guess;
  guess.fallback = legacy_encoding(locale.language);
  guess.declared = !tag.empty() ? std::string_view(tag) : std::string_view(locale.encoding);
  std::optional<DecodedText> decoded = decode_text(std::move(bytes), guess, context);
  if (!decoded) return;
  ManPage page = roff_to_text(decoded->text);
  if (page.text.empty() && !page.alias_target.empty()) return context.problem("alias", page.alias_target);
  RawDocument document = decoded_document("man", *decoded, context);
  document.text = std::move(page.text);
  document.title = page.section.empty() ? page.title : page.title + "(" + page.section + ")";
  document.language_hint = locale.language;
  if (page.truncated) document.attributes.emplace_back("truncated", "macro_expansion");
  send_document(std::move(document), context);
}

}  // namespace

const Format kManFormat = {"man", claims, read, nullptr, uint64_t{64} << 20};

}  // namespace aurora::corpus
