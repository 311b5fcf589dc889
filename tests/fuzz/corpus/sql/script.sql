create function f() begin atomic select 1; select case when true then 2 end; end;
\d x
copy t from stdin;
1	2
\.
create trigger r after insert on t begin select 1; end; select /* a /* b */ c */ 'x' -- d
;