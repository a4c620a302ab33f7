
# Copyright (c) 2026, pinterest_fdw contributors

# What is called does what it is asked for, or says why not: days that a refresh
# loads, domains, nulls, one snapshot for all.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use PinterestSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $sandbox = PinterestSandbox->new(
	campaigns => 2,
	ad_groups => 1,
	ads => 1,
	report_delay => 0);
my $node = PinterestSandbox::start_node('main', "timezone = 'UTC'");
$sandbox->connect($node, options => "historical_date '10 days'");

sub query { return $node->safe_psql('postgres', $_[0]); }

# Runs SQL; returns what it printed, and its errors.
sub answer
{
	my ($sql, @options) = @_;
	return PinterestSandbox::answer($node, $sql, on_error_stop => 1, @options);
}

sub refused
{
	my ($sql, $pattern, $name) = @_;
	like(answer($sql), qr/^ERROR:  $pattern/, "$name: $sql");
	return;
}

query(q{
	CREATE SCHEMA live;
	CREATE SCHEMA ads;
	CREATE SCHEMA spare;
	IMPORT FOREIGN SCHEMA ads LIMIT TO (campaigns, campaign_report, advertiser_report, report_templates) FROM SERVER pinterest INTO live;
	CREATE FOREIGN TABLE live.weekly (advertiser_id text, campaign_id text, date date, total_impression bigint)
		SERVER pinterest OPTIONS (resource 'campaign_report', granularity 'week');
	CREATE FOREIGN TABLE live.monthly (advertiser_id text, campaign_id text, date date, total_impression bigint)
		SERVER pinterest OPTIONS (resource 'campaign_report', granularity 'month');
	CREATE FOREIGN TABLE live.total (advertiser_id text, campaign_id text, total_impression bigint)
		SERVER pinterest OPTIONS (resource 'campaign_report', granularity 'total');
	CREATE FUNCTION live.today() RETURNS date STABLE LANGUAGE sql
		RETURN (now() AT TIME ZONE 'UTC')::date;});
query("SELECT pinterest.materialize('live.$_', 'ads.$_', false)")
  foreach qw(campaigns campaign_report advertiser_report weekly monthly total);

#
# Days
#

# The first and the last day that Pinterest is asked for, counted from today
sub asked
{
	my ($sql) = @_;
	my $today = query('SELECT live.today()');
	$sandbox->clear_log;
	my $errors = answer($sql);
	my @bodies = map { $_->{body} }
	  grep { $_->{method} eq 'POST' && $_->{path} =~ /reports$/ } $sandbox->log;
	return $errors if $errors =~ /ERROR/;
	return 'nothing' unless @bodies;
	my ($first) = sort map { $_->{start_date} } @bodies;
	my ($last) = reverse sort map { $_->{end_date} } @bodies;
	return query("SELECT (DATE '$first' - DATE '$today') || '..' || (DATE '$last' - DATE '$today')");
}

