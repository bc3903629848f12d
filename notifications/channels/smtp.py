"""SMTP with the patience that RFC 5321, 4.5.3.2 asks of who sends. For the worker only: a page never waits for mail."""

import smtplib
import socket

from django.core.mail.backends import smtp

CONNECT_SECONDS = 20  # a server that is up takes the call at once
COMMAND_SECONDS = 5 * 60  # the greeting, EHLO, MAIL, RCPT
DATA_SECONDS = 10 * 60  # each answer from DATA on: giving up early means a mail that arrives, and is sent once more
QUIT_SECONDS = 5  # by then everything is settled

# The most that handing over one mail may take, once the server has greeted us: MAIL, RCPT, DATA and the end of it.
HANDING_OVER_SECONDS = 2 * COMMAND_SECONDS + 2 * DATA_SECONDS


class Patient:
    """A conversation in which each answer gets the time it may take."""

    sock: socket.socket | None

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        found: socket.socket = super()._get_socket(host, port, CONNECT_SECONDS)  # type: ignore[misc]
        found.settimeout(COMMAND_SECONDS)
        return found

    def putcmd(self, cmd: str, args: str = "") -> None:
        if self.sock:
            self.sock.settimeout({"data": DATA_SECONDS, "quit": QUIT_SECONDS}.get(cmd.lower(), COMMAND_SECONDS))
        super().putcmd(cmd, args)  # type: ignore[misc]


class SMTP(Patient, smtplib.SMTP):
    pass


class SMTP_SSL(Patient, smtplib.SMTP_SSL):
    pass


class EmailBackend(smtp.EmailBackend):
    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return SMTP_SSL if self.use_ssl else SMTP

    def open(self) -> bool | None:
        """Open the conversation as far as it goes without a mail."""
        is_new = super().open()
        if is_new and self.connection:
            self.connection.ehlo_or_helo_if_needed()
        return is_new
