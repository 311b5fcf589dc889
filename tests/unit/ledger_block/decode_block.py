"""A decoder of Bitcoin blocks that shares nothing with the library: plain slices and hashlib.

decode_block.py NETWORK BLOCK [UNDO]: the lines that block_dump prints.
"""
import hashlib
import struct
import sys

VERSIONS = {"mainnet": (0, 5, "bc"), "testnet3": (111, 196, "tb")}
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def double(data):
    return hashlib.sha256(hashlib.sha256(data).digest()).digest()


def base58check(version, payload):
    data = bytes([version]) + payload
    data += double(data)[:4]
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = BASE58[digit] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


def polymod(values):
    total = 1
    for value in values:
        top = total >> 25
        total = (total & 0x1FFFFFF) << 5 ^ value
        for i, g in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            total ^= g if top >> i & 1 else 0
    return total


def segwit(prefix, version, program):
    bits = "".join(f"{byte:08b}" for byte in program)
    bits += "0" * (-len(bits) % 5)
    values = [version] + [int(bits[i : i + 5], 2) for i in range(0, len(bits), 5)]
    expanded = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]
    check = polymod(expanded + values + [0] * 6) ^ (0x2BC830A3 if version else 1)
    values += [check >> 5 * (5 - i) & 31 for i in range(6)]
    return prefix + "1" + "".join(BECH32[v] for v in values)


def key_address(key, versions):
    try:
        ripe = hashlib.new("ripemd160", hashlib.sha256(key).digest()).digest()
    except ValueError:
        sys.exit("this Python has no RIPEMD-160")
    return base58check(versions[0], ripe)


def multisig(script, versions):
    if len(script) < 3 or script[-1] != 0xAE:
        return None
    m, n, at, keys = script[0] - 80, script[-2] - 80, 1, []
    while at < len(script) - 2:
        size = script[at]
        keys.append(script[at + 1 : at + 1 + size])
        at += 1 + size
        if size not in (33, 65) or len(keys[-1]) != size:
            return None
    if at != len(script) - 2 or not 1 <= m <= n <= 16 or len(keys) != n:
        return None
    return "_".join([str(m)] + sorted(key_address(k, versions) for k in keys) + [str(n)])


def describe(script, versions):
    size = len(script)
    if size == 25 and script[:3] == b"\x76\xa9\x14" and script[23:] == b"\x88\xac":
        return "p2pkh", base58check(versions[0], script[3:23])
    if size == 23 and script[:2] == b"\xa9\x14" and script[22] == 0x87:
        return "p2sh", base58check(versions[1], script[2:22])
    if script[:1] == b"\x6a":
        return "op_return", ""
    if (size == 35 and script[0] == 33 and script[1] in (2, 3) or size == 67 and script[:2] == b"A\x04") and script[-1] == 0xAC:
        return "p2pk", ""
    if 4 <= size <= 42 and script[1] == size - 2 and (script[0] == 0 or 0x51 <= script[0] <= 0x60):
        version = script[0] - 80 if script[0] else 0
        kind = {(0, 20): "p2wpkh", (0, 32): "p2wsh", (1, 32): "p2tr"}.get((version, size - 2))
        if kind or version:
            return kind or "witness", segwit(versions[2], version, script[2:])
    text = multisig(script, versions) if size and 0x51 <= script[0] <= 0x60 else None
    return ("multisig", text) if text else ("other", "")


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        part = self.data[self.at : self.at + count]
        assert len(part) == count
        self.at += count
        return part

    def number(self, form):
        return struct.unpack("<" + form, self.take(struct.calcsize(form)))[0]

    def compact(self):
        first = self.number("B")
        return first if first < 253 else self.number({253: "H", 254: "I", 255: "Q"}[first])


def show_output(what, value, script, versions):
    kind, address = describe(script, versions)
    print(what, value, kind, address)


def transaction(reader, first, versions):
    start = reader.at
    version = reader.take(4)
    witness = reader.data[reader.at] == 0
    if witness:
        assert reader.take(2) == b"\0\1"
    body = reader.at
    inputs = []
    for _ in range(reader.compact()):
        inputs.append((reader.take(32)[::-1].hex(), reader.number("I")))
        script = reader.take(reader.compact())
        reader.take(4)
    outputs = [(reader.number("q"), reader.take(reader.compact())) for _ in range(reader.compact())]
    end = reader.at
    for _ in inputs if witness else ():
        for _ in range(reader.compact()):
            reader.take(reader.compact())
    lock = reader.take(4)
    txid = double(version + reader.data[body:end] + lock)
    wtxid = bytes(32) if first else double(reader.data[start : reader.at])
    if first:
        print("height", int.from_bytes(script[1 : 1 + script[0]], "little"))
    print("tx", txid[::-1].hex(), wtxid[::-1].hex())
    for previous, vout in () if first else inputs:
        print(f"in {previous}:{vout}")
    for value, script in outputs:
        show_output("out", value, script, versions)
    return txid


def main():
    versions = VERSIONS[sys.argv[1]]
    with open(sys.argv[2], "rb") as file:
        reader = Reader(file.read())
    print("block", double(reader.take(80))[::-1].hex(), count := reader.compact())
    level = [transaction(reader, i == 0, versions) for i in range(count)]
    assert reader.at == len(reader.data)
    while len(level) > 1:
        level += level[-1:] if len(level) % 2 else []
        level = [double(level[i] + level[i + 1]) for i in range(0, len(level), 2)]
    assert level[0] == reader.data[36:68]
    print("merkle", level[0][::-1].hex())
    if len(sys.argv) > 3:
        with open(sys.argv[3], "rb") as file:
            reader = Reader(file.read())
        while reader.at < len(reader.data):
            show_output("spent", reader.number("q"), reader.take(reader.compact()), versions)


main()
