#include "aurora/format/npy.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "aurora/base/check.h"
#include "aurora/base/error.h"

namespace aurora::format {
namespace {

constexpr std::string_view kMagic("\x93NUMPY", 6);
constexpr uint64_t kAlign = 64;
constexpr size_t kMostHeader = size_t{1} << 20;
// numpy leaves room for the first dimension to grow to so many digits.
constexpr size_t kGrowthDigits = 21;

struct TypeRow {
  const char* name;
  const char* descr;
  size_t bytes;
};
constexpr TypeRow kTypes[] = {{"u8", "|u1", 1},  {"i8", "|i1", 1},  {"i16", "<i2", 2}, {"u16", "<u2", 2},
                              {"i32", "<i4", 4}, {"u32", "<u4", 4}, {"i64", "<i8", 8}, {"u64", "<u8", 8},
                              {"f32", "<f4", 4}, {"f64", "<f8", 8}};

const TypeRow& row(NpyType type) {
  return kTypes[static_cast<size_t>(type)];
}

// Elements and bytes of a shape; nothing when 64 bits do not hold them.
std::optional<uint64_t> elements_of(const std::vector<uint64_t>& shape, size_t width) {
  uint64_t elements = 1;
  for (const uint64_t size : shape)
    if (__builtin_mul_overflow(elements, size, &elements)) return std::nullopt;
  uint64_t bytes;
  if (__builtin_mul_overflow(elements, width, &bytes)) return std::nullopt;
  return elements;
}

std::string header_text(NpyType type, const std::vector<uint64_t>& shape) {
  const std::string dimensions =
      shape.size() == 1 ? fmt::format("({},)", shape[0]) : fmt::format("({})", fmt::join(shape, ", "));
  std::string text =
      fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}", row(type).descr, dimensions);
  text.append(kGrowthDigits - fmt::formatted_size("{}", shape[0]), ' ');
  const size_t before = kMagic.size() + 2 + 2;  // version, u16 length
  text.append(kAlign - (before + text.size() + 1) % kAlign, ' ');
  text += '\n';
  return text;
}

// The dictionary of a header, as Python's repr writes it:
// {'descr': '<i4', 'fortran_order': False, 'shape': (3, 2), }
class HeaderParser {
 public:
  HeaderParser(std::string_view text, std::string_view file, uint64_t text_at)
      : text_(text), file_(file), text_at_(text_at) {}

  NpyHeader parse() {
    NpyHeader header;
    bool has_type = false, has_order = false, has_shape = false;
    expect('{');
    while (!take('}')) {
      const uint64_t key_at = at_;
      const std::string_view key = quoted();
      expect(':');
      if (key == "descr" && !std::exchange(has_type, true)) {
        header.type = type();
      } else if (key == "fortran_order" && !std::exchange(has_order, true)) {
        fortran_ = boolean();
      } else if (key == "shape" && !std::exchange(has_shape, true)) {
        header.shape = shape();
      } else {
        refuse(fmt::format("the key '{}' is unknown or stands there twice", key), key_at);
      }
      if (!take(',') && peek() != '}') refuse("neither ',' nor '}' after a value", at_);
    }
    if (peek() != '\0') refuse("more than one dictionary", at_);
    if (!has_type || !has_order || !has_shape) refuse("descr, fortran_order or shape is missing", 0);
    if (header.shape.empty() || header.shape.size() > 2) {
      refuse(fmt::format("an array of {} dimensions; this program reads 1 or 2", header.shape.size()), 0);
    }
    if (fortran_ && header.shape.size() > 1)
      refuse("columns lie first (fortran_order); save it in C order", 0);
    return header;
  }

 private:
  [[noreturn]] void refuse(const std::string& what, uint64_t at) const {
    throw Error(what, fmt::format("{}@{}", file_, text_at_ + at), "save the array anew with numpy.save");
  }
  char peek() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool take(char wanted) {
    if (peek() != wanted || at_ == text_.size()) return false;
    ++at_;
    return true;
  }
  void expect(char wanted) {
    if (!take(wanted)) refuse(fmt::format("'{}' is missing in the header", wanted), at_);
  }
  std::string_view quoted() {
    const char quote = peek();
    if (quote != '\'' && quote != '"') refuse("a quoted word is missing in the header", at_);
    const size_t begin = at_ + 1;
    const size_t end = text_.find(quote, begin);
    if (end == std::string_view::npos) refuse("a quoted word does not end", at_);
    at_ = end + 1;
    return text_.substr(begin, end - begin);
  }
  NpyType type() {
    const uint64_t begin = at_;
    if (peek() == '[') refuse("an array of records (structured dtype)", at_);
    const std::string_view descr = quoted();
    for (size_t i = 0; i < std::size(kTypes); ++i)
      if (descr == kTypes[i].descr) return static_cast<NpyType>(i);
    refuse(fmt::format("numbers of the type '{}'; known: |u1 |i1 <i2 <u2 <i4 <u4 <i8 <u8 <f4 <f8", descr),
           begin);
  }
  bool boolean() {
    peek();
    for (const std::string_view word : {"True", "False"}) {
      if (text_.substr(at_, word.size()) != word) continue;
      at_ += word.size();
      return word == "True";
    }
    refuse("fortran_order is neither True nor False", at_);
  }
  std::vector<uint64_t> shape() {
    std::vector<uint64_t> sizes;
    expect('(');
    while (!take(')')) {
      peek();
      uint64_t size = 0;
      const char* end = text_.data() + text_.size();
      const auto [stop, failure] = std::from_chars(text_.data() + at_, end, size);
      if (failure != std::errc()) refuse("a size in the shape is no number of 64 bits", at_);
      at_ = static_cast<size_t>(stop - text_.data());
      sizes.push_back(size);
      if (!take(',') && peek() != ')') refuse("neither ',' nor ')' in the shape", at_);
    }
    return sizes;
  }

