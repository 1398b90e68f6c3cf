// What chat_oracle.py compares with transformers: renders templates.
//   chat_dump [STEPS] < requests > answers
// A request: u32 size and template, u32 number of contexts, each u32 size and JSON. For each context the
// answer is u32 0 (rendered), 1 (the template's own raise_exception or any other error of it) or 2 (a limit),
// then u32 size and the text or the error.
#include <cstring>
#include <iostream>
#include <iterator>
#include <memory>

#include "aurora/base/error.h"
#include "aurora/chat/template.h"

namespace {

using namespace aurora;

void put(uint32_t kind, const std::string& text) {
  const auto size = static_cast<uint32_t>(text.size());
  std::cout.write(reinterpret_cast<const char*>(&kind), sizeof kind);
  std::cout.write(reinterpret_cast<const char*>(&size), sizeof size);
  std::cout.write(text.data(), size);
}

class Input {
 public:
  explicit Input(std::string bytes) : bytes_(std::move(bytes)) {}
  bool done() const { return at_ == bytes_.size(); }
  uint32_t number() {
    uint32_t value = 0;
    std::memcpy(&value, bytes_.data() + at_, sizeof value);
    at_ += sizeof value;
    return value;
  }
  std::string text() {
    const uint32_t size = number();
    at_ += size;
    return bytes_.substr(at_ - size, size);
  }

 private:
  std::string bytes_;
  size_t at_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  chat::RenderLimits limits;
  if (argc > 1) limits.steps = std::stoull(argv[1]);
  Input input(std::string((std::istreambuf_iterator<char>(std::cin)), {}));
  constexpr int64_t kNow = 1'700'000'000;
  while (!input.done()) {
    const std::string source = input.text();
    std::unique_ptr<chat::Template> made;
    std::string refusal;
    try {
      made = std::make_unique<chat::Template>(source);
    } catch (const Error& error) {
      refusal = std::string(error.what());
    }
    for (uint32_t left = input.number(); left > 0; --left) {
      const std::string context = input.text();
      if (made == nullptr) {
        put(1, refusal);
        continue;
      }
      try {
        put(0, made->render(context, kNow, limits));
      } catch (const Error& error) {
        const bool limit = error.happened().find("was stopped") != std::string::npos;
        put(limit ? 2 : 1, error.happened() + " @ " + error.where());
      }
    }
  }
  return 0;
}
