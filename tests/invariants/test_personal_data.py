"""Every model and column is classified, and the database has none that nobody declared."""

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from hirnok.register import checks, declarations
from hirnok.register.readymade import READYMADE
from tests.invariants.layers import heights
from tests.world import World


def test_every_model_and_column_is_classified() -> None:
    assert list(checks.problems()) == []


def test_every_package_of_django_declares() -> None:
    apps = [name for name in settings.INSTALLED_APPS if name.startswith("hirnok.")]
    declaring = {path.removesuffix(".privacy") for path in settings.DECLARING}
    # ui has no tables; tenants lies below the register, which declares for it
    assert set(apps) - declaring == {"hirnok.ui", "hirnok.tenants"}


@pytest.mark.django_db
def test_the_database_has_no_column_that_nobody_declared() -> None:
    assert checks.undeclared_columns() == []


@pytest.mark.django_db
def test_a_table_made_by_hand_is_found() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE form_results (email text)")
        cursor.execute("ALTER TABLE contacts_contact ADD COLUMN mothers_name text")

    assert checks.undeclared_columns() == ["contacts_contact.mothers_name", "form_results.email"]


@pytest.mark.django_db
def test_the_check_of_django_is_quiet() -> None:
    call_command("check", databases=["default"], fail_level="WARNING")


def test_a_register_is_founded_that_covers_all_that_is_held(world: World) -> None:
    assert checks.gaps(world.alma) == []
    assert set(declarations.categories()) <= {ready.code for ready in READYMADE}


def test_packages_declare_only_their_own_models_and_those_of_others_below() -> None:
    known = heights()
    for declaration in declarations.declared().values():
        module = declaration.of_model().__module__
        if module.startswith("hirnok."):
            assert module.split(".")[1] in known


@pytest.mark.django_db
def test_the_models_and_the_migrations_agree() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
