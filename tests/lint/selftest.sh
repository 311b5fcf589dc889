#!/bin/bash
# Each lint finds what it is there for, in a small tree made for the purpose, and is content with a
# clean one.
. "$(dirname "$0")/../support/lib.sh"

tree=$scratch/tree
mkdir -p "$tree/tests"
cp -r "$RH_SOURCE_DIR/tests/lint" "$RH_SOURCE_DIR/tests/support" "$tree/tests"
cp "$RH_SOURCE_DIR/.clang-format" "$tree"

# put FILE LINE...
put()
{
    local file=$tree/$1
    shift
    mkdir -p "${file%/*}"
    printf '%s\n' "$@" >"$file"
}

lint()
{
    run env RH_SOURCE_DIR="$tree" RH_BUILD_DIR="$scratch" bash "$tree/tests/lint/$1.sh"
}

# finds LINT TEXT: the lint fails and names the text.
finds()
{
    lint "$1"
    [ "$run_status" -ne 77 ] || return 0
    [ "$run_status" -eq 1 ] || fail "lint $1 ended with $run_status instead of finding '$2'"
    assert_stderr_contains "$2"
    [ -z "${3:-}" ] || rm "$tree/$3"
}

clean()
{
    lint "$1"
    case $run_status in
    0 | 77) ;;
    *)
        show_run
        fail "lint $1 is not content with a clean tree"
        ;;
    esac
}

put core/base/include/core/a.h 'int rh_a(void);'
put core/io/include/core/b.h '#include "core/a.h"'
put core/db/db.c '#include <sqlite3.h>' '#include "core/b.h"' 'int rh_db(void)' '{' '    return 1;' '}'
put snapshot/include/rehearse/s.h 'int rh_s(void);'
put snapshot/private.h 'int rh_private(void);'
put snapshot/s.c '#include "private.h"' '#include <rehearse/s.h>' \
    '/* strcpy(a, b); */' 'const char *text = "sprintf(";' 'int my_free(void);'
put cli/main.c '#include <rehearse/s.h>' '#include "core/a.h"'
for name in sizes layers banned words; do
    clean "$name"
done

put docs/findings.md '## a-scan' '## a-call' '## a-growth' '## a-change'
put profiler/findings/finding_config.c '    [RH_FINDING_A_SCAN] = {"a-scan", "access", RH_SEVERITY_NOTE},'
put ledger/check.c 'add_finding(c, "a-call", 1);' 'rh_ledger_finding one = {' '    .name = "a-growth"};'
put cli/run.c 'json_pack("{s:s}",' '    "finding", "a-change");'
clean findings
for name in a-scan a-call a-growth a-change; do
    printf '## %s\n' a-scan a-call a-growth a-change | grep -v "$name" >"$tree/docs/findings.md"
    finds findings "'$name' has no section"
done
put docs/findings.md '## a-scan' '## a-call' '## a-growth' '## a-change' '## a-ghost'
finds findings "no code reports 'a-ghost'"
rm "$tree/docs/findings.md" "$tree/profiler/findings/finding_config.c" "$tree/ledger/check.c" "$tree/cli/run.c"

put core/base/up.c '#include "core/b.h"'
finds layers "core/base must not include 'core/b.h' of core/io" core/base/up.c
put ledger/x.c '#include <rehearse/s.h>'
finds layers "ledger must not include 'rehearse/s.h' of snapshot" ledger/x.c
put cli/x.c '#include "private.h"'
finds layers "'private.h' is private to snapshot" cli/x.c
put snapshot/x.c '#include <libpq-fe.h>'
finds layers 'only core/db includes <libpq-fe.h>' snapshot/x.c
put snapshot/include/rehearse/x.h '#include "core/a.h"'
finds layers 'an installed header must not need' snapshot/include/rehearse/x.h
put snapshot/x.c '#include "rehearse/s.h"'
finds layers 'public headers are included as' snapshot/x.c

put snapshot/x.c 'void f(void)' '{' '    strcpy(a, b);' '}'
finds banned 'snapshot/x.c:3: banned' snapshot/x.c
put snapshot/x.c 'void f(void)' '{' '    free (a);' '}'
finds banned 'memory goes through core/mem.h: free' snapshot/x.c
put snapshot/x.c 'int a; // no'
finds banned 'comments are' snapshot/x.c
put snapshot/x.c 'void f(void)' '{' '    _exit(1); /* NOLINT(exit): a reason */' '}'
clean banned
put snapshot/x.c 'void f(void)' '{' '    exit(1); /* NOLINT(exit) */' '}'
finds banned 'the library never prints' snapshot/x.c

put snapshot/x.c 'void f(void)' '{' "$(printf '    f();\n%.0s' {1..80})" '}'
finds sizes "'f' has 83 lines" snapshot/x.c
put snapshot/x.c "$(printf 'int a;\n%.0s' {1..801})"
finds sizes 'the file has 801 lines' snapshot/x.c

put snapshot/x.c 'int  a;'
finds format 'snapshot/x.c' snapshot/x.c

put docs/x.md "see $(printf '/%s/me/file' home)"
finds words 'docs/x.md:1: forbidden' docs/x.md
put README.md "$(printf '../%s/data' shared)"
finds words 'only tests read the shared data folder' README.md
