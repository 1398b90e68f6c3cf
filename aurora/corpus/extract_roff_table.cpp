// tbl(1): the cells of a table, row by row. Widths, alignment, boxes and spans are layout and go.
#include <algorithm>

#include "aurora/corpus/extract_roff_engine.h"

namespace aurora::corpus::roff {
namespace {

// Rules, and cells that the one above spans.
bool is_layout(std::string_view cell) {
  return cell == "_" || cell == "=" || cell == "\\_" || cell == "\\=" || cell == "\\^";
}

class TableReader {
 public:
  explicit TableReader(Engine& engine) : engine_(engine) {}

  void run() {
    engine_.out.paragraph();
    std::string_view line;
    bool open = engine_.next_line(line);
    if (open && line.ends_with(";") && line.find('\\') == std::string_view::npos) {
      read_options(line);
      open = engine_.next_line(line);
    }
    open = open && skip_format(&line);
    while (open && !line.starts_with(".TE")) {
      row(line);
      open = engine_.next_line(line);
    }
    engine_.out.paragraph();
  }

 private:
  void read_options(std::string_view line) {
    const size_t tab = line.find("tab");
    if (tab == std::string_view::npos) return;
    const size_t open = line.find('(', tab);
    if (open != std::string_view::npos && open + 1 < line.size()) separator_ = line[open + 1];
  }
  // *line is the first line of the format; it becomes the first behind it. False at the end of the input.
  // Some pages forget the format: what cannot be one is a row.
  bool skip_format(std::string_view* line) {
    while (true) {
      std::string_view format = *line;
      while (!format.empty() && (format.back() == ' ' || format.back() == '\t')) format.remove_suffix(1);
      if (format.starts_with(".") || format.find_first_of("\\:;<>@\"'") != std::string_view::npos)
        return true;
      const bool last = format.ends_with(".");
      if (!engine_.next_line(*line)) return false;
      if (last) return true;
    }
  }

  void row(std::string_view line) {
    if (line.starts_with(".T&")) {
      if (engine_.next_line(line) && skip_format(&line)) row(line);
      return;
    }
    // Requests between rows: .br, .ft, .if and the like.
    if (line.starts_with(".") && line.size() > 1 && (line[1] < '0' || line[1] > '9')) {
      return engine_.process_line(line);
    }
    std::string cells;
    size_t count = 0, filled = 0;
    bool more = true;
    std::string current(line);
    std::string_view rest = current;
    while (more) {
      std::string cell = next_cell(&current, &rest, &more);
      filled += !cell.empty();
      if (count++ > 0) cells += cell.empty() ? " |" : " | ";
      cells += cell;
    }
    if (filled == 0) return;
    engine_.out.line_break();
    engine_.out.text(cells);
    engine_.out.line_break();
  }

  // Takes one cell off the row; *more tells whether another follows. A T{ block reads lines up to T}.
  std::string next_cell(std::string* current, std::string_view* rest, bool* more) {
    if (*rest == "T{") {
      std::string block, closing;
      std::string_view line;
      while (engine_.next_line(line) && !line.starts_with("T}")) {
        block += line;
        block += '\n';
      }
      if (line.starts_with("T}")) closing = line.substr(2);
      std::string cell = engine_.process_apart(block);
      *current = closing;
      *rest = *current;
      *more = !rest->empty() && (*rest)[0] == separator_;
      if (*more) rest->remove_prefix(1);
      return cell;
    }
    const size_t end = std::min(rest->find(separator_), rest->size());
    const std::string_view raw = rest->substr(0, end);
    std::string cell = is_layout(raw) ? std::string() : engine_.render(engine_.interpolate(raw));
    *more = end < rest->size();
    rest->remove_prefix(std::min(rest->size(), end + 1));
    return cell;
  }

  Engine& engine_;
  char separator_ = '\t';
};

}  // namespace

void read_table(Engine& engine) {
  TableReader(engine).run();
}

}  // namespace aurora::corpus::roff
