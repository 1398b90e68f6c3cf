"""Builds a blend with Megatron-Core's own helper and with ours, by turns in one run; compares bytes and prints the ratios.

usage: python3 bench/peers/megatron_blend.py LIST SAMPLES [--corpora] [--aurora build/aurora] [--rounds 3]
       (pip install megatron-core numpy)

LIST is WEIGHT PREFIX [CORPUS] a line; with --corpora the weights of a corpus's files are added up and the corpora are
blended. Theirs is timed around helpers_cpp.build_blending_indices alone, arrays allocated before (numpy.zeros, as
Megatron does). Ours is the time that `aurora blend bench-megatron` prints, which allocates its arrays inside. Theirs
runs on one thread, as it must; ours on one and on two. Of each the best round counts.
"""

import argparse
import importlib.machinery
import importlib.metadata
import importlib.util
import json
import pathlib
import subprocess
import sys
import tempfile
import time


def megatron_helper():
    """The compiled helper, loaded without the package around it, which would import torch."""
    try:
        import numpy

        version = importlib.metadata.version("megatron-core")
    except ImportError as missing:
        sys.exit(f"{missing}; this comparison needs Megatron-Core: pip install megatron-core numpy")
    for folder in importlib.util.find_spec("megatron").submodule_search_locations:
        for path in sorted(pathlib.Path(folder).glob("core/datasets/helpers_cpp*.so")):
            loader = importlib.machinery.ExtensionFileLoader("helpers_cpp", str(path))
            module = importlib.util.module_from_spec(importlib.util.spec_from_loader("helpers_cpp", loader))
            loader.exec_module(module)
            return module, version, numpy
    sys.exit(f"megatron-core {version} has no compiled helpers_cpp; install a wheel or build its helpers")


def read_weights(path, corpora):
    """Weights as written, per line or per corpus in the order of first appearance."""
    weights = {}
    for number, line in enumerate(pathlib.Path(path).read_text().splitlines()):
        words = line.split("#")[0].split()
        if words:
            key = words[2] if corpora else number
            weights[key] = weights.get(key, 0.0) + float(words[0])
    return list(weights.values())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("list")
    parser.add_argument("samples", type=float)
    parser.add_argument("--corpora", action="store_true")
    parser.add_argument("--aurora", default="build/aurora")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    size = int(options.samples)
    helper, version, numpy = megatron_helper()

    written = read_weights(options.list, options.corpora)
    weights = numpy.array(written, dtype=numpy.float64)
    weights = weights / numpy.sum(weights)
    times = {"megatron": [], 1: [], 2: []}
    with tempfile.TemporaryDirectory() as folder:
        names = pathlib.Path(folder) / "blend.tsv"
        names.write_text("".join(f"{weight!r}\tdataset-{i}\n" for i, weight in enumerate(written)))

        def ours(threads, out=()):
            command = [options.aurora, "blend", "bench-megatron", "--list", names, "--samples", str(size)]
            command += ["--threads", str(threads), "--json", *out]
            result = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            times[threads].append(result["seconds"])
            return result["dataset_index_xxh3"], result["dataset_sample_index_xxh3"]

        hashes = {ours(threads, ["--out", folder]) for threads in (2, 1)}
        for _ in range(options.rounds):
            datasets = numpy.zeros(size, dtype=numpy.int16)
            samples = numpy.zeros(size, dtype=numpy.int64)
            start = time.perf_counter()
            helper.build_blending_indices(datasets, samples, weights, len(weights), size, False)
            times["megatron"].append(time.perf_counter() - start)
            hashes.update(ours(threads) for threads in (1, 2))
        same = len(hashes) == 1
        for name, array in (("dataset_index", datasets), ("dataset_sample_index", samples)):
            built = numpy.load(pathlib.Path(folder) / f"{name}.npy")
            same = same and built.dtype == array.dtype and built.tobytes() == array.tobytes()

    best = {name: min(runs) for name, runs in times.items()}
    print(json.dumps({
        "megatron_core": version,
        "numpy": numpy.__version__,
        "datasets": len(weights),
        "samples": size,
        "same_bytes": same,
        "megatron_seconds": best["megatron"],
        "aurora_seconds_1_thread": best[1],
        "aurora_seconds_2_threads": best[2],
        "megatron_ns_per_sample": 1e9 * best["megatron"] / size,
        "aurora_ns_per_sample_1_thread": 1e9 * best[1] / size,
        "aurora_ns_per_sample_2_threads": 1e9 * best[2] / size,
        "ratio_1_thread": best["megatron"] / best[1],
        "ratio_2_threads": best["megatron"] / best[2],
    }, indent=2))
    sys.exit(0 if same else 1)


main()
