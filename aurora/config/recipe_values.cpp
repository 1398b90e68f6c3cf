// Small helpers around the key table: names, bounds, spelling of values, nearest words.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "aurora/config/recipe_keys.h"

namespace aurora::config {

namespace {

std::string number_text(double value) {
  std::string text = fmt::format("{}", value);  // as short as reads back exactly
  return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7F) {
      out += fmt::format("\\u{:04X}", byte);
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string shares_text(const Shares& shares) {
  std::vector<std::string> items;
  for (const auto& [name, number] : shares)
    items.push_back(fmt::format("{} = {}", name, number_text(number)));
  return items.empty() ? "{}" : fmt::format("{{ {} }}", fmt::join(items, ", "));
}

size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

// 1e6 rather than 1000000.0 in a clause: whole numbers without a point.
std::string plain(double value) {
  return value == std::floor(value) && std::abs(value) < 1e15 ? fmt::format("{}", static_cast<int64_t>(value))
                                                              : fmt::format("{}", value);
}

}  // namespace

const char* type_name(Type type) {
  constexpr const char* kNames[] = {"true or false", "integer",       "number",
                                    "text",          "list of texts", "table of numbers"};
  return kNames[static_cast<size_t>(type)];
}

const char* kind_name(Kind kind) {
  constexpr const char* kNames[] = {"result", "speed", "place"};
  return kNames[static_cast<size_t>(kind)];
}

bool Bounds::allows(double value) const {
  return std::isfinite(value) && (low_open ? value > low : value >= low) &&
         (high_open ? value < high : value <= high);
}

bool Bounds::allows(const std::string& value) const {
  return choices.empty() || std::find(choices.begin(), choices.end(), value) != choices.end();
}

std::string Bounds::text() const {
  if (!choices.empty()) {
    std::vector<std::string> words;
    for (const std::string& choice : choices) {
      if (!choice.empty()) words.push_back(choice);
    }
    return fmt::format("{}", fmt::join(words, ", "));
  }
  if (std::isfinite(low) && std::isfinite(high)) {
    return fmt::format("{} {} x {} {}", plain(low),
                       low_open ? "<" : "<=", high_open ? "<" : "<=", plain(high));
  }
  if (std::isfinite(low)) return fmt::format("{} {}", low_open ? "more than" : "at least", plain(low));
  return "";
}

const Key* Section::find(const std::string& wanted) const {
  for (const Key& key : keys) {
    if (key.name == wanted) return &key;
  }
  return nullptr;
}

const Section* find_section(const std::string& name) {
  for (const Section& section : recipe_sections()) {
    if (section.name == name) return &section;
  }
  return nullptr;
}

std::string value_text(const Value& value) {
  switch (static_cast<Type>(value.index())) {
    case Type::kBool:
      return std::get<bool>(value) ? "true" : "false";
    case Type::kInteger:
      return fmt::format("{}", std::get<int64_t>(value));
    case Type::kNumber:
      return number_text(std::get<double>(value));
    case Type::kText:
      return quoted(std::get<std::string>(value));
    case Type::kShares:
      return shares_text(std::get<Shares>(value));
    case Type::kTexts:
      break;
  }
  std::vector<std::string> items;
  for (const std::string& item : std::get<std::vector<std::string>>(value)) items.push_back(quoted(item));
  return fmt::format("[{}]", fmt::join(items, ", "));
}

std::string nearest(const std::string& word, const std::vector<std::string>& known) {
  std::string best;
  size_t least = word.size() / 3 + 2;  // beyond this it is another word, not a slip
  for (const std::string& candidate : known) {
    const size_t distance = edit_distance(word, candidate);
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

std::string Origins::of(const std::string& path) const {
  for (auto at = places_.rbegin(); at != places_.rend(); ++at) {
    if (at->first == path) return at->second;
  }
  return file_;
}

}  // namespace aurora::config
