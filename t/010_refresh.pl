
# Copyright (c) 2026, pinterest_fdw contributors

# Refreshes are in nobody's way: readers see one version or the next, those who
# point at the table write on, and a killed refresh changes nothing.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use PinterestSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use PsqlSession qw(wait_until);
use Test::More;

my $refreshes = 50;

my $sandbox = PinterestSandbox->new(
	campaigns => 12,
	ad_groups => 1,
	ads => 1,
	report_delay => 0);
my $node = PinterestSandbox::start_node('main', q{
	restart_after_crash = on
	autovacuum = off
	log_lock_waits = on
	deadlock_timeout = 100ms
	max_worker_processes = 16});
$sandbox->import_into($node);

$node->safe_psql(
	'postgres', q{
	CREATE SCHEMA ads;
	CREATE FOREIGN TABLE report (
		advertiser_id text, campaign_id text, date date, campaign_name text,
		total_impression bigint, total_clickthrough bigint, spend_in_micro_dollar bigint
	) SERVER pinterest OPTIONS (resource 'campaign_report', historical_date '60 days');
	SELECT pinterest.materialize('report', 'ads.report', false);
	CREATE TABLE child (
		advertiser_id text, campaign_id text, date date,
		FOREIGN KEY (advertiser_id, campaign_id, date) REFERENCES ads.report
	);

	-- What a table holds, in one value
	CREATE FUNCTION contents(OUT rows bigint, OUT total numeric) LANGUAGE sql AS
	$$ SELECT count(*), sum(hashtextextended(r::text, 0)) FROM ads.report AS r $$;

	CREATE UNLOGGED TABLE stop (done bool);
	CREATE UNLOGGED TABLE readings (rows bigint, total numeric);
	CREATE TABLE versions (rows bigint, total numeric, n int GENERATED ALWAYS AS IDENTITY);

	-- Sums and sums, each time in a transaction of its own
	CREATE PROCEDURE read_on() LANGUAGE plpgsql AS $$
	DECLARE
		v record;
	BEGIN
		LOOP
			SELECT * INTO v FROM contents();
			INSERT INTO readings VALUES (v.rows, v.total);
			COMMIT;
			EXIT WHEN EXISTS (SELECT FROM stop);
		END LOOP;
	END $$;

	-- Points at rows that stay: the sandbox changes but the last 28 days
	CREATE PROCEDURE write_on() LANGUAGE plpgsql AS $$
	BEGIN
		LOOP
			INSERT INTO child SELECT advertiser_id, campaign_id, date FROM ads.report
				WHERE date < current_date - 35 ORDER BY random() LIMIT 1;
			COMMIT;
			EXIT WHEN EXISTS (SELECT FROM stop);
			PERFORM pg_sleep(0.002);
		END LOOP;
	END $$;});

#
# What is done to the table
#

# The statements of a refresh, with their plans
sub plans
{
	my ($out, $err) = ('', '');
	$node->psql(
		'postgres', q{
		LOAD 'auto_explain';
		SET auto_explain.log_min_duration = 0;
		SET auto_explain.log_nested_statements = on;
		SET auto_explain.log_analyze = on;
		SET client_min_messages = log;
		SELECT pinterest.refresh('ads.report');},
		stdout => \$out,
		stderr => \$err);
	return grep { /on report t|on report |Named Tuplestore/ } split /^psql:\S+ LOG:  /m, $err;
}

{
	my @plans = grep { /^Insert/m } plans();
	is(scalar(@plans), 1, 'the first load is one statement');
	like(
		$plans[0],
		qr/^Insert on report [^\n]*\n\s+->  Sort [^\n]*\n\s+Sort Key: n.advertiser_id, n.campaign_id, n.date\n\s+Sort Method[^\n]*\n\s+->  Named Tuplestore Scan[^\n]*\n\z/m,
		'which inserts by key, and compares nothing');

	@plans = plans();
	is(scalar(grep { /^(?:Insert|Update|Delete) on report/m } @plans),
		0, 'without changes nothing is written');
	is(scalar(grep { /Scan (?:using \S+ )?on report t|Named Tuplestore/ } @plans),
		1, 'the table is read once, and the download not at all');
}

#
# Under a reader and a writer that never stop
#

{
	my $reader = PsqlSession->new($node);
	my $writer = PsqlSession->new($node);
	my $session = PsqlSession->new($node);
	my $errors = '';
	my $changed = 0;

	$session->execute('INSERT INTO versions SELECT * FROM contents()');
	$reader->begin('CALL read_on()');
	$writer->begin('CALL write_on()');
	for my $revision (1 .. $refreshes)
	{
		$sandbox->settings(revision => $revision);
		my ($out, $err) = do
		{
			$session->begin(
				q{SELECT inserted + updated + deleted FROM pinterest.refresh('ads.report')}
			);
			$session->finish;
		};
		$errors .= $err;
		$changed++ if $out =~ /^[1-9]/;
		$session->execute('INSERT INTO versions SELECT * FROM contents()');

		# Both go on beside the next one, too.
		wait_until('the reader', sub {
			$session->execute(
				'SELECT count(*) FROM readings WHERE total = (SELECT total FROM versions ORDER BY n DESC LIMIT 1)') > 0 });
		my $rows = $session->execute('SELECT count(*) FROM child');
		wait_until('the writer', sub {
			$session->execute('SELECT count(*) FROM child') > $rows });
	}
	$session->execute('INSERT INTO stop VALUES (true)');
	my ($out, $read_errors) = $reader->finish;
	($out, my $write_errors) = $writer->finish;

	is($errors, '', 'no refresh failed');
	is($changed, $refreshes, 'each refresh had something to change');
	is($read_errors, '', 'no reader failed');
	is($write_errors, '', 'no referencing writer failed');
	is( $session->execute(
			'SELECT count(*) FROM report FULL JOIN ads.report AS a USING (advertiser_id, campaign_id, date) WHERE report IS DISTINCT FROM a'
		),
		0,
		'the table is what Pinterest has');
	is( $session->execute(
			'SELECT count(*) FROM readings AS r WHERE NOT EXISTS (SELECT FROM versions AS v WHERE (v.rows, v.total) = (r.rows, r.total))'
		),
		0,
		'each reader saw exactly one version');

	# However busy the machine is, the server knows who waits for whom.
	unlike(slurp_file($node->logfile),
		qr/still waiting for/, 'nobody waited for a lock');
	is( $session->execute(
			q{SELECT outcome, count(*) FROM pinterest.refresh_log GROUP BY 1}),
		'succeeded|' . ($refreshes + 2),
		'all are on record');
	$_->quit foreach $reader, $writer, $session;
}

