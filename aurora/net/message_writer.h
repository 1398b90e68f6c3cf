// HTTP messages to bytes.
#pragma once

#include <string>

#include "aurora/net/http.h"

namespace aurora::net {

struct HeadSpec {
  int minor_version = 1;  // of the request: HTTP/1.0 gets no chunks
  bool keep_alive = true;
  bool whole = true;  // Content-Length is that of response.content(); else chunked, or until the close
};

// Appends status line and header fields. The fields of the server's own (Content-Length, Transfer-Encoding,
// Connection, Date) are made here; control characters in values become spaces, and a field whose name is no
// token is left out: no answer can be split in two by what a client sent.
void append_head(std::string& out, const HttpResponse& response, const HeadSpec& spec);

// Whether an answer of that status has a body at all.
bool has_body(int status);

// "1f\r\n...\r\n"; nothing for an empty piece, which would end the body.
void append_chunk(std::string& out, std::string_view piece);
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

// A whole request, for the client; Content-Length and Host are made here unless they are there.
std::string print_request(const HttpRequest& request, std::string_view host);

}  // namespace aurora::net
