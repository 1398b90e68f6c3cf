#include "aurora/train/pretrain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "aurora/base/error.h"
#include "aurora/base/fault.h"
#include "aurora/base/hash.h"
#include "aurora/base/random.h"
#include "aurora/base/test_folder.h"
#include "aurora/comm/self.h"
#include "aurora/comm/thread_ranks.h"
#include "aurora/dataset/collection.h"
#include "aurora/format/data_list.h"
#include "aurora/megatron/build.h"
#include "aurora/train/checkpoint.h"
#include "aurora/train/tiny_run.h"

namespace aurora::train {
namespace {

namespace fs = std::filesystem;

class PretrainTest : public testing::Test {
 protected:
  PretrainTest() {
    recipe_.model.layers = 1;
    recipe_.model.width = 32;
    recipe_.train = tiny_train();
    recipe_.train.steps = 5;
    recipe_.train.strands = 3;
    recipe_.train.leaves_per_strand = 1;
    recipe_.train.checkpoint_steps = 2;
    recipe_.train.keep_checkpoints = 3;
    tokens_.vocab_size = 60;
    tokens_.end_of_document = 59;
    tokens_.tokenizer_fingerprint = "aa";
    write_corpus("a", 40, 2.0);
    write_corpus("b", 25, 1.0);
  }

  // Documents of 30 tokens that count up from a random one.
  void write_corpus(const std::string& name, int documents, double weight) {
    format::TokenFileWriter writer(tokens_folder_ / name, 60);
    for (int d = 0; d < documents; ++d) {
      std::vector<int32_t> document;
      const auto first = random_below(static_cast<uint64_t>(d), random_key(1, Purpose::kTest), 59);
      for (uint64_t t = 0; t < 29; ++t) document.push_back(static_cast<int32_t>((first + t) % 59));
      document.push_back(59);
      writer.append(document);
    }
    writer.commit();
    const Path prefix = tokens_folder_ / name;
    const format::TokenFile file(prefix);
    const std::string bin_hash = hash_file(format::token_bin_path(prefix)).hex();
    const std::string idx_hash = hash_file(format::token_idx_path(prefix)).hex();
    tokens_.files.push_back(
        {name, prefix, file.tokens(), file.documents(), dataset::content_identity(bin_hash, idx_hash)});
    config::Corpus corpus;
    corpus.name = name;
    corpus.weight = weight;
    recipe_.corpora.push_back(corpus);
  }

