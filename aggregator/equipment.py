"""What the settings ask for beside the program: a driver of a database, a sentence encoder."""

from aggregator.settings import Settings


def try_equipment(settings: Settings) -> None:
    """Load what the settings name, as the daemon would; nothing is where they name nothing.

    Raises:
        SettingsError: something is missing or cannot be used.
    """
    if not settings.database.url.startswith("sqlite:"):
        from aggregator.store.dialect import open_engine  # noqa: PLC0415 - SQLAlchemy

        open_engine(settings.database.url, checkpoints=False).dispose()
    if settings.semantic.model:
        from aggregator.intake.encoder import open_encoder  # noqa: PLC0415 - numpy
        from aggregator.intake.hub import model_folder  # noqa: PLC0415

        open_encoder(model_folder(settings))
