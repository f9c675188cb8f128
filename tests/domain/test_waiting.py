"""What a run in the queue waits for."""

from datetime import UTC, datetime, timedelta

import pytest

from fastflow.domain.run import RunStatus
from fastflow.domain.waiting import Queued, WaitsFor, what_it_waits_for

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("queued", "begun", "in_use", "expected"),
    [
        (Queued(RunStatus.RETRYING, LATER, "Exited with 1.", True, 1), 1, 2, WaitsFor.RETRY),
        (Queued(RunStatus.PENDING, LATER, "The Engine is away.", False, None), 0, 2, WaitsFor.PLATFORM),
        (Queued(RunStatus.PENDING, NOW, None, False, 2), 2, 2, WaitsFor.PIPELINE),
        (Queued(RunStatus.RETRYING, NOW, None, True, 2), 2, 1, WaitsFor.TURN),
        (Queued(RunStatus.PENDING, NOW, None, False, 2), 1, 2, WaitsFor.SLOT),
        (Queued(RunStatus.PENDING, NOW, None, False, None), 9, 1, WaitsFor.TURN),
    ],
)
def test_the_first_thing_in_its_way_is_named(
    queued: Queued, begun: int, in_use: int, expected: WaitsFor
) -> None:
    found, sentence = what_it_waits_for(queued, NOW, begun=begun, slots_in_use=in_use, slots=2)
    assert found is expected
    assert sentence.startswith(queued.reason or "")
    assert sentence.endswith(".")
