#!/usr/bin/env python3
"""Classes of characters as the regex engines of tiktoken and HF tokenizers have them.

  unicode_oracle.py write > aurora/unicode/classes.inc   asks tiktoken for the class of every code point
  unicode_oracle.py compare aurora/unicode/classes.inc   says where either engine differs from the table

Needs `tiktoken` (0.14.0) and `tokenizers` (0.23.3) from PyPI. Both have Unicode 16.0.
"""
import re
import sys

import tiktoken
from tokenizers import Regex, pre_tokenizers

# Order and names as in aurora/unicode/classes.h; "other" is what is left.
CLASSES = [
    ("other", None),
    ("upper", r"\p{Lu}"),
    ("lower", r"\p{Ll}"),
    ("title", r"\p{Lt}"),
    ("modifier", r"\p{Lm}"),
    ("letter", r"\p{Lo}"),
    ("mark", r"\p{M}"),
    ("digit", r"\p{Nd}"),
    ("number", r"\p{Nl}|\p{No}"),
    ("punctuation", r"\p{P}"),
    ("symbol", r"\p{S}"),
    ("space", r"\s"),
    ("line_end", r"[\r\n]"),  # also space: the later class holds
]
CODE_POINTS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
TEXT = "".join(map(chr, CODE_POINTS))


def found_by_tiktoken(pattern):
    """What no match covers is left out of the encoding, so it lists the characters that match."""
    encoding = tiktoken.Encoding(
        "classes", pat_str=pattern, mergeable_ranks={bytes([i]): i for i in range(256)}, special_tokens={}
    )
    return map(ord, bytes(encoding.encode_ordinary(TEXT)).decode())


def found_by_tokenizers(pattern):
    split = pre_tokenizers.Split(Regex(pattern), "removed", invert=True)
    return (ord(c) for piece, _ in split.pre_tokenize_str(TEXT) for c in piece)


def classify(found_by):
    table = bytearray(0x110000)
    for number, (_, pattern) in enumerate(CLASSES):
        if pattern:
            for c in found_by(pattern):
                table[c] = number
    return table


def read_table(path):
    """Ranges of classes.inc as one class per code point."""
    ranges = [int(x, 16) for x in re.findall(r"0x[0-9a-f]+", open(path).read().split("clang-format off")[1])]
    table = bytearray(0x110000)
    ends = [r >> 4 for r in ranges[1:]] + [0x110000]
    for first, end in zip(ranges, ends):
        for c in range(first >> 4, end):
            table[c] = first & 15
    return table


def write():
    table = classify(found_by_tiktoken)
    ranges = [c << 4 | table[c] for c in range(0x110000) if c == 0 or table[c] != table[c - 1]]
    print("// Unicode 16.0: each number is first code point << 4 | Class and holds up to the next one. Made by")
    print("// tests/oracle/unicode_oracle.py, which asks tiktoken 0.14.0 for the class of every code point.")
    print("// clang-format off")
    line = ""
    for r in ranges:
        item = f"0x{r:x},"
        if len(line) + len(item) > 110:
            print(line)
            line = ""
        line += item
    print(line)
    print("// clang-format on")


def compare(path):
    table = read_table(path)
    differences = 0
    for name, found_by in (("tiktoken", found_by_tiktoken), ("tokenizers", found_by_tokenizers)):
        theirs = classify(found_by)
        differing = [c for c in CODE_POINTS if theirs[c] != table[c]]
        differences += len(differing)
        print(f"{name}: {len(differing)} of {len(CODE_POINTS)} code points differ")
        for c in differing[:20]:
            print(f"  U+{c:04X}: table {CLASSES[table[c]][0]}, {name} {CLASSES[theirs[c]][0]}")
    return 1 if differences else 0


if sys.argv[1] == "write":
    write()
else:
    sys.exit(compare(sys.argv[2]))
