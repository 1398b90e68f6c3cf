// Which variable a name means. Jinja's compiler decides that before anything runs: a name that a scope
// assigns is that scope's own from its beginning on, and has there the value of the outer scope's, of the
// context, or none, by where it is first used. Templates depend on it, so it is done the same way here.
#include <algorithm>
#include <map>
#include <set>

#include "aurora/chat/ast.h"

namespace aurora::chat {
namespace {

template <class Visit>
void for_each_child(const Expression& expression, Visit visit) {
  for (const ExpressionPtr& part : expression.parts) {
    if (part != nullptr) visit(*part);
  }
  for (const auto& [name, value] : expression.named) visit(*value);
  if (expression.star != nullptr) visit(*expression.star);
  if (expression.double_star != nullptr) visit(*expression.double_star);
}

// Does a body use `name` as if it were given, before it assigns it? (Jinja's find_undeclared.)
class UseFinder {
 public:
  explicit UseFinder(std::string_view name) : name_(name) {}
  bool run(const Block& block) {
    visit(block);
    return used_;
  }

 private:
  void visit(const Block& block) {
    for (const auto& statement : block) visit(*statement);
  }
  void visit(const Expression* expression, bool stores = false) {
    if (expression == nullptr || used_ || declared_) return;
    if (expression->kind == Expression::Kind::kName && expression->name == name_)
      (stores ? declared_ : used_) = true;
    for_each_child(*expression, [&](const Expression& child) { visit(&child, stores); });
  }
  void declare(std::string_view name) { declared_ = declared_ || (!used_ && name == name_); }

  void visit(const Callable& callable) {
    for (const Parameter& parameter : callable.parameters) declare(parameter.name);
    for (const Parameter& parameter : callable.parameters) visit(parameter.otherwise.get());
    visit(callable.body);
  }

  void visit(const Statement& statement) {
    if (used_ || declared_) return;
    // In the order of the fields of Jinja's nodes.
    const bool test_first =
        statement.kind == Statement::Kind::kIf || statement.kind == Statement::Kind::kCallBlock;
    visit(statement.kind == Statement::Kind::kMacro ? nullptr : statement.target.get(), true);
    const bool body_first = statement.kind == Statement::Kind::kFilterBlock;
    if (test_first || !body_first) visit(statement.expression.get());
    for (const ExpressionPtr& target : statement.targets) visit(target.get(), true);
    for (const ExpressionPtr& value : statement.values) visit(value.get());
    if (statement.callable != nullptr) visit(*statement.callable);
    visit(statement.body);
    if (body_first) visit(statement.expression.get());
    visit(statement.branches);
    visit(statement.otherwise);
    visit(statement.test.get());
  }

  std::string_view name_;
  bool used_ = false, declared_ = false;
};

bool uses(const Block& body, std::string_view name) {
  return UseFinder(name).run(body);
}

// The names of one scope. Branches of an if work on copies, which are then joined.
class Symbols {
 public:
  explicit Symbols(const Symbols* parent)
      : parent_(parent), slots_(std::make_shared<std::map<std::string, uint32_t>>()) {}

  void load(const std::string& name) {
    if (!find(name, 0)) define(name, Load::From::kContext);
  }

  void store(const std::string& name) {
    stores_.insert(name);
    if (loads_.contains(name)) return;
    const bool outer = parent_ != nullptr && parent_->find(name, 0);
    define(name, outer ? Load::From::kOuter : Load::From::kNowhere);
  }

  uint32_t declare_parameter(const std::string& name) {
    stores_.insert(name);
    define(name, Load::From::kParameter);
    return slots_->at(name);
  }

  void join(const std::vector<Symbols>& branches) {
    std::set<std::string> stores;
    for (const Symbols& branch : branches) stores.insert(branch.stores_.begin(), branch.stores_.end());
    for (const std::string& name : stores_) stores.erase(name);
    for (const Symbols& branch : branches) {
      for (const auto& [name, from] : branch.loads_) loads_[name] = from;
      stores_.insert(branch.stores_.begin(), branch.stores_.end());
    }
    for (const std::string& name : stores) {
      const bool outer = parent_ != nullptr && parent_->find(name, 0);
      loads_[name] = outer ? Load::From::kOuter : Load::From::kContext;
    }
  }

