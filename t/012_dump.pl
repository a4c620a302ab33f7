
# Copyright (c) 2026, pinterest_fdw contributors

# A database with materialized tables can be dumped and restored, all of it or a
# part.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use PinterestSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $sandbox = PinterestSandbox->new(
	campaigns => 4,
	ad_groups => 1,
	ads => 1,
	report_delay => 0);
my $node = PinterestSandbox::start_node('main');
$sandbox->import_into($node, options => "historical_date '10 days'");
$node->safe_psql(
	'postgres', q{
	CREATE SCHEMA ads;
	CREATE SCHEMA "Odd ""schema";
	SELECT pinterest.materialize('pinterest_live.campaign_report', 'ads.campaign_report');
	SELECT pinterest.materialize('pinterest_live.campaigns', 'ads.campaigns');
	SELECT pinterest.materialize('pinterest_live.ads', 'ads.ads');
	SELECT pinterest.materialize('pinterest_live.ad_groups', '"Odd ""schema"."Odd ""table"', keep_deleted => true);
	INSERT INTO "Odd ""schema"."Odd ""table" (advertiser_id, ad_group_id, deleted_at)
		SELECT DISTINCT advertiser_id, '1', timestamptz '2026-01-01 00:00+00' FROM ads.ads;
	CREATE FOREIGN TABLE gone (advertiser_id text, campaign_id text, name text)
		SERVER pinterest OPTIONS (resource 'campaigns');
	SELECT pinterest.materialize('gone', 'ads.orphan');
	DROP FOREIGN TABLE gone;
	CREATE FOREIGN TABLE own_names (campaign_id text, title text OPTIONS (column_name 'name'))
		SERVER pinterest OPTIONS (resource 'campaigns');
	ALTER TABLE ads.campaigns RENAME TO renamed;
	ALTER SCHEMA ads RENAME TO "Ads";});
my $registry =
  'SELECT target, source, cardinality(columns), api_names, settings, keep_deleted FROM pinterest_internal.materialized_tables ORDER BY target::text';
my $before = $node->safe_psql('postgres', $registry);
is( $node->safe_psql('postgres',
		'SELECT target, source FROM pinterest_internal.materialized_tables ORDER BY target::text'
	),
	join("\n",
		'"Ads".ads|pinterest_live.ads',
		'"Ads".campaign_report|pinterest_live.campaign_report',
		'"Ads".orphan|-',
		'"Ads".renamed|pinterest_live.campaigns',
		'"Odd ""schema"."Odd ""table"|pinterest_live.ad_groups'),
	'names in the registry follow the tables');

my $dir = PostgreSQL::Test::Utils::tempdir;
my $n = 0;

# Dumps with some options, restores into a new database, and returns its name.
sub restore
{
	my ($name, $how, @options) = @_;
	my $database = 'restored' . ++$n;
	my $file = "$dir/$database";
	$node->command_ok(
		[
			'pg_dump', '-d', $node->connstr('postgres'),
			'--format', $how, '--file', $file, @options
		],
		"$name: dumped");
	$node->safe_psql('postgres', "CREATE DATABASE $database");
	$node->command_ok(
		$how eq 'plain'
		? [
			'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d',
			$node->connstr($database), '-f', $file
		  ]
		: [
			'pg_restore', '--exit-on-error',
			($how eq 'directory' ? ('--jobs', 2) : ()), '-d',
			$node->connstr($database), $file
		],
		"$name: restored");
	return $database;
}

foreach my $how (qw(plain custom directory))
{
	my $database = restore("all, $how", $how);
	is($node->safe_psql($database, $registry), $before, "all, $how: the registry");
	is( $node->safe_psql($database,
			'SELECT target, status FROM pinterest.status ORDER BY target::text'),
		join("\n",
			'"Ads".ads|new',
			'"Ads".campaign_report|new',
			'"Ads".orphan|orphaned',
			'"Ads".renamed|new',
			'"Odd ""schema"."Odd ""table"|new'),
		"all, $how: status");
	is( $node->safe_psql(
			$database,
			q{SELECT inserted, updated, deleted, unchanged > 0 FROM pinterest.refresh('"Ads".campaign_report')}
		),
		'0|0|0|t',
		"all, $how: refreshes go on");
	is( $node->safe_psql(
			$database,
			q{SELECT inserted, updated, deleted FROM pinterest.refresh('"Odd ""schema"."Odd ""table"');
			SELECT ad_group_id, deleted_at AT TIME ZONE 'UTC' FROM "Odd ""schema"."Odd ""table" WHERE deleted_at IS NOT NULL;}
		),
		"0|0|0\n1|2026-01-01 00:00:00",
		"all, $how: what is kept stays");
	is($node->safe_psql($database, 'SELECT count(title) FROM own_names'),
		4, "all, $how: columns that get their options after the table");
}

{
	my $database =
	  restore('without tables', 'plain', '--exclude-table', '"Ads".ads',
		'--exclude-table', '"Odd ""schema".*');
	is( $node->safe_psql($database, $registry),
		join("\n", grep { !/"Ads".ads|Odd/ } split /\n/, $before),
		'without tables: the registry has the others');
	is( $node->safe_psql(
			$database,
			q{SELECT unchanged > 0 FROM pinterest.refresh('"Ads".renamed')}),
		't',
		'without tables: refreshes of the others go on');
}

{
	my $database = restore('without foreign tables', 'plain', '--exclude-table',
		'pinterest_live.*');
	is( $node->safe_psql(
			$database,
			q{SELECT source, count(*) FROM pinterest_internal.materialized_tables GROUP BY 1}
		),
		'-|5',
		'without foreign tables: the sources are unknown');
	my ($status, $out, $err) = $node->psql($database,
		q{SELECT pinterest.refresh('"Ads".renamed')});
	like(
		$err,
		qr/the foreign table that table "Ads.renamed" is loaded from has been dropped.*HINT/s,
		'without foreign tables: a refresh says so');
}

{
	my $database = restore('a schema alone', 'plain', '--schema', '"Ads"');
	is($node->safe_psql($database, 'SELECT count(*) FROM "Ads".renamed'),
		4, 'a schema alone: ordinary tables, without the extension');
}

{
	my $database = restore('without data', 'plain', '--schema-only');
	is($node->safe_psql($database, $registry), '', 'without data: no registry');
}

# All that sets a database up can stand in one transaction.
{
	$node->safe_psql('postgres', 'CREATE DATABASE one');
	my ($url, $advertiser, $token) =
	  ($sandbox->api_url, $sandbox->advertiser, $sandbox->token);
	my ($status, $out, $err) = $node->psql(
		'one', qq{
		BEGIN;
		CREATE EXTENSION pinterest_fdw;
		CREATE SERVER pinterest FOREIGN DATA WRAPPER pinterest_fdw
			OPTIONS (api_url '$url', advertiser_id '$advertiser');
		CREATE USER MAPPING FOR CURRENT_USER SERVER pinterest OPTIONS (access_token '$token');
		CREATE FOREIGN TABLE live (advertiser_id text, campaign_id text, name text)
			SERVER pinterest OPTIONS (resource 'campaigns');
		SELECT pinterest.materialize('live', 'campaigns');
		COMMIT;
		SELECT status, rows FROM pinterest.status;});
	is($err, '', 'set up in one transaction');
	is($out, "campaigns\nready|4", 'set up in one transaction: ready');
}

$node->stop;
done_testing();
