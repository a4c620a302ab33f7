
# Copyright (c) 2026, pinterest_fdw contributors

# Schedules: their words, pairs of table and days, jobs for several tables, runs that
# find another one under way, and what they say of themselves.

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

my $pg_config = $ENV{PG_CONFIG} // 'pg_config';
chomp(my $share = `$pg_config --sharedir`);
plan skip_all => 'pg_cron is not installed' unless -e "$share/extension/pg_cron.control";

my $sandbox = PinterestSandbox->new(
	advertisers => 1,
	campaigns => 2,
	ad_groups => 1,
	ads => 1,
	report_delay => 0);
my $node = PinterestSandbox::start_node(
	'main', q{
	timezone = 'UTC'
	shared_preload_libraries = 'pg_cron'
	max_worker_processes = 20});
$node->append_conf('postgresql.conf', "cron.host = '" . $node->host . "'");
$node->restart;
$sandbox->connect($node, options => "historical_date '20 days'");

sub query { return $node->safe_psql('postgres', $_[0]); }

sub answer { return PinterestSandbox::answer($node, $_[0], on_error_stop => 1, defined $_[1] ? (role => $_[1]) : ()); }

query(q{
	CREATE EXTENSION pg_cron;
	CREATE ROLE alice LOGIN;
	GRANT USAGE ON SCHEMA cron TO alice;
	CREATE SCHEMA live;
	CREATE SCHEMA ads;
	GRANT USAGE ON SCHEMA live, ads TO alice;
	IMPORT FOREIGN SCHEMA ads LIMIT TO (campaigns, ads, campaign_report, advertiser_report) FROM SERVER pinterest INTO live});
query("SELECT pinterest.materialize('live.$_', 'ads.$_', false)")
  foreach qw(campaign_report campaigns advertiser_report ads);

my $jobs = q{SELECT count(*) FROM cron.job};
my $schedules = q{SELECT every, last, targets FROM pinterest.schedules ORDER BY name};

#
# Words
#

foreach my $case (
	[ 'hour', qr/\d+ \* \* \* \*/ ],
	[ 'Every hour', qr/\d+ \* \* \* \*/ ],
	[ 'each  day', qr/\d+ \d+ \* \* \*/ ],
	[ 'day', qr/\d+ \d+ \* \* \*/ ],
	[ 'every week', qr/\d+ \d+ \* \* [0-6]/ ],
	[ 'month', qr/\d+ \d+ \d+ \* \*/ ],
	[ 'every monday', qr/\d+ \d+ \* \* 1/ ],
	[ 'Sunday', qr/\d+ \d+ \* \* 0/ ],
	[ 'every 6 hours', qr{\d+ [0-5]-23/6 \* \* \*} ],
	[ '12 hours', qr{\d+ (?:\d|1[01])-23/12 \* \* \*} ],
	[ 'every 1 hours', qr/\d+ \* \* \* \*/ ],
	[ 'every 24 hours', qr/\d+ \d+ \* \* \*/ ],
	[ '7 days', qr/\d+ \d+ \* \* [0-6]/ ],
	[ 'every 15 minutes', qr{(?:\d|1[0-4])-59/15 \* \* \* \*} ],
	[ 'every minute', qr/\* \* \* \* \*/ ],
	[ '60 minutes', qr/\d+ \* \* \* \*/ ],
	[ '1440 min', qr/\d+ \d+ \* \* \*/ ])
{
	my ($every, $cron) = @$case;
	query("SELECT pinterest.schedule('ads.campaigns', '$every')");
	like(query('SELECT schedule FROM cron.job'), qr/^$cron$/, "\"$every\"");
	is(query(q{SELECT schedule, next_run_at > now() FROM pinterest.status WHERE target = 'ads.campaigns'::regclass}),
		"$every|t", 'is shown as it was put');
}
foreach my $case (
	[ 'every 5 hours', qr/DETAIL:  The number of hours must divide 24\.\nHINT: / ],
	[ '7 minutes', qr/The number of minutes must divide 60\./ ],
	[ 'every 0 hours', qr/The number of hours must divide 24\./ ],
	[ 'every 2 days', qr/There can be one day, week or month/ ],
	[ '99999999999999999999 hours', qr/The number of hours must divide 24\./ ],
	[ 'every 6 hourly', qr/It has 3 of the five fields/ ],
	[ 'every', qr/invalid schedule "every"/ ],
	[ '6 hrs', qr/HINT: / ],
	[ 'dayly', qr/Perhaps you meant "daily"\./ ],
	[ 'x' x 5000, qr/invalid schedule "x{100,600}\.\.\."/ ])
{
	my ($every, $error) = @$case;
	like(answer("SELECT pinterest.schedule('ads.campaigns', '$every')"), qr/^ERROR:  22023: .*$error/s, "no schedule \"$every\"");
}
query(q{SELECT pinterest.unschedule('ads.campaigns')});

