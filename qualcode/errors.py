"""What can go wrong, each as one sentence for the researcher: what, where, what to do next.

QualcodeError
├── UnreadableFile     a file that is given cannot be read
├── BadCodebook        a codebook breaks its rules (line and column where known)
├── BadCoding          a coding does not fit its transcript
├── BadCommand         a call with values that make no sense
├── NotInStudy         something asked for is not in this study
├── AlreadyInStudy     something added is there already
├── NotAllowed         this seat may not do or see this
│   ├── StillBlind     closed until the coders have submitted
│   └── SignedOut      nobody is signed in any more
├── NotReleased        a report that may not leave as final yet
├── NoCluster          a Dask cluster that cannot be reached, or cannot be used
├── Stopped            a long computation was stopped by whoever asked for it
├── Sealed             a submitted coding is never changed
└── DamagedStudy       the study file is not what it should be
"""

from __future__ import annotations


class QualcodeError(Exception):
    """A full sentence for the researcher; a bug is never one of these."""


class UnreadableFile(QualcodeError):
    """A file cannot be read; the sentence names it and says what to do."""


class BadCodebook(QualcodeError):
    """A codebook breaks its rules."""

    def __init__(self, message: str, *, line: int | None = None, column: str | None = None) -> None:
        self.line = line
        self.column = column
        where = ", ".join(
            part
            for part in (
                f"line {line}" if line is not None else "",
                f"column {column}" if column else "",
            )
            if part
        )
        super().__init__(f"{where[0].upper()}{where[1:]}: {message}" if where else message)


class BadCoding(QualcodeError):
    """A coding does not fit its transcript or its codebook."""


class BadCommand(QualcodeError):
    """A call with values that make no sense together."""


class NotInStudy(QualcodeError):
    """Something asked for is not in this study, or there is no study."""


class AlreadyInStudy(QualcodeError):
    """Something added is there already."""


class NotAllowed(QualcodeError):
    """This seat may not do or see this."""


class StillBlind(NotAllowed):
    """Closed until the coders have submitted."""


class SignedOut(NotAllowed):
    """Nobody is signed in any more; whoever signs in again may go on."""


class NotReleased(QualcodeError):
    """A report may not leave as a final one yet; the sentence says what is found in it."""


class NoCluster(QualcodeError):
    """A Dask cluster cannot be reached, is gone, or cannot do the work."""


class Stopped(QualcodeError):
    """A long computation was stopped by whoever asked for it; nothing came of it."""


class Sealed(QualcodeError):
    """What a coder has submitted is never changed."""


class DamagedStudy(QualcodeError):
    """The study file is not what it should be."""
