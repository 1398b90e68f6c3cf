"""Makes tokenizers that meet the less common steps, from ones that are there, for encode_oracle.py.

usage: python3 tests/oracle/make_variants.py BYTE_LEVEL.json UNIGRAM.json LLAMA.json SENTENCEPIECE.model OUT_FOLDER

Normalizers: the SentencePiece character map with what XLM-R and T5 put around it, all normal forms, strips, lower case.
Pre-tokenizers: prefix spaces, Metaspace that prepends always, first and never. Added tokens of every kind.
"""

import pathlib
import sys

from sentencepiece import sentencepiece_model_pb2
from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers

byte_level, unigram, llama, model, out = sys.argv[1:]
out = pathlib.Path(out)
proto = sentencepiece_model_pb2.ModelProto()
proto.ParseFromString(pathlib.Path(model).read_bytes())
charsmap = normalizers.Precompiled(proto.normalizer_spec.precompiled_charsmap)
MARK = "\u2581"


def added(it):
    it.add_tokens([AddedToken("<|left|>", lstrip=True), AddedToken("<|right|>", rstrip=True), AddedToken("ing", single_word=True),
                   AddedToken("[Day]", normalized=True), AddedToken("É", normalized=True), AddedToken("  ", normalized=False)])
    it.add_special_tokens([AddedToken("<|both|>", lstrip=True, rstrip=True), AddedToken("<|both", single_word=True), "<|x|>"])
    return it


def save(name, source, normalizer=None, pre_tokenizer=None, decoder=None, with_added=False):
    it = Tokenizer.from_file(source)
    if normalizer is not None:
        it.normalizer = normalizer
    if pre_tokenizer is not None:
        it.pre_tokenizer = pre_tokenizer
    if decoder is not None:
        it.decoder = decoder
    if with_added:
        added(it)
    it.save(str(out / f"{name}.json"))


def metaspace(scheme, split=True):
    return {"pre_tokenizer": pre_tokenizers.Metaspace(prepend_scheme=scheme, split=split),
            "decoder": decoders.Metaspace(prepend_scheme=scheme)}


for form in ("NFC", "NFD", "NFKC", "NFKD"):
    save(f"bytes_{form.lower()}", byte_level, getattr(normalizers, form)(), with_added=form == "NFC")
save("bytes_added", byte_level, with_added=True)
save("bytes_lower", byte_level, normalizers.Sequence([normalizers.Strip(), normalizers.Lowercase()]), with_added=True)
save("bytes_prefix", byte_level, pre_tokenizer=pre_tokenizers.ByteLevel(add_prefix_space=True), with_added=True)
save("unigram_xlmr", unigram, normalizers.Sequence([charsmap, normalizers.Replace(Regex(" {2,}"), " ")]), **metaspace("always"))
save("unigram_t5", unigram, normalizers.Sequence([charsmap, normalizers.Strip(left=False, right=True),
                                                  normalizers.Replace(Regex(" {2,}"), MARK)]), **metaspace("first"), with_added=True)
save("unigram_first", unigram, normalizers.Strip(), **metaspace("first"), with_added=True)
save("unigram_never", unigram, normalizers.NFKC(), **metaspace("never"), with_added=True)
save("unigram_whole", unigram, charsmap, **metaspace("always", False))
save("llama_added", llama, with_added=True)
it = Tokenizer.from_file(llama)
it.normalizer = normalizers.Replace(" ", MARK)
it.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=True)
added(it).save(str(out / "llama_first.json"))
