
# Copyright (c) 2026, pinterest_fdw contributors

# What is cheap without anybody having to think of it: a look at the first rows,
# days that are written in the way of BI tools, and plans.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use JSON::PP;
use PinterestSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

# Beyond midnight the windows would be others.
my $today = PinterestSandbox::day(0);
my $sandbox = PinterestSandbox->new(
	advertisers => 2, campaigns => 3, ad_groups => 1, ads => 1, report_delay => 0,
	today => $today);
my ($first, $second) = $sandbox->advertisers;
my $node = PinterestSandbox::start_node('main', "timezone = 'UTC'");
$sandbox->connect($node, options => "report_reuse '0'");
$node->safe_psql(
	'postgres', qq{
	ALTER SERVER pinterest OPTIONS (SET advertiser_id '$first');
	CREATE SCHEMA live;
	IMPORT FOREIGN SCHEMA ads LIMIT TO (campaigns, campaign_report, campaign_targeting_report)
		FROM SERVER pinterest INTO live;
	CREATE FOREIGN TABLE live.days (campaign_id text, date date, total_impression bigint)
		SERVER pinterest OPTIONS (resource 'campaign_report', historical_date '500 days');
	CREATE FOREIGN TABLE live.times (campaign_id text, date timestamptz, total_impression bigint)
		SERVER pinterest OPTIONS (resource 'campaign_report', historical_date '500 days');
	CREATE FOREIGN TABLE live.weeks (campaign_id text, date date, total_impression bigint)
		SERVER pinterest OPTIONS (resource 'campaign_report', historical_date '500 days',
			granularity 'week');
	CREATE FOREIGN TABLE live.both (advertiser_id text, campaign_id text, date date,
			total_impression bigint)
		SERVER pinterest OPTIONS (resource 'campaign_report', historical_date '500 days',
			advertiser_id '$first,$second');
	CREATE FOREIGN TABLE live.early (campaign_id text, date date, total_impression bigint)
		SERVER pinterest OPTIONS (resource 'campaign_report', historical_date '500 days');
	CREATE SCHEMA copied;
	CREATE TABLE copied.days AS TABLE live.days;
	CREATE TABLE copied.times AS TABLE live.times;
	CREATE TABLE copied.weeks AS TABLE live.weeks;
	CREATE FUNCTION mine(date) RETURNS boolean IMMUTABLE LANGUAGE plpgsql AS
		'BEGIN RETURN \$1 > current_date - 5; END';
	CREATE DOMAIN later AS date CHECK (VALUE > '2000-01-01');});

sub query { return $node->safe_psql('postgres', $_[0]); }

# The nodes of a plan that ask Pinterest
sub scans
{
	my ($plan) = @_;
	return () unless ref $plan eq 'ARRAY' || ref $plan eq 'HASH';
	return map { scans($_) } @$plan if ref $plan eq 'ARRAY';
	return ((exists $plan->{'Pinterest Way'} ? $plan : ()), map { scans($_) } values %$plan);
}

