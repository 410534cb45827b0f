"""What CI systems show of a check: JUnit XML for their list of tests, Markdown for their summary."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from payback.assessment import GateResult, GateState, Verdict
from payback.cli.judged import Judged, gate_words, left_out
from payback.locale import say
from payback.report.inert import markdown as inert
from payback.report.inert import plain


def junit_xml(cases: Sequence[Judged]) -> str:
    """A suite for each use case, a test case for its verdict and for each gate.

    Failed gates and the verdicts stop and fix are failures; gates not decided and the verdicts
    wait and continue are skipped. No times in it: the same data give the same file.
    """
    root = ET.Element("testsuites", name="payback")
    for one in cases:
        _suite(root, one)
    for count in ("tests", "failures", "skipped"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
    root.set("errors", "0")
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _suite(root: ET.Element, one: Judged) -> None:
    case, name = one.case, one.name
    suite = ET.SubElement(root, "testsuite", name=name)
    verdict = _case(suite, name, say("verdict"))
    if case.verdict in {Verdict.STOP, Verdict.FIX}:
        _said(verdict, "failure", f"{case.verdict.word}: {case.why}", case.verdict.value)
    elif case.verdict in {Verdict.WAIT, Verdict.CONTINUE}:
        _said(verdict, "skipped", f"{case.verdict.word}: {case.why}")
    for gate in case.gates:
        tested = _case(suite, name, say("gate: {name}", name=gate.name))
        if gate.state is GateState.FAILED:
            _said(tested, "failure", gate_words(gate), "hard" if gate.hard else "soft")
        elif gate.state is GateState.NOT_DECIDED:
            _said(tested, "skipped", gate_words(gate))
    suite.set("tests", str(len(suite)))
    told = [*one.not_as_sealed, *(alert.says for alert in one.alerts)]
    if told:
        ET.SubElement(suite, "system-out").text = plain(" ".join(told))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    suite.set("skipped", str(len(suite.findall("testcase/skipped"))))
    suite.set("errors", "0")


def _case(suite: ET.Element, use_case: str, name: str) -> ET.Element:
    return ET.SubElement(suite, "testcase", classname=f"payback.{use_case}", name=plain(name), time="0")


def _said(case: ET.Element, element: str, message: str, kind: str = "") -> None:
    said = ET.SubElement(case, element, message=plain(message))
    if kind:
        said.set("type", kind)
        said.text = plain(message)


def markdown(cases: Sequence[Judged]) -> str:
    """Verdicts, then every gate, as two tables."""
    parts = [
        "## payback",
        _table(
            (say("use case"), say("verdict"), say("why")),
            [(inert(one.name), f"**{one.case.verdict.word}**", inert(one.case.why)) for one in cases],
        ),
    ]
    gates = [(inert(one.name), *_gate_cells(gate)) for one in cases for gate in one.case.gates]
    if gates:
        parts.append(_table((say("use case"), say("gate"), say("state"), say("seen")), gates))
    parts += [f"{inert(one.name)}: {inert(line)}" for one in cases for line in one.not_as_sealed]
    parts += [f"{inert(one.name)}: {inert(alert.says)}" for one in cases for alert in one.alerts]
    projects = {id(one.project): one.project for one in cases}
    parts += [inert(line) for project in projects.values() for line in left_out(project)]
    return "\n\n".join(parts) + "\n"


def _gate_cells(gate: GateResult) -> tuple[str, str, str]:
    state = gate.state.word
    shown = state if gate.state is GateState.PASSED else f"**{state}**"
    return inert(gate.name), shown, inert(gate_words(gate))


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
