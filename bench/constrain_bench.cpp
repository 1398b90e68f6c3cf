// Constrained decoding on a real vocabulary: how long a vocabulary and a schema take to be made ready, a
// token mask where the text comes for the first time, and one that is remembered.
//
//   build/constrain_bench FILE.tiktoken SCHEME      e.g. cl100k_base.tiktoken cl100k
#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "aurora/base/error.h"
#include "aurora/constrain/grammar.h"

namespace {

using aurora::constrain::Grammar;
using aurora::constrain::Matcher;
using aurora::constrain::Vocabulary;

// Processor time of this thread.
double microseconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return 1e6 * static_cast<double>(now.tv_sec) + 1e-3 * static_cast<double>(now.tv_nsec);
}

struct Case {
  std::string_view name;
  std::string_view schema;  // empty: any JSON object
  std::string_view text;
};

constexpr Case kCases[] = {
    {"record",
     R"({"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer","minimum":0,"maximum":150},
        "mail":{"type":"string","format":"email"},"tags":{"type":"array","items":{"enum":["red","green","blue"]}},
        "note":{"type":"string","maxLength":400}},"required":["name","age","mail","tags","note"],
        "additionalProperties":false})",
     R"({"name": "Ada \u00e9 Lovelace", "age": 36, "mail": "ada@example.org", "tags": ["red", "blue"],)"
     R"( "note": "A line of text, and more of it."})"},
    {"tree",
     R"({"$defs":{"node":{"type":"object","properties":{"value":{"type":"number"},"kids":{"type":"array",
        "items":{"$ref":"#/$defs/node"}}},"required":["value","kids"],"additionalProperties":false}},
        "$ref":"#/$defs/node"})",
     R"({"value": 1.5, "kids": [{"value": -2, "kids": [{"value": 3e4, "kids": []}]}, {"value": 0, "kids": []}]})"},
    {"json_object", "",
     R"({"a": [1, 2.5, {"b": null, "c": "some text, \"quoted\""}], "d": {"e": {"f": [true, false, [[]]]}}})"},
};

// Masks behind every byte of the text, first new, then remembered.
void measure(const Case& one, const std::shared_ptr<const Vocabulary>& vocabulary) {
  const double begin = microseconds();
  const auto grammar = one.schema.empty() ? Grammar::json_object(vocabulary)
                                          : Grammar::from_json_schema(one.schema, vocabulary);
  const double compile = microseconds() - begin;
  std::vector<double> fresh;
  std::vector<double> cached;
  int64_t allowed = 0;
  for (std::vector<double>* times : {&fresh, &cached}) {
    Matcher matcher(grammar);
    for (const char& byte : one.text) {
      const double start = microseconds();
      allowed += matcher.allowed().allows(0) ? 1 : 0;
      times->push_back(microseconds() - start);
      if (!matcher.advance_text({&byte, 1}))
        throw aurora::Error("the text does not fit", std::string(one.name), "mend it");
    }
    std::sort(times->begin(), times->end());
  }
  const auto mean = [](const std::vector<double>& times) {
    double sum = 0;
    for (const double time : times) sum += time;
    return sum / static_cast<double>(times.size());
  };
  fmt::print(
      "{:12} compile {:7.0f} us; mask: fresh mean {:6.1f} median {:6.1f} most {:7.1f} us; cached mean {:.3f} "
      "median {:.3f} us\n",
      one.name, compile, mean(fresh), fresh[fresh.size() / 2], fresh.back(), mean(cached),
      cached[cached.size() / 2]);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "usage: constrain_bench FILE.tiktoken SCHEME\n");
    return 2;
  }
  try {
    const auto tokenizer = aurora::tokenizer::Tokenizer::load_rank_file(argv[1], argv[2]);
    const double begin = microseconds();
    const auto vocabulary = Vocabulary::of(tokenizer);
    fmt::print("{} tokens, {} nodes: {:.0f} ms\n", vocabulary->size(), vocabulary->trie().nodes().size(),
               (microseconds() - begin) / 1000);
    for (const Case& one : kCases) measure(one, vocabulary);
  } catch (const aurora::Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
  return 0;
}
