# shellcheck shell=bash
# Workload files for tests, made with the sqlite3 shell from the program's own schema.
#
#   workload_new FILE postgresql|sqlite
#   workload_add FILE SESSION TX TIME_US SQL [PARAMETERS_JSON [LINE]]     TX: a number, or NULL
# Statements get fingerprints by their text; sources, sessions and plans can be added by hand.

workload_new()
{
    require_tool sqlite3
    rm -f "$1"
    sqlite3 "$1" 'PRAGMA application_id=1380472625; PRAGMA user_version=1' \
        ".read $RH_SOURCE_DIR/core/db/sqlite/sql/workload.sql" \
        "INSERT INTO meta VALUES('format', 1), ('engine', '$2'), ('tool_version', 'test'),
            ('settings', '{}'), ('time_ordered', 0);
         INSERT INTO sources VALUES(1, '/var/log/pg.log', 'csvlog', NULL, NULL, NULL, 0, 0)"
}

workload_add()
{
    local file=$1 session=$2 tx=$3 time=$4 sql=${5//\'/\'\'} parameters=${6:-} line=${7:-1}
    local protocol=0
    if [ -n "$parameters" ]; then
        protocol=2
        parameters="'${parameters//\'/\'\'}'"
    fi
    sqlite3 "$file" "
        INSERT OR IGNORE INTO sessions(id) VALUES($session);
        INSERT INTO statements(fingerprint, by, command, normalized)
            SELECT printf('%016x', length('$sql') * 1000003 + unicode('$sql') + (SELECT count(*) FROM statements)),
                'scanner', 'unknown', '$sql'
            WHERE NOT EXISTS (SELECT 1 FROM statements WHERE normalized = '$sql');
        INSERT INTO texts(statement, sql) SELECT id, '$sql' FROM statements s WHERE normalized = '$sql'
            AND NOT EXISTS (SELECT 1 FROM texts WHERE sql = '$sql');
        INSERT INTO executions(session, tx, text, start_us, duration_us, protocol, name, parameters, source, line)
            SELECT $session, $tx, id, $time, 10, $protocol, CASE $protocol WHEN 2 THEN 'S_1' END,
                ${parameters:-NULL}, 1, $line
            FROM texts WHERE sql = '$sql'"
}
