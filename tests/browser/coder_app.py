"""An app with nothing but the coding surface, over a study that is a JSON file.

Query parameters: ``coder``, ``transcript``, ``readonly`` (its reason), ``refuse`` (a code that is
refused), ``book`` (“many”: more codes than number keys) and ``run``. The file named by
``CODER_APP_STATE`` holds the codings, for the test to look at; each ``run`` has one of its own
beside it, so that what an earlier test's page still sends arrives nowhere else.
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

sys.path.insert(0, str(Path(__file__).parents[2]))

from qualcode.ui.coder.edits import EDITS, carried_out
from tests.browser.coder_study import study_of


async def edits(request: Request) -> JSONResponse:
    asked = partial(study_of, dict(request.query_params))
    return JSONResponse(await run_in_threadpool(carried_out, asked, await request.json()))


app = st.App(
    Path(__file__).with_name("coder_page.py"), routes=[Route(EDITS, edits, methods=["POST"])]
)
