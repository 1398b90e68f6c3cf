// `aurora serve usage`: who used how much, from the file that `aurora serve --usage` keeps.

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "apps/command.h"
#include "aurora/serve/usage.h"

namespace aurora::apps {
namespace {

struct UsageFlags {
  std::string file;
  int64_t since = 0, until = INT64_MAX;
  bool json = false;

  void declare(Arguments& arguments) {
    arguments.positional("FILE", file, "the --usage file of the server");
    arguments.option("--since", since, "seconds since 1970 (date -d 2026-01-01 +%s)");
    arguments.option("--until", until, "seconds since 1970");
    arguments.flag("--json", json, "one JSON list");
  }
};

int show_usage(const UsageFlags& flags) {
  const std::vector<serve::UsageSum> sums = serve::read_usage(flags.file, flags.since, flags.until);
  if (flags.json) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const serve::UsageSum& sum : sums)
      list.push_back({{"key", sum.key},
                      {"model", sum.model},
                      {"answers", sum.answers},
                      {"failed", sum.failed},
                      {"prompt_tokens", sum.prompt_tokens},
                      {"cached_tokens", sum.cached_tokens},
                      {"completion_tokens", sum.completion_tokens}});
    fmt::print("{}\n", list.dump(2));
    return 0;
  }
  fmt::print("{:<20} {:<24} {:>9} {:>7} {:>13} {:>13} {:>13}\n", "key", "model", "answers", "failed",
             "prompt", "cached", "answer");
  for (const serve::UsageSum& sum : sums)
    fmt::print("{:<20} {:<24} {:>9} {:>7} {:>13} {:>13} {:>13}\n", sum.key.empty() ? "-" : sum.key, sum.model,
               sum.answers, sum.failed, sum.prompt_tokens, sum.cached_tokens, sum.completion_tokens);
  return 0;
}

}  // namespace

Command serve_usage_command() {
  return {"usage", "tokens by key and model",
          [](Arguments& arguments) { return with_flags<UsageFlags>(arguments, show_usage); }};
}

}  // namespace aurora::apps
