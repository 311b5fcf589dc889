-- Load listings: with psql -v registry=1 from the registry's own files, named by the environment as
-- EXPLORER_WALLETS and EXPLORER_DAPPS; else generated ones in the same proportions: 113 wallets, 138
-- apps, nearly all of them on Ethereum.
\if :{?registry}
\set wallets_json `cat "$EXPLORER_WALLETS"`
\set dapps_json `cat "$EXPLORER_DAPPS"`
CREATE TEMP TABLE registry AS -- what is in both files is a hybrid
SELECT CASE WHEN count(*) > 1 THEN 'hybrid' ELSE min(app_type) END AS app_type,
       (array_agg(value ORDER BY app_type))[1] AS value
FROM (SELECT 'wallet' AS app_type, key, value FROM jsonb_each(:'wallets_json'::jsonb)
      UNION ALL
      SELECT 'dapp', key, value FROM jsonb_each(:'dapps_json'::jsonb)) both_files
GROUP BY key;
\else
CREATE TEMP TABLE registry AS
SELECT CASE WHEN g <= 113 THEN 'wallet' ELSE 'dapp' END AS app_type,
       jsonb_build_object(
           'id', encode(sha256(convert_to('listing ' || g, 'UTF8')), 'hex'),
           'name', initcap((ARRAY['amber','basalt','cedar','delta','ember','fjord','grove'])[1 + g % 7])
               || ' ' || (ARRAY['Wallet','Swap','Bridge','Vault','Pay'])[1 + g % 5] || ' ' || g,
           'description', 'Listing number ' || g,
           'homepage', 'https://site' || g || '.example/',
           'chains', CASE WHEN g % 12 = 0 THEN '["cosmos:hub-4"]'::jsonb
                          WHEN g % 3 = 0 THEN '["eip155:1", "eip155:137"]'::jsonb
                          ELSE '["eip155:1"]'::jsonb END,
           'app', '{}'::jsonb, 'mobile', '{}'::jsonb, 'desktop', '{}'::jsonb,
           'metadata', jsonb_build_object('shortName', 'L' || g)) AS value
FROM generate_series(1, 251) g;
\endif

INSERT INTO listing
SELECT value ->> 'id', NULL, app_type, value ->> 'name',
       regexp_replace(lower(value ->> 'name'), '[^a-z0-9]+', '-', 'g') || '-' || left(value ->> 'id', 8),
       coalesce(value ->> 'description', ''), coalesce(value ->> 'homepage', ''),
       row_number() OVER (ORDER BY app_type DESC, value ->> 'id'),
       coalesce(value -> 'mobile', '{}'), coalesce(value -> 'desktop', '{}'),
       coalesce(value -> 'app', '{}'), coalesce(value -> 'metadata', '{}'), 'approved',
       timestamptz '2023-03-01 00:00:00+00'
FROM registry;
INSERT INTO listing_chain
SELECT DISTINCT r.value ->> 'id', c.chain
FROM registry r, jsonb_array_elements_text(r.value -> 'chains') c (chain);
DROP TABLE registry;
