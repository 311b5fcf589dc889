/*
 * E-mail addresses, host names, URLs. All of them one-to-one, in the length that they have.
 */
#include <string.h>

#include "anonymize/mask_key.h"
#include "core/mem.h"
#include "host_map.h"
#include "kinds.h"
#include "mask_memo.h"

enum { HOST_GROWS = 16 }; /* an IPv4 address may get longer */

typedef struct mail_data {
    bool keep_public;
    bool mask_suffix;
    bool keep_host;
    size_t path; /* url: 0 mask, 1 keep, 2 drop */
} mail_data;

typedef struct mail_state {
    host_map hosts;
    text_engine *locals;
    mask_memo *memo; /* of hosts: a few have most of the addresses */
    const mail_data *data;
} mail_state;

static rh_status compile_mail(mask_compiler *c, mask_node *node, rh_error *err)
{
    static const char *const public_names[] = {"mask", "keep", NULL};
    static const char *const paths[] = {"mask", "keep", "drop", NULL};
    mail_data *data = rh_arena_array(c->arena, 1, sizeof *data);
    size_t names = 0;
    size_t suffix = 1;

    if (data == NULL)
        return rh_error_oom(err);
    node->data = data;

    rh_status status = param_choice(c, node, "public", public_names, &names, err);

    if (status == RH_OK)
        status = param_choice(c, node, "suffix", public_names, &suffix, err);
    if (status == RH_OK)
        status = param_choice(c, node, "path", paths, &data->path, err);
    if (status == RH_OK)
        status = param_bool(c, node, "keep-host", &data->keep_host, err);
    data->keep_public = names == 1;
    data->mask_suffix = suffix == 0;
    if (data->path == 2)
        node->keeps &= ~(unsigned)(RH_KEEPS_UNIQUE | RH_KEEPS_WIDTH);
    return status;
}

static void close_mail(void *state)
{
    mail_state *mail = state;

    host_map_done(&mail->hosts);
    text_engine_close(mail->locals);
    mask_memo_free(mail->memo);
    rh_mem_free(mail);
}

static rh_status open_mail(const mask_node *node, const rh_mask_key *key, void **out, rh_error *err)
{
    mail_state *mail = rh_mem_zalloc(sizeof *mail);
    rh_mask_key local;

    if (mail == NULL)
        return rh_error_oom(err);
    mail->data = node->data;
    rh_mask_key_derive(key, node->domain, "email/local", &local);

    rh_status status = text_engine_open(&local, "", true, &mail->locals, err);

    rh_mask_key_wipe(&local);
    if (status == RH_OK)
        status = host_map_open(key, node->domain, &mail->hosts, err);
    if (status == RH_OK)
        status = mask_memo_new(&mail->memo, err);
    mail->hosts.keep_public = mail->data->keep_public;
    mail->hosts.mask_suffix = mail->data->mask_suffix;
    if (status != RH_OK) {
        close_mail(mail);
        return status;
    }
    *out = mail;
    return RH_OK;
}

static rh_status append_host(mail_state *mail, const char *name, size_t len, arena_text *out,
                             rh_error *err)
{
    size_t at = out->len;
    size_t image_len = 0;
    const char *image;
    rh_status status;

    if (mail->data->keep_host)
        return arena_text_add(out, name, len, err);
    image = mask_memo_get(mail->memo, name, len, &image_len);
    if (image != NULL)
        return arena_text_add(out, image, image_len, err);
    status = host_map_append(&mail->hosts, name, len, out, err);
    if (status == RH_OK)
        mask_memo_put(mail->memo, name, len, out->data + at, out->len - at);
    return status;
}

/* ---- email ---- */

/* The last @ parts the name from the host; what must be quoted in front of it is not masked here.
 */
static bool is_local(const char *text, size_t len)
{
    static const bool is_special[256] = {
        ['"'] = true, ['('] = true, [')'] = true,  [','] = true, [':'] = true,
        [';'] = true, ['<'] = true, ['>'] = true,  ['['] = true, ['\\'] = true,
        [']'] = true, ['@'] = true, [0x7f] = true,
    };
    bool special = len == 0;

    for (size_t i = 0; i < len; i++)
        special |= (uint8_t)text[i] <= ' ' || is_special[(uint8_t)text[i]];
    return !special;
}

