
# Copyright (c) 2026, pinterest_fdw contributors

# What a statement asks of Pinterest is asked side by side: no report waits for
# another one to be ready, max_connections holds for all scans together, and
# nothing is asked that is not needed.  What shows it is the sandbox's log, and
# that no report is ready before all have been asked for.

use strict;
use warnings;

use FindBin;
use List::Util qw(max);
use lib "$FindBin::RealBin/../test/lib";

use PinterestSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use PsqlSession qw(wait_until);
use Test::More;

my $sandbox = PinterestSandbox->new(
	advertisers => 2,
	campaigns => 2,
	ad_groups => 1,
	ads => 1,
	report_delay => 0);
my $node = PinterestSandbox::start_node('main', "timezone = 'UTC'");
$sandbox->connect($node, options => "retry_timeout '60', report_timeout '120'");
my ($advertiser) = $sandbox->advertisers;
$node->safe_psql(
	'postgres', qq{
	ALTER SERVER pinterest OPTIONS (SET advertiser_id '$advertiser');
	CREATE SCHEMA pinterest_live;
	IMPORT FOREIGN SCHEMA ads FROM SERVER pinterest INTO pinterest_live
		OPTIONS (historical_date '20 days');
	ALTER DATABASE postgres SET search_path = pinterest_live, public;});

sub query
{
	my ($sql) = @_;
	return $node->safe_psql('postgres', $sql);
}

sub try
{
	my ($sql) = @_;
	my ($status, $out, $err) = $node->psql('postgres', $sql);
	return ($out, $err);
}

# What the requests in the log are, in the order of their arrival
sub kinds
{
	return map {
		    $_->{host} eq 'download' ? 'download'
		  : $_->{method} eq 'POST'   ? 'create'
		  : exists $_->{query}{token} ? 'poll'
		  : 'list'
	} $sandbox->log;
}

