"""Physical names: valid, stable, and different for different resources."""

from __future__ import annotations

import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from local.deploy.names import ResourceIdentity

IDENTITY = ResourceIdentity("123456789012", "us-east-1", "pp-dev-storage", "Data666C94C7")
STACKS = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,80}", fullmatch=True)
LOGICAL_IDS = st.from_regex(r"[A-Za-z0-9]{1,120}", fullmatch=True)


def test_a_name_is_the_same_in_every_process() -> None:
    assert IDENTITY.physical_name(63, lower=True) == "pp-dev-storage-data666c94c7-56e8f74d6942"
    assert IDENTITY.physical_name(80, with_stack=False) == "Data666C94C7-56e8f74d6942"


@given(STACKS, LOGICAL_IDS, st.sampled_from([63, 64, 80]))
def test_names_keep_their_limit_and_form(stack: str, logical_id: str, limit: int) -> None:
    name = ResourceIdentity("1", "r", stack, logical_id).physical_name(limit, lower=True)
    assert len(name) <= limit
    assert re.fullmatch(r"[a-z][a-z0-9-]*-[0-9a-f]{12}", name)
    assert "--" not in name[-14:]


def test_every_part_of_the_identity_counts() -> None:
    others = [
        replace(IDENTITY, account_id="210987654321"),
        replace(IDENTITY, region="eu-west-1"),
        replace(IDENTITY, stack="pp-prod-storage"),
        replace(IDENTITY, logical_id="Data2"),
    ]
    assert len({identity.digest() for identity in [IDENTITY, *others]}) == 5
