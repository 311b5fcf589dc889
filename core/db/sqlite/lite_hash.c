#include "lite_hash.h"

#include "core/bytes.h"

void rh_lite_hash_values(rh_row_hasher *hasher, sqlite3_stmt *stmt)
{
    for (int at = 0; at < sqlite3_column_count(stmt); at++) {
        int kind = sqlite3_column_type(stmt, at);
        const void *data = kind == SQLITE_NULL ? NULL : sqlite3_column_blob(stmt, at);
        int len = sqlite3_column_bytes(stmt, at);
        uint8_t head[5] = {(uint8_t)kind};

        rh_put_u32(head + 1, (uint32_t)len);
        rh_row_hasher_add(hasher, head, sizeof head);
        if (data != NULL && len > 0)
            rh_row_hasher_add(hasher, data, (size_t)len);
    }
}
