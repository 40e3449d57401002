"""``qualcode serve``: the app is served from this process, until Ctrl+C."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path

import psutil
from click.exceptions import Abort
from streamlit.web import cli

from qualcode.errors import BadCommand
from qualcode.sample import build_sample
from qualcode.store import open_study
from qualcode.store.packages import is_package
from qualcode.templates import data_folder
from qualcode.ui import places
from qualcode.ui.server.gate import OWN_NAMES
from qualcode.ui.server.start import ANYWHERE, OPEN

PORT = 8501
TRIES = 20


def serve(
    folder: str | Path | None = None,
    port: int | None = None,
    open_sample: bool = False,
    address: str = "127.0.0.1",
    *,
    hosts: Sequence[str] = (),
    browser: bool = True,
    package: str | Path | None = None,
) -> int:
    """Serve the studies of ``folder`` until Ctrl+C; the exit code of the server.

    Parameters
    ----------
    folder
        Where the studies are; ``QUALCODE_FOLDER`` or ./studies without it.
    port
        The port; without one, the first free from 8501 on.
    open_sample
        Begin with the sample study, which is built if it is not there.
    address
        The address to listen at: 127.0.0.1 is this machine only, 0.0.0.0 the whole network.
    hosts
        Names under which browsers may ask for the app, where it is not on this machine only.
    browser
        Open a browser, where there is a screen.
    package
        A coder's package, which is opened as its coder without an account, on this machine only.
    """
    if folder is not None:
        os.environ[places.FOLDER] = str(Path(folder).expanduser().absolute())
    places.accounts()  # a fault is told before anything starts
    sample = places.sample_path()
    if open_sample and not sample.exists():
        build_sample(sample).close()
    if open_sample:
        os.environ[OPEN] = "/?study=sample"
    if package is not None:
        _open_package(Path(package), address)
    port = free_port(address, port)
    return _run(settings(port, address, hosts=hosts, browser=browser and has_screen()))


def _open_package(package: Path, address: str) -> None:
    """Begin with a package; whoever reaches this server is its coder, so nobody else may."""
    if address not in OWN_NAMES:
        raise BadCommand(
            "A package is coded in on one’s own machine only; leave --address out to open it."
        )
    with open_study(package) as study:
        if not is_package(study):
            raise BadCommand(
                f"{package.name} is a study and no package; put it into the folder of studies."
            )
    os.environ[places.PACKAGE] = str(package.expanduser().absolute())
    os.environ[OPEN] = "/?study=package"


def settings(
    port: int, address: str, *, hosts: Sequence[str] = (), browser: bool = False
) -> list[str]:
    """What this start says to Streamlit; all else stands in .streamlit beside app.py."""
    said = ["--server.port", str(port), "--server.address", address]
    said += ["--server.headless", "false" if browser else "true"]
    for name in own_names(address, hosts):
        said += ["--server.allowedHosts", name]
    return said


def _run(said: Sequence[str]) -> int:
    try:
        cli.main(["run", str(data_folder("app.py")), *said], standalone_mode=False)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    except (KeyboardInterrupt, Abort):
        return 0
    return 0


def own_names(address: str, hosts: Sequence[str] = ()) -> list[str]:
    """The names and numbers under which a browser may ask for a server at this address."""
    names = ["localhost", "127.0.0.1", "::1", *hosts]
    if address in ANYWHERE:
        machine = socket.gethostname()
        names += [machine, f"{machine}.local", *_numbers()]
    else:
        names.append(address)
    return list(dict.fromkeys(name.lower() for name in names if name))


def _numbers() -> list[str]:
    """The addresses of this machine in its networks, as its own interfaces tell them.

    No resolver is asked: a name beyond the machine's own is given with ``--host``.
    """
    found = [
        card.address
        for cards in psutil.net_if_addrs().values()
        for card in cards
        if card.family in (socket.AF_INET, socket.AF_INET6)
    ]
    # With a zone (fe80::1%eth0) a number stands in no address of a browser.
    return sorted(n for n in found if "%" not in n and not ip_address(n).is_loopback)


def free_port(address: str, port: int | None = None) -> int:
    """This port, or the first free one from 8501 on.

    Raises
    ------
    BadCommand
        The port is taken, or the address is not one of this machine.
    """
    wanted = [port] if port is not None else range(PORT, PORT + TRIES)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    for number in wanted:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, number))
                return number
            except OverflowError as error:
                raise BadCommand(f"{number} is not a port; choose one up to 65535.") from error
            except OSError as error:
                last = error
    if port is None:
        raise BadCommand(
            f"No port from {PORT} to {PORT + TRIES - 1} is free at {address}; "
            "check the address, or choose a port with --port."
        ) from last
    raise BadCommand(
        f"Port {port} at {address} cannot be used ({last.strerror}); choose another with --port."
    ) from last


def has_screen() -> bool:
    """True where a browser could open; a server without a screen has none."""
    if sys.platform.startswith(("linux", "freebsd")):
        return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return True
