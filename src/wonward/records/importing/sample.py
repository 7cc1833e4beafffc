"""Generates a small sample of a company's sales files, with the traps that real ones have.

Four files of the shape that the blueprint `starter` has import maps for. Every name is invented, and the
files are the same every time.
"""

import csv
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random

OPPORTUNITIES = 300
_SEED = 20171231
_ID_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_FIRST_DAY = date(2016, 10, 20)

_OFFICES = {
    "Aarhus": ("Birgitte Kragelund", "Søren Ågård"),
    "København": ("Malene Østervang", "Henrik Bjerregård"),
    "Malmö": ("Åsa Lindgren-Holm", "Nils Sjöqvist"),
}
_AGENTS = (
    "Anne Tinghøj",
    "Bo Vesterlund",
    "Cæcilie Friis-Nyborg",
    "Ditte Møllegaard",
    "Emil Havsteen",
    "Freja Solbakke",
    "Gustav Ørnfelt",
    "Hjördis Magnúsdóttir",
    "Ida Kløverborg",
    "Jonas Brændgård",
    "Kirsten Vintergæk",
    "Lars-Erik Åkerblom",
)
_WITHOUT_DEALS = 2
"""Agents at the end of the list who have none yet."""

_PRODUCTS = (
    ("Fjord Mini", "Fjord", 120),
    ("Fjord Maxi", "Fjord", 2480),
    ("GTX Pro", "GTX", 4950),
    ("Klit Let", "Klit", 610),
    ("Klit Plus", "Klit", 1190),
    ("Klit Plus Max", "Klit", 5300),
    ("Skær 500", "Skær", 24800),
)
_MISSPELLED = {"GTX Pro": "GTXPro", "technology": "technolgy", "Philippines": "Philipines"}
"""What the files say where these are meant; the import maps know."""

_SECTORS = (
    "employment",
    "entertainment",
    "finance",
    "marketing",
    "medical",
    "retail",
    "services",
    "software",
    "technology",
    "telecommunications",
)
_COUNTRIES = ("Denmark", "Denmark", "Sweden", "Norway", "Finland", "Iceland", "Germany", "Philippines")
_ACCOUNTS = (
    "Agerkålen ApS",
    "Bækmarksbro Optik",
    "Café Øresund & Co",
    "Dybvad Digital",
    "Elverhøj Energi",
    "Fanø Fiberteknik",
    "Grenå Glasværk",
    "Hvide Sande Havfisk",
    "Isbjerg Instrumenter",
    "Jyske Jernvarer",
    "Kattegat Kliniker",
    "Lillebælt Logistik",
    "Mørkhøj Medier",
    "Nordisk Måleri A/S",
    "Odderup Opmåling",
    "Præstø Papir",
    "Ringkær Reklame",
    "Sønderskov Software",
    "Tjæreborg Tele",
    "Uggerby Udlejning",
    "Vadehav Vikar",
    "Ystad Yllefabrik",
    "Ærø Æbleri",
    "Åmosen Apparatur",
)
_PARENTS = {
    "Bækmarksbro Optik": "Kattegat Kliniker",  # stands further down in the file
    "Fanø Fiberteknik": "Tjæreborg Tele",
    "Mørkhøj Medier": "Café Øresund & Co",
    "Sønderskov Software": "Dybvad Digital",
    "Åmosen Apparatur": "Dybvad Digital",
}


def write(folder: Path) -> None:
    """Write the four files into a folder, which is made when it isn't there."""
    folder.mkdir(parents=True, exist_ok=True)
    chance = Random(_SEED)  # noqa: S311 - made up data, nothing secret
    _file(folder / "sales_teams.csv", ("sales_agent", "manager", "regional_office"), _teams())
    _file(folder / "products.csv", ("product", "series", "sales_price"), _PRODUCTS)
    _file(
        folder / "accounts.csv",
        ("account", "sector", "year_established", "revenue", "employees", "office_location", "subsidiary_of"),
        _accounts(chance),
    )
    _file(
        folder / "sales_pipeline.csv",
        (
            "opportunity_id",
            "sales_agent",
            "product",
            "account",
            "deal_stage",
            "engage_date",
            "close_date",
            "close_value",
            "engage_quarter",
            "close_quarter",
        ),
        _opportunities(chance),
    )


def _file(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def _teams() -> Iterable[Sequence[object]]:
    managers = [(manager, office) for office, pair in _OFFICES.items() for manager in pair]
    for place, agent in enumerate(_AGENTS):
        yield agent, *managers[place * len(managers) // len(_AGENTS)]


def _accounts(chance: Random) -> Iterable[Sequence[object]]:
    for place, name in enumerate(_ACCOUNTS):
        sector = _SECTORS[-2] if place == 0 else chance.choice(_SECTORS)
        country = _COUNTRIES[-1] if place == 1 else chance.choice(_COUNTRIES)
        year, revenue, employees = (
            chance.randint(1975, 2015),
            chance.uniform(20, 9000),
            chance.randint(9, 30_000),
        )
        yield (
            name,
            _MISSPELLED.get(sector, sector),
            year,
            f"{revenue:.2f}",
            employees,
            _MISSPELLED.get(country, country),
            _PARENTS.get(name, ""),
        )


def _opportunities(chance: Random) -> Iterable[Sequence[object]]:
    for _ in range(OPPORTUNITIES):
        stage = chance.choices(("Won", "Lost", "Engaging", "Prospecting"), (48, 28, 18, 6))[0]
        closed = stage in ("Won", "Lost")
        product, _, price = chance.choice(_PRODUCTS)
        engaged = _FIRST_DAY + timedelta(days=chance.randrange(400))
        ended = engaged + timedelta(days=chance.randint(3, 138))
        known = closed or chance.random() < 0.3
        value = round(price * chance.uniform(0.8, 1.2)) if stage == "Won" else 0
        yield (
            "".join(chance.choices(_ID_LETTERS, k=8)),
            chance.choice(_AGENTS[:-_WITHOUT_DEALS]),
            _MISSPELLED.get(product, product),
            chance.choice(_ACCOUNTS) if known else "",
            stage,
            "" if stage == "Prospecting" else f"{engaged:%d-%m-%y}",
            f"{ended:%d-%m-%y}" if closed else "",
            value if closed else "",
            "" if stage == "Prospecting" else _quarter(engaged),
            _quarter(ended) if closed else "",
        )


def _quarter(day: date) -> str:
    return f"Q{(day.month + 2) // 3} {day.year}"
