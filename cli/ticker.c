/*
 * See ticker.h.
 */
#include "ticker.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/bell.h"
#include "core/clock.h"
#include "core/mem.h"
#include "core/num.h"
#include "output.h"

enum {
    BAR_PERIOD_US = 200000,
    LINE_PERIOD_US = 10000000,
    BAR_CELLS = 20,
    LINE_BYTES = 160,
};

struct cli_ticker {
    pthread_t thread;
    const rh_progress *progress;
    rh_bell *stop; /* rung: the command is done, which must not wait for us */
    bool terminal;
    bool drawn;       /* a bar stands on the current line */
    bool every_stage; /* plain lines also at each new stage, not only every ten seconds */
    char last_stage[RH_PROGRESS_STAGE_BYTES];
    int64_t last_line_us;
};

static int format_eta(double left, double rate, char *out, size_t size)
{
    char eta[32];

    return rate <= 0 || left <= 0
               ? 0
               : snprintf(out, size, "  ETA %s",
                          cli_format_duration((int64_t)(left / rate * 1e6), eta));
}

/* Of what is counted in pieces: "  12.3 blocks/s  ETA 12 s  34/100". */
static void format_items(const rh_progress_view *view, double seconds, char *out, size_t size)
{
    double rate = seconds > 0.2 ? (double)view->done_items / seconds : 0;
    int at = 0;

    if (rate > 0)
        at = snprintf(out, size, rate < 100 ? "  %.3g %s/s" : "  %.0f %s/s", rate, view->stage);
    if (view->total_items > 0) {
        at += format_eta((double)view->total_items - (double)view->done_items, rate, out + at,
                         size - (size_t)at);
        snprintf(out + at, size - (size_t)at, "  %llu/%llu", (unsigned long long)view->done_items,
                 (unsigned long long)view->total_items);
    } else if (view->done_items > 0) {
        snprintf(out + at, size - (size_t)at, "  %llu", (unsigned long long)view->done_items);
    }
}

/* "  42 MiB  310 MiB/s  ETA 12 s" as far as it is known. */
static void format_rate(const rh_progress_view *view, char *out, size_t size)
{
    double seconds = (double)view->stage_elapsed_us / 1e6;
    double rate = seconds > 0.2 ? (double)view->done_bytes / seconds : 0;
    char bytes[16];
    int at = 0;

    if (view->done_bytes == 0 && view->total_bytes == 0) {
        format_items(view, seconds, out, size);
        return;
    }
    if (view->done_bytes > 0)
        at = snprintf(out, size, "  %s", rh_num_format_bytes(view->done_bytes, bytes));
    if (rate > 0)
        at += snprintf(out + at, size - (size_t)at, "  %s/s",
                       rh_num_format_bytes((uint64_t)rate, bytes));
    at += format_eta((double)view->total_bytes - (double)view->done_bytes, rate, out + at,
                     size - (size_t)at);
    if (view->total_items > 0)
        snprintf(out + at, size - (size_t)at, "  %llu/%llu", (unsigned long long)view->done_items,
                 (unsigned long long)view->total_items);
}

static int percent(const rh_progress_view *view)
{
    uint64_t total = view->total_bytes > 0 ? view->total_bytes : view->total_items;
    uint64_t done = view->total_bytes > 0 ? view->done_bytes : view->done_items;

    if (total == 0)
        return -1;
    return done >= total ? 100 : (int)((double)done * 100.0 / (double)total);
}

static void draw_bar(cli_ticker *ticker, const rh_progress_view *view)
{
    char bar[BAR_CELLS + 1];
    char rate[LINE_BYTES] = "";
    int done = percent(view);
    int cells = done < 0 ? 0 : done * BAR_CELLS / 100;

    memset(bar, '-', BAR_CELLS);
    memset(bar, '#', (size_t)cells);
    bar[BAR_CELLS] = '\0';
    format_rate(view, rate, sizeof rate);
    if (done < 0)
        fprintf(stderr, "\r\033[K%-10.10s%.60s", view->stage, rate);
    else
        fprintf(stderr, "\r\033[K%-10.10s [%s] %3d %%%.40s", view->stage, bar, done, rate);
    fflush(stderr);
    ticker->drawn = true;
}

static void draw_line(cli_ticker *ticker, const rh_progress_view *view)
{
    char rate[LINE_BYTES] = "";
    int64_t now = rh_clock_mono_us();
    bool new_stage = ticker->every_stage && strcmp(ticker->last_stage, view->stage) != 0;
    int done = percent(view);

    if (!new_stage && now - ticker->last_line_us < LINE_PERIOD_US)
        return;
    memcpy(ticker->last_stage, view->stage, sizeof ticker->last_stage);
    ticker->last_line_us = now;
    format_rate(view, rate, sizeof rate);
    if (done < 0)
        fprintf(stderr, "rehearse: %s%s\n", view->stage, rate);
    else
        fprintf(stderr, "rehearse: %s  %d %%%s\n", view->stage, done, rate);
}

static void *tick(void *ctx)
{
    cli_ticker *ticker = ctx;

    while (!rh_bell_wait_us(ticker->stop, BAR_PERIOD_US)) {
        rh_progress_view view;

        rh_progress_look(ticker->progress, &view);
        if (view.stage[0] == '\0')
            continue;
        if (ticker->terminal)
            draw_bar(ticker, &view);
        else
            draw_line(ticker, &view);
    }
    if (ticker->drawn)
        fputs("\r\033[K", stderr);
    fflush(stderr);
    return NULL;
}

cli_ticker *cli_ticker_start(const rh_progress *progress, cli_progress_mode mode)
{
    bool terminal = isatty(STDERR_FILENO) == 1;
    cli_ticker *ticker;
    sigset_t all;
    sigset_t before;

    if (mode == CLI_PROGRESS_NEVER)
        return NULL;
    ticker = rh_mem_zalloc(sizeof *ticker);
    if (ticker == NULL)
        return NULL;
    ticker->stop = rh_bell_new();
    if (ticker->stop == NULL) {
        rh_mem_free(ticker);
        return NULL;
    }
    ticker->progress = progress;
    ticker->terminal = terminal;
    ticker->every_stage = mode == CLI_PROGRESS_ALWAYS;
    ticker->last_line_us = rh_clock_mono_us();
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);

    int failed = pthread_create(&ticker->thread, NULL, tick, ticker);

    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed != 0) {
        rh_bell_free(ticker->stop);
        rh_mem_free(ticker);
        return NULL;
    }
    return ticker;
}

void cli_ticker_stop(cli_ticker *ticker)
{
    if (ticker == NULL)
        return;
    rh_bell_ring(ticker->stop);
    pthread_join(ticker->thread, NULL);
    rh_bell_free(ticker->stop);
    rh_mem_free(ticker);
}

void cli_ticker_stop_now(cli_context *context)
{
    cli_ticker_stop(context->ticker);
    context->ticker = NULL;
}
