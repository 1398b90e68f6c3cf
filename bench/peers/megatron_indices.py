#!/usr/bin/env python3
"""Megatron-Core's document, sample and shuffle indices beside ours: same file, same run, bytes compared.

    python bench/peers/megatron_indices.py --build build [--documents 50000000] [--sequence-length 512]

Makes a token file of random lengths (its .bin is a hole), lets Megatron's GPTDataset build and save its
caches, builds ours in memory (megatron_bench, on one thread and on all) and into files (aurora blend export), and
prints seconds, ratios and whether all files are equal as JSON. Megatron's time is split into building and
numpy.save, as we sync what we write and it does not.

Needs PyPI: megatron-core (checked with 0.16.1), torch, numpy.
"""

import argparse
import filecmp
import json
import os
import shlex
import struct
import subprocess
import tempfile
import time
import warnings

warnings.filterwarnings("ignore")
import numpy
import torch
from megatron.core.datasets.blended_megatron_dataset_builder import BlendedMegatronDatasetBuilder
from megatron.core.datasets.gpt_dataset import GPTDataset, GPTDatasetConfig


class Tokenizer:
    vocab_size = 60000
    eod = 0
    unique_identifiers = {"class": "Tokenizer"}


def write_tokens(prefix, documents, mean):
    lengths = numpy.random.RandomState(7).randint(1, 2 * mean, documents).astype(numpy.int32)
    pointers = (numpy.cumsum(lengths, dtype=numpy.int64) - lengths) * 2
    with open(prefix + ".idx", "wb") as idx:
        idx.write(b"MMIDIDX\x00\x00" + struct.pack("<QBQQ", 1, 8, documents, documents + 1))
        lengths.tofile(idx)
        pointers.tofile(idx)
        numpy.arange(documents + 1, dtype=numpy.int64).tofile(idx)
    tokens = int(lengths.sum(dtype=numpy.int64))
    with open(prefix + ".bin", "wb") as out:
        out.truncate(2 * tokens)
    return tokens


def time_theirs(prefix, samples, arguments, cache):
    """(clock, processor) seconds of the whole, and of numpy.save in it."""
    clocks = (time.perf_counter, time.process_time)
    saving = [0.0, 0.0]
    save = numpy.save

    def timed_save(*args, **kwargs):
        begin = [clock() for clock in clocks]
        save(*args, **kwargs)
        for i, clock in enumerate(clocks):
            saving[i] += clock() - begin[i]

    config = GPTDatasetConfig(
        random_seed=1234, sequence_length=arguments.sequence_length, blend=([prefix], None), split="1",
        path_to_cache=cache, tokenizer=Tokenizer(), reset_position_ids=False, reset_attention_mask=False,
        eod_mask_loss=False, create_attention_mask=False)
    numpy.save = timed_save
    begin = [clock() for clock in clocks]
    BlendedMegatronDatasetBuilder(GPTDataset, [samples, 0, 0], lambda: True, config).build()
    seconds = [clock() - then for clock, then in zip(clocks, begin)]
    numpy.save = save
    return seconds, saving


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build")
    parser.add_argument("--program", default="build/aurora blend", help="program whose `export` is asked")
    parser.add_argument("--documents", type=int, default=50_000_000)
    parser.add_argument("--mean-tokens", type=int, default=512)
    parser.add_argument("--sequence-length", type=int, default=512)
    parser.add_argument("--epochs", type=float, default=0.99, help="samples asked for, in epochs")
    parser.add_argument("--folder", help="for the token file and the caches; default a temporary one")
    arguments = parser.parse_args()
    store = tempfile.NamedTemporaryFile()
    torch.distributed.init_process_group("gloo", init_method=f"file://{store.name}", rank=0, world_size=1)
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        prefix = f"{folder}/tokens"
        tokens = write_tokens(prefix, arguments.documents, arguments.mean_tokens)
        samples = int(arguments.epochs * tokens) // arguments.sequence_length
        cores = len(os.sched_getaffinity(0))
        bench = subprocess.run(
            [f"{arguments.build}/megatron_bench", prefix, str(arguments.sequence_length), str(samples), "1234", "1",
             str(cores)], capture_output=True, text=True, check=True)
        in_memory = json.loads(bench.stdout)
        theirs, saving = time_theirs(prefix, samples, arguments, f"{folder}/theirs")
        with open(f"{folder}/list", "w") as out:
            out.write(prefix + "\n")
        dump = subprocess.run(
            [*shlex.split(arguments.program), "export", "--megatron", "--json", "--list", f"{folder}/list",
             "--split", "1", "--samples", str(samples), "--valid", "0", "--test", "0", "--seq",
             str(arguments.sequence_length), "--tokenizer-json", json.dumps(Tokenizer.unique_identifiers),
             "--cache", f"{folder}/ours"], capture_output=True, text=True, check=True)
        exported = json.loads(dump.stdout)
        names = sorted(os.listdir(f"{folder}/theirs"))
        _, differing, missing = filecmp.cmpfiles(f"{folder}/theirs", f"{folder}/ours", names, shallow=False)
        building, building_cpu = theirs[0] - saving[0], theirs[1] - saving[1]
        one, all_cores = in_memory["1"], in_memory[str(cores)]
        print(json.dumps({
            "documents": exported["documents"], "samples": exported["samples"], "cores": cores,
            "megatron_build_s": round(building, 3), "megatron_build_cpu_s": round(building_cpu, 3),
            "megatron_save_s": round(saving[0], 3), "ours_build": in_memory,
            "ours_build_and_publish_s": round(exported["seconds"], 3),
            "ratio_one_core": round(building / one["s"], 2), "ratio_one_core_cpu": round(building_cpu / one["cpu_s"], 2),
            "ratio_all_cores": round(building / all_cores["s"], 2),
            "ratio_with_files": round(theirs[0] / exported["seconds"], 2),
            "files": len(names), "bytes": exported["bytes_written"], "equal": not differing and not missing,
        }, indent=2))


if __name__ == "__main__":
    main()
