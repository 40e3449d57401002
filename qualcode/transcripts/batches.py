"""Many interviews at once: a file, a folder or a zip in, all its transcripts and people out.

Everything is read before anything is kept. What cannot be read is told apart from what was read,
so that a person decides; the files of a computer's own bookkeeping are passed over and listed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path, PurePosixPath

from qualcode.errors import UnreadableFile
from qualcode.model import Participant, Transcript, TurnRole
from qualcode.transcripts.files import (
    check_kind,
    file_bytes,
    plain_name,
    shown_name,
    stem_and_ending,
    too_large,
)
from qualcode.transcripts.package import Archive, open_archive
from qualcode.transcripts.readers import read_transcript, transcript_of
from qualcode.transcripts.sheets import GRIDS, Part, sheet_interviews
from qualcode.transcripts.source import MAX_FILE_BYTES, MAX_TEXT

MAX_FILES = 2_000
MAX_ZIP_BYTES = 200 * 1024 * 1024
"""What all files of one zip may unpack to; a thousand interviews of an hour are some 60 MB."""
MAX_ZIP_FILE = 50 * 1024 * 1024
"""The largest zip; larger ones are not opened."""
BOOKKEEPING = ("thumbs.db", "desktop.ini", "icon\r")

Told = Callable[[int, int, str], None]
"""Called before each file with its number, how many there are, and its name."""


@dataclass(frozen=True)
class Refusal:
    """A file of a folder or a zip that cannot be read, and the sentence that says why."""

    name: str
    sentence: str


@dataclass(frozen=True)
class Batch:
    """What was read: transcripts, and participants where a sheet tells about them.

    ``refused`` are the files that cannot be read; ``passed_over`` are names of files that are no
    interviews: hidden files, and those a computer keeps for itself.
    """

    transcripts: tuple[Transcript, ...] = ()
    participants: tuple[Participant, ...] = ()
    refused: tuple[Refusal, ...] = ()
    passed_over: tuple[str, ...] = ()

    def __add__(self, other: Batch) -> Batch:
        return Batch(
            self.transcripts + other.transcripts,
            self.participants + other.participants,
            self.refused + other.refused,
            self.passed_over + other.passed_over,
        )


@dataclass
class _Seen:
    """The digests and titles of a batch so far: what comes twice is said, and named apart."""

    files: dict[str, str] = field(default_factory=dict)
    titles: set[str] = field(default_factory=set)


def read_transcripts(
    source: str | Path,
    data: bytes | None = None,
    *,
    roles: Mapping[str, TurnRole] | None = None,
    columns: Mapping[str, Part] | None = None,
    told: Told | None = None,
) -> Batch:
    """All interviews of a file, a folder or a zip.

    Parameters
    ----------
    source
        The path of the file or folder, or the name of an upload when ``data`` is given.
    roles
        Who interviews and who answers, by label, in every file.
    columns
        What the columns of a sheet hold, by name, instead of what is proposed.
    told
        Called before each file is read, for a progress bar.

    Raises
    ------
    UnreadableFile
        The one file named cannot be read. Files inside a folder or zip are listed as refused.

    Examples
    --------
    >>> sheet = b"id,role,Why do you stay?\\nP1,nurse,Because of them.\\n"
    >>> batch = read_transcripts("survey.csv", sheet)
    >>> batch.transcripts[0].title, dict(batch.participants[0].attributes)
    ('survey P1', {'role': 'nurse'})
    """
    name = plain_name(source)
    if data is None and Path(source).is_dir():
        found, passed_over = _folder(Path(source))
        return replace(_all(found, roles, columns, told), passed_over=passed_over)
    content = data if data is not None else file_bytes(Path(source), name)
    if stem_and_ending(name)[1] == "zip":
        found, passed_over = _zip(content, name)
        return replace(_all(found, roles, columns, told), passed_over=passed_over)
    if told is not None:
        told(1, 1, name)
    return _one(name, content, roles, columns)


def _all(
    files: list[tuple[str, Callable[[], bytes]]],
    roles: Mapping[str, TurnRole] | None,
    columns: Mapping[str, Part] | None,
    told: Told | None,
) -> Batch:
    """Each file read by itself; what comes twice is refused with the name of the first."""
    batch, seen, characters = Batch(), _Seen(), 0
    for number, (name, content) in enumerate(files, start=1):
        if told is not None:
            told(number, len(files), name)
        try:
            data = content()
            digest = hashlib.sha256(data).hexdigest()
            if digest in seen.files:
                raise UnreadableFile(f"{name} is the same file as {seen.files[digest]}.")
            seen.files[digest] = name
            if stem_and_ending(name)[1] == "zip":
                inner, passed_over = _zip(data, name) if _may_nest(name) else ([], ())
                batch += replace(_all(inner, roles, columns, None), passed_over=passed_over)
            else:
                found = _apart(_one(name, data, roles, columns), name, seen)
                characters += sum(len(transcript.text) for transcript in found.transcripts)
                batch += found
        except UnreadableFile as error:
            batch += Batch(refused=(Refusal(name, str(error)),))
        if characters > MAX_TEXT:
            raise UnreadableFile(
                f"{name} and the files before it hold more than {MAX_TEXT // 1_000_000} million "
                "characters of text. Add the interviews in smaller parts."
            )
    return batch


def _may_nest(name: str) -> bool:
    """A zip in a folder is opened; a zip inside a zip is not."""
    if "›" in name:
        raise UnreadableFile(
            f"{name} is a zip inside a zip. Unpack it, and add the files in it or a zip of them."
        )
    return True


def _apart(batch: Batch, name: str, seen: _Seen) -> Batch:
    """The batch with titles that no earlier file has: those of a folder take its name."""
    apart: list[Transcript] = []
    for transcript in batch.transcripts:
        title, number = transcript.title, 2
        folder = PurePosixPath(name.rpartition("› ")[2]).parent.name
        if title in seen.titles and folder:
            title = f"{folder} {transcript.title}"
        while title in seen.titles:
            title, number = f"{transcript.title} ({number})", number + 1
        seen.titles.add(title)
        apart.append(transcript if title == transcript.title else replace(transcript, title=title))
    return replace(batch, transcripts=tuple(apart))


def _one(
    name: str,
    data: bytes,
    roles: Mapping[str, TurnRole] | None,
    columns: Mapping[str, Part] | None,
) -> Batch:
    """The interviews of one file: one, unless it is a sheet of several."""
    name = plain_name(name.rpartition("› ")[2])
    stem, ending = stem_and_ending(name)
    if ending not in GRIDS:
        return Batch((read_transcript(name, data, roles=roles),))
    shown = shown_name(name)
    if len(data) > MAX_FILE_BYTES:
        raise too_large(shown)
    if not data.strip():
        raise UnreadableFile(f"{shown} is empty. Check that it was saved.")
    check_kind(shown, ending, data)
    interviews = sheet_interviews(data, shown, columns)
    if len(interviews) > MAX_FILES:
        raise UnreadableFile(
            f"{shown} holds {len(interviews):,} interviews, more than {MAX_FILES:,}. Split it into "
            "several sheets."
        )
    transcripts: list[Transcript] = []
    people: dict[str, Participant] = {}
    for interview in interviews:
        content = data if len(interviews) == 1 else f"{interview.name}\x1d{interview.key}".encode()
        transcripts.append(
            transcript_of(
                interview.source,
                name,
                hashlib.sha256(content).hexdigest(),
                title=f"{stem} {interview.name}".strip(),
                participant=interview.participant,
                roles=roles,
            )
        )
        if interview.participant and interview.is_respondent:
            known = people.get(interview.participant, Participant(interview.participant))
            # Nobody is quoted before somebody has said that they may be.
            people[known.id] = replace(
                known,
                attributes={**known.attributes, **interview.attributes},
                quote_consent="no",
            )
    return Batch(tuple(transcripts), tuple(people.values()))


# -- folders and zips ------------------------------------------------------------------------


def _is_bookkeeping(name: str) -> bool:
    """Whether a computer keeps this file for itself, or a program while it is open.

    >>> [_is_bookkeeping(name) for name in ("__MACOSX/._P01.txt", "a/~$P01.docx", "a/P01.docx")]
    [True, True, False]
    """
    parts = PurePosixPath(name).parts
    last = parts[-1].casefold() if parts else ""
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in parts)
    return hidden or last.startswith(("~$", ".~")) or last in BOOKKEEPING


def _folder(folder: Path) -> tuple[list[tuple[str, Callable[[], bytes]]], tuple[str, ...]]:
    """The files of a folder and of the folders in it, by name; links are not followed."""
    found: list[tuple[str, Callable[[], bytes]]] = []
    passed_over: list[str] = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() or not path.is_file():
            if path.is_symlink():
                passed_over.append(name)
            continue
        if _is_bookkeeping(name):
            passed_over.append(name)
            continue
        found.append((name, partial(file_bytes, path, name)))
        _check_count(len(found), folder.name)
    if not found:
        raise UnreadableFile(f"The folder {folder.name} holds no files. Check its name.")
    return found, tuple(passed_over)


def _zip(data: bytes, name: str) -> tuple[list[tuple[str, Callable[[], bytes]]], tuple[str, ...]]:
    """The files of a zip, by name, each unpacked only when its turn comes."""
    shown = shown_name(name)
    if len(data) > MAX_ZIP_FILE:
        raise UnreadableFile(
            f"{shown} is larger than {MAX_ZIP_FILE // 1024**2} MB. Split it, or unpack it and add "
            "the folder with: qualcode add."
        )
    check_kind(shown, "zip", data)
    archive = open_archive(data, shown, "zip of interviews", "Pack the interview files anew")
    if sum(info.file_size for info in archive.zip.infolist()) > MAX_ZIP_BYTES:
        raise UnreadableFile(
            f"{shown} unpacks to more than {MAX_ZIP_BYTES // 1024**2} MB. Split it into several."
        )
    found: list[tuple[str, Callable[[], bytes]]] = []
    passed_over: list[str] = []
    for part, inside in sorted(_names(archive)):
        if _is_bookkeeping(inside):
            passed_over.append(inside)
        else:
            unpacked = partial(archive.read, part, MAX_FILE_BYTES)
            found.append((f"{shown} › {inside}", unpacked))
            _check_count(len(found), shown)
    if not found:
        raise UnreadableFile(f"{shown} holds no files. Check that it was packed whole.")
    return found, tuple(passed_over)


def _names(archive: Archive) -> Iterator[tuple[str, str]]:
    """The files of a zip: the name in it, and the name as it was meant.

    Zips of a Macintosh hold names in UTF-8 without saying so.
    """
    for info in archive.zip.infolist():
        if info.is_dir():
            continue
        meant = info.filename
        if not info.flag_bits & 0x800:
            try:
                meant = info.filename.encode("cp437").decode("utf-8")
            except UnicodeError:
                meant = info.filename
        yield info.filename, meant


def _check_count(count: int, name: str) -> None:
    if count > MAX_FILES:
        raise UnreadableFile(
            f"{name} holds more than {MAX_FILES:,} files. Add the interviews in smaller parts."
        )
