"""make_rev.py OUT_BLK OUT_REV [--key HEX] [--magic HEX] BLOCK[:UNDO]...: blk and rev files as a node writes them, of
raw blocks and of what they spend (value in eight bytes, compact length, script). The rev file has them in
the opposite order; a block without UNDO is not in it. Shares nothing with the library.
"""
import hashlib
import struct
import sys

FIELD = 2**256 - 2**32 - 977


def double(data):
    return hashlib.sha256(hashlib.sha256(data).digest()).digest()


def compact(n):
    for limit, head, form in ((0xFD, b"", "<B"), (0x10000, b"\xfd", "<H"), (2**32, b"\xfe", "<I")):
        if n < limit:
            return head + struct.pack(form, n)
    return b"\xff" + struct.pack("<Q", n)


def varint(n):
    out = [n & 0x7F]
    while n > 0x7F:
        n = (n >> 7) - 1
        out.append(n & 0x7F | 0x80)
    return bytes(reversed(out))


def amount(n):
    if n == 0:
        return 0
    zeros = 0
    while n % 10 == 0 and zeros < 9:
        n //= 10
        zeros += 1
    if zeros == 9:
        return 1 + (n - 1) * 10 + 9
    return 1 + (n // 10 * 9 + n % 10 - 1) * 10 + zeros


def short(script):
    if len(script) == 25 and script[:3] == b"\x76\xa9\x14" and script[23:] == b"\x88\xac":
        return b"\0" + script[3:23]
    if len(script) == 23 and script[:2] == b"\xa9\x14" and script[22:] == b"\x87":
        return b"\1" + script[2:22]
    if len(script) == 35 and script[0] == 33 and script[1] in (2, 3) and script[34] == 0xAC:
        return script[1:34]
    if len(script) == 67 and script[:2] == b"\x41\x04" and script[66] == 0xAC:
        x, y = int.from_bytes(script[2:34], "big"), int.from_bytes(script[34:66], "big")
        if (y * y - x * x * x - 7) % FIELD == 0:
            return bytes([4 | y & 1]) + script[2:34]
    return varint(len(script) + 6) + script


def read_compact(data, at):
    if data[at] < 0xFD:
        return data[at], at + 1
    size = 1 << data[at] - 0xFC
    return int.from_bytes(data[at + 1 : at + 1 + size], "little"), at + 1 + size


def inputs_of(block):
    """Numbers of inputs of each transaction."""
    count, at = read_compact(block, 80)
    for _ in range(count):
        at += 4
        segwit = block[at] == 0
        at += 2 * segwit
        inputs, at = read_compact(block, at)
        for _ in range(inputs):
            size, at = read_compact(block, at + 36)
            at += size + 4
        outputs, at = read_compact(block, at)
        for _ in range(outputs):
            size, at = read_compact(block, at + 8)
            at += size
        for _ in range(inputs * segwit):
            items, at = read_compact(block, at)
            for _ in range(items):
                size, at = read_compact(block, at)
                at += size
        at += 4
        yield inputs


def stored(block, undo):
    counts, at = list(inputs_of(block))[1:], 0
    out = compact(len(counts))
    for number, count in enumerate(counts):
        out += compact(count)
        for _ in range(count):
            value, (size, at) = struct.unpack_from("<Q", undo, at)[0], read_compact(undo, at + 8)
            height = number % 3 * 100000  # 0 has no version behind it
            out += varint(2 * height + number % 2) + (b"\0" if height else b"")
            out += varint(amount(value)) + short(undo[at : at + size])
            at += size
    assert at == len(undo)
    return out


arguments = sys.argv[1:]
options = {"--key": "00" * 8, "--magic": "f9beb4d9"}
while arguments[2] in options:
    options[arguments[2]] = arguments[3]
    del arguments[2:4]
key, magic = bytes.fromhex(options["--key"]), bytes.fromhex(options["--magic"])
blk, rev = b"", []
for name in arguments[2:]:
    path, _, spent = name.partition(":")
    block = open(path, "rb").read()
    blk += magic + struct.pack("<I", len(block)) + block
    if spent:
        data = stored(block, open(spent, "rb").read())
        rev.append(magic + struct.pack("<I", len(data)) + data + double(block[4:36] + data))
for path, data in ((arguments[0], blk), (arguments[1], b"".join(reversed(rev)))):
    with open(path, "wb") as file:
        file.write(bytes(byte ^ key[i % 8] for i, byte in enumerate(data)) + bytes(4096))
