#include <fcntl.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "apps/command.h"
#include "aurora/base/error.h"
#include "aurora/base/fault.h"
#include "aurora/config/recipe_keys.h"

namespace aurora::apps {
namespace {

CLI::App& app_of(void* app) {
  return *static_cast<CLI::App*>(app);
}

int report_error(const Error& error, int exit_code) {
  std::string text = fmt::format("aurora: error: {}", error.happened());
  if (!error.where().empty()) text += fmt::format("\n  where: {}", error.where());
  if (!error.remedy().empty()) text += fmt::format("\n  what to do: {}", error.remedy());
  fmt::print(stderr, "{}\n", text);
  return exit_code;
}

// Words of the command line must name commands as long as commands have commands.
void check_names(int argc, char** argv, const std::vector<Command>& commands) {
  const std::vector<Command>* level = &commands;
  bool may_be_argument = false;
  std::string path = "aurora";
  for (int i = 1; i < argc && !level->empty(); ++i) {
    const std::string word = argv[i];
    if (word.empty() || word[0] == '-') continue;
    const Command* found = nullptr;
    std::vector<std::string> names;
    for (const Command& command : *level) {
      names.push_back(command.name);
      if (word == command.name) found = &command;
    }
    if (found == nullptr && may_be_argument) return;
    if (found == nullptr) {
      const std::string near = config::nearest(word, names);
      throw UsageError(fmt::format("\"{}\" is no command", word), path,
                       near.empty()
                           ? fmt::format("choose one of {}", fmt::join(names, ", "))
                           : fmt::format("did you mean \"{}\"? `{} --help` lists them all", near, path));
    }
    path += " " + word;
    level = &found->subcommands;
    may_be_argument = found->declare != nullptr;
  }
}

struct Declared {
  CLI::App* app;
  std::function<int()> action;
};

struct TestFlags {
  uint64_t fault_at = 0;
  std::string fault_trace;
};

void declare(CLI::App& parent, const std::vector<Command>& commands, TestFlags& tests,
             std::vector<Declared>& declared) {
  parent.require_subcommand(1);
  for (const Command& command : commands) {
    CLI::App* app = parent.add_subcommand(command.name, command.summary);
    if (!command.subcommands.empty()) {
      declare(*app, command.subcommands, tests, declared);
      if (command.declare == nullptr) continue;
      app->require_subcommand(0, 1);
    }
    app->add_option("--fault-at", tests.fault_at, "kill the process at the N-th fault point (tests)")
        ->group("");
    app->add_option("--fault-trace", tests.fault_trace, "write the fault points passed to this file (tests)")
        ->group("");
    Arguments arguments(app);
    declared.push_back({app, command.declare(arguments)});
  }
}

int run_action(const std::function<int()>& action) {
  try {
    return action();
  } catch (const UsageError& error) {
    return report_error(error, 2);
  } catch (const Error& error) {
    return report_error(error, 1);
  } catch (const std::exception& error) {
    return report_error(Error(error.what(), "", "this is unexpected: please report it with the command line"),
                        1);
  }
}

}  // namespace

void Arguments::flag(const std::string& name, bool& value, const std::string& help) {
  app_of(app_).add_flag(name, value, help);
}
void Arguments::option(const std::string& name, std::string& value, const std::string& help) {
  app_of(app_).add_option(name, value, help)->capture_default_str();
}
void Arguments::option(const std::string& name, int64_t& value, const std::string& help) {
  app_of(app_).add_option(name, value, help)->capture_default_str();
}
void Arguments::option(const std::string& name, uint64_t& value, const std::string& help) {
  app_of(app_).add_option(name, value, help)->capture_default_str();
}
void Arguments::option(const std::string& name, double& value, const std::string& help) {
  app_of(app_).add_option(name, value, help)->capture_default_str();
}
void Arguments::option(const std::string& name, std::vector<std::string>& values, const std::string& help) {
  // One value per use, so that a positional argument may follow.
  app_of(app_).add_option(name, values, help)->allow_extra_args(false);
}
void Arguments::list(const std::string& name, std::vector<std::string>& values, const std::string& help) {
  app_of(app_).add_option(name, values, help);
}
void Arguments::positional(const std::string& name, std::vector<std::string>& values,
                           const std::string& help) {
  app_of(app_).add_option(name, values, help);
}
void Arguments::positional(const std::string& name, std::string& value, const std::string& help,
                           bool required) {
  app_of(app_).add_option(name, value, help)->required(required);
}

int run_command_line(int argc, char** argv, const std::vector<Command>& commands) {
  CLI::App app("AuroraGPT: raw files in, a scientific language model out.", "aurora");
  app.set_version_flag("--version", "aurora 0.1.0");
  TestFlags tests;
  std::vector<Declared> declared;
  declare(app, commands, tests, declared);
  try {
    check_names(argc, argv, commands);
    app.parse(argc, argv);
  } catch (const UsageError& error) {
    return report_error(error, 2);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : 2;
  }
  if (tests.fault_at != 0) arm_fault(tests.fault_at);
  if (!tests.fault_trace.empty())
    trace_faults(::open(tests.fault_trace.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644));
  // A group stands behind its subcommands.
  for (const Declared& one : declared)
    if (one.app->parsed()) return run_action(one.action);
  return 2;
}

}  // namespace aurora::apps
