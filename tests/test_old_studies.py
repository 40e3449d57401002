"""An old study file opens in every later version: one file of each released version is kept."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from qualcode.agreement import compare_coders
from qualcode.store import open_study

FILES = sorted((Path(__file__).parent / "golden" / "studies").glob("*.qualcode"))


def test_the_present_version_has_its_file() -> None:
    from qualcode import __version__

    assert f"v{__version__}" in [file.stem for file in FILES]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_study_of_every_past_version_opens(file: Path, tmp_path: Path) -> None:
    """Made by ``python -m tests.test_old_studies``; that of a released version is never remade."""
    with open_study(shutil.copy(file, tmp_path / file.name)) as study:
        assert study.check() == []
        assert study.title == "Two short interviews"
        assert [t.title for t in study.transcripts()] == ["P01", "P02"]
        assert len(study.codings()) == 5
        assert len(study.decisions()) == 1
        assert [theme.name for theme in study.themes()] == ["Time is taken, not given"]
        agreed = compare_coders(study.transcripts(), study.codings())
        # Eight cells: both 1, Ana only 2, Ben only 1, neither 4; so (5/8 - 9/16) / (7/16).
        assert agreed.pooled.kappa == pytest.approx(1 / 7)


def make(path: Path) -> None:
    """A small study with one of everything."""
    from qualcode.claims import Claim, Need
    from qualcode.codebook import read_codebook
    from qualcode.memos import Memo
    from qualcode.model import Member, Seat, Theme, new_id
    from qualcode.reconciliation import decide, find_differences
    from qualcode.store.collecting import Guide
    from qualcode.store.framework import Summary
    from qualcode.transcripts import read_transcript

    texts = {
        "P01": "I: How was the week?\n\nP: Long. I stayed late 🙂 again.\n\n"
        "I: And?\n\nP: A mentor called.\n",
        "P02": "I: And yours?\n\nP: Nobody gave me time.\n\nI: Nobody?\n\nP: Nobody at all.\n",
    }
    codings = (
        ("ana", "P01", "I stayed late 🙂 again.", "T"),
        ("ana", "P01", "A mentor called.", "M"),
        ("ana", "P02", "Nobody gave me time.", "T"),
        ("ben", "P01", "I stayed late 🙂 again.", "T"),
        ("ben", "P02", "Nobody gave me time.", "M"),
    )
    with open_study(path, create=True, title="Two short interviews") as study:
        for name, role in (("lea", "lead"), ("ana", "coder"), ("ben", "coder")):
            study.add_member(Member(name, frozenset({role}), name.title()))  # type: ignore[arg-type]
        study.set_codebook(read_codebook("c.csv", b"code_id,name\nT,Time\nM,Mentor\n"))
        study.add(
            *[read_transcript(f"{title}.txt", text.encode()) for title, text in texts.items()]
        )
        for coder in ("ana", "ben"):
            seat = study.seated(Seat(coder, frozenset({"coder"})))
            for name, title, quote, code in codings:
                if name != coder:
                    continue
                text = study.transcript(title).text
                start = text.index(quote)
                place = {"id": new_id(), "start": start, "end": start + len(quote), "code": code}
                act = {"op": "add", "op_id": new_id(), "quote": quote, "coding": place}
                applied = seat.apply(title, [act])
                assert not applied.rejected, applied
            seat.submit("P01", "P02")
        lead = study.seated(Seat("lea", frozenset({"lead"})))
        first = find_differences(study.codings(), ("ana", "ben"))[0]
        lead.decide(decide(first, "a", reason="slip", decided_by="lea"))
        theme = lead.add_theme(Theme("Time is taken, not given", codes=("T",)))
        lead.keep_claim(Claim(theme.id, "Both stay late."))
        lead.keep_need(Need("Time", themes=(theme.id,), codes=("T",)))
        lead.write_memo(Memo("Two is few", "study"))
        lead.set_guides(Guide("1.0", "How was the week?"))
        lead.hold_texts_back(True)
        for title in texts:
            lead.release(title, signed="Lea", found=0)
        run = lead.keep_run("candidates", {"seed": 1}, found=1, versions={"qualcode": "0"})
        lead.reject_suggestion(run.id, 1, view="medium", reason="Two is few")
        lead.keep_summary(Summary("P01", "code", "T", "Stays late."))


if __name__ == "__main__":
    from qualcode import __version__

    folder = Path(__file__).parent / "golden" / "studies"
    folder.mkdir(parents=True, exist_ok=True)
    make(folder / f"v{__version__}.qualcode")
