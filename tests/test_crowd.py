"""Coders at the real server through real websockets: crowds, crashes, edits no page would make.

These are the short runs of ``benchmarks/crowd.py`` and ``benchmarks/killing.py``, which tell more;
no time is asserted here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.client import Kept, LiveServer, Operation, Outbox, Tab
from benchmarks.crowd import (
    STUDY,
    Team,
    found_in,
    gather,
    require_kept,
    require_quiet,
    require_sound,
    work,
)
from benchmarks.killing import kill_servers, kill_writers
from qualcode.model import Seat, new_id
from qualcode.store import open_study

ANA, BEN, CY = "coder01", "coder02", "coder03"
WORDS = 400


# -- crowds and crashes --------------------------------------------------------------------------


def test_six_coders_at_once_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    team = gather(tmp_path / "studies", coders=6, transcripts=3, words=WORDS)
    with LiveServer(team.folder, log=tmp_path / "server.log") as server:
        told = asyncio.run(work(team, server.port, coders=[*team.tokens], codings=25, rate=0))
        require_quiet(server)
    require_kept(found_in(team.study), told)
    require_sound(team.study)
    for outbox in told.values():
        made = [coding for act, coding in outbox.acts if act == "code_add"]
        gone = [coding for act, coding in outbox.acts if act == "code_remove"]
        assert len(made) == 25
        assert set(outbox.told) == set(made) - set(gone)
    with open_study(team.study) as study:
        assert {(a.coder, a.transcript) for a in study.assignments()} == {
            (name, transcript.id) for name in team.tokens for transcript in team.transcripts
        }


def test_the_comparison_would_see_a_lost_a_changed_a_foreign_and_a_doubled_edit(
    tmp_path: Path,
) -> None:
    """The two tests beside this one rest on it."""
    team = gather(tmp_path / "studies", coders=1, transcripts=1, words=WORDS)
    (text,) = team.transcripts
    box = Outbox()
    with open_study(team.study, seat=Seat(ANA, frozenset({"coder"}))) as study:
        for start in (0, 10):
            box.add(text.id, coding(team, start, start + 8))
        applied = study.apply(*(box.parcel() or pytest.fail("nothing to send")))
    box.settle(list(applied.acknowledged), list(applied.rejected))
    require_kept(found_in(team.study), {ANA: box})

    first, second = box.told
    for told, acts in (
        ({**box.told, new_id(): box.told[first]}, box.acts),
        ({**box.told, first: Kept(text.id, "C1a", 0, 8, text.text[:8], "another memo")}, box.acts),
        ({first: box.told[first]}, box.acts),
        (box.told, {**box.acts, ("code_add", second): 2}),
    ):
        with pytest.raises(Exception, match=r"lost or changed|never acknowledged|done twice"):
            require_kept(found_in(team.study), {ANA: Outbox(told=told, acts=acts)})


def test_a_killed_server_has_kept_what_it_acknowledged_and_gets_the_rest(tmp_path: Path) -> None:
    team = gather(tmp_path / "studies", coders=3, transcripts=2, words=WORDS)
    with LiveServer(team.folder, log=tmp_path / "server.log") as server:
        toll = asyncio.run(kill_servers(team, server, rounds=1, seed=5))
    assert toll.rounds == 1
    assert toll.acknowledged > 0


def test_killed_writers_leave_whole_edits_and_a_sound_file(tmp_path: Path) -> None:
    team = gather(tmp_path / "studies", coders=2, transcripts=2, words=WORDS)
    toll = kill_writers(team, rounds=5, seed=5)
    assert toll.rounds == 5
    assert toll.acknowledged > toll.kept_unanswered >= 0


# -- edits that no page of ours makes ------------------------------------------------------------


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Team, LiveServer]]:
    """A server with a study of three coders; Ben was not given the last transcript."""
    folder = tmp_path_factory.mktemp("live")
    team = gather(folder / "studies", coders=3, transcripts=3, words=WORDS)
    with open_study(team.study) as study:
        study.take_back(team.transcripts[2].id, BEN, reason="for Ben's eyes it is not")
    with LiveServer(team.folder, log=folder / "server.log") as server:
        yield team, server
    require_sound(team.study)


@pytest.fixture
def team(live: tuple[Team, LiveServer]) -> Iterator[Team]:
    """The team; what the server says during the test must hold no traceback."""
    before = len(live[1].said())
    yield live[0]
    assert "Traceback" not in live[1].said()[before:]


@pytest.fixture
def at(live: tuple[Team, LiveServer]) -> Callable[..., Any]:
    """``at("coder02", act)`` opens this coder's page and gives what ``act(tab)`` gives."""
    team, server = live

    def sit(name: str, act: Callable[[Tab], Awaitable[Any]], extra: str = "") -> Any:
        async def session() -> Any:
            tab = Tab(server.port, study=STUDY, token=team.tokens[name], extra=extra)
            async with tab:
                await tab.open()
                given = await act(tab)
                assert tab.faults == []
                assert tab.alerts == []
                return given

        return asyncio.run(session())

    return sit


