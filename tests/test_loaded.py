"""A process that has settled reads structs in several threads at once."""

import os
import subprocess
import sys

CROWD = """
import sys, threading, msgspec
from wonward.wsgi import application

def structs(kind):
    for each in kind.__subclasses__():
        yield each
        yield from structs(each)

def read(kind):
    start.wait()
    for _ in range(3):
        try:
            msgspec.convert(dict.fromkeys(kind.__struct_encode_fields__, []), kind)
        except msgspec.ValidationError:
            pass

sys.setswitchinterval(1e-6)
found = list(structs(msgspec.Struct))
for kind in found:
    start = threading.Barrier(8)
    threads = [threading.Thread(target=read, args=(kind,)) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
print(len(found))
"""


def test_threads_that_meet_structs_at_once_do_not_end_the_process() -> None:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "wonward.settings"}
    done = subprocess.run(
        [sys.executable, "-c", CROWD], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 100
