from __future__ import annotations

import pytest

from tests.browser.viewer import NAMES, find_chromium


@pytest.fixture
def bare(tmp_path):
    """An environment whose PATH holds an empty folder."""
    return {"PATH": str(tmp_path)}


def test_without_a_browser_tests_are_skipped_with_the_way_to_install_one(bare):
    with pytest.raises(pytest.skip.Exception, match="apt-get install chromium"):
        find_chromium(bare)


@pytest.mark.parametrize("told", ["true", "True", "1"])
def test_ci_must_have_a_browser(bare, told):
    with pytest.raises(pytest.fail.Exception, match="apt-get install chromium"):
        find_chromium({**bare, "CI": told})


@pytest.mark.parametrize("name", NAMES)
def test_any_of_its_names_will_do(bare, tmp_path, name):
    (tmp_path / name).write_text("#!/bin/sh\n")
    (tmp_path / name).chmod(0o755)
    assert find_chromium({**bare, "CI": "true"}) == str(tmp_path / name)
