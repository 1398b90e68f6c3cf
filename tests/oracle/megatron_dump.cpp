// `aurora blend export` alone, without the rest of the program: builds in seconds.

#include "apps/command.h"

int main(int argc, char** argv) {
  return aurora::apps::run_command_line(argc, argv, {aurora::apps::blend_export_command()});
}
