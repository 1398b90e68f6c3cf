#include "aurora/chat/parse_expression.h"

#include <algorithm>

namespace aurora::chat {
namespace {

// Parsing, evaluating and freeing recurse.
constexpr uint32_t kNestingMax = 200;

using Form = Expression::Kind;

struct OperatorName {
  std::string_view name;
  Operator op;
};
constexpr OperatorName kSums[] = {{"+", Operator::kAdd}, {"-", Operator::kSubtract}};
constexpr OperatorName kProducts[] = {{"*", Operator::kMultiply},
                                      {"/", Operator::kDivide},
                                      {"//", Operator::kFloorDivide},
                                      {"%", Operator::kModulo}};
constexpr OperatorName kPowers[] = {{"**", Operator::kPower}};
constexpr OperatorName kComparisons[] = {{"==", Operator::kEqual},  {"!=", Operator::kNotEqual},
                                         {"<", Operator::kLess},    {"<=", Operator::kLessEqual},
                                         {">", Operator::kGreater}, {">=", Operator::kGreaterEqual}};

template <size_t n>
const OperatorName* find_operator(const Token& token, const OperatorName (&names)[n]) {
  if (token.kind != TokenKind::kOperator) return nullptr;
  const OperatorName* found = std::find_if(
      names, names + n, [&](const OperatorName& candidate) { return candidate.name == token.text; });
  return found == names + n ? nullptr : found;
}

bool can_assign(const Expression& target) {
  switch (target.kind) {
    case Form::kName:
    case Form::kNamespaceRef:
      return true;
    case Form::kTuple:
      return std::all_of(target.parts.begin(), target.parts.end(),
                         [](const ExpressionPtr& part) { return can_assign(*part); });
    default:
      return false;
  }
}

}  // namespace

ExpressionParser::Level::Level(ExpressionParser& parser) : parser_(parser) {
  if (parser_.level_ == kNestingMax) {
    parser_.tokens_.refuse("it nests deeper than " + std::to_string(kNestingMax) + " levels");
  }
  ++parser_.level_;
}

ExpressionPtr ExpressionParser::make(Form kind, Position at) const {
  auto made = std::make_unique<Expression>();
  made->kind = kind;
  made->at = at;
  return made;
}

void ExpressionParser::grow(Expression& parent, const ExpressionPtr& part) const {
  if (part == nullptr) return;
  parent.height = std::max(parent.height, part->height + 1);
  if (parent.height > kNestingMax)
    tokens_.refuse("it nests deeper than " + std::to_string(kNestingMax) + " levels");
}

void ExpressionParser::add(Expression& parent, ExpressionPtr part) const {
  grow(parent, part);
  parent.parts.push_back(std::move(part));
}

ExpressionPtr ExpressionParser::parse_expression(bool conditional) {
  const Level level(*this);
  return conditional ? parse_conditional() : parse_or();
}

ExpressionPtr ExpressionParser::parse_conditional() {
  const Level level(*this);
  ExpressionPtr value = parse_or();
  while (tokens_.current().is_name("if")) {
    ExpressionPtr made = make(Form::kConditional, tokens_.next().at);
    add(*made, std::move(value));
    add(*made, parse_or());
    add(*made, tokens_.skip_name("else") ? parse_conditional() : nullptr);
    value = std::move(made);
  }
  return value;
}

ExpressionPtr ExpressionParser::parse_chain(Form kind, ExpressionPtr (ExpressionParser::*operand)(),
                                            std::string_view name) {
  ExpressionPtr first = (this->*operand)();
  if (!tokens_.current().is_name(name)) return first;
  ExpressionPtr chain = make(kind, tokens_.current().at);
  add(*chain, std::move(first));
  while (tokens_.skip_name(name)) add(*chain, (this->*operand)());
  return chain;
}

ExpressionPtr ExpressionParser::parse_or() {
  return parse_chain(Form::kOr, &ExpressionParser::parse_and, "or");
}
ExpressionPtr ExpressionParser::parse_and() {
  return parse_chain(Form::kAnd, &ExpressionParser::parse_not, "and");
}

ExpressionPtr ExpressionParser::parse_not() {
  if (!tokens_.current().is_name("not")) return parse_compare();
  const Level level(*this);
  ExpressionPtr made = make(Form::kNot, tokens_.next().at);
  add(*made, parse_not());
  return made;
}

ExpressionPtr ExpressionParser::parse_compare() {
  ExpressionPtr first = parse_sum();
  ExpressionPtr chain;
  while (true) {
    const Position at = tokens_.current().at;
    Operator op;
    if (const OperatorName* found = find_operator(tokens_.current(), kComparisons)) {
      op = found->op;
      tokens_.next();
    } else if (tokens_.skip_name("in")) {
      op = Operator::kIn;
    } else if (tokens_.current().is_name("not") && tokens_.look().is_name("in")) {
      tokens_.next();
      tokens_.next();
      op = Operator::kNotIn;
    } else {
      break;
    }
    if (chain == nullptr) {
      chain = make(Form::kCompare, at);
      add(*chain, std::move(first));
    }
    chain->operators.push_back(op);
    add(*chain, parse_sum());
  }
  return chain != nullptr ? std::move(chain) : std::move(first);
}

ExpressionPtr ExpressionParser::parse_sum() {
  ExpressionPtr value = parse_concatenation();
  ExpressionPtr chain;
  while (const OperatorName* found = find_operator(tokens_.current(), kSums)) {
    if (chain == nullptr) {
      chain = make(Form::kArithmetic, tokens_.current().at);
      add(*chain, std::move(value));
    }
    tokens_.next();
    chain->operators.push_back(found->op);
    add(*chain, parse_concatenation());
  }
  return chain != nullptr ? std::move(chain) : std::move(value);
}

ExpressionPtr ExpressionParser::parse_concatenation() {
  ExpressionPtr first = parse_product();
  if (!tokens_.current().is_operator("~")) return first;
  ExpressionPtr chain = make(Form::kConcatenate, tokens_.current().at);
  add(*chain, std::move(first));
  while (tokens_.skip_operator("~")) add(*chain, parse_product());
  return chain;
}

ExpressionPtr ExpressionParser::parse_product() {
  ExpressionPtr value = parse_power();
  ExpressionPtr chain;
  while (const OperatorName* found = find_operator(tokens_.current(), kProducts)) {
    if (chain == nullptr) {
      chain = make(Form::kArithmetic, tokens_.current().at);
      add(*chain, std::move(value));
    }
    tokens_.next();
    chain->operators.push_back(found->op);
    add(*chain, parse_power());
  }
  return chain != nullptr ? std::move(chain) : std::move(value);
}

ExpressionPtr ExpressionParser::parse_power() {
  ExpressionPtr value = parse_unary(true);
  ExpressionPtr chain;
  while (const OperatorName* found = find_operator(tokens_.current(), kPowers)) {
    if (chain == nullptr) {
      chain = make(Form::kArithmetic, tokens_.current().at);
      add(*chain, std::move(value));
    }
    tokens_.next();
    chain->operators.push_back(found->op);
    add(*chain, parse_unary(true));
  }
  return chain != nullptr ? std::move(chain) : std::move(value);
}

ExpressionPtr ExpressionParser::parse_unary(bool with_filter) {
  const Level level(*this);
  ExpressionPtr value;
  const bool negative = tokens_.current().is_operator("-");
  if (negative || tokens_.current().is_operator("+")) {
    value = make(negative ? Form::kNegative : Form::kPositive, tokens_.next().at);
    add(*value, parse_unary(false));
  } else {
    value = parse_primary(false);
  }
  value = parse_postfix(std::move(value));
  return with_filter ? parse_filter_or_test(std::move(value)) : std::move(value);
}

ExpressionPtr ExpressionParser::parse_name(bool with_namespace) {
  const Token token = tokens_.next();
  ExpressionPtr made = make(Form::kConstant, token.at);
  if (token.text == "true" || token.text == "True" || token.text == "false" || token.text == "False") {
    made->constant = Value::boolean(token.text == "true" || token.text == "True");
  } else if (token.text != "none" && token.text != "None") {
    made->kind = Form::kName;
    made->name = token.text;
    if (with_namespace && tokens_.skip_operator(".")) {
      made->kind = Form::kNamespaceRef;
      made->attribute = tokens_.expect(TokenKind::kName).text;
    }
  }
  return made;
}

ExpressionPtr ExpressionParser::parse_primary(bool with_namespace) {
  const Token& token = tokens_.current();
  ExpressionPtr made = make(Form::kConstant, token.at);
  switch (token.kind) {
    case TokenKind::kName:
      return parse_name(with_namespace);
    case TokenKind::kInteger:
      made->constant = Value::integer(token.whole);
      break;
    case TokenKind::kFloat:
      made->constant = Value::real(token.number);
      break;
    case TokenKind::kString: {
      std::string joined;
      while (tokens_.current().kind == TokenKind::kString) joined += tokens_.next().text;
      made->constant = Value::text(std::move(joined));
      return made;
    }
    default:
      if (token.is_operator("[")) return parse_list();
      if (token.is_operator("{")) return parse_dict();
      if (!token.is_operator("(")) tokens_.refuse("unexpected " + TokenStream::describe(token));
      tokens_.next();
      made = parse_tuple({.in_parentheses = true});
      tokens_.expect_operator(")");
      return made;
  }
  tokens_.next();
  return made;
}

ExpressionPtr ExpressionParser::parse_tuple(const TupleRules& rules) {
  const Level level(*this);
  ExpressionPtr tuple = make(Form::kTuple, tokens_.current().at);
  bool is_tuple = false;
  while (true) {
    if (!tuple->parts.empty()) tokens_.expect_operator(",");
    const Token& token = tokens_.current();
    if (token.kind == TokenKind::kVariableEnd || token.kind == TokenKind::kBlockEnd ||
        token.is_operator(")") || (!rules.end_name.empty() && token.is_name(rules.end_name))) {
      break;
    }
    add(*tuple, rules.simple ? parse_primary(rules.with_namespace) : parse_expression(rules.conditional));
    if (!tokens_.current().is_operator(",")) break;
    is_tuple = true;
  }
  if (is_tuple) return tuple;
  if (!tuple->parts.empty()) return std::move(tuple->parts[0]);
  if (!rules.in_parentheses)
    tokens_.refuse("expected an expression, got " + TokenStream::describe(tokens_.current()));
  return tuple;
}

ExpressionPtr ExpressionParser::parse_target(const TupleRules& rules) {
  ExpressionPtr target = parse_tuple(rules);
  if (!can_assign(*target)) throw SyntaxTrouble("this cannot be assigned to", target->at);
  return target;
}

std::string ExpressionParser::parse_target_name() {
  const Token& token = tokens_.expect(TokenKind::kName);
  for (const std::string_view constant : {"true", "false", "none", "True", "False", "None"}) {
    if (token.text == constant) throw SyntaxTrouble("'" + token.text + "' cannot be assigned to", token.at);
  }
  return token.text;
}

ExpressionPtr ExpressionParser::parse_list() {
  ExpressionPtr list = make(Form::kList, tokens_.next().at);
  while (!tokens_.current().is_operator("]")) {
    if (!list->parts.empty()) tokens_.expect_operator(",");
    if (tokens_.current().is_operator("]")) break;
    add(*list, parse_expression());
  }
  tokens_.expect_operator("]");
  return list;
}

ExpressionPtr ExpressionParser::parse_dict() {
  ExpressionPtr dict = make(Form::kDict, tokens_.next().at);
  while (!tokens_.current().is_operator("}")) {
    if (!dict->parts.empty()) tokens_.expect_operator(",");
    if (tokens_.current().is_operator("}")) break;
    add(*dict, parse_expression());
    tokens_.expect_operator(":");
    add(*dict, parse_expression());
  }
  tokens_.expect_operator("}");
  return dict;
}

ExpressionPtr ExpressionParser::parse_postfix(ExpressionPtr subject) {
  while (true) {
    if (tokens_.current().is_operator(".") || tokens_.current().is_operator("[")) {
      subject = parse_subscript(std::move(subject));
    } else if (tokens_.current().is_operator("(")) {
      subject = parse_call(std::move(subject));
    } else {
      return subject;
    }
  }
}

ExpressionPtr ExpressionParser::parse_filter_or_test(ExpressionPtr subject) {
  while (true) {
    if (tokens_.current().is_operator("|")) {
      subject = parse_filters(std::move(subject), false);
    } else if (tokens_.current().is_name("is")) {
      subject = parse_test(std::move(subject));
    } else if (tokens_.current().is_operator("(")) {
      subject = parse_call(std::move(subject));
    } else {
      return subject;
    }
  }
}

ExpressionPtr ExpressionParser::parse_subscript(ExpressionPtr subject) {
  const Token token = tokens_.next();
  if (token.text == ".") {
    const Token attribute = tokens_.next();
    ExpressionPtr made = make(Form::kAttribute, token.at);
    add(*made, std::move(subject));
    if (attribute.kind == TokenKind::kName) {
      made->name = attribute.text;
    } else if (attribute.kind == TokenKind::kInteger) {
      made->kind = Form::kItem;
      add(*made, make(Form::kConstant, attribute.at));
      made->parts[1]->constant = Value::integer(attribute.whole);
    } else {
      throw SyntaxTrouble("expected a name or a number after '.'", attribute.at);
    }
    return made;
  }
  ExpressionPtr key = make(Form::kTuple, token.at);
  while (!tokens_.current().is_operator("]")) {
    if (!key->parts.empty()) tokens_.expect_operator(",");
    ExpressionPtr part = tokens_.current().is_operator(":") ? nullptr : parse_expression();
    if (key->parts.empty() && tokens_.current().is_operator(":")) {
      return parse_slice(std::move(subject), std::move(part), token.at);
    }
    if (part == nullptr) tokens_.refuse("a slice cannot stand among other subscripts");
    add(*key, std::move(part));
  }
  tokens_.expect_operator("]");
  if (key->parts.size() == 1) key = std::move(key->parts[0]);
  ExpressionPtr made = make(Form::kItem, token.at);
  add(*made, std::move(subject));
  add(*made, std::move(key));
  return made;
}

ExpressionPtr ExpressionParser::parse_slice(ExpressionPtr subject, ExpressionPtr start, Position at) {
  ExpressionPtr slice = make(Form::kSlice, at);
  add(*slice, std::move(subject));
  add(*slice, std::move(start));
  for (int i = 0; i < 2; ++i) {
    const bool given = tokens_.skip_operator(":") && !tokens_.current().is_operator("]") &&
                       !tokens_.current().is_operator(":");
    add(*slice, given ? parse_expression() : nullptr);
  }
  tokens_.expect_operator("]");
  return slice;
}

ExpressionPtr ExpressionParser::parse_call(ExpressionPtr subject) {
  ExpressionPtr call = make(Form::kCall, tokens_.current().at);
  add(*call, std::move(subject));
  parse_arguments(*call);
  return call;
}

void ExpressionParser::parse_arguments(Expression& call) {
  tokens_.expect_operator("(");
  bool first = true;
  while (!tokens_.current().is_operator(")")) {
    if (!first) {
      tokens_.expect_operator(",");
      if (tokens_.current().is_operator(")")) break;
    }
    first = false;
    parse_argument(call);
  }
  tokens_.expect_operator(")");
}

void ExpressionParser::parse_argument(Expression& call) {
  const auto ensure = [&](bool right) {
    if (!right) tokens_.refuse("invalid syntax for a function call");
  };
  if (tokens_.current().is_operator("*")) {
    ensure(call.star == nullptr && call.double_star == nullptr);
    tokens_.next();
    call.star = parse_expression();
    grow(call, call.star);
  } else if (tokens_.current().is_operator("**")) {
    ensure(call.double_star == nullptr);
    tokens_.next();
    call.double_star = parse_expression();
    grow(call, call.double_star);
  } else if (tokens_.current().kind == TokenKind::kName && tokens_.look().is_operator("=")) {
    ensure(call.double_star == nullptr);
    const std::string name = tokens_.next().text;
    for (const auto& [other, value] : call.named) {
      if (other == name) tokens_.refuse("keyword argument repeated: " + name);
    }
    tokens_.next();
    call.named.emplace_back(name, parse_expression());
    grow(call, call.named.back().second);
  } else {
    ensure(call.star == nullptr && call.double_star == nullptr && call.named.empty());
    add(call, parse_expression());
  }
}

ExpressionPtr ExpressionParser::parse_filters(ExpressionPtr subject, bool first_without_bar) {
  while (first_without_bar || tokens_.skip_operator("|")) {
    first_without_bar = false;
    const Token token = tokens_.expect(TokenKind::kName);
    ExpressionPtr filter = make(Form::kFilter, token.at);
    filter->name = token.text;
    while (tokens_.skip_operator(".")) filter->name += "." + tokens_.expect(TokenKind::kName).text;
    filter->entry = find_filter(filter->name);
    if (filter->entry != nullptr && filter->entry->run == nullptr) {
      throw SyntaxTrouble(
          "the filter '" + filter->name + "' is not in the subset of Jinja that is known here", token.at);
    }
    add(*filter, std::move(subject));
    if (tokens_.current().is_operator("(")) parse_arguments(*filter);
    subject = std::move(filter);
  }
  return subject;
}

ExpressionPtr ExpressionParser::parse_test(ExpressionPtr subject) {
  const Position at = tokens_.next().at;
  const bool negated = tokens_.skip_name("not");
  ExpressionPtr test = make(Form::kTest, at);
  test->name = tokens_.expect(TokenKind::kName).text;
  while (tokens_.skip_operator(".")) test->name += "." + tokens_.expect(TokenKind::kName).text;
  test->entry = find_test(test->name);
  add(*test, std::move(subject));
  const Token& token = tokens_.current();
  const bool literal = token.kind == TokenKind::kName || token.kind == TokenKind::kString ||
                       token.kind == TokenKind::kInteger || token.kind == TokenKind::kFloat ||
                       token.is_operator("[") || token.is_operator("{");
  if (token.is_operator("(")) {
    parse_arguments(*test);
  } else if (literal && !token.is_name("else") && !token.is_name("or") && !token.is_name("and")) {
    if (token.is_name("is")) tokens_.refuse("tests cannot be chained with 'is'");
    const Level level(*this);
    add(*test, parse_postfix(parse_primary(false)));
  }
  if (!negated) return test;
  ExpressionPtr made = make(Form::kNot, at);
  add(*made, std::move(test));
  return made;
}

}  // namespace aurora::chat
