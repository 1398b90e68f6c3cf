#include "aurora/format/data_list.h"

#include <gtest/gtest.h>

#include "aurora/base/error.h"
#include "aurora/base/test_folder.h"

namespace aurora::format {
namespace {

using Entries = std::vector<ListEntry>;

// "what | where" of the Error.
std::string refusal(std::string_view text) {
  try {
    parse_data_list(text, "list");
  } catch (const Error& error) {
    return error.happened() + " | " + error.where();
  }
  return "accepted";
}

TEST(DataList, HasWeightPrefixAndCorpusOnEachLine) {
  EXPECT_EQ(parse_data_list("0.5\tdata/a-0\tmath\n1e-4   b\n", "list"),
            (Entries{{0.5, "data/a-0", "math"}, {1e-4, "b", "b"}}));
}

TEST(DataList, TakesTheLastPartOfThePrefixForTheCorpus) {
  EXPECT_EQ(parse_data_list("1 /x/y/wiki_text_document", "list"),
            (Entries{{1, "/x/y/wiki_text_document", "wiki_text_document"}}));
}

TEST(DataList, SkipsCommentsBlankLinesAndCarriageReturns) {
  EXPECT_EQ(
      parse_data_list("\xef\xbb\xbf# weight file corpus\r\n\r\n \t\n1 a m # why\r\n2 b#c m\r\n", "list"),
      (Entries{{1, "a", "m"}, {2, "b#c", "m"}}));
}

TEST(DataList, MayStandInOneLineAsMegatronTakesIt) {
  EXPECT_EQ(parse_data_list("0.3 p/a 0.7 p/b +1 c", "list"),
            (Entries{{0.3, "p/a", "a"}, {0.7, "p/b", "b"}, {1, "c", "c"}}));
}

TEST(DataList, MayHaveNoWeights) {
  EXPECT_EQ(parse_data_list("p/a\n0001\n", "list"), (Entries{{0, "p/a", "a"}, {0, "0001", "0001"}}));
}

TEST(DataList, RefusesAWeightThatIsNoFiniteNumberFromZeroOn) {
  EXPECT_EQ(refusal("1 a\n0.5x b"), "weight \"0.5x\" is no number | list:2");
  EXPECT_EQ(refusal("a b"), "weight \"a\" is no number | list:1");
  EXPECT_EQ(refusal("0,5 a"), "weight \"0,5\" is no number | list:1");
  EXPECT_EQ(refusal("0x10 a"), "weight \"0x10\" is no number | list:1");
  EXPECT_EQ(refusal("nan a"), "weight \"nan\" is no finite number >= 0 | list:1");
  EXPECT_EQ(refusal("inf a"), "weight \"inf\" is no finite number >= 0 | list:1");
  EXPECT_EQ(refusal("\n\n-1 a"), "weight \"-1\" is no finite number >= 0 | list:3");
  EXPECT_EQ(refusal("+-1 a"), "weight \"+-1\" is no number | list:1");
  EXPECT_EQ(refusal("1e999 a"), "weight \"1e999\" is too large or too small for f64 | list:1");
  EXPECT_EQ(refusal("1 a x b"), "weight \"x\" is no number | list:1");
}

TEST(DataList, RefusesLinesOfTwoKinds) {
  EXPECT_EQ(refusal("1 a\nb"), "a line without a weight in a list with weights | list:2");
  EXPECT_EQ(refusal("a\n# no\n1 b c"), "a line with a weight in a list without weights | list:3");
  EXPECT_EQ(refusal("1 a 2 b 3"), "5 words, which are no pairs of a weight and a prefix | list:1");
}

TEST(DataList, RefusesAListOfNothing) {
  EXPECT_EQ(refusal(""), "the list names no file | list");
  EXPECT_EQ(refusal("# only\n\n"), "the list names no file | list");
}

TEST(DataList, RefusesNamesThatCannotBeFiles) {
  EXPECT_EQ(refusal("1 a/"), "prefix \"a/\" ends in '/': it names no file | list:1");
  EXPECT_EQ(refusal("1 \xff"), "a name that is not UTF-8 | list:1");
  EXPECT_EQ(refusal(std::string_view("1 a\0b", 5)), "a prefix with a zero byte | list:1");
}

TEST(DataList, StartsRelativePrefixesAtItsFolder) {
  EXPECT_EQ(list_entry_path("lists/dolma.tsv", {1, "../a/b", "b"}), Path("lists/../a/b"));
  EXPECT_EQ(list_entry_path("dolma.tsv", {1, "a", "a"}), Path("a"));
  EXPECT_EQ(list_entry_path("lists/dolma.tsv", {1, "/d/a", "a"}), Path("/d/a"));
}

TEST(DataList, IsReadFromAFile) {
  TestFolder folder;
  write_file_atomic(folder / "list", "1 a\nx b\n");
  try {
    read_data_list(folder / "list");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.where(), (folder / "list").string() + ":2");
  }
  EXPECT_THROW(read_data_list(folder / "missing"), Error);
}

}  // namespace
}  // namespace aurora::format
