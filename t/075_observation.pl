
# Copyright (c) 2026, pinterest_fdw contributors

# What a running integration says of itself: notifications, the server log, problems,
# requests that were sent, and the limit of these.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use PinterestSandbox;
use PsqlSession;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $has_cron = PinterestSandbox::has_cron();
my $sandbox = PinterestSandbox->new(
	advertisers => 2,
	campaigns => 2,
	ad_groups => 1,
	ads => 1,
	report_delay => 0);
my $node = PinterestSandbox::start_node(
	'main', "timezone = 'UTC'"
	  . ($has_cron ? "\nshared_preload_libraries = 'pg_cron'\ncron.launch_active_jobs = off" : ''));
$sandbox->connect($node, options => "historical_date '5 days'", client => 1);

sub query { return $node->safe_psql('postgres', $_[0]); }

sub answer { return PinterestSandbox::answer($node, $_[0], on_error_stop => 1, defined $_[1] ? (role => $_[1]) : ()); }

sub problems { return query('SELECT problem, target, advertiser_id, server FROM pinterest.problems ORDER BY 1, target::text COLLATE "C", 3'); }

my $other = ($sandbox->advertisers)[1];
sub deny
{
	$sandbox->faults({ match => { path => "/ad_accounts/$other/" }, count => -1, status => 403,
			body => { code => 29, message => 'You are not permitted to access the resource.' } });
	return;
}

query(q{
	CREATE EXTENSION IF NOT EXISTS plpgsql;
	CREATE ROLE reader LOGIN;
	CREATE SCHEMA live;
	CREATE SCHEMA ads;
	GRANT USAGE ON SCHEMA live, ads TO reader;
	IMPORT FOREIGN SCHEMA ads LIMIT TO (campaigns, campaign_report) FROM SERVER pinterest INTO live;
	SELECT pinterest.materialize('live.campaigns', 'ads.campaigns', false);
	SELECT pinterest.materialize('live.campaign_report', 'ads.campaign_report', false);
	GRANT SELECT ON ads.campaign_report TO reader});

#
# Authorization
#

is(problems(), 'not authorized|||pinterest', 'nobody has authorized anything');
my $url = query(q{SELECT pinterest.authorization_url('pinterest')});
query(sprintf q{SELECT pinterest.authorize('pinterest', '%s')}, $sandbox->browse($url));
is(problems(), '', 'all is well');
query(q{UPDATE pinterest_internal.authorizations SET issued_at = now() - interval '55 days', refresh_expires_at = now() + interval '5 days'});
is(problems(), 'authorization ends|||pinterest', 'it ends in five days, if nobody uses it');
is(query(q{SELECT since > now() + interval '4 days', detail FROM pinterest.problems}),
	't|user "postgres", whose tables are loaded from it', 'with when');
is(query(q{SELECT rows > 0 FROM pinterest.refresh('ads.campaigns')}), 't', 'whoever uses it');
is(problems(), '', 'has it renewed');

# Lines about refreshes that SQL writes
sub logged
{
	my ($sql) = @_;
	my $start = -s $node->logfile;
	answer($sql);
	return join "\n", map { /LOG:  refresh \d+ (of table .*)/ ? $1 =~ s/\d+\.\d{3} s$/N s/r : () }
	  split /\n/, slurp_file($node->logfile, $start);
}

#
# Notifications
#

my $listener = PsqlSession->new($node);
$listener->execute('LISTEN pinterest_refresh');

# What has come for it, but for the process
sub heard
{
	return join "\n", map { /with payload "(.*)" received/ ? $1 : () } split /\n/, $listener->execute('SELECT 1');
}

my $notify = q{SET pinterest_fdw.notify = on; };
my $last = q{SELECT max(id) FROM pinterest_internal.refresh_runs};
query(q{SELECT pinterest.refresh('ads.campaigns')});
is(heard(), '', 'nobody is notified unless it is wanted');
query($notify . q{SELECT pinterest.refresh('ads.campaigns')});
is(heard(), sprintf('{"target": "ads.campaigns", "outcome": "succeeded", "sqlstate": "00000", "run": %d}', query($last)), 'a success');
query($notify . q{BEGIN; SELECT pinterest.refresh('ads.campaigns'); ROLLBACK});
is(heard(), '', 'none that was rolled back');
my $open = query($last);
query(q{CALL pinterest.refresh_all('{ads.campaign_report}')});
is(heard(), query(qq{SELECT format('{"target": "ads.campaigns", "outcome": "%s", "sqlstate": "%s", "run": %s}', outcome, sqlstate, id)
	FROM pinterest.refresh_log WHERE id = $open AND outcome = 'failed'}),
	'until the next refresh, be it of another table, finds that');
