import pytest

from hirnok.register import describing, founding
from hirnok.register.models import Activity
from hirnok.register.readymade import READYMADE
from tests.world import NOON, World


def test_it_founds_a_tenant_with_a_register_that_says_what_is_held(world: World) -> None:
    activities = Activity.objects.of(world.alma)

    assert activities.count() == len(READYMADE)
    newsletter = activities.get(code="newsletter")
    (purpose,) = describing.purposes(newsletter)
    assert {item.category: item.obligatory for item in purpose.items}["e-mail address"]
    assert set(newsletter.description) == {"en", "hu", "ro"}


@pytest.mark.parametrize(
    ("slug", "refusal"), [("alma", founding.SlugTaken), ("account", founding.SlugReserved)]
)
def test_it_refuses_a_short_name_that_is_taken_or_reserved(
    world: World, slug: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        founding.found(slug=slug, name="X", language="en", actor="command:setup", at=NOON)
