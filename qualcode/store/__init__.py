"""The study's own file: one SQLite file a study, each change one transaction with its history."""

from qualcode.store.access import Blindness
from qualcode.store.layers import Unfinished
from qualcode.store.operations import Applied
from qualcode.store.rounds import Pair
from qualcode.store.study import Study, open_study

__all__ = ["Applied", "Blindness", "Pair", "Study", "Unfinished", "open_study"]
