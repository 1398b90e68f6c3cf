// tbl(1): the cells of a table, row by row. Widths, alignment, boxes and spans are layout and go.
#include <algorithm>

#include "aurora/corpus/extract_roff_engine.h"

namespace aurora::corpus::roff {
namespace {

bool is_rule(std::string_view text) {
  return text == "_" || text == "=" || text == "\\_" || text == "\\=";
}

class TableReader {
 public:
  explicit TableReader(Engine& engine) : engine_(engine) {}

  void run() {
    engine_.out.paragraph();
    std::string_view line;
    if (!engine_.next_line(line)) return;
    if (line.ends_with(";")) {
      read_options(line);
      skip_format();
    } else if (!line.ends_with(".")) {
      skip_format();
    }
    while (engine_.next_line(line) && !line.starts_with(".TE")) row(line);
    engine_.out.paragraph();
  }

 private:
  void read_options(std::string_view line) {
    const size_t tab = line.find("tab");
    if (tab == std::string_view::npos) return;
    const size_t open = line.find('(', tab);
    if (open != std::string_view::npos && open + 1 < line.size()) separator_ = line[open + 1];
  }
  void skip_format() {
    std::string_view line;
    while (engine_.next_line(line)) {
      while (!line.empty() && (line.back() == ' ' || line.back() == '\t')) line.remove_suffix(1);
      if (line.ends_with(".")) return;
    }
  }

  void row(std::string_view line) {
    if (line.starts_with(".T&")) return skip_format();
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
      if (is_rule(cell) || cell == "\\^") cell.clear();
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
    std::string cell = engine_.render(engine_.interpolate(rest->substr(0, end)));
    *more = end < rest->size();
    rest->remove_prefix(std::min(rest->size(), end + 1));
    return is_rule(cell) ? std::string() : cell;
  }

  Engine& engine_;
  char separator_ = '\t';
};

}  // namespace

void read_table(Engine& engine) {
  TableReader(engine).run();
}

}  // namespace aurora::corpus::roff
