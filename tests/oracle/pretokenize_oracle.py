#!/usr/bin/env python3
"""Words of aurora/pretokenize against those of tiktoken and HF tokenizers, on random texts of every block.

  pretokenize_oracle.py build/pretokenize_dump [texts per scheme, default 20000] [seed]

Needs `tiktoken` (0.14.0) and `tokenizers` (0.23.3) from PyPI. tiktoken shows its words when every stretch of
the text is a token.
"""
import random
import struct
import subprocess
import sys

import tiktoken
from tiktoken_ext import openai_public
from tokenizers import Regex, pre_tokenizers

PIECES = (
    "a b s T Z ll LL re Ve é É ß ǅ ʰ 々 語 の カ ー 한 ω ι ก ิ ๑ अ ◌́ 1 42 ٣ ² Ⅷ 〇 ' 's 'T 'v 'r 'l 'ſ ’s ! / // # $ _ ~ 。 ！ ‘ "
    "・ € 😀 K ﬁ Ａ Ⅳ"
).split(" ") + [" ", "  ", "\n", "\r", "\r\n", "\t", "\v", "\x85", "\xa0", "\u2003", "\u3000", "\u2028",
                "\u0301", "\u20dd", "\u3099", "\u200d", "\u200b", "\x01", "\xad", "\ue000", "\u0378", "\u1fbe"]
SURROGATES = range(0xD800, 0xE000)


def random_text(rng, longest):
    mood = rng.randrange(8)
    text = ""
    for _ in range(rng.randrange(longest * 4 if mood == 0 else longest)):
        kind = rng.randrange(10)
        if mood == 1 or kind == 0:
            # Blocks of 128 code points: most assigned ones are in the first planes.
            c = rng.randrange(0x110000 if rng.randrange(4) == 0 else 0x20000)
            text += chr(c) if c not in SURROGATES else "\ufffd"
        else:
            text += rng.choice(PIECES) * (rng.randrange(9) if kind == 1 else 1)
    return text


def ours(dump, scheme, texts):
    data = b"".join(struct.pack("<I", len(t)) + t for t in (x.encode() for x in texts))
    out = subprocess.run([dump, scheme], input=data, stdout=subprocess.PIPE, check=True).stdout
    numbers = struct.unpack(f"<{len(out) // 4}I", out)
    ends, at = [], 0
    for _ in texts:
        ends.append(list(numbers[at + 1 : at + 1 + numbers[at]]))
        at += 1 + numbers[at]
    return ends


def by_tokenizers(steps):
    """A pre-tokenizer of HF; None of `steps` is its Digits."""
    parts = [
        pre_tokenizers.Digits(individual_digits=True) if s is None else pre_tokenizers.Split(Regex(s), "isolated")
        for s in steps
    ]
    sequence = pre_tokenizers.Sequence(parts)

    def ends(text):
        found, at = [], 0
        for piece, _ in sequence.pre_tokenize_str(text):
            at += len(piece.encode())
            found.append(at)
        return found

    return ends


def by_tiktoken(pattern, texts):
    found = []
    for begin in range(0, len(texts), 50):
        some = [t.encode() for t in texts[begin : begin + 50]]
        stretches = {t[i:j] for t in some for i in range(len(t)) for j in range(i + 2, len(t) + 1)}
        ranks = {bytes([i]): i for i in range(256)}
        for stretch in sorted(stretches):
            ranks[stretch] = len(ranks)
        encoding = tiktoken.Encoding("x", pat_str=pattern, mergeable_ranks=ranks, special_tokens={})
        for text in texts[begin : begin + 50]:
            at, ends = 0, []
            for token in encoding.encode_ordinary(text):
                at += len(encoding.decode_single_token_bytes(token))
                ends.append(at)
            found.append(ends)
    return found


def compare(what, texts, found, expected):
    for text, a, b in zip(texts, found, expected):
        if a != b:
            print(f"{what}: {text!r}: ours {a}, theirs {b}")
            return 1
    print(f"{what}: {len(texts)} texts, {sum(map(len, texts))} characters: equal")
    return 0


def main():
    dump = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 20000
    rng = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    listed = subprocess.run([dump, "--list"], stdout=subprocess.PIPE, check=True).stdout.decode()
    schemes = {line.split("\t")[0]: line.split("\t")[1:] for line in listed.splitlines()}
    failed = 0
    for name, parts in schemes.items():
        sequence = any(p in schemes for p in parts)
        texts = [random_text(rng, 14) for _ in range(count)]
        found = ours(dump, name, texts)
        if sequence or not parts:
            steps = [None if p == "digits" else schemes[p][0] for p in (parts or [name])]
            failed |= compare(f"{name}, tokenizers", texts, found, list(map(by_tokenizers(steps), texts)))
        else:
            for i, regex in enumerate(parts):
                failed |= compare(
                    f"{name}, spelling {i + 1}, tokenizers", texts, found, list(map(by_tokenizers([regex]), texts))
                )
    texts = [random_text(rng, 8) for _ in range(max(count // 10, 100))]
    for name, encoding in (
        ("gpt2", {"pat_str": openai_public.r50k_pat_str}),
        ("cl100k", {"pat_str": openai_pattern("cl100k_base")}),
        ("o200k", {"pat_str": openai_pattern("o200k_base")}),
    ):
        failed |= compare(
            f"{name}, tiktoken", texts, ours(dump, name, texts), by_tiktoken(encoding["pat_str"], texts)
        )
    return failed


def openai_pattern(name):
    """The pattern alone: the rank files are not fetched."""
    real = openai_public.load_tiktoken_bpe
    openai_public.load_tiktoken_bpe = lambda *_, **__: {}
    try:
        return openai_public.ENCODING_CONSTRUCTORS[name]()["pat_str"]
    finally:
        openai_public.load_tiktoken_bpe = real


sys.exit(main())
