"""What a run of suggestions can be repeated with: parameters in, names and versions out."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

LIBRARIES = ("numpy", "scipy", "scikit-learn", "spacy", "onnxruntime")


def versions_of(parameters: Mapping[str, Any]) -> Mapping[str, str]:
    """qualcode and the libraries that had a hand in a run, with the language model it names."""
    from qualcode import __version__

    found = {"qualcode": __version__}
    for name in (*LIBRARIES, str(parameters.get("language", "")).split(" ")[0]):
        try:
            found[name] = version(name)
        except (PackageNotFoundError, ValueError):
            continue  # a tier that is not installed had no hand in it
    return found
