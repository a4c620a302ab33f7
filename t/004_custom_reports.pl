
# Copyright (c) 2026, pinterest_fdw contributors

# Reports as users shape them: other granularities, targeting types, templates,
# columns of their choice, several advertisers; and the lists that go with them.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use List::Util qw(max uniq);
use PinterestSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use PsqlSession qw(wait_until);
use Test::More;

my $sandbox = PinterestSandbox->new(
	advertisers => 3,
	denied => 1,
	campaigns => 3,
	report_delay => 0);
my @advertisers = $sandbox->advertisers;
my $first = $advertisers[0];

my $node = PinterestSandbox::start_node('main');
$sandbox->connect($node,
	options => "historical_date '60 days', max_connections '8'");

# Every table is one of the first advertiser, unless a test says otherwise.
$node->safe_psql(
	'postgres', qq{
	ALTER SERVER pinterest OPTIONS (SET advertiser_id '$first');
	CREATE SCHEMA live;
	IMPORT FOREIGN SCHEMA ads FROM SERVER pinterest INTO live;
	CREATE SCHEMA stored;
	CREATE SCHEMA copied;});

sub query
{
	my ($sql) = @_;
	return $node->safe_psql('postgres', $sql);
}

sub lines
{
	return split /\n/, query(@_);
}

# Runs SQL on an empty log of requests.  Returns what psql got on stdout and
# stderr.
sub run_logged
{
	my ($sql) = @_;
	my ($stdout, $stderr);

	$sandbox->clear_log;
	$node->psql(
		'postgres', $sql,
		stdout => \$stdout,
		stderr => \$stderr,
		on_error_stop => 0,
		extra_params => [ '-v', 'VERBOSITY=verbose' ]);
	return ($stdout, $stderr);
}

# Checks that a statement fails with these messages before it asks Pinterest
# for anything.
sub fails_early
{
	my ($name, $sql, @messages) = @_;
	my (undef, $stderr) = run_logged($sql);

	like($stderr, $_, $name) foreach @messages;
	is(scalar($sandbox->log), 0, "$name: nothing is requested");
	return;
}

# Number of rows that are in one of two queries, but not in the other.
sub differences
{
	my ($one, $other) = @_;
	return query(qq{
		SELECT count(*)
		  FROM (($one EXCEPT ALL $other) UNION ALL
				($other EXCEPT ALL $one)) AS differences});
}

# A table as it is now, so that several checks take one request.
sub copy_table
{
	my ($source, $target) = @_;
	query("CREATE TABLE copied.$target AS TABLE $source");
	return;
}

# Requests for reports, and the advertisers that requests are about
sub creations { return grep { $_->{method} eq 'POST' } $sandbox->log; }

sub asked_advertisers
{
	return join ',', sort +uniq map { $_->{path} =~ m{/ad_accounts/(\d+)/} } $sandbox->log;
}

# What adds up over time and over parts of an entity
my @additive = lines(
	q{SELECT column_name FROM pinterest.resource_columns
	   WHERE resource = 'campaign_report' AND standard
		 AND (type = 'bigint' OR column_name = 'spend_in_dollar')
		 AND column_name <> 'total_impression_user'});
my @additive_by_hour = lines(
	q{SELECT attname FROM pg_attribute
	   WHERE attrelid = 'live.campaign_report'::regclass AND attnum > 0});
cmp_ok(@additive, '>', 40, 'there are many additive columns');

sub sums
{
	return join ', ', map { "sum($_) AS $_" } @_;
}

sub columns
{
	return join ', ', @_;
}

#
# Granularities
#

copy_table('live.campaign_report', 'day');

# Creates and copies a table of a granularity, and checks that the materialized
# one has the same.
sub other_granularity
{
	my ($granularity, $history) = @_;
	query(qq{
		CREATE SCHEMA live_$granularity;
		IMPORT FOREIGN SCHEMA ads LIMIT TO (campaign_report)
		  FROM SERVER pinterest INTO live_$granularity
		  OPTIONS (granularity '$granularity', historical_date '$history')});
	copy_table("live_$granularity.campaign_report", $granularity);
	cmp_ok(query("SELECT count(*) FROM copied.$granularity"),
		'>', 0, "$granularity: there are rows");

	query("SELECT pinterest.materialize('live_$granularity.campaign_report', 'stored.$granularity')"
	);
	is( differences("TABLE stored.$granularity", "TABLE copied.$granularity"),
		0,
		"$granularity: materialized, it is the same");
	is( query("SELECT inserted, updated, deleted FROM pinterest.refresh('stored.$granularity')"
		),
		'0|0|0',
		"$granularity: a refresh writes nothing");
	return;
}

