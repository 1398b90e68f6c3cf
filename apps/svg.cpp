#include "apps/svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace aurora::apps {
namespace {

constexpr double kWidth = 720, kHeight = 300;
constexpr double kLeft = 64, kRight = 16, kTop = 34, kBottom = 44;
constexpr double kPlotWidth = kWidth - kLeft - kRight, kPlotHeight = kHeight - kTop - kBottom;

// Round tick distance (1, 2 or 5 times a power of ten) for about `count` ticks.
double tick_step(double span, int count) {
  const double raw = span / count;
  const double power = std::pow(10.0, std::floor(std::log10(raw)));
  for (double factor : {1.0, 2.0, 5.0})
    if (raw <= factor * power) return factor * power;
  return 10 * power;
}

std::string tick_label(double value) {
  const double size = std::abs(value);
  if (size >= 1e9) return fmt::format("{:g}G", value / 1e9);
  if (size >= 1e6) return fmt::format("{:g}M", value / 1e6);
  if (size >= 1e4) return fmt::format("{:g}k", value / 1e3);
  return fmt::format("{:g}", std::abs(value) < 1e-12 ? 0.0 : value);
}

struct Axis {
  double low = 0, high = 1, pixel_low = 0, pixel_high = 1;
  double at(double value) const {
    return pixel_low + (value - low) / (high - low) * (pixel_high - pixel_low);
  }
};

Axis make_axis(double low, double high, double pixel_low, double pixel_high) {
  if (!(low < high)) {
    const double pad = std::max(std::abs(low) * 0.05, 1e-9);
    low -= pad;
    high += pad;
  }
  return {low, high, pixel_low, pixel_high};
}

std::string open_svg(const ChartText& text) {
  return fmt::format(
      "<svg class=\"chart\" viewBox=\"0 0 {:g} {:g}\" role=\"img\" aria-label=\"{}\">\n"
      "<text class=\"title\" x=\"{:g}\" y=\"18\">{}</text>\n",
      kWidth, kHeight, escape_html(text.title), kLeft, escape_html(text.title));
}

std::string y_axis(const Axis& axis, const std::string& label) {
  std::string out;
  const double step = tick_step(axis.high - axis.low, 5);
  for (double tick = std::ceil(axis.low / step) * step; tick <= axis.high + 1e-9 * step; tick += step) {
    const double y = axis.at(tick);
    out += fmt::format("<line class=\"grid\" x1=\"{:g}\" x2=\"{:g}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>", kLeft,
                       kWidth - kRight, y, y);
    out += fmt::format("<text class=\"tick\" text-anchor=\"end\" x=\"{:g}\" y=\"{:.1f}\">{}</text>\n",
                       kLeft - 6, y + 4, tick_label(tick));
  }
  out += fmt::format(
      "<text class=\"label\" text-anchor=\"middle\" transform=\"translate(14 {:.1f}) "
      "rotate(-90)\">{}</text>\n",
      kTop + kPlotHeight / 2, escape_html(label));
  return out;
}

std::string x_axis(const Axis& axis, const std::string& label) {
  std::string out;
  const double step = tick_step(axis.high - axis.low, 7);
  for (double tick = std::ceil(axis.low / step) * step; tick <= axis.high + 1e-9 * step; tick += step)
    out += fmt::format("<text class=\"tick\" text-anchor=\"middle\" x=\"{:.1f}\" y=\"{:g}\">{}</text>\n",
                       axis.at(tick), kTop + kPlotHeight + 16, tick_label(tick));
  out += fmt::format("<text class=\"label\" text-anchor=\"middle\" x=\"{:g}\" y=\"{:g}\">{}</text>\n",
                     kLeft + kPlotWidth / 2, kHeight - 8, escape_html(label));
  return out;
}

std::string legend(const std::vector<std::string>& names) {
  std::string out;
  double x = kWidth - kRight;
  for (size_t i = names.size(); i-- > 0;) {
    x -= 24 + 7.0 * static_cast<double>(names[i].size());
    out += fmt::format("<rect class=\"fill{}\" x=\"{:.0f}\" y=\"9\" width=\"10\" height=\"10\"/>", i % 6, x);
    out +=
        fmt::format("<text class=\"tick\" x=\"{:.0f}\" y=\"18\">{}</text>\n", x + 14, escape_html(names[i]));
  }
  return out;
}

// At most two points (lowest, highest) per pixel column, in order of x.
std::vector<std::pair<double, double>> thinned(const Series& series, const Axis& x) {
  if (series.points.size() <= 2 * static_cast<size_t>(kPlotWidth)) return series.points;
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
  const Axis x = make_axis(x_low, x_high, kLeft, kLeft + kPlotWidth);
  const Axis y =
      make_axis(y_low - 0.04 * (y_high - y_low), y_high + 0.04 * (y_high - y_low), kTop + kPlotHeight, kTop);

  std::string out = open_svg(text) + y_axis(y, text.y_label) + x_axis(x, text.x_label);
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
  const Axis y = make_axis(0, high * 1.08, kTop + kPlotHeight, kTop);
  std::string out = open_svg(chart.text) + y_axis(y, chart.text.y_label) + legend(chart.series);

  const double group_width = kPlotWidth / static_cast<double>(std::max<size_t>(chart.groups.size(), 1));
  const double bar_width = group_width * 0.8 / static_cast<double>(std::max<size_t>(chart.series.size(), 1));
  for (size_t g = 0; g < chart.groups.size(); ++g) {
    const double x = kLeft + group_width * (static_cast<double>(g) + 0.1);
    for (size_t s = 0; s < chart.series.size(); ++s) {
      const double value = chart.values[g][s];
      if (!std::isfinite(value)) continue;
      out += fmt::format(
          "<rect class=\"fill{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"><title>{} {}: "
          "{:.3f}</title></rect>\n",
          s % 6, x + bar_width * static_cast<double>(s), y.at(value), bar_width * 0.92,
          kTop + kPlotHeight - y.at(value), escape_html(chart.groups[g]), escape_html(chart.series[s]),
          value);
    }
    out += fmt::format("<text class=\"tick\" text-anchor=\"middle\" x=\"{:.1f}\" y=\"{:g}\">{}</text>\n",
                       x + group_width * 0.4, kTop + kPlotHeight + 16, escape_html(chart.groups[g]));
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
