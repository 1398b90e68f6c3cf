#include "aurora/net/message_writer.h"

#include <fmt/format.h>

#include <array>
#include <ctime>
#include <iterator>

namespace aurora::net {
namespace {

// "Sun, 06 Nov 1994 08:49:37 GMT", whatever the locale.
void append_date(std::string& out) {
  constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  fmt::format_to(std::back_inserter(out), "Date: {}, {:02} {} {} {:02}:{:02}:{:02} GMT\r\n",
                 kDays[utc.tm_wday], utc.tm_mday, kMonths[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour,
                 utc.tm_min, utc.tm_sec);
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  if (!is_token(name)) return;
  out.append(name).append(": ");
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    out += (byte < 0x20 && c != '\t') || byte == 0x7f ? ' ' : c;
  }
  out.append("\r\n");
}

bool is_servers_own(std::string_view name) {
  for (const std::string_view own : {"Content-Length", "Transfer-Encoding", "Connection", "Date"}) {
    if (equal_without_case(name, own)) return true;
  }
  return false;
}

}  // namespace

bool has_body(int status) {
  return status >= 200 && status != 204 && status != 304;
}

void append_head(std::string& out, const HttpResponse& response, const HeadSpec& spec) {
  fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\n", response.status,
                 status_text(response.status));
  append_date(out);
  for (const auto& [name, value] : response.headers) {
    if (!is_servers_own(name)) append_field(out, name, value);
  }
  if (has_body(response.status)) {
    if (spec.whole) {
      fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n", response.content().size());
    } else if (spec.minor_version > 0) {
      out.append("Transfer-Encoding: chunked\r\n");
    }
  }
  if (!spec.keep_alive) {
    out.append("Connection: close\r\n");
  } else if (spec.minor_version == 0) {
    out.append("Connection: keep-alive\r\n");
  }
  out.append("\r\n");
}

void append_chunk(std::string& out, std::string_view piece) {
  if (piece.empty()) return;
  fmt::format_to(std::back_inserter(out), "{:x}\r\n", piece.size());
  out.append(piece).append("\r\n");
}

std::string print_request(const HttpRequest& request, std::string_view host) {
  std::string out = fmt::format("{} {} HTTP/1.{}\r\n", request.method, request.target, request.minor_version);
  if (!request.headers.has("Host")) append_field(out, "Host", host);
  for (const auto& [name, value] : request.headers) append_field(out, name, value);
  const bool expects_length = request.method != "GET" && request.method != "HEAD";
  if (!request.headers.has("Content-Length") && (expects_length || !request.body.empty())) {
    append_field(out, "Content-Length", std::to_string(request.body.size()));
  }
  return out.append("\r\n").append(request.body);
}

}  // namespace aurora::net
