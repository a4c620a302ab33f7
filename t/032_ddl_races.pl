
# Copyright (c) 2026, pinterest_fdw contributors

# All functions beside DROP, RENAME, ALTER and DROP EXTENSION of what they are
# called with: they find it, or say in words that it is gone.  No session crashes
# and no message has a hole.
#
# What meets what is left to chance, but not how much is tried: sessions run
# fixed numbers of statements side by side.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use IPC::Run;
use PinterestSandbox;
use PsqlSession;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $has_cron = PinterestSandbox::has_cron();

my $sandbox = PinterestSandbox->new(
	campaigns => 1,
	ad_groups => 1,
	ads => 1,
	report_delay => 0);
my $node = PinterestSandbox::start_node(
	'main', q{
	timezone = 'UTC'
	max_worker_processes = 20
	deadlock_timeout = 100ms
	lock_timeout = 20s
	log_min_messages = panic
	restart_after_crash = off} . PinterestSandbox::cron_conf());
my ($options, $token) = ($sandbox->server_options, $sandbox->token);
my $credentials = $sandbox->client . ", access_token '$token'";
my $dir = PostgreSQL::Test::Utils::tempdir;

sub query { return $node->safe_psql('postgres', $_[0]); }

my $nsessions = 0;

# Starts a psql that runs statements, whatever comes of each.
sub start_session
{
	my ($name, $role, @statements) = @_;
	my $file = "$dir/" . ++$nsessions . '.sql';
	append_to_file($file, join '', map { "$_;\n" } @statements);
	my $session = { name => $name, out => '', err => '', n => scalar @statements };
	$session->{run} = IPC::Run::start(
		[
			'psql', '-XAtq', '-v', 'VERBOSITY=verbose', '-v', 'ON_ERROR_STOP=0',
			'-d', $node->connstr('postgres') . " user=$role", '-f', $file
		],
		'>' => \$session->{out},
		'2>' => \$session->{err},
		IPC::Run::timer(4 * $PostgreSQL::Test::Utils::timeout_default));
	return $session;
}

# The sqlstates that say that something is gone, new, changed or in use.  HV000
# stands for several errors of one refresh_all().  Whoever creates a table that
# another session has just created gets PostgreSQL's error of its catalogs.
my @states = qw(42P01 42704 42883 42809 42703 42501 42P07 42710 42804 3F000 55000
  55P03 40P01 28000 22004 25P02 HV00R HV000 42P16);
my $expected = join '|', map({ "$_: " } @states),
  '23505: duplicate key value violates unique constraint "pg_(?:type_typname|class_relname)_nsp_index"';

