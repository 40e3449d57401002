"""Which study by which name, and through whose seat: asked of its file and of the sign-in.

Nothing of a session here: the pages come through :mod:`qualcode.ui.state`, the edits of the coding
surface by a request of their own. What a browser says opens nothing by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from qualcode.errors import NotAllowed, NotInStudy, SignedOut
from qualcode.model import Member, Seat
from qualcode.store import Study, open_study
from qualcode.store.file import ENDING
from qualcode.store.packages import is_package
from qualcode.ui import places

SAMPLE = "sample"
FINISHED = "sample-finished"
"""The sample with its differences settled, themes, quotations and needs."""
SAMPLES = (SAMPLE, FINISHED)
PACKAGE = "package"
"""The name under which the package of ``qualcode serve --package FILE`` is open."""
SIGN_IN = "You are signed out; sign in to go on."
Person = Callable[[], str | None]
"""Asks who is signed in; None where nobody is."""

_remembered: dict[Path, frozenset[str]] = {}
"""What this process has kept already, so that a run of a page need not ask for it."""


@contextmanager
def opened(name: str, *, person: Person, chosen: str = "") -> Iterator[Study]:
    """A study of the folder by its name, through the seat of whoever asks.

    ``chosen`` is the seat that was taken in a sample, where nobody signs in.

    Raises
    ------
    SignedOut
        Nobody is signed in.
    NotAllowed
        They do not belong to the study.
    NotInStudy
        There is no such study here.
    """
    path = study_path(name)
    with open_study(path) as study:
        seat = seat_in(study, name, person=person, chosen=chosen)
        if name not in SAMPLES:
            remember_members(study, path)
        yield study.seated(seat)


def study_path(name: str) -> Path:
    """Where a study of the folder is; a name from the browser never leaves the folder."""
    if name in SAMPLES:
        path = places.sample_path(name)
        if not path.exists():
            raise NotInStudy("The sample study is not built here yet; open it on the start page.")
        return path
    if name == PACKAGE and (package := places.package_path()) is not None:
        return package
    path = places.studies_folder() / f"{name}{ENDING}"
    if path not in places.studies_folder().glob(f"*{ENDING}"):
        raise NotInStudy("This study is not here any more; go back to the start page.")
    return path


def seat_in(study: Study, name: str, *, person: Person, chosen: str = "") -> Seat:
    """The seat of whoever is here: by sign-in, in the sample by the switch."""
    member: Member | None
    if name in SAMPLES and study.is_sample:
        members = study.members()
        member = study.member(chosen) or members[-1]
    elif name == PACKAGE and is_package(study):
        member = study.member(is_package(study))  # whoever started this server with the file
    else:
        who = person()
        if who is None:
            raise SignedOut(SIGN_IN)
        member = study.member(who)
        if member is None:
            raise NotAllowed("You do not belong to this study; ask its lead to add you.")
    if member is None:
        raise NotAllowed("This package names a coder who is not in it; take a new one.")
    return Seat(member.name, member.roles)


def remember_members(study: Study, path: Path) -> None:
    """Keep who belongs to a study that opened well, for the day when it does not."""
    names = frozenset(member.name for member in study.members())
    if _remembered.get(path) != names:
        places.accounts().remember_members(path.stem, names)
        _remembered[path] = names
