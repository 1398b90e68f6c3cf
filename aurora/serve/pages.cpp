#include "aurora/serve/pages.h"

#include <future>
#include <memory>

#include "aurora/net/static_files.h"

namespace aurora::serve {
namespace {

constexpr const char* kPolicy =
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

std::shared_ptr<const net::StaticFiles> make_files() {
  const auto files = std::make_shared<net::StaticFiles>(
      net::Headers{{"Content-Security-Policy", kPolicy}, {"Referrer-Policy", "no-referrer"}});
  for (const PageFile& file : page_files()) files->add(std::string(file.path), std::string(file.bytes));
  return files;
}

}  // namespace

std::function<std::optional<net::HttpResponse>(const net::HttpRequest&)> web_page() {
  // Compressing takes some tenths of a second, in which a model can be loaded.
  const auto files = std::async(std::launch::async, make_files).share();
  return [files](const net::HttpRequest& request) { return files.get()->answer(request); };
}

}  // namespace aurora::serve
