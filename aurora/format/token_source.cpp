// Files that hold numbers and little else: bare ones, llm.c's, NumPy's and OLMo's.
#include "aurora/format/token_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string_view>
#include <utility>

#include "aurora/base/error.h"
#include "aurora/base/stream.h"

namespace aurora::format {
namespace {

constexpr int32_t kLlmCMagic16 = 20240520;
constexpr int32_t kLlmCMagic32 = 20240801;
constexpr uint64_t kLlmCHeader = 256 * 4;
constexpr size_t kLongestLine = size_t{1} << 20;

std::string first_bytes(const Path& path, size_t most) {
  const std::unique_ptr<RangeFile> file = open_range_file(path);
  std::string bytes(std::min<uint64_t>(most, file->size()), '\0');
  file->read(0, bytes.data(), bytes.size());
  return bytes;
}

int32_t number_at(std::string_view bytes, size_t at) {
  int32_t number = 0;
  if (bytes.size() >= at + sizeof number) std::memcpy(&number, bytes.data() + at, sizeof number);
  return number;
}

class BordersAtToken : public TokenBorders {
 public:
  BordersAtToken(std::optional<int32_t> token, bool begins) : token_(token), begins_(begins) {}

  void find(uint64_t begin, std::span<const int32_t> tokens, std::vector<TokenBorder>& out) override {
    if (!token_) return;
    for (auto at = tokens.begin(); (at = std::find(at, tokens.end(), *token_)) != tokens.end(); ++at) {
      const uint64_t end = begin + static_cast<uint64_t>(at - tokens.begin()) + (begins_ ? 0 : 1);
      if (end > last_) out.push_back({.end = last_ = end});
    }
  }
  void finish(uint64_t tokens, std::vector<TokenBorder>& out) override {
    if (tokens > last_) out.push_back({.end = tokens});
  }

 private:
  std::optional<int32_t> token_;
  bool begins_;
  uint64_t last_ = 0;
};

class BordersOfRows : public TokenBorders {
 public:
  BordersOfRows(uint64_t rows, uint64_t width) : rows_(rows), width_(width) {}

  void find(uint64_t begin, std::span<const int32_t> tokens, std::vector<TokenBorder>& out) override {
    for (; width_ > 0 && (row_ + 1) * width_ <= begin + tokens.size(); ++row_)
      out.push_back({.end = (row_ + 1) * width_});
  }
  void finish(uint64_t tokens, std::vector<TokenBorder>& out) override {
    for (; width_ == 0 && row_ < rows_; ++row_) out.push_back({.end = tokens});
  }

 private:
  uint64_t rows_;
  uint64_t width_;
  uint64_t row_ = 0;
};

// Dolma's .csv.gz: "start,end,id,source,line" of each document, in the order of the tokens.
class BordersOfCsv : public TokenBorders {
 public:
  explicit BordersOfCsv(const Path& path) : path_(path), lines_(path, kLongestLine) { advance(); }

  // Where its last document ends; reads it to its end.
  uint64_t read_last_end() {
    while (more_) advance();
    return end_;
  }

  void find(uint64_t begin, std::span<const int32_t> tokens, std::vector<TokenBorder>& out) override {
    for (; more_ && end_ <= begin + tokens.size(); advance()) out.push_back({.end = end_});
  }
  void finish(uint64_t tokens, std::vector<TokenBorder>& out) override {
    for (; more_ && end_ <= tokens; advance()) out.push_back({.end = end_});
    if (more_ || end_ != tokens) {
      refuse(fmt::format("its documents end at token {}{}, the file beside it has {}", end_,
                         more_ ? " or behind" : "", tokens));
    }
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw Error(what, fmt::format("{}:{}", path_.string(), lines_.line_number()),
                "copy both files anew, or move the .csv.gz away and name the end-of-document token");
  }
  void advance() {
    const uint64_t before = end_;
    do {
      if (!(more_ = lines_.next(line_))) return;
      // A name may hold a line break between quotation marks; its further lines say nothing.
      const bool inside = in_quotes_;
      if (std::count(line_.begin(), line_.end(), '"') % 2 != 0) in_quotes_ = !in_quotes_;
      if (!inside) break;
    } while (true);
    uint64_t start = 0;
    const char* const stop = line_.data() + line_.size();
    const auto [comma, failure] = std::from_chars(line_.data(), stop, start);
    if (failure != std::errc() || comma == stop || *comma != ',') refuse("no line of the form start,end,...");
    const auto [rest, failure2] = std::from_chars(comma + 1, stop, end_);
    if (failure2 != std::errc() || (rest != stop && *rest != ',' && *rest != '\r'))
      refuse("no line of the form start,end,...");
    if (start != before || end_ < start)
      refuse(fmt::format("a document from {} to {} after one that ended at {}", start, end_, before));
  }

