"""Models by name: found where they were downloaded to, and downloaded only when asked for."""

import hashlib
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import pytest
from newsdesk import changed
from program import Program
from tiny_encoder import make_encoder

from aggregator.errors import RefusedError, SettingsError
from aggregator.intake.encoder import open_encoder
from aggregator.intake.hub import fetch_model, model_folder
from aggregator.settings import Settings

NAME = "quay/tiny"
REVISION = "5" * 40


class Hub(BaseHTTPRequestHandler):
    """A hub that has one model, and remembers the paths that it was asked for."""

    folder: ClassVar[Path]
    asked: ClassVar[list[str]]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        path = self.path.partition("?")[0]
        files = sorted(file for file in self.folder.rglob("*") if file.is_file())
        names = [str(file.relative_to(self.folder)) for file in files]
        if path.startswith(f"/{NAME}/resolve/{REVISION}/"):
            self.answer_with_file(self.folder / path.partition(f"/{REVISION}/")[2])
        elif path.startswith(f"/api/models/{NAME}/tree/"):
            sizes = [file.stat().st_size for file in files]
            listed = [
                {"type": "file", "path": name, "size": size, "oid": "1" * 40}
                for name, size in zip(names, sizes, strict=True)
            ]
            self.answer(json.dumps(listed).encode())
        elif path.startswith(f"/api/models/{NAME}"):
            siblings = [{"rfilename": name} for name in names]
            facts = {"id": NAME, "sha": REVISION, "siblings": siblings}
            self.answer(json.dumps(facts).encode())
        else:
            self.answer(b'{"error": "Repository not found"}', 404)

    def do_HEAD(self) -> None:
        self.do_GET()

    def answer_with_file(self, file: Path) -> None:
        if not file.is_file():
            self.answer(b"", 404, **{"X-Error-Code": "EntryNotFound"})
            return
        content = file.read_bytes()
        self.answer(content, ETag=f'"{hashlib.sha256(content).hexdigest()}"')

    def answer(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in {**headers, "X-Repo-Commit": REVISION}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def hub(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield the address of a hub that has the model in a folder, and what it is asked for."""
    asked: list[str] = []
    handler = type("OneHub", (Hub,), {"folder": folder, "asked": asked})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()


def naming(settings: Settings, model: object) -> Settings:
    return changed(settings, semantic={"model": str(model)})


def test_a_folder_is_taken_as_it_is_named(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
    folder = make_encoder(tmp_path / "tiny")
    assert model_folder(naming(settings, folder)) == folder
    assert model_folder(naming(settings, "tiny")) == folder


@pytest.mark.parametrize("model", ["nowhere", "/no/where/at/all", "~/no such folder"])
def test_a_folder_that_is_missing_is_named(settings: Settings, model: str) -> None:
    with pytest.raises(SettingsError, match=r"semantic\.model: no folder /.*OWNER/NAME"):
        model_folder(naming(settings, model))


def test_a_name_is_downloaded_when_asked_for_and_then_stays(tmp_path: Path) -> None:
    """The whole way as an operator goes it: refused, fetched, sound, and the hub is left alone."""
    published = make_encoder(tmp_path / "published")
    (published / "pytorch_model.bin").write_bytes(bytes(99))
    with hub(published) as (address, asked):
        program = Program(
            tmp_path / "state", {"AGGREGATOR_SEMANTIC__MODEL": NAME, "HF_ENDPOINT": address}
        )
        program.folder.mkdir()
        said = program.run("check-config", expect=2)
        assert said == (
            f"error: semantic.model: {NAME} is not on this machine, and is downloaded only when "
            "asked for: `aggregator fetch-model`\n"
        )
        assert asked == []
        (line,) = program.run("fetch-model").splitlines()
        folder = Path(line.partition(" is in ")[2])
        assert folder.is_relative_to(program.folder)
        assert "pytorch_model.bin" not in {path.name for path in folder.iterdir()}
        asked.clear()
        assert "is sound" in program.run("check-config")
        assert asked == []
    assert open_encoder(folder).model == open_encoder(published).model


def test_what_was_fetched_is_found_by_its_name(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = naming(settings, NAME)
    with pytest.raises(SettingsError, match=f"{NAME} is not on this machine.*fetch-model"):
        model_folder(named)
    with hub(make_encoder(tmp_path / "published")) as (address, _):
        template = f"{address}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", address)
        monkeypatch.setattr("huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE", template)
        folder = fetch_model(settings, NAME)
        with pytest.raises(RefusedError, match="quay/other cannot be downloaded: "):
            fetch_model(settings, "quay/other")
    assert model_folder(named) == folder


def test_what_cannot_be_downloaded_is_said_in_a_line(tmp_path: Path) -> None:
    with hub(make_encoder(tmp_path / "published")) as (address, _):
        program = Program(tmp_path, {"HF_ENDPOINT": address})
        said = program.run("fetch-model", "quay/other", expect=1)
    assert said.startswith("error: quay/other cannot be downloaded: ")
    assert len(said.splitlines()) == 1
    assert "which model?" in program.run("fetch-model", expect=2)


def test_a_name_that_is_none_is_refused(settings: Settings) -> None:
    with pytest.raises(RefusedError, match="OWNER/NAME"):
        fetch_model(settings, "tiny")


def test_without_the_extra_names_are_not_looked_for(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(SettingsError, match=r"pip install 'aggregator\[semantic\]'"):
        model_folder(naming(settings, NAME))
    with pytest.raises(RefusedError, match=r"pip install 'aggregator\[semantic\]'"):
        fetch_model(settings, NAME)
