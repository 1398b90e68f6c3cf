"""Compares token files and arrays with Megatron-Core and NumPy, byte for byte, and converters with their sources.

usage: python3 tests/oracle/token_file_oracle.py [BUILD]      (pip install megatron-core torch numpy)

Token files: all 8 types, with and without modes, documents of several sequences, of empty ones and of none. What Megatron writes we
must read as it was meant, what we write must have Megatron's bytes, and Megatron must read it. Arrays: what numpy.save writes, we must
read and write back as the same bytes. Converters: fairseq's old layout is written here after its documentation; OLMo's and nanoGPT's
by numpy; DataTrove's by DataTrove itself where it is installed (pip install datatrove humanize), else it is left out.
"""

import csv
import gzip
import logging
import pathlib
import random
import struct
import subprocess
import sys
import tempfile
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)

import numpy
import torch
from megatron.core.datasets.indexed_dataset import DType, IndexedDataset, IndexedDatasetBuilder

build = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build")
folder = pathlib.Path(tempfile.mkdtemp(prefix="token_file_oracle_"))
rng = random.Random(1)


def dump(*arguments, text=None):
    command = [build / "format_dump", *map(str, arguments)]
    return subprocess.run(command, input=text, text=True, check=True, capture_output=True).stdout


def random_documents(dtype, multimodal):
    """Documents as lists of (numbers, mode)."""
    low, high = (0, 1 << 20) if dtype.kind == "f" else (numpy.iinfo(dtype).min, numpy.iinfo(dtype).max)

    def sequence():
        count = rng.choice([0, 1, 2, rng.randrange(50)])
        numbers = numpy.array([rng.randint(int(low), int(high)) for _ in range(count)], dtype=dtype)
        return numbers, rng.randint(-128, 127) if multimodal else 0

    return [[sequence() for _ in range(rng.choice([0, 1, 1, 1, 2, 5]))] for _ in range(rng.randrange(1, 12))]


def as_text(code, multimodal, documents):
    lines = [f"type {code} multimodal {int(multimodal)}"]
    for document in documents:
        lines += [f"s {mode} {numbers.tobytes().hex() or '-'}" for numbers, mode in document] + ["d"]
    return "\n".join(lines) + "\n"


def megatron_writes(prefix, dtype, multimodal, documents):
    builder = IndexedDatasetBuilder(f"{prefix}.bin", dtype=dtype.type, multimodal=multimodal)
    for document in documents:
        if document and rng.random() < 0.5:  # both of Megatron's ways to the same file
            flat = numpy.concatenate([numbers for numbers, _ in document])
            builder.add_document(flat, [n.size for n, _ in document], [mode for _, mode in document])
            continue
        for numbers, mode in document:
            # torch before 2.3 has no u16: add_item converts, so i64 carries every value but f64's.
            carrier = numbers.astype(numpy.float64 if dtype.kind == "f" else numpy.int64)
            builder.add_item(torch.from_numpy(carrier), mode)
        builder.end_document()
    builder.finalize(f"{prefix}.idx")


def megatron_reads(prefix, dtype, multimodal, documents):
    dataset = IndexedDataset(str(prefix), multimodal=multimodal)
    assert dataset.index.dtype == dtype.type
    bounds = dataset.document_indices.tolist()
    assert len(bounds) == len(documents) + 1
    for i, document in enumerate(documents):
        assert bounds[i + 1] - bounds[i] == len(document)
        for sequence, (numbers, mode) in zip(range(bounds[i], bounds[i + 1]), document):
            found = dataset[sequence]
            if multimodal:
                found, found_mode = found
                assert found_mode == mode
            assert found.tobytes() == numbers.tobytes()


def same_files(a, b):
    for ending in (".bin", ".idx"):
        left, right = pathlib.Path(f"{a}{ending}").read_bytes(), pathlib.Path(f"{b}{ending}").read_bytes()
        assert left == right, (a, b, ending)


def check_token_files(rounds=20):
    checked = 0
    for code in range(1, 9):
        dtype = numpy.dtype(DType.dtype_from_code(code))
        for multimodal in (False, True):
            for _ in range(rounds):
                documents = random_documents(dtype, multimodal)
                if not any(numbers.size for document in documents for numbers, _ in document):
                    continue  # Megatron cannot map an empty .bin
                text = as_text(code, multimodal, documents)
                megatron_writes(folder / "theirs", dtype, multimodal, documents)
                assert dump("read", folder / "theirs") == text
                dump("write", folder / "ours", text=text)
                same_files(folder / "theirs", folder / "ours")
                megatron_reads(folder / "ours", dtype, multimodal, documents)
                checked += 1
    print(f"token files: {checked} written and read both ways, same bytes")


