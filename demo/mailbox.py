"""Reads the mails stored by the demo's SMTP server; treats the files as untrusted input."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import TypeVar

from django.conf import settings

BROKEN = (MessageError, LookupError, ValueError, TypeError, AttributeError, AssertionError)
SHOWN = 100
T = TypeVar("T")


@dataclass(frozen=True)
class Attachment:
    name: str
    kind: str
    content: bytes


@dataclass(frozen=True)
class Mail:
    """A mail, as far as it can be parsed."""

    name: str  # of the file
    kept_at: datetime
    subject: str = ""
    sender: str = ""
    to: str = ""
    text: str = ""
    html: str = ""
    attachments: list[Attachment] = field(default_factory=list)


def folder() -> Path:
    return Path(settings.DATA_DIR) / "mail"


def newest() -> list[Mail]:
    """Return the newest mails, headers only."""
    files = sorted(_files().values(), key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True)
    return [_read_head(path) for path in files[:SHOWN]]


def find(name: str) -> Mail | None:
    """Return the mail in the file `name`, or None. The name is looked up in the listing, never used as a path."""
    path = _files().get(name)
    return _read(path) if path else None


def _files() -> dict[str, Path]:
    """Return the mails by file name; symbolic links are ignored."""
    if not folder().is_dir():
        return {}
    return {path.name: path for path in folder().glob("*.eml") if path.is_file() and not path.is_symlink()}


def _kept_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)


def _read_head(path: Path) -> Mail:
    with path.open("rb") as file:
        message = BytesHeaderParser(policy=policy.default).parse(file)
    return Mail(path.name, _kept_at(path), *_heads(message))


def _read(path: Path) -> Mail:
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    return Mail(
        path.name,
        _kept_at(path),
        *_heads(message),
        _attempt(lambda: _body(message, "plain"), ""),
        _attempt(lambda: _body(message, "html"), ""),
        _attempt(lambda: [_attachment(part) for part in message.iter_attachments()], []),
    )


def _attempt(read: Callable[[], T], otherwise: T) -> T:
    """Return the result of `read`, or `otherwise` for a part that cannot be parsed."""
    try:
        return read()
    except BROKEN:
        return otherwise


def _heads(message: EmailMessage) -> tuple[str, str, str]:
    return _header(message, "subject"), _header(message, "from"), _header(message, "to")


def _header(message: EmailMessage, name: str) -> str:
    return _attempt(lambda: " ".join(str(message[name] or "").split()), "")


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()).replace("\x00", "").strip() if part else ""


def _attachment(part: EmailMessage) -> Attachment:
    content = part.get_payload(decode=True)
    name = part.get_filename() or "attachment"
    return Attachment(name, part.get_content_type(), content if isinstance(content, bytes) else b"")
