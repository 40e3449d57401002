"""Work aside: a function and its values in, its outcome out, made in a process beside the server.

One Python runs one thread at a time: while a report of a whole study is set, whoever codes at the
same server would wait for it. So a page hands what takes long to a helper, a process of its own
that takes the processor where few others want it. The helper opens the study by its path
and through the seat it is told, and what it makes comes back. Nothing listens for it anywhere: the
two talk through a pipe, and the helper ends when the server does, however that ends.

Where no server runs (a notebook, the command line, most tests) the work is done on the spot.
"""

from __future__ import annotations

import os
import pickle
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any, ParamSpec, TypeVar

import qualcode
from qualcode.errors import CutShort, QualcodeError, Stopped

P = ParamSpec("P")
T = TypeVar("T")

LOADED_BEFORE = ("qualcode.ui.making", "qualcode.reports.word", "qualcode.reports.web")
"""What a helper loads while nobody waits for it."""
YIELDING = 10
"""By how much a helper steps back behind the server, where the system knows such a thing.

Not as far as it goes: somebody waits for it too, also on a machine with other work to do.
"""
LENGTH = struct.Struct("!Q")
BEGUN = b"begun"
"""What a helper says when it takes up an order."""
SO_FAR, AT_LAST = b"so far", b"at last"
"""With what a helper's words begin: how far it is, or what came of it."""
ASK_EVERY = 0.2
"""Seconds between two looks at whether somebody stopped the work."""
RESTS = 300.0
"""Seconds for which the process of looks stays after the last: it remembers what it has read."""
Progress = Callable[[str, int, int], None]
Cancelled = Callable[[], bool]
PROGRAM = "from qualcode.ui.aside import help_out; help_out()"
ENDED = (
    "This was not made to its end: the process that makes it was ended from outside, perhaps for "
    "want of memory. Try again; if it happens again, tell whoever runs this server."
)

_helpers: Helpers | None = None


def made(work: Callable[P, T], /, *given: P.args, **named: P.kwargs) -> T:
    """What this function gives for these values; whoever asks waits, and nobody else.

    The function is one of a module, which the helper imports; it and the values are plain enough
    to be handed over (``pickle``), and so is what comes back.

    Raises
    ------
    CutShort
        The helper was ended from outside before the work was done.
    """
    if _helpers is None:
        return work(*given, **named)
    return _helpers.made(work, *given, **named)


def watched(work: Callable[..., T], /, *given: Any, progress: Progress, cancelled: Cancelled) -> T:
    """What this function gives for these values, in a process of its own that can be stopped.

    The function takes ``progress`` and ``cancelled`` beside the values. Reports and files do not
    wait for it; of such looks one is at work at a time.

    Raises
    ------
    Stopped
        ``cancelled`` said so; the process is gone.
    CutShort
        The process was ended from outside before the work was done.
    """
    if _helpers is None:
        return work(*given, progress=progress, cancelled=cancelled)
    return _helpers.watched(work, *given, progress=progress, cancelled=cancelled)


def start() -> None:
    """Let helpers work from here on; called once, when the server starts."""
    global _helpers
    if _helpers is None:
        _helpers = Helpers(1 if (os.cpu_count() or 1) <= 2 else 2)


def end() -> None:
    """Let the helpers go; called when the server stops."""
    global _helpers
    helpers, _helpers = _helpers, None
    if helpers is not None:
        helpers.end()


# -- in the server -------------------------------------------------------------------------------


class Helpers:
    """Some helpers, each with one piece of work at a time; who asks first is served first."""

    def __init__(self, count: int) -> None:
        self._all = [Helper() for _ in range(count)]
        self._free: SimpleQueue[Helper] = SimpleQueue()
        self._look = threading.Lock()
        self._looker: Helper | None = None
        self._rest: threading.Timer | None = None
        for helper in self._all:
            self._free.put(helper)

    def made(self, work: Callable[P, T], /, *given: P.args, **named: P.kwargs) -> T:
        order = pickle.dumps((work, given, named, False))
        helper = self._free.get()
        try:
            answer = helper.done(order)
        finally:
            self._free.put(helper)
        return _outcome(answer)  # type: ignore[no-any-return]

    def watched(
        self, work: Callable[..., T], /, *given: Any, progress: Progress, cancelled: Cancelled
    ) -> T:
        order = pickle.dumps((work, given, {}, True))
        while not self._look.acquire(timeout=ASK_EVERY):
            _unless(cancelled)
        try:
            _unless(cancelled)
            if self._looker is None or self._looker.process.poll() is not None:
                self._looker = Helper(once=True)
            helper, ended = self._looker, threading.Event()
            watcher = threading.Thread(
                target=_stop_when, args=(helper, cancelled, ended), daemon=True
            )
            watcher.start()
            try:
                answer = helper.done(order, progress)
            except CutShort:
                _unless(cancelled)
                raise
            finally:
                ended.set()
                watcher.join()
            self._rest_a_while()
        finally:
            self._look.release()
        return _outcome(answer)  # type: ignore[no-any-return]

    def processes(self) -> list[int]:
        """The numbers of the processes as they are now."""
        return [helper.process.pid for helper in self._all]

    def _rest_a_while(self) -> None:
        if self._rest is not None:
            self._rest.cancel()
        self._rest = threading.Timer(RESTS, self._let_looker_go)
        self._rest.daemon = True
        self._rest.start()

    def _let_looker_go(self) -> None:
        if self._look.acquire(blocking=False):  # else it is wanted again
            try:
                looker, self._looker = self._looker, None
                if looker is not None:
                    looker.end()
            finally:
                self._look.release()

    def end(self) -> None:
        if self._rest is not None:
            self._rest.cancel()
        looker = self._looker
        if looker is not None:
            looker.process.kill()
            looker.end()
        for helper in self._all:
            helper.end()


