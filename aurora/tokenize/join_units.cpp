#include "aurora/tokenize/join_units.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>

#include "aurora/base/check.h"
#include "aurora/base/fault.h"
#include "aurora/tokenize/documents_table.h"

namespace aurora::tokenize {
namespace {

constexpr uint64_t kBufferBytes = uint64_t{1} << 20;

struct Place {  // in an output
  size_t output = 0;
  uint64_t documents = 0;
  uint64_t tokens = 0;
};

// Where every unit's documents go.
class Plan {
 public:
  explicit Plan(const JoinTask& task) : task_(task), totals_(task.outputs.size()) {
    for (size_t i = 0; i < task.outputs.size(); ++i)
      outputs_[{task.outputs[i].corpus, task.outputs[i].held_out}] = i;
    for (format::TokenFileRanges::Totals& total : totals_) total.type = task.type;
    for (size_t unit = 0; unit < task.records.size(); ++unit) place(unit);
  }
  size_t output(const std::string& corpus, bool held_out) const { return outputs_.at({corpus, held_out}); }
  const std::vector<Place>& begins(size_t unit) const { return begins_[unit]; }
  const format::TokenFileRanges::Totals& total(size_t output) const { return totals_[output]; }

 private:
  void place(size_t unit) {
    const UnitRecord& record = task_.records[unit];
    std::map<size_t, Place> counts;
    const auto count = [&](const std::string& corpus, bool held_out, const TokenCounts& more) {
      Place& place = counts[output(corpus, held_out)];
      place.documents += more.documents;
      place.tokens += more.tokens;
    };
    for (const TokenizedPart& part : record.parts) {
      count(part.corpus, false, part.training);
      if (part.held_out.documents > 0) count(part.corpus, true, part.held_out);
    }
    for (const LateDocument& document : late_of_unit(task_.late, unit)) {
      const std::string& corpus = record.parts.at(document.part).corpus;
      count(corpus, true, {1, 0, document.tokens});
      Place& training = counts[output(corpus, false)];
      --training.documents;
      training.tokens -= document.tokens;
    }
    std::vector<Place>& begins = begins_.emplace_back();
    for (const auto& [output, place] : counts) {
      begins.push_back({output, totals_[output].documents, totals_[output].tokens});
      totals_[output].documents += place.documents;
      totals_[output].tokens += place.tokens;
    }
  }

  const JoinTask& task_;
  std::map<std::pair<std::string, bool>, size_t> outputs_;
  std::vector<format::TokenFileRanges::Totals> totals_;
  std::vector<std::vector<Place>> begins_;
};

// Calls use(document, id, output, first token in the unit) for the documents of a unit in order.
template <typename Use>
void for_documents(const JoinTask& task, const Plan& plan, size_t unit, const UnitTable& table,
                   const Use& use) {
  const std::vector<TokenizedPart>& parts = task.records[unit].parts;
  std::vector<std::pair<size_t, size_t>> outputs;  // of a part: training, held out
  for (const TokenizedPart& part : parts)
    outputs.emplace_back(plan.output(part.corpus, false), part.held_out.documents > 0 || !task.late.empty()
                                                              ? plan.output(part.corpus, true)
                                                              : 0);
  const std::span<const LateDocument> late = late_of_unit(task.late, unit);
  auto next_late = late.begin();
  uint64_t token = 0;
  uint64_t id = 0;
  for (size_t i = 0; i < table.documents.size(); ++i) {
    const EncodedDocument& document = table.documents[i];
    const bool is_late = next_late != late.end() && next_late->document == i;
    if (is_late) ++next_late;
    const auto& [training, held_out] = outputs.at(document.part);
    use(document, std::string_view(table.ids).substr(id, document.id_bytes),
        document.held_out_by_key || is_late ? held_out : training, token);
    token += document.tokens;
    id += document.id_bytes;
  }
}

// What a unit gives to one output, gathered into large writes.
class Gathering {
 public:
  Gathering(format::TokenFileRanges& file, const Place& begin, uint64_t width)
      : file_(file), begin_(begin), token_(begin.tokens), width_(width), room_(kBufferBytes / width) {}

  // Tokens of the unit that this output gets next; neighbours in the unit are read at once.
  void add(const UnitReader& unit, uint64_t first_token, uint32_t tokens) {
    lengths_.push_back(static_cast<int32_t>(tokens));
    if (first_token != run_end_) {
      read_run(unit);
      run_begin_ = run_end_ = first_token;
    }
    run_end_ += tokens;
    if (run_end_ - run_begin_ >= room_) read_run(unit);
  }
  void finish(const UnitReader& unit) {
    read_run(unit);
    write();
    file_.write_lengths(begin_.documents, begin_.tokens, lengths_);
  }

