
# Copyright (c) 2026, pinterest_fdw contributors

# A materialized table whose older months are on another server, as partitions of
# postgres_fdw.

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
plan skip_all => 'postgres_fdw is not installed' unless -e "$share/extension/postgres_fdw.control";

my $today = PinterestSandbox::day(0);
my $recent = PinterestSandbox::day(10);
my $sandbox = PinterestSandbox->new(
	advertisers => 2,
	campaigns => 4,
	ad_groups => 1,
	ads => 1,
	today => $today,
	report_delay => 0);
my $node = PinterestSandbox::start_node('main', "timezone = 'UTC'");
my $archive = PinterestSandbox::start_node('archive', "timezone = 'UTC'");
my $columns = q{advertiser_id text, campaign_id text, date date,
	spend_in_micro_dollar bigint, total_impression bigint};
my $where = sprintf "host '%s', port '%s', dbname 'postgres'", $archive->host, $archive->port;
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

sub differ
{
	return query(q{SELECT count(*) FROM
		((TABLE live.report EXCEPT ALL TABLE copy.report) UNION ALL
		(TABLE copy.report EXCEPT ALL TABLE live.report)) d});
}

# Rows on the other server, and here
sub sides
{
	return $archive->safe_psql('postgres', 'SELECT count(*) > 0 FROM old') . ' '
	  . query('SELECT count(*) > 0 FROM copy.recent');
}

