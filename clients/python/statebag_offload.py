"""Reads and writes the pointers of @statebag/offload: docs/pointer-format.md.

Needs Python 3.9 or newer, and boto3 where no store is given.

    from statebag_offload import hydrate, offload

    def handler(event, context):
        event = hydrate(event, bucket="my-bucket", prefix="offload/run-1/", reads=["document"])
        return offload({"status": "ok", "text": ...}, bucket="my-bucket", prefix="offload/run-1/")
"""

import hashlib
import json
import re

DEFAULT_BUDGET = 204_800
_ADDRESS = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/([!-~]{1,1024})")
_HASH = re.compile(r"[0-9a-f]{64}")
_RESERVED = ("@offloaded", "@escaped")


class OffloadError(Exception):
    """A failure with a name that a state machine can match: Lambda reports the class's name."""


class Foreign(OffloadError):
    """A pointer leads out of what may be read here."""


class ObjectCorrupt(OffloadError):
    """The stored bytes are not those that the pointer was made for."""


class ObjectMissing(OffloadError):
    """The object is gone."""


class BudgetExceeded(OffloadError):
    """What must stay inline takes more than the budget."""


class S3Store:
    """Objects in S3: created once, read by ranges."""

    def __init__(self, client=None):
        if client is None:
            import boto3

            client = boto3.client("s3")
        self._client = client

    def put(self, bucket, key, body):
        from botocore.exceptions import ClientError

        for tries_left in range(4, -1, -1):
            try:
                self._client.put_object(
                    Bucket=bucket, Key=key, Body=body, ContentType="application/json", IfNoneMatch="*"
                )
                return
            except ClientError as error:
                status = error.response["ResponseMetadata"]["HTTPStatusCode"]
                if status == 412:  # the key is the hash of the content: it is stored
                    return
                if status != 409 or tries_left == 0:
                    raise

    def read(self, bucket, key, offset, length):
        from botocore.exceptions import ClientError

        try:
            wanted = f"bytes={offset}-{offset + length - 1}"
            return self._client.get_object(Bucket=bucket, Key=key, Range=wanted)["Body"].read()
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            if status == 404:
                raise ObjectMissing(f"s3://{bucket}/{key}") from error
            if status == 416:
                raise ObjectCorrupt(f"s3://{bucket}/{key} ends before byte {offset}") from error
            raise


def hydrate(value, *, bucket, prefix, reads=None, store=None):
    """The value with its pointers replaced: those that `reads` names (`a.b`, `items[*].text`), or all."""
    paths = None if reads is None else [_path(each) for each in reads]
    source = store or S3Store()
    known = {}

    def look_up(pointer):
        address, (offset, length), digest = pointer["@offloaded"], pointer["at"], pointer["sha256"]
        name = (address, offset, length)
        if name not in known:
            own_bucket, key = _place(address, bucket, prefix)
            body = source.read(own_bucket, key, offset, length)
            if hashlib.sha256(body).hexdigest() != digest:
                raise ObjectCorrupt(f"{address} at {offset}+{length} has another hash than its pointer says")
            known[name] = json.loads(body)
        return known[name]

    return _resolve(value, paths, look_up)


def offload(value, *, bucket, prefix, budget=DEFAULT_BUDGET, keep=(), store=None):
    """The value with its largest members replaced by pointers, until it takes at most `budget` bytes."""
    own = f"s3://{bucket}/{prefix}"
    protected = _protect(value, own)
    if _size(protected) <= budget:
        return protected
    kept = [_path(each) for each in keep]
    leaving = []
    planned = _plan(protected, budget, kept, own, leaving)
    texts = [_text(each) for each in leaving]
    body = b"[" + b",".join(texts) + b"]"
    key = f"{prefix}{hashlib.sha256(body).hexdigest()}.json"
    (store or S3Store()).put(bucket, key, body)
    offset = 1
    for (holder, name), text in zip(planned["holes"], texts):
        holder[name] = {
            "@offloaded": f"s3://{bucket}/{key}",
            "at": [offset, len(text)],
            "sha256": hashlib.sha256(text).hexdigest(),
        }
        offset += len(text) + 1
    return planned["value"]


