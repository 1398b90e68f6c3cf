"""Writes aurora/chat/character_table.inc: what Python's str methods say of each character.

usage: python3 tools/make_character_table.py > aurora/chat/character_table.inc
"""

import sys
import unicodedata

ALPHA, DECIMAL, DIGIT, NUMERIC, PRINTABLE, UPPER, LOWER, TITLE, SPACE, IGNORABLE, START, CONTINUE = (1 << i for i in range(12))


def flags(c):
    ignorable = ("a\u03a3" + c + "a").lower()[1] == "\u03c3" and (c + "\u03a3").lower()[-1] != "\u03c2"
    answers = [(c.isalpha(), ALPHA), (c.isdecimal(), DECIMAL), (c.isdigit(), DIGIT), (c.isnumeric(), NUMERIC),
               (c.isprintable(), PRINTABLE), (c.isupper(), UPPER), (c.islower(), LOWER),
               (unicodedata.category(c) == "Lt", TITLE), (c.isspace(), SPACE), (ignorable, IGNORABLE),
               (c.isidentifier(), START), (("a" + c).isidentifier(), CONTINUE)]
    return sum(flag for is_so, flag in answers if is_so)


def delta(c, mapped):
    return ord(mapped) - ord(c) if len(mapped) == 1 else 0


records, runs, special = {}, [], []
for point in range(0x110000):
    c = chr(point)
    if 0xD800 <= point < 0xE000:
        record = (0, 0, 0, 0)
    else:
        cases = (c.upper(), c.lower(), c.title())
        record = (flags(c), *(delta(c, mapped) for mapped in cases))
        if max(map(len, cases)) > 1:
            special.append((point, *cases))
    index = records.setdefault(record, len(records))
    if not runs or runs[-1] & 1023 != index:
        runs.append(point << 10 | index)
assert len(records) < 1024


def rows(items, width=110):
    line = ""
    for item in items:
        if len(line) + len(item) + 1 > width:
            yield line
            line = ""
        line += item + ","
    yield line


def text(mapped):
    return '"' + "".join(f"\\x{byte:02x}" for byte in mapped.encode()) + '"'


print(f"// Unicode {unicodedata.unidata_version} as Python {sys.version_info.major}.{sys.version_info.minor} knows it. Made by tools/make_character_table.py.")
print("// clang-format off")
print("constexpr Record kRecords[] = {")
print("\n".join(rows("{%d,%d,%d,%d}" % record for record in records)))
print("};\n// First code point << 10 | record; holds up to the next one.\nconstexpr uint32_t kRuns[] = {")
print("\n".join(rows(f"0x{run:x}" for run in runs)))
print("};\n// Characters whose other case is several characters: upper, lower, title.\nconstexpr SpecialCase kSpecialCases[] = {")
print("\n".join(rows("{0x%x,%s,%s,%s}" % (point, *map(text, cases)) for point, *cases in special)))
print("};")
