"""Whether a match is what it looks like: a stretch of text in, yes or no out.

Check digits are worked out by python-stdnum, which knows the rules of each country.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

import regex
from stdnum import iban, imei, luhn
from stdnum.be import nn as be_nn
from stdnum.ca import sin as ca_sin
from stdnum.ch import ssn as ch_ssn
from stdnum.de import idnr as de_idnr
from stdnum.dk import cpr as dk_cpr
from stdnum.es import dni as es_dni
from stdnum.es import nie as es_nie
from stdnum.fi import hetu as fi_hetu
from stdnum.fr import nir as fr_nir
from stdnum.gb import nhs as gb_nhs
from stdnum.ie import pps as ie_pps
from stdnum.it import codicefiscale as it_codicefiscale
from stdnum.nl import bsn as nl_bsn
from stdnum.no import fodselsnummer as no_fodselsnummer
from stdnum.pl import pesel as pl_pesel
from stdnum.se import personnummer as se_personnummer
from stdnum.us import ssn as us_ssn

from qualcode.privacy.hits import not_names

NATIONAL = (
    us_ssn, ca_sin, gb_nhs, ch_ssn, fr_nir, de_idnr, nl_bsn, be_nn, it_codicefiscale, es_dni,
    es_nie, se_personnummer, dk_cpr, no_fodselsnummer, fi_hetu, pl_pesel, ie_pps,
)  # fmt: skip
_GENERALS = frozenset(
    ("attorney", "surgeon", "auditor", "governor", "director", "secretary", "major", "solicitor",
     "inspector", "postmaster", "brigadier", "lieutenant", "in", "consul", "legal")
)  # fmt: skip
_BARE = frozenset(
    ("the", "a", "an", "our", "their", "his", "her", "my", "your", "this", "that", "every", "each",
     "any", "no", "which", "what", "another", "one", "some", "in", "at", "and", "but", "or", "so",
     "of", "for", "medical", "nursing", "high", "middle", "primary", "secondary", "elementary",
     "graduate", "grade", "law", "business", "day", "health", "community", "walk", "outpatient",
     "data", "call", "shopping", "town", "city", "main", "old", "new", "general", "local", "i",
     "when", "then", "because", "from", "public", "private", "sunday", "summer", "night", "to",
     "catholic", "christian", "wall")
)  # fmt: skip
_HOUSE_WORDS = frozenset(
    ("hospital", "hospitals", "clinic", "clinics", "centre", "center", "university", "college",
     "school", "academy", "institute", "hospice", "foundation", "trust", "pharmacy", "surgery",
     "church", "parish", "general", "home", "care", "street", "road", "avenue", "lane", "medical",
     "laboratory", "laboratories")
)  # fmt: skip


def digits(text: str) -> str:
    return "".join(character for character in text if character.isdecimal())


def may_be_a_name(text: str) -> bool:
    """Whether words with capitals may be a person's: none of them only begins a sentence."""
    words = [word.casefold().replace("’", "'") for word in regex.findall(r"[\p{L}'’\-]+", text)]
    return len(text) > 2 and not any(word in not_names() for word in words)


def names_an_institution(text: str) -> bool:
    """“Lakeshore General” does, “Surgeon General” and “Our Hospital” do not."""
    words = [word.casefold() for word in regex.findall(r"[\p{L}]+", text)]
    if words[-1] == "general" and words[-2:-1] and words[-2] in _GENERALS:
        return False
    return any(word not in _BARE and word not in _HOUSE_WORDS for word in words)


def is_a_day(text: str) -> bool:
    """“May 5” is one; the verb in “you may 5 times” has no capital and is none."""
    month = regex.search(r"\p{L}{3,}", text)
    return month is None or not regex.fullmatch("may|march|mar", month.group())


def is_a_date_in_figures(text: str) -> bool:
    """Whether one of the two numbers beside the year can be a month."""
    parts = [int(part) for part in regex.findall(r"\d+", text)]
    beside = [part for part in parts if part <= 31][:2] if max(parts) > 31 else parts[:2]
    return len(beside) == 2 and min(beside) <= 12


def is_a_telephone(text: str) -> bool:
    """Seven to fifteen digits that are neither two years nor thousands."""
    groups = regex.findall(r"\d+", text)
    number = digits(text)
    if not 7 <= len(number) <= 15 or len(set(number)) == 1:
        return False
    if all(regex.fullmatch(r"(?:1[5-9]|20)\d\d", group) for group in groups):
        return False
    if regex.fullmatch(r"\d{1,3}(?:[ .]\d{3})+", text) and number.endswith("000"):
        return False
    return not (is_ip(text) or regex.fullmatch(r"(?:1[89]|20)\d\d-\d\d-\d\d", text))


def _passes(check: Callable[[str], bool], text: str) -> bool:
    try:
        return bool(check(text))
    except (ValueError, TypeError):
        return False


def is_national(text: str) -> bool:
    """Whether the check digits are those of a national number of some country."""
    if len(set(digits(text))) < 3:
        return False
    return any(_passes(country.is_valid, text) for country in NATIONAL)


def is_account(text: str) -> bool:
    """A card number (Luhn) or an IBAN."""
    number = digits(text)
    if text[:2].isalpha():
        return _passes(iban.is_valid, text)
    plain = regex.fullmatch(r"[\d \-]+", text) is not None
    return plain and 13 <= len(number) <= 19 and len(set(number)) > 1 and luhn.is_valid(number)


def is_handset(text: str) -> bool:
    return _passes(imei.is_valid, text)


def is_mixed(text: str) -> bool:
    """Letters and figures both, several of each."""
    return len(digits(text)) >= 4 and sum(character.isalpha() for character in text) >= 3


def is_ip(text: str) -> bool:
    """An address of version 4 or 6; a time as 10:30:00 is none."""
    if ":" in text and (text.count(":") < 3 or not regex.search("[0-9]", text)):
        return False
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
