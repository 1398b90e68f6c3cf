// What one request is told. The model says sentences that it was given (fake_model.h).
#include "aurora/infer/engine.h"

#include <gtest/gtest.h>

#include <cmath>

#include "aurora/infer/fake_model.h"

namespace aurora::infer {
namespace {

using testing::byte_tokens;
using testing::bytes;
using testing::FakeModel;
using testing::kFakeVocab;
using testing::run_until_idle;
using testing::Told;

const int32_t kEndToken = testing::byte_tokenizer().end_of_document();

Request greedy(std::string_view prompt, int64_t max_tokens = 100) {
  Request request;
  request.prompt = bytes(prompt);
  request.max_tokens = max_tokens;
  request.sampling.temperature = 0;
  return request;
}

class EngineTest : public ::testing::Test {
 protected:
  Engine& make(testing::Language language, const EngineSettings& settings = {}, int64_t pages = 64) {
    auto owned = std::make_unique<FakeModel>(std::move(language), pages);
    model = owned.get();
    engine = std::make_unique<Engine>(std::move(owned), byte_tokens(), settings, pool);
    return *engine;
  }
  Told ask(Request request) {
    Told told;
    engine->submit(std::move(request), told.sink());
    run_until_idle(*engine);
    EXPECT_EQ(told.lasts, 1);
    return told;
  }
  Pool pool{2};
  std::unique_ptr<Engine> engine;
  FakeModel* model = nullptr;
};

TEST_F(EngineTest, SaysTokenByTokenUntilTheModelEnds) {
  make(testing::parrot({"hello world"}));
  const Told told = ask(greedy("hel"));
  const Told::Choice& answer = told.choices.at(0);
  EXPECT_EQ(answer.text, "lo world");
  EXPECT_EQ(answer.tokens, bytes("lo world"));
  EXPECT_EQ(answer.reason, FinishReason::kEnd);
  EXPECT_EQ(answer.end_token, kEndToken);
  EXPECT_EQ(answer.usage.prompt_tokens, 3);
  EXPECT_EQ(answer.usage.answer_tokens, 8);
  EXPECT_EQ(told.events, 9);
}

TEST_F(EngineTest, EndsAtMaxTokensAtStopTokensAndAtTheLongestSequence) {
  make(testing::parrot({"hello world"}), {.max_length = 9});
  EXPECT_EQ(ask(greedy("hel", 3)).choices.at(0).reason, FinishReason::kMaxTokens);
  EXPECT_EQ(ask(greedy("hel", 3)).choices.at(0).text, "lo ");
  Request request = greedy("hel");
  request.stop_tokens = {'w'};
  const Told stopped = ask(request);
  EXPECT_EQ(stopped.choices.at(0).text, "lo ");
  EXPECT_EQ(stopped.choices.at(0).end_token, 'w');
  const Told longest = ask(greedy("hel"));
  EXPECT_EQ(longest.choices.at(0).reason, FinishReason::kMaxLength);
  EXPECT_EQ(longest.choices.at(0).text, "lo wor");
}

TEST_F(EngineTest, IgnoresTheEndWhenAsked) {
  make(testing::parrot({"hello"}));
  Request request = greedy("hel", 5);
  request.ignore_end = true;
  const Told told = ask(request);
  EXPECT_EQ(told.choices.at(0).tokens.size(), 5u);
  EXPECT_EQ(told.choices.at(0).text, "lo");
}

TEST_F(EngineTest, StopStringsCutTheTextAndAreHeldBack) {
  make(testing::parrot({"one two three"}));
  Request request = greedy("one");
  request.stop = {"thr", "never"};
  std::string before_r;
  Told told;
  engine->submit(request, [&](const Event& event) {
    told.add(event);
    if (event.token == 'h') before_r = told.choices[0].text;
  });
  run_until_idle(*engine);
  EXPECT_EQ(before_r, " two ") << "t and h may begin the stop string";
  EXPECT_EQ(told.choices.at(0).text, " two ");
  EXPECT_EQ(told.choices.at(0).tokens, bytes(" two thr"));
  EXPECT_EQ(told.choices.at(0).reason, FinishReason::kStopString);
  EXPECT_EQ(told.choices.at(0).stop_string, "thr");
}

TEST_F(EngineTest, HeldTextComesAtTheEnd) {
  make(testing::parrot({"one two thr"}));
  Request request = greedy("one");
  request.stop = {"three"};
  EXPECT_EQ(ask(request).choices.at(0).text, " two thr");
}

TEST_F(EngineTest, NeverGivesHalfACharacter) {
  make(testing::parrot({"na\xc3\xafve"}));
  Told told;
  std::vector<std::string> pieces;
  engine->submit(greedy("n"), [&](const Event& event) {
    told.add(event);
    pieces.emplace_back(event.text);
  });
  run_until_idle(*engine);
  EXPECT_EQ(pieces, (std::vector<std::string>{"a", "", "\xc3\xaf", "v", "e", ""}));
}

TEST_F(EngineTest, PromptsInChunksGiveTheSameAnswer) {
  std::vector<size_t> sizes;
  for (const int64_t step_tokens : {2, 3, 100}) {
    make(testing::babble, {.max_running = 1, .step_tokens = step_tokens});
    int64_t steps = 0;
    model->watch = [&](std::span<const SequencePiece> pieces) {
      steps += pieces[0].begin < 11 ? 1 : 0;
      EXPECT_LE(static_cast<int64_t>(pieces[0].tokens.size()), step_tokens);
    };
    const Told told = ask(greedy("eleven byte", 6));
    EXPECT_EQ(steps, (11 + step_tokens - 1) / step_tokens);
    static std::vector<int32_t> expected;
    if (step_tokens == 2) expected = told.choices.at(0).tokens;
    EXPECT_EQ(told.choices.at(0).tokens, expected);
  }
}

// Probabilities 1/2, 1/4, 1/8, 1/8 of a, b, c, d whatever came before.
void halves(std::span<const int32_t>, float* logits) {
  std::fill_n(logits, kFakeVocab, -1000.0f);
  logits['a'] = static_cast<float>(std::log(0.5));
  logits['b'] = static_cast<float>(std::log(0.25));
  logits['c'] = logits['d'] = static_cast<float>(std::log(0.125));
}

TEST_F(EngineTest, LogprobsOfTokensAndAlternatives) {
  make(halves);
  Request request = greedy("x", 2);
  request.top_logprobs = 2;
  request.sampling.logit_bias = {{'b', 50}};
  const Told told = ask(request);
  ASSERT_EQ(told.choices.at(0).logprobs.size(), 2u);
  const TokenLogprobs& first = told.choices.at(0).logprobs[0];
  EXPECT_EQ(first.token, 'b');
  EXPECT_NEAR(first.logprob, std::log(0.25), 1e-6);
  ASSERT_EQ(first.top.size(), 2u);
  EXPECT_EQ(first.top[0].token, 'a');
  EXPECT_EQ(first.top[1].token, 'b');
}

TEST_F(EngineTest, PromptLogprobsInChunksThenTheAnswer) {
  for (const int64_t step_tokens : {2, 100}) {
    make(halves, {.max_running = 1, .step_tokens = step_tokens});
    Request request = greedy("dab", 1);
    request.prompt_logprobs = true;
    request.top_logprobs = 1;
    for (int again = 0; again < 2; ++again) {
      const Told told = ask(request);
      ASSERT_EQ(told.prompt.size(), 3u);
      EXPECT_EQ(told.prompt[0].token, 'd');
      EXPECT_TRUE(told.prompt[0].top.empty());
      EXPECT_NEAR(told.prompt[1].logprob, std::log(0.5), 1e-6);
      EXPECT_NEAR(told.prompt[2].logprob, std::log(0.25), 1e-6);
      EXPECT_EQ(told.prompt[2].token, 'b');
      EXPECT_EQ(told.prompt[2].top.at(0).token, 'a');
      EXPECT_EQ(told.choices.at(0).text, "a");
    }
  }
}

TEST_F(EngineTest, MaxTokensZeroIsThePromptAlone) {
  make(halves);
  Request request = greedy("dab", 0);
  request.prompt_logprobs = true;
  const Told told = ask(request);
  EXPECT_EQ(told.prompt.size(), 3u);
  EXPECT_EQ(told.choices.at(0).reason, FinishReason::kMaxTokens);
  EXPECT_TRUE(told.choices.at(0).tokens.empty());
}

TEST_F(EngineTest, EmbeddingIsTheMeanOfTheRowsWithLengthOne) {
  for (const int64_t step_tokens : {2, 100}) {
    make(halves, {.max_running = 1, .step_tokens = step_tokens});
    Request request = greedy("abc");
    request.embed = true;
    const Told told = ask(request);
    // Rows [1, a, 1], [2, b, 1], [3, c, 1]: mean [2, b, 1].
    const double length = std::sqrt(4.0 + 98.0 * 98.0 + 1.0);
    ASSERT_EQ(told.embedding.size(), 3u);
    EXPECT_FLOAT_EQ(told.embedding[0], static_cast<float>(2 / length));
    EXPECT_FLOAT_EQ(told.embedding[1], static_cast<float>(98 / length));
    EXPECT_FLOAT_EQ(told.embedding[2], static_cast<float>(1 / length));
  }
}

TEST_F(EngineTest, AnswersOfOnePromptDifferAndShareItsPages) {
  make(testing::babble, {.prefix_share = 0});
  int64_t fed = 0;
  model->watch = [&](std::span<const SequencePiece> pieces) {
    for (const SequencePiece& piece : pieces)
      if (piece.begin < 41)
        fed += std::min<int64_t>(41 - piece.begin, static_cast<int64_t>(piece.tokens.size()));
  };
  Request request = greedy("a prompt of ten pages of four tokens each.", 5);
  request.prompt.resize(41);
  request.sampling.temperature = 2;
  request.n = 3;
  const Told told = ask(request);
  ASSERT_EQ(told.choices.size(), 3u);
  EXPECT_NE(told.choices.at(0).tokens, told.choices.at(1).tokens);
  EXPECT_NE(told.choices.at(1).tokens, told.choices.at(2).tokens);
  EXPECT_EQ(fed, 41 + 1 + 1);
  EXPECT_EQ(told.choices.at(1).usage.cached_tokens, 40);
  // The first answer is the only one's.
  make(testing::babble);
  request.n = 1;
  EXPECT_EQ(ask(request).choices.at(0).tokens, told.choices.at(0).tokens);
}

TEST_F(EngineTest, BestOfGivesTheLikeliestFirst) {
  make(testing::babble);
  Request request = greedy("prompt", 6);
  request.sampling = {.temperature = 1.5, .top_p = 1};
  request.n = 5;
  request.top_logprobs = 0;
  const Told all = ask(request);
  std::vector<std::pair<double, int>> scores;
  for (const auto& [choice, answer] : all.choices) {
    double sum = 0;
    for (const TokenLogprobs& token : answer.logprobs) sum += token.logprob;
    scores.emplace_back(-sum / static_cast<double>(answer.logprobs.size()), choice);
  }
  std::sort(scores.begin(), scores.end());
  request.n = 2;
  request.best_of = 5;
  request.top_logprobs = -1;
  const Told best = ask(request);
  ASSERT_EQ(best.choices.size(), 2u);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(best.choices.at(i).tokens, all.choices.at(scores[static_cast<size_t>(i)].second).tokens);
    EXPECT_EQ(best.choices.at(i).text, all.choices.at(scores[static_cast<size_t>(i)].second).text);
    EXPECT_TRUE(best.choices.at(i).logprobs.empty());
  }
}

TEST_F(EngineTest, GuessesSaveStepsAndChangeNothing) {
  const std::string verse = "row row row your boat gently down the stream; row row row your boat gently down";
  std::vector<int32_t> alone;
  int64_t plain_steps = 0;
  for (const int64_t draft_tokens : {0, 4}) {
    make(testing::parrot({verse}), {.draft_tokens = draft_tokens});
    int64_t steps = 0;
    model->watch = [&](std::span<const SequencePiece>) { ++steps; };
    const Told told = ask(greedy(verse.substr(0, 52)));
    if (draft_tokens == 0) {
      alone = told.choices.at(0).tokens;
      plain_steps = steps;
      continue;
    }
    EXPECT_EQ(told.choices.at(0).tokens, alone);
    EXPECT_LT(steps, plain_steps / 2);
    EXPECT_GT(engine->stats().accepted_tokens, 10);
    EXPECT_LE(engine->stats().accepted_tokens, engine->stats().drafted_tokens);
  }
}

TEST_F(EngineTest, AGrammarRulesOutWhatDoesNotMatchAndEndsTheAnswer) {
  make(halves);
  Request request = greedy("x");
  request.top_logprobs = 0;
  request.grammar = constrain::Grammar::from_regex("(b|c)d{3}", testing::byte_vocabulary());
  const Told told = ask(request);
  EXPECT_EQ(told.choices.at(0).text, "bddd");
  EXPECT_EQ(told.choices.at(0).reason, FinishReason::kEnd);
  EXPECT_NEAR(told.choices.at(0).logprobs.at(1).logprob, std::log(0.125), 1e-6);
}

TEST_F(EngineTest, AGrammarLetsTheModelEndWhereItMay) {
  make(testing::parrot({"aab"}));
  Request request = greedy("b");
  request.grammar = constrain::Grammar::from_regex("[xy]*", testing::byte_vocabulary());
  const Told told = ask(request);
  EXPECT_EQ(told.choices.at(0).text, "");
  EXPECT_EQ(told.choices.at(0).end_token, kEndToken);
}

TEST_F(EngineTest, LogitsThatAreNoNumbersFailTheRequestAlone) {
  make([](std::span<const int32_t> tokens, float* logits) {
    std::fill_n(logits, kFakeVocab, tokens[0] == 'x' ? std::nanf("") : 0.0f);
  });
  Told bad, good;
  engine->submit(greedy("x"), bad.sink());
  engine->submit(greedy("y", 2), good.sink());
  run_until_idle(*engine);
  EXPECT_NE(bad.error.find("no token can follow"), std::string::npos);
  EXPECT_EQ(good.choices.at(0).tokens.size(), 2u);
  EXPECT_EQ(engine->stats().failed, 1);
}

TEST_F(EngineTest, AnErrorOfTheModelFailsItsBatchAndNoOther) {
  make(testing::parrot({"hello"}));
  bool broken = true;
  model->watch = [&](std::span<const SequencePiece>) {
    if (broken) throw Error("the machine is out of memory", "step", "buy more");
  };
  EXPECT_NE(ask(greedy("he")).error.find("out of memory"), std::string::npos);
  broken = false;
  EXPECT_EQ(ask(greedy("he")).choices.at(0).text, "llo");
}

TEST_F(EngineTest, RefusesWhatCannotBeAnswered) {
  make(testing::babble, {.max_length = 10});
  const auto refused = [&](const auto& change) {
    Request request = greedy("prompt");
    change(request);
    try {
      engine->submit(request, {});
    } catch (const UsageError& error) {
      return error.where();
    }
    return std::string("taken");
  };
  EXPECT_EQ(refused([](Request& r) { r.prompt = {}; }), "prompt");
  EXPECT_EQ(refused([](Request& r) { r.prompt = {270}; }), "prompt");
  EXPECT_EQ(refused([](Request& r) { r.prompt = {-1}; }), "prompt");
  EXPECT_EQ(refused([](Request& r) { r.prompt.resize(10, 1); }), "prompt");
  EXPECT_EQ(refused([](Request& r) { r.max_tokens = -1; }), "max_tokens");
  EXPECT_EQ(refused([](Request& r) { r.stop = {""}; }), "stop");
  EXPECT_EQ(refused([](Request& r) { r.stop_tokens = {999}; }), "stop_tokens");
  EXPECT_EQ(refused([](Request& r) { r.n = 0; }), "n");
  EXPECT_EQ(refused([](Request& r) { r.n = 1000; }), "n");
  EXPECT_EQ(refused([](Request& r) { r.n = 2, r.best_of = 1; }), "best_of");
  EXPECT_EQ(refused([](Request& r) { r.top_logprobs = 101; }), "top_logprobs");
  EXPECT_EQ(refused([](Request& r) { r.sampling.logit_bias = {{263, 1}}; }), "logit_bias");
  EXPECT_EQ(refused([](Request& r) { r.sampling.top_p = 0; }), "--top-p");
  EXPECT_EQ(refused([](Request& r) { r.embed = true, r.n = 2; }), "n");
  EXPECT_FALSE(engine->step());
}

TEST_F(EngineTest, RefusesSettingsThatContradictEachOther) {
  EXPECT_THROW(make(testing::babble, {.max_running = 8, .step_tokens = 8}), UsageError);
  EXPECT_THROW(make(testing::babble, {.prefix_share = 1.5}), UsageError);
  EXPECT_THROW(make(testing::babble, {.max_running = 0}), UsageError);
}

}  // namespace
}  // namespace aurora::infer
