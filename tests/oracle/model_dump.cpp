// What gguf_oracle.py and families_oracle.py compare with gguf, llama.cpp and transformers.
//   model_dump encode TYPE FROM.f32 TO      f32 values as blocks of a type
//   model_dump decode TYPE FROM TO.f32      blocks as f32 values
//   model_dump convert MODEL gguf|safetensors TYPE TO
//   model_dump logits MODEL TO.f32 ID...    [tokens, V] in f32
//   model_dump greedy MODEL COUNT ID...     the ids that follow, one line; f32, weights as stored
//   model_dump load MODEL WEIGHTS           seconds until a model is ready, in bf16; WEIGHTS: stored, dense,
//   int8 or int4 model_dump ids MODEL                    a line of stdin as ids, one line for each
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

#include "aurora/base/error.h"
#include "aurora/infer/engine.h"
#include "aurora/infer/llama_step_model.h"
#include "aurora/infer/load_model.h"
#include "aurora/kernels/kernels.h"
#include "aurora/release/convert.h"

namespace {

using namespace aurora;

const format::BlockFormat& type_of(const std::string& name) {
  const format::BlockFormat* found = format::find_block_format(name);
  if (!found) throw UsageError("unknown type " + name, "TYPE", "");
  return *found;
}

void encode(const format::BlockFormat& type, const std::string& from, const std::string& to) {
  const std::string values = read_file(from);
  const auto count = static_cast<int64_t>(values.size() / sizeof(float));
  std::string blocks(static_cast<size_t>(type.bytes(count)), '\0');
  type.encode(reinterpret_cast<const float*>(values.data()), count / type.block_elements, blocks.data());
  write_file_atomic(to, blocks);
}

void decode(const format::BlockFormat& type, const std::string& from, const std::string& to) {
  const std::string blocks = read_file(from);
  const int64_t count = static_cast<int64_t>(blocks.size()) / type.block_bytes;
  std::string values(static_cast<size_t>(count * type.block_elements) * sizeof(float), '\0');
  type.decode(blocks.data(), count, reinterpret_cast<float*>(values.data()));
  write_file_atomic(to, values);
}

std::vector<int32_t> ids_of(char** begin, char** end) {
  std::vector<int32_t> ids;
  for (; begin != end; ++begin) ids.push_back(std::stoi(*begin));
  return ids;
}

class Stepper {
 public:
  Stepper(const std::string& path, int64_t tokens)
      : model_(infer::load_model(path, {.act = "f32"}, pool_)),
        steps_(infer::make_step_model(model_.llama, model_.weights,
                                      {.act = device::DType::kF32, .memory_bytes = size_t{1} << 28}, pool_)) {
    for (int64_t page = 0; page * steps_->page_tokens() < tokens; ++page)
      pages_.push_back(steps_->allocate_page().value());
  }
  // Of the rows from `from` on.
  std::span<const float> logits(std::span<const int32_t> tokens, int64_t begin, int64_t from) {
    const infer::SequencePiece piece{tokens, begin, pages_, from};
    return steps_->logits({&piece, 1});
  }

 private:
  Pool pool_{2};
  infer::Model model_;
  std::unique_ptr<infer::StepModel> steps_;
  std::vector<int32_t> pages_;
};

void logits(const std::string& model, const std::string& to, const std::vector<int32_t>& ids) {
  Stepper stepper(model, static_cast<int64_t>(ids.size()));
  const std::span<const float> rows = stepper.logits(ids, 0, 0);
  write_file_atomic(to, {reinterpret_cast<const char*>(rows.data()), rows.size_bytes()});
}

void greedy(const std::string& model, int64_t count, std::vector<int32_t> ids) {
  Stepper stepper(model, static_cast<int64_t>(ids.size()) + count);
  std::vector<int32_t> made;
  int64_t begin = 0;
  while (static_cast<int64_t>(made.size()) < count) {
    const std::span<const float> row = stepper.logits(ids, begin, static_cast<int64_t>(ids.size()) - 1);
    begin += static_cast<int64_t>(ids.size());
    ids = {static_cast<int32_t>(std::max_element(row.begin(), row.end()) - row.begin())};
    made.push_back(ids[0]);
  }
  fmt::print("{}\n", fmt::join(made, " "));
}

void convert(char** arguments) {
  Pool pool(2);
  const infer::OpenedModel model = infer::open_model(arguments[0]);
  const format::BlockType type = type_of(arguments[2]).type;
  if (std::string(arguments[1]) == "gguf")
    release::write_gguf_model(model, type, arguments[3], pool);
  else
    release::write_hugging_face_model(model, type, arguments[3], pool);
}

void load(const std::string& path, const std::string& weights) {
  const auto begin = std::chrono::steady_clock::now();
  Pool pool(0);
  const infer::Model model =
      infer::load_model(path, {.act = "bf16", .weights = weights == "stored" ? "" : weights}, pool);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  fmt::print("{:.2f} s, hash {}\n", seconds.count(), model.hash);
}

void print_ids(const std::string& model) {
  const infer::OpenedModel opened = infer::open_model(model);
  for (std::string line; std::getline(std::cin, line);)
    fmt::print("{}\n", fmt::join(opened.tokenizer.encode(line), " "));
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 2 ? argv[1] : "";
  try {
    if (what == "encode" && argc == 5) return encode(type_of(argv[2]), argv[3], argv[4]), 0;
    if (what == "decode" && argc == 5) return decode(type_of(argv[2]), argv[3], argv[4]), 0;
    if (what == "convert" && argc == 6) return convert(argv + 2), 0;
    if (what == "logits" && argc > 4) return logits(argv[2], argv[3], ids_of(argv + 4, argv + argc)), 0;
    if (what == "greedy" && argc > 4)
      return greedy(argv[2], std::stoll(argv[3]), ids_of(argv + 4, argv + argc)), 0;
    if (what == "load" && argc == 4) return load(argv[2], argv[3]), 0;
    if (what == "ids" && argc == 3) return print_ids(argv[2]), 0;
  } catch (const Error& error) {
    fmt::print(stderr, "{}: {}\n", error.where(), error.happened());
    return 1;
  }
  fmt::print(stderr, "usage: the head of tests/oracle/model_dump.cpp\n");
  return 2;
}
