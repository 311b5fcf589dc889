# bench/fidelity: what masking does to plans, apart from what another ANALYZE does.
# Input: {production: [round, …], copies: [{name, rounds: [round, …]}, …], names: [query, …]};
# a round is one ANALYZE and then one EXPLAIN (FORMAT JSON) per query, in the order of names.

def nodes: [.. | objects | select(has("Node Type"))];
def shape: [nodes[] | [."Node Type", ."Join Type", ."Strategy", ."Relation Name", ."Index Name"]] | tojson;
def mean: map(log) | add / length | exp;   # geometric: a factor of two up and one down cancel
def q($a; $b): if $a > $b then $a / $b else $b / $a end;
# A node that expects nothing is said to expect one row.
def plan: {shape: shape, cost: .Plan."Total Cost",
           rows: [nodes[] | [."Plan Rows", 1] | max]};

# Rounds of one query -> the plan that most of them have, and its figures round by round.
def usual:
    (group_by(.shape) | max_by(length)) as $same |
    {shape: $same[0].shape, tries: length, same: ($same | length),
     cost: [$same[].cost], rows: ([$same[].rows] | transpose)};

# Each round against the next one: what one ANALYZE and another say about the same rows.
def drift: . as $x | [range(length) | q($x[.]; $x[(. + 1) % ($x | length)])] | max;

def compare($p; $c):
    if $p.shape != $c.shape then {same_plan: false}
    else {same_plan: true,
          rows: ([[$p.rows, $c.rows] | transpose[] | q(.[0] | mean; .[1] | mean)] | max),
          cost: q($p.cost | mean; $c.cost | mean),
          one_rows: ([[$p.rows, $c.rows] | transpose[] | transpose[] | select(all(.[]; . != null)) |
                      q(.[0]; .[1])] | max),
          one_cost: ([[$p.cost, $c.cost] | transpose[] | select(all(.[]; . != null)) |
                      q(.[0]; .[1])] | max)}
    end;

def queries($names): [transpose[] | map(.[0] | plan) | usual] |
    [[$names, .] | transpose[] | .[1] + {name: .[0]}];

.names as $names | (.production | queries($names)) as $production |
{noise: [$production[] | {name, plans: "\(.same)/\(.tries)", rows: ([.rows[] | drift] | max),
                          cost: (.cost | drift)}],
 copies: [.copies[] | {name, score: .report.statistics.score,
    differences: [.report.differences[].text], queries: [[$production, (.rounds | queries($names))] | transpose[] |
    . as [$p, $c] | {name: $p.name} + compare($p; $c)]}]}