# The first one is the whole period in which the historical date lies.
query(q{
	CREATE SCHEMA live_long;
	IMPORT FOREIGN SCHEMA ads LIMIT TO (campaign_report)
	  FROM SERVER pinterest INTO live_long OPTIONS (historical_date '95 days')});
copy_table('live_long.campaign_report', 'more_days');
foreach my $period ('week', 'month')
{
	other_granularity($period, '60 days');
	my $start = "(SELECT date_trunc('$period', current_date - 60)::date)";
	my $of_days = "FROM copied.more_days WHERE date >= $start GROUP BY 1, 2";

	is( query("SELECT count(*) FROM copied.$period"),
		query(
			"SELECT count(*) FROM (SELECT campaign_id, date_trunc('$period', date) $of_days) AS d"
		),
		"$period: a row for each campaign and $period");
	is( differences(
			"SELECT campaign_id, date, " . columns(@additive) . " FROM copied.$period",
			"SELECT campaign_id, date_trunc('$period', date)::date, "
			  . sums(@additive)
			  . " $of_days"),
		0,
		"$period: labeled with the first day, it is the sum of its days");
}

other_granularity('total', '60 days');
is( query(
		q{SELECT count(*) FROM pg_attribute
		   WHERE attrelid = 'live_total.campaign_report'::regclass AND attname = 'date'}
	),
	0,
	'total: there is no date');
is( differences(
		"SELECT campaign_id, " . columns(@additive) . " FROM copied.total",
		"SELECT campaign_id, " . sums(@additive) . " FROM copied.day GROUP BY 1"),
	0,
	'total: it is the sum of all days');
fails_early(
	'total: more than Pinterest covers',
	q{BEGIN;
	  ALTER FOREIGN TABLE live_total.campaign_report OPTIONS (SET historical_date '186 days');
	  EXPLAIN SELECT * FROM live_total.campaign_report;},
	qr/ERROR:  22023: granularity "total" can cover 186 days at most, not 187/);

other_granularity('hour', '7 days');
is( query(
		q{SELECT string_agg(DISTINCT format_type(atttypid, atttypmod), ',')
			FROM pg_attribute
		   WHERE attrelid IN ('live_hour.campaign_report'::regclass,
							  'stored.hour'::regclass) AND attname = 'date'}),
	'timestamp with time zone',
	'hour: the date is a timestamp');
is( query(
		q{SELECT count(*) FROM pg_attribute
		   WHERE attrelid = 'live_hour.campaign_report'::regclass
			 AND attname LIKE ANY ('{%conversion%,%checkout%}')}),
	0,
	'hour: there are no conversions');
my %has_hour = map { $_ => 1 } lines(
	q{SELECT attname FROM pg_attribute WHERE attrelid = 'live_hour.campaign_report'::regclass}
);
my @by_hour = grep { $has_hour{$_} } @additive;
cmp_ok(@by_hour, '>', 10, 'hour: there are many additive columns');

# A day may have nothing but conversions.
my $hourly_days = join ' + ', @by_hour;
is( differences(
		"SELECT campaign_id, (date AT TIME ZONE 'UTC')::date, "
		  . sums(@by_hour)
		  . " FROM copied.hour GROUP BY 1, 2",
		"SELECT campaign_id, date, "
		  . columns(@by_hour)
		  . " FROM copied.day WHERE date >= current_date - 7 AND $hourly_days > 0"
	),
	0,
	'hour: days are the sums of their hours');
is( query(
		q{SELECT count(*), count(DISTINCT (campaign_id, date)) - count(*),
				 count(*) FILTER (WHERE date <> date_trunc('hour', date))
			FROM copied.hour}),
	query(q{SELECT count(*), 0, 0 FROM copied.hour}),
	'hour: every campaign and hour is one row');
cmp_ok(
	query("SELECT count(DISTINCT extract(hour FROM date AT TIME ZONE 'UTC')) FROM copied.hour"
	),
	'>', 20,
	'hour: there are hours of all times');

# What the sandbox has, hour by hour, and not only day by day
{
	my $file = $sandbox->expect(
		'campaign_report',
		granularity => 'hour',
		start => query('SELECT current_date - 7'),
		columns => 'TOTAL_IMPRESSION');
	query(qq{
		CREATE TABLE expected_hours (advertiser_id text, campaign_id text,
			date date, hour int, total_impression bigint);
		\\copy expected_hours FROM '$file' (FORMAT csv, HEADER)});
	is( differences(
			'SELECT campaign_id, date, total_impression FROM copied.hour',
			q{SELECT campaign_id,
					 date::timestamp AT TIME ZONE 'UTC' + hour * interval '1 hour',
					 total_impression FROM expected_hours}),
		0,
		'hour: every row has its hour');
}

