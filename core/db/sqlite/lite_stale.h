/*
 * What killed builds left beside a target.
 */
#ifndef LITE_STALE_H
#define LITE_STALE_H

/** Remove ".<name>.rehearse-<pid>-<random>" files beside path whose process is gone. Never fails:
 * it is tidying up. */
void rh_lite_remove_stale(const char *path);

#endif
