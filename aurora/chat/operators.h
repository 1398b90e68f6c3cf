// Python's operators on values.
#pragma once

#include "aurora/chat/ast.h"

namespace aurora::chat {

// Each: Trouble for operands that Python does not take, or a result that is too large.
Value arithmetic(Operator op, const Value& left, const Value& right, Runtime& runtime);
bool compare(Operator op, const Value& left, const Value& right, Runtime& runtime);
Value negative(const Value& value);
Value positive(const Value& value);
// value[start:stop:step]; a missing bound is one left out.
Value slice(const Value& value, const Value& start, const Value& stop, const Value& step, Meter& meter);
// left + right of two texts, escaped as Markup wants it.
Value add_texts(const Value& left, const Value& right, Meter& meter);
// The characters [begin, end) of a text.
std::string_view characters(const Text& text, int64_t begin, int64_t end);

}  // namespace aurora::chat
