"""A small real mail server (RFC 5321, the verbs that Django uses) that keeps what it is given."""

import socketserver
import threading
from collections.abc import Iterator
from email import message_from_string
from email.message import Message
from typing import Any

import pytest


class MailServer(socketserver.ThreadingTCPServer):
    """Listens on a free port of loopback; `refusing` makes it turn every mail away, and at a mail for
    `dropped_at` it hangs up."""

    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.refusing = False
        self.dropped_at = ""
        self.mails: list[Message] = []
        self.recipients: list[str] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Session(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self._say("220 test")
        while line := self.rfile.readline().decode().strip():
            verb = line.split()[0].upper()
            if self.server.dropped_at and f"<{self.server.dropped_at}>" in line:
                return
            if verb == "DATA":
                self._say("354 go on")
                self.server.mails.append(message_from_string(self._body()))
                self._say("250 kept")
            elif verb == "RCPT" and self.server.refusing:
                self._say("451 try later")
            else:
                if verb == "RCPT":
                    self.server.recipients.append(line.partition("<")[2].partition(">")[0])
                self._say("221 bye" if verb == "QUIT" else "250 ok")
            if verb == "QUIT":
                return

    def _body(self) -> str:
        lines = []
        while (line := self.rfile.readline().decode().rstrip("\r\n")) != ".":
            lines.append(line.removeprefix("."))
        return "\n".join(lines)

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


@pytest.fixture
def mail_server(settings: Any) -> Iterator[MailServer]:
    """A running mail server that the portal's settings name."""
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", server.port, False
        yield server
        server.shutdown()
        thread.join()