my $refresh = q{SELECT rows > 0 FROM pinterest.refresh('ads.campaign_report'};
is(asked("$refresh)"), '-10..0', 'the historical date');
is(asked("$refresh, live.today() - 3)"), '-3..0', 'since');
is(asked("$refresh, last => '3 days')"), '-3..0', 'last');
is(asked("$refresh, live.today())"), '0..0', 'since today');
is(asked("$refresh, live.today() - 80)"), '-80..0', 'since before the historical date');
is(asked("$refresh, last => '80 days')"), '-80..0', 'last likewise');
is( asked("$refresh, last => '3 months')"),
	query(q{SELECT (live.today() - interval '3 months')::date - live.today()}) . '..0',
	'months');
is(asked("$refresh, last => '36 hours')"), '-2..0', 'a day that has begun');
my $oldest = asked("$refresh, '-infinity')");
like($oldest, qr/^-91[0-4]\.\.0$/, 'all that Pinterest has');
is(asked("$refresh, '1990-01-01')"), $oldest, 'since before what Pinterest has');
my $told = qr/^t\nNOTICE:  00000: Pinterest has nothing of foreign table "live.campaign_report" that is as old/;
like(answer("$refresh, '1990-01-01')"), $told, 'which is told');
like(answer("$refresh, last => '20 years')"), $told, 'for last likewise');
is(answer("$refresh, $_)"), 't', "but not for $_")
  foreach q{'-infinity'}, 'live.today() - 900', q{last => '900 days'};
is(asked("$refresh, last => '20 years')"), $oldest, 'last likewise');
is(asked("$refresh, last => '170000000 years')"), $oldest, 'longer than a timestamp goes back');
is( query('SELECT min(date) - live.today() >= -914 FROM ads.campaign_report'),
	't', 'older rows than the historical date are there');

foreach my $period ('week', 'month')
{
	my $first = query("SELECT date_trunc('$period', live.today() - 40)::date - live.today()");
	is(asked("SELECT rows > 0 FROM pinterest.refresh('ads.${period}ly', live.today() - 40)"),
		"$first..0", "since: a whole $period");
	is(asked("SELECT rows > 0 FROM pinterest.refresh('ads.${period}ly', last => '40 days')"),
		"$first..0", "last: a whole $period");
}
is( query(q{SELECT since - live.today() FROM (SELECT since FROM pinterest.refresh_log WHERE target = 'ads.campaign_report'::regclass AND outcome = 'succeeded' ORDER BY id LIMIT 3) AS s}),
	"\n-3\n-3", 'which is on record');

refused("$refresh, live.today(), '1 day')",
	qr/22023: "since" and "last" exclude each other\nHINT: /, 'both');
refused("$refresh, live.today() + 1)", qr/22023: /, 'the future');
refused("$refresh, 'infinity')", qr/22023: /, 'the far future');
refused("$refresh, last => '$_')", qr/22023: "last" must be at least one day\nHINT: /, 'last')
  foreach '0', '23 hours', '-1 day', '1 month -30 days', '-170000000 years';
refused("SELECT pinterest.refresh('ads.$_', last => '1 day')",
	qr/22023: .* has no dates/, 'no dates')
  foreach 'campaigns', 'total';

# Several tables, of which some have no dates
is(asked(q{CALL pinterest.refresh_all('{ads.campaigns,ads.campaign_report}', last => '4 days')}),
	'-4..0', 'refresh_all: last');
is(asked(q{CALL pinterest.refresh_all('{ads.campaigns,ads.campaign_report}', live.today() - 50)}),
	'-50..0', 'refresh_all: since');
is(asked(q{CALL pinterest.refresh_all('{ads.total}', last => '1 day')}),
	'-10..0', 'refresh_all: a total is that of all days');
is( query('SELECT (SELECT count(*) FROM live.campaigns) = (SELECT count(*) FROM ads.campaigns)'),
	't', 'and a list is loaded whole');
refused(q{CALL pinterest.refresh_all(NULL, current_date, '1 day')},
	qr/22023: "since" and "last" exclude each other/, 'refresh_all: both');
refused(q{CALL pinterest.refresh_all(last => '0 days')}, qr/22023: /, 'refresh_all: no day');

# Which tables
sub refreshed
{
	my ($sql) = @_;
	my $before = query('SELECT max(id) FROM pinterest.refresh_log');
	my $errors = answer($sql);
	return $errors
	  . query("SELECT count(*) FROM pinterest.refresh_log WHERE id > $before AND outcome = 'succeeded'");
}
is(refreshed(q{CALL pinterest.refresh_all(last => '1 day')}), 6, 'without an array: all');
is(refreshed(q{CALL pinterest.refresh_all(NULL, last => '1 day')}), 6, 'NULL: all');
like(refreshed(q{CALL pinterest.refresh_all('{}')}), qr/^NOTICE:  00000: there is no table to refresh\nHINT: .*\n0$/, 'an empty array: none');
is(refreshed(q{CALL pinterest.refresh_all('{{ads.total},{ads.campaigns}}')}), 2, 'an array of arrays');

#
# historical_date
#

foreach my $place ('SERVER pinterest', 'FOREIGN TABLE live.campaign_report')
{
	my $add = $place =~ /SERVER/ ? 'SET' : 'ADD';
	query("ALTER $place OPTIONS ($add historical_date '20260101')");
	is( asked("$refresh)"),
		query(q{SELECT greatest(DATE '2026-01-01' - live.today(), } . ($oldest =~ s/\..*//r) . q{)}) . '..0',
		"$place: 20260101 is that day");
	query("ALTER $place OPTIONS (SET historical_date '2026-1-5')");
	is(asked("$refresh)"),
		query(q{SELECT greatest(DATE '2026-01-05' - live.today(), } . ($oldest =~ s/\..*//r) . q{)}) . '..0',
		"$place: 2026-1-5 is that day");
	foreach my $value ('100000', '1-2', '720:00', '-30 days', '0 days', '', 'today', 'yesterday',
		'now', 'epoch', 'infinity', '-infinity', '1 1 day', '01/05/2026', '20260230', '2026-02-30')
	{
		like(answer("ALTER $place OPTIONS (SET historical_date '$value')"),
			qr/^ERROR:  22023: .*(?:YYYY-MM-DD, or an interval|future)/s, "$place: no historical_date '$value'");
		next if $place !~ /SERVER/;
		like(answer("IMPORT FOREIGN SCHEMA ads FROM SERVER pinterest INTO spare OPTIONS (historical_date '$value')"),
			qr/^ERROR:  22023: .*(?:YYYY-MM-DD, or an interval|future)/s, "IMPORT: no historical_date '$value'");
	}
}
query(q{ALTER SERVER pinterest OPTIONS (SET historical_date '10 days');
	ALTER FOREIGN TABLE live.campaign_report OPTIONS (DROP historical_date)});

#
# Domains
#

query(q{
	CREATE DOMAIN live.day AS date;
	CREATE DOMAIN live.workday AS live.day CHECK (value > '2000-01-01');
	CREATE DOMAIN live.clock AS timestamp;
	CREATE DOMAIN live.instant AS timestamptz;
	CREATE DOMAIN live.id AS text;
	CREATE DOMAIN live.label AS live.id;
	CREATE DOMAIN live.metric AS bigint;});
my $sums = q{SELECT count(*), sum(total_impression), min(date)::date - live.today(), max(date)::date - live.today() FROM};
my $live = query("$sums live.campaign_report");
foreach my $type (qw(timestamp timestamptz live.day live.workday live.clock live.instant))
{
	my $name = 'typed_' . $type =~ s/\W/_/gr;
	query(qq{
		CREATE FOREIGN TABLE live.$name (advertiser_id live.label, campaign_id live.id, date $type, total_impression live.metric)
			SERVER pinterest OPTIONS (resource 'campaign_report');});
	is(query("$sums live.$name"), $live, "$type: live");
	foreach my $condition ('date >= live.today() - 4', 'live.today() - 4 <= date', 'date > (live.today() - 5)::timestamp',
		"date >= (live.today() - 4)::$type", "date = ANY (ARRAY[live.today() - 4, live.today()]::${type}[])")
	{
		like(asked("SELECT count(*) FROM live.$name WHERE $condition"),
			qr/^-4\.\.0$/, "$type: $condition is pushed down");
		is( query("$sums live.$name WHERE $condition"),
			query("$sums live.campaign_report WHERE $condition"),
			"$type: $condition");
	}
	query("SELECT pinterest.materialize('live.$name', 'ads.$name')");
	is(query("$sums ads.$name"), $live, "$type: materialized");
	query("UPDATE ads.$name SET total_impression = -1; DELETE FROM ads.$name WHERE date > live.today() - 3;
		INSERT INTO ads.$name (advertiser_id, campaign_id, date) SELECT advertiser_id, i::text, live.today() - 7 + i
		FROM (SELECT advertiser_id FROM ads.$name LIMIT 1) AS a, generate_series(1, 5) AS i");
	is( query("SELECT rows = inserted + updated, deleted FROM pinterest.refresh('ads.$name', live.today() - 4)"),
		't|3', "$type: since");
	is( query("SELECT count(*) FROM ads.$name WHERE total_impression = -1 AND date >= live.today() - 4 OR date < live.today() - 4 AND campaign_id IN ('1', '2')"),
		2, "$type: only the days asked for");
	query("SELECT pinterest.refresh('ads.$name')");
	is(query("$sums ads.$name"), $live, "$type: refreshed");
	is( query("SELECT data_from - live.today() || '|' || data_to - live.today() FROM pinterest.status WHERE target = 'ads.$name'::regclass"),
		($live =~ s/^\d+\|\d+\|//r), "$type: status");
}

# Hours: without a time zone, they are those of UTC
my %hours;
foreach my $type (qw(timestamptz timestamp live.clock live.instant))
{
	my $name = 'hours_' . $type =~ s/\W/_/gr;
	my $utc = $type =~ /tz|instant/ ? q{date AT TIME ZONE 'UTC'} : 'date';
	my $sum = "SELECT count(*), sum(total_impression), max($utc) - live.today() FROM";
	query(qq{
		CREATE FOREIGN TABLE live.$name (advertiser_id text, campaign_id text, date $type, total_impression bigint)
			SERVER pinterest OPTIONS (resource 'campaign_report', granularity 'hour', historical_date '2 days');
		SET timezone = 'Asia/Tokyo';
		SELECT pinterest.materialize('live.$name', 'ads.$name');});
	$hours{$_}{ query("SET timezone = 'America/New_York'; $sum $_.$name") } = 1 foreach 'live', 'ads';
	$hours{where}{ query("SET timezone = 'America/New_York'; $sum live.$name WHERE $utc >= live.today() - 1") } = 1;
	query("DELETE FROM ads.$name WHERE $utc >= live.today() - 1");
	is(query("SELECT inserted > 0, updated, deleted FROM pinterest.refresh('ads.$name', live.today() - 1)"),
		't|0|0', "$type: hours, since");
	$hours{ads}{ query("$sum ads.$name") } = 1;
}
is(scalar(keys %{ $hours{$_} }), 1, "hours: the same with all types: $_") foreach sort keys %hours;

#
# Nulls
#

my $null = qr/22004: .*must not be null/;
refused("SELECT * FROM pinterest.$_", $null, 'null')
  foreach 'refresh(NULL)', q{refresh('ads.campaigns', allow_deletion => NULL)},
  q{materialize(NULL, 'ads.x')}, q{materialize('live.campaigns', NULL)},
  q{materialize('live.campaigns', 'ads.x', NULL)},
  q{schedule(NULL, 'daily')}, q{schedule('ads.campaigns', NULL)}, 'unschedule(NULL)',
  'authorization_url(NULL)', q{authorization_url('pinterest', NULL)},
  q{authorize(NULL, 'x')}, q{authorize('pinterest', NULL)}, 'check(NULL)';
refused('CALL pinterest.refresh_all(ARRAY[NULL]::regclass[])', $null, 'null');
refused('CALL pinterest.refresh_all(allow_deletion => NULL)', $null, 'null');
is( query(q{
		SELECT string_agg(proname, ' ') FROM pg_proc
		 WHERE pronamespace = 'pinterest'::regnamespace AND proisstrict AND pronargs > 0}),
	'',
	'no other function lets one pass');

#
# Deletion
#

query(q{
	CREATE ROLE loader LOGIN;
	GRANT USAGE ON SCHEMA ads TO loader;});
query('GRANT MAINTAIN ON ads.campaigns TO loader') if $node->pg_version->major >= 17;
query(q{INSERT INTO ads.campaigns (advertiser_id, campaign_id)
	SELECT advertiser_id, i::text FROM (SELECT advertiser_id FROM ads.campaigns LIMIT 1) AS c, generate_series(1, 9) AS i});
like(answer(q{SELECT pinterest.refresh('ads.campaigns', allow_deletion => true)}, role => 'loader'),
	qr/^ERROR:  42501: /, 'allow_deletion without the privileges of the owner');
my $guard = qr/ERROR:  55000: .* would delete/;
$sandbox->faults({ match => { path => 'campaigns$' }, count => -1, body => { items => [] } });
like(answer(q{SELECT pinterest.refresh('ads.campaigns', allow_deletion => false)}),
	$guard, 'without it a refresh is refused');
like(answer(q{SELECT pinterest.refresh('ads.campaigns')}), $guard, 'by default, too');
is(query(q{SELECT deleted FROM pinterest.refresh('ads.campaigns', allow_deletion => true)}),
	11, 'allow_deletion');
$sandbox->clear_faults;
like(answer(q{LOAD 'pinterest_fdw'; SET pinterest_fdw.allow_mass_delete = on}),
	qr/ERROR:  42602: /, 'there is no setting that does it for all');

#
# Keys of any length
#

query(q{
	CREATE FOREIGN TABLE live.item (advertiser_id text, product_item_id text, ad_group_id text, date date, spend_in_dollar numeric)
		SERVER pinterest OPTIONS (resource 'product_item_report', historical_date '5 days');
	SELECT pinterest.materialize('live.item', 'ads.item', false);});
my $day = query('SELECT live.today() - 1');
sub items_of
{
	my (@items) = @_;
	my $i = 0;
	return '{' . join(',', map { qq("$_":[{"DATE":"$day","AD_GROUP_ID":1,"TOTAL_IMPRESSION":1,"SPEND_IN_DOLLAR":) . ++$i . '}]' } @items) . '}';
}
my @long = map { 'X' x 150 . $_ } 1 .. 3;
foreach my $expected ([ 3, 6 ], [ 2, 3 ])
{
	my ($n, $sum) = @$expected;
	$sandbox->faults({ match => { host => 'download' }, body => items_of(@long[ 0 .. $n - 1 ]) });
	is( answer(q{SELECT rows FROM pinterest.refresh('ads.item')}), $n, "$n items whose names begin alike");
	is(query('SELECT count(*), sum(spend_in_dollar), max(length(product_item_id)) FROM ads.item'),
		"$n|$sum|151", 'stay apart');
}

# What an index cannot hold is refused as a whole: random letters do not shrink.
srand 1;
my $longest = join '', map { chr(97 + int rand 26) } 1 .. 5000;
$sandbox->faults({ match => { host => 'download' }, body => items_of(@long, $longest) });
like(answer(q{SELECT pinterest.refresh('ads.item')}),
	qr/^ERROR:  54000: .*index row size/, 'one that no index can hold');
is(query('SELECT count(*), sum(spend_in_dollar) FROM ads.item'), '2|3', 'changes nothing');
$sandbox->faults({ match => { host => 'download' }, body => items_of(@long, $longest) });
is(query('SELECT count(*), max(length(product_item_id)) FROM live.item'), '4|5000', 'live queries have it');
$sandbox->clear_faults;

#
# What came before
#

my $mixed = qr/^ERROR:  55000: refresh of table "ads.memory" would mix rows that were loaded in different ways\n/;
my $memory = q{SELECT settings FROM pinterest_internal.materialized_tables WHERE target = 'ads.memory'::regclass};
my $recent = q{SELECT rows > 0 FROM pinterest.refresh('ads.memory', last => '3 days')};

# A table of thirty days, loaded without options
sub remembered
{
	my (@options) = @_;
	query('DROP FOREIGN TABLE IF EXISTS live.memory; DROP TABLE IF EXISTS ads.memory');
	query(q{CREATE FOREIGN TABLE live.memory (advertiser_id text, campaign_id text, date date, total_checkout bigint, spend_in_dollar numeric)
			SERVER pinterest OPTIONS (resource 'campaign_report', historical_date '30 days');
		SELECT pinterest.materialize('live.memory', 'ads.memory')});
	return;
}
sub alter { return query("ALTER FOREIGN TABLE live.memory $_[0]"); }

# The commands that an error or notice tells of
sub commands { return $_[0] =~ /(SELECT pinterest\.\w+\([^;]*;)/g; }

remembered();
like(query($memory), qr/resource=campaign_report,granularity=day,click_window_days=30,engagement_window_days=30,view_window_days=1,conversion_report_time=TIME_OF_AD_ACTION,attribution_types=INDIVIDUAL,reporting_timezone=PINTEREST_TIME_ZONE/,
	'how rows were loaded is remembered, with defaults');
foreach my $same ("click_window_days '30'", "view_window_days '1'", "conversion_report_time 'time_of_ad_action'",
	"granularity 'day'", "report_reuse '0'", "reporting_timezone 'PINTEREST_TIME_ZONE'", "campaign_statuses 'RUNNING,PAUSED'")
{
	alter("OPTIONS (ADD $same)");
	is(answer($recent), 't', "no difference: $same");
	alter('OPTIONS (DROP ' . ($same =~ /(\w+)/)[0] . ')');
}
foreach my $case (
	[ "click_window_days '7', ADD engagement_window_days '7'", qr/click_window_days was 30 and is 7, engagement_window_days was 30 and is 7\./ ],
	[ "view_window_days '7', ADD click_window_days '30'", qr/view_window_days was 1 and is 7\./ ],
	[ "conversion_report_time 'TIME_OF_CONVERSION'", qr/conversion_report_time was TIME_OF_AD_ACTION and is TIME_OF_CONVERSION\./ ],
	[ "attribution_types 'HOUSEHOLD,INDIVIDUAL'", qr/attribution_types was INDIVIDUAL and is HOUSEHOLD,INDIVIDUAL\./ ],
	[ "reporting_timezone 'AD_ACCOUNT_TIME_ZONE'", qr/reporting_timezone was PINTEREST_TIME_ZONE and is AD_ACCOUNT_TIME_ZONE\./ ],
	[ "granularity 'week'", qr/granularity was day and is week\./ ],
	[ "ad_statuses 'APPROVED'", qr/ad_statuses was not set and is APPROVED\./ ])
{
	my ($options, $difference) = @$case;
	my $what = $options =~ s/ .*//r;
	alter("OPTIONS (ADD $options)");
	$sandbox->settings(time_zones => [ 'America/New_York' ]) if $what eq 'reporting_timezone';
	$sandbox->clear_log;
	my $error = answer($recent);
	like($error, $mixed, "$what: refused");
	like($error, $difference, "$what: says what differs");
	is(scalar($sandbox->log), 0, "$what: before anything is downloaded");
	like(answer(q{CALL pinterest.refresh_all('{ads.memory}', last => '3 days')}), $mixed, "$what: refresh_all, too");
	my ($load, $keep) = commands($error);
	like($error, qr/TRUNCATE/, "$what: one of three ways out");

	# each of them works
	like(answer($load =~ s/SELECT/SELECT (x.r).rows > 0 FROM (SELECT/r =~ s/;/ AS r) AS x/r), qr/^t\b/, "$what: loaded again: $load");
	is(answer($recent), 't', "$what: and from there on");
	my $drop = join ', ', map { "DROP $_" } $options =~ /(\w+) '/g;
	alter("OPTIONS ($drop)");
	like(answer($recent), $mixed, "$what: nor back");
	query('TRUNCATE ads.memory');
	is(answer($recent), 't', "$what: truncated");
	query(q{UPDATE ads.memory SET date = date - 20 WHERE date = (SELECT min(date) FROM ads.memory)});
	alter("OPTIONS (ADD $options)");
	like(answer($recent), $mixed, "$what: refused again");
	is(answer($keep), 'ads.memory', "$what: kept on purpose: $keep");
	is(answer($recent =~ s/'3 days'/'3 days', allow_deletion => true/r), 't', "$what: the old rows stay");
	is(query('SELECT min(date) < live.today() - 15 FROM ads.memory'), 't', "$what: indeed");
	$sandbox->settings(time_zones => []) if $what eq 'reporting_timezone';
	remembered();
}

# Options of the server
query("ALTER SERVER pinterest OPTIONS (ADD click_window_days '7', ADD engagement_window_days '7')");
like(answer($recent), $mixed, 'an option of the server');
is(answer(q{SELECT rows > 0 FROM pinterest.refresh('ads.memory')}), 't', 'a refresh that leaves no row');
is(answer($recent), 't', 'takes the new settings over');
query('ALTER SERVER pinterest OPTIONS (DROP click_window_days, DROP engagement_window_days)');

# A template has windows of its own.
my $template = query(q{SELECT report_template_id FROM live.report_templates WHERE report_level = 'CAMPAIGN' AND NOT is_deleted LIMIT 1});
query(qq{
	CREATE FOREIGN TABLE live.templated (advertiser_id text, campaign_id text, date date, total_impression bigint)
		SERVER pinterest OPTIONS (resource 'campaign_report', template_id '$template', historical_date '5 days');
	SELECT pinterest.materialize('live.templated', 'ads.templated');
	ALTER SERVER pinterest OPTIONS (ADD click_window_days '7', ADD engagement_window_days '7')});
is(answer(q{SELECT rows > 0 FROM pinterest.refresh('ads.templated', last => '2 days')}), 't', 'a template: other windows of the server');
query('ALTER SERVER pinterest OPTIONS (DROP click_window_days, DROP engagement_window_days)');

# Rows that no "since" would load
remembered();
query(q{UPDATE ads.memory SET date = live.today() - 2000 WHERE date = (SELECT min(date) FROM ads.memory)});
alter("OPTIONS (ADD view_window_days '7', ADD click_window_days '30')");
my $error = answer(q{SELECT pinterest.refresh('ads.memory')});
like($error, $mixed, 'rows that Pinterest no longer has');
unlike($error, qr/pinterest\.refresh\(/, 'which cannot be loaded again');
query(q{UPDATE ads.memory SET date = live.today() - 1, advertiser_id = '1' WHERE date < live.today() - 1000});
$error = answer(q{SELECT pinterest.refresh('ads.memory')});
like($error, $mixed, 'rows of another advertiser');
like($error, qr/delete these rows/, 'nor can these');
alter("OPTIONS (ADD advertiser_id '*')");
$error = answer(q{SELECT pinterest.refresh('ads.memory')});
like($error, $mixed, 'or of one that Pinterest does not show any more');
is(query(q{SELECT count(*) FROM ads.memory WHERE advertiser_id = '1'}) > 0, 1, 'nothing has changed');
query(q{DELETE FROM ads.memory WHERE advertiser_id = '1'});
is(answer(q{SELECT rows > 0 FROM pinterest.refresh('ads.memory')}), 't', 'deleted');

# A column of another metric, and one that is new
remembered();
alter(q{ALTER total_checkout OPTIONS (ADD column_name 'TOTAL_SIGNUP')});
like(answer($recent), qr/$mixed.*column "total_checkout" was TOTAL_CHECKOUT and is TOTAL_SIGNUP/, 'a column that is another one');
is(answer(q{SELECT rows > 0 FROM pinterest.refresh('ads.memory')}), 't', 'loaded again');
foreach my $call ($recent, q{CALL pinterest.refresh_all('{ads.memory}', last => '3 days')})
{
	remembered();
	alter('ADD total_impression bigint, ADD ctr numeric');
	my $notice = answer($call);
	like($notice, qr/NOTICE:  00000: columns "total_impression", "ctr" of table "ads.memory" are new, and null in \d+ older rows\n/,
		"new columns: $call");
	unlike(answer($call), qr/NOTICE/, 'which is told once');
	is(query('SELECT count(total_impression) < count(*) FROM ads.memory'), 't', 'older rows do not have them');
	my ($fill) = commands($notice);
	like(answer($fill), qr/^\(ads.memory,/, "until they are loaded: $fill");
	is(query('SELECT count(total_impression) = count(*) FROM ads.memory'), 't', 'then they do');
}
query('ALTER TABLE ads.memory ADD total_clickthrough bigint');
alter('ADD total_clickthrough bigint');
like(answer($recent), qr/NOTICE:  00000: column "total_clickthrough" .* is new/, 'a column that the table had before');
unlike(answer($recent), qr/NOTICE/, 'is told once, too');
alter('ADD total_engagement bigint');
unlike(answer(q{SELECT pinterest.refresh('ads.memory')}), qr/NOTICE/, 'no word where all rows are loaded');

# A failure of materialize() undoes that the table is registered: what its hint
# says works without that.
remembered();
query(q{DROP FOREIGN TABLE live.memory;
	CREATE FOREIGN TABLE live.memory (advertiser_id text, campaign_id text, date date, total_checkout bigint, spend_in_dollar numeric)
		SERVER pinterest OPTIONS (resource 'campaign_report', historical_date '5 days', click_window_days '7', engagement_window_days '7')});
$error = answer(q{SELECT pinterest.materialize('live.memory', 'ads.memory')});
like($error, $mixed, 'another source with other options');
my ($load) = $error =~ /Load all of it again: (SELECT .*;) Or/;
like(answer($load), qr/^ads\.memory\n\(ads\.memory,/, "loaded again: $load");
is(answer($recent), 't', 'and from there on');
query(q{DROP TABLE ads.memory;
	CREATE TABLE ads.memory (LIKE live.memory, PRIMARY KEY (advertiser_id, campaign_id, date));
	INSERT INTO ads.memory SELECT (SELECT min(advertiser_id) FROM live.campaigns), i, live.today() - 2, 0, 0 FROM generate_series(1, 3) AS i});
$error = answer(q{SELECT pinterest.materialize('live.memory', 'ads.memory')});
like($error, qr/^ERROR:  55000: refresh of table "ads.memory" would delete 3 of 3 rows /, 'a table with other rows');
my ($register) = commands($error);
is(answer($register), 'ads.memory', "registered: $register");
is(answer(q{SELECT deleted FROM pinterest.refresh('ads.memory', allow_deletion => true)}), '3', 'then loaded');

#
# One snapshot for all
#

foreach my $level ('REPEATABLE READ', 'SERIALIZABLE')
{
	my $begin = "BEGIN ISOLATION LEVEL $level;";
	my $before = query('SELECT count(*) FROM pinterest.refresh_log');
	query(q{DELETE FROM ads.campaign_report WHERE date > live.today() - 5});
	$sandbox->clear_log;
	foreach my $call (q{pinterest.refresh('ads.campaign_report')},
		q{pinterest.materialize('live.campaign_report', 'ads.frozen')},
		q{pinterest.materialize('live.campaign_report', 'ads.campaign_report')})
	{
		like(answer("$begin SELECT $call"),
			qr/^ERROR:  0A000: .*HINT: .*refresh_all/s, "$level: $call");
	}
	is(scalar($sandbox->log), 0, 'before anything is asked for');
	is(query('SELECT count(*) FROM pinterest.refresh_log'), $before, 'it is no failure of the table');
	is(query("$begin SELECT pinterest.materialize('live.campaign_report', 'ads.frozen', false); ROLLBACK"),
		'ads.frozen', "$level: without data");
	my $default = 'SET default_transaction_isolation = ' . "'" . lc($level) . "';";
	is(answer("$default SET default_transaction_deferrable = on; CALL pinterest.refresh_all('{ads.campaign_report}')"),
		'', "$level: refresh_all()");
	is(query('SELECT max(date) > live.today() - 5 FROM ads.campaign_report'), 't', 'loads the table');
	is(answer("$default SELECT count(*) > 0 FROM live.campaigns"), 't', "$level: queries");
}

$node->stop;
done_testing();
