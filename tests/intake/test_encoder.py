"""Encoders are opened for real; what they give is held against the formulas of their papers."""

import sys
from collections.abc import Callable, Mapping
from math import erf
from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from tiny_encoder import (
    CONFIG,
    HEADS,
    LAYERS,
    LONGEST,
    Tensor,
    make_encoder,
    make_tokenizer,
    tensors,
    write_json,
    write_safetensors,
)

from aggregator.errors import SettingsError
from aggregator.intake.encoder import embed, open_encoder
from aggregator.stories.meaning import meaning_of

TEXT = "Fuel depot in Bar: soldiers and lorries, and a quay"


def encoded(text: str, weights: Mapping[str, Tensor], first: int = 0) -> NDArray[np.float64]:
    """Return the hidden states of a text, as Vaswani et al. 2017 and Devlin et al. 2019 have it."""
    tokenizer = make_tokenizer()
    tokenizer.no_padding()
    ids = tokenizer.encode(text).ids

    def linear(taken: Tensor, name: str) -> Tensor:
        return np.asarray(taken @ weights[f"{name}.weight"].T + weights[f"{name}.bias"])

    def normal(taken: Tensor, name: str) -> Tensor:
        spread = np.sqrt(taken.var(-1, keepdims=True) + CONFIG["layer_norm_eps"])
        scaled = (taken - taken.mean(-1, keepdims=True)) / spread
        return np.asarray(scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"])

    def attention(taken: Tensor, name: str) -> Tensor:
        query, key, value = (linear(taken, f"{name}.{part}") for part in ("query", "key", "value"))
        told = []
        for head in np.split(np.arange(taken.shape[1]), HEADS):
            alike = query[:, head] @ key[:, head].T / np.sqrt(len(head))
            shares = np.exp(alike) / np.exp(alike).sum(-1, keepdims=True)
            told.append(shares @ value[:, head])
        return np.concatenate(told, -1)

    gelu = np.vectorize(lambda x: x * (1 + erf(x / np.sqrt(2))) / 2)
    table = "embeddings.{}_embeddings.weight".format
    states = weights[table("word")][ids].astype(float)
    states += weights[table("position")][first : first + len(ids)] + weights[table("token_type")][0]
    states = normal(states, "embeddings.LayerNorm")
    for number in range(LAYERS):
        layer = f"encoder.layer.{number}"
        told = linear(
            attention(states, f"{layer}.attention.self"), f"{layer}.attention.output.dense"
        )
        states = normal(states + told, f"{layer}.attention.output.LayerNorm")
        wide = gelu(linear(states, f"{layer}.intermediate.dense"))
        states = normal(states + linear(wide, f"{layer}.output.dense"), f"{layer}.output.LayerNorm")
    return states


def test_an_encoder_gives_the_mean_of_its_last_layer(tmp_path: Path) -> None:
    encoder = open_encoder(make_encoder(tmp_path))
    expected = encoded(TEXT, tensors()).mean(0)
    assert encoder.encode(TEXT) == pytest.approx(expected, abs=1e-5)
    assert encoder.encode("").shape == expected.shape


def test_the_first_state_counts_where_the_model_says_so(tmp_path: Path) -> None:
    folder = make_encoder(tmp_path)
    write_json(folder / "1_Pooling" / "config.json", {"pooling_mode_cls_token": True})
    assert open_encoder(folder).encode(TEXT) == pytest.approx(encoded(TEXT, tensors())[0], abs=1e-5)


def test_positions_of_roberta_begin_behind_its_padding(tmp_path: Path) -> None:
    encoder = open_encoder(make_encoder(tmp_path, model_type="xlm-roberta", pad_token_id=1))
    expected = encoded(TEXT, tensors(), first=2).mean(0)
    assert encoder.encode(TEXT) == pytest.approx(expected, abs=1e-5)


def test_weights_may_be_half_as_exact_and_named_after_their_model(tmp_path: Path) -> None:
    folder = make_encoder(tmp_path)
    half = {f"bert.{name}": value.astype("<f2") for name, value in tensors().items()}
    half["bert.embeddings.position_ids"] = np.arange(LONGEST)
    write_safetensors(folder / "model.safetensors", half)
    expected = encoded(TEXT, tensors()).mean(0)
    assert open_encoder(folder).encode(TEXT) == pytest.approx(expected, abs=2e-2)


def test_of_a_long_text_the_beginning_counts(tmp_path: Path) -> None:
    encoder = open_encoder(make_encoder(tmp_path))
    kept = LONGEST - 4 - 2  # without what stands before and after each text
    longer, beginning = "bar " * 5000, "bar " * kept
    assert encoder.encode(longer).tolist() == encoder.encode(beginning).tolist()


def test_a_hub_keeps_links_to_the_files(tmp_path: Path) -> None:
    stored, folder = make_encoder(tmp_path / "blobs"), tmp_path / "snapshot"
    folder.mkdir()
    for number, file in enumerate(sorted(stored.iterdir())):
        blob = file.rename(stored / f"{number:040x}")
        (folder / file.name).symlink_to(Path("..", "blobs", blob.name))
    expected = encoded(TEXT, tensors()).mean(0)
    assert open_encoder(folder).encode(TEXT) == pytest.approx(expected, abs=1e-5)


def test_a_model_is_known_by_what_it_is_made_of(tmp_path: Path) -> None:
    one, same = (open_encoder(make_encoder(tmp_path / name)) for name in ("one", "same"))
    other = open_encoder(make_encoder(tmp_path / "other", seed=2))
    assert one.model == same.model != other.model


def test_what_is_embedded_is_kept_small(tmp_path: Path) -> None:
    folder = make_encoder(tmp_path)
    encoder = open_encoder(folder)
    assert embed(folder, TEXT) == meaning_of(encoder.model, encoder.encode(TEXT))


def write_onnx(path: Path) -> None:
    """Write a model that adds up a row for each token and for the kind of each, and no more."""
    rows = {"words": tensors()["embeddings.word_embeddings.weight"], "kinds": np.eye(2, 8)}
    nodes = [
        helper.make_node("Gather", ["words", "input_ids"], ["word"]),
        helper.make_node("Gather", ["kinds", "token_type_ids"], ["kind"]),
        helper.make_node("Add", ["word", "kind"], ["last_hidden_state"]),
    ]
    size: list[str | int | None] = [1, "tokens"]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [
            helper.make_tensor_value_info(name, TensorProto.INT64, size)
            for name in ("input_ids", "token_type_ids")
        ],
        [helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, [*size, 8])],
        [numpy_helper.from_array(row.astype("<f4"), name) for name, row in rows.items()],
    )
    path.parent.mkdir(exist_ok=True)
    onnx.save(
        helper.make_model(graph, ir_version=9, opset_imports=[helper.make_opsetid("", 17)]), path
    )


