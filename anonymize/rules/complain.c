#include "complain.h"

#include <stdarg.h>
#include <stdio.h>

rh_status complain(const complaints *to, bool fatal, const rule *at, const char *hint,
                   const char *format, ...)
{
    char text[1024];
    va_list args;

    va_start(args, format);
    if (vsnprintf(text, sizeof text, format, args) < 0)
        text[0] = '\0';
    va_end(args);
    if (at == NULL)
        return rh_problems_add(to->problems, fatal, hint, to->err, "%s: %s", to->rules->name, text);
    return rh_problems_add(to->problems, fatal, hint, to->err, "%s:%zu:%zu: %s", to->rules->name,
                           at->pos.line, at->pos.column, text);
}
