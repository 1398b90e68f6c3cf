#include "apps/svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "apps/svg_axes.h"

namespace aurora::apps {
namespace {

ChartAxis make_axis(double low, double high, double pixel_low, double pixel_high) {
  if (!(low < high)) {
    const double pad = std::max(std::abs(low) * 0.05, 1e-9);
    low -= pad;
    high += pad;
  }
  return {low, high, pixel_low, pixel_high};
}

std::string legend(const std::vector<std::string>& names) {
  std::string out;
  double x = kChartWidth - kChartRight;
  for (size_t i = names.size(); i-- > 0;) {
    x -= 24 + 7.0 * static_cast<double>(names[i].size());
    out += fmt::format("<rect class=\"fill{}\" x=\"{:.0f}\" y=\"9\" width=\"10\" height=\"10\"/>", i % 6, x);
    out +=
        fmt::format("<text class=\"tick\" x=\"{:.0f}\" y=\"18\">{}</text>\n", x + 14, escape_html(names[i]));
  }
  return out;
}

// At most two points (lowest, highest) per pixel column, in order of x.
std::vector<std::pair<double, double>> thinned(const Series& series, const ChartAxis& x) {
  if (series.points.size() <= 2 * static_cast<size_t>(kChartPlotWidth)) return series.points;
  std::vector<std::pair<double, double>> out;
  for (size_t i = 0; i < series.points.size();) {
    const long column = std::lround(x.at(series.points[i].first));
    auto low = series.points[i], high = series.points[i];
    for (; i < series.points.size() && std::lround(x.at(series.points[i].first)) == column; ++i) {
      if (series.points[i].second < low.second) low = series.points[i];
      if (series.points[i].second > high.second) high = series.points[i];
    }
    if (high.first < low.first) std::swap(low, high);
    out.push_back(low);
    if (high != low) out.push_back(high);
  }
  return out;
}

}  // namespace

std::string line_chart(const ChartText& text, const std::vector<Series>& series) {
  double x_low = std::numeric_limits<double>::infinity(), x_high = -x_low, y_low = x_low, y_high = -x_low;
  std::vector<std::string> names;
  for (const Series& one : series) {
    names.push_back(one.name);
    for (const auto& [x, y] : one.points) {
      if (!std::isfinite(y)) continue;
      x_low = std::min(x_low, x), x_high = std::max(x_high, x);
      y_low = std::min(y_low, y), y_high = std::max(y_high, y);
    }
  }
  if (!std::isfinite(x_low)) return "";
  const ChartAxis x = make_axis(x_low, x_high, kChartLeft, kChartLeft + kChartPlotWidth);
  const ChartAxis y = make_axis(y_low - 0.04 * (y_high - y_low), y_high + 0.04 * (y_high - y_low),
                                kChartTop + kChartPlotHeight, kChartTop);

  std::string out = open_chart(text) + y_axis(y, text.y_label) + x_axis(x, text.x_label);
  if (names.size() > 1) out += legend(names);
  for (size_t i = 0; i < series.size(); ++i) {
    out += fmt::format("<polyline class=\"line{}\" points=\"", i % 6);
    for (const auto& [px, py] : thinned(series[i], x))
      if (std::isfinite(py)) out += fmt::format("{:.1f},{:.1f} ", x.at(px), y.at(py));
    out += "\"/>\n";
  }
  return out + "</svg>\n";
}

std::string bar_chart(const BarChart& chart) {
  double high = 0;
  for (const auto& group : chart.values)
    for (double value : group)
      if (std::isfinite(value)) high = std::max(high, value);
  const ChartAxis y = make_axis(0, high * 1.08, kChartTop + kChartPlotHeight, kChartTop);
  std::string out = open_chart(chart.text) + y_axis(y, chart.text.y_label) + legend(chart.series);

  const double group_width = kChartPlotWidth / static_cast<double>(std::max<size_t>(chart.groups.size(), 1));
  const double bar_width = group_width * 0.8 / static_cast<double>(std::max<size_t>(chart.series.size(), 1));
  for (size_t g = 0; g < chart.groups.size(); ++g) {
    const double x = kChartLeft + group_width * (static_cast<double>(g) + 0.1);
    for (size_t s = 0; s < chart.series.size(); ++s) {
      const double value = chart.values[g][s];
      if (!std::isfinite(value)) continue;
      out += fmt::format(
          "<rect class=\"fill{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"><title>{} {}: "
          "{:.3f}</title></rect>\n",
          s % 6, x + bar_width * static_cast<double>(s), y.at(value), bar_width * 0.92,
          kChartTop + kChartPlotHeight - y.at(value), escape_html(chart.groups[g]),
          escape_html(chart.series[s]), value);
    }
    out +=
        fmt::format("<text class=\"tick\" text-anchor=\"middle\" x=\"{:.1f}\" y=\"{:g}\">{}</text>\n",
                    x + group_width * 0.4, kChartTop + kChartPlotHeight + 16, escape_html(chart.groups[g]));
  }
  return out + "</svg>\n";
}

std::string escape_html(const std::string& text) {
  std::string out;
  for (char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace aurora::apps
