"""The dashboard and the alerts: what they ask for is what the daemon measures."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import Metric

from aggregator import metrics

DOCS = Path(__file__).parents[1] / "docs"
DASHBOARD = json.loads((DOCS / "monitoring" / "grafana.json").read_text(encoding="utf-8"))
RULES = yaml.safe_load((DOCS / "monitoring" / "alerts.yml").read_text(encoding="utf-8"))
ALERTS = [rule for group in RULES["groups"] for rule in group["rules"]]
PANELS = DASHBOARD["panels"]

SUFFIXES = {
    "counter": ("_total", "_created"),
    "histogram": ("_bucket", "_count", "_sum", "_created"),
    "gauge": ("",),
    "info": ("_info",),
}
# Of Prometheus itself, and what a scrape adds.
GIVEN = {"up"}
GIVEN_LABELS = {"job", "instance"}
SELECTOR = re.compile(r"\b((?:aggregator|process)_\w+|up)\b\s*(?:\{([^}]*)\})?")
MATCHER = re.compile(r'(\w+)(?:=~|!~|!=|=)"([^"]*)"')
GROUPED = re.compile(r"\b(?:by|on)\s*\(([^)]*)\)")


def families() -> Iterator[Metric]:
    return iter(metrics.REGISTRY.collect())


SAMPLES: Mapping[str, Metric] = {
    f"{family.name}{suffix}": family for family in families() for suffix in SUFFIXES[family.type]
}


LABELS_OF_TYPE = {"histogram": {"le"}, "info": {"version"}}


def labels_of(name: str) -> set[str]:
    """Return the labels of a metric, also of one that nothing was counted in yet."""
    collector = metrics.REGISTRY._names_to_collectors.get(name)
    own = getattr(collector, "_labelnames", ())
    return {*own, *GIVEN_LABELS, *LABELS_OF_TYPE.get(SAMPLES[name].type, ())}


EXPRESSIONS = {
    **{f"panel {panel['title']}": panel["targets"] for panel in PANELS},
    **{f"alert {alert['alert']}": [alert] for alert in ALERTS},
}


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_only_metrics_and_labels_that_exist_are_asked_for(name: str) -> None:
    for asked in EXPRESSIONS[name]:
        expression = asked["expr"]
        selected = SELECTOR.findall(expression)
        assert selected, expression
        known = set(GIVEN_LABELS)
        for metric, matchers in selected:
            if metric in GIVEN:
                continue
            assert metric in SAMPLES, metric
            known |= labels_of(metric)
            assert {label for label, _ in MATCHER.findall(matchers)} <= labels_of(metric)
        for group in GROUPED.findall(expression):
            assert {label.strip() for label in group.split(",")} <= known
        assert expression.count("(") == expression.count(")")


def test_the_dashboard_is_one_that_grafana_can_lay_out() -> None:
    ids = [panel["id"] for panel in PANELS]
    assert len(set(ids)) == len(ids)
    taken: set[tuple[int, int]] = set()
    for panel in PANELS:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert place["x"] + place["w"] <= 24
        assert not cells & taken, panel["title"]
        taken |= cells
        letters = [target["refId"] for target in panel["targets"]]
        assert len(set(letters)) == len(letters)


def test_each_alert_says_how_grave_it_is_and_what_is_wrong() -> None:
    assert len({alert["alert"] for alert in ALERTS}) == len(ALERTS)
    for alert in ALERTS:
        assert alert["labels"]["severity"] in {"critical", "warning"}
        assert alert["annotations"]["summary"]
        assert re.fullmatch(r"\d+[smh]", alert.get("for", "0s"))


def asked_for() -> set[str]:
    everything: list[dict[str, Any]] = [each for some in EXPRESSIONS.values() for each in some]
    return {name for each in everything for name, _ in SELECTOR.findall(each["expr"])}


def test_all_that_we_measure_is_shown_and_explained() -> None:
    ours = {family.name for family in families() if family.name.startswith("aggregator")}
    assert ours <= {SAMPLES[name].name for name in asked_for() - GIVEN}
    page = (DOCS / "monitoring.md").read_text(encoding="utf-8")
    explained = re.findall(r"^\| `(aggregator_\w+)`", page, re.MULTILINE)
    stems = {name if name in SAMPLES else f"{name}_count" for name in explained}
    assert {SAMPLES[stem].name for stem in stems} == ours
