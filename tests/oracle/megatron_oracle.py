#!/usr/bin/env python3
"""Holds our Megatron caches against Megatron-Core's own, byte for byte, on random configurations.

    python tests/oracle/megatron_oracle.py [--program "build/aurora blend"] [--runs 250] [--seed 0]
    python tests/oracle/megatron_oracle.py --runs 1 --list DATA_LIST

For every configuration (files, lengths, weights, splits, sizes, epochs, seeds, sequence lengths, lists per
split, partial sequences, tokenizers) Megatron's BlendedMegatronDatasetBuilder and we build into two folders:
the same files with the same bytes must lie in both, or both must refuse. Then Megatron builds again over our
folder: it must find everything, write nothing, and give the same samples.

Needs PyPI: megatron-core (checked with 0.16.1), torch, numpy, pybind11's compiled helpers.
"""

import argparse
import json
import os
import random
import re
import resource
import shlex
import struct
import subprocess
import sys
import tempfile
import traceback
import warnings
from collections import OrderedDict
from pathlib import Path

warnings.filterwarnings("ignore")
import numpy
import torch
from megatron.core.datasets.blended_megatron_dataset_builder import BlendedMegatronDatasetBuilder
from megatron.core.datasets.gpt_dataset import GPTDataset, GPTDatasetConfig
from megatron.core.tokenizers import MegatronTokenizer

SPLITS = ["969, 30, 1", "969,30,1", "98,2,0", "100,0,0", "1,1,1", "0,1,1", ".7 .2 .1", "33.3;33.3;33.4", "90,10",
          "1", "80,0,20"]


class Identified:
    """A tokenizer that is nothing but its identity."""

    vocab_size = 60000
    eod = 0

    def __init__(self, identifiers):
        self.unique_identifiers = identifiers


def tokenizers():
    null = MegatronTokenizer.from_pretrained(
        metadata_path={"library": "null", "model_type": "gpt"}, vocab_size=50000)
    odd = OrderedDict(
        {"class": "Naïve \"中\" \U0001f600\x7f\t", "tokenizer_path": ["a/b", None],
         "n": 3, "f": [0.1, 1e-07, 1e22, 123456789.5, -0.0, 5e-324, 100.0, 1e16], "none": None, "yes": True,
         "empty": [], "nothing": {}})
    legacy = OrderedDict({"class": "_HuggingFaceTokenizer", "tokenizer_path": ["meta-llama/Llama-2-7b-hf"],
                          "trust_remote_code": "False"})
    return [null, Identified(odd), Identified(legacy)]


def write_tokens(prefix, lengths, rng):
    """PREFIX.bin and PREFIX.idx, every document one sequence."""
    wide = rng.random() < 0.5
    lengths = numpy.array(lengths, dtype=numpy.int32)
    tokens = numpy.random.RandomState(rng.randrange(2**32)).randint(1, 60000, int(lengths.sum()))
    tokens.astype(numpy.int32 if wide else numpy.uint16).tofile(prefix + ".bin")
    pointers = (numpy.cumsum(lengths, dtype=numpy.int64) - lengths) * (4 if wide else 2)
    with open(prefix + ".idx", "wb") as idx:
        idx.write(b"MMIDIDX\x00\x00" + struct.pack("<QBQQ", 1, 4 if wide else 8, len(lengths), len(lengths) + 1))
        idx.write(lengths.tobytes() + pointers.tobytes())
        idx.write(numpy.arange(len(lengths) + 1, dtype=numpy.int64).tobytes())


def random_lengths(rng):
    count = rng.choice([1, 7, 50, 300, 300, 300, 3000, 3000])
    kind = rng.random()
    if kind < 0.04:
        return [rng.choice([0, 0, 1, 2, 90]) for _ in range(count)]
    if kind < 0.15:
        return [rng.randrange(1, 4) for _ in range(count)]
    if kind < 0.25:
        return [rng.choice([0, 1, 5000]) for _ in range(count)]
    return [rng.randrange(1, 400) for _ in range(count)]


def random_size(rng):
    return rng.choice([0, 1, 2, 17, 100, 1000, rng.randrange(1, 5000)])


def random_blend(rng, prefixes, weighted):
    chosen = [rng.choice(prefixes) for _ in range(rng.randrange(1, len(prefixes) + 3))]
    if not weighted:
        chosen = list(dict.fromkeys(chosen))
        return chosen, None
    draw = rng.choice([lambda: float(rng.randrange(1, 9)), lambda: rng.random() + 1e-3, 
                       lambda: 10 ** rng.uniform(-4, 0)])
    return chosen, [draw() for _ in chosen]


