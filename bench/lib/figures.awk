# Library for the reports: reads facts.tsv and figures.tsv, keeps best, median and peaks of each row.
# figures.tsv: table row state wall_us client_us server_us other_us largest_kib all_kib stored_bytes
BEGIN { FS = "\t" }

FILENAME ~ /facts\.tsv$/ { fact[$1] = $2; next }

FILENAME ~ /figures\.tsv$/ {
    key = $1 SUBSEP $2
    seen[$1] = 1
    if ($3 != "ok") {
        if (!(key in count))
            state[key] = $3
        next
    }
    state[key] = "ok"
    n = ++count[key]
    wall[key, n] = $4 + 0
    if (n == 1 || $4 + 0 < wall[key, best_run[key]]) {
        best_run[key] = n
        client[key] = $5
        server[key] = $6
        noise[key] = $4 > 0 ? 100 * $7 / $4 : 0
    }
    if ($8 + 0 > largest[key])
        largest[key] = $8 + 0
    if ($9 + 0 > together[key])
        together[key] = $9 + 0
    stored[key] = $10 + 0
    next
}

function best_us(key)
{
    return wall[key, best_run[key]]
}

function median_us(key,    i, j, n, held, sorted)
{
    n = count[key]
    for (i = 1; i <= n; i++) {
        held = wall[key, i]
        for (j = i - 1; j >= 1 && sorted[j] > held; j--)
            sorted[j + 1] = sorted[j]
        sorted[j + 1] = held
    }
    return n % 2 ? sorted[(n + 1) / 2] : (sorted[n / 2] + sorted[n / 2 + 1]) / 2
}

# The bytes that the rates and ratios of a table refer to.
function text_bytes(table)
{
    return fact[table == "pg" ? "postgres_text_bytes" : "sqlite_file_bytes"]
}
