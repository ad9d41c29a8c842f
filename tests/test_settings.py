"""Settings: what the files and the environment say, and how faults read."""

import os
import re
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator import __version__
from aggregator.errors import SettingsError
from aggregator.model import Category
from aggregator.settings import (
    FetchSettings,
    PollSettings,
    Settings,
    format_duration,
    ignored_variables,
    load_settings,
    parse_duration,
    parse_size,
    places,
)
from aggregator.settings.documents import key_lines
from aggregator.settings.sections import Sections, known_keys
from aggregator.stories.addresses import Opening

CHECKOUT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in os.environ:
        if name.upper().startswith("AGGREGATOR_") or name == "STATE_DIRECTORY":
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(places, "SYSTEM", tmp_path / "etc")


def test_whose_settings_are_left_unread_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    assert places.unread_folder() == CHECKOUT / "config"
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/aggregator")
    assert places.unread_folder() is None


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "config"
    folder.mkdir()
    return folder


def faults(folder: Path, toml: str = "", categories: str = "") -> list[str]:
    """Return the faults that loading finds, without the folder's path."""
    (folder / "aggregator.toml").write_text(toml, "utf-8")
    (folder / "categories.toml").write_text(categories, "utf-8")
    with pytest.raises(SettingsError) as caught:
        load_settings(folder)
    return str(caught.value).replace(f"{folder}/", "").split("\n")


def loaded(folder: Path, toml: str) -> Settings:
    (folder / "aggregator.toml").write_text(toml, "utf-8")
    return load_settings(folder)


# Durations and sizes


@given(st.timedeltas(min_value=timedelta(), max_value=timedelta(days=36_500)))
def test_a_formatted_duration_reads_back_to_the_millisecond(duration: timedelta) -> None:
    whole = timedelta(milliseconds=duration // timedelta(milliseconds=1))
    assert parse_duration(format_duration(duration)) == whole


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0s", 0),
        ("90s", 90),
        ("15m", 900),
        ("1h30m", 5400),
        ("1d", 86_400),
        ("2w", 1_209_600),
        ("250ms", 0.25),
        ("1m250ms", 60.25),
        (" 5s ", 5),
    ],
)
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration(text).total_seconds() == seconds


@pytest.mark.parametrize(
    "text", ["", "s", "15", "1.5h", "-5m", "30m1h", "5m5m", "5 parsecs", "5M", "٣m", "1h 30m"]
)
def test_other_texts_are_no_durations(text: str) -> None:
    with pytest.raises(ValueError, match="a duration such as"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["36501d", "999999999999w"])
def test_durations_stay_in_the_calendar(text: str) -> None:
    with pytest.raises(ValueError, match="at most 36500d"):
        parse_duration(text)


def test_negative_durations_are_written_with_a_sign() -> None:
    assert format_duration(timedelta(minutes=-90)) == "-1h30m"


@pytest.mark.parametrize(
    ("text", "size"),
    [("0B", 0), ("512kB", 512_000), ("10MB", 10_000_000), ("1 GB", 10**9), ("1MiB", 1_048_576)],
)
def test_sizes(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "10", "MB", "1.5MB", "-1MB", "10 parsecs", "10xb"])
def test_other_texts_are_no_sizes(text: str) -> None:
    with pytest.raises(ValueError, match="a size such as"):
        parse_size(text)


# Defaults and the shipped file


def test_without_any_folder_the_defaults_stand_and_state_is_in_the_checkout() -> None:
    settings = load_settings()
    assert settings.folder is None
    assert settings.state == CHECKOUT / "var"
    assert settings.database.url == f"sqlite:///{CHECKOUT}/var/aggregator.db"
    assert settings.publish.directory == CHECKOUT / "feeds"
    assert settings.publish.hold == timedelta(minutes=5)
    assert settings.fetch.max_feed == 10_000_000
    assert settings.match.threshold is None
    assert "nato" in {category.slug for category in settings.categories}


def test_as_a_service_everything_is_in_the_first_state_directory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", "/srv/news:/srv/other")
    settings = load_settings()
    assert settings.state == Path("/srv/news")
    assert settings.database.url == "sqlite:////srv/news/aggregator.db"
    assert settings.publish.directory == Path("/srv/news/feeds")


