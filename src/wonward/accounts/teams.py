"""Who shares teams with whom: a person's teams are their primary and their secondary one, and all below these."""

from psycopg import sql

from wonward.accounts.models import Member
from wonward.db import transaction

TEAMMATES = sql.SQL("""array(
    with recursive mine as (
        select unnest(array[m.team_id, m.extra_team_id]) as id
        union select team.id from accounts_team team join mine on team.parent_id = mine.id)
    select mate.id from accounts_member mate join mine on mine.id in (mate.team_id, mate.extra_team_id))""")
"""SQL of the ids of those who share teams with the member under the alias `m`, those who left among them."""


def mates(member: Member) -> list[int]:
    """Return the ids of those who share teams with a member."""
    statement = sql.SQL("select {} from accounts_member m where m.id = %(id)s").format(TEAMMATES)
    [(found,)] = transaction.rows(statement, {"id": member.pk})
    return list(found)
