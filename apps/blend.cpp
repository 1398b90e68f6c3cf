// `aurora blend ...`: the order in which tokens are trained on: planned, looked at, proved, measured.

#include "apps/command.h"

namespace aurora::apps {

Command blend_command() {
  return {"blend",
          "the order of training: plan, show, verify, bench; convert token files",
          nullptr,
          {blend_plan_command(), blend_show_command(), blend_verify_command(), blend_bench_command()}};
}

}  // namespace aurora::apps
