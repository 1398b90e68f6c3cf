// The web page (webui/) and the JavaScript libraries it draws with, as they were when the program was built:
// part of the binary, so that it needs no files and no other host.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string_view>

#include "aurora/net/http.h"

namespace aurora::serve {

struct PageFile {
  std::string_view path;  // "/index.html"
  std::string_view bytes;
};
// Every file. cmake/webui.cmake says which; libraries that the building machine lacked are not there, and the
// page shows plain text where it would have used them.
std::span<const PageFile> page_files();

// For ServiceSettings::pages: answers GET and HEAD of the page's paths ("/" is index.html), nothing for
// others. Its Content-Security-Policy allows the page its own files and this server, and no inline script.
// Compresses the files on a thread of its own, for which the first answers may have to wait. Thread-safe.
std::function<std::optional<net::HttpResponse>(const net::HttpRequest&)> web_page();

}  // namespace aurora::serve
