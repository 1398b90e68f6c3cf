"""Compares a run's model with transformers and PyTorch: logits of the release, gradients of one step, greedy text.

usage: python3 tests/oracle/model_oracle.py RUN [BUILD]      (pip install torch transformers safetensors)

Relative error is the 2-norm of the difference over the 2-norm of the oracle's values. Bars: logits 1e-4 in f32 and 1e-2 in
bf16, gradients 1e-3 in f32 and 5e-2 in bf16 (bf16 has 8 bits: one rounding is 4e-3).
"""

import pathlib
import subprocess
import sys
import tempfile

import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer

run = pathlib.Path(sys.argv[1])
build = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else "build")
torch.manual_seed(0)

TEXT = (
    "The function returns a pointer to the first element, or NULL if an error occurs. "
    "Die Datei wird im aktuellen Verzeichnis angelegt. La commande affiche la liste des fichiers. "
    "El programa lee la entrada. このコマンドはファイルを表示します。"
)


def relative(ours, theirs):
    ours, theirs = ours.double(), theirs.double()
    return ((ours - theirs).norm() / theirs.norm().clamp_min(1e-30)).item()


def dump(dtype, ids):
    with tempfile.TemporaryDirectory() as folder:
        out = f"{folder}/out.safetensors"
        checkpoint = sorted((run / "checkpoints").glob("step-*"))[-1]
        subprocess.run(
            [build / "oracle_dump", checkpoint, out, dtype], input=" ".join(map(str, ids)), text=True, check=True
        )
        return load_file(out)


def oracle(model, ids):
    model.zero_grad()
    tokens = torch.tensor([ids])
    logits = model(tokens).logits[0]
    loss = torch.nn.functional.cross_entropy(logits[:-1], tokens[0, 1:], reduction="sum")
    loss.backward()
    return logits.detach(), {name: p.grad for name, p in model.named_parameters() if p.grad is not None}


checkpoint = sorted((run / "checkpoints").glob("step-*"))[-1]
tokenizer = AutoTokenizer.from_pretrained(run / "release")
masters = AutoModelForCausalLM.from_pretrained(checkpoint, torch_dtype=torch.float32).eval()
released = AutoModelForCausalLM.from_pretrained(run / "release", torch_dtype=torch.float32).eval()
ids = [tokenizer.bos_token_id] + tokenizer(TEXT, add_special_tokens=False).input_ids
limit = masters.config.max_position_embeddings
ids = ids[:limit]
print(f"{len(ids)} tokens, vocabulary {masters.config.vocab_size}, max length {limit}")

failed = False


def report(what, value, bar):
    global failed
    failed = failed or not value < bar
    print(f"{what:<48} {value:.3e}  bar {bar:.0e}  {'ok' if value < bar else 'FAILED'}")


for dtype, model, logits_bar, gradient_bar in (("f32", masters, 1e-4, 1e-3), ("bf16", released, 1e-2, 5e-2)):
    ours = dump(dtype, ids)
    logits, gradients = oracle(model, ids)
    report(f"logits, ours {dtype} against transformers fp32", relative(ours["logits"], logits), logits_bar)
    missing = [name for name in gradients if name not in ours]
    assert not missing, missing
    worst = max(gradients, key=lambda name: relative(ours[name], gradients[name]))
    report(f"gradients {dtype}, worst: {worst}"[:48], relative(ours[worst], gradients[worst]), gradient_bar)

sys.exit(1 if failed else 0)