def test_installed_elsewhere_the_current_folder_is_home(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(places, "__file__", str(tmp_path / "site/aggregator/settings/places.py"))
    assert load_settings().state == tmp_path / "var"


def test_the_shipped_file_names_every_setting_with_its_default(folder: Path) -> None:
    shipped = (CHECKOUT / "config" / "aggregator.toml").read_text("utf-8")
    uncommented = re.sub(r"^# ([a-z_]+ = )", r"\1", shipped, flags=re.MULTILINE)
    uncommented = re.sub(r'"aggregator/[0-9.]+"', f'"aggregator/{__version__}"', uncommented)
    keys = {path for path in key_lines(uncommented) if len(path) == 2}
    assert keys == {(section, key) for section, keys in known_keys().items() for key in keys}
    assert loaded(folder, uncommented) == loaded(folder, "")
    assert loaded(folder, shipped) == loaded(folder, "")


def test_every_setting_of_the_shipped_file_is_explained() -> None:
    lines = (CHECKOUT / "config" / "aggregator.toml").read_text("utf-8").split("\n")
    settings = {at for at, line in enumerate(lines) if re.match(r"# [a-z_]+ = ", line)}
    assert all(lines[at - 1].startswith("# ") and at - 1 not in settings for at in settings)


def test_the_shipped_folder_has_no_fault() -> None:
    assert load_settings(CHECKOUT / "config").folder == CHECKOUT / "config"


# Which folder


def test_the_named_folder_stands_before_the_variable_and_that_before_the_rest(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "etc").mkdir()
    assert load_settings().folder == Path("config")
    folder.rmdir()
    assert load_settings().folder == tmp_path / "etc"
    other, named = tmp_path / "other", tmp_path / "named"
    other.mkdir()
    named.mkdir()
    monkeypatch.setenv("AGGREGATOR_CONFIG", str(other))
    assert load_settings().folder == other
    assert load_settings(named).folder == named


def test_a_folder_that_is_named_must_be_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SettingsError, match="gone: no such folder"):
        load_settings(tmp_path / "gone")
    with pytest.raises(SettingsError, match="no such folder"):
        load_settings(tmp_path / ("long" * 100))
    monkeypatch.setenv("AGGREGATOR_CONFIG", "lost")
    with pytest.raises(SettingsError, match="AGGREGATOR_CONFIG: lost: no such folder"):
        load_settings()


# Values


def test_the_environment_stands_above_the_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGGREGATOR_POLL__INTERVAL", "30m")
    monkeypatch.setenv("AGGREGATOR_SERVE__PORT", "0")
    monkeypatch.setenv("AGGREGATOR_READ__FULL_TEXT", "false")
    settings = loaded(folder, '[poll]\ninterval = "1h"\nmin_interval = "1m"\n')
    assert settings.poll.interval == timedelta(minutes=30)
    assert settings.poll.min_interval == timedelta(minutes=1)
    assert settings.serve.port == 0
    assert settings.read.full_text is False


