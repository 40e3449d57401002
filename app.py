"""The server: the gate and the sign-in pages stand before the app.

Start it with ``qualcode serve``, or in a checkout with ``streamlit run app.py``.
"""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

import qualcode.ui
from qualcode.ui.server.frames import Frames
from qualcode.ui.server.gate import Gate
from qualcode.ui.server.routes import ROUTES
from qualcode.ui.server.start import at_the_root, lifespan, stay_home
from qualcode.ui.server.visitors import Visitors

at_the_root()
stay_home()
app = st.App(
    Path(qualcode.ui.__file__).with_name("main.py"),
    routes=ROUTES,
    middleware=[
        Middleware(Gate, hosts=st.get_option("server.allowedHosts")),
        Middleware(Visitors),
        Middleware(Frames),
    ],
    lifespan=lifespan,
)
