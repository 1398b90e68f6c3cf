// Who comes into the next batch, and where its keys and values go.
#include <algorithm>

#include "aurora/base/check.h"
#include "aurora/infer/engine_impl.h"

namespace aurora::infer {
namespace {

int64_t pages_for(int64_t tokens, int64_t page_tokens) {
  return (tokens + page_tokens - 1) / page_tokens;
}

}  // namespace

void Engine::Impl::admit() {
  while (static_cast<int64_t>(running_.size()) < settings_.max_running) {
    Sequence* sequence = queues_.front();
    if (sequence == nullptr) return;
    use_prefix(*sequence);
    if (!fits(*sequence)) {
      give_back_pages(*sequence);
      return;
    }
    queues_.pop();
    start(*sequence);
  }
}

// There are pages for all its tokens, besides what those who run still lack for theirs.
bool Engine::Impl::fits(const Sequence& sequence) const {
  if (running_.empty()) return true;
  const auto lacks = [&](const Sequence& one) {
    const int64_t needed = pages_for(one.size() + 1, page_tokens_) - static_cast<int64_t>(one.pages.size());
    return std::max<int64_t>(0, needed);
  };
  int64_t needed = lacks(sequence);
  for (const Sequence* other : running_) needed += lacks(*other);
  return needed <= model_->free_pages() + prefixes_.idle_pages();
}

void Engine::Impl::start(Sequence& sequence) {
  Job& job = *sequence.job;
  const double waited = now_s() - job.submitted_s;
  if (!job.started) {
    job.started = true;
    --not_started_;
    stats_.queue.add(waited);
  }
  if (!sequence.looked_up) {
    sequence.looked_up = true;
    sequence.usage.queue_s = waited;
    sequence.usage.cached_tokens = sequence.computed;
    ++stats_.prefix_queries;
    stats_.prefix_hits += sequence.computed > 0 ? 1 : 0;
    stats_.prefix_tokens += sequence.computed;
  }
  sequence.admission = ++admissions_;
  running_.push_back(&sequence);
}

// Rows that are wanted must be computed, and the last one always is.
void Engine::Impl::use_prefix(Sequence& sequence) {
  const int64_t limit = std::min(sequence.size() - 1, sequence.rows_done);
  while (sequence.computed + page_tokens_ <= limit) {
    const std::span<const int32_t> tokens(sequence.tokens.data() + sequence.computed,
                                          static_cast<size_t>(page_tokens_));
    PrefixCache::Node* node = prefixes_.use(sequence.last_node, tokens);
    if (node == nullptr) return;
    sequence.last_node = node;
    ++sequence.node_pages;
    sequence.pages.push_back(PrefixCache::page(node));
    sequence.computed += page_tokens_;
  }
}

Engine::Impl::Shares Engine::Impl::plan() {
  Shares shares;
  int64_t budget = settings_.step_tokens;
  plan_decoding(shares, budget);
  plan_prompts(shares, budget);
  return shares;
}

// One token of each answer, the oldest first, and guesses of those that follow.
void Engine::Impl::plan_decoding(Shares& shares, int64_t& budget) {
  const std::vector<Sequence*> running = running_;
  auto to_come =
      std::count_if(running.begin(), running.end(), [](const auto* s) { return s->remaining() == 1; });
  for (Sequence* sequence : running) {
    if (sequence->admission == 0 || sequence->remaining() != 1) continue;  // preempted meanwhile; a prompt
    --to_come;
    if (take_pages(*sequence, 1, shares) < 1) continue;
    Share share{.sequence = sequence, .count = 1};
    guess(share, budget - 1 - to_come);
    share.wanted_from = first_wanted(*sequence, 1);
    budget -= share.tokens();
    shares.push_back(share);
  }
}

// Pieces of prompts into what is left, the client that was served least first.
void Engine::Impl::plan_prompts(Shares& shares, int64_t& budget) {
  std::vector<Sequence*> prompts;
  for (Sequence* sequence : running_)
    if (sequence->remaining() > 1) prompts.push_back(sequence);
  std::stable_sort(prompts.begin(), prompts.end(), [](const Sequence* a, const Sequence* b) {
    return ClientQueues::comes_before(a->job->client, b->job->client);
  });
  for (Sequence* sequence : prompts) {
    if (budget <= 0) return;
    if (sequence->admission == 0) continue;
    int64_t count = std::min(sequence->remaining(), budget);
    if (first_wanted(*sequence, count) < count - 1 && !sequence->job->request.embed)
      count = std::min(count, logit_rows_max_);
    count = take_pages(*sequence, count, shares);
    if (count < 1) continue;
    shares.push_back({.sequence = sequence, .count = count, .wanted_from = first_wanted(*sequence, count)});
    budget -= count;
  }
}

// The first of `count` rows from computed on that the model is asked for.
int64_t Engine::Impl::first_wanted(const Sequence& sequence, int64_t count) const {
  const Request& request = sequence.job->request;
  if (sequence.rows_done < sequence.job->prompt_size())
    return std::clamp<int64_t>(sequence.rows_done - sequence.computed, 0, count);
  const bool draws = sequence.computed + count == sequence.size() && request.max_tokens > 0 && !request.embed;
  return draws ? count - 1 : count;
}

void Engine::Impl::guess(Share& share, int64_t budget) {
  Sequence& sequence = *share.sequence;
  if (settings_.draft_tokens == 0 || sequence.job->request.max_tokens == 0) return;
  const Job& job = *sequence.job;
  const int64_t answered = sequence.size() - job.prompt_size();
  // What is drawn at the last guess must have room too; pages are not taken from anyone for a guess.
  int64_t count = std::min({settings_.draft_tokens, sequence.draft_limit, budget,
                            job.request.max_tokens - answered - 1, max_length_ - sequence.size() - 1});
  while (sequence.computed + 1 + count > static_cast<int64_t>(sequence.pages.size()) * page_tokens_ &&
         count > 0 && model_->free_pages() > 0)
    take_page(sequence);
  count = std::min(count, static_cast<int64_t>(sequence.pages.size()) * page_tokens_ - sequence.computed - 1);
  sequence.ngrams.extend(sequence.tokens);
  const std::span<const int32_t> guessed = sequence.ngrams.guess(sequence.tokens, count);
  share.guesses = static_cast<int64_t>(guessed.size());
  sequence.fed.assign(1, sequence.tokens.back());
  sequence.fed.insert(sequence.fed.end(), guessed.begin(), guessed.end());
  stats_.drafted_tokens += share.guesses;
}

// Makes room for `tokens` more; returns for how many there is. Younger sequences that are not in the batch
// give way.
int64_t Engine::Impl::take_pages(Sequence& sequence, int64_t tokens, const Shares& shares) {
  const auto room = [&] {
    return static_cast<int64_t>(sequence.pages.size()) * page_tokens_ - sequence.computed;
  };
  while (room() < tokens) {
    if (take_page(sequence)) continue;
    Sequence* younger = youngest_behind(sequence, shares);
    if (younger == nullptr) break;
    preempt(*younger);
  }
  return std::min(tokens, room());
}

bool Engine::Impl::take_page(Sequence& sequence) {
  std::optional<int32_t> page = model_->allocate_page();
  if (!page && prefixes_.evict()) page = model_->allocate_page();
  if (page) sequence.pages.push_back(*page);
  return page.has_value();
}

Sequence* Engine::Impl::youngest_behind(const Sequence& sequence, const Shares& shares) const {
  for (auto at = running_.rbegin(); at != running_.rend() && *at != &sequence; ++at) {
    const bool planned =
        std::any_of(shares.begin(), shares.end(), [&](const Share& share) { return share.sequence == *at; });
    if (!planned) return *at;
  }
  return nullptr;
}

// Its pages are needed elsewhere: it waits at the head of its client's line, and its tokens are computed
// again, to the same bits.
void Engine::Impl::preempt(Sequence& sequence) {
  stop_running(sequence);
  give_back_pages(sequence);
  queues_.push_front(sequence.job->client, &sequence);
  ++stats_.preemptions;
}

void Engine::Impl::stop_running(Sequence& sequence) {
  if (sequence.admission == 0) return;
  sequence.admission = 0;
  std::erase(running_, &sequence);
}

// Pages that are full of computed tokens go into the prefix cache.
void Engine::Impl::publish(Sequence& sequence) {
  while ((sequence.node_pages + 1) * page_tokens_ <= sequence.computed) {
    const std::span<const int32_t> tokens(sequence.tokens.data() + sequence.node_pages * page_tokens_,
                                          static_cast<size_t>(page_tokens_));
    int32_t& page = sequence.pages[static_cast<size_t>(sequence.node_pages)];
    sequence.last_node = prefixes_.add(sequence.last_node, tokens, page);
    page = PrefixCache::page(sequence.last_node);
    ++sequence.node_pages;
  }
}

void Engine::Impl::give_back_pages(Sequence& sequence) {
  for (size_t i = static_cast<size_t>(sequence.node_pages); i < sequence.pages.size(); ++i)
    model_->release_page(sequence.pages[i]);
  prefixes_.leave(sequence.last_node);
  sequence.pages.clear();
  sequence.last_node = nullptr;
  sequence.node_pages = 0;
  sequence.computed = 0;
}

}  // namespace aurora::infer
