"""The house stands as the README draws it: one home a library, no cycles, sizes to read at once."""

import ast
import re
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "aggregator"
MODULES = sorted(PACKAGE.rglob("*.py"))
# Where a library is used by more than a module, its home is the folder that it is the reason of.
HOMES = {
    "aiohttp": {"aggregator.intake.wire", "aggregator.web"},
    "alembic": {"aggregator.store"},
    "apscheduler": {"aggregator.ticks"},
    "brotli": {"aggregator.web.published"},
    "charset_normalizer": {"aggregator.intake.charset"},
    "feedgen": {"aggregator.output"},
    "feedparser": {"aggregator.intake.parse"},
    "huggingface_hub": {"aggregator.intake.hub"},
    "idna": {"aggregator.stories.urls"},
    "jinja2": {"aggregator.web.pages"},
    "listparser": {"aggregator.intake.opml"},
    "luqum": {"aggregator.stories.query"},
    "lxml": {"aggregator.intake.page", "aggregator.output.markup"},
    "nh3": {"aggregator.intake.sanitize"},
    "numpy": {"aggregator.stories", "aggregator.intake.encoder"},
    "onnx": {"aggregator.intake.bert"},
    "onnxruntime": {"aggregator.intake.encoder"},
    "pebble": {"aggregator.intake.pool"},
    "prometheus_client": {"aggregator.metrics"},
    "protego": {"aggregator.intake.robots"},
    "pydantic": {"aggregator.settings.sections", "aggregator.store.as_json"},
    "rich": {"aggregator.cli.screen"},
    "sqlalchemy": {"aggregator.store"},
    "structlog": {"aggregator.logs"},
    "tokenizers": {"aggregator.intake.encoder"},
    "trafilatura": {"aggregator.intake.extract"},
    "typer": {"aggregator.cli"},
    "uvloop": {"aggregator.cli.loop"},
    "yarl": {"aggregator.intake.fetch"},
}
PARTS = {"pydantic_core": "pydantic"}
# SQLAlchemy imports the driver.
NOT_IMPORTED = {"lxml-html-clean", "psycopg[binary]"}
LONGEST_MODULE = 300


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def installed() -> set[str]:
    return set(packages_distributions()) - {"aggregator"}


def third_party(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names = [node.module]
        yield from {name.partition(".")[0] for name in names} & installed()


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_each_library_is_imported_at_home_only(path: Path) -> None:
    name = module_name(path)
    for library in third_party(path):
        homes = HOMES.get(PARTS.get(library, library))
        assert homes, f"{name} imports {library}, which has no home: give it one and a reason"
        assert any(name == home or name.startswith(f"{home}.") for home in homes), (name, library)


def test_each_declared_library_has_a_home_and_a_reason() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)["project"]
    extras = project["optional-dependencies"].values()
    declared = [*project["dependencies"], *chain.from_iterable(extras)]
    names = {requirement.partition(">")[0] for requirement in declared}
    assert {name.replace("-", "_") for name in names - NOT_IMPORTED} == set(HOMES)
    for requirement in declared:
        line = next(line for line in text.splitlines() if f'"{requirement}"' in line)
        assert "# " in line, f"{requirement} has no reason beside it"


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_modules_are_short_enough_to_read_at_once(path: Path) -> None:
    if "migrations" not in path.parts:
        assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE


@pytest.mark.parametrize(
    "lock",
    ["run.txt", "postgresql.txt", "semantic.txt", "dev.txt", "build.txt", "release.txt"],
)
def test_the_lock_pins_every_version_with_hashes_and_names_no_index(lock: str) -> None:
    lines = (ROOT / "requirements" / lock).read_text(encoding="utf-8").splitlines()
    requirements = [line for line in lines if line and line[0] not in "# "]
    assert requirements
    assert all("==" in line and line.endswith("\\") for line in requirements)
    assert not [line for line in lines if "://" in line or line.startswith("-")]


def locked(name: str) -> dict[str, set[str]]:
    """Return the distributions that a lock pins, each with its extras."""
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    pins = re.findall(r"^(\S+)==", text, re.MULTILINE)
    return {pin.name: normalized(pin.extras) for pin in map(Requirement, pins)}


def normalized(extras: set[str]) -> set[str]:
    return {str(canonicalize_name(extra)) for extra in extras}


def test_the_lock_holds_what_is_declared() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    names = {item.partition(">")[0] for item in declared["project"]["dependencies"]}
    assert names <= set(locked("run.txt"))


def test_the_ordinary_lock_holds_nothing_of_the_extras() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for extra, items in declared["project"]["optional-dependencies"].items():
        names = {Requirement(item).name for item in items}
        assert names <= set(locked(f"{extra}.txt"))
        assert names.isdisjoint(locked("run.txt"))


def test_the_lock_names_the_extras_that_its_packages_ask_for() -> None:
    """An extra that is not pinned lets pip find a later release, whose hash it then refuses."""
    lock = locked("dev.txt")
    for name in lock:
        with suppress(PackageNotFoundError):  # pinned for another platform or Python
            for wanted in map(Requirement, requires(name) or ()):
                if wanted.extras and (not wanted.marker or wanted.marker.evaluate({"extra": ""})):
                    pinned = lock[canonicalize_name(wanted.name)]
                    assert normalized(wanted.extras) <= pinned, (name, wanted)
