#include <gtest/gtest.h>

#include "aurora/corpus/extract_split.h"
#include "aurora/corpus/extract_unwrap.h"
#include "aurora/corpus/extract_writer.h"
#include "aurora/corpus/read_test_sink.h"

namespace aurora::corpus {
namespace {

TEST(PlainText, WrappedProseIsJoinedAndCodeIsNot) {
  EXPECT_EQ(plain("The quick brown fox jumps over the lazy dog and then it\nruns through the forest until it "
                  "is too tired to run on\nand sleeps.\n"),
            "The quick brown fox jumps over the lazy dog and then it runs through the forest until it is too "
            "tired to run on "
            "and sleeps.");
  EXPECT_EQ(plain("int main() {\n  return 0;\n}\n"), "int main() {\n  return 0;\n}");
  EXPECT_EQ(plain("Roses are red,\nViolets are blue.\n\n\n\nEnd\n"),
            "Roses are red,\nViolets are blue.\n\nEnd");
}

TEST(PlainText, ColumnsStay) {
  const std::string table =
      "name of the thing that is measured   value of the thing\nlength of the long measured object   12 "
      "metres or so";
  EXPECT_EQ(plain(table), table);
}

TEST(PlainText, LongFilesAreCutAtParagraphs) {
  ReaderLimits limits;
  limits.max_record_bytes = 4;  // plain text is cut at 16 times that
  std::string text;
  for (int i = 0; i < 10; ++i) text += "paragraph number " + std::to_string(i) + "\n\n";
  const Outcome outcome = read_bytes("a.txt", text, "auto", limits);
  ASSERT_EQ(outcome.documents.size(), 4u);
  EXPECT_EQ(outcome.documents[0].text, "paragraph number 0\n\nparagraph number 1\n\nparagraph number 2");
  EXPECT_EQ(outcome.documents[3].source, "a.txt#4");
  EXPECT_EQ(attribute(outcome.documents[3], "piece"), "4/4");
}

TEST(Split, LongParagraphsAreCutAtLinesAndNeverInsideCharacters) {
  EXPECT_EQ(split_at_paragraphs("aa\nbb\ncc", 6), (std::vector<std::string>{"aa\nbb", "cc"}));
  EXPECT_EQ(split_at_paragraphs("éééé", 5), (std::vector<std::string>{"éé", "éé"}));
}

TEST(Fasta, RecordsAreGatheredAndLongOnesContinuedUnderTheirHeader) {
  ReaderLimits limits;
  limits.max_record_bytes = 32;
  const Outcome outcome = read_bytes(
      "a.fa", ">one x\nACGT\nACGT\n>two\nA\n>long\nAAAAAAAAAA\nCCCCCCCCCC\nGGGGGGGGGG\nTTTTTTTTTT\n", "auto",
      limits);
  ASSERT_EQ(outcome.documents.size(), 3u);
  EXPECT_EQ(outcome.documents[0].text, ">one x\nACGT\nACGT\n>two\nA");
  EXPECT_EQ(outcome.documents[1].text, ">long\nAAAAAAAAAA\nCCCCCCCCCC");
  EXPECT_EQ(outcome.documents[2].text, ">long\nGGGGGGGGGG\nTTTTTTTTTT");
  EXPECT_EQ(attribute(outcome.documents[0], "format"), "fasta");
  EXPECT_EQ(read_bytes("a.fa", ">empty\n>b\n\n>c\nA\n").text(), ">empty\n>b\n>c\nA");
}

TEST(Fastq, QualitiesAreDropped) {
  EXPECT_EQ(read_bytes("a.fq", "@r1 x\nACGT\n+\n@III\n@r2\nGG\nTT\n+r2\n@@\nII\n").text(),
            ">r1 x\nACGT\n>r2\nGGTT");
}

TEST(Metamath, CutsStandBetweenStatements) {
  ReaderLimits limits;
  limits.max_record_bytes = 40;
  const Outcome outcome = read_bytes(
      "a.mm", "$( Comment one. $)\na $a |- x $.\n$( Comment two. $)\nb $p |- y $= z $.\n\nc $v d $.\n",
      "auto", limits);
  ASSERT_EQ(outcome.documents.size(), 3u);
  EXPECT_EQ(outcome.documents[0].text, "$( Comment one. $)\na $a |- x $.");
  EXPECT_EQ(outcome.documents[1].text, "$( Comment two. $)\nb $p |- y $= z $.");
}

TEST(Metamath, BlocksStayWhole) {
  ReaderLimits limits;
  limits.max_record_bytes = 70;
  const std::string block = "${\n  a $e |- x $.\n\n  $( Why $. not. $)\n  b $p |- y $= z $.\n$}";
  const Outcome outcome =
      read_bytes("a.mm", "$c x y z $.\n\n" + block + "\n\n" + block + "\n", "auto", limits);
  ASSERT_EQ(outcome.documents.size(), 3u);
  EXPECT_EQ(outcome.documents[1].text, block);
  EXPECT_EQ(outcome.documents[2].text, block);
}

TEST(TextWriter, WideCharactersJoinWithoutSpaces) {
  TextWriter writer;
  writer.text("日本\n語、 と abc\ndef");
  EXPECT_EQ(writer.finish(), "日本語、と abc def");
}

TEST(TextWriter, MarkersAndLevelsIndent) {
  TextWriter writer;
  writer.marker("- ");
  writer.set_level(1);
  writer.text("a");
  writer.line_break();
  writer.text("b");
  writer.verbatim("c\n  d\n\n");
  writer.set_level(0);
  writer.title("T");
  EXPECT_EQ(writer.finish(), "- a\n  b\n  c\n    d\n\nT");
}

TEST(Unwrap, WidthCountsWideCharactersTwice) {
  EXPECT_EQ(display_width("aé日"), 4u);
}

TEST(Markdown, SoftLineEndsJoinAndAddressesGo) {
  EXPECT_EQ(markdown("---\ntitle: \"Front\"\n---\n# Head\nSome *text* with [a link](http://x.y/z \"t\")\nand "
                     "`code [x](y)`. "
                     "![alt](i.png)<!-- no -->\n\n[ref]: http://x\n<b>bold</b> <http://a.b>\n"),
            "# Head\n\nSome *text* with a link and `code [x](y)`.\n\nbold http://a.b");
}

TEST(Markdown, ListsCodeTablesAndFormulasKeepTheirLines) {
  EXPECT_EQ(markdown("* one\n  goes on\n* two\n  - in\n\n```py\na  = [b](c)\n```\n\n| a | b |\n|---|---|\n| "
                     "1 | 2 |\n\n$$\nx_1 * y\n$$\n\nTitle\n=====\n"),
            "* one goes on\n* two\n  - in\n\n```py\na  = [b](c)\n```\n\na | b\n1 | 2\n\n$$\nx_1 * y\n$$\n\n# "
            "Title");
}

TEST(Rst, RolesLinksAndTargetsReadAsText) {
  EXPECT_EQ(rst("Title\n=====\n\n.. _target:\n\nSee :ref:`the text <x>`, :func:`~a.b.open`, :math:`x^2` and "
                "``code``\nin `a link <http://x>`_ [1]_.\n\n"
                ".. comment\n   more\n"),
            "Title\n=====\n\nSee the text, open, $x^2$ and `code` in a link [1].");
}

TEST(Rst, DirectivesKeepTheirContent) {
  EXPECT_EQ(rst("Use::\n\n    a = 1\n\n    b\n\n.. code-block:: python\n   :linenos:\n\n   x = 2\n\n.. "
                "math::\n\n   y = 3\n\n.. note::\n   Careful\n   now.\n\n"
                ".. image:: x.png\n   :alt: y\n\n.. function:: f(x)\n\n   Does.\n"),
            "Use:\n\n```\na = 1\n\nb\n```\n\n```python\nx = 2\n```\n\n$$y = 3$$\n\nNote:\n  Careful "
            "now.\n\nf(x)\n  Does.");
}

}  // namespace
}  // namespace aurora::corpus
