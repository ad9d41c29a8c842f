"""Where a sentence encoder's files are, by folder or name (the only home of huggingface_hub).

Nothing is downloaded but by `fetch_model`, which the operator asks for.
"""

import re
from pathlib import Path

from aggregator.errors import RefusedError, SettingsError
from aggregator.intake.encoder import CONFIG, POOLING, TOKENIZER, TOKENS, WEIGHTS
from aggregator.settings import Settings
from aggregator.settings.places import home_folder

_NAME = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
# All but the weights, of which there may be several forms.
_DESCRIPTION = [CONFIG, TOKENIZER, TOKENS, POOLING]
_MISSING = (
    "the semantic extra is not installed: `pip install 'aggregator[semantic]'`, "
    "or leave semantic.model empty"
)


def model_folder(settings: Settings) -> Path:
    """Return the folder of the encoder that the settings name.

    A name is looked for among what `fetch_model` brought; nothing is asked of
    the network.

    Raises:
        SettingsError: there is none.
    """
    named = settings.semantic.model
    folder = home_folder() / Path(named).expanduser()
    if folder.is_dir():
        return folder
    if not _NAME.fullmatch(named):
        message = f"semantic.model: no folder {folder}; name a folder, or a model as OWNER/NAME"
        raise SettingsError(message)
    try:
        from huggingface_hub import snapshot_download  # noqa: PLC0415 - of the extra
        from huggingface_hub.errors import LocalEntryNotFoundError  # noqa: PLC0415
    except ImportError as error:
        message = f"semantic.model: {_MISSING}"
        raise SettingsError(message) from error
    try:
        found = snapshot_download(
            named,
            cache_dir=models_folder(settings),
            allow_patterns=_DESCRIPTION,
            local_files_only=True,
        )
    except LocalEntryNotFoundError as error:
        message = (
            f"semantic.model: {named} is not on this machine, and is downloaded only when asked "
            "for: `aggregator fetch-model`"
        )
        raise SettingsError(message) from error
    return Path(found)


def models_folder(settings: Settings) -> Path:
    """Return where downloaded models are kept."""
    return settings.state / "models"


def fetch_model(settings: Settings, name: str) -> Path:
    """Download a model's files from the hub; return its folder. No token is sent.

    Raises:
        RefusedError: there is no such model, or the hub cannot be had.
    """
    if not _NAME.fullmatch(name):
        message = f"{name!r} is no model's name; names are written OWNER/NAME"
        raise RefusedError(message)
    try:
        from huggingface_hub import HfApi, snapshot_download  # noqa: PLC0415 - of the extra
    except ImportError as error:
        raise RefusedError(_MISSING) from error
    try:
        files = HfApi(token=False).list_repo_files(name)
        weights = [path for path in WEIGHTS if path in files][:1]
        folder = snapshot_download(
            name,
            cache_dir=models_folder(settings),
            allow_patterns=[*_DESCRIPTION, *weights],
            token=False,
        )
    except Exception as error:  # the library's, those of its transport, of the disk
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        message = f"{name} cannot be downloaded: {reason}"
        raise RefusedError(message) from error
    return Path(folder)
