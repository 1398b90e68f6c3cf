#include "aurora/corpus/language.h"

#include <gtest/gtest.h>

namespace aurora::corpus {
namespace {

constexpr std::string_view kEnglish =
    "The temperature of the gas rises when it is compressed, because work is done on it. "
    "If no heat can leave, all of that work becomes internal energy.";
constexpr std::string_view kFrench =
    "La température du gaz augmente quand on le comprime, parce qu'un travail lui est fourni. "
    "Si aucune chaleur ne peut sortir, tout ce travail devient de l'énergie interne.";
constexpr std::string_view kGerman =
    "Die Temperatur des Gases steigt, wenn man es zusammendrückt, denn dabei wird Arbeit verrichtet. "
    "Kann keine Wärme entweichen, so wird die ganze Arbeit zu innerer Energie.";
constexpr std::string_view kSpanish =
    "La temperatura del gas aumenta cuando se comprime, porque se realiza trabajo sobre él. "
    "Si el calor no puede salir, todo ese trabajo se convierte en energía interna.";
constexpr std::string_view kJapanese =
    "気体を圧縮すると仕事が加えられるため、その温度は上がります。熱が逃げなければ、その仕事はすべて内部エネル"
    "ギーになります。";

TEST(Language, TellsTheFiveApart) {
  EXPECT_EQ(identify_language(kEnglish).code, "en");
  EXPECT_EQ(identify_language(kFrench).code, "fr");
  EXPECT_EQ(identify_language(kGerman).code, "de");
  EXPECT_EQ(identify_language(kSpanish).code, "es");
  EXPECT_EQ(identify_language(kJapanese).code, "ja");
  EXPECT_TRUE(identify_language(kGerman).reliable);
  EXPECT_GT(identify_language(kGerman).confidence, 0.9);
}

TEST(Language, SaysWhenItCannotTell) {
  for (const std::string_view text : {"", "12 34 56", "x = 1", "ACGTACGTTTACGA"}) {
    const LanguageGuess guess = identify_language(text);
    EXPECT_EQ(guess.code, "und") << text;
    EXPECT_FALSE(guess.reliable);
    EXPECT_EQ(guess.confidence, 0);
  }
}

TEST(Language, HintDecidesWhatIsUnsure) {
  EXPECT_EQ(identify_language("x = 1", "fr").code, "fr");
  EXPECT_EQ(identify_language(kEnglish, "fr").code, "en") << "but does not overrule a clear case";
}

TEST(Language, LooksAtAllPartsOfALongText) {
  std::string text;
  while (text.size() < 20'000) text += std::string(kEnglish) + "\n";
  while (text.size() < 100'000) text += std::string(kJapanese) + "\n";
  EXPECT_EQ(identify_language(text).code, "ja");
}

}  // namespace
}  // namespace aurora::corpus
