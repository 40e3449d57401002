"""Long looks of the machine, beside the page: begun once for the same wishes, watched, stopped.

The result is kept in this process for whoever asks for the very same; what a session may ask for
is decided before, by the store. Nothing here reads a study: plain values go in.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from qualcode.errors import QualcodeError, Stopped
from qualcode.themes import STEPS

KEPT = 12
"""Results that are kept; the one asked for longest ago goes first."""
ASK_EVERY = 0.7
READING = ("reading", "vectors")
"""The steps of a look that reads, and is soon done then."""
STOPPED = "The search was stopped; nothing was kept of it."
Look = Callable[..., Any]
"""Takes ``progress`` and ``cancelled``, as ``aside.watched`` with its values does."""


@dataclass
class Job:
    """One look: at work until it has a ``result`` or an ``error``."""

    steps: Sequence[str] = tuple(STEPS)
    step: str = ""
    done: int = 0
    of: int = 0
    result: Any = None
    error: Exception | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def words(self) -> str:
        """What it is at, for a person who waits."""
        step = STEPS.get(self.step, "reading and comparing passages")
        return step[:1].upper() + step[1:] + "…"

    @property
    def share(self) -> float:
        """How far it is, from 0 to 1; the steps count alike."""
        if self.step not in self.steps:
            return 0.0
        within = self.done / self.of if self.of else 0.0
        return min(1.0, (self.steps.index(self.step) + within) / len(self.steps))

    def tell(self, step: str, done: int, of: int) -> None:
        self.step, self.done, self.of = step, done, of


_jobs: OrderedDict[object, Job] = OrderedDict()
_lock = threading.Lock()


def job_of(
    key: object, look: Look, *, anew: bool = False, steps: Sequence[str] = tuple(STEPS)
) -> Job:
    """The job of this key: at work, done, or begun now. ``key`` holds all that goes into it.

    One that failed stays failed, until it is asked for ``anew``.
    """
    with _lock:
        job = _jobs.get(key)
        if job is None or job.stop.is_set() or (anew and job.error is not None):
            job = Job(steps)
            _jobs[key] = job
            threading.Thread(target=_work, args=(job, look), daemon=True).start()
        _jobs.move_to_end(key)
        while len(_jobs) > KEPT:
            _, old = _jobs.popitem(last=False)
            old.stop.set()
    return job


def known(key: object) -> Job | None:
    """The job of this key, if there is one; nothing is begun."""
    with _lock:
        return _jobs.get(key)


def _work(job: Job, look: Look) -> None:
    try:
        job.result = look(progress=job.tell, cancelled=job.stop.is_set)
    except Stopped:
        pass
    except Exception as error:
        job.error = error
    finally:
        job.ended.set()


def watched(
    place: str,
    key: object,
    look: Look,
    *,
    anew: bool = False,
    steps: Sequence[str] = tuple(STEPS),
) -> Job | None:
    """The job of this key, begun if it has to be; None where it has just been stopped at ``place``.

    While it is at work, how far it is in its steps stands here, with a button to stop it. The page
    goes on to its end meanwhile and is drawn anew when the job has ended.
    """
    if st.session_state.pop(f"{place}.stopped", False) and not anew:
        return None
    job = job_of(key, look, anew=anew, steps=steps)
    if not job.ended.is_set():
        _watch(job, place)
    return job


@st.fragment(run_every=ASK_EVERY)
def _watch(job: Job, place: str) -> None:
    if job.ended.is_set():
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", key=f"{place}.progress"):
        st.progress(job.share, text=job.words)
        if st.button("Stop", icon=":material/stop_circle:", key=f"{place}.stop"):
            job.stop.set()
            st.session_state[f"{place}.stopped"] = True
            st.rerun()


def result_of(job: Job) -> Any:
    """What a job that has ended came to; its error is raised where it is asked for."""
    if isinstance(job.error, QualcodeError):
        raise job.error
    if job.error is not None:
        raise RuntimeError("A look of the machine failed.") from job.error
    return job.result
