"""Reads the messages that are named on standard input, a path a line, with Python's email; writes a line of JSON for each."""
import email.policy
import hashlib
import json
import sys
from email import message_from_bytes
from email.utils import getaddresses


MESSAGES = ("message/rfc822", "message/global", "message/news")


def is_whole(parent, part):
    return part.get_content_maintype() == "multipart" and (parent is None or parent.get_content_type() in MESSAGES)


def parts_of(part, number, parent):
    """The parts that have no parts, and attached messages, by their IMAP numbers."""
    children = part.get_payload() if part.is_multipart() else []
    if part.get_content_maintype() == "multipart" and children:
        prefix = number[:-1] if is_whole(parent, part) else number
        for at, child in enumerate(children):
            yield from parts_of(child, prefix + [at + 1], part)
        return
    yield number, part
    # It takes reports and partial messages apart, too, as if they were messages.
    for child in children if part.get_content_type() in MESSAGES else []:
        yield from parts_of(child, number + [1], part)


def addresses_of(message):
    """What it reads of the fields, for each the addresses alone."""
    found = []
    for name in ("from", "sender", "reply-to", "to", "cc", "bcc"):
        values = [value for key, value in message.raw_items() if key.lower() == name]
        found.extend(address for _, address in getaddresses([str(value) for value in values]) if address != "")
    return found


def facts_of(path):
    with open(path, "rb") as file:
        message = message_from_bytes(file.read(), policy=email.policy.default)
    parts = []
    has_text = False
    for number, part in parts_of(message, [1], None):
        is_message = part.is_multipart()
        payload = None if is_message else part.get_payload(decode=True)
        try:
            name = part.get_filename()
        except Exception as error:
            name = "!" + type(error).__name__
        is_text = part.get_content_maintype() == "text"
        has_text = has_text or (is_text and payload is not None and payload.strip() != b"")
        parts.append({
            "number": ".".join(map(str, number)),
            "type": part.get_content_type(),
            "name": name,
            "sha256": None if payload is None else hashlib.sha256(payload).hexdigest(),
            "octets": None if payload is None else len(payload),
            "bare": None if payload is None else hashlib.sha256(b"".join(payload.split())).hexdigest(),
        })
    return {"parts": parts, "hasText": has_text, "addresses": addresses_of(message)}


for line in sys.stdin:
    path = line.rstrip("\n")
    try:
        facts = facts_of(path)
    except Exception as error:
        facts = {"error": f"{type(error).__name__}: {error}"[:200]}
    print(json.dumps(facts), flush=True)
