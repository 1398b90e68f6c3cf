"""Compares the formats of tokenizers that we read and write with the packages that they come from.

usage: python3 tests/oracle/tokenizer_formats_oracle.py BUILD FOLDER TEXT... [--ranks FOLDER]
       (pip install tokenizers sentencepiece tiktoken; FOLDER is what make_tokenizers.py wrote)

For every tokenizer in FOLDER: the vocabulary and the ids of the texts, as `tokenizers` or `sentencepiece` give them. Then each
is written as tokenizer.json and as rank file, where it can be, and `tokenizers` and `tiktoken` read that and give the same ids.
With --ranks, the same of the rank files r50k_base, p50k_base, cl100k_base and o200k_base that lie there.
"""

import json
import os
import pathlib
import random
import struct
import subprocess
import sys
import tempfile

import sentencepiece
import tiktoken
import tiktoken.load
import tiktoken_ext.openai_public as openai
from tokenizers import Tokenizer

arguments = sys.argv[1:]
ranks = None
if "--ranks" in arguments:
    at = arguments.index("--ranks")
    ranks = pathlib.Path(arguments[at + 1])
    del arguments[at : at + 2]
build, folder, files = pathlib.Path(arguments[0]), pathlib.Path(arguments[1]), arguments[2:]
random.seed(1)
os.environ["TIKTOKEN_CACHE_DIR"] = ""  # or it reads what lay under a name before
failures = 0


def dump(*words, data=None, check=True, program="tokenizer_dump"):
    done = subprocess.run([build / program, *map(str, words)], input=data, capture_output=True)
    if check and done.returncode:
        sys.exit(done.stderr.decode())
    return done


def ours(name, texts):
    encoded = [text.encode() for text in texts]
    scheme, _, path = str(name).rpartition("=")  # SCHEME=FILE is a rank file
    out = dump("encode", path, scheme, "text", data=b"".join(struct.pack("<I", len(text)) + text for text in encoded),
               program="tokenizer_stream").stdout
    ids, at = [], 0
    while at < len(out):
        (count,) = struct.unpack_from("<I", out, at)
        ids.append(list(struct.unpack_from(f"<{count}i", out, at + 4)))
        at += 4 + 4 * count
    return ids


def texts_of():
    pieces = ["a", "the", "é", "e\u0301", "語", "の", "ｶﾞ", "ω", "1", "12", "²", "Ⅷ", " ", "  ", "    ", "\n", "\r\n", "\t", "\u3000",
              "\u00a0", "\u0085", "'s", "'LL", "’", "!", "...", "_", "▁", "😀", "\u200d", "\ufeff", "ﬁ", "ß", "İ", "\0", "def ", "\u0378", "<|user|>"]
    texts = []
    for name in files:
        data = pathlib.Path(name).read_bytes()
        for _ in range(10):
            at = random.randrange(max(1, len(data) - 20_000))
            text = data[at : at + 20_000].decode("utf-8", "ignore")
            texts += [text] + text.split("\n")[:20]
    texts += ["".join(random.choice(pieces) for _ in range(random.randrange(1, 14))) for _ in range(20_000)]
    return texts + ["", " ", "  ", "a" * 3000, "ab" * 2000, " " * 1000 + "x", "\n" * 500, "<s>", "<0x0A>", "<unk>"]


def compare(what, texts, left, right):
    global failures
    differing = [(text, a, b) for text, a, b in zip(texts, left, right) if a != b]
    print(f"{what}: {len(texts)} texts, {sum(map(len, right))} ids, {len(differing)} differ", flush=True)
    for text, a, b in sorted(differing, key=lambda item: len(item[0]))[:3]:
        print("   differs:", ascii(text[:60]), a[:20], b[:20])
    failures += len(differing) > 0


def vocabulary(name):
    rows = [line.split(" ") for line in dump("show", name).stdout.decode().splitlines() if not line.startswith("merges ")]
    return {int(row[0]): (row[1], bytes.fromhex(row[2] if len(row) > 2 else "")) for row in rows}


ALPHABET = [c for c in range(256) if 33 <= c <= 126 or 161 <= c <= 172 or c >= 174]
ALPHABET = {chr(c): c for c in ALPHABET} | {chr(256 + i): c for i, c in enumerate(c for c in range(256) if c not in ALPHABET)}


def compare_vocabulary(name, theirs, byte_level):
    global failures
    mine = vocabulary(name)
    spelled = {}
    for text, id in theirs.items():
        normal = byte_level and mine.get(id, ("", b""))[0] == "normal"
        spelled[id] = bytes(ALPHABET[c] for c in text) if normal else text.encode()
    same = {id: text for id, (kind, text) in mine.items() if kind != "hole"} == spelled
    print(f"{name}: {len(mine)} tokens, {'equal' if same else 'DIFFERENT'}")
    failures += not same


def hugging_face(tokenizer, texts):
    return [item.ids for item in tokenizer.encode_batch(texts, add_special_tokens=False)]


def plain(texts, tokenizer):
    """Texts without a token that `tokenizers` always parses and we, as told, do not."""
    specials = [token.content for token in tokenizer.get_added_tokens_decoder().values() if token.special]
    return [text for text in texts if not any(special in text for special in specials)]