def test_a_model_of_any_kind_is_read_from_its_onnx_file(tmp_path: Path) -> None:
    folder = make_encoder(tmp_path, model_type="mpnet")
    write_onnx(folder / "onnx" / "model.onnx")
    tokenizer = make_tokenizer()
    tokenizer.no_padding()
    rows = tensors()["embeddings.word_embeddings.weight"][tokenizer.encode(TEXT).ids]
    expected = rows.mean(0) + np.eye(8)[0]
    assert open_encoder(folder).encode(TEXT) == pytest.approx(expected, abs=1e-5)


def without(name: str) -> Callable[[Path], None]:
    def harm(folder: Path) -> None:
        folder.joinpath(name).unlink()

    return harm


def holding(name: str, content: bytes) -> Callable[[Path], None]:
    def harm(folder: Path) -> None:
        folder.joinpath(name).write_bytes(content)

    return harm


def lacking_a_tensor(folder: Path) -> None:
    fewer = {name: value for name, value in tensors().items() if "0.output.dense.bias" not in name}
    write_safetensors(folder / "model.safetensors", fewer)


def cut_short(folder: Path) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-40])


def saying(**config: object) -> Callable[[Path], None]:
    def harm(folder: Path) -> None:
        write_json(folder / "config.json", {**CONFIG, **config})

    return harm


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (without("tokenizer.json"), "holds no tokenizer.json"),
        (without("model.safetensors"), "holds no model.safetensors or onnx/model.onnx"),
        (without("config.json"), "a model of type None"),
        (holding("tokenizer.json", b"{}"), "cannot be used"),
        (holding("config.json", b"{"), "cannot be used"),
        (holding("config.json", b'{"model_type": "bert"}'), "cannot be used (KeyError"),
        (holding("model.onnx", b"nonsense"), "cannot be used"),
        (holding("model.safetensors", b""), "holds no weights of a sentence encoder"),
        (holding("model.safetensors", b"\xff" * 99), "holds no weights of a sentence encoder"),
        (holding("model.safetensors", b"\2" + bytes(7) + b"[]"), "holds no weights of a sentence"),
        (lacking_a_tensor, "no usable tensor encoder.layer.0.output.dense.bias"),
        (cut_short, "cannot be used"),
        (
            saying(model_type="mpnet"),
            "a model of type 'mpnet' with 'gelu' and 'absolute' positions",
        ),
        (saying(hidden_act="swish"), "with 'swish' and"),
        (saying(position_embedding_type="relative_key"), "'relative_key' positions needs its ONNX"),
    ],
)
def test_what_cannot_be_used_is_said_in_a_line(
    tmp_path: Path, harm: Callable[[Path], None], said: str
) -> None:
    harm(make_encoder(tmp_path))
    with pytest.raises(SettingsError) as caught:
        open_encoder(tmp_path)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_without_the_extra_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(SettingsError, match=r"onnxruntime.*aggregator\[semantic\]"):
        open_encoder(make_encoder(tmp_path))