sub plan_of
{
	my ($sql, $set) = @_;
	return decode_json(query(($set // '') . " EXPLAIN (FORMAT JSON) $sql"));
}

# Reports that a statement asks for: their bodies
sub reports
{
	my ($sql) = @_;
	$sandbox->clear_log;
	query($sql);
	return map { $_->{body} } grep { $_->{method} eq 'POST' } $sandbox->log;
}

#
# Days
#

# Asks for no other days than those of the rows that pass, from the first of them to
# the last, and finds the same rows.
sub narrows
{
	my ($table, $condition, $name) = @_;
	my $wanted = query("SELECT min(d)::date, max(d)::date FROM generate_series("
		  . "current_date - 500, current_date, interval '1 day') s(d), LATERAL (SELECT d::"
		  . ($table eq 'times' ? 'timestamptz' : 'date') . " AS date) x WHERE $condition");
	my ($scan) = scans(plan_of("SELECT * FROM live.$table WHERE $condition"));
	my @windows = @{ $scan->{'Pinterest Windows'} };
	my $asked = ($windows[0] =~ s/\.\..*//r) . '|' . ($windows[-1] =~ s/.*\.\.//r);
	if ($table eq 'weeks')
	{
		cmp_ok(scalar @windows, '<', 3, "$name: windows");
	}
	else
	{
		is($asked, $wanted, "$name: days");
	}
	my $compare = "SELECT count(*), sum(hashtext(t::text)) FROM %s.$table t WHERE $condition";
	is(query(sprintf $compare, 'live'), query(sprintf $compare, 'copied'), "$name: rows");
	return;
}

my $month = query(q{SELECT date_trunc('month', current_date - 70)::date});
my $year = $month =~ s/-.*//r;
narrows('days', "date_trunc('month', date) = '$month'", 'month');
narrows('days', "date_trunc('month', date::timestamp) = '$month'::timestamp", 'month of a timestamp');
narrows('days', "date_trunc('week', date) IN (current_date - extract(isodow FROM current_date)::int + 1)", 'week in a list');
narrows('days', "extract(year FROM date) = $year", 'year');
narrows('days', "date_part('year', date) = $year AND date_part('month', date) = extract(month FROM '$month'::date)", 'year and month');
narrows('days', "to_char(date, 'YYYY-MM') = to_char('$month'::date, 'YYYY-MM')", 'month as text');
narrows('days', "to_char(date, 'YYYY-MM') IN ('" . ($month =~ s/-01$//r) . "', '1999-01')", 'months as texts');
narrows('days', "date + interval '10 days' > current_date", 'sum');
narrows('days', "date + 10 > current_date", 'sum of days');
narrows('days', "current_date - date < 7", 'age in days');
narrows('days', "age(date) < interval '8 days'", 'age');
narrows('days', "daterange(current_date - 9, current_date - 4) @> date", 'range');
narrows('days', "date <@ daterange('$month', ('$month'::date + interval '1 month')::date)", 'within a range');
narrows('days', "daterange(date, date + 1) && daterange(current_date - 20, current_date - 15)", 'ranges that overlap');
narrows('days', "(date, date) OVERLAPS (current_date - 6, current_date - 3)", 'OVERLAPS');
narrows('days', "date::timestamptz BETWEEN current_date - 5 AND current_timestamp - interval '2 days'", 'BETWEEN of timestamps');
narrows('days', "CASE WHEN date > current_date - 8 THEN true ELSE false END", 'CASE');
narrows('days', "NOT (date_trunc('month', date) < date_trunc('month', now()))", 'NOT');
narrows('days', "date_trunc('month', date) = '$month' OR date >= current_date - 2", 'OR');
narrows('days', "extract(day FROM date) = 1 AND date > current_date - 100", 'firsts of months');
narrows('times', "date_trunc('month', date) = '$month'", 'month of a timestamptz');
narrows('times', "tstzrange(current_date - 9, current_date - 4) @> date", 'range of timestamptz');
narrows('weeks', "date_trunc('month', date) = '$month'", 'weeks of a month');

# By the time zone of the session
foreach my $zone ('America/Los_Angeles', 'Pacific/Auckland')
{
	my $condition = "date_trunc('day', date::timestamptz AT TIME ZONE 'UTC') = (current_date - 10)";
	my $compare = "SET TimeZone = '$zone'; SELECT count(*) FROM %s.days t WHERE $condition";
	is(query(sprintf $compare, 'live'), query(sprintf $compare, 'copied'), "$zone: rows");
}

# A parameter, and a value of another table
is(scalar(reports(qq{PREPARE p AS SELECT count(*) FROM live.days WHERE date_trunc('month', date) = \$1;
	SET plan_cache_mode = force_generic_plan; EXECUTE p('$month')})), 1, 'a parameter');
my ($body) = reports(qq{SELECT count(*) FROM live.days
	WHERE date_trunc('month', date) = (SELECT '$month'::date FROM pg_class LIMIT 1)});
is($body->{start_date}, $month, 'a value of another table');

# What is not tried: all days are asked for, and the rows are right.
foreach my $case (
	[ "date + (random() * 0)::int > current_date - 5", 'volatile' ],
	[ 'mine(date)', 'a function of the user' ],
	[ 'date::later > current_date - 5', 'a domain' ],
	[ "date_trunc(campaign_id, date) IS NULL AND false OR length(campaign_id) + extract(year FROM date) > 0", 'another column' ])
{
	my ($condition, $name) = @$case;
	my ($scan) = scans(plan_of("SELECT * FROM live.days WHERE $condition"));
	cmp_ok(scalar @{ $scan->{'Pinterest Windows'} }, '>=', 3, "$name: all days");
}

# A day without rows may fail where the query does not.
my $condition = "10 / (date - (current_date + 5)) < 1";
my ($scan) = scans(plan_of("SELECT * FROM live.days WHERE $condition"));
cmp_ok(scalar @{ $scan->{'Pinterest Windows'} }, '>=', 3, 'what fails for some day narrows nothing');
is(query("SELECT count(*) FROM live.days WHERE $condition"),
	query("SELECT count(*) FROM copied.days WHERE $condition"), 'and gives all rows');

#
# The first rows
#

sub orders
{
	my ($sql, $count, $name) = @_;
	my @reports = reports($sql);
	is(scalar @reports, $count, "$name: reports");
	return @reports;
}

($body) = orders('SELECT * FROM live.campaign_targeting_report LIMIT 10', 1, 'LIMIT');
is(scalar @{ $body->{targeting_types} }, 5, 'LIMIT: as many types as one report takes');
is($body->{end_date}, $today, 'LIMIT: the newest days');
cmp_ok(scalar(grep { 1 } $sandbox->log), '<=', 4, 'LIMIT: few requests');
my @all = reports('SELECT count(*) FROM live.campaign_targeting_report');
cmp_ok(scalar @all, '>=', 6, 'without LIMIT: many reports at once');
is(query('SELECT count(*) FROM (SELECT * FROM live.days LIMIT 10) s'), 10, 'rows');
orders('SELECT * FROM (SELECT campaign_id, date FROM live.days) s WHERE campaign_id IS NOT NULL LIMIT 10',
	1, 'a subquery');
orders('SELECT * FROM live.days LIMIT 5 OFFSET 5', 1, 'OFFSET');
orders('SELECT count(*) FROM (SELECT * FROM live.days LIMIT 10) s', 1, 'below an aggregate');
orders('SELECT * FROM (SELECT * FROM live.days UNION ALL SELECT * FROM live.early) s LIMIT 5', 1, 'UNION ALL');
orders('SELECT EXISTS (SELECT * FROM live.days)', 1, 'EXISTS');
orders('PREPARE p AS SELECT * FROM live.days LIMIT $1; SET plan_cache_mode = force_generic_plan; EXECUTE p(3)',
	1, 'a parameter as LIMIT');
($body) = orders('SELECT * FROM live.both LIMIT 10', 1, 'several advertisers');
is($body->{end_date}, $today, 'several advertisers: the newest days');

# All rows are needed
orders('SELECT * FROM live.days ORDER BY total_impression LIMIT 3', 3, 'ORDER BY');
orders('SELECT campaign_id, count(*) FROM live.days GROUP BY 1 LIMIT 1', 3, 'GROUP BY');
orders('SELECT DISTINCT campaign_id FROM live.days LIMIT 1', 3, 'DISTINCT');
orders('SELECT count(*) FROM live.days LIMIT 1', 3, 'an aggregate');
orders('SELECT * FROM live.days LIMIT ALL', 3, 'LIMIT ALL');
orders('SELECT * FROM live.days', 3, 'no LIMIT');
orders('SELECT * FROM live.days LIMIT 10000000', 3, 'more than there is');

# Too few rows in the newest window: the others follow, and all rows come.
my $old = query('SELECT min(date) FROM copied.days');
is(query("SELECT count(*) FROM (SELECT * FROM live.days WHERE date::text = '$old' OR total_impression < 0 LIMIT 10000) s"),
	query("SELECT count(*) FROM copied.days WHERE date::text = '$old'"), 'rows of the oldest window');
my @found = reports("SELECT * FROM live.days WHERE total_impression < 0 LIMIT 3");
is($found[0]{end_date}, $today, 'the newest first');
is(scalar @found, 3, 'until there are no more');
is(query('SELECT count(*) FROM (SELECT * FROM live.both LIMIT 100000) s'),
	query('SELECT count(*) FROM live.both'), 'all rows of several advertisers');
# without statistics
is(query('SELECT count(*), sum(hashtext(t::text)) FROM (SELECT * FROM live.days LIMIT 5000) t'),
	query('SELECT count(*), sum(hashtext(t::text)) FROM copied.days t'), 'a LIMIT above all rows');

($scan) = scans(plan_of('SELECT * FROM live.campaign_targeting_report LIMIT 10'));
like($scan->{'Pinterest Reports'}, qr/newest first/, 'EXPLAIN tells');

#
# Plans
#

my $plain = query('EXPLAIN SELECT * FROM live.campaign_targeting_report');
like($plain, qr/Pinterest Columns: \d\d+, which VERBOSE shows/, 'EXPLAIN counts columns');
like(query('EXPLAIN VERBOSE SELECT * FROM live.campaign_targeting_report'),
	qr/Pinterest Columns: .*TOTAL_IMPRESSION.*LEADS/, 'EXPLAIN VERBOSE names them');
like(query('EXPLAIN SELECT * FROM live.days'), qr/Pinterest Columns: .*TOTAL_IMPRESSION/, 'so does EXPLAIN, if they are few');

my $limit = query('SHOW jit_above_cost');
foreach my $sql (
	'SELECT * FROM live.campaign_report',
	'SELECT * FROM live.campaign_report a JOIN live.campaign_report b USING (campaign_id, date)',
	'SELECT * FROM live.days EXCEPT ALL SELECT * FROM live.early',
	'SELECT c.name, r.* FROM live.campaigns c JOIN live.campaign_targeting_report r USING (campaign_id)')
{
	my $cost = plan_of($sql)->[0]{Plan}{'Total Cost'};
	cmp_ok($cost, '<', $limit / 2, "cost of $sql");
}

#
# Copies
#

query(q{SELECT pinterest.materialize('live.campaign_report', 'copied.campaign_report');
	SELECT pinterest.materialize('live.campaigns', 'copied.campaigns', false)});
my $indexes = q{SELECT string_agg(indexdef, E'\n' ORDER BY indexname) FROM pg_indexes
	WHERE schemaname = 'copied' AND tablename = '%s'};
like(query(sprintf $indexes, 'campaign_report'), qr/USING btree \(date\)/, 'a copy has an index that begins with date');
unlike(query(sprintf $indexes, 'campaigns'), qr/\n/, 'one of entities has none');
is(query(q{SET enable_seqscan = off; SELECT count(*) FROM copied.campaign_report WHERE date > current_date - 3}),
	query(q{SELECT count(*) FROM live.campaign_report WHERE date > current_date - 3}), 'the index has all rows');

#
# An advertiser that Pinterest denies
#

my $other = PinterestSandbox->new(
	advertisers => 3, denied => 1, campaigns => 2, ad_groups => 1, ads => 1, report_delay => 0);
my $options = $other->server_options;
my $token = $other->token;
$node->safe_psql(
	'postgres', qq{
	CREATE SERVER other FOREIGN DATA WRAPPER pinterest_fdw OPTIONS ($options, report_reuse '0');
	ALTER SERVER other OPTIONS (SET advertiser_id '*');
	CREATE USER MAPPING FOR CURRENT_USER SERVER other OPTIONS (access_token '$token');
	CREATE SCHEMA theirs;
	IMPORT FOREIGN SCHEMA ads LIMIT TO (campaigns, campaign_report, ad_groups) FROM SERVER other INTO theirs;});
my $join = 'SELECT count(*) FROM theirs.campaigns JOIN theirs.campaign_report USING (campaign_id), theirs.ad_groups';
my $said = PinterestSandbox::answer($node, "$join;\n$join;");
is(scalar(() = $said =~ /WARNING: .*leaving out advertiser/g), 2, 'a denied advertiser: one warning for each statement');

done_testing();
