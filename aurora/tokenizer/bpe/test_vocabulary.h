// Vocabularies for the tests of BPE: made here, or a rank file that lies beside the checkout.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "aurora/tokenizer/spec.h"

namespace aurora::tokenizer {

// Every pair that joins to a token merges, with the token's id as rank: what a rank file means.
inline void add_rank_merges(Spec& spec) {
  std::unordered_map<std::string_view, int32_t> ids;
  for (size_t id = 0; id < spec.tokens.size(); ++id) ids[spec.tokens[id].text] = static_cast<int32_t>(id);
  for (int32_t id = 0; id < static_cast<int32_t>(spec.tokens.size()); ++id) {
    const std::string_view text = spec.tokens[id].text;
    for (size_t at = 1; at < text.size(); ++at) {
      const auto left = ids.find(text.substr(0, at));
      const auto right = ids.find(text.substr(at));
      if (left == ids.end() || right == ids.end()) continue;
      spec.merges.push_back({left->second, right->second, id, static_cast<uint32_t>(id)});
    }
  }
}

inline std::string base64_bytes(std::string_view text) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  uint32_t bits = 0;
  int count = 0;
  for (char digit : text) {
    if (digit == '=') break;
    bits = bits << 6 | static_cast<uint32_t>(kDigits.find(digit));
    count += 6;
    if (count >= 8) bytes += static_cast<char>(bits >> (count -= 8));
  }
  return bytes;
}

// NAME.tiktoken of ../shared/data/tokenizer beside the checkout, from wherever the test runs; without tokens
// when it is absent.
inline Spec shared_rank_file(const std::string& name) {
  Spec spec;
  spec.whole_words = true;
  std::filesystem::path folder = std::filesystem::current_path();
  for (int up = 0; up < 6; ++up, folder = folder.parent_path()) {
    std::ifstream list(folder / "shared/data/tokenizer" / (name + ".tiktoken"));
    std::string bytes;
    size_t rank = 0;
    while (list >> bytes >> rank) {
      if (spec.tokens.size() <= rank) spec.tokens.resize(rank + 1, {"", 0, TokenKind::kHole});
      spec.tokens[rank] = {base64_bytes(bytes), 0, TokenKind::kNormal};
    }
    if (!spec.tokens.empty()) break;
  }
  add_rank_merges(spec);
  return spec;
}

}  // namespace aurora::tokenizer
