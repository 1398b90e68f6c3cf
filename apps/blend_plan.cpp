// `aurora blend plan`: the mix that training will see, by arithmetic alone.

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "apps/blend_mix.h"
#include "aurora/base/progress.h"

namespace aurora::apps {
namespace {

using Json = nlohmann::ordered_json;

struct PlanFlags {
  OrderFlags order;
  void declare(Arguments& arguments) { order.declare(arguments); }
};

Json json_of(const Mix& mix, uint64_t length) {
  Json json;
  json["name"] = mix.stage;
  json["begin"] = mix.begin;
  json["end"] = mix.end;
  json["skipped"] = mix.skipped;
  json["tokens"] = mix.samples() * length;
  for (const MixRow& row : mix.corpora)
    json["corpora"].push_back({{"name", row.corpus},
                               {"files", row.files},
                               {"tokens", row.tokens},
                               {"share", row.share},
                               {"samples", row.samples},
                               {"trained_tokens", row.samples * length},
                               {"epochs", row.epochs},
                               {"repeats", row.repeats()}});
  return json;
}

void print_json(const BlendOrder& run, const RunMix& mix) {
  Json json;
  json["mode"] = order::mode_name(run.order().spec().mode);
  json["sequence_length"] = run.sequence_length();
  json["steps"] = run.steps();
  json["samples"] = run.samples;
  json["skipped"] = mix.total.skipped;
  json["tokens"] = run.samples * run.sequence_length();
  json["time_zero"] = {{"first_batch_ms", run.zero.first_batch_ms},
                       {"bytes", run.zero.bytes},
                       {"order_bytes", run.order().memory_bytes()}};
  json["from_shares"] = run.stored == nullptr;
  json["corpora"] = json_of(mix.total, run.sequence_length())["corpora"];
  for (const Mix& stage : mix.stages) json["stages"].push_back(json_of(stage, run.sequence_length()));
  json["left_out"] = mix.left_out;
  fmt::print("{}\n", json.dump(2));
}

void print_table(const Mix& mix, uint64_t length) {
  const auto line = [](const std::string& name, uint64_t files, uint64_t tokens, double share,
                       uint64_t trained) {
    fmt::print("{:<20} {:>6} {:>10} {:>8.3f}% {:>10}", name, files, human_count(static_cast<double>(tokens)),
               100 * share, human_count(static_cast<double>(trained)));
  };
  fmt::print("{:<20} {:>6} {:>10} {:>9} {:>10} {:>9}\n", "corpus", "files", "tokens", "share", "trained",
             "epochs");
  uint64_t files = 0, tokens = 0;
  for (const MixRow& row : mix.corpora) {
    line(row.corpus, row.files, row.tokens, row.share, row.samples * length);
    fmt::print(" {:>9.3f}{}\n", row.epochs, row.repeats() ? "  repeats" : "");
    files += row.files;
    tokens += row.tokens;
  }
  line("all", files, tokens, 1.0, mix.samples() * length);
  fmt::print("\n");
}

void print_text(const BlendOrder& run, const RunMix& mix) {
  const uint64_t length = run.sequence_length();
  if (mix.stages.size() > 1) {
    for (const Mix& stage : mix.stages) {
      fmt::print("stage {}: samples {} to {}, {} tokens (epochs: up to its end)\n", stage.stage, stage.begin,
                 stage.end, human_count(static_cast<double>(stage.samples() * length)));
      print_table(stage, length);
      fmt::print("\n");
    }
    fmt::print("whole run\n");
  }
  print_table(mix.total, length);
  fmt::print("\n{} samples of {} tokens in {} mode: {} tokens, {} steps\n", run.samples, length,
             order::mode_name(run.order().spec().mode),
             human_count(static_cast<double>(run.samples * length)), run.steps());
  if (mix.total.skipped > 0) fmt::print("skipped between them: {} samples\n", mix.total.skipped);
  if (!mix.left_out.empty())
    fmt::print("left out, too short for one sample: {} files, the first {}\n", mix.left_out.size(),
               mix.left_out.front());
  if (run.stored == nullptr)
    fmt::print(
        "from the list alone: its files are not there, and its weights stand for shares of the tokens\n");
  fmt::print("time zero: first batch known after {:.2f} ms, {} held\n", run.zero.first_batch_ms,
             human_bytes(static_cast<double>(run.zero.bytes)));
}

int plan(const PlanFlags& flags) {
  const BlendOrder run = open_blend_order(flags.order);
  if (!run.speaks()) return 0;
  const RunMix mix = run_mix(run);
  if (flags.order.workspace.json)
    print_json(run, mix);
  else
    print_text(run, mix);
  return 0;
}

}  // namespace

Command blend_plan_command() {
  return {"plan", "the mix that training will see: shares, tokens and epochs per corpus and stage",
          [](Arguments& arguments) { return with_flags<PlanFlags>(arguments, plan); }};
}

}  // namespace aurora::apps
