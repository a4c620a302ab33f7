
# Copyright (c) 2026, pinterest_fdw contributors

# What is dropped while event triggers are disabled leaves nothing behind for ever:
# whoever comes by clears it.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use PinterestSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use PsqlSession;
use Test::More;

my $has_cron = PinterestSandbox::has_cron();

my $sandbox = PinterestSandbox->new(
	advertisers => 1,
	campaigns => 1,
	ad_groups => 1,
	ads => 1,
	report_delay => 0);
my $node = PinterestSandbox::start_node(
	'main', q{
	timezone = 'UTC'
	lock_timeout = 30s} . PinterestSandbox::cron_conf());
$sandbox->connect($node);

sub query { return $node->safe_psql('postgres', $_[0]); }

sub try { return PinterestSandbox::answer($node, $_[0]); }

query(q{
	CREATE SCHEMA live;
	CREATE SCHEMA ads;
	CREATE FOREIGN TABLE live.campaigns (advertiser_id text NOT NULL, campaign_id text NOT NULL, name text)
		SERVER pinterest OPTIONS (resource 'campaigns');
	SELECT pinterest.materialize('live.campaigns', 'ads.stays')});
query('CREATE EXTENSION pg_cron') if $has_cron;

# A table that was dropped unnoticed; returns its OID.
sub orphan
{
	my ($name, $scheduled) = @_;
	query("SELECT pinterest.materialize('live.campaigns', 'ads.$name')");
	query("SELECT pinterest.schedule('ads.$name', 'hourly')") if $scheduled && $has_cron;
	my $oid = query("SELECT 'ads.$name'::regclass::oid");
	query(qq{
		ALTER EVENT TRIGGER pinterest_fdw_on_drop DISABLE;
		DROP TABLE ads.$name;
		ALTER EVENT TRIGGER pinterest_fdw_on_drop ENABLE ALWAYS});
	return $oid;
}

# Where a table is still known
sub left
{
	my ($oid) = @_;
	return query(qq{
		SELECT string_agg(x.what, ' ' ORDER BY x.what) FROM (
			SELECT 'registry' AS what FROM pinterest_internal.materialized_tables WHERE target::text = '-'
			UNION SELECT 'runs' FROM pinterest_internal.refresh_runs WHERE target = $oid
			UNION SELECT 'freshness' FROM pinterest_internal.freshness WHERE target = $oid
			UNION SELECT 'schedules' FROM pinterest_internal.schedules WHERE '-' = ANY (targets::text[])) AS x});
}

my $jobs = 'SELECT count(*) FROM cron.job';
my $all = $has_cron ? 'freshness registry runs schedules' : 'freshness registry runs';

my %calls = (
	'check()' => q{SELECT count(*) > 0 FROM pinterest.check('pinterest')},
	'unschedule() of another table' => q{SELECT pinterest.unschedule('ads.stays')});
$calls{'schedule() of another table'} = q{SELECT pinterest.schedule('ads.stays', 'daily')} if $has_cron;
foreach my $call (sort keys %calls)
{
	my $oid = orphan('t', 1);
	is(left($oid), $all, 'a table is dropped unnoticed');
	unlike(try($calls{$call}), qr/ERROR|WARNING/, $call);
	is(left($oid), '', 'clears what was left');
	query(q{SELECT pinterest.unschedule('ads.stays')});
	is(query($jobs), 0, 'and the job') if $has_cron;
}

{
	my $oid = orphan('t', 0);
	unlike(try('CALL pinterest.refresh_all()'), qr/ERROR|WARNING/, 'refresh_all()');
	is(left($oid), '', 'clears what was left');
	$oid = orphan('t', 0);
	query(q{SELECT pinterest.refresh('ads.stays')}) foreach 1 .. 10;
	is(left($oid), '', 'as refreshes do now and then');
	is(query(q{SELECT count(*) > 10 FROM pinterest.refresh_log WHERE target_name = 'ads.t' OR target = 'ads.stays'::regclass}),
		't', 'refreshes stay on record');
}

SKIP:
{
	skip 'pg_cron is not installed', 1 unless $has_cron;
	my $oid = orphan('t', 1);
	is(query("SELECT pinterest.unschedule($oid)"), 't', 'unschedule() by OID');
	is(left($oid), '', 'clears what was left');
	is(query($jobs), 0, 'and the job');
	like(try("SELECT pinterest.unschedule($oid)"), qr/^ERROR: .*relation with OID $oid does not exist/, 'once');

	# a job that pg_cron runs meanwhile
	$oid = orphan('t', 1);
	my $command = query('SELECT command FROM cron.job');
	like(try($command),
		qr/^WARNING:  42P01: table "ads\.t" has been dropped or is no longer scheduled, so its job is removed$/m,
		'a job of a table that is gone says so');
	is(query($jobs), 0, 'and ends itself');
	is(left($oid), '', 'with all that was left');
	query(q{SELECT pinterest.schedule('ads.stays', 'daily')});
	$command = query('SELECT command FROM cron.job');
	query('DELETE FROM pinterest_internal.schedules; CREATE ROLE other; GRANT USAGE ON SCHEMA pinterest_internal TO other');
	try("SET ROLE other; $command");
	is(query($jobs), 1, 'another role cannot end a job without a schedule');
	try($command);
	is(query($jobs), 0, 'which ends itself, too');
}

# A table that its transaction has not committed yet is not gone.
{
	my $session = PsqlSession->new($node);
	$session->execute(q{BEGIN; SELECT pinterest.materialize('live.campaigns', 'ads.later')});
	query(q{SELECT count(*) FROM pinterest.check('pinterest'); CALL pinterest.refresh_all(ARRAY['ads.stays']::regclass[])});
	$session->execute('COMMIT');
	$session->quit;
	is(query(q{SELECT count(*) FROM pinterest.refresh_log WHERE target = 'ads.later'::regclass}),
		1, 'a table that is just being created is not gone');
}

# What must not write, does not.
{
	my $oid = orphan('t', 1);
	unlike(
		try(q{BEGIN READ ONLY; SELECT count(*) FROM pinterest.check('pinterest') WHERE item = 'dropped tables'; COMMIT}),
		qr/ERROR/, 'check() in a read-only transaction');
	is(left($oid), $all, 'leaves all as it is');
}

$node->stop;
done_testing();
