// Any bytes as a recipe.
#include "aurora/config/recipe.h"

#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace aurora;
  fuzz::expect_error_or_success(
      [&] { config::print_recipe(config::parse_recipe(std::string(fuzz::text(data, size)), "x.toml")); });
  return 0;
}
