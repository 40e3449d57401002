"""Folders that other programs copy about are known by their path, their marks and their mount."""

from __future__ import annotations

from pathlib import Path

import pytest

from qualcode.store.folders import synced

MOUNTS = r"""22 1 259:2 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p2 rw
31 22 0:5 / /proc rw,nosuid - proc proc rw
40 22 259:3 / /home rw,relatime shared:2 - ext4 /dev/nvme0n1p3 rw
51 40 0:44 / /home/ana/uni rw,relatime shared:9 - fuse.sshfs ana@host:/data rw,user_id=1000
52 22 0:45 / /mnt/group rw,relatime shared:8 - cifs //server/group rw,vers=3.1
53 52 0:46 / /mnt/group/local rw - ext4 /dev/sdb1 rw
54 22 0:47 / /mnt/the\040lab rw - nfs4 server:/lab rw
55 22 0:48 / /mnt/cloud rw - fuse.rclone drive: rw
56 22 0:49 / /mnt/c rw - 9p C:\134 rw
57 22 0:50 / /mnt/dav rw - fuse rubbish
58 22 0:51 / /media/usb rw - vfat /dev/sdc1 rw
59 22 0:52 / /mnt/dav2 rw - davfs https://dav rw
60 22 0:53 / /mnt/smb3 rw - smb3 //server/x rw
"""


@pytest.mark.parametrize(
    ("path", "service"),
    [
        (r"C:\Users\ana\OneDrive\nurses.qualcode", "OneDrive"),
        (r"C:\Users\ana\OneDrive - University of X\data\nurses.qualcode", "OneDrive"),
        ("/Users/ana/Library/CloudStorage/OneDrive-Lab/nurses.qualcode", "OneDrive"),
        ("/home/ana/Dropbox/nurses.qualcode", "Dropbox"),
        (r"D:\Dropbox (Lab)\nurses.qualcode", "Dropbox"),
        ("/Users/ana/Library/Mobile Documents/com~apple~CloudDocs/a.qualcode", "iCloud Drive"),
        (r"C:\Users\ana\iCloudDrive\a.qualcode", "iCloud Drive"),
        ("/Users/ana/Library/CloudStorage/GoogleDrive-a@b.org/My Drive/a.qualcode", "Google Drive"),
        (r"G:\My Drive\a.qualcode", "Google Drive"),
        ("/Users/ana/Library/CloudStorage/Box-Box/a.qualcode", "Box"),
        (r"C:\Users\ana\Box\a.qualcode", "Box"),
        ("/home/ana/Nextcloud/study/a.qualcode", "Nextcloud or ownCloud"),
        ("/home/ana/ownCloud/a.qualcode", "Nextcloud or ownCloud"),
        ("/home/ana/pCloudDrive/a.qualcode", "pCloud"),
    ],
)
def test_a_synced_folder_is_known_by_its_name(path: str, service: str) -> None:
    words = synced(path, mounts="")
    assert words is not None
    assert f"that {service} syncs" in words
    assert words.endswith(".")
    assert "Move the study" in words


@pytest.mark.parametrize(
    "path",
    [
        "/home/ana/studies/nurses.qualcode",
        "/home/ana/studies/Dropbox.qualcode",
        "/home/ana/dropbox of letters/nurses.qualcode",
        "/srv/box/nurses.qualcode",
        "/home/ana/work/box/nurses.qualcode",
        r"C:\Users\ana\Documents\nurses.qualcode",
        "\\\\?\\C:\\Users\\ana\\nurses.qualcode",
        "/Volumes/Work/nurses.qualcode",
    ],
)
def test_a_folder_of_this_machine_is_left_in_peace(path: str) -> None:
    assert synced(path, mounts=MOUNTS) is None


@pytest.mark.parametrize(
    "path",
    [r"\\server\group\nurses.qualcode", "\\\\?\\UNC\\server\\group\\n.qualcode", "//server/g/n.q"],
)
def test_a_windows_share_is_a_network_drive(path: str) -> None:
    if path.startswith("//"):
        path = path.replace("/", "\\")
    assert "on a network drive" in str(synced(path))


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/ana/uni/n.qualcode", "SSHFS"),
        ("/mnt/group/deep/er/n.qualcode", "SMB"),
        ("/mnt/the lab/n.qualcode", "NFS"),
        ("/mnt/cloud/n.qualcode", "rclone"),
        ("/mnt/c/n.qualcode", "9P"),
        ("/mnt/dav2/n.qualcode", "WebDAV"),
        ("/mnt/smb3/n.qualcode", "SMB"),
        ("/mnt/group/local/n.qualcode", None),
        ("/mnt/groups/n.qualcode", None),
        ("/media/usb/n.qualcode", None),
        ("/home/ana/n.qualcode", None),
        ("/mnt/dav/n.qualcode", None),
    ],
)
def test_a_network_drive_is_known_by_its_mount(path: str, kind: str | None) -> None:
    words = synced(path, mounts=MOUNTS)
    assert (words is None) if kind is None else (f"on a network drive ({kind})" in str(words))


def test_a_later_mount_hides_the_one_below_it() -> None:
    again = "61 52 0:60 / /mnt/group rw - ext4 /dev/sdd1 rw\n"
    assert synced("/mnt/group/n.qualcode", mounts=MOUNTS + again) is None
    assert synced("/mnt/group/n.qualcode", mounts="rubbish\n\n - \n" + MOUNTS) is not None


@pytest.mark.parametrize(("mark", "service"), [(".stfolder", "Syncthing"), (".dropbox", "Dropbox")])
def test_a_synced_folder_is_known_by_what_the_program_leaves(
    tmp_path: Path, mark: str, service: str
) -> None:
    folder = tmp_path / "shared" / "deep"
    folder.mkdir(parents=True)
    assert synced(folder / "n.qualcode", mounts="") is None
    (tmp_path / "shared" / mark).mkdir()
    assert f"that {service} syncs" in str(synced(folder / "n.qualcode", mounts=""))


def test_the_settings_of_a_program_in_the_home_folder_are_no_mark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".dropbox").mkdir()
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert synced(tmp_path / "n.qualcode", mounts="") is None


def test_a_link_into_a_synced_folder_is_seen_through(tmp_path: Path) -> None:
    (tmp_path / "Dropbox").mkdir()
    (tmp_path / "here").symlink_to(tmp_path / "Dropbox")
    assert "Dropbox" in str(synced(tmp_path / "here" / "n.qualcode"))
