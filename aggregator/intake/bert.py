"""The graph of a BERT encoder, over weights that lie in a safetensors file (the only home of onnx).

Sentence encoders are published as safetensors, which ONNX Runtime does not read. But a safetensors
file is a header and then the tensors, raw (https://github.com/huggingface/safetensors), and the
graph of an ONNX model may name another file's bytes as its weights: so this writes a graph of some
kilobytes, and the weights are mapped from where they lie.

The encoder is that of Devlin et al. 2019 as published models have it; XLM-RoBERTa (Conneau et al.
2020) differs in where its positions begin.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod, sqrt
from pathlib import Path
from typing import Any

from onnx import NodeProto, TensorProto, helper

from aggregator.errors import SettingsError

# The first operator set that has both LayerNormalization and Gelu.
OPSET = 20
IR_VERSION = 9
ACTIVATIONS = {"gelu": "Gelu", "relu": "Relu"}
# In these, a text's positions begin after the number of the padding.
SHIFTED = {"roberta", "xlm-roberta"}
KINDS = {"bert", *SHIFTED}
TYPES = {"F32": TensorProto.FLOAT, "F16": TensorProto.FLOAT16, "BF16": TensorProto.BFLOAT16}
WORDS = "embeddings.word_embeddings.weight"


def bert_graph(config: Mapping[str, Any], weights: Path) -> bytes:
    """Return an encoder that takes `input_ids`, [1, tokens], and gives hidden states.

    Those are [tokens, dimensions]. Its weights are those of the file, which has to lie in the
    folder that the runtime is told of.

    Raises:
        SettingsError: it is no encoder of this kind.
    """
    kind, activation = config.get("model_type"), config.get("hidden_act", "gelu")
    places = config.get("position_embedding_type", "absolute")
    if kind not in KINDS or activation not in ACTIVATIONS or places != "absolute":
        message = (
            f"semantic.model: a model of type {kind!r} with {activation!r} and {places!r} positions"
            " needs its ONNX file, onnx/model.onnx; without one bert and xlm-roberta are read"
        )
        raise SettingsError(message)
    graph = _Graph(_tensors(weights), weights.name)
    hidden = _embeddings(graph, config, config["pad_token_id"] + 1 if kind in SHIFTED else 0)
    for number in range(config["num_hidden_layers"]):
        hidden = _layer(graph, hidden, f"encoder.layer.{number}", config)
    return graph.serialised(hidden)


@dataclass(slots=True)
class _Graph:
    """Nodes, and the tensors that they take; `stored` are those of the file, by name."""

    stored: Mapping[str, Mapping[str, Any]]
    file: str
    nodes: list[NodeProto] = field(default_factory=list)
    taken: dict[str, TensorProto] = field(default_factory=dict)

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:  # noqa: ANN401 - as ONNX names them
        """Add a node; return the name of its outcome."""
        name = f"{operator}{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [name], **attributes))
        return name

    def weight(self, name: str) -> str:
        """Return the name of a tensor of the file, as 32-bit floats."""
        if name not in self.taken:
            self.taken[name] = self._of_file(name)
        wide = self.taken[name].data_type == TensorProto.FLOAT
        return name if wide else self.add("Cast", name, to=TensorProto.FLOAT)

    def whole(self, *numbers: int) -> str:
        """Return the name of a tensor that holds whole numbers."""
        name = f"constant{len(self.taken)}"
        self.taken[name] = helper.make_tensor(name, TensorProto.INT64, [len(numbers)], numbers)
        return name

    def scalar(self, number: float) -> str:
        """Return the name of a tensor that holds a number."""
        name = f"constant{len(self.taken)}"
        self.taken[name] = helper.make_tensor(name, TensorProto.FLOAT, [], [number])
        return name

    def linear(self, taken: str, name: str) -> str:
        """Add a layer of weights and biases."""
        weight, bias = self.weight(f"{name}.weight"), self.weight(f"{name}.bias")
        return self.add("Gemm", taken, weight, bias, transB=1)

    def normal(self, taken: str, name: str, config: Mapping[str, Any]) -> str:
        """Add a layer that normalises."""
        weight, bias = self.weight(f"{name}.weight"), self.weight(f"{name}.bias")
        epsilon = config["layer_norm_eps"]
        return self.add("LayerNormalization", taken, weight, bias, epsilon=epsilon)

    def serialised(self, outcome: str) -> bytes:
        """Return the model as ONNX has it."""
        ids = helper.make_tensor_value_info("input_ids", TensorProto.INT64, [1, "tokens"])
        hidden = helper.make_tensor_value_info(outcome, TensorProto.FLOAT, ["tokens", "dimensions"])
        tensors = list(self.taken.values())
        graph = helper.make_graph(self.nodes, "encoder", [ids], [hidden], tensors)
        opset = [helper.make_opsetid("", OPSET)]
        model = helper.make_model(graph, opset_imports=opset, ir_version=IR_VERSION)
        written: bytes = model.SerializeToString()
        return written

    def _of_file(self, name: str) -> TensorProto:
        try:
            facts = self.stored[name]
            kind = TYPES[facts["dtype"]]
        except KeyError as error:
            message = (
                f"semantic.model: no usable tensor {name}; it is not the encoder it says it is"
            )
            raise SettingsError(message) from error
        begin, end = facts["offsets"]
        tensor = TensorProto(
            name=name, data_type=kind, dims=facts["shape"], data_location=TensorProto.EXTERNAL
        )
        place = {"location": self.file, "offset": str(begin), "length": str(end - begin)}
        for key, value in place.items():
            tensor.external_data.add(key=key, value=value)
        return tensor


def _tensors(weights: Path) -> Mapping[str, Mapping[str, Any]]:
    """Return where in a safetensors file each tensor lies, by its name without the model's."""
    try:
        with weights.open("rb") as file:
            size = int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(size))
        header.pop("__metadata__", None)
        prefix = next(name for name in header if name.endswith(WORDS)).removesuffix(WORDS)
        return {
            name.removeprefix(prefix): {**facts, "offsets": _whole(facts, 8 + size)}
            for name, facts in header.items()
        }
    except (OSError, OverflowError, ValueError, KeyError, StopIteration, TypeError) as error:
        message = f"semantic.model: {weights} holds no weights of a sentence encoder"
        raise SettingsError(message) from error


