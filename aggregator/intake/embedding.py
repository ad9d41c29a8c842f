"""Meanings, computed in a process of their own: it keeps its encoder open and can be killed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from aggregator.errors import AggregatorError, PollError, SettingsError
from aggregator.intake.children import Children
from aggregator.intake.remote import embed
from aggregator.logs import get_logger
from aggregator.settings import Settings

if TYPE_CHECKING:
    from aggregator.stories.meaning import Meaning

logger = get_logger(__name__)

# Of address space: the encoder's weights are mapped, copied and laid out anew for the processor.
MEMORY = 8 << 30
# The first call opens the encoder: half a gigabyte of weights may come from a slow disk.
LONGEST = timedelta(minutes=2)
# It is worth keeping; nothing hostile is parsed there.
FOR_EVER = 0


class Embedding:
    """An encoder at work in its process; `model` tells what its vectors can be compared with."""

    def __init__(self, children: Children, folder: Path) -> None:
        self._children = children
        self._folder = folder
        self.model = ""

    async def open(self) -> None:
        """Open the encoder, so that what is wrong with it is known at once.

        Raises:
            SettingsError: it cannot be used.
        """
        try:
            self.model = (await self._children.run(embed, self._folder, "")).model
        except PollError as error:
            message = f"semantic.model: {self._folder} cannot be used ({error})"
            raise SettingsError(message) from error

    async def of(self, text: str) -> "Meaning | None":
        """Return what a text means; None where that could not be had: words must do then."""
        try:
            return await self._children.run(embed, self._folder, text)
        except AggregatorError as error:
            logger.warning("embedding.failed", reason=str(error))
            return None


@asynccontextmanager
async def open_embedding(settings: Settings) -> AsyncIterator[Embedding | None]:
    """Yield what computes meanings, None where the settings name no model.

    Raises:
        SettingsError: they name one that cannot be used.
    """
    if not settings.semantic.model:
        yield None
        return
    # Where none is named, nobody need wait for what finds it.
    from aggregator.intake.hub import model_folder  # noqa: PLC0415

    limits = {"cpu": LONGEST, "wall": LONGEST}
    async with Children(1, memory=MEMORY, tasks_per_worker=FOR_EVER, **limits) as children:
        embedding = Embedding(children, model_folder(settings))
        await embedding.open()
        yield embedding
