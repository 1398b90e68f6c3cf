// `aurora chat MODEL`: a conversation with a model in the terminal, or from a pipe.

#include <signal.h>

#include <atomic>

#include "apps/chat_session.h"
#include "apps/command.h"
#include "aurora/base/error.h"
#include "aurora/base/file.h"

namespace aurora::apps {
namespace {

struct ChatFlags {
  std::string model, url, key_file, system;
  std::vector<std::string> settings;
  EngineFlags engine;

  void declare(Arguments& arguments) {
    arguments.positional("MODEL", model, "run folder, checkpoint, Hugging Face folder or GGUF file", false);
    arguments.option("--url", url, "ask a server instead: http://127.0.0.1:8080");
    arguments.option("--key-file", key_file, "its first line is the API key for the server");
    arguments.option("--system", system, "system prompt");
    arguments.option("--set", settings, "NAME=VALUE as of /set: temperature, top_p, max_tokens, seed ...");
    engine.declare(arguments);
  }
};

// What Ctrl-C sets. A signal handler reaches nothing but a global.
std::atomic<bool> interrupted = false;
static_assert(std::atomic<bool>::is_always_lock_free);

// Without SA_RESTART, so that waiting for a line ends too.
void catch_interrupts() {
  struct sigaction action = {};
  action.sa_handler = [](int) { interrupted = true; };
  sigaction(SIGINT, &action, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

std::string first_line(const std::string& path) {
  if (path.empty()) return "";
  const std::string text = read_file(path);
  return text.substr(0, text.find_first_of("\r\n"));
}

int chat(const ChatFlags& flags) {
  if (flags.model.empty() == flags.url.empty())
    throw UsageError("one model is wanted", "MODEL, --url", "name a model on disk, or a server by --url");
  infer::check_load_settings(flags.engine.load);
  ChatSession session(flags.url.empty() ? local_chat_source(flags.model, flags.engine)
                                        : remote_chat_source(flags.url, first_line(flags.key_file)),
                      interrupted);
  session.set_system(flags.system);
  for (const std::string& setting : flags.settings) {
    const size_t equals = setting.find('=');
    if (equals == setting.npos) throw UsageError("no value", "--set " + setting, "write NAME=VALUE");
    session.set(setting.substr(0, equals), setting.substr(equals + 1));
  }
  catch_interrupts();
  return session.run();
}

}  // namespace

Command chat_command() {
  return {"chat", "talk to a model in the terminal",
          [](Arguments& arguments) { return with_flags<ChatFlags>(arguments, chat); }};
}

}  // namespace aurora::apps
