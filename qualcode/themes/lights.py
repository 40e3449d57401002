"""What a candidate's stability is worth: a share of draws in; a light, and its meaning, out.

The thresholds and the shares come from ``python -m benchmarks.corpora``, which prints them anew.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Light:
    """One of three: its ``name``, from which stability it shines, and what it was worth.

    ``purity`` is the mean share of a group's passages that the commonest human code held, over
    the groups with this light on three corpora that people had coded.
    """

    name: str
    least: float
    purity: float

    @property
    def sentence(self) -> str:
        """What the light means, in measured purity."""
        return (
            f"{self.name.capitalize()}: in groups as stable as this, the commonest human code held "
            f"{self.purity:.0%} of the passages on average, measured on three coded corpora."
        )


LIGHTS = (Light("steady", 0.6, 0.56), Light("fair", 0.4, 0.43), Light("shaky", -1.0, 0.31))
"""From the best to the worst."""


def light_of(stability: float) -> Light:
    """The light of a candidate with this stability.

    >>> light_of(0.9).name, light_of(-0.2).name
    ('steady', 'shaky')
    """
    return next((light for light in LIGHTS if stability >= light.least), LIGHTS[-1])
