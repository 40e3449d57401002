"""A study: what the team has put in, read and changed through the seat of one person.

Reading goes through ``store.access``; each change is one transaction with its line of history.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from qualcode.errors import AlreadyInStudy, BadCommand, NotAllowed, NotInStudy
from qualcode.model import (
    MAIN,
    Approach,
    Assignment,
    Attribute,
    CodebookIssue,
    Coding,
    CodingSet,
    Consent,
    Decision,
    Member,
    Participant,
    Role,
    Round,
    RoundKind,
    Seat,
    Theme,
    Transcript,
    new_id,
)
from qualcode.revision import Revision, Touched
from qualcode.spans import Span
from qualcode.store import checks, file, history, restore, rows
from qualcode.store.access import (
    KEPT_BY_THE_STUDY,
    READERS_OF_WORDS,
    Blindness,
    may_read_line,
    may_read_people,
    require,
)
from qualcode.store.attributes import Attributes
from qualcode.store.autocoding import Autocoding
from qualcode.store.codebooks import Codebooks
from qualcode.store.collecting import Collecting
from qualcode.store.exports import Exports
from qualcode.store.layers import Layers, Unfinished, veiled
from qualcode.store.ledger import Ledger
from qualcode.store.likenesses import Likenesses
from qualcode.store.memos import Memos
from qualcode.store.opened import Opened
from qualcode.store.operations import Applied
from qualcode.store.people import People, Withdrawal
from qualcode.store.proposals import Proposals
from qualcode.store.recodings import Recodings
from qualcode.store.recruitment import Recruitment
from qualcode.store.releases import Releases
from qualcode.store.rounds import Pair, Rounds
from qualcode.store.settings import Settings
from qualcode.store.settling import Settling
from qualcode.store.shelf import Shelf
from qualcode.store.suggesting import Suggesting
from qualcode.store.texts import Texts, TextVersion, Waiting
from qualcode.store.theme_returns import ThemeReturns

LONGEST_TITLE = 200
HIDE_ATTRIBUTES = "coding.hide_attributes"
"""The setting by which coders at work are not told who the participants are ("yes")."""


def open_study(
    path: str | Path,
    *,
    create: bool = False,
    title: str = "",
    seat: Seat | None = None,
) -> Study:
    """Open a study file, or start one with ``create=True`` and a title.

    ``seat`` is whose eyes are used: without one it is the owner of the file, who sees codings only
    where everybody has submitted.

    Raises
    ------
    NotInStudy
        There is no study at ``path``.
    DamagedStudy
        The file is no study, is damaged, or was written by a later version.
    """
    path, title = Path(path), title.strip()
    if create and not 0 < len(title) <= LONGEST_TITLE:
        raise BadCommand(f"A new study needs a title, of at most {LONGEST_TITLE} characters.")
    study = Study(file.open_database(path, create=create), path, seat)
    if create:
        try:
            with study._writing():
                study.settings.put({"id": new_id(), "title": title, "approach": "codebook"})
                history.write_whole(study._db, study.who, "study_create", "", {"title": title})
        except BaseException:
            study.close()
            file.remove_study(path)
            raise
    return study


class Study(
    Recodings,
    Settling,
    Codebooks,
    Collecting,
    Exports,
    ThemeReturns,
    Releases,
    Memos,
    Autocoding,
    Proposals,
    Suggesting,
    Likenesses,
    Opened,
):
    """One study file, opened. Close it, or use it in a ``with`` block."""

    def __init__(self, db: Any, path: Path, seat: Seat | None = None) -> None:
        super().__init__(db, path, seat)
        self.settings = Settings(self)
        self._shelf = Shelf(self)
        self._rounds = Rounds(self)
        self._layers = Layers(self)
        self._ledger = Ledger(self)
        self._people = People(self)
        self._attributes = Attributes(self)
        self._recruitment = Recruitment(self)
        self._texts = Texts(self)

    # -- what the study is -------------------------------------------------------------------

    @property
    def title(self) -> str:
        return self.settings.get("title")

    @property
    def is_sample(self) -> bool:
        """True for the sample study, which opens without an account."""
        return self.settings.get("sample") == "yes"

    def setting(self, key: str, default: str = "") -> str:
        """An answer typed once for the study, as a form or a command left it."""
        return self.settings.get(key, default)

    def publish(self, key: str, text: str) -> None:
        """Keep something that rests on the coders' layers for the authors to print."""
        self.settings.publish(key, text)

    def published(self, key: str) -> str:
        """What the lead has published under this key, or ""; nothing for whoever still codes."""
        return self.settings.published(key)

    def answers(self, checklist: str) -> dict[str, dict[str, str]]:
        """The author's own words on a checklist: item id → status, location, response."""
        return self.settings.answers(checklist)

    def team(self) -> list[dict[str, str]]:
        """The researchers as the report names them."""
        return self.settings.team()

    # -- people ------------------------------------------------------------------------------

    def members(self) -> tuple[Member, ...]:
        """Who belongs to the study, in the order they joined."""
        return tuple(
            rows.member(row) for row in self._db.query("SELECT * FROM members ORDER BY position")
        )

    def member(self, name: str) -> Member | None:
        row = next(self._db.query("SELECT * FROM members WHERE name = ?", [name]), None)
        return rows.member(row) if row else None

    def add_member(self, member: Member) -> None:
        """Take somebody into the team; a coder is given every transcript."""
        require(self.seat, "change the team")
        with self._change("member_add", member.name) as details:
            if member.name.casefold() in {known.name.casefold() for known in self.members()}:
                raise AlreadyInStudy(f"{member.label} belongs to the study already.")
            self._db.table("members").insert(
                {
                    "name": member.name,
                    "display": member.display,
                    "roles": rows.to_json(sorted(member.roles)),
                    "position": self._next("members"),
                }
            )
            if "coder" in member.roles:
                self._rounds.give_new(coder=member.name)
            details["roles"] = sorted(member.roles)

    def set_roles(self, name: str, roles: Iterable[Role]) -> None:
        """Change what somebody may do. Who codes no more gives their open transcripts back."""
        require(self.seat, "change the team")
        with self._writing():
            before = self.member(name)
            if before is None:
                raise NotInStudy(f"{name} does not belong to the study.")
            after = replace(before, roles=frozenset(roles))
            if after == before:
                return
            leads = [m.name for m in self.members() if "lead" in m.roles]
            if leads == [name] and "lead" not in after.roles:
                raise BadCommand(
                    f"{before.label} is the only lead; make somebody else a lead first."
                )
            with self._change("member_roles", name) as details:
                self._db.table("members").update(name, {"roles": rows.to_json(sorted(after.roles))})
                if "coder" in before.roles - after.roles:
                    self._rounds.unassign(name)
                elif "coder" in after.roles - before.roles:
                    self._rounds.give_new(coder=name)
                details |= {"roles": sorted(after.roles), "before": sorted(before.roles)}
            if "coder" in before.roles - after.roles:
                for a in self._rounds.all_assignments():
                    if a.coder == name and a.is_open:
                        self.take_back(a.transcript, name, round=a.round, reason="codes no more")

    def remove_member(self, name: str) -> None:
        """Take out somebody who has not begun; who has coded stays, with their work."""
        require(self.seat, "change the team")
        with self._change("member_remove", name):
            member = self.member(name)
            if member is None:
                raise NotInStudy(f"{name} does not belong to the study.")
            if name == self.who:
                raise BadCommand("You cannot take yourself out; another lead can.")
            if self._rounds.begun(name):
                raise NotAllowed(f"{member.label} has begun to code and stays in the study.")
            self._rounds.unassign(name)
            self._db.execute("DELETE FROM members WHERE name = ?", [name])

    def coders(self) -> tuple[str, ...]:
        """Names of those who code, or whose submitted codings are there, in the order they
        joined.
        """
        submitted = {
            row[0]
            for row in self._db.execute("SELECT coder FROM assignments WHERE state = 'submitted'")
        }
        return tuple(
            member.name
            for member in self.members()
            if "coder" in member.roles or member.name in submitted
        )

    @property
    def shows_people(self) -> bool:
        """True where this seat is told, now, who the participants are and not only that they
        took part.
        """
        return may_read_people(self.seat) and not (
            self.setting(HIDE_ATTRIBUTES) == "yes" and bool(self.sight().own_open)
        )

    def participants(self) -> tuple[Participant, ...]:
        """The people interviewed (cases), by pseudonym, withdrawn ones included."""
        waiting = self._people_held_back()
        people = tuple(p for p in self._shelf.participants() if p.id not in waiting)
        if self.shows_people:
            return people
        return tuple(replace(person, attributes={}) for person in people)

    def attributes(self) -> tuple[Attribute, ...]:
        """What is asked of each participant and each interview, in order; nobody's answers."""
        return self._attributes.defined()

    def set_attributes(self, *attributes: Attribute) -> None:
        """Keep these attributes in place of those there were; what is known of people stays.

        Raises
        ------
        BadCommand
            Somebody's value does not fit; the sentence says whose.
        """
        self._attributes.define(attributes)

    def consents(self) -> dict[str, Consent]:
        """Participant → what they permitted beside being quoted, where it is recorded."""
        return self._recruitment.consents()

    def set_consent(self, consent: Consent) -> None:
        """Keep what a participant permitted; the history tells what changed, not the answer."""
        self._recruitment.set_consent(consent)

    def recruitment(self) -> tuple[Approach, ...]:
        """The recruitment log: each person asked to take part, and what came of it."""
        return self._recruitment.approaches()

    def set_recruitment(self, *approaches: Approach, without: Iterable[str] = ()) -> None:
        """Put these into the log, in place of those of the same id; take out those of the ids
        ``without``. What somebody else adds meanwhile stays.
        """
        self._recruitment.keep(approaches, without)

    def withdrawal(self, participant: str) -> Withdrawal:
        """What withdrawing this participant takes out, or took out, and where else their words
        still are: past exports, packages, copies of the study.
        """
        return self._people.withdrawal(participant)

    def withdraw(self, participant: str, *, reason: str) -> Withdrawal:
        """Take a participant out in one step, for good: every letter of theirs is put out.

        ``reason`` tells how it was asked for; it stands in the history, what was said does not.

        Raises
        ------
        NotInStudy
            There is no participant of this id.
        BadCommand
            There is no reason, or they have withdrawn already.
        """
        return self._people.withdraw(participant, reason)

    # -- text in -----------------------------------------------------------------------------

    def add(self, *items: Transcript | Participant) -> None:
        """Add transcripts and participants, all of them or none.

        A transcript without a participant is taken to be of a participant named like it.

        Raises
        ------
        AlreadyInStudy
            The same file, the same words or the same title is in the study.
        """
        self._shelf.add(items)

    def set_facts(self, transcript: str, facts: Mapping[str, str]) -> None:
        """Keep facts about an interview: its date, mode, interviewer and the like.

        ``facts`` are laid over those known; an empty value takes one out. The text stays.
        """
        self._shelf.set_facts(transcript, facts)

    def transcripts(self) -> tuple[Transcript, ...]:
        """All transcripts in the order they were added; those of people who withdrew left out."""
        return tuple(self._with_words_shown(text) for text in self._shelf.transcripts())

    def titles(self) -> dict[str, str]:
        """Transcript id → title, in order, without reading the texts."""
        return self._shelf.titles()

    def transcript(self, transcript: str) -> Transcript:
        """The transcript of this id or title; that of somebody who withdrew is not there."""
        return self._with_words_shown(self._shelf.transcript(transcript))

    def _with_words_shown(self, transcript: Transcript) -> Transcript:
        """The transcript as this seat may read it: all of it, or what may stand in print."""
        if self.seat is None or self.seat.roles & READERS_OF_WORDS:
            return transcript
        shown: list[Span] = []
        if "author" in self.seat.roles:
            shown = self._ledger.quotable(transcript.id)
        return replace(transcript, text=veiled(transcript.text, shown), removals=())

    # -- versions of a text ------------------------------------------------------------------

    def revise(
        self,
        revision: Revision,
        *,
        reason: str,
        confirmed: Mapping[str, Span | None] | None = None,
        keep_old: bool = True,
        deidentified: bool = False,
    ) -> int:
        """Put a changed text in the place of the old one; everything on it moves with it.

        Parameters
        ----------
        confirmed
            For each of ``touched(revision)``: coding id → where it goes, None if it is taken out.
        keep_old
            False where the old words identify somebody: then neither they nor older versions of
            this text stay in the file. Copies of the study made before still hold them.
        deidentified
            True where names were replaced and nothing else: nothing old is kept, and a release of
            the text holds on.

        Returns
        -------
        int
            The number of the new text version.

        Raises
        ------
        BadCommand
            The text was changed meanwhile, or a coding on changed words is not confirmed.
        """
        return self._texts.revise(
            revision,
            reason,
            confirmed or {},
            keep_old=keep_old and not deidentified,
            deidentified=deidentified,
        )

    def touched(self, revision: Revision) -> tuple[Touched, ...]:
        """Submitted and settled codings on words that a revision changes, where open to this seat:
        each is confirmed in ``revise``.
        """
        return self._texts.touched(revision)

    def text_versions(self, transcript: str) -> tuple[TextVersion, ...]:
        """The versions of a transcript's text, oldest first."""
        return self._texts.versions(transcript)

    def earlier_text(self, transcript: str, number: int) -> str:
        """An earlier version of a text, for a data steward."""
        return self._texts.earlier(transcript, number)

    def unconfirmed(self) -> tuple[Waiting, ...]:
        """Submitted codings that a revision moved while they were closed to its maker, and that
        nobody has confirmed since; of those, what is open to this seat.
        """
        return self._texts.unconfirmed()

    def confirm(self, *codings: str) -> None:
        """Keep that these codings hold on their new words; what does not is for a reopening."""
        self._texts.confirm(codings)

    # -- rounds ------------------------------------------------------------------------------

    def rounds(self) -> tuple[Round, ...]:
        """The rounds of coding in the order they were planned; every study has its main round."""
        return self._rounds.rounds()

    def round(self, round: str) -> Round:
        """The round of this id or name."""
        return self._rounds.round(round)

    def add_round(self, name: str, *, kind: RoundKind, version: str = "") -> Round:
        """Plan a pilot or a repeat, held to this codebook version or to the newest."""
        return self._rounds.add(name, kind, version)

    def close_round(self, round: str, *, note: str = "") -> None:
        """End a round for good; a pilot needs a changed codebook or a note of why not."""
        self._rounds.close(round, note)

    def hold_round(self, round: str, version: str) -> None:
        """Let a round go on under this codebook version; what was coded keeps its own."""
        self._rounds.hold(round, version)

    def give(
        self,
        given: Mapping[str, Sequence[str]],
        *,
        round: str = MAIN,
        only: bool = False,
        **how: Any,
    ) -> None:
        """Give each coder these transcripts in this order.

        With ``only``, what nobody has begun is taken back from everybody first, and new
        transcripts and coders are no longer given everything by themselves. ``how`` (a seed, a
        share) stands in the history. A transcript of a pilot leaves the main round; given there
        later, it is marked as not coded blind.
        """
        self._rounds.give(given, round, how, only)

    def take_back(self, transcript: str, coder: str, *, reason: str, round: str = MAIN) -> None:
        """Take an open transcript from a coder; what they made of it is kept and never counted."""
        self._rounds.take_back(transcript, coder, round, reason)

    def reopen(self, transcript: str, coder: str, *, reason: str, round: str = MAIN) -> None:
        """Let a coder change what they had submitted; what it was is kept, and the transcript is
        marked as not coded blind if anything could be compared already.
        """
        require(self.seat, "reopen what was submitted")
        self._layers.reopen(transcript, coder, round, reason)

    def assignments(self, *, round: str | None = MAIN) -> tuple[Assignment, ...]:
        """Who was given what in a round, or (None) in all.

        Of another's open work a coder learns only that it is open.
        """
        return self._rounds.assignments(None if round is None else self.round(round).id)

    def sight(self, *, round: str = MAIN) -> Blindness:
        """What this seat may compare in a round, and what is still awaited."""
        return self._rounds.sight(self.round(round))

    def pairs(self, *, round: str = MAIN) -> tuple[Pair, ...]:
        """How far the comparison of each transcript of a round is."""
        return self._rounds.pairs(round)

    def compared(self, *, round: str = MAIN) -> None:
        """Keep that what may be compared in a round was shown; once for each transcript."""
        self._rounds.compared(round)

    def lock_consensus(
        self, consensus: Mapping[str, Sequence[Coding]], *, round: str = MAIN
    ) -> None:
        """Lock the consensus of these transcripts (id → its codings): authors read it from now
        on, and nothing about it is decided again before it is unlocked.
        """
        self._rounds.lock(consensus, round)

    def unlock_consensus(self, transcript: str, *, reason: str, round: str = MAIN) -> None:
        """Open a locked consensus for decisions again; the reason stands in the history."""
        self._rounds.unlock(transcript, round, reason)

    # -- coding ------------------------------------------------------------------------------

    def codings(
        self,
        *,
        coders: Iterable[str] | None = None,
        transcript: str | None = None,
        round: str = MAIN,
    ) -> CodingSet:
        """The codings of a round that this seat may see: its own, and everybody's where all have
        submitted. An author has the locked consensus instead, as one layer.
        """
        return self._layers.codings(coders, transcript, round)

    def apply(self, transcript: str, operations: Sequence[object], *, round: str = MAIN) -> Applied:
        """Do a coder's acts on a transcript (see :mod:`qualcode.store.operations`).

        Raises
        ------
        Sealed
            The coder has submitted the transcript, and none of the acts was done before.
        """
        return self._layers.apply(transcript, operations, round)

    def unfinished(self, transcript: str, *, round: str = MAIN) -> Unfinished:
        """Of one's own work on a transcript: turns that were not on the screen, and doubts."""
        return self._layers.unfinished(transcript, round)

    def seen(self, transcript: str, *, round: str = MAIN) -> tuple[int, ...]:
        """Of one's own transcript: numbers of the participant turns that were on the screen."""
        return self._layers.seen(transcript, round)

    def submit(self, *transcripts: str, round: str = MAIN, discussed: bool = False) -> None:
        """Seal one's own codings of these transcripts: from here on they are never changed.

        ``discussed`` says that the coders have talked about them before: the transcript is marked
        and not counted as coded blind.
        """
        self._layers.submit(transcripts, round, discussed)

    # -- settling and themes -----------------------------------------------------------------

    def decisions(self) -> tuple[Decision, ...]:
        """What was settled, oldest first; the latest about a difference is the one that counts."""
        return self._ledger.decisions()

    def decide(self, *decisions: Decision, replacing: str | Iterable[str] | None = None) -> None:
        """Keep decisions in the ledger, all of them or none.

        ``replacing`` is the decision that the person saw as current, or all of them: if somebody
        else has decided in the meantime, nothing is kept and the error says who.
        """
        seen = (replacing,) if isinstance(replacing, str) else tuple(replacing or ())
        self._ledger.decide(decisions, seen)

    def codebook_issues(self) -> tuple[CodebookIssue, ...]:
        """What was decided about codes whose definitions parted the coders, oldest first."""
        return self._ledger.issues()

    def decide_issue(self, issue: CodebookIssue) -> None:
        """Keep what is done about a code or a pair of codes; a later decision stands beside it."""
        self._ledger.decide_issue(issue)

    def themes(self) -> tuple[Theme, ...]:
        """The themes that people have made and not dropped; none for whoever still codes."""
        return self._ledger.themes()

    def add_theme(self, theme: Theme) -> Theme:
        """Keep a theme under the name a person typed."""
        return self._ledger.add_theme(theme)

    def drop_theme(self, theme: str, *, reason: str) -> None:
        """Take a theme out, with the reason; it stays in the history."""
        self._ledger.drop_theme(theme, reason)

    # -- the record --------------------------------------------------------------------------

    def log(self, act: str, details: Mapping[str, Any], subject: str = "") -> None:
        """Keep a line of history for something that changed nothing else (a run, an export)."""
        if act in KEPT_BY_THE_STUDY or act in history.ACTS_OF_THE_FILE:
            raise BadCommand(
                f"“{act}” is written by the study itself, with the change it tells of."
            )
        with self._change(act, subject) as line:
            line.update(details)

    def history(
        self,
        act: str | None = None,
        *,
        who: str | None = None,
        subject: str | None = None,
        since: str | None = None,
        until: str | None = None,
    ) -> list[dict[str, Any]]:
        """The lines of history that this seat may read, oldest first, numbered as shown.

        While a round is open, of codings only one's own. ``since`` and ``until`` are days or
        moments in UTC, as 2026-11-22; the last day is included. ``subject`` is an id, or the title
        of a transcript.
        """
        sights = self._rounds.sights()
        recoded = self._open_answers()
        shown = (
            line
            for line in history.read(self._db)
            if may_read_line(line, seat=self.seat, who=self.who, sights=sights, recoded=recoded)
        )
        # The file's own numbers would tell how many lines are held back.
        waiting = self._people_held_back()
        numbered = [
            {**_without(line, waiting), "id": number} for number, line in enumerate(shown, start=1)
        ]
        wanted = history.wanted(
            act=act,
            who=who,
            subjects=self._subjects(subject) if subject else None,
            since=since,
            until=until,
        )
        return [line for line in numbered if wanted(line)]

    def _subjects(self, words: str) -> frozenset[str]:
        """The ids a line may be asked for by; the title of a text held back is nobody's to try."""
        return checks.subjects(self._db, words) - (self._hidden() - {words})

    def check(self) -> list[str]:
        """What is wrong with the file, each in a sentence; empty for a sound study."""
        return checks.faults(self._db, self.path)

    def last_hash(self) -> str:
        """The hash of the newest line of history: kept elsewhere, it proves the history later."""
        require(self.seat, "take the hash of the history")
        return history.last_line(self._db)[1]

    def warnings(self) -> list[str]:
        """What endangers the study without being a fault of it, each in a sentence."""
        return checks.warnings(self._db, self.path)

    def backup(self, target: str | Path) -> None:
        """A sound copy of the study, made while others may be working in it."""
        require(self.seat, "copy the whole study")
        file.copy_database(self._db, Path(target))

    def copies(self) -> list[restore.Listed]:
        """The copies of this study, newest first, with what of them this seat may know."""
        require(self.seat, "see the copies of the study")
        sights = self._rounds.sights()
        return restore.listed(
            self.path,
            lambda line: may_read_line(line, seat=self.seat, who=self.who, sights=sights),
        )

    def restore(self, copy: str) -> restore.Restored:
        """Put a copy of the list back in place of the study; what stood there is put aside.

        Raises
        ------
        NotInStudy
            There is no copy of this name.
        DamagedStudy
            The copy is not sound, or is of another study; nothing was changed.
        """
        require(self.seat, "restore the study")
        return restore.restore(self.path, restore.find(self.path, copy, paths=False), who=self.who)


def _without(line: dict[str, Any], people: frozenset[str]) -> dict[str, Any]:
    """A line of history that does not name these participants among those of a file."""
    there = line["details"].get("participants")
    if not people or not isinstance(there, list):
        return line
    kept = [person for person in there if person not in people]
    return {**line, "details": {**line["details"], "participants": kept}}