def _unless(cancelled: Cancelled) -> None:
    if cancelled():
        raise Stopped("This was stopped; nothing was kept of it.")


def _stop_when(helper: Helper, cancelled: Cancelled, ended: threading.Event) -> None:
    while not ended.wait(ASK_EVERY):
        if cancelled():  # again, where another process has just taken its place
            helper.process.kill()


def _outcome(answer: bytes) -> Any:
    outcome, error = pickle.loads(answer)
    if error is not None:
        raise error
    return outcome


class Helper:
    """One process beside the server; another takes its place where it was ended from outside.

    One that is for ``once`` has no successor when it was ended at its work.
    """

    def __init__(self, *, once: bool = False) -> None:
        self.process = _begun()
        self._once = once

    def done(self, order: bytes, progress: Progress | None = None) -> bytes:
        """The answer to this order; on the way there ``progress`` is told how far it is.

        Raises
        ------
        CutShort
            The process ended over it.
        """
        if not self._takes(order):  # it was ended while it had nothing to do
            self._replace()
            if not self._takes(order):
                raise CutShort(ENDED)
        while (words := _received(self._pipe(self.process.stdout))) is not None:
            if words.startswith(AT_LAST):
                return words.removeprefix(AT_LAST)
            if progress is not None:
                progress(*pickle.loads(words.removeprefix(SO_FAR)))
        if self._once:
            self.end()
        else:
            self._replace()
        raise CutShort(ENDED)

    def end(self) -> None:
        """The end of its input is the end of the process; one that hangs is stopped."""
        with suppress(OSError):
            self._pipe(self.process.stdin).close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._pipe(self.process.stdout).close()

    def _takes(self, order: bytes) -> bool:
        """Whether the process has begun on this order; if not, it never will."""
        with suppress(OSError):
            _send(self._pipe(self.process.stdin), order)
        return _received(self._pipe(self.process.stdout)) == BEGUN

    def _replace(self) -> None:
        self.end()
        self.process = _begun()

    @staticmethod
    def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
        assert pipe is not None
        return pipe


def _begun() -> subprocess.Popen[bytes]:
    # The helper imports this same qualcode, and nothing that happens to lie in the folder at hand.
    home = str(Path(qualcode.__file__).parents[1])
    paths = [home, *filter(None, [os.environ.get("PYTHONPATH")])]
    return subprocess.Popen(
        [sys.executable, "-P", "-c", PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
    )


# -- in the helper -------------------------------------------------------------------------------


def help_out() -> None:
    """The life of a helper: orders come in by its input, answers go out, until the input ends."""
    orders, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what some library prints is no answer
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the server, which then ends
    if hasattr(os, "nice"):
        os.nice(YIELDING)
    waiting: SimpleQueue[bytes] = SimpleQueue()
    # Listens while there is work too, so that the end of the server is the end of the work.
    threading.Thread(target=_listen, args=(orders, waiting), daemon=True).start()
    _load(LOADED_BEFORE)
    while True:
        order = waiting.get()
        _send(answers, BEGUN)
        _send(answers, AT_LAST + _answer(order, partial(_tell, answers)))


def _listen(orders: IO[bytes], waiting: SimpleQueue[bytes]) -> None:
    while (order := _received(orders)) is not None:
        waiting.put(order)
    os._exit(0)


def _load(modules: Sequence[str]) -> None:
    for name in modules:
        with suppress(Exception):  # told by the work that needs it
            import_module(name)


def _tell(answers: IO[bytes], step: str, done: int, of: int) -> None:
    _send(answers, SO_FAR + pickle.dumps((step, done, of)))


def _answer(order: bytes, tell: Progress) -> bytes:
    try:
        work, given, named, is_watched = pickle.loads(order)
        if is_watched:  # whoever stops it ends this process
            named = {**named, "progress": tell, "cancelled": bool}
        return pickle.dumps((work(*given, **named), None))
    except QualcodeError as error:
        return pickle.dumps((None, error))
    except BaseException as error:
        import traceback

        told = traceback.format_exc()
        return pickle.dumps((None, RuntimeError(f"{type(error).__name__} in a helper:\n{told}")))


# -- through the pipe ----------------------------------------------------------------------------


def _send(pipe: IO[bytes], words: bytes) -> None:
    pipe.write(LENGTH.pack(len(words)))
    pipe.write(words)
    pipe.flush()


def _received(pipe: IO[bytes]) -> bytes | None:
    """The next message, or None where the other side has ended."""
    head: Any = pipe.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    words = pipe.read(length)
    return words if len(words) == length else None
