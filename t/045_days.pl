
# Copyright (c) 2026, pinterest_fdw contributors

# Days: whose they are, which is today, and where weeks, months and hours begin.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use PinterestSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $sandbox = PinterestSandbox->new(
	advertisers => 2,
	campaigns => 2,
	ad_groups => 1,
	ads => 1,
	report_delay => 0);
my @advertisers = $sandbox->advertisers;
my $node = PinterestSandbox::start_node('main');
$sandbox->connect($node,
	options => "historical_date '5 days', synchronous 'off'");

sub query { return $node->safe_psql('postgres', $_[0]); }
sub answer { return PinterestSandbox::answer($node, $_[0]); }
sub creations { return grep { $_->{method} eq 'POST' } $sandbox->log; }

# What SQL answers, and the requests that it took
sub asked
{
	my ($sql) = @_;
	$sandbox->clear_log;
	return answer($sql);
}

# First and last days asked for, of one advertiser or of all
sub windows
{
	my ($advertiser) = @_;
	return join ' ', sort map { "$_->{body}{start_date}..$_->{body}{end_date}" }
	  grep { !defined $advertiser || $_->{path} =~ m{/$advertiser/} } creations();
}

# A foreign table of campaigns in a schema of its own, imported with options
sub import_as
{
	my ($schema, $options) = @_;
	query(qq{
		CREATE SCHEMA $schema;
		IMPORT FOREIGN SCHEMA ads LIMIT TO (campaign_report)
			FROM SERVER pinterest INTO $schema OPTIONS ($options);});
	return "$schema.campaign_report";
}

sub differences
{
	my ($one, $other) = @_;
	return query(qq{
		SELECT count(*) FROM ((($one) EXCEPT ALL ($other)) UNION ALL
			(($other) EXCEPT ALL ($one))) AS differences});
}

# Loads what a report must contain, of both advertisers, into a table
sub expect_in
{
	my ($table, %options) = @_;
	my $hour = $options{granularity} eq 'hour' ? ', hour int' : '';
	query(qq{CREATE TABLE $table (advertiser_id text, campaign_id text, date date$hour,
		spend_in_micro_dollar bigint, total_impression bigint)});
	foreach my $advertiser (@advertisers)
	{
		my $file = $sandbox->expect(
			'campaign_report',
			advertiser => $advertiser,
			columns => 'SPEND_IN_MICRO_DOLLAR,TOTAL_IMPRESSION',
			%options);
		query("COPY $table FROM '$file' (FORMAT csv, HEADER)");
	}
	return;
}

my $metrics = 'spend_in_micro_dollar, total_impression';

# A zone far in the east and one far in the west, in neither of which the date
# changes while the test runs: their dates are never the same.
sub zone_apart
{
	my (@offsets) = @_;
	foreach my $offset (@offsets)
	{
		my $zone = sprintf 'Etc/GMT%+d', -$offset;
		return $zone
		  if query("SELECT (now() AT TIME ZONE '$zone')::time < '23:30'") eq 't';
	}
	return;
}
my @zones = (zone_apart(14, 13), zone_apart(-12, -11));
my @today =
  map { query("SELECT (now() AT TIME ZONE '$_')::date") } @zones;
isnt($today[0], $today[1], 'it is another day in the other zone');
my $zone_of = "CASE advertiser_id WHEN '$advertisers[0]' THEN '$zones[0]' ELSE '$zones[1]' END";

#
# Days of ad accounts
#

my $utc = import_as('utc', "historical_date '5 days'");
asked("SELECT count(*) FROM $utc");
is(scalar(grep { $_->{path} =~ m{/ad_accounts/\d+$} } $sandbox->log),
	0, 'by UTC no time zone is asked for');

my $local = import_as('local', q{reporting_timezone 'AD_ACCOUNT_TIME_ZONE'});
like(asked("SELECT count(*) FROM $local"), qr/reporting_timezone is not available/,
	'an account that may not have it');

