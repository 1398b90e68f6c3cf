// `aurora serve replay RECEIPT --model MODEL`: makes the answer of a receipt again and compares its tokens.

#include <fmt/format.h>

#include "apps/serve_flags.h"
#include "aurora/base/error.h"
#include "aurora/base/file.h"
#include "aurora/serve/replay.h"

namespace aurora::apps {
namespace {

struct ReplayFlags {
  std::string receipt, model;
  EngineFlags engine;

  void declare(Arguments& arguments) {
    arguments.positional("RECEIPT", receipt, "JSON file: a receipt, or an answer that holds one");
    arguments.option("--model", model, "the model that gave the answer");
    engine.declare(arguments);
  }
};

int replay(const ReplayFlags& flags) {
  const serve::ReceiptRecord receipt = serve::read_receipt(read_file(flags.receipt, 1 << 28), flags.receipt);
  if (flags.model.empty())
    throw UsageError("no model", "--model",
                     fmt::format("name the model that was called '{}'", receipt.model));
  Pool pool(static_cast<int>(flags.engine.threads));
  RunningModel running = start_model(flags.model, receipt.model, flags.engine, pool);
  const serve::Replay replayed = serve::replay(receipt, *running.served);
  for (const std::string& text : replayed.texts) fmt::print("{}\n", text);
  running.engine->stop(0);
  fmt::print(stderr, "signed by {}: {}\n", receipt.public_key,
             replayed.same ? "the same tokens" : "OTHER TOKENS than the receipt says");
  return replayed.same ? 0 : 1;
}

}  // namespace

Command serve_replay_command() {
  return {"replay", "make the answer of a receipt again",
          [](Arguments& arguments) { return with_flags<ReplayFlags>(arguments, replay); }};
}

}  // namespace aurora::apps
