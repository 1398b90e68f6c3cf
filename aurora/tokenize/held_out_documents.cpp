#include "aurora/tokenize/held_out_documents.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "aurora/base/error.h"
#include "aurora/tokenize/shard_reader.h"

namespace aurora::tokenize {
namespace {

struct Line {
  std::string text;
  uint64_t text_bytes = 0;
};

// The late documents of one shard, in order: late[i] of the units records[..].
class LateReading {
 public:
  LateReading(const JoinTask& join, const UnitsTask& units) : join_(join), units_(units) {}

  // Fills lines[first .. first + count - 1], whose units are all of one shard.
  void read(size_t first, size_t count, std::vector<Line>& lines) {
    const uint32_t shard = join_.records[join_.late[first].unit].name.shard;
    ShardReader reader(units_.files, cut_shards(units_.files, units_.cuts)[shard], units_.cuts);
    Block block;
    uint64_t passed = 0;  // documents of the unit before the block
    size_t next = first;
    while (next < first + count && reader.next(block)) {
      if (block.number == 0) passed = 0;
      std::string_view rest = block.lines();
      std::string_view line;
      for (; next < first + count && next_line(rest, line); ++passed) {
        const LateDocument& wanted = join_.late[next];
        if (join_.records[wanted.unit].name.unit != block.unit || wanted.document != passed) continue;
        lines[next++] = parse(line, wanted, *block.file);
      }
    }
    if (next < first + count) changed(units_.files[0]);
  }

 private:
  Line parse(std::string_view text, const LateDocument& wanted, const InputFile& file) {
    format::DocumentView view;
    if (!parser_.parse(text, view).empty() || view.text.size() != wanted.text_bytes) changed(file);
    Line line;
    format::append_document_line(line.text, parser_.document());
    line.text_bytes = view.text.size();
    return line;
  }
  [[noreturn]] static void changed(const InputFile& file) {
    throw Error("the documents changed while they were read", file.path.string(), "run the stage again");
  }

  const JoinTask& join_;
  const UnitsTask& units_;
  format::DocumentParser parser_;
};

std::vector<Line> read_late_documents(const JoinTask& join, const UnitsTask& units, Pool& pool) {
  std::vector<Line> lines(join.late.size());
  std::vector<size_t> begins;  // of shards
  const auto shard = [&](size_t i) { return join.records[join.late[i].unit].name.shard; };
  for (size_t i = 0; i < join.late.size(); ++i) {
    if (i == 0 || shard(i) != shard(i - 1)) begins.push_back(i);
  }
  pool.for_each(begins.size(), [&](size_t i) {
    const size_t end = i + 1 < begins.size() ? begins[i + 1] : join.late.size();
    LateReading(join, units).read(begins[i], end - begins[i], lines);
  });
  return lines;
}

}  // namespace

LateDocuments choose_late_documents(std::span<const UnitRecord> records, const Path& work_folder,
                                    HeldOutChoice choice) {
  for (const UnitRecord& record : records) {
    for (const TokenizedPart& part : record.parts)
      choice.count(part.corpus, part.language, part.training.bytes + part.held_out.bytes,
                   part.held_out.bytes);
  }
  LateDocuments candidates;
  for (uint32_t unit = 0; unit < records.size(); ++unit) {
    const std::vector<TokenizedPart>& parts = records[unit].parts;
    const bool wanted = std::any_of(parts.begin(), parts.end(), [&](const TokenizedPart& part) {
      return choice.wants(part.corpus, part.language);
    });
    if (!wanted) continue;
    const UnitTable table = UnitReader(records[unit].name.in(work_folder)).table();
    uint64_t id = 0;
    for (uint32_t i = 0; i < table.documents.size(); ++i) {
      const EncodedDocument& document = table.documents[i];
      const TokenizedPart& part = parts.at(document.part);
      if (!document.held_out_by_key && choice.wants(part.corpus, part.language)) {
        choice.offer(candidates.size(), {table.ids.substr(id, document.id_bytes), part.corpus, part.language,
                                         document.text_bytes});
        candidates.push_back({unit, i, document.part, document.tokens, document.text_bytes});
      }
      id += document.id_bytes;
    }
  }
  LateDocuments late;
  for (const uint64_t number : choice.take()) late.push_back(candidates[number]);
  return late;
}

void write_held_out_documents(const JoinTask& join, const UnitsTask& units, const Path& out, Pool& pool) {
  const std::vector<Line> late_lines = read_late_documents(join, units, pool);
  format::DocumentWriter writer(out, "heldout", std::numeric_limits<int64_t>::max());
  size_t next_late = 0;
  for (size_t i = 0; i < join.records.size(); ++i) {
    const bool by_key = join.records[i].held_out_bytes > 0;
    if (!by_key && late_of_unit(join.late, i).empty()) continue;
    const UnitReader unit(join.records[i].name.in(join.work_folder));
    const UnitTable table = unit.table();
    const std::string lines = unit.held_out_lines();
    std::string_view rest = lines;
    for (uint32_t document = 0; document < table.documents.size(); ++document) {
      const bool is_late = next_late < join.late.size() && join.late[next_late].unit == i &&
                           join.late[next_late].document == document;
      if (is_late) {
        writer.add_line(late_lines[next_late].text, late_lines[next_late].text_bytes);
        ++next_late;
      } else if (table.documents[document].held_out_by_key) {
        const size_t size = rest.find('\n') + 1;
        writer.add_line(rest.substr(0, size), table.documents[document].text_bytes);
        rest.remove_prefix(size);
      }
    }
  }
  writer.finish();
}

}  // namespace aurora::tokenize
