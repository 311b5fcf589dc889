#!/usr/bin/env python3
"""A day of the explorer's requests as PostgreSQL logs them.

make-log.py PROJECTS REQUESTS >requests.log

What log_min_duration_statement = 0 writes under log_line_prefix '%m [%p] %c %v %q%u@%d/%a ': each
execution with its parameters. Projects ask as often as their traffic says, few of them most of the
time. The same numbers give the same log.
"""
import hashlib
import random
import sys
from datetime import datetime, timedelta, timezone

VALIDATE = ("SELECT p.id, p.name, p.is_enabled, p.is_rate_limited, k.is_valid FROM project p "
            "JOIN project_api_key k ON k.project_id = p.id WHERE p.project_key = $1")
ORIGINS = "SELECT o.kind, o.value FROM project_origin o WHERE o.project_id = $1"
QUOTA = "SELECT sum(u.count) FROM project_usage u WHERE u.project_id = $1 AND u.day > $2"
PAGE = ('SELECT l.id, l.name, l.homepage, l."order" FROM listing l '
        "JOIN listing_chain c ON c.listing_id = l.id "
        'WHERE c.chain_id = $1 AND l.app_type = $2 ORDER BY l."order" LIMIT 40')
SEARCH = 'SELECT l.id, l.name FROM listing l WHERE l.name ILIKE $1 ORDER BY l."order" LIMIT 20'
# The new front page, in the hour that it was on for some users.
FEATURE = ("SELECT l.id, l.name, l.homepage, (SELECT count(*) FROM project_origin o "
           "WHERE o.kind = 'verified' AND o.value = l.homepage) AS projects FROM listing l "
           "WHERE l.app_type = 'dapp' AND l.status = 'approved' ORDER BY projects DESC, l.name LIMIT 20")


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


def uuid(text):
    digits = md5(text)
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def request(rng, projects):
    """A request: service, statement, parameters, milliseconds."""
    project = min(projects, int(projects ** rng.random()))
    kind = rng.random()
    if kind < 0.60:
        return "relay", VALIDATE, [md5("key %d" % project)], 0.1 + rng.random() / 10
    if kind < 0.75:
        return "verify", ORIGINS, [uuid("project %d" % project)], 0.05 + rng.random() / 20
    if kind < 0.85:
        return "relay", QUOTA, [uuid("project %d" % project), "2023-03-22"], 0.1 + rng.random() / 10
    if kind < 0.95:
        app_type = "wallet" if rng.random() < 0.8 else "dapp"
        return "explorer", PAGE, ["eip155:1", app_type], 0.5 + rng.random()
    if kind < 0.995:
        word = rng.choice(["swap", "wallet", "bridge", "pay"])
        return "explorer", SEARCH, ["%" + word + "%"], 0.2 + rng.random() / 2
    return "explorer", FEATURE, [], 4 + rng.random()


def main():
    projects, requests = int(sys.argv[1]), int(sys.argv[2])
    rng = random.Random(20230422)
    now = datetime(2023, 4, 22, tzinfo=timezone.utc)
    for number in range(requests):
        service, sql, parameters, ms = request(rng, projects)
        now += timedelta(milliseconds=1 + int(rng.expovariate(1 / 40)))
        backend = 4000 + number % 8
        head = "%s UTC [%d] 64432100.%x %d/%d %s@production/%s " % (
            now.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3], backend, backend, 3 + number % 8, number + 1,
            service, service)
        print("%sLOG:  duration: %.3f ms  execute <unnamed>: %s" % (head, ms, sql))
        if parameters:
            print("%sDETAIL:  parameters: %s" % (head, ", ".join(
                "$%d = '%s'" % (i + 1, value) for i, value in enumerate(parameters))))


if __name__ == "__main__":
    main()
