#include "apps/chat_session.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "aurora/base/error.h"
#include "aurora/base/file.h"
#include "aurora/serve/api_error.h"
#include "aurora/serve/chat_prompt.h"

namespace aurora::apps {
namespace {

using serve::Json;

constexpr const char* kQuotes = "\"\"\"";

std::string trimmed(const std::string& text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == text.npos) return "";
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

struct Setting {
  const char* name;
  enum Kind { kNumber, kInteger, kTexts } kind;
  const char* help;
};
constexpr Setting kSettings[] = {
    {"temperature", Setting::kNumber, "0 = always the most likely token"},
    {"top_p", Setting::kNumber, "only the most likely tokens that reach this probability"},
    {"top_k", Setting::kInteger, "only the k most likely tokens"},
    {"min_p", Setting::kNumber, "only tokens with this share of the most likely one's probability"},
    {"max_tokens", Setting::kInteger, "longest answer"},
    {"seed", Setting::kInteger, "same seed, same answer"},
    {"stop", Setting::kTexts, "the answer ends before this text; several: set it again"},
    {"repetition_penalty", Setting::kNumber, "above 1: what was said is less likely"},
    {"presence_penalty", Setting::kNumber, "the same, by a constant"},
    {"frequency_penalty", Setting::kNumber, "the same, by count"},
};

const Setting& setting_of(const std::string& name) {
  std::string names;
  for (const Setting& setting : kSettings) {
    if (name == setting.name) return setting;
    names += (names.empty() ? "" : ", ") + std::string(setting.name);
  }
  throw UsageError("there is no setting '" + name + "'", "/set", "there are " + names);
}

Json value_of(const Setting& setting, const std::string& text, const Json& before) {
  if (setting.kind == Setting::kTexts) {
    Json texts = before.is_array() ? before : Json::array();
    texts.push_back(text);
    return texts;
  }
  char* end = nullptr;
  if (setting.kind == Setting::kInteger) {
    const long long value = std::strtoll(text.c_str(), &end, 10);
    if (!text.empty() && *end == 0) return value;
  } else {
    const double value = std::strtod(text.c_str(), &end);
    if (!text.empty() && *end == 0 && std::isfinite(value)) return value;
  }
  throw UsageError(fmt::format("'{}' is no number", text), setting.name, "give a number, or 'default'");
}

// A terminal obeys what it is shown: an answer's control characters would move the cursor, or worse.
std::string printable(std::string_view text) {
  std::string safe;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool c1 =
        byte == 0xc2 && i + 1 < text.size() && (static_cast<unsigned char>(text[i + 1]) & 0xe0) == 0x80;
    if (c1) ++i;
    if (c1 || (byte < 32 && byte != '\n' && byte != '\t') || byte == 127)
      safe += "\uFFFD";
    else
      safe += text[i];
  }
  return safe;
}

}  // namespace

struct ChatSession::Command {
  const char* name;
  const char* arguments;
  const char* help;
  void (ChatSession::*run)(const std::string&);
};

const std::vector<ChatSession::Command>& ChatSession::commands() {
  static const std::vector<Command> kCommands = {
      {"help", "", "this list", &ChatSession::help},
      {"system", "[TEXT]", "the system prompt: show it, or set it ('default': none)",
       &ChatSession::show_or_set_system},
      {"set", "[NAME [VALUE]]", "settings: show them, or set one ('default': the server's choice)",
       &ChatSession::show_or_set},
      {"retry", "", "another answer to the last message", &ChatSession::retry},
      {"edit", "[TEXT]", "change the last message, and answer that", &ChatSession::edit},
      {"save", "FILE", "write the conversation: JSON, or Markdown for FILE.md", &ChatSession::save},
      {"load", "FILE", "go on with a conversation that was saved as JSON", &ChatSession::load},
      {"clear", "", "begin anew; the system prompt and the settings stay", &ChatSession::clear},
      {"model", "[NAME]", "the models: show them, or use another", &ChatSession::model},
      {"exit", "", "leave (also Ctrl-D)", &ChatSession::exit},
  };
  return kCommands;
}

