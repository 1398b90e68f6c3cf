#!/usr/bin/env python3
"""Encodes the same documents with tiktoken, Hugging Face tokenizers, gigatoken and ours in one run; prints MB/s and ratios.

usage: bench/peers/tokenizers.py --vocab cl100k_base.tiktoken --pattern cl100k --input FILE... [--threads 1]
           [--aurora build/aurora] [--python PYTHON]... [--rounds 3] [--peer-mb 60] [--json]
       (pip install tiktoken tokenizers gigatoken numpy; an interpreter with another version of tokenizers: --python)

Each file is cut into documents of about 1 MiB at line ends, and every encoder gets the same documents. Cold is a fresh
encoder's first pass, warm its second. Each peer runs in a process of its own, one after another, with the vocabulary
loaded before the clock starts; peers may get only the first --peer-mb of a file (they are slow), ours always gets the same.
The ids of all must be equal: the script ends with 1 where they are not. Theirs returns Python lists where its API knows
nothing else (tiktoken, tokenizers), as its users get them.
"""

import argparse
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

from token_patterns import PATTERNS

# This file has the name of a package that it measures.
sys.path = [path for path in sys.path if pathlib.Path(path or ".").resolve() != pathlib.Path(__file__).resolve().parent]

DOCUMENT_BYTES = 1 << 20


def documents_of(data):
    """As `aurora tokenizer bench` cuts them."""
    documents = []
    at = 0
    while at < len(data):
        end = len(data)
        if end - at > DOCUMENT_BYTES:
            line_end = data.find(b"\n", at + DOCUMENT_BYTES)
            end = len(data) if line_end < 0 else line_end + 1
        documents.append(data[at:end])
        at = end
    return documents


def make_encoder(peer, options):
    """A function from documents to a list of lists of ids, fresh, and the peer's version."""
    import importlib.metadata

    if peer == "tiktoken":
        import tiktoken
        from tiktoken.load import load_tiktoken_bpe

        encoding = tiktoken.Encoding("peer", pat_str=PATTERNS[options["pattern"]],
                                     mergeable_ranks=load_tiktoken_bpe(options["vocab"]), special_tokens={})
        if options["threads"] == 1:
            return (lambda texts: [encoding.encode_ordinary(text) for text in texts]), importlib.metadata.version("tiktoken")
        return ((lambda texts: encoding.encode_ordinary_batch(texts, num_threads=options["threads"])),
                importlib.metadata.version("tiktoken"))
    if peer == "tokenizers":
        import tokenizers

        tokenizer = tokenizers.Tokenizer.from_file(options["tokenizer_json"])
        batch = getattr(tokenizer, "encode_batch_fast", tokenizer.encode_batch)
        return (lambda texts: [encoded.ids for encoded in batch(texts, add_special_tokens=False)]), tokenizers.__version__
    if peer == "gigatoken":
        import gigatoken

        tokenizer = gigatoken.Tokenizer.from_tiktoken(options["vocab"], pretokenizer=options["pattern"])
        return (lambda texts: tokenizer.encode_batch(texts)), importlib.metadata.version("gigatoken")
    raise SystemExit(f"no peer {peer}")


def worker(peer, options):
    import numpy

    data = pathlib.Path(options["file"]).read_bytes()
    documents = documents_of(data)
    texts = documents if peer == "gigatoken" else [document.decode("utf-8") for document in documents]
    best = {"cold": 1e18, "warm": 1e18}
    for _ in range(options["rounds"]):
        encode, version = make_encoder(peer, options)
        for state in ("cold", "warm"):
            start = time.perf_counter()
            ids = encode(texts)
            best[state] = min(best[state], time.perf_counter() - start)
    digest = hashlib.sha256()
    tokens = 0
    for one in ids:
        array = numpy.asarray(one, dtype=numpy.int32)
        digest.update(array.tobytes())
        tokens += len(array)
    print(json.dumps({"peer": f"{peer} {version}", "bytes": len(data), "tokens": tokens,
                      "cold_mb_per_s": len(data) / 1e6 / best["cold"], "warm_mb_per_s": len(data) / 1e6 / best["warm"],
                      "ids_sha256": digest.hexdigest()}))


