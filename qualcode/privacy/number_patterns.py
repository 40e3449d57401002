"""Patterns for numbers and addresses: telephone to IP, and what else is unique."""

from __future__ import annotations

from qualcode.privacy import checks
from qualcode.privacy.hits import Kind
from qualcode.privacy.shapes import Pattern, pattern

_IS = r"\s{0,2}(?:number|no|nr|num|id|code|#)?[.:#]?\s{0,2}(?:is|was|of)?[\s:#]{0,3}"
_CODE = (
    r"(?:\d{2,4}(?:[ \-]\d{2,6}){1,4}"
    r"|(?=[A-Z\-/]{0,6}\d)[A-Z0-9](?:[A-Z0-9\-/.]{0,30}[A-Z0-9])?)"
)
_TLD = (
    r"(?:com|org|net|edu|gov|mil|int|info|io|eu|ca|uk|us|de|at|ch|fr|es|it|nl|be|pt|pl|se|no|dk|fi"
    r"|ie|au|nz|jp|cn|tw|kr|in|br|mx|za|ru|health|care|hospital|example|local)"
)
_DIGIT_WORD = r"(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple)"
_CALL = (
    r"phone|telephone|\btel|mobile|\bcell|\bcall|\bring\b|\btext|whatsapp|number|\bext|pager|dial"
)


def numbered(rule: str, kind: Kind, words: str, suggestion: str, least: int) -> Pattern:
    """A number behind the words that say what it is: “MRN 00482913”."""
    expression = rf"\b(?:{words}){_IS}(?<hit>{_CODE})(?![\w])"
    return pattern(
        rule, kind, rf"(?i:{expression})", suggestion, 0.97, f"a number behind the word for {rule}",
        check=lambda text: sum(character.isdigit() for character in text) >= least,
    )  # fmt: skip


