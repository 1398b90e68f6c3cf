// LaTeX files: which files are, and which others they may pull in.
#include <algorithm>
#include <filesystem>
#include <optional>

#include "aurora/base/error.h"
#include "aurora/base/utf8.h"
#include "aurora/corpus/extract_latex_text.h"
#include "aurora/corpus/read_bytes.h"
#include "aurora/corpus/read_format.h"

namespace aurora::corpus {
namespace {

constexpr int kMaxIncludes = 64;
constexpr uint64_t kMaxIncludeBytes = 8 << 20;

bool claims(std::string_view name, std::string_view head) {
  if (has_ending(name, ".tex .latex .ltx")) return true;
  return head.find("\\documentclass") != std::string_view::npos &&
         head.find("\\begin{") != std::string_view::npos;
}

// A file named by \input, below the folder of the file that names it; nothing that leaves that folder, by ..,
// by an absolute name or by a link.
class Includes {
 public:
  explicit Includes(const Path& file) : folder_(file.parent_path()) {}

  std::string read(const std::string& name) {
    if (name.empty() || name.find("..") != std::string::npos || name[0] == '/' || left_ == 0) return {};
    Path path = folder_ / name;
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) path += ".tex";
    if (!std::filesystem::is_regular_file(path, error)) return {};
    const Path real = std::filesystem::canonical(path, error);
    if (error) return {};
    const Path root = std::filesystem::canonical(folder_.empty() ? Path(".") : folder_, error);
    if (error || !std::equal(root.begin(), root.end(), real.begin())) return {};
    --left_;
    try {
      std::string text = read_file(real, kMaxIncludeBytes);
      if (text.find('\0') != std::string::npos) return {};
      return is_valid_utf8(text) ? text : repair_utf8(text);
    } catch (const Error&) {
      return {};
    }
  }

 private:
  Path folder_;
  int left_ = kMaxIncludes;
};

void read(std::string&& bytes, const ReadContext& context) {
  std::optional<DecodedText> decoded = decode_text(std::move(bytes), {}, context);
  if (!decoded) return;
  Includes includes(context.file);
  RawDocument document = decoded_document("latex", *decoded, context);
  LatexText latex(std::move(decoded->text), [&](const std::string& name) { return includes.read(name); });
  document.text = latex.run();
  document.title = latex.title();
  send_document(std::move(document), context);
}

}  // namespace

const Format kLatexFormat = {"latex", claims, read, nullptr, uint64_t{64} << 20};

}  // namespace aurora::corpus
