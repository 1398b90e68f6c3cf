// Special characters of groff_char(7) and the strings of the man and mdoc packages.
#include <cstdint>
#include <unordered_map>

#include "aurora/base/utf8.h"
#include "aurora/corpus/extract_roff_engine.h"

namespace aurora::corpus::roff {
namespace {

// "name text name text ...". Accented letters are not here: their names are an accent and a letter.
constexpr std::string_view kCharacters =
    "bu • em — en – hy - hm - aq ' cq ’ oq ‘ lq “ rq ” dq \" Bq „ bq ‚ Fo « Fc » fo ‹ fc › rs \\ sl / "
    "at @ sh # ti ~ ha ^ ga ` aa ´ ul _ ru _ br | bv | ba | bb ¦ or | lB [ rB ] lC { rC } la ⟨ ra ⟩ "
    "ps ¶ sc § dg † dd ‡ co © rg ® tm ™ ct ¢ Do $ Eu € eu € Ye ¥ Po £ Cs ¤ Fn ƒ de ° mc µ Of ª Om º S1 ¹ S2 "
    "² S3 ³ "
    "12 ½ 14 ¼ 34 ¾ 18 ⅛ 38 ⅜ 58 ⅝ 78 ⅞ pl + mi − -+ ∓ +- ± t+- ± pc · md ⋅ mu × tmu × c* ⊗ c+ ⊕ di ÷ tdi ÷ "
    "f/ ⁄ ** ∗ "
    "<= ≤ >= ≥ << ≪ >> ≫ eq = != ≠ == ≡ ne ≢ =~ ≅ |= ≃ ap ∼ ~~ ≈ ~= ≈ pt ∝ es ∅ mo ∈ nm ∉ sb ⊂ nb ⊄ sp ⊃ nc "
    "⊅ "
    "ib ⊆ ip ⊇ ca ∩ cu ∪ /_ ∠ pp ⊥ is ∫ integral ∫ sum ∑ product ∏ coproduct ∐ gr ∇ sr √ sqrt √ lc ⌈ rc ⌉ lf "
    "⌊ rf ⌋ "
    "if ∞ Ah ℵ Im ℑ Re ℜ wp ℘ pd ∂ -h ℏ hbar ℏ fa ∀ te ∃ AN ∧ OR ∨ no ¬ tno ¬ st ∋ tf ∴ 3d ∴ 12 ½ "
    "<- ← -> → <> ↔ da ↓ ua ↑ va ↕ lA ⇐ rA ⇒ hA ⇔ dA ⇓ uA ⇑ vA ⇕ an ⎯ CL ♣ SP ♠ HE ♥ DI ♦ OK ✓ lh ☜ rh ☞ CR "
    "↵ "
    "ci ○ sq □ lz ◊ fm ′ sd ″ lt ⎧ lk ⎨ bb ⎩ rt ⎫ rk ⎬ braceex ⎪ r! ¡ r? ¿ ff ff fi fi fl fl Fi ffi Fl ffl "
    "AE Æ ae æ OE Œ oe œ ss ß IJ Ĳ ij ĳ -D Ð Sd ð TP Þ Tp þ .i ı .j ȷ L/ Ł /L Ł /l ł /O Ø /o ø oA Å oa å "
    "*A Α *B Β *G Γ *D Δ *E Ε *Z Ζ *Y Η *H Θ *I Ι *K Κ *L Λ *M Μ *N Ν *C Ξ *O Ο *P Π *R Ρ *S Σ *T Τ *U Υ *F "
    "Φ *X Χ *Q Ψ *W Ω "
    "*a α *b β *g γ *d δ *e ε *z ζ *y η *h θ *i ι *k κ *l λ *m μ *n ν *c ξ *o ο *p π *r ρ *s σ ts ς *t τ *u "
    "υ *f ϕ +f φ *x χ "
    "*q ψ *w ω +h ϑ +p ϖ +e ϵ a^ ^ a~ ~ a\" ˝ a- ¯ a. ˙ ab ˘ ac ¸ ad ¨ ah ˇ ao ˚ ho ˛ vc č vC Č vs š vS Š vz "
    "ž vZ Ž "
    "lbrace { rbrace } lbrack [ rbrack ] nl - bracketlefttp ⎡ ho ˛ oq ‘ ";

// Names of strings that man(7) and mdoc(7) define, in the same shape; values may hold escapes.
constexpr std::string_view kStrings =
    "R \\(rg Tm \\(tm lq \\(lq rq \\(rq aq ' .T utf8 Ba | Le \\(<= Ge \\(>= <= \\(<= >= \\(>= Lt < Gt > Am & "
    "Ne \\(!= Pm \\(+- If \\(if Pi \\(*p Na NaN q \" Lq \\(lq Rq \\(rq ua ^ ga ` aa \\(aa ";

using TextMap = std::unordered_map<std::string_view, std::string>;

TextMap make_map(std::string_view pairs) {
  TextMap map;
  while (!pairs.empty()) {
    const size_t name = pairs.find(' ');
    const size_t text = pairs.find(' ', name + 1);
    map.emplace(pairs.substr(0, name), pairs.substr(name + 1, text - name - 1));
    pairs.remove_prefix(text + 1);
  }
  return map;
}

// The combining mark of an accent in a two-letter name such as 'e or :u.
uint32_t combining_mark(char accent) {
  switch (accent) {
    case '\'':
      return 0x301;
    case '`':
      return 0x300;
    case '^':
      return 0x302;
    case '~':
      return 0x303;
    case ':':
      return 0x308;
    case ',':
      return 0x327;
    case 'v':
      return 0x30c;
    case 'o':
      return 0x30a;
    default:
      return 0;
  }
}

// "u00E9", "u0041_0301", "char233"; empty if it is none of these.
std::string by_code(std::string_view name) {
  std::string result;
  const bool decimal = name.starts_with("char");
  if (!decimal && (name.size() < 5 || name[0] != 'u')) return result;
  name.remove_prefix(decimal ? 4 : 1);
  uint32_t code = 0;
  for (size_t i = 0; i <= name.size(); ++i) {
    if (i == name.size() || name[i] == '_') {
      if (code >= 32 && code < 0x110000 && (code < 0xd800 || code > 0xdfff)) append_utf8(result, code);
      code = 0;
      continue;
    }
    const char c = name[i];
    const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
    if (digit < 0 || (decimal && digit > 9) || code > 0x110000) return {};
    code = code * (decimal ? 10 : 16) + static_cast<uint32_t>(digit);
  }
  return result;
}

// A letter and its accent as one character where Latin-1 has it, else as letter and combining mark.
std::string accented(char accent, char letter) {
  static constexpr std::string_view kComposed =
      "`AÀ'AÁ^AÂ~AÃ:AÄoAÅ,CÇ`EÈ'EÉ^EÊ:EË`IÌ'IÍ^IÎ:IÏ~NÑ`OÒ'OÓ^OÔ~OÕ:OÖ`UÙ'UÚ^UÛ:UÜ'YÝ"
      "`aà'aá^aâ~aã:aäoaå,cç`eè'eé^eê:eë`iì'ií^iî:iï~nñ`oò'oó^oô~oõ:oö`uù'uú^uû:uü'yý:yÿ:YŸ";
  for (size_t at = 0; at + 3 < kComposed.size(); at += 4)
    if (kComposed[at] == accent && kComposed[at + 1] == letter)
      return std::string(kComposed.substr(at + 2, 2));
  std::string result(1, letter);
  append_utf8(result, combining_mark(accent));
  return result;
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

}  // namespace

std::string special_character(std::string_view name) {
  static const TextMap kMap = make_map(kCharacters);
  if (const auto found = kMap.find(name); found != kMap.end()) return found->second;
  if (name.size() == 1) return std::string(name);
  if (name.size() == 2 && is_letter(name[1]) && combining_mark(name[0]) != 0)
    return accented(name[0], name[1]);
  if (std::string code = by_code(name); !code.empty()) return code;
  // A letter with accents by name: "e aa".
  if (const size_t blank = name.find(' '); blank != std::string_view::npos) {
    const std::string base = special_character(name.substr(0, blank));
    const std::string_view accent = name.substr(blank + 1);
    const char mark = accent == "aa"   ? '\''
                      : accent == "ga" ? '`'
                      : accent == "ad" ? ':'
                      : accent == "ac" ? ','
                                       : '\0';
    return base.size() == 1 && mark != '\0' ? accented(mark, base[0]) : base;
  }
  return {};
}

const char* package_string(std::string_view name) {
  static const TextMap kMap = make_map(kStrings);
  if (name == "S") return "";
  const auto found = kMap.find(name);
  return found == kMap.end() ? nullptr : found->second.c_str();
}

}  // namespace aurora::corpus::roff
