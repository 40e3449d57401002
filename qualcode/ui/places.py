"""Where a server keeps things: the folder of studies, the accounts, the sample study."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from qualcode.errors import NotInStudy
from qualcode.store.accounts import Accounts, open_accounts
from qualcode.store.file import ENDING

FOLDER = "QUALCODE_FOLDER"
"""The environment variable that names the folder of studies; without it, ./studies."""

PACKAGE = "QUALCODE_PACKAGE"
"""The environment variable that names a coder's package to be coded in at this machine."""


def package_path() -> Path | None:
    """The package that this server was started with, or None."""
    named = os.environ.get(PACKAGE)
    return Path(named).expanduser().absolute() if named else None


def studies_folder() -> Path:
    """The folder of studies, made if it is not there; nobody else on the machine may read it."""
    folder = Path(os.environ.get(FOLDER) or "studies").expanduser().absolute()
    return _made(folder)


def accounts_path() -> Path:
    """The accounts file, which belongs to the folder of studies."""
    return _made(studies_folder() / ".accounts") / "accounts.db"


def accounts() -> Accounts:
    """The accounts of this server."""
    return _accounts(accounts_path())


def first_account_needed() -> bool:
    """True on a fresh server: nobody can sign in before the first account is made."""
    return not accounts().has_users()


def sample_path(name: str = "sample") -> Path:
    """Where a sample study stands, apart from the studies of the team."""
    return _made(studies_folder() / ".sample") / f"{name}{ENDING}"


def packages_folder() -> Path:
    """Where coders' packages are kept for download until they come back."""
    return _made(studies_folder() / ".packages")


def _made(folder: Path) -> Path:
    try:
        if not folder.is_dir():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise NotInStudy(
            f"The folder of studies {folder} cannot be made ({error.strerror}); "
            f"name another in {FOLDER}."
        ) from error
    return folder


@lru_cache(maxsize=8)
def _accounts(path: Path) -> Accounts:
    return open_accounts(path)
