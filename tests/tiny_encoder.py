"""A sentence encoder that a test makes by itself: of the right kind, small, and quite ignorant."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

Tensor = NDArray[Any]
WORDS = ["depot", "bar", "bridge", "quay", "fuel", "convoy", "minister", "lorries", "soldiers"]
HIDDEN, HEADS, LAYERS, WIDE, LONGEST = 8, 2, 2, 16, 24
CONFIG: Mapping[str, Any] = {
    "model_type": "bert",
    "hidden_act": "gelu",
    "hidden_size": HIDDEN,
    "num_attention_heads": HEADS,
    "num_hidden_layers": LAYERS,
    "layer_norm_eps": 1e-12,
    "pad_token_id": 0,
}
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
KINDS = {"float32": "F32", "float16": "F16", "int64": "I64"}


def make_encoder(folder: Path, seed: int = 1, **config: object) -> Path:
    """Write an encoder as sentence-transformers does; `config` says where it differs."""
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "config.json", {**CONFIG, **config})
    write_json(folder / "sentence_bert_config.json", {"max_seq_length": LONGEST - 4})
    write_safetensors(folder / "model.safetensors", tensors(seed))
    make_tokenizer().save(str(folder / "tokenizer.json"))
    return folder


def make_tokenizer() -> Tokenizer:
    """Return a tokenizer that knows a few words and the letters."""
    letters = [chr(code) for code in range(ord("a"), ord("z") + 1)]
    pieces = [*SPECIAL, *WORDS, *letters, *(f"##{letter}" for letter in letters)]
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token=SPECIAL[1]))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        special_tokens=[(mark, vocabulary[mark]) for mark in ("[CLS]", "[SEP]")],
    )
    # As published tokenizers have it: padded to a length that ours are not.
    tokenizer.enable_padding(length=LONGEST)
    return tokenizer


def tensors(seed: int = 1) -> dict[str, Tensor]:
    """Return weights drawn by lot, by the names that BERT's have."""
    chance = np.random.default_rng(seed)
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (len(SPECIAL) + len(WORDS) + 52, HIDDEN),
        "embeddings.position_embeddings.weight": (LONGEST, HIDDEN),
        "embeddings.token_type_embeddings.weight": (2, HIDDEN),
        **_normal("embeddings.LayerNorm"),
    }
    for number in range(LAYERS):
        layer = f"encoder.layer.{number}"
        for part in ("query", "key", "value"):
            shapes |= _linear(f"{layer}.attention.self.{part}", HIDDEN, HIDDEN)
        shapes |= _linear(f"{layer}.attention.output.dense", HIDDEN, HIDDEN)
        shapes |= _normal(f"{layer}.attention.output.LayerNorm")
        shapes |= _linear(f"{layer}.intermediate.dense", HIDDEN, WIDE)
        shapes |= _linear(f"{layer}.output.dense", WIDE, HIDDEN)
        shapes |= _normal(f"{layer}.output.LayerNorm")
    return {name: chance.normal(size=shape).astype("<f4") for name, shape in shapes.items()}


def _linear(name: str, taken: int, given: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (given, taken), f"{name}.bias": (given,)}


def _normal(name: str) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (HIDDEN,), f"{name}.bias": (HIDDEN,)}


def write_safetensors(path: Path, values: Mapping[str, Tensor]) -> None:
    """Write tensors as https://github.com/huggingface/safetensors says."""
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    body = b""
    for name, value in values.items():
        begin, body = len(body), body + value.tobytes()
        kind = KINDS[str(value.dtype)]
        header[name] = {"dtype": kind, "shape": value.shape, "data_offsets": [begin, len(body)]}
    head = json.dumps(header).encode()
    path.write_bytes(len(head).to_bytes(8, "little") + head + body)


def write_json(path: Path, value: object) -> None:
    """Write a file of a model."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")