def random_configuration(rng, folder):
    """Token files below `folder`, and what both builders are told."""
    prefixes = []
    for i in range(rng.choice([1, 2, 3, 8, 20])):
        prefix = os.path.join(folder, f"files-{rng.choice(['a', 'é中'])}{i}")
        write_tokens(prefix, random_lengths(rng), rng)
        prefixes.append(prefix)
    weighted = rng.random() < 0.5
    config = {
        "seed": rng.choice([1234, 0, 1, 2**32 - 1, rng.randrange(2**32)]),
        "sequence_length": rng.choice([2, 3, 16, 64, 100, 2048]),
        "extra": rng.random() < 0.75,
        "drop": rng.random() < 0.6,
        "surplus": rng.choice([0.005, 0.005, 0.0, 0.1]),
        "split": None,
        "blend": None,
        "blend_per_split": None,
    }
    if rng.random() < 0.7:
        config["blend"] = random_blend(rng, prefixes, weighted)
        config["split"] = rng.choice(SPLITS)
    else:
        config["blend_per_split"] = [
            random_blend(rng, prefixes, rng.random() < 0.5) if rng.random() < 0.8 else None for _ in range(3)]
        if not any(config["blend_per_split"]):
            config["blend_per_split"][0] = (prefixes[:1], None)
    config["sizes"] = [None if rng.random() < 0.3 else random_size(rng) for _ in range(3)]
    for i in range(3):
        blend = config["blend"] or config["blend_per_split"][i]
        if blend and blend[1] and config["sizes"][i] is None:
            config["sizes"][i] = random_size(rng)
    return config


class Endless(Exception):
    """Megatron would not return: samples are wanted of a split without a token."""


class TooLarge(Exception):
    """More entries than a fuzzer should wait for."""


class BoundedGPTDataset(GPTDataset):
    """Megatron's, but for the loop that never ends."""

    def _get_num_epochs(self, num_tokens_per_epoch):
        if self.num_samples is not None:
            wanted = self.num_samples * self.config.sequence_length + self.config.add_extra_token_to_sequence
            if num_tokens_per_epoch == 0 and wanted > 0:
                raise Endless()
            if num_tokens_per_epoch and wanted // num_tokens_per_epoch * len(self.indices) > 1_000_000:
                raise TooLarge()
        return super()._get_num_epochs(num_tokens_per_epoch)


BoundedGPTDataset.__name__ = "GPTDataset"  # it is part of a cache's name


def build_theirs(config, tokenizer, cache):
    settings = GPTDatasetConfig(
        random_seed=config["seed"], sequence_length=config["sequence_length"], blend=config["blend"],
        blend_per_split=config["blend_per_split"], split=config["split"], path_to_cache=cache,
        tokenizer=tokenizer, reset_position_ids=False, reset_attention_mask=False, eod_mask_loss=False,
        create_attention_mask=False, drop_last_partial_validation_sequence=config["drop"],
        add_extra_token_to_sequence=config["extra"], mid_level_dataset_surplus=config["surplus"])
    return BlendedMegatronDatasetBuilder(BoundedGPTDataset, config["sizes"], lambda: True, settings).build()


def write_list(path, blend):
    with open(path, "w") as out:
        for i, prefix in enumerate(blend[0]):
            out.write(f"{blend[1][i]!r} {prefix}\n" if blend[1] else f"{prefix}\n")
    return path


def build_ours(program, config, tokenizer, cache, folder):
    command = [*program, "export", "--megatron", "--json", "--cache", cache,
               "--seq", str(config["sequence_length"]), "--seed", str(config["seed"]),
               "--surplus", repr(config["surplus"]),
               "--tokenizer-json", json.dumps(tokenizer.unique_identifiers)]
    if config["blend"]:
        command += ["--list", write_list(f"{folder}/list", config["blend"]), "--split", config["split"]]
    else:
        for name, blend in zip(["train", "valid", "test"], config["blend_per_split"]):
            if blend:
                command += [f"--{name}-list", write_list(f"{folder}/{name}-list", blend)]
    for flag, size in zip(["--samples", "--valid", "--test"], config["sizes"]):
        if size is not None:
            command += [flag, str(size)]
    if not config["extra"]:
        command.append("--no-extra-token")
    if not config["drop"]:
        command.append("--keep-partial-valid")
    return subprocess.run(command, capture_output=True, text=True, check=False)


def compare_folders(theirs, ours):
    """Number of files and bytes; raises at the first difference."""
    names = [sorted(os.listdir(folder)) if os.path.isdir(folder) else [] for folder in (theirs, ours)]
    assert names[0] == names[1], f"names differ: {sorted(set(names[0]) ^ set(names[1]))[:6]}"
    total = 0
    for name in names[0]:
        a, b = Path(theirs, name).read_bytes(), Path(ours, name).read_bytes()
        assert a == b, f"{name} differs ({len(a)} and {len(b)} bytes)"
        total += len(a)
    return len(names[0]), total


