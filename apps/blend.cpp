// `aurora blend ...`: the order in which tokens are trained on: planned, looked at, proved, measured.

#include "apps/command.h"

namespace aurora::apps {

Command blend_command() {
  return {"blend",
          "the order of training: plan it, look into it, prove it; manifests, Megatron's caches, converters",
          nullptr,
          {blend_plan_command(), blend_show_command(), blend_verify_command(), blend_manifest_command(),
           blend_convert_command(), blend_export_command(), blend_bench_command(),
           blend_bench_megatron_command()}};
}

}  // namespace aurora::apps
