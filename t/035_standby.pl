
# Copyright (c) 2026, pinterest_fdw contributors

# What is a fact of one server or process is not taken for one of another: a
# refresh that is under way, seen from a standby, and a session's locks, which
# users can release.

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
	campaigns => 2,
	ad_groups => 1,
	ads => 1,
	report_delay => 0);
my $node =
  PinterestSandbox::start_node('primary', "timezone = 'UTC'", allows_streaming => 1);
$sandbox->connect($node, options => "historical_date '5 days'");

sub query
{
	my ($sql, $on) = @_;
	return ($on // $node)->safe_psql('postgres', $sql);
}

query(q{
	CREATE FOREIGN TABLE live_campaigns (advertiser_id text NOT NULL, campaign_id text NOT NULL, name text)
		SERVER pinterest OPTIONS (resource 'campaigns');
	CREATE FOREIGN TABLE live_report (advertiser_id text NOT NULL, campaign_id text NOT NULL, date date NOT NULL, spend_in_dollar numeric)
		SERVER pinterest OPTIONS (resource 'campaign_report');
	CREATE SCHEMA ads;
	SELECT pinterest.materialize('live_campaigns', 'ads.campaigns');
	SELECT pinterest.materialize('live_report', 'ads.report')});

#
# A standby
#

$node->backup('backup');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'backup', has_streaming => 1);
$standby->start;

my $status = q{SELECT status FROM pinterest.status WHERE target = 'ads.report'::regclass};
my $log = q{SELECT outcome, sqlstate, message FROM pinterest.refresh_log WHERE target_name = 'ads.report' ORDER BY id DESC LIMIT 1};
my $unready = {
	match => { method => 'GET', path => 'reports$' },
	report_status => 'IN_PROGRESS',
	count => -1
};
my $session = PsqlSession->new($node);
foreach my $way (
	[ 'refresh', q{SELECT rows > 0 FROM pinterest.refresh('ads.report')} ],
	[ 'refresh_all', q{CALL pinterest.refresh_all('{ads.report}')} ])
{
	my ($name, $call) = @$way;
	$sandbox->faults($unready);
	$session->begin($call);
	wait_until("$name to be under way", sub { query($status) eq 'importing' });
	$node->wait_for_catchup($standby, 'replay', $node->lsn('insert'));
	is(query($status, $standby), 'importing', "$name: under way, seen from the standby");
	is(query($log, $standby), 'running||', "$name: in the log, too");
	is( query(q{SELECT last_error IS NULL AND last_error_at IS NULL FROM pinterest.status WHERE target = 'ads.report'::regclass}, $standby),
		't', "$name: which is no error");
	$sandbox->clear_faults;
	my ($out, $err) = $session->finish;
	is($err, '', "$name: succeeds");
	$node->wait_for_catchup($standby, 'replay', $node->lsn('insert'));
	is(query($status, $standby), 'ready', "$name: ready, on the standby as well");
	is(query($log, $standby), 'succeeded||', "$name: succeeded");
}

# One that is under way when the primary is lost
$sandbox->faults($unready);
$session->begin(q{CALL pinterest.refresh_all('{ads.report}')});
wait_until('refresh_all to be under way', sub { query($status) eq 'importing' });
$node->wait_for_catchup($standby, 'replay', $node->lsn('insert'));
$node->stop('immediate');
$session->finish;
$session->gone;
is(query($status, $standby), 'importing', 'the standby cannot know that the primary has gone');
$standby->promote;
is(query($status, $standby), 'failed', 'after its promotion the refresh has failed');
like(query($log, $standby), qr/^failed\|57P02\|/, 'as its backend has ended');
$sandbox->clear_faults;
is(query(q{SELECT rows > 0 FROM pinterest.refresh('ads.report')}, $standby), 't', 'and the next one works');

#
# Locks that users can release
#

$node = $standby;
query(q{
	CREATE FUNCTION unlock() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN
			PERFORM pg_advisory_unlock_all();
			RETURN NULL;
		END $$;
	CREATE TRIGGER unlock BEFORE INSERT OR UPDATE OR DELETE ON ads.campaigns
		FOR EACH STATEMENT EXECUTE FUNCTION unlock();
	-- once that has happened, hold the refresh until somebody lets it go
	CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN
			PERFORM pg_advisory_xact_lock_shared(42);
			RETURN NULL;
		END $$;
	CREATE TRIGGER wait_for_it AFTER INSERT OR UPDATE OR DELETE ON ads.campaigns
		FOR EACH STATEMENT EXECUTE FUNCTION hold();
	UPDATE ads.campaigns SET name = 'x';});

# While it applies, and while it waits for the reports of other tables
my $holder = PsqlSession->new($node);
$session = PsqlSession->new($node);
my $second = PsqlSession->new($node);
$second->execute(q{SET lock_timeout = '1s'});
$holder->execute('SELECT pg_advisory_lock(42)');
foreach my $call (
	q{CALL pinterest.refresh_all('{ads.campaigns}')},
	q{SELECT count(*) FROM pinterest.refresh('ads.campaigns')})
{
	$session->begin($call);
	wait_until('the trigger to wait',
		sub { query(q{SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted}) == 1 });
	like(
		$second->execute(q{SELECT pinterest.refresh('ads.campaigns')}),
		qr/ERROR:  55P03: table "ads.campaigns" is already being refreshed/,
		"$call: pg_advisory_unlock_all() in a trigger lets no second refresh in");
	like(
		$second->execute(q{SELECT pinterest.materialize('live_campaigns', 'ads.campaigns', false)}),
		qr/ERROR:  55P03: table "ads.campaigns" is already being refreshed/,
		'nor is the table registered anew meanwhile');
	is(query(q{SELECT status FROM pinterest.status WHERE target = 'ads.campaigns'::regclass}),
		'importing', 'it is known to be under way');
	$holder->execute('SELECT pg_advisory_unlock(42)');
	my ($out, $err) = $session->finish;
	is($err, '', 'and goes on to its end, without a warning');
	$holder->execute('SELECT pg_advisory_lock(42)');
	query(q{
		ALTER TABLE ads.campaigns DISABLE TRIGGER wait_for_it;
		UPDATE ads.campaigns SET name = 'x';
		ALTER TABLE ads.campaigns ENABLE TRIGGER wait_for_it});
}
$holder->execute('SELECT pg_advisory_unlock(42)');
like($second->execute(q{SELECT rows FROM pinterest.refresh('ads.campaigns')}),
	qr/^2$/, 'then a second one gets in');

# What the session of the caller had locked before stays locked.
$session->execute(q{ALTER TABLE ads.campaigns DISABLE TRIGGER unlock});
$session->execute('SELECT pg_advisory_lock(7)');
$session->execute(q{CALL pinterest.refresh_all('{ads.campaigns}')});
is(query(q{SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 7}),
	1, "the session's own advisory locks stay");
is(query(q{SELECT count(*) FROM pg_locks WHERE locktype = 'object' AND classid > 16383}),
	0, 'and no lock of the refresh does');

$_->quit foreach $session, $second, $holder;
$node->stop;
done_testing();
