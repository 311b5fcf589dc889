/*
 * The bytes of an SQLite file that SQL does not reach: what deleted rows left behind. Records have
 * no separators between their values, so they are recognised by their headers, at any offset.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/mem.h"
#include "leak_internal.h"

enum {
    MAX_HEADER = 512,
    MAX_VALUES = 256,
    LEAST_STRING = 6,
    LEAST_BLOCK = 12,
    MAX_BLOCK_VALUES = 32,
    FILE_HEADER = 100,
    MAX_PAGE = 65536,
    WINDOW = 1 << 20, /* of a file that has no pages that we know */
    OVERLAP = 4096,
};

/* ---- records ---- */

static size_t serial_bytes(uint64_t serial)
{
    static const uint8_t sizes[] = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0};

    return serial < 12 ? sizes[serial] : (size_t)((serial - 12) / 2);
}

/* Serial types at data: lengths of the values, their number; 0 when it is no record header. */
static size_t read_header(const uint8_t *data, size_t len, uint64_t serials[MAX_VALUES],
                          size_t *out_header)
{
    uint64_t header;
    size_t at = rh_varint_get(data, len, &header);
    size_t body = 0;
    size_t count = 0;

    if (at == 0 || header < 2 || header > MAX_HEADER || header > len)
        return 0;
    while (at < header) {
        uint64_t serial;
        size_t used = rh_varint_get(data + at, (size_t)header - at, &serial);
        size_t bytes = used == 0 ? 0 : serial_bytes(serial);

        if (used == 0 || serial == 10 || serial == 11 || count == MAX_VALUES ||
            bytes > len - (size_t)header - body)
            return 0;
        serials[count++] = serial;
        body += bytes;
        at += used;
    }
    *out_header = (size_t)header;
    return count;
}

static bool is_text(const uint8_t *data, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (data[i] < 32 && data[i] != '\n' && data[i] != '\t' && data[i] != '\r')
            return false;
    }
    return true;
}

/* Worth a look: text of some length, readable. Random bytes make headers all the time. */
static bool is_plausible(const uint64_t *serials, size_t count, const uint8_t *body)
{
    bool any = false;

    for (size_t i = 0; i < count; i++) {
        size_t bytes = serial_bytes(serials[i]);

        if (serials[i] >= 12 && serials[i] % 2 == 1 && !is_text(body, bytes))
            return false;
        any |= serials[i] >= 12 + 2 * LEAST_STRING;
        body += bytes;
    }
    return any;
}

static void look_at_values(leak_eye *eye, const uint64_t *serials, size_t count,
                           const uint8_t *body)
{
    for (size_t i = 0; i < count; i++) {
        size_t bytes = serial_bytes(serials[i]);

        if (serials[i] >= 12 && bytes >= LEAST_STRING) {
            if (serials[i] % 2 == 1)
                leak_eye_text(eye, body, bytes, true);
            else
                leak_eye_bytes(eye, body, bytes);
        }
        body += bytes;
    }
}

size_t leak_carve_record(leak_eye *eye, const uint8_t *data, size_t len)
{
    uint64_t serials[MAX_VALUES];
    size_t header = 0;
    size_t count = len < 3 ? 0 : read_header(data, len, serials, &header);

    if (count == 0)
        return 0;
    look_at_values(eye, serials, count, data + header);
    for (size_t i = 0; i < count; i++)
        header += serial_bytes(serials[i]);
    return header;
}

static void carve_record(leak_eye *eye, const uint8_t *data, size_t len)
{
    uint64_t serials[MAX_VALUES];
    size_t header = 0;
    size_t count = read_header(data, len, serials, &header);

    if (count > 0 && is_plausible(serials, count, data + header))
        look_at_values(eye, serials, count, data + header);
}

/*
 * A deleted cell whose first four bytes the free block took: where the next one is, and its size.
 * Gone are the payload's length, the rowid, the header's length and often the first serial type;
 * the size tells how long the first value was, for each number of serial types that may be left.
 */
static void carve_block(leak_eye *eye, const uint8_t *data, size_t len)
{
    uint64_t serials[MAX_BLOCK_VALUES + 1];
    size_t size = (size_t)data[2] << 8 | data[3];
    size_t at = 4;
    size_t known = 0;

    if (size < LEAST_BLOCK || size > len)
        return;
    for (size_t count = 0; count < MAX_BLOCK_VALUES; count++) {
        uint64_t serial;
        size_t used;

        if (at + known > size)
            return;
        serials[0] = 13 + 2 * (uint64_t)(size - at - known);
        if (is_plausible(serials, count + 1, data + at))
            look_at_values(eye, serials, count + 1, data + at);
        used = at < size ? rh_varint_get(data + at, size - at, &serial) : 0;
        if (used == 0 || serial == 10 || serial == 11 || serial > 2 * (uint64_t)size + 13)
            return;
        serials[count + 1] = serial;
        known += serial_bytes(serial);
        at += used;
    }
}

