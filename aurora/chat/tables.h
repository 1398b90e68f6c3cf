// The tables of what a template may call, by file; and what several of them use.
#pragma once

#include <functional>
#include <span>

#include "aurora/chat/runtime.h"

namespace aurora::chat {

std::span<const Entry> text_filters();
std::span<const Entry> sequence_filters();
std::span<const Entry> selecting_filters();
std::span<const Entry> number_filters();
std::span<const Entry> text_methods();
std::span<const Entry> text_tests();  // str.isdigit and the like, as methods

// A text as it is, anything else as str() has it (markupsafe's soft_str).
Value soft_text(const Value& value, Meter& meter);
// Looks an attribute path as "a.b.0" up in an item, one after the other.
using Getter = std::function<Value(const Value&)>;
// path: a text, an integer, none or missing (the item itself). otherwise: missing, or what an undefined part
// is taken for.
Getter attribute_getter(Runtime& runtime, const Value& path, const Value& otherwise, bool ignore_case);
Value sorted(Runtime& runtime, Values items, const Getter& key, bool reverse);

// Python's str methods on bytes of valid UTF-8; `markup` of the results is the caller's.
std::vector<std::string_view> split_lines(std::string_view text, bool keep_ends);
std::string replaced(std::string_view text, std::string_view old, std::string_view with, int64_t count,
                     Meter& meter);
// chars: null for white space.
std::string_view stripped(std::string_view text, const std::string* chars, bool left, bool right,
                          Meter& meter);
std::string centered(const Text& text, int64_t width, const std::string& fill, Meter& meter);
// Numbers as int() and float() read them from a text; nothing if they do not. Trouble: one that is too large.
std::optional<int64_t> parse_integer(std::string_view text, int base);
std::optional<double> parse_float(std::string_view text);

std::string format_time(const std::string& format, int64_t seconds);

}  // namespace aurora::chat
