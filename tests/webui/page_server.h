// The real server with the real page, before models that say what they were taught: to an asked sentence
// comes its answer, byte by byte.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "aurora/base/threads.h"
#include "aurora/infer/engine_thread.h"
#include "aurora/net/http_server.h"
#include "aurora/serve/service.h"

namespace aurora::testing {

// From questions to answers. A question is a message's end, of bytes that the test tokenizer does not merge
// (no "th", no " t", no hiragana); "slow" at a message's beginning: 20 ms per byte.
using Dialogue = std::map<std::string, std::string>;

class PageServer {
 public:
  // names: of the models; all say the same.
  explicit PageServer(const Dialogue& dialogue, std::vector<std::string> names = {"parrot"},
                      serve::ServiceSettings settings = {});
  ~PageServer();

  std::string url() const;
  // Bodies of the chats that were asked for, in order.
  std::vector<std::string> asked() const;
  // Answers that are being made.
  int64_t running() const;

 private:
  Pool pool_{1};
  std::vector<std::unique_ptr<infer::EngineThread>> engines_;
  std::vector<std::unique_ptr<serve::ServedModel>> models_;
  std::unique_ptr<serve::Service> service_;
  std::unique_ptr<net::HttpServer> server_;
  mutable std::mutex mutex_;
  std::vector<std::string> asked_;
};

}  // namespace aurora::testing
