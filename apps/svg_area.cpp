// The stacked area chart of svg.h: its names stand beside it, one line each, in the order of the areas.

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "apps/svg.h"
#include "apps/svg_axes.h"

namespace aurora::apps {
namespace {

constexpr size_t kMostNames = 14;
constexpr double kLegend = 168;  // width of the names beside the plot
constexpr double kRightEdge = kChartWidth - kChartRight - kLegend;

// Six colours, then the same ones paler.
std::string fill(size_t index) {
  static constexpr double kOpacity[] = {1.0, 0.6, 0.35};
  return fmt::format("class=\"fill{}\" fill-opacity=\"{:g}\"", index % 6, kOpacity[(index / 6) % 3]);
}

double sum_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

// Largest first, by what they fill of the whole chart; beyond kMostNames they are added up.
AreaChart ranked(const AreaChart& chart) {
  std::vector<double> areas(chart.names.size(), 0.0);
  for (size_t s = 0; s < chart.steps.size(); ++s) {
    const double end = s + 1 < chart.steps.size() ? chart.steps[s + 1].begin : chart.end;
    const double sum = sum_of(chart.steps[s].values);
    for (size_t i = 0; i < areas.size() && sum > 0; ++i)
      areas[i] += chart.steps[s].values[i] / sum * (end - chart.steps[s].begin);
  }
  std::vector<size_t> order(areas.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return areas[a] > areas[b]; });
  const size_t kept = order.size() > kMostNames ? kMostNames - 1 : order.size();

  AreaChart out = chart;
  out.names.assign(kept, "");
  for (size_t i = 0; i < kept; ++i) out.names[i] = chart.names[order[i]];
  if (kept < order.size()) out.names.push_back(fmt::format("{} others", order.size() - kept));
  for (AreaChart::Step& step : out.steps) {
    std::vector<double> values(out.names.size(), 0.0);
    for (size_t i = 0; i < order.size(); ++i) values[std::min(i, kept)] += step.values[order[i]];
    step.values = std::move(values);
  }
  return out;
}

// The areas of one step, the first name at the bottom.
std::string step_areas(const AreaChart& chart, size_t index, const ChartAxis& x, const ChartAxis& y) {
  const AreaChart::Step& step = chart.steps[index];
  const bool last = index + 1 == chart.steps.size();
  const double left = x.at(step.begin), right = x.at(last ? chart.end : chart.steps[index + 1].begin);
  const double sum = sum_of(step.values);
  std::string out;
  double below = 0;
  for (size_t i = 0; i < step.values.size() && sum > 0; ++i) {
    const double share = step.values[i] / sum;
    if (share > 0)
      out += fmt::format(
          "<rect {} x=\"{:.1f}\" y=\"{:.2f}\" width=\"{:.1f}\" height=\"{:.2f}\"><title>{}{}{}: {:.2f} "
          "%</title></rect>\n",
          fill(i), left, y.at(100 * (below + share)), right - left,
          y.at(100 * below) - y.at(100 * (below + share)), escape_html(step.label),
          step.label.empty() ? "" : ", ", escape_html(chart.names[i]), 100 * share);
    below += share;
  }
  if (chart.steps.size() > 1)
    out += fmt::format("<text class=\"tick\" text-anchor=\"middle\" x=\"{:.1f}\" y=\"{:g}\">{}</text>\n",
                       (left + right) / 2, kChartTop - 3, escape_html(step.label));
  if (!last)
    out += fmt::format("<line class=\"edge\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1:g}\" y2=\"{2:g}\"/>\n",
                       right, kChartTop, kChartTop + kChartPlotHeight);
  return out;
}

// From the top down as the areas lie.
std::string names_beside(const std::vector<std::string>& names) {
  std::string out;
  for (size_t i = 0; i < names.size(); ++i) {
    const double y = kChartTop + 12 + 15.5 * static_cast<double>(names.size() - 1 - i);
    const std::string name = names[i].size() > 22 ? names[i].substr(0, 21) + "…" : names[i];
    out += fmt::format("<rect {} x=\"{:g}\" y=\"{:.1f}\" width=\"10\" height=\"10\"/>", fill(i),
                       kRightEdge + 14, y - 9);
    out += fmt::format("<text class=\"tick\" x=\"{:g}\" y=\"{:.1f}\">{}</text>\n", kRightEdge + 30, y,
                       escape_html(name));
  }
  return out;
}

}  // namespace

std::string area_chart(const AreaChart& given) {
  if (given.steps.empty() || given.names.empty() || !(given.end > given.steps.front().begin)) return "";
  const AreaChart chart = ranked(given);
  const ChartAxis x{chart.steps.front().begin, chart.end, kChartLeft, kRightEdge};
  const ChartAxis y{0, 100, kChartTop + kChartPlotHeight, kChartTop};
  std::string out =
      open_chart(chart.text) + y_axis(y, chart.text.y_label, kRightEdge) + x_axis(x, chart.text.x_label);
  for (size_t i = 0; i < chart.steps.size(); ++i) out += step_areas(chart, i, x, y);
  return out + names_beside(chart.names) + "</svg>\n";
}

}  // namespace aurora::apps
