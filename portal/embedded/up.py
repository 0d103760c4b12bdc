"""`portal up`: everything in one foreground process, for the demo and for the browser tests."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import psycopg

from policy import bundle_file, rows
from policy.engines.opa import server_command
from portal import database
from portal.embedded.folder import DataFolder, InUse
from portal.embedded.postgres import DATABASE, Postgres
from portal.embedded.redis import Redis
from portal.embedded.supervisor import Child, StartFailed, Supervisor

PROJECT = Path(__file__).resolve().parent.parent.parent
HOST = "127.0.0.1"


class Installation:
    """Where everything of one `portal up` is, and the programs that make it."""

    def __init__(self, data: Path, *, port: int, provider_port: int, durable: bool = True) -> None:
        self.folder = DataFolder(data)
        self.postgres = Postgres(self.folder, durable=durable)
        self.redis = Redis(self.folder)
        self.port = _free(port)
        self.provider_port = _free(provider_port or self.port + 1)
        self.url = f"http://{HOST}:{self.port}"
        self.provider_url = f"http://{HOST}:{self.provider_port}"
        self.opa = _opa()
        self.opa_url = f"unix://{self.folder.sockets / 'opa.sock'}"
        self.opa_bundle = self.folder.path / "policy" / "rules.tar.gz"
        self.supervisor = Supervisor(self.folder.path / "logs", PROJECT)

    @property
    def env(self) -> dict[str, str]:
        """The environment of every program: what production sets by hand, made here."""
        inherited = {key: value for key, value in os.environ.items() if key not in _OWN}
        return (
            inherited
            | {
                "DJANGO_SETTINGS_MODULE": "portal.settings",
                "PORTAL_DEVELOPMENT": "1",
                "PORTAL_DATA": str(self.folder.path),
                "SECRET_KEY": self.folder.secret("django"),
                "BASE_URL": self.url,
                "DATABASE_URL": self.postgres.url("portal_app"),
                "REDIS_URL": self.redis.url,
                "STATIC_ROOT": str(self.folder.path / "static"),
                "OIDC_ISSUER": self.provider_url,
                "OIDC_CLIENT_ID": "portal",
                "OIDC_CLIENT_SECRET_FILE": str(self.folder.path / "provider" / "client-secret"),
                "OIDC_NAME": "Development provider",
            }
            | ({"OPA_URL": self.opa_url, "OPA_BUNDLE": str(self.opa_bundle)} if self.opa else {})
        )

    def start(self) -> None:
        """Bring everything up in order.

        Raises:
            StartFailed: something did not come up; what did is left to `stop`.
        """
        self._services()
        self._manage("migrate", "--database", "owner", "--verbosity", "0")
        if self.opa:
            self._policy_authority(self.opa)
        self._manage("collectstatic", "--noinput", "--verbosity", "0")
        self._programs()
        self._manage("seed_demo")

    def stop(self) -> None:
        """Stop everything in reverse order."""
        self.supervisor.stop_all()

    def _services(self) -> None:
        self.postgres.prepare()
        self.redis.prepare()
        self.supervisor.start(
            Child(
                "postgres",
                self.postgres.command,
                self.env,
                ready=self._postgres_answers,
                stop=signal.SIGINT,
                before=self.postgres.drop_stale_lock,
            )
        )
        self._start("redis", self.redis.command, self.redis.socket.exists)
        database.create(self.postgres.url(database="postgres"), DATABASE)
        # makes the client secret that the portal's settings read
        self._start("provider", [sys.executable, "-m", *self._provider()], self._provider_answers)

    def _policy_authority(self, binary: str) -> None:
        """Where there is an OPA it decides, by what the database says is in force (P3)."""
        with psycopg.connect(self.postgres.url("portal_app")) as connection:
            bundle_file.keep(self.opa_bundle, lambda: rows.newest(connection))
        socket_file = Path(self.opa_url.removeprefix("unix://"))
        socket_file.unlink(missing_ok=True)  # one that a killed server left would be refused
        command = server_command(binary, str(self.opa_bundle), self.opa_url, watch=True)
        self._start("opa", command, socket_file.exists)

    def _programs(self) -> None:
        python = [sys.executable, "-m"]
        celery = [*python, "celery", "--app", "portal"]
        self._start("worker", [*celery, *"worker --loglevel warning --concurrency 2".split()])
        beat = "beat --loglevel warning --pidfile= --scheduler portal.celery:Scheduler --schedule".split()
        self._start("beat", [*celery, *beat, str(self.folder.path / "beat-schedule")])
        self._start("sequencer", [*python, "portal", "sequencer"])
        gunicorn = "gunicorn portal.wsgi --preload --workers 2 --threads 8 --no-control-socket --bind".split()
        self._start("web", [*python, *gunicorn, f"{HOST}:{self.port}"], self._portal_answers)

    def _provider(self) -> list[str]:
        return [
            "devidp",
            f"--port={self.provider_port}",
            f"--data={self.folder.path / 'provider'}",
            "--client-id=portal",
            f"--redirect-uri={self.url}/sign-in/callback/",
            f"--post-logout-redirect-uri={self.url}/",
        ]

    def _provider_answers(self) -> bool:
        return _answers(f"{self.provider_url}/.well-known/openid-configuration")

    def _portal_answers(self) -> bool:
        return _answers(f"{self.url}/health/live")

    def _start(
        self,
        name: str,
        command: list[str],
        ready: Callable[[], bool] = lambda: True,
    ) -> None:
        self.supervisor.start(Child(name, command, self.env, ready=ready))

    def _manage(self, *arguments: str) -> None:
        done = subprocess.run(  # noqa: S603 - our own command and arguments
            [sys.executable, "manage.py", *arguments],
            env=self.env,
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise StartFailed(f"manage.py {arguments[0]} failed:\n{done.stderr[-4000:]}")

    def _postgres_answers(self) -> bool:
        try:
            psycopg.connect(self.postgres.url(database="postgres"), connect_timeout=1).close()
        except psycopg.OperationalError:
            return False
        return True


# a shell that works on the project may carry these; the installation has its own
_OWN = {
    "OPA_URL",
    "OPA_BUNDLE",
    "POLICY_TENANT",
    "CELERY_BROKER_URL",
    "ALLOWED_HOSTS",
    "CSRF_TRUSTED_ORIGINS",
    "KMS_KEYRING",
}


def up(data: Path, *, port: int, provider_port: int) -> int:
    """Run the demo until Ctrl-C; returns the exit code (0 stopped, 1 failed, 2 already running)."""
    installation = Installation(data, port=port, provider_port=provider_port)
    try:
        installation.folder.lock(installation.url)
    except InUse as error:
        print(f"Already running at {error} (data in {installation.folder.path}). Left alone.", flush=True)
        return 2
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: installation.supervisor.stopping.set())
    try:
        print("Starting PostgreSQL, Redis, the portal and the development provider…", flush=True)
        installation.start()
        print(_welcome(installation), flush=True)
        installation.supervisor.watch(lambda text: print(text, flush=True))
        return 0
    except StartFailed as error:
        if installation.supervisor.stopping.is_set():
            return 0
        print(f"{error}", flush=True)
        return 1
    finally:
        installation.stop()
        print("Stopped.", flush=True)


def _welcome(installation: Installation) -> str:
    people = [
        ("Lena Marsh", "builds apps (Marketing)"),
        ("Omar Reyes", "her manager, approves"),
        ("Mia Novak", "uses apps (Marketing)"),
        ("Sana Iqbal", "security"),
        ("Ada Kern", "admin"),
        ("Theo Brandt", "auditor"),
        ("Nils Falk, Vera Lind", "another tenant: Northwind EU"),
    ]
    lines = [f"  {name:<22}{what}" for name, what in people]
    return (
        f"\nThe portal answers at {installation.url}\n\n"
        "Sign in with “Continue with Development provider”, then pick a person:\n"
        + "\n".join(lines)
        + "\n\nCtrl-C stops everything; the data stays.\n"
    )


def _opa() -> str:
    """An OPA that is there already: named, on the PATH, or built by `make opa`; else empty."""
    built = sorted((PROJECT / "var" / "bin").glob("opa-v*"))
    return os.environ.get("OPA_BINARY") or shutil.which("opa") or (str(built[-1]) if built else "")


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).status_code < 500
    except httpx.HTTPError:
        return False


def _free(port: int) -> int:
    """`port`, or a free one where somebody else has it."""
    for candidate in (port, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, candidate))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise StartFailed("no free port on loopback")