ChatSession::ChatSession(std::unique_ptr<ChatSource> source, std::atomic<bool>& interrupted)
    : source_(std::move(source)), interrupted_(interrupted) {}

void ChatSession::set(const std::string& name, const std::string& value) {
  const Setting& setting = setting_of(name);
  if (value == "default")
    settings_.erase(name);
  else
    settings_[name] = value_of(setting, value, settings_.value(name, Json()));
}

int ChatSession::run() {
  if (reader_.is_terminal())
    fmt::print("{}: /help lists the commands, Ctrl-C stops an answer, Ctrl-D leaves\n",
               source_->models().front());
  std::string text;
  while (!over_ && read_message(&text)) {
    try {
      if (text.starts_with("//"))
        say(text.substr(1));
      else if (text.starts_with("/"))
        obey(text);
      else if (!trimmed(text).empty())
        say(text);
    } catch (const Error& error) {
      failed_ = true;
      std::fflush(stdout);
      fmt::print(stderr, "{}\n", printable(error.what()));
    }
  }
  return failed_ && !reader_.is_terminal() ? 1 : 0;
}

// A line; more of them after a '\' at the end of one, or between lines of """. False: nothing comes any more.
bool ChatSession::read_message(std::string* text) {
  text->clear();
  bool quoted = false, first = true;
  while (true) {
    const LineReader::Line line = reader_.read(first ? "> " : ". ", std::exchange(draft_, {}));
    if (line.end == LineReader::End::kInterrupted) {
      text->clear();
      return true;
    }
    if (line.end == LineReader::End::kClosed) return !first && !text->empty();
    reader_.remember(line.text);
    const bool quotes = trimmed(line.text) == kQuotes;
    if (quotes && quoted) return true;
    if (quotes && first) {
      quoted = true;
      first = false;
      continue;
    }
    first = false;
    *text += line.text;
    if (!quoted && !line.text.ends_with('\\')) return true;
    if (!quoted) text->pop_back();
    *text += '\n';
  }
}

void ChatSession::obey(const std::string& line) {
  const size_t space = line.find_first_of(" \t\n");
  const std::string name = line.substr(1, space == line.npos ? space : space - 1);
  for (const Command& command : commands())
    if (name == command.name)
      return (this->*command.run)(space == line.npos ? "" : trimmed(line.substr(space)));
  throw UsageError("there is no command /" + name, "the line",
                   "see /help; a message that begins with / is written //");
}

Json ChatSession::body() const {
  Json body = settings_;
  body["messages"] = Json::array();
  if (!system_.empty()) body["messages"].push_back({{"role", "system"}, {"content", system_}});
  for (const Json& message : messages_) body["messages"].push_back(message);
  return body;
}

void ChatSession::say(const std::string& text) {
  messages_.push_back({{"role", "user"}, {"content", trimmed(text)}});
  answer();
}

void ChatSession::answer() {
  interrupted_ = false;
  const ChatAnswer answer = source_->ask(
      body(),
      [](std::string_view piece) {
        fmt::print("{}", printable(piece));
        std::fflush(stdout);
      },
      interrupted_);
  interrupted_ = false;
  fmt::print("\n");
  std::fflush(stdout);
  messages_.push_back({{"role", "assistant"}, {"content", answer.text}});
  if (!reader_.is_terminal()) return;
  std::string facts = answer.finish == "stopped" ? "stopped" : answer.finish == "length" ? "cut off" : "";
  if (answer.tokens > 0) {
    facts += fmt::format("{}{} tokens", facts.empty() ? "" : ", ", answer.tokens);
    if (answer.tokens > 1 && answer.total_s > answer.first_s)
      facts += fmt::format(", {:.1f}/s",
                           static_cast<double>(answer.tokens - 1) / (answer.total_s - answer.first_s));
  }
  if (!facts.empty()) fmt::print("\x1b[2m({})\x1b[0m\n", facts);
}

