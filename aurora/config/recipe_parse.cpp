// TOML -> Recipe, with the place of each key for messages.
#include <fmt/format.h>
#include <toml++/toml.h>

#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include "aurora/base/error.h"
#include "aurora/config/recipe_keys.h"

namespace aurora::config {

namespace {

// One key that was given a value, not yet put into the recipe.
struct Setting {
  const Section* section;
  size_t index;  // of the table
  const Key* key;
  Value value;
  std::string where;

  std::string name() const { return std::string(section->name) + "." + key->name; }
  std::string path() const {
    return section->repeated() ? fmt::format("{}[{}].{}", section->name, index, key->name) : name();
  }
};

std::string place(const Path& file, const toml::source_region& source) {
  return fmt::format("{}:{}", file.string(), source.begin.line);
}

[[noreturn]] void unknown_section(const std::string& name, const std::string& where) {
  std::vector<std::string> known;
  for (const Section& section : recipe_sections()) known.push_back(section.name);
  const std::string near = nearest(name, known);
  throw UsageError(
      fmt::format("unknown section [{}]", name), where,
      near.empty() ? "docs/formats/recipe.md lists the sections" : fmt::format("did you mean [{}]?", near));
}

[[noreturn]] void unknown_key(const Section& section, const std::string& name, const std::string& where) {
  std::vector<std::string> known;
  for (const Key& key : section.keys) known.push_back(key.name);
  std::string remedy = "docs/formats/recipe.md lists the keys";
  const std::string near = nearest(name, known);
  if (!near.empty()) remedy = fmt::format("did you mean {}?", near);
  for (const Section& other : recipe_sections()) {
    if (other.find(name) != nullptr) remedy = fmt::format("{} stands in [{}]", name, other.name);
  }
  throw UsageError(fmt::format("unknown key {}.{}", section.name, name), where, remedy);
}

const char* toml_type_name(const toml::node& node) {
  if (node.is_boolean()) return "true or false";
  if (node.is_integer()) return "an integer";
  if (node.is_floating_point()) return "a number";
  if (node.is_string()) return "a text";
  if (node.is_array()) return "a list";
  if (node.is_table()) return "a table";
  return "a date or time";
}

std::optional<Value> texts_of(const toml::node& node) {
  std::vector<std::string> texts;
  for (const toml::node& item : *node.as_array()) {
    const auto text = item.value_exact<std::string>();
    if (!text) return std::nullopt;
    texts.push_back(*text);
  }
  return texts;
}

std::optional<Value> shares_of(const toml::node& node) {
  Shares shares;
  for (const auto& [name, item] : *node.as_table()) {
    const auto number = item.value<double>();
    if (!number || item.is_boolean()) return std::nullopt;
    shares.emplace_back(std::string(name.str()), *number);
  }
  return shares;
}

// The node as a value of the type; nothing when it is of another type. A whole number may be written for a
// number, and 2.5e6 for an integer.
std::optional<Value> convert(const toml::node& node, Type type) {
  const auto number = node.value_exact<double>();
  const auto integer = node.value_exact<int64_t>();
  switch (type) {
    case Type::kBool:
      if (node.is_boolean()) return Value(*node.value_exact<bool>());
      break;
    case Type::kInteger:
      if (integer) return Value(*integer);
      if (number && std::abs(*number) < 0x1p53 && *number == std::floor(*number)) {
        return Value(static_cast<int64_t>(*number));
      }
      break;
    case Type::kNumber:
      if (number) return Value(*number);
      if (integer) return Value(static_cast<double>(*integer));
      break;
    case Type::kText:
      if (node.is_string()) return Value(*node.value_exact<std::string>());
      break;
    case Type::kTexts:
      if (node.is_array()) return texts_of(node);
      break;
    case Type::kShares:
      if (node.is_table()) return shares_of(node);
      break;
  }
  return std::nullopt;
}

[[noreturn]] void wrong_type(const std::string& name, Type type, const char* given,
                             const std::string& where) {
  throw UsageError(fmt::format("{} is {} here", name, given), where,
                   fmt::format("write a value of the type: {}", type_name(type)));
}

Setting make_setting(const Section& section, size_t index, const std::string& name, const toml::node& node,
                     std::string where) {
  const Key* key = section.find(name);
  if (key == nullptr) unknown_key(section, name, where);
  auto value = convert(node, key->type);
  if (!value) {
    wrong_type(std::string(section.name) + "." + name, key->type, toml_type_name(node), where);
  }
  return {&section, index, key, std::move(*value), std::move(where)};
}

void add_settings(const Section& section, size_t index, const toml::table& table, const Path& file,
                  std::vector<Setting>& settings) {
  for (const auto& [name, node] : table) {
    settings.push_back(
        make_setting(section, index, std::string(name.str()), node, place(file, name.source())));
  }
}

// Tables of each section that may stand many times, by its name.
using TableCounts = std::map<std::string, size_t>;

void add_tables(const Section& section, const toml::node& node, const Path& file,
                std::vector<Setting>& settings, TableCounts& counts) {
  const auto refuse = [&] {
    throw UsageError(fmt::format("[{}] must be a list of tables", section.name), place(file, node.source()),
                     fmt::format("write [[{}]]", section.name));
  };
  const toml::array* tables = node.as_array();
  if (tables == nullptr) refuse();
  for (const toml::node& item : *tables) {
    const toml::table* table = item.as_table();
    if (table == nullptr) refuse();
    add_settings(section, counts[section.name]++, *table, file, settings);
  }
}

toml::table parse_toml(const std::string& text, const Path& file) {
  try {
    return toml::parse(text, file.string());
  } catch (const toml::parse_error& error) {
    throw UsageError(std::string(error.description()), place(file, error.source()),
                     "see toml.io for the syntax");
  }
}

std::vector<Setting> settings_of_file(const std::string& text, const Path& file, TableCounts& counts) {
  const toml::table root = parse_toml(text, file);
  std::vector<Setting> settings;
  for (const auto& [key, node] : root) {
    const std::string name(key.str());
    const std::string where = place(file, key.source());
    const Section* section = find_section(name);
    if (section == nullptr && !node.is_table() && !node.is_array_of_tables()) {
      throw UsageError(fmt::format("key {} stands in no section", name), where, "put it under [section]");
    }
    if (section == nullptr) unknown_section(name, where);
    if (section->repeated()) {
      add_tables(*section, node, file, settings, counts);
    } else if (const toml::table* table = node.as_table()) {
      add_settings(*section, 0, *table, file, settings);
    } else {
      throw UsageError(fmt::format("[{}] must be one table", name), where, fmt::format("write [{}]", name));
    }
  }
  return settings;
}

size_t table_index(const Section& section, const Recipe& recipe, const std::string& name,
                   const std::string& where) {
  std::vector<std::string> known;
  for (size_t i = 0; i < section.count(recipe); ++i) {
    known.push_back(section.tables->name(recipe, i));
    if (known.back() == name) return i;
  }
  const std::string near = nearest(name, known);
  throw UsageError(fmt::format("no {} is called {}", section.name, name), where,
                   near.empty() ? fmt::format("name a {} of the recipe", section.name)
                                : fmt::format("did you mean {}?", near));
}

// "section.key=value", "corpus.NAME.key=value" or "stage.NAME.key=value".
Setting setting_of_override(const std::string& text, const Recipe& recipe) {
  const std::string where = "--set " + text;
  const size_t equals = text.find('=');
  const size_t first_dot = text.find('.');
  const size_t last_dot = equals == std::string::npos ? equals : text.rfind('.', equals);
  if (equals == std::string::npos || first_dot > equals || first_dot == 0 || last_dot + 1 == equals) {
    throw UsageError("an override has no section, key or value", where, "write --set section.key=value");
  }
  const std::string section_name = text.substr(0, first_dot);
  const std::string key_name = text.substr(last_dot + 1, equals - last_dot - 1);
  const std::string raw = text.substr(equals + 1);
  const Section* section = find_section(section_name);
  if (section == nullptr) unknown_section(section_name, where);
  if (section->repeated() == (first_dot == last_dot)) {
    throw UsageError("this names no key", where,
                     section->repeated() ? fmt::format("write --set {}.NAME.key=value", section_name)
                                         : "write --set section.key=value");
  }
  const size_t index =
      section->repeated()
          ? table_index(*section, recipe, text.substr(first_dot + 1, last_dot - first_dot - 1), where)
          : 0;
  const Key* key = section->find(key_name);
  if (key == nullptr) unknown_key(*section, key_name, where);
  try {
    const toml::table table = toml::parse("value = " + raw);
    const toml::node* node = table.get("value");
    if (table.size() == 1 && node != nullptr && (key->type != Type::kText || node->is_string())) {
      return make_setting(*section, index, key_name, *node, where);
    }
  } catch (const toml::parse_error&) {
    // a bare word, judged below
  }
  if (key->type != Type::kText) wrong_type(section_name + "." + key_name, key->type, "a bare word", where);
  return {section, index, key, raw, where};
}

void check_bounds(const Setting& setting) {
  const Bounds& bounds = setting.key->bounds;
  const auto refuse = [&](const std::string& shown) {
    const std::string near = nearest(shown.substr(1, shown.size() - 2), bounds.choices);
    throw UsageError(fmt::format("{} = {} is not allowed", setting.name(), shown), setting.where,
                     fmt::format("allowed: {}{}", bounds.text(),
                                 near.empty() ? "" : fmt::format("; did you mean {}?", near)));
  };
  const Value& value = setting.value;
  if (const auto* number = std::get_if<double>(&value); number != nullptr && !bounds.allows(*number)) {
    refuse(value_text(value));
  }
  if (const auto* integer = std::get_if<int64_t>(&value)) {
    if (!bounds.allows(static_cast<double>(*integer))) refuse(value_text(value));
    if (*integer > setting.key->int_high) {
      throw UsageError(fmt::format("{} = {} is too large", setting.name(), *integer), setting.where,
                       fmt::format("at most {}", setting.key->int_high));
    }
  }
  if (const auto* text = std::get_if<std::string>(&value); text != nullptr && !bounds.allows(*text)) {
    refuse(value_text(value));
  }
  if (const auto* texts = std::get_if<std::vector<std::string>>(&value)) {
    for (const std::string& text : *texts) {
      if (!bounds.allows(text)) refuse(value_text(Value(text)));
    }
  }
  if (const auto* shares = std::get_if<Shares>(&value)) {
    for (const auto& [name, number] : *shares) {
      if (!bounds.allows(number)) refuse(value_text(value));
    }
  }
}

void apply(const Setting& setting, Recipe& recipe, Origins& origins) {
  check_bounds(setting);
  setting.key->set(setting.section->locate(recipe, setting.index), setting.value);
  origins.set(setting.path(), setting.where);
}

void check_idle(const std::vector<Setting>& settings, const Recipe& recipe) {
  for (const Setting& setting : settings) {
    if (setting.key->is_idle(recipe)) {
      throw UsageError(fmt::format("{} can have no effect: {}", setting.name(), setting.key->idle.reason),
                       setting.where, "leave it out or change the other key");
    }
  }
}

bool sets(const std::vector<Setting>& settings, const std::string& path) {
  for (const Setting& setting : settings) {
    if (setting.path() == path) return true;
  }
  return false;
}

}  // namespace

Recipe parse_recipe(const std::string& toml, const Path& name_in_errors, const Overrides& overrides) {
  Recipe recipe;
  recipe.file = name_in_errors;
  Origins origins(name_in_errors.string());
  TableCounts counts;
  const std::vector<Setting> given = settings_of_file(toml, name_in_errors, counts);
  for (const auto& [section, count] : counts) find_section(section)->tables->resize(recipe, count);
  for (const Setting& setting : given) apply(setting, recipe, origins);
  check_idle(given, recipe);

  std::vector<Setting> set;
  for (const std::string& text : overrides) set.push_back(setting_of_override(text, recipe));
  for (const Setting& setting : set) apply(setting, recipe, origins);
  if (sets(set, "train.steps") && !sets(set, "train.tokens")) recipe.train.tokens = 0;
  if (sets(set, "train.tokens") && !sets(set, "train.steps")) recipe.train.steps = 0;
  check_idle(set, recipe);

  if (recipe.run.out.empty()) recipe.run.out = "runs/" + recipe.run.name;
  validate(recipe, origins);
  return recipe;
}

Recipe load_recipe(const Path& path, const Overrides& overrides) {
  constexpr uint64_t kMaxBytes = uint64_t{16} << 20;
  return parse_recipe(read_file(path, kMaxBytes), path, overrides);
}

}  // namespace aurora::config
