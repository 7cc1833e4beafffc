"""Several web servers and several workers over one database, with traffic: nothing is lost, nothing done twice."""

from collections.abc import Callable
from pathlib import Path

from .conftest import Crowd, House, free_port
from .test_killed import assert_visits_are_as_logged, caught_up

Gather = Callable[..., Crowd]


def test_two_servers_and_two_workers_share_the_work(house: House, crowd: Gather, sales_files: Path) -> None:
    ports = [free_port(), free_port()]
    for port in ports:
        house.serve(port)
    house.work()
    house.work()
    clients = crowd(ports, 8)
    for name, kind in (("sales_teams", "owner"), ("accounts", "company"), ("products", "product")):
        house.wonward("import", str(sales_files / f"{name}.csv"), "--portal", "havn", "--object", kind)
    house.wonward("import", str(sales_files / "sales_pipeline.csv"), "--portal", "havn", "--object", "deal")
    clients.more(100)
    clients.stop()
    assert [failure for client in clients.clients for failure in client.failed] == []
    assert {status for client in clients.clients for status in client.statuses} <= {200, 201}
    clients.assert_nothing_lost_or_halved()
    caught_up(house)
    assert_visits_are_as_logged(house)
    rows = len((sales_files / "sales_pipeline.csv").read_text(encoding="utf-8").splitlines()) - 1
    assert house.one("select count(*) from portal_havn.deal where opportunity_id is not null") == rows
