// `aurora blend show`: the documents that a sample is made of, with their text, source and licence.

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "apps/blend_sight.h"
#include "aurora/base/error.h"

namespace aurora::apps {
namespace {

using Json = nlohmann::ordered_json;

struct ShowFlags {
  OrderFlags order;
  int64_t sample = -1;
  int64_t count = 1;
  int64_t step = 0;
  std::string tokenizer;

  void declare(Arguments& arguments) {
    order.declare(arguments);
    arguments.option("--sample", sample, "number of the sample, from 0, as training counts them");
    arguments.option("--count", count, "so many samples from it on");
    arguments.option("--step", step, "all samples of this step, from 1 as metrics/train.jsonl counts them");
    arguments.option("--tokenizer", tokenizer, "with --list: tokenizer.json that decodes the tokens");
  }
};

struct Wanted {
  uint64_t begin = 0, end = 0;
};

Wanted wanted_samples(const ShowFlags& flags, const BlendOrder& run) {
  if ((flags.sample >= 0) == (flags.step > 0))
    throw UsageError("one of --sample and --step is needed", "",
                     "give --sample N (from 0) or --step S (from 1)");
  Wanted wanted;
  if (flags.step > 0) {
    const auto step = static_cast<uint64_t>(flags.step);
    if (step > run.steps())
      throw UsageError(fmt::format("the run has {} steps and step {} is asked for", run.steps(), step),
                       "--step", fmt::format("choose one from 1 to {}", run.steps()));
    wanted = {run.samples_before(step - 1), run.samples_before(step)};
  } else {
    if (flags.count < 1) throw UsageError("less than one sample is asked for", "--count", "give 1 or more");
    wanted.begin = static_cast<uint64_t>(flags.sample);
    wanted.end = wanted.begin + static_cast<uint64_t>(flags.count);
  }
  if (wanted.end > run.samples)
    throw UsageError(
        fmt::format("the run has {} samples and number {} is asked for", run.samples, wanted.end - 1),
        "--sample", fmt::format("choose one from 0 to {}", run.samples - 1));
  return wanted;
}

Json json_of(const ShownSample& sample, const BlendOrder& run) {
  Json json;
  json["sample"] = sample.number;
  json["position"] = sample.position;
  json["stage"] = sample.stage;
  json["corpus"] = sample.corpus;
  json["file"] = sample.file;
  json["epoch"] = sample.unit.epoch;
  json["block"] = sample.unit.block;
  json["slot"] = sample.unit.slot;
  json["begin"] = sample.unit.begin;
  json["length"] = run.sequence_length();
  for (const ShownPiece& piece : sample.pieces) {
    Json one = {{"corpus", sample.corpus},
                {"file", sample.file},
                {"document", piece.piece.document},
                {"begin", piece.piece.begin},
                {"length", piece.piece.length},
                {"begin_in_document", piece.begin_in_document},
                {"document_tokens", piece.document_tokens}};
    if (!piece.id.empty()) one["id"] = piece.id;
    if (piece.known) {
      one["source"] = piece.source;
      one["licence"] = piece.licence;
      one["language"] = piece.language;
    }
    if (piece.decoded)
      one["text"] = piece.text;
    else
      one["tokens"] = piece.tokens;
    json["pieces"].push_back(std::move(one));
  }
  return json;
}

void print_piece(const ShownPiece& piece, size_t index, size_t count) {
  fmt::print("--- piece {} of {}: document {}", index + 1, count, piece.piece.document);
  if (!piece.id.empty()) fmt::print(" ({})", piece.id);
  fmt::print(", tokens {}..{} of its {}, at {} of the file\n", piece.begin_in_document,
             piece.begin_in_document + piece.piece.length, piece.document_tokens, piece.piece.begin);
  if (piece.known) fmt::print("    source: {}\n    licence: {}\n", piece.source, piece.licence);
  if (piece.decoded) {
    fmt::print("{}\n", piece.text);
    return;
  }
  for (size_t i = 0; i < piece.tokens.size(); ++i)
    fmt::print("{}{}", piece.tokens[i], (i + 1) % 16 == 0 || i + 1 == piece.tokens.size() ? "\n" : " ");
}

void print_sample(const ShownSample& sample, const BlendOrder& run) {
  fmt::print("=== sample {}", sample.number);
  if (sample.position != sample.number) fmt::print(" (number {} with skipped ones)", sample.position);
  fmt::print(": corpus {}, file {}, epoch {}", sample.corpus, sample.file, sample.unit.epoch);
  if (!sample.stage.empty()) fmt::print(", stage {}", sample.stage);
  const order::Mode mode = run.order().spec().mode;
  if (mode == order::Mode::kBlocks || mode == order::Mode::kPacked)
    fmt::print(", block {}, {} {}\n", sample.unit.block, mode == order::Mode::kPacked ? "bin" : "window",
               sample.unit.slot);
  else
    fmt::print(", targets {}..{}\n", sample.unit.begin + 1, sample.unit.begin + 1 + run.sequence_length());
  for (size_t i = 0; i < sample.pieces.size(); ++i) print_piece(sample.pieces[i], i, sample.pieces.size());
}

int show(const ShowFlags& flags) {
  const BlendOrder run = open_blend_order(flags.order);
  if (!run.speaks()) return 0;
  const Wanted wanted = wanted_samples(flags, run);
  const std::vector<ShownSample> samples = shown_samples(run, wanted.begin, wanted.end, flags.tokenizer);
  if (flags.order.workspace.json) {
    Json json;
    for (const ShownSample& sample : samples) json["samples"].push_back(json_of(sample, run));
    fmt::print("{}\n", json.dump(2));
    return 0;
  }
  for (const ShownSample& sample : samples) {
    print_sample(sample, run);
    fmt::print("\n");
  }
  return 0;
}

}  // namespace

Command blend_show_command() {
  return {"show", "the documents that a sample is made of, with text, source and licence",
          [](Arguments& arguments) { return with_flags<ShowFlags>(arguments, show); }};
}

}  // namespace aurora::apps
