// A conversation in a terminal: messages, settings, and the commands that begin with '/'.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "apps/chat_source.h"
#include "apps/line_reader.h"

namespace aurora::apps {

class ChatSession {
 public:
  // interrupted: set by Ctrl-C; cleared here before each answer.
  ChatSession(std::unique_ptr<ChatSource> source, std::atomic<bool>& interrupted);

  // "temperature=0.2", "stop=END"; value "default" takes the setting away. UsageError: no such setting, or no
  // such value.
  void set(const std::string& name, const std::string& value);
  void set_system(const std::string& text) { system_ = text; }

  // Until the end of the input or /exit. Returns the exit code: 1 when an answer failed and nobody was there
  // to see it (no terminal).
  int run();

 private:
  struct Command;
  static const std::vector<Command>& commands();

  bool read_message(std::string* text);
  void obey(const std::string& line);
  void say(const std::string& text);
  void answer();
  serve::Json body() const;
  void drop_answer();  // and what follows the last message of the person

  void help(const std::string& rest);
  void show_or_set_system(const std::string& rest);
  void show_or_set(const std::string& rest);
  void retry(const std::string& rest);
  void edit(const std::string& rest);
  void save(const std::string& rest);
  void load(const std::string& rest);
  void clear(const std::string& rest);
  void model(const std::string& rest);
  void exit(const std::string& rest);

  std::unique_ptr<ChatSource> source_;
  std::atomic<bool>& interrupted_;
  LineReader reader_;
  std::string system_;
  serve::Json settings_ = serve::Json::object();
  serve::Json messages_ = serve::Json::array();  // OpenAI's, without the system's
  std::string draft_;                            // what the next line begins as
  bool over_ = false;
  bool failed_ = false;
};

}  // namespace aurora::apps
