#include "apps/svg_axes.h"

#include <fmt/format.h>

#include <cmath>

namespace aurora::apps {
namespace {

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
  if (size >= 1e12) return fmt::format("{:g}T", value / 1e12);
  if (size >= 1e9) return fmt::format("{:g}G", value / 1e9);
  if (size >= 1e6) return fmt::format("{:g}M", value / 1e6);
  if (size >= 1e4) return fmt::format("{:g}k", value / 1e3);
  return fmt::format("{:g}", std::abs(value) < 1e-12 ? 0.0 : value);
}

}  // namespace

std::string open_chart(const ChartText& text) {
  return fmt::format(
      "<svg class=\"chart\" viewBox=\"0 0 {:g} {:g}\" role=\"img\" aria-label=\"{}\">\n"
      "<text class=\"title\" x=\"{:g}\" y=\"18\">{}</text>\n",
      kChartWidth, kChartHeight, escape_html(text.title), kChartLeft, escape_html(text.title));
}

std::string y_axis(const ChartAxis& axis, const std::string& label, double right) {
  std::string out;
  const double step = tick_step(axis.high - axis.low, 5);
  for (double tick = std::ceil(axis.low / step) * step; tick <= axis.high + 1e-9 * step; tick += step) {
    const double y = axis.at(tick);
    out += fmt::format("<line class=\"grid\" x1=\"{:g}\" x2=\"{:g}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>",
                       kChartLeft, right, y, y);
    out += fmt::format("<text class=\"tick\" text-anchor=\"end\" x=\"{:g}\" y=\"{:.1f}\">{}</text>\n",
                       kChartLeft - 6, y + 4, tick_label(tick));
  }
  out += fmt::format(
      "<text class=\"label\" text-anchor=\"middle\" transform=\"translate(14 {:.1f}) "
      "rotate(-90)\">{}</text>\n",
      kChartTop + kChartPlotHeight / 2, escape_html(label));
  return out;
}

std::string x_axis(const ChartAxis& axis, const std::string& label) {
  std::string out;
  const double step = tick_step(axis.high - axis.low, 7);
  for (double tick = std::ceil(axis.low / step) * step; tick <= axis.high + 1e-9 * step; tick += step)
    out += fmt::format("<text class=\"tick\" text-anchor=\"middle\" x=\"{:.1f}\" y=\"{:g}\">{}</text>\n",
                       axis.at(tick), kChartTop + kChartPlotHeight + 16, tick_label(tick));
  out += fmt::format("<text class=\"label\" text-anchor=\"middle\" x=\"{:g}\" y=\"{:g}\">{}</text>\n",
                     (axis.pixel_low + axis.pixel_high) / 2, kChartHeight - 8, escape_html(label));
  return out;
}

}  // namespace aurora::apps
