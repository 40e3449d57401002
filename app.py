"""The server: the gate and the sign-in pages stand before the app.

Start it with ``qualcode serve``, or in a checkout with ``streamlit run app.py``.
"""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

import qualcode.ui
from qualcode.ui.server.gate import Gate
from qualcode.ui.server.routes import ROUTES
from qualcode.ui.server.start import lifespan, stay_home

stay_home()
app = st.App(
    Path(qualcode.ui.__file__).with_name("main.py"),
    routes=ROUTES,
    middleware=[Middleware(Gate, hosts=st.get_option("server.allowedHosts"))],
    lifespan=lifespan,
)
