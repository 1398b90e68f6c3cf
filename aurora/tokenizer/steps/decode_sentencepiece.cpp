// SentencePiece's decoding: U+2581 is a space, the first one goes if the normalizer put it there, byte tokens
// in a row are UTF-8.
#include <algorithm>

#include "aurora/base/utf8.h"
#include "aurora/tokenizer/steps/decode_ways.h"

namespace aurora::tokenizer {
namespace {

constexpr std::string_view kSpaceMark = "\xe2\x96\x81";      // U+2581
constexpr std::string_view kUnknownText = " \xe2\x81\x87 ";  // U+2047 between spaces
constexpr std::string_view kReplacement = "\xef\xbf\xbd";    // U+FFFD

class SentencePieceWay : public StreamDecoder::Way {
 public:
  explicit SentencePieceWay(const DecodeTables& tables) : tables_(tables) {}

  void push(int32_t id, std::string& out) override {
    const TokenKind kind = tables_.kind(id);
    if (kind == TokenKind::kByte) {
      bytes_ += static_cast<char>(byte_of_piece(tables_.text(id)));
      write_bytes(false, out);
      return;
    }
    write_bytes(true, out);
    if (first_space_seen_ || wrote_) at_begin_ = false;
    first_space_seen_ = false;
    if (kind == TokenKind::kControl) return;
    if (kind == TokenKind::kUnknown) return write(kUnknownText, out);
    std::string_view piece = tables_.text(id);
    if (at_begin_ && tables_.drops_first_space() && piece.starts_with(kSpaceMark)) {
      piece.remove_prefix(kSpaceMark.size());
      first_space_seen_ = !tables_.drops_all_first_spaces();
    }
    size_t done = 0;
    for (size_t mark = piece.find(kSpaceMark); mark != std::string_view::npos;
         mark = piece.find(kSpaceMark, done)) {
      write(piece.substr(done, mark - done), out);
      write(" ", out);
      done = mark + kSpaceMark.size();
    }
    write(piece.substr(done), out);
  }

  void finish(std::string& out) override {
    write_bytes(true, out);
    at_begin_ = true;
    first_space_seen_ = wrote_ = false;
  }

 private:
  void write(std::string_view text, std::string& out) {
    out += text;
    wrote_ = wrote_ || !text.empty();
  }
  // Whole characters; each byte that is part of none becomes U+FFFD. At the end of a row nothing is held.
  void write_bytes(bool all, std::string& out) {
    const size_t end = all ? bytes_.size() : bytes_.size() - incomplete_utf8_tail(bytes_);
    size_t at = 0;
    while (at < end) {
      const Decoded character = decode_utf8(bytes_, at);
      write(character.valid ? std::string_view(bytes_).substr(at, character.bytes) : kReplacement, out);
      at += character.bytes;
    }
    bytes_.erase(0, at);
  }

  const DecodeTables& tables_;
  std::string bytes_;
  bool at_begin_ = true;
  bool first_space_seen_ = false;
  bool wrote_ = false;
};

}  // namespace

std::unique_ptr<StreamDecoder::Way> make_sentencepiece_way(const DecodeTables& tables) {
  return std::make_unique<SentencePieceWay>(tables);
}

}  // namespace aurora::tokenizer
