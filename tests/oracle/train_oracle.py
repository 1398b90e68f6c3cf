#!/usr/bin/env python3
"""The textbook's byte-level BPE (Sennrich et al. 2016) in plain Python against `aurora tokenizer train`.

    tests/oracle/train_oracle.py AURORA FILE [--kb 200] [--vocab-size 1000]

Counts all pairs anew for every merge, so only the first KB are read. Words are cut by the pattern of the scheme
qwen2 with `regex` from PyPI. bench/peers/train_tokenizer.py compares with HF tokenizers on more text.
"""
import argparse, collections, json, os, subprocess, sys, tempfile

import regex

PATTERN = regex.compile(r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|"
                        r"\s*[\r\n]+|\s+(?!\S)|\s+")


def bytes_in_gpt2_order():
    printing = [*range(33, 127), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    return printing + [b for b in range(256) if b not in printing]


def characters_of_bytes():
    """GPT-2's character for each byte, as tokenizer.json spells tokens."""
    order = bytes_in_gpt2_order()
    return {b: chr(b) if i < 188 else chr(256 + i - 188) for i, b in enumerate(order)}


def textbook(text, merges_wanted):
    order = bytes_in_gpt2_order()
    ids = {b: i for i, b in enumerate(order)}
    tokens = [bytes([b]) for b in order]
    words = collections.Counter(PATTERN.findall(text))
    words = [([ids[b] for b in word.encode()], count) for word, count in words.items()]
    merges = []
    while len(merges) < merges_wanted:
        pairs = collections.Counter()
        for symbols, count in words:
            for pair in zip(symbols, symbols[1:]):
                pairs[pair] += count
        if not pairs:
            break
        best, count = min(pairs.items(), key=lambda item: (-item[1], item[0]))
        if count < 2:
            break
        merges.append((tokens[best[0]], tokens[best[1]]))
        new = len(tokens)
        tokens.append(tokens[best[0]] + tokens[best[1]])
        for symbols, _ in words:
            i = 0
            while i + 1 < len(symbols):
                if (symbols[i], symbols[i + 1]) == best:
                    symbols[i:i + 2] = [new]
                i += 1
    return merges


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("aurora")
    parser.add_argument("file")
    parser.add_argument("--kb", type=int, default=200)
    parser.add_argument("--vocab-size", type=int, default=1000)
    options = parser.parse_args()
    text = open(options.file, "rb").read(options.kb * 1000).decode("utf-8", "ignore")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "text.txt")
        open(path, "wb").write(text.encode())
        subprocess.run([options.aurora, "tokenizer", "train", "--input", path, "--output", folder, "--json",
                        "--vocab-size", str(options.vocab_size)], check=True, capture_output=True)
        ours = json.load(open(os.path.join(folder, "tokenizer.json")))["model"]["merges"]
    ours = [tuple(m) if isinstance(m, list) else tuple(m.split(" ")) for m in ours]
    names = characters_of_bytes()
    theirs = [tuple("".join(names[b] for b in part) for part in pair)
              for pair in textbook(text, options.vocab_size - 257)]
    for i, (a, b) in enumerate(zip(ours, theirs)):
        if a != b:
            print(f"merge {i} differs: aurora {a}, textbook {b}")
            return 1
    print(f"{len(ours)} merges by aurora, {len(theirs)} by the textbook, all equal as far as both go")
    return 0 if len(ours) == len(theirs) else 1


if __name__ == "__main__":
    sys.exit(main())
