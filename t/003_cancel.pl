
# Copyright (c) 2026, pinterest_fdw contributors

# Scans can be ended at any moment, and leave nothing behind; and they take no
# more memory and no more requests than they need.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use PinterestSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use PsqlSession qw(begin execute finish quit wait_until);
use Test::More;

# Enough campaigns for two pages, and for reports of some megabytes.
my $campaigns = 260;
my $sandbox = PinterestSandbox->new(
	campaigns => $campaigns,
	ad_groups => 1,
	ads => 1,
	report_delay => 0);
my $node = PinterestSandbox::start_node('main', "timezone = 'UTC'");
$sandbox->import_into($node,
	options => "timeout '30', max_connections '4'");

# A report of one window, larger than what a scan reads ahead, and a larger one
$node->safe_psql(
	'postgres', q{
	CREATE FOREIGN TABLE report (
		campaign_id text, date date, campaign_name text, total_impression bigint,
		total_clickthrough bigint, total_engagement bigint, spend_in_dollar numeric
	) SERVER pinterest OPTIONS (resource 'campaign_report', historical_date '90 days');
	CREATE FOREIGN TABLE large_report () INHERITS (report)
		SERVER pinterest OPTIONS (resource 'campaign_report', historical_date '180 days');
	ALTER FOREIGN TABLE large_report NO INHERIT report;});

my $have_proc = -e "/proc/$$/status";

# Whether a request has been sent, or has had its answer.
sub was_sent
{
	my ($method, $path) = @_;
	return grep { $_->{method} eq $method && $_->{path} =~ $path }
	  $sandbox->log;
}

sub was_answered
{
	my ($method, $path) = @_;
	return grep { defined $_->{status} } was_sent($method, $path);
}

sub reset_sandbox
{
	$sandbox->clear_faults;
	$sandbox->clear_log;
	$sandbox->settings(report_delay => 0);
	return;
}

my $control = PsqlSession->new($node);

#
# A statement is ended while it waits, for what comes after minutes, if at all:
# that it ends shows that it did not go on waiting
#

my $list = 'SELECT count(*) FROM pinterest_live.campaigns';
my $open_report =
  'BEGIN; DECLARE c CURSOR FOR SELECT * FROM report; MOVE 1 IN c';
my $stuck = { match => { path => 'campaigns$' }, delay => 600, count => -1 };
my @waits = (
	{
		name => 'for an answer',
		sql => $list,
		faults => [$stuck],
		reached => sub { was_sent('GET', qr/campaigns$/) }
	},
	{
		name => 'for a body that drips',
		sql => $list,
		faults => [
			{ match => { path => 'campaigns$' }, drip => 0.05, count => -1 }
		],
		reached => sub { was_sent('GET', qr/campaigns$/) }
	},
	{
		name => 'for the next poll',
		sql => 'SELECT count(*) FROM report',
		settings => { report_delay => 600 },
		reached => sub { was_answered('GET', qr/reports$/) }
	},
	{
		name => 'for the next attempt',
		sql => $list,
		faults => [
			{
				match => { path => 'campaigns$' },
				status => 429,
				headers => { 'Retry-After' => 290 },
				count => -1
			}
		],
		reached => sub { was_answered('GET', qr/campaigns$/) }
	},
	{
		name => 'with a download paused',
		prepare => $open_report,
		sql => $list,
		faults => [$stuck],
		reached => sub { was_sent('GET', qr/campaigns$/) }
	});

