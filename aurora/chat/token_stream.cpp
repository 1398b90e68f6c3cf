#include "aurora/chat/parse_expression.h"

namespace aurora::chat {

const Token& TokenStream::next() {
  const Token& token = tokens_[at_];
  if (at_ + 1 < tokens_.size()) ++at_;
  return token;
}

bool TokenStream::skip_name(std::string_view name) {
  if (!current().is_name(name)) return false;
  next();
  return true;
}

bool TokenStream::skip_operator(std::string_view name) {
  if (!current().is_operator(name)) return false;
  next();
  return true;
}

void TokenStream::expect_operator(std::string_view name) {
  if (!skip_operator(name)) refuse("expected '" + std::string(name) + "', got " + describe(current()));
}

void TokenStream::expect_name(std::string_view name) {
  if (!skip_name(name)) refuse("expected '" + std::string(name) + "', got " + describe(current()));
}

const Token& TokenStream::expect(TokenKind kind) {
  if (current().kind != kind) refuse("expected " + describe({kind, {}, ""}) + ", got " + describe(current()));
  return next();
}

std::string TokenStream::describe(const Token& token) {
  switch (token.kind) {
    case TokenKind::kData:
      return "text";
    case TokenKind::kVariableBegin:
      return "'{{'";
    case TokenKind::kVariableEnd:
      return "'}}'";
    case TokenKind::kBlockBegin:
      return "'{%'";
    case TokenKind::kBlockEnd:
      return "'%}'";
    case TokenKind::kName:
      return token.text.empty() ? "a name" : "'" + token.text + "'";
    case TokenKind::kString:
      return "a string";
    case TokenKind::kInteger:
      return "an integer";
    case TokenKind::kFloat:
      return "a float";
    case TokenKind::kOperator:
      return "'" + token.text + "'";
    case TokenKind::kEnd:
      return "the end of the template";
  }
  return "a token";
}

}  // namespace aurora::chat
