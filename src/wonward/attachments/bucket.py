"""The bucket that speaks S3, as Django's storage: Amazon's or anyone's. Loaded only when the settings name one."""

from botocore.config import Config
from django.core.files.storage import Storage
from storages.backends.s3 import S3Storage

IN_MEMORY = 1024 * 1024
"""Bytes of a file that are held in memory while it is read; the rest waits in a temporary file."""


def bucket(**options: str | None) -> Storage:
    """Return the storage of a bucket.

    Checksums are sent where S3 demands them alone: those that newer clients add by themselves are
    refused by other makes. Nothing is public; who may read a file is decided by its route.
    """
    storage: Storage = S3Storage(
        **options,
        default_acl=None,
        file_overwrite=True,
        max_memory_size=IN_MEMORY,
        client_config=Config(
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={"addressing_style": "path" if options.get("endpoint_url") else "auto"},
            signature_version="s3v4",
            connect_timeout=5,
            read_timeout=60,
            retries={"mode": "standard", "max_attempts": 3},
        ),
    )
    return storage