NUMBERS: tuple[Pattern, ...] = (
    # D, E: telephone and fax
    pattern(
        "telephone",
        "D",
        r"(?<![\w\-/.])(?:\+?1[ .\-])?(?:\(\d{3}\) ?|\d{3}[ .\-])\d{3}[ .\-]\d{4}\b"
        r"(?:(?: ?x| ext\.?| extension) ?\d{1,6})?"
        r"|(?<![\w\-/.])\+\d{1,3}(?:[ .\-]?\(0?\d{1,4}\))?(?:[ .\-/]?\d{1,5}){2,6}\b"
        r"|(?<![\w\-/.])\(?0\d{2,5}\)?[ .\-/]\d{3,4}(?:[ .\-]?\d{2,5}){0,3}\b",
        "telephone number",
        0.95,
        "a telephone number",
        check=checks.is_a_telephone,
    ),
    pattern(
        "short telephone",
        "D",
        r"(?<![\w\-/.,])\d{3}-\d{4}(?![\w\-/])",
        "telephone number",
        0.7,
        "figures in the form of a telephone number",
    ),
    pattern(
        "telephone by its word",
        "D",
        r"(?<![\w\-/.])\+?\d[\d ()./\-]{5,18}\d(?!\w)",
        "telephone number",
        0.8,
        "figures behind a word for the telephone",
        near=_CALL,
        check=checks.is_a_telephone,
    ),
    pattern(
        "extension",
        "D",
        r"\b(?i:ext(?:ension)?\.?(?: number| is)?:? )(?<hit>\d{3,6})\b",
        "telephone number",
        0.8,
        "an extension",
    ),
    pattern(
        "telephone in words",
        "D",
        rf"\b(?i:(?:{_DIGIT_WORD}[,\-]?\s){{6,}}{_DIGIT_WORD})\b",
        "telephone number",
        0.6,
        "seven digits or more, spoken",
    ),
    pattern(
        "fax",
        "E",
        r"(?<![\w\-/.])\+?\(?\d[\d ()./\-]{5,18}\d(?!\w)",
        "fax number",
        0.96,
        "a number behind the word fax",
        near=r"fax",
    ),
    # F: e-mail
    pattern(
        "e-mail",
        "F",
        r"(?<![\w.+\-])[\p{L}\p{N}._%+'\-]+@[\p{L}\p{N}\-]+(?:\.[\p{L}\p{N}\-]+)*\.\p{L}{2,}",
        "e-mail address",
        1.0,
    ),
    pattern(
        "e-mail spoken",
        "F",
        rf"\b(?i:[\w.\-]+(?: dot [\w\-]+)* at (?:[\w\-]+ dot )+{_TLD})\b",
        "e-mail address",
        0.8,
        "an e-mail address, spoken",
    ),
    # G: national numbers
    pattern(
        "national number",
        "G",
        r"(?<![\w\-/.])\d{3}(?:[ \-]\d{2}[ \-]\d{4}|[ \-]\d{3}[ \-]\d{3})(?![\w\-/])",
        "national number",
        0.95,
        "the form of a social security or insurance number",
    ),
    pattern(
        "national number by check",
        "G",
        r"(?<![\w\-/.])(?=[A-Z0-9 .\-/]{0,6}\d{2})[A-Z0-9](?:[ .\-/]?[A-Z0-9]){7,16}(?![\w\-/])",
        "national number",
        0.75,
        "its check digits are those of a national number",
        check=checks.is_national,
    ),
    numbered(
        "national number by its word",
        "G",
        r"SSN|social security|social insurance|SIN|NHS|NINO|national insurance|AHV",
        "national number",
        5,
    ),
    # H to M: numbers behind their words
    numbered(
        "medical record",
        "H",
        r"MRN|medical record|health record|chart|hospital|patient|case|file|unit",
        "medical record number",
        4,
    ),
    numbered(
        "health plan",
        "I",
        r"health (?:card|plan|insurance)|insurance|member|policy|OHIP|beneficiary|krankenkasse",
        "health plan number",
        5,
    ),
    numbered(
        "account",
        "J",
        r"accounts?|acct|sort code|routing|IBAN|credit card|debit card|invoice|Konto",
        "account number",
        4,
    ),
    pattern(
        "bank account or card",
        "J",
        r"(?<![\w\-/.])[A-Z0-9](?:[ \-]?[A-Z0-9]){11,33}(?![\w\-/])",
        "account number",
        0.95,
        "its check digits are those of a card or a bank account",
        check=checks.is_account,
    ),
    numbered(
        "licence",
        "K",
        r"licen[cs]es?|registration|certificate|permit|diploma|CPSO|GMC|NMC|NPI|DEA|PIN|approbation",
        "licence number",
        4,
    ),
    numbered(
        "plate",
        "L",
        r"(?:licen[cs]e|number|registration) plates?|plates?|kennzeichen|immatriculation",
        "plate",
        2,
    ),
    pattern(
        "vehicle",
        "L",
        r"\b(?=[A-Z]*\d)(?=\d*[A-Z])[A-HJ-NPR-Z0-9]{17}\b",
        "vehicle number",
        0.85,
        "the form of a vehicle number",
        check=checks.is_mixed,
    ),
    numbered(
        "device", "M", r"serial|device|pacemaker|implant|pump|model|IMEI|asset", "device number", 4
    ),
    pattern(
        "network device",
        "M",
        r"(?<![\w:])(?:[0-9A-Fa-f]{2}[:\-]){5}[0-9A-Fa-f]{2}(?![\w:])",
        "device number",
        0.95,
        "the address of a network device",
    ),
    pattern(
        "handset",
        "M",
        r"(?<![\w\-/.])\d{15}(?!\w)",
        "device number",
        0.8,
        "the check digit of a handset’s number",
        check=checks.is_handset,
    ),
    # N, O: web and IP addresses
    pattern(
        "web address",
        "N",
        r"(?i:\b(?:https?|ftp)://|\bwww\.)[^\s<>\"“”»)\]]*[^\s<>\"“”»)\].,;:!?’'…]",
        "web address",
        1.0,
    ),
    pattern(
        "domain",
        "N",
        rf"(?<![\w@.\-/])(?:[a-z0-9](?:[a-z0-9\-]{{0,62}}[a-z0-9])?\.){{1,6}}{_TLD}\b(?![.\w\-]{{0,60}}@)(?:/[^\s<>\"“”)\]]*[^\s<>\"“”)\].,;:!?])?",
        "web address",
        0.85,
        "a web address",
    ),
    pattern(
        "handle", "N", r"(?<![\w@.])@\w[\w.]{2,}\b", "account name", 0.8, "a name on a network"
    ),
    pattern(
        "IP address",
        "O",
        r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7})(?![\w:]|\.\d)",
        "IP address",
        0.95,
        check=checks.is_ip,
    ),
    # P, Q: files that hold a voice or a face
    pattern(
        "recording",
        "P",
        r"\b[\w\-]+\.(?i:wav|mp3|m4a|aac|flac|ogg|mp4|mov|avi|mkv|wma|webm)\b",
        "recording",
        0.8,
        "the name of a recording: a voice is a biometric identifier",
    ),
    pattern(
        "photograph",
        "Q",
        r"\b[\w\-]+\.(?i:jpe?g|png|heic|gif|tiff?|bmp|webp)\b",
        "photograph",
        0.8,
        "the name of a picture",
    ),
    # R: all else that is unique
    numbered(
        "other number",
        "R",
        r"badge|employee|staff|student|participant|study|trial|protocol|ticket|reference|ref|passport"
        r"|locker|room|bed|pass|contract|grant|project",
        "number",
        3,
    ),
    pattern(
        "registered trial",
        "R",
        r"\bNCT\d{8}\b|\bISRCTN\d{8}\b|\b10\.\d{4,9}/[^\s\"<>)\]]+[^\s\"<>)\].,;]|\b\d{4}-\d{4}-\d{4}-\d{3}[\dX]\b",
        "registered number",
        0.95,
        "a trial, a paper or a researcher in a public register",
    ),
    pattern(
        "long number", "R", r"(?<![\w.,\-/])\d{7,}(?![\w]|[.,]\d)", "number", 0.5, "a long number"
    ),
)
