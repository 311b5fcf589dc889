/*
 * Fill the tables of schema.sql: any number of balances, the proportions of Counterparty's mainnet
 * of August 2024, and the same rows each time.
 *
 *   cc -O2 -o make-ledger make-ledger.c -lsqlite3 -lsodium
 *   sqlite3 ledger.db <schema.sql && ./make-ledger ledger.db BALANCES [UTXOS] && sqlite3 ledger.db
 * <indexes.sql
 *
 * Every transaction debits somebody and credits somebody (one in three a third party, too); XCP is
 * 15 % of all, the rest is skewed. UTXOS of the balances hang on an output: none before activation.
 */
#include <inttypes.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HASH = 65, ADDRESS = 36, PACKED = 21, LAST_BLOCK = 865999 };

typedef struct person {
    uint8_t packed[PACKED]; /* version, key hash: as transactions carry it */
    char address[ADDRESS];
} person;

enum statement {
    BLOCK,
    TRANSACTION,
    ASSET,
    BALANCE,
    CREDIT,
    DEBIT,
    SEND,
    ISSUE,
    DISPENSER,
    MESSAGE,
    STATEMENTS
};

static const char *const inserts[STATEMENTS] = {
    "blocks(block_index,block_hash,block_time,previous_block_hash,difficulty,ledger_hash,"
    "transaction_count) VALUES (?,?,?,?,?,?,?)",
    "transactions VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
    "assets VALUES (?,?,?,?)",
    "balances VALUES (?,?,?,?,?,?,?)",
    "credits VALUES (?,?,?,?,?,?,?,?,?)",
    "debits VALUES (?,?,?,?,?,?,?,?,?)",
    "sends VALUES (?,?,?,?,?,?,?,?,?)",
    "issuances VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
    "dispensers VALUES (?,?,?,?,?,?,?,?,?,?)",
    "messages VALUES (?,?,?,?,?,?,?,?,?)",
};

typedef struct ledger {
    sqlite3 *db;
    sqlite3_stmt *insert[STATEMENTS];
    uint64_t random; /* state of splitmix64 */
    person *people;
    int64_t people_count, assets, balances, wanted, utxo_every, messages;
    int64_t block, tx;
    char block_hash[HASH], tx_hash[HASH];
} ledger;

static void give_up(const ledger *l, const char *what)
{
    fprintf(stderr, "make-ledger: %s: %s\n", what,
            l->db == NULL ? "failed" : sqlite3_errmsg(l->db));
    exit(2);
}

