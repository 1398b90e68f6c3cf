#include "aurora/net/static_files.h"

#include <algorithm>
#include <array>

#include "aurora/base/error.h"
#include "aurora/base/hash.h"
#include "aurora/base/stream.h"

namespace aurora::net {
namespace {

constexpr size_t kCompressFrom = 1024;  // bytes
constexpr int kCompressLevel = 9;
constexpr std::string_view kIndex = "index.html";

struct Type {
  std::string_view ending;
  std::string_view type;
  bool is_text;
};
constexpr std::array kTypes = {
    Type{".html", "text/html; charset=utf-8", true},
    Type{".css", "text/css; charset=utf-8", true},
    Type{".js", "text/javascript; charset=utf-8", true},
    Type{".mjs", "text/javascript; charset=utf-8", true},
    Type{".json", "application/json", true},
    Type{".webmanifest", "application/manifest+json", true},
    Type{".txt", "text/plain; charset=utf-8", true},
    Type{".md", "text/plain; charset=utf-8", true},
    Type{".svg", "image/svg+xml", true},
    Type{".png", "image/png", false},
    Type{".jpg", "image/jpeg", false},
    Type{".webp", "image/webp", false},
    Type{".ico", "image/x-icon", false},
    Type{".woff", "font/woff", false},
    Type{".woff2", "font/woff2", false},
    Type{".ttf", "font/ttf", false},
    Type{".wasm", "application/wasm", true},
};

const Type* find_type(std::string_view name) {
  for (const Type& type : kTypes) {
    if (name.ends_with(type.ending)) return &type;
  }
  return nullptr;
}

// Whether If-None-Match names the tag, weak or strong, or anything.
bool names_tag(std::string_view list, std::string_view tag) {
  return has_token(list, "*") || has_token(list, tag) || has_token(list, "W/" + std::string(tag));
}

}  // namespace

std::string_view content_type_of(std::string_view name) {
  const Type* type = find_type(name);
  return type ? type->type : "application/octet-stream";
}

bool accepts_gzip(std::string_view list) {
  while (!list.empty()) {
    const size_t comma = std::min(list.find(','), list.size());
    std::string item(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
    std::erase_if(item, [](char c) { return c == ' ' || c == '\t'; });
    const size_t semicolon = std::min(item.find(';'), item.size());
    const std::string_view name = std::string_view(item).substr(0, semicolon);
    if (!equal_without_case(name, "gzip") && name != "*") continue;
    const std::string_view quality = std::string_view(item).substr(semicolon);
    return !quality.starts_with(";q=0") || quality.find_first_of("123456789") != quality.npos;
  }
  return false;
}

void StaticFiles::add(std::string path, std::string bytes) {
  if (!path.starts_with('/')) {
    throw UsageError("a path of the site does not begin with '/'", path, "write /" + path);
  }
  const Type* type = find_type(path);
  File file{.type = content_type_of(path), .tag = xxh3_128(bytes).hex(), .plain = nullptr, .gzip = nullptr};
  if (type && type->is_text && bytes.size() >= kCompressFrom) {
    std::string small = gzip_compress(bytes, kCompressLevel);
    if (small.size() < bytes.size()) file.gzip = std::make_shared<const std::string>(std::move(small));
  }
  file.plain = std::make_shared<const std::string>(std::move(bytes));
  if (path.ends_with("/" + std::string(kIndex))) {
    files_[path.substr(0, path.size() - kIndex.size())] = file;
  }
  files_[std::move(path)] = std::move(file);
}

void StaticFiles::add_folder(const Path& folder, std::string_view prefix) {
  for (const Path& file : list_files(folder)) {
    const Path place = file.lexically_relative(folder);
    const bool hidden = std::any_of(place.begin(), place.end(),
                                    [](const Path& part) { return part.string().starts_with('.'); });
    if (!hidden) add(std::string(prefix) + place.generic_string(), read_file(file));
  }
}

std::optional<HttpResponse> StaticFiles::answer(const HttpRequest& request) const {
  const auto found = files_.find(request.path);
  if (found == files_.end()) return std::nullopt;
  if (request.method != "GET" && request.method != "HEAD") {
    HttpResponse refused = problem_response(
        {405, "method_not_allowed", request.method + " is not for this path; GET and HEAD are."});
    refused.headers.add("Allow", "GET, HEAD");
    return refused;
  }
  const File& file = found->second;
  const bool packed = file.gzip && accepts_gzip(request.headers.get("Accept-Encoding"));
  const std::string tag = "\"" + file.tag + (packed ? "-gzip\"" : "\"");
  HttpResponse response;
  response.headers = headers_;
  response.headers.add("ETag", tag);
  response.headers.add("Cache-Control", "no-cache");  // kept, but asked about each time
  response.headers.add("X-Content-Type-Options", "nosniff");
  if (file.gzip) response.headers.add("Vary", "Accept-Encoding");
  if (names_tag(request.headers.get("If-None-Match"), tag)) {
    response.status = 304;
    return response;
  }
  response.headers.add("Content-Type", std::string(file.type));
  if (packed) response.headers.add("Content-Encoding", "gzip");
  response.shared_body = packed ? file.gzip : file.plain;
  return response;
}

}  // namespace aurora::net
