"""Compares quantised blocks and GGUF files with the gguf package, byte for byte, and greedy text with llama.cpp.

usage: python3 tests/oracle/gguf_oracle.py [BUILD [MODEL.gguf ...]]      (pip install gguf numpy; llama-cpp-python where it builds)

Blocks: random values of several magnitudes must quantise to the package's bytes; random blocks of every type must have the package's
values, bit for bit. Files: what families_oracle.py writes (models named on the command line, or none) is read by the package: every
tensor's values, every setting. With llama-cpp-python, greedy text of each F32 file must be equal, too.
"""

import pathlib
import subprocess
import sys
import tempfile

import gguf
import numpy

build = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build")
folder = pathlib.Path(tempfile.mkdtemp(prefix="gguf_oracle_"))
rng = numpy.random.default_rng(1)
failures = 0


def dump(*arguments):
    command = [build / "model_dump", *map(str, arguments)]
    return subprocess.run(command, text=True, check=True, capture_output=True).stdout


def check(name, good):
    global failures
    failures += not good
    print(f"{name}: {'equal' if good else 'DIFFERENT'}")


def random_values(count):
    values = rng.standard_normal(count).astype(numpy.float32)
    values *= numpy.float32(10.0) ** rng.integers(-6, 4, count // 32).repeat(32)
    values[rng.random(count) < 0.05] = 0
    values[:32] = 0
    return values


def quantise(name):
    values = random_values(1 << 20)
    values.tofile(folder / "values")
    dump("encode", name, folder / "values", folder / "blocks")
    ours = numpy.fromfile(folder / "blocks", dtype=numpy.uint8)
    theirs = gguf.quants.quantize(values.reshape(1, -1), gguf.GGMLQuantizationType[name])
    check(f"quantise {name}", numpy.array_equal(ours, theirs.view(numpy.uint8).ravel()))


def dequantise(name):
    kind = gguf.GGMLQuantizationType[name]
    _, size = gguf.GGML_QUANT_SIZES[kind]
    blocks = rng.integers(0, 256, (1 << 12, size), dtype=numpy.uint8)
    halves = {"Q6_K": [size - 2], "Q4_K": [0, 2], "Q5_K": [0, 2], "Q4_1": [0, 2], "Q5_1": [0, 2]}.get(name, [0])
    if name not in ("F16", "BF16"):
        for at in halves:  # scales that are finite
            scales = rng.standard_normal(len(blocks)).astype(numpy.float16)
            blocks[:, at : at + 2] = scales.view(numpy.uint8).reshape(-1, 2)
    (folder / "blocks").write_bytes(blocks.tobytes())
    dump("decode", name, folder / "blocks", folder / "values")
    ours = numpy.fromfile(folder / "values", dtype=numpy.float32)
    theirs = gguf.quants.dequantize(blocks.reshape(1, -1), kind).ravel()
    same = (ours.view(numpy.uint32) == theirs.view(numpy.uint32)) | (numpy.isnan(ours) & numpy.isnan(theirs))
    check(f"dequantise {name}", bool(same.all()))


def read_file(path):
    reader = gguf.GGUFReader(path)
    for tensor in reader.tensors:
        values = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
        if not numpy.isfinite(values).all():
            return check(f"{path}, {tensor.name}", False)
    model = reader.get_field("general.architecture").contents()
    print(f"{path}: read by gguf, {model}, {len(reader.tensors)} tensors, {len(reader.fields)} settings")


def greedy(path):
    try:
        import llama_cpp
    except ImportError:
        return print(f"{path}: no llama-cpp-python, greedy text not compared")
    model = llama_cpp.Llama(str(path), n_ctx=256, verbose=False, logits_all=True)
    ids = [3, 17, 29, 5, 11]
    theirs = []
    model.reset()
    model.eval(ids)
    for _ in range(24):
        theirs.append(int(numpy.argmax(model.scores[model.n_tokens - 1])))
        model.eval([theirs[-1]])
    ours = [int(id) for id in dump("greedy", path, 24, *ids).split()]
    check(f"{path}: greedy text as llama.cpp", ours == theirs)


for name in ("Q8_0", "Q4_0", "F16", "BF16"):
    quantise(name)
for name in ("Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q4_K", "Q5_K", "Q6_K", "F16", "BF16"):
    dequantise(name)
for name in sys.argv[2:]:
    read_file(name)
    greedy(name)
sys.exit(failures > 0)