def coding(team: Team, start: Any, end: Any, **more: Any) -> Operation:
    """The edit that puts the first code on a passage of the first transcript."""
    text = team.transcripts[0].text
    whole = type(start) is int and type(end) is int
    made = {"id": new_id(), "start": start, "end": end, "code": team.codes[0], "memo": ""}
    return {
        "op_id": new_id(),
        "op": "add",
        "quote": text[start:end] if whole else text[20:30],
        "coding": {**made, **more},
    }


async def answer(
    tab: Tab, operations: object, transcript: object = None, **more: object
) -> dict[str, Any]:
    """Send edits as they are; what became of them."""
    place = tab.doc["id"] if transcript is None else transcript
    edits = {"coder": tab.data["me"], "transcript": place, "sha": tab.doc["sha"]}
    return await tab.post({**edits, "ops": operations, **more})


def refused_in(told: dict[str, Any]) -> dict[str, str]:
    """op_id → the sentence by which it was refused."""
    assert told["trouble"] == ""
    return {refused["op_id"]: refused["reason"] for refused in told["rejected"]}


async def send(
    tab: Tab, operations: object, transcript: object = None, **more: object
) -> dict[str, str]:
    """Send edits as they are; op_id → the sentence by which it was refused."""
    return refused_in(await answer(tab, operations, transcript, **more))


def is_sentence(reason: str) -> bool:
    return reason[:1].isupper() and reason.endswith(".") and len(reason.split()) > 4


@pytest.fixture
def anas(team: Team, at: Callable[..., Any]) -> Iterator[str]:
    """The id of a coding of Ana's with a memo; whatever happens, it must be as it was."""

    async def code(tab: Tab) -> str:
        operation = coding(team, 40, 60, memo="Ana's own thought")
        assert await send(tab, [operation]) == {}
        return str(operation["coding"]["id"])

    made = at(ANA, code)
    before = found_in(team.study)
    assert before.codings[ANA][made].memo == "Ana's own thought"
    yield made
    after = found_in(team.study)
    assert after.codings[ANA] == before.codings[ANA]
    assert after.acts[ANA] == before.acts[ANA]

    async def tidy(tab: Tab) -> None:
        assert await send(tab, [{"op_id": new_id(), "op": "remove", "id": made}]) == {}

    at(ANA, tidy)


NOT_INSIDE, NO_ENDS = "is not inside", "no proper beginning and end"
NINE = {
    "past the end": (20, 10**6, {}, NOT_INSIDE),
    "start after end": (30, 20, {}, NOT_INSIDE),
    "empty": (20, 20, {}, NOT_INSIDE),
    "negative": (-5, 30, {}, NO_ENDS),
    "2^62": (20, 2**62, {}, NO_ENDS),
    "strings": ("20", "30", {}, NO_ENDS),
    "null": (None, None, {}, NO_ENDS),
    "floats": (12.5, 30.5, {}, NO_ENDS),
    "another's id": (20, 30, {"id": "Ana's"}, "is there already"),
}


def test_nine_of_nine_malformed_codings_are_refused_in_a_sentence(
    team: Team, at: Callable[..., Any], anas: str
) -> None:
    async def attack(tab: Tab) -> None:
        for name, (start, end, more, why) in NINE.items():
            changed = {"id": anas} if more else {}
            operation = coding(team, start, end, **changed)
            told = await answer(tab, [operation])
            refused = refused_in(told)
            assert list(refused) == [operation["op_id"]], name
            (reason,) = refused.values()
            assert is_sentence(reason), (name, reason)
            assert why in reason, (name, reason)
            assert told["ack"] == [], name
        together = [
            coding(team, *nine[:2], **({"id": anas} if nine[2] else {})) for nine in NINE.values()
        ]
        assert len(await send(tab, together)) == 9
        sound = coding(team, 20, 30)  # what was wrong with the nine is what their names say
        told = await answer(tab, [together[0], sound])
        assert list(refused_in(told)) == [together[0]["op_id"]]
        assert told["ack"] == [sound["op_id"]]
        removed = {"op_id": new_id(), "op": "remove", "id": sound["coding"]["id"]}
        assert await send(tab, [removed]) == {}

    at(BEN, attack)
    assert found_in(team.study).codings.get(BEN, {}) == {}


