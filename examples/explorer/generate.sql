-- Projects and what belongs to them: psql -v projects=N [-v days=D]. The same N gives the same rows.
-- Traffic follows a power law: few projects make most of it, most have a day or two.
\if :{?projects}
\else
\set projects 50
\endif
\if :{?days}
\else
\set days 30
\endif

INSERT INTO project
SELECT md5('project ' || g)::uuid, md5('key ' || g), md5('creator ' || g / 3)::uuid,
       'Project ' || g, 'dev' || g / 3 || '@team' || g / 30 || '.example',
       g % 20 <> 0, g % 4 = 0, g % 100 = 0,
       CASE WHEN g % 10 = 0 THEN 'https://push' || g || '.example/hook' END,
       CASE WHEN g % 200 = 0 THEN 'enterprise' WHEN g % 20 = 1 THEN 'pro' ELSE 'free' END,
       timestamptz '2021-06-01 00:00:00+00' + g * interval '17 minutes',
       timestamptz '2021-06-01 00:00:00+00' + g * interval '17 minutes' + g % 90 * interval '1 day'
FROM generate_series(1, :projects) g;

INSERT INTO project_api_key
SELECT md5('project ' || g)::uuid, md5('api key ' || g || ' ' || k), k = 1
FROM generate_series(1, :projects) g, generate_series(1, 1 + g % 2) k;

-- Every tenth project verifies the site of a listing (a template that was copied), the others their
-- own: so many rows, and few of them for one listing.
INSERT INTO project_origin
SELECT md5('project ' || g)::uuid, 'verified',
       CASE WHEN g % 10 = 0 THEN l.homepage ELSE 'https://app' || g || '.example/' END
FROM generate_series(1, :projects) g
JOIN (SELECT homepage, row_number() OVER (ORDER BY "order") AS n FROM listing) l
    ON l.n = 1 + g % (SELECT count(*) FROM listing);
INSERT INTO project_origin
SELECT md5('project ' || g)::uuid, (ARRAY['allowed', 'allowed', 'bundle', 'package'])[1 + g % 4],
       'https://app' || g || '-' || k || '.example/'
FROM generate_series(1, :projects) g, generate_series(1, g % 3) k;

INSERT INTO project_usage
SELECT md5('project ' || g)::uuid, date '2023-04-22' - d, 1 + 1000000 / (g + 9) + (g * 31 + d * 17) % 50
FROM generate_series(1, :projects) g,
     generate_series(0, greatest(1, :days * 300 / (g + 300)) - 1) d;

INSERT INTO project_feature
SELECT md5('project ' || g)::uuid, f, g % 3 = 0, jsonb_build_object('limit', g % 100)
FROM generate_series(1, :projects) g, unnest(ARRAY['web3inbox', 'swaps']) f
WHERE g % 5 = 0;

UPDATE listing l SET project_id = md5('project ' || l."order")::uuid
WHERE l."order" <= :projects AND l."order" % 2 = 0;
VACUUM (ANALYZE);
