// The man macro package (man(7), with groff_man's extensions).
#include <algorithm>
#include <cctype>

#include "aurora/corpus/extract_roff_engine.h"

namespace aurora::corpus::roff {

namespace {

// "BR a b c" alternates fonts, so its words touch; "B a b c" does not.
std::string words_between(Engine& engine, const Args& words, std::string_view between) {
  std::string line;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0) line += between;
    line += engine.render(words[i]);
  }
  return line;
}

void put_font(Engine& engine, const Args& words) {
  if (!words.empty()) engine.put(words_between(engine, words, " "));
}
void put_alternating(Engine& engine, const Args& words) {
  if (!words.empty()) engine.put(words_between(engine, words, ""));
}

void leave_item(Engine& engine) {
  if (engine.man.awaits == ManState::Awaits::kTag && !engine.man.awaited.empty())
    write_tag(engine, engine.man.awaited);
  engine.man.awaits = ManState::Awaits::kNothing;
  engine.man.awaited.clear();
  engine.man.hanging = false;
  engine.out.set_level(engine.man.level);
}

void separate(Engine& engine) {
  if (engine.man.compact)
    engine.out.line_break();
  else
    engine.out.paragraph();
}

void paragraph(Engine& engine, const Args&) {
  separate(engine);
  leave_item(engine);
}

void tagged(Engine& engine, const Args&) {
  separate(engine);
  leave_item(engine);
  engine.man.awaits = ManState::Awaits::kTag;
}
void another_tag(Engine& engine, const Args&) {
  engine.out.line_break();
  leave_item(engine);
  engine.man.awaits = ManState::Awaits::kTag;
}
void indented(Engine& engine, const Args& words) {
  separate(engine);
  leave_item(engine);
  const std::string tag = words.empty() ? std::string() : engine.render(words[0]);
  write_tag(engine, tag);
}

void right_shift(Engine& engine, const Args&) {
  leave_item(engine);
  engine.out.line_break();
  engine.out.set_level(++engine.man.level);
}
void right_end(Engine& engine, const Args& words) {
  leave_item(engine);
  engine.out.line_break();
  if (engine.man.level > 0) --engine.man.level;
  if (!words.empty() && words[0] == "1") engine.man.level = 0;
  engine.out.set_level(engine.man.level);
}

void begin_heading(Engine& engine, const Args& words) {
  leave_item(engine);
  engine.man.level = 0;
  engine.man.compact = false;
  engine.fill = true;
  engine.own_lines = 0;
  engine.out.set_level(0);
  engine.out.paragraph();
  if (words.empty()) {
    engine.man.awaits = ManState::Awaits::kTitle;
  } else {
    write_heading(engine, words_between(engine, words, " "));
  }
}

void title(Engine& engine, const Args& words) {
  if (!words.empty()) engine.page.title = engine.render(words[0]);
  if (words.size() > 1) engine.page.section = engine.render(words[1]);
}

void distance(Engine& engine, const Args& words) {
  engine.man.compact = !words.empty() && words[0][0] == '0';
}

void example(Engine& engine, const Args&) {
  engine.out.line_break();
  engine.fill = false;
}
void example_end(Engine& engine, const Args&) {
  engine.out.line_break();
  engine.fill = true;
}

void open_link(Engine& engine, const Args& words) {
  engine.man.link = words.empty() ? std::string() : engine.render(words[0]);
  engine.man.link_begin = engine.out.size() + engine.man.awaited.size();
}
void close_link(Engine& engine, const Args& words) {
  const bool has_text = engine.out.size() + engine.man.awaited.size() > engine.man.link_begin;
  std::string link;
  link.swap(engine.man.link);
  if (!link.empty()) {
    const std::string after = words.empty() ? std::string() : engine.render(words[0]);
    engine.put((has_text ? "<" + link + ">" : link) + after);
  } else if (!words.empty()) {
    engine.glue_next();
    engine.put(engine.render(words[0]));
  }
}
// .URL address text after
void link_line(Engine& engine, const Args& words) {
  if (words.empty()) return;
  const std::string address = engine.render(words[0]);
  const std::string text = words.size() > 1 ? engine.render(words[1]) : std::string();
  engine.put((text.empty() ? address : text + " <" + address + ">") +
             (words.size() > 2 ? engine.render(words[2]) : std::string()));
}