def odd_edits(team: Team) -> list[Operation]:
    """Edits that are wrong in other ways than the nine."""
    good = coding(team, 20, 30)
    made = good["coding"]
    wrong_parts: list[dict[str, Any]] = [
        *({"start": odd} for odd in (float("nan"), float("inf"), True, [20], {"at": 20}, 2.0**53)),
        *({"id": odd} for odd in ("", "1", None, 7, "../../x", "' OR 1=1 --", "x" * 10**5)),
        *({"code": odd} for odd in ("", "T1", "nothing", None, 3, ["C1a"], {"id": "C1a"})),
        *({"memo": odd} for odd in (None, 5, ["x"], "x" * 20_001, "half \ud83d")),
    ]
    wrong_wholes: list[dict[str, Any]] = [
        *({"op": odd} for odd in ("", None, "drop", "submit", 4, ["add"])),
        *({"coding": odd} for odd in (None, [], "x", 5, {})),
        *({"quote": odd} for odd in (None, "", "other words", 5, ["x"], "\ud83d")),
        {"op": "remove"},
        {"op": "remove", "id": None},
        {"op": "memo", "id": made["id"], "memo": "for a coding that is not there"},
        {"op": "memo", "id": ["x"], "memo": "x"},
        {"op_id": "x" * 65},
        {"op_id": "line\nbreak"},
        {"op_id": "half \ud83d"},
        {"op_id": ""},
    ]
    fresh = [{**good, "op_id": new_id(), "coding": {**made, **part}} for part in wrong_parts]
    return fresh + [{**good, "op_id": new_id(), **whole} for whole in wrong_wholes]


def test_other_malformed_edits_are_refused_in_a_sentence_too(
    team: Team, at: Callable[..., Any]
) -> None:
    async def attack(tab: Tab) -> None:
        for operation in odd_edits(team):
            refused = await send(tab, [operation])
            assert len(refused) == 1, operation
            assert all(is_sentence(reason) for reason in refused.values()), (operation, refused)

    at(BEN, attack)
    assert found_in(team.study).codings.get(BEN, {}) == {}


@pytest.mark.parametrize(
    "value",
    [
        *(None, 5, "ops", [], [1], {}),
        *({"ops": odd} for odd in (None, "add", {"op": "add"}, [None, 1, "x", [], {"op_id": 5}])),
        {"transcript": [], "ops": []},
    ],
    ids=repr,
)
def test_what_is_no_parcel_of_edits_is_passed_over(
    team: Team, at: Callable[..., Any], value: object
) -> None:
    async def attack(tab: Tab) -> None:
        told = await tab.post(value)
        assert (told["ack"], told["rejected"], told["trouble"]) == ([], [], "")
        await tab.trigger("need_snapshot", value)
        assert "codings" in (await tab.trigger("need_snapshot", {"text": False}))

    before = found_in(team.study)
    at(BEN, attack)
    assert found_in(team.study) == before


def test_a_parcel_nested_without_end_harms_nobody(
    live: tuple[Team, LiveServer], at: Callable[..., Any]
) -> None:
    """It is refused; as a trigger it cuts the line, and the browser connects anew and goes on."""
    team, _ = live

    async def attack(tab: Tab) -> None:
        deep = "[" * 5_000 + "]" * 5_000
        assert (await tab.post_raw(deep.encode())).status_code in (200, 400)
        before = tab.connections
        await tab.fire("need_snapshot", deep)
        await tab.until(lambda: tab.connections > before, "a new line")
        await tab.open()
        assert await send(tab, [{"op_id": new_id(), "op": "remove"}]) != {}

    before = found_in(team.study)
    at(BEN, attack)
    assert found_in(team.study) == before


# -- another's coding ----------------------------------------------------------------------------


