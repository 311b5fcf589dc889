"""make_block.py BLOCK UNDO: a small valid block at height 300025, and what its inputs spend."""
import hashlib
import struct
import sys


def double(data):
    return hashlib.sha256(hashlib.sha256(data).digest()).digest()


def spend(fill, vout, script=b""):
    return bytes([fill]) * 32 + struct.pack("<IB", vout, len(script)) + script + b"\xff" * 4


def pay(value, script):
    return struct.pack("<qB", value, len(script)) + script


HASH = bytes(range(1, 21))
KEY_HASH = b"\x76\xa9\x14" + HASH + b"\x88\xac"
coinbase = b"\1\0\0\0\1" + spend(0, 0xFFFFFFFF, bytes.fromhex("03f99304")) + b"\1" + pay(5 * 10**9, KEY_HASH) + bytes(4)
plain = (
    b"\1\0\0\0\2" + spend(0xAA, 0) + spend(0xBB, 70000)
    + b"\2" + pay(1000, b"\xa9\x14" + HASH + b"\x87") + pay(0, b"\x6a\x02hi") + bytes(4)
)
body = b"\1" + spend(0xCC, 3) + b"\1" + pay(777, b"\0\x14" + HASH)
segwit = b"\2\0\0\0\0\1" + body + b"\1\3abc" + bytes(4)
ids = [double(coinbase), double(plain), double(b"\2\0\0\0" + body + bytes(4))]
root = double(double(ids[0] + ids[1]) + double(ids[2] + ids[2]))
with open(sys.argv[1], "wb") as file:
    file.write(struct.pack("<I", 2) + bytes(32) + root + struct.pack("<III", 1400000000, 0x1D00FFFF, 1))
    file.write(b"\3" + coinbase + plain + segwit)
with open(sys.argv[2], "wb") as file:
    file.write(pay(12345, KEY_HASH) + pay(2, b"\0\x14" + HASH) + pay(3, b"\x51"))
