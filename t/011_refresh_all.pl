
# Copyright (c) 2026, pinterest_fdw contributors

# refresh_all(): waits without a snapshot, asks for all reports before it awaits
# any, and lets no table's failure stop the others.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use PinterestSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use PsqlSession qw(wait_until);
use Test::More;
use Time::HiRes qw(sleep);

my $sandbox = PinterestSandbox->new(
	campaigns => 6,
	ad_groups => 1,
	ads => 1,
	report_delay => 0);
my $node = PinterestSandbox::start_node('main', q{
	max_worker_processes = 16
	max_prepared_transactions = 2});
$sandbox->import_into($node, options => "historical_date '10 days'");

my @tables = qw(advertiser_report campaign_report ad_group_report);
my $wide = join ', ', map { "ads.$_" } @tables;
$node->safe_psql('postgres', 'CREATE SCHEMA ads');
$node->safe_psql('postgres',
	"SELECT pinterest.materialize('pinterest_live.$_', 'ads.$_', false)")
  foreach @tables, 'campaigns';
my $all = 'CALL pinterest.refresh_all(ARRAY['
  . join(', ', map { "'ads.$_'" } @tables)
  . ']::regclass[])';

my $session = PsqlSession->new($node);
my $control = PsqlSession->new($node);

sub reset_sandbox
{
	$sandbox->clear_faults;
	$sandbox->clear_log;
	$sandbox->settings(report_delay => 0);
	return;
}

sub forget
{
	$control->execute(
		'TRUNCATE pinterest_internal.refresh_runs, pinterest_internal.refresh_ends');
	return;
}

sub counts
{
	return $control->execute(join ' UNION ALL ',
		map { "SELECT count(*) > 0 FROM ads.$_" } @tables);
}

sub outcomes
{
	return $control->execute(
		q{SELECT target, outcome, sqlstate FROM pinterest.refresh_log ORDER BY target::text, id}
	);
}

sub locks
{
	return $control->execute(
		q{SELECT count(*) FROM pg_locks WHERE classid = 'pinterest_internal.materialized_tables'::regclass}
	);
}

sub requests
{
	my ($method, $path) = @_;
	return
	  grep { $_->{method} eq $method && $_->{path} =~ $path } $sandbox->log;
}

