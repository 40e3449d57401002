"""The key: which name stands behind which replacement, in an encrypted file of its own.

The key file stands apart from the study file and has its own passphrase. It holds every
replacement (name, replacement, who, when, transcript, where), every opening, the study's own list
of names, and what was decided on hits that are not written into the texts yet. Nothing of it is
ever written to disk in plain text, nor is the passphrase kept.

The file, format 1::

    bytes 0–13    the mark "qualcode-key\\r\\n"
    bytes 14–17   length of the head, unsigned, big-endian
    head          JSON: {"format": 1, "kdf": "argon2id", "memory_kib", "passes", "lanes",
                  "salt", "check", "cipher": "chacha20-poly1305", "nonce"}, bytes as base64
    rest          the body, encrypted; its tag in the last 16 bytes

Argon2id (RFC 9106) over the passphrase (NFKC, UTF-8) and the salt gives 64 bytes: the first half
is the key of ChaCha20-Poly1305 (RFC 8439), and the SHA-256 of the second half is ``check``, so
that a wrong passphrase is told from a changed file. Everything before the body is authenticated
with it. The body is JSON: {"entries": [...], "openings": [...], "study", "names", "allowed",
"style", "kept": {...}}; what is not there is empty. Each writing takes a new nonce.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import struct
import time
import unicodedata
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from argon2.exceptions import Argon2Error
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from qualcode.errors import AlreadyInStudy, BadCommand, NotAllowed, NotInStudy, UnreadableFile

MARK = b"qualcode-key\r\n"
ENDING = ".qualcodekey"
SHORTEST_PASSPHRASE = 12
# The second choice that RFC 9106 recommends: 64 MiB, three passes, four lanes.
MEMORY_KIB, PASSES, LANES = 65_536, 3, 4
# What a file may ask of this machine: a changed head must not take its memory.
MOST_MEMORY_KIB, MOST_PASSES, MOST_LANES = 1_048_576, 20, 16
_LARGEST = 200_000_000
_BUSY_SECONDS = 10.0
_STALE_SECONDS = 60.0


@dataclass(frozen=True)
class Entry:
    """One replacement: the name is kept out of tracebacks and logs.

    ``subject`` is who or what is meant, the same in every transcript; ``start`` and ``end`` are
    characters of the text before the replacement, whose digest is ``text_sha256``.
    """

    subject: str = field(repr=False)
    name: str = field(repr=False)
    replacement: str
    kind: str
    who: str
    at: str
    transcript: str
    start: int
    end: int
    text_sha256: str = ""


@dataclass(frozen=True)
class Kept:
    """What was decided on one hit, until it stands in the text; a hit that is kept stays decided.

    ``text`` is the hit's own words at ``start`` of the transcript; the rest is as in
    `pseudonyms.Decision`.
    """

    transcript: str
    start: int
    text: str = field(repr=False)
    action: str
    label: str = ""
    subject: str = field(default="", repr=False)
    exactly: str = ""
    who: str = ""
    at: str = ""


@dataclass(frozen=True)
class _Content:
    """The body of a key file."""

    entries: tuple[Entry, ...] = ()
    openings: tuple[Opening, ...] = ()
    study: str = ""
    names: str = field(default="", repr=False)
    allowed: str = field(default="", repr=False)
    style: str = "bracket"
    kept: Mapping[str, Kept] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Opening:
    """Who opened the key, and when."""

    who: str
    at: str


@dataclass(frozen=True)
class _Secret:
    """What a passphrase gave with one salt; the passphrase itself is forgotten."""

    key: bytes = field(repr=False)
    head: dict[str, Any]


class KeyFile:
    """A study's key, open. Every change reads the file again first, so that two may add to it.

    Made by `KeyFile.create` and `KeyFile.open`.
    """

    def __init__(
        self,
        path: Path,
        secret: _Secret,
        content: _Content,
    ) -> None:
        self.path = path
        self._secret = secret
        self._content = content

    def __repr__(self) -> str:
        return f"KeyFile({self.path.name}, {len(self.entries)} entries)"

    @classmethod
    def create(cls, path: Path, passphrase: str, *, who: str, at: str, study: str = "") -> KeyFile:
        """Make a new key file that only its owner may read; nothing that exists is written over.

        ``study`` is the id of the study whose key this is: no other study opens it.
        """
        if path.exists():
            raise AlreadyInStudy(f"There is a file at {path} already; choose another name.")
        first = _Content(openings=(Opening(who, at),), study=study)
        made = cls(path, _new_secret(passphrase), first)
        with _writing(path):
            if path.exists():
                raise AlreadyInStudy(f"There is a file at {path} already; choose another name.")
            made._write(first)
        return made

    @classmethod
    def open(cls, path: Path, passphrase: str, *, who: str, at: str, study: str = "") -> KeyFile:
        """Open the key; the opening is written down in it before anything is shown.

        Raises
        ------
        NotInStudy
            There is no file.
        NotAllowed
            The passphrase is not the one of this file, or it is the key of another study.
        UnreadableFile
            It is no key file, it was changed or cut, or the opening cannot be written down.
        """
        head, _ = _parts(path)
        secret = _secret(passphrase, head)
        if not hmac.compare_digest(_check(secret), head["check"]):
            raise NotAllowed(f"This passphrase does not open {path.name}; check it and try again.")
        opened = cls(path, _Secret(secret[:32], head), _Content())
        with _writing(path):
            content = opened._read()
            if study and content.study and content.study != study:
                raise NotAllowed(
                    f"{path.name} is the key of another study; put this study’s own key in its "
                    "place."
                )
            openings = (*content.openings, Opening(who, at))
            opened._write(replace(content, openings=openings, study=content.study or study))
        return opened

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every replacement, in the order of being made."""
        return self._content.entries

    @property
    def openings(self) -> tuple[Opening, ...]:
        """Who opened this file and when, oldest first."""
        return self._content.openings

    @property
    def replacements(self) -> dict[str, str]:
        """Who or what is meant → what stands in the texts; for `pseudonyms.assigned`."""
        return {entry.subject: entry.replacement for entry in self.entries}

    def add(self, entries: Iterable[Entry]) -> None:
        """Write replacements down, all or none; an entry is never changed or taken out."""
        with _writing(self.path):
            content = self._read()
            self._write(replace(content, entries=(*content.entries, *entries)))

    @property
    def names(self) -> str:
        """The study's own list of names, as it was typed (`names.names_from`)."""
        return self._content.names

    @property
    def allowed(self) -> tuple[str, ...]:
        """Words and phrases of this study that are no identifiers."""
        return tuple(line.strip() for line in self._content.allowed.splitlines() if line.strip())

    @property
    def style(self) -> str:
        """Whether people become bracketed words or pseudonyms."""
        return self._content.style

    @property
    def kept(self) -> Mapping[str, Kept]:
        """Hit id → what was decided on it and does not stand in the text."""
        return self._content.kept

    def set_names(self, names: str, *, allowed: str | None = None) -> None:
        """Keep the study's own list, and the phrases that are no identifiers."""
        with _writing(self.path):
            content = self._read()
            kept = content.allowed if allowed is None else allowed
            self._write(replace(content, names=names, allowed=kept))

    def set_style(self, style: str) -> None:
        """Keep how people are replaced from here on; replacements made stay as they are."""
        with _writing(self.path):
            self._write(replace(self._read(), style=style))

    def keep(self, decided: Mapping[str, Kept | None]) -> None:
        """Keep decisions by the id of their hit; None takes one back."""
        with _writing(self.path):
            content = self._read()
            laid = {**content.kept, **decided}
            self._write(replace(content, kept={id: each for id, each in laid.items() if each}))

    def change_passphrase(self, old: str, new: str) -> None:
        """Encrypt the file anew; a copy made earlier still opens with the old passphrase."""
        with _writing(self.path):
            head, _ = _parts(self.path)
            if not hmac.compare_digest(_check(_secret(old, head)), head["check"]):
                raise NotAllowed(
                    f"This passphrase does not open {self.path.name}; check it and try again."
                )
            content = self._read()
            self._secret = _new_secret(new)
            self._write(content)

    def _read(self) -> _Content:
        """The body as the file has it now."""
        head, body = _parts(self.path)
        if head["salt"] != self._secret.head["salt"]:
            raise NotAllowed(
                f"The passphrase of {self.path.name} was changed since it was opened; "
                "open it with the new one."
            )
        try:
            plain = ChaCha20Poly1305(self._secret.key).decrypt(
                head["nonce"], body, _opening_bytes(head)
            )
            self._content = _content(json.loads(plain))
        except (InvalidTag, ValueError, TypeError, KeyError) as error:
            raise UnreadableFile(
                f"{self.path.name} was changed or damaged since it was written; "
                "nothing in it can be trusted, so go back to a copy."
            ) from error
        return self._content

    def _write(self, content: _Content) -> None:
        self._content = content
        head = {**self._secret.head, "nonce": os.urandom(12)}
        before = _opening_bytes(head)
        plain = json.dumps(asdict(content), ensure_ascii=False).encode("utf-8", "surrogatepass")
        _replace(
            self.path,
            before + ChaCha20Poly1305(self._secret.key).encrypt(head["nonce"], plain, before),
        )


