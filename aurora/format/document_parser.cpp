// Lines of JSON to documents.
#include <fmt/format.h>
#include <simdjson.h>

#include "aurora/format/document.h"

namespace aurora::format {

// The DOM parser, not On-Demand: only the former picks its instruction set at run time.
struct DocumentParser::State {
  simdjson::dom::parser parser;
  simdjson::dom::object object;  // of the last line
  DocumentView view;

  // The parser reads whole vectors and so a little beyond the line.
  simdjson::dom::object parse(std::string_view line) {
    constexpr bool kCopy = false;
    return parser.parse(reinterpret_cast<const uint8_t*>(line.data()), line.size(), kCopy).get_object();
  }
};

static_assert(DocumentParser::kPadding >= simdjson::SIMDJSON_PADDING);

DocumentParser::DocumentParser() : state_(std::make_unique<State>()) {}
DocumentParser::~DocumentParser() = default;
DocumentParser::DocumentParser(DocumentParser&&) noexcept = default;

std::string DocumentParser::parse(std::string_view line, DocumentView& document) try {
  document = {};
  bool has_id = false;
  bool has_text = false;
  state_->object = state_->parse(line);
  for (const auto [key, value] : state_->object) {
    std::string_view* target = key == "id"         ? &document.id
                               : key == "text"     ? &document.text
                               : key == "source"   ? &document.source
                               : key == "corpus"   ? &document.corpus
                               : key == "language" ? &document.language
                               : key == "licence"  ? &document.licence
                               : key == "reason"   ? &document.reason
                                                   : nullptr;
    if (key == "attributes") {
      for (const auto attribute : value.get_object()) {
        [[maybe_unused]] const std::string_view text = attribute.value.get_string();
      }
    }
    if (target == nullptr) continue;
    *target = value.get_string();
    has_id |= target == &document.id;
    has_text |= target == &document.text;
  }
  state_->view = document;
  if (has_id && has_text) return {};
  return fmt::format("document without \"{}\"", has_id ? "text" : "id");
} catch (const simdjson::simdjson_error& error) {
  return fmt::format("not a document: {}", error.what());
}

std::string DocumentParser::parse_text(std::string_view line, std::string_view key,
                                       std::string_view& text) try {
  const simdjson::dom::object object = state_->parse(line);
  const auto value = object.at_key(key);
  if (value.error() == simdjson::NO_SUCH_FIELD) return fmt::format("no \"{}\" in it", key);
  if (!value.is_string()) return fmt::format("\"{}\" is no text", key);
  text = value.get_string();
  return {};
} catch (const simdjson::simdjson_error& error) {
  return fmt::format("not a line of JSON: {}", error.what());
}

Document DocumentParser::document() const {
  const DocumentView& view = state_->view;
  Document document;
  document.id = view.id;
  document.text = view.text;
  document.source = view.source;
  document.corpus = view.corpus;
  document.language = view.language;
  document.licence = view.licence;
  for (const auto [key, value] : state_->object) {
    if (key != "attributes") continue;
    for (const auto [name, text] : value.get_object()) {
      set_attribute(document, name, std::string(std::string_view(text.get_string())));
    }
  }
  return document;
}

}  // namespace aurora::format
