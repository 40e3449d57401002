"""What an item of a checklist is held to: the rules that a checklist file may name."""

from __future__ import annotations

from collections.abc import Mapping

ITEM_RULES: Mapping[str, str] = {
    "all_transcripts_have_interviewer": "every interview names its interviewer",
    "interviewer_in_team": "every interviewer stands on the team page",
    "team_field_complete": "every researcher has this field",
    "team_field_complete_or_declined": "every researcher has this field, or declined to state it",
    "transcript_field_complete": "no interview is without this fact",
    "not_blank": "there is an answer",
    "statement_per_interviewer_and_coder": "every interviewer and coder has a statement",
    "orientation_fits_agreement_use": "agreement is used as the approach asks",
    "n_equals_table1": "the number of participants is that of the table",
    "withdrawn_excluded": "nobody who withdrew is counted",
    "flow_adds_up": "the flow of recruitment adds up, with its reasons",
    "attributes_complete": "no participant lacks an attribute",
    "small_cells_reviewed": "small groups were looked at",
    "dates_present": "every interview has its date",
    "guide_attached": "the questions of the guide are there",
    "pilot_answered": "it is said whether the guide was piloted",
    "waves_distinguished": "planned waves and repeated interviews are told apart",
    "answered": "there is an answer, if only “no”",
    "duration_complete": "every interview has its minutes, between 5 and 240",
    "position_stated": "it is said what was discussed",
    "orientation_fits_saturation": "saturation is used as the approach asks",
    "coders_have_codings": "every coder has codings, and who only settled is no coder",
    "agreement_attached_if_double_coded": "where two coded, agreement is told",
    "codebook_frozen": "the codebook version is fixed",
    "definitions_complete": "every code that was used has a definition",
    "origin_on_every_code": "every code tells where it comes from",
    "machine_help_disclosed": "what a machine proposed is told",
    "every_quote_attributed": "every quotation has its participant number",
    "every_quote_verbatim": "every quotation is word for word",
    "quote_consent": "everybody quoted agreed to it",
    "quote_spread": "the quotations are spread over people and groups",
    "each_theme_supported": "every theme rests on passages",
    "quote_under_matching_code": "every quotation carries a code of its theme",
    "theme_defined": "every theme has a definition",
    "theme_has_quotes": "every theme has quotations",
    "theme_has_section": "every theme has a heading in the report",
    "divergent_or_reason": "diverse cases are told, or why there are none",
}
"""Rule → what is looked at, in words; what was found stands in the notes of the item’s answer."""
