/*
 * Readable stand-ins of running text: words. They are put together from letters drawn from a keyed
 * stream, so they look like words and mean nothing. Equal values get equal stand-ins; different
 * ones may meet, above all short ones.
 */
#include <string.h>

#include "anonymize/cipher.h"
#include "core/mem.h"
#include "field_text.h"
#include "kinds.h"
#include "text_engine.h"

enum { BLOCK = RH_CIPHER_BLOCK };

/* Consonants and vowels by how often names have them, roughly. 32 and 16: five and four bits. */
static const char consonants[] = "bcddfgghjkklllmmmnnnpprrrsssttvz";
static const char vowels[] = "aaaaeeeeiiioooua";

typedef struct words_data {
    bool unique;
    bool by_word;
} words_data;

typedef struct words_state {
    rh_cipher *cipher;
    text_engine *text; /* unique: true */
} words_state;

static rh_status compile_words(mask_compiler *c, mask_node *node, rh_error *err)
{
    static const char *const by[] = {"value", "word", NULL};
    words_data *data = rh_arena_array(c->arena, 1, sizeof *data);
    size_t choice = 0;
    rh_status status;

    if (data == NULL)
        return rh_error_oom(err);
    node->data = data;
    status = param_bool(c, node, "unique", &data->unique, err);
    if (status == RH_OK)
        status = param_choice(c, node, "by", by, &choice, err);
    if (status != RH_OK)
        return status;
    data->by_word = choice == 1;
    if (data->unique) {
        node->keeps |= RH_KEEPS_UNIQUE | RH_KEEPS_WIDTH | RH_KEEPS_CLASS;
        node->leaks = mask_ops_text.kind.leaks;
    } else if (data->by_word) {
        node->leaks = "length of every word, and which values share words";
    }
    return RH_OK;
}

static void close_words(void *state)
{
    words_state *words = state;

    rh_cipher_free(words->cipher);
    text_engine_close(words->text);
    rh_mem_free(words);
}

static rh_status open_words(const mask_node *node, const rh_mask_key *key, void **out,
                            rh_error *err)
{
    const words_data *data = node->data;
    words_state *words = rh_mem_zalloc(sizeof *words);
    rh_status status;

    if (words == NULL)
        return rh_error_oom(err);
    status = rh_cipher_new_for(key, node->domain, "words", &words->cipher, err);
    if (status == RH_OK && data->unique)
        status = text_engine_open(key, node->domain, node->place.folds_case, &words->text, err);
    if (status != RH_OK) {
        close_words(words);
        return status;
    }
    *out = words;
    return RH_OK;
}

/* ---- the stream ---- */

typedef struct stream {
    rh_cipher *cipher;
    uint8_t seed[2 * BLOCK];
    uint8_t block[BLOCK];
    size_t used;
    uint32_t number;
} stream;

static void stream_begin(stream *s, rh_cipher *cipher, const char *text, size_t len)
{
    memset(s->seed, 0, sizeof s->seed);
    s->cipher = cipher;
    s->used = BLOCK;
    s->number = 0;
    rh_cipher_mac(cipher, text, len, s->seed);
}

static uint8_t stream_byte(stream *s)
{
    if (s->used == BLOCK) {
        s->seed[BLOCK] = (uint8_t)s->number;
        s->seed[BLOCK + 1] = (uint8_t)(s->number >> 8);
        s->seed[BLOCK + 2] = (uint8_t)(s->number >> 16);
        s->number++;
        /* Twice the length of a block: no seed is ever a value's own. */
        rh_cipher_mac(s->cipher, s->seed, sizeof s->seed, s->block);
        s->used = 0;
    }
    return s->block[s->used++];
}

/* ---- words ---- */

enum { CASE_LOWER, CASE_TITLE, CASE_UPPER };

static int case_of(const char *word, size_t len)
{
    bool first = word[0] >= 'A' && word[0] <= 'Z';
    bool later = false;

    for (size_t i = 1; i < len; i++)
        later |= word[i] >= 'a' && word[i] <= 'z';
    /* Letters beyond ASCII count as those of a name. */
    return ((uint8_t)word[0] > 127 || first)
               ? (first && !later && len > 1 ? CASE_UPPER : CASE_TITLE)
               : CASE_LOWER;
}

static rh_status append_word(stream *s, int style, size_t letters, arena_text *out, rh_error *err)
{
    bool vowel = (stream_byte(s) & 3) == 0;
    rh_status status = RH_OK;

    for (size_t i = 0; i < letters && status == RH_OK; i++) {
        uint8_t random = stream_byte(s);
        char c = vowel ? vowels[random & 15] : consonants[random & 31];

        if (style == CASE_UPPER || (style == CASE_TITLE && i == 0))
            c = (char)(c - 0x20);
        status = arena_text_byte(out, c, err);
        vowel = !vowel;
    }
    return status;
}

static bool is_word_byte(char c)
{
    return is_alpha(c) || (uint8_t)c > 127;
}

/* Signs and blanks stay, digits are drawn anew. */
static rh_status append_between(stream *s, const char *text, size_t len, arena_text *out,
                                rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; i < len && status == RH_OK; i++) {
        char c = is_digit(text[i]) ? (char)('0' + stream_byte(s) % 10) : text[i];

        status = arena_text_byte(out, c, err);
    }
    return status;
}

/* Texts of any length, word for word. */
static rh_status append_words(const mask_node *node, words_state *state, const char *text,
                              size_t len, arena_text *out, rh_error *err)
{
    const words_data *data = node->data;
    rh_status status = RH_OK;
    stream s;

    stream_begin(&s, state->cipher, text, len);
    for (size_t at = 0; at < len && status == RH_OK;) {
        size_t start = at;

        while (at < len && is_word_byte(text[at]))
            at++;
        if (at == start) {
            at++;
            if (data->by_word && is_digit(text[start])) { /* a number is a word by itself */
                while (at < len && is_digit(text[at]))
                    at++;
                stream_begin(&s, state->cipher, text + start, at - start);
            }
            status = append_between(&s, text + start, at - start, out, err);
            continue;
        }
        if (data->by_word)
            stream_begin(&s, state->cipher, text + start, at - start);
        status = append_word(&s, case_of(text + start, at - start),
                             utf8_count(text + start, at - start), out, err);
    }
    return status;
}

static rh_status apply_words(const mask_node *node, void *state, mask_call *call, rh_field *value,
                             rh_error *err)
{
    words_state *words = state;
    const words_data *data = node->data;
    arena_text out = {.arena = call->scratch};
    char *text;
    size_t len;
    rh_status status;

    if (value->kind != RH_FIELD_TEXT || call->json_number)
        return RH_SKIPPED;
    status = field_copy(value, call->scratch, &text, &len, err);
    if (status != RH_OK || len == 0)
        return status;
    if (data->unique) {
        const text_job job = {text, len, false};

        status = text_engine_map(words->text, &job, call->scratch, err);
        if (status == RH_OK)
            field_set_text(value, text, len);
        return status;
    }
    if (node->place.folds_case)
        ascii_lower(text, len);
    status = append_words(node, words, text, len, &out, err);
    if (status == RH_OK)
        field_set_text(value, out.data, out.len);
    return status;
}

static const char *const words_parameters[] = {"unique", "by", NULL};

const mask_ops mask_ops_words = {
    .kind = {"words", KEEPS_PSEUDONYM, "length of every word, signs, frequency", words_parameters},
    .fits = FITS_TEXT,
    .compile = compile_words,
    .open = open_words,
    .close = close_words,
    .apply = apply_words,
};
