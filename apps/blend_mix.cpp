#include "apps/blend_mix.h"

#include <algorithm>

namespace aurora::apps {
namespace {

Mix mix_between(const order::Order& order, std::string stage, uint64_t begin, uint64_t end) {
  Mix mix{std::move(stage), begin, end, {}};
  const std::vector<uint64_t> before = order.corpus_counts(begin), after = order.corpus_counts(end);
  for (uint32_t c = 0; c < after.size(); ++c) {
    MixRow row;
    row.corpus = order.spec().corpora[c].name;
    row.files = order.spec().corpora[c].files.size();
    for (const order::File& file : order.spec().corpora[c].files) row.tokens += file.tokens;
    row.samples = after[c] - before[c];
    row.share = static_cast<double>(row.samples) / static_cast<double>(end - begin);
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
  out.skipped = end - run.samples;
  uint64_t begin = 0;
  for (const order::Stage& stage : order.spec().stages) {
    const uint64_t stage_end = stage.samples == 0 ? end : std::min(end, begin + stage.samples);
    if (begin >= end) break;
    out.stages.push_back(mix_between(order, stage.name, begin, stage_end));
    begin = stage_end;
  }
  out.total = mix_between(order, "all", 0, end);
  for (uint32_t file = 0; file < order.files(); ++file)
    if (order.units(file) == 0) out.left_out.push_back(run.names[file]);
  return out;
}

}  // namespace aurora::apps