#
# Backends that are killed, in each phase
#

sub contents
{
	return $node->safe_psql('postgres', 'SELECT * FROM contents()');
}

sub reset_sandbox
{
	$sandbox->clear_faults;
	$sandbox->clear_log;
	$sandbox->settings(report_delay => 0);
	return;
}

sub is_waiting
{
	my ($event) = @_;
	return $node->safe_psql('postgres',
		"SELECT count(*) FROM pg_stat_activity WHERE query ~ 'pinterest.refresh' AND pid <> pg_backend_pid() AND ($event)"
	) > 0;
}

$node->safe_psql(
	'postgres', q{
	CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
	$$ BEGIN PERFORM pg_sleep(600); RETURN new; END $$;});
my @phases = (
	{
		name => 'waiting for the report',
		prepare => sub { $sandbox->settings(report_delay => 600) },
		reached =>
		  sub { grep { defined $_->{status} && $_->{method} eq 'GET' } $sandbox->log }
	},
	{
		name => 'downloading',
		prepare => sub {
			$sandbox->faults(
				{ match => { host => 'download' }, drip => 0.05, count => -1 });
		},
		reached => sub {
			$node->safe_psql('postgres',
				q{SELECT bytes_read > 0 AND windows_ready = 1 FROM pinterest.status}
			) eq 't';
		}
	},
	{
		name => 'waiting for the lock',
		prepare => sub {
			my $other = PsqlSession->new($node);
			$other->execute(
				'BEGIN; LOCK TABLE ads.report IN ROW EXCLUSIVE MODE');
			return $other;
		},
		reached => sub { is_waiting(q{wait_event_type = 'Lock'}) }
	},
	{
		name => 'changing the table',
		prepare => sub {
			$node->safe_psql('postgres',
				'CREATE TRIGGER slow AFTER UPDATE ON ads.report FOR EACH STATEMENT EXECUTE FUNCTION slow()'
			);
			return;
		},
		reached => sub { is_waiting(q{wait_event = 'PgSleep'}) },
		clean_up => 'DROP TRIGGER slow ON ads.report'
	},
	{
		name => 'about to commit',
		in_transaction => 1,
		prepare => sub { return },
		reached => sub { is_waiting(q{state = 'idle in transaction'}) }
	});

my $revision = $refreshes;
foreach my $signal (qw(TERM KILL))
{
	foreach my $phase (@phases)
	{
		my $name = "SIG$signal, $phase->{name}";
		my $before = contents();
		my $session = PsqlSession->new($node);

		reset_sandbox();
		$sandbox->settings(revision => ++$revision);
		my $other = $phase->{prepare}->();
		$session->begin(($phase->{in_transaction} ? 'BEGIN; ' : '')
			. q{SELECT pinterest.refresh('ads.report')});
		wait_until($name, $phase->{reached});
		is( $node->safe_psql('postgres',
				'SELECT status, last_success_at IS NOT NULL FROM pinterest.status'
			),
			'importing|t',
			"$name: importing");

		kill $signal, $session->{pid};
		$session->gone;
		$other->gone if ref $other eq 'PsqlSession';
		wait_until('the end of the process', sub { !kill 0, $session->{pid} });
		wait_until(
			'the server to be back',
			sub {
				system('pg_isready', '-q', '-h', $node->host, '-p', $node->port) == 0;
			});

		# A backend that is terminated takes its time.
		wait_until(
			"$name: the end",
			sub {
				$node->safe_psql('postgres',
					"SELECT count(*) FROM pg_stat_activity WHERE pid = $session->{pid}"
				) == 0;
			});
		is(contents(), $before, "$name: the table is as it was");
		is( $node->safe_psql('postgres',
				'SELECT status, last_error FROM pinterest.status'),
			'failed|the backend ended during the refresh',
			"$name: failed");
		$node->safe_psql('postgres', $phase->{clean_up})
		  if $phase->{clean_up};
	}
}

# The next refresh puts that on record, and all is well.
reset_sandbox();
is( $node->safe_psql('postgres',
		q{SELECT inserted + updated + deleted > 0 FROM pinterest.refresh('ads.report')}
	),
	't',
	'the next refresh');
is( $node->safe_psql('postgres',
		'SELECT status, last_error FROM pinterest.status'),
	'ready|',
	'ready again');
is( $node->safe_psql('postgres',
		q{SELECT count(*) FROM pinterest_internal.refresh_runs WHERE id NOT IN (SELECT id FROM pinterest_internal.refresh_ends)}
	),
	0,
	'all of it is settled');

$node->stop;
done_testing();
