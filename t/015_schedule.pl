
# Copyright (c) 2026, pinterest_fdw contributors

# Refreshes on schedule, by the real pg_cron: in the same and in another database,
# as superuser and as an ordinary role.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use PinterestSandbox;
use PsqlSession;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time sleep);

my $installed = PinterestSandbox::has_cron();

my $sandbox = PinterestSandbox->new(
	campaigns => 2,
	ad_groups => 1,
	ads => 1,
	report_delay => 0);
$ENV{PGCLIENTENCODING} = 'UTF8';
my $token = $sandbox->token;
my $node = PinterestSandbox::start_node('main', "timezone = 'UTC'");

sub query
{
	my ($sql, $dbname, $role, $on) = @_;
	my ($status, $out, $err) = ($on // $node)->psql($dbname // 'postgres', $sql,
		defined $role ? (extra_params => [ '-U', $role ]) : ());
	return $err eq '' ? $out : $err =~ s/^psql:<stdin>:\d+: //gmr;
}

# A database with materialized tables of the superuser's and of alice's.  At the
# server "pinterest" only alice's mapping is right, so that it can be seen whose
# counts.
sub set_up
{
	my ($dbname) = @_;
	my $url = $sandbox->api_url;
	my $advertiser = $sandbox->advertiser;
	$node->safe_psql(
		$dbname, qq{
		CREATE EXTENSION pinterest_fdw;
		CREATE SERVER pinterest FOREIGN DATA WRAPPER pinterest_fdw
			OPTIONS (api_url '$url', advertiser_id '$advertiser', historical_date '20 days');
		CREATE SERVER good FOREIGN DATA WRAPPER pinterest_fdw
			OPTIONS (api_url '$url', advertiser_id '$advertiser', historical_date '20 days');
		CREATE USER MAPPING FOR postgres SERVER pinterest OPTIONS (access_token 'pina_wrong');
		CREATE USER MAPPING FOR alice SERVER pinterest OPTIONS (access_token '$token');
		CREATE USER MAPPING FOR postgres SERVER good OPTIONS (access_token '$token');
		CREATE SCHEMA live;
		IMPORT FOREIGN SCHEMA ads LIMIT TO (campaign_report) FROM SERVER pinterest INTO live;
		IMPORT FOREIGN SCHEMA ads LIMIT TO (campaigns, advertiser_report) FROM SERVER good INTO live;
		GRANT USAGE ON SCHEMA live TO PUBLIC;
		GRANT SELECT ON ALL TABLES IN SCHEMA live TO alice;
		CREATE SCHEMA ads;
		GRANT ALL ON SCHEMA ads TO PUBLIC;
		SELECT pinterest.materialize('live.campaigns', 'ads.campaigns', false);
		SELECT pinterest.materialize('live.campaign_report', 'ads.failing', false);
		SELECT pinterest.materialize('live.advertiser_report', 'ads.advertiser_report', false);});
	is( query(
			q{SELECT pinterest.materialize('live.campaign_report', 'ads.campaign_report', false)},
			$dbname,
			'alice'),
		'ads.campaign_report',
		"$dbname: a table of alice's");
	return;
}

query('CREATE ROLE alice LOGIN; CREATE ROLE bob LOGIN; CREATE DATABASE other');
set_up($_) foreach 'postgres', 'other';

#
# Without pg_cron
#

my $schedule = q{SELECT pinterest.schedule('ads.campaigns', 'hourly')};
my $major = $node->pg_version->major;
my ($problem, $first) =
  $installed
  ? ('pg_cron has not been loaded', 'Set')
  : ('pg_cron is not installed', "Install pg_cron (Debian and Ubuntu: package postgresql-$major-cron), set");
is( query($schedule),
	qq{ERROR:  $problem
DETAIL:  Refreshes are scheduled with the extension pg_cron.
HINT:  $first shared_preload_libraries = 'pg_cron' and cron.database_name = 'postgres' in postgresql.conf, restart the server, and run CREATE EXTENSION pg_cron.},
	$problem);
like(query(q{SET cron.database_name = 'postgres'; } . $schedule),
	qr/$problem/, 'a setting alone does not make pg_cron');
is(query('SELECT * FROM pinterest_internal.list_schedules()'),
	'', 'without pg_cron there are no schedules');
