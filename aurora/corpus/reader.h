// Reading: raw files in, plain-text documents out. Every format (man pages, HTML, LaTeX, Markdown,
// reStructuredText, plain text, sequences, JSONL) is one descriptor behind this one door;
// docs/formats/extraction.md says what each keeps and drops.
//
// Bad input never throws: it is reported to the sink as one FileProblem and costs the file (or, in JSONL, the
// line). The output is a pure function of the file's bytes, `source`, the format and the limits. Everything
// here may be called from many threads at once, each with its own sink.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aurora/base/file.h"

namespace aurora::corpus {

struct RawDocument {
  std::string text;           // valid UTF-8, LF line ends, no NUL bytes, never empty
  std::string source;         // "path" or "path#record" relative to the corpus root
  std::string title;          // may be empty
  std::string language_hint;  // primary subtag in lower case ("fr") as the file or its path says it, or ""
  // Scalar metadata in file order: "format" always, then e.g. "id", "licence", "section", "invalid_bytes"
  // (the number of undecodable parts that became U+FFFD, present only when there were any).
  std::vector<std::pair<std::string, std::string>> attributes;
};

struct FileProblem {
  std::string source;  // as RawDocument::source; "path#line" for a line of JSONL
  // A short stable key: alias (a page that only points to another), binary, broken_gzip, broken_zstd, empty,
  // invalid_encoding, line_too_long, malformed_json, too_deep, too_large, unreadable.
  std::string reason;
  std::string detail;  // for people; may be empty
};

struct ReaderLimits {
  uint64_t max_file_bytes = uint64_t{512} << 20;  // decompressed, for formats read whole
  uint64_t max_line_bytes = uint64_t{64} << 20;   // decompressed, per line of JSONL
  uint64_t max_record_bytes = 64 << 10;           // target size of the pieces that long record files become
};

// Receives documents and problems in file order.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void document(RawDocument&& document) = 0;
  virtual void problem(FileProblem&& problem) = 0;
};

// Reads one file. source: its name relative to the corpus root, stored in every document. format: "auto" or
// one of format_names(). Exceptions of the sink pass through; an unknown format is a UsageError.
void read_file_documents(const Path& file, const std::string& source, const std::string& format,
                         const ReaderLimits& limits, Sink& sink);

// The format that "auto" means for a file of this name with these first decompressed bytes (a few KB).
std::string detect_format(std::string_view path, std::string_view first_bytes);

// Every format's name, in detection order, without "auto".
std::vector<std::string> format_names();

}  // namespace aurora::corpus
