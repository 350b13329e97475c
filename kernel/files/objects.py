"""Where bytes lie: a folder or a bucket behind the same four verbs.

The synchronous calls of obstore run in worker threads. Its asynchronous writes hand Python objects to threads of its
own runtime, and a process that ends soon after one aborts (seen in a third of short runs with 0.12).
"""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import aclosing
from pathlib import Path
from urllib.parse import unquote, urlsplit

import obstore
from msgspec import Struct
from obstore.store import LocalStore, ObjectStore, S3Store

CHUNK = 256 * 1024
BUFFER = 5 * 1024 * 1024  # the smallest part of a multipart upload that S3 takes


class TooManyBytes(Exception):
    """The bytes do not end before the limit; `limit` in bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"more than {limit} bytes")
        self.limit = limit


class Written(Struct, frozen=True):
    """What was written: its length in bytes and its SHA-256 in hex."""

    size: int
    sha256: str


class FileStore:
    """An object store, named by `file:///folder` or `s3://bucket[/prefix]` (credentials from the AWS environment)."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._objects = _open(url)

    async def write(self, key: str, chunks: AsyncIterator[bytes] | Iterable[bytes], *, limit: int) -> Written:
        """Write the chunks under a key; raises TooManyBytes past the limit, and then nothing is left behind."""
        digest, size = hashlib.sha256(), 0
        writer = await asyncio.to_thread(obstore.open_writer, self._objects, key, buffer_size=BUFFER)
        async with aclosing(_iterate(chunks)) as incoming:
            async for chunk in incoming:
                size += len(chunk)
                if size > limit:
                    raise TooManyBytes(limit)  # a writer that is never closed leaves no object
                digest.update(chunk)
                await asyncio.to_thread(writer.write, chunk)
        await asyncio.to_thread(writer.close)
        return Written(size, digest.hexdigest())

    async def read(self, key: str, *, chunk_size: int = CHUNK) -> AsyncIterator[bytes]:
        """Yield the bytes under a key; raises FileNotFoundError."""
        found = await asyncio.to_thread(obstore.get, self._objects, key)
        stream = iter(found.stream(min_chunk_size=chunk_size))
        while (chunk := await asyncio.to_thread(next, stream, None)) is not None:
            yield bytes(chunk)

    async def size(self, key: str) -> int | None:
        """Return the length of the object in bytes, or None when there is none."""
        try:
            return (await asyncio.to_thread(obstore.head, self._objects, key))["size"]
        except FileNotFoundError:
            return None

    async def delete(self, key: str) -> None:
        """Remove an object; removing none is the same."""
        try:
            await asyncio.to_thread(obstore.delete, self._objects, key)
        except FileNotFoundError:
            return


def _open(url: str) -> ObjectStore:
    parts = urlsplit(url)
    if parts.scheme == "file" and not parts.netloc:
        return LocalStore(Path(unquote(parts.path)), mkdir=True)
    if parts.scheme == "s3" and parts.netloc:
        return S3Store(parts.netloc, prefix=parts.path.strip("/") or None)
    raise ValueError(f"files are kept under file:///folder or s3://bucket, not {url!r}")


async def _iterate(chunks: AsyncIterator[bytes] | Iterable[bytes]) -> AsyncGenerator[bytes, None]:
    if isinstance(chunks, AsyncIterator):
        async for chunk in chunks:
            yield chunk
    else:
        for chunk in chunks:
            yield chunk