def check_json(path, texts, scratch):
    theirs = Tokenizer.from_file(str(path))
    texts = plain(texts, theirs)
    model = json.loads(theirs.to_str())["model"]
    byte_level = "Ġ" in theirs.get_vocab()
    compare_vocabulary(path, theirs.get_vocab(with_added_tokens=True), byte_level)
    expected = hugging_face(theirs, texts)
    compare(path.name, texts, ours(path, texts), expected)
    out = scratch / "out.json"
    print("   written:", dump("convert", path, out).stdout.decode().strip())
    compare(f"   {path.name} written as tokenizer.json", texts, hugging_face(Tokenizer.from_file(str(out)), texts), expected)
    check_ranks_written(path, texts, expected, scratch) if byte_level and model["type"] == "BPE" else None


def check_ranks_written(path, texts, expected, scratch):
    out = scratch / "out.tiktoken"
    done = dump("convert", path, out, check=False)
    if done.returncode:
        return print("   no rank file:", done.stderr.decode().strip().splitlines()[-1])
    steps = json.loads(path.read_text())["pre_tokenizer"]
    splits = [step["pattern"]["Regex"] for step in steps.get("pretokenizers", []) if step["type"] == "Split"]
    if len(splits) > 1 or any(step["type"] == "Digits" for step in steps.get("pretokenizers", [])):
        return print("   rank file: not one pattern, ids not compared")
    encoding = tiktoken.Encoding("x", pat_str=splits[0] if splits else openai.r50k_pat_str,
                                 mergeable_ranks=tiktoken.load.load_tiktoken_bpe(str(out)), special_tokens={})
    compare(f"   {path.name} written as rank file", texts, [encoding.encode_ordinary(text) for text in texts], expected)


def check_model(path, texts, scratch):
    theirs = sentencepiece.SentencePieceProcessor(model_file=str(path))
    compare_vocabulary(path, {theirs.id_to_piece(id): id for id in range(theirs.vocab_size())}, False)
    expected = theirs.encode(texts)
    compare(path.name, texts, ours(path, texts), expected)
    out = scratch / "out.json"
    done = dump("convert", path, out, check=False)
    if done.returncode:
        return print("   no tokenizer.json:", done.stderr.decode().strip().splitlines()[-1])
    written = Tokenizer.from_file(str(out))
    # `tokenizers` parses control symbols, takes <unk> and pieces like <0x0A> as text, strips any white space at the ends, and applies
    # the character map to clusters.
    same = lambda text: written.normalizer.normalize_str(text) == theirs.normalize(text)
    usual = [text for text in plain(texts, written) if "<0x" not in text and "<unk>" not in text and same(text)]
    expected, found = theirs.encode(usual), hugging_face(written, usual)
    if "unigram" in path.name:  # `tokenizers` sums scores in f64: ties fall another way
        print(f"   {path.name} written as tokenizer.json: {sum(a != b for a, b in zip(found, expected))} of {len(usual)} texts differ")
        expected = ours(out, usual)
    compare(f"   {path.name} written as tokenizer.json", usual, found, expected)


def check_ranks(path, texts, scratch):
    global failures
    name = path.stem
    openai.load_tiktoken_bpe = lambda url, expected_hash=None: tiktoken.load.load_tiktoken_bpe(str(path))
    theirs = tiktoken.Encoding(**getattr(openai, name)())
    names = theirs._special_tokens
    mine = vocabulary(path)
    added = {text.decode(): id for id, (kind, text) in mine.items() if kind == "added"}
    print(f"{name}: {len(mine)} of {theirs.n_vocab} ids, special tokens {'equal' if added == names else 'DIFFERENT'}")
    failures += added != names
    expected = [theirs.encode_ordinary(text) for text in texts]
    compare(name, texts, ours(path, texts), expected)
    out = scratch / "out.json"
    dump("convert", path, out)
    written = Tokenizer.from_file(str(out))
    usual = plain(texts, written)
    compare(f"   {name} written as tokenizer.json", usual, hugging_face(written, usual), [theirs.encode_ordinary(t) for t in usual])
    dump("convert", path, scratch / "out.tiktoken")
    same = tiktoken.load.load_tiktoken_bpe(str(scratch / "out.tiktoken")) == tiktoken.load.load_tiktoken_bpe(str(path))
    print(f"   {name} written as rank file: {'equal' if same else 'DIFFERENT'}")
    failures += not same


texts = texts_of()
with tempfile.TemporaryDirectory() as scratch:
    scratch = pathlib.Path(scratch)
    for path in sorted(folder.glob("*.json")):
        check_json(path, texts, scratch)
    for path in sorted(folder.glob("*.model")):
        check_model(path, texts, scratch)
    compare("gpt2/", texts, ours(folder / "gpt2", texts), ours(folder / "gpt2.json", texts))
    for path in sorted(ranks.glob("*.tiktoken")) if ranks else []:
        check_ranks(path, texts, scratch)
print("all equal" if not failures else f"{failures} comparisons differ")
sys.exit(failures > 0)
