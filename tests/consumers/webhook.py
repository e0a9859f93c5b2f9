"""Verifies the signature of a notice with nothing but the standard library, as docs/current.md shows it.

    webhook.py SECRET FILE        FILE holds {"headers": {…}, "body": "…"}
"""

import base64
import hashlib
import hmac
import json
import sys


def verify(secret, headers, body):
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    wanted = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(wanted, given) for given in headers["webhook-signature"].split(" "))


secret, path = sys.argv[1:]
with open(path, encoding="utf-8") as file:
    notice = json.load(file)
print("valid" if verify(secret, notice["headers"], notice["body"].encode()) else "wrong")
