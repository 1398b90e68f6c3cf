// Charts as inline SVG: no script, no outside font, readable in light and dark (colours come from CSS
// variables that report.cpp defines).
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace aurora::apps {

struct Series {
  std::string name;
  std::vector<std::pair<double, double>> points;  // x ascending
};

struct ChartText {
  std::string title;
  std::string x_label;
  std::string y_label;
};

// Lines over a common x axis, with a grid, ticks at round numbers and a legend when there are several. Long
// series are thinned to their minimum and maximum per pixel column, so that spikes stay visible.
std::string line_chart(const ChartText& text, const std::vector<Series>& series);

// Groups of bars: for each group one bar per series. values[group][series]; NaN leaves the bar out.
struct BarChart {
  ChartText text;
  std::vector<std::string> groups;
  std::vector<std::string> series;
  std::vector<std::vector<double>> values;
};
std::string bar_chart(const BarChart& chart);

// Parts of a whole over x, stacked: from each step's begin up to the next one's, the last up to `end`.
struct AreaChart {
  struct Step {
    double begin = 0;
    std::vector<double> values;  // per name, >= 0
    std::string label;           // stands above the step when there are several
  };
  ChartText text;
  std::vector<std::string> names;
  std::vector<Step> steps;  // begins ascending
  double end = 0;
};
// Each step fills the whole height. More than 14 names: the smallest are drawn together as "others".
std::string area_chart(const AreaChart& chart);

// <, >, &, " and ' as entities.
std::string escape_html(const std::string& text);

}  // namespace aurora::apps
