"""The file systems of a Linux machine, reached through Systems Manager: which volume one is on, and how it is grown."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from nightcrew import Run, calls
from nightcrew.aws.ebs import serial_of, volume_in
from nightcrew.aws.ssm import command_of, is_path, only_node, send_script, sent_since

ssm = calls("ssm")

KINDS = ("ext2", "ext3", "ext4", "xfs")
LIMIT = timedelta(minutes=5)
SOON = timedelta(minutes=2)

FIND = """\
set -u
fail() {{ echo "$1"; exit 1; }}
told() {{ lsblk --nodeps --noheadings --raw --output "$1" "$2"; }}
source=$(findmnt --noheadings --raw --output SOURCE --mountpoint '{path}') || fail 'nothing is mounted at {path}'
kind=$(findmnt --noheadings --raw --output FSTYPE --mountpoint '{path}')
case "$kind" in ext2|ext3|ext4|xfs) ;; *) fail "a file system of the kind $kind is not grown here" ;; esac
source=$(readlink --canonicalize "$source")
[ -z '{device}' ] || [ "${{source##*/}}" = '{device}' ] || fail "{path} is on $source, and not on {device}"
type=$(told TYPE "$source")
case "$type" in
disk) disk=$source; part= ;;
part) disk=/dev/$(told PKNAME "$source"); part=$(cat "/sys/class/block/${{source##*/}}/partition") ;;
*) fail "$source is neither a disk nor a partition, but: $type" ;;
esac
volume=$(told SERIAL "$disk")
"""
"""Where a file system is. Only Nitro machines say which volume a disk is; on others ``volume`` stays empty."""

ASK = (
    FIND
    + """\
echo "it is on $volume"
"""
)

GROW = (
    FIND
    + """\
[ -z "$volume" ] || [ "$volume" = '{serial}' ] || fail "{path} is on $volume, and not on {serial}"
size() {{ df --block-size=1 --output=size '{path}' | tail --lines=1 | tr -d ' '; }}
before=$(size)
if [ -n "$part" ]; then
growpart "$disk" "$part"
[ $? -le 1 ] || fail 'the partition could not be grown'
fi
if [ "$kind" = xfs ]; then xfs_growfs '{path}'; else resize2fs "$source"; fi || fail 'it could not be grown'
whole=$(lsblk --nodeps --noheadings --raw --bytes --output SIZE "$disk")
[ $(($(size) * 10)) -ge $((whole * 8)) ] || fail "it has $(size) bytes of $whole"
echo "it went from $before to $(size) bytes"
"""
)
"""growpart ends with 1 where there is nothing to grow: so all of it may be said twice."""


@dataclass(frozen=True)
class FileSystem:
    """One on a machine: where it is mounted; and, where they are known, its device ("nvme1n1p1") and its kind."""

    instance: str
    path: str
    device: str = ""
    kind: str = ""

    @property
    def is_well_named(self) -> bool:
        """Whether its names may stand in a script."""
        return is_path(self.path) and is_path(f"/{self.device}")

    @property
    def can_be_grown(self) -> bool:
        """Whether it is of a kind that is grown here, as far as that is known."""
        return not self.kind or self.kind in KINDS


def require_an_agent(run: Run, instance: str) -> None:
    """Go on only if the machine runs Linux and takes commands."""
    which = [{"Key": "InstanceIds", "Values": [instance]}]
    node = run.read("find its agent", ssm.describe_instance_information(Filters=which), pick=only_node)
    run.require("its agent answers (or say volume, and grow_file_system=false)", node["ping"] == "Online")
    run.require("it is a Linux machine", node["platform"] == "Linux")


def ask_for_its_volume(run: Run, files: FileSystem) -> str:
    """Ask the machine, which only a command can, on which volume it is."""
    script = ASK.format(path=files.path, device=files.device)
    sent = sent_since(files.instance, run.now)
    command = command_of(f"nightcrew {run.id} ask")

    def pick(answer: Any) -> dict[str, Any]:
        seen = command(answer)
        return {**seen, "volume": volume_in(seen["said"])}

    run.change(
        "ask the machine which volume it is on: nothing is changed",
        send_script(files.instance, script, f"nightcrew {run.id} ask", LIMIT),
        took_effect=(sent, lambda answer: pick(answer)["found"]),
    )
    ended = run.wait_until("it has answered", sent, lambda seen: seen["over"], within=LIMIT * 2, pick=pick)
    run.require(f"the machine knows which volume it is on ({ended['said']}): else say volume", ended["volume"])
    return str(ended["volume"])


def grow_it(run: Run, files: FileSystem, volume: str) -> str:
    """Grow the partition and the file system to what the volume has; returns what the machine said of it.

    It cannot be taken back: who agreed to the larger volume has agreed to this.
    """
    path = files.path
    script = GROW.format(path=path, device=files.device, serial=serial_of(volume))
    sent = sent_since(files.instance, run.now)
    pick = command_of(f"nightcrew {run.id} grow")
    run.change(
        f"grow the file system at {path}",
        send_script(files.instance, script, f"nightcrew {run.id} grow", LIMIT),
        took_effect=(sent, lambda answer: pick(answer)["found"]),
    )
    ended = run.wait_until("the command has ended", sent, lambda seen: seen["over"], within=LIMIT * 2, pick=pick)
    run.require(f"the file system could be grown ({ended['status']}: {ended['said']})", ended["ok"])
    run.prove(f"the file system at {path} fills its volume", sent, lambda seen: seen["ok"], within=SOON, pick=pick)
    return str(ended["said"])
