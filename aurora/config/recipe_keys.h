// The table of recipe keys: each key declared once. Parsing, checking, printing, fingerprints and the
// reference page all read it. Internal to config.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <string>
#include <variant>
#include <vector>

#include "aurora/config/recipe.h"

namespace aurora::config {

// How a key's value travels between TOML and its struct.
using Value = std::variant<bool, int64_t, double, std::string, std::vector<std::string>, Shares>;
enum class Type { kBool, kInteger, kNumber, kText, kTexts, kShares };  // the index into Value
enum class Kind { kResult, kSpeed, kPlace };

const char* type_name(Type type);
const char* kind_name(Kind kind);

// A set of stages.
struct Readers {
  unsigned bits = 0;
  Readers() = default;
  Readers(std::initializer_list<Stage> stages) {
    for (Stage stage : stages) bits |= 1u << static_cast<unsigned>(stage);
  }
  bool has(Stage stage) const { return (bits >> static_cast<unsigned>(stage) & 1u) != 0; }
};

// What a value may be. Numbers: low..high, an open end excludes its bound. Texts: one of `choices` (none:
// any).
struct Bounds {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool low_open = false;
  bool high_open = false;
  std::vector<std::string> choices = {};

  bool allows(double value) const;
  bool allows(const std::string& value) const;
  std::string text() const;  // "at least 1", "0 < x <= 1", "a, b or c"; empty: anything
};

// When a setting can have no effect, and the reason as a clause: "schedule is not wsd".
struct Idle {
  bool (*when)(const Recipe&) = nullptr;
  const char* reason = "";
};

struct Key {
  const char* name;
  Type type;
  Kind kind;
  Readers readers;
  Bounds bounds;
  const char* doc;
  Idle idle;
  int64_t int_high;  // largest integer the struct's field holds
  Value (*get)(const void* section);
  void (*set)(void* section, const Value& value);  // value holds `type`

  bool is_idle(const Recipe& recipe) const { return idle.when != nullptr && idle.when(recipe); }
};

// A section that may stand many times.
struct Tables {
  size_t (*count)(const Recipe&);
  void (*resize)(Recipe&, size_t count);
  const std::string& (*name)(const Recipe&, size_t index);
};

struct Section {
  const char* name;
  const char* doc;
  const Tables* tables;                    // [[corpus]], [[stage]]: one struct per table; else null
  void* (*locate)(Recipe&, size_t index);  // the struct; index counts where there are several
  const void* (*defaults)();
  std::vector<Key> keys;

  bool repeated() const { return tables != nullptr; }
  size_t count(const Recipe& recipe) const { return repeated() ? tables->count(recipe) : 1; }
  const void* of(const Recipe& recipe, size_t index) const {
    return locate(const_cast<Recipe&>(recipe), index);
  }
  const Key* find(const std::string& name) const;
};

const std::vector<Section>& recipe_sections();
const Section* find_section(const std::string& name);

// As TOML, and as the reference prints it.
std::string value_text(const Value& value);

// The word of `known` nearest to `word` by edit distance; empty when none is near.
std::string nearest(const std::string& word, const std::vector<std::string>& known);

// Where each key was set: "train.steps", "corpus[1].weight" -> "a.toml:12", for messages.
class Origins {
 public:
  explicit Origins(std::string file) : file_(std::move(file)) {}
  void set(const std::string& path, std::string where) { places_.emplace_back(path, std::move(where)); }
  std::string of(const std::string& path) const;  // the last set; the file where it was not

 private:
  std::string file_;
  std::vector<std::pair<std::string, std::string>> places_;
};

// Checks that need more than one key. Throws UsageError.
void validate(const Recipe& recipe, const Origins& origins);

}  // namespace aurora::config
