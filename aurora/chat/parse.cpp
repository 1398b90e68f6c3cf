// The grammar of statements.
#include <initializer_list>

#include "aurora/chat/parse_expression.h"

namespace aurora::chat {
namespace {

using StatementPtr = std::unique_ptr<Statement>;
using Names = std::initializer_list<std::string_view>;

class Parser {
 public:
  explicit Parser(std::string_view source) : tokens_(tokenize(source)), expressions_(tokens_) {}

  Tree run() {
    Tree tree;
    tree.body = parse_block({});
    return tree;
  }

 private:
  static StatementPtr make(Statement::Kind kind, Position at) {
    auto made = std::make_unique<Statement>();
    made->kind = kind;
    made->at = at;
    return made;
  }

  bool at_any(Names names) const {
    for (const std::string_view name : names) {
      if (tokens_.current().is_name(name)) return true;
    }
    return false;
  }

  // Statements up to a tag of one of these names, which stays; to the end if there are none.
  Block parse_block(Names ends) {
    const ExpressionParser::Level level(expressions_);
    Block block;
    while (tokens_.current().kind != TokenKind::kEnd) {
      const Token& token = tokens_.current();
      if (token.kind == TokenKind::kData) {
        StatementPtr text = make(Statement::Kind::kText, token.at);
        text->text = tokens_.next().text;
        block.push_back(std::move(text));
      } else if (token.kind == TokenKind::kVariableBegin) {
        StatementPtr output = make(Statement::Kind::kOutput, tokens_.next().at);
        output->expression = expressions_.parse_tuple({});
        tokens_.expect(TokenKind::kVariableEnd);
        block.push_back(std::move(output));
      } else {
        tokens_.expect(TokenKind::kBlockBegin);
        if (at_any(ends)) return block;
        parse_statement(block);
        tokens_.expect(TokenKind::kBlockEnd);
      }
    }
    if (ends.size() > 0) tokens_.refuse("the template ends before '" + std::string(*(ends.end() - 1)) + "'");
    return block;
  }

  // The rest of a tag and the statements after it, up to a tag of one of these names.
  Block parse_body(Names ends) {
    tokens_.skip_operator(":");
    tokens_.expect(TokenKind::kBlockEnd);
    return parse_block(ends);
  }
  Block parse_body_through(std::string_view end) {
    Block body = parse_body({end});
    tokens_.next();
    return body;
  }

  void parse_statement(Block& block) {
    const Token token = tokens_.expect(TokenKind::kName);
    struct Keyword {
      std::string_view name;
      StatementPtr (Parser::*parse)(Position at);
    };
    static constexpr Keyword kKeywords[] = {
        {"if", &Parser::parse_if},       {"for", &Parser::parse_for},
        {"set", &Parser::parse_set},     {"macro", &Parser::parse_macro},
        {"call", &Parser::parse_call},   {"filter", &Parser::parse_filter},
        {"with", &Parser::parse_with},   {"generation", &Parser::parse_generation},
        {"break", &Parser::parse_break}, {"continue", &Parser::parse_continue},
    };
    for (const Keyword& keyword : kKeywords) {
      if (keyword.name != token.text) continue;
      block.push_back((this->*keyword.parse)(token.at));
      return;
    }
    if (token.text == "print") return parse_print(block);
    for (const std::string_view name :
         {"include", "import", "from", "extends", "block", "autoescape", "do", "trans"}) {
      if (token.text != name) continue;
      throw SyntaxTrouble(
          "the statement '" + token.text + "' is not in the subset of Jinja that is known here", token.at);
    }
    throw SyntaxTrouble("unknown statement '" + token.text + "'", token.at);
  }

  StatementPtr parse_if(Position at) {
    StatementPtr made = make(Statement::Kind::kIf, at);
    Statement* branch = made.get();
    while (true) {
      branch->expression = expressions_.parse_tuple({.conditional = false});
      branch->body = parse_body({"elif", "else", "endif"});
      const Token token = tokens_.next();
      if (token.text == "elif") {
        made->branches.push_back(make(Statement::Kind::kIf, token.at));
        branch = made->branches.back().get();
        continue;
      }
      if (token.text == "else") made->otherwise = parse_body_through("endif");
      return made;
    }
  }

  StatementPtr parse_for(Position at) {
    StatementPtr made = make(Statement::Kind::kFor, at);
    made->target = expressions_.parse_target({.simple = true, .end_name = "in"});
    tokens_.expect_name("in");
    made->expression = expressions_.parse_tuple({.conditional = false, .end_name = "recursive"});
    if (tokens_.skip_name("if")) {
      made->test = expressions_.parse_expression();
      made->test_target = copy_target(*made->target);
    }
    made->recursive = tokens_.skip_name("recursive");
    made->body = parse_body({"else", "endfor"});
    if (tokens_.next().text == "else") made->otherwise = parse_body_through("endfor");
    return made;
  }