is(query(q{SELECT pinterest.unschedule('ads.campaigns')}),
	'f', 'and none to end');

unless ($installed)
{
  SKIP: { skip 'pg_cron is not installed', 1; }
	$node->stop;
	done_testing();
	exit;
}

# Seven jobs run at once, and each has workers.
my $host = $node->host;
$node->append_conf(
	'postgresql.conf', qq{
	max_worker_processes = 20
	shared_preload_libraries = 'pg_cron'
	cron.host = '$host'});
$node->restart;
is( query($schedule),
	qq{ERROR:  extension pg_cron does not exist in database "postgres"
HINT:  Run CREATE EXTENSION pg_cron there, as a superuser.},
	'the extension has not been created');
is( query($schedule, 'other'),
	qq{ERROR:  extension pg_cron does not exist in database "postgres"
HINT:  Run CREATE EXTENSION pg_cron there, as a superuser.},
	'likewise from another database');
query('CREATE EXTENSION pg_cron');

#
# What can be scheduled, and when
#

like(query($schedule), qr/^\d+$/, 'a schedule has a job');
my $minute = query(q{SELECT schedule FROM cron.job});
like($minute, qr/^[1-5]?\d \* \* \* \*$/, 'hourly: at some minute');
is( query(q{SELECT command, database, username, active, jobname FROM cron.job}),
	q{CALL pinterest_internal.run_schedule('ads.campaigns')|postgres|postgres|t|pinterest_fdw postgres.ads.campaigns},
	'the job');
my $id = query('SELECT jobid FROM cron.job');
is( query(q{SELECT pinterest.schedule('ads.campaigns', 'Daily')}),
	$id, 'a table has one job');
like(query('SELECT schedule FROM cron.job'),
	qr/^\d+ \d+ \* \* \*$/, 'daily: at some minute of some hour');
like( query(q{SELECT pinterest.schedule('ads.campaigns', 'weekly'); SELECT schedule FROM cron.job}),
	qr/^\d+\n\d+ \d+ \* \* [0-6]$/, 'weekly');
like( query(q{SELECT pinterest.schedule('ads.campaigns', 'monthly'); SELECT schedule FROM cron.job}),
	qr/^\d+\n\d+ \d+ (\d|1\d|2[0-8]) \* \*$/, 'monthly');
query($schedule);
is(query(q{SELECT schedule FROM cron.job}), $minute,
	'the minute is always the same for a table');

# Spread: of 28 tables, no more than a few in the same minute
query(
	q{SELECT pinterest.materialize('live.campaigns', 'ads.t' || i, false) FROM generate_series(1, 28) i;
	  SELECT pinterest.schedule(('ads.t' || i)::regclass, 'hourly') FROM generate_series(1, 28) i});
my $minutes = query(
	q{SELECT count(DISTINCT schedule) FROM cron.job WHERE command ~ 'ads\.t\d+'});
cmp_ok($minutes, '>=', 15, 'tables are spread over the hour');
note("28 tables at $minutes minutes");
query(q{DO $$ BEGIN FOR i IN 1..28 LOOP EXECUTE 'DROP TABLE ads.t' || i; END LOOP; END $$});
is(query('SELECT count(*) FROM cron.job'),
	1, 'the job of a dropped table goes with it');

# Names
my $long = 'a' x 62;
my $odd = q{"it's \\ ""odd"" ${x}"};
query(
	qq{SELECT pinterest.materialize('live.campaigns', 'ads.${long}1', false);
	   SELECT pinterest.materialize('live.campaigns', 'ads.${long}2', false);
	   SELECT pinterest.materialize('live.campaigns', \$t\$ads.$odd\$t\$, false);});
is( query(qq{SELECT count(DISTINCT pinterest.schedule(t::regclass, 'daily')) FROM unnest('{ads.${long}1,ads.${long}2}'::text[]) t}),
	2,
	'long names');
