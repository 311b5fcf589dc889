#!/usr/bin/env python3
"""Writes letter_table.h: all letters and decimal digits of Unicode beyond what utf8_class.c names.

Classes are what may be exchanged for each other: one script, one length in UTF-8, one of capitals,
their small twins (same order), digits, or anything else. Run with the output file as argument.
"""
import bisect
import re
import sys
import unicodedata as u

MOST = 30000  # members of a class: class_text.c takes 15 bits


def named():
    source = open(sys.path[0] + '/utf8_class.c').read()
    table = source[source.index('} classes[] = {'):]
    table = table[:table.index('};')]
    out = set(ord(c) for c in '0123456789')
    for a, b in re.findall(r"\{(0x[0-9a-f]+|'.'), (0x[0-9a-f]+|'.'),", table):
        lo, hi = (ord(x[1]) if x[0] == "'" else int(x, 16) for x in (a, b))
        out |= set(range(lo, hi + 1))
    return out


def size(c):
    return len(chr(c).encode())


def main():
    skip = named()
    classes, family, loners = [], [], {}
    groups = {}
    every = [c for c in range(0x80, 0x110000) if c not in skip and not 0xd800 <= c < 0xe000 and
             (u.category(chr(c))[0] == 'L' or u.category(chr(c)) == 'Nd')]
    have = set(every)
    for c in every:
        script = u.name(chr(c), 'CJK').split()[0].split('-')[0]
        low = chr(c).lower()
        twin = u.category(chr(c)) == 'Lu' and len(low) == 1 and ord(low) in have and \
            size(ord(low)) == size(c) and low != chr(c)
        kind = 'U' if twin else 'D' if u.category(chr(c)) == 'Nd' else 'X'
        groups.setdefault((size(c), script, kind), []).append(c)
    taken = set()
    for key, members in sorted(groups.items()):  # capitals come before the rest (U < X)
        if key[2] == 'U':
            members = [c for c in members if ord(chr(c).lower()) not in taken]
            lower = [ord(chr(c).lower()) for c in members]
            assert len(set(lower)) == len(lower)
            taken |= set(lower) | set(members)
            k = len(classes)
            classes += [members, lower]
            family += [k + 1, k + 1]
    for key, members in sorted(groups.items()):
        rest = [c for c in members if c not in taken]
        if len(rest) < 4:
            loners.setdefault(key[0], []).extend(rest)
            continue
        for at in range(0, len(rest), MOST):
            family.append(len(classes))
            classes.append(rest[at:at + MOST])
    for _, rest in sorted(loners.items()):
        if len(rest) > 1:
            family.append(len(classes))
            classes.append(sorted(rest))
    runs = []  # first, last, step, class, index
    for k, members in enumerate(classes):
        i = 0
        while i < len(members):
            j = i
            step = members[i + 1] - members[i] if i + 1 < len(members) else 1
            if step not in (1, 2):
                step = 1
            while j + 1 < len(members) and members[j + 1] == members[j] + step:
                j += 1
            runs.append((members[i], members[j], step, k, i))
            i = j + 1
    write(sys.argv[1], classes, family, sorted(runs))


def reach(runs):
    """How far behind the last run that begins in front of a code point its own may be."""
    far = 0
    starts = [r[0] for r in runs]
    for i, (first, last, step, _, _) in enumerate(runs):
        for c in (last,):
            far = max(far, bisect.bisect_right(starts, c) - 1 - i)
    return far


def write(path, classes, family, runs):
    order = sorted(range(len(runs)), key=lambda r: (runs[r][3], runs[r][4]))
    begin = [0] * (len(classes) + 1)
    for r in runs:
        begin[r[3] + 1] += 1
    for k in range(len(classes)):
        begin[k + 1] += begin[k]
    with open(path, 'w') as out:
        out.write("""/*
 * Letters and digits of Unicode %s by class; made by make_letters.py, which says what a class is.
 */
#ifndef RH_LETTER_TABLE_H
#define RH_LETTER_TABLE_H

#include <stdint.h>

enum { LETTER_REACH = %d }; /* a code point's run is at most so far behind the last one before it */

/* Code points first, first + step ... last are the members index, index + 1 ... of a class. */
typedef struct letter_run {
    uint32_t first, last;
    uint16_t step, number, index;
} letter_run;

/* begin: of its runs in letter_order; family: the class of its twins in small letters, or itself. */
typedef struct letter_class {
    uint16_t count, family, begin;
} letter_class;

/* clang-format off */
/* Sorted by first. */
static const letter_run letter_runs[] = {
""" % (u.unidata_version, reach(runs)))
        row(out, ['{0x%x,0x%x,%d,%d,%d}' % r for r in runs])
        out.write('};\n\n/* Runs by class and index. */\nstatic const uint16_t letter_order[] = {\n')
        row(out, ['%d' % r for r in order])
        out.write('};\n\n/* One more than there are: the end of the last one. */\n')
        out.write('static const letter_class letter_classes[] = {\n')
        row(out, ['{%d,%d,%d}' % (len(m), f, b) for m, f, b in zip(classes, family, begin)] +
            ['{0,0,%d}' % len(runs)])
        out.write('};\n/* clang-format on */\n\n#endif\n')


def row(out, items):
    line = '   '
    for item in items:
        if len(line) + len(item) + 2 > 100:
            out.write(line + '\n')
            line = '   '
        line += ' ' + item + ','
    out.write(line + '\n')


main()