def drawn_samples(datasets, rng):
    """Length and some samples of every split."""
    drawn = []
    for dataset in datasets:
        if dataset is None:
            drawn.append(None)
            continue
        numbers = [rng.randrange(len(dataset)) for _ in range(min(5, len(dataset)))]
        drawn.append((len(dataset), {i: dataset[i] for i in numbers}))
    return drawn


def check_read_back(config, tokenizer, cache, drawn):
    """Megatron over our caches: all found, nothing written, the same samples. Number of samples compared."""
    before = {p: p.stat().st_mtime_ns for p in Path(cache).iterdir()}
    datasets = build_theirs(config, tokenizer, cache)
    after = {p: p.stat().st_mtime_ns for p in Path(cache).iterdir()}
    assert before == after, "Megatron built again what we had built"
    compared = 0
    for expected, dataset in zip(drawn, datasets):
        assert (expected is None) == (dataset is None)
        if dataset is None:
            continue
        assert expected[0] == len(dataset)
        for i, x in expected[1].items():
            y = dataset[i]
            assert all(torch.equal(torch.as_tensor(x[key]), torch.as_tensor(y[key])) for key in x), f"sample {i}"
            compared += 1
    return compared


def run_one(program, rng, tokenizer, folder, config):
    """What was compared: (reason if both refused, files, bytes, samples); None: not tried."""
    theirs, ours = os.path.join(folder, "theirs"), os.path.join(folder, "ours")
    try:
        first = drawn_samples(build_theirs(config, tokenizer, theirs), rng)
    except TooLarge:
        return None
    except Exception as error:  # an assertion of Megatron, or it would not return
        line = traceback.extract_tb(error.__traceback__)[-1].line
        first, reason = None, f"{type(error).__name__} at {line}"
    result = build_ours(program, config, tokenizer, ours, folder)
    if first is None:
        assert result.returncode == 1, f"Megatron refused ({reason}), we did not\n{config}"
        ours_says = re.sub(r"[0-9]+(\.[0-9e-]+)?", "N", result.stderr.split("\n")[0])
        return f"{reason} | {ours_says}", 0, 0, 0
    assert result.returncode == 0, f"we refused, Megatron did not: {result.stderr}\n{config}"
    try:
        files, size = compare_folders(theirs, ours)
        samples = check_read_back(config, tokenizer, ours, first)
    except AssertionError as error:
        raise AssertionError(f"{error}\n{config}") from error
    return None, files, size, samples


def list_configuration(rng, folder, path):
    """The weights of a real list over small files of random lengths, 200,000 samples.

    One split: Megatron keeps every cache of every file open."""
    weights, prefixes = [], []
    lines = [line for line in open(path) if line.strip() and not line.startswith("#")]
    for i, line in enumerate(lines):
        weights.append(float(line.split()[0]))
        prefixes.append(os.path.join(folder, f"file{i}"))
        write_tokens(prefixes[-1], [rng.randrange(1, 200) for _ in range(rng.randrange(600, 900))], rng)
    return {"seed": 1234, "sequence_length": 128, "extra": True, "drop": True, "surplus": 0.005, "split": "1",
            "blend": (prefixes, weights), "blend_per_split": None, "sizes": [200_000, 0, 0]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/aurora blend", help="program whose `export` is asked")
    parser.add_argument("--runs", type=int, default=250)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--list", help="a data list: its weights over small files, in place of random configurations")
    parser.add_argument("--verbose", action="store_true")
    arguments = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # Megatron holds some ten files open per dataset
    store = tempfile.NamedTemporaryFile()
    torch.distributed.init_process_group("gloo", init_method=f"file://{store.name}", rank=0, world_size=1)
    known = tokenizers()
    totals = {"configurations": 0, "refused_by_both": 0, "files": 0, "bytes": 0, "samples_read_back": 0}
    reasons = {}
    for run in range(arguments.seed, arguments.seed + arguments.runs):
        rng = random.Random(run)
        if sys.stderr.isatty() or arguments.verbose:
            print(f"configuration {run}, {totals['bytes']} bytes so far", file=sys.stderr)
        with tempfile.TemporaryDirectory() as folder:
            try:
                if arguments.list:
                    config = list_configuration(rng, folder, arguments.list)
                else:
                    config = random_configuration(rng, folder)
                compared = run_one(shlex.split(arguments.program), rng, rng.choice(known), folder, config)
            except AssertionError as error:
                sys.exit(f"configuration {run}: {error}")
        if compared is None:
            continue
        refused, files, size, samples = compared
        totals["configurations"] += 1
        totals["refused_by_both"] += refused is not None
        totals["files"] += files
        totals["bytes"] += size
        totals["samples_read_back"] += samples
        if refused:
            reasons[refused] = reasons.get(refused, 0) + 1
    print(json.dumps({**totals, "refusals": reasons}, indent=2))


if __name__ == "__main__":
    main()