# What the activity view says, several times, of the session while it waits for
# its first report
sub watch
{
	my ($sql) = @_;
	my %seen;
	reset_sandbox();
	$sandbox->faults(
		{
			match => { method => 'GET', path => 'reports$' },
			report_status => 'IN_PROGRESS',
			count => -1
		});
	$session->begin($sql);
	wait_until('a poll', sub { requests('GET', qr/reports$/) });
	foreach (1 .. 6)
	{
		$session->{run}->pump_nb;
		$seen{
			$control->execute(
				"SELECT backend_xmin IS NULL, backend_xid IS NULL,
					(SELECT count(*) FROM pg_locks WHERE pid = a.pid AND locktype = 'relation')
					FROM pg_stat_activity AS a WHERE pid = $session->{pid}")
		}++;
		sleep 0.05;
	}
	$sandbox->clear_faults;
	return join ' ', sort keys %seen;
}

#
# How it waits
#

foreach my $isolation ('read committed', 'repeatable read', 'serializable')
{
	$session->execute("SET default_transaction_isolation = '$isolation'");
	is(watch($all), 't|t|0', "$isolation: no snapshot, transaction id or lock");
	is(join('', $session->finish), '', "$isolation: no error");
}
$session->execute('RESET default_transaction_isolation');
is(counts(), "t\nt\nt", 'all tables are filled');
is(locks(), 0, 'no lock is left');

# By contrast, a function is part of a query.
like(watch(q{SELECT pinterest.refresh('ads.campaign_report')}),
	qr/^f/, 'refresh() has a snapshot');
$session->finish;

# All reports are asked for before one is awaited: none is ready before.
reset_sandbox();
$sandbox->settings(reports_at_once => 3);
is($session->execute($all), '', 'all reports are requested first');
is(scalar(requests('POST', qr/reports$/)), 3, 'which are three');
$sandbox->settings(reports_at_once => 1);

#
# Each table in its own transaction
#

reset_sandbox();
$control->execute("TRUNCATE $wide");
$sandbox->faults({ match => { host => 'download' }, nth => 2, delay => 600 });
$session->begin($all);
wait_until('the second download',
	sub { requests('GET', qr/metrics_report/) >= 2 });
is(counts(), "t\nf\nf", 'the first table is done, the second is not');
is( $control->execute(
		q{SELECT target, status FROM pinterest.status ORDER BY 1}),
	"ads.advertiser_report|ready\nads.campaign_report|importing\nads.ad_group_report|importing\nads.campaigns|new",
	'status of each');
like(
	$control->execute(q{SELECT pinterest.refresh('ads.ad_group_report')}),
	qr/55P03.*table "ads.ad_group_report" is already being refreshed/,
	'those that wait for their turn are locked');
$control->execute("SELECT pg_cancel_backend($session->{pid})");
like(join('', $session->finish), qr/57014.*canceling statement/, 'canceled');
is(counts(), "t\nf\nf", 'canceled: the first table stays');
is(locks(), 0, 'canceled: no lock is left');
is( $control->execute(
		q{SELECT target, status FROM pinterest.status ORDER BY 1}),
	"ads.advertiser_report|ready\nads.campaign_report|failed\nads.ad_group_report|failed\nads.campaigns|new",
	'canceled: status of each');
is($session->execute('SELECT 1'), '1', 'canceled: the session goes on');

#
# Failures
#

my $denied = {
	match => { method => 'POST', path => 'reports$' },
	status => 403,
	body => { code => 29, message => 'You are not permitted.' }
};

reset_sandbox();
forget();
$control->execute("TRUNCATE $wide");
$sandbox->faults({ %$denied, nth => 2 });
my $error = $session->execute($all);
like(
	$error,
	qr/^ERROR:  42501: Pinterest refused a request for foreign table "campaign_report"/,
	'a single failure is raised as it is');
is(counts(), "t\nf\nt", 'it does not stop the others');
is( outcomes(),
	"ads.ad_group_report|succeeded|\nads.advertiser_report|succeeded|\nads.campaign_report|failed|42501",
	'all of it is on record');
is(locks(), 0, 'no lock is left');

reset_sandbox();
$sandbox->faults({ %$denied, nth => 2, count => 2 });
$error = $session->execute($all);
like(
	$error,
	qr/^ERROR:  42501: could not refresh 2 of 3 tables: "ads.campaign_report", "ads.ad_group_report"/,
	'several failures are raised as one');
like(
	$error,
	qr/ads.campaign_report: Pinterest refused .*\nads.ad_group_report: Pinterest refused .*\(SQLSTATE 42501\)/,
	'which has the message of each');

# at different steps, with different codes
reset_sandbox();
$sandbox->faults(
	{
		match => { method => 'GET', path => 'reports$' },
		report_status => 'FAILED'
	});
$control->execute('ALTER TABLE ads.ad_group_report DROP COLUMN total_impression');
$error = $session->execute($all);
like(
	$error,
	qr/^ERROR:  HV000: could not refresh 2 of 3 tables: "ads.advertiser_report", "ads.ad_group_report"/,
	'failures of several kinds');
like(
	$error,
	qr/SQLSTATE HV00M.*column "total_impression" of table "ads.ad_group_report" is missing/s,
	'the reason of each');
$control->execute(
	'ALTER TABLE ads.ad_group_report ADD COLUMN total_impression bigint');

# at commit
reset_sandbox();
$control->execute(
	q{
	CREATE TABLE child (advertiser_id text, campaign_id text, date date,
		FOREIGN KEY (advertiser_id, campaign_id, date) REFERENCES ads.campaign_report
			DEFERRABLE INITIALLY DEFERRED);
	INSERT INTO ads.campaign_report (advertiser_id, campaign_id, date)
		SELECT advertiser_id, '0', current_date FROM ads.campaign_report LIMIT 1;
	INSERT INTO child SELECT advertiser_id, campaign_id, date FROM ads.campaign_report WHERE campaign_id = '0';
	UPDATE ads.advertiser_report SET total_impression = -1;
	UPDATE ads.ad_group_report SET total_impression = -1}
);
forget();
$error = $session->execute($all);
like($error, qr/^ERROR:  23503: .*violates foreign key constraint/,
	'a failure at commit');
is( outcomes(),
	"ads.ad_group_report|succeeded|\nads.advertiser_report|succeeded|\nads.campaign_report|failed|23503",
	'it is that of its table alone');
is( $control->execute(
		q{SELECT count(*) FROM ads.campaign_report WHERE campaign_id = '0'
			UNION ALL SELECT count(*) FROM ads.ad_group_report WHERE total_impression = -1}
	),
	"1\n0",
	'and rolled back');
is(locks(), 0, 'no lock is left');

# which does not take the locks of the others away
reset_sandbox();
$sandbox->faults({ match => { host => 'download' }, nth => 3, delay => 600 });
$session->begin($all);
wait_until('the third download',
	sub { requests('GET', qr/metrics_report/) >= 3 });
like(
	$control->execute(q{SELECT pinterest.refresh('ads.ad_group_report')}),
	qr/55P03/, 'the next table is still locked');
is( $control->execute(
		q{SELECT target, status FROM pinterest.status WHERE status <> 'ready' ORDER BY 1}),
	"ads.campaign_report|failed\nads.ad_group_report|importing\nads.campaigns|new",
	'and importing');
$control->execute("SELECT pg_cancel_backend($session->{pid})");
$session->finish;
$control->execute('DROP TABLE child');

# by statement_timeout
my $timed_out;
# as long as this machine takes to wait for the reports
foreach my $limit (1, 8, 64)
{
	reset_sandbox();
	forget();
	$sandbox->settings(report_delay => 600);
	$timed_out = $session->execute("SET statement_timeout = '${limit}s'; $all");
	$session->execute('RESET statement_timeout');
	last if requests('GET', qr/reports$/);
}
like($timed_out, qr/57014.*statement timeout/, 'statement_timeout');
is( outcomes(),
	"ads.ad_group_report|failed|57014\nads.advertiser_report|failed|57014\nads.campaign_report|failed|57014",
	'statement_timeout: on record');
is(locks(), 0, 'statement_timeout: no lock is left');

# by a cancellation that does not even let the first one be recorded
reset_sandbox();
forget();
$sandbox->settings(report_delay => 600);
$session->begin($all);
wait_until('a poll', sub { requests('GET', qr/reports$/) });
$control->execute(
	'BEGIN; LOCK TABLE pinterest_internal.refresh_ends IN ACCESS EXCLUSIVE MODE');
$control->execute("SELECT pg_cancel_backend($session->{pid})");
wait_until(
	'the worker',
	sub {
		$control->execute(
			q{SELECT pg_stat_clear_snapshot(); SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'pinterest_fdw worker'}
		) =~ /1$/;
	});
$control->execute("SELECT pg_cancel_backend($session->{pid})");
like(join('', $session->finish), qr/57014/, 'canceled twice');
$control->execute('COMMIT');
is(locks(), 0, 'canceled twice: no lock is left');
is( $control->execute(
		'SELECT outcome, count(*) FROM pinterest.refresh_log GROUP BY 1'),
	'failed|3',
	'canceled twice: none is taken for running');

# with its backend
reset_sandbox();
forget();
$sandbox->settings(report_delay => 600);
my $killed = PsqlSession->new($node);
$killed->begin($all);
wait_until('a poll', sub { requests('GET', qr/reports$/) });
is( outcomes(),
	"ads.ad_group_report|running|\nads.advertiser_report|running|\nads.campaign_report|running|",
	'terminated: running before');
$control->execute("SELECT pg_terminate_backend($killed->{pid}, 60000)");
$killed->gone;
is( outcomes(),
	"ads.ad_group_report|failed|57P02\nads.advertiser_report|failed|57P02\nads.campaign_report|failed|57P02",
	'terminated: failed afterwards');
is(locks(), 0, 'terminated: no lock is left');

# while a table is being refreshed elsewhere
reset_sandbox();
forget();
$control->execute(
	q{BEGIN; SELECT pinterest.refresh('ads.campaign_report', current_date - 3)}
);
like($session->execute($all), qr/^ERROR:  55P03: .*already being refreshed/,
	'refreshed by someone else');
$control->execute('COMMIT');
is( outcomes(),
	"ads.ad_group_report|succeeded|\nads.advertiser_report|succeeded|\nads.campaign_report|succeeded|",
	'refreshed by someone else: no failure of the table');

# or in a transaction that is neither committed nor rolled back yet
forget();
$control->execute(
	q{BEGIN; SELECT pinterest.refresh('ads.campaigns'); PREPARE TRANSACTION 'refresh'}
);
is(outcomes(), 'ads.campaigns|running|', 'prepared: running');
like($session->execute(q{CALL pinterest.refresh_all('{ads.campaigns}')}),
	qr/^ERROR:  55P03/, 'prepared: locked');
$control->execute(q{COMMIT PREPARED 'refresh'});
is(outcomes(), 'ads.campaigns|succeeded|', 'prepared: succeeded in the end');
is(locks(), 0, 'prepared: no lock is left');

#
# Where and for whom
#

reset_sandbox();
like(
	$session->execute("BEGIN; $all"),
	qr/^ERROR:  25001: .*cannot be called inside a transaction block.*HINT/s,
	'in a transaction block');
$session->execute('ROLLBACK');
like(
	$session->execute(
		'DO $$ BEGIN CALL pinterest.refresh_all(); EXCEPTION WHEN undefined_table THEN NULL; END $$'
	),
	qr/25001/,
	'in an exception block');
is( $session->execute('DO $$ BEGIN CALL pinterest.refresh_all(); END $$'),
	'', 'in a procedure that may commit');
is($session->execute('SET default_transaction_read_only = on; ' . $all),
	'', 'read-only by default, which it overrides');
is($session->execute('SHOW transaction_read_only'), 'on', 'for itself alone');
$session->execute('RESET default_transaction_read_only');
like(
	$session->execute("CALL pinterest.refresh_all('{pg_class,ads.campaigns}')"),
	qr/42809: "pg_catalog.pg_class" is not a materialized table/,
	'not a materialized table');
like($session->execute('CALL pinterest.refresh_all(ARRAY[NULL::regclass])'),
	qr/22004/, 'null');
forget();
is($session->execute("CALL pinterest.refresh_all('{ads.campaigns,ads.campaigns}')"),
	'', 'a table named twice');
is(outcomes(), 'ads.campaigns|succeeded|', 'is refreshed once');

forget();
is($session->execute('CALL pinterest.refresh_all()'), '', 'none named');
is( outcomes(),
	join("\n",
		map { "ads.$_|succeeded|" }
		  qw(ad_group_report advertiser_report campaign_report campaigns)),
	'means all');

forget();
my $token = $sandbox->token;
$node->safe_psql(
	'postgres', qq{
	CREATE ROLE team;
	CREATE ROLE analyst LOGIN IN ROLE team;
	GRANT USAGE ON SCHEMA ads, pinterest_live TO team;
	GRANT CREATE ON SCHEMA ads TO team;
	GRANT SELECT ON pinterest_live.campaigns TO team;
	ALTER TABLE ads.campaigns OWNER TO team;
	GRANT SELECT, INSERT, UPDATE, DELETE ON ads.campaign_report TO analyst;
	CREATE USER MAPPING FOR team SERVER pinterest OPTIONS (access_token '$token');});
my $analyst = PsqlSession->new($node, user => 'analyst');
is($analyst->execute('CALL pinterest.refresh_all()'), '', 'an ordinary role');
is(outcomes(), 'ads.campaigns|succeeded|', 'refreshes what its roles own');
like(
	$analyst->execute(
		"CALL pinterest.refresh_all('{ads.campaign_report,ads.campaigns}')"),
	qr/42501: permission denied for table "ads.campaign_report"/,
	'and not what it may not');
is( outcomes(),
	"ads.campaigns|succeeded|\nads.campaigns|succeeded|",
	'which is no failure of the table');
$analyst->quit;
forget();
is($session->execute('CALL pinterest.refresh_all()'), '', 'a superuser');
unlike(outcomes(), qr/ads\.campaigns/, 'leaves the tables of others to them');
$node->safe_psql('postgres', 'ALTER TABLE ads.campaigns OWNER TO CURRENT_USER');

# Types whose functions query need a snapshot, and get one.
reset_sandbox();
is( $session->execute(
		q{
	CREATE FUNCTION is_known(text) RETURNS bool LANGUAGE sql AS
		$$ SELECT count(*) > 0 FROM pg_catalog.pg_class WHERE $1 <> '' $$;
	CREATE DOMAIN known AS text CHECK (is_known(VALUE));
	CREATE FOREIGN TABLE checked (advertiser_id text, campaign_id text, name known)
		SERVER pinterest OPTIONS (resource 'campaigns');
	SELECT pinterest.materialize('checked', 'ads.checked', false);
	CALL pinterest.refresh_all('{ads.checked}');
	SELECT count(*) FROM ads.checked}
	),
	"ads.checked\n6",
	'a domain with a query');

# New columns: readers do not wait for the rows
reset_sandbox();
forget();
is( $session->execute(
		q{
	CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
		$$ BEGIN PERFORM pg_sleep(600); RETURN new; END $$;
	CREATE TRIGGER slow AFTER UPDATE ON ads.checked FOR EACH STATEMENT EXECUTE FUNCTION slow();
	ALTER FOREIGN TABLE checked ADD COLUMN status text}
	),
	'',
	'a new column');
$session->begin(q{CALL pinterest.refresh_all('{ads.checked}')});
wait_until(
	'the update',
	sub {
		$control->execute(
			"SELECT wait_event = 'PgSleep' FROM pg_stat_activity WHERE pid = $session->{pid}"
		) eq 't';
	});
is( $control->execute(
		q{SET lock_timeout = '60s'; SELECT count(*), count(status) FROM ads.checked; RESET lock_timeout}
	),
	'6|0',
	'a new column: readers pass while the rows change');
$control->execute("SELECT pg_cancel_backend($session->{pid})");
$session->finish;
is(outcomes(), 'ads.checked|failed|57014', 'a new column: failed then');
$control->execute('DROP TRIGGER slow ON ads.checked');
is($session->execute(q{CALL pinterest.refresh_all('{ads.checked}')}),
	'', 'a new column: the next refresh');
is($control->execute('SELECT count(*), count(status) FROM ads.checked'),
	'6|6', 'a new column: filled');

# An entity that Pinterest lists twice is one.
$sandbox->faults(
	{
		match => { path => 'campaigns$' },
		body => {
			items => [ map { { id => $_, name => 'x' } } 1, 2, 1 ],
			bookmark => undef
		}
	});
is( $session->execute(
		q{CALL pinterest.refresh_all('{ads.checked}'); SELECT count(*) FROM ads.checked}),
	'2',
	'an entity that is listed twice is loaded once');

# Tokens that have to be renewed on the way
reset_sandbox();
my ($client, $refresh_token) = ($sandbox->client, $sandbox->refresh_token);
$node->safe_psql('postgres',
	"ALTER USER MAPPING FOR CURRENT_USER SERVER pinterest OPTIONS (ADD $client, ADD refresh_token '$refresh_token')"
);
$sandbox->expire('access_token');
is($session->execute($all), '', 'with a token that has expired');
is(scalar(grep { $_->{path} =~ /token$/ } $sandbox->log),
	1, 'which is renewed once');

#
# Progress
#

reset_sandbox();
$sandbox->settings(report_delay => 600);
my $progress =
  q{SELECT windows, windows_ready, rows_read, bytes_ready FROM pinterest.status WHERE target = 'ads.campaign_report'::regclass};
is($control->execute($progress), '|||', 'no progress when nothing is done');
$session->begin("CALL pinterest.refresh_all('{ads.campaign_report}')");
wait_until('a poll', sub { requests('GET', qr/reports$/) });
is($control->execute($progress), '1|0|0|0', 'waiting for the report');
$sandbox->settings(report_delay => 0);
$sandbox->faults({ match => { host => 'download' }, drip => 0.002, count => -1 });
$control->execute("SELECT pg_cancel_backend($session->{pid})");
$session->finish;
$session->begin("CALL pinterest.refresh_all('{ads.campaign_report}')");
wait_until(
	'rows',
	sub {
		$control->execute(
			q{SELECT rows_read > 0 AND bytes_read > 0 AND bytes_read < bytes_ready AND windows_ready = windows FROM pinterest.status WHERE target = 'ads.campaign_report'::regclass}
		) eq 't';
	});
pass('rows and bytes are counted as they come');
is( $control->execute(
		q{SELECT outcome, rows > 0, finished_at, duration > '0' FROM pinterest.refresh_log ORDER BY id DESC LIMIT 1}
	),
	'running|t||t',
	'the record shows it, too');
$control->execute("SELECT pg_cancel_backend($session->{pid})");
$session->finish;
is($control->execute($progress), '|||', 'no progress after the end');

$_->quit foreach $session, $control;

#
# Without a background worker
#

reset_sandbox();
$node->append_conf('postgresql.conf', <<'CONF');
max_worker_processes = 0
max_logical_replication_workers = 0
CONF
$node->restart;
$session = PsqlSession->new($node);
$control = PsqlSession->new($node);
forget();
like(
	$session->execute(
		"SELECT rows > 0 FROM pinterest.refresh('ads.campaigns')"),
	qr/^tWARNING:  53400: could not start a background worker/,
	'a refresh without a worker');
like($session->execute($all), qr/^WARNING/, 'several');
is( outcomes(),
	join("\n",
		map { "ads.$_|succeeded|" }
		  qw(ad_group_report advertiser_report campaign_report campaigns)),
	'are on record');
$sandbox->faults({%$denied});
like(
	$session->execute(q{SELECT pinterest.refresh('ads.campaign_report')}),
	qr/WARNING.*WARNING.*ERROR:  42501/s,
	'a failure without a worker');
$_->quit foreach $session, $control;
$node->stop;
unlike(
	slurp_file($node->logfile),
	qr/PANIC|was terminated by signal|TRAP|snapshot .* still active|leak/,
	'no crash and no leak in the log');
done_testing();