void ChatSession::drop_answer() {
  while (!messages_.empty() && messages_.back()["role"] != "user") messages_.erase(messages_.size() - 1);
  if (messages_.empty())
    throw UsageError("nothing was said yet", "the conversation", "write a message first");
}

void ChatSession::help(const std::string&) {
  for (const Command& command : commands())
    fmt::print("  /{:24} {}\n", fmt::format("{} {}", command.name, command.arguments), command.help);
  fmt::print(
      "  a line that ends with \\ goes on in the next; lines between two lines of {} are one message\n",
      kQuotes);
}

void ChatSession::show_or_set_system(const std::string& rest) {
  if (rest.empty())
    fmt::print("{}\n", system_.empty() ? "(none)" : printable(system_));
  else
    system_ = rest == "default" ? "" : rest;
}

void ChatSession::show_or_set(const std::string& rest) {
  const size_t space = rest.find_first_of(" \t=");
  if (space != rest.npos) return set(rest.substr(0, space), trimmed(rest.substr(space + 1)));
  for (const Setting& setting : kSettings) {
    if (!rest.empty() && rest != setting.name) continue;
    const std::string value =
        settings_.contains(setting.name) ? serve::to_text(settings_[setting.name]) : "default";
    fmt::print("  {:20} {:10} {}\n", setting.name, printable(value), setting.help);
  }
  if (!rest.empty()) setting_of(rest);
}

void ChatSession::retry(const std::string&) {
  drop_answer();
  answer();
}

void ChatSession::edit(const std::string& rest) {
  drop_answer();
  const std::string before = messages_.back()["content"].get<std::string>();
  if (rest.empty() && !reader_.is_terminal())
    throw UsageError("/edit without a text needs a terminal", "the line", "write /edit TEXT");
  messages_.erase(messages_.size() - 1);
  if (!rest.empty()) return say(rest);
  draft_ = before;
  for (char& c : draft_)
    if (c == '\n') c = ' ';  // the line that is edited has no line ends
}

void ChatSession::save(const std::string& rest) {
  if (rest.empty()) throw UsageError("no file", "/save", "write /save FILE");
  std::string text;
  if (rest.ends_with(".md")) {
    if (!system_.empty()) text += "> " + system_ + "\n\n";
    for (const Json& message : messages_)
      text += fmt::format("## {}\n\n{}\n\n", message["role"] == "user" ? "You" : "Assistant",
                          message["content"].get<std::string>());
  } else {
    const Json all = {{"system", system_}, {"settings", settings_}, {"messages", messages_}};
    text = all.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  }
  write_file_atomic(rest, text);
  fmt::print("{} messages in {}\n", messages_.size(), rest);
}

void ChatSession::load(const std::string& rest) {
  if (rest.empty()) throw UsageError("no file", "/load", "write /load FILE");
  const Json all = Json::parse(read_file(rest), nullptr, false);
  if (!all.is_object() || !all.contains("messages"))
    throw Error("no conversation is in it", rest, "give a file that /save wrote as JSON");
  Json messages;
  try {
    messages = serve::read_messages(all["messages"], "messages");
  } catch (const serve::ApiError& error) {
    throw Error(error.what(), rest, "give a file that /save wrote as JSON");
  }
  const Json system = all.value("system", Json("")), settings = all.value("settings", Json::object());
  if (!system.is_string() || !settings.is_object())
    throw Error("its system prompt or settings are of another kind", rest,
                "give a file that /save wrote as JSON");
  for (const auto& [name, value] : settings.items()) setting_of(name);
  messages_ = std::move(messages);
  system_ = system.get<std::string>();
  settings_ = settings;
  fmt::print("{} messages from {}\n", messages_.size(), rest);
}

void ChatSession::clear(const std::string&) {
  messages_ = Json::array();
}

void ChatSession::model(const std::string& rest) {
  if (!rest.empty()) return source_->choose(rest);
  for (const std::string& name : source_->models()) fmt::print("  {}\n", printable(name));
}

void ChatSession::exit(const std::string&) {
  over_ = true;
}

}  // namespace aurora::apps