void synopsis(Engine& engine, const Args& words) {
  engine.out.line_break();
  leave_item(engine);
  put_font(engine, words);
}
void synopsis_end(Engine& engine, const Args&) {
  engine.out.line_break();
}
void optional(Engine& engine, const Args& words) {
  engine.put("[" + words_between(engine, words, " ") + "]");
}

const NameMap<MacroHandler>& man_macros() {
  static const NameMap<MacroHandler> kMacros = {
      {"TH", title},           {"SH", begin_heading},   {"SS", begin_heading},   {"PP", paragraph},
      {"P", paragraph},        {"LP", paragraph},       {"HP", paragraph},       {"TP", tagged},
      {"TQ", another_tag},     {"IP", indented},        {"RS", right_shift},     {"RE", right_end},
      {"PD", distance},        {"EX", example},         {"EE", example_end},     {"B", put_font},
      {"I", put_font},         {"SM", put_font},        {"SB", put_font},        {"CW", put_font},
      {"BI", put_alternating}, {"BR", put_alternating}, {"IB", put_alternating}, {"IR", put_alternating},
      {"RB", put_alternating}, {"RI", put_alternating}, {"UR", open_link},       {"MT", open_link},
      {"UE", close_link},      {"ME", close_link},      {"URL", link_line},      {"MTO", link_line},
      {"SY", synopsis},        {"YS", synopsis_end},    {"OP", optional}};
  return kMacros;
}

bool is_bullet(std::string_view tag) {
  static constexpr std::string_view kBullets[] = {"•", "*", "-", "–", "—", "·", "o",
                                                  "+", "−", "●", "○", "◦", "▪", "∗"};
  return std::find(std::begin(kBullets), std::end(kBullets), tag) != std::end(kBullets);
}

// "3.", "(a)", "[12]", "ii)": at most five characters that begin with a sign or end in one.
bool is_number(std::string_view tag) {
  if (tag.size() < 2 || tag.size() > 5) return false;
  const std::string_view inner = tag.substr(tag[0] == '(' || tag[0] == '[');
  if (std::string_view(".)]:").find(tag.back()) == std::string_view::npos) return false;
  const auto name = inner.substr(0, inner.size() - 1);
  const bool digits = std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
  return !name.empty() &&
         (digits || name.size() <= 1 || name.find_first_not_of("ivx") == std::string_view::npos);
}

}  // namespace

MacroHandler find_man_macro(std::string_view name) {
  const auto found = man_macros().find(name);
  return found == man_macros().end() ? nullptr : found->second;
}

void write_heading(Engine& engine, std::string_view heading) {
  engine.man.awaits = ManState::Awaits::kNothing;
  engine.man.awaited.clear();
  engine.out.title(heading);
}

void write_tag(Engine& engine, std::string_view tag) {
  while (!tag.empty() && (tag.back() == ' ' || tag.back() == '\t')) tag.remove_suffix(1);
  while (!tag.empty() && (tag.front() == ' ' || tag.front() == '\t')) tag.remove_prefix(1);
  engine.man.awaits = ManState::Awaits::kNothing;
  engine.man.hanging = true;
  if (is_bullet(tag)) {
    engine.out.marker("- ");
  } else if (is_number(tag)) {
    engine.out.marker(std::string(tag) + " ");
  } else if (!tag.empty()) {
    engine.out.text(tag);
    engine.out.line_break();
  }
  engine.out.set_level(engine.out.level() + 1);
}

bool take_awaited(Engine& engine, std::string_view text, bool word_open) {
  if (text.find_first_not_of(" \t") == std::string_view::npos && engine.man.awaited.empty()) return true;
  engine.man.awaited += text;
  if (word_open) return true;
  std::string awaited;
  awaited.swap(engine.man.awaited);
  if (engine.man.awaits == ManState::Awaits::kTitle)
    write_heading(engine, awaited);
  else
    write_tag(engine, awaited);
  return true;
}

}  // namespace aurora::corpus::roff
