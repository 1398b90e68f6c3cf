// Token files for tests: token t of the flat stream of a file is t modulo 60,000 where only lengths are
// given.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "aurora/base/random.h"
#include "aurora/base/test_folder.h"
#include "aurora/dataset/stored_order.h"
#include "aurora/dataset/token_files.h"
#include "aurora/format/token_file.h"

namespace aurora::dataset {

inline Path write_documents(const Path& prefix, const std::vector<uint64_t>& lengths) {
  format::TokenFileWriter writer(prefix, 60000);
  uint64_t token = 0;
  for (uint64_t length : lengths) {
    std::vector<int32_t> document(length);
    for (int32_t& value : document) value = static_cast<int32_t>(token++ % 60000);
    writer.append(document);
  }
  writer.commit();
  return prefix;
}

// Lengths 0 .. longest, some of them several times that.
inline std::vector<uint64_t> random_lengths(uint64_t seed, size_t documents, uint64_t longest) {
  std::vector<uint64_t> lengths(documents);
  const RandomKey key = random_key(seed, Purpose::kTest);
  for (size_t i = 0; i < documents; ++i) {
    lengths[i] = random_below(2 * i, key, longest + 1);
    if (random_below(2 * i + 1, key, 20) == 0) lengths[i] *= 7;
  }
  return lengths;
}

// As its .idx has it.
inline TokenFileSource source_of(const std::string& corpus, const Path& prefix, uint64_t identity) {
  const format::TokenFile file(prefix);
  return {corpus, prefix, file.tokens(), file.documents(), identity};
}

struct WeightedFile {
  std::string name;
  double weight = 1.0;
  Path prefix;
};

// Windows of T tokens over one file per corpus, in one stage; empty files have no weight.
inline std::shared_ptr<const StoredOrder> window_order_of(const std::vector<WeightedFile>& files,
                                                          int64_t sequence_length) {
  order::OrderSpec spec;
  spec.seed = 3;
  spec.sequence_length = static_cast<uint64_t>(sequence_length);
  spec.stages.push_back({"all", 0, {}});
  std::vector<TokenFileSource> sources;
  for (const WeightedFile& file : files) {
    const TokenFileSource& source =
        sources.emplace_back(source_of(file.name, file.prefix, sources.size() + 1));
    spec.corpora.push_back({file.name, {{source.identity, source.tokens, 0, {}}}});
    spec.stages[0].weights.push_back(source.tokens > 0 ? file.weight : 0);
  }
  return std::make_shared<const StoredOrder>(order::Order(std::move(spec)),
                                             std::make_shared<const TokenFiles>(std::move(sources)));
}

}  // namespace aurora::dataset
