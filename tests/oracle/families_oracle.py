"""Compares models of each family with transformers: logits of tiny random checkpoints in f32, as safetensors and as GGUF.

usage: python3 tests/oracle/families_oracle.py [BUILD [FOLDER]]      (pip install torch transformers tokenizers)

transformers writes each model (save_pretrained) and computes the logits of a random text; ours must agree to 1e-4 of their largest
magnitude and give the same greedy text, from the folder, from the GGUF file that we make of it (FOLDER keeps these for gguf_oracle.py)
and from the folder that we make of that.
"""

import pathlib
import subprocess
import sys
import tempfile

import numpy
import tokenizers
import torch
import transformers

transformers.utils.logging.disable_progress_bar()

build = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build")
folder = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else tempfile.mkdtemp(prefix="families_oracle_"))
folder.mkdir(parents=True, exist_ok=True)
failures = 0

small = dict(
    vocab_size=320, hidden_size=64, intermediate_size=160, num_hidden_layers=3, num_attention_heads=4, num_key_value_heads=2,
    max_position_embeddings=512, bos_token_id=256, eos_token_id=256, initializer_range=0.2,
)  # fmt: skip
llama3 = dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=64)
models = {
    "llama": transformers.LlamaConfig(**small),
    "llama-3.1": transformers.LlamaConfig(**small, rope_parameters=dict(rope_theta=5e5, **llama3), tie_word_embeddings=True),
    "llama-linear": transformers.LlamaConfig(**small, rope_parameters=dict(rope_theta=1e4, rope_type="linear", factor=4.0)),
    "mistral": transformers.MistralConfig(**small, head_dim=32, sliding_window=None),
    "mistral-window": transformers.MistralConfig(**small, sliding_window=16),
    "qwen2": transformers.Qwen2Config(**small, tie_word_embeddings=True),
    "qwen3": transformers.Qwen3Config(**small, head_dim=32),
    "smollm": transformers.LlamaConfig(**{**small, "num_attention_heads": 8, "num_key_value_heads": 8}, tie_word_embeddings=True),
}


def dump(*arguments):
    command = [build / "model_dump", *map(str, arguments)]
    return subprocess.run(command, text=True, check=True, stdout=subprocess.PIPE).stdout


def byte_tokenizer():
    alphabet = sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet())
    made = tokenizers.Tokenizer(tokenizers.models.BPE({letter: id for id, letter in enumerate(alphabet)}, []))
    made.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = tokenizers.decoders.ByteLevel()
    made.add_special_tokens(["<|endoftext|>"])
    return transformers.PreTrainedTokenizerFast(tokenizer_object=made, bos_token="<|endoftext|>", eos_token="<|endoftext|>")


def greedy(model, ids, count):
    made = list(ids)
    with torch.no_grad():
        for _ in range(count):
            made.append(int(model(torch.tensor([made])).logits[0, -1].argmax()))
    return made[len(ids) :]


def compare(name, path):
    global failures
    dump("logits", path, folder / "logits.f32", *ids)
    ours = numpy.fromfile(folder / "logits.f32", dtype=numpy.float32).reshape(logits.shape)
    worst = numpy.abs(ours - logits).max() / numpy.abs(logits).max()
    same = [int(id) for id in dump("greedy", path, len(text), *ids[:20]).split()] == text
    failures += worst > 1e-4 or not same
    print(f"{name}: largest difference {worst:.1e}, greedy text {'equal' if same else 'DIFFERENT'}")


for name, config in models.items():
    torch.manual_seed(1)
    model = transformers.AutoModelForCausalLM.from_config(config).float().eval()
    for parameter in model.parameters():  # norms and biases that matter
        if parameter.dim() == 1:
            parameter.data.add_(0.3 * torch.randn_like(parameter))
    model.save_pretrained(folder / name)
    byte_tokenizer().save_pretrained(folder / name)
    ids = torch.randint(0, 256, (1, 200), generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        logits = model(ids).logits[0].numpy()
    ids = ids[0].tolist()
    text = greedy(model, ids[:20], 24)

    compare(f"{name}, safetensors", folder / name)
    file, back = folder / f"{name}.gguf", folder / f"{name}-back"
    for path in (file, back):
        assert not path.exists(), f"{path} is there already"
    dump("convert", folder / name, "gguf", "f32", file)
    compare(f"{name}, GGUF", file)
    dump("convert", file, "safetensors", "f32", back)
    again = transformers.AutoModelForCausalLM.from_pretrained(back).float().eval()
    same = all(torch.equal(a, b) for a, b in zip(model.parameters(), again.parameters()))
    failures += not same
    print(f"{name}, written and loaded by transformers: weights {'equal' if same else 'DIFFERENT'}")
sys.exit(failures > 0)
