// A template's text as tokens: the rules of Jinja's lexer with trim_blocks and lstrip_blocks, as transformers
// sets them.
#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

namespace aurora::chat {

struct Position {
  uint32_t line = 1, column = 1;  // both from 1; columns are characters
};

// Something in the template's source is wrong.
class SyntaxTrouble : public std::exception {
 public:
  SyntaxTrouble(std::string what, Position at) : what_(std::move(what)), at_(at) {}
  const char* what() const noexcept override { return what_.c_str(); }
  Position at() const { return at_; }

 private:
  std::string what_;
  Position at_;
};

enum class TokenKind : uint8_t {
  kData,
  kVariableBegin,
  kVariableEnd,
  kBlockBegin,
  kBlockEnd,
  kName,
  kString,
  kInteger,
  kFloat,
  kOperator,
  kEnd,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  Position at;
  std::string text;  // data, name, operator or the value of a string
  int64_t whole = 0;
  double number = 0;

  bool is_name(std::string_view name) const { return kind == TokenKind::kName && text == name; }
  bool is_operator(std::string_view name) const { return kind == TokenKind::kOperator && text == name; }
};

// The last token is kEnd. SyntaxTrouble: what Jinja's lexer refuses.
std::vector<Token> tokenize(std::string_view source);

// What a string literal's text between its quotes says: escapes as in Python.
std::string unescape(std::string_view literal, Position at);

}  // namespace aurora::chat
