"""A second verifier of the audit trail, written from its description alone.

Reads {"checkpoint": note, "entries": [...]} on standard input, the entries in the order of the trail, and says
"intact" when the root that it works out (RFC 9162, section 2.1.1) is the one in the note.
"""

import base64
import hashlib
import json
import sys


def content(entry):
    """What is hashed of an entry: a line for each column, texts as JSON strings, times in microseconds."""
    text = lambda value: json.dumps(value, ensure_ascii=False)
    lines = [
        "tautband trail 1",
        entry["practice_id"],
        entry["id"],
        str(entry["at"]),
        str(entry["recorded_at"]),
        entry["actor_user_id"],
        text(entry["actor_role"]),
        entry["session_id"],
        entry["on_behalf_of"] or "-",
        text(entry["request_id"]),
        text(entry["action"]),
        text(entry["outcome"]),
        text(entry["resource_type"]),
    ]
    for resource, patient in zip(entry["resource_ids"], entry["patient_ids"]):
        lines.append(f"{resource} {patient or '-'}")
    return ("\n".join(lines) + "\n").encode()


def root(leaves):
    """The Merkle tree hash as the standard defines it."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\1" + root(leaves[:split]) + root(leaves[split:])).digest()


def main():
    given = json.load(sys.stdin)
    origin, size, expected = given["checkpoint"].split("\n")[:3]
    entries = given["entries"]
    if any(origin != "tautband/" + entry["practice_id"] for entry in entries):
        return "an entry of another practice"
    if int(size) > len(entries):
        return "entries are missing"
    found = root([content(entry) for entry in entries[: int(size)]])
    return "intact" if base64.b64encode(found).decode() == expected else "the root is another one"


print(main())
