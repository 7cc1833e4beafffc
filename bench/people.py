"""A portal of many people and companies with names as Danes and Britons have them, made by SQL alone.

The same number gives the same people. Search indexes are made afterwards, as an upgrade makes them.
"""

from collections.abc import Iterable
from typing import LiteralString

from psycopg import sql

from wonward import wiring
from wonward.db import transaction
from wonward.records.work import Work
from wonward.schema import search_index

FIRST: LiteralString = """
    Anne Mette Kirsten Hanne Anna Helle Susanne Lene Maria Marianne Inge Karen Lone Bente Camilla Pia Jette Charlotte
    Louise Inger Gitte Tina Julie Ida Emma Freja Clara Sofie Åse Sørine Birgitte Rikke Signe Astrid Line Maja Kæthe
    Peter Michael Jens Lars Thomas Henrik Søren Christian Martin Jan Morten Jesper Anders Niels Mads Rasmus Per Hans
    Jørgen Ole Kim Poul Bjørn Åge Frederik Magnus Emil Oscar William Noah Oliver Mikkel Kåre Troels Ebbe Svend Børge
    Olivia Amelia Isla Ava Mary Patricia Jennifer Linda Elizabeth Barbara Margaret Sarah Emily Grace Chloe Hannah Alice
    James Robert John David Richard Joseph Charles Daniel Matthew George Harry Jack Jacob Arthur Edward Henry Samuel"""
LAST: LiteralString = """
    Nielsen Jensen Hansen Andersen Pedersen Christensen Larsen Sørensen Rasmussen Jørgensen Petersen Madsen Kristensen
    Olsen Thomsen Christiansen Poulsen Johansen Møller Mortensen Knudsen Jakobsen Jacobsen Mikkelsen Frederiksen Laursen
    Lund Henriksen Holm Schmidt Eriksen Kristiansen Clausen Simonsen Svendsen Andreasen Iversen Jeppesen Vestergaard
    Nissen Lauridsen Kjær Jespersen Mogensen Nørgaard Jepsen Frandsen Søndergaard Jessen Carlsen Christoffersen
    Bertelsen Bruun Dahl Bach Krogh Overgaard Kjeldsen Skov Friis Toft Østergaard Ågård Ærø Bødker Dam Gade Juul
    Smith Jones Taylor Brown Williams Wilson Johnson Davies Patel Robinson Wright Thompson Evans Walker White Roberts
    Green Hall Wood Jackson Clarke Müller Schröder Weiß Lindström Björk Åkesson Öberg Garcia Dubois"""
TRADE: LiteralString = """
    Måleri Tømrer Murer Glas Byg VVS Elektro Transport Fragt Revision Rådgivning Design Software Data Energi Vind Sol
    Fisk Mejeri Bageri Bryggeri Møbler Metal Stål Maskiner Pumper Plast Papir Grafisk Medier Reklame Rejser Hotel
    Ejendomme Invest Finans Forsikring Medico Pharma Dental Optik Logistik Havn Skib Marine Agro Gartneri Planteskole"""
PLACE: LiteralString = """
    Nordisk Dansk Jysk Fynsk Sjællandsk Sønderjysk Århus Aalborg Odense Esbjerg Randers Kolding Horsens Vejle Roskilde
    Herning Silkeborg Næstved Helsingør Viborg Køge Holstebro Slagelse Hillerød Sønderborg Svendborg Hjørring Thisted
    Ærø Læsø Samsø Bornholm Nordic Baltic British London Oxford Leeds Bristol Scandic Europa Global United First"""


def fill(portal: str, people: int, companies: int) -> None:
    """Put so many contacts and companies into a portal that has none, and bring its statistics up to date."""
    work = wiring.reading(portal, actor="bench", source="cli")
    kinds = [work.catalog.object_type(name) for name in ("company", "contact")]
    with transaction.atomic():
        for kind in kinds:
            _run(search_index.drop_indexes(work.catalog, kind))
        transaction.run(_companies(work), {"count": companies})
        transaction.run(_people(work), {"count": people, "companies": companies})
        for kind in kinds:
            _run(search_index.indexes(work.catalog, kind))
            _run(search_index.learn_all(work.catalog, kind))
    for name in ("company", "contact", "_word"):
        transaction.run(sql.SQL("vacuum analyze {}").format(work.table(name)))


def _run(statements: Iterable[sql.Composable]) -> None:
    for statement in statements:
        transaction.run(statement)


def _companies(work: Work) -> sql.Composable:
    return sql.SQL("""
        insert into {company} (_id, _created_at, _updated_at, name, domain, phone)
        select nextval({ids}), now(), now() - n * interval '1 second',
            called || ' ' || (array['A/S', 'ApS', 'I/S', 'Ltd'])[1 + n %% 4],
            {fold}(regexp_replace(called, '[ &]', '', 'g')) || n || case when n %% 5 = 0 then '.co.uk' else '.dk' end,
            '+45 ' || 70000000 + n
        from generate_series(1, %(count)s) n, lateral (select {place} || ' ' || {trade}
            || case when n %% 3 = 0 then ' & ' || {last} else '' end as called) c
        """).format(**_parts(work))


def _people(work: Work) -> sql.Composable:
    return sql.SQL("""
        insert into {contact} (_id, _created_at, _updated_at, firstname, lastname, email, phone, company)
        select nextval({ids}), now(), now() - n * interval '1 second', first, last,
            {fold}(first) || '.' || {fold}(last) || n || '@' || coalesce(c.domain, 'post.example'),
            case n %% 4 when 0 then '+45 ' || to_char(20000000 + n * 61 %% 79999999, 'FM99 99 99 99')
                when 1 then to_char(20000000 + n * 67 %% 79999999, 'FM99999999')
                when 2 then '0044 20 ' || to_char(10000000 + n * 71 %% 89999999, 'FM9999 9999') end,
            c.name
        from generate_series(1, %(count)s::bigint) n
        cross join lateral (select {first} as first, {last} as last) p
        left join (select row_number() over (order by _id) as place, name, domain from {company}) c
            on c.place = 1 + n %% %(companies)s
        """).format(**_parts(work))


def _parts(work: Work) -> dict[str, sql.Composable]:
    lists = {"first": FIRST, "last": LAST, "place": PLACE, "trade": TRADE}
    return {
        **{name: _one_of(words.split(), 2 * place) for place, (name, words) in enumerate(lists.items())},
        "ids": sql.Literal(work.table("_record_id").as_string(None)),
        "fold": work.table("_fold"),
        "company": work.table("company"),
        "contact": work.table("contact"),
    }


def _one_of(words: list[str], place: int) -> sql.Composable:
    """Return SQL of a word that follows from `n`: the product of two chances makes the first ones common."""
    chances = [
        sql.SQL("((hashint8extended(n, {}) & 2147483647) / 2147483648.0)").format(sql.Literal(place + each))
        for each in (0, 1)
    ]
    return sql.SQL("({}::text[])[1 + trunc({} * {} * {})::int]").format(
        sql.Literal(words), *chances, sql.Literal(len(words))
    )
