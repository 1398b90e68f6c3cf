#!/usr/bin/env python3
"""Compares our ids with those of another program on much text: files and random strings, each text whole.

usage: tests/oracle/tokenizer_proof.py BUILD REFERENCE VOCAB [--pattern NAME] [--files FILE...] [--random N] [--seed 1]
REFERENCE: tiktoken (VOCAB is a rank file), tokenizers (a tokenizer.json), sentencepiece (a .model)
       (pip install tiktoken tokenizers sentencepiece numpy)

Files are cut into documents of about 64 KiB at line ends and read as UTF-8, broken bytes as U+FFFD (the references take
str). tiktoken's encode_ordinary is held against special tokens taken as text, tokenizers' encode without template
against special tokens parsed. Ends with 1 at the first document that differs, which is shown.
"""

import argparse
import pathlib
import struct
import subprocess
import sys
import threading
import time

import numpy

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench" / "peers"))
from token_patterns import PATTERNS  # noqa: E402

del sys.path[0]  # bench/peers/tokenizers.py has the name of a package

DOCUMENT_BYTES = 1 << 16
BATCH_BYTES = 4 << 20


def reference_encoder(kind, vocab, pattern):
    if kind == "tiktoken":
        import tiktoken
        from tiktoken.load import load_tiktoken_bpe

        encoding = tiktoken.Encoding("reference", pat_str=PATTERNS[pattern], mergeable_ranks=load_tiktoken_bpe(vocab), special_tokens={})
        return f"tiktoken {tiktoken.__version__}", "text", lambda texts: [encoding.encode_ordinary(text) for text in texts]
    if kind == "tokenizers":
        import tokenizers

        tokenizer = tokenizers.Tokenizer.from_file(vocab)
        return (f"tokenizers {tokenizers.__version__}", "parse",
                lambda texts: [one.ids for one in tokenizer.encode_batch_fast(texts, add_special_tokens=False)])
    if kind == "sentencepiece":
        import sentencepiece

        model = sentencepiece.SentencePieceProcessor(model_file=vocab)
        return f"sentencepiece {sentencepiece.__version__}", "text", lambda texts: model.encode(texts, num_threads=1)
    raise SystemExit(f"no reference {kind}")


def documents_of(path):
    with open(path, "rb") as file:
        held = b""
        while True:
            data = file.read(1 << 22)
            held += data
            at = 0
            while len(held) - at > DOCUMENT_BYTES or (not data and at < len(held)):
                end = held.find(b"\n", at + DOCUMENT_BYTES)
                if end < 0:
                    if data and len(held) - at < 1 << 24:
                        break
                    end = len(held) - 1
                yield held[at:end + 1].decode("utf-8", "replace")
                at = end + 1
            held = held[at:]
            if not data:
                return


def random_texts(stream, seed, count):
    process = subprocess.Popen([stream, "random", str(seed), "0", str(count)], stdout=subprocess.PIPE, bufsize=1 << 20)
    for _ in range(count):
        (size,) = struct.unpack("<I", process.stdout.read(4))
        yield process.stdout.read(size).decode("utf-8")


class Ours:
    def __init__(self, stream, vocab, pattern, special):
        self.process = subprocess.Popen([stream, "encode", vocab, pattern, special], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, bufsize=1 << 20)

    def encode(self, data, count):
        def feed():
            self.process.stdin.write(data + b"\xff\xff\xff\xff")  # flush
            self.process.stdin.flush()

        feeder = threading.Thread(target=feed)
        feeder.start()
        out = []
        for _ in range(count):
            (size,) = struct.unpack("<I", self.process.stdout.read(4))
            out.append(self.process.stdout.read(4 * size))
        feeder.join()
        return out


def show(name, text, ours, theirs):
    a, b = numpy.frombuffer(ours, numpy.int32).tolist(), list(theirs)
    same = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
    print(f"DIFFERENT: {name}, token {same}: ours {a[same:same + 8]}, theirs {b[same:same + 8]}")
    print(f"  text: {text[:200]!r}" if len(text) < 400 else f"  (text of {len(text)} characters)")
    pathlib.Path("/tmp/tokenizer_proof_text").write_text(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("reference")
    parser.add_argument("vocab")
    parser.add_argument("--pattern", default="")
    parser.add_argument("--files", nargs="*", default=[])
    parser.add_argument("--random", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--most-differences", type=int, default=1)
    arguments = parser.parse_args()
    stream = str(arguments.build / "tokenizer_stream")
    name, special, encode = reference_encoder(arguments.reference, arguments.vocab, arguments.pattern)
    ours = Ours(stream, arguments.vocab, arguments.pattern, special)
    start = time.time()
    totals = {"texts": 0, "bytes": 0, "tokens": 0, "different": 0}

    def compare(source, texts):
        encoded = [text.encode() for text in texts]
        data = b"".join(struct.pack("<I", len(one)) + one for one in encoded)
        left = ours.encode(data, len(texts))
        right = encode(texts)
        for text, a, b in zip(texts, left, right):
            totals["tokens"] += len(b)
            if a != numpy.asarray(b, dtype=numpy.int32).tobytes():
                totals["different"] += 1
                if totals["different"] <= arguments.most_differences:
                    show(source, text, a, b)
        totals["texts"] += len(texts)
        totals["bytes"] += len(data) - 4 * len(texts)
        if totals["different"] >= arguments.most_differences:
            raise StopIteration

    def run(source, texts):
        batch, size = [], 0
        for text in texts:
            batch.append(text)
            size += len(text)
            if size > BATCH_BYTES or len(batch) > 50_000:
                compare(source, batch)
                batch, size = [], 0
        compare(source, batch)

    try:
        for path in arguments.files:
            run(path, documents_of(path))
        if arguments.random:
            run(f"random texts of seed {arguments.seed}", random_texts(stream, arguments.seed, arguments.random))
    except StopIteration:
        pass
    print(f"{arguments.vocab} against {name}: {totals['texts']} texts, {totals['bytes']} bytes, {totals['tokens']} tokens, "
          f"{totals['different']} different ({time.time() - start:.0f} s)")
    return 1 if totals["different"] else 0


if __name__ == "__main__":
    sys.exit(main())
