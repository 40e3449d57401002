"""What may come in over the websocket: what a page of ours sends, and nothing else.

Streamlit's protocol knows more than our pages use: clearing the caches of everybody, writing help
files for other programs beside the app, ordering another visitor's file. A frame that is no
message, or a larger one than any of ours, ends its own connection and nothing else.
"""

from __future__ import annotations

import json

from google.protobuf.message import DecodeError
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.runtime.runtime_util import get_max_widget_state_size_bytes

from qualcode.ui.server.visitors import HEADER, files

ACTS = frozenset({"rerun_script", "stop_script", "file_urls_request", "app_heartbeat"})
ORDERS = frozenset({"deferred_file", "dataframe_chunk"})
BAD_DATA, NO_MESSAGE, TOO_BIG = 1003, 1002, 1009


class Frames:
    """Middleware of the websocket: lets our own messages in."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return
        mark = Headers(scope=scope).get(HEADER, "")

        async def receive_ours() -> Message:
            while True:
                message = await receive()
                if message["type"] != "websocket.receive":
                    return message
                verdict = judge(message.get("bytes"), mark)
                if verdict is True:
                    return message
                if verdict is not False:
                    await send({"type": "websocket.close", "code": verdict})
                    return {"type": "websocket.disconnect", "code": verdict}

        await self.app(scope, receive_ours, send)


def judge(frame: bytes | None, mark: str) -> bool | int:
    """True for a message of ours, False for one to pass over, a code where the line is cut."""
    if frame is None:
        return BAD_DATA
    if len(frame) > get_max_widget_state_size_bytes():
        return TOO_BIG
    try:
        message = BackMsg.FromString(frame)
    except DecodeError:
        return NO_MESSAGE
    act = message.WhichOneof("type")
    if act == "backend_operation_request":
        request = message.backend_operation_request
        order = request.WhichOneof("payload")
        foreign = files.is_promised_to_another(request.deferred_file.file_id, mark)
        return order in ORDERS and not foreign
    if act == "rerun_script" and not _is_readable(message):
        return NO_MESSAGE
    return act in ACTS


def _is_readable(message: BackMsg) -> bool:
    """Whether what our own components said is JSON, and none so deep that reading it fails."""
    try:
        for widget in message.rerun_script.widget_states.widgets:
            if said := widget.json_trigger_value or widget.json_value:
                json.loads(said)
    except (ValueError, RecursionError):
        return False
    return True
