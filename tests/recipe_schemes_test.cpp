// The recipe names pre-tokenization patterns that stand in a folder above it.
#include <gtest/gtest.h>

#include "aurora/config/recipe_keys.h"
#include "aurora/pretokenize/scheme.h"

namespace aurora {
namespace {

TEST(RecipeSchemes, EveryPatternOfTheRecipeIsAScheme) {
  size_t patterns = 0;
  for (const config::Section& section : config::recipe_sections()) {
    if (std::string(section.name) != "tokenizer") continue;
    for (const config::Key& key : section.keys) {
      if (std::string(key.name) != "pattern") continue;
      for (const std::string& name : key.bounds.choices) {
        EXPECT_NE(pretokenize::find_scheme(name), nullptr) << name;
        ++patterns;
      }
    }
  }
  EXPECT_GT(patterns, 0u);
}

}  // namespace
}  // namespace aurora
