#include "aurora/dataset/collection_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "aurora/base/error.h"
#include "aurora/dataset/collection_place.h"
#include "aurora/dataset/collection_testing.h"

namespace aurora::dataset {
namespace {

// The worked example of docs/formats/collection.md.
constexpr const char* kExample =
    R"({
"format": "aurora-collection",
"version": 1,
"identity": "92c879689ca2024e355a55c24567f8ee",
"tokens": 8,
"files": [
{"prefix":"data/a","corpus":"m","licence":"CC0-1.0","tokenizer":"","weight":0.5,"type":"u16","tokens":8,"sequences":3,"documents":3,"bin_bytes":16,"idx_bytes":102,"bin_xxh3_128":"810ded44e650866f8a5a9b6190cd3e8b","idx_xxh3_128":"1c0fe37799597c5920988b680afa94e4","packed":[{"sequence_length":4,"block_windows":1,"bins":[2,0]}]}
]
}
)";

CollectionFile example_file() {
  CollectionFile file;
  file.prefix = "data/a";
  file.corpus = "m";
  file.licence = "CC0-1.0";
  file.weight = 0.5;
  file.tokens = 8;
  file.sequences = file.documents = 3;
  file.bin_bytes = 16;
  file.idx_bytes = 102;
  file.bin_hash = "810ded44e650866f8a5a9b6190cd3e8b";
  file.idx_hash = "1c0fe37799597c5920988b680afa94e4";
  file.packed = {{4, 1, {2, 0}}};
  return file;
}

