#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "aurora/base/check.h"
#include "aurora/base/error.h"
#include "aurora/base/stream.h"

namespace aurora {

namespace {

// Encoders see their input in pieces of this size whatever the sizes of the writes, so that the output is a
// function of the bytes alone.
constexpr size_t kPiece = size_t{1} << 18;

void check_zstd(size_t result) {
  AURORA_CHECK(!ZSTD_isError(result), "zstd: {}", ZSTD_getErrorName(result));
}

// 15 bits of window, gzip wrapper. zlib's own header holds no time and no name.
void start_gzip(z_stream& stream, int level) {
  const int result = ::deflateInit2(&stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  if (result != Z_OK) throw std::bad_alloc();
}

// Calls sink(bytes) with the output for `input`; `last` ends the stream.
template <typename Sink>
void deflate_all(z_stream& stream, std::string_view input, bool last, Sink sink) {
  char out[1 << 16];
  for (;;) {
    const auto part = static_cast<uInt>(std::min<size_t>(input.size(), size_t{1} << 30));
    const bool at_end = last && part == input.size();
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    stream.avail_in = part;
    int result = Z_OK;
    do {
      stream.next_out = reinterpret_cast<Bytef*>(out);
      stream.avail_out = sizeof out;
      result = ::deflate(&stream, at_end ? Z_FINISH : Z_NO_FLUSH);
      AURORA_CHECK(result != Z_STREAM_ERROR);
      sink(std::string_view(out, sizeof out - stream.avail_out));
    } while (stream.avail_out == 0);
    input.remove_prefix(part);
    if (input.empty()) return;
  }
}

bool ends_with(const Path& path, std::string_view ending) {
  return std::string_view(path.native()).ends_with(ending);
}

}  // namespace

struct Writer::Codec {
  enum class Kind { kPlain, kGzip, kZstd };
  Kind kind = Kind::kPlain;
  std::string pending;  // input not yet given to the encoder
  z_stream gzip{};
  ZSTD_CCtx* zstd = nullptr;

  ~Codec() {
    if (kind == Kind::kGzip) ::deflateEnd(&gzip);
    ZSTD_freeCCtx(zstd);
  }

  void encode(AtomicFile& file, bool last) {
    if (kind == Kind::kPlain) file.write(pending);
    if (kind == Kind::kGzip) {
      deflate_all(gzip, pending, last, [&](std::string_view bytes) { file.write(bytes); });
    }
    if (kind == Kind::kZstd) encode_zstd(file, last);
    pending.clear();
  }

  void encode_zstd(AtomicFile& file, bool last) {
    char out[1 << 16];
    ZSTD_inBuffer input{pending.data(), pending.size(), 0};
    for (bool more = true; more;) {
      ZSTD_outBuffer output{out, sizeof out, 0};
      const size_t left = ZSTD_compressStream2(zstd, &output, &input, last ? ZSTD_e_end : ZSTD_e_continue);
      check_zstd(left);
      file.write(out, output.pos);
      more = last ? left != 0 : input.pos < input.size;
    }
  }
};

Writer::Writer(const Path& path, int level) : file_(path), codec_(std::make_unique<Codec>()) {
  if (ends_with(path, ".gz")) {
    start_gzip(codec_->gzip, std::clamp(level, 1, 9));
    codec_->kind = Codec::Kind::kGzip;
  } else if (ends_with(path, ".zst")) {
    codec_->kind = Codec::Kind::kZstd;
    codec_->zstd = ZSTD_createCCtx();
    if (codec_->zstd == nullptr) throw std::bad_alloc();
    check_zstd(ZSTD_CCtx_setParameter(codec_->zstd, ZSTD_c_compressionLevel, std::clamp(level, 1, 19)));
    check_zstd(ZSTD_CCtx_setParameter(codec_->zstd, ZSTD_c_checksumFlag, 1));  // damage must be found
    // The size of a short stream would else be known at its first call and change its header.
    check_zstd(ZSTD_CCtx_setPledgedSrcSize(codec_->zstd, ZSTD_CONTENTSIZE_UNKNOWN));
  }
}

Writer::~Writer() = default;

void Writer::write(std::string_view bytes) {
  bytes_in_ += bytes.size();
  while (!bytes.empty()) {
    const size_t part = std::min(bytes.size(), kPiece - codec_->pending.size());
    codec_->pending.append(bytes.substr(0, part));
    bytes.remove_prefix(part);
    if (codec_->pending.size() == kPiece) codec_->encode(file_, false);
  }
}

void Writer::commit() {
  codec_->encode(file_, true);
  file_.commit();
}

std::string gzip_compress(std::string_view bytes, int level) {
  z_stream stream{};
  start_gzip(stream, level);
  std::string out;
  deflate_all(stream, bytes, true, [&](std::string_view part) { out.append(part); });
  ::deflateEnd(&stream);
  return out;
}

std::string zstd_compress(std::string_view bytes, int level) {
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  const size_t size = ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), level);
  check_zstd(size);
  out.resize(size);
  return out;
}

}  // namespace aurora
