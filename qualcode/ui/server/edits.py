"""The way of a coder's edits into the study: a request in, what became of each edit out.

Not by a run of the page, which is ten times the work and which a browser under load takes in last.
Whose edits they are says the sign-in of the very request; that it comes from our own page says its
origin, in the gate.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import anyio
import anyio.to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from streamlit.runtime.runtime_util import get_max_widget_state_size_bytes

from qualcode.errors import SignedOut
from qualcode.ui import places, seats
from qualcode.ui.coder.edits import carried_out
from qualcode.ui.coder.rounds import InRounds
from qualcode.ui.server import cookies

JSON = "application/json"
LONGEST_NAME = 200
AT_ONCE = 32
"""So many may wait for a study that is being written; they take no thread from anybody else."""
SOMEBODY_ELSE = "Somebody else is signed in in this browser now; sign in again as {coder} to go on."

_at_work = anyio.CapacityLimiter(AT_ONCE)


async def edits(request: Request) -> Response:
    """``POST`` {transcript, coder, ops} with ``?study=…&seat=…``; JSON comes back.

    Another status than 200 is no answer to any edit: the browser keeps them and tries again.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
        return PlainTextResponse("Edits are sent as JSON.\n", 415)
    body = await _body(request, get_max_widget_state_size_bytes())
    if body is None:
        return PlainTextResponse("This is more than any page of qualcode sends at once.\n", 413)
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        return PlainTextResponse("This is no JSON that qualcode can read.\n", 400)
    told = await anyio.to_thread.run_sync(
        _told, request.query_params, request.cookies, payload, limiter=_at_work
    )
    return Response(json.dumps(told), media_type=JSON)


async def _body(request: Request, most: int) -> bytes | None:
    pieces, size = [], 0
    try:
        async for piece in request.stream():
            pieces.append(piece)
            size += len(piece)
            if size > most:
                return None
    except ClientDisconnect:
        return b""
    return b"".join(pieces)


def _told(asked: Mapping[str, str], kept: Mapping[str, str], payload: object) -> dict[str, Any]:
    coder = str(payload.get("coder", ""))[:LONGEST_NAME] if isinstance(payload, dict) else ""

    @contextmanager
    def open_study() -> Iterator[InRounds]:
        with seats.opened(
            asked.get("study", ""),
            person=lambda: places.accounts().who(kept.get(cookies.SESSION)),
            chosen=asked.get("seat", ""),
        ) as study:
            if study.seat is None or study.seat.name != coder:
                raise SignedOut(SOMEBODY_ELSE.format(coder=coder))
            yield InRounds(study)

    return carried_out(open_study, payload)
