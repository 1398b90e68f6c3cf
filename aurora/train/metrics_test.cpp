#include "aurora/train/metrics.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>

namespace aurora::train {
namespace {

TEST(Metrics, CutKeepsWholeLinesUpToTheStep) {
  const std::string lines = "{\"step\": 1, \"a\": 1}\n{\"step\": 2, \"a\": 1}\n{\"step\": 3, \"a\": 1}\n";
  EXPECT_EQ(cut_metrics(lines, 2), lines.substr(0, 40));
  EXPECT_EQ(cut_metrics(lines, 9), lines);
  EXPECT_EQ(cut_metrics(lines + "{\"step\": 4, \"a", 9), lines);
  EXPECT_EQ(cut_metrics("garbage\n" + lines, 9), "");
  EXPECT_EQ(cut_metrics("", 9), "");
}

TEST(Metrics, AResumedRunHasEveryStepOnce) {
  Path folder = std::filesystem::temp_directory_path() / ("aurora_metrics_" + std::to_string(getpid()));
  StepMetrics metrics;
  metrics.loss = 2.5;
  {
    MetricsWriter writer(folder, 0);
    for (metrics.step = 1; metrics.step <= 5; ++metrics.step) writer.write(metrics);
  }
  {
    MetricsWriter writer(folder, 3);
    for (metrics.step = 4; metrics.step <= 6; ++metrics.step) writer.write(metrics);
  }
  std::string lines = read_file(folder / "train.jsonl");
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 6);
  auto events = format::read_event_file(folder / "events.out.tfevents.aurora");
  ASSERT_EQ(events.size(), 6u);
  for (size_t i = 0; i < events.size(); ++i) EXPECT_EQ(events[i].step, static_cast<int64_t>(i) + 1);
  EXPECT_EQ(events[0].scalars[0].tag, "train/loss");
  EXPECT_EQ(events[0].scalars[0].value, 2.5f);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace aurora::train