# However Pinterest writes the hour, and whatever the session's time zone
foreach my $case (
	[ 'field', 'Asia/Kathmandu' ],
	[ 'space', 'America/St_Johns' ],
	[ 'T', 'Europe/Berlin' ])
{
	my ($format, $zone) = @$case;
	$sandbox->settings(hour_format => $format);
	is( query(qq{
			SET timezone = '$zone';
			SELECT count(*), count(c.campaign_id), count(h.campaign_id)
			  FROM live_hour.campaign_report AS h
			  FULL JOIN copied.hour AS c USING (campaign_id, date, total_impression)}
		),
		query('SELECT count(*), count(*), count(*) FROM copied.hour'),
		"hour: the same instants with format \"$format\" in $zone");
}
$sandbox->settings(hour_format => 'field');

# Conditions mean the same as without pushdown, in any time zone.
{
	my $condition = "date >= date_trunc('day', now()) - interval '2 days'
		AND date < (current_date - 1)::timestamp + interval '3 hours'";
	$sandbox->clear_log;
	is( query(
			"SET timezone = 'Pacific/Auckland'; SELECT count(*) FROM live_hour.campaign_report WHERE $condition"
		),
		query(
			"SET timezone = 'Pacific/Auckland'; SELECT count(*) FROM copied.hour WHERE $condition"
		),
		'hour: conditions in a far time zone');
	my @starts = map { $_->{body}{start_date} } creations();
	is(@starts, 1, 'hour: they narrow the request');
}

# Other levels
query(
	q{IMPORT FOREIGN SCHEMA ads LIMIT TO (keyword_report) FROM SERVER pinterest
		INTO live_hour OPTIONS (granularity 'hour', historical_date '7 days');
	  IMPORT FOREIGN SCHEMA ads LIMIT TO (product_item_report) FROM SERVER pinterest
		INTO live_month OPTIONS (granularity 'month');
	  IMPORT FOREIGN SCHEMA ads LIMIT TO (ad_targeting_report) FROM SERVER pinterest
		INTO live_week OPTIONS (granularity 'week', targeting_types 'GENDER');});
is( differences(
		q{SELECT keyword_id, ad_group_id, (date AT TIME ZONE 'UTC')::date, sum(total_impression)
			FROM live_hour.keyword_report GROUP BY 1, 2, 3 HAVING sum(total_impression) > 0},
		q{SELECT keyword_id, ad_group_id, date, total_impression FROM live.keyword_report
		   WHERE date >= current_date - 7 AND total_impression > 0}),
	0,
	'hour: keywords');
is( differences(
		q{SELECT product_item_id, ad_group_id, date, total_impression FROM live_month.product_item_report
		   WHERE date = date_trunc('month', current_date - 32)
			 AND total_impression > 0},
		q{SELECT product_item_id, ad_group_id, date_trunc('month', date)::date, sum(total_impression)
			FROM live.product_item_report
		   WHERE date >= date_trunc('month', current_date - 32)
			 AND date < date_trunc('month', current_date - 32) + interval '1 month'
		   GROUP BY 1, 2, 3 HAVING sum(total_impression) > 0}),
	0,
	'month: product items');
is( differences(
		q{SELECT ad_id, targeting_value, sum(spend_in_micro_dollar)
			FROM live_week.ad_targeting_report
		   WHERE date = date_trunc('week', current_date - 14) GROUP BY 1, 2},
		q{SELECT ad_id, targeting_value, sum(spend_in_micro_dollar)
			FROM live.ad_targeting_report
		   WHERE date BETWEEN date_trunc('week', current_date - 14)
						  AND date_trunc('week', current_date - 14) + interval '6 days'
			 AND targeting_type = 'GENDER'
		   GROUP BY 1, 2}),
	0,
	'week: targeting values of ads');

