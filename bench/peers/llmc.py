"""Trains the 124M shape at T=1024 with llm.c's CPU trainer and with ours, one after the other in one run, and prints the ratio.

usage: python3 bench/peers/llmc.py LLM_C_CHECKOUT [AURORA]     (needs gcc with OpenMP; no other package)

llm.c (https://github.com/karpathy/llm.c) trains GPT-2 124M in f32 from a checkpoint and token files; random ones are
written here in its formats, since speed does not depend on their contents. Its batch is set to B=1, T=1024.
"""

import array
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile

checkout = pathlib.Path(sys.argv[1]).resolve()
aurora = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else "build/aurora").resolve()
STEPS = 3


def header(*values):
    numbers = array.array("i", values)
    numbers.extend([0] * (256 - len(numbers)))
    return numbers.tobytes()


def write_checkpoint(path):
    """Version 3: magic, version, maxT, V, L, H, C, padded V; then f32 parameters."""
    T, V, L, H, C, Vp = 1024, 50257, 12, 12, 768, 50304
    count = Vp * C + T * C + L * (4 * C + 3 * C * C + 3 * C + C * C + C + 4 * C * C + 4 * C + 4 * C * C + C) + 2 * C
    random.seed(1)
    block = array.array("f", (random.gauss(0, 0.02) for _ in range(65536))).tobytes()
    with open(path, "wb") as file:
        file.write(header(20240326, 3, T, V, L, H, C, Vp))
        for _ in range(count * 4 // len(block)):
            file.write(block)
        file.write(block[: count * 4 % len(block)])


def write_tokens(path, count):
    random.seed(2)
    with open(path, "wb") as file:
        file.write(header(20240520, 1, count))
        file.write(array.array("H", (random.randrange(50257) for _ in range(count))).tobytes())


with tempfile.TemporaryDirectory() as folder:
    work = pathlib.Path(folder)
    source = (checkout / "train_gpt2.c").read_text()
    source = re.sub(r"int B = 4;", "int B = 1;", source)
    source = re.sub(r"int T = 64;", "int T = 1024;", source)
    # Validation and sampling take time that is not training.
    source = re.sub(r"if \(step % 10 == 0\)", "if (0)", source)
    source = re.sub(r"if \(step > 0 && step % 20 == 0\)", "if (0)", source)
    source = re.sub(r"step <= 40", f"step < {STEPS}", source)
    (work / "train.c").write_text(source)
    subprocess.run(
        ["gcc", "-Ofast", "-march=native", "-fopenmp", f"-I{checkout}", "-o", "train", "train.c", "-lm"],
        cwd=work, check=True,
    )
    write_checkpoint(work / "gpt2_124M.bin")
    data = work / "dev/data/tinyshakespeare"
    data.mkdir(parents=True)
    write_tokens(data / "tiny_shakespeare_train.bin", 16384)
    write_tokens(data / "tiny_shakespeare_val.bin", 16384)
    out = subprocess.run(["./train"], cwd=work, check=True, capture_output=True, text=True).stdout
    times = [float(ms) for ms in re.findall(r"took ([0-9.]+) ms", out)]

ours = json.loads(
    subprocess.run(
        [aurora, "pretrain", "--benchmark", "124M", "--seq", "1024", "--steps", str(STEPS - 1), "--json"],
        check=True, capture_output=True, text=True,
    ).stdout
)
theirs = 1024 * 1000 / min(times[1:])
print(f"llm.c    {theirs:8.1f} tokens/s  (f32, best of {len(times) - 1} steps)")
print(f"aurora   {ours['tokens_per_s']:8.1f} tokens/s  (bf16, mean of {STEPS - 1} steps; {100 * ours['share_of_roof']:.0f} % of the GEMM roof)")
print(f"ratio    {ours['tokens_per_s'] / theirs:8.1f}")
