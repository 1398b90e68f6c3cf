#include "apps/line_reader.h"

#include <errno.h>
#include <histedit.h>
#include <langinfo.h>
#include <locale.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <iostream>

#include "aurora/base/utf8.h"

namespace aurora::apps {
namespace {

constexpr int kHistory = 1000;

std::wstring to_wide(const std::string& text) {
  std::wstring wide;
  for (size_t at = 0; at < text.size();) {
    const Decoded decoded = decode_utf8(text, at);
    wide += static_cast<wchar_t>(decoded.code_point);
    at += decoded.bytes;
  }
  return wide;
}

// libedit needs a locale with UTF-8 to know how wide characters are.
void use_utf8() {
  setlocale(LC_CTYPE, "");
  if (std::strcmp(nl_langinfo(CODESET), "UTF-8") != 0) setlocale(LC_CTYPE, "C.UTF-8");
}

}  // namespace

struct LineReader::Editor {
  EditLine* line = nullptr;
  HistoryW* history = nullptr;
  std::wstring prompt;
  bool interrupted = false;

  Editor() {
    use_utf8();
    line = el_init("aurora", stdin, stdout, stderr);
    history = history_winit();
    HistEventW event;
    history_w(history, &event, H_SETSIZE, kHistory);
    history_w(history, &event, H_SETUNIQUE, 1);
    el_wset(line, EL_CLIENTDATA, this);
    el_wset(line, EL_EDITOR, L"emacs");
    el_wset(line, EL_HIST, history_w, history);
    el_wset(line, EL_PROMPT, prompt_of);
    el_wset(line, EL_GETCFN, get_character);
  }
  ~Editor() {
    history_wend(history);
    el_end(line);
  }

  static Editor* of(EditLine* line) {
    Editor* editor = nullptr;
    el_wget(line, EL_CLIENTDATA, &editor);
    return editor;
  }
  static wchar_t* prompt_of(EditLine* line) { return of(line)->prompt.data(); }
  // A character of UTF-8. libedit's own reader would go on after Ctrl-C.
  static int get_character(EditLine* line, wchar_t* out) {
    std::string bytes;
    while (true) {
      char byte;
      const ssize_t n = ::read(STDIN_FILENO, &byte, 1);
      if (n == 0) return 0;
      if (n < 0) {
        of(line)->interrupted = errno == EINTR;
        return -1;
      }
      bytes += byte;
      if (incomplete_utf8_tail(bytes) == 0) break;
    }
    *out = static_cast<wchar_t>(decode_utf8(bytes, 0).code_point);
    return 1;
  }
};

LineReader::LineReader() : is_terminal_(isatty(STDIN_FILENO) && isatty(STDOUT_FILENO)) {
  if (is_terminal_) editor_ = std::make_unique<Editor>();
}

LineReader::~LineReader() = default;

LineReader::Line LineReader::read(const std::string& prompt, const std::string& draft) {
  if (!editor_) {
    std::string line;
    if (!std::getline(std::cin, line)) return {End::kClosed, ""};
    if (line.ends_with('\r')) line.pop_back();
    return {End::kLine, line};
  }
  editor_->prompt = to_wide(prompt);
  editor_->interrupted = false;
  el_resize(editor_->line);
  if (!draft.empty()) el_wpush(editor_->line, to_wide(draft).c_str());
  int length = 0;
  const wchar_t* got = el_wgets(editor_->line, &length);
  if (!got || length <= 0) {
    std::fputs("\n", stdout);
    return {editor_->interrupted ? End::kInterrupted : End::kClosed, ""};
  }
  Line line;
  for (int i = 0; i < length; ++i) append_utf8(line.text, static_cast<uint32_t>(got[i]));
  if (line.text.ends_with('\n')) line.text.pop_back();
  return line;
}

void LineReader::remember(const std::string& line) {
  if (!editor_ || line.empty()) return;
  HistEventW event;
  history_w(editor_->history, &event, H_ENTER, to_wide(line).c_str());
}

}  // namespace aurora::apps