def test_nobody_changes_or_removes_anothers_coding_by_any_edit(
    team: Team, at: Callable[..., Any], anas: str
) -> None:
    text = team.transcripts[0].text
    reached: list[str] = []

    def edits() -> list[Operation]:
        taken = {"id": anas, "start": 40, "end": 60, "code": team.codes[0], "memo": "mine now"}
        return [
            {"op_id": new_id(), "op": "remove", "id": anas},
            {"op_id": new_id(), "op": "remove", "id": anas, "coder": ANA},
            {"op_id": new_id(), "op": "memo", "id": anas, "memo": "Ben was here"},
            {"op_id": new_id(), "op": "memo", "id": anas, "memo": "", "coder": ANA, "me": ANA},
            {"op_id": new_id(), "op": "add", "coding": taken, "quote": text[40:60]},
            {
                "op_id": new_id(),
                "op": "add",
                "coding": {**taken, "coder": ANA},
                "quote": text[40:60],
                "coder": ANA,
            },
        ]

    async def attack(tab: Tab) -> None:
        assert tab.data["me"] == BEN
        assert anas not in [coding["id"] for coding in tab.data["codings"]]
        places = [t.id for t in team.transcripts] + [t.title for t in team.transcripts]
        for place in [*places, "nowhere", "", 5, [], "half \ud83d", "x" * 10**5]:
            told = await answer(tab, edits(), place, coder=ANA)
            assert (told["ack"], told["rejected"]) == ([], []), "Ana is not signed in here"
            assert is_sentence(told["trouble"])
            for sender in ({}, {"me": ANA, "seat": ANA}):
                operations = edits()
                refused = await send(tab, operations, place, **sender)
                assert set(refused) == {operation["op_id"] for operation in operations}, place
                assert all(map(is_sentence, refused.values())), refused
                reached.extend(refused.values())

    at(BEN, attack)
    at(BEN, attack, extra=f"&seat={ANA}")
    assert found_in(team.study).codings.get(BEN, {}) == {}
    assert not [reason for reason in reached if "own thought" in reason]


def test_a_coding_sent_in_anothers_name_is_the_senders(
    team: Team, at: Callable[..., Any], anas: str
) -> None:
    operation = {**coding(team, 70, 80, coder=ANA), "coder": ANA}

    async def attack(tab: Tab) -> None:
        assert await send(tab, [operation], me=ANA, seat=ANA) == {}

    async def tidy(tab: Tab) -> None:
        removed = {"op_id": new_id(), "op": "remove", "id": operation["coding"]["id"]}
        assert await send(tab, [removed]) == {}

    at(BEN, attack)
    assert set(found_in(team.study).codings[BEN]) == {operation["coding"]["id"]}
    at(BEN, tidy)


def test_a_transcript_not_given_to_a_coder_takes_nothing_from_them(
    team: Team, at: Callable[..., Any]
) -> None:
    text = team.transcripts[2]
    operation = coding(team, 20, 30)
    operation["quote"] = text.text[20:30]

    async def attack(tab: Tab) -> None:
        for place in (text.id, text.title):
            refused = await send(tab, [operation], place)
            assert list(refused) == [operation["op_id"]]
            assert "was not given to you" in refused[operation["op_id"]]

    at(BEN, attack)
    assert found_in(team.study).codings.get(BEN, {}) == {}


def test_a_sealed_transcript_refuses_every_edit(team: Team, at: Callable[..., Any]) -> None:
    text = team.transcripts[0]
    own = coding(team, 90, 99, memo="before")

    async def code(tab: Tab) -> None:
        assert await send(tab, [own]) == {}

    at(CY, code)
    with open_study(team.study, seat=Seat(CY, frozenset({"coder"}))) as study:
        study.submit(text.id)
    before = found_in(team.study)

    async def attack(tab: Tab) -> None:
        made = own["coding"]["id"]
        for operation in (
            coding(team, 20, 30),
            {"op_id": new_id(), "op": "remove", "id": made},
            {"op_id": new_id(), "op": "memo", "id": made, "memo": "after"},
        ):
            refused = await send(tab, [operation], text.id)
            assert list(refused) == [operation["op_id"]]
            assert "You have submitted" in refused[operation["op_id"]]
        assert await send(tab, [own], text.id) == {}, "one that was kept is acknowledged again"

    at(CY, attack)
    assert found_in(team.study) == before


def test_a_transcript_chosen_after_the_first_coding_is_turned_to(
    team: Team, at: Callable[..., Any]
) -> None:
    async def turn(tab: Tab) -> None:
        here, there = team.transcripts[0], team.transcripts[1]
        await tab.choose(there.title)
        operation = coding(team, 20, 30)
        operation["quote"] = there.text[20:30]
        assert await send(tab, [operation]) == {}
        await tab.choose(here.title)
        assert await send(
            tab, [{"op_id": new_id(), "op": "remove", "id": operation["coding"]["id"]}], there.id
        ) == {}  # fmt: skip

    at(BEN, turn)
