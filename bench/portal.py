"""The portal that is measured: the starter blueprint with the real dataset, or the sample when it isn't there."""

from pathlib import Path

from wonward.blueprints import apply
from wonward.cli.demo import BLUEPRINTS, DATA, FILES
from wonward.cli.files import bring_in
from wonward.cli.serving import upgrade_database
from wonward.records.importing import sample


def prepare(name: str, folder: Path) -> None:
    """Make the portal and fill it."""
    upgrade_database()
    apply.create_portal(name, BLUEPRINTS / "starter", actor="bench")
    data = DATA
    if not data.is_dir():
        data = folder / "sample"
        sample.write(data)
    for file, object_type in FILES:
        bring_in(data / file, name, object_type)
