"""A Dask cluster that does the parts of heavy steps: tasks and parts in; what they give out.

Only somebody who runs qualcode names a cluster, by its address. Participants' words go to its
workers; where those are on other machines, this is said on standard error before anything is sent.
"""

from __future__ import annotations

import logging
import re
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from importlib.util import find_spec
from ipaddress import ip_address
from itertools import islice
from queue import Empty, SimpleQueue
from typing import Any
from urllib.parse import urlsplit

from qualcode.errors import BadCommand, NoCluster
from qualcode.themes.work import Arrays, Task, made_with

PATIENCE = 10.0
"""Seconds to wait for the scheduler to answer, and for a worker where there is none."""
AHEAD = 3
"""Parts sent to each thread of a worker in advance: enough to keep it busy, little to hold."""
_TALKATIVE = (
    "distributed.client",
    "distributed.core",
    "distributed.utils",
    "distributed.comm.core",
)
_LOOK = 0.25  # seconds between two looks at whether to stop
_ADDRESS = re.compile(r"(?:(?:tcp|tls|ws|wss)://)?(?:\[[0-9a-fA-F:.]+\]|[^\s/:]+):\d{1,5}/?")


class Cluster:
    """A connection to a running cluster, closed by ``with``."""

    def __init__(self, address: str) -> None:
        self.address = _checked(address)
        if find_spec("distributed") is None:
            raise NoCluster(
                "Dask is not installed here: pip install qualcode[dask], or leave the address of "
                "the cluster out to work on this machine."
            )
        from distributed import Client

        # What the library would print when a cluster goes is said in a sentence of our own.
        self._loggers = {logging.getLogger(name): 0 for name in _TALKATIVE}
        for logger in self._loggers:
            self._loggers[logger] = logger.level
            logger.setLevel(logging.CRITICAL + 1)
        try:
            _knock(self.address)
            self._client = Client(self.address, timeout=PATIENCE, set_as_default=False)
        except (OSError, OverflowError, ValueError, TypeError) as error:
            self._speak_again()
            raise NoCluster(
                f"No Dask scheduler answers at {self.address}. Check the address and that the "
                "cluster runs, or leave it out to work on this machine."
            ) from error
        try:
            workers = self._workers()
            away = sorted({host for host in map(_host, workers) if not is_here(host)})
            if not is_here(_host(self.address)):
                away = sorted({_host(self.address), *away})
            number = f"{len(workers)} worker{'' if len(workers) == 1 else 's'}"
            self.where = f"a Dask cluster of {number} on this machine"
            if away:
                self.where = f"a Dask cluster of {number} beyond this machine"
                print(
                    "Participants' words leave this machine: they are sent to the Dask cluster at "
                    f"{self.address} ({', '.join(away)}).",
                    file=sys.stderr,
                    flush=True,
                )
            self._require_alike()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        with suppress(TimeoutError, OSError):  # a cluster that is gone cannot say goodbye
            self._client.close(timeout=2)
        self._speak_again()

    def _speak_again(self) -> None:
        for logger, level in self._loggers.items():
            logger.setLevel(level)

    def done(
        self, task: Task, parts: Mapping[int, Any], shared: Any, check: Callable[[], None]
    ) -> Iterator[tuple[int, Arrays]]:
        """The number of each part with what it gave, as they come."""
        try:
            [common] = self._client.scatter([shared], broadcast=True, hash=False)
        except Exception as error:  # whatever it is, nothing was computed yet
            raise self._gone() from error
        waiting = iter(parts.items())
        sent: dict[Any, int] = {}
        ready: SimpleQueue[Any] = SimpleQueue()
        seen = time.monotonic()
        try:
            while True:
                room = AHEAD * max(1, sum(self._client.nthreads().values())) - len(sent)
                for number, part in islice(waiting, max(0, room)):
                    future = self._client.submit(_do, task, common, part, pure=False, retries=2)
                    sent[future] = number
                    future.add_done_callback(ready.put)
                if not sent:
                    return
                try:
                    future = ready.get(timeout=_LOOK)
                except Empty:
                    future = None
                check()
                if future is not None:
                    yield sent.pop(future), self._given(future)
                if future is not None or self._client.nthreads():
                    seen = time.monotonic()
                elif time.monotonic() - seen > PATIENCE:
                    raise self._gone()
                if self._client.status not in ("running", "newly-created"):
                    raise self._gone()
        except (OSError, TimeoutError) as error:
            raise self._gone() from error
        finally:
            for future in sent:
                future.cancel()

    def _given(self, future: Any) -> Arrays:
        if future.status == "error":
            problem = future.exception()
            if _cannot_load(problem):
                raise self._unfit("cannot load qualcode") from problem
            if type(problem).__name__ in ("KilledWorker", "WorkerStartTimeoutError"):
                raise NoCluster(
                    f"Workers of the cluster at {self.address} died at their work. Give them more "
                    "memory, or leave the address out to work on this machine."
                ) from problem
            raise problem
        if future.status != "finished":
            raise self._gone()
        given: Arrays = future.result()
        return given

    def _workers(self) -> list[str]:
        """The addresses of the workers, after one was waited for."""
        try:
            self._client.wait_for_workers(1, timeout=PATIENCE)
        except (TimeoutError, OSError) as error:
            raise NoCluster(
                f"The Dask cluster at {self.address} has no workers. Start one with: dask worker "
                f"{self.address}"
            ) from error
        return sorted(self._client.nthreads())

    def _require_alike(self) -> None:
        """Refuse a cluster whose workers would give another answer than this machine."""
        here = about()
        try:
            told = self._client.run(about, on_error="return")
        except ImportError as error:
            raise self._unfit("cannot load qualcode") from error
        for worker, answer in sorted(told.items()):
            if _cannot_load(answer):
                raise self._unfit("cannot load qualcode", worker) from answer
            if isinstance(answer, BaseException):
                raise self._unfit("cannot do the work", worker) from answer
            other = [f"{one} and not {mine}" for one, mine in zip(answer, here, strict=True)
                     if one != mine]  # fmt: skip
            if other:
                raise self._unfit(f"has {', '.join(other)}", worker)

    def _unfit(self, why: str, worker: str = "") -> NoCluster:
        who = f"The worker {worker}" if worker else "A worker"
        return NoCluster(
            f"{who} of the cluster at {self.address} {why}. Install there what is installed here, "
            "with: pip install qualcode[dask]"
        )

    def _gone(self) -> NoCluster:
        return NoCluster(
            f"The Dask cluster at {self.address} is gone, and no candidates were made. Start it "
            "again, or leave its address out to work on this machine."
        )