$archive->safe_psql('postgres',
	"CREATE TABLE old ($columns, PRIMARY KEY (advertiser_id, campaign_id, date));
	CREATE VIEW seen AS TABLE old; CREATE TABLE short (advertiser_id text, campaign_id text, date date);");
query(qq{
	CREATE SCHEMA live;
	CREATE SCHEMA copy;
	CREATE EXTENSION postgres_fdw;
	CREATE SERVER archive FOREIGN DATA WRAPPER postgres_fdw OPTIONS ($where);
	CREATE USER MAPPING FOR CURRENT_USER SERVER archive;
	CREATE FOREIGN TABLE live.report ($columns) SERVER pinterest
		OPTIONS (resource 'campaign_report', historical_date '40 days');
	CREATE TABLE copy.report ($columns) PARTITION BY RANGE (date);
	CREATE TABLE copy.recent PARTITION OF copy.report FOR VALUES FROM ('$recent') TO ('2100-01-01');});

sub attach
{
	my ($options) = @_;
	query(qq{CREATE FOREIGN TABLE copy.old PARTITION OF copy.report
		FOR VALUES FROM ('2000-01-01') TO ('$recent') SERVER archive OPTIONS ($options)});
	return;
}

#
# What cannot be written is refused at once
#

my $adopt = q{SELECT pinterest.materialize('live.report', 'copy.report', with_data => false)};
attach(q{schema_name 'public', table_name 'seen'});
like(try($adopt),
	qr/ERROR:  42703: partition "copy.old" of table "copy.report" cannot be used: column "ctid" does not exist\nHINT:  On the other server it must be a table, and no view/,
	'a view');
query(q{ALTER FOREIGN TABLE copy.old OPTIONS (SET table_name 'short')});
like(try($adopt),
	qr/ERROR:  42703: partition "copy.old" of table "copy.report" cannot be used: column "spend_in_micro_dollar" does not exist/,
	'a table without a column');
query(q{ALTER FOREIGN TABLE copy.old OPTIONS (SET table_name 'old', ADD updatable 'false')});
like(try($adopt),
	qr/ERROR:  0A000: partition "copy.old" of table "copy.report" cannot be written\n.*\nHINT:  Detach the partition, or have it be written: ALTER FOREIGN TABLE copy.old OPTIONS \(SET updatable 'true'\)/,
	'one that may not be written');
query(qq{ALTER TABLE copy.report DETACH PARTITION copy.old; DROP FOREIGN TABLE copy.old;
	CREATE FOREIGN TABLE copy.old PARTITION OF copy.report FOR VALUES FROM ('2000-01-01') TO ('$recent')
		SERVER pinterest OPTIONS (resource 'campaign_report')});
like(try($adopt), qr/ERROR:  0A000: partition "copy.old" of table "copy.report" cannot be written/,
	'one of Pinterest');
query('DROP FOREIGN TABLE copy.old');

#
# Both servers
#

attach(q{schema_name 'public', table_name 'old', batch_size '100'});
is(query($adopt), 'copy.report', 'a table on another server is fine');
is(query(q{SELECT rows = inserted FROM pinterest.refresh('copy.report')}), 't', 'a first load');
is(differ(), '0', '... has all rows');
is(sides(), 't t', '... on both servers');
is(query(q{SELECT inserted + updated + deleted FROM pinterest.refresh('copy.report')}), '0',
	'nothing has changed');

# One row of each kind on each server
foreach my $part ('copy.old', 'copy.recent')
{
	query(qq{
		DELETE FROM $part WHERE (advertiser_id, campaign_id, date) IN
			(SELECT advertiser_id, campaign_id, date FROM $part ORDER BY 1, 2, 3 LIMIT 1);
		UPDATE $part SET total_impression = -1 WHERE (advertiser_id, campaign_id, date) IN
			(SELECT advertiser_id, campaign_id, date FROM $part ORDER BY 1, 2, 3 DESC LIMIT 1);
		INSERT INTO $part SELECT advertiser_id, 'x', date, 0, 0 FROM $part LIMIT 1});
}
is(query(q{SELECT inserted, updated, deleted FROM pinterest.refresh('copy.report')}), '2|2|2',
	'rows are inserted, updated and deleted on both');
is(differ(), '0', '... and all is as Pinterest has it');
$sandbox->next_revision;
is(try('CALL pinterest.refresh_all()'), '', 'refresh_all() does so, too');
is(differ(), '0', '... with all rows');
is( query(q{SELECT status, rows = (SELECT count(*) FROM copy.report) FROM pinterest.status}),
	'ready|t',
	'... and the status has those of both');

# What fails here is undone there
$sandbox->next_revision;
query(q{
	UPDATE copy.report SET total_impression = -1;
	CREATE FUNCTION copy.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not here'; END $$;
	CREATE TRIGGER refuse BEFORE UPDATE ON copy.recent FOR EACH ROW EXECUTE FUNCTION copy.refuse();});
my $before = $archive->safe_psql('postgres', 'SELECT count(*), sum(total_impression) FROM old');
like(try(q{SELECT pinterest.refresh('copy.report')}), qr/ERROR:  P0001: not here/, 'a failure here');
is($archive->safe_psql('postgres', 'SELECT count(*), sum(total_impression) FROM old'),
	$before, '... undoes what was done there');
query('DROP TRIGGER refuse ON copy.recent');
$archive->safe_psql('postgres', 'ALTER TABLE old ADD CHECK (total_impression < 0) NOT VALID');
like(try(q{SELECT pinterest.refresh('copy.report')}), qr/ERROR:  23514: .*violates check constraint/,
	'a failure there');
is(query('SELECT count(*) FROM copy.recent WHERE total_impression >= 0'), '0',
	'... undoes what was done here');
$archive->safe_psql('postgres', 'ALTER TABLE old DROP CONSTRAINT old_total_impression_check');
is(query(q{SELECT count(*) FROM pinterest.refresh('copy.report')}), '1', 'until it does not');
is(differ(), '0', '... and all is there');

# No unique index keeps a second row of a key away
$archive->safe_psql('postgres', 'ALTER TABLE old DROP CONSTRAINT old_pkey;
	INSERT INTO old SELECT * FROM old ORDER BY advertiser_id, campaign_id, date LIMIT 1');
my $told = try(q{SELECT pinterest.refresh('copy.report')});
like($told,
	qr/ERROR:  23505: table "copy.report" has several rows of the same key \(advertiser_id, campaign_id, date\)/,
	'a key that comes twice');
like($told, qr/HINT:  Delete all but one of them.*GROUP BY advertiser_id, campaign_id, date HAVING count\(\*\) > 1/,
	'... and how to find it');
$archive->safe_psql('postgres', 'DELETE FROM old WHERE ctid = (SELECT max(ctid) FROM old)');
is(differ(), '0', 'without it');
is(query(q{SELECT inserted + updated + deleted FROM pinterest.refresh('copy.report')}), '0', '... all is well');

#
# A partition that is missing
#

query(qq{ALTER TABLE copy.report DETACH PARTITION copy.recent});
like(try(q{SELECT pinterest.refresh('copy.report')}),
	qr/ERROR:  23514: no partition of relation "report" found for row\nDETAIL:  Partition key.*\nHINT:  Create the partition, as with CREATE TABLE ... PARTITION OF copy.report FOR VALUES .*pg_partman/,
	'a month without a partition');
query(qq{ALTER TABLE copy.report ATTACH PARTITION copy.recent FOR VALUES FROM ('$recent') TO ('2100-01-01')});
is(query(q{SELECT inserted FROM pinterest.refresh('copy.report')}), '0', '... and with it');

# pg_partman makes those of the months to come.
SKIP:
{
	skip 'pg_partman is not installed', 3 unless -e "$share/extension/pg_partman.control";
	query(qq{
		CREATE SCHEMA partman;
		CREATE EXTENSION pg_partman SCHEMA partman;
		CREATE TABLE copy.monthly ($columns, PRIMARY KEY (advertiser_id, campaign_id, date)) PARTITION BY RANGE (date);});
	my $version = query(q{SELECT split_part(extversion, '.', 1) FROM pg_extension WHERE extname = 'pg_partman'});
	query( $version < 5
		? q{SELECT partman.create_parent('copy.monthly', 'date', 'native', 'monthly', p_premake => 2)}
		: q{SELECT partman.create_parent('copy.monthly', 'date', '1 month', p_premake => 2)});
	query(qq{CREATE FOREIGN TABLE live.monthly ($columns) SERVER pinterest
		OPTIONS (resource 'campaign_report', historical_date '40 days')});
	is(query(q{SELECT pinterest.materialize('live.monthly', 'copy.monthly')}), 'copy.monthly',
		'partitions of pg_partman');
	query(q{SELECT partman.run_maintenance('copy.monthly')});
	is(query(q{SELECT inserted + updated + deleted FROM pinterest.refresh('copy.monthly')}), '0',
		'... after its maintenance');
	is(query(q{SELECT count(*) FROM
		((TABLE live.monthly EXCEPT TABLE copy.monthly) UNION ALL (TABLE copy.monthly EXCEPT TABLE live.monthly)) d}),
		'0', '... have all rows');
}

$node->stop;
$archive->stop;
done_testing();
