"""A mail as the bytes that go over the wire: those that Django and Python's `email` write, in a twentieth of the time.

They build a tree of parts and fold every header as if it were long; nearly all of ours are short and plain. Whatever is
not, such as a name in other letters or an endless line, is left to them.
"""

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from email.policy import compat32
from functools import lru_cache

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives, SafeMIMEText
from django.core.mail.message import forbid_multi_line_headers, sanitize_address

from core.text.mail_addresses import on_the_wire

PLAIN = re.compile(r"[!-~]+(?: [!-~]+)*")
HEADER_LONGEST, LINE_LONGEST = 76, 998  # RFC 5322, 2.1.1; `email` folds a little before the 78 that are recommended
OWN_HEADERS = frozenset({"Date", "Message-ID", "Auto-Submitted"})
CRLF = compat32.clone(linesep="\r\n")
# A line that begins with a dot has it doubled (RFC 5321, 4.5.2): else it would end the mail.
LEADING_DOT = b"\r\n."


@dataclass(frozen=True, slots=True)
class WrittenMail:
    """A mail with the addresses of its envelope and its bytes on the wire."""

    mail: EmailMessage
    sender: str
    recipient: str
    wire: bytes


def written(mail: EmailMessage) -> WrittenMail | None:
    """Return a mail as it goes over the wire, or None where an address cannot be written.

    A domain in other letters is written in ASCII; what has no such form is sent nowhere.
    """
    (recipient,) = mail.recipients()
    try:
        sender = _sender(mail.from_email, mail.encoding or settings.DEFAULT_CHARSET)
        return WrittenMail(mail, sender, on_the_wire(recipient), _on_the_wire(mail))
    except ValueError:
        return None


@lru_cache(maxsize=8)
def _sender(address: str, charset: str) -> str:
    return sanitize_address(address, charset)


def _on_the_wire(mail: EmailMessage) -> bytes:
    """Return the mail as DATA takes it: CRLF, dots doubled at the start of lines, a dot alone at the end."""
    doubled = as_bytes(mail).replace(LEADING_DOT, LEADING_DOT + b".")
    return doubled.removesuffix(b"\r\n") + b"\r\n.\r\n"


def as_bytes(mail: EmailMessage) -> bytes:
    """Return a mail in bytes, its lines ended by CRLF."""
    if not (isinstance(mail, EmailMultiAlternatives) and _is_one_of_ours(mail)):
        return bytes(mail.message().as_bytes(linesep="\r\n"))  # type: ignore[call-arg]  # unknown to Django's stubs
    parts = [(kind, _with_crlf(text)) for text, kind in _texts(mail)]
    boundary = _boundary([text for _kind, text in parts])
    head = f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"\r\nMIME-Version: 1.0\r\n'
    headers = b"".join(_header(name, value) for name, value in _headers(mail))
    body = "".join(f"--{boundary}\r\n{_part_headers(kind, plain=text.isascii())}{text}\r\n" for kind, text in parts)
    return b"%b%b\r\n%b--%b--\r\n" % (head.encode(), headers, body.encode(), boundary.encode())


def _is_one_of_ours(mail: EmailMultiAlternatives) -> bool:
    """Whether a mail is several forms of one text to somebody, without a line that has to be encoded."""
    others = mail.cc or mail.bcc or mail.reply_to or mail.attachments or mail.encoding
    whole = mail.body and mail.alternatives and mail.extra_headers.keys() == OWN_HEADERS
    return bool(whole) and not others and all(_has_short_lines(text) for text, _kind in _texts(mail))


def _texts(mail: EmailMultiAlternatives) -> list[tuple[str, str]]:
    return [(str(mail.body), "text/plain"), *((str(text), str(kind)) for text, kind in mail.alternatives)]


def _has_short_lines(text: str) -> bool:
    lines = text.splitlines()
    short = max(map(len, lines), default=0) * 4 <= LINE_LONGEST
    return short or all(len(line.encode()) <= LINE_LONGEST for line in lines)


def _with_crlf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")


def _headers(mail: EmailMultiAlternatives) -> Iterator[tuple[str, str]]:
    yield "Subject", str(mail.subject)
    yield "From", mail.from_email
    yield "To", ", ".join(mail.to)
    yield from mail.extra_headers.items()


def _header(name: str, value: str) -> bytes:
    if PLAIN.fullmatch(value) and len(f"{name}: {value}") <= HEADER_LONGEST:
        return f"{name}: {value}\r\n".encode()
    return _folded(name, value)


@lru_cache(maxsize=64)
def _folded(name: str, value: str) -> bytes:
    """Return a header that is long, or has other letters. The clinic's own name, in every mail, is written once."""
    return CRLF.fold_binary(*forbid_multi_line_headers(name, value, settings.DEFAULT_CHARSET))


@lru_cache(maxsize=16)
def _part_headers(kind: str, *, plain: bool) -> str:
    """Return the headers of one of a mail's forms, with the empty line after them. `plain`: it is ASCII."""
    letter = "a" if plain else "ä"
    part = SafeMIMEText(letter, kind.removeprefix("text/"), settings.DEFAULT_CHARSET)
    return part.as_bytes(linesep="\r\n").decode().removesuffix(letter)


def _boundary(texts: list[str]) -> str:
    """Return what stands between the forms of a mail, and in none of them."""
    boundary = f"==============={secrets.token_hex(10)}=="
    return _boundary(texts) if any(boundary in text for text in texts) else boundary
