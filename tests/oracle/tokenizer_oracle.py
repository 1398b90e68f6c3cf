"""Compares our tokenizer with Hugging Face's: the same tokenizer.json, the same texts, id by id.

usage: python3 tests/oracle/tokenizer_oracle.py BUILD FILE...      (pip install tokenizers)

Trains a vocabulary of 8,192 on the files, loads it with `tokenizers`, and encodes with both: the files, every code point
in three surroundings, and random strings made to meet every branch of the pattern. Characters that the two know by
different versions of Unicode are counted and shown, any other difference fails.
"""

import pathlib
import random
import struct
import subprocess
import sys
import tempfile
import unicodedata

from tokenizers import Tokenizer

build = pathlib.Path(sys.argv[1])
files = sys.argv[2:]
random.seed(1)


def ours(path, texts):
    encoded = [text.encode() for text in texts]
    data = b"".join(struct.pack("<I", len(text)) + text for text in encoded)
    out = subprocess.run([build / "tokenizer_stream", "encode", path, "", "text"], input=data, capture_output=True, check=True)
    ids, at = [], 0
    while at < len(out.stdout):
        (count,) = struct.unpack_from("<I", out.stdout, at)
        ids.append(list(struct.unpack_from(f"<{count}i", out.stdout, at + 4)))
        at += 4 + 4 * count
    return ids


def random_text():
    pieces = ["a", "B", "the", "é", "語", "の", "ω", "1", "²", "Ⅷ", " ", "  ", "\n", "\r\n", "\t", "\u3000", "\u00a0", "\u0085",
              "'s", "'LL", "'re", "'", "’", "'ſ", "!", "...", "_", "😀", "\u0301", "\u200d", "\ufeff", "ﬆ", "ß", "İ", "\0"]
    return "".join(random.choice(pieces) for _ in range(random.randrange(1, 14)))


def compare(name, texts, theirs_of, path):
    left = ours(path, texts)
    right = [item.ids for item in theirs_of.encode_batch(texts, add_special_tokens=False)]
    differing = [text for text, a, b in zip(texts, left, right) if a != b]
    lossless = all(theirs_of.decode(ids, skip_special_tokens=False) == text for text, ids in zip(texts[:2000], left[:2000]))
    print(f"{name}: {len(texts)} texts, {sum(map(len, left))} tokens, {len(differing)} differ, decoded back: {lossless}")
    return differing if lossless else differing + texts[:1]


with tempfile.TemporaryDirectory() as folder:
    path = f"{folder}/tokenizer.json"
    subprocess.run([build / "tokenizer_dump", "train", path, "8192", *files], check=True)
    theirs = Tokenizer.from_file(path)
    assert theirs.token_to_id("<|endoftext|>") == theirs.get_vocab_size() - 1
    bad = compare("files", [pathlib.Path(name).read_text(errors="replace") for name in files], theirs, path)
    bad += compare("random", [random_text() for _ in range(100_000)], theirs, path)
    points = [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000]
    odd = compare("code points", [f"a{c}b {c}{c} 1{c}\n{c}" for c in points], theirs, path)
    unknown = [text for text in odd if unicodedata.category(text[1]) == "Cn"]
    print(f"of them unassigned in Python's Unicode {unicodedata.unidata_version}: {len(unknown)}")
    bad += [text for text in odd if text not in unknown]
    for text in bad[:10]:
        print("differs:", ascii(text[:60]))
    sys.exit(1 if bad else 0)
