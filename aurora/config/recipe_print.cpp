// Recipe -> TOML, fingerprints, and the reference of all keys.
#include <fmt/format.h>

#include "aurora/base/hash.h"
#include "aurora/config/recipe_keys.h"

namespace aurora::config {

namespace {

constexpr Stage kStages[] = {Stage::kPrepare,  Stage::kTokenizer, Stage::kTokenize,
                             Stage::kPretrain, Stage::kEvaluate,  Stage::kRelease};

// Raised by whoever changes what a stage makes of the same keys and inputs: outputs made before are made
// anew.
int revision_of(Stage stage) {
  switch (stage) {
    case Stage::kPrepare:
      return 1;
    case Stage::kTokenizer:
      return 1;
    case Stage::kTokenize:
      return 1;
    case Stage::kPretrain:
      return 2;
    case Stage::kEvaluate:
      return 1;
    case Stage::kRelease:
      return 1;
  }
  return 0;
}

std::string readers_text(const Key& key) {
  std::string text;
  for (Stage stage : kStages) {
    if (key.readers.has(stage)) text += (text.empty() ? "" : ", ") + std::string(stage_name(stage));
  }
  return text;
}

std::string header(const Section& section) {
  return section.repeated() ? fmt::format("[[{}]]", section.name) : fmt::format("[{}]", section.name);
}

// A table cell: bars would end it.
std::string cell(const std::string& text) {
  std::string out;
  for (char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

}  // namespace

const char* stage_name(Stage stage) {
  constexpr const char* kNames[] = {"prepare", "tokenizer", "tokenize", "pretrain", "evaluate", "release"};
  return kNames[static_cast<size_t>(stage)];
}

std::string print_recipe(const Recipe& recipe) {
  std::string out = "# The effective recipe: every key, defaults too (docs/formats/recipe.md).\n";
  for (const Section& section : recipe_sections()) {
    for (size_t i = 0; i < section.count(recipe); ++i) {
      out += "\n" + header(section) + "\n";
      for (const Key& key : section.keys) {
        const std::string line = fmt::format("{} = {}", key.name, value_text(key.get(section.of(recipe, i))));
        out +=
            key.is_idle(recipe) ? fmt::format("# {}  # no effect: {}\n", line, key.idle.reason) : line + "\n";
      }
    }
  }
  return out;
}

std::string fingerprint_text(const Recipe& recipe, Stage stage) {
  std::string out = fmt::format("stage = {}\nrevision = {}\n", stage_name(stage), revision_of(stage));
  for (const Section& section : recipe_sections()) {
    for (size_t i = 0; i < section.count(recipe); ++i) {
      // Tables go by name; that their order counts follows from the order of lines.
      const std::string owner = section.repeated()
                                    ? fmt::format("{}.{}", section.name, section.tables->name(recipe, i))
                                    : section.name;
      for (const Key& key : section.keys) {
        if (key.kind != Kind::kResult || !key.readers.has(stage) || key.is_idle(recipe)) continue;
        out += fmt::format("{}.{} = {}\n", owner, key.name, value_text(key.get(section.of(recipe, i))));
      }
    }
  }
  return out;
}

std::string fingerprint(const Recipe& recipe, Stage stage) {
  return xxh3_128(fingerprint_text(recipe, stage)).hex();
}

Recipe past_of(Recipe recipe, int64_t tokens, uint64_t position) {
  std::erase_if(recipe.stages, [&](const TrainStage& stage) { return stage.from_tokens >= tokens; });
  std::erase_if(recipe.blend.skip, [&](const std::string& range) {
    return skipped_samples({range}, "blend.skip").front().first >= position;
  });
  return recipe;
}

std::string recipe_reference() {
  std::string out;
  for (const Section& section : recipe_sections()) {
    out += fmt::format("### `{}`: {}\n\n", header(section), section.doc);
    out += "| key | type | default | allowed | kind | read by | meaning |\n|---|---|---|---|---|---|---|\n";
    for (const Key& key : section.keys) {
      std::string doc = key.doc;
      if (key.idle.when != nullptr) doc += fmt::format(" (no effect, so an error, when {})", key.idle.reason);
      out += fmt::format("| `{}` | {} | `{}` | {} | {} | {} | {} |\n", key.name, type_name(key.type),
                         cell(value_text(key.get(section.defaults()))), key.bounds.text(),
                         kind_name(key.kind), readers_text(key), cell(doc));
    }
    out += "\n";
  }
  out.pop_back();  // the tables end with one newline
  return out;
}

}  // namespace aurora::config
