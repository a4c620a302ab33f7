
# Copyright (c) 2026, pinterest_fdw contributors

# A parent of foreign tables, one for each advertiser: hundreds of them are planned
# at low costs, a query has them side by side, and it is copied like a foreign table.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use PinterestSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use PsqlSession qw(wait_until);
use Test::More;

my $today = PinterestSandbox::day(0);
my $sandbox = PinterestSandbox->new(
	advertisers => 6,
	campaigns => 2,
	ad_groups => 1,
	ads => 1,
	today => $today,
	report_delay => 0);
my $node = PinterestSandbox::start_node('main', "timezone = 'UTC'");
my @advertisers = $sandbox->advertisers;
$sandbox->connect($node, options => "retry_timeout '60'");

sub query
{
	my ($sql) = @_;
	return $node->safe_psql('postgres', $sql);
}

sub try
{
	my ($sql) = @_;
	return PinterestSandbox::answer($node, $sql);
}

my $columns = q{advertiser_id text, campaign_id text, date date,
	spend_in_micro_dollar bigint, total_impression bigint};

# Other servers of the same user, as there are where each advertiser has let in
# somebody else.
query(qq{
	CREATE SCHEMA live;
	CREATE SCHEMA copy;
	CREATE SERVER second FOREIGN DATA WRAPPER pinterest_fdw OPTIONS (api_url '}
	  . $sandbox->api_url . q{', report_reuse '0', retry_timeout '60');
	CREATE USER MAPPING FOR CURRENT_USER SERVER second OPTIONS (access_token '}
	  . $sandbox->token . qq{');
	CREATE TABLE live.report ($columns) PARTITION BY LIST (advertiser_id);
	CREATE TABLE live.inherited ($columns);
	CREATE FOREIGN TABLE live.whole ($columns) SERVER pinterest
		OPTIONS (resource 'campaign_report', historical_date '9 days');});
foreach my $i (0 .. $#advertisers)
{
	my $server = $i % 2 ? 'second' : 'pinterest';
	my $options = "OPTIONS (resource 'campaign_report', historical_date '9 days', advertiser_id '$advertisers[$i]')";
	query(qq{
		CREATE FOREIGN TABLE live.part_$i PARTITION OF live.report
			FOR VALUES IN ('$advertisers[$i]') SERVER $server $options;
		CREATE FOREIGN TABLE live.child_$i () INHERITS (live.inherited) SERVER $server $options;});
}

sub differ
{
	my ($copy) = @_;
	return query(qq{SELECT count(*) FROM
		((TABLE live.whole EXCEPT TABLE $copy) UNION ALL
		(TABLE $copy EXCEPT TABLE live.whole)) d});
}

#
# Queries
#

$sandbox->settings(reports_at_once => 6);
is(differ('live.report'), '0', 'the partitions are asked for side by side, whatever their server');
is(differ('live.inherited'), '0', '... as are the heirs of a table');
$sandbox->settings(reports_at_once => 1);

# Nobody else is asked for
$sandbox->clear_log;
is(query("SELECT count(DISTINCT advertiser_id) FROM live.report WHERE advertiser_id = '$advertisers[2]'"),
	'1', 'one of them');
is(scalar(grep { $_->{method} eq 'POST' } $sandbox->log), 1, '... takes one report');

# While the first one is being downloaded, the next ones are polled.
$sandbox->clear_log;
$sandbox->faults({ match => { host => 'download' }, delay => 3600 });
my $session = PsqlSession->new($node);
$session->begin('SELECT count(*) > 0 FROM live.report');
wait_until('polls of the next ones', sub {
	my %polled = map { $_->{path} => 1 } grep { $_->{method} eq 'GET' && $_->{path} =~ m{/reports$} } $sandbox->log;
	return keys %polled > 1;
});
$sandbox->clear_faults;
my ($rows) = $session->finish;
is($rows, 't', 'reports are got ready before the first has been read');
$session->quit;

#
# Hundreds of partitions
#

query(qq{CREATE TABLE live.many ($columns) PARTITION BY LIST (advertiser_id)});
query(
	join ";\n",
	map {
		"CREATE FOREIGN TABLE live.many_$_ PARTITION OF live.many FOR VALUES IN ('$_')
			SERVER pinterest OPTIONS (resource 'campaign_report', advertiser_id '$_')"
	} (1 .. 250));
foreach my $sql (
	'SELECT sum(total_impression) FROM live.many',
	'SELECT advertiser_id, sum(total_impression) FROM live.many GROUP BY 1',
	q{SELECT * FROM live.many WHERE date > current_date - 28 ORDER BY date LIMIT 5},
	q{SELECT campaign_id, sum(total_impression) FROM live.many WHERE date >= current_date - 90 GROUP BY 1 ORDER BY 2 DESC})
{
	my $plan = query("EXPLAIN $sql");
	my ($cost) = $plan =~ /cost=[\d.]+\.\.([\d.]+)/;
	cmp_ok($cost, '<', 60_000, "250 partitions: cost of $sql");
	is(scalar(() = $plan =~ /Foreign Scan/g), 250, '... all of which are read');
}
unlike(
	query(q{SET jit_above_cost = 10; EXPLAIN SELECT * FROM live.many WHERE total_impression > 3}),
	qr/JIT/,
	'nothing is compiled for so many');
like(
	query(q{SET jit_above_cost = 10; SELECT current_setting('jit_above_cost')}),
	qr/10/,
	'... although it could be');

#
# Copies
#

is(query(q{SELECT pinterest.materialize('live.report', 'copy.report')}), 'copy.report',
	'a partitioned table of foreign tables is copied');
is(differ('copy.report'), '0', '... with the rows of all partitions');
is( query(q{SELECT concat_ws('|', status, rows, authorized, cardinality(string_to_array(advertiser_id, ',')))
		FROM pinterest.status WHERE target = 'copy.report'::regclass}),
	'ready|' . query('SELECT count(*) FROM live.whole') . '|t|6',
	'... as the status says');
is(query(q{SELECT count(*), count(last_success_at) FROM pinterest.freshness}), '6|6',
	'... and of each advertiser');
is( query(q{SELECT reports, rows > 0, days FROM pinterest.refresh_log ORDER BY id DESC LIMIT 1}),
	'6|t|60',
	'... and the log');
is(query(q{SELECT pinterest.materialize('live.inherited', 'copy.inherited')}), 'copy.inherited',
	'so is a table that foreign tables inherit from');
is(differ('copy.inherited'), '0', '... with all rows');

$sandbox->next_revision;
$sandbox->settings(reports_at_once => 6);
is(try(q{SELECT inserted + updated + deleted > 0 FROM pinterest.refresh('copy.report')}), 't',
	'a refresh asks for all of them side by side');
is(differ('copy.report'), '0', '... and has what is new');
$sandbox->settings(reports_at_once => 12);
is(try(q{CALL pinterest.refresh_all()}), '', 'refresh_all() has all of both under way');
$sandbox->settings(reports_at_once => 1);
is(differ('copy.inherited'), '0', '... and all rows of the other one');
is(try(q{SELECT updated FROM pinterest.refresh('copy.inherited', last => '2 days')}), '0',
	'the last days of all of them');
is( try(q{SELECT reports, advertisers FROM pinterest.refresh_plan() WHERE target = 'copy.report'::regclass}),
	'6|6',
	'what that takes can be foreseen');

# One of them is denied
$sandbox->next_revision;
$sandbox->faults(
	{
		match => { path => "/ad_accounts/$advertisers[3]/reports" },
		count => -1,
		status => 403,
		body => { code => 29, message => 'You are not permitted to access the resource' }
	});
my $before = query("SELECT count(*), sum(total_impression) FROM copy.report WHERE advertiser_id = '$advertisers[3]'");
like(try(q{SELECT rows > 0 FROM pinterest.refresh('copy.report')}),
	qr/^t\nWARNING:  42501: leaving out advertiser $advertisers[3]/,
	'one that is denied is left out');
is(query("SELECT count(*), sum(total_impression) FROM copy.report WHERE advertiser_id = '$advertisers[3]'"),
	$before, '... with its rows');
is(query(q{SELECT status FROM pinterest.status WHERE target = 'copy.report'::regclass}), 'partial',
	'... as the status says');
$sandbox->clear_faults;
is(query("SELECT count(*) > 0 FROM pinterest.refresh('copy.report')"), 't', 'until it is not');
is(differ('copy.report'), '0', '... and all is there');

# Nothing of what fails
$sandbox->next_revision;
$sandbox->faults(
	{
		match => { path => "/ad_accounts/$advertisers[5]/reports" },
		count => -1,
		status => 400,
		body => { code => 1, message => 'no such thing' }
	});
like(try(q{SELECT pinterest.refresh('copy.report')}), qr/ERROR:  HV000/, 'one that fails');
$sandbox->clear_faults;
is(query("SELECT count(*) > 0 FROM pinterest.refresh('copy.report')"), 't', 'all is well again');

#
# Lists
#

my $list = 'advertiser_id text, campaign_id text, name text, status text';
query(qq{CREATE TABLE live.lists ($list) PARTITION BY LIST (advertiser_id);
	CREATE FOREIGN TABLE live.whole_list ($list) SERVER pinterest OPTIONS (resource 'campaigns');});
query(
	join ";\n",
	map {
		"CREATE FOREIGN TABLE live.list_$_ PARTITION OF live.lists FOR VALUES IN ('$advertisers[$_]')
			SERVER pinterest OPTIONS (resource 'campaigns', advertiser_id '$advertisers[$_]')"
	} 0 .. $#advertisers);
is(query(q{SELECT pinterest.materialize('live.lists', 'copy.lists')}), 'copy.lists', 'lists of entities');
is( query(q{SELECT count(*), count(DISTINCT advertiser_id),
		(SELECT count(*) FROM ((TABLE live.whole_list EXCEPT TABLE copy.lists) UNION ALL (TABLE copy.lists EXCEPT TABLE live.whole_list)) d)
		FROM copy.lists}),
	'12|6|0',
	'... with all of them');

#
# What does not go together
#

query(qq{
	CREATE TABLE live.mixed ($columns) PARTITION BY LIST (advertiser_id);
	CREATE FOREIGN TABLE live.mixed_1 PARTITION OF live.mixed FOR VALUES IN ('1')
		SERVER pinterest OPTIONS (resource 'campaign_report', advertiser_id '1');
	CREATE FOREIGN TABLE live.mixed_2 PARTITION OF live.mixed FOR VALUES IN ('2')
		SERVER pinterest OPTIONS (resource 'campaign_report', advertiser_id '2', conversion_report_time 'TIME_OF_CONVERSION');});
like(try(q{SELECT pinterest.materialize('live.mixed', 'copy.mixed')}),
	qr/ERROR:  55000: foreign tables "live.mixed_1" and "live.mixed_2" cannot be copied into one table\nDETAIL:  .*TIME_OF_AD_ACTION.*TIME_OF_CONVERSION.*\nHINT:  Give them the same options/,
	'tables that are loaded in different ways');
query(q{ALTER FOREIGN TABLE live.mixed_2 OPTIONS (DROP conversion_report_time, SET advertiser_id '2,1')});
like(try(q{SELECT pinterest.materialize('live.mixed', 'copy.mixed')}),
	qr/ERROR:  55000: advertiser 1 belongs to foreign table "live.mixed_2" and to another one\n.*\nHINT:  Set the option "advertiser_id" .* ALTER FOREIGN TABLE live\.mixed_2 OPTIONS \(SET advertiser_id /,
	'an advertiser of two of them');
query(qq{ALTER TABLE live.mixed DETACH PARTITION live.mixed_2;
	CREATE TABLE live.plain PARTITION OF live.mixed FOR VALUES IN ('2')});
like(try(q{SELECT pinterest.materialize('live.mixed', 'copy.mixed')}),
	qr/ERROR:  42809: "live.plain" is not a foreign table of pinterest_fdw\nDETAIL:  It is below "live.mixed"/,
	'an ordinary table among them');
query(qq{CREATE TABLE live.childless ($columns) PARTITION BY LIST (advertiser_id)});
like(try(q{SELECT pinterest.materialize('live.childless', 'copy.childless')}),
	qr/ERROR:  42809: "live.childless" has no foreign tables of pinterest_fdw below it\nHINT:  Create them/,
	'nothing below it');
like(try(q{SELECT pinterest.materialize('copy.report', 'copy.twice')}),
	qr/ERROR:  42809: "copy.report" is not a foreign table of pinterest_fdw\nHINT:  IMPORT/,
	'an ordinary table');

# The parent goes
query('DROP TABLE live.report');
is(query(q{SELECT status FROM pinterest.status WHERE target = 'copy.report'::regclass}), 'orphaned',
	'without its source a copy is orphaned');
like(try(q{SELECT pinterest.refresh('copy.report')}),
	qr/ERROR:  42P01: the foreign table that table "copy.report" is loaded from has been dropped/,
	'... and cannot be refreshed');

done_testing();
