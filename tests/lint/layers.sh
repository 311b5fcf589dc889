#!/bin/bash
# Who may include whom: cli -> features -> core/db -> core/io -> core/base. Features never include
# each other; the headers of the database libraries stay in core/db.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/../lint/sources.sh"

# module_of FILE: the folder that is the unit of the rule.
module_of()
{
    case $1 in
    core/db/postgres/* | core/db/sqlite/*) echo "$1" | cut -d/ -f1-3 ;;
    core/*) echo "$1" | cut -d/ -f1-2 ;;
    *) echo "${1%%/*}" ;;
    esac
}

rank_of()
{
    case $1 in
    core/base) echo 0 ;;
    core/io) echo 1 ;;
    core/db) echo 2 ;;
    core/db/*) echo 3 ;;
    cli) echo 5 ;;
    *) echo 4 ;;
    esac
}

# Every header by the name that an include line gives it, with its module.
declare -A owner
while IFS= read -r file; do
    module=$(module_of "$file")
    case $file in
    */include/*) owner[${file#*/include/}]=$module ;;
    *) owner[private/$(basename "$file")]=$module ;;
    esac
done < <(list_sources "${product_folders[@]}" | grep '\.h$')

check_include()
{
    local file=$1 line=$2 form=$3 name=$4 module=$5 target
    case $form$name in
    '<libpq-fe.h' | '<libpq/'* | '"libpq-fe.h' | '<sqlite3.h' | '"sqlite3.h')
        case $module in
        core/db | core/db/*) ;;
        *) report "$file" "$line" "only core/db includes <$name>" ;;
        esac
        return
        ;;
    '"rehearse/'*) report "$file" "$line" "public headers are included as <$name>" ;;
    '<core/'*) report "$file" "$line" "project headers are included as \"$name\"" ;;
    esac
    case $file:$name in
    */include/rehearse/*:core/*)
        report "$file" "$line" "an installed header must not need \"$name\", which is not installed"
        ;;
    esac

    target=${owner[$name]:-}
    if [ -z "$target" ] && [ "$form" = '"' ]; then
        target=${owner[private/$(basename "$name")]:-}
    fi
    if [ -z "$target" ] || [ "$target" = "$module" ]; then
        return
    fi
    if [ "$(rank_of "$target")" -ge "$(rank_of "$module")" ]; then
        report "$file" "$line" "$module must not include '$name' of $target"
    elif [ -n "${owner[private/$(basename "$name")]:-}" ] && [ -z "${owner[$name]:-}" ]; then
        report "$file" "$line" "'$name' is private to $target"
    fi
}

cd "$RH_SOURCE_DIR"
list_sources "${product_folders[@]}" >"$scratch/files"
while IFS=: read -r file line text; do
    name=$(sed -E 's/^[ \t]*#[ \t]*include[ \t]*[<"]([^>"]*)[>"].*/\1/' <<<"$text")
    form=$(sed -E 's/^[ \t]*#[ \t]*include[ \t]*([<"]).*/\1/' <<<"$text")
    check_include "$file" "$line" "$form" "$name" "$(module_of "$file")"
done < <(xargs -r grep -nE '^[ \t]*#[ \t]*include[ \t]*[<"]' /dev/null <"$scratch/files")
finish_lint
