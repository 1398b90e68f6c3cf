// The frame that all charts share: size, title, axes with ticks at round numbers.
#pragma once

#include <string>

#include "apps/svg.h"

namespace aurora::apps {

inline constexpr double kChartWidth = 720, kChartHeight = 300;
inline constexpr double kChartLeft = 64, kChartRight = 16, kChartTop = 34, kChartBottom = 44;
inline constexpr double kChartPlotWidth = kChartWidth - kChartLeft - kChartRight,
                        kChartPlotHeight = kChartHeight - kChartTop - kChartBottom;

struct ChartAxis {
  double low = 0, high = 1, pixel_low = 0, pixel_high = 1;
  double at(double value) const {
    return pixel_low + (value - low) / (high - low) * (pixel_high - pixel_low);
  }
};

// The opening tag and the title; the caller closes it.
std::string open_chart(const ChartText& text);
// right: where the grid's lines end.
std::string y_axis(const ChartAxis& axis, const std::string& label, double right = kChartWidth - kChartRight);
std::string x_axis(const ChartAxis& axis, const std::string& label);

}  // namespace aurora::apps
