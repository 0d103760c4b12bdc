"""The command `portal check`: exit codes, formats, and that it needs nothing of the portal's."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator, FormatChecker
from junitparser import JUnitXml
from ruamel.yaml import YAML

from catalog.lint import judge
from catalog.lint.files import NAMES
from portal.cli import main
from tests import manifests

PORTAL = str(Path(sys.executable).with_name("portal"))
ROOT = Path(__file__).resolve().parents[3]
SARIF = json.loads((ROOT / "tests/data/sarif/sarif-2.1.0-rtm.5.json").read_text())
GOOD, BAD = "tests/data/manifests/good/leads.yaml", "tests/data/manifests/bad/everything-at-once.yaml"
FILES = [one.name for one in (*manifests.bad(), *manifests.good(), *manifests.templates())]
# No database, no settings: what a CI job has.
BARE = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}
# Whoever imports Django or opens a connection fails at once.
WATCHED = """
import sys

def watch(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.bind"):
        raise AssertionError(event)

sys.addaudithook(watch)
for name in ("django", "celery", "psycopg", "redis", "httpx"):
    sys.modules[name] = None
from portal.cli import main
code = main(sys.argv[1:])
assert not {name.partition(".")[0] for name, module in sys.modules.items() if module} & {
    "django", "identity", "ledger", "celery", "psycopg"
}
sys.exit(code)
"""


def portal(*arguments: str, cwd: Path = ROOT) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [PORTAL, *arguments], cwd=cwd, env=BARE, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("form", "jobs"), [("human", "1"), ("human", "2"), ("json", "1"), ("sarif", "1"), ("junit", "1")]
)
def test_neither_django_nor_a_database_nor_a_network_is_needed(form: str, jobs: int) -> None:
    arguments = ["check", "--format", form, "--jobs", str(jobs), *FILES]
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, *arguments],
        cwd=ROOT,
        env=BARE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert "catalog.untagged_field" in done.stdout


def test_exit_codes_tell_clean_denied_and_unknown(tmp_path: Path) -> None:
    assert portal("check", GOOD).returncode == 0
    assert portal("check", GOOD, BAD).returncode == 1
    (tmp_path / "empty").mkdir()
    broken = tmp_path / "scheme.yaml"
    broken.write_text("classifications: 1")
    for arguments in (
        ["nowhere.yaml"],
        [str(tmp_path / "empty")],
        [],
        ["--scheme", str(broken), GOOD],
        ["--scheme", "nowhere.yaml", GOOD],
        ["--templates", str(tmp_path), GOOD],
        ["--opa", str(tmp_path / "no-opa"), GOOD],
        ["--format", "toml", GOOD],
        ["--explain", "no.such_rule"],
    ):
        done = portal("check", *arguments)
        assert (done.returncode, done.stdout) == (2, ""), arguments
        assert done.stderr


def test_a_companys_own_levels_are_those_of_its_scheme(tmp_path: Path) -> None:
    scheme = tmp_path / "scheme.yaml"

    def check(text: str) -> "subprocess.CompletedProcess[str]":
        scheme.write_text(text)
        return portal("check", "--scheme", str(scheme), GOOD)

    assert "retention.bounds" not in check("thresholds: {protected_level: 2}").stdout
    stricter = check("thresholds: {protected_level: 1}")
    assert stricter.returncode == 1
    assert "retention.bounds/missing" in stricter.stdout, "its internal field is protected there"
    for wrong, words in (
        ("thresholds: {protected_level: 5}", "protected_level 5 is above high_level 4"),
        ("thresholds: {protected_level: 0}", "0 is less than the minimum of 1"),
        ("thresholds: {smallest_group: 5}", "smallest_group"),
    ):
        done = check(wrong)
        assert done.returncode == 2
        assert words in done.stderr


def test_an_engine_without_an_answer_is_no_pass(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(judge, "SECONDS", 0.00001)  # no engine is that fast
    assert main(["check", str(ROOT / GOOD)]) == 2
    assert "engine.unavailable/denied" in capsys.readouterr().out


def test_people_read_place_code_message_and_remedy() -> None:
    lines = portal("check", BAD).stdout.splitlines()
    told = dict(zip(lines, [*lines[1:], ""], strict=True))  # what stands below a line
    secret = f"{BAD}:10:3: secrets.hard_coded_credential/found 1 text looks like a credential"
    assert told[f"{secret} [metadata.description]"] == (
        "    Delete it, replace the credential where it was issued, and use the secret store."
    )
    endless = f"{BAD}:25:9: retention.bounds/missing 1 protected field is kept without end"
    assert told[f"{endless} [datasets[0].fields[0].retention_days]"] == (
        "    Set the number of days after which the values are deleted."
    )
    assert lines[0].startswith(f"{BAD}:7:1: approval.tier/asks (warning) Needs approval")
    assert lines[-1].startswith("1 file: 4 errors, ")


def test_a_code_is_explained_from_the_rules_own_annotations() -> None:
    done = portal("check", "--explain", "catalog.untagged_field/residency")
    assert done.returncode == 0
    assert done.stdout.startswith("catalog.untagged_field: Every field is tagged\n")
    for part in (
        "Choose a classification and a residency",
        "Severity: high",
        "GDPR Art. 30",
        "residency (deny)",
    ):
        assert part in done.stdout
    assert "must be" in portal("check", "--explain", "manifest.sso_only").stdout


def test_json_holds_every_finding_and_the_rules_revision() -> None:
    report = json.loads(portal("check", "--format", "json", BAD, GOOD).stdout)
    assert (report["version"], report["files"], len(report["revision"])) == (1, 2, 64)
    found = {(one["file"], one["line"], one["code"], one["level"]) for one in report["findings"]}
    assert (BAD, 31, "residency.cross_region_export/storage", "error") in found


def sarif(*arguments: str, cwd: Path = ROOT) -> Any:
    log = json.loads(portal("check", "--format", "sarif", *arguments, cwd=cwd).stdout)
    Draft4Validator(SARIF, format_checker=FormatChecker()).validate(log)
    return log["runs"][0]


def test_sarif_follows_its_schema(tmp_path: Path) -> None:
    run = sarif(*FILES)
    assert len(run["results"]) > 80
    for result in run["results"]:
        rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
        assert result["ruleId"].partition("/")[0] == rule["id"]
        assert result["locations"][0]["physicalLocation"]["region"]["startLine"] >= 1
    assert {result["level"] for result in run["results"]} == {"error", "warning"}
    assert sarif("catalog/library/team-dashboard")["results"] == []
    (tmp_path / "a folder").mkdir()
    (tmp_path / "a folder" / "microapp.yaml").write_text("- not an app\n")
    [result] = sarif("a folder", cwd=tmp_path)["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {
        "uri": "a%20folder/microapp.yaml"
    }


def test_the_schema_in_the_tests_refuses_what_is_not_sarif() -> None:
    validator = Draft4Validator(SARIF)
    assert not validator.is_valid({"version": "2.1.0"})
    tool = {"driver": {"name": "x"}}
    assert validator.is_valid({"version": "2.1.0", "runs": [{"tool": tool}]})
    wrong = {
        "version": "2.1.0",
        "runs": [{"tool": tool, "results": [{"level": "bad", "message": {"text": ""}}]}],
    }
    assert not validator.is_valid(wrong)


def test_junit_has_a_case_for_each_file() -> None:
    report = JUnitXml.fromstring(portal("check", "--format", "junit", BAD, GOOD).stdout)
    [suite] = list(report)
    assert (suite.tests, suite.failures) == (2, 4)
    bad, good = list(suite)
    assert (bad.name, len(bad.result), bad.result[0].type) == (BAD, 4, "secrets.hard_coded_credential/found")
    assert not good.result
    assert "approval.tier/asks" in good.system_out


def test_a_file_name_cannot_forge_lines(tmp_path: Path) -> None:
    name = "x\n::error::\x1b[31m.microapp.yaml"
    (tmp_path / name).write_text("- a\n")
    for form in ("human", "junit", "json", "sarif"):
        done = portal("check", "--format", form, str(tmp_path))
        assert done.returncode == 1
        assert "\x1b" not in done.stdout
        assert "\n::error" not in done.stdout


# -- the tools around opa -------------------------------------------------------------------------------


def test_without_an_opa_the_policy_tools_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setenv("OPA_BINARY", "")
    monkeypatch.setattr("policy.engines.binary.GET_OPA", tmp_path / "none")
    assert main(["policy", "test"]) == 2
    assert main(["policy", "test", str(tmp_path)]) == 2


def test_the_hooks_name_commands_that_are_there() -> None:
    hooks = YAML(typ="safe", pure=True).load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert {hook["id"] for hook in hooks} == {"microapp-manifests", "microapp-templates"}
    assert all(hook["entry"] == "portal check" for hook in hooks)
    apps, templates = (re.compile(hook["files"]) for hook in hooks)
    for name in NAMES:
        assert apps.search(name.replace("*", "leads"))
        assert apps.search(f"apps/{name.replace('*', 'leads')}")
        assert not templates.search(name)
    assert templates.search("library/leads/template.yaml")
    assert not apps.search("apps/microapp.yaml.orig")
    assert not apps.search("apps/notmicroapp.yaml")