/* Where the name ends, at the @; 0: not of this form. */
static size_t local_end(const rh_field *value)
{
    const char *text = (const char *)value->data;
    size_t at = value->len;

    if (value->kind != RH_FIELD_TEXT)
        return 0;
    while (at > 0 && text[at - 1] != '@')
        at--;
    return at >= 2 && is_local(text, at - 1) ? at - 1 : 0;
}

/* Name (as it is) and @, and the image of the host. RH_SKIPPED: the host is none. */
static rh_status begin_email(mail_state *mail, const rh_field *value, size_t local, arena_text *out,
                             rh_error *err)
{
    const char *text = (const char *)value->data;
    rh_status status = arena_text_reserve(out, value->len + HOST_GROWS, err);

    if (status == RH_OK)
        status = arena_text_add(out, text, local + 1, err);
    return status == RH_OK ? append_host(mail, text + local + 1, value->len - local - 1, out, err)
                           : status;
}

static rh_status apply_email(const mask_node *node, void *state, mask_call *call, rh_field *value,
                             rh_error *err)
{
    mail_state *mail = state;
    arena_text out = {.arena = call->scratch};
    size_t local = local_end(value);
    rh_status status;

    (void)node;
    if (local == 0)
        return RH_SKIPPED;
    status = begin_email(mail, value, local, &out, err);
    if (status == RH_OK) {
        const text_job job = {out.data, local, false};

        status = text_engine_map(mail->locals, &job, call->scratch, err);
    }
    if (status == RH_OK)
        field_set_text(value, out.data, out.len);
    return status;
}

static rh_status apply_emails(const mask_node *node, void *state, mask_call *call, rh_field *values,
                              bool *done, size_t count, rh_error *err)
{
    mail_state *mail = state;
    text_job jobs[MASK_MANY];
    size_t used = 0;

    (void)node;
    for (size_t i = 0; i < count; i++) {
        arena_text out = {.arena = call->scratch};
        size_t local = local_end(&values[i]);
        rh_status status =
            local == 0 ? RH_SKIPPED : begin_email(mail, &values[i], local, &out, err);

        if (status != RH_OK && status != RH_SKIPPED)
            return status;
        done[i] = status == RH_OK;
        if (!done[i])
            continue;
        field_set_text(&values[i], out.data, out.len);
        jobs[used++] = (text_job){out.data, local, false};
    }
    return text_engine_map_many(mail->locals, jobs, used, call->scratch, err);
}

static const char *const email_parameters[] = {"public", "suffix", "keep-host", NULL};

const mask_ops mask_ops_email = {
    .kind = {"email", KEEPS_PERMUTED | RH_KEEPS_WIDTH | RH_KEEPS_CLASS,
             "which addresses share a mail domain or a name, how often each occurs, the public "
             "suffix, lengths",
             email_parameters},
    .fits = FITS_TEXT,
    .compile = compile_mail,
    .open = open_mail,
    .close = close_mail,
    .apply = apply_email,
    .apply_many = apply_emails,
};

/* ---- host ---- */

static rh_status apply_host(const mask_node *node, void *state, mask_call *call, rh_field *value,
                            rh_error *err)
{
    arena_text out = {.arena = call->scratch};

    (void)node;
    if (value->kind != RH_FIELD_TEXT)
        return RH_SKIPPED;

    rh_status status = append_host(state, (const char *)value->data, value->len, &out, err);

    if (status == RH_OK)
        field_set_text(value, out.data, out.len);
    return status;
}

static const char *const host_parameters[] = {"public", "suffix", NULL};

const mask_ops mask_ops_host = {
    .kind = {"host", KEEPS_PERMUTED | RH_KEEPS_CLASS,
             "which names share labels, number and length of labels, the public suffix, frequency",
             host_parameters},
    .fits = FITS_TEXT,
    .compile = compile_mail,
    .open = open_mail,
    .close = close_mail,
    .apply = apply_host,
};

/* ---- url ---- */

static int hex_value(char c)
{
    return is_digit(c)                              ? c - '0'
           : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10
                                                    : -1;
}

/*
 * Letters and digits hide in %XX as well: decode those, mask, encode them again. Masking keeps the
 * length of every character, so the places of the escapes are the same behind it.
 */
