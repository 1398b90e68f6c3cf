#include "aurora/corpus/extract_roff_engine.h"

#include <algorithm>

namespace aurora::corpus {
namespace roff {
namespace {

constexpr size_t kMaxDepth = 100;             // of macro calls
constexpr uint64_t kExpansionBase = 1 << 20;  // bytes that any page may expand to beyond its size
constexpr uint64_t kExpansionFactor = 16;

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

void skip_blanks(std::string_view& text) {
  size_t at = 0;
  while (at < text.size() && is_blank(text[at])) ++at;
  text.remove_prefix(at);
}

// Whether the line goes on in the next one: it ends in an odd number of backslashes outside a comment.
bool is_continued(std::string_view line) {
  size_t backslashes = 0;
  while (backslashes < line.size() && line[line.size() - 1 - backslashes] == '\\') ++backslashes;
  return backslashes % 2 == 1 && line.find("\\\"") == std::string_view::npos;
}

// Counts \{ less \} in a line.
int block_balance(std::string_view line) {
  int balance = 0;
  for (size_t at = line.find('\\'); at < line.size() && at + 1 < line.size(); at = line.find('\\', at + 2)) {
    balance += (line[at + 1] == '{') - (line[at + 1] == '}');
    if (line[at + 1] == '"') break;
  }
  return balance;
}

}  // namespace

Engine::Engine(std::string_view source) : budget_(kExpansionBase + kExpansionFactor * source.size()) {
  sources_.push_back({nullptr, source, 0, {}});
}

ManPage Engine::run() {
  std::string_view line;
  while (!stopped_ && next_line(line)) process_line(line);
  page.text = out.finish();
  return std::move(page);
}

bool Engine::spend(uint64_t bytes) {
  if (bytes > budget_) {
    page.truncated = true;
    return false;
  }
  budget_ -= bytes;
  return true;
}

bool Engine::next_piece(std::string_view& line) {
  while (sources_.size() > floor_ && sources_.back().at >= sources_.back().text.size()) {
    if (sources_.size() == floor_ + 1 && floor_ == 0) return false;
    sources_.pop_back();
  }
  if (sources_.size() <= floor_) return false;
  Source& source = sources_.back();
  const size_t end = std::min(source.text.find('\n', source.at), source.text.size());
  line = source.text.substr(source.at, end - source.at);
  source.at = end + 1;
  return true;
}

bool Engine::next_line(std::string_view& line) {
  if (!next_piece(line)) return false;
  if (!has_escapes || line.empty() || line.back() != '\\' || !is_continued(line)) return true;
  joined_.assign(line, 0, line.size() - 1);
  while (next_piece(line)) {
    const bool continues = is_continued(line);
    joined_.append(line, 0, line.size() - continues);
    if (!continues) break;
  }
  line = joined_;
  return true;
}

std::string Engine::process_apart(std::string_view lines) {
  TextWriter outer(true);
  std::swap(outer, out);
  const ManState outer_man = man;
  const bool outer_fill = fill;
  const size_t outer_floor = floor_;
  fill = true;
  man = ManState();
  man.compact = true;
  floor_ = sources_.size();
  // The arguments of the macro that holds the lines stay visible to them.
  sources_.push_back({nullptr, lines, 0, sources_.empty() ? Args() : sources_.back().args});
  std::string_view line;
  while (!stopped_ && next_line(line)) process_line(line);
  sources_.resize(floor_);
  floor_ = outer_floor;
  fill = outer_fill;
  man = outer_man;
  std::string text = out.finish();
  std::swap(outer, out);
  TextWriter one_line(true);
  one_line.text(text);
  return one_line.finish();
}

void Engine::process_line(std::string_view line) {
  std::string unblocked;
  if (open_blocks > 0 && line.find("\\}") != std::string_view::npos) {
    unblocked = line;
    for (size_t at = unblocked.find("\\}"); at != std::string::npos; at = unblocked.find("\\}", at)) {
      unblocked.erase(at, 2);
      if (open_blocks > 0) --open_blocks;
    }
    if (unblocked.find_first_not_of(".' \t") == std::string::npos) return;
    line = unblocked;
  }
  // A condition's remainder is a line again: a loop, so that a line of many conditions needs no stack.
  while (true) {
    if (line.empty() || (line[0] != '.' && line[0] != '\'')) return put_line(line);
    line.remove_prefix(1);
    skip_blanks(line);
    size_t end = 0;
    while (end < line.size() && !is_blank(line[end]) && line[end] != '\\') ++end;
    const std::string_view name = line.substr(0, end);
    std::string_view rest = line.substr(end);
    if (name.empty()) return;
    bool holds = true;
    if (name == "if" || name == "ie") {
      skip_blanks(rest);
      holds = take_condition(&rest);
      if (name == "ie") ie_results.push_back(holds);
    } else if (name == "el") {
      if (!ie_results.empty()) {
        holds = !ie_results.back();
        ie_results.pop_back();
      }
    } else if (name != "nop" && name != "do") {
      return call(name, rest);
    }
    skip_blanks(rest);
    if (!holds) return skip_block(rest);
    while (rest.starts_with("\\{")) {
      ++open_blocks;
      rest.remove_prefix(2);
      skip_blanks(rest);
    }
    if (rest.empty()) return;
    if (name == "do")
      return call(rest.substr(0, rest.find(' ')), rest.substr(std::min(rest.size(), rest.find(' '))));
    line = rest;
  }
}

void Engine::skip_block(std::string_view line) {
  int depth = block_balance(line);
  while (depth > 0 && next_line(line)) depth += block_balance(line);
}

void Engine::call(std::string_view name, std::string_view rest) {
  if (const auto found = macros.find(name); found != macros.end()) {
    const auto body = found->second;
    if (sources_.size() - floor_ > kMaxDepth || !spend(body->size() + 64)) return;
    Args args = split_words(interpolate(rest));
    args.insert(args.begin(), std::string(name));
    sources_.push_back({body, *body, 0, std::move(args)});
    return;
  }
  if (const RequestHandler request = find_request(name)) return request(*this, rest);
  const MacroHandler macro = find_mdoc_macro(name);
  if (macro != nullptr && (mdoc.active || name == "Dd" || name == "Dt" || name == "Sh")) {
    mdoc.active = true;
    std::string line = interpolate(rest);
    // Old column lists separate cells by tabs, new ones by Ta.
    if (name == "It")
      for (size_t tab = line.find('\t'); tab != std::string::npos; tab = line.find('\t'))
        line.replace(tab, 1, " Ta ");
    Args words = split_words(line);
    words.insert(words.begin(), std::string(name));
    return macro(*this, words);
  }
  if (const MacroHandler handler = find_man_macro(name)) handler(*this, split_words(interpolate(rest)));
}

Args Engine::split_words(std::string_view text) {
  Args words;
  size_t at = 0;
  while (true) {
    while (at < text.size() && is_blank(text[at])) ++at;
    if (at == text.size()) return words;
    std::string word;
    if (text[at] == '"') {
      for (++at; at < text.size(); ++at) {
        if (text[at] == '"') {
          if (at + 1 == text.size() || text[at + 1] != '"') break;
          ++at;
        }
        word += text[at];
      }
      at = std::min(at + 1, text.size());
    } else {
      while (at < text.size() && !is_blank(text[at])) {
        if (text[at] == '\\' && at + 1 < text.size()) word += text[at++];
        word += text[at++];
      }
    }
    words.push_back(std::move(word));
  }
}

void Engine::define_macro(std::string_view name, std::string_view end_name, bool append, bool keep) {
  std::string body;
  const std::string key(name);
  if (const auto found = macros.find(key); append && found != macros.end()) body = *found->second;
  std::string_view line;
  while (next_line(line)) {
    std::string copied = interpolate(line, true);
    if (!copied.empty() && (copied[0] == '.' || copied[0] == '\'')) {
      std::string_view rest = std::string_view(copied).substr(1);
      skip_blanks(rest);
      if (rest.starts_with(end_name) && (rest.size() == end_name.size() || is_blank(rest[end_name.size()]) ||
                                         rest[end_name.size()] == '\\'))
        break;
    }
    if (!keep) continue;
    body += copied;
    body += '\n';
  }
  if (keep && !key.empty() && spend(body.size()))
    macros[key] = std::make_shared<const std::string>(std::move(body));
}

std::string Engine::render(std::string_view text) {
  if (text.find('\\') == std::string_view::npos && translations.empty()) return std::string(text);
  Rendered rendered = render_escapes(text, translations);
  if (rendered.word_open) glue_next();
  return std::move(rendered.text);
}

void Engine::put_line(std::string_view line) {
  if (!has_escapes || (line.find('\\') == std::string_view::npos && translations.empty())) return put(line);
  Rendered rendered = render_escapes(interpolate(line), translations);
  if (rendered.outdents && out.at_line_start() && man.level > 0) out.set_level(out.level() - 1);
  // A line of nothing but escapes (\&, fonts, comments) is no blank line.
  if (!rendered.text.empty()) put(rendered.text);
  if (rendered.word_open) word_open_ = true;
}

void Engine::put(std::string_view text) {
  const bool continues = word_open_;
  word_open_ = false;
  if (man.awaits != ManState::Awaits::kNothing && take_awaited(*this, text, false)) return;
  if (text.find_first_not_of(" \t") == std::string_view::npos) {
    out.paragraph();
  } else if (!fill || own_lines > 0) {
    if (!continues) out.line_break();
    out.exact(text);
    if (own_lines > 0 && --own_lines == 0) out.line_break();
  } else if (is_blank(text[0]) && !continues) {
    out.line_break();
    out.exact(text);
  } else {
    if (!continues) out.line_end();
    // Pages made from DocBook write their bullets as text.
    if (out.at_line_start() && text.starts_with("•")) {
      out.marker("- ");
      text.remove_prefix(std::string_view("•").size());
    }
    out.text(text);
  }
}

}  // namespace roff

ManPage roff_to_text(std::string_view source) {
  return roff::Engine(source).run();
}

}  // namespace aurora::corpus
