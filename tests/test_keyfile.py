"""The key file: opened by its passphrase alone, tampering noticed, never in plain text on disk."""

from __future__ import annotations

import base64
import json
import os
import stat
import threading
from pathlib import Path

import pytest

from qualcode.errors import AlreadyInStudy, BadCommand, NotAllowed, NotInStudy, UnreadableFile
from qualcode.privacy import keyfile
from qualcode.privacy.keyfile import MARK, Entry, KeyFile, Opening

PASSPHRASE = "four walnuts under a blue hat"
AT = "2025-03-04T09:00:00Z"
NAMES = ("Helen Okafor", "Benoît Lévesque", "李明")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyfile, "MEMORY_KIB", 64)
    monkeypatch.setattr(keyfile, "PASSES", 1)
    monkeypatch.setattr(keyfile, "LANES", 1)


def entry(name: str, number: int) -> Entry:
    return Entry(
        subject=name.casefold(), name=name, replacement=f"[colleague {number}]", kind="A",
        who="sam", at=AT, transcript="t1", start=10, end=10 + len(name),
    )  # fmt: skip


@pytest.fixture
def key(tmp_path: Path) -> KeyFile:
    made = KeyFile.create(tmp_path / "nurses.qualcodekey", PASSPHRASE, who="sam", at=AT)
    made.add(entry(name, number) for number, name in enumerate(NAMES, 1))
    return made


def reopened(key: KeyFile, passphrase: str = PASSPHRASE) -> KeyFile:
    return KeyFile.open(key.path, passphrase, who="sam", at="later")


def test_what_was_written_down_is_read_again_and_every_opening_is_in_it(key: KeyFile) -> None:
    again = reopened(key)
    assert [each.name for each in again.entries] == list(NAMES)
    assert again.entries == key.entries
    assert again.openings == (Opening("sam", AT), Opening("sam", "later"))
    assert again.replacements["helen okafor"] == "[colleague 1]"
    assert reopened(key).openings[-2:] == (Opening("sam", "later"), Opening("sam", "later"))


def test_only_the_owner_may_read_the_file_and_nothing_lies_beside_it(key: KeyFile) -> None:
    if os.name == "posix":
        assert stat.S_IMODE(key.path.stat().st_mode) == 0o600
    assert [path.name for path in key.path.parent.iterdir()] == [key.path.name]