foreach my $wait (@waits)
{
	my $name = "waiting $wait->{name}";
	my $session = PsqlSession->new($node);

	my $prepare = sub {
		reset_sandbox();
		is(execute($session, $wait->{prepare}), '', "$name: preparation")
		  if $wait->{prepare};
		$sandbox->settings(%{ $wait->{settings} }) if $wait->{settings};
		$sandbox->faults(@{ $wait->{faults} }) if $wait->{faults};
	};
	my $check = sub {
		my ($what, $err, $text) = @_;
		like($err, qr/ERROR:  57014: canceling statement due to $text$/m,
			"$name: $what");
		reset_sandbox();
		is(execute($session, "ROLLBACK; $list"),
			$campaigns, "$name: the session goes on after a $what")
		  if $wait->{prepare};
		is(execute($session, $list),
			$campaigns, "$name: the session goes on after a $what")
		  unless $wait->{prepare};
	};

	# as long as this machine takes to get there
	my $err;
	foreach my $limit (1, 8, 64)
	{
		$prepare->();
		execute($session, "SET statement_timeout = '${limit}s'");
		$err = execute($session, $wait->{sql});
		execute($session, 'SET statement_timeout = 0');
		last if $wait->{reached}->();
		execute($session, 'ROLLBACK') if $wait->{prepare};
	}
	$check->('timeout', $err, 'statement timeout');

	$prepare->();
	begin($session, $wait->{sql});
	wait_until($name, $wait->{reached});
	execute($control, "SELECT pg_cancel_backend($session->{pid})");
	$err = (finish($session))[1];
	$check->('cancel', $err, 'user request');

	$prepare->();
	begin($session, $wait->{sql});
	wait_until($name, $wait->{reached});
	execute($control, "SELECT pg_terminate_backend($session->{pid})");
	$err = (finish($session))[1];
	like(
		$err,
		qr/FATAL:  57P01: terminating connection due to administrator command/,
		"$name: termination");
	$session->{run}->finish;
}

# What a plain wait is called in pg_stat_activity
{
	reset_sandbox();
	$sandbox->faults($stuck);
	my $session = PsqlSession->new($node);
	begin($session, $list);
	wait_until('request', sub { was_sent('GET', qr/campaigns$/) });
	like(
		execute(
			$control,
			"SELECT wait_event_type, wait_event FROM pg_stat_activity WHERE pid = $session->{pid}"
		),
		qr/^Extension\|(Extension|PinterestRequest)$/,
		'a wait is visible');
	execute($control, "SELECT pg_cancel_backend($session->{pid})");
	finish($session);
	quit($session);
}

#
# Nothing is left behind
#

