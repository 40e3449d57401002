"""Does a study lie in a folder that something else copies about? Then SQLite's locks cannot hold.

The path goes in, a sentence comes out where it is sure; nothing is asked of any network.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath

ADVICE = (
    "two machines can damage the file there, and copies leave this machine. "
    "Move the study to a folder of this machine's own, and close it while you move it."
)
SERVICES = (
    # Folders of a company carry its name: "OneDrive - University", "Dropbox (Lab)".
    (r"onedrive( - .+)?|onedrive-.+", "OneDrive"),
    (r"dropbox( \(.+\))?|dropbox-.+", "Dropbox"),
    (r"icloud ?drive|icloud|com~apple~clouddocs|mobile documents", "iCloud Drive"),
    (r"google ?drive( \(.+\))?|googledrive-.+|my drive|shared drives|drivefs", "Google Drive"),
    (r"box|box sync|box-box", "Box"),
    (r"nextcloud(-.+)?|owncloud(-.+)?", "Nextcloud or ownCloud"),
    (r"pclouddrive|pcloud ?drive|pcloud|pcloudsync", "pCloud"),
)
MARKS = {
    ".stfolder": "Syncthing",
    ".dropbox": "Dropbox",
    ".dropbox.cache": "Dropbox",
    ".owncloudsync.log": "Nextcloud or ownCloud",
    ".nextcloudsync.log": "Nextcloud or ownCloud",
    ".sync_journal.db": "Nextcloud or ownCloud",
    ".pcloud": "pCloud",
}
"""Files and folders that a program of this name leaves in the folder that it syncs."""
NETWORK = {
    "nfs": "NFS", "nfs4": "NFS", "cifs": "SMB", "smb3": "SMB", "smbfs": "SMB", "9p": "9P",
    "davfs": "WebDAV", "afs": "AFS", "ceph": "Ceph", "glusterfs": "GlusterFS", "lustre": "Lustre",
    "fuse.sshfs": "SSHFS", "fuse.rclone": "rclone", "fuse.davfs": "WebDAV",
    "fuse.davfs2": "WebDAV", "fuse.glusterfs": "GlusterFS", "fuse.gvfsd-fuse": "a GVFS mount",
    "fuse.s3fs": "S3", "fuse.google-drive-ocamlfuse": "Google Drive",
    "fuse.onedriver": "OneDrive", "fuse.pcloud": "pCloud", "fuse.insync": "Insync",
}  # fmt: skip
# \\?\C:\… is a disk of this machine by its long name; \\?\UNC\… is a share.
SHARE = re.compile(r"\\\\(?![?.]\\(?!unc\\))", re.IGNORECASE)
MOUNTS = Path("/proc/self/mountinfo")


def synced(path: str | Path, *, called: str = "", mounts: str | None = None) -> str | None:
    """A sentence if the study at this path lies in a synced or network folder, else None.

    ``called`` is what the sentence calls it, the file's name without one. ``mounts`` is the text
    of ``/proc/self/mountinfo``; without it this machine's is read.
    """
    pure = _pure(path)
    name = called or pure.name
    if isinstance(pure, PureWindowsPath) and SHARE.match(str(pure)):
        return f"{name} is on a network drive ({pure.drive}): {ADVICE}"
    folders = [part.casefold() for part in pure.parts[:-1]]
    service = _by_name(folders) or _by_marks(path)
    if service:
        return f"{name} is in a folder that {service} syncs: {ADVICE}"
    if isinstance(pure, PurePosixPath):
        kind = _mounted(pure, _mountinfo() if mounts is None else mounts)
        if kind:
            return f"{name} is on a network drive ({kind}): {ADVICE}"
    return None


def _pure(path: str | Path) -> PurePath:
    words = str(path)
    if isinstance(path, str) and re.match(r"[A-Za-z]:[\\/]|\\\\", words):
        return PureWindowsPath(words)
    whole = Path(os.path.abspath(words))
    with suppress(OSError):
        whole = whole.resolve()  # a link may lead into such a folder
    return PureWindowsPath(whole) if sys.platform == "win32" else PurePosixPath(whole)


def _by_name(folders: list[str]) -> str:
    for pattern, service in SERVICES:
        known: Callable[[str], object] = re.compile(pattern).fullmatch
        # "Box" and "iCloud" are words too: only as a folder of somebody's home.
        for depth, folder in enumerate(folders):
            if known(folder) and (folder not in ("box", "icloud") or _is_home(folders[:depth])):
                return service
    return ""


def _is_home(folders: list[str]) -> bool:
    """True for /home/ana, /Users/ana, C:\\Users\\ana and /root."""
    return (len(folders) >= 2 and folders[-2] in ("home", "users")) or folders[-1:] == ["root"]


def _by_marks(path: str | Path) -> str:
    whole = Path(path).absolute()
    for folder in whole.parents:
        for mark, service in MARKS.items():
            # In a home folder .dropbox holds the program's settings, and home is not synced.
            if mark in (".dropbox", ".pcloud") and folder == _home():
                continue
            if (folder / mark).exists():
                return service
    return ""


def _home() -> Path | None:
    try:
        return Path.home()
    except RuntimeError:
        return None


def _mountinfo() -> str:
    try:
        return MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ""  # not Linux


def _mounted(path: PurePosixPath, mounts: str) -> str:
    """The kind of network drive that holds this path; the longest mount point decides."""
    best: tuple[int, int, str] = (-1, -1, "")
    for number, line in enumerate(mounts.splitlines()):
        left, found, right = line.partition(" - ")
        fields, kind = left.split(), right.split()[:1]
        if not found or len(fields) < 5 or not kind:
            continue
        point = PurePosixPath(_unescaped(fields[4]))
        if path.is_relative_to(point):
            best = max(best, (len(point.parts), number, kind[0]))
    return NETWORK.get(best[2], "")


def _unescaped(words: str) -> str:
    r"""Spaces and the like stand in mountinfo as \040."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), words)
