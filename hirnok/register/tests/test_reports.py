import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.world import World


def test_it_prints_the_register_of_a_tenant(world: World) -> None:
    out = StringIO()

    call_command("register", "alma", "--json", stdout=out)

    register = json.loads(out.getvalue())
    newsletter = register["activities"][0]
    assert (newsletter["name"], newsletter["holdings"]) == ("Hírlevél", 2)
    assert "e-mail address" in newsletter["data_categories"]
    assert "contacts_contact" in newsletter["kept_in"]
    assert register["not_covered"] == []


def test_it_prints_one_line_an_activity(world: World) -> None:
    out = StringIO()

    call_command("register", "alma", stdout=out)

    assert "sign_up_proof" in out.getvalue()


def test_it_says_that_there_is_no_such_tenant(world: World) -> None:
    with pytest.raises(CommandError):
        call_command("register", "korte")
