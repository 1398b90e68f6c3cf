"""Compares encoding and decoding with the libraries that tokenizers come from: the same files, the same texts, id by id.

usage: python3 tests/oracle/encode_oracle.py BUILD TOKENIZER... [--texts FILE...] [--random N] [--bytes N] [--seed N]
       (pip install tokenizers sentencepiece tiktoken)

TOKENIZER: NAME.json (tokenizers), NAME.model (sentencepiece), cl100k_base.tiktoken and the like (tiktoken); folders stand
for the files in them. Texts: pieces of the FILEs (N bytes of each), N random ones of the vocabulary's own tokens, of every
block of Unicode and of what breaks things. Compared: ids with special tokens parsed, as text, and with the template; texts
decoded with and without special tokens.
"""

import argparse
import pathlib
import random
import struct
import subprocess
import sys

PATTERNS = {
    "r50k_base": r"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s",
    "cl100k_base": r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s",
    "o200k_base": "|".join([
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
        r"\p{N}{1,3}", r" ?[^\s\p{L}\p{N}]+[\r\n/]*", r"\s*[\r\n]+", r"\s+(?!\S)", r"\s+"]),
}
ODD = ["a", "B", "the", "The", "é", "e\u0301", "が", "か\u3099", "語", "の", "ω", "1", "23", "²", "Ⅷ", " ", "  ", "   ", "\n", "\r\n", "\t", "\u3000",
       "\u00a0", "\u0085", "'s", "'LL", "'", "’", "!", "...", "_", "😀", "👨‍👩‍👧", "🇫🇷", "\u0301", "\u0316", "\u200d", "\u200b", "\ufeff", "ﬁ", "Ａ",
       "ｶﾞ", "ß", "İ", "\0", "\x01", "\x7f", "\u2581", "▁▁", "한", "\u1112\u1161\u11ab", "ક્ષ", "กำ", "\ufffd", "<0x41>", "<unk>", "<s>", "㍻", "½", "①"]


def random_text(tokens):
    parts = []
    for _ in range(random.randrange(1, 14)):
        kind = random.random()
        if kind < 0.4:
            parts.append(random.choice(ODD))
        elif kind < 0.7:
            parts.append(random.choice(tokens))
        else:
            block = random.randrange(0x110000) if random.random() < 0.3 else random.randrange(0x3400)
            parts.extend(chr(c) for c in range(block, min(block + random.randrange(1, 4), 0x110000)) if not 0xD800 <= c < 0xE000)
    return "".join(parts)


