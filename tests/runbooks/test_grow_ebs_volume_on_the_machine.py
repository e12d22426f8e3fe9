"""grow-ebs-volume: its scripts, as a machine's shell runs them, with tools that answer as the real ones do."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from runbooks.scale_out.file_systems import ASK, GROW

VOLUME = "vol0abc1234def567890"
GIB = 1024**3

# A disk of 10 GiB with a partition of 8; the file system knows of the new size once it was grown.
TOOLS = {
    "findmnt": 'case "$*" in *SOURCE*) echo "/dev/nvme0n1p1" ;; *FSTYPE*) echo xfs ;; esac',
    "readlink": 'echo "$2"',
    "lsblk": f"""
case "$*" in
*TYPE*) case "$*" in *p1) echo part ;; *) echo disk ;; esac ;;
*PKNAME*) echo nvme0n1 ;;
*SERIAL*) echo {VOLUME} ;;
*SIZE*) echo {10 * GIB} ;;
esac""",
    "cat": 'echo 1; [ "$1" = /sys/class/block/nvme0n1p1/partition ]',
    "growpart": 'echo "growpart $*" >> "$T/log"; exit 0',
    "xfs_growfs": 'echo "xfs_growfs $*" >> "$T/log"; : > "$T/grown"',
    "resize2fs": 'echo "resize2fs $*" >> "$T/log"; : > "$T/grown"',
    "df": f'echo 1B-blocks; if [ -e "$T/grown" ]; then echo "  {int(9.8 * GIB)}"; else echo {int(7.9 * GIB)}; fi',
}


def run_script(
    room: Path, tools: Mapping[str, str], script: str = GROW, **given: str
) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """How it ended, and what it changed."""
    shell = shutil.which("sh")
    assert shell
    for name, body in {**TOOLS, **tools}.items():
        tool = room / name
        tool.write_text(f"#!{shell}\n{body}\n")
        tool.chmod(0o755)
    filled = script.format(**{"path": "/", "device": "", "serial": VOLUME, **given})
    path = f"{room}:{os.environ['PATH']}"
    done = subprocess.run(
        [shell, "-c", filled], env={"PATH": path, "T": str(room)}, capture_output=True, text=True, check=False
    )
    log = room / "log"
    return done, log.read_text().splitlines() if log.exists() else []


def test_it_grows_the_partition_and_then_the_file_system(tmp_path: Path) -> None:
    done, changes = run_script(tmp_path, {})
    assert (done.returncode, changes) == (0, ["growpart /dev/nvme0n1 1", "xfs_growfs /"]), done
    assert done.stdout.splitlines()[-1] == f"it went from {int(7.9 * GIB)} to {int(9.8 * GIB)} bytes"


def test_a_disk_without_partitions_is_grown_as_it_is(tmp_path: Path) -> None:
    tools = {"findmnt": 'case "$*" in *SOURCE*) echo "/dev/nvme1n1" ;; *FSTYPE*) echo ext4 ;; esac'}
    done, changes = run_script(tmp_path, tools)
    assert (done.returncode, changes) == (0, ["resize2fs /dev/nvme1n1"]), done


def test_to_be_told_twice_does_no_harm(tmp_path: Path) -> None:
    """Growpart ends with 1 where there is nothing left to grow."""
    run_script(tmp_path, {})
    done, _ = run_script(tmp_path, {"growpart": "echo NOCHANGE; exit 1"})
    assert done.returncode == 0, done


@pytest.mark.parametrize(
    ("tools", "given", "why"),
    [
        ({"findmnt": "exit 1"}, {}, "nothing is mounted at /"),
        ({"findmnt": 'case "$*" in *SOURCE*) echo tmpfs ;; *) echo tmpfs ;; esac'}, {}, "of the kind tmpfs"),
        ({"lsblk": "echo lvm"}, {}, "neither a disk nor a partition, but: lvm"),
        ({}, {"serial": "vol0fed9876cba543210"}, f"/ is on {VOLUME}, and not on"),
        ({}, {"device": "nvme1n1p1"}, "/ is on /dev/nvme0n1p1, and not on nvme1n1p1"),
    ],
    ids=["not mounted", "no disk", "LVM", "another volume", "another device"],
)
def test_what_it_cannot_grow_is_left_alone_and_told(
    tmp_path: Path, tools: dict[str, str], given: dict[str, str], why: str
) -> None:
    done, changes = run_script(tmp_path, tools, **given)
    assert (done.returncode, why in done.stdout, changes) == (1, True, []), done


@pytest.mark.parametrize(
    ("tools", "why"),
    [
        ({"growpart": "exit 2"}, "the partition could not be grown"),
        ({"xfs_growfs": "exit 1"}, "it could not be grown"),
        ({"xfs_growfs": "exit 0"}, f"of {10 * GIB}"),
    ],
    ids=["no partition", "no file system", "no room gained"],
)
def test_what_did_not_grow_is_a_failure(tmp_path: Path, tools: dict[str, str], why: str) -> None:
    """A command that ends well without an effect is none."""
    done, _ = run_script(tmp_path, tools)
    assert (done.returncode, why in done.stdout) == (1, True), done


def test_to_ask_changes_nothing(tmp_path: Path) -> None:
    done, changes = run_script(tmp_path, {}, ASK)
    assert (done.returncode, done.stdout, changes) == (0, f"it is on {VOLUME}\n", [])


def test_a_machine_without_serial_numbers_is_taken_at_its_word(tmp_path: Path) -> None:
    """Older ones, on Xen: who says which volume it is answers for it."""
    tools = {"lsblk": TOOLS["lsblk"].replace(f"echo {VOLUME}", "echo")}
    assert run_script(tmp_path, tools)[0].returncode == 0
    assert run_script(tmp_path, tools, ASK)[0].stdout == "it is on \n"
