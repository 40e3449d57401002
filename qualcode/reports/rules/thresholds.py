"""The numbers that the rules hold a report to: a data file, which a study's lead may replace."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from qualcode.errors import BadCommand, UnreadableFile

FILE = Path(__file__).with_name("thresholds.toml")


@dataclass(frozen=True)
class Thresholds:
    """The thresholds of one profile; what each means stands in ``thresholds.toml``."""

    reason_words: int
    response_shortest: int
    response_longest: int
    percent_from: int
    quotes_major: int
    quotes_major_people: int
    quotes_minor: int
    quotes_share: float
    quotes_share_from: int
    quoted_share: float
    quote_shortest: int
    quote_longest: int
    group_in_quotes: int
    group_in_tables: int
    theme_overlap: float
    agreement_units: int
    abstract_words: int
    main_words: int
    tables: int


def read_thresholds(path: Path) -> Thresholds:
    """A thresholds file; every number has to be there, and no other.

    Raises
    ------
    UnreadableFile
        The file cannot be opened or is not TOML.
    BadCommand
        A threshold is missing, unknown, or not a number from 0.
    """
    try:
        held: Mapping[str, Any] = tomllib.loads(path.read_bytes().decode("utf-8"))
    except OSError as error:
        raise UnreadableFile(f"{path.name} cannot be opened: {error.strerror}.") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UnreadableFile(f"{path.name} is not a TOML file in UTF-8: {error}.") from error
    known = {field.name: field.type for field in fields(Thresholds)}
    for name in [*known, *held]:
        if name not in held:
            raise BadCommand(f"{path.name}: the threshold “{name}” is missing.")
        if name not in known:
            raise BadCommand(f"{path.name}: the threshold “{name}” is not known.")
        number = held[name]
        whole = known[name] == "int"
        if isinstance(number, bool) or not isinstance(number, int if whole else int | float):
            raise BadCommand(
                f"{path.name}: the threshold “{name}” should be a {'whole ' * whole}number."
            )
        if number < 0:
            raise BadCommand(f"{path.name}: the threshold “{name}” cannot be below 0.")
    return Thresholds(**held)


@cache
def thresholds() -> Thresholds:
    """Those that hold where a study names no other.

    >>> thresholds().percent_from, thresholds().quotes_share
    (20, 0.25)
    """
    return read_thresholds(FILE)
