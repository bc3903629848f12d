"""SMTP with the timeouts that RFC 5321, 4.5.3.2 requires of a client. For the worker only: requests never send mail."""

import smtplib
import socket

from django.core.mail.backends import smtp

CONNECT_SECONDS = 20  # a running server accepts a connection immediately
COMMAND_SECONDS = 5 * 60  # the greeting, EHLO, MAIL, RCPT
DATA_SECONDS = 10 * 60  # each reply from DATA on: after a timeout a mail may have arrived and be sent twice
QUIT_SECONDS = 5  # the mail has been accepted by then

# The longest that sending one mail may take after the greeting: MAIL, RCPT, DATA and the end of the data.
MAX_HANDOVER_SECONDS = 2 * COMMAND_SECONDS + 2 * DATA_SECONDS


class LongTimeouts:
    """A timeout for each reply by the command that it answers."""

    sock: socket.socket | None

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        connected: socket.socket = super()._get_socket(host, port, CONNECT_SECONDS)  # type: ignore[misc]
        connected.settimeout(COMMAND_SECONDS)
        return connected

    def putcmd(self, cmd: str, args: str = "") -> None:
        if self.sock:
            self.sock.settimeout({"data": DATA_SECONDS, "quit": QUIT_SECONDS}.get(cmd.lower(), COMMAND_SECONDS))
        super().putcmd(cmd, args)  # type: ignore[misc]


class SMTP(LongTimeouts, smtplib.SMTP):
    pass


class SMTP_SSL(LongTimeouts, smtplib.SMTP_SSL):
    pass


class EmailBackend(smtp.EmailBackend):
    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return SMTP_SSL if self.use_ssl else SMTP

    def open(self) -> bool | None:
        """Open the connection, up to and including EHLO."""
        is_new = super().open()
        if is_new and self.connection:
            self.connection.ehlo_or_helo_if_needed()
        return is_new
