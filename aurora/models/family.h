// The published families of dense decoders that Llama computes, one descriptor each; adding one touches
// kFamilies in family.cpp alone (and the shape's options, where it needs a new one).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "aurora/plan/shape.h"

namespace aurora::models {

struct Family {
  const char* model_type;    // of config.json
  const char* architecture;  // ... and the name of its class in transformers
  const char* gguf;          // general.architecture of GGUF
  // What a config.json leaves out.
  double norm_epsilon;
  int64_t head_size;  // 0: width / heads
  int64_t max_positions;
  // What the family has by its nature.
  bool qkv_bias;
  bool qk_norm;
  bool always_windowed;  // sliding_window counts without use_sliding_window
  // convert_hf_to_gguf puts the two values that a rotation turns side by side.
  bool gguf_pairs;
};

std::span<const Family> families();
const Family* find_family(std::string_view model_type);  // nullptr: not supported
const Family* find_gguf_family(std::string_view architecture);
// The first one that a model of this shape can be written as. Error when none has both its options.
const Family& family_of(const plan::ModelShape& shape);

}  // namespace aurora::models