query($notify . q{CALL pinterest.refresh_all()});
is(query(qq{SELECT count(*), min(x->>'outcome'), max((x->>'run')::int) = ($last), string_agg(x->>'target', ' ' ORDER BY x->>'target')
	FROM unnest(string_to_array('} . heard() . q{', E'\n')) AS t, LATERAL (SELECT t::json) AS j(x)}),
	'2|succeeded|t|ads.campaign_report ads.campaigns', 'each of several');
$sandbox->faults({ match => { path => 'campaigns$' }, status => 400, count => 1, body => { code => 1, message => 'secret word' } });
like(answer($notify . q{SELECT pinterest.refresh('ads.campaigns')}), qr/^ERROR: .*secret word/, 'a refresh fails');
is(heard(), sprintf('{"target": "ads.campaigns", "outcome": "failed", "sqlstate": "%s", "run": %d}',
	query(q{SELECT sqlstate FROM pinterest.refresh_log ORDER BY id DESC LIMIT 1}), query($last)), 'a failure, without its words');
is(problems(), 'failed|ads.campaigns||', 'it is a problem');
query(q{ALTER TABLE ads.campaigns RENAME TO "it's \ """});
$sandbox->clear_faults;
query($notify . q{SELECT pinterest.refresh($$ads."it's \ """$$)});
like(heard(), qr/^\{"target": "ads\.it's \\\\ \\"", /, 'an odd name');
query(q{ALTER TABLE ads."it's \ """ RENAME TO campaigns});
is(problems(), '', 'that refresh was a success');

# One whose backend was killed sends nothing: whoever begins next does
foreach my $wanted ('on', 'off')
{
	$sandbox->faults({ match => { path => 'reports$' }, count => 1, delay => 600 });
	my $killed = PsqlSession->new($node);
	$killed->execute("SET pinterest_fdw.notify = $wanted");
	$killed->begin(q{SELECT pinterest.refresh('ads.campaign_report')});
	$node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pinterest.status WHERE status = 'importing'}) or die 'no refresh';
	query(q{SELECT pg_terminate_backend(pid, 60000) FROM pinterest.status WHERE status = 'importing'});
	my $run = query($last);
	is(query(q{SELECT target, status, phase IS NULL FROM pinterest.status WHERE status = 'failed'}), 'ads.campaign_report|failed|t', 'whoever looks sees that it is gone');
	$sandbox->clear_faults;
	like(join("\n", logged(q{SELECT pinterest.refresh('ads.campaigns')})),
		qr/^of table "ads\.campaign_report" failed with SQLSTATE 57P02: the backend ended during the refresh$/m, 'the next refresh notices, and logs it');
	is(heard(), $wanted eq 'on' ? sprintf('{"target": "ads.campaign_report", "outcome": "failed", "sqlstate": "57P02", "run": %d}', $run) : '',
		"a refresh that was killed, with pinterest_fdw.notify $wanted");
	is(query(qq{SELECT outcome, sqlstate, message FROM pinterest.refresh_log WHERE id = $run}), 'failed|57P02|the backend ended during the refresh', 'is on record');
	query(q{SELECT pinterest.refresh('ads.campaigns')});
	is(heard(), '', 'it is told once');
}
query('CALL pinterest.refresh_all()');
is(problems(), '', 'all is well again');
$listener->quit;

#
# The server log
#

is(logged(q{SELECT pinterest.refresh('ads.campaigns')}),
	'of table "ads.campaigns" succeeded: 4 rows, 0 inserted, 0 updated, 0 deleted, 2 requests, '
	. query(q{SELECT bytes FROM pinterest.refresh_log ORDER BY id DESC LIMIT 1}) . ' bytes, N s', 'a line about a refresh');
is(scalar(split /\n/, logged('CALL pinterest.refresh_all()')), 2, 'and about each of several');
$sandbox->faults({ match => { path => 'campaigns$' }, status => 400, count => 1, body => { code => 1, message => 'secret word' } });
like(logged(q{SELECT pinterest.refresh('ads.campaigns')}), qr/^of table "ads\.campaigns" failed with SQLSTATE \w{5}: \d+ requests, \d+ bytes, N s$/,
	'about one that fails');
