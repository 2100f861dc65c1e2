"""What a client of this API does that no schema can say, done for the generated valid requests.

Invalid requests are left exactly as they were generated.
"""

import uuid
import zlib

import schemathesis


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    # These settings would refuse everything else to everybody who has no second factor.
    if case.method.upper() == "PATCH" and case.path.endswith("/practice") and isinstance(case.body, dict):
        case.body.pop("second_factor_roles", None)
        case.body.pop("step_up_for", None)
    for name, value in list((case.headers or {}).items()):
        # A key is for one request: the same key with another body is 422, and that would hide the body's own answer.
        if name.lower() == "idempotency-key":
            case.headers[name] = str(uuid.uuid4())
        # A made-up version is always stale. Three of four requests say "whatever version there is", and so get past 412.
        elif name.lower() == "if-match" and (not value or not value.startswith('"v') and zlib.crc32(value.encode()) % 4):
            case.headers[name] = "*"
