"""make-model.py FILE: a raw block of 200 transactions, after which `ledger import --like` makes others.

Two inputs and two outputs on average, most of them paid to key hashes; nobody's real transactions.
"""
import hashlib
import random
import struct
import sys

draw = random.Random(866000)


def double(data):
    return hashlib.sha256(hashlib.sha256(data).digest()).digest()


def pay(value, script):
    return struct.pack("<qB", value, len(script)) + script


def script():
    kind = draw.choices(["p2pkh", "p2sh", "p2wpkh", "op_return"], [40, 20, 35, 5])[0]
    body = draw.randbytes(20)
    return {
        "p2pkh": b"\x76\xa9\x14" + body + b"\x88\xac",
        "p2sh": b"\xa9\x14" + body + b"\x87",
        "p2wpkh": b"\0\x14" + body,
        "op_return": b"\x6a\x14" + body,
    }[kind]


def spend(txid, vout, unlock=b""):
    return txid + struct.pack("<IB", vout, len(unlock)) + unlock + b"\xff" * 4


def transaction():
    inputs = draw.choices([1, 2, 3, 5, 12], [60, 20, 8, 8, 4])[0]
    outputs = draw.choices([1, 2, 3, 8], [20, 65, 10, 5])[0]
    data = struct.pack("<IB", 1, inputs)
    data += b"".join(spend(draw.randbytes(32), draw.randrange(4)) for _ in range(inputs))
    data += bytes([outputs]) + b"".join(pay(draw.randrange(546, 10**8), script()) for _ in range(outputs))
    return data + bytes(4)


def merkle(ids):
    while len(ids) > 1:
        ids += ids[-1:] * (len(ids) % 2)
        ids = [double(a + b) for a, b in zip(ids[::2], ids[1::2])]
    return ids[0]


height = struct.pack("<I", 866000)[:3]
coinbase = b"\1\0\0\0\1" + spend(bytes(32), 0xFFFFFFFF, b"\3" + height) + b"\1" + pay(3125 * 10**5, script()) + bytes(4)
body = [coinbase] + [transaction() for _ in range(199)]
with open(sys.argv[1], "wb") as file:
    root = merkle([double(t) for t in body])
    file.write(struct.pack("<I", 2) + bytes(32) + root + struct.pack("<III", 1729150000, 0x1D00FFFF, 1))
    file.write(bytes([200]) + b"".join(body))
