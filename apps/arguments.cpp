#include <fcntl.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "apps/command.h"
#include "aurora/base/error.h"
#include "aurora/base/fault.h"

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
void Arguments::positional(const std::string& name, std::string& value, const std::string& help,
                           bool required) {
  app_of(app_).add_option(name, value, help)->required(required);
}

int run_command_line(int argc, char** argv, const std::vector<Command>& commands) {
  CLI::App app("AuroraGPT: raw files in, a scientific language model out.", "aurora");
  app.set_version_flag("--version", "aurora 0.1.0");
  app.require_subcommand(1);
  uint64_t fault_at = 0;
  std::string fault_trace;

  std::vector<std::function<int()>> actions;
  std::vector<CLI::App*> subcommands;
  for (const Command& command : commands) {
    CLI::App* sub = app.add_subcommand(command.name, command.summary);
    sub->add_option("--fault-at", fault_at, "kill the process at the N-th fault point (tests)")->group("");
    sub->add_option("--fault-trace", fault_trace, "write the fault points passed to this file (tests)")
        ->group("");
    Arguments arguments(sub);
    actions.push_back(command.declare(arguments));
    subcommands.push_back(sub);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : 2;
  }
  if (fault_at != 0) arm_fault(fault_at);
  if (!fault_trace.empty()) trace_faults(::open(fault_trace.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644));
  for (size_t i = 0; i < commands.size(); ++i) {
    if (!subcommands[i]->parsed()) continue;
    try {
      return actions[i]();
    } catch (const UsageError& error) {
      return report_error(error, 2);
    } catch (const Error& error) {
      return report_error(error, 1);
    } catch (const std::exception& error) {
      return report_error(
          Error(error.what(), "", "this is unexpected: please report it with the command line"), 1);
    }
  }
  return 2;
}

}  // namespace aurora::apps
