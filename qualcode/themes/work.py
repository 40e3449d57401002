"""How heavy steps are done: the parts of a step in; what each gives, in their order, out.

A step is cut into parts by its data alone, never by the number of machines, and each part is one
call of a plain function that draws from its own seed: so the answer is the same to the last group
on this machine and on a cluster. Finished parts can be kept in a folder, to go on from later.
"""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qualcode import __version__
from qualcode.errors import BadCommand, Stopped

if TYPE_CHECKING:
    from qualcode.themes.dask_cluster import Cluster

Progress = Callable[[str, int, int], None]
"""Told which step is at work, how many of its parts are done, and of how many."""
Cancelled = Callable[[], bool]
"""Asked between parts whether to stop."""
Arrays = tuple[NDArray[Any], ...]
Task = Callable[[Any, Any], Arrays]
"""A function of a module: what all parts of a step share, and one part; arrays out."""

ADDRESS = "QUALCODE_DASK"
"""The variable that names a cluster for whoever runs qualcode, the owner of a server too."""
STEPS = {
    "reading": "reading the words",
    "vectors": "turning passages into vectors",
    "bundles": "bundling near passages",
    "graph": "finding near passages",
    "draws": "grouping random draws",
    "naming": "naming the candidates",
}
"""The steps in their order, in words; small studies have no bundles."""
_MADE_WITH = ("numpy", "scipy", "scikit-learn", "scikit-network", "spacy")
_ENDING = ".part"
_DIGEST = 32


class Work:
    """Where the parts are done, who is told, who may stop it, and where finished parts are kept."""

    def __init__(
        self,
        *,
        progress: Progress | None = None,
        cancelled: Cancelled | None = None,
        folder: str | Path | None = None,
        cluster: Cluster | None = None,
    ) -> None:
        self._progress = progress
        self._cancelled = cancelled
        self._cluster = cluster
        self._kept = None if folder is None else _Folder(Path(folder))

    @property
    def where(self) -> str:
        """Where it is computed, as a report says it."""
        return "this machine" if self._cluster is None else self._cluster.where

    def check(self) -> None:
        """Stop here if that was asked for."""
        if self._cancelled is not None and self._cancelled():
            kept = "" if self._kept is None else " Finished parts are kept for the next time."
            raise Stopped(f"The search was stopped, and no candidates were made.{kept}")

    def tell(self, step: str, done: int, of: int) -> None:
        self.check()
        if self._progress is not None:
            self._progress(step, done, of)

    def each(self, step: str, task: Task, parts: Sequence[Any], shared: Any = ()) -> list[Arrays]:
        """What the task gives for each part, in their order; kept parts are not done anew."""
        found: dict[int, Arrays] = {}
        names: dict[int, str] = {}
        if self._kept is not None:
            same = digest((task.__module__, task.__qualname__, *made_with(), shared))
            for number, part in enumerate(parts):
                names[number] = digest((same, part))
                kept = self._kept.read(names[number])
                if kept is not None:
                    found[number] = kept
        left = {number: part for number, part in enumerate(parts) if number not in found}
        self.tell(step, len(found), len(parts))
        for number, given in self._done(task, left, shared) if left else ():
            if self._kept is not None:
                self._kept.write(names[number], given)
            found[number] = given
            self.tell(step, len(found), len(parts))
        return [found[number] for number in range(len(parts))]

    def _done(
        self, task: Task, parts: Mapping[int, Any], shared: Any
    ) -> Iterator[tuple[int, Arrays]]:
        if self._cluster is not None:
            yield from self._cluster.done(task, parts, shared, self.check)
            return
        for number, part in parts.items():
            self.check()
            yield number, task(shared, part)


@contextmanager
def work(
    *,
    dask: str | None = None,
    folder: str | Path | None = None,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> Iterator[Work]:
    """The place to do heavy steps: this machine, or the cluster at ``dask`` or ``QUALCODE_DASK``.

    Nothing of Dask is imported without an address.
    """
    address = dask if dask is not None else os.environ.get(ADDRESS, "")
    given: dict[str, Any] = {"folder": folder, "progress": progress, "cancelled": cancelled}
    if not address.strip():
        if dask is not None:
            raise BadCommand(
                "The address of the Dask cluster is empty: give one such as tcp://127.0.0.1:8786, "
                "or none at all to work on this machine."
            )
        yield Work(**given)
        return
    from qualcode.themes.dask_cluster import Cluster

    with Cluster(address.strip()) as cluster:
        yield Work(cluster=cluster, **given)


@lru_cache(maxsize=1)
def made_with() -> tuple[str, ...]:
    """The versions of what computes, since another may give other numbers."""
    return (
        f"qualcode {__version__}",
        *(f"{name} {metadata.version(name)}" for name in _MADE_WITH),
    )


def digest(value: Any) -> str:
    """A name for plain values and arrays, the same in every process.

    >>> digest(("a", 1, None)) == digest(("a", 1, None)) != digest(("a", "1", None))
    True
    """
    found = hashlib.sha256()
    _feed(found, value)
    return found.hexdigest()


def _feed(found: Any, value: Any) -> None:
    if isinstance(value, np.ndarray):
        found.update(f"array {value.dtype.str} {value.shape} ".encode())
        found.update(np.ascontiguousarray(value).tobytes())
    elif isinstance(value, tuple | list):
        found.update(f"row {len(value)} ".encode())
        for one in value:
            _feed(found, one)
    elif isinstance(value, bytes):
        found.update(f"bytes {len(value)} ".encode() + value)
    elif value is None or isinstance(value, str | int | float | bool):
        written = f"{value!r}".encode("utf-8", "surrogatepass")
        found.update(f"{type(value).__name__} {len(written)} ".encode() + written)
    else:
        raise TypeError(f"no name for a {type(value).__name__}")


class _Folder:
    """Finished parts as files, named by a digest of what they were made from.

    They hold words and numbers made from participants' texts, so only their owner may read them.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=path):
                pass
        except OSError as error:
            raise BadCommand(
                f"No parts can be kept in {path}: name a folder that can be written to."
            ) from error

    def read(self, name: str) -> Arrays | None:
        """The part of this name; None where there is none, or it is not what was written."""
        try:
            raw = (self._path / f"{name}{_ENDING}").read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise BadCommand(
                f"A part kept in {self._path} cannot be read: check the folder, or name another."
            ) from error
        body = raw[_DIGEST:]
        if hashlib.sha256(body).digest() != raw[:_DIGEST]:
            return None
        with np.load(io.BytesIO(body), allow_pickle=False) as kept:
            return tuple(kept[key] for key in kept.files)

    def write(self, name: str, given: Arrays) -> None:
        body = io.BytesIO()
        np.savez(body, *given)
        packed = body.getvalue()
        try:
            # Whole or not at all: a part that was cut off never bears its name.
            with tempfile.NamedTemporaryFile(dir=self._path, delete=False) as file:
                try:
                    file.write(hashlib.sha256(packed).digest() + packed)
                    file.close()
                    os.replace(file.name, self._path / f"{name}{_ENDING}")
                except BaseException:
                    file.close()
                    Path(file.name).unlink(missing_ok=True)
                    raise
        except OSError as error:
            raise BadCommand(
                f"A part cannot be kept in {self._path}: check that the disk is not full, or leave "
                "the folder out."
            ) from error