  // Where a name that was loaded or stored is, seen from `hops` scopes further in.
  std::optional<Reference> find(const std::string& name, uint32_t hops) const {
    if (loads_.contains(name)) return Reference{hops, slots_->at(name)};
    return parent_ == nullptr ? std::nullopt : parent_->find(name, hops + 1);
  }

  Frame frame() const {
    Frame frame;
    frame.slots = static_cast<uint32_t>(slots_->size());
    for (const auto& [name, from] : loads_) {
      Load load{from, slots_->at(name), {}, name};
      if (from == Load::From::kOuter) load.outer = *parent_->find(name, 0);
      frame.loads.push_back(std::move(load));
    }
    return frame;
  }

 private:
  void define(const std::string& name, Load::From from) {
    slots_->emplace(name, static_cast<uint32_t>(slots_->size()));
    loads_[name] = from;
  }

  const Symbols* parent_;
  std::shared_ptr<std::map<std::string, uint32_t>> slots_;  // shared by the copies
  std::map<std::string, Load::From> loads_;
  std::set<std::string> stores_;
};

// Finds the names of one scope; what is in inner scopes counts only where Jinja looks into it.
class Collector {
 public:
  explicit Collector(Symbols& symbols) : symbols_(&symbols) {}

  void visit(const Block& block) {
    for (const auto& statement : block) visit(*statement);
  }
  void visit(const Expression* expression) {
    if (expression == nullptr) return;
    if (expression->kind == Expression::Kind::kName) symbols_->load(expression->name);
    for_each_child(*expression, [&](const Expression& child) { visit(&child); });
  }
  void visit_target(const Expression& target, bool as_parameter = false) {
    if (target.kind == Expression::Kind::kNamespaceRef) {
      symbols_->load(target.name);
    } else if (target.kind == Expression::Kind::kName && as_parameter) {
      symbols_->declare_parameter(target.name);
    } else if (target.kind == Expression::Kind::kName) {
      symbols_->store(target.name);
    }
    for (const ExpressionPtr& part : target.parts) visit_target(*part, as_parameter);
  }

 private:
  void visit(const Statement& statement) {
    switch (statement.kind) {
      case Statement::Kind::kText:
      case Statement::Kind::kBreak:
      case Statement::Kind::kContinue:
        break;
      case Statement::Kind::kIf:
        visit_if(statement);
        break;
      case Statement::Kind::kOutput:
      case Statement::Kind::kFor:
      case Statement::Kind::kCallBlock:
      case Statement::Kind::kFilterBlock:
        visit(statement.expression.get());
        break;
      case Statement::Kind::kSet:
        visit(statement.expression.get());
        visit_target(*statement.target);
        break;
      case Statement::Kind::kSetBlock:
      case Statement::Kind::kMacro:
        visit_target(*statement.target);
        break;
      case Statement::Kind::kWith:
        for (const ExpressionPtr& value : statement.values) visit(value.get());
        break;
    }
  }

  void visit_if(const Statement& statement) {
    visit(statement.expression.get());
    Symbols* const original = symbols_;
    std::vector<Symbols> branches;
    for (const Block* block : {&statement.body, &statement.branches, &statement.otherwise}) {
      branches.push_back(*original);
      symbols_ = &branches.back();
      visit(*block);
    }
    symbols_ = original;
    symbols_->join(branches);
  }

  Symbols* symbols_;
};

// Where a statement stands.
struct Surroundings {
  bool soft = false;        // in an if: unknown filters and tests fail only when they are met
  bool breakable = false;   // break and continue have a loop to act on
  bool inside_for = false;  // however deep
};

class Binder {
 public:
  void bind(Tree& tree) {
    Symbols symbols(nullptr);
    Collector(symbols).visit(tree.body);
    tree.frame = symbols.frame();
    bind(tree.body, symbols, {});
  }

