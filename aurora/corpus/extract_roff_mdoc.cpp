// The mdoc macro package, macros within a line: mdoc(7). Its blocks are in extract_roff_mdoc_blocks.cpp.
#include "aurora/corpus/extract_roff_mdoc.h"

#include <algorithm>

namespace aurora::corpus::roff {
namespace {

constexpr int kMaxNesting = 40;

bool is_closing(std::string_view word) {
  return word.size() == 1 && std::string_view(".,:;)]?!").find(word[0]) != std::string_view::npos;
}
bool is_opening(std::string_view word) {
  return word == "(" || word == "[";
}

struct Enclosure {
  const char* open;
  const char* close;
};
const Enclosure* find_enclosure(std::string_view name) {
  static const NameMap<Enclosure> kEnclosures = {
      {"Op", {"[", "]"}}, {"Qq", {"\"", "\""}}, {"Dq", {"“", "”"}},  {"Sq", {"‘", "’"}}, {"Ql", {"‘", "’"}},
      {"Pq", {"(", ")"}}, {"Bq", {"[", "]"}},   {"Brq", {"{", "}"}}, {"Aq", {"<", ">"}}, {"En", {"", ""}}};
  const auto found = kEnclosures.find(name);
  return found == kEnclosures.end() ? nullptr : &found->second;
}
// Macros that open or close an enclosure over several lines.
const Enclosure* find_half(std::string_view name) {
  static const NameMap<Enclosure> kHalves = {
      {"Oo", {"[", ""}},  {"Oc", {"", "]"}},  {"Qo", {"\"", ""}}, {"Qc", {"", "\""}},
      {"Do", {"“", ""}},  {"Dc", {"", "”"}},  {"So", {"‘", ""}},  {"Sc", {"", "’"}},
      {"Po", {"(", ""}},  {"Pc", {"", ")"}},  {"Bo", {"[", ""}},  {"Bc", {"", "]"}},
      {"Bro", {"{", ""}}, {"Brc", {"", "}"}}, {"Ao", {"<", ""}},  {"Ac", {"", ">"}}};
  const auto found = kHalves.find(name);
  return found == kHalves.end() ? nullptr : &found->second;
}
bool is_style(std::string_view name) {
  static constexpr std::string_view kStyles[] = {"Ad", "An", "Ar", "Bk", "Cd", "Cm", "Dv", "Em",
                                                 "Er", "Ev", "Fa", "Ft", "Ic", "Li", "Ms", "No",
                                                 "Pa", "Sx", "Sy", "Tn", "Va", "Vt"};
  return std::binary_search(std::begin(kStyles), std::end(kStyles), name);
}

// Names of systems and standards that stand for words.
std::string system_name(std::string_view name) {
  static const NameMap<const char*> kNames = {{"Ux", "UNIX"},    {"Bx", "BSD"},      {"Nx", "NetBSD"},
                                              {"Ox", "OpenBSD"}, {"Fx", "FreeBSD"},  {"Dx", "DragonFly"},
                                              {"Bsx", "BSD/OS"}, {"At", "AT&T UNIX"}};
  const auto found = kNames.find(name);
  return found == kNames.end() ? std::string() : found->second;
}
std::string standard_name(std::string_view code) {
  static const NameMap<const char*> kNames = {
      {"-ansiC", "ANSI X3.159-1989 (“ANSI C89”)"},
      {"-ansiC-89", "ANSI X3.159-1989 (“ANSI C89”)"},
      {"-isoC", "ISO/IEC 9899:1990 (“ISO C90”)"},
      {"-isoC-90", "ISO/IEC 9899:1990 (“ISO C90”)"},
      {"-isoC-99", "ISO/IEC 9899:1999 (“ISO C99”)"},
      {"-isoC-2011", "ISO/IEC 9899:2011 (“ISO C11”)"},
      {"-susv2", "Version 2 of the Single UNIX Specification (“SUSv2”)"},
      {"-susv3", "Version 3 of the Single UNIX Specification (“SUSv3”)"},
      {"-susv4", "Version 4 of the Single UNIX Specification (“SUSv4”)"}};
  const auto found = kNames.find(code);
  if (found != kNames.end()) return found->second;
  if (code.starts_with("-p1003.1")) return "IEEE Std " + std::string(code.substr(2)) + " (“POSIX.1”)";
  if (code.starts_with("-p1003.2")) return "IEEE Std " + std::string(code.substr(2)) + " (“POSIX.2”)";
  return std::string(code.substr(code.starts_with("-")));
}

}  // namespace

void MdocLine::emit(std::string_view text) {
  MdocState& state = engine_.mdoc;
  if (state.glue || (!state.spacing && !state.first_unspaced))
    engine_.out.glue();
  else
    engine_.out.space();
  state.glue = false;
  state.first_unspaced = false;
  engine_.out.text(text);
}

void MdocLine::attach(std::string_view text) {
  engine_.out.glue();
  engine_.out.text(text);
  engine_.mdoc.glue = false;
}

void MdocLine::word(const std::string& raw) {
  const std::string text = engine_.render(raw);
  if (is_closing(raw)) {
    attach(text);
  } else {
    emit(text);
    engine_.mdoc.glue = is_opening(raw);
  }
}

bool MdocLine::is_callable(std::string_view name) {
  if (name.size() < 2 || name.size() > 3) return false;
  static constexpr std::string_view kOthers[] = {"Ap", "Ec", "Eo", "Ex", "Fc", "Fl", "Fn",
                                                 "Fo", "In", "Lb", "Lk", "Mt", "Nm", "Ns",
                                                 "Pf", "Rv", "St", "Ta", "Xc", "Xo", "Xr"};
  return is_style(name) || find_enclosure(name) != nullptr || find_half(name) != nullptr ||
         std::binary_search(std::begin(kOthers), std::end(kOthers), name) || !system_name(name).empty();
}

size_t MdocLine::end_before_punctuation(size_t begin, size_t end) const {
  while (end > begin && is_closing(words_[end - 1])) --end;
  return end;
}

// Words and macros from `at` up to `end`.
void MdocLine::run(size_t at, size_t end, int nesting) {
  while (at < end) {
    if (is_callable(words_[at]) && nesting < kMaxNesting) {
      at = macro(at, end, nesting);
    } else {
      word(words_[at++]);
    }
  }
}

// Interprets the macro words_[at] and its arguments; returns where the line goes on.
size_t MdocLine::macro(size_t at, size_t end, int nesting) {
  const std::string& name = words_[at++];
  if (const Enclosure* enclosure = find_enclosure(name)) {
    const size_t last = end_before_punctuation(at, end);
    emit(enclosure->open);
    engine_.mdoc.glue = enclosure->open[0] != '\0';
    run(at, last, nesting + 1);
    attach(enclosure->close);
    return last;
  }
  if (const Enclosure* half = find_half(name)) {
    if (half->open[0] != '\0') {
      emit(half->open);
      engine_.mdoc.glue = true;
    } else {
      attach(half->close);
    }
    return at;
  }
  if (name == "Fl") return flags(at, end);
  if (is_style(name)) return style(name, at, end);
  return special(name, at, end, nesting);
}

size_t MdocLine::flags(size_t at, size_t end) {
  if (at == end || is_callable(words_[at]) || is_closing(words_[at])) {
    emit("-");
    engine_.mdoc.glue = at < end && is_callable(words_[at]);
    return at;
  }
  for (; at < end && !is_callable(words_[at]); ++at) {
    if (is_closing(words_[at]) || is_opening(words_[at]) || words_[at] == "|")
      word(words_[at]);
    else
      emit("-" + engine_.render(words_[at]));
  }
  return at;
}

size_t MdocLine::style(const std::string& name, size_t at, size_t end) {
  const bool in_synopsis = engine_.mdoc.section == "SYNOPSIS";
  if (in_synopsis && (name == "Ft" || (name == "Vt" && at == 1))) engine_.out.line_break();
  if (name == "Bk") return end;
  if (name == "An" && at < end && words_[at].starts_with("-")) return at + 1;
  if (at == end || is_callable(words_[at]) || is_closing(words_[at])) {
    if (name == "Ar") emit("file ...");
    if (name == "Pa") emit("~");
  }
  for (bool first = true; at < end && !is_callable(words_[at]); ++at, first = false) {
    if (name == "Fa" && !is_closing(words_[at])) {
      if (engine_.mdoc.function_arguments > 0 || !first) attach(",");
      if (engine_.mdoc.function_arguments >= 0) engine_.mdoc.glue = engine_.mdoc.function_arguments++ == 0;
    }
    word(words_[at]);
  }
  return at;
}

size_t MdocLine::special(const std::string& name, size_t at, size_t end, int nesting) {
  MdocState& state = engine_.mdoc;
  const bool in_synopsis = state.section == "SYNOPSIS";
  if (name == "Ns") {
    state.glue = true;
  } else if (name == "Ap") {
    attach("'");
    state.glue = true;
  } else if (name == "Pf") {
    if (at < end) word(words_[at++]);
    state.glue = true;
  } else if (name == "Ta") {
    emit("|");
  } else if (name == "Nm") {
    if (in_synopsis && at == 1) engine_.out.line_break();
    if (at < end && !is_callable(words_[at]) && !is_closing(words_[at])) {
      if (state.name.empty()) state.name = engine_.render(words_[at]);
      word(words_[at++]);
    } else if (!state.name.empty()) {
      emit(state.name);
    }
  } else if (name == "Xr") {
    if (at < end) word(words_[at++]);
    if (at < end && !is_closing(words_[at]) && !is_callable(words_[at]))
      attach("(" + engine_.render(words_[at++]) + ")");
  } else if (name == "Fn") {
    return function(at, end);
  } else if (name == "Fo") {
    if (in_synopsis) engine_.out.line_break();
    if (at < end) word(words_[at++]);
    attach("(");
    state.glue = true;
    state.function_arguments = 0;
  } else if (name == "Fc") {
    attach(")");
    if (in_synopsis) attach(";");
    state.function_arguments = -1;
  } else if (name == "In") {
    if (in_synopsis) engine_.out.line_break();
    if (at < end) emit((in_synopsis ? "#include <" : "<") + engine_.render(words_[at++]) + ">");
  } else if (name == "Lk") {
    return link(at, end);
  } else if (name == "St") {
    if (at < end) emit(standard_name(words_[at++]));
  } else if (name == "Ex") {
    const std::string program = at + 1 < end ? engine_.render(words_[at + 1]) : state.name;
    emit("The " + program + " utility exits 0 on success, and >0 if an error occurs.");
    return end;
  } else if (name == "Rv") {
    const std::string function_name = at + 1 < end ? engine_.render(words_[at + 1]) : state.name;
    emit("The " + function_name +
         "() function returns the value 0 if successful; otherwise the value -1 is returned "
         "and the global variable errno is set to indicate the error.");
    return end;
  } else if (name == "Xo" || name == "Xc") {
    if (state.in_head) state.extended_head = name == "Xo";
  } else if (const std::string system = system_name(name); !system.empty()) {
    return system_version(system, name == "Bx", at, end);
  } else {
    // Eo, Ec, Lb, Mt: their arguments are words.
    const size_t last = end_before_punctuation(at, end);
    run(at, last, nesting + 1);
    return last;
  }
  return at;
}

size_t MdocLine::function(size_t at, size_t end) {
  const size_t last = end_before_punctuation(at, end);
  const bool in_synopsis = engine_.mdoc.section == "SYNOPSIS";
  if (at == last) return at;
  word(words_[at++]);
  std::string call = "(";
  for (size_t first = at; at < last && !is_callable(words_[at]); ++at) {
    if (at > first) call += ", ";
    call += engine_.render(words_[at]);
  }
  attach(call + (in_synopsis && last == end ? ");" : ")"));
  return at;
}

// Text first, then the address.
size_t MdocLine::link(size_t at, size_t end) {
  const size_t last = end_before_punctuation(at, end);
  if (at == last) return at;
  const std::string address = engine_.render(words_[at++]);
  if (at == last) {
    emit(address);
  } else {
    run(at, last, kMaxNesting);
    emit("<" + address + ">");
  }
  return last;
}

// "At v7", "Bx 4.3 Reno", "Fx 9.0".
size_t MdocLine::system_version(const std::string& system, bool version_first, size_t at, size_t end) {
  std::string version;
  while (at < end && !is_callable(words_[at]) && !is_closing(words_[at])) {
    version += (version.empty() ? "" : " ") + engine_.render(words_[at]);
    ++at;
  }
  const size_t word = std::min(version.find(' '), version.size());
  if (version.empty()) {
    emit(system);
  } else if (system == "AT&T UNIX" && version.starts_with("v")) {
    emit("Version " + version.substr(1) + " AT&T UNIX");
  } else if (version_first) {
    emit(version.substr(0, word) + system + version.substr(word));
  } else {
    emit(system + " " + version);
  }
  return at;
}

namespace {

void inline_line(Engine& engine, const Args& words) {
  MdocLine line(engine, words);
  line.begin();
  line.run(0, words.size(), 0);
  line.end();
}

}  // namespace

MacroHandler find_mdoc_macro(std::string_view name) {
  if (const MacroHandler block = find_mdoc_block(name)) return block;
  return MdocLine::is_callable(name) ? inline_line : nullptr;
}

}  // namespace aurora::corpus::roff