/* Values of which nothing but themselves is left. */
static void find_strings(leak_eye *eye, const uint8_t *data, size_t len)
{
    size_t from = 0;

    for (size_t i = 0; i <= len; i++) {
        if (i < len && data[i] >= 32 && data[i] != 127)
            continue;
        if (i - from >= LEAST_STRING)
            leak_eye_text(eye, data + from, i - from, true);
        from = i + 1;
    }
}

void leak_carve(leak_eye *eye, const uint8_t *data, size_t len)
{
    for (size_t i = 0; i + 3 <= len; i++) {
        if (data[i] >= 2)
            carve_record(eye, data + i, len - i);
        if (len - i >= LEAST_BLOCK)
            carve_block(eye, data + i, len - i);
    }
    find_strings(eye, data, len);
}

/* ---- pages ---- */

typedef struct lite_file {
    int fd;
    const char *path;
    leak_eye *eye;
    uint8_t *page;
    size_t page_bytes;
    size_t usable;
    uint64_t file_bytes;
    uint64_t pages;
    uint8_t *free_pages; /* one bit a page */
    uint64_t looked;     /* bytes */
} lite_file;

static uint32_t big_endian(const uint8_t *at, size_t len)
{
    uint32_t value = 0;

    for (size_t i = 0; i < len; i++)
        value = value << 8 | at[i];
    return value;
}

static rh_status read_at(const lite_file *file, uint64_t offset, uint8_t *out, size_t len,
                         size_t *out_len, rh_error *err)
{
    size_t done = 0;

    while (done < len) {
        ssize_t got = pread(file->fd, out + done, len - done, (off_t)(offset + done));

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return rh_error_errno(err, errno, "cannot read '%s'", file->path);
        if (got == 0)
            break;
        done += (size_t)got;
    }
    *out_len = done;
    return RH_OK;
}

static rh_status read_page(lite_file *file, uint64_t number, rh_error *err)
{
    size_t got = 0;
    rh_status status =
        read_at(file, (number - 1) * file->page_bytes, file->page, file->page_bytes, &got, err);

    memset(file->page + got, 0, file->page_bytes - got);
    return status;
}

static void mark_free(lite_file *file, uint32_t number)
{
    if (number >= 1 && number <= file->pages)
        file->free_pages[number / 8] |= (uint8_t)(1u << number % 8);
}

static bool is_free(const lite_file *file, uint64_t number)
{
    return (file->free_pages[number / 8] >> number % 8 & 1) != 0;
}

/* The list of free pages: trunk pages with the numbers of others. */
static rh_status read_free_list(lite_file *file, uint32_t trunk, rh_error *err)
{
    rh_status status = RH_OK;

    while (status == RH_OK && trunk >= 2 && trunk <= file->pages && !is_free(file, trunk)) {
        uint32_t count;

        mark_free(file, trunk);
        status = read_page(file, trunk, err);
        trunk = big_endian(file->page, 4);
        count = big_endian(file->page + 4, 4);
        for (uint32_t i = 0; i < count && 8 + 4 * (size_t)i + 4 <= file->page_bytes; i++)
            mark_free(file, big_endian(file->page + 8 + 4 * i, 4));
    }
    return status;
}

static void look(lite_file *file, size_t from, size_t to)
{
    while (to - from > 8 && memcmp(file->page + from, "\0\0\0\0\0", 5) == 0)
        from++;
    if (to - from < LEAST_STRING)
        return;
    file->looked += to - from;
    leak_carve(file->eye, file->page + from, to - from);
}

/* A page of a b-tree: the gap between the cell pointers and the cells, and the free blocks. */
static void look_at_gaps(lite_file *file, size_t header)
{
    const uint8_t *page = file->page;
    uint8_t type = page[header];
    size_t cells = big_endian(page + header + 3, 2);
    size_t content = big_endian(page + header + 5, 2);
    size_t pointers = header + (type <= 5 ? 12 : 8) + 2 * cells;
    size_t block = big_endian(page + header + 1, 2);

    if (type != 2 && type != 5 && type != 10 && type != 13)
        return; /* an overflow page: part of a live value, or free and known as such */
    if (content == 0)
        content = MAX_PAGE;
    if (pointers < content && content <= file->usable)
        look(file, pointers, content);
    for (size_t steps = 0; block >= content && block + 4 <= file->usable && steps < cells + 4096;
         steps++) {
        size_t next = big_endian(page + block, 2);
        size_t bytes = big_endian(page + block + 2, 2);

        if (bytes < 4 || block + bytes > file->usable)
            break;
        look(file, block, block + bytes);
        if (next <= block)
            break;
        block = next;
    }
    look(file, file->usable, file->page_bytes);
}

static rh_status look_at_pages(lite_file *file, const rh_cancel *cancel, rh_error *err)
{
    rh_status status = RH_OK;

    for (uint64_t number = 1; status == RH_OK && number <= file->pages; number++) {
        status = read_page(file, number, err);
        if (status == RH_OK)
            status = rh_cancel_check(cancel, err);
        if (status != RH_OK)
            break;
        if (is_free(file, number))
            look(file, 0, file->page_bytes);
        else
            look_at_gaps(file, number == 1 ? FILE_HEADER : 0);
    }
    return status;
}

