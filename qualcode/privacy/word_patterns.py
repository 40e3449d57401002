"""Patterns for what is said in words: names, places and institutions, dates and ages, phrases."""

from __future__ import annotations

from qualcode.privacy import checks
from qualcode.privacy.shapes import (
    CAP,
    INITIAL,
    NAME,
    PARTICLE,
    SPACE,
    START,
    TITLE,
    YEAR,
    Pattern,
    pattern,
)

_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)"
)
_MOIS = (
    r"(?:janvier|f[ée]vrier|mars|avril|mai|juin|juillet|ao[uû]t|septembre|octobre|novembre"
    r"|d[ée]cembre|Januar|J[äa]nner|Februar|März|April|Mai|Juni|Juli|August|September|Oktober"
    r"|November|Dezember|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre"
    r"|noviembre|diciembre|gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|ottobre"
    r"|dicembre|janeiro|fevereiro|março|maio|junho|julho|setembro|outubro|dezembro"
    r"|januari|februari|maart|mei|juni|juli|augustus|oktober)"
)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th|er)?"
_HOUSE = (
    r"(?:Hospitals?|Infirmary|Clinics?|Medical Cent(?:re|er)|Health Cent(?:re|er)|Cent(?:re|er)"
    r"|University|College|School|Academy|Institute|Hospice|Foundation|Trust|Pharmacy|Surgery"
    r"|Sanatorium|Nursing Home|Care Home|Church|Parish|Laborator(?:y|ies))"
)
_HAUS = (
    r"(?:Universitätsspital|Universitätsklinikum|Kantonsspital|Spital|Klinikum|Klinik|Krankenhaus"
    r"|Universität|Hochschule|Hôpital|Clinique|Université|CHU|CHUM?|Centre hospitalier|Hospital"
    r"|Universidad|Universidade|Clínica|Ospedale|Università|Policlinico|Ziekenhuis|Universiteit"
    r"|University|College|Institute)"
)
_STREET = (
    r"(?:Street|Avenue|Road|Lane|Drive|Boulevard|Crescent|Court|Square|Terrace|Way|Place|Close"
    r"|Row|Highway|Parkway|Quay|Circle|Trail)"
)
_STATES = (
    r"(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]"
    r"|T[NX]|UT|V[AT]|W[AIVY])"
)
_NINETY = r"(?:9\d|1[01]\d|ninety(?:[ \-](?:one|two|three|four|five|six|seven|eight|nine))?)"
_ROLE = (
    r"(?:psychiatrist|psychologist|surgeon|doctor|physician|nurse|pharmacist|therapist|midwife"
    r"|specialist|consultant|resident|professor|teacher|lecturer|director|manager|chief|chair"
    r"|head|lead|officer|engineer|pilot|astronaut|lawyer|woman|man|female|male|girl|boy|person"
    r"|immigrant|foreigner|student|fellow|dentist|paramedic|scientist|secretary|technician)"
)

