#include "ledger/ledger_finding.h"

rh_status rh_ledger_finding_add(json_t *findings, const rh_ledger_finding *finding, rh_error *err)
{
    json_t *entry = json_pack(
        "{s:s, s:s, s:s?, s:f, s:f, s:s, s:b, s:n, s:n, s:s?, s:s}", "finding", finding->name,
        "severity", finding->severity, "query", finding->query, "value", finding->value,
        "threshold", finding->threshold, "unit", finding->unit, "model", finding->model, "span",
        "correlated_by", "plan_node", finding->plan, "advice", finding->advice);

    return json_array_append_new(findings, entry) == 0 ? RH_OK : rh_error_oom(err);
}