/* What is no page of the database: a journal, a WAL, bytes behind the end. Frames of a WAL hold
 * whole pages; records are found at any offset. */
static rh_status look_at_rest(lite_file *file, uint64_t offset, const rh_cancel *cancel,
                              rh_error *err)
{
    uint8_t *window = rh_mem_alloc(WINDOW);
    rh_status status = window == NULL ? rh_error_oom(err) : RH_OK;
    size_t got = WINDOW;

    while (status == RH_OK && got == WINDOW && offset < file->file_bytes) {
        status = read_at(file, offset, window, WINDOW, &got, err);
        if (status == RH_OK)
            status = rh_cancel_check(cancel, err);
        if (status == RH_OK) {
            file->looked += got;
            leak_carve(file->eye, window, got);
            offset += got < WINDOW ? got : WINDOW - OVERLAP;
        }
    }
    rh_mem_wipe_free(window, WINDOW);
    return status;
}

static rh_status look_at_database(lite_file *file, const uint8_t *head, const rh_cancel *cancel,
                                  rh_error *err)
{
    size_t page = big_endian(head + 16, 2);
    rh_status status;

    file->page_bytes = page == 1 ? MAX_PAGE : page;
    if (file->page_bytes < 512 || (file->page_bytes & (file->page_bytes - 1)) != 0)
        return look_at_rest(file, 0, cancel, err);
    file->usable = file->page_bytes - head[20];
    file->pages = file->file_bytes / file->page_bytes;
    file->page = rh_mem_zalloc(file->page_bytes);
    file->free_pages = rh_mem_zalloc((size_t)(file->pages / 8) + 1);
    if (file->page == NULL || file->free_pages == NULL)
        return rh_error_oom(err);
    status = read_free_list(file, big_endian(head + 32, 4), err);
    if (status == RH_OK)
        status = look_at_pages(file, cancel, err);
    if (status == RH_OK)
        status = look_at_rest(file, file->pages * file->page_bytes, cancel, err);
    return status;
}

static rh_status look_at_file(lite_file *file, const rh_cancel *cancel, rh_error *err)
{
    uint8_t head[FILE_HEADER];
    struct stat about;
    size_t got = 0;
    rh_status status;

    if (fstat(file->fd, &about) != 0)
        return rh_error_errno(err, errno, "cannot look at '%s'", file->path);
    if (!S_ISREG(about.st_mode))
        return rh_error_set(err, RH_EUSAGE, "'%s' is not a regular file", file->path);
    file->file_bytes = (uint64_t)about.st_size;
    status = read_at(file, 0, head, sizeof head, &got, err);
    if (status != RH_OK)
        return status;
    if (got == sizeof head && memcmp(head, "SQLite format 3", 16) == 0)
        return look_at_database(file, head, cancel, err);
    return look_at_rest(file, 0, cancel, err);
}

static rh_status scan_one(rh_leak *leak, const char *path, const char *place, bool optional,
                          rh_error *err)
{
    leak_counts counts;
    leak_eye eye;
    lite_file file = {.path = path, .eye = &eye};
    rh_status status;

    file.fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (file.fd < 0 && errno == ENOENT && optional)
        return RH_OK;
    if (file.fd < 0 && errno == ENOENT)
        return rh_error_set(err, RH_ENOTFOUND, "there is no file '%s'", path);
    if (file.fd < 0)
        return rh_error_errno(err, errno, "cannot open '%s'", path);
    memset(&counts, 0, sizeof counts);
    leak_eye_init(&eye, &leak->options);
    eye.counts = &counts;
    status = look_at_file(&file, leak->options.cancel, err);
    if (status == RH_OK)
        status = leak_eye_status(&eye, err);
    if (status == RH_OK)
        status = leak_add(leak, NULL, NULL, place, &counts, err);
    leak_add_totals(leak, 0, 0, file.looked, eye.tokens);
    rh_mem_wipe_free(file.page, file.page_bytes);
    rh_mem_free(file.free_pages);
    leak_eye_done(&eye);
    (void)close(file.fd);
    return status;
}

rh_status rh_leak_file(rh_leak *leak, const char *path, rh_error *err)
{
    static const struct {
        const char *suffix;
        const char *place;
    } beside[] = {{"-wal", "write-ahead log"}, {"-journal", "rollback journal"}};
    rh_status status = scan_one(leak, path, "free space of the file", false, err);

    for (size_t i = 0; status == RH_OK && i < sizeof beside / sizeof beside[0]; i++) {
        char *name = rh_mem_printf("%s%s", path, beside[i].suffix);

        status =
            name == NULL ? rh_error_oom(err) : scan_one(leak, name, beside[i].place, true, err);
        rh_mem_free(name);
    }
    return status;
}