 private:
  void bind(Block& block, const Symbols& symbols, Surroundings around) {
    for (const auto& statement : block) bind(*statement, symbols, around);
  }

  void bind(Expression* expression, const Symbols& symbols, bool soft) {
    if (expression == nullptr) return;
    if (expression->kind == Expression::Kind::kName || expression->kind == Expression::Kind::kNamespaceRef) {
      bind_name(*expression, symbols);
    }
    const bool is_filter = expression->kind == Expression::Kind::kFilter;
    if ((is_filter || expression->kind == Expression::Kind::kTest) && expression->entry == nullptr && !soft) {
      throw SyntaxTrouble(
          std::string("there is no ") + (is_filter ? "filter" : "test") + " named '" + expression->name + "'",
          expression->at);
    }
    soft = soft || expression->kind == Expression::Kind::kConditional;
    for_each_child(*expression,
                   [&](const Expression& child) { bind(const_cast<Expression*>(&child), symbols, soft); });
  }

  static void bind_name(Expression& name, const Symbols& symbols) {
    const std::optional<Reference> found = symbols.find(name.name, 0);
    if (name.name == "self" || name.name == "super") {
      throw SyntaxTrouble(
          "'" + name.name + "' belongs to blocks, which are not in the subset of Jinja that is known here",
          name.at);
    }
    // Only names in the filter of a set block can be without; Jinja fails on them too.
    if (!found) throw SyntaxTrouble("'" + name.name + "' is used nowhere else in its scope", name.at);
    name.reference = *found;
  }

  void bind_target(Expression& target, const Symbols& symbols, Surroundings around) {
    if (around.inside_for && target.kind == Expression::Kind::kName && target.name == "loop") {
      throw SyntaxTrouble("'loop' cannot be assigned to in a loop", target.at);
    }
    if (target.kind != Expression::Kind::kTuple) bind_name(target, symbols);
    for (const ExpressionPtr& part : target.parts) bind_target(*part, symbols, around);
  }

  void bind(Statement& statement, const Symbols& symbols, Surroundings around) {
    switch (statement.kind) {
      case Statement::Kind::kText:
        break;
      case Statement::Kind::kOutput:
        bind(statement.expression.get(), symbols, around.soft);
        break;
      case Statement::Kind::kIf:
        bind_if(statement, symbols, around);
        break;
      case Statement::Kind::kFor:
        bind_for(statement, symbols, around);
        break;
      case Statement::Kind::kSet:
        bind_target(*statement.target, symbols, around);
        bind(statement.expression.get(), symbols, around.soft);
        break;
      case Statement::Kind::kSetBlock:
        bind_target(*statement.target, symbols, around);
        bind_inner(statement, symbols, around);
        break;
      case Statement::Kind::kMacro:
        bind_callable(*statement.callable, statement.at, symbols, around);
        bind_name(*statement.target, symbols);
        break;
      case Statement::Kind::kCallBlock:
        bind_callable(*statement.callable, statement.at, symbols, around);
        bind(statement.expression.get(), symbols, around.soft);
        break;
      case Statement::Kind::kFilterBlock:
        bind_inner(statement, symbols, around);
        break;
      case Statement::Kind::kWith:
        bind_with(statement, symbols, around);
        break;
      case Statement::Kind::kBreak:
      case Statement::Kind::kContinue:
        if (!around.breakable) throw SyntaxTrouble("break or continue outside a loop", statement.at);
        break;
    }
  }

  void bind_if(Statement& statement, const Symbols& symbols, Surroundings around) {
    around.soft = true;
    bind(statement.expression.get(), symbols, true);
    bind(statement.body, symbols, around);
    bind(statement.branches, symbols, around);
    bind(statement.otherwise, symbols, around);
  }

