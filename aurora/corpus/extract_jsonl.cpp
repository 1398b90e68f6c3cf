// JSONL: one document per line, read as a stream of lines in bounded memory.
#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "aurora/base/error.h"
#include "aurora/base/utf8.h"
#include "aurora/corpus/extract_unwrap.h"
#include "aurora/corpus/read_format.h"

namespace aurora::corpus {
namespace {

constexpr std::string_view kTextFields[] = {"text", "content", "raw_content", "body", "abstract", "document"};
constexpr std::string_view kTitleFields[] = {"title"};
constexpr std::string_view kLanguageFields[] = {"lang", "language"};
constexpr size_t kMaxAttributeBytes = 4096;
constexpr int kMaxMetadataDepth = 2;  // {"metadata": {"license": ...}}

template <size_t N>
bool is_one_of(std::string_view key, const std::string_view (&names)[N]) {
  return std::find(std::begin(names), std::end(names), key) != std::end(names);
}

// Lines with room behind them for simdjson. A line that is too long is skipped to its end.
class Lines {
 public:
  Lines(ByteSource& bytes, uint64_t max_line) : bytes_(bytes), max_line_(max_line) {}

  enum class Next { kLine, kTooLong, kEnd };
  // Error: damaged stream.
  Next next(std::string_view* line) {
    ++number_;
    bool too_long = false;
    size_t searched = begin_;
    while (true) {
      const char* const newline =
          static_cast<const char*>(std::memchr(buffer_.data() + searched, '\n', size_ - searched));
      const size_t end = newline == nullptr ? size_ : static_cast<size_t>(newline - buffer_.data());
      if (end - begin_ > max_line_) too_long = true;
      if (newline != nullptr || (ended_ && end > begin_)) {
        *line = std::string_view(buffer_.data() + begin_, end - begin_);
        begin_ = std::min(size_, end + 1);
        return too_long ? Next::kTooLong : Next::kLine;
      }
      if (ended_) return too_long ? Next::kTooLong : Next::kEnd;
      if (too_long) begin_ = size_;
      refill();
      searched = too_long ? begin_ : std::max(begin_, searched_after_move_);
    }
  }
  uint64_t number() const { return number_; }
  // Bytes of the buffer from `line` on that may be read, padding included.
  size_t readable(std::string_view line) const {
    return buffer_.size() - static_cast<size_t>(line.data() - buffer_.data());
  }

 private:
  void refill() {
    std::memmove(buffer_.data(), buffer_.data() + begin_, size_ - begin_);
    size_ -= begin_;
    begin_ = 0;
    searched_after_move_ = size_;
    const size_t wanted = std::max<size_t>(size_ * 2, 1 << 20);
    if (buffer_.size() < wanted + simdjson::SIMDJSON_PADDING)
      buffer_.resize(wanted + simdjson::SIMDJSON_PADDING);
    const size_t got =
        bytes_.read(buffer_.data() + size_, buffer_.size() - simdjson::SIMDJSON_PADDING - size_);
    size_ += got;
    ended_ = got == 0;
  }

  ByteSource& bytes_;
  uint64_t max_line_;
  uint64_t number_ = 0;
  std::string buffer_;
  size_t begin_ = 0;
  size_t size_ = 0;
  size_t searched_after_move_ = 0;
  bool ended_ = false;
};

void add_scalar(const std::string& key, const simdjson::dom::element& value, RawDocument* document) {
  std::string text;
  switch (value.type()) {
    case simdjson::dom::element_type::STRING:
      text = std::string_view(value.get_string().value_unsafe());
      break;
    case simdjson::dom::element_type::INT64:
    case simdjson::dom::element_type::UINT64:
    case simdjson::dom::element_type::DOUBLE:
    case simdjson::dom::element_type::BOOL:
      text = simdjson::minify(value);
      break;
    default:
      return;
  }
  if (!text.empty() && text.size() <= kMaxAttributeBytes)
    document->attributes.emplace_back(key, std::move(text));
}

// Scalars by their key, those of inner objects by "outer.inner".
void add_metadata(const simdjson::dom::object& object, const std::string& prefix, int depth,
                  RawDocument* document) {
  for (const auto& field : object) {
    const std::string key = prefix + std::string(field.key);
    simdjson::dom::object inner;
    if (field.value.get(inner) == simdjson::SUCCESS) {
      if (depth < kMaxMetadataDepth) add_metadata(inner, key + ".", depth + 1, document);
    } else {
      add_scalar(key, field.value, document);
    }
  }
}

std::string primary_language(std::string_view name) {
  std::string code(name.substr(0, name.find_first_of("-_")));
  for (char& c : code)
    if (c >= 'A' && c <= 'Z') c += 32;
  return code.size() == 2 || code.size() == 3 ? code : std::string();
}

// NUL bytes and CR line ends may come as escapes.
void normalise(std::string* text) {
  text->erase(std::remove(text->begin(), text->end(), '\0'), text->end());
  if (text->find('\r') == std::string::npos) return;
  size_t to = 0;
  for (size_t i = 0; i < text->size(); ++i) {
    const char c = (*text)[i];
    if (c != '\r')
      (*text)[to++] = c;
    else if (i + 1 == text->size() || (*text)[i + 1] != '\n')
      (*text)[to++] = '\n';
  }
  text->resize(to);
}

class JsonlReader {
 public:
  JsonlReader(ByteSource& bytes, const ReadContext& context)
      : bytes_(bytes), context_(context), lines_(bytes, context.limits.max_line_bytes) {}