def chunks(path, most):
    data = path.read_bytes()
    start = max(0, (len(data) - most) // 2)
    text = data[start : start + most].decode("utf-8", "replace")
    at = 0
    while at < len(text):
        size = random.choice([1, 7, 50, 400, 3000, 20000])
        yield text[at : at + size]
        at += size


def ours(command, records):
    data = b"".join(struct.pack("<II", flags, len(text)) + text for flags, text in records)
    run = subprocess.run(command, input=data, capture_output=True)
    if run.returncode:
        raise SystemExit(f"{command}: {run.returncode}: {run.stderr.decode(errors='replace')[-500:]}")
    results, at, out = [], 0, run.stdout
    for _ in records:
        (count,) = struct.unpack_from("<I", out, at)
        ids = list(struct.unpack_from(f"<{count}i", out, at + 4))
        at += 4 + 4 * count
        texts = []
        for _ in range(2):
            (size,) = struct.unpack_from("<I", out, at)
            texts.append(out[at + 4 : at + 4 + size].decode("utf-8", "replace"))
            at += 4 + size
        results.append((ids, *texts))
    return results, run.stderr.decode().strip()


class Json:
    def __init__(self, path):
        import tokenizers
        self.command, self.it = [str(path)], tokenizers.Tokenizer.from_file(str(path))
        self.tokens = list(self.it.get_vocab()) + [t.content for t in self.it.get_added_tokens_decoder().values()] * 50
        self.flags = [1, 0, 3]

    def encode(self, flags, texts):
        self.it.encode_special_tokens = not flags & 1
        return [item.ids for item in self.it.encode_batch(texts, add_special_tokens=bool(flags & 2))]

    def decode(self, ids, skip):
        return self.it.decode(ids, skip_special_tokens=skip)


class Model:
    def __init__(self, path):
        import sentencepiece
        self.command, self.it = [str(path)], sentencepiece.SentencePieceProcessor(model_file=str(path))
        self.tokens = [self.it.id_to_piece(i) for i in range(self.it.get_piece_size())]
        self.tokens += [t.replace("\u2581", " ") for t in self.tokens]
        self.flags = [0]

    def encode(self, flags, texts):
        return self.it.encode(texts)

    def decode(self, ids, skip):
        return self.it.decode(ids)


class Ranks:
    def __init__(self, path):
        import tiktoken
        from tiktoken.load import load_tiktoken_bpe
        ranks = load_tiktoken_bpe(str(path))
        end = max(ranks.values()) + 1
        special = {"<|endoftext|>": 199999, "<|endofprompt|>": 200018} if path.stem == "o200k_base" else (
            {"<|endoftext|>": 100257, "<|fim_prefix|>": 100258, "<|fim_middle|>": 100259, "<|fim_suffix|>": 100260,
             "<|endofprompt|>": 100276} if path.stem == "cl100k_base" else {"<|endoftext|>": end})
        self.it = tiktoken.Encoding(path.stem, pat_str=PATTERNS[path.stem], mergeable_ranks=ranks, special_tokens=special)
        self.command = [str(path), path.stem]
        self.tokens = [t.decode("utf-8", "replace") for t in ranks] + list(special) * 50
        self.flags = [1, 0]

    def encode(self, flags, texts):
        if flags & 1:
            return self.it.encode_batch(texts, allowed_special="all")
        return self.it.encode_ordinary_batch(texts)

    def decode(self, ids, skip):
        return self.it.decode(ids)


def compare(build, path, texts):
    theirs = {".json": Json, ".model": Model, ".tiktoken": Ranks}[path.suffix](path)
    bad = 0
    for flags in theirs.flags:
        own = texts + [random_text(theirs.tokens) for _ in range(options.random)]
        results, note = ours([build / "encode_dump", *theirs.command], [(flags, text.encode()) for text in own])
        expected = theirs.encode(flags, own)
        differ = [i for i in range(len(own)) if results[i][0] != expected[i]]
        undone = [i for i in range(0, len(own)) if i not in set(differ) and results[i][1] != theirs.decode(expected[i], False)]
        skipped = [i for i in range(0, len(own)) if isinstance(theirs, Json) and results[i][2] != theirs.decode(results[i][0], True)]
        size = sum(len(text.encode()) for text in own)
        print(f"{path.name} flags {flags}: {len(own)} texts, {size} bytes, {sum(map(len, expected))} tokens, "
              f"{len(differ)} differ, {len(undone)}+{len(skipped)} decoded otherwise; {note}", flush=True)
        for i in sorted(differ, key=lambda i: len(own[i]))[:3]:
            at = next((k for k, (a, b) in enumerate(zip(results[i][0], expected[i])) if a != b), 0)
            print("  text", ascii(own[i][:80]), "from", at, "ours", results[i][0][at : at + 16], "theirs", expected[i][at : at + 16])
        for i in sorted(undone + skipped, key=lambda i: len(own[i]))[:3]:
            print("  ids", results[i][0][:24], "ours", results[i][1][:60], results[i][2][:60], "theirs", theirs.decode(results[i][0], False)[:60])
        bad += len(differ) + len(undone) + len(skipped)
    return bad


parser = argparse.ArgumentParser()
parser.add_argument("build", type=pathlib.Path)
parser.add_argument("tokenizers", nargs="+", type=pathlib.Path)
parser.add_argument("--texts", nargs="*", default=[], type=pathlib.Path)
parser.add_argument("--random", type=int, default=3000)
parser.add_argument("--bytes", type=int, default=100_000)
parser.add_argument("--seed", type=int, default=1)
options = parser.parse_args()
random.seed(options.seed)
texts = [text for path in options.texts for text in chunks(path, options.bytes)]
paths = [file for path in options.tokenizers for file in (sorted(path.iterdir()) if path.is_dir() else [path])]
total = 0
for path in paths:
    if path.suffix in (".json", ".model", ".tiktoken"):
        try:
            total += compare(options.build, path, texts)
        except SystemExit as stopped:
            print(f"{path.name}: {stopped}", flush=True)
            total += 1
sys.exit(1 if total else 0)