  // The body and the filter of a set or filter block.
  void bind_inner(Statement& statement, const Symbols& symbols, Surroundings around) {
    Symbols inner(&symbols);
    Collector collector(inner);
    collector.visit(statement.body);
    if (statement.kind == Statement::Kind::kFilterBlock) collector.visit(statement.expression.get());
    statement.frame = inner.frame();
    around.soft = false;
    bind(statement.body, inner, around);
    bind(statement.expression.get(), inner, false);
  }

  void bind_with(Statement& statement, const Symbols& symbols, Surroundings around) {
    Symbols inner(&symbols);
    Collector collector(inner);
    for (const ExpressionPtr& target : statement.targets) collector.visit_target(*target, true);
    collector.visit(statement.body);
    statement.frame = inner.frame();
    for (const ExpressionPtr& value : statement.values) bind(value.get(), symbols, around.soft);
    for (const ExpressionPtr& target : statement.targets) bind_target(*target, inner, {});
    around.soft = false;
    bind(statement.body, inner, around);
  }

  void bind_for(Statement& statement, const Symbols& symbols, Surroundings around) {
    const bool outer_soft = around.soft, outer_breakable = around.breakable;
    around.soft = false;
    around.inside_for = true;
    bind(statement.expression.get(), symbols, outer_soft);

    Symbols body(&symbols);
    if (statement.recursive || uses(statement.body, "loop"))
      statement.loop_slot = body.declare_parameter("loop");
    Collector body_collector(body);
    body_collector.visit_target(*statement.target, true);
    body_collector.visit(statement.body);
    statement.frame = body.frame();
    bind_target(*statement.target, body, around);
    around.breakable = true;
    bind(statement.body, body, around);

    if (statement.test != nullptr) {
      Symbols test(&symbols);
      Collector test_collector(test);
      test_collector.visit_target(*statement.test_target, true);
      test_collector.visit(statement.test.get());
      statement.test_frame = test.frame();
      bind_target(*statement.test_target, test, around);
      bind(statement.test.get(), test, false);
    }
    Symbols otherwise(&symbols);
    Collector(otherwise).visit(statement.otherwise);
    statement.otherwise_frame = otherwise.frame();
    around.breakable = outer_breakable && !statement.recursive;
    bind(statement.otherwise, otherwise, around);
  }

  void bind_callable(Callable& callable, Position at, const Symbols& symbols, Surroundings around) {
    Symbols inner(&symbols);
    Collector collector(inner);
    for (const Parameter& parameter : callable.parameters) inner.declare_parameter(parameter.name);
    for (const Parameter& parameter : callable.parameters) collector.visit(parameter.otherwise.get());
    collector.visit(callable.body);
    declare_specials(callable, at, inner);
    callable.frame = inner.frame();
    around.soft = around.breakable = false;
    for (Parameter& parameter : callable.parameters) {
      parameter.slot = inner.find(parameter.name, 0)->slot;
      bind(parameter.otherwise.get(), inner, false);
    }
    bind(callable.body, inner, around);
  }

  // caller, kwargs and varargs, which a body may use without declaring them.
  static void declare_specials(Callable& callable, Position at, Symbols& inner) {
    const auto declared = [&](std::string_view name) {
      return std::find_if(callable.parameters.begin(), callable.parameters.end(),
                          [&](const Parameter& parameter) { return parameter.name == name; });
    };
    const auto caller = declared("caller");
    callable.declares_caller = caller != callable.parameters.end();
    if (uses(callable.body, "caller")) {
      if (!callable.declares_caller) {
        callable.caller = inner.declare_parameter("caller");
      } else if (caller->otherwise == nullptr) {
        throw SyntaxTrouble("an argument named 'caller' must have a default", at);
      }
    }
    if (uses(callable.body, "kwargs") && declared("kwargs") == callable.parameters.end()) {
      callable.kwargs = inner.declare_parameter("kwargs");
    }
    if (uses(callable.body, "varargs") && declared("varargs") == callable.parameters.end()) {
      callable.varargs = inner.declare_parameter("varargs");
    }
  }
};

}  // namespace

void resolve(Tree& tree) {
  Binder().bind(tree);
}

}  // namespace aurora::chat
