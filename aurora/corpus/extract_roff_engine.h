// The roff interpreter behind roff_to_text(). Input is a stack of texts (the page, and above it the bodies of
// the macros being called); each line is a request, a macro call or text. Macros that the page defines hide
// the built-in ones of the man and mdoc packages, which are handlers on the engine.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "aurora/corpus/extract_roff.h"
#include "aurora/corpus/extract_writer.h"

namespace aurora::corpus::roff {

class Engine;
using Args = std::vector<std::string>;
using MacroHandler = void (*)(Engine&, const Args& words);
using RequestHandler = void (*)(Engine&, std::string_view rest_of_line);

struct NameHash {
  using is_transparent = void;
  size_t operator()(std::string_view name) const { return std::hash<std::string_view>{}(name); }
};
template <typename T>
using NameMap = std::unordered_map<std::string, T, NameHash, std::equal_to<>>;

// Where the man macros stand.
struct ManState {
  int level = 0;         // indentation by .RS
  bool hanging = false;  // inside the body of a .TP or .IP item
  enum class Awaits { kNothing, kTag, kTitle } awaits = Awaits::kNothing;  // what the next output is
  std::string awaited;                                                     // its part before a \c
  bool compact = false;                                                    // .PD 0
  std::string link;                                                        // of the open .UR or .MT
  size_t link_begin = 0;                                                   // out.size() when it was opened
};

struct MdocList {
  enum class Kind { kItem, kBullet, kNumber, kTag, kColumn } kind = Kind::kItem;
  int items = 0;
  int level = 0;  // of the list's items
  bool compact = false;
};
// Where the mdoc macros stand.
struct MdocState {
  bool active = false;  // .Dd, .Dt or .Sh was seen
  std::string name;     // of the first .Nm
  std::string section;  // title of the current .Sh
  std::vector<MdocList> lists;
  std::vector<std::pair<bool, int>> displays;  // for each open .Bd: fill and level before it
  bool in_head = false;                        // of an .It, which an .Xo may stretch over lines
  bool extended_head = false;
  bool glue = false;            // the next word follows without a space
  bool spacing = true;          // .Sm
  bool first_unspaced = false;  // the first word behind .Sm off still has its space
  int function_arguments = -1;  // of an open .Fo
  int reference_fields = -1;    // of an open .Rs
};

class Engine {
 public:
  explicit Engine(std::string_view source);
  ManPage run();

  // The next input line, macro bodies unrolled; false at the end. Valid until the next call.
  bool next_line(std::string_view& line);
  void process_line(std::string_view line);
  // What `lines` come to, with their line ends as spaces.
  std::string process_apart(std::string_view lines);
  void stop() { stopped_ = true; }

  // Replaces \*(xx, \n(xx, \$1 and \w'..', drops comments. In copy mode \\ becomes \, too.
  std::string interpolate(std::string_view text, bool copy_mode = false);
  std::string render(std::string_view text);  // all other escapes, to plain text
  double evaluate(std::string_view& expression);
  // Reads the condition off the front of *rest.
  bool take_condition(std::string_view* rest);
  static Args split_words(std::string_view text);

  // Output of one input line: more words of the paragraph, or a line of its own when not filling.
  void put(std::string_view text);
  void glue_next() { word_open_ = true; }  // the next put() continues the last word

  void define_macro(std::string_view name, std::string_view end_name, bool append, bool keep);
  void skip_block(std::string_view line);

  TextWriter out{true};
  ManPage page;
  ManState man;
  MdocState mdoc;
  bool fill = true;
  int own_lines = 0;  // .ce: so many lines stay lines
  bool has_escapes = true;
  int open_blocks = 0;           // \{ of conditions that hold
  std::vector<bool> ie_results;  // of .ie without their .el
  NameMap<std::string> strings;
  NameMap<double> registers;
  NameMap<std::shared_ptr<const std::string>> macros;
  NameMap<std::string> translations;  // .tr

 private:
  struct Source {
    std::shared_ptr<const std::string> owner;
    std::string_view text;
    size_t at = 0;
    Args args;  // $0 first
  };
  void call(std::string_view name, std::string_view rest);
  void put_line(std::string_view line);
  bool next_piece(std::string_view& line);
  void interpolate_into(std::string& result, std::string_view text, bool copy_mode, int depth);
  size_t interpolate_escape(std::string& result, std::string_view text, size_t at, bool copy_mode, int depth);
  void append_string(std::string& result, std::string_view name, bool copy_mode, int depth);
  void append_register(std::string& result, std::string_view name, char sign);
  void append_argument(std::string& result, std::string_view name);
  double evaluate_sum(std::string_view& text, int depth);
  double evaluate_operand(std::string_view& text, int depth);
  bool spend(uint64_t bytes);

  std::vector<Source> sources_;
  size_t floor_ = 0;    // sources below are not read: process_apart()
  std::string joined_;  // a line made of several
  uint64_t budget_;     // bytes that macros and strings may still add
  bool stopped_ = false;
  bool word_open_ = false;
};

// Takes the name of an escape at text[at]: "x", "(xx" or "[long]". Moves `at` behind it.
std::string_view take_name(std::string_view text, size_t* at);
// Takes a delimited argument 'like this'; `at` is at the opening delimiter.
std::string_view take_delimited(std::string_view text, size_t* at);

// What \(xx or \[name] stands for; empty if it is not known.
std::string special_character(std::string_view name);
// A string that the man and mdoc packages define; nullptr if there is none.
const char* package_string(std::string_view name);

struct Rendered {
  std::string text;
  bool outdents = false;   // began with a movement to the left
  bool word_open = false;  // ended in \c
};
Rendered render_escapes(std::string_view text, const NameMap<std::string>& translations);

// nullptr if the name is none of theirs.
RequestHandler find_request(std::string_view name);
MacroHandler find_man_macro(std::string_view name);
MacroHandler find_mdoc_macro(std::string_view name);

// With .TS read: reads up to .TE and writes the rows as "a | b | c".
void read_table(Engine& engine);
// Takes the output that a .TP or an .SH without arguments waits for. False if none is awaited.
bool take_awaited(Engine& engine, std::string_view text, bool word_open);
void write_heading(Engine& engine, std::string_view title);
// Opens an item at the current level: a bullet or number becomes a marker, other tags a line of their own.
void write_tag(Engine& engine, std::string_view tag);

}  // namespace aurora::corpus::roff