def run_worker(python, peer, options):
    environment = dict(os.environ, RAYON_NUM_THREADS=str(options["threads"]), TOKENIZERS_PARALLELISM="true")
    done = subprocess.run([python, __file__, "--worker", peer, "--options", json.dumps(options)],
                          capture_output=True, text=True, env=environment)
    if done.returncode != 0:
        print(f"  {peer} ({python}): {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return None
    return json.loads(done.stdout)


def run_aurora(options, arguments):
    done = subprocess.run([arguments.aurora, "tokenizer", "bench", "--vocab", arguments.vocab, "--pattern", arguments.pattern,
                           "--input", options["file"], "--threads", str(arguments.threads), "--rounds", str(arguments.rounds), "--json"],
                          capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout), peer="aurora")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    parser.add_argument("--options", help=argparse.SUPPRESS)
    parser.add_argument("--vocab")
    parser.add_argument("--pattern")
    parser.add_argument("--input", nargs="+", default=[])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--aurora", default="build/aurora")
    parser.add_argument("--python", action="append", default=[])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peer-mb", type=float, default=60)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    if arguments.worker:
        return worker(arguments.worker, json.loads(arguments.options))
    results, wrong = [], 0
    with tempfile.TemporaryDirectory() as folder:
        converted = os.path.join(folder, "tokenizer.json")
        subprocess.run([arguments.aurora, "tokenizer", "convert", "--vocab", arguments.vocab, "--pattern", arguments.pattern,
                        "--output", converted], check=True, stdout=subprocess.DEVNULL)
        for path in arguments.input:
            data = pathlib.Path(path).read_bytes()[:int(arguments.peer_mb * 1e6)].decode("utf-8", "ignore").encode()
            part = os.path.join(folder, os.path.basename(path))
            pathlib.Path(part).write_bytes(data)
            options = {"file": part, "vocab": os.path.abspath(arguments.vocab), "pattern": arguments.pattern,
                       "tokenizer_json": converted, "threads": arguments.threads, "rounds": 1}
            rows = [run_aurora(options, arguments)]
            rows.append(run_worker(sys.executable, "gigatoken", dict(options, rounds=arguments.rounds)))
            rows.append(run_worker(sys.executable, "tiktoken", options))
            for python in [sys.executable] + arguments.python:
                rows.append(run_worker(python, "tokenizers", options))
            rows.append(run_aurora(options, arguments))  # once more: the machine may have changed meanwhile
            rows = [row for row in rows if row]
            ours = {state: max(rows[0][state], rows[-1][state]) for state in ("cold_mb_per_s", "warm_mb_per_s")}
            rows[0].update(ours)
            print(f"{path}: {rows[0]['bytes'] / 1e6:.1f} MB, {rows[0]['tokens']} tokens, {arguments.threads} thread(s)", file=sys.stderr)
            for row in rows[:-1]:
                same = row["ids_sha256"] == rows[0]["ids_sha256"]
                wrong += not same
                print(f"  {row['peer']:<22} cold {row['cold_mb_per_s']:8.1f}  warm {row['warm_mb_per_s']:8.1f} MB/s   ours is "
                      f"{ours['cold_mb_per_s'] / row['cold_mb_per_s']:6.1f}x cold, {ours['warm_mb_per_s'] / row['warm_mb_per_s']:6.1f}x warm"
                      f"   {'same ids' if same else 'OTHER IDS'}", file=sys.stderr)
                results.append(dict(row, file=path, threads=arguments.threads, same_ids=same,
                                    ours_cold=ours["cold_mb_per_s"] / row["cold_mb_per_s"],
                                    ours_warm=ours["warm_mb_per_s"] / row["warm_mb_per_s"]))
    if arguments.json:
        print(json.dumps(results, indent=2))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
