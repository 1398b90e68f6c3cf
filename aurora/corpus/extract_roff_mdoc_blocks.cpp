// The mdoc macro package, blocks: sections, lists, displays, references.
#include <algorithm>

#include "aurora/corpus/extract_roff_mdoc.h"

namespace aurora::corpus::roff {

void MdocLine::begin() {
  if (!engine_.fill && !engine_.mdoc.in_head) engine_.out.line_break();
}

void MdocLine::end() {
  MdocState& state = engine_.mdoc;
  if (!state.in_head || state.extended_head) return;
  state.in_head = false;
  if (state.lists.empty()) return;
  engine_.out.line_break();
  engine_.out.set_level(state.lists.back().level + 1);
}

namespace {

bool has_word(const Args& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

void run_words(Engine& engine, const Args& words, size_t first = 1) {
  MdocLine line(engine, words);
  line.run(first, words.size(), 0);
}

std::string joined(Engine& engine, const Args& words) {
  std::string text;
  for (size_t i = 1; i < words.size(); ++i) text += (i > 1 ? " " : "") + engine.render(words[i]);
  return text;
}

void document_title(Engine& engine, const Args& words) {
  if (words.size() > 1) engine.page.title = engine.render(words[1]);
  if (words.size() > 2) engine.page.section = engine.render(words[2]);
}
void prologue(Engine&, const Args&) {}

void section(Engine& engine, const Args& words) {
  const std::string name = std::move(engine.mdoc.name);
  engine.mdoc = MdocState();
  engine.mdoc.active = true;
  engine.mdoc.name = name;
  engine.mdoc.section = joined(engine, words);
  engine.fill = true;
  engine.out.set_level(0);
  engine.out.title(engine.mdoc.section);
}
void subsection(Engine& engine, const Args& words) {
  engine.out.title(joined(engine, words));
}
void paragraph(Engine& engine, const Args&) {
  engine.out.paragraph();
}

void begin_list(Engine& engine, const Args& words) {
  MdocList list;
  const std::string kind = words.size() > 1 ? words[1] : "-item";
  if (kind == "-bullet" || kind == "-dash" || kind == "-hyphen")
    list.kind = MdocList::Kind::kBullet;
  else if (kind == "-enum")
    list.kind = MdocList::Kind::kNumber;
  else if (kind == "-column")
    list.kind = MdocList::Kind::kColumn;
  else if (kind != "-item")
    list.kind = MdocList::Kind::kTag;
  list.compact = has_word(words, "-compact");
  list.level = engine.out.level();
  if (list.compact)
    engine.out.line_break();
  else
    engine.out.paragraph();
  engine.mdoc.lists.push_back(list);
}
void end_list(Engine& engine, const Args&) {
  if (engine.mdoc.lists.empty()) return;
  engine.out.set_level(engine.mdoc.lists.back().level);
  const bool nested = engine.mdoc.lists.size() > 1;
  engine.mdoc.lists.pop_back();
  if (nested)
    engine.out.line_break();
  else
    engine.out.paragraph();
}
void item(Engine& engine, const Args& words) {
  if (engine.mdoc.lists.empty()) return run_words(engine, words);
  MdocList& list = engine.mdoc.lists.back();
  engine.out.set_level(list.level);
  if (list.compact || list.kind == MdocList::Kind::kColumn)
    engine.out.line_break();
  else
    engine.out.paragraph();
  ++list.items;
  switch (list.kind) {
    case MdocList::Kind::kBullet:
      engine.out.marker("- ");
      engine.out.set_level(list.level + 1);
      break;
    case MdocList::Kind::kNumber:
      engine.out.marker(std::to_string(list.items) + ". ");
      engine.out.set_level(list.level + 1);
      break;
    case MdocList::Kind::kTag: {
      engine.mdoc.in_head = true;
      MdocLine line(engine, words);
      line.run(1, words.size(), 0);
      line.end();
      break;
    }
    case MdocList::Kind::kColumn:
      run_words(engine, words);
      break;
    case MdocList::Kind::kItem:
      break;
  }
}

void begin_display(Engine& engine, const Args& words) {
  if (has_word(words, "-compact"))
    engine.out.line_break();
  else
    engine.out.paragraph();
  engine.mdoc.displays.emplace_back(engine.fill, engine.out.level());
  if (has_word(words, "-literal") || has_word(words, "-unfilled")) engine.fill = false;
  if (has_word(words, "-offset")) engine.out.set_level(engine.out.level() + 1);
}
void end_display(Engine& engine, const Args&) {
  if (engine.mdoc.displays.empty()) return;
  engine.out.line_break();
  engine.fill = engine.mdoc.displays.back().first;
  engine.out.set_level(engine.mdoc.displays.back().second);
  engine.mdoc.displays.pop_back();
  if (engine.fill) engine.out.paragraph();
}
void display_line(Engine& engine, const Args& words) {
  const int level = engine.out.level();
  engine.out.line_break();
  engine.out.set_level(level + 1);
  run_words(engine, words);
  engine.out.line_break();
  engine.out.set_level(level);
}

void description(Engine& engine, const Args& words) {
  engine.out.space();
  engine.out.text("-");
  run_words(engine, words);
}
void file_directive(Engine& engine, const Args& words) {
  engine.out.line_break();
  engine.out.text(joined(engine, words));
  engine.out.line_break();
}
void spacing(Engine& engine, const Args& words) {
  engine.mdoc.spacing = words.size() > 1 ? words[1] != "off" : !engine.mdoc.spacing;
  engine.mdoc.first_unspaced = !engine.mdoc.spacing;
}

void begin_reference(Engine& engine, const Args&) {
  engine.mdoc.reference_fields = 0;
}
void end_reference(Engine& engine, const Args&) {
  if (engine.mdoc.reference_fields > 0) {
    engine.out.glue();
    engine.out.text(".");
  }
  engine.mdoc.reference_fields = -1;
}
void reference_field(Engine& engine, const Args& words) {
  if (engine.mdoc.reference_fields >= 0 && engine.mdoc.reference_fields++ > 0) {
    engine.out.glue();
    engine.out.text(",");
  }
  run_words(engine, words);
}

}  // namespace

MacroHandler find_mdoc_block(std::string_view name) {
  static const NameMap<MacroHandler> kBlocks = {
      {"Dd", prologue},     {"Dt", document_title}, {"Os", prologue},        {"Sh", section},
      {"Ss", subsection},   {"Pp", paragraph},      {"Lp", paragraph},       {"Bl", begin_list},
      {"El", end_list},     {"It", item},           {"Bd", begin_display},   {"Ed", end_display},
      {"Dl", display_line}, {"D1", display_line},   {"Nd", description},     {"Fd", file_directive},
      {"Sm", spacing},      {"Ek", prologue},       {"Rs", begin_reference}, {"Re", end_reference}};
  if (name.size() == 2 && name[0] == '%') return reference_field;
  const auto found = kBlocks.find(name);
  return found == kBlocks.end() ? nullptr : found->second;
}

}  // namespace aurora::corpus::roff