 private:
  void read_run(const UnitReader& unit) {
    if (!buffer_) buffer_ = std::make_unique_for_overwrite<char[]>(room_ * width_);
    while (run_begin_ < run_end_) {
      const uint64_t count = std::min(run_end_ - run_begin_, room_ - gathered_);
      unit.read_tokens(run_begin_, count, width_, buffer_.get() + gathered_ * width_);
      run_begin_ += count;
      gathered_ += count;
      if (gathered_ == room_) write();
    }
  }
  void write() {
    file_.write_tokens(token_, buffer_.get(), gathered_);
    token_ += gathered_;
    gathered_ = 0;
  }

  format::TokenFileRanges& file_;
  Place begin_;
  uint64_t token_;  // where the buffer goes
  uint64_t width_;
  uint64_t room_;           // of the buffer, in tokens
  uint64_t gathered_ = 0;   // in it
  uint64_t run_begin_ = 0;  // tokens of the unit not yet read
  uint64_t run_end_ = 0;
  std::unique_ptr<char[]> buffer_;
  std::vector<int32_t> lengths_;
};

class Join {
 public:
  Join(const JoinTask& task, const Workers& workers) : task_(task), workers_(workers), plan_(task) {}

  void run() {
    comm::Group& group = workers_.group;
    if (group.rank() == 0) {
      for (size_t i = 0; i < task_.outputs.size(); ++i)
        format::TokenFileRanges::create(aside(i), plan_.total(i));
    }
    group.barrier();
    for (size_t i = 0; i < task_.outputs.size(); ++i)
      files_.push_back(std::make_unique<format::TokenFileRanges>(aside(i), plan_.total(i)));
    const std::vector<std::function<void()>> work = work_of_rank();
    workers_.pool.for_each(work.size(), [&](size_t i) { work[i](); });
    for (const auto& file : files_) file->sync();
    group.barrier();
    fault_point("tokenize.joined");
    if (group.rank() == 0) rename();
    group.barrier();
  }

 private:
  Path aside(size_t output) const { return task_.work_folder / fmt::format("joined-{}", output); }
  UnitReader open(size_t unit) const { return UnitReader(task_.records[unit].name.in(task_.work_folder)); }

  // What takes long comes first.
  std::vector<std::function<void()>> work_of_rank() {
    const auto ranks = static_cast<size_t>(workers_.group.size());
    const auto rank = static_cast<size_t>(workers_.group.rank());
    std::vector<std::function<void()>> work = task_.besides;
    for (size_t output = 0; output < task_.outputs.size(); ++output) {
      const bool mine = (output + 1) % ranks == rank;
      if (mine && !task_.outputs[output].table.empty())
        work.push_back([this, output] { write_table(output); });
    }
    for (size_t unit = rank; unit < task_.records.size(); unit += ranks)
      work.push_back([this, unit] { copy(unit); });
    return work;
  }

  void copy(size_t unit) {
    const UnitReader reader = open(unit);
    const uint64_t width = format::token_type_bytes(task_.type);
    std::map<size_t, Gathering> gatherings;
    for (const Place& begin : plan_.begins(unit))
      gatherings.try_emplace(begin.output, *files_[begin.output], begin, width);
    for_documents(task_, plan_, unit, reader.table(),
                  [&](const EncodedDocument& document, std::string_view, size_t output, uint64_t token) {
                    gatherings.at(output).add(reader, token, document.tokens);
                  });
    for (auto& [output, gathering] : gatherings) gathering.finish(reader);
  }

  void write_table(size_t output) {
    DocumentsTable table(task_.outputs[output].table);
    for (size_t unit = 0; unit < task_.records.size(); ++unit) {
      const std::vector<Place>& begins = plan_.begins(unit);
      const bool has = std::any_of(begins.begin(), begins.end(),
                                   [&](const Place& begin) { return begin.output == output; });
      if (!has) continue;
      for_documents(task_, plan_, unit, open(unit).table(),
                    [&](const EncodedDocument& document, std::string_view id, size_t its, uint64_t) {
                      const std::string& language = task_.records[unit].parts[document.part].language;
                      if (its == output) table.add(id, language, document.text_bytes, document.tokens);
                    });
    }
    table.commit();
  }

  void rename() {
    for (size_t i = 0; i < task_.outputs.size(); ++i) {
      const Path& prefix = task_.outputs[i].prefix;
      // An old .idx beside a new .bin would describe other tokens.
      std::filesystem::remove(format::token_idx_path(prefix));
      std::filesystem::rename(format::token_bin_path(aside(i)), format::token_bin_path(prefix));
      fault_point("tokenize.bin");
      std::filesystem::rename(format::token_idx_path(aside(i)), format::token_idx_path(prefix));
      fault_point("tokenize.idx");
    }
  }

  const JoinTask& task_;
  const Workers& workers_;
  Plan plan_;
  std::vector<std::unique_ptr<format::TokenFileRanges>> files_;
};

}  // namespace

std::span<const LateDocument> late_of_unit(const LateDocuments& late, size_t unit) {
  const auto range = std::ranges::equal_range(late, unit, {}, &LateDocument::unit);
  return {range.begin(), range.end()};
}

void join_units(const JoinTask& task, const Workers& workers) {
  Join(task, workers).run();
}

}  // namespace aurora::tokenize