#
# Pairs of table and days
#

is(query(q{SELECT pinterest.schedule('ads.campaign_report', 'hourly', '30 days') <> pinterest.schedule('ads.campaign_report', 'weekly')}),
	't', 'two schedules of a table');
is(query($jobs), 2, 'have two jobs');
is(query($schedules), "weekly||{ads.campaign_report}\nhourly|30 days|{ads.campaign_report}", 'both are shown');
is(query(q{SELECT schedule FROM pinterest.status WHERE target = 'ads.campaign_report'::regclass}),
	'hourly (last 30 days), weekly', 'also by status');
my $minutes = query(q{SELECT abs(max(split_part(schedule, ' ', 1)::int) - min(split_part(schedule, ' ', 1)::int)) FROM cron.job});
is($minutes, 30, 'half an hour apart');
query(q{SELECT pinterest.schedule('ads.campaign_report', last => '720 hours', every => 'daily')});
is(query($schedules), "weekly||{ads.campaign_report}\ndaily|720:00:00|{ads.campaign_report}", 'the same pair replaces');
is(query($jobs), 2, 'with its job');
query(q{SELECT pinterest.schedule('ads.campaign_report', 'monthly', '90 days')});
is(query($jobs), 3, 'other days are another pair');
is(query(q{SELECT pinterest.unschedule('ads.campaign_report', '7 days')}), 'f', 'a pair that is not scheduled');
is(query(q{SELECT pinterest.unschedule('ads.campaign_report', '30 days')}), 't', 'one that is');
is(query(q{SELECT pinterest.unschedule('ads.campaign_report', NULL)}), 't', 'the one of everything');
is(query($schedules), 'monthly|90 days|{ads.campaign_report}', 'the third one is left');
query(q{SELECT pinterest.schedule('ads.campaign_report', 'weekly')});
is(query(q{SELECT pinterest.unschedule('ads.campaign_report'), pinterest.unschedule('ads.campaign_report')}), 't|f',
	'all of a table');
is(query($jobs), 0, 'no job is left');
like(answer("SELECT pinterest.schedule('ads.campaign_report', 'daily', '$_')"),
	qr/^ERROR:  22023: "last" must be at least one day/, "not for $_")
  foreach '12 hours', '0', '-3 days';

#
# One job for several tables
#

like(answer(q{SELECT pinterest.schedule_all('hourly', targets => '{}')}), qr/^ERROR:  22023: there is no table to schedule/, 'no table');
like(answer(q{SELECT pinterest.schedule_all('hourly', targets => ARRAY[NULL]::regclass[])}), qr/^ERROR:  22004: /, 'a null table');
like(answer(q{SELECT pinterest.schedule_all(NULL)}), qr/^ERROR:  22004: /, 'null');
like(answer(q{SELECT pinterest.schedule_all('hourly', targets => '{ads.campaigns,live.ads}')}),
	qr/^ERROR:  42809: "live\.ads" is not a materialized table/, 'a foreign table');
