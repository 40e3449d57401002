"""What a line begins with: a time in the recording, a speaker's label, and then speech."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from qualcode.transcripts.source import Line

Form = Literal["given", "colon", "bracket", "tab", "dash", "alone"]
"""How labels are written: by the format (``<v Name>``), as ``Name:``, ``[P03]``, before a tab or
a dash, or on a line of their own."""
LONGEST_LABEL = 60
HEAD = 200
"""Only so many characters of a line are searched for times and a label."""

_CLOCK = r"\d{1,3}:[0-5]\d(?::[0-5]\d)?(?:[.,]\d{1,3}|-\d)?"
_SPAN = rf"{_CLOCK}(?:\s{{0,3}}(?:-->|-|–|—|to)\s{{0,3}}{_CLOCK})?"
_BRACKETED = rf"(?:\[\s?{_SPAN}\s?\]|\(\s?{_SPAN}\s?\)|\{{\s?{_SPAN}\s?\}}|\#\s?{_SPAN}\s?\#)"
_LONG = r"\d{1,2}:[0-5]\d:[0-5]\d(?:[.,]\d{1,3})?"
_TIME = rf"(?:{_BRACKETED}|{_SPAN})"
_INVISIBLE = "\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069"
_OPEN = rf"[\s{_INVISIBLE}]*"
_DASH = r"(?:(?:[-–—•*]|>{1,2})[ \t]+)?"
_NAME = rf"(?P<label>[^\W_][^:：\t\n\[\]]{{0,{LONGEST_LABEL - 1}}}?)"
_AND_THEN = r"(?=[\s:：\-–—|]|$)[\s:：\-–—|]*"

_START_TIME = re.compile(rf"{_OPEN}(?P<time>{_TIME}){_AND_THEN}")
# Without brackets or hours a time opens a line only before a label: “10:30 was fine” is speech.
_SURE_TIME = re.compile(rf"{_OPEN}(?P<time>{_BRACKETED}|{_LONG}){_AND_THEN}")
_ONLY_TIME = re.compile(rf"{_OPEN}(?P<time>{_TIME})\s*[:：]?\s*")
_AFTER_TIME = re.compile(rf"\s*(?P<time>{_BRACKETED}|{_LONG})(?=\s|$)")
# Some transcription programs close each paragraph with its time: #00:01:02-3#
_END_TIME = re.compile(rf"#\s?{_CLOCK}\s?#$")

_COLON = re.compile(
    rf"{_OPEN}{_DASH}[*_]{{0,3}}{_NAME}[ \t]{{0,4}}(?P<time>{_TIME})?[*_]{{0,3}}[{_INVISIBLE}]*"
    r"[ \t]{0,4}(?::(?![/\d])|：)[*_]{0,3}"
)
_BRACKET = re.compile(rf"{_OPEN}[\[<](?P<label>[^\W_][^:\[\]<>]{{0,40}})[\]>][:：]?(?=\s|$)")
_TAB = re.compile(rf"{_OPEN}{_NAME}[ ]{{0,4}}\t")
_BEFORE_DASH = re.compile(rf"{_OPEN}{_NAME}[ \t]{{1,4}}(?:--?|–|—)[ \t]+(?=\S)")
_ALONE = re.compile(rf"{_OPEN}{_NAME}\s*$")
_WITH_TIME = re.compile(
    rf"{_OPEN}{_DASH}{_NAME}[ \t]{{0,8}}(?:(?<=\s)(?P<time>{_TIME})[ \t]*$|(?P<time2>{_BRACKETED})"
    r"(?=\s|$))"
)
_FORMS = {"colon": _COLON, "bracket": _BRACKET, "tab": _TAB, "dash": _BEFORE_DASH}
# Without one of these no label can be written in this form: most lines need no search.
_SIGNS = {
    "colon": frozenset(":："),
    "bracket": frozenset("[<"),
    "tab": frozenset("\t"),
    "dash": frozenset("-–—"),
}


@dataclass(frozen=True)
class Mark:
    """A line cut into what stands before the speech, and the speech.

    ``label_text`` and ``times`` are the pieces that are no speech, as they stand; ``until`` is a
    time that closes the line, ``timed`` says that a time sets the label off.
    """

    rest: str
    label: str | None = None
    label_text: str = ""
    at: str | None = None
    until: str | None = None
    times: tuple[str, ...] = ()
    timed: bool = False


def clock(time: str) -> str:
    """A time of any form as hh:mm:ss.

    >>> clock("[1:02]"), clock("00:15:10.250"), clock("75:10")
    ('00:01:02', '00:15:10', '01:15:10')
    """
    first, second, third = re.findall(r"(\d{1,3}):(\d\d)(?::(\d\d))?", time)[0]
    minutes = int(first) * 60 + int(second) if third else int(first)
    return seconds_clock(minutes * 60 + int(third or second))


def clock_seconds(text: str) -> float | None:
    """The seconds of a time that stands alone, or None.

    >>> clock_seconds("1:02"), clock_seconds(" [00:15:10] "), clock_seconds("late")
    (62.0, 910.0, None)
    """
    if len(text) > HEAD or not _ONLY_TIME.fullmatch(text.strip()):
        return None
    hours, minutes, seconds = clock(text).split(":")
    return float(int(hours) * 3600 + int(minutes) * 60 + int(seconds))


def seconds_clock(seconds: float) -> str:
    """Seconds as hh:mm:ss."""
    whole = int(seconds)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def labelled(line: Line, form: Form) -> Mark | None:
    """The line with its label, if labels are written in this form and it begins with one."""
    if form == "given":
        if line.label is None:
            return None
        return Mark(line.text, line.label, line.mark or f"<v {line.label}>", _cue_time(line))
    if form in _SIGNS and not _SIGNS[form].intersection(line.text[:HEAD]):
        return None
    text, times = line.text.strip(), []
    start = _START_TIME.match(text[:HEAD])
    if start and start.end() < len(text):
        times.append(start.group().strip())
        text = text[start.end() :]
    found: re.Match[str] | None = None
    if form != "alone":
        found = _FORMS[form].match(text[:HEAD])
    elif len(text) <= HEAD:
        found = _WITH_TIME.match(text) or _bold(line, text) or _ALONE.match(text)
    else:
        found = _bold(line, text)
    if found is None:
        return None
    groups = found.groupdict()
    behind = groups.get("time") or groups.get("time2")
    label_text, rest = found.group(), text[found.end() :]
    if behind:
        label_text = "".join(label_text.rsplit(behind, 1))
        times.append(behind)
    elif after := _AFTER_TIME.match(rest[:HEAD]):
        times.append(after["time"])
        rest = rest[after.end() :]
    speech, until, ending = _ending(rest)
    return Mark(
        speech,
        " ".join(groups["label"].split()).strip("*_ "),
        label_text.strip(),
        clock(times[0]) if times else _cue_time(line),
        until,
        (*times, *ending),
        timed=bool(behind) or (form == "colon" and start is not None),
    )


def unlabelled(line: Line) -> Mark:
    """The line as speech, without a time alone, at its beginning or at its end."""
    text, times, at = line.text.strip(), [], _cue_time(line)
    only = _ONLY_TIME.fullmatch(text) if len(text) <= HEAD else None
    if only:
        return Mark("", at=clock(only["time"]), times=(text,))
    start = _SURE_TIME.match(text[:HEAD])
    if start:
        times.append(start.group().strip())
        at = clock(start["time"])
        text = text[start.end() :]
    speech, until, ending = _ending(text)
    return Mark(speech, at=at, until=until, times=(*times, *ending))


def _bold(line: Line, text: str) -> re.Match[str] | None:
    """A bold beginning without a colon, before words that are not bold."""
    lead = line.lead
    if not lead or len(lead) > LONGEST_LABEL:
        return None
    return re.match(f"(?P<label>{re.escape(lead)})", text)


def _ending(text: str) -> tuple[str, str | None, tuple[str, ...]]:
    text = text.rstrip()
    end = _END_TIME.search(text[-40:])
    if end is None:
        return text, None, ()
    return text[: len(text) - len(end.group())], clock(end.group()), (end.group(),)


def _cue_time(line: Line) -> str | None:
    return seconds_clock(line.at) if line.at is not None else None
