"""The development identity provider as its own process, and a browser's part of signing in at it."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.ports import free_port

CLIENT_ID = "portal"
CALLBACK = "http://testserver/sign-in/callback/"
SIGNED_OUT = "http://testserver/"
HIDDEN = re.compile(r'name="(csrfmiddlewaretoken|next)" value="([^"]*)"')
LENA = "00u4c1e7a2lena"
OMAR = "00u4c1e7a2omar"


@dataclass
class DevelopmentProvider:
    """`python -m devidp` on a free port; `stop()` waits for its end."""

    data: Path
    redirect_uris: tuple[str, ...] = (CALLBACK,)
    post_logout_uris: tuple[str, ...] = (SIGNED_OUT,)
    backchannel_uri: str = ""
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[str] | None = None

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def client_secret(self) -> str:
        return (self.data / "client-secret").read_text().strip()

    def arguments(self) -> list[str]:
        words = [sys.executable, "-m", "devidp", "--port", str(self.port), "--data", str(self.data)]
        words += ["--client-id", CLIENT_ID, "--backchannel-logout-uri", self.backchannel_uri]
        for uri in self.redirect_uris:
            words += ["--redirect-uri", uri]
        for uri in self.post_logout_uris:
            words += ["--post-logout-redirect-uri", uri]
        return words

    def start(self) -> "DevelopmentProvider":
        environment = {**os.environ, "PORTAL_DEVELOPMENT": "1"}
        self.process = subprocess.Popen(self.arguments(), env=environment, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        assert self.issuer in self.process.stdout.readline()
        return self

    def stop(self) -> int:
        assert self.process
        self.process.terminate()
        status = self.process.wait(timeout=10)
        if self.process.stdout:
            self.process.stdout.close()
        return status


@pytest.fixture(scope="session")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevelopmentProvider]:
    """One provider for the whole run; tests bring their own browser."""
    started = DevelopmentProvider(tmp_path_factory.mktemp("devidp") / "data").start()
    yield started
    started.stop()


class Browser:
    """Plain HTTP with cookies: does at the provider what a person would, and stops at the client."""

    def __init__(self) -> None:
        self.http = httpx.Client(follow_redirects=False, timeout=20)
        self.pages: list[str] = []

    def sign_in(self, url: str, person: str) -> str:
        """Open the authorization `url`, do what the provider asks; returns where the client is called."""
        for _turn in range(8):
            answer = self.http.get(url)
            path = urlsplit(url).path
            if answer.status_code == 200:
                self.pages.append(path)
                answer = self.http.post(url.partition("?")[0], data=self._filled(path, answer, person))
            assert answer.is_redirect, (answer.status_code, answer.text[:400])
            url = str(answer.url.join(answer.headers["location"]))
            if urlsplit(url).netloc != answer.url.netloc.decode():
                return url
        raise AssertionError("the provider never came to an end")

    def _filled(self, path: str, answer: httpx.Response, person: str) -> dict[str, str]:
        form = dict(HIDDEN.findall(answer.text))
        form["next"] = form.get("next", "").replace("&amp;", "&")
        if path == "/step-up/":
            shown = re.search(r'id="one-time-code">(\d{6})<', answer.text)
            assert shown
            return {**form, "code": shown[1]}
        return {**form, "person": person}


def answer_of(url: str) -> dict[str, str]:
    """The parameters of a redirect to the client."""
    return {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}


def wait_for(url: str, seconds: float = 10) -> None:
    """Until something answers at `url`."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            httpx.get(url, timeout=1)
            return
        except httpx.HTTPError:
            time.sleep(0.05)
    raise AssertionError(f"nothing answers at {url}")
