"""What an institution says of a person who signs in there: claims in, an Identity out.

The claims are those of OpenID Connect Core 1.0, sections 2 and 5.1, their signature, issuer,
audience and time checked before they come here.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qualcode.errors import BadCommand, NotAllowed
from qualcode.model import Member

LONGEST_DISPLAY = 100


@dataclass(frozen=True)
class Identity:
    """A person as their institution knows them.

    ``issuer`` and ``subject`` together never change and are never given to somebody else;
    ``name`` is the verified e-mail in small letters, the sign-in name of the account.
    """

    issuer: str
    subject: str
    name: str
    display: str = ""


def identity_of(
    claims: Mapping[str, object], *, domains: Sequence[str] = (), trusts_email: bool = False
) -> Identity:
    """The person of these claims, if they may come in.

    Parameters
    ----------
    domains
        The e-mail domains that may come in; any where there are none.
    trusts_email
        The institution never says whether an e-mail is verified, and all of them are.

    Raises
    ------
    NotAllowed
        The institution gives no e-mail, or not a verified one, or one of another domain, or one
        that cannot be a sign-in name.
    """
    issuer, subject, email = (_text(claims, name) for name in ("iss", "sub", "email"))
    if not issuer or not subject:
        raise NotAllowed(
            "Your institution did not say who you are; ask whoever runs this server to check the "
            "sign-in with it."
        )
    if not email:
        raise NotAllowed(
            "Your institution did not give your e-mail address, by which your study knows you; "
            "ask whoever runs this server to let the sign-in ask for it."
        )
    verified = claims.get("email_verified")
    # Some send the word and not the value.
    if verified not in (True, "true") and not (trusts_email and verified is None):
        raise NotAllowed(
            f"Your institution has not verified the e-mail address {email[:100]}; "
            "verify it there, then sign in again."
        )
    name = _name_of(email)
    domain = name.rpartition("@")[2]
    if domains and domain not in {entry.strip().lower().lstrip("@") for entry in domains}:
        raise NotAllowed(
            f"People with an e-mail address at {domain} are not let in here; sign in with that of "
            "your institution, or ask whoever runs this server."
        )
    return Identity(issuer, subject, name, _display(_text(claims, "name")))


def _name_of(email: str) -> str:
    name = email.lower()
    try:
        # Other alphabets have letters that look like these: two people could share one name.
        if not name.isascii() or not all(name.partition("@")) or name.count("@") > 1:
            raise BadCommand("not plain")
        Member(name=name, roles=frozenset({"coder"}))
    except BadCommand as error:
        raise NotAllowed(
            f"The e-mail address {email[:100]} cannot be a sign-in name here, which has letters "
            "from a to z, digits and . @ + - _ and at most 60 of them; ask your lead for an "
            "account with a password."
        ) from error
    return name


def _text(claims: Mapping[str, object], name: str) -> str:
    value = claims.get(name)
    return value.strip() if isinstance(value, str) else ""


def _display(name: str) -> str:
    words = " ".join(unicodedata.normalize("NFC", name).split())
    return "".join(letter for letter in words if letter.isprintable())[:LONGEST_DISPLAY].strip()
