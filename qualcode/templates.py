"""Study templates: folders of data that a new study can start from, and where they are kept."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from qualcode.codebook import Codebook, read_codebook
from qualcode.errors import BadCommand

_PACKAGE = Path(__file__).parent


def data_folder(name: str) -> Path:
    """A folder (or file) that ships with the program, in a checkout and in an installed wheel.

    >>> data_folder("codebooks").is_dir()
    True
    """
    installed = _PACKAGE / "_data" / name
    return installed if installed.exists() else _PACKAGE.parent / name


@dataclass(frozen=True)
class StudyTemplate:
    """What a new study starts with: a codebook, attributes of participants, an interview guide."""

    id: str
    title: str
    summary: str
    codebook: Codebook
    attributes: Mapping[str, tuple[str, ...]]
    guide_version: str
    questions: tuple[str, ...]


def template_names() -> tuple[str, ...]:
    """The ids of the templates that ship with the program; the mentorship study first."""
    names = sorted(path.parent.name for path in data_folder("codebooks").glob("*/template.toml"))
    return tuple(sorted(names, key=lambda name: name != "mentorship_needs_assessment"))


def load_template(name: str) -> StudyTemplate:
    """The template of this id, refused in words if there is none or its file is wrong."""
    if name not in template_names():
        raise BadCommand(
            f"There is no template “{name}”; the templates are {', '.join(template_names())}."
        )
    folder = data_folder("codebooks") / name
    file = folder / "template.toml"
    try:
        facts = tomllib.loads(file.read_text(encoding="utf-8"))
        guide = facts.get("guide", {})
        return StudyTemplate(
            id=name,
            title=facts["title"],
            summary=facts["summary"],
            codebook=read_codebook(folder / facts["codebook"]),
            attributes={key: tuple(values) for key, values in facts["attributes"].items()},
            guide_version=guide.get("version", ""),
            questions=tuple(guide.get("questions", ())),
        )
    except (tomllib.TOMLDecodeError, KeyError) as error:
        raise BadCommand(f"The template file {file.name} of {name} is wrong at {error}.") from error
