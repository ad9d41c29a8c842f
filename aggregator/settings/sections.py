"""Which settings there are: one frozen model for each section of aggregator.toml.

A description says what a key allows; it is what a fault shows. What `repr`
leaves out may hold a password and is shown nowhere.
"""

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from aggregator import __version__
from aggregator.model import Category
from aggregator.settings import checks, values
from aggregator.settings.faults import Fault, shown, unknown_key, wrong_value
from aggregator.settings.layers import layered, value_at
from aggregator.settings.units import DURATION, SIZE, format_duration
from aggregator.stories.addresses import Opening

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

# Before it makes the first model it would look through all that is installed for what might change
# models: nobody else makes ours, and that takes a quarter of the time that all of them take.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")


def _size(value: object, info: ValidationInfo) -> object:
    """Return a number of bytes; whoever writes a bare number in a file forgot the unit."""
    return value if isinstance(value, int) and not info.context else values.size(value)


Duration = Annotated[timedelta, BeforeValidator(values.duration), Field(description=DURATION)]
SomeTime = Annotated[Duration, AfterValidator(values.some_time)]
Size = Annotated[int, BeforeValidator(_size), Field(description=SIZE)]
Number = Annotated[int, BeforeValidator(values.number)]
Count = Annotated[Number, Field(ge=1, description=values.COUNT)]
Port = Annotated[Number, Field(ge=0, le=65_535, description=values.PORT)]
Flag = Annotated[bool, Field(description=values.FLAG)]
Openings = Annotated[
    tuple[Opening, ...],
    PlainValidator(values.openings),
    Field(description=values.NETWORKS),
]
Families = Annotated[
    tuple[tuple[str, ...], ...],
    PlainValidator(values.families),
    Field(description=values.FAMILIES),
]
Hubs = Annotated[tuple[str, ...], PlainValidator(values.hubs), Field(description=values.HUBS)]
Threshold = Annotated[
    Annotated[float, Field(gt=0, lt=1)] | None,
    BeforeValidator(values.threshold),
    Field(description=values.THRESHOLD),
]
DatabaseUrl = Annotated[
    str, AfterValidator(checks.database_url), Field(description=checks.DATABASE, repr=False)
]
BaseUrl = Annotated[str, AfterValidator(checks.base_url), Field(description=checks.BASE_URL)]
Proxy = Annotated[
    str | None, AfterValidator(checks.proxy), Field(description=checks.PROXY, repr=False)
]
UserAgent = Annotated[str, AfterValidator(checks.user_agent), Field(description=checks.USER_AGENT)]
Contact = Annotated[str, AfterValidator(checks.contact), Field(description=checks.CONTACT)]
Host = Annotated[str, AfterValidator(checks.host), Field(description=checks.HOST)]
Admin = Annotated[str, AfterValidator(checks.admin), Field(description=checks.ADMIN)]
Folder = Annotated[Path, AfterValidator(checks.folder), Field(description=checks.FOLDER)]
Level = Literal["debug", "info", "warning", "error"]
Format = Literal["auto", "json", "console"]


class _Section(BaseModel):
    """What all sections have in common."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class DatabaseSettings(_Section):
    """Where the state is kept; a relative SQLite path starts in the state folder."""

    url: DatabaseUrl = "sqlite:///aggregator.db"


class PublishSettings(_Section):
    """Where the feeds are written, and when."""

    directory: Folder = Path("feeds")
    base_url: BaseUrl = "http://127.0.0.1:8080"
    hold: Duration = timedelta(minutes=5)
    entries: Count = 100
    min_outlets: Count = 2
    hubs: Hubs = ()


class PollSettings(_Section):
    """How often a source is polled."""

    interval: SomeTime = timedelta(minutes=15)
    min_interval: SomeTime = Field(default=timedelta(minutes=5), validate_default=True)
    max_interval: SomeTime = Field(default=timedelta(days=1), validate_default=True)
    stale_after: SomeTime = timedelta(days=30)
    flood: Count = 250
    websub: Flag = True

    def within_bounds(self, interval: timedelta) -> timedelta:
        """Return the interval, or the bound that it is beyond."""
        return min(max(interval, self.min_interval), self.max_interval)

    @field_validator("min_interval")
    @classmethod
    def _at_most_interval(cls, value: timedelta, info: ValidationInfo) -> timedelta:
        interval = info.data.get("interval", value)
        if value > interval:
            msg = f"at most poll.interval, {format_duration(interval)}; {values.RISING}"
            raise ValueError(msg)
        return value

    @field_validator("max_interval")
    @classmethod
    def _at_least_interval(cls, value: timedelta, info: ValidationInfo) -> timedelta:
        interval = info.data.get("interval", value)
        if value < interval:
            msg = f"at least poll.interval, {format_duration(interval)}; {values.RISING}"
            raise ValueError(msg)
        return value


class FetchSettings(_Section):
    """How we behave towards other people's servers; sizes are bytes after decompression."""

    timeout: SomeTime = timedelta(seconds=20)
    max_feed: Size = 10_000_000
    max_page: Size = 5_000_000
    per_host: Count = 1
    host_gap: Duration = timedelta(seconds=1)
    concurrency: Count = 200
    allow_networks: Openings = ()
    proxy: Proxy = None
    trust_env: Flag = False
    user_agent: UserAgent = f"aggregator/{__version__}"
    contact: Contact = ""


