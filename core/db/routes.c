#include "core/routes.h"

#include "core/str.h"

static const char MEMBER[] = "routes";

static const char *text(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

bool rh_route_find(const json_t *facts, const char *schema, const char *name, rh_route *out)
{
    const json_t *routes = json_object_get(facts, MEMBER);

    for (size_t i = 0; i < json_array_size(routes); i++) {
        const json_t *item = json_array_get(routes, i);
        const json_t *through = json_object_get(item, "through");
        const rh_route found = {text(through, "schema"), text(through, "name")};

        if (rh_str_eq(text(item, "schema"), schema) && rh_str_eq(text(item, "name"), name) &&
            found.schema != NULL && found.name != NULL) {
            *out = found;
            return true;
        }
    }
    return false;
}

rh_status rh_route_add(json_t *facts, const char *schema, const char *name, const rh_route *through,
                       rh_error *err)
{
    json_t *routes = json_object_get(facts, MEMBER);
    rh_route known;

    if (rh_route_find(facts, schema, name, &known))
        return RH_OK;
    if (routes == NULL) {
        routes = json_array();
        if (json_object_set_new(facts, MEMBER, routes) != 0)
            return rh_error_oom(err);
    }
    return json_array_append_new(routes, json_pack("{s:s, s:s, s:{s:s, s:s}}", "schema", schema,
                                                   "name", name, "through", "schema",
                                                   through->schema, "name", through->name)) == 0
               ? RH_OK
               : rh_error_oom(err);
}
