// A subcommand: its name, its flags and what it does. One file per subcommand, one line in main.cpp's list.
//
// House rules of the face: results on stdout, progress and logs on stderr, --json where a program may read;
// exit 0 done, 1 failed, 2 wrong usage.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace aurora::apps {

// Declares flags and positional arguments into variables that outlive parsing. The only user of CLI11, whose
// header takes seconds to compile, is arguments.cpp.
class Arguments {
 public:
  explicit Arguments(void* cli_app) : app_(cli_app) {}

  void flag(const std::string& name, bool& value, const std::string& help);
  void option(const std::string& name, std::string& value, const std::string& help);
  void option(const std::string& name, int64_t& value, const std::string& help);
  void option(const std::string& name, uint64_t& value, const std::string& help);
  void option(const std::string& name, double& value, const std::string& help);
  void option(const std::string& name, std::vector<std::string>& values,
              const std::string& help);  // repeatable, one value a time
  // Any number of values behind one use of the flag.
  void list(const std::string& name, std::vector<std::string>& values, const std::string& help);
  void positional(const std::string& name, std::string& value, const std::string& help, bool required = true);
  void positional(const std::string& name, std::vector<std::string>& values, const std::string& help);

 private:
  void* app_;
};

struct Command {
  const char* name;
  const char* summary;
  // Declares the flags and returns the action, which returns the exit code and may throw Error.
  std::function<int()> (*declare)(Arguments&);
  // A group: one of these is asked for; `declare` is null, or what the group does without one.
  std::vector<Command> subcommands = {};
};

// What `declare` returns for a command with a struct of flags (with a declare(Arguments&) of its own): parses
// them, then runs action(flags).
template <class Flags>
std::function<int()> with_flags(Arguments& arguments, int (*action)(const Flags&)) {
  auto flags = std::make_shared<Flags>();
  flags->declare(arguments);
  return [flags, action] { return action(*flags); };
}

// Parses argv and runs the chosen command. Exit code as above; errors are printed to stderr. A command that
// does not exist is wrong usage, and the nearest one is named.
int run_command_line(int argc, char** argv, const std::vector<Command>& commands);

Command run_command();
Command prepare_command();
Command tokenizer_command();
Command tokenize_command();
Command blend_command();
Command pretrain_command();
Command evaluate_command();
Command generate_command();
Command convert_command();
Command release_command();
Command plan_command();
Command inspect_command();

Command serve_command();
Command chat_command();

// The group of serve_command().
Command serve_key_command();
Command serve_usage_command();
Command serve_replay_command();
Command serve_bench_command();

// The group of tokenizer_command().
Command tokenizer_train_command();
Command tokenizer_encode_command();
Command tokenizer_decode_command();
Command tokenizer_report_command();
Command tokenizer_verify_command();
Command tokenizer_convert_command();
Command tokenizer_bench_command();
Command tokenizer_chat_command();

// The group of blend_command().
Command blend_plan_command();
Command blend_show_command();
Command blend_verify_command();
Command blend_manifest_command();
Command blend_convert_command();
Command blend_export_command();
Command blend_bench_command();
Command blend_bench_megatron_command();

}  // namespace aurora::apps
