"""The settings as a whole: file, environment and defaults put together, every fault at once."""

from pathlib import Path

from aggregator.errors import SettingsError
from aggregator.model import Category
from aggregator.settings.categories import read_categories, shorter_than_window
from aggregator.settings.credentials import credential_files
from aggregator.settings.documents import read_document
from aggregator.settings.environment import ignored_names, variable_names
from aggregator.settings.faults import ignored_variable, unknown_key
from aggregator.settings.places import (
    configuration_folder,
    home_folder,
    starter_folder,
    state_folder,
)
from aggregator.settings.sections import Sections, Settings, known_keys, read_sections

_SQLITE = "sqlite:///"


def load_settings(folder: Path | None = None) -> Settings:
    """Return what the files, the credentials and the environment say.

    A file that is missing leaves the defaults; without any folder the
    categories are those that come with the program. Relative paths start from the
    state folder for the database, and for the published feeds from there as
    a service, else from the checkout.

    Raises:
        SettingsError: every fault on a line of its own.
    """
    folder = configuration_folder(folder)
    document, faults = read_document(folder / "aggregator.toml" if folder else None)
    rules, unread = read_document((folder or starter_folder()) / "categories.toml")
    # The name of each variable or credential that sets something.
    variables = {**credential_files(), **variable_names()}
    sections, wrong = read_sections(document.tables)
    strange = [unknown_key(path, known_keys()) for path in _unknown(variables)]
    categories, bad_rules = read_categories(rules)
    bad_rules += shorter_than_window(categories, sections.match.window)
    in_file = [fault for fault in wrong if fault.path not in variables]
    faults += [fault.at(document.place(fault.path)) for fault in document.in_order(in_file)]
    elsewhere = [fault for fault in wrong if fault.path in variables]
    faults += [fault.at(variables[fault.path]) for fault in (*elsewhere, *strange)]
    faults += unread + [fault.at(rules.place(fault.path)) for fault in rules.in_order(bad_rules)]
    if faults:
        raise SettingsError("\n".join(faults))
    return _settled(sections, folder, categories)


def ignored_variables() -> list[str]:
    """Return what is to be said of variables that look like settings and are none, a line each."""
    return [ignored_variable(name, known_keys()) for name in ignored_names()]


def _unknown(variables: dict[tuple[str, ...], str]) -> list[tuple[str, ...]]:
    known = {(section, key) for section, keys in known_keys().items() for key in keys}
    return [path for path in variables if path not in known]


def _settled(sections: Sections, folder: Path | None, categories: tuple[Category, ...]) -> Settings:
    """Return the settings with every path absolute."""
    state = state_folder()
    url = sections.database.url
    if url.startswith(_SQLITE):
        url = f"{_SQLITE}{state / url.removeprefix(_SQLITE)}"
    directory = home_folder() / sections.publish.directory
    return Settings(
        **dict(sections)
        | {
            "database": sections.database.model_copy(update={"url": url}),
            "publish": sections.publish.model_copy(update={"directory": directory}),
        },
        folder=folder,
        state=state,
        categories=categories,
    )
