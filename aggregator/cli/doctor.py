"""The command that says whether everything is in order."""

from collections import Counter
from dataclasses import asdict

import typer

from aggregator.cli.context import settings_of
from aggregator.cli.lines import say
from aggregator.cli.printing import AsJson, print_json
from aggregator.clock import utc_now
from aggregator.doctor import Finding, Verdict, examine
from aggregator.equipment import try_equipment
from aggregator.errors import SettingsError
from aggregator.settings import ignored_variables


def add_to(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command("doctor")(doctor)


def doctor(context: typer.Context, as_json: AsJson = False) -> None:
    """Examine database, versions, disk, clock, permissions; exit 1 where something is wrong."""
    findings = _findings(context)
    counts = Counter(finding.verdict for finding in findings)
    worst = next((each for each in reversed(Verdict) if counts[each]), Verdict.OK)
    if as_json:
        print_json({"verdict": worst, "checks": [asdict(finding) for finding in findings]})
    else:
        for finding in findings:
            advice = f"; {finding.advice}" if finding.advice else ""
            say(f"{finding.verdict:<8}{finding.check}: {finding.found}{advice}")
    if worst is Verdict.ERROR:
        raise typer.Exit(1)


def _findings(context: typer.Context) -> list[Finding]:
    try:
        settings = settings_of(context)
        try_equipment(settings)
    except SettingsError as error:
        advice = "mend it: nothing else can be examined before"
        faults = str(error).splitlines()
        return [Finding("settings", Verdict.ERROR, fault, advice) for fault in faults]
    sound = str(settings.folder or "the built-in defaults")
    advice = "unset it, or name the setting that is meant"
    return [
        Finding("settings", Verdict.OK, sound),
        *(Finding("variables", Verdict.WARNING, each, advice) for each in ignored_variables()),
        *examine(settings, utc_now()),
    ]