WORDS: tuple[Pattern, ...] = (
    # A: names
    pattern(
        "title and name",
        "A",
        rf"\b{TITLE}\b\.?{SPACE}{NAME}",
        "colleague",
        0.95,
        "a title and a word with a capital",
    ),
    pattern(
        "name said",
        "A",
        rf"\b(?i:names?(?:['’]s|{SPACE}is|{SPACE}was)|named)\s(?<hit>{NAME})",
        "colleague",
        0.8,
        "a name said to be one",
    ),
    pattern(
        "two capitals",
        "A",
        rf"(?<![\p{{L}}\p{{M}}\p{{N}}\-'’/@.])"
        rf"{CAP}{SPACE}(?:(?:{INITIAL}|{PARTICLE}){SPACE})?{CAP}(?:{SPACE}{CAP})?",
        "colleague",
        0.4,
        "words with capitals side by side",
        check=checks.may_be_a_name,
    ),
    pattern(
        "lone capital",
        "A",
        rf"(?<=[\p{{Ll}},]{SPACE}){CAP}",
        "colleague",
        0.2,
        "a word with a capital inside a sentence",
        check=checks.may_be_a_name,
        by_default=False,
    ),
    # B: places, and institutions that tell them
    pattern(
        "institution",
        "B",
        rf"{START}(?:(?:St|Mt)\.?{SPACE})?(?:{CAP}{SPACE}(?:(?:of|and|the|for|&){SPACE})?){{1,4}}"
        rf"{_HOUSE}\b(?:{SPACE}(?:of|for){SPACE}(?:the{SPACE})?{CAP}(?:{SPACE}{CAP})?)?",
        "institution",
        0.9,
        "the name of an institution",
        check=checks.names_an_institution,
    ),
    pattern(
        "general hospital",
        "B",
        rf"{START}(?:(?:St|Mt)\.?{SPACE})?{CAP}(?:{SPACE}{CAP})?{SPACE}General\b(?!{SPACE}\p{{Lu}})",
        "hospital",
        0.85,
        "the name of a hospital",
        check=checks.names_an_institution,
    ),
    pattern(
        "institution of",
        "B",
        rf"\b{_HAUS}{SPACE}(?:(?:of|de|du|des|della|di|do|da|für|van){SPACE})?"
        rf"(?:(?:the|la|le|los|las|St\.?){SPACE})?{CAP}(?:[ \-]{CAP})?",
        "institution",
        0.9,
        "the name of an institution",
        check=checks.names_an_institution,
    ),
    pattern(
        "street",
        "B",
        rf"\b\d{{1,5}}[A-Za-z]?,?{SPACE}(?:[NSEW]\.?{SPACE})?(?:{CAP}{SPACE}){{1,3}}"
        rf"(?:{_STREET}|(?:St|Ave|Rd|Ln|Dr|Blvd|Cres|Ct|Sq|Hwy|Pkwy)\b\.?)",
        "street",
        0.95,
        "a street and a number",
    ),
    pattern(
        "street without number",
        "B",
        rf"{START}(?:{CAP}{SPACE}){{1,2}}(?:Street|Avenue|Road|Boulevard|Lane|Crescent)\b",
        "street",
        0.7,
        "the name of a street",
        check=checks.names_an_institution,
    ),
    pattern(
        "street abroad",
        "B",
        r"\b\p{Lu}\p{L}+(?:straße|strasse|gasse|allee)\b(?: \d{1,4}[a-z]?)?"
        r"|\b\d{1,4}(?: bis)?,? (?:rue|avenue|boulevard|chemin|quai) (?:d[eu]s? |de la |de l['’])?"
        r"\p{Lu}[\p{L}\-]+|\b(?:[Cc]alle|[Vv]ia|[Rr]ua|[Aa]venida) \p{Lu}\p{L}+,? \d{1,4}",
        "street",
        0.85,
        "the name of a street",
    ),
    pattern(
        "Canadian postal code",
        "B",
        r"\b[ABCEGHJ-NPRSTVXY]\d[A-Z][ \-]?\d[A-Z]\d\b",
        "postal code",
        0.95,
    ),
    pattern(
        "British postcode",
        "B",
        r"\b(?:GIR 0AA|[A-PR-UWYZ](?:\d{1,2}|[A-HK-Y]\d{1,2}|\d[A-HJKPSTUW]"
        r"|[A-HK-Y]\d[ABEHMNPRVWXY]) ?\d[ABD-HJLNP-UW-Z]{2})\b",
        "postal code",
        0.9,
    ),
    pattern(
        "ZIP code",
        "B",
        rf"(?:\b{_STATES},?{SPACE}|(?i:\bzip(?:{SPACE}code)?(?:{SPACE}is)?:?{SPACE}))(?<hit>\d{{5}}(?:-\d{{4}})?)\b"
        r"|(?<![\d\-])(?<hit>\d{5}-\d{4})\b(?!-)",
        "postal code",
        0.9,
    ),
    pattern(
        "postal code with country", "B", r"\b(?:D|CH|A|F|I|NL|B)-\d{4,5}\b", "postal code", 0.8
    ),
    # C: dates except the year, and ages over 89
    pattern(
        "date",
        "C",
        rf"\b(?i:{_DAY}(?:{SPACE}of)?{SPACE}(?:{_MONTH}|de {_MOIS}|{_MOIS}))\b\.?"
        rf"(?:,?{SPACE}(?:de )?{YEAR}\b)?"
        rf"|\b{_DAY}\.{SPACE}(?i:{_MOIS})\b(?:{SPACE}{YEAR}\b)?"
        rf"|\b{_MONTH}\.?{SPACE}(?:the{SPACE})?{_DAY}\b(?!:)(?:,?{SPACE}{YEAR}\b)?",
        "date",
        0.95,
        "a day and a month",
        check=checks.is_a_day,
    ),
    pattern(
        "date in figures",
        "C",
        rf"(?<![\d./\-]){YEAR}([\-/.])(?:0?[1-9]|1[0-2])\1(?:0?[1-9]|[12]\d|3[01])(?![\d\-/]|\.\d)"
        r"|(?<![\d./\-])(?:0?[1-9]|[12]\d|3[01])([\-/.])(?:0?[1-9]|[12]\d|3[01])\2(?:(?:1[89]|20)\d\d|\d\d)(?![\d\-/]|\.\d)",
        "date",
        0.9,
        "a date in figures",
        check=checks.is_a_date_in_figures,
    ),
    pattern(
        "month and year",
        "C",
        rf"\b(?:{_MONTH}\.?|(?i:{_MOIS})),?{SPACE}(?:of{SPACE}|de{SPACE})?{YEAR}\b",
        "date",
        0.8,
        "more of a date than the year",
    ),
    pattern(
        "East Asian date",
        "C",
        r"(?:\d{2,4}年)?\d{1,2}月\d{1,2}[日号號]",
        "date",
        0.95,
        "a day and a month",
    ),
    pattern(
        "month alone",
        "C",
        rf"(?i:\b(?:in|last|next|since|until|by|early|late|mid){SPACE})(?<hit>{_MONTH})\b",
        "date",
        0.4,
        "a month",
        by_default=False,
    ),
    pattern(
        "age over 89",
        "C",
        rf"\b(?i:age[ds]?(?:{SPACE}of)?{SPACE}(?<hit>{_NINETY}))\b"
        rf"|\b(?<hit>{_NINETY})[ \-](?i:years?[ \-](?:old|of{SPACE}age)|year[ \-]old)\b"
        rf"|\b(?i:(?:is|am|was|turned|turning|turns)|(?<=\p{{L}})['’](?:s|m|re)){SPACE}(?:(?:just|nearly|almost|about|now){SPACE})?"
        rf"(?<hit>{_NINETY})(?={SPACE}(?i:now|this{SPACE}year|next"
        rf"|years?\b(?!{SPACE}(?:ago|later|in)))|[ ]?[,;]?{SPACE}(?i:and{SPACE}(?:he|she|still)))"
        rf"|\b(?i:turned|turning){SPACE}(?<hit>{_NINETY})\b",
        "90 or older",
        0.85,
        "an age over 89",
    ),
    pattern(
        "phrase: the only",
        "R",
        rf"\b(?i:the (?:only|first|sole|youngest|oldest) (?:[\p{{L}}\-]+ ){{0,2}}{_ROLE})\b"
        r"(?= (?i:who|in|at|here|on|from|to|with|that|of|we|they)\b|[.,;])",
        "role",
        0.3,
        "a role that may be the only one of its kind",
    ),
    pattern(
        "phrase: award",
        "R",
        r"\b(?i:(?:won|received|awarded|got) (?:[\p{L}\p{N}'’\-]+ ){1,4}"
        r"(?:award|prize|medal|fellowship))\b",
        "award",
        0.3,
        "an award that can be looked up",
    ),
)
