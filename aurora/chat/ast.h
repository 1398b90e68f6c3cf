// A template as a tree. Made by the parser; the resolver then gives every name its place in a scope.
#pragma once

#include <memory>

#include "aurora/chat/lexer.h"
#include "aurora/chat/runtime.h"

namespace aurora::chat {

// A variable: how many scopes out, and its slot there.
struct Reference {
  uint32_t hops = 0, slot = 0;
};

// What happens to a slot when its scope is entered.
struct Load {
  enum class From : uint8_t {
    kContext,    // what the caller of the template, or Jinja, calls by that name
    kOuter,      // a copy of a variable of an outer scope
    kNowhere,    // no value yet
    kParameter,  // set by whoever enters the scope
  };
  From from = From::kNowhere;
  uint32_t slot = 0;
  Reference outer;  // from the parent scope
  std::string name;
};

struct Frame {
  std::vector<Load> loads;
  uint32_t slots = 0;
};

enum class Operator : uint8_t {
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kFloorDivide,
  kModulo,
  kPower,
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kIn,
  kNotIn,
};

struct Expression;
using ExpressionPtr = std::unique_ptr<Expression>;

struct Expression {
  enum class Kind : uint8_t {
    kConstant,      // constant
    kName,          // name, reference
    kNamespaceRef,  // name.attribute as a target: name, attribute, reference
    kList,          // parts
    kTuple,         // parts
    kDict,          // parts: key, value, key, value ...
    kAttribute,     // parts[0].name
    kItem,          // parts[0][parts[1]]
    kSlice,         // parts[0][parts[1]:parts[2]:parts[3]], each of the last three may be null
    kCall,          // parts[0](arguments)
    kFilter,        // parts[0] | name(arguments); parts[0] is null in a filter block
    kTest,          // parts[0] is name(arguments)
    kNot,           // not parts[0]
    kNegative,      // -parts[0]
    kPositive,      // +parts[0]
    kArithmetic,    // parts[0] operators[0] parts[1] operators[1] ..., from the left
    kCompare,       // the same, chained as in Python
    kConcatenate,   // parts, joined
    kAnd,           // parts
    kOr,            // parts
    kConditional,   // parts[0] if parts[1] else parts[2], which may be null
  };
  Kind kind = Kind::kConstant;
  Position at;
  uint32_t height = 1;  // of the tree below
  Value constant;
  std::string name, attribute;
  Reference reference;
  std::vector<ExpressionPtr> parts;
  std::vector<Operator> operators;
  std::vector<std::pair<std::string, ExpressionPtr>> named;  // of a call, filter or test
  ExpressionPtr star, double_star;                           // *args, **kwargs
  const Entry* entry = nullptr;                              // of a filter or test
};

struct Statement;
using Block = std::vector<std::unique_ptr<Statement>>;

struct Parameter {
  std::string name;
  uint32_t slot = 0;
  ExpressionPtr otherwise;  // null: none
};

// The body of a macro or of a call block, as something that can be called.
struct Callable {
  std::string name;  // empty: of a call block
  std::vector<Parameter> parameters;
  Block body;
  Frame frame;
  // Slots of the names that a body may use without declaring them; kUnused if it does not.
  static constexpr uint32_t kUnused = UINT32_MAX;
  uint32_t caller = kUnused, varargs = kUnused, kwargs = kUnused;
  bool declares_caller = false;
};

struct Statement {
  enum class Kind : uint8_t {
    kText,         // text
    kOutput,       // expression
    kIf,           // expression, body, branches (kIf without more branches), otherwise
    kFor,          // target in expression if test: body, else otherwise
    kSet,          // target = expression
    kSetBlock,     // target = body | expression, which may be null
    kMacro,        // callable, target
    kCallBlock,    // expression (a call; null: {% generation %}), callable
    kFilterBlock,  // body | expression
    kWith,         // targets = values, body
    kBreak,
    kContinue,
  };
  Kind kind = Kind::kText;
  Position at;
  std::string text;
  ExpressionPtr expression, target;
  Block body, branches, otherwise;
  Frame frame;  // of the body
  // kFor
  ExpressionPtr test, test_target;
  Frame test_frame, otherwise_frame;
  bool recursive = false;
  uint32_t loop_slot = Callable::kUnused;  // of the variable `loop`
  // kWith
  std::vector<ExpressionPtr> targets, values;
  // kMacro, kCallBlock
  std::unique_ptr<Callable> callable;
};

struct Tree {
  Block body;
  Frame frame;
};

// SyntaxTrouble: what is not in the subset, or not Jinja.
Tree parse(std::string_view source);
// Gives names their places as Jinja's compiler does.
void resolve(Tree& tree);

}  // namespace aurora::chat