$sandbox->settings(time_zones => \@zones, open_hours => 1);
is( asked("SELECT string_agg(date::text, ' ' ORDER BY advertiser_id <> '$advertisers[0]')
	FROM (SELECT advertiser_id, max(date) AS date FROM $local GROUP BY 1) AS latest"),
	"@today", 'each advertiser has rows of its own today');
is(scalar(grep { $_->{path} =~ m{/ad_accounts/\d+$} } $sandbox->log),
	2, 'each account is asked once');
foreach my $place (0, 1)
{
	my $start = query("SELECT date '$today[$place]' - 5");
	is(windows($advertisers[$place]), "$start..$today[$place]", 'and has its own window');
}
is( asked("SELECT count(DISTINCT advertiser_id) FROM $local WHERE date = '$today[0]'"),
	'1', 'a day that has begun in one zone only');
is(windows(), "$today[0]..$today[0]", 'is asked for there');

like(answer("EXPLAIN SELECT count(*) FROM $local"),
	qr/Pinterest Days: each ad account's own/, 'EXPLAIN says whose days count');
unlike(answer("EXPLAIN SELECT count(*) FROM $utc"), qr/Pinterest Days/, 'and nothing of those of UTC');

$sandbox->settings(open_hours => undef);
expect_in(
	'local_days',
	granularity => 'day',
	local_days => 1,
	time_zones => join(',', @zones));
is( differences(
		"SELECT advertiser_id, campaign_id, date, $metrics FROM $local",
		"SELECT advertiser_id, campaign_id, date, $metrics FROM local_days
			WHERE date >= (now() AT TIME ZONE $zone_of)::date - 5"),
	0, 'days are cut by the zones');

query(q{ALTER SERVER pinterest OPTIONS (SET advertiser_id '*')});
asked("SELECT count(*) FROM $local");
is(scalar(grep { $_->{path} =~ m{/ad_accounts/\d+$} } $sandbox->log),
	0, 'of all accounts there is a list');
is(scalar(creations()), 2, 'and reports of each');
query(sprintf q{ALTER SERVER pinterest OPTIONS (SET advertiser_id '%s')},
	$sandbox->advertiser);

# hours
my $hourly = import_as('hourly',
	q{granularity 'hour', historical_date '2 days', reporting_timezone 'AD_ACCOUNT_TIME_ZONE'});
expect_in(
	'local_hours',
	granularity => 'hour',
	local_days => 1,
	start => query('SELECT current_date - 4'),
	time_zones => join(',', @zones));
my $expected_hours = "SELECT advertiser_id, campaign_id,
	(date + make_interval(hours => hour)) AT TIME ZONE $zone_of AS date, $metrics
	FROM local_hours WHERE date >= (now() AT TIME ZONE $zone_of)::date - 2";
my $read_hours = "SELECT advertiser_id, campaign_id, date, $metrics FROM $hourly";
is(differences($read_hours, $expected_hours), 0, 'hours are instants of the zones');
cmp_ok(query("SELECT count(*) FROM local_hours"), '>', 50, 'which there are');
foreach my $condition (
	q{date = date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' - interval '19 hours'},
	q{date < date_trunc('hour', now()) - interval '30 hours'},
	q{date BETWEEN now() - interval '45 hours' AND now() - interval '31 hours'},
	(map { "date < ('$today[$_]'::timestamp - interval '1 day') AT TIME ZONE '$zones[$_]'" } 0, 1),
	(map { "date >= ('$today[$_]'::timestamp - interval '1 day') AT TIME ZONE '$zones[$_]'" } 0, 1))
{
	is( differences("$read_hours WHERE $condition", "SELECT * FROM ($expected_hours) AS e WHERE $condition"),
		0, "hours with $condition");
}
asked("$read_hours WHERE date < ('$today[0]'::timestamp - interval '1 day') AT TIME ZONE '$zones[0]'");
is( windows($advertisers[0]),
	query("SELECT date '$today[0]' - 2 || '..' || date '$today[0]' - 2"),
	'the start of a day needs only the days before');

# Unknown zones
$sandbox->settings(time_zones => [ 'Mars/Olympus_Mons', undef ]);
my $told = answer("SELECT count(*) > 0 FROM $local");
like($told, qr/WARNING:  22023: time zone of advertiser $advertisers[0] is not known/, 'a zone that there is not');
like($told, qr/Pinterest says "Mars\/Olympus_Mons"/, 'and what it is called');
like($told, qr/WARNING:  22023: time zone of advertiser $advertisers[1] is not known/, 'no zone');
like($told, qr/^t$/m, 'days are there all the same');
like(answer($read_hours), qr/ERROR:  22023: time zone of advertiser/, 'hours are not');

#
# Refreshes by the days of ad accounts
#

$sandbox->settings(time_zones => \@zones, open_hours => 1);
query("SELECT pinterest.materialize('$local', 'kept_local')");
foreach my $place (0, 1)
{
	my $of = "WHERE advertiser_id = '$advertisers[$place]'";
	is(query("SELECT max(date) FROM kept_local $of"), $today[$place], 'the copy has today');
	query(qq{
		INSERT INTO kept_local (advertiser_id, campaign_id, date)
			SELECT '$advertisers[$place]', '9', date '$today[$place]' + n
			  FROM unnest(ARRAY[-6, -5, 0, 1]) AS n;
		SELECT pinterest.refresh('kept_local')});
	is( query("SELECT string_agg((date - date '$today[$place]')::text, ' ' ORDER BY date)
			FROM kept_local $of AND campaign_id = '9'"),
		'-6 1', 'what is outside of its days stays');
}
$sandbox->settings(open_hours => undef);
query("SELECT pinterest.materialize('$hourly', 'kept_hours')");
is(query("SELECT inserted, updated, deleted FROM pinterest.refresh('kept_hours')"),
	'0|0|0', 'hours: a refresh writes nothing');
foreach my $place (0, 1)
{
	my $start = "(date '$today[$place]' - 2)::timestamp AT TIME ZONE '$zones[$place]'";
	my $of = "advertiser_id = '$advertisers[$place]' AND campaign_id = '9'";
	query(qq{
		INSERT INTO kept_hours (advertiser_id, campaign_id, date)
			SELECT '$advertisers[$place]', '9', $start + make_interval(hours => n)
			  FROM unnest(ARRAY[-1, 0, 71, 72]) AS n;
		SELECT pinterest.refresh('kept_hours')});
	is( query("SELECT string_agg((extract(epoch FROM date - $start) / 3600)::int::text, ' ' ORDER BY date)
			FROM kept_hours WHERE $of"),
		'-1 72', 'hours outside of its days stay');
}

#
# A day that grows
#

$sandbox->settings(time_zones => [], open_hours => 2);
query("ALTER SERVER pinterest OPTIONS (SET advertiser_id '$advertisers[0]')");
my $impressions = "SELECT sum(total_impression) FROM $utc WHERE date = current_date";
my @sums = map { query($impressions) } 1 .. 3;
ok($sums[0] < $sums[1] && $sums[1] < $sums[2], "today rises from request to request: @sums");
query("SELECT pinterest.materialize('$utc', 'growing')");
like( query("SELECT inserted, updated, deleted FROM pinterest.refresh('growing')"),
	qr/^0\|[1-9]\d*\|0$/, 'a refresh updates its rows');
is( query("SELECT count(*) - count(DISTINCT (campaign_id, date)) FROM
		(SELECT campaign_id, date FROM $utc WHERE date = current_date UNION
		 SELECT campaign_id, date FROM $utc) AS twice"),
	0, 'two reports of one statement have the same keys');
$sandbox->settings(open_hours => undef);

#
# A last day that Pinterest does not take
#

my ($today, $yesterday, $before) =
  map { query("SELECT current_date - $_") } 0 .. 2;
my $first = query('SELECT current_date - 5');
my $whole = query("SELECT count(*), sum(total_impression) FROM $utc");
$sandbox->settings(latest_end => 'yesterday');
is(asked("SELECT count(*), sum(total_impression) FROM $utc"), $whole, 'an end that is refused');
is(windows(), "$first..$yesterday $first..$today", 'is asked for a day earlier');
my $campaign = query(q{SELECT campaign_id FROM local_days LIMIT 1});
my $one = "SELECT sum(total_impression) FROM utc.campaign_report
	WHERE campaign_id = '$campaign' AND date >= current_date - 4 AND total_impression > 0";
my $sum = query($one);
is( asked("BEGIN; ALTER FOREIGN TABLE utc.campaign_report OPTIONS (ADD synchronous 'on'); $one"),
	$sum, 'synchronous analytics give way to a report then');
is(asked("SELECT count(*) FROM $utc WHERE date = current_date"), '0', 'a day that is refused has no rows');
is(windows(), "$today..$today", 'and nothing is left to ask for');
query(qq{
	INSERT INTO growing (advertiser_id, campaign_id, date)
		SELECT '$advertisers[0]', '9', current_date - n FROM generate_series(0, 1) AS n;
	SELECT pinterest.refresh('growing')});
is(query(q{SELECT date FROM growing WHERE campaign_id = '9'}), $today,
	'it does not count as loaded');
is(query(q{SELECT count(*) > 1 FROM growing WHERE date = current_date}), 't',
	'rows that were there stay');
$sandbox->settings(latest_end => 'today', today => $before);
like(asked("SELECT count(*) FROM $utc"),
	qr/end_date must not be in the future/, 'it is asked for one day less once');
is(windows(), "$first..$yesterday $first..$today", 'not twice');
$sandbox->settings(today => undef);

# How Pinterest says it is not documented.
sub refused_once
{
	my ($words) = @_;
	$sandbox->faults({ match => { method => 'POST', path => 'reports$' }, status => 400,
		body => { code => 1, message => $words } });
	my $answer = asked("SELECT count(*) > 0 FROM $utc");
	$sandbox->clear_faults;
	return $answer;
}

foreach my $words (
	'Invalid request: end_date must not be in the future.',
	'The end date is later than today.',
	"Metrics for $today are not yet available.",
	'end_date: must be before today',
	'Dates in the future are not allowed')
{
	is(refused_once($words), 't', "no end: $words");
	is(windows(), "$first..$yesterday $first..$today", 'a day earlier it is taken');
}
foreach my $words (
	'start_date must not be after end_date.',
	'The date range must not exceed 186 days.',
	"The range from $first to $today exceeds 186 days",
	"'SPEND_IN_MICRO_DOLLAR' is not one of ['END_DATE', 'TODAY', 'FUTURE_DATE']",
	'Columns SPEND_IN_MICRO_DOLLAR are not available before end_date.')
{
	refused_once($words);
	like(windows(), qr/^$first\.\.$today( $first\.\.$today)?$/, "another refusal: $words");
}

#
# Weeks and months
#

my $days = import_as('days', "historical_date '440 days'");
query("CREATE TABLE day AS TABLE $days");
my %sums;
foreach my $start ('monday', 'sunday')
{
	my $shift = $start eq 'sunday' ? '+ 1' : '+ 0';
	my $label = "(date_trunc('week', date $shift)::date - (0 $shift))";
	$sandbox->settings(week_start => $start);
	my $table = import_as("weeks_$start", "granularity 'week', historical_date '400 days'");
	$sums{$start} = "SELECT campaign_id, $label AS date, sum(total_impression)::bigint AS total_impression
		FROM day WHERE $label >= (SELECT min($label) FROM day WHERE date >= current_date - 400) GROUP BY 1, 2";
	my $read = "SELECT campaign_id, date, total_impression FROM $table";
	is(differences($read, $sums{$start}), 0, "weeks that begin on $start, over several windows");
	is( asked("SELECT count(*) FROM ($read) AS w; SELECT 'again'; SELECT count(*) FROM ($read) AS w"),
		query("SELECT count(*) FROM ($sums{$start}) AS s") . "\nagain\n"
		  . query("SELECT count(*) FROM ($sums{$start}) AS s"),
		'twice in a session');
	is(scalar(creations()), $start eq 'monday' ? 6 : 9,
		'the session has to learn it only once');
	is(differences("SELECT sum(total_impression)::bigint FROM $table", "SELECT sum(total_impression)::bigint FROM ($sums{$start}) AS s"),
		0, 'whatever is read of them');

	# Who does not know yet what a week is asks for both.
	my $some = query("SELECT date FROM ($sums{$start}) AS s WHERE date < current_date - 60 ORDER BY 1 DESC LIMIT 1");
	is( asked("SELECT count(*) FROM $table WHERE date = '$some'"),
		query("SELECT count(*) FROM ($sums{$start}) AS s WHERE date = '$some'"),
		'one week of a table');
	my ($asked) = creations();
	cmp_ok($asked->{body}{start_date}, 'le', $some, 'from its start on');
	cmp_ok($asked->{body}{end_date}, 'ge', query("SELECT date '$some' + 6"), 'and all of it, at once');
	query("SELECT pinterest.materialize('$table', 'kept_$start')");
	is(differences("SELECT campaign_id, date, total_impression FROM kept_$start", $sums{$start}),
		0, 'a copy is the same');

	# From a day in the middle of a week, that week is loaded whole.
	query(qq{
		UPDATE kept_$start SET total_impression = 0;
		SELECT pinterest.refresh('kept_$start', since =>
			(SELECT $label + 3 FROM (SELECT current_date - 30 AS date) AS d))});
	is( differences("SELECT campaign_id, date, total_impression FROM kept_$start
			WHERE date >= (SELECT $label FROM (SELECT current_date - 30 AS date) AS d)",
			"SELECT * FROM ($sums{$start}) AS s
			WHERE date >= (SELECT $label FROM (SELECT current_date - 30 AS date) AS d)"),
		0, 'from a day of a week on, all of it is loaded');
	is( query("SELECT count(*) FROM kept_$start WHERE total_impression > 0 AND date <
			(SELECT $label FROM (SELECT current_date - 30 AS date) AS d)"),
		0, 'and none before');
}
$sandbox->settings(week_start => 'monday');
is(differences("SELECT campaign_id, date, total_impression FROM weeks_monday.campaign_report", $sums{monday}),
	0, 'and back');

foreach my $settings (
	{ week_start => 'wednesday' },
	{ week_start => 'monday', week_label => 'last' },
	{ week_start => 'sunday', week_label => 'last' })
{
	$sandbox->settings(%$settings);
	like( answer('SELECT sum(total_impression) FROM weeks_monday.campaign_report'),
		qr/ERROR:  HV000: Pinterest labels a row of granularity WEEK with "\d{4}-\d\d-\d\d"/,
		'labels that are of no week: ' . join ' ', values %$settings);
}
$sandbox->settings(week_start => 'monday', week_label => 'first');

my $months = import_as('months', "granularity 'month', historical_date '400 days'");
my $month = "SELECT campaign_id, date_trunc('month', date)::date, sum(total_impression)::bigint FROM day
	WHERE date >= date_trunc('month', current_date - 400) GROUP BY 1, 2";
foreach my $label ('first', 'last')
{
	$sandbox->settings(month_label => $label);
	is(differences("SELECT campaign_id, date, total_impression FROM $months", $month),
		0, "months that are labeled by their $label day");
}
$sandbox->settings(month_label => 'first');

# Where Pinterest no longer has the first week, the first whole one is loaded.
my $oldest = import_as('oldest', "granularity 'week', historical_date '2001-01-01'");
asked("SELECT count(*) FROM $oldest");
my ($earliest) = sort map { $_->{body}{start_date} } creations();
is($earliest, query("SELECT date_trunc('week', current_date - 913 + 6)::date"),
	'the oldest week that is still whole');

# Labels by hand
sub with_rows
{
	my ($sql, @rows) = @_;
	$sandbox->faults({ match => { host => 'download' }, count => -1,
		body => sprintf '{"1":[%s]}', join ',', @rows });
	my $answer = answer($sql);
	$sandbox->clear_faults;
	return $answer;
}

my $monday = query(q{SELECT date_trunc('week', current_date - 14)::date});
my $sunday = query(q{SELECT date_trunc('week', current_date - 14)::date - 1});
my $week = import_as('week', "granularity 'week', historical_date '60 days'");
foreach my $case (
	[ 'both conventions', $monday, $sunday ],
	[ 'neither', query(qq{SELECT date '$monday' + 2}) ],
	[ 'no day', 'W47' ],
	[ 'days that were not asked for', query(qq{SELECT date '$monday' - 140}) ])
{
	my ($name, @labels) = @$case;
	like( with_rows("SELECT total_impression FROM $week",
			map { qq({"DATE":"$_","TOTAL_IMPRESSION":1}) } @labels),
		qr/ERROR:  HV000: Pinterest labels a row of granularity WEEK with "$labels[-1]".*foreign table "campaign_report"/s,
		"labels of $name");
}
like(with_rows("SELECT total_impression FROM $week", '{"TOTAL_IMPRESSION":1}'),
	qr/labels a row of granularity WEEK with "null"/, 'no label');

# Rows by day that were not asked for are none of the table, live and copied: that
# day comes with another report, or not at all.
my $spilt = import_as('spilt', "historical_date '200 days'");
my ($late, $early, $next) = map { query("SELECT (now() AT TIME ZONE 'UTC')::date - $_") } (1, 190, -1);
my @spilling = map { qq({"DATE":"$_","SPEND_IN_DOLLAR":2,"SPEND_IN_MICRO_DOLLAR":2000000,"TOTAL_IMPRESSION":1}) }
	($late, $early, $next);
my $spent = 'count(*), sum(spend_in_dollar)';
is(with_rows("SELECT $spent FROM $spilt WHERE advertiser_id = '$advertisers[0]'", @spilling), '2|4',
	'each of two reports has rows of the other: once each');
is(with_rows("SELECT $spent FROM $spilt WHERE advertiser_id = '$advertisers[0]' AND date > '$early'", @spilling), '1|2',
	'only what was asked for');
like(with_rows("SELECT pinterest.materialize('$spilt', 'public.spilt')", @spilling), qr/^(?:public\.)?spilt$/,
	'no key is repeated');
is(query("SELECT $spent FROM public.spilt WHERE advertiser_id = '$advertisers[0]'"), '2|4', 'nor in the copy');
query(qq{INSERT INTO public.spilt (advertiser_id, campaign_id, date) SELECT '$advertisers[0]', '1', day FROM generate_series('$late'::date - 10, '$late'::date - 1, '1 day') AS day});
like(with_rows("SELECT pinterest.refresh('public.spilt', last => '20 days')", $spilling[2]), qr/ERROR:  55000: .*came without rows, twice/s,
	'a report that has nothing but such is empty');

#
# Hours
#

$sandbox->settings(time_zones => ['Africa/Lagos']);
my $hours = import_as('hours', "granularity 'hour', historical_date '2 days'");
my $account = import_as('lagos',
	"granularity 'hour', historical_date '2 days', reporting_timezone 'AD_ACCOUNT_TIME_ZONE'");

# Rows of some fields and a metric
sub rows_of { return map { "{$_,\"TOTAL_IMPRESSION\":1}" } @_; }

sub hour_of
{
	my ($table, @fields) = @_;
	return with_rows("SET timezone = 'America/New_York'; SELECT date AT TIME ZONE 'UTC' FROM $table",
		rows_of(@fields));
}

# Yesterday is among the days asked for, whether or not midnight passes meanwhile.
my ($hour_day, $day_before) = map { query("SELECT (now() AT TIME ZONE 'UTC')::date - $_") } (1, 2);
my $unix = query("SELECT extract(epoch FROM '$hour_day 05:00:00+00'::timestamptz)::bigint");
my @forms = (
	qq("DATE":"$hour_day","HOUR":5),
	qq("DATE":"$hour_day","HOUR":"05"),
	qq("DATE":"$hour_day","HOUR":"05:00"),
	qq("DATE":"$hour_day","HOUR":5.0),
	qq("DATE":"${hour_day}T05:00:00"),
	qq("DATE":"$hour_day 05:00:00"),
	qq("DATE":"${hour_day}T05:00:00.000"),
	qq("DATE":"${hour_day}T05:00"),
	qq("DATE":"$hour_day 05"),
	qq("DATE":"$hour_day-05"),
	qq("DATE":"${hour_day}T05:00:00","HOUR":5),
	qq("DATE":"${hour_day}T00:00:00","HOUR":5),
	qq("DATE":"$hour_day","DATE_AS_TIMESTAMP":"${hour_day}T05:00:00"));
my @instants = (
	qq("DATE":"${hour_day}T05:00:00Z"),
	qq("DATE":"${hour_day}T05:00:00+00:00"),
	qq("DATE":"${day_before}T21:00:00-08:00"),
	qq("DATE":"${hour_day}T10:30:00+0530"),
	qq("DATE":"$hour_day","DATE_AS_TIMESTAMP":$unix),
	qq("DATE":"$hour_day","DATE_AS_TIMESTAMP":${unix}000));
is(hour_of($hours, $_), "$hour_day 05:00:00", "hour of $_") foreach @forms, @instants;
is(hour_of($account, $_), "$hour_day 04:00:00", "hour of Lagos, of $_") foreach @forms;
is(hour_of($account, $_), "$hour_day 05:00:00", "instant of $_") foreach @instants;

my @wrong = (
	qq("DATE":"$hour_day","HOUR":24), qq("DATE":"$hour_day","HOUR":5.5),
	qq("DATE":"$hour_day","HOUR":"noon"), qq("DATE":"${hour_day}T"),
	qq("DATE":"${hour_day}T05:00:00 UTC+1"), '"DATE":"25 November"',
	qq("DATE":"${hour_day}T05:00:00+25:00"),
	qq("DATE":"1999-11-20","DATE_AS_TIMESTAMP":$unix));
like(hour_of($hours, $_), qr/ERROR:  22007: Pinterest sent a row of an hour that .*column "date"/s, "no hour: $_")
	foreach @wrong;
my $none = qq("DATE":"$hour_day");
like(hour_of($hours, $none), qr/ERROR:  22004: Pinterest sent a row without its hour/, 'none at all');
is(with_rows("SELECT sum(total_impression) FROM $hours", rows_of(@wrong, $none)),
	@wrong + 1, 'which matters to a query of the date only');

# Hours of days that were not asked for are passed over, too.  Which these are, the
# instant says.
my @six_days = map { query("SELECT '$hour_day'::date + $_") } (-5 .. 0);
my $long = import_as('long', "granularity 'hour', historical_date '$six_days[0]'");
my @days_of_hours = rows_of(map { qq("DATE":"$_","HOUR":5) } @six_days);
asked("SELECT 1 FROM $long LIMIT 1");
cmp_ok(scalar(creations()), '>', 1, 'several reports');
foreach my $what ('count(*)', 'sum(total_impression)', 'count(date)', 'count(DISTINCT date)')
{
	is(with_rows("SELECT $what FROM $long", @days_of_hours), '6', "each has hours of the others: $what");
}
like(with_rows("SELECT pinterest.materialize('$long', 'public.long')", @days_of_hours), qr/long$/, 'no key is repeated');
is(query('SELECT count(*) FROM public.long'), '6', 'in the copy');
is(with_rows("SELECT inserted, updated, deleted FROM pinterest.refresh('public.long')", @days_of_hours), '0|0|0',
	'nor in a refresh');
my $two_before = query("SELECT '$day_before'::date - 1");
my $since = "granularity 'hour', historical_date '$day_before'";
my $since_utc = import_as('since_utc', $since);
my $since_lagos = import_as('since_lagos', "$since, reporting_timezone 'AD_ACCOUNT_TIME_ZONE'");
foreach my $case (
	[ $since_utc, "${day_before}T00:00:00", 1 ], [ $since_utc, "${two_before}T23:59:59", 0 ],
	[ $since_utc, "${two_before}T23:00:00-01:00", 1 ], [ $since_utc, "${day_before}T00:59:59+01:00", 0 ],
	[ $since_lagos, "${day_before}T00:00:00", 1 ], [ $since_lagos, "${two_before}T23:59:59", 0 ],
	[ $since_lagos, "${two_before}T23:00:00Z", 1 ], [ $since_lagos, "${two_before}T22:59:59Z", 0 ])
{
	my ($table, $time, $count) = @$case;
	is(with_rows("SELECT count(*) FROM $table", rows_of(qq("DATE":"$time"))), $count, "$table: $time");
}

# Clocks that change, in zones that have done so yesterday: as AT TIME ZONE has it
my $day_of_year = query("SELECT extract(doy FROM '$hour_day'::date)::int - 1");
my $other_half = ($day_of_year + 180) % 365;
$sandbox->settings(time_zones => ["CET-1CEST,$other_half/2,$day_of_year/3"]);
is( hour_of($account, map { qq("DATE":"$hour_day","HOUR":$_) } 1 .. 3),
	"$day_before 23:00:00\n$hour_day 01:00:00\n$hour_day 02:00:00",
	'the hour that comes twice');
$sandbox->settings(time_zones => ["CET-1CEST,$day_of_year/2,$other_half/3"]);
like( hour_of($account, qq("DATE":"$hour_day","HOUR":2)),
	qr/ERROR:  22007: Pinterest sent a row of an hour that does not exist: "$hour_day 2"\nDETAIL:  The time zone of the ad account is CET-1CEST,[\d\/,]+\./,
	'the hour that does not come');
is(hour_of($hours, qq("DATE":"$hour_day","HOUR":2)), "$hour_day 02:00:00", 'but in UTC');
$sandbox->settings(time_zones => ["AAA23BBB-1,$day_of_year/0,$other_half/0"]);
like(hour_of($account, qq("DATE":"$hour_day","HOUR":5)), qr/does not exist: "$hour_day 5"/, 'nor the day that does not');
$sandbox->settings(time_zones => ['Africa/Lagos']);
like( with_rows("SELECT pinterest.materialize('$account', 'kept_lagos')",
		map { qq({"DATE":"$yesterday","HOUR":2,"TOTAL_IMPRESSION":$_}) } 1, 2),
	qr/ERROR:  21000: /, 'two rows of one hour are no copy');

$node->stop;
done_testing();
