#!/bin/bash
# Functions that the house does without. `NOLINT(name): reason` in a comment on the line excuses it.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/../lint/sources.sh"

# ban FILE_REGEX_EXCUSED WHY NAME...: look for calls in "$scratch/code".
ban()
{
    local excused=$1 why=$2 names
    shift 2
    names=$(IFS='|' && echo "$*")
    while IFS=: read -r file line text; do
        report "$file" "$line" "$why: $(grep -oE "(^|[^A-Za-z0-9_>.])($names) ?\(" <<<"$text" |
            head -1 | tr -d ' (')"
    done < <(grep -E "(^|[^A-Za-z0-9_>.])($names) ?\(" "$scratch/code" |
        grep -vE ' NOLINT$' | grep -vE "^($excused):")
}

cd "$RH_SOURCE_DIR"
list_sources "${product_folders[@]}" tests bench examples | xargs -r awk -f tests/lint/strip.awk \
    >"$scratch/code"
ban 'core/base/num\.c' 'banned, see the house style' \
    strcpy strcat sprintf vsprintf strtok atoi atol atoll atof strtol strtoul strtoll strtoull \
    strtod strtof strtold strtoimax strtoumax
ban '-' 'banned, see the house style' \
    localtime gmtime asctime ctime gets system popen mktemp tmpnam tempnam alloca
while IFS=: read -r file line _; do
    report "$file" "$line" 'comments are /* */'
done < <(grep '//' "$scratch/code")

list_sources "${product_folders[@]}" | xargs -r awk -f tests/lint/strip.awk >"$scratch/code"
ban 'core/base/mem\.c' 'memory goes through core/mem.h' \
    malloc calloc realloc reallocarray free strdup strndup asprintf vasprintf getline getdelim \
    posix_memalign aligned_alloc
ban 'cli/[^:]*' 'the library never prints, exits or catches signals' \
    printf vprintf puts putchar perror exit _exit _Exit abort signal sigaction
finish_lint
