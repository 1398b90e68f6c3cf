#include "aurora/tokenize/documents_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "aurora/base/error.h"
#include "aurora/tokenize/tokenize.h"

namespace aurora::tokenize {
namespace {

constexpr std::string_view kHead = "id\tlanguage\tbytes\ttokens\n";

// Tabs and line ends in an id that others made would break the table.
void append_field(std::string& line, std::string_view text) {
  for (const char c : text) line += static_cast<unsigned char>(c) < 32 ? ' ' : c;
}

}  // namespace

Path documents_table_path(const Path& prefix) {
  return prefix.string() + ".documents.tsv.zst";
}

DocumentsTable::DocumentsTable(const Path& path) : writer_(path) {
  writer_.write(kHead);
}

void DocumentsTable::add(std::string_view id, std::string_view language, uint64_t bytes, uint64_t tokens) {
  line_.clear();
  append_field(line_, id);
  line_ += '\t';
  append_field(line_, language);
  fmt::format_to(std::back_inserter(line_), "\t{}\t{}\n", bytes, tokens);
  writer_.write(line_);
}

void DocumentsTable::commit() {
  writer_.commit();
}

std::vector<TokenizedDocument> read_tokenized_documents(const Path& prefix) {
  const Path path = documents_table_path(prefix);
  LineReader lines(path, 1 << 20);
  std::string line;
  std::vector<TokenizedDocument> documents;
  const auto refuse = [&] {
    throw Error("not a table of tokenized documents",
                path.string() + ":" + std::to_string(lines.line_number()), "tokenize again");
  };
  if (!lines.next(line) || line + "\n" != kHead) refuse();
  while (lines.next(line)) {
    std::vector<std::string> fields(1);
    for (char c : line) c == '\t' ? static_cast<void>(fields.emplace_back()) : fields.back().push_back(c);
    if (fields.size() != 4) refuse();
    TokenizedDocument document{fields[0], fields[1], 0, 0};
    for (auto [text, value] :
         {std::pair(&fields[2], &document.bytes), std::pair(&fields[3], &document.tokens)}) {
      const bool digits =
          !text->empty() && text->size() < 20 &&
          std::all_of(text->begin(), text->end(), [](char c) { return c >= '0' && c <= '9'; });
      if (!digits) refuse();
      *value = std::stoull(*text);
    }
    documents.push_back(std::move(document));
  }
  return documents;
}

}  // namespace aurora::tokenize
