#!/usr/bin/env python3
"""Trains the same vocabulary by `aurora tokenizer train` and by HF tokenizers (PyPI), in one run.

    bench/peers/train_tokenizer.py AURORA FILE... [--vocab-size 65536] [--mb 50] [--model bpe|unigram] [--threads 2]

The first MB of each file are read; for BPE the merges must be equal, one by one. For unigram the pieces in common are
counted, and how many tokens each makes of the text (of the pieces themselves no two trainers agree). Says wall
and processor seconds and the peak of memory of both; ends with 1 where merges differ. HF runs second, with as
many threads (RAYON_NUM_THREADS).
"""
import argparse, json, os, resource, subprocess, sys, tempfile, time

sys.path.pop(0)  # the package of PyPI is meant, not tokenizers.py beside this file

# What the scheme qwen2 is (aurora/pretokenize), which `aurora` trains with unless told otherwise.
QWEN2 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|"
         r"\s*[\r\n]+|\s+(?!\S)|\s+")
END = "<|endoftext|>"


def texts(path):
    """Cut behind line ends that no white space follows, as aurora cuts files: the words are those of the whole."""
    data = open(path, "rb").read().decode()
    begin = 0
    while begin < len(data):
        end = begin + (1 << 20)
        while end < len(data) and not (data[end - 1] == "\n" and not data[end].isspace()):
            end += 1
        yield data[begin:end]
        begin = end


def cut(path, mb, out):
    """The first MB up to a line end that no white space follows; only UTF-8, as HF takes nothing else."""
    data = open(path, "rb").read(mb * 1_000_000).decode("utf-8", "ignore")
    end = len(data)
    while end > 1 and not (data[end - 2] == "\n" and not data[end - 1].isspace()):
        end -= 1
    open(out, "wb").write(data[:end - 1].encode())


def run_ours(options, path, folder):
    begin, used = time.time(), resource.getrusage(resource.RUSAGE_CHILDREN)
    out = subprocess.run([options.aurora, "tokenizer", "train", "--input", path, "--output", folder, "--json",
                          "--vocab-size", str(options.vocab_size), "--model", options.model,
                          "--threads", str(options.threads)], check=True, capture_output=True).stdout
    now = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
    return json.loads(out), time.time() - begin, cpu


def train_hf(model, vocab_size, path, out):
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
    if model == "bpe":
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
            pre_tokenizers.Split(Regex(QWEN2), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
        tokenizer.decoder = decoders.ByteLevel()
        trainer = trainers.BpeTrainer(vocab_size=vocab_size, min_frequency=2, show_progress=False,
                                      special_tokens=[END], initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    else:
        tokenizer = Tokenizer(models.Unigram())
        # A line end is a word of its own, as it is to aurora.
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
            pre_tokenizers.Metaspace(), pre_tokenizers.Split("\n", "isolated")])
        trainer = trainers.UnigramTrainer(vocab_size=vocab_size - 256, show_progress=False, unk_token="<unk>",
                                          special_tokens=["<unk>", END])
    begin, cpu = time.time(), time.process_time()
    tokenizer.train_from_iterator(texts(path), trainer)
    seconds, cpu = time.time() - begin, time.process_time() - cpu
    tokenizer.save(out)
    print(json.dumps([seconds, cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024]))


def run_hf(options, path, out):
    environment = dict(os.environ, RAYON_NUM_THREADS=str(options.threads), TOKENIZERS_PARALLELISM="true")
    return json.loads(subprocess.run([sys.executable, __file__, "--hf", options.model, str(options.vocab_size),
                                      path, out], check=True, stdout=subprocess.PIPE, env=environment).stdout)


def merges_of(path):
    merges = json.load(open(path))["model"]["merges"]
    return [tuple(m) if isinstance(m, list) else tuple(m.split(" ")) for m in merges]


def compare_merges(ours, theirs):
    ours, theirs = merges_of(ours), merges_of(theirs)
    for i, (a, b) in enumerate(zip(ours, theirs)):
        if a != b:
            print(f"  merge {i} of {len(ours)} differs: aurora {a}, HF {b}")
            return False
    print(f"  {len(ours)} merges by aurora, {len(theirs)} by HF, " +
          ("all equal" if len(ours) == len(theirs) else "equal as far as both go"))
    return len(ours) == len(theirs)


def compare_pieces(ours, theirs, path):
    from tokenizers import Tokenizer
    # Bytes are added to ours by byte fallback; HF's trainer has none.
    pieces = [{p for p, _ in json.load(open(f))["model"]["vocab"] if not p.startswith("<")} for f in (ours, theirs)]
    common = len(pieces[0] & pieces[1])
    print(f"  {len(pieces[0])} pieces by aurora, {len(pieces[1])} by HF, {common} in common")
    tokens = [0, 0]
    for i, file in enumerate((ours, theirs)):
        tokenizer = Tokenizer.from_file(file)
        for number, text in enumerate(texts(path)):
            if number % 8 == 0:
                tokens[i] += len(tokenizer.encode(text, add_special_tokens=False).ids)
    print(f"  tokens of an eighth of the text: aurora {tokens[0]}, HF {tokens[1]}: "
          f"{100 * tokens[0] / tokens[1] - 100:+.2f} %")


def main():
    if sys.argv[1:2] == ["--hf"]:
        return train_hf(sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[5])
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("aurora")
    parser.add_argument("files", nargs="+")
    parser.add_argument("--vocab-size", type=int, default=65536)
    parser.add_argument("--mb", type=int, default=50)
    parser.add_argument("--model", choices=["bpe", "unigram"], default="bpe")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    equal = True
    for file in options.files:
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "text.txt")
            cut(file, options.mb, path)
            report, wall, cpu = run_ours(options, path, folder)
            theirs = os.path.join(folder, "hf.json")
            hf_wall, hf_cpu, hf_memory = run_hf(options, path, theirs)
            print(f"{file}: {report['text_bytes'] / 1e6:.1f} MB, {report['unique_words']} words, {options.model}, "
                  f"{options.vocab_size} tokens, {options.threads} threads")
            print(f"  aurora {wall:.2f} s ({report['seconds_counting']:.2f} counting, "
                  f"{report['seconds_learning']:.2f} learning), {cpu:.2f} s of processors, "
                  f"{report['peak_memory_bytes'] / 1e6:.0f} MB")
            print(f"  HF {hf_wall:.2f} s, {hf_cpu:.2f} s of processors, {hf_memory / 1e6:.0f} MB: "
                  f"{hf_wall / wall:.1f} times the time, {hf_cpu / cpu:.1f} times the processors'")
            ours = os.path.join(folder, "tokenizer.json")
            if options.model == "bpe":
                equal &= compare_merges(ours, theirs)
            else:
                compare_pieces(ours, theirs, path)
    return 0 if equal else 1


if __name__ == "__main__":
    sys.exit(main())
