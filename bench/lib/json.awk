# All figures as one JSON document. After figures.awk; files: facts, figures.
function quoted(text)
{
    gsub(/[\\"]/, "\\\\&", text)
    return "\"" text "\""
}

END {
    print "{"
    for (name in fact)
        printf "  %s: %s,\n", quoted(name),
            fact[name] ~ /^[0-9]+(\.[0-9]+)?$/ ? fact[name] : quoted(fact[name])
    printf "  \"rows\": ["
    for (key in state) {
        split(key, part, SUBSEP)
        printf "%s\n    {\"table\": %s, \"row\": %s, \"state\": %s", comma, quoted(part[1]),
            quoted(part[2]), quoted(state[key])
        comma = ","
        if (state[key] == "ok") {
            printf ", \"best_us\": %d, \"median_us\": %d, \"wall_us\": [", best_us(key), median_us(key)
            for (i = 1; i <= count[key]; i++)
                printf "%s%d", (i > 1 ? ", " : ""), wall[key, i]
            printf "], \"client_us\": %d, \"server_us\": %d, \"noise_pct\": %.1f", client[key],
                server[key], noise[key]
            printf ", \"largest_kib\": %d, \"all_kib\": %d, \"stored_bytes\": %.0f", largest[key],
                together[key], stored[key]
        }
        printf "}"
    }
    print "\n  ]\n}"
}