  std::string_view text_;
  std::string_view file_;
  uint64_t text_at_;
  size_t at_ = 0;
  bool fortran_ = false;
};

}  // namespace

size_t npy_type_bytes(NpyType type) {
  return row(type).bytes;
}

const char* npy_type_name(NpyType type) {
  return row(type).name;
}

NpyHeader read_npy_header(const RangeFile& file) {
  const auto refuse = [&](const std::string& what, uint64_t at) {
    throw Error(what, fmt::format("{}@{}", file.name(), at), "save the array anew with numpy.save");
  };
  // Magic, version, then the length of the text in 2 bytes (version 1) or 4 (version 2).
  unsigned char lead[12] = {};
  file.read(0, lead, std::min<uint64_t>(sizeof lead, file.size()));
  if (file.size() < sizeof lead || std::memcmp(lead, kMagic.data(), kMagic.size()) != 0)
    refuse("not a .npy file: wrong magic", 0);
  const int major = lead[6], minor = lead[7];
  if ((major != 1 && major != 2) || minor != 0)
    refuse(fmt::format("version {}.{} of .npy; this program reads 1.0 and 2.0", major, minor), 6);
  uint32_t size = 0;
  std::memcpy(&size, lead + 8, major == 1 ? 2 : 4);
  const uint64_t text_at = major == 1 ? 10 : 12;
  if (size > kMostHeader || size > file.size() - text_at)
    refuse(fmt::format("a header of {} bytes in a file of {}", size, file.size()), 8);

  std::string text(size, '\0');
  file.read(text_at, text.data(), text.size());
  NpyHeader header = HeaderParser(text, file.name(), text_at).parse();
  header.data_at = text_at + size;
  const size_t width = npy_type_bytes(header.type);
  const std::optional<uint64_t> elements = elements_of(header.shape, width);
  const uint64_t room = file.size() - header.data_at;
  if (!elements || *elements * width != room) {
    refuse(fmt::format("{} bytes of numbers, the shape ({}) of {} wants another size", room,
                       fmt::join(header.shape, ", "), npy_type_name(header.type)),
           header.data_at);
  }
  header.elements = *elements;
  return header;
}

NpyWriter::NpyWriter(const Path& path, NpyType type, std::vector<uint64_t> shape) : file_(path), type_(type) {
  AURORA_CHECK(shape.size() == 1 || shape.size() == 2, "{} dimensions", shape.size());
  const std::optional<uint64_t> elements = elements_of(shape, npy_type_bytes(type));
  AURORA_CHECK(elements.has_value(), "a shape beyond 64 bits");
  left_ = *elements * npy_type_bytes(type);
  const std::string text = header_text(type, shape);
  const uint16_t size = static_cast<uint16_t>(text.size());
  file_.write(kMagic);
  file_.write("\1\0", 2);
  file_.write(&size, sizeof size);
  file_.write(text);
}

void NpyWriter::check_type(NpyType type) const {
  AURORA_CHECK(type == type_, "{} into an array of {}", npy_type_name(type), npy_type_name(type_));
}

void NpyWriter::write(const void* data, size_t bytes) {
  AURORA_CHECK_LE(bytes, left_);
  file_.write(data, bytes);
  left_ -= bytes;
}

void NpyWriter::commit() {
  AURORA_CHECK_EQ(left_, 0u);
  file_.commit();
}

NpyFile::NpyFile(const Path& path) : header_(read_npy_header(*open_range_file(path))), map_(path) {
  const uint64_t end = header_.data_at + header_.elements * npy_type_bytes(header_.type);
  if (map_.bytes().size() != end) {
    throw Error("the file changed while it was opened",
                fmt::format("{}@{}", path.string(), map_.bytes().size()), "let its writer finish");
  }
}

void NpyFile::check_readable(NpyType type) const {
  if (type != header_.type) {
    throw Error(fmt::format("the array holds {}, not {}", npy_type_name(header_.type), npy_type_name(type)),
                map_.path().string(), "name an array of the right type");
  }
  if (header_.data_at % npy_type_bytes(type) != 0) {
    throw Error(fmt::format("the numbers begin at {}, which is no multiple of their width", header_.data_at),
                fmt::format("{}@{}", map_.path().string(), header_.data_at),
                "save the array anew with numpy.save");
  }
}

}  // namespace aurora::format
