"""Upgrading changes nothing for those who are there: who could do all before roles still can."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from wonward import clock
from wonward.accounts.built_in import SUPER_ADMIN
from wonward.accounts.models import Member, Portal


@pytest.mark.django_db(transaction=True)
def test_members_from_before_roles_may_all_and_new_ones_nothing_until_they_get_a_role(starter: str) -> None:
    MigrationExecutor(connection).migrate([("accounts", "0007_sign_in")])
    try:
        portal, now = Portal.objects.get(name=starter), clock.now()
        with connection.cursor() as cursor:
            cursor.execute(
                """insert into accounts_member (portal_id, first_name, last_name, title, phone, owns_records,
                   sees_sensitive, archived, created_at, updated_at)
                   values (%s, 'Åse', '', '', '', true, false, false, %s, %s)""",
                [portal.pk, now, now],
            )
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(
            executor.loader.graph.leaf_nodes()
        )  # other rooms' tables went with those of accounts
    assert Member.objects.get(first_name="Åse").role == SUPER_ADMIN
    fresh = Member.objects.create(portal=portal, first_name="Bo", created_at=now, updated_at=now)
    fresh.refresh_from_db()
    assert fresh.role == ""
