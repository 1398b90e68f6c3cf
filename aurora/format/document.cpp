#include "aurora/format/document.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "aurora/base/check.h"
#include "aurora/base/error.h"
#include "aurora/base/hash.h"
#include "aurora/base/stream.h"
#include "aurora/base/utf8.h"

namespace aurora::format {
namespace {

// Far above any document that prepare lets through; bounds what a damaged file can make us hold.
constexpr size_t kMaxLineBytes = size_t{1} << 30;
constexpr int kZstdLevel = 3;
constexpr std::array<std::string_view, 3> kEndings = {".jsonl.zst", ".jsonl.gz", ".jsonl"};

Path part_path(const Path& folder, const std::string& prefix, size_t number) {
  return folder / fmt::format("{}-{:05}.jsonl.zst", prefix, number);
}

// Number of a part's file name, or -1 when the name is no part's.
int64_t part_number(std::string_view name, std::string_view prefix) {
  if (!name.starts_with(prefix)) return -1;
  name.remove_prefix(prefix.size());
  if (!name.starts_with('-')) return -1;
  name.remove_prefix(1);
  const auto digits = std::min(name.find_first_not_of("0123456789"), name.size());
  if (digits < 5 || digits > 9) return -1;
  const std::string_view ending = name.substr(digits);
  if (std::find(kEndings.begin(), kEndings.end(), ending) == kEndings.end()) return -1;
  return std::stoll(std::string(name.substr(0, digits)));
}

std::vector<std::pair<int64_t, Path>> numbered_parts(const Path& folder, const std::string& prefix) {
  std::vector<std::pair<int64_t, Path>> parts;
  std::error_code error;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const int64_t number = part_number(it->path().filename().string(), prefix);
    if (number >= 0) parts.emplace_back(number, it->path());
  }
  if (error) throw system_error("list", folder.string(), error.value());
  std::sort(parts.begin(), parts.end());
  return parts;
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  size_t begin = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text, begin, i - begin);
    begin = i + 1;
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        out += fmt::format("\\u{:04x}", c);
    }
  }
  out.append(text, begin);
  out += '"';
}

void append_field(std::string& out, std::string_view key, std::string_view value) {
  if (out.back() != '{') out += ',';
  append_json_string(out, key);
  out += ':';
  append_json_string(out, value);
}

}  // namespace

void append_document_line(std::string& out, const Document& document, std::string_view reason) {
  out += '{';
  append_field(out, "id", document.id);
  append_field(out, "text", document.text);
  append_field(out, "source", document.source);
  append_field(out, "corpus", document.corpus);
  append_field(out, "language", document.language);
  append_field(out, "licence", document.licence);
  out += ",\"attributes\":{";
  for (const auto& [name, value] : document.attributes) append_field(out, name, value);
  out += '}';
  if (!reason.empty()) append_field(out, "reason", reason);
  out += "}\n";
}

std::string document_id(std::string_view corpus, std::string_view source, std::string_view text) {
  std::string origin(corpus);
  origin += '\0';
  origin += source;
  return hex64(xxh3_64(text, xxh3_64(origin)));
}

void set_attribute(Document& document, std::string_view name, std::string value) {
  for (Attribute& attribute : document.attributes) {
    if (attribute.first == name) {
      attribute.second = std::move(value);
      return;
    }
  }
  document.attributes.emplace_back(std::string(name), std::move(value));
}

const std::string* find_attribute(const Document& document, std::string_view name) {
  for (const Attribute& attribute : document.attributes) {
    if (attribute.first == name) return &attribute.second;
  }
  return nullptr;
}

struct DocumentWriter::Part {
  explicit Part(const Path& path) : writer(path, kZstdLevel), path(path) {}
  Writer writer;
  Path path;
  int64_t text_bytes = 0;
};

DocumentWriter::DocumentWriter(Path folder, std::string prefix, int64_t part_bytes)
    : folder_(std::move(folder)), prefix_(std::move(prefix)), part_bytes_(part_bytes) {
  AURORA_CHECK(part_bytes_ > 0);
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (error) throw system_error("create folder", folder_.string(), error.value());
}

DocumentWriter::~DocumentWriter() = default;

void DocumentWriter::add(const Document& document, std::string_view reason) {
  line_.clear();
  append_document_line(line_, document, reason);
  add_line(line_, document.text.size());
}

void DocumentWriter::add_line(std::string_view line, uint64_t text_bytes) {
  if (!part_) part_ = std::make_unique<Part>(part_path(folder_, prefix_, parts_.size()));
  part_->writer.write(line);
  part_->text_bytes += static_cast<int64_t>(text_bytes);
  text_bytes_ += static_cast<int64_t>(text_bytes);
  ++documents_;
  if (part_->text_bytes >= part_bytes_) end_part();
}

void DocumentWriter::end_part() {
  part_->writer.commit();
  parts_.push_back(part_->path);
  part_.reset();
}

void DocumentWriter::finish() {
  if (!part_ && parts_.empty()) part_ = std::make_unique<Part>(part_path(folder_, prefix_, 0));
  if (part_) end_part();
  for (const auto& [number, path] : numbered_parts(folder_, prefix_)) {
    const bool ours = number < static_cast<int64_t>(parts_.size()) &&
                      path.filename() == parts_[static_cast<size_t>(number)].filename();
    if (!ours) std::filesystem::remove(path);
  }
}

std::vector<Path> document_parts(const Path& folder, const std::string& prefix) {
  std::vector<Path> paths;
  for (const auto& [number, path] : numbered_parts(folder, prefix)) {
    if (number != static_cast<int64_t>(paths.size())) {
      throw Error(fmt::format("part {} is missing or there twice", paths.size()), folder.string(),
                  "run prepare again, or copy the missing part back");
    }
    paths.push_back(path);
  }
  if (paths.empty()) {
    throw Error(fmt::format("no documents ({}-*.jsonl.zst)", prefix), folder.string(), "run prepare first");
  }
  return paths;
}

struct DocumentReader::State {
  std::vector<Path> parts;
  size_t part = 0;
  std::unique_ptr<LineReader> lines;
  std::string line;
  std::string reason;
  DocumentParser parser;

  void parse(Document& document);
};

void DocumentReader::State::parse(Document& document) {
  line.reserve(line.size() + DocumentParser::kPadding);
  DocumentView view;
  const std::string problem = parser.parse(line, view);
  if (!problem.empty()) {
    throw Error(problem, fmt::format("{}:{}", parts[part].string(), lines->line_number()),
                "run prepare again; docs/formats/documents.md lists the keys");
  }
  document = parser.document();
  reason = view.reason;
}

DocumentReader::DocumentReader(const Path& folder, const std::string& prefix)
    : DocumentReader(document_parts(folder, prefix)) {}

DocumentReader::DocumentReader(std::vector<Path> parts) : state_(std::make_unique<State>()) {
  state_->parts = std::move(parts);
}

DocumentReader::~DocumentReader() = default;
DocumentReader::DocumentReader(DocumentReader&&) noexcept = default;

bool DocumentReader::next(Document& document) {
  State& state = *state_;
  for (; state.part < state.parts.size(); ++state.part, state.lines.reset()) {
    if (!state.lines) state.lines = std::make_unique<LineReader>(state.parts[state.part], kMaxLineBytes);
    if (!state.lines->next(state.line)) continue;
    state.parse(document);
    return true;
  }
  return false;
}

const std::string& DocumentReader::reason() const {
  return state_->reason;
}

}  // namespace aurora::format
