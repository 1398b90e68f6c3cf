// Specs and walks for the tests of this folder and its benchmark.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "aurora/base/random.h"
#include "aurora/order/order.h"

namespace aurora::order {

// Shares of the fourteen corpora of Dolma v1.7 as AuroraGPT weighted them, and their files.
struct CorpusShape {
  const char* name;
  double weight;
  size_t files;
};
inline std::vector<CorpusShape> dolma_shapes() {
  return {{"cc", 0.3540, 1107},
          {"starcoder", 0.1897, 49},
          {"falcon", 0.1764, 500},
          {"pes2o", 0.0685, 26},
          {"reddit", 0.0442, 78},
          {"c4", 0.0390, 171},
          {"arxiv", 0.0301, 100},
          {"stackexchange", 0.0263, 26},
          {"tulu", 0.0182, 66},
          {"open-web-math", 0.0174, 13},
          {"algebraic-stack", 0.0171, 16},
          {"books", 0.0072, 3},
          {"megawika", 0.0065, 262},
          {"wiki", 0.0054, 2}};
}

// One stage without end over corpora with these weights.
inline OrderSpec one_stage(std::vector<Corpus> corpora, std::vector<double> weights, uint64_t length) {
  OrderSpec spec;
  spec.seed = 7;
  spec.sequence_length = length;
  spec.block_windows = 4;
  spec.corpora = std::move(corpora);
  spec.stages = {{"main", 0, std::move(weights)}};
  return spec;
}

// 2,419 files of very different sizes in the fourteen corpora, about `tokens` in all.
inline OrderSpec many_files(double tokens, uint64_t length) {
  std::vector<Corpus> corpora;
  std::vector<double> weights;
  const RandomKey key = random_key(1, Purpose::kTest);
  uint64_t draw = 0;
  for (const CorpusShape& shape : dolma_shapes()) {
    Corpus corpus{shape.name, {}};
    std::vector<double> sizes;
    double sum = 0;
    for (size_t f = 0; f < shape.files; ++f)
      sum += sizes.emplace_back(std::exp(static_cast<double>(random_normal(draw++, key))));
    for (double size : sizes) {
      File file;
      file.identity = random_u64(draw++, key);
      file.tokens = static_cast<uint64_t>(size / sum * shape.weight * tokens) + length + 1;
      corpus.files.push_back(file);
    }
    corpora.push_back(std::move(corpus));
    weights.push_back(shape.weight);
  }
  return one_stage(std::move(corpora), std::move(weights), length);
}

// The fourteen corpora as one file each.
inline OrderSpec few_files(double tokens, uint64_t length) {
  std::vector<Corpus> corpora;
  std::vector<double> weights;
  for (const CorpusShape& shape : dolma_shapes()) {
    File file;
    file.identity = corpora.size() + 1;
    file.tokens = static_cast<uint64_t>(shape.weight * tokens);
    corpora.push_back({shape.name, {file}});
    weights.push_back(shape.weight);
  }
  return one_stage(std::move(corpora), std::move(weights), length);
}

}  // namespace aurora::order