# Sockets, pipes and the like, but no tables.
sub open_files
{
	my ($session) = @_;
	return scalar grep { (readlink($_) // '') =~ /^\w+:/ }
	  glob "/proc/$session->{pid}/fd/*";
}

# From /proc, in kilobytes
sub memory
{
	my ($session, $what) = @_;
	my ($value) = slurp_file("/proc/$session->{pid}/status") =~
	  /^$what:\s+(\d+) kB$/m;
	return $value;
}

SKIP:
{
	skip 'no /proc', 5 unless $have_proc;
	reset_sandbox();
	$sandbox->faults(
		$stuck,
		{ match => { path => 'ads$' }, drip => 0.05, count => -1 },
		{ match => { path => 'reports$' }, delay => 600, count => -1 });
	my $session = PsqlSession->new($node);
	my @statements = (
		$list,
		'SELECT count(*) FROM pinterest_live.ads',
		'SELECT count(*) FROM pinterest_live.campaign_report');

	# the first time, with what libcurl keeps
	my @sent = ([ 'GET', qr/campaigns$/ ], [ 'GET', qr/ads$/ ], [ 'POST', qr/reports$/ ]);
	foreach my $i (0 .. 2)
	{
		begin($session, $statements[$i]);
		wait_until('a request', sub { was_sent(@{ $sent[$i] }) });
		execute($control, "SELECT pg_cancel_backend($session->{pid})");
		finish($session);
	}
	my $files = open_files($session);

	execute($session, "SET statement_timeout = '10ms'");
	begin($session, join ";\n", (@statements) x 100);
	my (undef, $err) = finish($session);
	my $count = () = $err =~ /ERROR:  57014: /g;
	is($count, 300, '300 statements are canceled');
	is(open_files($session), $files, 'no more files are open');
	execute($session, 'SET statement_timeout = 0');
	reset_sandbox();
	is(execute($session, $list), $campaigns, 'the session goes on');
	is(execute($session, 'SELECT count(*) > 0 FROM report'),
		't', 'with reports, too');
	cmp_ok(open_files($session), '<=', $files + 2,
		'a connection is kept for calls and one for downloads');
	quit($session);
}

{
	reset_sandbox();
	my $session = PsqlSession->new($node);
	my $used = q{SELECT sum(used_bytes) FROM pg_backend_memory_contexts
		WHERE name = 'TopMemoryContext'};
	my $all = q{SELECT sum(total_bytes) FROM pg_backend_memory_contexts};
	my $scan = 'SELECT count(name) FROM pinterest_live.advertisers AS a';
	my $report =
	  'SELECT count(*) > 0 FROM report WHERE date >= current_date - 2';
	my $fault = q{DO $$ BEGIN PERFORM name::int FROM pinterest_live.campaigns;
		EXCEPTION WHEN invalid_text_representation THEN NULL; END $$};

	begin($session, join ";\n", ($scan, $fault) x 10, $report, $used, $all);
	finish($session);
	my $before = execute($session, $used);
	my $all_before = execute($session, $all);
	my $process = $have_proc ? memory($session, 'RssAnon') : 0;

	begin($session, join ";\n", ($scan, $fault) x 100, ($report) x 3);
	my ($out) = finish($session);
	is($out, join("\n", (1) x 100, ('t') x 3), 'scans');
	cmp_ok(execute($session, $used),
		'<=', $before, '200 scans leave nothing in TopMemoryContext');
	cmp_ok(execute($session, $all),
		'<=', $all_before, '200 scans leave nothing in other contexts');
	cmp_ok($have_proc ? memory($session, 'RssAnon') : 0,
		'<', $process + 1024, '200 scans leave nothing in the process');
	quit($session);
}

#
# Memory while reading a report
#

SKIP:
{
	skip 'no /proc', 5 unless $have_proc;
	my $sum = 'SELECT count(*) > 1000, sum(length(r::text)) > 100000 FROM large_report AS r';
	my %peak;
	my %bytes;
	foreach my $days (36, 180)
	{
		reset_sandbox();
		my $session = PsqlSession->new($node);
		is( execute(
				$session,
				"$sum WHERE date >= current_date - $days"),
			't|t',
			"report of $days days");
		$peak{$days} = memory($session, 'VmHWM');
		$bytes{$days} += $_->{bytes}
		  foreach grep { $_->{host} eq 'download' } $sandbox->log;
		quit($session);
	}
	cmp_ok($bytes{180}, '>', 4 * $bytes{36},
		"the second one is larger: $bytes{180} and $bytes{36} bytes");
	cmp_ok($bytes{180}, '>', 4 * 1024 * 1024, 'by far');
	cmp_ok($peak{180}, '<', $peak{36} + 2048,
		"and takes no more memory: $peak{180} and $peak{36} kB");
}

#
# Cursors and other ways to read only some rows, or slowly
#

my $user = PsqlSession->new($node);

{
	reset_sandbox();
	is( execute(
			$user,
			'SELECT count(*) FROM (SELECT FROM pinterest_live.ads LIMIT 250) a'),
		250,
		'LIMIT within the first page');
	is(scalar(was_sent('GET', qr/ads$/)), 1, 'LIMIT: one page');

	reset_sandbox();
	is( execute(
			$user,
			'SELECT count(*) FROM (SELECT FROM pinterest_live.ads LIMIT 251) a'),
		251,
		'LIMIT within the second page');
	is(scalar(was_sent('GET', qr/ads$/)), 2, 'LIMIT: two pages');

	reset_sandbox();
	is( execute(
			$user,
			'SELECT count(*) FROM (SELECT FROM pinterest_live.ads WHERE length(ad_id) < 3 LIMIT 1) a'
		),
		0,
		'LIMIT and a condition');
	is(scalar(was_sent('GET', qr/ads$/)), 2, 'LIMIT and a condition: all pages');
}

my $rows = execute($user, 'SELECT count(*) FROM report');
cmp_ok($rows, '>', 10000, "the report has rows: $rows");

# A table to compare with, and one to write down what is read
is( execute(
		$user,
		'CREATE TABLE copy AS SELECT * FROM large_report; CREATE TABLE read (LIKE copy)'
	),
	'',
	'copy');
my $differences = q{SELECT count(*) FROM
	((TABLE copy EXCEPT ALL TABLE read) UNION ALL (TABLE read EXCEPT ALL TABLE copy)) AS d};

# A new session, as a process does not give back all of its memory
quit($user);
$user = PsqlSession->new($node);

sub fetched
{
	my ($name) = @_;

	# FETCH within plpgsql, as psql would print all rows
	execute(
		$user, qq{
		DO \$\$
		DECLARE c refcursor := 'c'; r copy;
		BEGIN
			LOOP
				FETCH c INTO r;
				EXIT WHEN NOT FOUND;
				INSERT INTO read VALUES (r.*);
			END LOOP;
		END \$\$});
	is(execute($user, $differences), 0, "$name: all rows, each once");
	execute($user, 'CLOSE c; COMMIT; TRUNCATE read');
	return;
}

# While the cursor rests, longer than a request may be stuck, another scan
# moves its download on, until it is told to pause.
{
	reset_sandbox();

	# What reading a list takes for good is not what is read ahead, and the
	# report is much larger than both.
	execute($user, $list);
	is( execute(
			$user, q{
		ALTER SERVER pinterest OPTIONS (SET timeout '3');
		BEGIN;
		DECLARE c CURSOR FOR SELECT * FROM large_report}),
		'',
		'cursor: opened');
	execute(
		$user, q{DO $$ DECLARE c refcursor := 'c'; r copy;
		BEGIN FETCH c INTO r; INSERT INTO read VALUES (r.*); END $$});
	my $used = $have_proc ? memory($user, 'RssAnon') : 0;
	$sandbox->faults({ match => { path => 'campaigns$' }, delay => 0.5 });
	is(execute($user, $list), $campaigns, 'cursor: another scan');
	is(execute($user, 'SELECT pg_sleep(3.5)'), '', 'cursor: a pause');
	is(execute($user, $list), $campaigns, 'cursor: yet another scan');
	cmp_ok($have_proc ? memory($user, 'RssAnon') : 0,
		'<', $used + 3072, 'cursor: what it reads ahead is limited');
	fetched('cursor');
	is(scalar(was_sent('GET', qr/metrics_report/)), 1, 'cursor: one download');
	execute(
		$user, q{
		ALTER SERVER pinterest OPTIONS (SET timeout '30');
		TRUNCATE copy;
		INSERT INTO copy SELECT * FROM report});
}

{
	is( execute(
			$user, q{
		BEGIN;
		DECLARE c CURSOR WITH HOLD FOR SELECT * FROM report;
		COMMIT;
		BEGIN}),
		'',
		'cursor that outlives its transaction: opened');
	fetched('cursor that outlives its transaction');
}

# An error in another scan, and in this one
{
	reset_sandbox();
	is( execute(
			$user, q{
		BEGIN;
		DECLARE c CURSOR FOR SELECT * FROM report;
		DO $$ DECLARE c refcursor := 'c'; r copy;
		BEGIN FETCH c INTO r; INSERT INTO read VALUES (r.*); END $$;
		SAVEPOINT s}),
		'',
		'subtransaction: cursor opened');
	$sandbox->faults(
		{
			match => { path => 'campaigns$' },
			nth => 2,
			body => '{"items":[{"id":1},{"id":[]x}]}'
		});
	like(
		execute(
			$user,
			'SELECT count(campaign_id) FROM pinterest_live.campaigns AS c'),
		qr/ERROR:  22P02: .*foreign table "campaigns"/s,
		'subtransaction: an error in the middle of a scan');
	is(execute($user, 'ROLLBACK TO s'), '', 'subtransaction: rolled back');
	is(execute($user, $list), $campaigns, 'subtransaction: another scan');
	fetched('subtransaction');
}
{
	reset_sandbox();
	$sandbox->faults({ match => { host => 'download' }, body => '{"1":[{]' });
	my $notice = execute(
		$user, q{
		DO $$
		BEGIN
			FOR i IN 1 .. 2 LOOP
				BEGIN
					INSERT INTO read SELECT * FROM report;
				EXCEPTION WHEN invalid_text_representation OR fdw_error THEN
					RAISE NOTICE 'caught at %', i;
				END;
			END LOOP;
		END $$});
	like($notice, qr/caught at 1\n/, 'exception handler: the error is caught');
	unlike($notice, qr/caught at 2/, 'exception handler: only one');
	is(execute($user, $differences),
		0, 'exception handler: the second attempt works');
	execute($user, 'TRUNCATE read');
}

#
# Scans that are executed many times
#

{
	reset_sandbox();
	is( execute(
			$user, q{
		SELECT count(*) FROM generate_series(1, 2) AS d,
			LATERAL (SELECT count(*) AS n FROM report WHERE date = current_date - d OFFSET 0) AS r
			WHERE n = (SELECT count(*) FROM copy WHERE date = current_date - d) AND n > 0}
		),
		2,
		'rescan: each day has its rows');
	is( join(' ',
			map { $_->{body}{start_date} eq $_->{body}{end_date} ? 1 : 0 }
			  was_sent('POST', qr/reports$/)),
		'1 1',
		'rescan: a request for each day');

	reset_sandbox();
	is( execute(
			$user, q{
		SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_material = off;
		SELECT count(*) FROM (VALUES (1), (2)) AS v(x)
			LEFT JOIN pinterest_live.campaigns AS c ON length(c.name) + v.x > 0;
		RESET enable_hashjoin; RESET enable_mergejoin; RESET enable_material}),
		2 * $campaigns,
		'nested loop');

	# ends in the middle each time
	is( execute(
			$user, q{
		SELECT count(DISTINCT id) FROM generate_series(1, 5) AS i,
			LATERAL (SELECT campaign_id AS id FROM pinterest_live.campaigns WHERE i > 0 LIMIT 1) AS c}
		),
		1,
		'rescan before the end');
}

{
	reset_sandbox();
	is( execute(
			$user, q{
		CREATE FUNCTION on_day(day date) RETURNS bigint LANGUAGE plpgsql AS
		$$ BEGIN RETURN (SELECT count(*) FROM report WHERE date = day); END $$;
		CREATE FUNCTION on_days(days int) RETURNS text LANGUAGE plpgsql AS $$
		DECLARE result text := '';
		BEGIN
			FOR d IN 1 .. days LOOP
				result := result || (on_day(current_date - d) =
					(SELECT count(*) FROM copy WHERE date = current_date - d));
			END LOOP;
			RETURN result;
		END $$;
		SELECT on_days(7)}),
		'true' x 7,
		'cached plan: right each time');
	my %days =
	  map { $_->{body}{start_date} => 1 } was_sent('POST', qr/reports$/);
	is(scalar(keys %days), 7, 'cached plan: a request for each day');
}

# A column that is there twice, under two names
is( execute(
		$user, q{
	CREATE FOREIGN TABLE twice (one text OPTIONS (column_name 'name'),
		other text OPTIONS (column_name 'name')) SERVER pinterest OPTIONS (resource 'ads');
	CREATE FOREIGN TABLE report_twice (one text OPTIONS (column_name 'CAMPAIGN_NAME'),
		other text OPTIONS (column_name 'CAMPAIGN_NAME'))
		SERVER pinterest OPTIONS (resource 'campaign_report', historical_date '2 days');
	SELECT count(one) > 0, count(*) FILTER (WHERE one IS DISTINCT FROM other) FROM twice;
	SELECT count(one) > 0, count(*) FILTER (WHERE one IS DISTINCT FROM other) FROM report_twice}
	),
	"t|0\nt|0",
	'a column with two names');

# Two scans of the same report at once, read in turns
is( execute(
		$user, q{
	SET enable_hashjoin = off; SET enable_nestloop = off;
	SELECT count(*) FROM report AS a JOIN report AS b USING (campaign_id, date)
		WHERE a IS NOT DISTINCT FROM b;
	RESET enable_hashjoin; RESET enable_nestloop}),
	$rows,
	'two scans at once');

quit($user);
quit($control);
$node->stop;

unlike(
	join('', grep { /PANIC|was terminated by signal|TRAP|WARNING/ } split /^/,
		slurp_file($node->logfile)),
	qr/./,
	'no crash and no warning in the log');

done_testing();