def check_arrays():
    checked = 0
    for dtype in ("u1", "i1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8", "<f4", "<f8"):
        for shape in ((0,), (1,), (12345,), (1000, 2), (3, 0), (10**6,)):
            array = numpy.frombuffer(rng.randbytes(int(numpy.prod(shape)) * numpy.dtype(dtype).itemsize), dtype)
            numpy.save(folder / "theirs.npy", array.reshape(shape))
            dump("npy", folder / "theirs.npy", folder / "ours.npy")
            assert (folder / "theirs.npy").read_bytes() == (folder / "ours.npy").read_bytes()
            checked += 1
    print(f"arrays: {checked} as numpy.save writes them")


def token_documents(high, least=0):
    return [
        numpy.array([rng.randrange(1, high) for _ in range(rng.choice([least, 1, 5, 300]))] + [0], dtype=numpy.int64)
        for _ in range(200)
    ]


def check_conversion(kind, path, documents, *settings):
    dtype = DType.optimal_dtype(65000 if kind[1] == "u16" else 100000)
    megatron_writes(
        folder / "wanted", numpy.dtype(dtype), False, [[(document.astype(dtype), 0)] for document in documents]
    )
    said = dump("convert", path, folder / "converted", *settings).split()
    assert said == [kind[0], str(len(documents)), str(sum(document.size for document in documents))], said
    same_files(folder / "wanted", folder / "converted")
    print(f"convert: {kind[0]} {kind[1]}")


def write_fairseq(prefix, documents, dtype, code, with_documents):
    flat = numpy.concatenate(documents).astype(dtype)
    flat.tofile(f"{prefix}.bin")
    sizes = numpy.array([document.size for document in documents], dtype=numpy.int64)
    entries = numpy.arange(len(documents) + 1, dtype=numpy.int64)
    with open(f"{prefix}.idx", "wb") as file:
        file.write(b"TNTIDX\0\0" + struct.pack("<QQQQQ", 1, code, flat.itemsize, sizes.size, sizes.size))
        if with_documents:
            file.write(struct.pack("<Q", entries.size))
        file.write(entries.tobytes() + numpy.concatenate([[0], numpy.cumsum(sizes)]).astype(numpy.int64).tobytes())
        file.write(sizes.tobytes() + (entries.tobytes() if with_documents else b""))


def check_conversions():
    for width, dtype, high in (("u16", numpy.uint16, 65000), ("u32", numpy.uint32, 100000)):
        documents = token_documents(high)
        flat = numpy.concatenate(documents).astype(dtype)
        flat.tofile(folder / "train.bin")
        check_conversion(("flat", width), folder / "train.bin", documents, 0, flat.itemsize)
        memmap = numpy.memmap(folder / "part-0.npy", dtype=dtype, mode="w+", shape=flat.shape)
        memmap[:] = flat
        memmap.flush()
        with gzip.open(folder / "part-0.csv.gz", "wt", newline="") as file:
            ends = numpy.cumsum([document.size for document in documents]).tolist()
            csv.writer(file).writerows((s, e, f'id "{e}",\n', "s3://x", e) for s, e in zip([0] + ends, ends))
        check_conversion(("olmo", width), folder / "part-0.npy", documents)
        numpy.save(folder / "true.npy", flat)
        check_conversion(("numpy", width), folder / "true.npy", documents, 0)
        try:
            from datatrove.pipeline.tokens.tokenizer import TokenizedFile
        except ImportError:
            print("convert: datatrove is not installed, left out")
            continue
        trove = TokenizedFile(
            str(folder), f"{width}.ds", save_final_metadata=True, tokenizer_name_or_path="x", token_size=flat.itemsize
        )
        for document in documents:
            trove.write(document.tolist(), None)
        trove.close()
        check_conversion(("datatrove", width), folder / f"{width}.ds", documents)
    documents = token_documents(65000)
    for with_documents in (False, True):
        write_fairseq(folder / "old", documents, numpy.int32, 4, with_documents)
        check_conversion(("fairseq", "i32"), folder / "old", documents)


check_token_files()
check_arrays()
check_conversions()
