
# Copyright (c) 2026, pinterest_fdw contributors

# A standby that is promoted while its primary refreshes, and goes on doing so: there
# is nothing half-done on the new one, which knows that these refreshes are not its own.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use PinterestSandbox;
use PsqlSession qw(wait_until);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $sandbox = PinterestSandbox->new(
	campaigns => 5,
	ad_groups => 1,
	ads => 1,
	report_delay => 0,
	today => PinterestSandbox::day(0));
my $primary = PinterestSandbox::start_node('primary', "timezone = 'UTC'\njit = off", allows_streaming => 1);
my $start = PinterestSandbox::day(5);
$sandbox->connect($primary, options => "historical_date '$start', report_reuse '0'");

sub query
{
	my ($node, $sql) = @_;
	return $node->safe_psql('postgres', $sql);
}

# The second table waits in the middle of being changed, as long as somebody likes.
query($primary, q{
	CREATE SCHEMA live;
	CREATE SCHEMA ads;
	IMPORT FOREIGN SCHEMA ads LIMIT TO (campaigns, campaign_report, ad_group_report) FROM SERVER pinterest INTO live;
	SELECT pinterest.materialize('live.campaign_report', 'ads.campaign_report');
	SELECT pinterest.materialize('live.ad_group_report', 'ads.ad_group_report');
	SELECT pinterest.materialize('live.campaigns', 'ads.campaigns');
	CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN
			PERFORM pg_advisory_xact_lock_shared(42);
			RETURN NULL;
		END $$;
	CREATE TRIGGER hold AFTER INSERT OR UPDATE OR DELETE ON ads.ad_group_report
		FOR EACH STATEMENT EXECUTE FUNCTION hold()});
$primary->backup('backup');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'backup', has_streaming => 1);
$standby->start;

my %tables = (
	'ads.campaign_report' => 'live.campaign_report',
	'ads.ad_group_report' => 'live.ad_group_report',
	'ads.campaigns' => 'live.campaigns');

sub contents
{
	my ($node, $table) = @_;
	return query($node, "SELECT count(*), md5(string_agg(t::text, ' ' ORDER BY t::text)) FROM $table AS t");
}

sub differences
{
	my ($node, $table) = @_;
	return query($node, qq{SELECT count(*) FROM ((TABLE $table EXCEPT TABLE $tables{$table})
		UNION ALL (TABLE $tables{$table} EXCEPT TABLE $table)) AS x});
}

my %before = map { $_ => contents($primary, $_) } keys %tables;
my $registry = q{SELECT m FROM pinterest_internal.materialized_tables AS m ORDER BY target::text};
my $registered = query($primary, $registry);
$sandbox->next_revision;
query($primary, q{UPDATE ads.ad_group_report SET total_impression = -1 WHERE date = (SELECT min(date) FROM ads.ad_group_report)});
$before{'ads.ad_group_report'} = contents($primary, 'ads.ad_group_report');

# One refresh waits for its report, one is in the middle of its table, and one is over.
my ($holder, $waiting, $applying) = map { PsqlSession->new($primary) } 1 .. 3;
$holder->execute('SELECT pg_advisory_lock(42)');
$applying->begin(q{SELECT updated > 0 FROM pinterest.refresh('ads.ad_group_report')});
wait_until('a table to be changed', sub {
	query($primary, q{SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted}) == 1 });
$sandbox->faults({ match => { method => 'GET', path => 'reports$' }, report_status => 'IN_PROGRESS', count => -1 });
$waiting->begin(q{CALL pinterest.refresh_all('{ads.campaign_report}')});
wait_until('a report to be waited for', sub {
	query($primary, q{SELECT count(*) FROM pinterest.status WHERE status = 'importing'}) == 2 });
query($primary, q{SELECT pinterest.refresh('ads.campaigns'); SELECT pg_switch_wal()});
$before{'ads.campaigns'} = contents($primary, 'ads.campaigns');
$primary->wait_for_catchup($standby, 'replay', $primary->lsn('insert'));

$standby->promote;
is(query($standby, 'SELECT pg_is_in_recovery()'), 'f', 'the standby is a primary');
is(contents($standby, $_), $before{$_}, "$_ is whole") foreach sort keys %tables;
is(query($standby, $registry) =~ s/\(\S*campaigns,.*//r, $registered =~ s/\(\S*campaigns,.*//r, 'what is known of them as well');
is( query($standby, q{SELECT string_agg(target || ' ' || status, ', ' ORDER BY target::text) FROM pinterest.status}),
	'ads.ad_group_report failed, ads.campaign_report failed, ads.campaigns ready',
	'which of them have been interrupted');
my $log = q{SELECT string_agg(concat_ws(' ', target, outcome, sqlstate), ', ' ORDER BY target::text)
	FROM (SELECT DISTINCT ON (target) * FROM pinterest.refresh_log ORDER BY target, id DESC) AS l};
is( query($standby, $log),
	'ads.ad_group_report failed 57P02, ads.campaign_report failed 57P02, ads.campaigns succeeded',
	'and that they have ended');
is( query($primary, q{SELECT count(*) FROM pinterest.status WHERE status = 'importing'}),
	2, 'the old primary goes on with them');

# Somebody holds the lock of the old primary, not here.
$sandbox->clear_faults;
foreach my $table (sort keys %tables)
{
	is(query($standby, "SELECT count(*) FROM pinterest.refresh('$table')"), 1, "$table is refreshed by the new one");
	is(differences($standby, $table), 0, 'to what Pinterest has');
}
is( query($standby, q{SELECT string_agg(DISTINCT status, ' ') FROM pinterest.status}),
	'ready', 'all are ready');
is( query($standby, q{SELECT count(*) FROM pinterest.refresh_log WHERE outcome = 'running'}),
	0, 'no record is open');
is( query($standby, q{SELECT count(*) FROM pinterest.refresh_log WHERE sqlstate = '57P02'}),
	2, 'those of the interrupted ones stay');
is( query($standby, q{SELECT count(*) FROM pg_class WHERE relpersistence = 't'}),
	0, 'and no temporary table does');

# The old one is none the wiser, nor the worse.
$holder->execute('SELECT pg_advisory_unlock(42)');
is(join('', $applying->finish), 't', 'a refresh of the old primary ends');
is(join('', $waiting->finish), '', 'and the other');
is(differences($primary, $_), 0, "$_ of the old one is what Pinterest has") foreach sort keys %tables;

$_->quit foreach $holder, $waiting, $applying;
$_->stop foreach $primary, $standby;
done_testing();