@pytest.mark.parametrize(
    "text",
    [
        "10.0.0.0/8,127.0.0.1:8801",
        '["10.0.0.0/8", "127.0.0.1:8801"]',
        "10.0.0.0/8, 127.0.0.1:8801,",
    ],
)
def test_networks_come_from_the_environment_as_json_or_with_commas(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGGREGATOR_FETCH__ALLOW_NETWORKS", text)
    expected = (Opening(ip_network("10.0.0.0/8")), Opening(ip_network("127.0.0.1/32"), 8801))
    assert load_settings().fetch.allow_networks == expected


def test_names_that_kubernetes_sets_for_a_service_are_no_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AGGREGATOR_PORT", "tcp://10.0.0.1:80")
    monkeypatch.setenv("AGGREGATOR_SERVE", "x")
    assert load_settings().serve.port == 8080


@pytest.mark.parametrize(
    ("toml", "path", "value"),
    [
        ('fetch.proxy = ""', "fetch.proxy", None),
        ('fetch.proxy = "http://u:p@h:3128"', "fetch.proxy", "http://u:p@h:3128"),
        ('match.threshold = "calibrated"', "match.threshold", None),
        ("match.threshold = 0.7", "match.threshold", 0.7),
        (
            'publish.base_url = "https://news.example.org/a/"',
            "publish.base_url",
            "https://news.example.org/a",
        ),
        (
            'publish.base_url = "https://bücher.example:8443/Päth/%7Ex"',
            "publish.base_url",
            "https://xn--bcher-kva.example:8443/P%C3%A4th/%7Ex",
        ),
        ('publish.base_url = "http://[::1]:8080"', "publish.base_url", "http://[::1]:8080"),
        ('publish.directory = "/srv/feeds"', "publish.directory", Path("/srv/feeds")),
        ('publish.directory = "public"', "publish.directory", CHECKOUT / "public"),
        ('database.url = "sqlite:////srv/a.db"', "database.url", "sqlite:////srv/a.db"),
        ('database.url = "sqlite:////my news/a.db"', "database.url", "sqlite:////my news/a.db"),
        ('database.url = "postgresql+psycopg:///a"', "database.url", "postgresql+psycopg:///a"),
        ('serve.host = "::"', "serve.host", "::"),
        ('serve.host = "news.example.org"', "serve.host", "news.example.org"),
        ('serve.admin = "[::1]:9"', "serve.admin", "[::1]:9"),
        ('serve.admin = "localhost:9"', "serve.admin", "localhost:9"),
        ('serve.admin = "/run/a.sock"', "serve.admin", "/run/a.sock"),
        ('fetch.max_page = "1KiB"', "fetch.max_page", 1024),
    ],
)
def test_values(folder: Path, toml: str, path: str, value: object) -> None:
    section, key = path.split(".")
    assert getattr(getattr(loaded(folder, toml), section), key) == value


def test_code_may_give_values_instead_of_texts() -> None:
    assert FetchSettings(max_feed=10, host_gap=timedelta()).max_feed == 10
    opening = Opening(ip_network("10.0.0.0/8"))
    assert FetchSettings(allow_networks=(opening,)).allow_networks == (opening,)
    with pytest.raises(ValueError, match="at most poll"):
        PollSettings(interval=timedelta(minutes=1))


def test_settings_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Sections().poll.interval = timedelta(1)


def test_passwords_are_not_in_the_settings_repr(folder: Path) -> None:
    settings = loaded(
        folder,
        'database.url = "postgresql+psycopg://u:hunter2@h/n"\nfetch.proxy = "http://u:hunter2@h:1"',
    )
    assert "hunter2" in settings.database.url
    assert "hunter2" not in repr(settings)


# Faults


def test_all_faults_are_told_at_once_each_with_its_place(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGGREGATOR_POLL__MAX_INTERVAL", "soon")
    toml = '[poll]\n\ninterval = 15\n[serve]\nport = "x"\nprt = 1\n[pol]\n'
    found = faults(folder, toml, "[all]\ntitle = 'x'\nquery = 'x'\n")
    assert [line.split(": ")[0] for line in found] == [
        "aggregator.toml:3",
        "aggregator.toml:5",
        "aggregator.toml:6",
        "aggregator.toml:7",
        "AGGREGATOR_POLL__MAX_INTERVAL",
        "categories.toml:1",
    ]


@pytest.mark.parametrize(
    ("toml", "fault"),
    [
        ("poll.interval = 15", 'poll.interval: found 15; allowed: a duration such as "15m"'),
        ("poll.interval = 15", 'a bare number has no unit: write "15s" or "15m"'),
        ('poll.interval = "0s"', 'poll.interval: found "0s"; allowed: a duration'),
        ('poll.interval = "2d"', "found 1d, the default; allowed: at least poll.interval, 2d"),
        ('poll.interval = "1m"', "found 5m, the default; allowed: at most poll.interval, 1m"),
        ("fetch.max_feed = 10", 'found 10; allowed: a size such as "10MB"'),
        ('fetch.max_feed = "0B"', "above 0B"),
        ("fetch.per_host = 0", "fetch.per_host: found 0; allowed: a whole number from 1"),
        ("fetch.per_host = true", "fetch.per_host: found true; allowed: a whole number from 1"),
        ("serve.port = 65536", "serve.port: found 65536; allowed: a whole number from 0"),
        ("serve.port = false", "serve.port: found false; allowed: a whole number from 0"),
        ("match.threshold = 1", "match.threshold: found 1; allowed: a number between 0 and 1"),
        ("match.threshold = 0.0", "found 0.0; allowed: a number between 0 and 1"),
        ("match.threshold = true", "found true; allowed: a number between 0 and 1"),
        ('read.full_text = "perhaps"', 'found "perhaps"; allowed: true or false'),
        ('log.level = "loud"', 'found "loud"; allowed: "debug", "info"'),
        ('publish.base_url = "/news"', "allowed: an absolute address"),
        ('publish.base_url = "ftp://h"', "allowed: an absolute address"),
        ('publish.base_url = "http://h:99999"', "allowed: an absolute address"),
        ('publish.base_url = "http://h/?a"', "allowed: an absolute address"),
        ('publish.base_url = "http://h/a b"', "allowed: an absolute address"),
        ('publish.directory = ""', "allowed: the path of a folder"),
        ('database.url = "mysql://h/n"', 'found "mysql://…"; allowed: "sqlite:///PATH" or'),
        ('database.url = "news.db"', "found a value with no scheme (not shown)"),
        ('database.url = "sqlite://"', 'allowed: "sqlite:///PATH"'),
        ('database.url = "sqlite:///a.db?mode=ro"', 'allowed: "sqlite:///PATH"'),
        ('publish.base_url = "http://u:p@h"', 'found "http://***@h"; allowed: an absolute'),
        ('database.url = "sqlite:///:memory:"', "in memory nothing would be remembered"),
        ('database.url = "postgresql+psycopg://h:x/n"', 'allowed: "sqlite:///PATH"'),
        ('fetch.proxy = "socks5://h:1"', 'found "socks5://…"; allowed: "http://HOST:PORT"'),
        ('fetch.proxy = "http://"', 'allowed: "http://HOST:PORT"'),
        ("fetch.proxy = 1", "found a value with no scheme (not shown)"),
        ('fetch.user_agent = " "', "allowed: printable ASCII"),
        ('fetch.user_agent = "a\\r\\nb"', r'found "a\r\nb"; allowed: printable ASCII'),
        ("fetch.user_agent = 5", "found 5; allowed: printable ASCII"),
        ('fetch.contact = "ć"', "allowed: an address that people"),
        ('serve.host = "a b"', "allowed: a host name"),
        ('serve.admin = "0.0.0.0:1"', 'found "0.0.0.0:1"; allowed: "127.0.0.1:8081"'),
        ('serve.admin = "127.0.0.1:70000"', 'allowed: "127.0.0.1:8081"'),
        ('serve.admin = "admin.sock"', 'allowed: "127.0.0.1:8081"'),
        ('fetch.allow_networks = ["nowhere"]', "'nowhere' will not do"),
        ("fetch.allow_networks = 5", "found 5; allowed: a list such as"),
        ('fetch.allow_networks = "[1"', 'found "[1"; allowed: a list such as'),
        ('retention.stories = "1d"', ':1: retention.stories: found "1d"; allowed: at least'),
        ('match.window = "500d"', ":1: retention.stories: found 400d, the default; allowed: at"),
        ("poll = 3", "poll: found 3; allowed: a table: [poll], then its keys"),
        ('poll.intervl = "5m"', "poll.intervl; did you mean poll.interval? [poll] knows interval,"),
        ('interval = "5m"', "unknown section interval; did you mean"),
        ("[xylophone]", "unknown section xylophone; the sections are database, publish,"),
        ('"pol\\nl" = 1', r"unknown section pol\nl; did you mean poll?"),
        ('poll.min_interval = "1h"', "at most poll.interval, 15m; poll.min_interval, poll."),
        ('poll.max_interval = "1m"', "at least poll.interval, 15m; poll.min_interval, poll."),
        ('serve.admin = "127.0.0.1:8080"', "allowed: another port than serve.port, 8080"),
        ('serve.admin = "[::1]:8080"', "allowed: another port than serve.port, 8080"),
        ('serve.unlike = "x"', "unknown key serve.unlike; [serve] knows host, port, hub, admin"),
        ("poll = {interval = 15}", "aggregator.toml:1: poll.interval: found 15"),
    ],
)  # fmt: skip
def test_faults_say_what_was_found_and_what_is_allowed(folder: Path, toml: str, fault: str) -> None:
    (line,) = faults(folder, toml)
    assert fault in line


def test_a_fault_stands_at_the_variable_that_it_comes_from(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGGREGATOR_RETENTION__STORIES", "1d")
    (line,) = faults(folder, '[retention]\nstories = "90d"\n')
    assert line.startswith('AGGREGATOR_RETENTION__STORIES: retention.stories: found "1d"; allowed')


def test_variables_that_look_like_settings_and_are_none_are_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("NOPE", "SERVE_PORT", "CONFIG", "POLL__INTERVAL"):
        monkeypatch.setenv(f"AGGREGATOR_{name}", "1m")
    # Kubernetes' own, of a service named so.
    for name in ("PORT", "PORT_80_TCP_ADDR", "SERVICE_HOST", "SERVICE_PORT_HTTP"):
        monkeypatch.setenv(f"AGGREGATOR_{name}", "10.0.0.1")
    assert ignored_variables() == [
        "AGGREGATOR_NOPE sets nothing; settings are AGGREGATOR_SECTION__KEY",
        "AGGREGATOR_SERVE_PORT sets nothing; did you mean AGGREGATOR_SERVE__PORT?",
    ]


def test_faults_are_listed_in_the_order_of_the_lines(folder: Path) -> None:
    toml = "[serve]\nport = -1\nprot = 1\n[poll]\nflood = 0\n[fetch]\ntimeout = 5\n"
    lines = [int(fault.split(":")[1]) for fault in faults(folder, toml)]
    assert lines == [2, 3, 5, 7]


def test_the_operators_port_is_left_to_the_public_where_nobody_asked_for_it(folder: Path) -> None:
    assert loaded(folder, "serve.port = 8081\n").serve.port == 8081


@pytest.mark.parametrize("key", ["database.url", "fetch.proxy"])
@pytest.mark.parametrize(
    "url", ["mysql://u:hunter2@h/n", "u:hunter2@h", "sqlite://hunter2", "http://h?password=hunter2"]
)
def test_faults_never_show_passwords(folder: Path, key: str, url: str) -> None:
    (line,) = faults(folder, f'{key} = "{url}"')
    assert "hunter2" not in line


def test_long_values_are_cut(folder: Path) -> None:
    (line,) = faults(folder, f'log.level = "{"a" * 500}"')
    assert len(line) < 200


def test_a_variable_below_a_value_that_should_be_a_table_is_not_what_is_wrong(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGGREGATOR_POLL__INTERVAL", "5m")
    (line,) = faults(folder, "poll = 3")
    assert line.startswith("aggregator.toml:1: poll: found 3")


@pytest.mark.parametrize(
    ("name", "guess"),
    [
        ("AGGREGATOR_POLL__INTERVL", "did you mean poll.interval?"),
        ("AGGREGATOR_POL__INTERVAL", "did you mean poll.interval?"),
        ("AGGREGATOR_SERVE__PORT__X", "did you mean serve.port?"),
    ],
)
def test_variables_that_name_no_setting(
    name: str, guess: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "5m")
    with pytest.raises(SettingsError, match=rf"^{name}: unknown key .*{re.escape(guess)}"):
        load_settings()


@pytest.mark.parametrize(
    ("toml", "fault"),
    [
        ("[poll]\ninterval 5\n", "aggregator.toml:2: not TOML: Expected '='"),
        ("[poll]\na = [\n", "aggregator.toml:3: not TOML: "),
        ("[poll]\n[poll]\n", "aggregator.toml:2: not TOML: Cannot declare"),
    ],
)
def test_files_that_are_no_toml(folder: Path, toml: str, fault: str) -> None:
    (line,) = faults(folder, toml)
    assert line.startswith(fault)


def test_files_that_cannot_be_read(folder: Path) -> None:
    (folder / "aggregator.toml").write_bytes(b"[poll]\n# caf\xe9\n")
    (folder / "categories.toml").mkdir()
    with pytest.raises(SettingsError) as caught:
        load_settings(folder)
    first, second = str(caught.value).split("\n")
    assert first == f"{folder}/aggregator.toml:2: not UTF-8; save the file in that encoding"
    assert second == f"{folder}/categories.toml: cannot be read: Is a directory"


def test_the_line_of_a_key_is_found_however_it_is_written() -> None:
    text = (
        '\ufeff# [a]\n[a]\nb = """\nc = 1\n"""\n  "d" = [\n 1,\n]\n\n'
        "  [e.f]\ng.h = 1\n[[i]]\nj = {k = 1}\r\n"
    ).removeprefix("\ufeff")
    assert key_lines(text) == {
        ("a",): 2,
        ("a", "b"): 3,
        ("a", "d"): 6,
        ("e",): 10,
        ("e", "f"): 10,
        ("e", "f", "g"): 11,
        ("e", "f", "g", "h"): 11,
        ("i",): 12,
        ("i", "j"): 13,
        ("i", "j", "k"): 13,
    }


@pytest.mark.parametrize(
    "deep",
    ["x = " + "[" * 100_000, "x = " + "[" * 20 + "]" * 20, ".".join("x" * 5000) + " = 1"],
    ids=["unclosed", "lists", "tables"],
)
def test_what_is_nested_without_end_is_a_fault(folder: Path, deep: str) -> None:
    assert faults(folder, deep, deep) == [
        f"{name}.toml: tables or lists nested more than 10 deep"
        for name in ("aggregator", "categories")
    ]


def test_of_a_very_long_list_the_line_is_not_looked_for(folder: Path) -> None:
    numbers = "1,\n" * 20_000
    assert key_lines(f"[a]\nb = 1\nc = [\n{numbers}]\nd = 1\n") == {("a",): 1, ("a", "b"): 2}
    toml = f"[poll]\ninterval = 15\nshout = [\n{numbers}]\nwhisper = 1\n"
    line, *without = faults(folder, toml)
    assert line.startswith("aggregator.toml:2: poll.interval: ")
    assert [fault.partition(";")[0] for fault in without] == [
        "aggregator.toml: unknown key poll.shout",
        "aggregator.toml: unknown key poll.whisper",
    ]


# Categories


def test_categories_stand_in_the_order_of_the_file(folder: Path) -> None:
    (folder / "categories.toml").write_text(
        '[nato]\ntitle = "NATO"\nquery = "nato"\n[black-sea]\ntitle = "B"\nquery = "sea"\n', "utf-8"
    )
    assert load_settings(folder).categories == (
        Category("nato", "NATO", "nato"),
        Category("black-sea", "B", "sea"),
    )


@pytest.mark.parametrize(
    ("toml", "fault"),
    [
        ("[Nato]\ntitle = 'x'\nquery = 'x'", ':1: [Nato]: a category is named like "black-sea"'),
        ("[all]\ntitle = 'x'\nquery = 'x'", ":1: [all]: this name is reserved"),
        ("[health]\ntitle = 'x'\nquery = 'x'", ":1: [health]: this name is reserved"),
        ("nato = 'x'", ':1: nato: found "x"; allowed: a table: [nato]'),
        ("[nato]\ntitle = 'x'", ":1: nato.query: missing"),
        ("[nato]\ntitle = 5\nquery = 'x'", ":2: nato.title: found 5; allowed: a text"),
        ("[nato]\ntitle = ' '\nquery = 'x'", ':2: nato.title: found " "; allowed: a text'),
        ("[nato]\ntitle = 'x'\nquery = 'a AND ('", ":3: nato.query: "),
        (
            "[nato]\ntitle = 'x'\nquery = 'x'\nkeep = 30",
            ":4: nato.keep: found 30; allowed: a duration such as",
        ),
        (
            "[nato]\ntitle = 'x'\nquery = 'x'\nkeep = '5d'",
            ":4: nato.keep: found 5d; allowed: at least match.window, 14d",
        ),
        (
            "[nato]\ntitle = 'x'\nquery = 'x'\nqery = 'x'",
            ":4: unknown key nato.qery; did you mean nato.query? [nato] knows title, query",
        ),
    ],
)
def test_faulty_categories(folder: Path, toml: str, fault: str) -> None:
    (line,) = faults(folder, categories=toml)
    assert line.startswith(f"categories.toml{fault}")


def test_hubs_are_web_addresses_each_named_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = "https://hub.example/"
    assert loaded(folder, f'publish.hubs = ["{hub}", "{hub}"]').publish.hubs == (hub,)
    assert (
        "'hub.example' will not do: not a web address"
        in faults(folder, 'publish.hubs = ["hub.example"]')[0]
    )
    foreign = loaded(folder, 'publish.hubs = ["https://hüb.example/ü?x=ü&y=1"]')
    assert foreign.publish.hubs == ("https://xn--hb-xka.example/%C3%BC?x=%C3%BC&y=1",)
    monkeypatch.setenv("AGGREGATOR_PUBLISH__HUBS", f"{hub}, {hub}a")
    assert loaded(folder, "").publish.hubs == (hub, f"{hub}a")
