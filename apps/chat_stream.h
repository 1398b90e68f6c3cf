// The pieces of an answer on their way from the thread that makes them to the one that prints them.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>

#include "apps/chat_source.h"
#include "aurora/base/error.h"

namespace aurora::apps {

class ChatStream {
 public:
  void text(std::string_view piece) {
    change([&] { waiting_ += piece; });
  }
  void facts(const std::function<void(ChatAnswer&)>& fill) {
    change([&] { fill(answer_); });
  }
  void fail(const Error& error) {
    change([&] {
      error_ = error;
      over_ = true;
    });
  }
  void finish() {
    change([&] { over_ = true; });
  }

  // Prints until the end; looks at `stop` often and leaves when it is set. Throws what fail() was given.
  ChatAnswer print(const std::function<void(std::string_view)>& on_text, const std::atomic<bool>& stop);

 private:
  template <class F>
  void change(F&& f) {
    {
      const std::lock_guard lock(mutex_);
      f();
    }
    changed_.notify_one();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::string waiting_;  // not yet printed
  ChatAnswer answer_;
  std::optional<Error> error_;
  bool over_ = false;
};

}  // namespace aurora::apps
