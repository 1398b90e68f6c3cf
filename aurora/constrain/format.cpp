#include "aurora/constrain/format.h"

#include <array>
#include <utility>

namespace aurora::constrain {
namespace {

using Format = std::pair<std::string_view, std::string>;

std::string group(const std::string& regex) {
  return "(?:" + regex + ")";
}

// RFC 3339, with the days that each month has.
std::string date() {
  const std::string year = "(?:[1-9]\\d{3}|0[1-9]\\d{2}|00[1-9]\\d|000[1-9])";
  const std::string fours = "(?:0[48]|[2468][048]|[13579][26])";
  const std::string leap_year = group("\\d\\d" + fours + "|" + fours + "00");
  const std::string day =
      "(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|1\\d|"
      "2[0-8]))";
  return group(year + "-" + day + "|" + leap_year + "-02-29");
}

std::string time() {
  const std::string hour_minute = "(?:[01]\\d|2[0-3]):[0-5]\\d";
  return hour_minute + ":[0-5]\\d(?:\\.\\d{1,9})?(?:Z|[+-]" + hour_minute + ")";
}

// RFC 3339, appendix A.
std::string duration() {
  const std::string n = "\\d{1,9}";
  const std::string day = n + "D";
  const std::string month = n + "M" + group(day) + "?";
  const std::string year = n + "Y" + group(month) + "?";
  const std::string second = n + "S";
  const std::string minute = n + "M" + group(second) + "?";
  const std::string hour = n + "H" + group(minute) + "?";
  const std::string clock = "T" + group(hour + "|" + minute + "|" + second);
  return "P" + group(group(day + "|" + month + "|" + year) + group(clock) + "?|" + clock + "|" + n + "W");
}

std::string label() {
  return "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
}

std::string hostname() {
  return label() + group("\\." + label()) + "{0,2}";  // 253 bytes at most
}

std::string email() {
  const std::string atom = "[A-Za-z0-9_%+-]{1,20}";
  return atom + group("\\." + atom) + "{0,2}@" + group(label() + "\\.") + "{1,3}[A-Za-z]{2,63}";
}

std::string ipv4() {
  const std::string byte = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
  return byte + group("\\." + byte) + "{3}";
}

std::string ipv6() {
  const std::string h = "[0-9a-fA-F]{1,4}";
  const std::string before = group(h + ":");
  const std::string behind = group(":" + h);
  std::string all = before + "{7}" + h + "|" + before + "{1,7}:|:" + group(behind + "{1,7}|:");
  for (int i = 1; i <= 6; ++i) {
    all += "|" + before + "{1," + std::to_string(i) + "}" + behind + "{1," + std::to_string(7 - i) + "}";
  }
  return all;
}

// RFC 3986, with a host.
std::string uri() {
  const std::string character = "(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})";
  const std::string rest = group(character + "|[/?]");
  return "[A-Za-z][A-Za-z0-9+.-]{0,20}://" + group(hostname() + "|" + ipv4()) + "(?::\\d{1,5})?" +
         group("/" + character + "*") + "*" + group("\\?" + rest + "*") + "?" + group("#" + rest + "*") + "?";
}

std::string uuid() {
  const std::string hex = "[0-9a-fA-F]";
  return hex + "{8}-" + hex + "{4}-" + hex + "{4}-" + hex + "{4}-" + hex + "{12}";
}

const std::array<Format, 10>& formats() {
  static const std::array<Format, 10> all = {{
      {"date", date()},
      {"date-time", date() + "T" + time()},
      {"time", time()},
      {"duration", duration()},
      {"uuid", uuid()},
      {"email", email()},
      {"hostname", hostname()},
      {"ipv4", ipv4()},
      {"ipv6", ipv6()},
      {"uri", uri()},
  }};
  return all;
}

}  // namespace

const std::string* format_regex(std::string_view name) {
  for (const Format& format : formats()) {
    if (format.first == name) return &format.second;
  }
  return nullptr;
}

std::string format_names() {
  std::string names;
  for (const Format& format : formats()) names += (names.empty() ? "" : ", ") + std::string(format.first);
  return names;
}

}  // namespace aurora::constrain
