// The program: `aurora COMMAND ...`. Every command is one file here; this is their list.

#include "apps/command.h"
#include "aurora/base/file.h"
#include "aurora/base/range_file.h"

int main(int argc, char** argv) {
  using namespace aurora::apps;
  aurora::ignore_file_size_signal();  // a full disk is an Error that says so, not a signal
  aurora::allow_many_open_files();    // a run may read thousands of token files
  return run_command_line(
      argc, argv,
      {run_command(), prepare_command(), tokenizer_command(), tokenize_command(), blend_command(),
       pretrain_command(), evaluate_command(), generate_command(), chat_command(), serve_command(),
       convert_command(), release_command(), plan_command(), inspect_command()});
}
