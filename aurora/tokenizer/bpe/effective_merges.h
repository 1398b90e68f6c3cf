// Which merges a text can ever meet.
//
// As long as no merge crosses its ends, a stretch of a word merges exactly as it would alone: of what lies
// inside, the lowest rank is next, the leftmost of several. So the last merge that makes a token is always
// the one that makes it of its own characters alone, and every other pair that joins to it never stands side
// by side. Files of rules by token (tiktoken's ranks, SentencePiece's scores) thus need one pair a token.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "aurora/tokenizer/spec.h"

namespace aurora::tokenizer {

// The merges of the Spec that some text meets, by rank; at most one a token. Error when two of them have one
// rank. kBpe only.
std::vector<MergeRule> effective_merges(const Spec& spec);
bool has_distinct_ranks(const Spec& spec);

// The effective merges where any two tokens merge whose texts join to a token of `rank_of_token`, with its
// rank (no rank: kNoRank; it takes no part). Ranks of the result are 0, 1 ... in order, equal where they were
// equal. Needs tokens, kinds and byte_level of the Spec; about a microsecond a token.
inline constexpr uint32_t kNoRank = 0xffffffff;
std::vector<MergeRule> merges_of_ranks(const Spec& spec, std::span<const uint32_t> rank_of_token);

}  // namespace aurora::tokenizer
