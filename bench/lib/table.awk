# Reports of bench/snapshot in 80 columns. After figures.awk; files: facts, figures, rows, bars.
FILENAME ~ /rows\.tsv$/ { order[++rows] = $1 SUBSEP $2; label[$1, $2] = $3; next }
FILENAME ~ /bars\.tsv$/ { bar[++bars] = $0; next }

function cell(value, format)
{
    return value > 0 ? sprintf(format, value) : "-"
}

function print_row(table, key,    us, bytes)
{
    if (state[key] != "ok") {
        printf "%-28s %s\n", label[key], state[key] == "" ? "not run" : state[key]
        return
    }
    us = best_us(key)
    bytes = text_bytes(table)
    printf "%-28s%7.2f%7.2f%6.0f%7s%6s%6.0f%6.0f%7.0f\n", label[key], us / 1e6,
        median_us(key) / 1e6, bytes / us, cell(stored[key] / 1e6, "%.1f"),
        cell(stored[key] > 0 ? bytes / stored[key] : 0, "%.2f"), largest[key] / 1024,
        together[key] / 1024, noise[key]
}

function print_table(table, title,    i, part)
{
    if (!(table in seen))
        return
    printf "\n%s\n", title
    printf "%-28s%7s%7s%6s%7s%6s%6s%6s%7s\n", "", "best s", "median", "MB/s", "MB", "ratio", "peak",
        "all", "noise%"
    for (i = 1; i <= rows; i++) {
        split(order[i], part, SUBSEP)
        if (part[1] == table)
            print_row(table, order[i])
    }
}

# The measured figure of a bar, by best or by median runs; -1 when a side is missing.
function figure(kind, ours, peer, median)
{
    if (state[ours] != "ok" || (kind ~ /^(speed|size)$/ && state[peer] != "ok"))
        return -1
    if (kind == "speed")
        return median ? median_us(peer) / median_us(ours) : best_us(peer) / best_us(ours)
    if (kind == "size")
        return stored[peer] > 0 ? stored[ours] / stored[peer] : -1
    if (kind == "window_ms")
        return (median ? median_us(ours) : best_us(ours)) / 1000
    return largest[ours] / 1024
}

# Whether others took more than a tenth of a core during a run that the bar is judged by.
function noisy(kind, ours, peer)
{
    return kind == "speed" && (noise[ours] > 10 || noise[peer] > 10)
}

function print_bar(text,    part, ours, peer, need, at_least, got, middle)
{
    split(text, part, "\t")
    if (!(part[1] in seen))
        return
    ours = part[1] SUBSEP part[3]
    peer = part[1] SUBSEP part[4]
    need = part[2] == "memory" ? 64 + 16 * fact["jobs"] : part[5]
    at_least = part[2] == "speed"
    got = figure(part[2], ours, peer, 0)
    middle = figure(part[2], ours, peer, 1)
    printf "%-6s %-40s %s%6g", part[1] == "pg" ? "PG" : "SQLite", part[6], at_least ? ">=" : "<=",
        need
    if (got < 0)
        print "       -       -  no figure"
    else
        printf " %7.2f %7.2f  %s%s\n", got, middle,
            (at_least ? got >= need : got <= need) ? "met" : "missed",
            noisy(part[2], ours, peer) ? "?" : ""
}

END {
    printf "%s: %s, %d MiB of RAM, load %s, commit %s\n", fact["date"], fact["machine"],
        fact["memory_mib"], fact["load"], fact["commit"]
    printf "jobs %d, %d runs of each row in turn; best and median of them\n", fact["jobs"],
        fact["runs"]
    print_table("pg", sprintf("%s, %.1f MB of COPY text, fsync on, all in cache", fact["postgres"],
        fact["postgres_text_bytes"] / 1e6))
    print_table("sqlite", sprintf("SQLite %s, %.1f MB of file in WAL mode, all in cache",
        fact["sqlite"], fact["sqlite_file_bytes"] / 1e6))
    print "\nMB/s: of COPY text or of the SQLite file. MB, ratio: stored, and text per stored byte."
    print "peak, all: MiB of the largest client process, and of all client processes together."
    print "noise%: CPU used by others meanwhile, in percent of one core (best run)."
    printf "\n%-47s %8s %7s %7s\n", "Bars", "bar", "best", "median"
    for (i = 1; i <= bars; i++)
        print_bar(bar[i])
    print "?: others used more than a tenth of a core during one of the best runs: repeat"
    print "[1] 64 MiB + 16 MiB per job, largest process"
}
