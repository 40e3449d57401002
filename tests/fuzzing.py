"""Broken files by the thousand: ``python -m tests.fuzzing --files 20000`` reads and counts them.

Whole files are taken from the golden folder and broken: bytes changed, pieces left out, doubled or
taken from another file; of packed files also the parts inside. Each has to be read, or refused
with a QualcodeError, within ``SECONDS`` of the processor.
"""

from __future__ import annotations

import argparse
import io
import random
import re
import signal
import sys
import time
import traceback
import zipfile
from collections import Counter
from pathlib import Path
from types import FrameType

from qualcode.errors import QualcodeError
from qualcode.transcripts import READERS, account, read_transcripts
from tests.hostile import TALK, odt, packed, sheet, word
from tests.pdf_maker import pdf_of

HERE = Path(__file__).parent
GOLDEN = HERE / "golden" / "transcripts"
SAMPLE = HERE.parent / "transcripts_sample"
SECONDS = 5.0
PIECES = (
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b"\n\n", b"I: ", b"P03:", b"[00:01:02]", b"<v A>",
    b"-->", b"00:00:01.000 --> 00:00:02.000", b"{\\rtf1", b"\\u-1?", b"\\bin9 ", b"\\'", b"{\\*",
    b"}", b"<w:p>", b"</w:p>", b"<w:del>", b"<!DOCTYPE", b"&a;", b"<td>", b"</table>", b"<!--",
    b"obj", b"endobj", b"stream", b"endstream", b"BT", b"ET", b"Tj", b"/Kids", b"/Length -1", b"<<",
    b"99999999999", b"-1", b"0", b'"', b";", b",", b"\t", b"=1+1", b"\xf0\x9f\x98\x80",
    b"\xe2\x80\xae",
)  # fmt: skip


def seeds() -> dict[str, bytes]:
    """Whole files by name: the golden ones, those of the sample, and some of the tests' making."""
    found = {
        path.name: path.read_bytes()
        for folder in (GOLDEN, SAMPLE)
        for path in sorted(folder.iterdir())
        if path.suffix[1:] in READERS
    }
    found |= {
        "made.docx": word(),
        "made.odt": odt("<p>I: Why?</p><table><table-row/></table><p>P: I stay.</p>"),
        "made.xlsx": sheet(lambda xml: xml),
        "made.pdf": pdf_of([["I: Why?", "P: I stay in-", "side."], ["I: Ah.", "2"]], picture=True),
        "made.zip": packed({"P01.txt": TALK, "P02.html": b"<p>I: Why?<p>P: So.", "a.zip": b"PK"}),
    }
    return found


def broken(data: bytes, chance: random.Random, others: list[bytes]) -> bytes:
    """The file with one to eight things changed in it."""
    if data.startswith(b"PK\x03\x04") and chance.random() < 0.6:
        return _broken_inside(data, chance, others)
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        at = chance.randrange(len(changed) + 1)
        until = min(len(changed), at + chance.choice((1, 2, 7, 40, 400)))
        act = chance.randrange(7)
        if act == 0:
            changed[at:until] = bytes(chance.randrange(256) for _ in range(until - at))
        elif act == 1:
            del changed[at:until]
        elif act == 2:
            changed[at:at] = changed[at:until] * chance.choice((1, 2, 50))
        elif act == 3:
            changed[at:at] = chance.choice(PIECES) * chance.choice((1, 1, 3, 200))
        elif act == 4:
            other = chance.choice(others)
            start = chance.randrange(len(other) + 1)
            changed[at:until] = other[start : start + 300]
        elif act == 5:
            del changed[at:]
        elif at < len(changed):
            changed[at] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _broken_inside(data: bytes, chance: random.Random, others: list[bytes]) -> bytes:
    """A packed file with one of its parts broken, and packed again."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts: dict[str, bytes | str] = {name: archive.read(name) for name in archive.namelist()}
    name = chance.choice(sorted(parts))
    content = parts[name]
    parts[name] = broken(content if isinstance(content, bytes) else b"", chance, others)
    return packed(parts, level=1)


class TooSlow(BaseException):
    """A file took longer than it may; no reader can take this for its own error."""


def _ring(_signal: int, _frame: FrameType | None) -> None:
    raise TooSlow


def read_broken(name: str, data: bytes) -> str:
    """``read``, ``refused``, or what went wrong."""
    signal.signal(signal.SIGVTALRM, _ring)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        batch = read_transcripts(name, data)
        for transcript in batch.transcripts:
            pieces = [transcript.text[turn.span.slice] for turn in transcript.turns]
            assert "\n".join(pieces) == transcript.text, "turns do not cover the text"
            account("", transcript)
        return "read" if batch.transcripts else "refused"
    except QualcodeError as error:
        sentence = str(error)
        whole = sentence.endswith(".") and "\n" not in sentence and len(sentence) < 400
        return "refused" if whole else f"no sentence: {sentence!r}"
    except TooSlow:
        return "TooSlow: " + "".join(traceback.format_exc()[-600:])
    except Exception:
        return traceback.format_exc()[-1200:]
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def fuzz(files: int, seed: int, *, keep: Path | None = None) -> tuple[Counter[str], list[str]]:
    """How many broken files of each format were read and refused, and what went wrong."""
    chance = random.Random(seed)
    whole = sorted(seeds().items())
    by_ending: dict[str, list[tuple[str, bytes]]] = {}
    for name, data in whole:
        by_ending.setdefault(name.rpartition(".")[2], []).append((name, data))
    others = [data for _, data in whole]
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    endings = sorted(by_ending)
    for number in range(files):
        ending = endings[number % len(endings)]
        name, data = chance.choice(by_ending[ending])
        changed = broken(data, chance, others)
        outcome = read_broken(name, changed)
        counts[f"{ending} {outcome if outcome in ('read', 'refused') else 'wrong'}"] += 1
        if outcome not in ("read", "refused"):
            wrong.append(f"{number} {name}: {outcome}")
            if keep is not None:
                (keep / f"{number}_{re.sub(r'[^A-Za-z0-9_.]', '_', name)}").write_bytes(changed)
    return counts, wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="a folder for the files that went wrong")
    options = parser.parse_args()
    began = time.process_time()
    counts, wrong = fuzz(options.files, options.seed, keep=options.keep)
    for key, count in sorted(counts.items()):
        print(f"{key:<14} {count:>6,}")
    print(f"{options.files:,} files, {len(wrong)} wrong, {time.process_time() - began:.0f} s")
    print("\n".join(wrong[:20]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
