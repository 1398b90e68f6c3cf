#include "aurora/vocabulary/file_texts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "aurora/base/error.h"
#include "aurora/base/stream.h"
#include "aurora/format/document.h"

namespace aurora::vocabulary {
namespace {

constexpr size_t kTextBytes = 4 << 20;
constexpr size_t kMaxLineBytes = size_t{1} << 30;

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

// Where the text that begins `bytes` ends; bytes.size() > kTextBytes.
size_t text_end(std::string_view bytes) {
  size_t line_end = 0;
  for (size_t at = kTextBytes; at > 0; --at) {
    if (bytes[at - 1] != '\n') continue;
    // A byte above 127 may begin a space of Unicode's.
    if (!is_space(bytes[at]) && static_cast<uint8_t>(bytes[at]) < 128) return at;
    line_end = std::max(line_end, at);
  }
  if (line_end > 0) return line_end;
  size_t end = kTextBytes;
  while (end > kTextBytes - 3 && (bytes[end] & 0xc0) == 0x80) --end;
  return end;
}

class PlainTexts : public TextSource {
 public:
  explicit PlainTexts(const Path& path) : reader_(open_reader(path)) {}
  bool next(std::string& text, uint64_t&) override {
    std::swap(text, held_);
    held_.clear();
    while (more_ && text.size() <= kTextBytes) {
      const size_t size = text.size();
      text.resize(kTextBytes + 1);
      const size_t got = reader_->read(text.data() + size, text.size() - size);
      text.resize(size + got);
      more_ = got > 0;
    }
    if (text.size() > kTextBytes) {
      const size_t end = text_end(text);
      held_.assign(text, end);
      text.resize(end);
    }
    return !text.empty();
  }

 private:
  std::unique_ptr<Reader> reader_;
  std::string held_;  // read, and not handed out yet
  bool more_ = true;
};

class JsonTexts : public TextSource {
 public:
  explicit JsonTexts(const Path& path) : path_(path), lines_(path, kMaxLineBytes) {}
  bool next(std::string& text, uint64_t&) override {
    if (!lines_.next(line_)) return false;
    line_.reserve(line_.size() + format::DocumentParser::kPadding);
    std::string_view view;
    const std::string problem = parser_.parse_text(line_, "text", view);
    if (!problem.empty()) {
      throw Error(problem, fmt::format("{}:{}", path_.string(), lines_.line_number()),
                  "a .jsonl file has one object with a \"text\" per line");
    }
    text = view;
    return true;
  }

 private:
  Path path_;
  LineReader lines_;
  std::string line_;
  format::DocumentParser parser_;
};

std::unique_ptr<TextSource> open_texts(const Path& path) {
  const std::string name = path.filename().string();
  const bool json = name.ends_with(".jsonl") || name.ends_with(".jsonl.zst") || name.ends_with(".jsonl.gz");
  if (json) return std::make_unique<JsonTexts>(path);
  return std::make_unique<PlainTexts>(path);
}

class FileTexts : public TextSource {
 public:
  FileTexts(std::vector<WeightedFile> files, uint64_t rank, uint64_t ranks)
      : files_(std::move(files)), rank_(rank), ranks_(ranks) {}

  bool next(std::string& text, uint64_t& weight) override {
    for (; file_ < files_.size(); ++file_, texts_.reset()) {
      if (!texts_) texts_ = open_texts(files_[file_].path);
      while (texts_->next(text, weight)) {
        weight = files_[file_].weight;
        if (number_++ % ranks_ == rank_) return true;
      }
    }
    return false;
  }

 private:
  const std::vector<WeightedFile> files_;
  const uint64_t rank_;
  const uint64_t ranks_;
  size_t file_ = 0;
  std::unique_ptr<TextSource> texts_;
  uint64_t number_ = 0;
};

}  // namespace

std::unique_ptr<TextSource> file_texts(std::vector<WeightedFile> files, int rank, int ranks) {
  return std::make_unique<FileTexts>(std::move(files), static_cast<uint64_t>(rank),
                                     static_cast<uint64_t>(ranks));
}

uint64_t weight_in_units(double weight, uint64_t unit) {
  const double units = weight * static_cast<double>(unit);
  if (!(units >= 0) || units > 1e15) {
    throw UsageError(fmt::format("a weight of {}", weight), "weight", "use a number from 0 to 1,000,000");
  }
  if (units == 0) return 0;
  return std::max<uint64_t>(1, static_cast<uint64_t>(std::floor(units + 0.5)));
}

}  // namespace aurora::vocabulary
