"""Trains small tokenizers that are built like the field's, for the oracles to compare with.

usage: python3 tests/oracle/make_tokenizers.py FOLDER TEXT...      (pip install tokenizers sentencepiece)

Writes to FOLDER: gpt2.json (and gpt2/vocab.json, merges.txt), llama3.json, qwen2.json, tekken.json, deepseek.json, smollm.json,
spm_bpe.model, spm_bpe_bytefallback.model, spm_unigram.model, spm_unigram_bytefallback.model, llama2.json and mistral.json and
gemma.json (the pieces of spm_bpe_bytefallback.model), unigram.json and xlmr.json. Some 300 kB of every text are learned from.
"""

import io
import json
import pathlib
import random
import sys

import sentencepiece
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
random.seed(1)
VOCABULARY = 16_000
PIECE = 100_000

lines = []
for name in sys.argv[2:]:
    data = pathlib.Path(name).read_bytes()
    for _ in range(3):
        at = random.randrange(max(1, len(data) - PIECE))
        lines += [line for line in data[at : at + PIECE].decode("utf-8", "ignore").split("\n") if "\0" not in line]
print(f"{len(lines)} lines, {sum(map(len, lines))} characters", file=sys.stderr)

LLAMA3 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
QWEN2 = LLAMA3.replace("{1,3}", "")
TEKKEN = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|"
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|"
    r"\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
DEEPSEEK = [
    r"\p{N}{1,3}",
    "[一-龥぀-ゟ゠-ヿ]+",
    r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+""",
]


def split(*patterns):
    steps = [pre_tokenizers.Split(Regex(pattern), "isolated") for pattern in patterns]
    return pre_tokenizers.Sequence(steps + [pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


def save(name, tokenizer, **model_options):
    value = json.loads(tokenizer.to_str())
    value["model"].update(model_options)
    (folder / f"{name}.json").write_text(json.dumps(value, ensure_ascii=False, indent=1))


def byte_level(name, cut, specials_first=(), specials_last=(), normalizer=None, template=None, **model_options):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = cut
    tokenizer.decoder = decoders.ByteLevel()
    if normalizer:
        tokenizer.normalizer = normalizer
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=list(specials_first),
        show_progress=False,
    )
    tokenizer.train_from_iterator(lines, trainer)
    tokenizer.add_special_tokens(list(specials_last))
    if template:
        tokenizer.post_processor = template(tokenizer)
    save(name, tokenizer, **model_options)
    print(f"{name}: {tokenizer.get_vocab_size()} tokens", file=sys.stderr)
    return tokenizer


def begin_with(token):
    def make(tokenizer):
        return processors.Sequence([
            processors.ByteLevel(trim_offsets=False),
            processors.TemplateProcessing(
                single=f"{token} $A", pair=f"{token} $A {token}:1 $B:1",
                special_tokens=[(token, tokenizer.token_to_id(token))],
            ),
        ])
    return make


gpt2 = byte_level("gpt2", pre_tokenizers.ByteLevel(add_prefix_space=False), ["<|endoftext|>"],
                  template=lambda tokenizer: processors.ByteLevel(trim_offsets=False))
(folder / "gpt2").mkdir(exist_ok=True)
gpt2.model.save(str(folder / "gpt2"))
byte_level("llama3", split(LLAMA3), specials_last=["<|begin_of_text|>", "<|end_of_text|>", "<|eot_id|>"],
           template=begin_with("<|begin_of_text|>"), ignore_merges=True)
byte_level("qwen2", split(QWEN2), specials_last=["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
           normalizer=normalizers.NFC(), template=lambda tokenizer: processors.ByteLevel(trim_offsets=False))
byte_level("tekken", split(TEKKEN), ["<unk>", "<s>", "</s>", "[INST]", "[/INST]"], template=begin_with("<s>"),
           ignore_merges=True)
byte_level("deepseek", split(*DEEPSEEK), specials_last=["<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>", "<｜▁pad▁｜>"],
           normalizer=normalizers.Sequence([]), template=begin_with("<｜begin▁of▁sentence｜>"))
byte_level("smollm", pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True),
                                              pre_tokenizers.ByteLevel(add_prefix_space=False)]),
           ["<|endoftext|>", "<|im_start|>", "<|im_end|>"])


def sentencepiece_model(name, **options):
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(line for line in lines if line), model_writer=model, vocab_size=VOCABULARY,
        max_sentence_length=100_000, minloglevel=2, num_threads=2, **options)
    (folder / f"{name}.model").write_bytes(model.getvalue())
    print(f"{name}: {len(model.getvalue())} bytes", file=sys.stderr)
    return sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())


sentencepiece_model("spm_bpe", model_type="bpe", character_coverage=0.9995)
llama = sentencepiece_model(
    "spm_bpe_bytefallback", model_type="bpe", byte_fallback=True, character_coverage=0.9995, split_digits=True,
    normalization_rule_name="identity", remove_extra_whitespaces=False, allow_whitespace_only_pieces=True,
    user_defined_symbols=["<|user|>", "▁▁▁▁"])
sentencepiece_model("spm_unigram", model_type="unigram", character_coverage=0.9995)
sentencepiece_model("spm_unigram_bytefallback", model_type="unigram", byte_fallback=True, character_coverage=0.999,
                    normalization_rule_name="nmt_nfkc_cf", user_defined_symbols=["<|user|>", "<sep>"])


def merges_of(pieces, scores):
    merges = []
    for piece in pieces:
        found = [(piece[:i], piece[i:]) for i in range(1, len(piece)) if piece[:i] in pieces and piece[i:] in pieces]
        found.sort(key=lambda pair: (pieces[pair[0]], pieces[pair[1]]))
        merges += [(scores[piece], left, right) for left, right in found]
    merges.sort(key=lambda merge: (merge[0], len(merge[1]), len(merge[2])), reverse=True)
    return [(left, right) for _, left, right in merges]


def metaspace_bpe(name, first_prefix):
    pieces = {llama.id_to_piece(id): id for id in range(llama.vocab_size())}
    scores = {piece: llama.get_score(id) for piece, id in pieces.items()}
    tokenizer = Tokenizer(models.BPE(pieces, merges_of(pieces, scores), unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    steps = [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    if name == "llama2":
        tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
        steps.append(decoders.Strip(" ", 1, 0))
    elif name == "gemma":
        tokenizer.normalizer = normalizers.Replace(" ", "▁")
        tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    else:
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
        steps.append(decoders.Strip(" ", 1, 0))
    tokenizer.decoder = decoders.Sequence(steps)
    tokenizer.add_special_tokens([AddedToken(token, normalized=False) for token in ["<unk>", "<s>", "</s>"]])
    tokenizer.add_tokens([AddedToken(token, normalized=False) for token in ["<|user|>", "▁▁▁▁"]])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s>:1 $B:1", special_tokens=[("<s>", tokenizer.token_to_id("<s>"))])
    save(name, tokenizer)


for name in ["llama2", "mistral", "gemma"]:
    metaspace_bpe(name, name != "gemma")


def unigram(name, normalizer, cut):
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = cut
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(vocab_size=VOCABULARY, special_tokens=["<pad>", "</s>", "<unk>"], unk_token="<unk>",
                                      show_progress=False)
    tokenizer.train_from_iterator(lines, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", tokenizer.token_to_id("</s>"))])
    save(name, tokenizer)


unigram("unigram", normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]), pre_tokenizers.Metaspace())
