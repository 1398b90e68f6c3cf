// `aurora chat --url` from outside: through a pipe, and on a terminal (a pseudo-terminal), before the real
// server with a model whose answers are known. The program's path is the first argument.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "aurora/base/file.h"
#include "aurora/base/test_folder.h"
#include "tests/webui/page_server.h"

namespace aurora::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::ordered_json;

std::string program;

const Dialogue kDialogue = {
    {"hello", "Hello there!"},
    {"again", "Once more."},
    {"one\ntwo", "Two lines."},
    {"日本", "こんにちは。"},
    {"slow", std::string(400, 'a') + " end"},
    {"escape", "\x1b[31mred\x07"},
};

class Chat : public ::testing::Test {
 protected:
  std::vector<std::string> command(const std::vector<std::string>& more) {
    std::vector<std::string> command = {program, "chat", "--url", server_.url()};
    command.insert(command.end(), more.begin(), more.end());
    return command;
  }
  static void become(const std::vector<std::string>& command) {
    std::vector<char*> arguments;
    for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    execv(arguments[0], arguments.data());
    _exit(127);
  }

  struct Result {
    int code = -1;
    std::string out, err;
  };
  // Through a pipe.
  Result pipe(const std::string& input, const std::vector<std::string>& more = {}) {
    write_file_atomic(folder_ / "in", input);
    const pid_t pid = fork();
    if (pid == 0) {
      dup2(open((folder_ / "in").c_str(), O_RDONLY), 0);
      dup2(creat((folder_ / "out").c_str(), 0600), 1);
      dup2(creat((folder_ / "err").c_str(), 0600), 2);
      become(command(more));
    }
    int status = 0;
    waitpid(pid, &status, 0);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_file(folder_ / "out"),
            read_file(folder_ / "err")};
  }
  Json asked(size_t i) { return Json::parse(server_.asked().at(i)); }

  const TestFolder folder_;
  PageServer server_{kDialogue, {"parrot", "jay"}};
};

TEST_F(Chat, EachLineOfAPipeIsAnswered) {
  const Result result = pipe("hello\nagain\n");
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out, "Hello there!\nOnce more.\n");
  const Json messages = asked(1)["messages"];
  ASSERT_EQ(messages.size(), 3u);
  EXPECT_EQ(messages[1]["content"], "Hello there!");
}

TEST_F(Chat, LinesAreJoinedByABackslashOrQuotes) {
  EXPECT_EQ(pipe("one\\\ntwo\n").out, "Two lines.\n");
  EXPECT_EQ(pipe("\"\"\"\none\ntwo\n\"\"\"\n").out, "Two lines.\n");
}

TEST_F(Chat, SettingsAndTheSystemPromptGoIntoTheRequest) {
  const Result result =
      pipe("/set temperature 0.5\n/set stop END\n/set seed 3\n/set seed default\n/system Be kind.\nhello\n",
           {"--set", "top_k=5"});
  EXPECT_EQ(result.code, 0) << result.err;
  const Json body = asked(0);
  EXPECT_EQ(body["temperature"], 0.5);
  EXPECT_EQ(body["top_k"], 5);
  EXPECT_EQ(body["stop"], Json({"END"}));
  EXPECT_FALSE(body.contains("seed"));
  EXPECT_EQ(body["messages"][0], Json({{"role", "system"}, {"content", "Be kind."}}));
}

TEST_F(Chat, RetryEditAndClearChangeTheConversation) {
  const Result result = pipe("hello\n/retry\n/edit again\n/clear\nhello\n");
  EXPECT_EQ(result.out, "Hello there!\nHello there!\nOnce more.\nHello there!\n") << result.err;
  EXPECT_EQ(asked(1)["messages"].size(), 1u);
  EXPECT_EQ(asked(2)["messages"].size(), 1u);
  EXPECT_EQ(asked(2)["messages"][0]["content"], "again");
  EXPECT_EQ(asked(3)["messages"].size(), 1u);
}

TEST_F(Chat, AConversationIsSavedAndLoaded) {
  const std::string file = (folder_ / "talk.json").string(), pages = (folder_ / "talk.md").string();
  EXPECT_EQ(pipe("/system Be kind.\nhello\n/save " + file + "\n/save " + pages + "\n").code, 0);
  EXPECT_THAT(read_file(pages), HasSubstr("## You\n\nhello\n\n## Assistant\n\nHello there!\n"));
  EXPECT_EQ(pipe("/load " + file + "\nagain\n").code, 0);
  EXPECT_EQ(asked(1)["messages"].size(), 4u);
  write_file_atomic(file, "{\"messages\": [{\"role\": \"king\"}]}");
  const Result broken = pipe("/load " + file + "\n");
  EXPECT_EQ(broken.code, 1);
  EXPECT_THAT(broken.err, HasSubstr("king"));
}

