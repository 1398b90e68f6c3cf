#include "aurora/corpus/extract_split.h"

#include <algorithm>

namespace aurora::corpus {

std::string_view leading_part(std::string_view text, size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  const std::string_view window = text.substr(0, max_bytes);
  for (const char border : {'\n', ' '}) {
    const size_t at = window.rfind(border);
    if (at != std::string_view::npos && at >= max_bytes / 2) return text.substr(0, at + 1);
  }
  size_t end = max_bytes;
  while (end > 1 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end);
}

std::vector<std::string> split_at_paragraphs(std::string_view text, size_t max_bytes) {
  std::vector<std::string> pieces;
  std::string piece;
  const auto flush = [&] {
    while (!piece.empty() && piece.back() == '\n') piece.pop_back();
    if (!piece.empty()) pieces.push_back(std::move(piece));
    piece.clear();
  };
  while (!text.empty()) {
    const size_t end = std::min(text.find("\n\n", 0), text.size());
    std::string_view paragraph = text.substr(0, std::min(end + 2, text.size()));
    text.remove_prefix(paragraph.size());
    if (piece.size() + paragraph.size() > max_bytes) flush();
    while (paragraph.size() > max_bytes) {
      const std::string_view part = leading_part(paragraph, max_bytes);
      piece = part;
      flush();
      paragraph.remove_prefix(part.size());
    }
    piece += paragraph;
  }
  flush();
  return pieces;
}

void send_pieces(const std::vector<std::string>& pieces, const RawDocument& pattern,
                 const ReadContext& context) {
  for (size_t i = 0; i < pieces.size(); ++i) {
    RawDocument document = pattern;
    document.text = pieces[i];
    document.source += "#" + std::to_string(i + 1);
    document.attributes.emplace_back("piece", std::to_string(i + 1) + "/" + std::to_string(pieces.size()));
    send_document(std::move(document), context);
  }
}

}  // namespace aurora::corpus