  void run() {
    bool any = false;
    try {
      while (true) {
        std::string_view line;
        const Lines::Next next = lines_.next(&line);
        if (next == Lines::Next::kEnd) break;
        any = true;
        if (next == Lines::Next::kTooLong) {
          problem("line_too_long", "more than " + std::to_string(context_.limits.max_line_bytes) + " bytes");
        } else if (!trim(line).empty() && trim(line) != "\r") {
          read_line(line);
        }
      }
    } catch (const Error& error) {
      return context_.problem(bytes_.damage(), error.what());
    }
    if (!any) context_.problem("empty");
  }

 private:
  std::string source() const { return context_.source + "#" + std::to_string(lines_.number()); }
  void problem(const char* reason, std::string detail) {
    context_.sink.problem({source(), reason, std::move(detail)});
  }

  void read_line(std::string_view line) {
    RawDocument document;
    // The stream begins with a byte order mark if its writer was careless.
    if (lines_.number() == 1 && line.starts_with("\xef\xbb\xbf")) line.remove_prefix(3);
    std::string repaired;
    size_t invalid = 0;
    if (!is_valid_utf8(line)) {
      repaired = repair_utf8(line, &invalid);
      line = repaired;
    }
    simdjson::dom::element root;
    // A line inside the buffer has readable bytes behind it, which is all that simdjson asks for.
    const bool needs_copy =
        !repaired.empty() || lines_.readable(line) < line.size() + simdjson::SIMDJSON_PADDING;
    if (const auto error = parser_.parse(line.data(), line.size(), needs_copy).get(root))
      return problem("malformed_json", describe(line, error));
    simdjson::dom::object object;
    if (root.get(object) != simdjson::SUCCESS) return problem("malformed_json", "not an object");
    if (!take_text(object, &document)) return problem("malformed_json", "no text field");
    document.source = source();
    document.attributes.emplace_back("format", "jsonl");
    if (invalid > 0) document.attributes.emplace_back("invalid_bytes", std::to_string(invalid));
    add_rest(object, &document);
    if (trim(document.text).empty()) return problem("empty", "the text field holds no text");
    context_.sink.document(std::move(document));
  }

  static std::string describe(std::string_view line, simdjson::error_code error) {
    if (line.find("}{") != std::string_view::npos || line.find("} {") != std::string_view::npos)
      return "several objects on one line, or " + std::string(simdjson::error_message(error));
    return simdjson::error_message(error);
  }

  bool take_text(const simdjson::dom::object& object, RawDocument* document) {
    for (const std::string_view name : kTextFields) {
      std::string_view text;
      if (object.at_key(name).get(text) != simdjson::SUCCESS) continue;
      text_field_ = name;
      document->text = text;
      normalise(&document->text);
      return true;
    }
    return false;
  }

  void add_rest(const simdjson::dom::object& object, RawDocument* document) {
    for (const auto& field : object) {
      if (field.key == text_field_) continue;
      std::string_view text;
      const bool is_string = field.value.get(text) == simdjson::SUCCESS;
      if (is_string && is_one_of(field.key, kTitleFields)) document->title = text;
      if (is_string && is_one_of(field.key, kLanguageFields))
        document->language_hint = primary_language(text);
      simdjson::dom::object inner;
      if (field.value.get(inner) == simdjson::SUCCESS)
        add_metadata(inner, std::string(field.key) + ".", 1, document);
      else if (field.key != "format")
        add_scalar(std::string(field.key), field.value, document);
    }
  }

  ByteSource& bytes_;
  const ReadContext& context_;
  Lines lines_;
  simdjson::dom::parser parser_;
  std::string_view text_field_;
};

bool claims(std::string_view name, std::string_view) {
  return has_ending(name, ".jsonl .ndjson .jsonlines");
}

void stream(ByteSource& bytes, const ReadContext& context) {
  JsonlReader(bytes, context).run();
}

}  // namespace

const Format kJsonlFormat = {"jsonl", claims, nullptr, stream, UINT64_MAX};

}  // namespace aurora::corpus
