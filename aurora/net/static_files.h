// Files that are served from memory: a web page and what belongs to it. A request only names an entry of a
// table, so that no path of it can reach anything else.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "aurora/base/file.h"
#include "aurora/net/http.h"

namespace aurora::net {

// Filled once, then immutable and shared between threads.
class StaticFiles {
 public:
  // headers: go with every file (a Content-Security-Policy).
  explicit StaticFiles(Headers headers = {}) : headers_(std::move(headers)) {}

  // `path` begins with '/'; a file named index.html answers for its folder too ("/", "/chat/"). The type
  // follows from the name's ending. Text of some size is kept compressed beside the plain bytes. A second
  // file of the same path replaces the first.
  void add(std::string path, std::string bytes);
  // Every file below `folder`, as PREFIX plus its place in it; hidden ones (".git") are left out.
  // Error: the folder is missing, a file cannot be read.
  void add_folder(const Path& folder, std::string_view prefix = "/");

  // GET and HEAD of a path that is here: 200; 304 when the client has these very bytes (If-None-Match). 405
  // for other methods. Nothing for a path that is not here.
  std::optional<HttpResponse> answer(const HttpRequest& request) const;

  size_t size() const { return files_.size(); }

 private:
  struct File {
    std::string_view type;
    std::string tag;  // of the plain bytes, without quotes
    std::shared_ptr<const std::string> plain;
    std::shared_ptr<const std::string> gzip;  // null: not smaller
  };
  Headers headers_;
  std::map<std::string, File, std::less<>> files_;  // by path
};

// "text/html; charset=utf-8" for "a/b.html"; "application/octet-stream" for an ending that is not known.
std::string_view content_type_of(std::string_view name);
// Whether Accept-Encoding allows gzip ("gzip;q=0" does not).
bool accepts_gzip(std::string_view accept_encoding);

}  // namespace aurora::net