TEST_F(Chat, ModelsAreShownAndChosen) {
  EXPECT_THAT(pipe("/model jay\n/model\nhello\n").out, HasSubstr("  jay\n  parrot\nHello there!\n"));
  EXPECT_EQ(asked(0)["model"], "jay");
  EXPECT_THAT(pipe("/model owl\n").err, HasSubstr("no model 'owl'"));
}

TEST_F(Chat, WhatIsWrongIsSaidAndFailsAPipe) {
  const Result result = pipe("/nonsense\n/set temperature hot\nhello\n");
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err, HasSubstr("/nonsense"));
  EXPECT_THAT(result.err, HasSubstr("'hot' is no number"));
  EXPECT_EQ(result.out, "Hello there!\n");
  EXPECT_EQ(pipe("", {"--set", "warmth=1"}).code, 2);
  EXPECT_EQ(pipe("", {"also-a-model"}).code, 2);
}

TEST_F(Chat, AnAnswerCannotCommandTheTerminal) {
  EXPECT_EQ(pipe("escape\n").out, "\uFFFD[31mred\uFFFD\n");
}

// A person at a terminal.
class Terminal : public Chat {
 protected:
  void begin() {
    const winsize size{24, 100, 0, 0};
    pid_ = forkpty(&terminal_, nullptr, nullptr, &size);
    if (pid_ == 0) {
      setenv("TERM", "xterm", 1);
      setenv("LC_ALL", "C.UTF-8", 1);
      become(command({}));
    }
    see_prompt();
  }
  void type(const std::string& keys) {
    EXPECT_EQ(write(terminal_, keys.data(), keys.size()), static_cast<ssize_t>(keys.size()));
  }
  // Reads until `text` was seen, and forgets what came before it.
  void see(const std::string& text) {
    for (size_t at; (at = seen_.find(text)) == seen_.npos;) {
      pollfd ready{terminal_, POLLIN, 0};
      char buffer[4096];
      ssize_t n = 0;
      if (poll(&ready, 1, 20'000) != 1 || (n = read(terminal_, buffer, sizeof buffer)) <= 0) {
        FAIL() << "never seen: " << text << "\nbut: " << seen_;
      }
      seen_.append(buffer, static_cast<size_t>(n));
    }
    seen_.erase(0, seen_.find(text) + text.size());
  }
  // The prompt stands there a moment before the editor takes the keys: a Ctrl-D in between would be lost.
  void see_prompt() {
    see("> ");
    termios mode{};
    for (int wait = 0; wait < 4000; ++wait) {
      if (tcgetattr(terminal_, &mode) == 0 && (mode.c_lflag & ICANON) == 0) return;
      usleep(5000);
    }
    FAIL() << "the prompt takes no keys";
  }
  int leave() {
    see_prompt();  // what is typed before goes to the answer's terminal, which has no Ctrl-D
    type("\x04");
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  ~Terminal() override {
    if (pid_ > 0) kill(pid_, SIGKILL), waitpid(pid_, nullptr, 0);
    close(terminal_);
  }

  pid_t pid_ = 0;
  int terminal_ = -1;
  std::string seen_;
};

TEST_F(Terminal, AnswersAreShownWithTheirSpeed) {
  begin();
  type("hello\r");
  see("Hello there!");
  see(" tokens");
  see_prompt();
  type("日本\r");
  see("こんにちは。");
  EXPECT_EQ(leave(), 0);
}

TEST_F(Terminal, CtrlCStopsTheAnswerAndNotTheProgram) {
  begin();
  type("slow\r");
  see("aaaaaaaa");
  type("\x03");
  see("(stopped");
  see_prompt();
  type("\x03");  // nothing to stop: a fresh line
  see_prompt();
  type("again\r");
  see("Once more.");
  EXPECT_EQ(leave(), 0);
}

TEST_F(Terminal, ArrowsBringBackWhatWasTyped) {
  begin();
  type("hello\r");
  see("Hello there!");
  see_prompt();
  type("\x1b[A\r");
  see("Hello there!");
  EXPECT_EQ(server_.asked().size(), 2u);
  see_prompt();
  type("/edit\r");
  see_prompt();
  type(
      "\x15"
      "again\r");  // Ctrl-U: what stands there goes
  see("Once more.");
  EXPECT_EQ(asked(2)["messages"].size(), 3u);
  EXPECT_EQ(leave(), 0);
}

}  // namespace
}  // namespace aurora::testing

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  if (argc > 1) aurora::testing::program = argv[1];
  return RUN_ALL_TESTS();
}