my $odd_id = query(qq{SELECT pinterest.schedule(\$t\$ads.$odd\$t\$, 'daily')});
my $call = query(qq{SELECT substring(command FROM 'run_schedule\\((.*)\\)\$') FROM cron.job WHERE jobid = $odd_id});
# PostgreSQL 19 has no other strings.
foreach my $setting ($major < 19 ? ('on', 'off') : 'on')
{
	my $quiet = $major < 19 ? 'SET escape_string_warning = off;' : '';
	is( query(qq{SET standard_conforming_strings = $setting; $quiet
			SELECT targets = ARRAY[\$t\$ads.$odd\$t\$::regclass] FROM pinterest.schedules WHERE name = $call}),
		't',
		"an odd name, with standard_conforming_strings = $setting");
}
query(qq{DROP TABLE ads.${long}1, ads.${long}2, ads.$odd});
is(query('SELECT count(*) FROM cron.job'), 1, 'their jobs are gone');

# pg_cron takes whatever we take.
foreach my $expression (
	'* * * * *', '*/5 1-3 * jan-Mar mon,FRI', '0 0 1,15 */2 7',
	" 5\t4 3 2  1 ", '1-59/20 * * * *', '59 23 31 12 0-7', '*/59 * * * *')
{
	is(query(
			"SELECT pinterest.schedule('ads.campaigns', '$expression') = $id"),
		't', "schedule \"$expression\"");
}
is(query('SELECT schedule FROM cron.job WHERE schedule <> trim(schedule)'),
	'', 'spaces are put right');
is( query(q{SELECT pinterest.schedule('ads.campaigns', '@yearly') > 0; SELECT schedule FROM cron.job}),
	"t\n0 0 1 1 *",
	'nicknames are spelt out');

foreach my $wrong (
	[ '', 'It has 0 of the five fields' ],
	[ 'hourl', 'Perhaps you meant "hourly".' ],
	[ '* * * *', 'It has 4 of the five fields' ],
	[ '* * * * * *', 'It has 6 fields instead of five' ],
	[ '60 * * * *', 'The minute must be between 0 and 59.' ],
	[ '* 24 * * *', 'The hour must be between 0 and 23.' ],
	[ '* * 0 * *', 'The day of the month must be between 1 and 31.' ],
	[ '* * * foo *', '"foo" is not a value of the month.' ],
	[ '* * * * 8', 'The day of the week must be between 0 and 7.' ],
	[ '5-1 * * * *', 'A range of the minute ends before it begins.' ],
	[ '5/10 * * * *', 'A step of the minute needs a range' ],
	[ '*/0 * * * *', 'A step of the minute must be between 1 and 59.' ],
	[ '*/90 * * * *', 'A step of the minute must be between 1 and 59.' ],
	[ '1, * * * *', 'A value of the minute is missing.' ],
	[ '1;2 * * * *', '"1;2" is not a value of the minute.' ],
	[ '99999999999 * * * *', 'The minute must be between 0 and 59.' ],
	[ '0 0 31 2,4 *', 'There is no such day.' ])
{
	my ($expression, $error) = @$wrong;
	like(query("SELECT pinterest.schedule('ads.campaigns', '$expression')"),
		qr/\Q$error/, "no schedule \"$expression\"");
}
like( query(q{SELECT pinterest.schedule('ads.campaigns', '90 seconds')}),
	qr/between 1 and 59/, 'no 90 seconds');
if (query(q{SELECT current_setting('cron.timezone', true) IS NULL}) eq 't')
{
	like(query(qq{SELECT pinterest.schedule('ads.campaigns', '$_')}),
		qr/pg_cron 1\.5/, "$_ need a newer pg_cron")
	  foreach '30 seconds', '0 0 $ * *';
}
else
{
	is(query(qq{SELECT pinterest.schedule('ads.campaigns', '$_')}),
		$id, "$_ for a newer pg_cron")
	  foreach '30 seconds', '0 0 $ * *';
}

# The next run, beside what PostgreSQL itself makes of the dates
foreach my $case (
	[ '30 6 * * *', q{now()::date + '6:30'::time + CASE WHEN now()::time >= '6:30' THEN interval '1 day' ELSE interval '0' END} ],
	[ '0 0 29 2 *', q{(SELECT min(d) FROM generate_series(now()::date + 1, now()::date + 3300, interval '1 day') d WHERE to_char(d, 'MMDD') = '0229')} ],
	[ '0 0 13 * fri', q{(SELECT min(d) FROM generate_series(now()::date + 1, now()::date + 40, interval '1 day') d WHERE extract(day FROM d) = 13 OR extract(dow FROM d) = 5)} ],
	[ '0 0 */2 * 5', q{(SELECT min(d) FROM generate_series(now()::date + 1, now()::date + 40, interval '1 day') d WHERE extract(day FROM d)::int % 2 = 1 AND extract(dow FROM d) = 5)} ],
	[ '* * * * *', q{date_trunc('minute', now()) + interval '1 minute'} ])
{
	my ($expression, $expected) = @$case;
	is( query(qq{
			SELECT pinterest.schedule('ads.campaigns', '$expression') > 0;
			SELECT next_run_at = $expected, schedule FROM pinterest_internal.list_schedules()}),
		"t\nt|$expression",
		"next run of \"$expression\"");
}

