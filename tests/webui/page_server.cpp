#include "tests/webui/page_server.h"

#include <chrono>
#include <thread>

#include "aurora/infer/fake_model.h"
#include "aurora/serve/pages.h"

namespace aurora::testing {
namespace {

using infer::testing::byte_tokenizer;

bool holds(std::span<const int32_t> tokens, std::string_view text) {
  return std::search(tokens.begin(), tokens.end(), text.begin(), text.end(), [](int32_t token, char byte) {
           return token == static_cast<unsigned char>(byte);
         }) != tokens.end();
}

// The parrot of the plain template's turns. A few alternatives are likely enough to be seen.
infer::testing::Language language_of(const Dialogue& dialogue) {
  std::vector<std::string> sentences;
  for (const auto& [question, answer] : dialogue)
    sentences.push_back(question + "\nAssistant: " + answer + "\nUser:");
  return [parrot = infer::testing::parrot(sentences)](std::span<const int32_t> tokens, float* logits) {
    if (holds(tokens, "User: slow")) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    parrot(tokens, logits);
    logits['?'] += 9;
    logits['!'] += 8;
  };
}

}  // namespace

PageServer::PageServer(const Dialogue& dialogue, std::vector<std::string> names,
                       serve::ServiceSettings settings) {
  std::vector<const serve::ServedModel*> served;
  for (const std::string& name : names) {
    engines_.push_back(std::make_unique<infer::EngineThread>(std::make_unique<infer::Engine>(
        std::make_unique<infer::testing::FakeModel>(language_of(dialogue), 4096),
        infer::testing::byte_tokens(), infer::EngineSettings{.max_length = 8192}, pool_)));
    models_.push_back(std::make_unique<serve::ServedModel>(name, "0123456789abcdef", byte_tokenizer(),
                                                           std::vector<int32_t>{}, *engines_.back()));
    served.push_back(models_.back().get());
  }
  settings.pages = serve::web_page();
  service_ = std::make_unique<serve::Service>(std::move(settings), served);
  net::ServerSettings server;
  server.admit = [this](const net::HttpRequest& head) { return service_->admit(head); };
  server_ =
      std::make_unique<net::HttpServer>(server, [this](net::HttpRequest request, net::Responder responder) {
        if (request.path == "/v1/chat/completions") {
          const std::lock_guard lock(mutex_);
          asked_.push_back(request.body);
        }
        service_->handle(std::move(request), std::move(responder));
      });
}

PageServer::~PageServer() {
  server_.reset();
  for (auto& engine : engines_) engine->stop(0);
}

std::string PageServer::url() const {
  return server_->urls().front() + "/";
}

std::vector<std::string> PageServer::asked() const {
  const std::lock_guard lock(mutex_);
  return asked_;
}

int64_t PageServer::running() const {
  int64_t running = 0;
  for (const auto& engine : engines_) running += engine->stats().running;
  return running;
}

}  // namespace aurora::testing
