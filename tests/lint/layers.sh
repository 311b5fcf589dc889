#!/bin/bash
# Who may include whom: cli -> features -> core/db -> core/io -> core/base. Features never include
# each other; the headers of the database libraries stay in core/db, the
# parser's in core/sql.
. "$(dirname "$0")/../support/lib.sh"
. "$(dirname "$0")/../lint/sources.sh"

# set_module FILE: set module to the folder that is the unit of the rule.
set_module()
{
    [[ $1 =~ ^(core/db/postgres|core/db/sqlite|core/[^/]+|[^/]+)/ ]]
    module=${BASH_REMATCH[1]}
}

# set_rank MODULE: set rank; a module includes what has a lower one.
set_rank()
{
    case $1 in
    core/base) rank=0 ;;
    core/io | core/sql | core/plan) rank=1 ;;
    core/db | core/chain) rank=2 ;;
    core/db/*) rank=3 ;;
    cli) rank=5 ;;
    *) rank=4 ;;
    esac
}

# Every header by the name that an include line gives it, with its module.
declare -A owner
while IFS= read -r file; do
    set_module "$file"
    case $file in
    */include/*) owner[${file#*/include/}]=$module ;;
    *) owner[private/${file##*/}]=$module ;;
    esac
done < <(list_sources "${product_folders[@]}" | grep '\.h$')

check_include()
{
    local file=$1 line=$2 form=$3 name=$4 target own_rank
    set_module "$file"
    case $form$name in
    '<libpq-fe.h' | '<libpq/'* | '"libpq-fe.h' | '<sqlite3.h' | '"sqlite3.h')
        case $module in
        core/db | core/db/*) ;;
        *) report "$file" "$line" "only core/db includes <$name>" ;;
        esac
        return
        ;;
    '<pg_query.h' | '"pg_query.h')
        [ "$module" = core/sql ] || report "$file" "$line" "only core/sql includes <$name>"
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
        target=${owner[private/${name##*/}]:-}
    fi
    if [ -z "$target" ] || [ "$target" = "$module" ]; then
        return
    fi
    set_rank "$module"
    own_rank=$rank
    set_rank "$target"
    if [ "$rank" -ge "$own_rank" ]; then
        report "$file" "$line" "$module must not include '$name' of $target"
    elif [ -z "${owner[$name]:-}" ]; then
        report "$file" "$line" "'$name' is private to $target"
    fi
}

cd "$RH_SOURCE_DIR"
list_sources "${product_folders[@]}" >"$scratch/files"
include='^[[:space:]]*#[[:space:]]*include[[:space:]]*([<"])([^>"]+)[>"]'
while IFS=: read -r file line text; do
    if [[ $text =~ $include ]]; then
        check_include "$file" "$line" "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}"
    fi
done < <(xargs -r grep -nE '^[ \t]*#[ \t]*include' /dev/null <"$scratch/files")
finish_lint