$sandbox->clear_faults;
query('CALL pinterest.refresh_all()');

#
# Problems
#

query(q{ALTER SERVER pinterest OPTIONS (SET advertiser_id '*')});
deny();
query('CALL pinterest.refresh_all()');
is(problems(), "partial|ads.campaign_report|$other|\npartial|ads.campaigns|$other|", 'an advertiser is left out');
like(query('SELECT detail FROM pinterest.problems LIMIT 1'), qr/not permitted/, 'with the reason');
like(query('SET ROLE reader; SELECT problem, target, detail FROM pinterest.problems'), qr/^partial\|ads\.campaign_report\|SQLSTATE 42501$/,
	'to others, the SQLSTATE');
$sandbox->clear_faults;
query('CALL pinterest.refresh_all()');
is(problems(), '', 'it is read again');
is(query(q{SELECT target, complete_until = (now() AT TIME ZONE 'UTC')::date - 1 FROM pinterest.status ORDER BY 1}),
	"ads.campaigns|\nads.campaign_report|t", 'complete until yesterday');

SKIP:
{
	skip 'pg_cron is not installed', 6 unless $has_cron;
	query(q{CREATE EXTENSION pg_cron; SELECT pinterest.schedule('ads.campaigns', 'hourly'); SELECT pinterest.schedule_all('daily', '3 days')});
	is(problems(), '', 'schedules that are not due yet');
	query(q{UPDATE pinterest_internal.schedules SET scheduled_at = now() - interval '3 hours'});
	is(problems(), 'late|ads.campaigns||', 'one that has not run in time');
	query(q{CALL pinterest_internal.run_schedule('ads.campaigns')});
	is(problems(), '', 'it has run');
	query(q{UPDATE pinterest_internal.schedules SET last_run_at = now() - interval '3 days', scheduled_at = now() - interval '9 days'});
	is(problems(), "late|ads.campaign_report||\nlate|ads.campaigns||\nlate|ads.campaigns||", 'both are late');
	query(q{SELECT cron.unschedule(jobid) FROM cron.job});
	is(query(q{SELECT DISTINCT hint FROM pinterest.problems}), 'Its job is gone or inactive: schedule the table again.', 'without jobs');
	query(q{SELECT pinterest.unschedule_all()});
	is(problems(), '', 'what is not scheduled is not late');
}

#
# Requests
#

# Requests that the sandbox has seen, and those that were counted, by kind
sub seen
{
	my %kinds;
	foreach my $request ($sandbox->log)
	{
		my ($method, $path) = @$request{qw(method path)};
		$kinds{ $path =~ m{oauth/token} ? 'token'
			: $path !~ m{^(/v5)?/(ad_accounts|resources|user_account)} ? 'download'
			: $path !~ /reports$/ ? ($path =~ /analytics/ ? 'analytics' : 'list') : $method eq 'POST' ? 'report' : 'poll' }++;
	}
	return join "\n", map { "$_|$kinds{$_}" } sort keys %kinds;
}
my $counted = q{SELECT kind, sum(requests) FROM pinterest.usage WHERE period = 'hour' AND kind <> 'all' GROUP BY 1 ORDER BY 1};
my $directory = $node->data_dir . '/pg_stat_tmp';
unlink glob "$directory/pinterest_fdw_usage.*";
is(query($counted), '', 'files that were lost');
$sandbox->clear_log;
query(q{CALL pinterest.refresh_all(); SELECT count(*) FROM live.campaigns; SELECT sum(spend_in_dollar) FROM live.campaign_report});
query(q{SELECT pinterest.authorization_url('pinterest')});
is(query($counted), seen(), 'requests of refreshes and of live queries');
like(seen(), qr/^(?:analytics\|\d+\n)?download\|\d+\nlist\|\d+\npoll\|\d+\nreport\|\d+$/, 'of these kinds');
my $all = query(q{SELECT sum(requests) FROM pinterest.usage WHERE period = 'hour' AND kind NOT IN ('all', 'download')});
is(query(q{SELECT period, sum(requests), max(pinterest_limit), max(max_requests_per_day) FROM pinterest.usage WHERE kind = 'all' GROUP BY 1 ORDER BY 1}),
	"day|$all|Trial access: 1000 a day|\nhour|$all||", 'what Pinterest counts');
