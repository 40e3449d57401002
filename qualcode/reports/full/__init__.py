"""The report that authors hand in, built from one study in as many profiles as there are files."""

from qualcode.reports.full.edits import SHELF, Place, based_on
from qualcode.reports.full.outline import full_report, places
from qualcode.reports.full.profiles import Profile, load_profile, profile_names

__all__ = [
    "SHELF",
    "Place",
    "Profile",
    "based_on",
    "full_report",
    "load_profile",
    "places",
    "profile_names",
]
