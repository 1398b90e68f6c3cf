// Where `aurora chat` gets its answers: a model in this process, or a server. Both take the body of an
// OpenAI chat request, so that a setting means the same in both.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "apps/serve_flags.h"
#include "aurora/serve/fields.h"

namespace aurora::apps {

struct ChatAnswer {
  std::string text;
  std::string finish;  // OpenAI's finish_reason; "stopped" when it was interrupted
  int64_t prompt_tokens = 0;
  int64_t tokens = 0;  // 0: not known
  double first_s = 0;  // until the first text
  double total_s = 0;
};

class ChatSource {
 public:
  virtual ~ChatSource() = default;
  // The models to choose from; the one in use is first.
  virtual std::vector<std::string> models() = 0;
  // Error: there is no such model.
  virtual void choose(const std::string& model) = 0;
  // Asks, tells each piece of text as it comes (on the calling thread), returns the whole; ends early when
  // `stop` becomes true. Error: what is wrong with the request, the server or the model.
  virtual ChatAnswer ask(const serve::Json& body, const std::function<void(std::string_view)>& on_text,
                         const std::atomic<bool>& stop) = 0;
};

// Error: the model cannot be loaded.
std::unique_ptr<ChatSource> local_chat_source(const std::string& path, const EngineFlags& flags);
// url: of the server, "http://host:8080"; key: an API key, or "". Error: it does not answer.
std::unique_ptr<ChatSource> remote_chat_source(const std::string& url, const std::string& key);

}  // namespace aurora::apps