is(query(q{SET ROLE reader; SELECT count(*) FROM pinterest.usage}), 0, q{others' mappings are not shown});
query(q{UPDATE pinterest_internal.authorizations SET access_expires_at = now()});
query(q{SELECT count(*) FROM live.campaigns});
is(query(q{SELECT requests FROM pinterest.usage WHERE kind = 'token' AND period = 'day'}), 1, 'renewals count');

my $used = query(q{SELECT sum(requests) FROM pinterest.usage WHERE kind = 'all' AND period = 'day'});
query(sprintf q{ALTER SERVER pinterest OPTIONS (ADD max_requests_per_day '%d')}, 2 * $used);
is(problems(), '', 'half of what may be sent');
query(sprintf q{ALTER SERVER pinterest OPTIONS (SET max_requests_per_day '%d')}, $used + 1);
is(problems(), 'quota near|||pinterest', 'nearly all');
is(query(q{SELECT detail FROM pinterest.problems}), sprintf('%d of %d requests have been sent today', $used, $used + 1), 'how many');
$sandbox->clear_log;
like(answer(q{CALL pinterest.refresh_all('{ads.campaigns}')}),
	qr/^ERROR:  53400: no request may be sent to Pinterest for foreign table "campaigns": today's \d+ have been used up\nDETAIL:  The app has sent \d+ since midnight by UTC, and the next day begins in \d+ h \d+ min\.\nHINT:  Try again then, or raise the option "max_requests_per_day" of server "pinterest"\./,
	'no more than may be sent');
cmp_ok(scalar($sandbox->log), '<=', 2, 'nor is it');
is(query(q{SELECT status, last_error ~ 'used up' FROM pinterest.status WHERE target = 'ads.campaigns'::regclass}), 'failed|t', 'the refresh has failed');
foreach my $wrong ('0', '-1', 'many')
{
	like(answer("ALTER SERVER pinterest OPTIONS (SET max_requests_per_day '$wrong')"), qr/^ERROR:  22023: invalid value for option "max_requests_per_day"/, "not $wrong");
}
query(q{ALTER SERVER pinterest OPTIONS (DROP max_requests_per_day)});
query(q{CALL pinterest.refresh_all()});

#
# What a refresh would take
#

query(q{
	ALTER SERVER pinterest OPTIONS (SET historical_date '190 days');
	CREATE FOREIGN TABLE live.targeting (advertiser_id text, campaign_id text, date date, targeting_type text, targeting_value text, total_impression bigint)
		SERVER pinterest OPTIONS (resource 'campaign_targeting_report');
	SELECT pinterest.materialize('live.targeting', 'ads.targeting', false)});
$sandbox->clear_log;
my $plan = q{SELECT target, advertisers, reports, requests, days, bytes IS NULL, last_success_at IS NULL FROM pinterest.refresh_plan(};
my $before = query("$plan) ORDER BY target::text");
like($before, qr/^ads\.campaign_report\|2\|4\|\d+\|191\|f\|f\nads\.campaigns\|2\|0\|\d+\|\|f\|f\nads\.targeting\|1\|\d+\|\d+\|191\|t\|t$/,
	'without an array: all');
is(scalar($sandbox->log), 0, 'Pinterest is not asked');
query(q{CALL pinterest.refresh_all()});
foreach my $case ([ 'NULL', q{'3 days'} ], [ q{current_date - 5}, 'NULL' ])
{
	my ($since, $days) = @$case;
	query(qq{CALL pinterest.refresh_all('{ads.campaign_report,ads.targeting}', $since, $days)});
	is(query(qq{SELECT string_agg(format('%s %s %s', p.target, p.reports, p.days * p.advertisers), ', ' ORDER BY p.target::text)
			FROM pinterest.refresh_plan('{ads.campaign_report,ads.targeting}', $since, $days) AS p}),
		query(q{SELECT string_agg(format('%s %s %s', l.target, l.reports, l.days), ', ' ORDER BY l.target::text)
			FROM (SELECT * FROM pinterest.refresh_log ORDER BY id DESC LIMIT 2) AS l}),
		"reports and days are those of the refresh: $since, $days");
	is(query(qq{SELECT count(*) FROM pinterest.refresh_plan('{ads.campaign_report,ads.targeting}', $since, $days) AS p
			WHERE p.bytes = (SELECT l.bytes FROM pinterest.refresh_log AS l WHERE l.target = p.target ORDER BY id DESC LIMIT 1)}), 2, 'so are bytes');
}
like(answer(q{SELECT * FROM pinterest.refresh_plan('{ads.campaign_report}')}, 'reader'), qr/^ERROR:  42501: must be owner of table/, q{another's});
like(answer(q{SELECT * FROM pinterest.refresh_plan('{live.campaigns}')}), qr/^ERROR:  42809: /, 'a foreign table');
like(answer(q{SELECT * FROM pinterest.refresh_plan(last => '1 hour')}), qr/^ERROR:  22023: "last"/, 'an hour');

#
# Views for reports
#

query(q{
	IMPORT FOREIGN SCHEMA ads LIMIT TO (advertisers, ad_report, ads) FROM SERVER pinterest INTO live;
	ALTER FOREIGN TABLE live.ad_report ALTER total_impression OPTIONS (ADD column_name 'TOTAL_IMPRESSION');
	ALTER FOREIGN TABLE live.ad_report RENAME total_impression TO shown;
	SELECT pinterest.materialize('live.advertisers', 'ads.advertisers');
	SELECT pinterest.materialize('live.ads', 'ads.ads');
	SELECT pinterest.materialize('live.ad_report', 'ads.ad_report', false);
	CALL pinterest.refresh_all('{ads.ad_report}', last => '40 days')});
my $views = query(q{SELECT * FROM pinterest.create_views('odd "reports')});
is($views, join("\n", map { qq{"odd ""reports".$_} } qw(campaign campaign_by_day campaign_by_week campaign_by_month ad ad_by_day ad_by_week ad_by_month)),
	'a view of each level, and by day, week and month');
is(query(q{SELECT * FROM pinterest.create_views('odd "reports')}), $views, 'once more');
is(query(q{SELECT string_agg(attrelid::regclass || '.' || attname, ', ') FROM pg_attribute JOIN pg_class AS c ON c.oid = attrelid
	WHERE relnamespace = '"odd ""reports"'::regnamespace AND attnum > 0 AND col_description(attrelid, attnum) IS NULL}),
	'', 'each column says what it is');
is(query(q{SELECT string_agg(attname || ': ' || col_description(attrelid, attnum), ', ' ORDER BY attnum) FROM pg_attribute
	WHERE attrelid = '"odd ""reports".ad_by_week'::regclass AND attname IN ('week', 'ad_id', 'ad_name', 'spend_in_micro_dollar', 'shown', 'click_rate')}),
	query(q{SELECT concat_ws(', ', 'week: Monday of the week',
		(SELECT 'ad_id: ' || description FROM pinterest.resource_columns WHERE resource = 'ad_report' AND column_name = 'ad_id'),
		'ad_name: Name that the ad has now',
		(SELECT string_agg(CASE column_name WHEN 'total_impression' THEN 'shown' ELSE column_name END || ': ' || description, ', '
			ORDER BY (SELECT attnum FROM pg_attribute WHERE attrelid = 'ads.ad_report'::regclass AND attname = CASE column_name WHEN 'total_impression' THEN 'shown' ELSE column_name END))
		FROM pinterest.resource_columns WHERE resource = 'ad_report' AND column_name IN ('spend_in_micro_dollar', 'total_impression')),
		'click_rate: Clicks per impression')}), 'as the tables do');

# Tables and columns that come later
{
	my $columns = sub {
		return query(qq{SELECT string_agg(attname, ' ' ORDER BY attnum) FROM pg_attribute
			WHERE attrelid = 'views.$_[0]'::regclass AND attnum > 0
				AND attname IN ('date', 'week', 'campaign_id', 'total_impression', 'click_rate', 'advertiser_name', 'currency', 'campaign_name', 'paid_impression')});
	};
	query(q{
		CREATE SCHEMA hidden;
		CREATE ROLE viewer LOGIN;
		GRANT USAGE ON SCHEMA live, ads TO viewer;
		GRANT CREATE ON DATABASE postgres TO viewer;
		GRANT SELECT ON ads.campaign_report TO viewer;
		ALTER TABLE ads.campaigns SET SCHEMA hidden;
		GRANT SELECT ON hidden.campaigns TO viewer;});
	is(answer(q{SELECT * FROM pinterest.create_views('views')}, 'viewer') =~ s/\s+/ /gr =~ s/ $//r,
		'views.campaign views.campaign_by_day views.campaign_by_week views.campaign_by_month',
		'a table that one cannot name has no part in them');
	is($columns->('campaign'), 'date campaign_id total_impression', 'nor have tables that one cannot read');
	my $before = query('SELECT sum(total_impression) FROM views.campaign_by_week');
	query(q{
		GRANT SELECT ON views.campaign_by_week TO reader;
		CREATE VIEW public.dependent AS SELECT * FROM views.campaign_by_week;
		ALTER TABLE hidden.campaigns SET SCHEMA ads;
		CREATE FOREIGN TABLE live.accounts (id text OPTIONS (column_name 'id'), money text OPTIONS (column_name 'currency')) SERVER pinterest OPTIONS (resource 'advertisers');
		SELECT pinterest.materialize('live.accounts', 'ads.accounts');
		UPDATE pinterest_internal.materialized_tables SET registered_at = '-infinity' WHERE target::oid = 'ads.accounts'::regclass;
		GRANT SELECT ON ads.accounts, ads.campaigns TO viewer;
		ALTER FOREIGN TABLE live.campaign_report ADD COLUMN paid_impression bigint;
		SELECT pinterest.refresh('ads.campaign_report', last => '2 days');});
	unlike(answer(q{SELECT * FROM pinterest.create_views('views')}, 'viewer'), qr/ERROR/, 'called again for what has come since');
	is($columns->('campaign'), 'date campaign_id total_impression currency campaign_name paid_impression',
		'new columns come after those that there are');
	is($columns->('campaign_by_week'), 'week campaign_id total_impression click_rate currency campaign_name paid_impression',
		'also where these are ratios');
	is(query('SELECT count(*) = count(currency) AND count(*) = count(campaign_name) FROM views.campaign'), 't', 'and have values');
	is(query('SELECT sum(total_impression) FROM public.dependent'), $before, 'what depends on a view stays');
	is(query(q{SELECT has_table_privilege('reader', 'views.campaign_by_week', 'SELECT')}), 't', 'and so do privileges');
	query(q{
		DROP VIEW public.dependent;
		DROP SCHEMA views CASCADE;
		DROP TABLE ads.accounts;
		DROP FOREIGN TABLE live.accounts;
		DROP OWNED BY viewer;
		DROP ROLE viewer});
}
my $in = q{SET search_path = 'odd "reports'; };
is(query($in . q{SELECT count(*), count(campaign_name), count(currency), count(advertiser_name) FROM campaign}),
	query(q{SELECT count(*), count(*), count(*), count(*) FROM ads.campaign_report}), 'with names and currency');
is(query($in . q{SELECT sum(total_impression), sum(spend_in_micro_dollar) FROM campaign_by_month}),
	query(q{SELECT sum(total_impression), sum(spend_in_micro_dollar) FROM ads.campaign_report}), 'sums are those of the table');
is(query($in . q{SELECT sum(shown) FROM ad_by_week}), query(q{SELECT sum(shown) FROM ads.ad_report}), 'also of a column with another name');
is(query($in . q{SELECT count(*) FROM ad_by_week AS w WHERE click_rate IS DISTINCT FROM
		(SELECT round(sum(r.total_clickthrough)::numeric / nullif(sum(r.shown), 0), 6) FROM ads.ad_report AS r
		WHERE r.ad_id = w.ad_id AND date_trunc('week', r.date) = w.week)}), 0, 'ratios are those of sums');
cmp_ok(query($in . q{SELECT count(*) FROM ad_by_week WHERE click_rate > 0}), '>', 0, 'there are some');
is(query(q{SELECT count(*) FROM information_schema.columns WHERE table_schema = 'odd "reports' AND table_name IN ('ad', 'campaign') AND column_name ~ 'rate|cpc|ctr|cpm|cpv|cost|user|frequency|unique|average|avg'}),
	0, 'views that are added up have no ratios, nor what cannot be added up');
like(answer('SELECT pinterest.create_views(NULL)'), qr/^ERROR:  22004: /, 'null');
like(answer(q{SELECT * FROM pinterest.create_views('odd "reports')}, 'reader'), qr/^ERROR:  42501: permission denied for schema odd "reports/, q{in another's schema});

#
# What is gone
#

query('DROP FOREIGN TABLE live.campaigns');
is(problems(), 'source dropped|ads.campaigns||', 'the source has been dropped');
is(query(q{SELECT status FROM pinterest.status WHERE target = 'ads.campaigns'::regclass}), 'orphaned', 'at once');
is(query("$plan '{ads.campaigns}')"), 'ads.campaigns|||||t|f', 'there is no plan');

$node->stop;
done_testing();
