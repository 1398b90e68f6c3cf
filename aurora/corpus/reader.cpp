#include "aurora/corpus/reader.h"

#include <algorithm>
#include <memory>

#include "aurora/base/error.h"
#include "aurora/base/stream.h"
#include "aurora/corpus/read_format.h"

namespace aurora::corpus {
namespace {

// In detection order: the first that claims a file has it; text claims everything.
constexpr const Format* kFormats[] = {&kJsonlFormat,    &kManFormat, &kHtmlFormat,  &kLatexFormat,
                                      &kMarkdownFormat, &kRstFormat, &kFastaFormat, &kFastqFormat,
                                      &kMetamathFormat, &kTextFormat};
constexpr size_t kHeadBytes = 4096;

std::string bare_name(std::string_view path) {
  std::string name(path.substr(path.rfind('/') + 1));
  for (char& c : name)
    if (c >= 'A' && c <= 'Z') c += 32;
  if (name.ends_with(".gz"))
    name.resize(name.size() - 3);
  else if (name.ends_with(".zst"))
    name.resize(name.size() - 4);
  return name;
}

const Format& detect(std::string_view name, std::string_view head) {
  return **std::find_if(std::begin(kFormats), std::end(kFormats),
                        [&](const Format* format) { return format->claims(name, head); });
}

const Format* find_format(const std::string& name) {
  if (name == "auto") return nullptr;
  for (const Format* format : kFormats)
    if (name == format->name) return format;
  std::string known = "auto";
  for (const Format* format : kFormats) known += std::string(", ") + format->name;
  throw UsageError("unknown format \"" + name + "\"", "", "use one of " + known);
}

// The file's head, which the format was told by, and then the rest.
class FileBytes : public ByteSource {
 public:
  explicit FileBytes(const Path& file) : reader_(open_reader(file)) {
    head_.resize(kHeadBytes);
    size_t size = 0;
    try {
      while (size < head_.size()) {
        const size_t got = reader_->read(head_.data() + size, head_.size() - size);
        if (got == 0) break;
        size += got;
      }
    } catch (const Error& error) {
      // What came before the damage decides the format; the damage itself is reported by the next read.
      damage_text_ = error.what();
    }
    head_.resize(size);
  }
  std::string_view head() const { return head_; }

  size_t read(char* out, size_t size) override {
    if (head_read_ < head_.size()) {
      const size_t part = std::min(size, head_.size() - head_read_);
      std::copy_n(head_.data() + head_read_, part, out);
      head_read_ += part;
      return part;
    }
    if (!damage_text_.empty()) throw Error(damage_text_, "", "");
    return reader_->read(out, size);
  }
  void set_damage(const char* reason) { damage_ = reason; }
  const char* damage() const override { return damage_; }

 private:
  std::unique_ptr<Reader> reader_;
  std::string head_;
  size_t head_read_ = 0;
  std::string damage_text_;
  const char* damage_ = "unreadable";
};

const char* damage_key(const Path& file) {
  const std::string name = file.filename().string();
  if (name.ends_with(".gz")) return "broken_gzip";
  if (name.ends_with(".zst")) return "broken_zstd";
  return "unreadable";
}

// False (with the problem sent) if the file is damaged or larger than allowed.
bool read_whole(ByteSource& bytes, uint64_t max_bytes, const ReadContext& context, std::string* whole) {
  try {
    size_t capacity = 64 << 10;
    while (true) {
      const size_t size = whole->size();
      whole->resize(size + capacity);
      const size_t got = bytes.read(whole->data() + size, capacity);
      whole->resize(size + got);
      if (got == 0) return true;
      if (whole->size() > max_bytes) {
        context.problem("too_large", "more than " + std::to_string(max_bytes) + " bytes");
        return false;
      }
      capacity = std::min<size_t>(std::max(capacity, whole->size()), 16 << 20);
    }
  } catch (const Error& error) {
    context.problem(bytes.damage(), error.what());
    return false;
  }
}

}  // namespace

void read_file_documents(const Path& file, const std::string& source, const std::string& format_name,
                         const ReaderLimits& limits, Sink& sink) {
  const Format* format = find_format(format_name);
  const std::string name = bare_name(source.empty() ? file.string() : source);
  const ReadContext context{file, source, name, limits, sink};
  std::unique_ptr<FileBytes> bytes;
  try {
    bytes = std::make_unique<FileBytes>(file);
  } catch (const Error& error) {
    context.problem("unreadable", error.what());
    return;
  }
  bytes->set_damage(damage_key(file));
  if (format == nullptr) format = &detect(name, bytes->head());
  if (format->stream != nullptr) {
    format->stream(*bytes, context);
    return;
  }
  std::string whole;
  const uint64_t max_bytes = std::min(limits.max_file_bytes, format->max_bytes);
  if (read_whole(*bytes, max_bytes, context, &whole)) format->read(std::move(whole), context);
}

std::string detect_format(std::string_view path, std::string_view first_bytes) {
  return detect(bare_name(path), first_bytes).name;
}

std::vector<std::string> format_names() {
  std::vector<std::string> names;
  for (const Format* format : kFormats) names.emplace_back(format->name);
  return names;
}

bool has_ending(std::string_view name, std::string_view endings) {
  while (!endings.empty()) {
    const std::string_view ending = endings.substr(0, endings.find(' '));
    if (name.ends_with(ending)) return true;
    endings.remove_prefix(std::min(endings.size(), ending.size() + 1));
  }
  return false;
}

void send_document(RawDocument&& document, const ReadContext& context) {
  if (document.text.find_first_not_of(" \t\n\f\v") == std::string::npos) {
    context.problem("empty");
  } else {
    context.sink.document(std::move(document));
  }
}

}  // namespace aurora::corpus
