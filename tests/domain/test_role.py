"""Roles include each other in one order."""

import pytest

from fastflow.domain.role import Role

ORDER = [Role.VIEWER, Role.OPERATOR, Role.EDITOR, Role.ADMIN]


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("other", Role)
def test_a_role_includes_itself_and_those_before_it(role: Role, other: Role) -> None:
    assert role.includes(other) is (ORDER.index(role) >= ORDER.index(other))
