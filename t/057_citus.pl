
# Copyright (c) 2026, pinterest_fdw contributors

# Copies that Citus has distributed over a coordinator and a worker.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use PinterestSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $pg_config = $ENV{PG_CONFIG} // 'pg_config';
chomp(my $share = `$pg_config --sharedir`);
plan skip_all => 'Citus is not installed' unless -e "$share/extension/citus.control";

my $conf = q{
	timezone = 'UTC'
	shared_preload_libraries = 'citus'
	max_prepared_transactions = 20
	wal_level = logical
	max_worker_processes = 16};
my $sandbox = PinterestSandbox->new(
	advertisers => 4,
	campaigns => 4,
	ad_groups => 1,
	ads => 1,
	today => PinterestSandbox::day(0),
	report_delay => 0);

my ($first, $second) = $sandbox->advertisers;

# The nodes talk to each other over TCP.
$PostgreSQL::Test::Cluster::use_tcp = 1;
$PostgreSQL::Test::Cluster::test_pghost = '127.0.0.1';
my ($node, $worker) = map { PinterestSandbox::start_node($_, $conf) } ('main', 'worker');

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

my %live = (report => 'campaign_report', hashed => 'campaign_report');

sub differ
{
	my ($copy) = @_;
	my $live = $live{$copy};
	return query(qq{SELECT count(*) FROM
		((TABLE pinterest_live.$live EXCEPT TABLE copy.$copy) UNION ALL
		(TABLE copy.$copy EXCEPT TABLE pinterest_live.$live)) d});
}

$worker->safe_psql('postgres', 'CREATE EXTENSION citus');
query('CREATE EXTENSION citus');
query(sprintf q{SELECT citus_set_coordinator_host('127.0.0.1', %d); SELECT citus_add_node('127.0.0.1', %d)},
	$node->port, $worker->port);
$sandbox->connect($node, options => "retry_timeout '60', historical_date '20 days'");
query(q{
	CREATE SCHEMA pinterest_live;
	CREATE SCHEMA copy;
	IMPORT FOREIGN SCHEMA ads LIMIT TO (campaigns, campaign_report) FROM SERVER pinterest INTO pinterest_live;
	SELECT pinterest.materialize('pinterest_live.campaign_report', 'copy.report', with_data => false);
	SELECT pinterest.materialize('pinterest_live.campaign_report', 'copy.hashed');
	SELECT pinterest.materialize('pinterest_live.campaigns', 'copy.lists', with_data => false, keep_deleted => true);
	SELECT create_distributed_table('copy.report', 'advertiser_id', shard_count := 4);
	SELECT create_distributed_table('copy.hashed', 'campaign_id', shard_count := 4);
	SELECT create_reference_table('copy.lists');});

sub differ_lists
{
	return query(q{SELECT count(*) FROM
		((SELECT *, NULL::timestamptz FROM pinterest_live.campaigns EXCEPT TABLE copy.lists) UNION ALL
		(TABLE copy.lists EXCEPT SELECT *, NULL::timestamptz FROM pinterest_live.campaigns)) d});
}

is(try('CALL pinterest.refresh_all()'), '', 'first loads');
is(differ('report'), '0', '... of a distributed table');
is(differ('hashed'), '0', '... of one that was loaded before it was distributed');
is(differ_lists(), '0', '... and of a reference table');
is( query(
		sprintf q{SELECT count(*) FROM citus_shards WHERE table_name = 'copy.report'::regclass AND nodeport = %d},
		$worker->port),
	'4',
	'... which has its shards on the worker');
is(query('SELECT count(*) > 0 FROM copy.report'), 't', '... and rows');
is(query(q{SELECT pg_relation_size('copy.report')}), '0',
	'... none of them beside its shards');
is(query(q{SELECT inserted + updated + deleted FROM pinterest.refresh('copy.report')}), '0', 'nothing has changed');

foreach my $table ('report', 'hashed')
{
	query(qq{
		DELETE FROM copy.$table WHERE date = current_date - 3 AND advertiser_id = '$first';
		UPDATE copy.$table SET total_impression = -1 WHERE date = current_date - 4;
		INSERT INTO copy.$table (advertiser_id, campaign_id, date) VALUES ('$second', 'x', current_date - 5);});
	is(query(qq{SELECT inserted > 0, updated > 0, deleted FROM pinterest.refresh('copy.$table')}), 't|t|1',
		"$table: rows are inserted, updated and deleted");
	is(differ($table), '0', '... and all is as Pinterest has it');
	is(query(qq{SELECT inserted + updated + deleted FROM pinterest.refresh('copy.$table')}), '0', '... now');
}

query(q{DELETE FROM copy.lists WHERE campaign_id = (SELECT min(campaign_id) FROM copy.lists);
	INSERT INTO copy.lists (advertiser_id, campaign_id) SELECT min(advertiser_id), 'gone' FROM copy.lists;
	UPDATE copy.lists SET name = 'x' WHERE campaign_id = (SELECT max(campaign_id) FROM copy.lists WHERE campaign_id <> 'gone')});
is(query(q{SELECT inserted, updated, deleted FROM pinterest.refresh('copy.lists')}), '1|1|1',
	'a reference table');
is(query(q{SELECT count(*) FROM copy.lists WHERE deleted_at IS NOT NULL}), '1', '... which keeps who is gone');
query(q{DELETE FROM copy.lists WHERE deleted_at IS NOT NULL});
is(differ_lists(), '0', '... and has all others');

# A part, and a failure
$sandbox->next_revision;
is(try(q{SELECT rows > 0 FROM pinterest.refresh('copy.report', last => '5 days')}), 't', 'the last days');
is(query(q{SELECT count(*) FROM pinterest.refresh('copy.report')}), '1', '... and all of them');
is(differ('report'), '0', '... and all is there');
query(q{UPDATE copy.report SET total_impression = -1; ALTER TABLE copy.report ADD CONSTRAINT low CHECK (total_impression < 0)});
like(try(q{SELECT pinterest.refresh('copy.report')}), qr/ERROR:  23514: /, 'a failure on a shard');
is(query('SELECT count(*) FROM copy.report WHERE total_impression >= 0'), '0', '... undoes what was done on all of them');
query('ALTER TABLE copy.report DROP CONSTRAINT low');

# Columns that are new
query(q{ALTER FOREIGN TABLE pinterest_live.campaign_report ADD COLUMN total_click_checkout_quantity bigint});
like(try(q{SELECT rows > 0 FROM pinterest.refresh('copy.report')}), qr/^t/, 'a new column');
is(query(q{SELECT count(*) FROM copy.report WHERE total_click_checkout_quantity IS NULL}), '0', '... has come to all shards');

# Other options: what would stay as it was is refused
query(q{ALTER FOREIGN TABLE pinterest_live.campaign_report OPTIONS (ADD conversion_report_time 'TIME_OF_CONVERSION', ADD historical_date '10 days')});
like(try(q{SELECT pinterest.refresh('copy.report')}),
	qr/ERROR:  55000: refresh of table "copy.report" would mix rows that were loaded in different ways/,
	'older rows of another report time');
like(try(q{SELECT rows > 0 FROM pinterest.refresh('copy.report', since => (current_date - 20))}), qr/^t/,
	'... unless all are loaded anew');

done_testing();
