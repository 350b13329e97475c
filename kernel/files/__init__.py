"""Files: rows that say what is kept and whose it is, bytes in a folder or a bucket, read only as a checked stream."""

from kernel.files.models import File
from kernel.files.objects import FileStore
from kernel.files.service import (
    FileDamaged,
    StoredFile,
    discard,
    find_file,
    get_file,
    open_stream,
    purge_staged,
    read_bytes,
    store,
)

__all__ = [
    "File",
    "FileDamaged",
    "FileStore",
    "StoredFile",
    "discard",
    "find_file",
    "get_file",
    "open_stream",
    "purge_staged",
    "read_bytes",
    "store",
]
