#include "apps/blend_mix.h"

#include <algorithm>

namespace aurora::apps {
namespace {

Mix mix_between(const order::Order& order, std::string stage, uint64_t begin, uint64_t end) {
  Mix mix{std::move(stage), begin, end, 0, {}};
  const std::vector<uint64_t> before = order.corpus_counts(begin), after = order.corpus_counts(end);
  std::vector<uint64_t> skipped(after.size(), 0);
  for (const order::SampleRange& skip : order.spec().skips) {
    const uint64_t from = std::clamp(skip.begin, begin, end), to = std::clamp(skip.end, begin, end);
    const std::vector<uint64_t> at_from = order.corpus_counts(from), at_to = order.corpus_counts(to);
    for (size_t c = 0; c < skipped.size(); ++c) skipped[c] += at_to[c] - at_from[c];
    mix.skipped += to - from;
  }
  for (uint32_t c = 0; c < after.size(); ++c) {
    MixRow row;
    row.corpus = order.spec().corpora[c].name;
    row.files = order.spec().corpora[c].files.size();
    row.tokens = order.spec().corpora[c].tokens();
    row.samples = after[c] - before[c] - skipped[c];
    row.share =
        mix.samples() == 0 ? 0 : static_cast<double>(row.samples) / static_cast<double>(mix.samples());
    row.epochs = order.epochs(c, after[c]);
    mix.corpora.push_back(std::move(row));
  }
  return mix;
}

}  // namespace

RunMix run_mix(const BlendOrder& run) {
  const order::Order& order = run.order();
  RunMix out;
  const uint64_t end = order.with_skipped(run.samples - 1) + 1;
  uint64_t begin = 0;
  for (const order::Stage& stage : order.spec().stages) {
    const uint64_t stage_end = stage.samples == 0 ? end : std::min(end, begin + stage.samples);
    if (begin >= end) break;
    out.stages.push_back(mix_between(order, stage.name.empty() ? "start" : stage.name, begin, stage_end));
    begin = stage_end;
  }
  out.total = mix_between(order, "all", 0, end);
  for (uint32_t file = 0; file < order.files(); ++file)
    if (order.units(file) == 0) out.left_out.push_back(run.names[file]);
  return out;
}

}  // namespace aurora::apps
