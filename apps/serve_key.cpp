// `aurora serve key`: makes an API key, shows it once, and adds its hash to the file of keys.

#include <fmt/format.h>

#include "apps/command.h"
#include "aurora/base/error.h"
#include "aurora/serve/keys.h"

namespace aurora::apps {
namespace {

struct KeyFlags {
  std::string name, file;
  int64_t requests = 0, tokens = 0;
  bool admin = false;

  void declare(Arguments& arguments) {
    arguments.positional("NAME", name, "whose key it is");
    arguments.option("--keys", file, "TOML file of keys; made if missing");
    arguments.option("--requests-per-minute", requests, "0 = no limit");
    arguments.option("--tokens-per-minute", tokens, "0 = no limit");
    arguments.flag("--admin", admin, "may read /metrics");
  }
};

int make_key(const KeyFlags& flags) {
  if (flags.file.empty()) throw UsageError("no file for the key", "--keys", "give --keys FILE.toml");
  if (flags.requests < 0 || flags.tokens < 0)
    throw UsageError("a limit is below 0", "--requests-per-minute", "0 (no limit) or more");
  serve::NewKey made = serve::make_key(flags.name);
  made.key.requests_per_minute = flags.requests;
  made.key.tokens_per_minute = flags.tokens;
  made.key.admin = flags.admin;
  serve::append_key(flags.file, made.key);
  fmt::print("{}\n", made.secret);
  fmt::print(stderr, "Keep it: only its hash is in {}.\n", flags.file);
  return 0;
}

}  // namespace

Command serve_key_command() {
  return {"key", "make an API key",
          [](Arguments& arguments) { return with_flags<KeyFlags>(arguments, make_key); }};
}

}  // namespace aurora::apps
