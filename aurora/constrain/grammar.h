// Constrained decoding: a Grammar says which texts an answer may be; a Matcher follows one answer token by
// token and says which tokens may come next. What is supported, and how texts are laid out:
// docs/formats/constrained-output.md.
//
//   auto vocabulary = Vocabulary::of(tokenizer, end_tokens);             // once for a model
//   auto grammar = Grammar::from_json_schema(schema, vocabulary);        // once for a schema
//   Matcher matcher(grammar);                                            // once for an answer
//   for (;;) {
//     const int32_t token = sample(logits, matcher.allowed());
//     matcher.advance(token);
//     if (matcher.finished()) break;
//   }
//
// There is no dead end: until finished(), some token is always allowed (where the vocabulary has end tokens).
// A mask depends only on the grammar, the vocabulary and the answer so far; never on what other matchers did.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "aurora/constrain/token_mask.h"
#include "aurora/constrain/vocabulary.h"

namespace aurora::constrain {

class Automaton;
class Machine;

// Where a JSON text may have white space that is not needed.
enum class Whitespace {
  kBounded,  // a space behind , and : ; a space, or a line end and at most 20 spaces, at , { } [ ]
  kCompact,  // nowhere
};

// One function that may be called: `before`, the arguments as JSON that the schema accepts, `after`.
struct ToolCall {
  std::string before;  // as `<tool_call>{"name": "add", "arguments": `
  std::string schema;  // of the arguments; empty: any object
  std::string after;   // as `}</tool_call>`
};

// The answer of an assistant with tools.
struct ToolCalls {
  std::vector<ToolCall> choices;  // one at least
  int32_t min_calls = 1;          // tool_choice "required" or a named function; 0: it may only speak
  int32_t max_calls = 1;          // parallel calls
  std::string separator;          // between two calls
  // Not empty: other text may come before the first call, any that does not contain the trigger, with which
  // each `before` must begin. tool_choice "auto" is this with min_calls = 0.
  std::string trigger;
};

// Immutable to its users and thread-safe: matchers of several threads may share one; they share what it
// remembers (at most some 100 MiB).
class Grammar {
 public:
  // Throws aurora::Error for a schema that is no JSON, contradicts itself, is too large or asks for what is
  // not supported; `where` is the JSON path ("schema#/properties/a/not"). Takes milliseconds.
  static std::shared_ptr<const Grammar> from_json_schema(std::string_view schema,
                                                         std::shared_ptr<const Vocabulary> vocabulary,
                                                         Whitespace whitespace = Whitespace::kBounded);
  // Any JSON object (response_format {"type": "json_object"}).
  static std::shared_ptr<const Grammar> json_object(std::shared_ptr<const Vocabulary> vocabulary,
                                                    Whitespace whitespace = Whitespace::kBounded);
  // The whole text matches; ^ and $ are implied. Error names the place: "regex@12".
  static std::shared_ptr<const Grammar> from_regex(std::string_view regex,
                                                   std::shared_ptr<const Vocabulary> vocabulary);
  static std::shared_ptr<const Grammar> from_tool_calls(const ToolCalls& calls,
                                                        std::shared_ptr<const Vocabulary> vocabulary,
                                                        Whitespace whitespace = Whitespace::kBounded);

  // For the makers above.
  Grammar(Machine machine, std::shared_ptr<const Vocabulary> vocabulary);
  ~Grammar();
  const Vocabulary& vocabulary() const { return *vocabulary_; }

 private:
  friend class Matcher;
  // A new one when the last remembers too much; matchers move over.
  std::shared_ptr<Automaton> automaton() const;

  const std::shared_ptr<const Machine> machine_;
  const std::shared_ptr<const Vocabulary> vocabulary_;
  mutable std::mutex mutex_;
  mutable std::shared_ptr<Automaton> automaton_;
};

// The place in one answer. Copies are cheap (speculation tries a copy). Not thread-safe itself.
class Matcher {
 public:
  explicit Matcher(std::shared_ptr<const Grammar> grammar);

  // Of size vocabulary().size(); with the end tokens when may_end(). Valid until the next call of a
  // non-const function. Nothing is allowed when finished().
  const TokenMask& allowed();
  // false, and nothing happens, when the token is not allowed. An end token finishes.
  bool advance(int32_t token);
  // The same for text that is no token of its own (a forced prefix); never finishes.
  bool advance_text(std::string_view bytes);
  // The text so far is complete as it stands.
  bool may_end() const;
  // An end token was taken, or nothing but an end can follow: generation may stop here without one.
  bool finished() const;

 private:
  void move_over();

  std::shared_ptr<const Grammar> grammar_;
  std::shared_ptr<Automaton> automaton_;
  int32_t place_;  // in automaton_
  bool ended_ = false;
  std::shared_ptr<const TokenMask> mask_;
};

}  // namespace aurora::constrain
