"""Story: the API does what its OpenAPI description says, whatever it is asked."""

from typing import Any, cast

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings

from fastflow.api.app import create_app
from fastflow.api.deps import Services
from tests.server_process import MakeServer, ServerProcess

EXAMPLES = 25
# The library's types are unknown to the type checker.
_library: Any = schemathesis
# Describing the routes needs no service behind them. Following the events never ends.
_api: Any = _library.openapi.from_dict(create_app(cast("Services", None)).openapi()).exclude(
    path="/api/events"
)
OPERATIONS: dict[str, Any] = {
    f"{operation.method.upper()} {operation.path}": operation
    for operation in (result.ok() for result in _api.get_all_operations())
}
_UNIMPORTANT = [HealthCheck.too_slow, HealthCheck.filter_too_much]
# The rules for names and cursors are narrower than their schema, and answered with 422.
# Nobody has an account there, so whatever credential is sent, the server is open to this machine.
NOT_CHECKED = [_library.checks.positive_data_acceptance, _library.checks.ignored_auth]


@pytest.fixture(scope="module")
def server(make_server: MakeServer) -> ServerProcess:
    """A server that needs no Engine, with one pipeline."""
    server = make_server({"FASTFLOW_EXECUTOR": "process", "FASTFLOW_UV_PRE_HEAT": "0"})
    server.add("hello", "print('x')")
    server.start()
    server.until_ready()
    return server


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_answer_is_one_that_the_description_promises(server: ServerProcess, operation: str) -> None:
    @given(case=OPERATIONS[operation].as_strategy())
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=_UNIMPORTANT)
    def conforms(case: Any) -> None:
        case.call_and_validate(base_url=server.url, timeout=20, excluded_checks=NOT_CHECKED)

    conforms()
