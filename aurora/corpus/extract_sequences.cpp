// Record files of biology and formal mathematics: FASTA, FASTQ (without its quality strings) and Metamath
// databases, cut into documents of bounded size at the borders of records.
#include <algorithm>
#include <optional>

#include "aurora/corpus/extract_split.h"
#include "aurora/corpus/extract_unwrap.h"
#include "aurora/corpus/read_bytes.h"
#include "aurora/corpus/read_format.h"

namespace aurora::corpus {
namespace {

// Gathers records into pieces of at most max_bytes.
class PieceBuilder {
 public:
  explicit PieceBuilder(size_t max_bytes) : max_bytes_(max_bytes) {}

  // A record is a header line (may be empty) and a body; a body that is too long is continued under the
  // header.
  void add(std::string_view header, std::string_view body) {
    if (piece_.size() + header.size() + body.size() + 2 > max_bytes_) flush();
    while (header.size() + body.size() + 2 > max_bytes_) {
      const size_t room = max_bytes_ - std::min(max_bytes_ / 2, header.size() + 2);
      const std::string_view part = leading_part(body, std::max<size_t>(room, 4));
      append(header.substr(0, max_bytes_ / 2), part);
      flush();
      body.remove_prefix(part.size());
    }
    append(header, body);
  }
  std::vector<std::string> finish() {
    flush();
    return std::move(pieces_);
  }

 private:
  void append(std::string_view header, std::string_view body) {
    if (!header.empty()) piece_.append(header).append("\n");
    piece_ += body;
    if (!piece_.ends_with('\n')) piece_ += '\n';
  }
  void flush() {
    while (!piece_.empty() && piece_.back() == '\n') piece_.pop_back();
    if (!piece_.empty()) pieces_.push_back(std::move(piece_));
    piece_.clear();
  }
  size_t max_bytes_;
  std::string piece_;
  std::vector<std::string> pieces_;
};

std::vector<std::string> cut_fasta(std::string_view text, size_t max_bytes) {
  PieceBuilder pieces(max_bytes);
  while (!text.empty()) {
    std::string_view header;
    if (text[0] == '>' || text[0] == ';') {
      header = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(text.size(), header.size() + 1));
    }
    // The next record may follow at once.
    size_t end = 0;
    if (!text.starts_with('>')) end = std::min(text.find("\n>"), text.size());
    const std::string_view body = text.substr(0, end);
    text.remove_prefix(end);
    if (text.starts_with('\n')) text.remove_prefix(1);
    pieces.add(header, body);
  }
  return pieces.finish();
}

// Four lines a record: @name, bases, +, qualities. The form with wrapped bases is told by the + line.
std::vector<std::string> cut_fastq(std::string_view text, size_t max_bytes) {
  PieceBuilder pieces(max_bytes);
  const std::vector<std::string_view> lines = split_lines(text);
  for (size_t i = 0; i < lines.size();) {
    if (!lines[i].starts_with('@')) {
      ++i;
      continue;
    }
    const std::string_view header = lines[i++];
    std::string bases;
    while (i < lines.size() && !lines[i].starts_with('+')) bases += trim(lines[i++]);
    ++i;
    for (size_t qualities = 0; i < lines.size() && qualities < bases.size(); ++i)
      qualities += trim(lines[i]).size();
    pieces.add(std::string(">").append(header.substr(1)), bases);
  }
  return pieces.finish();
}

// A statement belongs to the comment before it and to its ${ $} block. The length of the first record: up to
// the statement or block outside of any other that a comment or a blank line follows.
size_t metamath_record(std::string_view text) {
  int depth = 0;
  for (size_t at = text.find('$'); at < text.size() - 1; at = text.find('$', at)) {
    const char kind = text[at + 1];
    at += 2;
    if (kind == '(') at = std::min(text.find("$)", at), text.size() - 2) + 2;
    depth += kind == '{';
    if (kind == '}' && depth > 0) --depth;
    if (depth > 0 || (kind != '.' && kind != '}')) continue;
    const size_t next = text.find_first_not_of(" \t\n", at);
    if (next == std::string_view::npos) return text.size();
    const std::string_view gap = text.substr(at, next - at);
    if (!text.substr(next).starts_with("$(") && gap.find("\n\n") == std::string_view::npos) continue;
    const size_t line_end = gap.rfind('\n');
    return line_end == std::string_view::npos ? next : at + line_end + 1;
  }
  return text.size();
}

std::vector<std::string> cut_metamath(std::string_view text, size_t max_bytes) {
  PieceBuilder pieces(max_bytes);
  while (!text.empty()) {
    const std::string_view record = text.substr(0, metamath_record(text));
    pieces.add({}, record);
    text.remove_prefix(record.size());
  }
  return pieces.finish();
}

using Cut = std::vector<std::string> (*)(std::string_view text, size_t max_bytes);

void read_records(std::string&& bytes, const ReadContext& context, const char* format, Cut cut) {
  std::optional<DecodedText> decoded = decode_text(std::move(bytes), {}, context);
  if (!decoded) return;
  const RawDocument pattern = decoded_document(format, *decoded, context);
  const std::vector<std::string> pieces = cut(decoded->text, context.limits.max_record_bytes);
  if (pieces.empty()) return context.problem("empty");
  send_pieces(pieces, pattern, context);
}

bool claims_fasta(std::string_view name, std::string_view head) {
  return has_ending(name, ".fa .fasta .fna .faa .ffn .frn") &&
         (head.starts_with('>') || head.starts_with(';'));
}
bool claims_fastq(std::string_view name, std::string_view head) {
  return has_ending(name, ".fq .fastq") && head.starts_with('@');
}
bool claims_metamath(std::string_view name, std::string_view head) {
  return has_ending(name, ".mm") && head.find('$') != std::string_view::npos;
}
void read_fasta(std::string&& bytes, const ReadContext& context) {
  read_records(std::move(bytes), context, "fasta", cut_fasta);
}
void read_fastq(std::string&& bytes, const ReadContext& context) {
  read_records(std::move(bytes), context, "fastq", cut_fastq);
}
void read_metamath(std::string&& bytes, const ReadContext& context) {
  read_records(std::move(bytes), context, "metamath", cut_metamath);
}

}  // namespace

const Format kFastaFormat = {"fasta", claims_fasta, read_fasta, nullptr, UINT64_MAX};
const Format kFastqFormat = {"fastq", claims_fastq, read_fastq, nullptr, UINT64_MAX};
const Format kMetamathFormat = {"metamath", claims_metamath, read_metamath, nullptr, UINT64_MAX};

}  // namespace aurora::corpus