def is_pointer(value):
    """Whether a value has exactly the form of a pointer."""
    if not isinstance(value, dict) or set(value) != {"@offloaded", "at", "sha256"}:
        return False
    at, digest = value["at"], value["sha256"]
    return (
        isinstance(value["@offloaded"], str)
        and isinstance(digest, str)
        and _HASH.fullmatch(digest) is not None
        and isinstance(at, list)
        and len(at) == 2
        and all(isinstance(each, int) and not isinstance(each, bool) and each >= 0 for each in at)
    )


def _place(address, bucket, prefix):
    match = _ADDRESS.fullmatch(address)
    if match and match[1] == bucket and match[2].startswith(prefix):
        if not any(part in ("", ".", "..") for part in match[2].split("/")):
            return match[1], match[2]
    raise Foreign(f"a pointer leads to {address!r}; only s3://{bucket}/{prefix} may be read here")


def _resolve(value, paths, look_up):
    if is_pointer(value):
        return value if look_up is None else _resolve(look_up(value), paths, look_up)
    if isinstance(value, list):
        return [_member(each, paths, "*", look_up) for each in value]
    if not isinstance(value, dict):
        return value
    inner = value.get("@escaped")
    wrapped = len(value) == 1 and isinstance(inner, dict) and any(name in inner for name in _RESERVED)
    return {name: _member(each, paths, name, look_up) for name, each in (inner if wrapped else value).items()}


def _member(value, paths, name, look_up):
    if paths is None:
        return _resolve(value, None, look_up)
    onward = [path[1:] for path in paths if path and path[0] == name]
    if any(not path for path in onward):
        return _resolve(value, None, look_up)
    return _resolve(value, onward, look_up if onward else None)


def _protect(value, own):
    if isinstance(value, list):
        return [_protect(each, own) for each in value]
    if not isinstance(value, dict):
        return value
    if is_pointer(value) and value["@offloaded"].startswith(own):
        return value
    inside = {name: _protect(each, own) for name, each in value.items()}
    return {"@escaped": inside} if any(name in inside for name in _RESERVED) else inside


def _plan(value, budget, kept, own, leaving):
    """Moves out the largest members whose paths are not kept, the outermost that is enough."""
    root = {"value": value, "holes": []}
    pointer = len(own) + 195  # what one takes at most
    excess = _size(value) - budget
    places = sorted(_places(root["value"], kept, pointer), key=lambda place: -place[0])
    gone = set()
    for size, holder, name, above in places:
        if excess <= 0:
            break
        if any(id(each) in gone for each in above):
            continue
        leaving.append(holder[name])
        gone.add(id(holder[name]))
        root["holes"].append((holder, name))
        excess -= size - pointer
    if excess > 0:
        raise BudgetExceeded(f"what must stay inline is {excess} bytes over the budget of {budget}")
    return root


def _places(value, kept, pointer, above=()):
    """Texts and structures larger than a pointer, leaves only where no kept path leads through."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    wraps = isinstance(value, dict) and len(value) == 1 and isinstance(value.get("@escaped"), dict)
    for name, each in members:
        step = "*" if isinstance(value, list) else name
        onward = [path[1:] for path in kept if path and path[0] == step]
        size = _size(each)
        if size <= pointer or is_pointer(each) or any(not path for path in onward):
            continue
        inside = list(_places(each, onward, pointer, above + (each,)))
        if onward or wraps:
            yield from inside
        else:
            yield size, value, name, above


def _path(text):
    steps, rest = [], re.sub(r"^\$\.?(?=.)", "", text)
    while rest:
        match = re.match(r'\.?([A-Za-z_$][\w$-]*)|\[\*\]|\["((?:[^"\\]|\\.)+)"\]', rest)
        if match is None:
            raise OffloadError(f"{text!r} is no path like a.b or items[*].id")
        steps.append("*" if match[0] == "[*]" else match[1] or json.loads(f'"{match[2]}"'))
        rest = rest[match.end() :]
    return steps


def _text(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _size(value):
    return len(_text(value))
