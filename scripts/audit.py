"""Holds the locked packages against known vulnerabilities; fails on any that is not excused here.

The vulnerability services are PyPI's and npm's own, so a place that reaches only mirrors of packages is told
that nothing was audited, and is not failed for it: no commit becomes worse by a network that is away.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final, cast

BIN: Final = Path(sys.executable).parent
ROOT: Final = Path(__file__).parents[1]
EXCUSED: Final[dict[str, str]] = {}
"""Ids (PYSEC-…, GHSA-…, CVE-…) that are known and do no harm here, each with the reason."""
_SECONDS: Final = 300
_UNREACHABLE: Final = (
    "ConnectionError",
    "ServiceError",
    "ConnectTimeout",
    "Failed to connect",
    "Max retries",
)


def locked() -> str:
    """Return what uv.lock pins, with hashes, so that nothing is resolved or downloaded."""
    command = [BIN / "uv", "export", "--frozen", "--no-emit-project", "--all-groups", "--quiet"]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=_SECONDS).stdout


def audited(requirements: str) -> list[dict[str, Any]] | None:
    """Return every package with what is known of it; None: the service can't be reached."""
    command = [BIN / "pip-audit", "--requirement", "/dev/stdin", "--disable-pip", "--require-hashes"]
    command += ["--format", "json", "--progress-spinner", "off", "--timeout", "15"]
    done = subprocess.run(
        command, input=requirements, capture_output=True, text=True, timeout=_SECONDS, check=False
    )
    try:
        return json.loads(done.stdout)["dependencies"]
    except ValueError:
        if any(word in done.stderr for word in _UNREACHABLE):
            return None
        sys.exit(f"audit: pip-audit failed:\n{done.stderr[-2000:]}")


def verdict(packages: list[dict[str, Any]]) -> tuple[list[str], str]:
    """Return the findings that nothing excuses, and a sentence for people."""
    known = [package for package in packages if "vulns" in package]
    findings = [
        f"{package['name']} {package['version']}: {vulnerability['id']}, "
        f"fixed in {', '.join(vulnerability['fix_versions']) or 'no version yet'}"
        for package in known
        for vulnerability in package["vulns"]
        if not {vulnerability["id"], *vulnerability["aliases"]} & EXCUSED.keys()
    ]
    if not known:
        return findings, f"NOT AUDITED: the vulnerability service knows none of {len(packages)} packages here"
    return findings, f"{len(known)} of {len(packages)} packages audited, {len(findings)} findings"


def npm_report() -> dict[str, Any]:
    """Return what `npm audit` says of web/package-lock.json: `vulnerabilities`, or why there is no answer."""
    command = [ROOT / "scripts/web", "audit", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
    try:
        return json.loads(done.stdout)
    except ValueError:
        sys.exit(f"audit: npm audit failed:\n{done.stderr[-2000:]}")


def npm_verdict(report: dict[str, Any]) -> tuple[list[str], str]:
    """Return the findings in the web app's packages that nothing excuses, and a sentence for people."""
    if "vulnerabilities" not in report:
        return [], "web: NOT AUDITED: the npm registry here answers no audits"
    causes: list[Any] = [
        cause
        for package in cast("dict[str, Any]", report["vulnerabilities"]).values()
        for cause in package["via"]
    ]
    advisories = {
        str(cause["url"]).rpartition("/")[2]: f"{cause['name']} {cause['range']}: {cause['title']}"
        for cause in causes
        if not isinstance(cause, str)  # a word names another package that brings it in
    }
    findings = [f"web: {text} ({id})" for id, text in sorted(advisories.items()) if id not in EXCUSED]
    return findings, f"web: audited, {len(findings)} findings"


def main() -> None:
    """Say what was found; end with 1 where something was."""
    packages = audited(locked())
    unreachable = "NOT AUDITED: the vulnerability service can't be reached from here"
    findings, sentence = verdict(packages) if packages is not None else ([], unreachable)
    web_findings, web_sentence = npm_verdict(npm_report())
    lines = (*findings, sentence, *web_findings, web_sentence)
    print("\n".join(f"audit: {line}" for line in lines))
    if findings or web_findings:
        sys.exit("audit: update these packages, or excuse an id with its reason in scripts/audit.py")


if __name__ == "__main__":
    main()
