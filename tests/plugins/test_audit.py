"""What `make check` says of packages with known vulnerabilities."""

import importlib.util
from pathlib import Path
from typing import Any

import pytest

_FILE = Path(__file__).parents[2] / "scripts" / "audit.py"


@pytest.fixture
def audit() -> Any:
    specification = importlib.util.spec_from_file_location("audit", _FILE)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


SOUND: dict[str, Any] = {"name": "sound", "version": "1.0", "vulns": []}
BROKEN: dict[str, Any] = {
    "name": "broken",
    "version": "1.0",
    "vulns": [{"id": "PYSEC-2026-1", "aliases": ["CVE-2026-1"], "fix_versions": ["1.1"]}],
}
UNKNOWN: dict[str, Any] = {"name": "unknown", "skip_reason": "not found"}


def test_a_known_vulnerability_is_a_finding(audit: Any) -> None:
    findings, sentence = audit.verdict([SOUND, BROKEN, UNKNOWN])
    assert findings == ["broken 1.0: PYSEC-2026-1, fixed in 1.1"]
    assert sentence == "2 of 3 packages audited, 1 findings"


def test_one_that_is_excused_is_none(audit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(audit.EXCUSED, "CVE-2026-1", "never called")
    assert audit.verdict([SOUND, BROKEN])[0] == []


def test_where_nothing_is_known_it_is_said_aloud(audit: Any) -> None:
    findings, sentence = audit.verdict([UNKNOWN, UNKNOWN])
    assert findings == []
    assert sentence.startswith("NOT AUDITED")


WEB: dict[str, Any] = {
    "vulnerabilities": {
        "minimist": {
            "via": [
                {
                    "name": "minimist",
                    "title": "Prototype Pollution in minimist",
                    "url": "https://github.com/advisories/GHSA-xvch-5gv4-984h",
                    "range": "<0.2.4",
                }
            ]
        },
        "mkdirp": {"via": ["minimist"]},
    }
}
"""As `npm audit --json` (npm 11) says it of a package and of one that brings it in."""


def test_a_vulnerability_in_the_web_apps_packages_is_one_finding(audit: Any) -> None:
    findings, sentence = audit.npm_verdict(WEB)
    assert findings == ["web: minimist <0.2.4: Prototype Pollution in minimist (GHSA-xvch-5gv4-984h)"]
    assert sentence == "web: audited, 1 findings"


def test_one_of_the_web_app_can_be_excused_too(audit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(audit.EXCUSED, "GHSA-xvch-5gv4-984h", "only where it is built")
    assert audit.npm_verdict(WEB)[0] == []


def test_a_registry_that_answers_no_audits_is_told(audit: Any) -> None:
    assert audit.npm_verdict({"statusCode": 405}) == (
        [],
        "web: NOT AUDITED: the npm registry here answers no audits",
    )
