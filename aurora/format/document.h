// Documents on disk: one JSON object per line, zstd-compressed, in numbered parts
// (docs/formats/documents.md). The order of documents over the parts of a folder is the corpus order that
// later stages count by.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aurora/base/file.h"

namespace aurora::format {

using Attribute = std::pair<std::string, std::string>;

struct Document {
  std::string id;        // document_id(corpus, source, text)
  std::string text;      // UTF-8, NFC, lines end in \n
  std::string source;    // relative path of the file it came from, "#n" behind it for the n-th of several
  std::string corpus;    // name of the recipe's [[corpus]]
  std::string language;  // ISO 639 code ("en"), "und" where it could not be told, "none" where there is none
  std::string licence;
  std::vector<Attribute> attributes;  // in order; names are unique

  bool operator==(const Document&) const = default;
};

// 16 hex digits: xxh3-64 of the text, seeded with xxh3-64 of corpus, a zero byte and source.
std::string document_id(std::string_view corpus, std::string_view source, std::string_view text);

// Replaces the attribute of that name, or appends it.
void set_attribute(Document& document, std::string_view name, std::string value);
// The attribute's value, or nullptr. Valid until the document changes.
const std::string* find_attribute(const Document& document, std::string_view name);

// Appends the document as one line of a part, with its newline.
void append_document_line(std::string& out, const Document& document, std::string_view reason = {});

// Writes FOLDER/PREFIX-00000.jsonl.zst, -00001 ... A part ends with the document that brings its text to
// part_bytes or more, so that where parts split depends on the documents alone. Each part is atomic (written
// aside, synced, renamed). Not thread-safe.
class DocumentWriter {
 public:
  // part_bytes > 0; creates the folder.
  DocumentWriter(Path folder, std::string prefix, int64_t part_bytes);
  ~DocumentWriter();  // an unfinished part is removed
  DocumentWriter(const DocumentWriter&) = delete;

  // Text and the other strings must be valid UTF-8.
  void add(const Document& document) { add(document, {}); }
  // A rejected document: the same fields and the reason, which is not empty.
  void add(const Document& document, std::string_view reason);
  // A document as append_document_line() made it, with its newline, and the bytes of its text.
  void add_line(std::string_view line, uint64_t text_bytes);
  // Ends the last part and removes parts of higher numbers left by an earlier run. No document at all makes
  // one empty part, so that a finished folder is never empty.
  void finish();

  int64_t documents() const { return documents_; }
  int64_t text_bytes() const { return text_bytes_; }
  const std::vector<Path>& parts() const { return parts_; }  // ended parts, in order

 private:
  struct Part;
  void end_part();

  Path folder_;
  std::string prefix_;
  int64_t part_bytes_;
  std::unique_ptr<Part> part_;
  std::string line_;
  std::vector<Path> parts_;
  int64_t documents_ = 0;
  int64_t text_bytes_ = 0;
};

// A line of a part, without its attributes: views that hold until the parser's next line.
struct DocumentView {
  std::string_view id;
  std::string_view text;
  std::string_view source;
  std::string_view corpus;
  std::string_view language;
  std::string_view licence;
  std::string_view reason;  // why it was rejected; empty for a kept one
};

// Reads lines in memory without copying their text. Holds about twice the longest line. One per thread.
class DocumentParser {
 public:
  static constexpr size_t kPadding = 64;  // bytes of any content that must be readable behind a line

  DocumentParser();
  ~DocumentParser();
  DocumentParser(DocumentParser&&) noexcept;

  // Returns what is wrong with the line, or an empty string. Keys that we do not know are passed over.
  std::string parse(std::string_view line, DocumentView& document);
  // The same for lines of other programs: an object whose value at `key` is a string.
  std::string parse_text(std::string_view line, std::string_view key, std::string_view& text);
  // The whole document that parse() read last.
  Document document() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// FOLDER/PREFIX-NNNNN.jsonl.zst (or .jsonl.gz, .jsonl), sorted. Error when there is none or a number is
// missing.
std::vector<Path> document_parts(const Path& folder, const std::string& prefix = "part");

// Streams the documents of all parts in order. Holds one document. A damaged file or line is an Error that
// names file and line. Not thread-safe; any number of readers may read one folder.
class DocumentReader {
 public:
  explicit DocumentReader(const Path& folder, const std::string& prefix = "part");
  // Given parts instead of a whole folder: a share of the work.
  explicit DocumentReader(std::vector<Path> parts);
  ~DocumentReader();
  DocumentReader(DocumentReader&&) noexcept;
  DocumentReader(const DocumentReader&) = delete;

  // Fills `document` with the next one; false at the end. Keys that we do not know are passed over.
  bool next(Document& document);
  // Of the last document: why it was rejected; empty for a kept one.
  const std::string& reason() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace aurora::format
