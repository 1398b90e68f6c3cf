#include "aurora/train/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "aurora/base/error.h"
#include "aurora/base/test_folder.h"
#include "aurora/format/manifest.h"
#include "aurora/train/tiny_run.h"

namespace aurora::train {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class CheckpointTest : public testing::Test {
 protected:
  CheckpointTest() : model_(tiny_shape()), arrays_(model_, device::DType::kBF16) {
    model_.initialise(3, arrays_.master(), Pool::serial());
    for (const device::View& view : {arrays_.moments().m, arrays_.moments().v})
      for (const models::NamedWeight& weight : model_.named_weights(view))
        for (size_t i = 0; i < weight.data.size(); ++i) weight.data[i] = static_cast<float>(i) * 1e-3f;
  }

  CheckpointState save(int64_t step, int keep = 2) {
    CheckpointState state;
    state.loop.step = step;
    state.loop.samples = static_cast<uint64_t>(step) * 20;
    state.tokenizer = "aa";
    return save_checkpoint(
        folder_.path(), {model_, arrays_.master(), arrays_.moments(), 24, 0, "[run]\n", "f1"}, state, keep);
  }

  static void flip_byte(const Path& path, uint64_t at) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(at));
    const char byte = static_cast<char>(file.get() ^ 0x20);
    file.seekp(static_cast<std::streamoff>(at));
    file.put(byte);
  }

  // The file that every flipped byte must be blamed on.
  std::string refusal(const Path& checkpoint) {
    ModelState other(model_, device::DType::kBF16);
    try {
      load_checkpoint(checkpoint, model_, other.master(), other.moments());
      return "";
    } catch (const Error& error) {
      return error.happened() + " " + error.where();
    }
  }

  TestFolder folder_;
  models::Llama model_;
  ModelState arrays_;
};

TEST_F(CheckpointTest, ComesBackBitForBit) {
  CheckpointState saved = save(7);
  EXPECT_EQ(saved.weights_hash.size(), 32u);
  std::optional<Path> found = find_checkpoint(folder_.path(), Log::silent());
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->filename(), "step-00000007");
  ModelState other(model_, device::DType::kBF16);
  EXPECT_EQ(load_checkpoint(*found, model_, other.master(), other.moments()), saved);
  auto equal = [&](const device::View& a, const device::View& b) {
    return std::equal(a.as<float>(), a.as<float>() + a.elements(), b.as<float>());
  };
  EXPECT_TRUE(equal(arrays_.master(), other.master()));
  EXPECT_TRUE(equal(arrays_.moments().m, other.moments().m));
  EXPECT_TRUE(equal(arrays_.moments().v, other.moments().v));
  TrainedModel trained = load_trained_model(*found);
  EXPECT_EQ(trained.model.shape(), tiny_shape());
  EXPECT_EQ(trained.sequence_length, 24);
  EXPECT_TRUE(equal(arrays_.master(), trained.master.flat()));
}

TEST_F(CheckpointTest, NoFolderIsNoCheckpoint) {
  EXPECT_FALSE(find_checkpoint(folder_.path() / "nothing", Log::silent()).has_value());
  EXPECT_FALSE(find_checkpoint(folder_.path(), Log::silent()).has_value());
}

TEST_F(CheckpointTest, KeepsTheNewest) {
  for (int64_t step : {1, 2, 3, 10}) save(step, 2);
  EXPECT_FALSE(fs::exists(checkpoint_path(folder_.path(), 2)));
  EXPECT_TRUE(fs::exists(checkpoint_path(folder_.path(), 3)));
  EXPECT_EQ(find_checkpoint(folder_.path(), Log::silent()), checkpoint_path(folder_.path(), 10));
}

TEST_F(CheckpointTest, OneFlippedByteAnywhereIsRefusedAndTheOneBeforeTaken) {
  save(1);
  save(2);
  const Path newest = checkpoint_path(folder_.path(), 2);
  for (const char* name : {"model.safetensors", "adam_m.safetensors", "adam_v.safetensors", "config.json",
                           "state.json", "recipe.toml"}) {
    flip_byte(newest / name, fs::file_size(newest / name) / 2);
    EXPECT_THAT(refusal(newest), HasSubstr(name));
    EXPECT_EQ(find_checkpoint(folder_.path(), Log::silent()), checkpoint_path(folder_.path(), 1)) << name;
    EXPECT_THROW(load_trained_model(newest), Error);
    flip_byte(newest / name, fs::file_size(newest / name) / 2);
  }
  EXPECT_EQ(refusal(newest), "");
}

TEST_F(CheckpointTest, AMissingOrCutFileIsRefused) {
  save(1);
  save(2);
  const Path newest = checkpoint_path(folder_.path(), 2);
  fs::resize_file(newest / "model.safetensors", 1000);
  EXPECT_THAT(refusal(newest), HasSubstr("model.safetensors"));
  fs::remove(newest / "model.safetensors");
  EXPECT_THAT(refusal(newest), HasSubstr("model.safetensors"));
}

TEST_F(CheckpointTest, WhenAllAreDamagedTheRunDoesNotSilentlyBeginAnew) {
  save(1);
  flip_byte(checkpoint_path(folder_.path(), 1) / "state.json", 5);
  try {
    find_checkpoint(folder_.path(), Log::silent());
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.happened(), HasSubstr("state.json"));
  }
}

TEST_F(CheckpointTest, ADamagedOneIsReplacedWhenItsStepComesAgain) {
  save(1);
  save(2);
  flip_byte(checkpoint_path(folder_.path(), 2) / "state.json", 5);
  save(2);
  EXPECT_EQ(refusal(checkpoint_path(folder_.path(), 2)), "");
}

TEST_F(CheckpointTest, WhatAKilledWriterOrRemoverLeftIsCleared) {
  save(1);
  fs::create_directories(folder_.path() / "step-00000002.writing");
  write_file_atomic(folder_.path() / "step-00000002.writing" / "model.safetensors", "half");
  save(3);
  fs::remove(format::manifest_path(checkpoint_path(folder_.path(), 3)));
  EXPECT_EQ(find_checkpoint(folder_.path(), Log::silent()), checkpoint_path(folder_.path(), 1));
  clear_unfinished(folder_.path());
  EXPECT_FALSE(fs::exists(folder_.path() / "step-00000002.writing"));
  EXPECT_FALSE(fs::exists(checkpoint_path(folder_.path(), 3)));
  EXPECT_TRUE(fs::exists(checkpoint_path(folder_.path(), 1)));
}

TEST_F(CheckpointTest, AnotherModelsCheckpointIsRefused) {
  save(1);
  plan::ModelShape wider = tiny_shape();
  wider.hidden = 96;
  models::Llama other(wider);
  ModelState arrays(other, device::DType::kBF16);
  EXPECT_THROW(load_checkpoint(checkpoint_path(folder_.path(), 1), other, arrays.master(), arrays.moments()),
               Error);
}

TEST_F(CheckpointTest, AFullDiskIsAnErrorAndCostsNothingThatWasThere) {
  save(1);
  ignore_file_size_signal();
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit small = before;
  small.rlim_cur = 10'000;
  setrlimit(RLIMIT_FSIZE, &small);
  EXPECT_THROW(save(2), Error);
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_EQ(find_checkpoint(folder_.path(), Log::silent()), checkpoint_path(folder_.path(), 1));
  EXPECT_EQ(refusal(checkpoint_path(folder_.path(), 1)), "");
  EXPECT_FALSE(fs::exists(folder_.path() / "step-00000002.writing"));
}

}  // namespace
}  // namespace aurora::train
