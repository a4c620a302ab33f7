
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

#
# Tokens and remembered reports of what is gone
#

# Servers and mappings that reports were asked for with, and tokens issued for
my ($token, $options) = ($sandbox->token, $sandbox->server_options);
my $data = $node->data_dir;

sub make_server
{
	my ($name, $dbname) = @_;
	$node->safe_psql(
		$dbname // 'postgres', qq{
		CREATE SERVER $name FOREIGN DATA WRAPPER pinterest_fdw
			OPTIONS ($options, historical_date '3 days', report_reuse '600');
		CREATE USER MAPPING FOR CURRENT_USER SERVER $name OPTIONS (access_token '$token');
		CREATE FOREIGN TABLE ${name}_report (advertiser_id text, campaign_id text, date date)
			SERVER $name OPTIONS (resource 'campaign_report');
		SELECT count(*) FROM ${name}_report});
	return;
}

# Names of the files of a server that is, or was
sub files
{
	my ($serverid) = @_;
	return grep { /^pinterest_fdw\.\d+\.$serverid\./ } slurp_dir("$data/pg_stat_tmp");
}

sub oid { return query("SELECT oid FROM pg_foreign_server WHERE srvname = '$_[0]'"); }

# Does DDL, as if event triggers were off
sub unnoticed
{
	query("ALTER EVENT TRIGGER pinterest_fdw_on_drop DISABLE; $_[0];
		ALTER EVENT TRIGGER pinterest_fdw_on_drop ENABLE ALWAYS");
	return;
}

# As an authorization leaves it, some time ago
sub issue
{
	my ($server, $age) = @_;
	query(qq{
		INSERT INTO pinterest_internal.authorizations
			(database, role, server, mapping_digest, access_token, refresh_token, issued_at)
		SELECT d.oid, r.oid, '$server', 'x', 'a', 'b', now() - interval '$age'
		FROM pg_database AS d, pg_roles AS r WHERE d.datname = 'postgres' AND r.rolname = CURRENT_USER;
		INSERT INTO pinterest_internal.authorization_requests
			(state_digest, database, role, server, redirect_uri, requested_at)
		SELECT 'x', database, role, server, 'u', now() - 3 * interval '$age'
		FROM pinterest_internal.authorizations WHERE server = '$server'});
	return;
}

my $issued = q{SELECT count(*) FROM pinterest_internal.authorizations};
my $requested = q{SELECT count(*) FROM pinterest_internal.authorization_requests};

make_server('other');
my $other = oid('other');
is(files($other), 1, 'a report is remembered');
query('ALTER FOREIGN TABLE other_report ALTER campaign_id SET NOT NULL;
	ALTER FOREIGN TABLE other_report ALTER advertiser_id SET NOT NULL;
	ALTER FOREIGN TABLE other_report ALTER date SET NOT NULL;
	SELECT pinterest.materialize(\'other_report\', \'ads.other\')');
is(files($other), 2, 'and that a table was refreshed');
query('DROP USER MAPPING FOR CURRENT_USER SERVER other');
is(files($other), 1, 'the report is not without its user mapping');
query('DROP SERVER other CASCADE');
is(files($other), 0, 'and nothing without the server');

foreach my $call ('check()', 'refreshes')
{
	make_server('other');
	$other = oid('other');
	issue('other', '20 days');
	is(files($other), 1, 'a report is remembered');
	my $clear = sub {
		$call eq 'check()' ? query(q{SELECT count(*) FROM pinterest.check('pinterest')})
		  : query(q{SELECT pinterest.refresh('ads.stays') FROM generate_series(1, 10)});
	};
	$clear->();
	is(files($other), 1, "$call: what has a user mapping stays");
	is(query($issued), 1, "$call: its tokens, too");
	is(query($requested), 0, "$call: a request for an authorization that is over does not");

	unnoticed('DROP USER MAPPING FOR CURRENT_USER SERVER other');
	query(q{UPDATE pinterest_internal.authorizations SET issued_at = now() - interval '1 hour'});
	is(files($other), 1, 'a user mapping is dropped unnoticed');
	$clear->();
	is(files($other), 0, "$call: the report goes");
	is(query($issued), 1, "$call: the mapping of new tokens may not be committed yet");
	query(q{UPDATE pinterest_internal.authorizations SET issued_at = now() - interval '2 days'});
	$clear->();
	is(query($issued), 0, "$call: the tokens go");

	query(qq{CREATE USER MAPPING FOR CURRENT_USER SERVER other OPTIONS (access_token '$token');
		SELECT count(*) FROM other_report});
	issue('other', '2 days');
	is(files($other), 1, 'the report is remembered again');
	unnoticed('DROP SERVER other CASCADE');
	$clear->();
	is(files($other), 0, "$call: all of a server that is gone goes");
	is(query($issued), 0, "$call: with its tokens");
}

# No event trigger fires for a database.
query('CREATE DATABASE others');
$node->safe_psql('others', 'CREATE EXTENSION pinterest_fdw');
make_server('far', 'others');
my $far = $node->safe_psql('others', q{SELECT oid FROM pg_foreign_server WHERE srvname = 'far'});
query(q{SELECT count(*) FROM pinterest.check('pinterest')});
is(files($far), 1, 'what another database remembers stays');
query('DROP DATABASE others');
query(q{SELECT count(*) FROM pinterest.check('pinterest')});
is(files($far), 0, 'as long as there is one');

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
