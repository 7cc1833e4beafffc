"""A caller of the API with a token of the portal `starter`."""

import pytest
from tests.api.caller import Caller, NewCaller


@pytest.fixture
def caller(starter: str) -> NewCaller:
    """Give a function that makes a caller whose token has some scopes."""
    from wonward.accounts import tokens
    from wonward.accounts.models import Portal

    return lambda *scopes: Caller(tokens.create(Portal.objects.get(name=starter), "a program", scopes))


@pytest.fixture
def api(caller: NewCaller) -> Caller:
    """Give a caller who may do everything."""
    return caller("all")