  static PretrainPaths paths(const TestFolder& out) {
    return {"", out.path() / "checkpoints", out.path() / "metrics"};
  }
  PretrainResult run(const TestFolder& out) const { return run_on(out, *comm::self_group(), Pool::serial()); }
  PretrainResult run_on(const TestFolder& out, comm::Group& group, Pool& pool) const {
    const plan::StepPlan plan(recipe_.train, recipe_.stages);
    const TrainingData data = recipe_.tokens.list.empty() ? folder_data(recipe_, tokens_, plan, pool)
                                                          : listed_data(recipe_, plan, pool);
    return pretrain(recipe_, plan, data, paths(out), group, pool, Log::silent());
  }
  // In a process of its own that is killed at the `count`-th fault point. Returns whether it was.
  bool run_killed(const TestFolder& out, uint64_t count) const {
    const pid_t child = fork();
    if (child == 0) {
      arm_fault(count);
      run(out);
      _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  }

  static int64_t lines(const Path& path) {
    const std::string text = read_file(path);
    return std::count(text.begin(), text.end(), '\n');
  }
  static void flip_byte(const Path& path, uint64_t at) {
    std::string bytes = read_file(path);
    bytes[at] ^= 1;
    write_file_atomic(path, bytes);
  }

  TestFolder tokens_folder_;
  config::Recipe recipe_;
  dataset::TokensFolder tokens_;
};

TEST_F(PretrainTest, TrainsAndLeavesACheckpointAndMetrics) {
  TestFolder out;
  const PretrainResult result = run(out);
  EXPECT_EQ(result.steps, 5);
  EXPECT_EQ(result.tokens, 5u * 3 * 2 * 24);
  EXPECT_EQ(result.checkpoint.filename(), "step-00000005");
  EXPECT_EQ(read_checkpoint_state(result.checkpoint).weights_hash, result.weights_hash);
  EXPECT_EQ(result.weights_hash.size(), 32u);
  EXPECT_EQ(lines(out / "metrics" / "train.jsonl"), 5);
  EXPECT_TRUE(fs::exists(out.path() / "checkpoints" / "step-00000002"));
}

TEST_F(PretrainTest, AFinishedRunIsLeftAlone) {
  TestFolder out;
  const PretrainResult first = run(out);
  const auto written = fs::last_write_time(first.checkpoint / "model.safetensors");
  const PretrainResult second = run(out);
  EXPECT_EQ(second.weights_hash, first.weights_hash);
  EXPECT_EQ(second.loss, first.loss);
  EXPECT_EQ(fs::last_write_time(first.checkpoint / "model.safetensors"), written);
}

TEST_F(PretrainTest, KilledAnywhereAndAgainAtResumeEndsInTheSameWeights) {
  TestFolder undisturbed;
  const uint64_t before = fault_points_passed();
  const std::string hash = run(undisturbed).weights_hash;
  const uint64_t points = fault_points_passed() - before;
  ASSERT_GT(points, 10u);
  for (uint64_t trial = 0; trial < 4; ++trial) {
    const RandomKey key = random_key(trial, Purpose::kFault);
    TestFolder out;
    EXPECT_TRUE(run_killed(out, 1 + random_below(0, key, points)));
    run_killed(out, 1 + random_below(1, key, points / 2));
    const PretrainResult result = run(out);
    EXPECT_EQ(result.weights_hash, hash) << "trial " << trial;
    EXPECT_EQ(result.steps, 5);
    EXPECT_EQ(lines(out / "metrics" / "train.jsonl"), 5);
  }
}

TEST_F(PretrainTest, ADamagedNewestCheckpointCostsTheStepsSinceTheOneBefore) {
  TestFolder out;
  const PretrainResult first = run(out);
  flip_byte(first.checkpoint / "adam_v.safetensors", 5000);
  const PretrainResult second = run(out);
  EXPECT_EQ(second.weights_hash, first.weights_hash);
  EXPECT_EQ(second.steps, 5);
}

TEST_F(PretrainTest, AResumeOnOtherRanksAndThreadsEndsInTheSameWeights) {
  TestFolder undisturbed, out;
  const std::string hash = run(undisturbed).weights_hash;
  fs::create_directories(out / "checkpoints");
  fs::copy(undisturbed / "checkpoints" / "step-00000002", out / "checkpoints" / "step-00000002");
  recipe_.train.strand_order = "reverse";
  std::vector<std::string> hashes(3);
  comm::run_threads(3, [&](comm::Group& group) {
    Pool pool(2);
    const PretrainResult result = run_on(out, group, pool);
    hashes[static_cast<size_t>(group.rank())] = result.weights_hash;
  });
  EXPECT_THAT(hashes, testing::Each(hash));
}

config::TrainStage stage(const char* name, int64_t from_tokens) {
  config::TrainStage stage;
  stage.name = name;
  stage.from_tokens = from_tokens;
  return stage;
}

TEST_F(PretrainTest, ALaterStageMayChangeAndWorkBeforeItStays) {
  constexpr int64_t kStep = 3 * 2 * 24;
  recipe_.stages = {stage("anneal", 3 * kStep)};
  recipe_.stages[0].mix = {{"b", 1.0}};
  TestFolder out, fresh;
  run(out);
  recipe_.stages[0].mix = {{"a", 1.0}, {"b", 3.0}};
  const PretrainResult changed = run(out);
  EXPECT_EQ(changed.weights_hash, run(fresh).weights_hash);
  // What was trained on the other mix is kept aside, and steps 1 and 2 were not taken again.
  EXPECT_TRUE(fs::exists(out / "checkpoints.old-1" / "step-00000004"));
  EXPECT_TRUE(fs::exists(out / "checkpoints.old-1" / "step-00000005"));
  EXPECT_FALSE(fs::exists(out / "checkpoints.old-1" / "step-00000002"));
  EXPECT_EQ(lines(out / "metrics" / "train.jsonl"), 5);
}

TEST_F(PretrainTest, SkippedSamplesAfterACheckpointLeaveItInForce) {
  TestFolder out, fresh;
  const std::string before = run(out).weights_hash;
  recipe_.blend.skip = {"14..15"};  // of the third step
  const PretrainResult skipped = run(out);
  EXPECT_NE(skipped.weights_hash, before);
  EXPECT_EQ(skipped.weights_hash, run(fresh).weights_hash);
  EXPECT_TRUE(fs::exists(out / "checkpoints" / "step-00000002"));
  EXPECT_THAT(read_file(out / "metrics" / "train.jsonl"), testing::HasSubstr("\"first_sample\": 19,"));
}

TEST_F(PretrainTest, RampsChangeBatchAndLengthAndEveryLayoutAgrees) {
  constexpr int64_t kStep = 3 * 2 * 24;
  recipe_.stages = {stage("short", 0), stage("long", 2 * kStep)};
  recipe_.stages[0].sequence_length = 8;
  recipe_.stages[1].sequence_length = 24;
  recipe_.stages[1].leaves_per_strand = 2;
  TestFolder out, other, plain;
  const PretrainResult result = run(out);
  EXPECT_EQ(result.tokens, 2u * kStep + 3 * 2 * kStep);
  std::vector<std::string> hashes(2);
  comm::run_threads(2, [&](comm::Group& group) {
    Pool pool(2);
    hashes[static_cast<size_t>(group.rank())] = run_on(other, group, pool).weights_hash;
  });
  EXPECT_THAT(hashes, testing::Each(result.weights_hash));
  recipe_.stages.erase(recipe_.stages.begin());
  recipe_.stages[0].sequence_length = 0;
  EXPECT_NE(run(plain).weights_hash, result.weights_hash);
}

TEST_F(PretrainTest, EveryOrderTrains) {
  std::set<std::string> hashes;
  for (const char* order : {"windows", "blocks", "packed", "sequential"}) {
    TestFolder out;
    recipe_.blend.order = order;
    recipe_.blend.block_windows = 4;
    hashes.insert(run(out).weights_hash);
  }
  EXPECT_EQ(hashes.size(), 4u);
}

TEST_F(PretrainTest, ACollectionTrainsAsTheSameFilesOfARecipeDo) {
  TestFolder out, listed, refused;
  const std::string hash = run(out).weights_hash;
  write_file_atomic(tokens_folder_ / "list.txt", "2 a a\n1 b b\n");
  const auto entries = format::read_data_list(tokens_folder_ / "list.txt");
  const auto alone = comm::self_group();
  dataset::write_collection(tokens_folder_ / "collection.json",
                            dataset::make_collection(tokens_folder_ / "list.txt", entries, {}, {}, *alone,
                                                     Pool::serial(), Log::silent()));
  recipe_.corpora.clear();
  recipe_.tokens.list = (tokens_folder_ / "collection.json").string();
  recipe_.tokens.vocab_size = 60;
  recipe_.tokens.end_of_document = 59;
  EXPECT_EQ(run(listed).weights_hash, hash);
  recipe_.stages = {stage("later", 2 * 3 * 2 * 24)};
  recipe_.stages[0].mix = {{"c", 1.0}};
  EXPECT_THROW(run(refused), UsageError);
}

TEST_F(PretrainTest, GoesOnInTheOrderOfAMegatronCache) {
  write_file_atomic(tokens_folder_ / "list.txt", "0.7 a\n0.3 b\n");
  megatron::BuildSettings settings;
  settings.files =
      megatron::blend_files(tokens_folder_ / "list.txt", format::read_data_list(tokens_folder_ / "list.txt"));
  settings.samples = {60, 0, 0};
  settings.split = "1,0,0";
  settings.sequence_length = 24;
  settings.cache = tokens_folder_ / "cache";
  megatron::build_caches(settings, Pool::serial());

  recipe_.corpora.clear();
  recipe_.tokens = {.list = (tokens_folder_ / "list.txt").string(),
                    .vocab_size = 60,
                    .end_of_document = 59,
                    .megatron_cache = settings.cache.string()};
  TestFolder out, later, beyond;
  const PretrainResult first = run(out);
  recipe_.tokens.first_sample = 6;  // one step on
  const PretrainResult second = run(later);
  EXPECT_NE(second.weights_hash, first.weights_hash);
  const plan::StepPlan plan(recipe_.train, {});
  std::vector<order::Piece> here, there;
  listed_data(recipe_, plan, Pool::serial()).order->pieces(0, here);
  recipe_.tokens.first_sample = 0;
  listed_data(recipe_, plan, Pool::serial()).order->pieces(6, there);
  EXPECT_EQ(here, there);
  recipe_.tokens.first_sample = 31;
  EXPECT_THROW(run(beyond), Error);  // 31 + 30 samples of 60
}

TEST_F(PretrainTest, TokensOfAnotherTokenizerAreRefused) {
  TestFolder out;
  run(out);
  tokens_.tokenizer_fingerprint = "bb";
  EXPECT_THROW(run(out), Error);
}

TEST_F(PretrainTest, TroubleOnOneRankEndsAll) {
  TestFolder out;
  tokens_.vocab_size = 40;  // tokens 40..59 are outside
  EXPECT_THROW(comm::run_threads(2, [&](comm::Group& group) { run_on(out, group, Pool::serial()); }), Error);
  EXPECT_FALSE(find_checkpoint(out / "checkpoints", Log::silent()).has_value());
}

}  // namespace
}  // namespace aurora::train
