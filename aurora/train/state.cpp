#include "aurora/train/state.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "aurora/base/error.h"
#include "aurora/base/hash.h"

namespace aurora::train {

void TrainState::remember(double step_loss) {
  loss = step_loss;
  if (recent_losses.size() == kLossWindow) recent_losses.erase(recent_losses.begin());
  recent_losses.push_back(step_loss);
}

std::string past_of_run(const config::Recipe& recipe, const plan::StepPlan& plan, const TrainState& state) {
  const config::SampleRanges skipped = config::skipped_samples(recipe.blend.skip, "blend.skip");
  const uint64_t position = state.samples == 0 ? 0 : config::sample_position(state.samples - 1, skipped) + 1;
  const config::Recipe past = config::past_of(recipe, static_cast<int64_t>(state.tokens), position);
  return xxh3_128(fmt::format("{}steps = {}\n", config::fingerprint_text(past, config::Stage::kPretrain),
                              plan.steps()))
      .hex();
}

std::string to_json(const CheckpointState& state) {
  nlohmann::ordered_json json;
  json["step"] = state.loop.step;
  json["samples"] = state.loop.samples;
  json["tokens"] = state.loop.tokens;
  json["loss"] = state.loop.loss;
  json["recent_losses"] = state.loop.recent_losses;
  json["weights_hash"] = state.weights_hash;
  json["tokenizer"] = state.tokenizer;
  json["numerics"] = state.numerics;
  json["past"] = state.past;
  return json.dump(1) + "\n";
}

CheckpointState parse_state(const std::string& text, const std::string& where) {
  CheckpointState state;
  try {
    auto json = nlohmann::json::parse(text);
    json.at("step").get_to(state.loop.step);
    json.at("samples").get_to(state.loop.samples);
    json.at("tokens").get_to(state.loop.tokens);
    json.at("loss").get_to(state.loop.loss);
    json.at("recent_losses").get_to(state.loop.recent_losses);
    json.at("weights_hash").get_to(state.weights_hash);
    json.at("tokenizer").get_to(state.tokenizer);
    json.at("numerics").get_to(state.numerics);
    json.at("past").get_to(state.past);
  } catch (const nlohmann::json::exception& error) {
    throw Error(fmt::format("not the state of a training run ({})", error.what()), where,
                "resume from an older checkpoint");
  }
  if (state.loop.step < 0 || state.loop.recent_losses.size() > TrainState::kLossWindow)
    throw Error("the state of the training run contradicts itself", where, "resume from an older checkpoint");
  return state;
}

void check_step(const TrainState& state, double loss, double gradient_norm, const config::Train& train) {
  const std::string where = fmt::format("step {}", state.step + 1);
  if (!std::isfinite(loss) || !std::isfinite(gradient_norm))
    throw Error(
        fmt::format("training has diverged: loss {}, gradient norm {}", loss, gradient_norm), where,
        "lower train.learning_rate or lengthen train.warmup_steps, and resume: the last checkpoint is "
        "untouched");
  constexpr size_t kFewest = 16;
  if (train.spike_sigma <= 0 || state.recent_losses.size() < kFewest) return;
  const auto count = static_cast<double>(state.recent_losses.size());
  double mean = 0;
  for (double value : state.recent_losses) mean += value / count;
  double variance = 0;
  for (double value : state.recent_losses) variance += (value - mean) * (value - mean) / count;
  const double limit = mean + train.spike_sigma * std::sqrt(variance);
  if (loss <= limit) return;
  throw Error(
      fmt::format("loss spike: {:.4f}, while the last {} steps had {:.4f} +- {:.4f}", loss,
                  state.recent_losses.size(), mean, std::sqrt(variance)),
      where,
      "look at the data of this step, lower train.learning_rate, or raise train.spike_sigma (0 = off), "
      "and resume: the last checkpoint is untouched");
}

}  // namespace aurora::train