static rh_status append_escaped(mail_state *mail, const char *text, size_t len, arena_text *out,
                                rh_error *err)
{
    static const char hex[] = "0123456789ABCDEF0123456789abcdef";
    char *plain = rh_arena_alloc(out->arena, len);
    uint8_t *escape = rh_arena_alloc(out->arena, len); /* 0 none, 1 capitals, 2 small letters */
    size_t count = 0;
    rh_status status = RH_OK;

    if (plain == NULL || escape == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; i < len; i++, count++) {
        int high = text[i] == '%' && len - i > 2 ? hex_value(text[i + 1]) : -1;
        int low = high >= 0 ? hex_value(text[i + 2]) : -1;

        plain[count] = text[i];
        escape[count] = 0;
        if (low >= 0) {
            escape[count] = text[i + 1] >= 'a' || text[i + 2] >= 'a' ? 2 : 1;
            plain[count] = (char)(high << 4 | low);
            i += 2;
        }
    }

    const text_job job = {plain, count, false};

    status = text_engine_map(mail->locals, &job, out->arena, err);
    for (size_t i = 0; i < count && status == RH_OK; i++) {
        uint8_t byte = (uint8_t)plain[i];
        const char *digits = hex + (escape[i] == 2 ? 16 : 0);
        const char triplet[3] = {'%', digits[byte >> 4], digits[byte & 15]};

        status = escape[i] == 0 ? arena_text_byte(out, plain[i], err)
                                : arena_text_add(out, triplet, 3, err);
    }
    return status;
}

typedef struct url_parts {
    size_t authority; /* behind "//" */
    size_t host;      /* behind user information */
    size_t host_end;
    size_t path; /* behind the port */
} url_parts;

static bool split_url(const char *text, size_t len, url_parts *out)
{
    url_parts p = {0, 0, 0, 0};
    size_t at = 0;

    while (at < len &&
           (is_alpha(text[at]) || is_digit(text[at]) || strchr("+-.", text[at]) != NULL) &&
           text[at] != '\0')
        at++;
    if (at == 0 || len - at < 4 || memcmp(text + at, "://", 3) != 0)
        return false;
    p.authority = at + 3;
    p.host = p.authority;
    p.path = p.authority;
    while (p.path < len && strchr("/?#", text[p.path]) == NULL) {
        if (text[p.path] == '@')
            p.host = p.path + 1;
        p.path++;
    }
    p.host_end = p.host;
    while (p.host_end < p.path && text[p.host_end] != ':')
        p.host_end++;
    for (size_t i = p.host_end + 1; i < p.path; i++) {
        if (!is_digit(text[i]))
            return false;
    }
    *out = p;
    return p.host < p.host_end;
}

static rh_status apply_url(const mask_node *node, void *state, mask_call *call, rh_field *value,
                           rh_error *err)
{
    mail_state *mail = state;
    const char *text = (const char *)value->data;
    size_t len = value->len;
    arena_text out = {.arena = call->scratch};
    url_parts p;
    rh_status status;

    (void)node;
    if (value->kind != RH_FIELD_TEXT || !split_url(text, len, &p))
        return RH_SKIPPED;
    status = arena_text_add(&out, text, p.authority, err);
    if (status == RH_OK && p.host > p.authority)
        status = append_escaped(mail, text + p.authority, p.host - p.authority, &out, err);
    if (status == RH_OK)
        status = append_host(mail, text + p.host, p.host_end - p.host, &out, err);
    if (status == RH_OK)
        status = arena_text_add(&out, text + p.host_end, p.path - p.host_end, err);
    if (status == RH_OK && mail->data->path == 0)
        status = append_escaped(mail, text + p.path, len - p.path, &out, err);
    if (status == RH_OK && mail->data->path == 1)
        status = arena_text_add(&out, text + p.path, len - p.path, err);
    if (status == RH_OK)
        field_set_text(value, out.data, out.len);
    return status;
}

static const char *const url_parameters[] = {"public", "suffix", "keep-host", "path", NULL};

const mask_ops mask_ops_url = {
    .kind = {"url", KEEPS_PERMUTED | RH_KEEPS_CLASS,
             "scheme, port, which URLs share a host, number and length of the parts, frequency",
             url_parameters},
    .fits = FITS_TEXT,
    .compile = compile_mail,
    .open = open_mail,
    .close = close_mail,
    .apply = apply_url,
};