# pg_cron's own commands
query(q{SELECT cron.alter_job(jobid, schedule => '1 2 3 4 *') FROM cron.job});
is(query('SELECT schedule, next_run_at IS NULL FROM pinterest_internal.list_schedules()'),
	'1 2 3 4 *|f', 'a job that was altered');
query(q{SELECT cron.alter_job(jobid, active => false) FROM cron.job});
is(query('SELECT next_run_at FROM pinterest_internal.list_schedules()'),
	'', 'a job that was made inactive');
query(q{SELECT cron.unschedule(jobid) FROM cron.job});
is(query('SELECT schedule, next_run_at FROM pinterest_internal.list_schedules()'),
	'* * * * *|', 'a job that was removed');
is( query(q{BEGIN; SELECT pinterest.schedule('ads.campaigns', 'hourly') > 0; ROLLBACK; SELECT count(*) FROM cron.job}),
	"t\n0", 'a schedule that was rolled back');
like( query(q{BEGIN READ ONLY; SELECT pinterest.schedule('ads.campaigns', 'hourly')}),
	qr/cannot execute pinterest\.schedule\(\) in a read-only transaction/,
	'not in a read-only transaction');
# A transaction that has ended no schedule keeps nobody from making one.
{
	my $idle = PsqlSession->new($node);
	is($idle->execute(q{BEGIN; SELECT pinterest.unschedule('ads.failing')}), 'f',
		'a table without a schedule');
	is(query(q{SET lock_timeout = '1s'; SELECT pinterest.schedule('ads.campaigns', 'hourly') > 0; SELECT pinterest.unschedule('ads.campaigns')}),
		"t\nt", 'holds nobody up');
	$idle->quit;
}
is( query(q{SELECT pinterest.schedule('ads.campaigns', 'hourly') > 0; SELECT pinterest.unschedule('ads.campaigns'), pinterest.unschedule('ads.campaigns');
		SELECT * FROM cron.job; SELECT * FROM pinterest_internal.list_schedules()}),
	"t\nt|f",
	'the end of a schedule');

like( query(q{SELECT pinterest.schedule('live.campaigns', 'hourly')}),
	qr/"live\.campaigns" is not a materialized table/, 'not a foreign table');
like( query(q{SELECT pinterest.schedule(0, 'hourly')}),
	qr/relation with OID 0 does not exist/, 'nor no table at all');

#
# Who may
#

my $alices = q{SELECT pinterest.schedule('ads.campaign_report', 'hourly')};
is( query($alices, 'postgres', 'alice'),
	qq{ERROR:  permission denied for schema cron in database "postgres"
HINT:  Let a superuser run in database "postgres": GRANT USAGE ON SCHEMA cron TO alice.},
	'alice may not use pg_cron');
is( query($alices, 'other', 'alice'),
	qq{ERROR:  permission denied for schema cron in database "postgres"
HINT:  Let a superuser run in database "postgres": GRANT USAGE ON SCHEMA cron TO alice.},
	'nor from another database');
query('GRANT USAGE ON SCHEMA cron TO alice, bob');
like(query($alices, 'postgres', 'alice'), qr/^\d+$/, 'now she may');
is( query($alices, 'other', 'alice'),
	qq{ERROR:  permission denied for function cron.schedule_in_database in database "postgres"
HINT:  Let a superuser run in database "postgres": GRANT EXECUTE ON FUNCTION cron.schedule_in_database TO alice.},
	'another database takes one privilege more');
query('GRANT EXECUTE ON FUNCTION cron.schedule_in_database TO alice');
query('REVOKE CONNECT ON DATABASE postgres FROM PUBLIC');
like( query($alices, 'other', 'alice'),
	qr/permission denied for database "postgres" of pg_cron/,
	'or two');