#
# Every row of a report has its entity, but for archived keywords, which Pinterest
# does not list.
#
foreach my $case (
	[ 'campaign_report', 'campaigns', 'campaign_id' ],
	[ 'ad_group_report', 'ad_groups', 'ad_group_id' ],
	[ 'ad_report', 'ads', 'ad_id' ],
	[ 'keyword_report', 'keywords', 'keyword_id', 't' ],
	[ 'product_group_report', 'product_group_promotions',
		'product_group_promotion_id' ])
{
	my ($report, $entities, $key, $lacks) = @$case;
	my $report_key = $key =~ s/product_group_promotion/product_group/r;
	is( query(qq{
			SELECT count(e.$key) > 0, count(*) > count(e.$key)
			  FROM live.$report AS r
			  LEFT JOIN live.$entities AS e
				ON e.advertiser_id = r.advertiser_id AND e.$key = r.$report_key}),
		't|' . ($lacks // 'f'),
		"every row of $report has its entity that Pinterest lists");
}

#
# Targeting
#
copy_table('live.campaign_targeting_report', 'targeting');
{
	my @types = lines('SELECT DISTINCT targeting_type FROM copied.targeting');
	is(@types, 14, 'targeting: all types but those in beta');
	is( query(
			q{SELECT count(*) FROM copied.targeting
			   WHERE targeting_type IN ('AGE_BUCKET_AND_GENDER', 'CREATIVE_ENHANCEMENTS')}
		),
		0,
		'targeting: those in beta have to be asked for');
	foreach my $type (sort @types)
	{
		is( differences(
				'SELECT campaign_id, date, ' . sums(@additive) . qq{
				   FROM copied.targeting WHERE targeting_type = '$type' GROUP BY 1, 2},
				'SELECT campaign_id, date, ' . columns(@additive) . ' FROM copied.day'
			),
			0,
			"targeting: $type adds up to the campaign's report");
	}
	is( query(
			q{SELECT count(*) - count(DISTINCT (campaign_id, date, targeting_type, targeting_value))
				FROM copied.targeting}),
		0,
		'targeting: the key tells the rows apart');
}

foreach my $table ('campaign_targeting_report', 'product_item_targeting_report')
{
	my @of = lines(
		qq{BEGIN; ALTER FOREIGN TABLE live.$table OPTIONS (ADD historical_date '2 days');
		   SELECT DISTINCT targeting_type FROM live.$table ORDER BY 1; ROLLBACK;});
	my @requests = creations();
	$sandbox->clear_log;
	ok(!(grep { @{ $_->{body}{targeting_types} // [] } > 5 } @requests),
		"targeting: no request of $table has more than 5 types");
	is(scalar(grep { /^(AUDIENCE_MULTIPLIER|MEDIA_TYPE)$/ } @of),
		1, "targeting: $table has the type that only its level has");
}

query(
	q{CREATE FOREIGN TABLE live.by_age (advertiser_id text, ad_id text, date date,
		targeting_type text, targeting_value text, spend_in_micro_dollar bigint)
	  SERVER pinterest OPTIONS (resource 'ad_targeting_report',
		targeting_types 'age_bucket, AGE_BUCKET_AND_GENDER, GENDER, REGION, COUNTRY, GEO')}
);
run_logged('CREATE TABLE copied.by_age AS TABLE live.by_age');
is( query(
		'SELECT string_agg(DISTINCT targeting_type, \',\' ORDER BY targeting_type) FROM copied.by_age'
	),
	'AGE_BUCKET,AGE_BUCKET_AND_GENDER,COUNTRY,GENDER,GEO,REGION',
	'targeting: the option chooses the types');
is( join(' ', sort map { scalar @{ $_->{body}{targeting_types} } } creations()),
	'1 5',
	'targeting: six types take two requests');
is( differences(
		q{SELECT DISTINCT ad_id, date, sum(spend_in_micro_dollar)
			FROM copied.by_age GROUP BY targeting_type, 1, 2},
		'SELECT ad_id, date, spend_in_micro_dollar FROM live.ad_report'),
	0,
	'targeting: each of them adds up to the ad\'s report');

fails_early(
	'targeting: AUDIENCE_MULTIPLIER below campaigns',
	q{ALTER FOREIGN TABLE live.ad_targeting_report
	  OPTIONS (ADD targeting_types 'GENDER, AUDIENCE_MULTIPLIER')},
	qr/ERROR:  22023: invalid value for option "targeting_types": "AUDIENCE_MULTIPLIER"/,
	qr/does not have it for resource "ad_targeting_report"/,
	qr/HINT:  Valid values are: KEYWORD, .*GENDER.*AGE_BUCKET_AND_GENDER/);
fails_early(
	'targeting: MEDIA_TYPE above product items',
	q{CREATE FOREIGN TABLE live.by_media (date date) SERVER pinterest
	  OPTIONS (resource 'product_group_targeting_report', targeting_types 'MEDIA_TYPE')},
	qr/ERROR:  22023: invalid value for option "targeting_types": "MEDIA_TYPE"/,
	qr/HINT:  Valid values are: /);
fails_early(
	'targeting: types of a report without targeting',
	q{ALTER FOREIGN TABLE live.ad_report OPTIONS (ADD targeting_types 'GENDER')},
	qr/option "targeting_types" does not apply to resource "ad_report"/);

query(
	q{SELECT pinterest.materialize('live.campaign_targeting_report', 'stored.targeting')}
);
like(
	query(q{SELECT obj_description('stored.targeting'::regclass)}),
	qr/each targeting type is a full breakdown.*several times/,
	'targeting: the comment of the table warns of sums');
is( differences('TABLE stored.targeting', 'TABLE copied.targeting'),
	0, 'targeting: materialized, it is the same');

#
# Templates
#
my ($template, $of_ad_group, $in_csv, $deleted) = map {
	query(
		"SELECT report_template_id FROM live.report_templates WHERE report_level = $_"
	)
} (
	q{'CAMPAIGN' AND NOT is_deleted},
	q{'AD_GROUP'}, q{'ADVERTISER' AND report_format = 'CSV'},
	q{'CAMPAIGN' AND is_deleted});
query(
	qq{CREATE FOREIGN TABLE live.from_template (advertiser_id text, campaign_id text,
		date date, campaign_name text, spend_in_dollar numeric, total_impression bigint,
		total_conversions bigint)
	  SERVER pinterest OPTIONS (resource 'campaign_report', template_id '$template')});
copy_table('live.from_template', 'from_template');
is( differences(
		'TABLE copied.from_template',
		q{SELECT advertiser_id, campaign_id, date, campaign_name, spend_in_dollar,
				 total_impression, total_conversions
			FROM live.campaign_report
		   WHERE spend_in_dollar + total_impression + total_conversions > 0}),
	0,
	'template: its report is that of the same columns');
run_logged('SELECT campaign_id FROM live.from_template WHERE date > current_date - 3');
is_deeply(
	[ map { [ $_->{path}, $_->{query}{granularity}, $_->{body} ] } creations() ],
	[ [ "/v5/ad_accounts/$first/templates/$template/reports", ['DAY'], undef ] ],
	'template: it is what is run');
like(query('EXPLAIN SELECT * FROM live.from_template'),
	qr{POST /ad_accounts/\{ad_account_id\}/templates/$template/reports},
	'template: EXPLAIN shows it');

foreach my $case (
	[
		'unknown', 'campaign_report', '1', 'spend_in_dollar numeric',
		qr/ERROR:  HV00R: advertiser $first has no report template 1\b/,
		qr/HINT:  .*report_templates/
	],
	[
		'another level', 'campaign_report',
		$of_ad_group, 'total_clickthrough bigint',
		qr/ERROR:  22023: report template $of_ad_group is of level AD_GROUP, not CAMPAIGN/,
		qr/HINT:  .*"resource"/
	],
	[
		'a column that it lacks', 'campaign_report',
		$template, 'spend_in_dollar numeric, leads bigint',
		qr/ERROR:  HV005: report template $template has no column LEADS/,
		qr/HINT:  /
	],
	[
		'another format', 'advertiser_report',
		$in_csv, 'spend_in_dollar numeric',
		qr/ERROR:  22023: report template $in_csv gives CSV, not JSON/,
		qr/HINT:  /
	],
	[
		'deleted', 'campaign_report',
		$deleted, 'spend_in_dollar numeric',
		qr/ERROR:  HV00R: /, qr/HINT:  /
	])
{
	my ($name, $resource, $id, $columns, @messages) = @$case;
	my (undef, $stderr) = run_logged(
		qq{BEGIN;
		   CREATE FOREIGN TABLE live.template (date date, $columns) SERVER pinterest
			OPTIONS (resource '$resource', template_id '$id');
		   SELECT * FROM live.template;});
	like($stderr, $_, "template: $name") foreach @messages;
	is(scalar(grep { $_->{path} =~ m{/reports$} && ($_->{status} // 0) < 300 } $sandbox->log),
		0, "template: $name: no report is requested");
}
foreach my $option (
	"campaign_ids '1'",
	"campaign_statuses 'RUNNING'",
	"click_window_days '7'",
	"attribution_types 'HOUSEHOLD'")
{
	my ($name) = split / /, $option;
	fails_early(
		"template: together with $name",
		"ALTER FOREIGN TABLE live.from_template OPTIONS (ADD $option)",
		qr/ERROR:  HV024: options "template_id" and "$name" cannot be combined/,
		qr/HINT:  /);
}
fails_early(
	'template: of a list',
	q{ALTER FOREIGN TABLE live.campaigns OPTIONS (ADD template_id '1')},
	qr/option "template_id" does not apply to resource "campaigns"/,
	qr/reports only/);

#
# Columns that there are not
#
foreach my $case (
	[ 'campaign_report', 'day', 'ad_id text', qr/not available at level CAMPAIGN/ ],
	[ 'keyword_report', 'day', 'total_impression_user bigint', qr/not available at level KEYWORD/ ],
	[
		'ad_targeting_report', 'day', 'total_impression_user bigint',
		qr/not available at level PIN_PROMOTION_TARGETING/
	],
	[ 'campaign_report', 'hour', 'total_checkout bigint', qr/conversions are not available by hour/ ],
	[ 'campaign_report', 'total', 'date date', qr/a total has no date/ ],
	[ 'ad_report', 'day', 'product_item_name text', qr/not available at level PIN_PROMOTION/ ],
	[ 'product_group_report', 'day', 'product_item_id text', qr/not available at level PRODUCT_GROUP/ ],
	[ 'campaign_report', 'day', 'targeting_type text', qr/not available at level CAMPAIGN/ ],
	[ 'campaign_report', 'hour', 'date date', qr/cannot hold hours/ ],
	[ 'campaign_report', 'day', 'spend_in_dolar numeric', qr/HINT:  Perhaps you meant the column "spend_in_dollar"/ ])
{
	my ($resource, $granularity, $column, $message) = @$case;
	my ($name) = split / /, $column;
	fails_early(
		"$name of $resource by $granularity",
		qq{BEGIN;
		   CREATE FOREIGN TABLE live.wrong (spend_in_dollar numeric, $column)
			SERVER pinterest OPTIONS (resource '$resource', granularity '$granularity',
				historical_date '5 days');
		   SELECT spend_in_dollar FROM live.wrong;},
		qr/ERROR:  HV\w{3}: .*column "$name" of foreign table "wrong"/,
		$message);
}

# Pinterest has the last word.
$sandbox->faults(
	{
		match => { method => 'POST', path => 'reports$' },
		status => 400,
		body =>
		  { code => 1, message => 'Columns VIDEO_LENGTH are not available.' },
		count => -1
	});
{
	my (undef, $stderr) = run_logged('SELECT * FROM live.campaign_report');
	like(
		$stderr,
		qr/ERROR:  HV\w{3}: .*"campaign_report": Columns VIDEO_LENGTH are not available\./,
		'what Pinterest says of a column reaches the user');
	is(scalar(creations()), 1, 'what Pinterest refuses is not tried again');
}
$sandbox->clear_faults;

#
# History that Pinterest keeps
#
foreach my $case (
	[ 'product_item_report', 'day', 91 ],
	[ 'product_item_targeting_report', 'day', 91 ],
	[ 'campaign_report', 'hour', 7 ],
	[ 'campaign_report', 'day', 913 ])
{
	my ($table, $granularity, $days) = @$case;
	my $columns = $granularity eq 'hour' ? 'date timestamptz' : 'date date';
	my ($stdout, $stderr) = run_logged(
		qq{BEGIN;
		   CREATE FOREIGN TABLE live.old ($columns) SERVER pinterest
			OPTIONS (resource '$table', granularity '$granularity', historical_date '2001-01-01');
		   EXPLAIN SELECT * FROM live.old;
		   SELECT count(*) > 0 FROM live.old;
		   SELECT current_date - $days;});
	my ($found, $start) = (split /\n/, $stdout)[ -2, -1 ];

	is($stderr, '', "$table by $granularity: an old date is no error");
	like($stdout, qr/Pinterest Windows: \Q$start\E\.\./,
		"$table by $granularity: it begins $days days ago");
	is($found, 't', "$table by $granularity: there are rows");
	is((sort map { $_->{body}{start_date} } creations())[0],
		$start, "$table by $granularity: so it is requested");
}

#
# Keywords and product groups, parent by parent: the advertiser's own come with no
# parameter
#
my @ad_groups = lines('SELECT ad_group_id FROM live.ad_groups');
my @above = ('', lines('SELECT campaign_id FROM live.campaigns'));
foreach my $table ('keywords', 'product_group_promotions')
{
	my $counts = '';
	foreach my $most (1, 3)
	{
		query("ALTER SERVER pinterest OPTIONS (SET max_connections '$most')");
		# None is answered before so many have come.
		my $session = PsqlSession->new($node);
		$sandbox->clear_log;
		$sandbox->faults(
			{ match => { path => "/$table\$" }, delay => 3600, count => -1 });
		$session->begin("SELECT count(*) FROM live.$table");
		wait_until("$most requests",
			sub { max(0, map { $_->{in_flight} } $sandbox->log) >= $most });
		$sandbox->clear_faults;
		my ($count) = $session->finish;
		$session->quit;
		my @requests = grep { $_->{path} =~ m{/$table$} } $sandbox->log;

		my @parents = (@ad_groups, $table eq 'keywords' ? @above : ());
		is( join(' ', sort map {
				my $query = $_->{query};
				join ' ', map { @{ $query->{$_} // [] } } 'campaign_id', 'ad_group_id';
			} @requests),
			join(' ', sort @parents),
			"$table: requested once for each parent, $most at a time");
		is(max(map { $_->{in_flight} } $sandbox->log),
			$most, "$table: $most requests at a time");
		$counts .= "$count ";
	}
	like($counts, qr/^([1-9]\d*) \1 $/, "$table: the same either way");

	run_logged("SELECT 1 FROM live.$table LIMIT 1");
	cmp_ok(scalar(grep { $_->{path} =~ m{/$table$} } $sandbox->log),
		'<=', 3, "$table: a LIMIT saves requests");
}
query("ALTER SERVER pinterest OPTIONS (SET max_connections '8')");

#
# Several advertisers
#
my $all = join ',', sort @advertisers;
foreach my $of ("'*'", "'$all'")
{
	my $schema = $of eq "'*'" ? 'everyone' : 'listed';
	query(
		qq{CREATE SCHEMA $schema;
		   IMPORT FOREIGN SCHEMA ads
			LIMIT TO (advertisers, campaigns, keywords, campaign_report)
			FROM SERVER pinterest INTO $schema OPTIONS (advertiser_id $of)});
}
my ($denied) = lines(
	qq{SELECT advertiser_id FROM everyone.advertisers
		WHERE advertiser_id <> ALL ('{$all}')});
like($denied, qr/^\d+$/, 'advertisers: * has one that is denied');
is( query("SELECT string_agg(advertiser_id, ',' ORDER BY advertiser_id) FROM listed.advertisers"
	),
	$all,
	'advertisers: a list has those that are listed');

foreach my $table ('campaigns', 'keywords', 'campaign_report')
{
	my ($stdout, $stderr) =
	  run_logged("CREATE TABLE copied.all_$table AS TABLE everyone.$table");
	my @warnings = $stderr =~ /WARNING:  (.*)/g;

	unlike($stderr, qr/ERROR/, "advertisers: $table of * is read");
	is(@warnings, 1, "advertisers: $table: one warning");
	like(
		$warnings[0],
		qr/42501: leaving out advertiser \d+, which Pinterest denies for foreign table "$table": /,
		"advertisers: $table: it says so");
	like($stderr, qr/\b$denied\b/, "advertisers: $table: it names the advertiser");

	# The ones that are listed give the same, without a warning.
	(undef, $stderr) =
	  run_logged("CREATE TABLE copied.listed_$table AS TABLE listed.$table");
	is($stderr, '', "advertisers: $table of a list is read without a warning");
	is( differences("TABLE copied.all_$table", "TABLE copied.listed_$table"),
		0,
		"advertisers: $table of * and of the list are the same");
	is( query("SELECT string_agg(DISTINCT advertiser_id, ',' ORDER BY advertiser_id) FROM copied.all_$table"
		),
		$all,
		"advertisers: rows of $table say whose they are");

	(undef, $stderr) = run_logged(
		qq{BEGIN;
		   ALTER FOREIGN TABLE listed.$table OPTIONS (SET advertiser_id '$all,$denied');
		   SELECT * FROM listed.$table;});
	like($stderr, qr/ERROR:  42501: .*"$table"/,
		"advertisers: $table of a list with one that is denied fails");
	like($stderr, qr/\b$denied\b/, "advertisers: $table: it says which one");
}
is( differences(
		"SELECT * FROM copied.all_campaign_report WHERE advertiser_id = '$first'",
		'TABLE copied.day'),
	0,
	'advertisers: the rows of one are those of its own table');
is( query(
		q{SELECT count(*) FROM copied.all_campaign_report AS r
		   WHERE NOT EXISTS (SELECT FROM copied.all_campaigns AS c
							  WHERE c.advertiser_id = r.advertiser_id
								AND c.campaign_id = r.campaign_id)}),
	0,
	'advertisers: every row of the report has its campaign');

my ($one, $two) = @advertisers[ 1, 2 ];
foreach my $schema ('everyone', 'listed')
{
	foreach my $table ('campaigns', 'keywords', 'campaign_report')
	{
		foreach my $case (
			[ "advertiser_id = '$one'", $one ],
			[ "'$one' = advertiser_id", $one ],
			[ "advertiser_id IN ('$two', '$one', '7')", join ',', sort $one, $two ],
			[ "advertiser_id = ANY ('{$one,NULL}')", $one ],
			[ "advertiser_id IN ('$one', '$two') AND advertiser_id = '$first'", '' ],
			[ "advertiser_id = '7'", '' ],
			[ "advertiser_id = NULL::text", '' ])
		{
			my ($condition, $expected) = @$case;

			# That is enough for lists.
			next if $table eq 'keywords' && $condition !~ /^advertiser_id IN/;
			my ($found, $stderr) =
			  run_logged("SELECT count(*) FROM $schema.$table WHERE $condition");
			is($stderr, '', "advertisers: $schema.$table with $condition");
			is(asked_advertisers(), $expected,
				"advertisers: it narrows the requests");
			is( $found,
				query("SELECT count(*) FROM copied.all_$table WHERE $condition"),
				"advertisers: it finds the same");
		}
		next if $table eq 'keywords';

		my ($found) = run_logged(
			qq{SET plan_cache_mode = force_generic_plan;
			   PREPARE s(text) AS SELECT count(*) FROM $schema.$table WHERE advertiser_id = \$1;
			   EXECUTE s('$two')});
		is(asked_advertisers(), $two,
			"advertisers: $schema.$table: a parameter narrows the requests");
		is( $found,
			query("SELECT count(*) FROM copied.all_$table WHERE advertiser_id = '$two'"),
			'advertisers: it finds the same');
	}
}

# A template belongs to one advertiser: the denied one is no obstacle.
{
	my ($stdout, $stderr) = run_logged(
		qq{BEGIN;
		   ALTER FOREIGN TABLE live.from_template OPTIONS (ADD advertiser_id '*');
		   SELECT count(*) FROM live.from_template WHERE advertiser_id = '$first';
		   SELECT count(*) FROM live.from_template WHERE advertiser_id IN ('$first', '$denied');});
	my $count = query('SELECT count(*) FROM copied.from_template');
	is($stdout, "$count\n$count", 'advertisers: a template of one of them');
	like($stderr, qr/WARNING:  42501: [^\n]*"from_template"/,
		'advertisers: a template, too, comes with a warning');
	unlike($stderr, qr/ERROR/, 'advertisers: a template, too, is no error');
}

# Who is denied from now on, keeps the rows.
foreach my $table ('campaigns', 'campaign_report')
{
	my ($stdout, $stderr) = run_logged(
		qq{SELECT pinterest.materialize('everyone.$table', 'stored.all_$table')});
	like($stderr, qr/WARNING:  42501: .*"$table"/,
		"advertisers: $table is materialized with a warning");
	is( differences("TABLE stored.all_$table", "TABLE copied.all_$table"),
		0, "advertisers: $table has all rows");

	$sandbox->faults(
		{
			match => { path => "/ad_accounts/$one/" },
			status => 403,
			body => { code => 29, message => "You are not permitted to access that resource." },
			count => -1
		});
	($stdout, $stderr) = run_logged(
		qq{SELECT inserted, updated, deleted, rows = (SELECT count(*)
				FROM copied.all_$table WHERE advertiser_id <> '$one')
			 FROM pinterest.refresh('stored.all_$table')});
	$sandbox->clear_faults;
	is($stdout, '0|0|0|t', "advertisers: a refresh of $table deletes nothing");
	is(scalar(() = $stderr =~ /WARNING:  42501/g),
		2, "advertisers: $table: both that are denied are reported");
	is( differences("TABLE stored.all_$table", "TABLE copied.all_$table"),
		0, "advertisers: $table keeps all rows");
}

# Half of what an advertiser has is no better than nothing.
$sandbox->faults(
	{
		match => { method => 'POST', path => "/ad_accounts/$one/reports" },
		nth => 2,
		delay => 1.5,
		status => 403,
		body => { code => 29, message => 'You are not permitted to access that resource.' }
	});
{
	my ($stdout, $stderr) = run_logged(
		q{SET statement_timeout = '120s';
		  BEGIN;
		  ALTER FOREIGN TABLE everyone.campaign_report OPTIONS (ADD historical_date '300 days');
		  SELECT count(*) FROM everyone.campaign_report;});
	like(
		$stderr,
		qr/ERROR:  42501: .*"campaign_report"/,
		'advertisers: one that is denied in the middle is an error');
	like($stderr, qr/\b$one\b/, 'advertisers: it says which one');
}
$sandbox->clear_faults;

$node->stop;
done_testing();