like(answer(q{SELECT pinterest.schedule_all('hourly', targets => '{ads.campaigns}')}, 'alice'),
	qr/^ERROR:  42501: must be owner of table campaigns/, q{another's table});
query(q{SELECT pinterest.schedule('ads.campaigns', 'weekly', '30 days')});
query(q{SELECT pinterest.schedule_all('hourly', '30 days', '{ads.campaign_report,ads.campaigns,ads.advertiser_report}')});
is(query($schedules), 'hourly|30 days|{ads.campaign_report,ads.campaigns,ads.advertiser_report}',
	'several tables, which take the place of what each had');
is(query("$jobs; SELECT command FROM cron.job"), "1\nCALL pinterest_internal.run_schedule('tables of postgres (last 30 days)')",
	'one job');
query(q{SELECT pinterest.schedule_all('daily', '30 days', '{ads.campaign_report,ads.campaigns,ads.advertiser_report,ads.ads}')});
is(query($jobs), 1, 'which more tables take over');
query(q{SELECT pinterest.schedule('ads.ads', 'weekly', '30 days')});
is(query($schedules), "weekly|30 days|{ads.ads}\ndaily|30 days|{ads.campaign_report,ads.campaigns,ads.advertiser_report}",
	'a table that is scheduled on its own leaves the others');
is(query(q{SELECT pinterest.unschedule('ads.advertiser_report')}), 't', 'one leaves');
is(query($schedules), "weekly|30 days|{ads.ads}\ndaily|30 days|{ads.campaign_report,ads.campaigns}", 'and the others stay');

# The tables that a job has asked for, in order; runs it as pg_cron does
sub run
{
	my ($name) = @_;
	$sandbox->clear_log;
	return answer("CALL pinterest_internal.run_schedule('$name')");
}

sub requests
{
	return map { $_->{path} =~ m{/(\w+)$} ? "$_->{method} $1" : () }
	  grep { $_->{path} =~ m{/(?:campaigns|ads)$} || ($_->{path} =~ /reports$/ && $_->{method} eq 'POST') } $sandbox->log;
}

is(run('tables of postgres (last 30 days)'), '', 'the job runs');
is(join(', ', requests()), 'POST reports, GET campaigns', 'asks for reports, then reads lists');
my ($body) = map { $_->{body} } grep { $_->{method} eq 'POST' && $_->{path} =~ /reports$/ } $sandbox->log;
is(query("SELECT DATE '$body->{end_date}' - DATE '$body->{start_date}'"), 30, 'of the last days, today included');
is(query(q{SELECT target FROM pinterest.refresh_log WHERE outcome = 'succeeded' ORDER BY finished_at}),
	"ads.campaigns\nads.campaign_report", 'lists are done before reports');
is(query(q{SELECT last_run_at > now() - interval '1 minute' FROM pinterest.schedules WHERE role = 'postgres' AND every = 'daily'}),
	't', 'the run is noted');
like(answer(q{BEGIN; CALL pinterest_internal.run_schedule('ads.ads (last 30 days)')}),
	qr/^ERROR:  25001: pinterest_internal\.run_schedule\(\) cannot be called inside a transaction block/, 'not inside a transaction');
query('DROP TABLE ads.advertiser_report');
query(q{SELECT pinterest.materialize('live.advertiser_report', 'ads.advertiser_report', false)});
query(q{SELECT pinterest.schedule_all('daily', NULL, '{ads.advertiser_report,ads.ads}'); DROP TABLE ads.advertiser_report});
is(query(q{SELECT targets FROM pinterest.schedules WHERE last IS NULL}), '{ads.ads}', 'a dropped table leaves');
query('DROP TABLE ads.ads');
is(query(q{SELECT count(*) FROM pinterest.schedules WHERE last IS NULL}), '0', 'the last one takes the job along');
is(query("$jobs WHERE command !~ 'last'"), 0, 'indeed');
is(query(q{SELECT pinterest.unschedule_all('{ads.campaigns}')}), 1, 'unschedule_all() of a table');
is(query(q{SELECT pinterest.unschedule_all()}), 1, 'of all');
is(query("$jobs; SELECT count(*) FROM pinterest_internal.schedules"), "0\n0", 'nothing is left');

#
# All tables of a role
#

query(q{SELECT pinterest.schedule('ads.campaigns', 'daily')});
query(q{SELECT pinterest.schedule_all('hourly'), pinterest.schedule_all('weekly', '10 days')});
is(query($jobs), 2, 'jobs of all tables, which take the place of what each had');
query(q{SELECT pinterest.materialize('live.ads', 'ads.ads', false)});
is(query($schedules), "hourly||{ads.campaign_report,ads.campaigns,ads.ads}\nweekly|10 days|{ads.campaign_report,ads.campaigns,ads.ads}",
	'also those that come later');
query(q{SELECT pinterest.schedule('ads.campaigns', 'monthly')});
is(query(q{SELECT schedule FROM pinterest.status WHERE target = 'ads.campaigns'::regclass}), 'weekly (last 10 days), monthly',
	'but for one that is scheduled otherwise');
is(run('all tables of postgres'), '', 'their job');
is(join(', ', requests()), 'POST reports, GET ads', 'refreshes them');
like(answer(q{SELECT pinterest.unschedule('ads.campaigns')}),
	qr/^t\nNOTICE:  00000: table "ads\.campaigns" is refreshed along with all tables of role "postgres"\nHINT:  pinterest\.unschedule_all\(\)/,
	'a table that is refreshed nevertheless');
is(query(q{SELECT pinterest.unschedule_all(NULL, '10 days'), pinterest.unschedule_all(NULL, '10 days')}), '1|0', 'the end of one');
is(query(q{SELECT every FROM pinterest.schedules}), 'hourly', 'the other one stays');
query(q{SELECT pinterest.schedule_all('every 2 hours')});
is(query($jobs), 1, 'scheduled again: the same job');
is(query(q{SELECT pinterest.unschedule_all()}), 1, 'its end');
like(answer(q{SELECT pinterest.schedule_all('hourly')}, 'alice'), qr/^\d+$/, 'a role without tables, yet');
is(query(q{SET ROLE alice; CALL pinterest_internal.run_schedule('all tables of alice')}), '', 'runs');
is(query(q{SET ROLE alice; SELECT every, targets, last_run_at IS NULL FROM pinterest.schedules}), 'hourly||f', 'and is shown to its role');
is(query(q{SET ROLE alice; SELECT pinterest.unschedule_all()}), 1, 'and ends');

#
# Another refresh under way
#

query(q{SELECT pinterest.schedule_all('hourly', targets => '{ads.campaign_report,ads.campaigns}')});
$sandbox->faults({ match => { method => 'GET', path => 'reports$' }, report_status => 'IN_PROGRESS', count => -1 });
my $other = PsqlSession->new($node);
$sandbox->clear_log;
$other->begin(q{SELECT pinterest.refresh('ads.campaign_report')});
PsqlSession::wait_until('a poll', sub { grep { $_->{method} eq 'GET' && $_->{path} =~ /reports$/ } $sandbox->log });
my $way = qr/Role "postgres" has been refreshing it since \d{4}-\S+ [\d:]+\+00, in the process with PID $other->{pid}\. Reports ready: 0 of 1; rows downloaded: 0\./;
like(answer(q{SELECT pinterest.refresh('ads.campaign_report')}),
	qr/^ERROR:  55P03: table "ads\.campaign_report" is already being refreshed\nDETAIL:  $way\s*$/, 'a second refresh is told about the first');
like(answer(q{CALL pinterest.refresh_all('{ads.campaign_report}')}), qr/^ERROR:  55P03: .*\nDETAIL:  $way\s*$/, 'so is refresh_all()');
like(run('tables of postgres'), qr/^NOTICE:  00000: skipping table "ads\.campaign_report", which is already being refreshed\nDETAIL:  $way\s*$/,
	'a job passes over the table');
is(query(q{SELECT outcome, target, sqlstate, message FROM pinterest.refresh_log ORDER BY id DESC LIMIT 2}),
	"skipped|ads.campaign_report|55P03|the table was already being refreshed\nsucceeded|ads.campaigns||", 'and refreshes the others');
is(query(q{SELECT status, phase, percent, pid, started_at < now(), last_error FROM pinterest.status WHERE target = 'ads.campaign_report'::regclass}),
	"importing|waiting|0|$other->{pid}|t|", 'it is the first one that counts');
$sandbox->clear_faults;
$other->finish;
is(query(q{SELECT status, phase, percent, pid, started_at, last_error FROM pinterest.status WHERE target = 'ads.campaign_report'::regclass}),
	'ready|||||', 'a table that was skipped is no failure');
$other->quit;
query(q{SELECT pinterest.unschedule_all()});

#
# A launcher that waits
#

SKIP:
{
	skip 'this pg_cron runs no jobs in background workers', 3
	  if query(q{SELECT current_setting('cron.use_background_workers', true) IS NULL}) eq 't';
	$node->append_conf('postgresql.conf', 'cron.use_background_workers = on');
	$node->restart;
	my $old = query(q{SELECT current_setting('cron.timezone', true) IS NULL}) eq 't';
	my $answer = answer(q{SELECT pinterest.schedule('ads.campaigns', 'hourly')});
	like($answer,
		$old ? qr/^\d+\nNOTICE:  00000: a running job keeps pg_cron from starting any other\nDETAIL: .*\nHINT: .*off/ : qr/^\d+$/,
		$old ? 'before 1.5 pg_cron waits for its workers' : 'pg_cron does not wait for its workers');
	my $row = q{SELECT hint FROM pinterest.check('pinterest') WHERE item = 'pg_cron'};
	like(query($row), $old ? qr/^Set cron\.use_background_workers = off/ : qr/^$/, 'check() says the same');
	$node->append_conf('postgresql.conf', 'cron.use_background_workers = off');
	$node->restart;
	is(query($row), '', 'or nothing');
	query(q{SELECT pinterest.unschedule_all()});
}

#
# By pg_cron itself
#

my $id = query(q{TRUNCATE pinterest_internal.refresh_runs, pinterest_internal.refresh_ends; SELECT pinterest.schedule_all('every minute', '3 days')});
my $begin = time;
my $ended = qq{SELECT count(*) > 0 FROM cron.job_run_details WHERE jobid = $id AND status IN ('succeeded', 'failed')};
sleep 0.5 while query($ended) eq 'f' && time - $begin < $PostgreSQL::Test::Utils::timeout_default;
is(query("SELECT status, return_message FROM cron.job_run_details WHERE jobid = $id ORDER BY runid LIMIT 1"),
	'succeeded|CALL', 'pg_cron runs the job');
is(query(q{SELECT string_agg(DISTINCT target || ' ' || outcome, ', ') FROM pinterest.refresh_log}),
	'ads.ads succeeded, ads.campaign_report succeeded, ads.campaigns succeeded', 'of all tables');

$node->stop;
done_testing();
