// A batch through the model, and what is drawn from its rows.
#include <algorithm>
#include <cmath>
#include <exception>

#include "aurora/base/check.h"
#include "aurora/infer/engine_impl.h"

namespace aurora::infer {
namespace {

// Below this many rows a draw is quicker than waking a thread.
constexpr size_t kFewDraws = 2;

TokenLogprobs logprobs_of(std::span<const float> row, int32_t token, int top) {
  TokenLogprobs result{.token = token, .logprob = 0, .top = {}};
  const float largest = largest_logit(row);
  const double normaliser = double{largest} + std::log(sum_of_weights(row, {largest, 1.0}, Precision::kFull));
  result.logprob = double{row[static_cast<size_t>(token)]} - normaliser;
  for (const RowEntry& entry : likeliest(row, top))
    result.top.push_back({entry.token, double{entry.logit} - normaliser});
  return result;
}

}  // namespace

void Engine::Impl::run(Shares& shares, bool embed) {
  if (shares.empty()) return;
  const double begin = now_s();
  try {
    const std::vector<SequencePiece> pieces = pieces_of(shares);
    if (embed) {
      const std::span<const float> rows = model_->hidden(pieces);
      stats_.model_s += now_s() - begin;
      for (const Share& share : shares) add_hidden(share, rows);
    } else {
      const std::span<float> rows = model_->logits(pieces);
      stats_.model_s += now_s() - begin;
      draw_all(shares, rows);
    }
  } catch (const Error& error) {
    for (const Share& share : shares) fail(*share.sequence->job, error);
    return;
  } catch (const std::exception& error) {
    for (const Share& share : shares)
      fail(*share.sequence->job, Error(error.what(), "engine", "ask for less at a time"));
    return;
  }
  for (const Share& share : shares) advance(share);
}

std::vector<SequencePiece> Engine::Impl::pieces_of(Shares& shares) const {
  std::vector<SequencePiece> pieces;
  pieces.reserve(shares.size());
  int64_t rows = 0;
  for (Share& share : shares) {
    const Sequence& sequence = *share.sequence;
    const int32_t* tokens =
        share.guesses > 0 ? sequence.fed.data() : sequence.tokens.data() + sequence.computed;
    pieces.push_back({.tokens = {tokens, static_cast<size_t>(share.tokens())},
                      .begin = sequence.computed,
                      .pages = sequence.pages,
                      .logits_from = share.wanted_from});
    share.first_row = rows;
    rows += share.wanted();
  }
  return pieces;
}

// Sequences are dealt out to a fixed number of lanes, each with a sampler.
void Engine::Impl::draw_all(const Shares& shares, std::span<float> rows) {
  const size_t lanes = std::min(samplers_.size(), shares.size());
  const auto draw_lane = [&](size_t lane) {
    for (size_t i = lane; i < shares.size(); i += lanes) draw(shares[i], rows, samplers_[lane]);
  };
  if (shares.size() < kFewDraws)
    draw_lane(0);
  else
    pool_.for_each(lanes, draw_lane);
}

// The rows of one sequence in order: log-probabilities of its prompt, then tokens as long as each is the one
// that was guessed.
void Engine::Impl::draw(const Share& share, std::span<float> rows, Sampler& sampler) const {
  Sequence& sequence = *share.sequence;
  const Request& request = sequence.job->request;
  const int64_t vocab = model_->vocab();
  sequence.drawn.clear();
  for (int64_t index = share.wanted_from; index < share.tokens(); ++index) {
    const int64_t row_number = share.first_row + index - share.wanted_from;
    const std::span<float> row =
        rows.subspan(static_cast<size_t>(row_number * vocab), static_cast<size_t>(vocab));
    const int64_t next = sequence.computed + index + 1;  // position of the token that the row speaks of
    if (next < sequence.size()) {
      sequence.prompt_logprobs.push_back(
          logprobs_of(row, sequence.tokens[static_cast<size_t>(next)], request.top_logprobs));
      continue;
    }
    if (request.max_tokens == 0) return;
    const int32_t token = draw_one(sequence, row, sampler);
    const bool goes_on =
        token != kNoToken && !is_end(sequence, token) && (!sequence.matcher || !sequence.matcher->finished());
    if (!goes_on || index + 1 >= share.tokens() || token != sequence.fed[static_cast<size_t>(index + 1)])
      return;
  }
}

int32_t Engine::Impl::draw_one(Sequence& sequence, std::span<float> row, Sampler& sampler) const {
  const Job& job = *sequence.job;
  std::span<const uint64_t> allowed;
  if (sequence.matcher) allowed = sequence.matcher->allowed().words();
  const int64_t position = sequence.size() + static_cast<int64_t>(sequence.drawn.size());
  sequence.drawn.push_back(sampler.draw(
      row,
      {.sampling = job.request.sampling,
       .counts = sequence.counts,
       .allowed = allowed,
       .known = tokens_.tokenizer->vocab_size(),
       .choice = sequence.choice,
       .position = position,
       .top_logprobs = job.compares() ? std::max(0, job.request.top_logprobs) : job.request.top_logprobs}));
  const int32_t token = sequence.drawn.back().token;
  if (token == kNoToken) return token;
  sequence.counts.add(token);
  if (sequence.matcher)
    AURORA_CHECK(sequence.matcher->advance(token), "a token that the grammar allows is not taken");
  return token;
}

void Engine::Impl::add_hidden(const Share& share, std::span<const float> rows) {
  Sequence& sequence = *share.sequence;
  const int64_t width = model_->width();
  sequence.hidden_sum.resize(static_cast<size_t>(width));
  for (int64_t row = 0; row < share.wanted(); ++row) {
    const float* values = rows.data() + (share.first_row + row) * width;
    for (int64_t i = 0; i < width; ++i) sequence.hidden_sum[static_cast<size_t>(i)] += double{values[i]};
  }
}

}  // namespace aurora::infer