query('GRANT CONNECT ON DATABASE postgres TO PUBLIC');
like(query($alices, 'other', 'alice'), qr/^\d+$/, 'with these, she may');
is( query('SELECT database, username FROM cron.job ORDER BY 1'),
	"other|alice\npostgres|alice",
	'her jobs are hers');
like(query($_, 'postgres', 'bob'), qr/must be owner of table campaign_report/,
	'bob may not touch them')
  foreach $alices, q{SELECT pinterest.unschedule('ads.campaign_report')};
like( query(q{DELETE FROM pinterest_internal.schedules}, 'postgres', 'alice'),
	qr/permission denied for table schedules/, 'nor may alice write the table of schedules');
query('DROP USER MAPPING FOR alice SERVER pinterest', 'other');
like( query($alices, 'other', 'alice'),
	qr/user "alice" has no user mapping for server "pinterest"/,
	'a job without a user mapping would fail');
query("CREATE USER MAPPING FOR alice SERVER pinterest OPTIONS (access_token '$token')", 'other');

query('CREATE ROLE group_role; GRANT USAGE ON SCHEMA cron TO group_role; GRANT alice TO group_role');
query(qq{CREATE USER MAPPING FOR group_role SERVER pinterest OPTIONS (access_token '$token'); GRANT USAGE ON SCHEMA live TO group_role});
like( query("SET ROLE group_role; $alices"),
	qr/jobs of role "group_role" could not run, as it cannot log in/,
	'a role that cannot log in cannot have jobs');

# A refresh acts as the owner of the table: it is the owner's rights that are
# needed, whoever schedules.
query('CREATE ROLE carol LOGIN; GRANT USAGE ON SCHEMA cron TO carol; GRANT alice TO carol');
like(query($alices, 'postgres', 'carol'), qr/^\d+$/, "a member of the owner's role may schedule");
is( query("SELECT username FROM cron.job WHERE command ~ 'campaign_report' AND database = 'postgres'"),
	'carol', 'and the job is hers');
query('REVOKE SELECT ON live.campaign_report FROM alice');
is( query($alices),
	qq{ERROR:  permission denied for foreign table campaign_report
DETAIL:  Refreshes of table "campaign_report" act as its owner, "alice".
HINT:  GRANT SELECT ON live.campaign_report TO alice.},
	'not if the owner may not read the foreign table');
query('GRANT SELECT ON live.campaign_report TO alice; DROP USER MAPPING FOR alice SERVER pinterest');
like( query($alices), qr/user "alice" has no user mapping for server "pinterest"/,
	'nor if the owner has no user mapping');
query("CREATE USER MAPPING FOR alice SERVER pinterest OPTIONS (access_token '$token')");

# What stands in pg_cron's schema and is not pg_cron's is not called.
query('ALTER EXTENSION pg_cron DROP FUNCTION cron.schedule(text, text, text)');
like( query($alices),
	qr/pg_cron in database "postgres" has no function "schedule" to call.*HINT: /s,
	'a function that is not of pg_cron');
query('ALTER EXTENSION pg_cron ADD FUNCTION cron.schedule(text, text, text)');

# The superuser takes over, and gives back.
query(q{ALTER TABLE ads.campaign_report OWNER TO postgres});
is( query("$alices > 0; SELECT database, username FROM cron.job ORDER BY 1"),
	"t\nother|alice\npostgres|postgres",
	'a schedule of another role is replaced');
query(q{ALTER TABLE ads.campaign_report OWNER TO alice});

#
# From another database: commit and rollback
#

my $jobs = q{SELECT count(*) FROM cron.job WHERE database = 'other'};
query(q{BEGIN; SELECT pinterest.unschedule('ads.campaign_report'); ROLLBACK}, 'other');
is(query($jobs), 1, 'the end of a schedule was rolled back');
query(q{BEGIN; SAVEPOINT s; DROP TABLE ads.campaign_report; ROLLBACK TO s; COMMIT}, 'other');
is(query($jobs), 1, 'a DROP was rolled back to a savepoint');
is( query(q{SELECT pinterest.unschedule('ads.campaign_report')}, 'other', 'alice'),
	't', 'the end of a schedule');
