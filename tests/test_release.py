"""What a release rests on: the report on vulnerabilities, and licences that somebody has read."""

import importlib.util
import json
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def vulnerabilities() -> ModuleType:
    path = ROOT / ".ci" / "vulnerabilities.py"
    spec = importlib.util.spec_from_file_location("vulnerabilities", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SOUND = {"name": "yarl", "version": "1", "vulns": []}
UNKNOWN = {"name": "ours", "skip_reason": "not found"}
FAULTY = {
    "name": "aiohttp",
    "version": "3.9.0",
    "vulns": [{"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["3.9.1", "4"]}],
}


@pytest.mark.parametrize(
    ("packages", "status", "said"),
    [
        ([SOUND, UNKNOWN], 0, "audit: no vulnerability known in 1 of 2 packages\n"),
        ([SOUND, FAULTY], 1, "audit: aiohttp 3.9.0: PYSEC-1 CVE-1; mended in 3.9.1, 4\n"),
    ],
)
def test_a_vulnerability_fails_the_audit_and_names_its_mending(
    vulnerabilities: ModuleType,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    packages: list[object],
    status: int,
    said: str,
) -> None:
    report = tmp_path / "report.json"
    report.write_text(json.dumps({"dependencies": packages}), encoding="utf-8")
    assert vulnerabilities.main(report) == status
    assert capsys.readouterr().out == said


def test_no_licence_that_asks_for_our_own_source_will_do() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    allowed = project["tool"]["pip-licenses"]["allow-only"].split(";")
    for licence in allowed:
        alternatives = licence.split(" OR ")
        assert any("GPL" not in each.replace("LGPL", "") for each in alternatives), licence
