"""Render a mail from its three templates: subject.txt, body.txt and body.html."""

from collections.abc import Iterable
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string


def render_mail(name: str, context: dict[str, Any], *, to: str, reply_to: Iterable[str] = ()) -> EmailMultiAlternatives:
    """Return the mail `name` in the active language, as plain text and HTML."""
    # Collapse whitespace: a line break in a title must not start a new header.
    subject = " ".join(render_to_string(f"emails/{name}/subject.txt", context).split())
    body = _tidy(render_to_string(f"emails/{name}/body.txt", context))
    mail = EmailMultiAlternatives(subject=subject, body=body, to=[to], reply_to=[*reply_to])
    mail.attach_alternative(render_to_string(f"emails/{name}/body.html", context | {"subject": subject}), "text/html")
    return mail


def _tidy(text: str) -> str:
    """Collapse the runs of empty lines that template tags leave behind."""
    lines = [line.rstrip() for line in text.strip().splitlines()]
    return "\n".join(line for number, line in enumerate(lines) if line or lines[number - 1]) + "\n"