  Path path_;
  LineReader lines_;
  std::string line_;
  bool more_ = false;
  bool in_quotes_ = false;
  uint64_t end_ = 0;
};

NpyType bare_type(const Path& path, const ConvertSettings& settings) {
  uint32_t bytes = settings.token_bytes;
  if (bytes == 0 && settings.vocab_size > 0) bytes = settings.vocab_size <= 65536 ? 2 : 4;
  if (bytes == 0) {
    throw Error("nothing says whether its tokens have 2 or 4 bytes", path.string(),
                "name the bytes of a token or the vocabulary's size");
  }
  return bytes == 2 ? NpyType::kU16 : NpyType::kU32;
}

TokenSource open_bare(const Path& path, NpyType type, std::unique_ptr<TokenBorders> borders) {
  TokenSource source;
  source.file = open_range_file(path);
  source.stored = type;
  source.borders = std::move(borders);
  const size_t width = npy_type_bytes(type);
  if (source.file->size() % width != 0) {
    throw Error(fmt::format("{} bytes are no whole number of tokens of {}", source.file->size(), width),
                fmt::format("{}@{}", path.string(), source.file->size() / width * width),
                "check the bytes of a token, or copy the file anew: it may be cut short");
  }
  source.tokens = source.file->size() / width;
  return source;
}

TokenSource open_llm_c(const Path& path, const ConvertSettings& settings) {
  const std::string header = first_bytes(path, kLlmCHeader);
  const auto refuse = [&](const std::string& what, uint64_t at) {
    throw Error(what, fmt::format("{}@{}", path.string(), at),
                "make the file again with llm.c's own scripts");
  };
  if (header.size() < kLlmCHeader) refuse("the header of 1,024 bytes is cut short", header.size());
  const int32_t magic = number_at(header, 0);
  if (magic != kLlmCMagic16 && magic != kLlmCMagic32) refuse(fmt::format("unknown magic {}", magic), 0);
  const int32_t version = number_at(header, 4);
  if (version != (magic == kLlmCMagic16 ? 1 : 7))
    refuse(fmt::format("version {} of llm.c's files", version), 4);
  TokenSource source;
  source.file = open_range_file(path);
  source.stored = magic == kLlmCMagic16 ? NpyType::kU16 : NpyType::kU32;
  source.data_at = kLlmCHeader;
  const uint64_t room = source.file->size() - kLlmCHeader;
  const int32_t tokens = number_at(header, 8);
  if (tokens < 0 || static_cast<uint64_t>(tokens) * npy_type_bytes(source.stored) != room)
    refuse(fmt::format("{} tokens of {} do not fill {} bytes", tokens, npy_type_name(source.stored), room),
           8);
  source.tokens = static_cast<uint64_t>(tokens);
  source.borders = borders_at_token(settings);
  return source;
}

TokenSource open_numpy(const Path& path, const ConvertSettings& settings) {
  TokenSource source;
  source.file = open_range_file(path);
  const NpyHeader header = read_npy_header(*source.file);
  source.stored = header.type;
  source.data_at = header.data_at;
  source.tokens = header.elements;
  if (header.shape.size() == 2) {
    if (settings.end_of_document) {
      throw UsageError("an end-of-document token for an array whose rows are the documents", path.string(),
                       "leave it out");
    }
    source.borders = std::make_unique<BordersOfRows>(header.shape[0], header.shape[1]);
  } else {
    source.borders = borders_at_token(settings);
  }
  return source;
}

TokenSource open_olmo(const Path& path, const ConvertSettings& settings) {
  Path csv = path;
  csv.replace_extension(".csv.gz");
  if (!std::filesystem::exists(csv))
    return open_bare(path, bare_type(path, settings), borders_at_token(settings));
  if (settings.end_of_document) {
    throw UsageError("an end-of-document token for a file whose .csv.gz names the documents", path.string(),
                     "leave it out, or move the .csv.gz away");
  }
  ConvertSettings known = settings;
  if (known.token_bytes == 0 && known.vocab_size == 0) {
    const uint64_t tokens = BordersOfCsv(csv).read_last_end();
    const uint64_t bytes = open_range_file(path)->size();
    for (const uint32_t width : {2, 4})
      if (tokens <= bytes && tokens * width == bytes) known.token_bytes = width;
    if (known.token_bytes == 0) {
      throw Error(
          fmt::format("{} bytes are not the {} tokens of its .csv.gz, of 2 or 4 bytes each", bytes, tokens),
          fmt::format("{}@{}", path.string(), bytes), "copy both files anew");
    }
  }
  return open_bare(path, bare_type(path, known), std::make_unique<BordersOfCsv>(csv));
}

}  // namespace

std::unique_ptr<TokenBorders> borders_at_token(const ConvertSettings& settings) {
  return std::make_unique<BordersAtToken>(settings.end_of_document, settings.token_begins_document);
}

Path pair_prefix(const Path& path) {
  Path prefix = path;
  if (path.extension() == ".idx" || path.extension() == ".bin") prefix.replace_extension();
  return prefix;
}

TokenSourceKind detect_token_source(const Path& from) {
  const Path idx = token_idx_path(pair_prefix(from));
  if (std::filesystem::is_regular_file(idx)) {
    const std::string magic = first_bytes(idx, 7);
    if (magic.starts_with("TNTIDX")) return TokenSourceKind::kFairseq;
    if (magic == "MMIDIDX") return TokenSourceKind::kMegatron;
    throw Error("an index of no known kind", idx.string() + "@0", "name the kind of the token file");
  }
  if (from.extension() == ".ds") return TokenSourceKind::kDataTrove;
  const std::string lead = first_bytes(from, 8);
  if (lead.starts_with("\x93NUMPY")) return TokenSourceKind::kNumpy;
  if (from.extension() == ".npy") return TokenSourceKind::kOlmo;
  const int32_t magic = number_at(lead, 0);
  return magic == kLlmCMagic16 || magic == kLlmCMagic32 ? TokenSourceKind::kLlmC : TokenSourceKind::kFlat;
}

TokenSource open_token_source(TokenSourceKind kind, const Path& from, const ConvertSettings& settings) {
  const bool indexed = kind == TokenSourceKind::kMegatron || kind == TokenSourceKind::kFairseq ||
                       kind == TokenSourceKind::kDataTrove;
  if (indexed && settings.end_of_document) {
    throw UsageError("an end-of-document token for a file whose index names the documents", from.string(),
                     "leave it out");
  }
  switch (kind) {
    case TokenSourceKind::kMegatron:
      return open_megatron_source(pair_prefix(from));
    case TokenSourceKind::kFairseq:
      return open_fairseq_source(pair_prefix(from));
    case TokenSourceKind::kDataTrove:
      return open_datatrove_source(from);
    case TokenSourceKind::kLlmC:
      return open_llm_c(from, settings);
    case TokenSourceKind::kNumpy:
      return open_numpy(from, settings);
    case TokenSourceKind::kOlmo:
      return open_olmo(from, settings);
    default:
      return open_bare(from, bare_type(from, settings), borders_at_token(settings));
  }
}

}  // namespace aurora::format
