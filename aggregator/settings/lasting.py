"""What of the settings lasts until the daemon ends."""

from aggregator.settings.sections import Settings

# These sections are read once: a reload leaves them as they are, and says so.
LASTING = ("database", "serve")


def keep_lasting(present: Settings, read: Settings) -> tuple[Settings, list[str]]:
    """Return the settings as read, but for what lasts, and which keys of that were changed."""
    changed = [
        f"{section}.{key}"
        for section in LASTING
        for key, value in getattr(read, section)
        if getattr(getattr(present, section), key) != value
    ]
    lasting = {section: getattr(present, section) for section in LASTING}
    return read.model_copy(update=lasting), changed