sub finish_sessions
{
	my ($phase, $also, @sessions) = @_;
	$_->{run}->finish foreach @sessions;
	foreach my $session (@sessions)
	{
		my $name = "$phase: $session->{name}";
		my %count;
		my @wrong;
		foreach my $line (split /\n/, $session->{err})
		{
			next unless $line =~ /(?:ERROR|FATAL|PANIC):  (\w{5}): /;
			$count{$1}++;
			push @wrong, $line unless $line =~ /:  (?:$expected)/ || $line =~ $also;
		}
		unlike(
			$session->{err},
			qr/server closed the connection|connection to server was lost|terminating connection/,
			"$name: the session lives");
		is(join("\n", @wrong[ 0 .. ($#wrong < 9 ? $#wrong : 9) ]),
			'', "$name: errors are those that say what is gone");
		unlike($session->{err}, qr/\(null\)/, "$name: no message has a hole");
		note("$name: $session->{n} statements, "
			  . (join(', ', map { "$count{$_} x $_" } sort keys %count) || 'no errors'));
	}
	is($node->psql('postgres', 'SELECT 1'), 0, "$phase: the server lives")
	  or die 'the server has crashed';
	return;
}

# Everything that the sessions need, made by alice where she can
my $create_server = qq{
	CREATE SERVER IF NOT EXISTS pinterest FOREIGN DATA WRAPPER pinterest_fdw OPTIONS ($options);
	GRANT USAGE ON FOREIGN SERVER pinterest TO alice;
	CREATE USER MAPPING IF NOT EXISTS FOR alice SERVER pinterest OPTIONS ($credentials);
	CREATE USER MAPPING IF NOT EXISTS FOR postgres SERVER pinterest OPTIONS ($credentials)};
my $create_foreign_table = q{
	CREATE FOREIGN TABLE IF NOT EXISTS live.source (advertiser_id text NOT NULL, campaign_id text NOT NULL, name text)
		SERVER pinterest OPTIONS (resource 'campaigns')};

sub create_tables
{
	return map { "SELECT pinterest.materialize('live.source', 'ads.t$_', false)" } 1 .. 3;
}

query(qq{
	CREATE EXTENSION pinterest_fdw;
	CREATE ROLE alice LOGIN SUPERUSER;
	CREATE SCHEMA live AUTHORIZATION alice;
	CREATE SCHEMA ads AUTHORIZATION alice;
	$create_server;
	SET ROLE alice;
	$create_foreign_table;
	SELECT pinterest.materialize('live.source', 'ads.stays', false);});
query(q{
	CREATE EXTENSION pg_cron;
	SELECT pinterest.schedule('ads.stays', 'daily')})
  if $has_cron;

# Any one of the tables that there were when the statement began
my $some =
  q{(SELECT c.oid FROM pg_catalog.pg_class AS c WHERE c.relname ~ '^t\d' AND c.relkind = 'r' ORDER BY random() LIMIT 1)::regclass};

# Calls for each table of a list that is made before the first call
sub each_table
{
	my ($call) = @_;
	return qq{SELECT $call FROM (SELECT c.oid::regclass AS t FROM pg_catalog.pg_class AS c
		WHERE c.relname ~ '^t\\d' AND c.relkind = 'r' ORDER BY random() OFFSET 0) AS x}
	  =~ s/\s+/ /gr;
}

sub repeat
{
	my ($times, @statements) = @_;
	return map { @statements } 1 .. $times;
}

sub schedules
{
	return $has_cron
	  ? ( each_table(q{pinterest.schedule(t, 'hourly')}),
		"SELECT pinterest.schedule($some, 'weekly')",
		"SELECT pinterest.schedule_all('daily', '3 days', NULLIF(ARRAY(SELECT c.oid FROM pg_catalog.pg_class AS c WHERE c.relname ~ '^t\\d' AND c.relkind = 'r' ORDER BY c.oid)::regclass[], '{}'))",
		"SELECT pinterest.schedule_all('weekly', '9 days')",
		"SELECT pinterest.unschedule_all()",
		"SELECT count(*) FROM pinterest.problems, pinterest.schedules",
		"SELECT pinterest.unschedule($some)",
		each_table('pinterest.unschedule(t)'))
	  : ("SELECT pinterest.unschedule($some)");
}

my @refreshes = (
	"SELECT pinterest.refresh($some)",
	q{DO $$
		DECLARE
			t regclass[] := ARRAY(SELECT c.oid FROM pg_catalog.pg_class AS c WHERE c.relname ~ '^t\d' AND c.relkind = 'r');
		BEGIN
			CALL pinterest.refresh_all(t);
		END $$},
	"CALL pinterest.refresh_all()",
	each_table('pinterest.refresh(t)'));
my @materializes = (
	map({ "SELECT pinterest.materialize('live.source', 'ads.t$_', false)" } 1 .. 3),
	q{SELECT pinterest.materialize('live.source', 'ads.t2')});
my @looks = (
	'SELECT count(*) FROM (SELECT s.* FROM pinterest.status AS s OFFSET 0) AS s WHERE s::text IS NOT NULL',
	'SELECT count(*) FROM (SELECT l.* FROM pinterest.refresh_log AS l OFFSET 0) AS l WHERE l::text IS NOT NULL',
	q{SELECT count(*) FROM pinterest.check('pinterest') AS c WHERE c::text IS NOT NULL},
	q{SELECT length(pinterest.authorization_url('pinterest'))},
	q{SELECT pinterest.authorize('pinterest', 'http://localhost:8085/?code=a&state=b')},
	'SELECT count(*) FROM live.source',
	q{EXPLAIN (COSTS OFF) SELECT * FROM live.source},
	'ANALYZE live.source');

# What is looked at in passing, again and again
{
	my $rounds = 150;
	my @calls = schedules();
	finish_sessions(
		'schedules', qr/^$/,
		map({ start_session("schedule $_", $_ % 2 ? 'alice' : 'postgres', repeat($rounds, @calls)) } 1 .. 3),
		start_session(
			'DDL', 'alice',
			repeat($rounds, create_tables(), 'DROP TABLE ads.t1', 'DROP TABLE ads.t2, ads.t3')));
}

# Tables
{
	my $rounds = 40;
	finish_sessions(
		'tables', qr/^$/,
		start_session('schedule', 'postgres', repeat($rounds * 3, schedules())),
		start_session('refresh', 'alice', repeat($rounds, @refreshes)),
		start_session('materialize', 'alice', repeat($rounds, @materializes)),
		start_session('look', 'postgres', repeat($rounds, @looks[ 0, 1 ])),
		start_session(
			'DDL', 'alice',
			repeat(
				$rounds,
				create_tables(),
				'ALTER TABLE ads.t1 RENAME TO t9',
				'ALTER TABLE ads.t9 RENAME TO t1',
				'ALTER TABLE ads.t2 ADD extra int',
				'ALTER TABLE ads.t2 DROP extra',
				'ALTER SCHEMA ads RENAME TO moved',
				'ALTER SCHEMA moved RENAME TO ads',
				'ALTER TABLE ads.t3 SET SCHEMA live',
				'DROP TABLE live.t3',
				'ALTER TABLE ads.t2 OWNER TO postgres',
				'BEGIN', 'DROP TABLE ads.t1', 'SELECT pg_sleep(0.002)', 'COMMIT',
				'DROP TABLE ads.t2')));
}

# What they are loaded from
{
	my $rounds = 15;
	finish_sessions(
		'sources', qr/^$/,
		start_session('schedule', 'postgres', repeat($rounds * 2, schedules())),
		start_session('refresh', 'alice', repeat($rounds, @refreshes)),
		start_session('look', 'alice', repeat($rounds, @looks)),
		start_session(
			'DDL', 'alice',
			repeat(
				$rounds,
				$create_server, $create_foreign_table,
				create_tables(),
				'ALTER FOREIGN TABLE live.source ADD status text',
				'ALTER FOREIGN TABLE live.source RENAME TO renamed',
				'ALTER FOREIGN TABLE live.renamed RENAME TO source',
				'ALTER SERVER pinterest RENAME TO renamed',
				'ALTER SERVER renamed RENAME TO pinterest',
				q{ALTER SERVER pinterest OPTIONS (ADD max_connections '3')},
				'DROP USER MAPPING FOR postgres SERVER pinterest',
				'DROP FOREIGN TABLE live.source',
				$create_foreign_table,
				create_tables(),
				'DROP SERVER pinterest CASCADE',
				'DROP TABLE ads.t1, ads.t2, ads.t3')));
}

# The extension itself.  A function that is gone while it is called is a matter
# of PostgreSQL's.
{
	my $rounds = 10;
	finish_sessions(
		'extension',
		qr/XX000: (?:cache lookup failed for (?:function|type) \d+|could not find tuple for)|57014/,
		start_session('schedule', 'postgres', repeat($rounds * 5, schedules())),
		start_session('refresh', 'alice', repeat($rounds, @refreshes)),
		start_session('materialize', 'alice', repeat($rounds, @materializes)),
		start_session('look', 'postgres', repeat($rounds, @looks)),
		start_session(
			'DDL', 'alice',
			repeat(
				$rounds,
				'SET client_min_messages = warning',
				'DROP EXTENSION IF EXISTS pinterest_fdw CASCADE',
				'CREATE EXTENSION IF NOT EXISTS pinterest_fdw',
				$create_server, $create_foreign_table, create_tables(),
				'SELECT pg_sleep(0.05)',
				'DROP TABLE ads.t1')));
}

# Afterwards all is as it should be.
query(qq{
	SET client_min_messages = warning;
	CREATE EXTENSION IF NOT EXISTS pinterest_fdw;
	$create_server;
	$create_foreign_table;
	DROP TABLE IF EXISTS ads.t1;
	SELECT pinterest.materialize('live.source', 'ads.t1')});
is(query(q{SELECT rows, unchanged FROM pinterest.refresh('ads.t1')}), '1|1', 'refreshes go on');
is( query(q{SELECT count(*) FROM pinterest.status WHERE target::oid NOT IN (SELECT oid FROM pg_class)}),
	0, 'nothing is left of tables that are gone');
is( query(q{SELECT count(*) FROM pg_locks WHERE locktype = 'object' AND mode = 'ExclusiveLock' AND classid > 16383}),
	0, 'no lock is left');

# Whoever has the foreign table locked may want the table next, so a change of its
# owner, which has locked that, waits for nobody.
{
	my $session = PsqlSession->new($node);
	$session->execute('BEGIN; ALTER FOREIGN TABLE live.source RENAME TO x; ALTER FOREIGN TABLE live.x RENAME TO source');
	is(PinterestSandbox::answer($node, 'SET lock_timeout = 2000; ALTER TABLE ads.t1 OWNER TO postgres'),
		'', 'a new owner while the foreign table is locked');
	is($session->execute('LOCK TABLE ads.t1; COMMIT'), '', 'which keeps nobody from the table');
	$session->quit;
}

$node->stop;
done_testing();
