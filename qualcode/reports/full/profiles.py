"""What a reader asks of a report: a profile file in, a checked Profile out.

A profile is a YAML file in the folder beside this module; another file there is another report,
without code. ``journal.yaml`` says at its top what each field means.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from qualcode.errors import UnreadableFile

FOLDER = Path(__file__).parent / "profiles"
PAPERS = ("A4", "Letter")
LANGUAGES = {"UK": "en-GB", "US": "en-US"}
COUNTS = ("abstract", "main", "none")
PAGES = ("", "new", "landscape", "portrait")
FIELDS = {
    *("id", "name", "title", "description", "paper", "spacing", "line_numbers", "spelling"),
    *("anonymous", "abstract_words", "main_words", "tables_and_figures", "number_words"),
    *("reference_style", "checklist", "contents", "sections"),
}
SECTION_FIELDS = {"heading", "page", "counts", "show", "sections"}


@dataclass(frozen=True)
class Ask:
    """A place for the authors' words: where they are kept, and what is asked for."""

    id: str
    words: str
    bullets: bool = False


@dataclass(frozen=True)
class Section:
    """A heading, what stands under it, and what of it is counted."""

    heading: str
    show: tuple[str | Ask, ...] = ()
    sections: tuple[Section, ...] = ()
    counts: Literal["abstract", "main", "none", ""] = ""
    page: Literal["", "new", "landscape", "portrait"] = ""


@dataclass(frozen=True)
class Profile:
    """How a report is built and set. A limit that is None is not known, and not judged."""

    id: str
    name: str
    sections: tuple[Section, ...]
    description: str = ""
    paper: Literal["A4", "Letter"] = "A4"
    spacing: float = 1.5
    line_numbers: bool = False
    spelling: Literal["UK", "US"] = "UK"
    anonymous: bool = False
    abstract_words: int | None = None
    main_words: int | None = None
    tables_and_figures: int | None = None
    number_words: bool = False
    reference_style: str = ""
    checklist: str = "coreq"
    contents: bool = False
    title: str = "{study.title}"

    @property
    def language(self) -> str:
        return LANGUAGES[self.spelling]

    def asks(self) -> Iterable[Ask]:
        """Every place for the authors' words, in the order of the report."""
        return _asks(self.sections)


def _asks(sections: Iterable[Section]) -> Iterable[Ask]:
    for section in sections:
        yield from (one for one in section.show if isinstance(one, Ask))
        yield from _asks(section.sections)


def profile_names() -> tuple[str, ...]:
    """The profiles that are there, ``journal`` first.

    >>> profile_names()[:2]
    ('journal', 'decision')
    """
    names = sorted(path.stem for path in FOLDER.glob("*.yaml") if path.stem != "spelling")
    return tuple(sorted(names, key=lambda name: ({"journal": 0, "decision": 1}.get(name, 2), name)))


@cache
def load_profile(name: str) -> Profile:
    """The profile of this name.

    Raises
    ------
    UnreadableFile
        There is none, or its file does not say what a profile must; the file and the field are
        named.
    """
    return read_profile(FOLDER / f"{name}.yaml")


def read_profile(path: Path) -> Profile:
    """A profile from a file."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UnreadableFile(
            f"There is no report profile “{path.stem}”; there are {', '.join(profile_names())}."
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UnreadableFile(f"{path.name} is not a YAML file: {error}") from error
    return _profile(path.name, content)


def _profile(file: str, content: Any) -> Profile:
    if not isinstance(content, dict):
        raise _fault(file, "the whole file", "fields with values")
    _known(file, "", content, FIELDS)
    for name in ("id", "name"):
        if not str(content.get(name) or "").strip():
            raise _fault(file, name, "a few words")
    if not content.get("sections"):
        raise _fault(file, "sections", "a list of sections")
    return Profile(
        id=str(content["id"]),
        name=str(content["name"]),
        description=str(content.get("description") or "").strip(),
        paper=_one_of(file, "paper", content.get("paper", "A4"), PAPERS),
        spacing=_spacing(file, content.get("spacing", 1.5)),
        line_numbers=_yes(file, content, "line_numbers"),
        spelling=_one_of(file, "spelling", content.get("spelling", "UK"), tuple(LANGUAGES)),
        anonymous=_yes(file, content, "anonymous"),
        abstract_words=_limit(file, content, "abstract_words"),
        main_words=_limit(file, content, "main_words"),
        tables_and_figures=_limit(file, content, "tables_and_figures"),
        number_words=_yes(file, content, "number_words"),
        reference_style=str(content.get("reference_style") or "").strip(),
        checklist=str(content.get("checklist") or ""),
        contents=_yes(file, content, "contents"),
        title=str(content.get("title") or "{study.title}"),
        sections=_sections(file, "sections", content["sections"]),
    )


def _sections(file: str, where: str, content: Any) -> tuple[Section, ...]:
    if not isinstance(content, list):
        raise _fault(file, where, "a list of sections")
    return tuple(_section(file, f"{where}[{n}]", one) for n, one in enumerate(content, start=1))


def _section(file: str, where: str, content: Any) -> Section:
    if not isinstance(content, dict):
        raise _fault(file, where, "a section with its fields")
    _known(file, f"{where}.", content, SECTION_FIELDS)
    shows = content.get("show") or []
    if not isinstance(shows, list):
        raise _fault(file, f"{where}.show", "a list")
    return Section(
        heading=str(content.get("heading") or "").strip(),
        show=tuple(_shown(file, f"{where}.show[{n}]", one) for n, one in enumerate(shows, start=1)),
        sections=_sections(file, f"{where}.sections", content.get("sections") or []),
        counts=_one_of(file, f"{where}.counts", content.get("counts", ""), (*COUNTS, "")),
        page=_one_of(file, f"{where}.page", content.get("page", ""), PAGES),
    )


def _shown(file: str, where: str, content: Any) -> str | Ask:
    if isinstance(content, str):
        return content
    if isinstance(content, dict) and set(content) <= {"write", "words", "bullets"}:
        id, words = str(content.get("write") or ""), str(content.get("words") or "").strip()
        if id and words:
            return Ask(id, words, bool(content.get("bullets")))
    raise _fault(file, where, "the name of a part, or “write:” an id with “words:” what is asked")


def _known(file: str, where: str, content: Mapping[str, Any], known: set[str]) -> None:
    for name in content:
        if name not in known:
            raise UnreadableFile(
                f"{file} has a field “{where}{name}” that no profile has; the fields are "
                f"{', '.join(sorted(known))}."
            )


def _one_of(file: str, name: str, value: Any, known: tuple[str, ...]) -> Any:
    if value not in known:
        raise _fault(file, name, " or ".join(one for one in known if one))
    return value


def _yes(file: str, content: Mapping[str, Any], name: str) -> bool:
    value = content.get(name, False)
    if not isinstance(value, bool):
        raise _fault(file, name, "yes or no")
    return value


def _limit(file: str, content: Mapping[str, Any], name: str) -> int | None:
    value = content.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise _fault(file, name, "a whole number above nought, or nothing")
    return value


def _spacing(file: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 1 <= value <= 3:
        raise _fault(file, "spacing", "a number from 1 to 3")
    return float(value)


def _fault(file: str, name: str, wanted: str) -> UnreadableFile:
    return UnreadableFile(f"{file}: “{name}” must be {wanted}. Mend it in that file.")


@cache
def american() -> Mapping[str, str]:
    """Our words in UK spelling → in US spelling."""
    words = yaml.safe_load((FOLDER / "spelling.yaml").read_text(encoding="utf-8"))
    return {str(uk): str(us) for uk, us in words.items()}
