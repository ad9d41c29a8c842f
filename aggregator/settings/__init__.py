"""The settings: typed, from the configuration folder and the environment.

`units` reads durations and sizes, `checks` addresses; `sections` says which
settings there are, `layers` what is said of them where; `places` finds the folders,
`documents` the line of each key, `categories` the rules; `load` puts them together.
"""

from aggregator.settings.load import ignored_variables, load_settings
from aggregator.settings.sections import (
    DatabaseSettings,
    FetchSettings,
    LogSettings,
    MatchSettings,
    PollSettings,
    PublishSettings,
    ReadSettings,
    RetentionSettings,
    SemanticSettings,
    ServeSettings,
    Settings,
)
from aggregator.settings.units import format_duration, parse_duration, parse_size

__all__ = [
    "DatabaseSettings",
    "FetchSettings",
    "LogSettings",
    "MatchSettings",
    "PollSettings",
    "PublishSettings",
    "ReadSettings",
    "RetentionSettings",
    "SemanticSettings",
    "ServeSettings",
    "Settings",
    "format_duration",
    "ignored_variables",
    "load_settings",
    "parse_duration",
    "parse_size",
]