  ExpressionPtr copy_target(const Expression& target) {
    ExpressionPtr copy = expressions_.make(target.kind, target.at);
    copy->name = target.name;
    for (const ExpressionPtr& part : target.parts) copy->parts.push_back(copy_target(*part));
    return copy;
  }

  StatementPtr parse_set(Position at) {
    StatementPtr made = make(Statement::Kind::kSet, at);
    made->target = expressions_.parse_target({.simple = true, .with_namespace = true});
    if (tokens_.skip_operator("=")) {
      made->expression = expressions_.parse_tuple({});
      return made;
    }
    made->kind = Statement::Kind::kSetBlock;
    made->expression = expressions_.parse_filters(nullptr, false);
    made->body = parse_body_through("endset");
    return made;
  }

  void parse_parameters(Callable& callable) {
    tokens_.expect_operator("(");
    bool defaults = false;
    while (!tokens_.current().is_operator(")")) {
      if (!callable.parameters.empty()) tokens_.expect_operator(",");
      Parameter parameter;
      parameter.name = expressions_.parse_target_name();
      for (const Parameter& other : callable.parameters) {
        if (other.name == parameter.name) tokens_.refuse("duplicate argument '" + parameter.name + "'");
      }
      if (tokens_.skip_operator("=")) {
        parameter.otherwise = expressions_.parse_expression();
        defaults = true;
      } else if (defaults) {
        tokens_.refuse("an argument without default follows one with a default");
      }
      callable.parameters.push_back(std::move(parameter));
    }
    tokens_.expect_operator(")");
  }

  StatementPtr parse_macro(Position at) {
    StatementPtr made = make(Statement::Kind::kMacro, at);
    made->callable = std::make_unique<Callable>();
    made->target = expressions_.make(Expression::Kind::kName, tokens_.current().at);
    made->target->name = expressions_.parse_target_name();
    made->callable->name = made->target->name;
    parse_parameters(*made->callable);
    made->callable->body = parse_body_through("endmacro");
    return made;
  }

  StatementPtr parse_call(Position at) {
    StatementPtr made = make(Statement::Kind::kCallBlock, at);
    made->callable = std::make_unique<Callable>();
    if (tokens_.current().is_operator("(")) parse_parameters(*made->callable);
    made->expression = expressions_.parse_expression();
    if (made->expression->kind != Expression::Kind::kCall)
      throw SyntaxTrouble("expected a call", made->expression->at);
    made->callable->body = parse_body_through("endcall");
    return made;
  }

  // For transformers, {% generation %} calls its body like a call block does.
  StatementPtr parse_generation(Position at) {
    StatementPtr made = make(Statement::Kind::kCallBlock, at);
    made->callable = std::make_unique<Callable>();
    made->callable->body = parse_body_through("endgeneration");
    return made;
  }

  StatementPtr parse_filter(Position at) {
    StatementPtr made = make(Statement::Kind::kFilterBlock, at);
    made->expression = expressions_.parse_filters(nullptr, true);
    made->body = parse_body_through("endfilter");
    return made;
  }

  StatementPtr parse_with(Position at) {
    StatementPtr made = make(Statement::Kind::kWith, at);
    while (tokens_.current().kind != TokenKind::kBlockEnd) {
      if (!made->targets.empty()) tokens_.expect_operator(",");
      made->targets.push_back(expressions_.parse_target({.simple = true}));
      tokens_.expect_operator("=");
      made->values.push_back(expressions_.parse_expression());
    }
    made->body = parse_body_through("endwith");
    return made;
  }

  StatementPtr parse_break(Position at) { return make(Statement::Kind::kBreak, at); }
  StatementPtr parse_continue(Position at) { return make(Statement::Kind::kContinue, at); }

  void parse_print(Block& block) {
    bool first = true;
    while (tokens_.current().kind != TokenKind::kBlockEnd) {
      if (!first) tokens_.expect_operator(",");
      first = false;
      StatementPtr output = make(Statement::Kind::kOutput, tokens_.current().at);
      output->expression = expressions_.parse_expression();
      block.push_back(std::move(output));
    }
  }

  TokenStream tokens_;
  ExpressionParser expressions_;
};

}  // namespace

Tree parse(std::string_view source) {
  return Parser(source).run();
}

}  // namespace aurora::chat