is(query($jobs), 0, 'its job is gone');
query($alices, 'other', 'alice');
query(q{BEGIN; DROP TABLE ads.campaign_report; COMMIT}, 'other');
is(query($jobs), 0, 'the job of a dropped table is gone');
query(q{SELECT pinterest.materialize('live.campaign_report', 'ads.campaign_report', false)}, 'other', 'alice');

like(query($alices, 'other', 'alice'), qr/^\d+$/, 'the next table of that name');

# A job that begins before its schedule has been committed waits for that; nobody
# who drops something else does.
my $maker = PsqlSession->new($node, dbname => 'other');
my $job = PsqlSession->new($node, dbname => 'other');
$maker->execute(q{BEGIN; SELECT pinterest.schedule('ads.campaigns', 'hourly')});
$job->begin(q{CALL pinterest_internal.run_schedule('ads.campaigns'); SELECT count(*) FROM ads.campaigns});
PsqlSession::wait_until('a lock', sub {
	query(qq{SELECT count(*) FROM pg_locks WHERE pid = $job->{pid} AND NOT granted}) == 1 });
is(query(q{CREATE TABLE unrelated (); SET statement_timeout = '60s'; DROP TABLE unrelated}, 'other'),
	'', 'nobody waits for an open transaction that schedules');
$maker->execute('COMMIT');
is(($job->finish)[0], 2, 'a job waits for its schedule');
$_->quit foreach $maker, $job;
query(q{SELECT pinterest.unschedule('ads.campaigns')}, 'other');

