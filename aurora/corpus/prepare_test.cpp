#include "aurora/corpus/prepare.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "aurora/base/error.h"
#include "aurora/base/file.h"
#include "aurora/base/random.h"
#include "aurora/base/stream.h"
#include "aurora/base/test_folder.h"
#include "aurora/corpus/inputs.h"
#include "aurora/format/document.h"

namespace aurora::corpus {
namespace {

namespace fs = std::filesystem;

// Unlike write_file_atomic, without waiting for the disk.
void write_input(const Path& path, const std::string& bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

// English prose that no filter minds, different for every seed.
std::string prose(uint64_t seed, int sentences = 12) {
  static const char* const kSubjects[] = {"The detector",   "A measurement", "The early model",
                                          "Our catalogue",  "The telescope", "Every sample",
                                          "The second run", "That catalyst"};
  static const char* const kVerbs[] = {
      "was compared with",   "depends on",    "has been fitted to", "agrees with",
      "differs little from", "was built for", "is explained by",    "confirms"};
  static const char* const kObjects[] = {
      "the cold spectrum", "several older surveys", "a simple theory of heat", "the measured flux",
      "data of that year", "the second harmonic",   "many weak lines",         "the pressure of gas"};
  static const char* const kEnds[] = {
      "at low energy", "to within a percent", "in most laboratories", "and of the noise",
      "near the pole", "with care",           "after calibration",    "by chance"};
  const RandomKey key = random_key(seed, Purpose::kTest);
  std::string text;
  for (int i = 0; i < sentences; ++i) {
    const uint64_t draw = random_u64(static_cast<uint64_t>(i), key);
    text += fmt::format("{} {} {} {}, as figure {} of note {} shows.{}", kSubjects[draw & 7],
                        kVerbs[draw >> 3 & 7], kObjects[draw >> 6 & 7], kEnds[draw >> 9 & 7],
                        draw >> 12 & 0xFFFF, draw >> 28 & 0xFFFF, i % 4 == 3 ? "\n\n" : " ");
  }
  return text;
}

std::string json_line(const std::string& text) {
  std::string escaped;
  for (const char c : text) escaped += c == '\n' ? std::string("\\n") : std::string(1, c);
  return "{\"text\":\"" + escaped + "\"}\n";
}

config::Corpus corpus_at(const std::string& name, const std::vector<std::string>& paths) {
  config::Corpus corpus;
  corpus.name = name;
  corpus.paths = paths;
  corpus.licence = "CC0-1.0";
  return corpus;
}

struct Outcome {
  std::vector<format::Document> kept;
  std::map<std::string, std::vector<format::Document>> rejected;  // by reason

  size_t rejected_for(const std::string& reason) const {
    const auto found = rejected.find(reason);
    return found == rejected.end() ? 0 : found->second.size();
  }
};

Outcome read_outcome(const Path& folder) {
  Outcome outcome;
  format::Document document;
  for (format::DocumentReader reader(folder); reader.next(document);) outcome.kept.push_back(document);
  for (format::DocumentReader reader(folder / "rejected"); reader.next(document);) {
    outcome.rejected[reader.reason()].push_back(document);
  }
  return outcome;
}

// All files below a folder by name, as bytes.
std::map<std::string, std::string> bytes_below(const Path& folder) {
  std::map<std::string, std::string> files;
  for (const Path& path : list_files(folder))
    files[path.lexically_relative(folder).string()] = read_file(path);
  return files;
}

class PrepareTest : public ::testing::Test {
 protected:
  void write(const std::string& name, const std::string& bytes) { write_input(temporary_ / name, bytes); }
  Path in() const { return temporary_ / "in"; }
  Outcome run(const config::Recipe& recipe, const PrepareLimits& limits = {}) {
    summary_ = prepare(recipe, temporary_ / "out", Pool::serial(), Log::silent(), limits);
    return read_outcome(temporary_ / "out");
  }

  TestFolder temporary_;
  PrepareSummary summary_;
};

TEST_F(PrepareTest, KeepsGoodDocumentsWithTheirOrigin) {
  write("in/deep/a.txt", "\xEF\xBB\xBF" + prose(1) + "\r\n");
  config::Recipe recipe;
  recipe.corpora = {corpus_at("notes", {in()})};
  const Outcome outcome = run(recipe);
  ASSERT_EQ(outcome.kept.size(), 1u);
  const format::Document& document = outcome.kept[0];
  EXPECT_EQ(document.source, "deep/a.txt");
  EXPECT_EQ(document.corpus, "notes");
  EXPECT_EQ(document.language, "en");
  EXPECT_EQ(document.licence, "CC0-1.0");
  EXPECT_EQ(document.id, format::document_id("notes", "deep/a.txt", document.text));
  EXPECT_TRUE(document.text.starts_with("T") || document.text.starts_with("A") ||
              document.text.starts_with("O") || document.text.starts_with("E"));
  EXPECT_TRUE(document.text.ends_with("."));
  EXPECT_EQ(outcome.rejected.size(), 0u);
}

TEST_F(PrepareTest, EveryDocumentHasOneOutcome) {
  write("in/1.txt", prose(1));
  write("in/2.txt", prose(2));
  write("in/3.txt", "  " + prose(1) + "\n\n\n");    // exact duplicate of 1
  write("in/4.txt", prose(2) + "The end is new.");  // near duplicate of 2
  write("in/5.txt", "This text is in English, and it is far too short to keep.");
  write("in/6.txt", std::string(3, '\n'));
  write("in/7.txt", "");
  write("in/8.txt",
        "Ein Gas wird wärmer, wenn man es zusammendrückt; das wusste man schon lange vor jeder Theorie.");
  write("in/9.txt", prose(9, 400));
  write("in/x.txt", "0 1 1 2 3 5 8 13 21 34 55 89");
  config::Recipe recipe;
  recipe.prepare.languages = {"en"};
  recipe.prepare.max_document_bytes = 20'000;
  recipe.corpora = {corpus_at("notes", {in()})};
  const Outcome outcome = run(recipe);

  ASSERT_EQ(outcome.kept.size(), 2u);
  EXPECT_EQ(outcome.kept[0].source, "1.txt");
  EXPECT_EQ(outcome.kept[1].source, "2.txt");
  ASSERT_EQ(outcome.rejected_for("exact_duplicate"), 1u);
  EXPECT_EQ(*find_attribute(outcome.rejected.at("exact_duplicate")[0], "duplicate_of"), outcome.kept[0].id);
  ASSERT_EQ(outcome.rejected_for("near_duplicate"), 1u);
  EXPECT_EQ(*find_attribute(outcome.rejected.at("near_duplicate")[0], "duplicate_of"), outcome.kept[1].id);
  EXPECT_EQ(outcome.rejected_for("too_few_words"), 1u);
  EXPECT_EQ(outcome.rejected_for("empty"), 2u);
  EXPECT_EQ(outcome.rejected_for("other_language"), 1u);
  EXPECT_EQ(outcome.rejected_for("unknown_language"), 1u);
  ASSERT_EQ(outcome.rejected_for("document_too_large"), 1u);
  const format::Document& large = outcome.rejected.at("document_too_large")[0];
  EXPECT_EQ(large.text.size(), 4096u);
  EXPECT_GT(std::stoi(*find_attribute(large, "text_bytes")), 40'000);

  EXPECT_EQ(summary_.kept().documents, 2);
  EXPECT_EQ(summary_.dropped().documents, 8);
  EXPECT_EQ((summary_.counts.at({"notes", "de", "other_language"}).documents), 1);
  ASSERT_EQ(summary_.files.size(), 1u);
  EXPECT_EQ(summary_.files[0].files, 10);
  const std::string table = read_file(temporary_ / "out/summary.txt");
  for (const char* word : {"notes", "near_duplicate", "too_few_words", " de ", " en "}) {
    EXPECT_NE(table.find(word), std::string::npos) << word << "\n" << table;
  }
  EXPECT_NE(read_file(temporary_ / "out/summary.json").find("\"near_duplicate\""), std::string::npos);
}

TEST_F(PrepareTest, SwitchesTurnStepsOff) {
  write("in/1.txt", prose(1));
  write("in/2.txt", prose(1) + "More.");
  write("in/3.txt", "Too short.");
  write("in/4.txt", "Too short.");
  config::Recipe recipe;
  recipe.corpora = {corpus_at("notes", {in()})};
  recipe.corpora[0].language = "en";
  recipe.prepare.filters = false;
  recipe.prepare.exact_duplicates = false;
  recipe.prepare.near_duplicates = false;
  EXPECT_EQ(run(recipe).kept.size(), 4u);
}

TEST_F(PrepareTest, FormalTextAndSequencesSurviveInTheirProfiles) {
  write("in/f/a.txt", "ax-mp $a |- ps $.\nmin $e |- ph $.\nmaj $e |- ( ph -> ps ) $.\n");
  write("in/s/a.txt",
        "ACGTTGCATGCATGCAAGTCAGTCGATCGATTTAGGCATCGA\nACGACTAGCTAGCATCGATCGATGCTAGCTAGCTAGCATCGG\n");
  config::Recipe recipe;
  recipe.corpora = {corpus_at("formal", {in() / "f"}), corpus_at("dna", {in() / "s"})};
  recipe.corpora[0].profile = "formal";
  recipe.corpora[0].language = "none";
  recipe.corpora[0].format = "text";
  recipe.corpora[1].profile = "sequence";
  recipe.corpora[1].format = "text";
  const Outcome outcome = run(recipe);
  ASSERT_EQ(outcome.kept.size(), 2u);
  EXPECT_EQ(outcome.kept[0].language, "none");
  EXPECT_EQ(outcome.kept[1].language, "none");
}

TEST_F(PrepareTest, MaxBytesStopsACorpusWhateverTheWindows) {
  for (int i = 0; i < 20; ++i) write(fmt::format("in/{:02}.txt", i), prose(static_cast<uint64_t>(100 + i)));
  config::Recipe recipe;
  recipe.corpora = {corpus_at("notes", {in()})};
  recipe.corpora[0].max_bytes = 4000;  // each is somewhat over 1,000
  const Outcome wide = run(recipe);
  const auto bytes = bytes_below(temporary_ / "out");
  EXPECT_LE(wide.kept.size(), 4u);
  EXPECT_GE(wide.kept.size(), 3u);
  EXPECT_EQ(summary_.files[0].files_unread, 20 - static_cast<int64_t>(wide.kept.size()));
  PrepareLimits narrow;
  narrow.window_files = 2;
  run(recipe, narrow);
  EXPECT_EQ(bytes_below(temporary_ / "out"), bytes);
}

// A mixture of small files, a large JSONL file, duplicates, bad lines and bad files.
config::Recipe mixed_recipe(const Path& in) {
  for (uint64_t i = 0; i < 60; ++i) write_input(in / fmt::format("a/{:03}.txt", i), prose(i % 40));
  std::string lines;
  for (uint64_t i = 0; i < 300; ++i) {
    lines += i % 17 == 0 ? "{\"text\":\n"
                         : json_line(prose(i % 5 == 0 ? i : i + 1000, 8 + static_cast<int>(i % 7)));
  }
  write_input(in / "b/lines.jsonl", lines);
  write_input(in / "b/more.jsonl", json_line(prose(3)) + json_line("short"));
  config::Recipe recipe;
  recipe.corpora = {corpus_at("files", {in / "a"}), corpus_at("lines", {(in / "b/*.jsonl").string()})};
  recipe.prepare.part_bytes = 70'000;
  return recipe;
}

TEST_F(PrepareTest, BytesDoNotDependOnThreadsOrMemory) {
  const config::Recipe recipe = mixed_recipe(in());
  const Outcome outcome = run(recipe);
  EXPECT_GT(outcome.kept.size(), 200u);
  EXPECT_GT(outcome.rejected_for("exact_duplicate"), 15u);
  EXPECT_EQ(outcome.rejected_for("malformed_json"), 18u);
  const auto bytes = bytes_below(temporary_ / "out");
  EXPECT_GE(bytes.size(), 6u);

  PrepareLimits tight;
  tight.window_bytes = 5'000;
  tight.large_file_bytes = 10'000;
  tight.batch_bytes = 7'000;
  tight.queue_bytes = 50'000;
  for (const auto& [threads, limits] : {std::pair{1, tight}, {2, PrepareLimits{}}, {5, tight}}) {
    Pool pool(threads);
    const Path out = temporary_ / fmt::format("out-{}", threads);
    prepare(recipe, out, pool, Log::silent(), limits);
    EXPECT_EQ(bytes_below(out), bytes) << threads << " threads";
  }
}

TEST_F(PrepareTest, BytesDoNotDependOnWhereTheFilesLie) {
  run(mixed_recipe(in()));
  const auto bytes = bytes_below(temporary_ / "out");
  run(mixed_recipe(temporary_ / "another/deeper folder"));
  EXPECT_EQ(bytes_below(temporary_ / "out"), bytes);
}

TEST_F(PrepareTest, HostileFilesCostOnlyThemselves) {
  write("in/a.txt", prose(1));
  write("in/binary.txt", std::string("\x7F"
                                     "ELF\0\0\0\1\2\3",
                                     10) +
                             std::string(5000, '\0'));
  write("in/broken.txt.gz", gzip_compress(prose(2, 100), 6).substr(0, 500));
  write("in/bytes.txt", std::string(3000, '\xFE'));
  write("in/one_line.txt", std::string(3'000'000, 'x'));
  write("in/no_text.txt", "\xEF\xBB\xBF \n");
  write("in/lines.jsonl", "{\"text\":\"x\n[1,2\nnull\n{\"text\":7}\n" + json_line(prose(3)) + "\xFF\xFE\n");
  fs::create_directory_symlink(in(), in() / "loop");
  fs::create_symlink(in() / "gone", in() / "dangling");
  write("in/z.txt", prose(4));
  config::Recipe recipe;
  recipe.corpora = {corpus_at("hostile", {in()})};
  const Outcome outcome = run(recipe);
  ASSERT_EQ(outcome.kept.size(), 3u);
  EXPECT_EQ(outcome.kept[0].source, "a.txt");
  EXPECT_TRUE(outcome.kept[1].source.starts_with("lines.jsonl#")) << outcome.kept[1].source;
  EXPECT_EQ(outcome.kept[2].source, "z.txt");
  std::map<std::string, int> outcomes;
  for (const auto& [reason, documents] : outcome.rejected) {
    for (const format::Document& document : documents)
      ++outcomes[document.source.substr(0, document.source.find('#'))];
  }
  for (const char* name :
       {"binary.txt", "broken.txt.gz", "bytes.txt", "one_line.txt", "no_text.txt", "lines.jsonl"}) {
    EXPECT_GE(outcomes[name], 1) << name;
  }
}

TEST_F(PrepareTest, NothingToReadIsAnError) {
  config::Recipe recipe;
  recipe.corpora = {corpus_at("notes", {(temporary_ / "nowhere/*.txt").string()})};
  EXPECT_THROW(run(recipe), Error);
}

TEST(Inputs, DigestFollowsContentAndNamesButNotPlace) {
  TestFolder temporary;
  const auto digest = [&](const std::string& folder) {
    config::Recipe recipe;
    recipe.corpora = {corpus_at("notes", {temporary / folder})};
    return digest_inputs(recipe, Pool::serial())[0];
  };
  write_input(temporary / "a/x.txt", "one");
  write_input(temporary / "b/x.txt", "one");
  write_input(temporary / "c/x.txt", "two");
  write_input(temporary / "d/y.txt", "one");
  EXPECT_EQ(digest("a").hash, digest("b").hash);
  EXPECT_NE(digest("a").hash, digest("c").hash);
  EXPECT_NE(digest("a").hash, digest("d").hash);
  EXPECT_EQ(digest("a").files, 1u);
  EXPECT_EQ(digest("a").bytes, 3u);
}

TEST(Inputs, SourcesAreRelativeToWhatTheRecipeNames) {
  TestFolder temporary;
  write_input(temporary / "man/fr/man1/ls.1", "x");
  write_input(temporary / "man/de/man1/ls.1", "x");
  const auto sources = [&](const std::vector<std::string>& paths) {
    std::vector<std::string> found;
    for (const InputFile& file : find_inputs(corpus_at("man", paths)).files) found.push_back(file.source);
    return found;
  };
  const std::string root = (temporary / "man").string();
  EXPECT_EQ(sources({root}), (std::vector<std::string>{"de/man1/ls.1", "fr/man1/ls.1"}));
  EXPECT_EQ(sources({root + "/"}), (std::vector<std::string>{"de/man1/ls.1", "fr/man1/ls.1"}));
  EXPECT_EQ(sources({root + "/fr"}), (std::vector<std::string>{"man1/ls.1"}));
  EXPECT_EQ(sources({root + "/*/man1"}), (std::vector<std::string>{"de/man1/ls.1", "fr/man1/ls.1"}));
  EXPECT_EQ(sources({root + "/fr/man1/ls.1"}), (std::vector<std::string>{"ls.1"}));
  EXPECT_EQ(sources({root + "/fr", root}), (std::vector<std::string>{"man1/ls.1", "de/man1/ls.1"}));
}

}  // namespace
}  // namespace aurora::corpus
