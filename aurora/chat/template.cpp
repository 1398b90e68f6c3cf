#include "aurora/chat/template.h"

#include "aurora/base/error.h"
#include "aurora/chat/context.h"
#include "aurora/chat/evaluate.h"

namespace aurora::chat {
namespace {

std::string place(const std::string& where, Position at) {
  return where + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
}

}  // namespace

struct Template::State {
  std::string where;
  Tree tree;
};

Template::Template(std::string_view source, const std::string& where) : state_(std::make_unique<State>()) {
  state_->where = where;
  try {
    state_->tree = parse(source);
    resolve(state_->tree);
  } catch (const SyntaxTrouble& trouble) {
    throw Error(trouble.what(), place(where, trouble.at()),
                "write it in the subset of Jinja that docs/formats/chat-template.md lists");
  }
}

Template::~Template() = default;
Template::Template(Template&&) noexcept = default;

std::string Template::render(std::string_view context_json, int64_t now, const RenderLimits& limits) const {
  Meter meter(limits);
  Value context;
  try {
    context = parse_context(context_json, meter);
  } catch (const Trouble& trouble) {
    throw Error(trouble.what(), "the context of the chat template",
                "raise the limits of the rendering, or give it less");
  }
  Runtime runtime(meter, now);
  Evaluator evaluator(state_->tree, context, runtime);
  const auto at = [&] { return place(state_->where, evaluator.at()); };
  try {
    return evaluator.run();
  } catch (const Raised& raised) {
    throw Error(raised.what(), at(), "the template refuses this conversation; change that, or the template");
  } catch (const Exhausted& exhausted) {
    throw Error(std::string("the chat template was stopped: ") + exhausted.what(), at(),
                "simplify the template, or raise the limits of the rendering");
  } catch (const Trouble& trouble) {
    throw Error(trouble.what(), at(), "correct the template, or the context that it is given");
  }
}

}  // namespace aurora::chat
