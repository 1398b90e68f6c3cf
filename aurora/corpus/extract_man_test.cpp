#include <gtest/gtest.h>

#include "aurora/corpus/read_test_sink.h"

namespace aurora::corpus {
namespace {

TEST(ManPages, SectionsAndParagraphsAreJoinedLines) {
  EXPECT_EQ(man(".TH LS 1\n.SH NAME\nls \\- list\nfiles\n.SH DESCRIPTION\nOne\ntwo.\n.PP\nThree.\n"),
            "NAME\n\nls - list files\n\nDESCRIPTION\n\nOne two.\n\nThree.");
}

TEST(ManPages, TitleAndSectionComeFromTheHeader) {
  const Outcome outcome = read_bytes("fr/man1/ls.1", ".TH LS 1 2020\n.SH NOM\nls\n");
  ASSERT_EQ(outcome.documents.size(), 1u);
  EXPECT_EQ(outcome.documents[0].title, "LS(1)");
  EXPECT_EQ(outcome.documents[0].language_hint, "fr");
  EXPECT_EQ(attribute(outcome.documents[0], "format"), "man");
}

TEST(ManPages, FontMacrosAlternateWithoutSpaces) {
  EXPECT_EQ(man(".SH A\nSee\n.BR ls (1),\nthe\n.B bold words\nand \\fBmore\\fP.\n"),
            "A\n\nSee ls(1), the bold words and more.");
}

TEST(ManPages, TaggedParagraphsIndentTheirBody) {
  EXPECT_EQ(man(".SH A\n.TP\n.B \\-a\nAll\nof it.\n.TP 4\n.BI \\-o \" file\"\nOutput.\n.PP\nEnd.\n"),
            "A\n\n-a\n  All of it.\n\n-o file\n  Output.\n\nEnd.");
}

TEST(ManPages, BulletsAndNumbersStandOnTheLineOfTheirText) {
  EXPECT_EQ(man(".SH A\n.IP \\(bu 2\none\n.IP \\(bu\ntwo\n.IP 3. 4\nthree\n"),
            "A\n\n- one\n\n- two\n\n3. three");
}

TEST(ManPages, ParagraphDistanceZeroLeavesNoBlankLines) {
  EXPECT_EQ(man(".SH A\n.PD 0\n.IP a 2\none\n.IP b\ntwo\n"), "A\n\na\n  one\nb\n  two");
}

TEST(ManPages, RelativeIndentsNest) {
  EXPECT_EQ(man(".SH A\nx\n.RS\ny\n.RS\nz\n.RE\n.RE\nw\n"), "A\n\nx\n  y\n    z\nw");
}

TEST(ManPages, CodeKeepsItsLines) {
  EXPECT_EQ(man(".SH A\nText\n.PP\n.nf\nint  main()\n  { return 0; }\n.fi\nafter\n.EX\na\n\nb\n.EE\n"),
            "A\n\nText\n\nint  main()\n  { return 0; }\nafter\na\n\nb");
}

TEST(ManPages, TablesBecomeRows) {
  EXPECT_EQ(
      man(".SH A\n.TS\nallbox tab(:);\nl c\nl l.\nName:Size\n_\na:T{\nlong\n.B cell\nT}\n\\fBb\\fP:2\n.TE\n"),
      "A\n\nName | Size\na | long cell\nb | 2");
}

TEST(ManPages, EquationsStay) {
  EXPECT_EQ(man(".SH A\nSee\n.EQ\nx sup 2 over y\n.EN\nabove.\n"), "A\n\nSee\nx sup 2 over y\nabove.");
}

TEST(ManPages, CharactersAndEscapes) {
  EXPECT_EQ(man(".SH A\na\\-b \\(em \\(co \\[u00E9] \\('e \\(:u \\[e aa] \\e \\&.x \\(lqq\\(rq "
                "\\s-1small\\s0 \\N'65' 10\\u-3\\d\n"),
            "A\n\na-b — © é é ü é \\ .x “q” small A 10^-3");
}

TEST(ManPages, CommentsVanish) {
  EXPECT_EQ(man("'\\\" t\n.\\\" hidden\n.SH A\nx \\\" hidden\n.\ny\n"), "A\n\nx y");
}

TEST(ManPages, StringsRegistersAndMacrosExpand) {
  EXPECT_EQ(man(".ds Nm tool\n.nr n 2\n.nr n +3\n.de Say\nHello \\\\$1 \\\\*(Nm \\\\n(.$\n..\n.SH A\n.Say "
                "\"big world\" x\n\\n[n]\n"),
            "A\n\nHello big world tool 2 5");
}

TEST(ManPages, ConditionsChooseTheTerminalBranch) {
  EXPECT_EQ(
      man(".SH A\n.ie n \\{\\\nterm\n.br\n.\\}\n.el paper\n.if t paper2\n.if !t more\n.if '\\*(.T'ps' ps\n"
          ".if \\n(.g groff\n.if 2>3 never\n.if (1+1)=2 sum\n"),
      "A\n\nterm\nmore groff sum");
}

TEST(ManPages, SkippedBlocksMayNest) {
  EXPECT_EQ(man(".SH A\n.if t \\{\\\n.if n \\{\\\nx\n.\\}\ny\n.\\}\nz\n"), "A\n\nz");
}

TEST(ManPages, DocBookBulletsAreBullets) {
  EXPECT_EQ(man(".SH A\ntext:\n.sp\n.RS 4\n.ie n \\{\\\n\\h'-04'\\(bu\\h'+03'\\c\n.\\}\n.el \\{\\\n.sp "
                "-1\n.IP \\(bu 2.3\n.\\}\n"
                "first point\n.RE\n"),
            "A\n\ntext:\n\n- first point");
}

TEST(ManPages, LinksKeepTheirAddress) {
  EXPECT_EQ(man(".SH A\nSee\n.UR http://x.org\nthe site\n.UE .\nMail\n.MT a@b.c\n.ME .\n"),
            "A\n\nSee the site <http://x.org>. Mail a@b.c.");
}

TEST(ManPages, JapaneseLinesJoinWithoutSpaces) {
  EXPECT_EQ(man(".SH 名前\nこれは\n文章。\n続く\nls\nです。\n"), "名前\n\nこれは文章。続く ls です。");
}

TEST(ManPages, MdocPagesReadLikeManPages) {
  EXPECT_EQ(
      man(".Dd May 1, 2020\n.Dt CAT 1\n.Os\n.Sh NAME\n.Nm cat\n.Nd join files\n.Sh SYNOPSIS\n.Nm\n.Op Fl "
          "bn\n.Op Ar\n"
          ".Sh DESCRIPTION\nThe\n.Nm\nutility reads\n.Ar file\n.Pq see Xr ls 1 .\n.Pp\n.Bl -tag -width "
          "x\n.It Fl n Ar num\n"
          "Number\nlines.\n.It Fl Fl help\nHelp.\n.El\n.Bd -literal\na  b\n.Ed\nUse\n.Fn open \"char *p\" "
          "\"int f\" ,\n"
          ".Dq quoted\n.No x Ns Sy y .\n"),
      "NAME\n\ncat - join files\n\nSYNOPSIS\n\ncat [-bn] [file ...]\n\nDESCRIPTION\n\n"
      "The cat utility reads file (see ls(1)).\n\n-n num\n  Number lines.\n\n--help\n  Help.\n\na  b\n\n"
      "Use open(char *p, int f), “quoted” xy.");
}

TEST(ManPages, MdocListsNumberAndNest) {
  EXPECT_EQ(man(".Dd x\n.Dt X 1\n.Sh A\n.Bl -enum -compact\n.It\none\n.Bl -bullet "
                "-compact\n.It\nin\n.El\n.It\ntwo\n.El\n"),
            "A\n\n1. one\n  - in\n2. two");
}

TEST(ManPages, AliasesAreNoDocuments) {
  const Outcome outcome = read_bytes("a.1", ".so man1/b.1\n");
  EXPECT_EQ(outcome.reasons(), "alias");
  EXPECT_EQ(outcome.problems[0].detail, "man1/b.1");
}

TEST(ManPages, LegacyEncodingsAreToldByTagOrFolder) {
  EXPECT_EQ(man("'\\\" -*- coding: ISO-8859-1 -*-\n.TH X 1\n.SH A\ncaf\xe9\n"), "A\n\ncafé");
  EXPECT_EQ(read_bytes("ja/man1/x.1", ".TH X 1\n.SH A\n\xc6\xfc\xcb\xdc\xb8\xec\n").text(), "A\n\n日本語");
  EXPECT_EQ(read_bytes("pl.ISO8859-2/man1/x.1", ".TH X 1\n.SH A\n\xb1\n").text(), "A\n\ną");
}

TEST(ManPages, RecursiveMacrosAndStringsEnd) {
  std::string source = ".de A\n.A\n.A\n..\n.ds x \\\\*x\\\\*x\n.SH S\n.A\n\\*x\ntext\n";
  const Outcome outcome = read_bytes("x.1", source, "man");
  ASSERT_EQ(outcome.documents.size(), 1u);
  EXPECT_EQ(outcome.documents[0].text, "S\n\ntext");
  EXPECT_EQ(attribute(outcome.documents[0], "truncated"), "macro_expansion");
}

TEST(ManPages, ALineOfManyConditionsNeedsNoStack) {
  std::string source = ".SH S\n";
  for (int i = 0; i < 100000; ++i) source += ".if n ";
  EXPECT_EQ(man(source + "deep\n"), "S\n\ndeep");
}

TEST(ManPages, UnfinishedInputEndsQuietly) {
  EXPECT_EQ(man(".SH A\nx\n.de M\nnever closed"), "A\n\nx");
  EXPECT_EQ(man(".SH A\nx\n.if t \\{\\\nnever closed"), "A\n\nx");
  EXPECT_EQ(man(".SH A\nx\n.TS\nl l"), "A\n\nx");
  EXPECT_EQ(man(".SH A\nx \\("), "A\n\nx");
  EXPECT_EQ(man(".SH A\nx\\"), "A\n\nx");
}

}  // namespace
}  // namespace aurora::corpus
