# Reports of bench/increment in 80 columns. After figures.awk; files: facts, figures, nights.
FILENAME ~ /nights\.tsv$/ { night[$1] = $2; nights = $1 + 0; next }

# New bytes of a night: how much the tool's repository grew. -1 without a figure.
function new_bytes(table, tool, n,    key, before)
{
    key = table SUBSEP tool " " n
    before = table SUBSEP tool " " (n - 1)
    if (state[key] != "ok" || (n > 0 && state[before] != "ok"))
        return -1
    return n == 0 ? stored[key] : stored[key] - stored[before]
}

function share(table, tool, n,    fresh, first)
{
    fresh = new_bytes(table, tool, n)
    first = new_bytes(table, tool, 0)
    return fresh < 0 || first <= 0 ? -1 : 100 * fresh / first
}

function print_growth(table,    n, t)
{
    printf "%-30s", "new MB, share of the first"
    for (t = 1; t <= 3; t++)
        printf "%16s", tools[t]
    printf "\n"
    for (n = 0; n <= nights; n++) {
        printf "%-30s", night[n]
        for (t = 1; t <= 3; t++) {
            if (new_bytes(table, tools[t], n) < 0)
                printf "%16s", state[table, tools[t] " " n] == "failed" ? "failed" : "not installed"
            else
                printf "%8.2f%7.1f%%", new_bytes(table, tools[t], n) / 1e6, share(table, tools[t], n)
        }
        printf "\n"
    }
}

function print_cost(table,    n, t, key)
{
    printf "%-30s", "seconds, peak MiB [1]"
    for (t = 1; t <= 3; t++)
        printf "%16s", tools[t]
    printf "\n"
    for (n = 0; n <= nights; n++) {
        printf "%-30s", night[n]
        for (t = 1; t <= 3; t++) {
            key = table SUBSEP tools[t] " " n
            if (state[key] == "ok")
                printf "%8.2f%8.0f", best_us(key) / 1e6, largest[key] / 1024
            else
                printf "%16s", "-"
        }
        printf "\n"
    }
}

function print_tables(table, title)
{
    if (!(table in seen))
        return
    printf "\n%s\n", title
    print_growth(table)
    print_cost(table)
}

function print_bar(table, engine, n, most,    got)
{
    if (!(table in seen))
        return
    got = share(table, "rehearse", n)
    printf "%-10s %-36s <=%5.1f%%", engine, night[n], most
    if (got < 0)
        print "        -  no figure"
    else
        printf "  %6.1f%%  %s\n", got, got <= most ? "met" : "missed"
}

END {
    tools[1] = "rehearse"
    tools[2] = "restic"
    tools[3] = "borg"
    printf "%s: %s, %d MiB of RAM, load %s, commit %s\n", fact["date"], fact["machine"],
        fact["memory_mib"], fact["load"], fact["commit"]
    print_tables("pg", sprintf("%s, %.1f MB of COPY text, one table, nights in turn",
        fact["postgres"], fact["postgres_text_bytes"] / 1e6))
    print_tables("sqlite", sprintf("SQLite %s, %.1f MB of file, one table, nights in turn",
        fact["sqlite"], fact["sqlite_file_bytes"] / 1e6))
    print "\n[1] of the largest client process; restic and borg read COPY text or .dump from a pipe"
    print "\nBars"
    print_bar("pg", "PostgreSQL", 4, 8)
    print_bar("pg", "PostgreSQL", 2, 3)
    print_bar("sqlite", "SQLite", 4, 8)
    print_bar("sqlite", "SQLite", 2, 3)
}
