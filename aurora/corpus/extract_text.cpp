// Plain text: kept as it is, but hard-wrapped prose becomes one line a paragraph, and very long files become
// several documents.
#include <algorithm>
#include <optional>

#include "aurora/corpus/extract_split.h"
#include "aurora/corpus/extract_unwrap.h"
#include "aurora/corpus/extract_writer.h"
#include "aurora/corpus/read_bytes.h"
#include "aurora/corpus/read_format.h"

namespace aurora::corpus {
namespace {

// Longer texts than this many records are cut: books stay whole, tables of a hundred megabytes do not.
constexpr uint64_t kWholeRecords = 16;

void write_paragraph(TextWriter& writer, const std::vector<std::string_view>& lines) {
  if (is_wrapped_prose(lines)) {
    // The indentation of the block goes, too: it was layout.
    for (const std::string_view line : lines) {
      writer.line_end();
      writer.text(line);
    }
  } else {
    for (const std::string_view line : lines) {
      writer.line_break();
      writer.exact(line);
    }
  }
  writer.paragraph();
}

std::string tidy(std::string_view text) {
  TextWriter writer;
  std::vector<std::string_view> paragraph;
  for (std::string_view line : split_lines(text)) {
    while (!line.empty() && (line.back() == ' ' || line.back() == '\t' || line.back() == '\f'))
      line.remove_suffix(1);
    while (line.starts_with('\f')) line.remove_prefix(1);
    if (!line.empty()) {
      paragraph.push_back(line);
    } else if (!paragraph.empty()) {
      write_paragraph(writer, paragraph);
      paragraph.clear();
    }
  }
  if (!paragraph.empty()) write_paragraph(writer, paragraph);
  return writer.finish();
}

bool claims(std::string_view, std::string_view) {
  return true;
}

void read(std::string&& bytes, const ReadContext& context) {
  std::optional<DecodedText> decoded = decode_text(std::move(bytes), {}, context);
  if (!decoded) return;
  RawDocument document = decoded_document("text", *decoded, context);
  document.text = tidy(decoded->text);
  const uint64_t piece_bytes = kWholeRecords * context.limits.max_record_bytes;
  if (document.text.size() <= piece_bytes) return send_document(std::move(document), context);
  send_pieces(split_at_paragraphs(document.text, piece_bytes), document, context);
}

}  // namespace

const Format kTextFormat = {"text", claims, read, nullptr, UINT64_MAX};

}  // namespace aurora::corpus
