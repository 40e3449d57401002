"""Words of speakers' labels: who asks, who answers, and what is never a speaker."""

from __future__ import annotations


def words(*lines: str) -> frozenset[str]:
    """The words of these lines, as a set.

    >>> sorted(words("b a", "c"))
    ['a', 'b', 'c']
    """
    return frozenset(word for line in lines for word in line.split())


INTERVIEWER_WORDS = words(
    "i q int intv interviewer interviewers moderator mod facilitator fac researcher "
    "interviewerin interviewende intervieweur intervieweuse enquêteur enquêtrice chercheur "
    "chercheuse entrevistador entrevistadora pesquisador pesquisadora moderadora investigador "
    "investigadora intervistatore intervistatrice onderzoeker haastattelija intervjuer intervjuare "
    "問 问 訪談者 访谈者 采访者 採訪者 主持人 المحاور الباحث מראיין מראיינת"
)
PARTICIPANT_WORDS = words(
    "p participant respondent resp interviewee informant befragte befragter teilnehmer "
    "teilnehmerin répondant répondante participante entrevistado entrevistada deelnemer "
    "haastateltava 答 受訪者 受访者"
)
OTHER_WORDS = frozenset({"observer", "notetaker", "transcriptionist"})
ROLE_WORDS = INTERVIEWER_WORDS | PARTICIPANT_WORDS | OTHER_WORDS | {"speaker", "sprecher"}
"""A label with one of these counts even if it stands only once."""

ASKING_WORDS = INTERVIEWER_WORDS | {"question", "questioner", "host", "journalist"}
"""A label with one of these is proposed as the interviewer's."""

HEADER_WORDS = words(
    "date time place location duration length recorded recording file filename transcript "
    "transcribed transcription transcriber project study title setting site mode language version "
    "participants attendees consent code keywords abstract source status age gender document tags"
)
"""Words before a colon in the lines at the top of a transcript that tell about it."""

NOT_NAMES = words(
    "a an and also although another as because before but caution chapter comment comments "
    "conclusion email example examples exactly figure finally first firstly for from here hence "
    "how however http https i'd i'll i'm if important in introduction is it it's last later "
    "lastly like list maybe me my nb next no note notes now of oh ok okay on one or our part "
    "page point problem ps re reason remember result right say second secondly section she he "
    "since so sometimes step still subject sum summary table tel that that's the their then "
    "there these they thing things third this those thus tip to today topic two url warning we "
    "well what when where which who why with www yeah yes you you're your"
)
"""Words that open a line of speech or of notes before a colon, and are never a name."""

PARTICLES = words(
    "de da do dos das del della di du la le van von der den ter ten zu zur af av bin al el "
    "y e and of the"
)
TITLES = words("dr prof mr mrs ms mx sir dame rev sr jr")