def about() -> tuple[str, ...]:
    """What decides the answer on a machine: versions, the language model, the vectors there are."""
    from qualcode.themes.language import language
    from qualcode.themes.vectors import MEANINGS

    there = [tier.name for tier in MEANINGS if tier([]) is not None]
    return (*made_with(), f"language {language().name}", f"vectors {', '.join(there)}")


def is_here(host: str) -> bool:
    """Whether an address is this machine's own.

    >>> is_here("127.0.0.1"), is_here("localhost"), is_here("192.0.2.1"), is_here("lab.example")
    (True, True, False, False)
    """
    if host in ("localhost", ""):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False  # a name may be anybody's: what it means is not asked for
    if address.is_loopback:
        return True
    import psutil  # type: ignore[import-untyped]

    own = {one.address.partition("%")[0] for all_ in psutil.net_if_addrs().values() for one in all_}
    return host in own


def _host(address: str) -> str:
    """The host of an address; none for a cluster inside this process."""
    if address.startswith("inproc://"):
        return ""
    return urlsplit(address if "://" in address else f"tcp://{address}").hostname or ""


def _knock(address: str) -> None:
    """Raise where nothing listens, at once and without the library's many words."""
    if not address.startswith("inproc://"):
        found = urlsplit(address if "://" in address else f"tcp://{address}")
        socket.create_connection((found.hostname or "", found.port or 0), PATIENCE).close()


def _cannot_load(problem: object) -> bool:
    """Whether a worker found no qualcode; what it could not unpack it tells in words only."""
    told = isinstance(problem, Exception) and "ModuleNotFoundError" in str(problem)
    return told or isinstance(problem, ImportError)


def _checked(address: str) -> str:
    if address.startswith("inproc://") or _ADDRESS.fullmatch(address):
        return address
    raise BadCommand(
        f"“{address[:80]}” is not the address of a Dask cluster: give one such as "
        "tcp://127.0.0.1:8786."
    )


def _do(task: Task, shared: Any, part: Any) -> Arrays:
    """One part, on a worker."""
    from qualcode.themes.clusters import calm

    calm()
    return task(shared, part)