std::string example_text() {
  return print_collection({{example_file()}, {}, {}});
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

// what | where
std::string refusal(const std::string& text) {
  try {
    parse_collection(text, "c.json");
  } catch (const Error& error) {
    return error.happened() + " | " + error.where();
  }
  return "accepted";
}

TEST(CollectionJson, IsAsTheFormatSays) {
  EXPECT_EQ(example_text(), kExample);
}

TEST(CollectionJson, IsWhatTheExamplesFilesGive) {
  SmallCollection small;
  write_old_file(small.list(), "0.5 data/a m\n");
  CollectionSettings settings;
  settings.licence = "CC0-1.0";
  settings.pack_sequence_length = 4;
  settings.pack_block_windows = 1;
  EXPECT_EQ(print_collection(make_from(small.list(), settings)), kExample);
}

TEST(CollectionJson, ComesBackAsItWas) {
  Collection collection{{example_file()}, {}, {}};
  collection.files.push_back(collection.files[0]);
  collection.files[1].prefix = "x/\"y\"/\xc3\xa9";
  collection.files[1].weight = 0.1 + 0.2;
  collection.files[1].tokenizer = "two\nlines";
  collection.files[1].packed.clear();
  const Collection back = parse_collection(print_collection(collection), "c.json");
  EXPECT_EQ(back.files, collection.files);
  EXPECT_EQ(print_collection(back), print_collection(collection));
  EXPECT_TRUE(parse_collection(print_collection({}), "c.json").files.empty());
}

TEST(CollectionJson, RefusesEachMissingKeyByName) {
  for (const char* key : {"prefix", "corpus", "licence", "tokenizer", "weight", "type", "tokens", "sequences",
                          "documents", "bin_bytes", "idx_bytes", "bin_xxh3_128", "idx_xxh3_128", "packed",
                          "sequence_length", "block_windows", "bins"}) {
    const std::string quoted = std::string("\"") + key + "\":";
    const std::string text = replaced(example_text(), quoted, "\"gone\":");
    EXPECT_THAT(refusal(text), testing::StartsWith(std::string("key \"") + key + "\" is missing | c.json"));
  }
  for (const char* key : {"format", "version", "identity", "tokens", "files"}) {
    const std::string quoted = std::string("\"") + key + "\": ";
    EXPECT_THAT(refusal(replaced(example_text(), quoted, "\"gone\": ")),
                testing::StartsWith(std::string("key \"") + key + "\" is missing | c.json"));
  }
}

TEST(CollectionJson, RefusesUnknownKeys) {
  EXPECT_EQ(refusal(replaced(example_text(), "\"prefix\":", "\"new\":1,\"prefix\":")),
            "15 keys instead of 14 | c.json files[0]");
  EXPECT_EQ(refusal(replaced(example_text(), "\"bins\":", "\"new\":1,\"bins\":")),
            "unknown keys in \"packed\" | c.json files[0]");
  EXPECT_EQ(refusal(replaced(example_text(), "\"files\":", "\"new\":1,\"files\":")),
            "unknown keys beside format, version, identity, tokens, files | c.json");
}

struct Change {
  const char *from, *to, *refusal;
};

TEST(CollectionJson, RefusesValuesThatAreWrongInThemselves) {
  const std::string text = example_text();
  for (const Change& change : std::initializer_list<Change>{
           {"\"aurora-collection\"", "\"x\"", "not the manifest of a collection of token files | c.json"},
           {"\"version\": 1", "\"version\": 2", "collection version 2, this program reads 1 | c.json"},
           {"\"data/a\"", "\"\"", "key \"prefix\" names no file | c.json files[0]"},
           {"\"data/a\"", "\"data/\"", "key \"prefix\" names no file | c.json files[0]"},
           {"\"data/a\"", "\"a\\u0000b\"", "key \"prefix\" names no file | c.json files[0]"},
           {"\"data/a\"", "7", "key \"prefix\" is no string | c.json files[0]"},
           {"\"m\"", "\"\"", "key \"corpus\" is empty | c.json files[0]"},
           {"0.5", "-0.5", "key \"weight\" is no finite number >= 0 | c.json files[0]"},
           {"0.5", "\"0.5\"", "key \"weight\" is no number | c.json files[0]"},
           {"\"u16\"", "\"u17\"", "key \"type\" names no token type: \"u17\" | c.json files[0]"},
           {"\"u16\"", "\"\"", "key \"type\" names no token type: \"\" | c.json files[0]"},
           {"\"tokens\":8", "\"tokens\":-8", "key \"tokens\" is no whole number | c.json files[0]"},
           {"\"tokens\":8", "\"tokens\":8.0", "key \"tokens\" is no whole number | c.json files[0]"},
           {"\"bin_xxh3_128\":\"", "\"bin_xxh3_128\":\"0",
            "key \"bin_xxh3_128\" is no hash of 32 lower-case hex digits | c.json files[0]"},
           {"\"sequence_length\":4", "\"sequence_length\":0",
            "key \"sequence_length\" is not in [1, 2^63) | c.json files[0]"},
           {"[2,0]", "[2,-1]",
            "key \"bins\" has an item that is no whole number below 2^32 | c.json files[0]"},
           {"[2,0]", "[2,4294967296]",
            "key \"bins\" has an item that is no whole number below 2^32 | c.json files[0]"}}) {
    EXPECT_EQ(refusal(replaced(text, change.from, change.to)), change.refusal);
  }
}

TEST(CollectionJson, RefusesNumbersThatContradictEachOther) {
  const std::string text = example_text();
  for (const Change& change : std::initializer_list<Change>{
           {"\"bin_bytes\":16", "\"bin_bytes\":18",
            "8 tokens of u16 do not make \"bin_bytes\" 18 | c.json files[0]"},
           {"\"bin_bytes\":16", "\"bin_bytes\":17",
            "8 tokens of u16 do not make \"bin_bytes\" 17 | c.json files[0]"},
           {"\"documents\":3", "\"documents\":2",
            "3 sequences and 2 documents do not make \"idx_bytes\" 102 | c.json files[0]"},
           {"\"sequences\":3", "\"sequences\":18446744073709551615",
            "18446744073709551615 sequences and 3 documents do not make \"idx_bytes\" 102 | c.json files[0]"},
           {"\"sequences\":3,\"documents\":3,\"bin_bytes\":16,\"idx_bytes\":102",
            "\"sequences\":3,\"documents\":0,\"bin_bytes\":16,\"idx_bytes\":78",
            "3 sequences in no document | c.json files[0]"},
           {"\"sequences\":3,\"documents\":3,\"bin_bytes\":16,\"idx_bytes\":102",
            "\"sequences\":0,\"documents\":0,\"bin_bytes\":16,\"idx_bytes\":42",
            "8 tokens in 0 sequences of less than 2^31 | c.json files[0]"},
           {"[2,0]", "[2,1,0]", "key \"bins\" has 3 blocks, 8 tokens make 2 | c.json files[0]"},
           {"[2,0]", "[8,1]", "key \"bins\" has 9 bins of at most 4 for 8 tokens | c.json files[0]"},
           {"[2,0]", "[1,0]", "key \"bins\" has 1 bins of at most 4 for 8 tokens | c.json files[0]"},
           {"[2,0]}", "[2,0]},{\"sequence_length\":4,\"block_windows\":1,\"bins\":[2,0]}",
            "key \"packed\" has the same packing twice | c.json files[0]"},
           {"\"tokens\": 8", "\"tokens\": 9", "key \"tokens\" is 9, its files have 8 | c.json"},
           {"\"m\"", "\"n\"",
            "key \"identity\" is not that of its files: a value was changed by hand or by a fault | "
            "c.json"}}) {
    EXPECT_EQ(refusal(replaced(text, change.from, change.to)), change.refusal);
  }
}

TEST(CollectionJson, TakesTheIndexOfAMultimodalFile) {
  CollectionFile file = example_file();
  file.idx_bytes += file.sequences;
  EXPECT_EQ(parse_collection(print_collection({{file}, {}, {}}), "c").files[0], file);
}

TEST(CollectionJson, RefusesAPathThatCannotBeWritten) {
  CollectionFile file = example_file();
  file.prefix = "a\xff";
  EXPECT_THROW(print_collection({{file}, {}, {}}), Error);
}

// --- places ----------------------------------------------------------------------------------------------

TEST(CollectionPlace, IsSeenFromTheManifestsFolder) {
  EXPECT_EQ(moved_prefix("a/b", "/x/lists", "/x/lists"), "a/b");
  EXPECT_EQ(moved_prefix("../data/b", "/x/lists", "/x"), "data/b");
  EXPECT_EQ(moved_prefix("./b", "/x/lists", "/x/out/deep"), "../../lists/b");
  EXPECT_EQ(moved_prefix("b", "/x", "/"), "x/b");
  EXPECT_EQ(moved_prefix("/d/b", "/x", "/"), "/d/b");
  EXPECT_EQ(moved_prefix("link/../b", "/x/y", "/x"), "y/link/../b");  // behind a link ".." may be anywhere
  EXPECT_EQ(place_of("../../../../b", "/x/y"), "/b");
}

TEST(CollectionPlace, StaysTheSameFileThroughLinks) {
  SmallCollection small;
  std::filesystem::create_directories(small.folder / "p/q");
  std::filesystem::create_directory_symlink(small.folder / "p/q", small.folder / "link");
  write_old_file(small.folder / "link/list", "1 ../../data/a\n");
  const Collection made = make_from(small.folder / "link/list");
  for (const char* to : {"c.json", "p/c.json", "link/c.json", "p/q/c.json"}) {
    write_collection(small.folder / to, made);
    const Collection back = read_collection(small.folder / to);
    EXPECT_TRUE(std::filesystem::exists(format::token_bin_path(back.place(back.files[0])))) << to;
  }
}

}  // namespace
}  // namespace aurora::dataset
