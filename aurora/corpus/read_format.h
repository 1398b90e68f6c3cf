// Inside the reading side: what a format is, and the helpers that every format uses. To add a format, write
// its extract_NAME.cpp with one Format at the end and add a line to kFormats in reader.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "aurora/corpus/reader.h"

namespace aurora::corpus {

// The decompressed bytes of one file, pulled piece by piece.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // Up to `size` bytes into `out`; 0 at the end. Error: damaged stream or failing disk.
  virtual size_t read(char* out, size_t size) = 0;
  // The problem key for an Error thrown by read().
  virtual const char* damage() const = 0;
};

struct ReadContext {
  const Path& file;
  const std::string& source;
  std::string_view name;  // file name in lower case without .gz or .zst
  const ReaderLimits& limits;
  Sink& sink;

  void problem(const std::string& reason, const std::string& detail = {}) const {
    sink.problem({source, reason, detail});
  }
};

// A descriptor has either `read` (the whole file as bytes, at most max_bytes) or `stream`.
struct Format {
  const char* name;
  // Whether "auto" means this format, from the name (as ReadContext::name) and the first decompressed bytes.
  bool (*claims)(std::string_view name, std::string_view head);
  void (*read)(std::string&& bytes, const ReadContext& context);
  void (*stream)(ByteSource& bytes, const ReadContext& context);
  uint64_t max_bytes;  // of whole files, on top of ReaderLimits::max_file_bytes
};

extern const Format kJsonlFormat;
extern const Format kManFormat;
extern const Format kHtmlFormat;
extern const Format kLatexFormat;
extern const Format kMarkdownFormat;
extern const Format kRstFormat;
extern const Format kFastaFormat;
extern const Format kFastqFormat;
extern const Format kMetamathFormat;
extern const Format kTextFormat;

// True if `name` ends in one of the space-separated endings, e.g. ".html .htm".
bool has_ending(std::string_view name, std::string_view endings);

// Sends the document unless it holds nothing but white space; then reports `empty`.
void send_document(RawDocument&& document, const ReadContext& context);

}  // namespace aurora::corpus
