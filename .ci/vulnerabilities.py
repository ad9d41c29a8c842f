"""Say what pip-audit's report found; exit status 1 where that is anything.

python .ci/vulnerabilities.py REPORT
"""

import json
import sys
from pathlib import Path


def main(report: Path) -> int:
    """Print a line for each vulnerability, or how many packages have none."""
    packages = json.loads(report.read_text(encoding="utf-8"))["dependencies"]
    asked = [package for package in packages if "vulns" in package]
    found = [(package, fault) for package in asked for fault in package["vulns"]]
    for package, fault in found:
        mended = ", ".join(fault["fix_versions"]) or "no version yet"
        names = " ".join([fault["id"], *fault.get("aliases", [])])
        print(f"audit: {package['name']} {package['version']}: {names}; mended in {mended}")
    if not found:
        print(f"audit: no vulnerability known in {len(asked)} of {len(packages)} packages")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
