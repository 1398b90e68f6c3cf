#include <gtest/gtest.h>

#include "aurora/corpus/read_test_sink.h"

namespace aurora::corpus {
namespace {

TEST(Latex, ThePreambleIsNoText) {
  const Outcome outcome =
      read_bytes("a.tex",
                 "\\documentclass{article}\n\\title{On \\emph{x}}\n\\begin{document}\n\\maketitle\nBody.\n"
                 "\\end{document}\njunk\n");
  EXPECT_EQ(outcome.text(), "On x\n\nBody.");
  EXPECT_EQ(outcome.documents.at(0).title, "On x");
}

TEST(Latex, SectionsAreTitlesAndCommentsGo) {
  EXPECT_EQ(
      latex("\\section{One}\\label{s}\nText % no\n  more.\n\n\\subsection*{Two}\n\\paragraph{Run} in.\n"),
      "One\n\nText more.\n\nTwo\n\nRun. in.");
}

TEST(Latex, FormulasStayLatex) {
  EXPECT_EQ(latex("So $a_1 < b$ and \\(c\\) then\n\\begin{equation}\\label{e}\n x = \\frac12 % "
                  "half\n\\end{equation}\nand $$y$$ end\n"),
            "So $a_1 < b$ and \\(c\\) then\n\\begin{equation}x = \\frac12\\end{equation}\nand\n$$y$$\nend");
}

TEST(Latex, OwnCommandsExpandInTextAndFormulas) {
  EXPECT_EQ(latex("\\newcommand{\\R}{\\mathbb{R}}\\newcommand\\pair[2][x]{(#1,#2)}\\def\\hi#1{Hi "
                  "#1}\\DeclareMathOperator{\\tr}{tr}"
                  "\\hi{you}: $\\R^n$, \\pair{b}, \\pair[a]{b}, $\\tr A$"),
            "Hi you: $\\mathbb{R}^n$, (x,b), (a,b), $\\operatorname{tr}A$");
}

TEST(Latex, RecursiveCommandsEnd) {
  EXPECT_EQ(latex("\\newcommand{\\x}{\\x\\x}a \\x b"), "a b");
  const std::string text = latex("\\newcommand{\\y}{\\footnote{\\y\\y}}a \\y{} b");
  EXPECT_TRUE(text.starts_with("a (")) << text.substr(0, 100);
  EXPECT_LT(text.size(), 4u << 20);
}

TEST(Latex, CitationsAreNumberedInOrder) {
  EXPECT_EQ(latex("As~\\cite{b,a} and \\citep[p.~1]{a}; "
                  "Fig.~\\ref{fig:x}.\n\\begin{thebibliography}{9}\n\\bibitem{b} Bee.\n\\bibitem{a} Ay.\n"
                  "\\end{thebibliography}\n"),
            "As [1, 2] and [2]; Fig. [x].\n\n[1] Bee.\n[2] Ay.");
}

TEST(Latex, ListsNest) {
  EXPECT_EQ(latex("\\begin{itemize}\n\\item one\n\\begin{enumerate}\\item a \\item b\\end{enumerate}\n\\item "
                  "two\n\\end{itemize}\n"
                  "\\begin{description}\\item[Foo] bar\\end{description}"),
            "- one\n  1. a\n  2. b\n- two\n\nFoo: bar");
}

TEST(Latex, TablesBecomeRows) {
  EXPECT_EQ(latex("\\begin{tabular}{|l|c|}\n\\hline\na & b\\\\\n\\hline\n1 & \\multicolumn{1}{c}{2} "
                  "\\\\[2pt]\n\\end{tabular}"),
            "a | b\n1 | 2");
}

TEST(Latex, VerbatimIsCode) {
  EXPECT_EQ(latex("x\n\\begin{verbatim}\na % b\n  {c}\n\\end{verbatim}\n\\verb|\\d%| y"),
            "x\n\n```\na % b\n  {c}\n```\n\n\\d% y");
}

TEST(Latex, AccentsAndLigaturesBecomeCharacters) {
  EXPECT_EQ(
      latex(
          "\\'e \\\"{u} \\c{c} \\v s \\~n \\^\\i{} \\ss{} \\o{} ``q'' a--b---c \\& \\% \\ldots{} Stra\\ss e"),
      "é ü ç š ñ î ß ø “q” a–b—c & % … Straße");
}

TEST(Latex, PicturesAreDroppedAndCaptionsKept) {
  EXPECT_EQ(latex("a\n\\begin{figure}[h]\n\\includegraphics[width=1cm]{x}\n\\caption{A cat.}\n\\end{figure}\n"
                  "\\begin{tikzpicture}\\draw (0,0);\\end{tikzpicture}b"),
            "a\n\nA cat.\n\nb");
}

TEST(Latex, TheoremsAreNamed) {
  EXPECT_EQ(latex("\\newtheorem{thm}{Satz}\\begin{thm}[Gauss]All.\\end{thm}\\begin{proof}Easy.\\end{proof}"),
            "Satz (Gauss). All.\n\nProof. Easy.");
}

TEST(Latex, IncludesStayBelowTheirFolder) {
  const TestFolder folder;
  write_file_atomic(folder / "secret.tex", "secret");
  write_file_atomic(folder / "p/part.tex", "part \\input{main}");
  write_file_atomic(folder / "p/main.tex",
                    "M \\input{part} \\input{../secret} \\input{" + (folder / "secret.tex").string() + "}");
  std::filesystem::create_symlink(folder / "secret.tex", folder / "p/link.tex");
  write_file_atomic(folder / "p/linked.tex", "L \\input{link}");
  Outcome outcome;
  read_file_documents(folder / "p/main.tex", "p/main.tex", "auto", {}, outcome);
  read_file_documents(folder / "p/linked.tex", "p/linked.tex", "auto", {}, outcome);
  ASSERT_EQ(outcome.documents.size(), 2u);
  EXPECT_TRUE(outcome.documents[0].text.starts_with("M part M part"));
  EXPECT_EQ(outcome.documents[0].text.find("secret"), std::string::npos);
  EXPECT_EQ(outcome.documents[1].text, "L");
}

TEST(Latex, UnfinishedInputEndsQuietly) {
  EXPECT_EQ(latex("a $x"), "a $x$");
  EXPECT_EQ(latex("a \\begin{verbatim} b"), "a\n\n```\n b\n```");
  EXPECT_EQ(latex("a \\textbf{b"), "a b");
  EXPECT_EQ(latex("a \\"), "a");
  EXPECT_EQ(latex("a \\newcommand{\\x"), "a");
}

}  // namespace
}  // namespace aurora::corpus
