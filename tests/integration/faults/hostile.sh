# A repository made by somebody who means harm: names that lead elsewhere, links, absurd numbers.
# In an unsealed repository the id key is at hand, so a hostile manifest can carry a valid name; the
# unit tests and the fuzzer go through that. Here: what the file system can be made to look like.
. "$(dirname "$0")/../../support/lib.sh"
. "$(dirname "$0")/../../cli/ledger.sh"
require_program
require_tool sqlite3
cd "$scratch"
make_ledger prod.db 2000
export REHEARSE_REPO=$scratch/repo
assert_ok "$RH_BIN" snapshot prod.db --raw --unsealed-raw
mv repo good
echo precious >victim

fresh()
{
    rm -rf repo
    cp -a good repo
}

say 'links in place of packs, manifests, dictionaries and the config'
for file in $(cd good && find packs snapshots config -type f); do
    fresh
    mv "repo/$file" elsewhere
    ln -s "$scratch/elsewhere" "repo/$file"
    assert_exit 2 "$RH_BIN" restore latest out.db
    assert_no_file out.db
    rm elsewhere
done

say 'prune and a new snapshot do not follow links out of the repository'
fresh
mkdir outside && echo keep >outside/file
rm -rf repo/tmp
ln -s "$scratch/outside" repo/tmp
run "$RH_BIN" snapshot prod.db --raw --unsealed-raw
run "$RH_BIN" prune --grace 0s
assert_file outside/file
assert_eq 1 "$(find outside -type f | wc -l)" 'files outside'

say 'strange file names in the directories are ignored or named, never used'
fresh
touch "repo/snapshots/..json" "repo/snapshots/20260101T000000Z-zzzzzzzzzzzzzzzz.json" \
    "repo/packs/README" $'repo/snapshots/new\nline.json'
run "$RH_BIN" list
assert_ok "$RH_BIN" restore latest fine.db
assert_same_database prod.db fine.db

say 'paths where a plain name is due'
assert_exit 2 "$RH_BIN" show ../../victim
assert_exit 2 "$RH_BIN" cat latest ../victim
assert_eq precious "$(cat victim)" victim
assert_exit 2 "$RH_BIN" snapshot prod.db --repo "$scratch/victim" --raw --unsealed-raw
mkdir full && echo x >full/file
assert_exit 2 "$RH_BIN" snapshot prod.db --repo "$scratch/full" --raw --unsealed-raw
assert_eq 1 "$(find full | grep -c file)" 'the foreign directory'
assert_eq 2 "$(find full | wc -l)" 'entries of the foreign directory'

say 'unknown versions and flags are refused'
fresh
sed -i 's/"rehearse_repository": *1/"rehearse_repository": 2/' repo/config
assert_exit 2 "$RH_BIN" list
fresh
sed -i 's/"features": *\[\]/"features": ["time-travel"]/' repo/config
assert_exit 2 "$RH_BIN" list