def test_no_name_is_ever_written_in_plain_text(
    key: KeyFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[bytes] = []
    replace = os.replace

    def seen(source: Path, target: Path) -> None:
        written.append(Path(source).read_bytes())
        replace(source, target)

    monkeypatch.setattr(os, "replace", seen)
    key.add([entry("Helen Okafor", 1)])
    key.change_passphrase(PASSPHRASE, "another long passphrase")
    written.append(key.path.read_bytes())
    assert len(written) == 3
    for content in written:
        for word in (*NAMES, "Okafor", "colleague", PASSPHRASE, "sam"):
            assert word.encode("utf-8") not in content
            assert json.dumps(word)[1:-1].encode() not in content


def test_a_wrong_passphrase_is_told_in_one_sentence(key: KeyFile) -> None:
    before = key.path.read_bytes()
    with pytest.raises(NotAllowed, match=r"^This passphrase does not open nurses\.qualcodekey; "):
        reopened(key, "four walnuts under a red hat")
    assert key.path.read_bytes() == before


def test_a_passphrase_typed_on_another_keyboard_is_the_same(tmp_path: Path) -> None:
    KeyFile.create(tmp_path / "k", "café au lait noir", who="sam", at=AT)
    assert KeyFile.open(tmp_path / "k", "cafe\u0301 au lait noir", who="sam", at=AT).entries == ()


def test_every_changed_byte_is_noticed(key: KeyFile) -> None:
    whole = key.path.read_bytes()
    places = [*range(0, len(whole), max(1, len(whole) // 150)), len(whole) - 1]
    for place in places:
        changed = bytearray(whole)
        changed[place] ^= 1
        key.path.write_bytes(bytes(changed))
        with pytest.raises((UnreadableFile, NotAllowed)):
            reopened(key)
    for cut in (0, 5, 17, 100, len(whole) - 1):
        key.path.write_bytes(whole[:cut])
        with pytest.raises(UnreadableFile):
            reopened(key)


def test_a_changed_body_is_not_called_a_wrong_passphrase(key: KeyFile) -> None:
    key.path.write_bytes(key.path.read_bytes()[:-1] + b"\x00")
    with pytest.raises(UnreadableFile, match="was changed or damaged"):
        reopened(key)
    with pytest.raises(UnreadableFile, match="was changed or damaged"):
        key.add([entry("Ann", 4)])


def test_a_head_that_asks_for_all_the_memory_is_refused(key: KeyFile) -> None:
    content = key.path.read_bytes()
    length = int.from_bytes(content[len(MARK) : len(MARK) + 4], "big")
    head = json.loads(content[len(MARK) + 4 :][:length])
    text = json.dumps(head | {"memory_kib": 2**31 - 1}).encode()
    key.path.write_bytes(MARK + len(text).to_bytes(4, "big") + text + content[-40:])
    with pytest.raises(UnreadableFile, match="is no key file"):
        reopened(key)


def test_each_writing_takes_a_new_nonce(key: KeyFile) -> None:
    def nonce() -> bytes:
        content = key.path.read_bytes()
        length = int.from_bytes(content[len(MARK) : len(MARK) + 4], "big")
        return base64.b64decode(json.loads(content[len(MARK) + 4 :][:length])["nonce"])

    first = nonce()
    key.add([])
    assert nonce() != first


def test_a_changed_passphrase_opens_and_the_old_one_no_longer(key: KeyFile) -> None:
    other = reopened(key)
    with pytest.raises(NotAllowed, match="does not open"):
        key.change_passphrase("not the passphrase", "another long passphrase")
    with pytest.raises(BadCommand, match="at least 12"):
        key.change_passphrase(PASSPHRASE, "short")
    key.change_passphrase(PASSPHRASE, "another long passphrase")
    assert len(reopened(key, "another long passphrase").entries) == 3
    with pytest.raises(NotAllowed, match="does not open"):
        reopened(key)
    with pytest.raises(NotAllowed, match="was changed since"):
        other.add([entry("Ann", 4)])


def test_two_who_add_at_once_lose_nothing(key: KeyFile) -> None:
    def add(name: str) -> None:
        mine = reopened(key)
        for number in range(5):
            mine.add([entry(f"{name} {number}", number)])

    threads = [threading.Thread(target=add, args=(name,)) for name in ("Ann", "Bo", "Cy")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    names = [each.name for each in reopened(key).entries]
    assert len(names) == len(set(names)) == 3 + 15


def test_a_writing_that_fails_leaves_the_file_as_it_was(
    key: KeyFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = key.path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(UnreadableFile, match="it stands as it was"):
            key.add([entry("Ann", 4)])
    assert key.path.read_bytes() == before
    assert len(reopened(key).entries) == 3
    assert [path.name for path in key.path.parent.iterdir()] == [key.path.name]


def test_what_is_no_key_file_is_refused(tmp_path: Path, key: KeyFile) -> None:
    with pytest.raises(NotInStudy, match="There is no key file"):
        KeyFile.open(tmp_path / "none", PASSPHRASE, who="sam", at=AT)
    (tmp_path / "study").write_bytes(b"SQLite format 3\x00")
    with pytest.raises(UnreadableFile, match="is no key file"):
        KeyFile.open(tmp_path / "study", PASSPHRASE, who="sam", at=AT)
    with pytest.raises(AlreadyInStudy):
        KeyFile.create(key.path, PASSPHRASE, who="sam", at=AT)
    with pytest.raises(BadCommand, match="at least 12"):
        KeyFile.create(tmp_path / "new", "short", who="sam", at=AT)
    assert not (tmp_path / "new").exists()


def test_what_a_traceback_shows_has_no_name_in_it(key: KeyFile) -> None:
    shown = repr(key) + repr(key.entries) + repr(key._secret)
    assert not any(name in shown or name.casefold() in shown for name in NAMES)


def test_the_real_settings_open_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    KeyFile.create(tmp_path / "k", PASSPHRASE, who="sam", at=AT)
    assert KeyFile.open(tmp_path / "k", PASSPHRASE, who="sam", at=AT).openings