# In another encoding
query(q{CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'});
set_up('latin');
my $name = "ads.gr\xc3\xb6\xc3\x9fe";
query(qq{ALTER TABLE ads.advertiser_report RENAME TO "gr\xc3\xb6\xc3\x9fe"}, 'latin');

#
# A server whose pg_cron runs jobs in background workers
#

my $workers = PostgreSQL::Test::Cluster->new('workers');
PinterestSandbox::init_node($workers);
$workers->append_conf('postgresql.conf', qq{
	shared_preload_libraries = 'pg_cron'
	cron.use_background_workers = on
	cron.timezone = 'Asia/Kolkata'
	max_worker_processes = 20});
$workers->start;
$sandbox->connect($workers, options => q{historical_date '20 days'});
$workers->safe_psql(
	'postgres', qq{
	CREATE EXTENSION pg_cron;
	CREATE ROLE alice LOGIN;
	GRANT USAGE ON SCHEMA cron TO alice;
	CREATE USER MAPPING FOR alice SERVER pinterest OPTIONS (access_token '$token');
	CREATE SCHEMA live;
	IMPORT FOREIGN SCHEMA ads LIMIT TO (campaign_report) FROM SERVER pinterest INTO live;
	GRANT ALL ON SCHEMA live TO alice;
	GRANT SELECT ON live.campaign_report TO alice;
	CREATE SCHEMA ads AUTHORIZATION alice;
	SET SESSION AUTHORIZATION alice;
	SELECT pinterest.materialize('live.campaign_report', 'ads.campaign_report', false);
	SELECT pinterest.materialize('live.campaign_report', 'ads.failing', false);
	ALTER TABLE ads.failing ADD CHECK (date IS NULL);
	SELECT pinterest.schedule('ads.campaign_report', '* * * * *');
	SELECT pinterest.schedule('ads.failing', '* * * * *');});

#
# Jobs that run, all in the same minute
#

# None begins before all is as it shall find it.
my $rarely = q{, '0 0 29 2 *')};
query(q{SELECT pinterest.unschedule('ads.campaigns')});
my %job = (
	superuser => query(qq{SELECT pinterest.schedule('ads.advertiser_report'$rarely}),
	failing => query(qq{SELECT pinterest.schedule('ads.failing'$rarely}),
	alice => query(qq{SELECT pinterest.schedule('ads.campaign_report'$rarely}, 'postgres', 'alice'),
	remote => query(qq{SELECT pinterest.schedule('ads.campaign_report'$rarely}, 'other', 'alice'),
	rolled_back => (split /\n/, query(qq{BEGIN; SELECT pinterest.schedule('ads.campaigns'$rarely; ROLLBACK}, 'other'))[0],
	latin => query(qq{SELECT pinterest.schedule('$name'$rarely}, 'latin'),
	broken => query(qq{SELECT pinterest.schedule('ads.campaigns'$rarely}));
query(q{ALTER TABLE ads.campaign_report RENAME TO renamed}, 'postgres', 'alice');
query(q{DROP FOREIGN TABLE live.campaigns});
my $begin = time;
my $ids = join ',', values %job;
query(qq{UPDATE cron.job SET schedule = '* * * * *' WHERE jobid IN ($ids)});
my $ended = qq{SELECT count(DISTINCT jobid) = 7 FROM cron.job_run_details
	WHERE jobid IN ($ids) AND status IN ('succeeded', 'failed')};
my $timeout = $PostgreSQL::Test::Utils::timeout_default;
my $ended_there = q{SELECT count(DISTINCT command) = 2 FROM cron.job_run_details
	WHERE status IN ('succeeded', 'failed')};
sub all_ended
{
	return query($ended) . query($ended_there, undef, undef, $workers) eq 'tt';
}
sleep 0.5 while !all_ended() && time - $begin < $timeout;
ok(all_ended(), 'jobs have run');
note(sprintf '%.1f seconds', time - $begin);

my $outcome = q{SELECT status, username, database FROM cron.job_run_details WHERE jobid = };
my $message = q{SELECT return_message FROM cron.job_run_details WHERE jobid = };
is(query("$outcome $job{superuser} LIMIT 1"),
	'succeeded|postgres|postgres', q{the superuser's job succeeded});
cmp_ok(query('SELECT count(*) FROM ads.advertiser_report'),
	'>', 0, 'and loaded its table');
is(query("$outcome $job{alice} LIMIT 1"),
	'succeeded|alice|postgres', q{alice's job succeeded});
cmp_ok(query('SELECT count(*) FROM ads.renamed'),
	'>', 0, 'and loaded its table although that had been renamed');
is(query("$outcome $job{remote} LIMIT 1"),
	'succeeded|alice|other', q{her job in the other database succeeded});
cmp_ok(query('SELECT count(*) FROM ads.campaign_report', 'other'),
	'>', 0, 'and loaded its table');
is( query("SELECT command ~ '''$name''' FROM cron.job WHERE jobid = $job{latin}"),
	't', 'a name from a database of another encoding');
is(query("$outcome $job{latin} LIMIT 1"),
	'succeeded|postgres|latin', 'its job succeeded');
is(query(qq{SELECT pinterest.unschedule('$name')}, 'latin'), 't', 'and has an end');
is(query("SELECT count(*) FROM cron.job WHERE jobid = $job{latin}"),
	0, 'it is gone');
is(query("$outcome $job{failing} LIMIT 1"),
	'failed|postgres|postgres', 'a job with the wrong token failed');
like(query("$message $job{failing} LIMIT 1"),
	qr/^ERROR: .*live\.campaign_report.*401|Pinterest/s, 'and says why');
note(query("$message $job{failing} LIMIT 1"));
like( query("$message $job{broken} LIMIT 1"),
	qr/the foreign table that table "ads\.campaigns" is loaded from has been dropped/,
	'a job without a foreign table says so');
# pg_cron gives up a run of which it learns that its job is gone before it has the result.
my $removed = query("$outcome $job{rolled_back} LIMIT 1");
$removed =~ s/^failed/succeeded/ if query("$message $job{rolled_back} LIMIT 1") =~ /^job canceled/;
is($removed, 'succeeded|postgres|other', 'a job without a schedule has nothing to do');
is(query("SELECT count(*) FROM cron.job WHERE jobid = $job{rolled_back}"), 0, 'and removes itself');

is( query(q{SELECT target, status, schedule, next_run_at > now() FROM pinterest.status WHERE schedule IS NOT NULL ORDER BY target::text}),
	q{ads.advertiser_report|ready|* * * * *|t
ads.campaigns|orphaned|* * * * *|t
ads.failing|failed|* * * * *|t
ads.renamed|ready|* * * * *|t},
	'the status of all that is scheduled');
is( query(q{SELECT command ~ 'failing', username, status FROM cron.job_run_details ORDER BY runid LIMIT 2}, undef, undef, $workers)
	  =~ s/(.*)\n(.*)/join "\n", sort $1, $2/er,
	"f|alice|succeeded\nt|alice|failed",
	'a job of each kind in a background worker');
cmp_ok(query('SELECT count(*) FROM ads.campaign_report', undef, undef, $workers),
	'>', 0, 'which has loaded its table');
like(query(q{SELECT return_message FROM cron.job_run_details WHERE command ~ 'failing' LIMIT 1}, undef, undef, $workers),
	qr/^ERROR: .*violates check constraint/, 'and says why it failed');

# An older pg_cron does not know its time zone.
my $zone = query(q{SELECT CASE WHEN count(*) = 1 THEN 'Asia/Kolkata' ELSE 'GMT' END FROM pg_settings WHERE name = 'cron.timezone' AND context = 'postmaster'},
	undef, undef, $workers);
note("cron's time zone: $zone");
is( query(qq{
		SET client_min_messages = warning;
		SET ROLE alice;
		SELECT pinterest.schedule('ads.failing', '45 3 * * *') > 0;
		SELECT (next_run_at AT TIME ZONE '$zone')::time FROM pinterest_internal.list_schedules() WHERE target = 'ads.failing'::regclass},
		undef, undef, $workers),
	"t\n03:45:00",
	q{the next run by pg_cron's clock});
$workers->stop;

#
# Dump and restore
#

query(q{SELECT pinterest.unschedule('ads.failing'); SELECT pinterest.unschedule('ads.campaigns'); SELECT cron.unschedule(jobid) FROM cron.job WHERE jobname LIKE '%other.ads.campaigns'});
query(q{SELECT pinterest.schedule('ads.renamed', 'daily'); SELECT pinterest.schedule('ads.advertiser_report', 'weekly')});
query(q{SELECT pinterest.schedule('ads.campaign_report', 'monthly')}, 'other', 'alice');
my $dump = $node->basedir . '/dump.sql';
$node->command_ok([ 'pg_dumpall', '-h', $host, '-p', $node->port, '-f', $dump ], 'pg_dumpall');
my $list = 'SELECT target::text, schedule, next_run_at FROM pinterest_internal.list_schedules() ORDER BY 1';
my $all_jobs = 'SELECT jobid, schedule, command, database, username, jobname FROM cron.job ORDER BY 1';
my %before = map { $_ => query($list, $_) } 'postgres', 'other';
my $jobs_before = query($all_jobs);
$node->stop;

my $second = PostgreSQL::Test::Cluster->new('second');
PinterestSandbox::init_node($second);
$second->append_conf('postgresql.conf', qq{
	timezone = 'UTC'
	shared_preload_libraries = 'pg_cron'});
$second->start;
$node = $second;
$second->command_ok([ 'psql', '-X', '-q', '-d', $second->connstr('postgres'), '-o', '/dev/null', '-f', $dump ], 'restore');
is(query($all_jobs), $jobs_before, 'jobs have been restored');
isnt($jobs_before, '', 'there were jobs');
is(query($list, $_), $before{$_}, "$_: schedules have been restored")
  foreach 'postgres', 'other';
$id = query(q{SELECT jobid FROM cron.job WHERE command ~ 'advertiser_report'});
is(query(q{SELECT pinterest.schedule('ads.advertiser_report', 'hourly')}),
	$id, 'they still have their jobs');

# A copy of a database is none of the original.
query('CREATE DATABASE copy TEMPLATE other');
is(query('SELECT schedule, next_run_at FROM pinterest_internal.list_schedules()', 'copy'),
	'monthly|', 'a copy has schedules, but no jobs');
like( query(q{SELECT pinterest.schedule('ads.campaign_report', 'monthly')}, 'copy'),
	qr/^\d+$/, 'until it is scheduled');
is( query(q{SELECT database FROM cron.job WHERE command ~ 'campaign_report' AND database <> 'postgres' ORDER BY 1}),
	"copy\nother", 'which leaves the original alone');

# A dump without the table
query('CREATE DATABASE part');
$second->command_ok([ 'pg_dump', '-d', $second->connstr('other'), '-T', 'ads.campaign_report', '-f', $dump ],
	'pg_dump without a scheduled table');
$second->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $second->connstr('part'), '-o', '/dev/null', '-f', $dump ],
	'restores without an error');
is(query('SELECT count(*) FROM pinterest_internal.schedules', 'part'),
	0, 'nor has it the schedule');

$second->stop;
done_testing();
