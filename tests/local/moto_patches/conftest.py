from collections.abc import Iterator

import pytest

from tests.local.host_fixtures.host import Host, started_host


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    with started_host() as started:
        yield started