def _content(found: dict[str, Any]) -> _Content:
    words = {name: str(found.get(name, "")) for name in ("study", "names", "allowed")}
    return _Content(
        entries=tuple(Entry(**entry) for entry in found["entries"]),
        openings=tuple(Opening(**opening) for opening in found["openings"]),
        style=str(found.get("style", "bracket")),
        kept={str(id): Kept(**each) for id, each in found.get("kept", {}).items()},
        **words,
    )


def _new_secret(passphrase: str) -> _Secret:
    if len(passphrase.strip()) < SHORTEST_PASSPHRASE:
        raise BadCommand(f"A passphrase needs at least {SHORTEST_PASSPHRASE} characters.")
    head: dict[str, Any] = {
        "format": 1,
        "kdf": "argon2id",
        "memory_kib": MEMORY_KIB,
        "passes": PASSES,
        "lanes": LANES,
        "salt": os.urandom(16),
        "cipher": "chacha20-poly1305",
    }
    derived = _secret(passphrase, head)
    return _Secret(derived[:32], {**head, "check": _check(derived)})


def _secret(passphrase: str, head: dict[str, Any]) -> bytes:
    try:
        return hash_secret_raw(
            unicodedata.normalize("NFKC", passphrase).encode("utf-8", "surrogatepass"),
            head["salt"],
            time_cost=head["passes"],
            memory_cost=head["memory_kib"],
            parallelism=head["lanes"],
            hash_len=64,
            type=Type.ID,
        )
    except Argon2Error as error:
        raise UnreadableFile(
            "The key cannot be worked out on this machine: it needs "
            f"{head['memory_kib'] // 1024} MiB of free memory."
        ) from error


