"""A sentence encoder: what a text means, as a vector (the only home of onnxruntime, tokenizers).

ONNX Runtime and the tokenizers are the `semantic` extra's: they are imported
when an encoder is opened.
"""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from aggregator.errors import SettingsError
from aggregator.stories.meaning import Meaning, meaning_of

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

    Vector = NDArray[np.float32]

# What a folder holds, as sentence-transformers writes it. The weights: the first of these.
CONFIG, TOKENIZER = "config.json", "tokenizer.json"
TOKENS, POOLING = "sentence_bert_config.json", "1_Pooling/config.json"
WEIGHTS = ("onnx/model.onnx", "model.onnx", "model.safetensors")
# As much as news needs; half as many words of English, a third of other languages.
MOST_TOKENS = 256
_MOST_THREADS = 4
_WEIGHTS_FOLDER = "session.model_external_initializers_file_folder_path"
_NO_SPINNING = "session.intra_op.allow_spinning"
_ERRORS_ONLY = 3
_PIECE = 1 << 20


class Encoder(Protocol):
    """What gives texts their place among meanings; `model` tells one such space from another."""

    @property
    def model(self) -> str:
        """Return a name for what the model is made of: the same bytes, the same name."""

    def encode(self, text: str) -> "Vector":
        """Return the text's vector; of a long text that of its beginning."""


def open_encoder(folder: Path) -> Encoder:
    """Return the encoder whose files are in a folder, ready for work.

    Raises:
        SettingsError: the extra is not installed, a file is missing, or it is no encoder.
    """
    weights = next((path for name in WEIGHTS if (path := folder / name).is_file()), None)
    if weights is None or not (folder / TOKENIZER).is_file():
        missing = TOKENIZER if weights else f"{WEIGHTS[-1]} or {WEIGHTS[0]}"
        message = f"semantic.model: {folder} holds no {missing}; name a sentence encoder's folder"
        raise SettingsError(message)
    try:
        encoder = _OnnxEncoder.open(folder, weights)
        encoder.encode("")
    except ImportError as error:
        message = (
            f"semantic.model needs the semantic extra ({error}): install it with "
            "`pip install 'aggregator[semantic]'`, or leave semantic.model empty"
        )
        raise SettingsError(message) from error
    except SettingsError:
        raise
    except Exception as error:  # whatever the libraries say of a damaged file
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        message = f"semantic.model: {folder} cannot be used ({reason}); name another encoder"
        raise SettingsError(message) from error
    return encoder


def embed(folder: Path, text: str) -> Meaning:
    """Return what a text means to the encoder in a folder, which stays open in this process.

    Raises:
        SettingsError: as `open_encoder`.
    """
    encoder = _kept(folder)
    return meaning_of(encoder.model, encoder.encode(text))


_kept: Callable[[Path], Encoder] = cache(open_encoder)


@dataclass(frozen=True, slots=True)
class _OnnxEncoder:
    """A transformer in ONNX Runtime; its hidden states are averaged, or the first one counts."""

    model: str
    tokenizer: "Tokenizer"
    session: "InferenceSession"
    first_counts: bool

    @classmethod
    def open(cls, folder: Path, weights: Path) -> "_OnnxEncoder":
        from tokenizers import Tokenizer  # noqa: PLC0415 - of the extra

        tokenizer: Tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        tokenizer.no_padding()
        stated = _json(folder / TOKENS).get("max_seq_length") or MOST_TOKENS
        tokenizer.enable_truncation(min(stated, MOST_TOKENS))
        return cls(
            model=_identity(folder, weights),
            tokenizer=tokenizer,
            session=_session(folder, weights),
            first_counts=bool(_json(folder / POOLING).get("pooling_mode_cls_token")),
        )

    def encode(self, text: str) -> "Vector":
        encoded = self.tokenizer.encode(text)
        given = {
            "input_ids": encoded.ids,
            "attention_mask": encoded.attention_mask,
            "token_type_ids": encoded.type_ids,
        }
        wanted = [taken.name for taken in self.session.get_inputs()]
        (hidden, *_) = self.session.run(
            None, {name: np.array([given[name]], np.int64) for name in wanted}
        )
        states = np.asarray(hidden, np.float32).reshape(len(encoded.ids), -1)
        vector: Vector = states[0] if self.first_counts else states.mean(0)
        return vector


def _session(folder: Path, weights: Path) -> "InferenceSession":
    import onnxruntime  # noqa: PLC0415 - of the extra

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = min(os.cpu_count() or 1, _MOST_THREADS)
    options.log_severity_level = _ERRORS_ONLY
    # Threads that wait in a loop would take the processor from those who parse.
    options.add_session_config_entry(_NO_SPINNING, "0")
    graph: bytes | str = str(weights)
    if weights.suffix != ".onnx":
        from aggregator.intake.bert import bert_graph  # noqa: PLC0415 - of the extra

        # What a hub keeps are links into its store; the runtime takes none that lead away.
        stored = weights.resolve()
        options.add_session_config_entry(_WEIGHTS_FOLDER, str(stored.parent))
        graph = bert_graph(_json(folder / CONFIG), stored)
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def _identity(folder: Path, weights: Path) -> str:
    """Return a hash of all that a vector depends on."""
    digest = blake2b(f"{MOST_TOKENS}".encode(), digest_size=6)
    for path in (folder / CONFIG, folder / TOKENIZER, folder / TOKENS, folder / POOLING, weights):
        if path.is_file():
            with path.open("rb") as file:
                while piece := file.read(_PIECE):
                    digest.update(piece)
    return digest.hexdigest()


def _json(path: Path) -> Mapping[str, Any]:
    """Return what a file of a model says, nothing where there is none."""
    if not path.is_file():
        return {}
    said = json.loads(path.read_bytes())
    return said if isinstance(said, dict) else {}