def _whole(facts: Mapping[str, Any], start: int) -> tuple[int, int]:
    """Return where in the file a tensor begins and ends."""
    begin, end = facts["data_offsets"]
    if prod(facts["shape"], start=1) > end - begin:
        raise ValueError(facts)
    return start + begin, start + end


def _embeddings(graph: _Graph, config: Mapping[str, Any], first: int) -> str:
    ids = graph.add("Squeeze", "input_ids", graph.whole(0))
    count = graph.add("Shape", ids)
    begin = graph.whole(first)
    rows = graph.add(
        "Slice",
        graph.weight("embeddings.position_embeddings.weight"),
        begin,
        graph.add("Add", count, begin),
    )
    kind = graph.add(
        "Gather",
        graph.weight("embeddings.token_type_embeddings.weight"),
        graph.whole(0),
    )
    words = graph.add("Gather", graph.weight(WORDS), ids)
    total = graph.add("Add", graph.add("Add", words, rows), kind)
    return graph.normal(total, "embeddings.LayerNorm", config)


def _layer(graph: _Graph, hidden: str, name: str, config: Mapping[str, Any]) -> str:
    """Add a layer of the encoder: what each token takes from the others, then two dense layers."""
    told = _attention(graph, hidden, f"{name}.attention.self", config)
    dense = graph.linear(told, f"{name}.attention.output.dense")
    hidden = graph.normal(
        graph.add("Add", hidden, dense), f"{name}.attention.output.LayerNorm", config
    )
    wide = graph.linear(hidden, f"{name}.intermediate.dense")
    active = graph.add(ACTIVATIONS[config.get("hidden_act", "gelu")], wide)
    dense = graph.linear(active, f"{name}.output.dense")
    return graph.normal(graph.add("Add", hidden, dense), f"{name}.output.LayerNorm", config)


def _attention(graph: _Graph, hidden: str, name: str, config: Mapping[str, Any]) -> str:
    heads = config["num_attention_heads"]
    shape = graph.whole(0, heads, -1)
    query, key, value = (
        graph.add("Reshape", graph.linear(hidden, f"{name}.{part}"), shape)
        for part in ("query", "key", "value")
    )
    alike = graph.add(
        "MatMul",
        graph.add("Transpose", query, perm=[1, 0, 2]),
        graph.add("Transpose", key, perm=[1, 2, 0]),
    )
    scale = graph.scalar(1 / sqrt(config["hidden_size"] / heads))
    shares = graph.add("Softmax", graph.add("Mul", alike, scale))
    told = graph.add("MatMul", shares, graph.add("Transpose", value, perm=[1, 0, 2]))
    flat = graph.whole(0, -1)
    return graph.add("Reshape", graph.add("Transpose", told, perm=[1, 0, 2]), flat)