/* http://prng.di.unimi.it/splitmix64.c */
static uint64_t next_random(ledger *l)
{
    uint64_t z = (l->random += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* [0, count), low numbers more often: the cube of a uniform number. */
static int64_t skewed(ledger *l, int64_t count)
{
    double u = (double)(next_random(l) >> 11) / 9007199254740992.0;

    return (int64_t)(u * u * u * (double)count);
}

static bool chance(ledger *l, unsigned percent)
{
    return next_random(l) % 100 < percent;
}

/* The hash of a thing's name and number, as text. */
static void hash_of(const char *kind, int64_t number, char out[HASH])
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    char name[64];
    int n = snprintf(name, sizeof name, "%s%" PRId64, kind, number);

    crypto_hash_sha256(hash, (const uint8_t *)name, (size_t)n);
    sodium_bin2hex(out, HASH, hash, sizeof hash);
}

/* base58check of 21 bytes, by long division. */
static void encode_address(const uint8_t packed[PACKED], char out[ADDRESS])
{
    static const char digits[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    uint8_t bytes[PACKED + 4], hash[crypto_hash_sha256_BYTES];
    char text[ADDRESS];
    size_t n = sizeof text - 1, zeros = 0;
    bool more = true;

    memcpy(bytes, packed, PACKED);
    crypto_hash_sha256(hash, packed, PACKED);
    crypto_hash_sha256(hash, hash, sizeof hash);
    memcpy(bytes + PACKED, hash, 4);
    while (zeros < PACKED && packed[zeros] == 0)
        zeros++;
    text[n] = '\0';
    while (more) {
        unsigned rest = 0;

        more = false;
        for (size_t i = 0; i < sizeof bytes; i++) {
            rest = rest * 256 + bytes[i];
            bytes[i] = (uint8_t)(rest / 58);
            rest %= 58;
            more = more || bytes[i] != 0;
        }
        text[--n] = digits[rest];
    }
    while (zeros-- > 0)
        text[--n] = '1';
    memcpy(out, text + n, sizeof text - n);
}

static void make_people(ledger *l, int64_t count)
{
    l->people = malloc((size_t)count * sizeof *l->people);
    if (l->people == NULL)
        give_up(l, "memory");
    for (int64_t i = 0; i < count; i++) {
        person *p = &l->people[i];

        p->packed[0] = i % 8 == 7 ? 5 : 0; /* one in eight is a script's */
        for (size_t k = 1; k < PACKED; k++)
            p->packed[k] = (uint8_t)next_random(l);
        encode_address(p->packed, p->address);
    }
    l->people_count = count;
}

/* ---- rows: one letter of types per column: i number, t text (NULL allowed), n NULL ---- */

typedef union value {
    int64_t i;
    const char *t;
} value;

static void put(ledger *l, enum statement which, const char *types, const value *values)
{
    sqlite3_stmt *s = l->insert[which];
    int rc = SQLITE_OK;

    for (int i = 0; rc == SQLITE_OK && types[i] != '\0'; i++) {
        if (types[i] == 'i')
            rc = sqlite3_bind_int64(s, i + 1, values[i].i);
        else if (types[i] == 't')
            rc = sqlite3_bind_text(s, i + 1, values[i].t, -1, SQLITE_STATIC);
    }
    if (rc != SQLITE_OK || sqlite3_step(s) != SQLITE_DONE || sqlite3_reset(s) != SQLITE_OK)
        give_up(l, inserts[which]);
}

static void journal(ledger *l, const char *category, const char *event, const char *bindings)
{
    char hash[HASH];

    l->messages++;
    hash_of("event", l->messages, hash);
    put(l, MESSAGE, "iitttittt",
        (value[]){{.i = l->messages},
                  {.i = l->block},
                  {.t = "insert"},
                  {.t = category},
                  {.t = bindings},
                  {.i = 1230000000 + l->block * 600},
                  {.t = event},
                  {.t = l->tx_hash},
                  {.t = hash}});
}

/* The new balance, the credit or debit behind it, the event: what each of them costs a node. */
static void move(ledger *l, enum statement kind, const person *who, const char *asset,
                 int64_t quantity, const char *why)
{
    char utxo[HASH + 4], bindings[512];
    bool attached = kind == CREDIT && l->utxo_every > 0 && l->balances % l->utxo_every == 0;
    const char *address = attached ? NULL : who->address, *holder = attached ? who->address : NULL;

    (void)snprintf(utxo, sizeof utxo, "%s:0", l->tx_hash);
    put(l, BALANCE, "ttiiitt",
        (value[]){{.t = address},
                  {.t = asset},
                  {.i = (int64_t)(next_random(l) >> 28) + quantity},
                  {.i = l->block},
                  {.i = l->tx},
                  {.t = attached ? utxo : NULL},
                  {.t = holder}});
    put(l, kind, "ittittitt",
        (value[]){{.i = l->block},
                  {.t = address},
                  {.t = asset},
                  {.i = quantity},
                  {.t = why},
                  {.t = l->tx_hash},
                  {.i = l->tx},
                  {.t = attached ? utxo : NULL},
                  {.t = holder}});
    (void)snprintf(bindings, sizeof bindings,
                   "{\"address\":%s%s%s,\"asset\":\"%s\",\"block_index\":%" PRId64
                   ",\"event\":\"%s\",\"quantity\":%" PRId64 ",\"tx_index\":%" PRId64 "}",
                   address == NULL ? "" : "\"", address == NULL ? "null" : address,
                   address == NULL ? "" : "\"", asset, l->block, l->tx_hash, quantity, l->tx);
    journal(l, kind == CREDIT ? "credits" : "debits", kind == CREDIT ? "CREDIT" : "DEBIT",
            bindings);
    l->balances++;
}

static void name_asset(int64_t number, char out[32])
{
    (void)snprintf(out, 32, "A%" PRIu64, UINT64_C(95428956661682177) + (uint64_t)number * 7919);
}

/* Asset 0 is XCP; new assets take some of its 17 %, so that 15 % are left. */
static void pick_asset(ledger *l, char out[32])
{
    if (chance(l, 17) || l->assets < 2)
        (void)snprintf(out, 32, "XCP");
    else
        name_asset(1 + skewed(l, l->assets - 1), out);
}

static void new_asset(ledger *l, char out[32])
{
    name_asset(l->assets++, out);
    put(l, ASSET, "ttin", (value[]){{.t = out + 1}, {.t = out}, {.i = l->block}, {.t = NULL}});
}

/* The message of an enhanced send: type, asset, quantity, packed address. Others: their type. */
static void put_transaction(ledger *l, const person *from, const person *to, unsigned type)
{
    uint8_t data[20 + PACKED] = {0, 0, 0, (uint8_t)type};
    sqlite3_stmt *s = l->insert[TRANSACTION];
    uint64_t r = next_random(l);

    memcpy(data + 4, &r, sizeof r);
    data[18] = (uint8_t)(r >> 32);
    data[19] = (uint8_t)r;
    memcpy(data + 20, to->packed, PACKED);
    if (sqlite3_bind_blob(s, 10, data, type == 2 ? (int)sizeof data : 20, SQLITE_TRANSIENT) !=
        SQLITE_OK)
        give_up(l, "transactions");
    put(l, TRANSACTION, "ititittii-in",
        (value[]){{.i = l->tx},
                  {.t = l->tx_hash},
                  {.i = l->block},
                  {.t = l->block_hash},
                  {.i = 1230000000 + l->block * 600},
                  {.t = from->address},
                  {.t = type == 2 ? NULL : to->address},
                  {.i = type == 12 ? 546 : 0},
                  {.i = 300 + (int64_t)(r % 40000)},
                  {.t = NULL},
                  {.i = 1},
                  {.t = NULL}});
}

static void make_transaction(ledger *l)
{
    const person *from = &l->people[skewed(l, l->people_count)];
    const person *to = &l->people[skewed(l, l->people_count)];
    unsigned kind = (unsigned)(next_random(l) % 100);
    int64_t quantity = (int64_t)(next_random(l) >> 32);
    const char *why = "open order";
    char asset[32];

    hash_of("tx", ++l->tx, l->tx_hash);
    pick_asset(l, asset);
    put_transaction(l, from, to, kind < 60 ? 2 : kind < 72 ? 22 : kind < 84 ? 12 : 10);
    if (kind < 60) {
        why = "send";
        put(l, SEND, "ititttitn",
            (value[]){{.i = l->tx},
                      {.t = l->tx_hash},
                      {.i = l->block},
                      {.t = from->address},
                      {.t = to->address},
                      {.t = asset},
                      {.i = quantity},
                      {.t = "valid"}});
    } else if (kind < 72) {
        why = "issuance fee";
        if (chance(l, 70))
            new_asset(l, asset);
        put(l, ISSUE, "ititiittititt",
            (value[]){{.i = l->tx},
                      {.t = l->tx_hash},
                      {.i = l->block},
                      {.t = asset},
                      {.i = quantity},
                      {.i = 1},
                      {.t = from->address},
                      {.t = from->address},
                      {.i = 0},
                      {.t = "a token"},
                      {.i = 50000000},
                      {.t = "0"},
                      {.t = "valid"}});
    } else if (kind < 84) {
        why = "open dispenser";
        put(l, DISPENSER, "itittiiiit",
            (value[]){{.i = l->tx},
                      {.t = l->tx_hash},
                      {.i = l->block},
                      {.t = from->address},
                      {.t = asset},
                      {.i = 1000},
                      {.i = quantity},
                      {.i = 10000},
                      {.i = 0},
                      {.t = from->address}});
    }
    move(l, DEBIT, from, asset, quantity, why);
    move(l, CREDIT, to, asset, quantity, why);
    if (chance(l, 33))
        move(l, CREDIT, &l->people[skewed(l, l->people_count)], asset, quantity / 100, "fee");
}

static void make_block(ledger *l)
{
    char previous[HASH], state[HASH];
    int64_t count = 3 + (int64_t)(next_random(l) % 5);

    l->block++;
    hash_of("block", l->block - 1, previous);
    hash_of("block", l->block, l->block_hash);
    hash_of("ledger", l->block, state);
    put(l, BLOCK, "itititi",
        (value[]){{.i = l->block},
                  {.t = l->block_hash},
                  {.i = 1230000000 + l->block * 600},
                  {.t = previous},
                  {.i = 90000000000000},
                  {.t = state},
                  {.i = count}});
    for (int64_t i = 0; i < count && l->balances < l->wanted; i++)
        make_transaction(l);
}

static void prepare(ledger *l, const char *path)
{
    if (sqlite3_open_v2(path, &l->db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
        give_up(l, path);
    if (sqlite3_exec(l->db, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; BEGIN", NULL, NULL,
                     NULL) != SQLITE_OK)
        give_up(l, path);
    for (int i = 0; i < STATEMENTS; i++) {
        char sql[256];

        (void)snprintf(sql, sizeof sql, "INSERT INTO %s", inserts[i]);
        if (sqlite3_prepare_v2(l->db, sql, -1, &l->insert[i], NULL) != SQLITE_OK)
            give_up(l, path);
    }
}

int main(int argc, char **argv)
{
    ledger l = {.random = 866000, .assets = 1};
    int64_t utxos = 0;

    if (argc < 3 || argc > 4 || sscanf(argv[2], "%" SCNd64, &l.wanted) != 1 || l.wanted < 1 ||
        (argc == 4 && (sscanf(argv[3], "%" SCNd64, &utxos) != 1 || utxos < 0))) {
        fputs("usage: make-ledger FILE BALANCES [UTXOS]    FILE has the tables of schema.sql\n",
              stderr);
        return 2;
    }
    if (sodium_init() < 0)
        give_up(&l, "libsodium");
    l.utxo_every = utxos == 0 ? 0 : l.wanted / (2 * utxos) + 1; /* every second row is a credit */
    l.block =
        LAST_BLOCK - l.wanted / 11; /* ~2.3 balances a transaction, ~4.8 transactions a block */
    prepare(&l, argv[1]);
    make_people(&l, l.wanted / 20 + 10);
    while (l.balances < l.wanted)
        make_block(&l);
    for (int i = 0; i < STATEMENTS; i++)
        (void)sqlite3_finalize(l.insert[i]);
    if (sqlite3_exec(l.db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
        give_up(&l, argv[1]);
    free(l.people);
    return sqlite3_close(l.db) == SQLITE_OK ? 0 : 2;
}
