"""`portal suggest`: what is suggested for the columns of a file, and how right that is."""

import json
from pathlib import Path

import pytest

from portal.cli import main

COLUMNS = """name;samples;dataset;label
kontakt;a@contoso.com | b@contoso.org;;pii
"qty";"[1, 2, null]";orders;internal
card;4111 1111 1111 1111 | 5555555555554444;payments;card
zzz;Ann Lee | Per Holm;;internal
"""


def test_a_table_of_columns_is_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "columns.csv"
    file.write_text(COLUMNS, encoding="utf-8")
    assert main(["suggest", str(file), "--json"]) == 0
    text = capsys.readouterr().out
    found = json.loads(text)
    assert [(row["name"], row["classification"], row["personal"]) for row in found["columns"]] == [
        ("kontakt", "pii", True),
        ("qty", "internal", False),
        ("card", "card", True),
        ("zzz", "pii", True),
    ]
    assert found["measured"]["personal"] == {"precision": 0.6667, "recall": 1.0, "columns": 2}
    assert found["measured"]["internal"] == {"precision": 1.0, "recall": 0.5, "columns": 2}
    assert "contoso" not in text  # samples stay where they are


def test_yes_and_no_are_enough(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "columns.csv"
    file.write_text("column,values,is_pii\nemail,a@contoso.com,yes\nsize,S|M,no\n", encoding="utf-8")
    assert main(["suggest", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["measured"] == {
        "personal": {"precision": 1.0, "recall": 1.0, "columns": 1}
    }


def test_any_other_file_is_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "people.csv"
    file.write_text(
        "name,mail,size\nAnn Lee,ann@contoso.com,S\nPer Holm,per@contoso.com,M\n", encoding="utf-8"
    )
    assert main(["suggest", str(file)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines] == [["name", "pii"], ["mail", "pii"], ["size", "internal"]]


def test_what_cannot_be_read_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "none.csv"
    assert main(["suggest", str(file)]) == 2
    file.write_bytes(b"\xff\xfe\x00")
    assert main(["suggest", str(file)]) == 2
    file.write_text("\n", encoding="utf-8")
    assert main(["suggest", str(file)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 3
