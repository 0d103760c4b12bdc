"""JUnit XML, which every CI server shows as test results: a test case for each file."""

from collections.abc import Sequence

from junitparser import Failure, JUnitXml, TestCase, TestSuite

from .findings import Finding, Level, plain
from .run import Checked

TOOL = "portal check"


def junit(checked: Sequence[Checked]) -> str:
    """A failure for each error; warnings are the test case's output."""
    suite = TestSuite(TOOL)
    suite.add_testcases([_case(one) for one in checked])
    report = JUnitXml(TOOL)
    report.append(suite)  # type: ignore[no-untyped-call]
    report.update_statistics()  # type: ignore[no-untyped-call]
    text: bytes = report.tostring()  # type: ignore[no-untyped-call]
    return text.decode() + "\n"


def _case(checked: Checked) -> TestCase:
    case = TestCase(plain(checked.source.name), classname=TOOL)
    case.result = [_failure(finding) for finding in checked.findings if finding.level is Level.ERROR]
    if mild := [_line(finding) for finding in checked.findings if finding.level is Level.WARNING]:
        case.system_out = "\n".join(mild)
    return case


def _failure(finding: Finding) -> Failure:
    failure = Failure(finding.said, finding.code)
    failure.text = f"{_line(finding)}\n{finding.remedy}".strip()
    return failure


def _line(finding: Finding) -> str:
    return f"{finding.place}: {finding.code} {finding.said}"
