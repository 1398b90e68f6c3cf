"""Compares our blend with Megatron-Core's compiled helper, byte for byte, on random weights and on a real list.

usage: python3 tests/oracle/megatron_blend_oracle.py AURORA [LIST [SAMPLES]]      (pip install megatron-core numpy)

300 blends by weight (random, heavy-tailed, equal, with zeros, powers of two, few values; 1 to 3,000 datasets) and 100
exhaustive ones, then LIST at SAMPLES (20,000,000; the helper takes about a minute for 2,419 files). Weights reach ours
as text, so that reading and normalising them is compared as well. The .npy files must be what numpy.save writes.
"""

import importlib.machinery
import importlib.util
import io
import pathlib
import random
import subprocess
import sys
import tempfile

try:
    import numpy

    megatron = importlib.util.find_spec("megatron")
    helper_path = next(
        path
        for folder in megatron.submodule_search_locations
        for path in pathlib.Path(folder).glob("core/datasets/helpers_cpp*.so")
    )
except (ImportError, AttributeError, StopIteration):
    sys.exit("this oracle needs Megatron-Core with its compiled helper: pip install megatron-core numpy")
loader = importlib.machinery.ExtensionFileLoader("helpers_cpp", str(helper_path))
helper = importlib.util.module_from_spec(importlib.util.spec_from_loader("helpers_cpp", loader))
loader.exec_module(helper)

aurora = sys.argv[1]
random.seed(1)


def kinds(count):
    return {
        "random": [random.expovariate(1) for _ in range(count)],
        "heavy-tailed": [random.paretovariate(0.5) for _ in range(count)],
        "equal": [1.0] * count,
        "with zeros": [random.choice([0.0, random.random()]) for _ in range(count - 1)] + [1.0],
        "powers of two": [2.0 ** -random.randrange(12) for _ in range(count)],
        "few values": [float(random.randrange(1, 6)) for _ in range(count)],
        "nearly equal": [1 + 1e-9 * random.random() for _ in range(count)],
        "one big": [random.random() for _ in range(count - 1)] + [1e6],
    }


def theirs(weights, size):
    datasets, samples = numpy.zeros(size, dtype=numpy.int16), numpy.zeros(size, dtype=numpy.int64)
    weights = numpy.array(weights, dtype=numpy.float64)
    weights = numpy.array((weights / numpy.sum(weights)).tolist())
    helper.build_blending_indices(datasets, samples, weights, len(weights), size, False)
    return datasets, samples


def theirs_exhaustive(sizes):
    total = sum(sizes)
    datasets, samples = numpy.zeros(total, dtype=numpy.int16), numpy.zeros(total, dtype=numpy.int64)
    helper.build_exhaustive_blending_indices(datasets, samples, numpy.array(sizes, dtype=numpy.int64), len(sizes))
    return datasets, samples


def compare(folder, what, weights, flags, expected):
    (folder / "list.tsv").write_text("".join(f"{weight!r} dataset-{i}\n" for i, weight in enumerate(weights)))
    command = [aurora, "blend", "bench-megatron", "--list", folder / "list.tsv", "--out", folder, *map(str, flags)]
    subprocess.run(command, check=True, capture_output=True)
    for name, array in zip(("dataset_index", "dataset_sample_index"), expected):
        saved = io.BytesIO()
        numpy.save(saved, array, allow_pickle=True)
        if saved.getbuffer() != (folder / f"{name}.npy").read_bytes():
            ours = numpy.load(folder / f"{name}.npy")
            sys.exit(f"{what}: {name} differs, first at {numpy.flatnonzero(ours != array)[:1]}")


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    names = list(kinds(1))
    for case in range(300):
        kind = names[case % len(names)]
        count = random.choice([random.randrange(1, 12), random.randrange(1, 100), random.randrange(1, 3000)])
        size = random.randrange(1, 300_000 if count < 100 else 30_000)
        weights = kinds(count)[kind]
        flags = ["--samples", size, "--threads", random.choice([1, 2, 3])]
        compare(folder, f"{kind}, {count} datasets, {size} samples", weights, flags, theirs(weights, size))
    print("300 blends by weight: the same bytes")
    for case in range(100):
        sizes = [random.randrange(1, random.choice([3, 50, 2000])) for _ in range(random.randrange(1, 200))]
        compare(folder, f"exhaustive, sizes {sizes}", sizes, ["--exhaustive"], theirs_exhaustive(sizes))
    print("100 exhaustive blends: the same bytes")
    if len(sys.argv) > 2:
        lines = [line.split("#")[0].split() for line in pathlib.Path(sys.argv[2]).read_text().splitlines()]
        weights = [float(words[0]) for words in lines if words]
        size = int(float(sys.argv[3])) if len(sys.argv) > 3 else 20_000_000
        compare(folder, sys.argv[2], weights, ["--samples", size], theirs(weights, size))
        print(f"{sys.argv[2]}, {len(weights)} datasets, {size} samples: the same bytes")
