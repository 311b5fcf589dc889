# Sourced by the lints, after lib.sh: which files they look at. They print all findings, then fail.
# shellcheck shell=bash

# The program itself, without tests and benchmarks.
product_folders=(core snapshot anonymize profiler ledger cli)
lint_findings=0

# list_sources FOLDER...: the .c and .h files below the folders, sorted, from the root.
list_sources()
{
    local folder
    cd "$RH_SOURCE_DIR" || exit
    for folder in "$@"; do
        if [ -d "$folder" ]; then
            find "$folder" -name '*.[ch]' -type f
        fi
    done | LC_ALL=C sort
}

# list_texts: every text file that is part of the repository, build folders left out.
list_texts()
{
    cd "$RH_SOURCE_DIR" || exit
    find . \( -name .git -o -path ./build -o -name node_modules \) -prune -o -type f -print |
        sed 's|^\./||' | LC_ALL=C sort | while IFS= read -r file; do
        if [ ! -s "$file" ] || LC_ALL=C grep -qI . "$file"; then
            printf '%s\n' "$file"
        fi
    done
}

# report FILE LINE TEXT
report()
{
    echo "$1:$2: $3" >&2
    lint_findings=$((lint_findings + 1))
}

# strip_code FILE...: "file:line:code" with the text of comments and literals taken out.
strip_code()
{
    awk -f "$RH_SOURCE_DIR/tests/lint/strip.awk" "$@"
}

finish_lint()
{
    [ "$lint_findings" -eq 0 ] || fail "$lint_findings finding(s)"
}
