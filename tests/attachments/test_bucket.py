"""Files in a bucket that speaks S3, over real HTTP: kept, given out, deleted; trouble told as such."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from django.core.exceptions import ImproperlyConfigured

from wonward import clock, wiring
from wonward import settings as own
from wonward.attachments import attach, storage
from wonward.attachments.models import Attachment, LooseFile
from wonward.errors import Missing

from .conftest import use
from .s3 import BUCKET, KEY, SECRET, Bucket, bucket
from .samples import PDF

pytestmark = pytest.mark.django_db
Attaching = Callable[..., Attachment]


@pytest.fixture
def s3(settings: Any, monkeypatch: Any) -> Iterator[Bucket]:
    """A bucket that the settings name, and the keys to it in the environment."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    with bucket() as (url, running):
        use(settings, url)
        yield running


@pytest.mark.parametrize("size", [10, 9 * 1024 * 1024], ids=["small", "in parts"])
def test_a_file_comes_back_as_it_was(attaching: Attaching, s3: Bucket, size: int) -> None:
    content = PDF + b"M\xc3\xa5leri" * (size // 8)
    attachment = attaching("Måleraftale.pdf", content)
    assert s3.objects == {f"crm/{attachment.key}": content}
    with attach.opened(attachment) as opened:
        assert opened.read() == content


@pytest.mark.django_db(transaction=True)
def test_a_file_that_goes_leaves_the_bucket(
    attaching: Attaching, s3: Bucket, writing: Any, nordisk: int
) -> None:
    attaching("plan.pdf", PDF)
    with writing() as work:
        wiring.erase(work, work.catalog.object_type("company"), [nordisk])
    assert s3.objects == {}
    assert LooseFile.objects.count() == 0


def test_what_the_bucket_has_lost_is_missing(attaching: Attaching, s3: Bucket) -> None:
    attachment = attaching("plan.pdf", PDF)
    s3.objects.clear()
    with pytest.raises(Missing, match="missing in the storage"):
        attach.opened(attachment)


def test_wrong_keys_store_nothing(attaching: Attaching, s3: Bucket, settings: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "guessed")
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        attaching("plan.pdf", PDF)
    assert s3.objects == {}
    assert Attachment.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_what_cant_be_deleted_now_is_tried_again(
    attaching: Attaching, s3: Bucket, writing: Any, nordisk: int, caplog: Any
) -> None:
    attaching("plan.pdf", PDF)
    s3.failing = True
    with writing() as work:
        wiring.erase(work, work.catalog.object_type("company"), [nordisk])
    assert "can't be deleted; it is tried again" in caplog.text
    assert LooseFile.objects.count() == 1
    s3.failing = False
    with clock.fixed(clock.now() + timedelta(minutes=1)):
        assert storage.collect() == 1
    assert s3.objects == {}


def test_the_address_of_a_bucket_is_read_or_refused() -> None:
    described = own.files("s3://files/crm/eu?endpoint=https://minio.example.com:9000&region=eu-north-1")
    assert described["OPTIONS"] == {
        "bucket_name": "files",
        "location": "crm/eu",
        "endpoint_url": "https://minio.example.com:9000",
        "region_name": "eu-north-1",
    }
    for wrong in ("http://files", "s3:///crm", f"s3://{BUCKET}?secret=x"):
        with pytest.raises(ImproperlyConfigured, match="WONWARD_FILES_URL must be"):
            own.files(wrong)
