"""axe-core finds nothing serious on any page, in light and dark, wide and narrow."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.runs import KINDS, PAGES
from tests.browser.viewer import NARROW, View

pytestmark = pytest.mark.browser

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = ("serious", "critical")
FINDINGS = """
async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations.flatMap(({ id, impact, nodes }) =>
    nodes.map((node) => `${impact} ${id}: ${node.target.join(" ")}: ${node.failureSummary.split("\\n")[1].trim()}`));
}
"""


@pytest.fixture(scope="module")
def axe() -> str:
    """The checker's source, which `make tools` installs."""
    return AXE.read_text()


def findings(view: View, axe: str) -> list[str]:
    """What is wrong: impact, rule, element and why."""
    if not view.run("() => 'axe' in window"):
        view.page.evaluate(axe)
    return view.run(FINDINGS)


def grave(found: list[str]) -> list[str]:
    return [finding for finding in found if finding.startswith(GRAVE)]


@pytest.mark.parametrize("name", KINDS)
def test_there_are_no_serious_findings(look, axe, name):
    view = look(PAGES[name])
    assert grave(findings(view, axe)) == []
    view.resize(NARROW)
    view.page.emulate_media(color_scheme="dark")
    assert grave(findings(view, axe)) == []


def test_the_checker_finds_what_is_wrong(look, axe):
    view = look(PAGES["users"])
    view.run(
        "() => { document.querySelector('h1').style.color = getComputedStyle(document.body).backgroundColor; }"
    )
    view.run("() => { document.documentElement.removeAttribute('lang'); }")
    assert {finding.split(":")[0] for finding in grave(findings(view, axe))} == {
        "serious color-contrast",
        "serious html-has-lang",
    }