def _check(derived: bytes) -> bytes:
    return hashlib.sha256(derived[32:]).digest()


def _opening_bytes(head: dict[str, Any]) -> bytes:
    written = {
        name: base64.b64encode(value).decode("ascii") if isinstance(value, bytes) else value
        for name, value in sorted(head.items())
    }
    text = json.dumps(written).encode("ascii")
    return MARK + struct.pack(">I", len(text)) + text


def _parts(path: Path) -> tuple[dict[str, Any], bytes]:
    """The head, its bytes decoded, and the encrypted body of a key file."""
    try:
        if path.stat().st_size > _LARGEST:
            raise UnreadableFile(f"{path.name} is too large to be a key file.")
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise NotInStudy(f"There is no key file at {path}.") from error
    except OSError as error:
        raise UnreadableFile(f"{path.name} cannot be read ({error.strerror}).") from error
    refused = f"{path.name} is no key file of qualcode, or its beginning was changed."
    try:
        start = len(MARK) + 4
        if not content.startswith(MARK):
            raise UnreadableFile(refused)
        (length,) = struct.unpack(">I", content[len(MARK) : start])
        head = json.loads(content[start : start + length])
        for name in ("salt", "check", "nonce"):
            head[name] = base64.b64decode(head[name], validate=True)
        sound = (
            head["format"] == 1
            and head["kdf"] == "argon2id"
            and head["cipher"] == "chacha20-poly1305"
            and 8 <= head["memory_kib"] <= MOST_MEMORY_KIB
            and 1 <= head["passes"] <= MOST_PASSES
            and 1 <= head["lanes"] <= MOST_LANES
            and (len(head["salt"]), len(head["nonce"])) == (16, 12)
            # Read back and written again it is the same: nothing else hides in it.
            and _opening_bytes(head) == content[: start + length]
        )
    except (ValueError, TypeError, KeyError, AttributeError, struct.error) as error:
        raise UnreadableFile(refused) from error
    if not sound:
        raise UnreadableFile(refused)
    return head, content[start + length :]


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """The only one who writes, for as long as this lasts: a file beside says so."""
    lock = path.with_name(f".{path.name}.lock")
    until = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            break
        except FileExistsError as error:
            try:
                if time.time() - lock.stat().st_mtime > _STALE_SECONDS:
                    lock.unlink(missing_ok=True)  # whoever wrote here was cut off
                    continue
            except FileNotFoundError:
                continue
            if time.monotonic() > until:
                raise UnreadableFile(
                    f"{path.name} is being written by someone else; try again in a minute."
                ) from error
            time.sleep(0.05)
        except OSError as error:
            raise UnreadableFile(
                f"{path.name} cannot be written ({error.strerror}), and every opening is written "
                "down in it: check the folder and its permissions."
            ) from error
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)


def _replace(path: Path, content: bytes) -> None:
    """Write the file beside whole, then put it in the old one's place."""
    beside = path.with_name(f".{uuid.uuid4().hex}.writing")
    try:
        with os.fdopen(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
        if hasattr(os, "O_DIRECTORY"):
            folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
    except OSError as error:
        raise UnreadableFile(
            f"{path.name} cannot be written ({error.strerror}); it stands as it was."
        ) from error
    finally:
        beside.unlink(missing_ok=True)