# A query that asks for so many reports, all of them before any is ready: none is
# before so many have been asked for.
sub asks_at_once
{
	my ($sql, $reports, $name) = @_;
	$sandbox->settings(reports_at_once => $reports);
	$sandbox->clear_log;
	my ($out, $err) = try($sql);
	is($err, '', "$name: the reports arrive");
	is(scalar(grep { $_->{method} eq 'POST' && ($_->{status} // 0) == 200 } $sandbox->log),
		$reports, "$name: so many are asked for");
	$sandbox->settings(reports_at_once => 1);
	return;
}

# Starts a query and waits for so many requests that get no answer; ends it
# then, and returns them.
sub stuck
{
	my ($sql, $requests) = @_;
	$sandbox->clear_log;
	$sandbox->faults({ count => -1, delay => 3600 });
	my $session = PsqlSession->new($node);
	$session->begin($sql);
	wait_until("$requests requests", sub { kinds() >= $requests });
	query("SELECT pg_cancel_backend($session->{pid})");
	$session->finish;
	$session->quit;
	$sandbox->clear_faults;
	return kinds();
}

sub most_at_once
{
	return max(map { $_->{in_flight} } $sandbox->log);
}

#
# Plans
#

my @four = map { "SELECT count(*) FROM $_" }
  qw(advertiser_report campaign_report ad_group_report ad_report);
asks_at_once(join(' UNION ALL ', @four), 4, 'UNION ALL');
asks_at_once(
	'SELECT 1 FROM campaign_report c JOIN ad_group_report g USING (campaign_id, date)',
	2, 'join');
foreach my $off (
	'enable_hashjoin = off; SET enable_nestloop = off',
	'enable_hashjoin = off; SET enable_mergejoin = off')
{
	asks_at_once(
		"SET $off; SELECT 1 FROM campaign_report c JOIN ad_group_report g USING (campaign_id, date)",
		2, "join, $off");
}
asks_at_once(
	'WITH c AS MATERIALIZED (SELECT * FROM campaign_report) SELECT 1 FROM c JOIN ad_report a USING (campaign_id)',
	2, 'common table expression');
asks_at_once(
	'SELECT date FROM campaign_report EXCEPT SELECT date FROM ad_report UNION SELECT date FROM advertiser_report ORDER BY 1',
	3, 'set operations');
asks_at_once(
	'CREATE TABLE copied AS SELECT date FROM campaign_report UNION ALL SELECT date FROM ad_report',
	2, 'CREATE TABLE AS');
asks_at_once(
	'INSERT INTO copied SELECT date FROM campaign_report UNION ALL SELECT date FROM ad_report',
	2, 'INSERT');

# Two windows and two advertisers each
query(q{
	CREATE FOREIGN TABLE longer (campaign_id text, date date, total_impression bigint)
		SERVER pinterest OPTIONS (resource 'campaign_report', historical_date '250 days');
	CREATE FOREIGN TABLE everyone (campaign_id text, date date, total_impression bigint)
		SERVER pinterest OPTIONS (resource 'campaign_report', historical_date '250 days', advertiser_id '*');});
asks_at_once(
	'SELECT date FROM longer UNION ALL SELECT date FROM everyone',
	6, 'windows and advertisers');

# Lists
is( join(
		' ',
		sort { $a cmp $b } stuck(
			'SELECT count(*) FROM campaigns c JOIN ad_groups g USING (campaign_id) JOIN campaign_report r USING (campaign_id)',
			3)),
	'create list list',
	'lists and a report are asked for before anything is waited for');

#
# What need not run does not
#

asks_at_once(
	'SELECT * FROM (SELECT date FROM campaign_report UNION ALL SELECT date FROM ad_report) u LIMIT 1',
	1, 'LIMIT: only the first of them');
asks_at_once(
	'SELECT * FROM (SELECT date FROM campaign_report UNION ALL SELECT date FROM ad_report) u ORDER BY 1 LIMIT 1',
	2, 'LIMIT of sorted rows: all');
asks_at_once(
	'SELECT CASE WHEN (SELECT count(*) FROM campaign_report) < 0 THEN (SELECT count(*) FROM ad_report) END',
	1, 'subqueries: as they come');
asks_at_once(
	'SELECT date FROM campaign_report WHERE (SELECT true) UNION ALL SELECT date FROM ad_report WHERE (SELECT false)',
	1, 'a one-time condition that is false');
$sandbox->clear_log;
query("EXPLAIN SELECT date FROM campaign_report UNION ALL SELECT date FROM ad_report");
is(scalar($sandbox->log), 0, 'EXPLAIN asks for nothing');

# What another scan has to tell first
$sandbox->clear_log;
query(
	q{SELECT count(*) FROM campaign_report
	   WHERE date > (SELECT max(date) FROM ad_report) - 3});
is( join(' ', grep { $_ ne 'poll' } kinds()),
	'create download create download',
	'a condition with a subquery: one after the other');

# A cursor that is read a row at a time, and a rescan before the first row
is( query(
		q{BEGIN;
		  DECLARE c CURSOR FOR SELECT r.date FROM campaign_report r JOIN ad_report a USING (date);
		  MOVE 3 IN c; MOVE ALL IN c; COMMIT;
		  SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_material = off;
		  SELECT (SELECT count(*) FROM campaigns c JOIN ad_groups g ON c.campaign_id <= g.campaign_id)
			   = (SELECT count(*) FROM (SELECT campaign_id FROM campaigns) c, LATERAL
				  (SELECT * FROM ad_groups g WHERE c.campaign_id <= g.campaign_id OFFSET 0) g)}),
	't',
	'cursors and rescans');

#
# Partitions
#

my @months = map { "m$_" } 1 .. 12;
# A column that Pinterest does not have cannot tell partitions apart.
query('CREATE TABLE parted (campaign_id text, date date, total_impression bigint, part int) PARTITION BY LIST (part)');
my ($out, $err) = try(q{CREATE FOREIGN TABLE m1 PARTITION OF parted FOR VALUES IN (1)
	SERVER pinterest OPTIONS (resource 'campaign_report')});
like($err, qr/"part" of foreign table "m1" is no column/, 'a partition needs its columns');
query('DROP TABLE parted');
query(
	join ";\n",
	'CREATE TABLE parted (campaign_id text, date date, total_impression bigint) PARTITION BY RANGE (date)',
	map {
		my ($n) = /(\d+)/;
		my ($from, $to) = (15 - $n, 14 - $n);
		qq{DO \$\$ BEGIN EXECUTE format(
			'CREATE FOREIGN TABLE $_ PARTITION OF parted FOR VALUES FROM (%L) TO (%L) SERVER pinterest
			 OPTIONS (resource ''campaign_report'', historical_date ''15 days'')',
			current_date - $from, current_date - $to); END \$\$}
	} @months);
asks_at_once('SELECT * FROM parted', 12, 'partitions: all at once');
cmp_ok(most_at_once(), '<=', 4, 'but within max_connections');
is(join(' ', stuck('SELECT * FROM parted', 4)), 'create create create create', 'which are all used');
asks_at_once(
	'SELECT * FROM parted WHERE date = current_date - 5',
	1, 'those that are pruned are not asked for');
asks_at_once(
	'SET plan_cache_mode = force_generic_plan; PREPARE p (date) AS SELECT * FROM parted WHERE date >= $1; EXECUTE p (current_date - 4)',
	2, 'nor those that are pruned when the statement begins');
asks_at_once('SELECT * FROM parted LIMIT 1', 1, 'LIMIT: one partition');

#
# max_connections 1: never more than one, and no deadlock
#

query('ALTER SERVER pinterest OPTIONS (ADD max_connections \'1\')');
asks_at_once(join(' UNION ALL ', @four), 4, 'max_connections 1');
is(most_at_once(), 1, 'one request at a time');
$sandbox->clear_log;
is( query(
		q{SET enable_hashjoin = off; SET enable_nestloop = off;
		  SELECT count(*) > 0 FROM campaign_report c JOIN ad_report a USING (campaign_id, date)}),
	't',
	'a merge join, which reads two reports in turn');
query('ALTER SERVER pinterest OPTIONS (DROP max_connections)');

#
# Several servers, each with connections of its own
#

query(
	sprintf(
		q{CREATE SERVER another FOREIGN DATA WRAPPER pinterest_fdw
			OPTIONS (api_url '%s', advertiser_id '%s', max_connections '1', report_reuse '0');
		  CREATE USER MAPPING FOR CURRENT_USER SERVER another OPTIONS (access_token '%s');
		  CREATE FOREIGN TABLE elsewhere (date date) SERVER another OPTIONS (resource 'campaign_report');
		  CREATE FOREIGN TABLE elsewhere_too (date date) SERVER another OPTIONS (resource 'ad_report')},
		$sandbox->api_url, $advertiser, $sandbox->token));
# The year of these tables takes two reports each.
asks_at_once(
	'SELECT date FROM campaign_report UNION ALL SELECT date FROM elsewhere UNION ALL SELECT date FROM elsewhere_too',
	5, 'two servers');

#
# Errors belong to the scan that asked
#

$sandbox->faults(
	{
		match => { method => 'POST', path => '/reports$', body => '"PIN_PROMOTION"' },
		status => 400,
		body => { code => 1, message => 'You shall not pass.' }
	});
($out, $err) = try('SELECT date FROM campaign_report UNION ALL SELECT date FROM ad_report');
like($err, qr/refused a request for foreign table "ad_report": You shall not pass/,
	'an error names its table');
like($err, qr/CONTEXT:  scan of foreign table "ad_report"/, 'and so does its context');
unlike($err, qr/scan of foreign table "campaign_report"/, 'and that alone');
$sandbox->clear_faults;

# One that is not read after all does not fail, whatever became of its request.
query('CREATE TABLE nothing (date date)');
$sandbox->faults(
	{
		match => { method => 'POST', path => '/reports$' },
		count => -1,
		status => 400,
		body => { code => 1, message => 'You shall not pass.' }
	});
is( query(
		q{SET enable_hashjoin = off; SET enable_mergejoin = off;
		  SELECT count(*) FROM nothing n JOIN campaign_report USING (date)}),
	'0',
	'a scan that is never executed cannot fail');
$sandbox->clear_faults;

# A fault that passes is waited out while another scan runs.
$sandbox->faults(
	{
		match => { method => 'POST', path => '/reports$' },
		nth => 2,
		status => 503,
		body => { code => 4197, message => 'not now' }
	});
asks_at_once('SELECT date FROM campaign_report UNION ALL SELECT date FROM ad_report',
	2, 'a passing fault of another scan');
$sandbox->clear_faults;

# Throttled, nobody sends; and the waits of all scans count once.
$sandbox->settings(requests_per_minute => 3, rate_window => 1);
is( query(
		'SELECT count(*) > 0 FROM (SELECT date FROM campaign_report UNION ALL SELECT date FROM ad_report) u'
	),
	't',
	'throttling is waited out');
$sandbox->settings(requests_per_minute => undef);
$sandbox->faults(
	{
		match => { path => '/reports$' },
		count => -1,
		status => 503,
		body => { code => 4197, message => 'not now' }
	});
query("ALTER SERVER pinterest OPTIONS (SET retry_timeout '2')");
$sandbox->clear_log;
($out, $err) = try(join ' UNION ALL ', @four);
like($err, qr/could not reach Pinterest for foreign table/, 'a fault that stays');

# Pauses of a half and of a whole second, and one for the rest
cmp_ok(scalar($sandbox->log), '<=', 4 * 4, 'retry_timeout is that of the statement');
query("ALTER SERVER pinterest OPTIONS (SET retry_timeout '60')");
$sandbox->clear_faults;

#
# Other users, other statements
#

query(
	q{CREATE ROLE other LOGIN;
	  GRANT USAGE ON FOREIGN SERVER pinterest TO other;
	  GRANT USAGE ON SCHEMA pinterest_live TO other;
	  CREATE VIEW of_owner AS SELECT date FROM campaign_report;
	  GRANT SELECT ON ALL TABLES IN SCHEMA pinterest_live TO other;});
query('GRANT SELECT ON of_owner TO other');
($out, $err) = try('SET ROLE other; SELECT count(*) > 0 FROM of_owner');
is($out, 't', "a view asks as its owner");
($out, $err) =
  try('SET ROLE other; SELECT date FROM of_owner UNION ALL SELECT date FROM ad_report');
like($err, qr/user "other" has no user mapping/, 'other scans of the statement do not');

is( query(
		q{CREATE FUNCTION busy() RETURNS SETOF date LANGUAGE plpgsql AS $$
		  DECLARE r record;
		  BEGIN
			FOR r IN SELECT date FROM campaign_report UNION ALL SELECT date FROM ad_report LOOP
				RETURN NEXT r.date;
				PERFORM 1 FROM campaigns LIMIT 1;
			END LOOP;
		  END $$;
		  SELECT count(*) = (SELECT count(*) FROM campaign_report) + (SELECT count(*) FROM ad_report) FROM busy()}
	),
	't',
	'a statement within a statement');

# Memory goes with its scan.
like(
	query(q{EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) SELECT date FROM campaign_report UNION ALL SELECT date FROM ad_report}),
	qr/Pinterest Requests: [1-9].*Pinterest Requests: [1-9]/s,
	'EXPLAIN ANALYZE counts the requests of each scan');

$node->stop;
done_testing();
