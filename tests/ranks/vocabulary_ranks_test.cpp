// Learning a vocabulary under mpiexec: started by tests/ranks/CMakeLists.txt on several numbers of ranks.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "aurora/base/file.h"
#include "aurora/base/random.h"
#include "aurora/comm/self.h"
#include "aurora/comm/world.h"
#include "aurora/tokenizer/tokenizer.h"
#include "aurora/vocabulary/file_texts.h"
#include "aurora/vocabulary/train.h"
#include "aurora/vocabulary/train_unigram.h"

namespace aurora::vocabulary {
namespace {

comm::Group* world = nullptr;

std::string random_words(RandomKey key, uint64_t first, uint64_t words) {
  std::string text;
  for (uint64_t i = first; i < first + words; ++i) {
    for (uint64_t bits = random_u64(i % 20'011, key) >> 44; bits > 0; bits /= 23)
      text += static_cast<char>('a' + bits % 23);
    text += i % 7 == 0 ? " \u3042\u3044" : " ";
  }
  return text;
}

// Two files for all ranks of this machine, made by rank 0: documents, and a text in several pieces.
class VocabularyRanks : public testing::Test {
 protected:
  VocabularyRanks() {
    if (world->rank() == 0) {
      std::string pattern = (std::filesystem::temp_directory_path() / "vocabulary_ranks_XXXXXX").string();
      const std::string made = mkdtemp(pattern.data());
      const RandomKey key = random_key(1, Purpose::kTest);
      std::string documents;
      for (uint64_t i = 0; i < 50; ++i)
        documents += "{\"text\": \"" + random_words(key, 100 * i, 100) + "\"}\n";
      write_file_atomic(Path(made) / "documents.jsonl", documents);
      std::string plain;
      for (uint64_t i = 0; plain.size() < (5 << 20); ++i) plain += random_words(key, 10 * i, 10) + "\n";
      write_file_atomic(Path(made) / "plain.txt", plain);
      std::copy(made.begin(), made.end(), name_);
    }
    world->broadcast(name_, sizeof name_, 0);
  }
  ~VocabularyRanks() override {
    world->barrier();
    if (world->rank() == 0) std::filesystem::remove_all(name_);
  }

  std::unique_ptr<TextSource> texts(const comm::Group& group) const {
    return file_texts({{Path(name_) / "documents.jsonl", 3}, {Path(name_) / "plain.txt", 1}}, group.rank(),
                      group.size());
  }
  static std::string said(const TrainResult& result) {
    return tokenizer::Tokenizer(result.spec).to_json() + " " + std::to_string(result.text_bytes) + " " +
           std::to_string(result.unique_words);
  }
  std::string bpe(comm::Group& group, uint64_t memory_bytes = uint64_t{1} << 30) const {
    TrainSettings settings;
    settings.vocab_size = 500;
    settings.memory_bytes = memory_bytes;
    settings.spill_folder = name_;
    Pool pool(2);
    return said(train_bpe(settings, *texts(group), pool, &group));
  }
  std::string unigram(comm::Group& group) const {
    UnigramSettings settings;
    settings.common.vocab_size = 400;
    Pool pool(2);
    return said(train_unigram(settings, *texts(group), pool, &group));
  }

  char name_[1024] = {};
};

// On every rank: all have the result.
TEST_F(VocabularyRanks, LearnTheBytePairsOfOneRank) {
  const std::string alone = bpe(*comm::self_group());
  EXPECT_EQ(bpe(*world), alone);
  EXPECT_EQ(bpe(*world, 0), alone);  // words spilled to disk
}

TEST_F(VocabularyRanks, LearnTheUnigramPiecesOfOneRank) {
  const std::string alone = unigram(*comm::self_group());
  EXPECT_EQ(unigram(*world), alone);
}

}  // namespace
}  // namespace aurora::vocabulary

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  const auto group = aurora::comm::world_group();
  aurora::vocabulary::world = group.get();
  // Only one rank speaks, but each one's failures count.
  if (group->rank() != 0) {
    auto& listeners = testing::UnitTest::GetInstance()->listeners();
    delete listeners.Release(listeners.default_result_printer());
  }
  return RUN_ALL_TESTS();
}