class ReadSettings(_Section):
    """Whether articles are fetched."""

    full_text: Flag = True


class MatchSettings(_Section):
    """How stories are told apart; a threshold of None is the calibrated one."""

    window: SomeTime = timedelta(days=14)
    threshold: Threshold = None


class SemanticSettings(_Section):
    """Which sentence encoder tells how alike two articles are, by folder or name; "" is none."""

    model: Annotated[str, AfterValidator(checks.model), Field(description=checks.MODEL)] = ""


class ServeSettings(_Section):
    """Where we listen: the public side, and the operator's own."""

    host: Host = "127.0.0.1"
    port: Port = 8080
    hub: Flag = False
    admin: Admin = "127.0.0.1:8081"

    @field_validator("admin")
    @classmethod
    def _beside_the_public(cls, value: str, info: ValidationInfo) -> str:
        """Refuse the public port; the default may be it, and the daemon works without."""
        port = info.data.get("port")
        if port and value.rpartition(":")[2] == str(port):
            msg = f"another port than serve.port, {port}"
            raise ValueError(msg)
        return value


class RetentionSettings(_Section):
    """How long we remember."""

    stories: SomeTime = timedelta(days=400)


class OutletsSettings(_Section):
    """Which outlets are of one house."""

    families: Families = ()


class LogSettings(_Section):
    """What is logged, and how it looks."""

    level: Annotated[Level, Field(description='"debug", "info", "warning" or "error"')] = "info"
    format: Annotated[Format, Field(description='"auto", "json" or "console"')] = "auto"


class Sections(_Section):
    """All sections; each is complete without a file."""

    database: DatabaseSettings = DatabaseSettings()
    publish: PublishSettings = PublishSettings()
    poll: PollSettings = PollSettings()
    fetch: FetchSettings = FetchSettings()
    read: ReadSettings = ReadSettings()
    match: MatchSettings = MatchSettings()
    semantic: SemanticSettings = SemanticSettings()
    serve: ServeSettings = ServeSettings()
    retention: RetentionSettings = Field(default=RetentionSettings(), validate_default=True)
    outlets: OutletsSettings = OutletsSettings()
    log: LogSettings = LogSettings()

    @field_validator("retention")
    @classmethod
    def _at_least_window(cls, value: RetentionSettings, info: ValidationInfo) -> RetentionSettings:
        match = info.data.get("match")
        if match and value.stories < match.window:
            msg = f"at least match.window, {format_duration(match.window)}"
            raise ValueError(msg)
        return value


class Settings(Sections):
    """Everything that the operator decides.

    `folder` is where the files were looked for, None for the built-in
    defaults; `state` is where what we remember belongs.
    """

    folder: Path | None = None
    state: Path = Path("var")
    categories: tuple[Category, ...] = ()


def known_keys() -> dict[str, tuple[str, ...]]:
    """Return the keys of each section, in order."""
    return {name: tuple(type(section).model_fields) for name, section in Sections()}


def read_sections(tables: Mapping[str, object]) -> tuple[Sections, list[Fault]]:
    """Return what environment, credentials, a file's tables and defaults say, and the faults."""
    layers = layered(tables, known_keys())
    try:
        return Sections.model_validate(layers, context={"from": "text"}), []
    except ValidationError as error:
        return Sections(), [_fault(detail, layers) for detail in error.errors()]


def _fault(detail: "ErrorDetails", layers: Mapping[str, object]) -> Fault:
    path = tuple(str(part) for part in detail["loc"])
    if detail["type"] == "extra_forbidden":
        return unknown_key(path, known_keys())
    if len(path) == 1:
        return _fault_of_section(path, detail, layers)
    field = type(getattr(Sections(), path[0])).model_fields[path[1]]
    found = shown(detail["input"], secret=not field.repr)
    found += ", the default" if value_at(path, layers) is None else ""
    return wrong_value(path, found, _reason(detail) or field.description or detail["msg"])


def _fault_of_section(
    path: tuple[str, ...], detail: "ErrorDetails", layers: Mapping[str, object]
) -> Fault:
    if detail["type"] == "value_error":  # only one section is held against another
        return _too_short_retention(_reason(detail), layers)
    return wrong_value(path, shown(detail["input"]), f"a table: [{path[0]}], then its keys")


def _too_short_retention(allowed: str, layers: Mapping[str, object]) -> Fault:
    """Return the fault at the place of the key that somebody gave."""
    key = ("retention", "stories")
    given = value_at(key, layers)
    if given is not None:
        return wrong_value(key, shown(given), allowed)
    found = f"{shown(RetentionSettings().stories)}, the default"
    return replace(wrong_value(key, found, allowed), path=("match", "window"))


def _reason(detail: "ErrorDetails") -> str:
    return str(detail.get("ctx", {}).get("error", ""))
