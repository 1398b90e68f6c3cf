// The grammar of expressions, over the tokens that the statements' parser (parse.cpp) also reads.
#pragma once

#include "aurora/chat/ast.h"

namespace aurora::chat {

class TokenStream {
 public:
  explicit TokenStream(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}
  const Token& current() const { return tokens_[at_]; }
  const Token& look() const { return tokens_[std::min(at_ + 1, tokens_.size() - 1)]; }
  const Token& next();  // the current one, and goes one on
  bool skip_name(std::string_view name);
  bool skip_operator(std::string_view name);
  void expect_operator(std::string_view name);
  void expect_name(std::string_view name);
  const Token& expect(TokenKind kind);
  [[noreturn]] void refuse(const std::string& what) const { throw SyntaxTrouble(what, current().at); }
  // A token as a message names it.
  static std::string describe(const Token& token);

 private:
  std::vector<Token> tokens_;
  size_t at_ = 0;
};

class ExpressionParser {
 public:
  explicit ExpressionParser(TokenStream& tokens) : tokens_(tokens) {}

  struct TupleRules {
    bool simple = false;      // names and literals only: a target
    bool conditional = true;  // a if b else c
    bool in_parentheses = false;
    bool with_namespace = false;
    std::string_view end_name = {};  // a name that ends it too
  };
  ExpressionPtr parse_expression(bool conditional = true);
  // One expression, or several with commas between them as a tuple.
  ExpressionPtr parse_tuple(const TupleRules& rules);
  // What can be assigned to.
  ExpressionPtr parse_target(const TupleRules& rules);
  std::string parse_target_name();
  // | a(b) | c: applied to `subject`, which is null for a filter block, whose first filter has no bar.
  ExpressionPtr parse_filters(ExpressionPtr subject, bool first_without_bar);
  ExpressionPtr make(Expression::Kind kind, Position at) const;

  // One level of nesting, of expressions or statements.
  class Level {
   public:
    explicit Level(ExpressionParser& parser);
    ~Level() { --parser_.level_; }
    Level(const Level&) = delete;

   private:
    ExpressionParser& parser_;
  };

 private:
  ExpressionPtr parse_conditional();
  ExpressionPtr parse_or();
  ExpressionPtr parse_and();
  ExpressionPtr parse_not();
  ExpressionPtr parse_compare();
  ExpressionPtr parse_sum();
  ExpressionPtr parse_concatenation();
  ExpressionPtr parse_product();
  ExpressionPtr parse_power();
  ExpressionPtr parse_unary(bool with_filter);
  ExpressionPtr parse_primary(bool with_namespace);
  ExpressionPtr parse_name(bool with_namespace);
  ExpressionPtr parse_list();
  ExpressionPtr parse_dict();
  ExpressionPtr parse_postfix(ExpressionPtr subject);
  ExpressionPtr parse_filter_or_test(ExpressionPtr subject);
  ExpressionPtr parse_subscript(ExpressionPtr subject);
  ExpressionPtr parse_slice(ExpressionPtr subject, ExpressionPtr start, Position at);
  ExpressionPtr parse_call(ExpressionPtr subject);
  ExpressionPtr parse_test(ExpressionPtr subject);
  void parse_arguments(Expression& call);
  void parse_argument(Expression& call);
  ExpressionPtr parse_chain(Expression::Kind kind, ExpressionPtr (ExpressionParser::*operand)(),
                            std::string_view name);
  // Adds a part and keeps the height.
  void add(Expression& parent, ExpressionPtr part) const;
  void grow(Expression& parent, const ExpressionPtr& part) const;

  TokenStream& tokens_;
  uint32_t level_ = 0;
};

}  // namespace aurora::chat
