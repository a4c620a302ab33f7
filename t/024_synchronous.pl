
# Copyright (c) 2026, pinterest_fdw contributors

# What synchronous analytics answer is what a report has; where it could differ,
# they are not asked; and where Pinterest refuses, a report is asked for.

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
	campaigns => 4,
	ad_groups => 2,
	ads => 2,
	report_delay => 0);
my $node = PinterestSandbox::start_node('main', "timezone = 'UTC'");
my ($advertiser, $second) = $sandbox->advertisers;
$sandbox->connect($node, options => "retry_timeout '60'");
$node->safe_psql(
	'postgres', qq{
	ALTER SERVER pinterest OPTIONS (SET advertiser_id '$advertiser');
	CREATE SCHEMA live;
	IMPORT FOREIGN SCHEMA ads FROM SERVER pinterest INTO live
		OPTIONS (columns 'all', historical_date '80 days');
	CREATE SCHEMA total;
	IMPORT FOREIGN SCHEMA ads LIMIT TO (advertiser_report, campaign_report, ad_group_report, ad_report, product_group_report)
		FROM SERVER pinterest INTO total
		OPTIONS (columns 'all', historical_date '60 days', granularity 'total');
	CREATE SCHEMA live_copy;
	CREATE SCHEMA total_copy;
	ALTER DATABASE postgres SET search_path = live, public;});

sub query
{
	my ($sql) = @_;
	return $node->safe_psql('postgres', $sql);
}

sub try
{
	my ($sql) = @_;
	my ($status, $out, $err) = $node->psql('postgres', $sql);
	return ($out, $err);
}

# How a query is answered: the ways of its scans
sub ways
{
	my ($sql) = @_;
	return join ' ', query("EXPLAIN $sql") =~ /Pinterest Way: (\w+)/g;
}

# Numbers of requests: of synchronous analytics, and of reports
sub asked
{
	my @log = $sandbox->log;
	return sprintf '%d + %d', scalar(grep { $_->{path} =~ /analytics$/ } @log),
	  scalar(grep { $_->{method} eq 'POST' } @log);
}

sub answered
{
	my ($sql) = @_;
	$sandbox->clear_log;
	my $result = query($sql);
	return $result;
}

my %key = (
	advertiser_report => 'advertiser_id',
	campaign_report => 'campaign_id',
	ad_group_report => 'ad_group_id',
	ad_report => 'ad_id',
	product_group_report => 'product_group_id');

# The columns that are compared: all that can be asked for
my @sync = map { lc }
  grep { !/CONVERSION,|PIN_CONVERSION/ }
  slurp_file("$FindBin::RealBin/../src/catalog/reportcolumnlist.h") =~
  /^REPORT_COLUMN\("\w+", (\w+), [^"]*PIN_SYNC/mg;
my %converts = map { lc($_) => 1 }
  slurp_file("$FindBin::RealBin/../src/catalog/reportcolumnlist.h") =~
  /^REPORT_COLUMN\("\w+", (\w+), [^"]*PIN_CONVERSION/mg;
@sync = grep { !$converts{$_} } @sync;
cmp_ok(scalar(@sync), '>', 90, 'enough columns to compare');

sub columns_of
{
	my ($table) = @_;
	my %has = map { $_ => 1 } split /\n/, query(
		qq{SELECT attname FROM pg_attribute WHERE attrelid = '$table'::regclass AND attnum > 0});
	return grep { $has{$_} } 'advertiser_id', 'date', values(%key), @sync;
}

# Whether a table and its copy, made from a report, give the same rows, and how
# the former did it
my $compared = 0;

sub compare
{
	my ($table, $columns, $where, $expected, $name) = @_;
	my $select = "SELECT $columns FROM %s WHERE $where";
	(my $copy = $table) =~ s/\./_copy./;
	my ($from, $from_copy) = map { sprintf $select, $_ } $table, $copy;
	my ($rows, $differences) = split /\|/, answered(
		qq{CREATE TEMP TABLE got AS $from;
		   SELECT (SELECT count(*) FROM got), (SELECT count(*)
			 FROM ((TABLE got EXCEPT ALL $from_copy) UNION ALL ($from_copy EXCEPT ALL TABLE got)) d)});
	my $asked = asked();
	$compared += $rows;
	return is("$differences differences, $asked", "0 differences, $expected", $name);
}

foreach my $schema ('live', 'total')
{
	foreach my $table (sort keys %key)
	{
		query("CREATE TABLE ${schema}_copy.$table AS SELECT * FROM $schema.$table");
	}
}

#
# The same rows
#

my %some_ids;
foreach my $schema ('live', 'total')
{
	foreach my $table (sort keys %key)
	{
		my %seen;
		my $columns = join ', ', grep { !$seen{$_}++ } columns_of("$schema.$table");
		my $key = $key{$table};
		my $ids = query(
			"SELECT string_agg(DISTINCT quote_literal($key), ', ') FROM (SELECT $key FROM live_copy.$table GROUP BY 1 ORDER BY 1 LIMIT 5) s"
		);
		$some_ids{$table} = $ids;
		my $of = $table eq 'advertiser_report' ? 'true' : "$key IN ($ids)";
		compare("$schema.$table", $columns, "$of AND total_impression > 0",
			'1 + 0', "$schema.$table");
		compare("$schema.$table", $columns, "$of AND date >= current_date - 7 AND ectr IS NOT NULL",
			'1 + 0', "$schema.$table, by day, of ratios")
		  if $schema eq 'live';
	}
}

# Conditions that reject rows without metrics, whichever way they are written
my ($one) = $some_ids{campaign_report} =~ /('\d+')/;
foreach my $condition (
	'spend_in_dollar >= 0.01',
	'0 < total_engagement',
	'total_impression <> 0',
	'ctr < 1',
	'ctr IS NOT NULL',
	'(spend_in_dollar > 5 OR total_clickthrough > 0)',
	'((spend_in_dollar > 5 AND true) OR ctr > 0)',
	'total_impression BETWEEN 10 AND 100000',
	'total_impression = 5',
	'total_impression < -1',
	'spend_in_micro_dollar > 2::numeric::bigint',
	'total_video_p0_combined IS NOT NULL AND video_3sec_views_1 > 0')
{
	compare('live.campaign_report',
		'date, campaign_id, spend_in_dollar, ctr',
		"campaign_id = $one AND date > current_date - 60 AND $condition",
		'1 + 0', $condition);
}

# Quite a few of them at random
srand(42);
my @metrics = grep { !/_id$|name|label|type|optimization|promo|_tag$/ } columns_of('live.ad_report');
for my $i (1 .. 25)
{
	my $table = (sort keys %key)[ rand 5 ];
	my $key = $key{$table};
	my $place = int rand(@metrics - 1);
	my ($metric, $other) = @metrics[ $place, $place + 1 ];
	my @ids = split /, /, $some_ids{$table};
	my $of = join ', ', @ids[ 0 .. int rand @ids ];
	my ($from, $days) = (10 + int rand 60, 1 + int rand 60);
	my $operator = ('>', '>=', '<>')[ rand 3 ];
	my $bound = $operator eq '<>' ? 0 : (0.001, 1, 20, 3000)[ rand 4 ];
	$operator = '>' if $bound == 0.001;
	my $type = query(
		"SELECT format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = 'live.$table'::regclass AND attname = '$metric'"
	);
	$bound = 1 if $type eq 'bigint' && $bound < 1 && $operator ne '<>';
	compare("live.$table", "date, $key, $metric, $other",
		"$key IN ($of) AND date BETWEEN current_date - $from AND current_date - $from + $days AND $metric $operator $bound",
		'1 + 0', "$table, $metric $operator $bound");
}
cmp_ok($compared, '>', 2000, "compared $compared rows");

#
# Where they are not asked
#

my $recent = "campaign_id = $one AND date > current_date - 30";
foreach my $where (
	[ 'nothing rejects empty rows', 'spend_in_dollar', $recent ],
	[ 'nor does this', 'spend_in_dollar', "$recent AND spend_in_dollar >= 0" ],
	[ 'nor this', 'spend_in_dollar', "$recent AND spend_in_dollar < 5" ],
	[ 'nor this negation', 'spend_in_dollar', "$recent AND NOT (spend_in_dollar > 5)" ],
	[ 'nor this null', 'ctr', "$recent AND ctr IS NULL" ],
	[ 'nor this expression', 'spend_in_dollar', "$recent AND spend_in_dollar + 1 > 0" ],
	[ 'nor half of this', 'spend_in_dollar', "$recent AND (spend_in_dollar > 5 OR date = current_date - 1)" ],
	[ 'a division by zero, when it is not asked for', '1', "$recent AND 1 / nullif(total_impression, 0) > 0" ],
	[ 'destination views', 'total_destination_views', "$recent AND total_impression > 0" ],
	[ 'a status', 'campaign_status', "$recent AND total_impression > 0" ],
	[ 'conversions', 'total_conversions', "$recent AND total_impression > 0" ],
	[ 'conversions in the condition', 'total_impression', "$recent AND total_conversions > 0" ],
	[ 'a spend cap', 'campaign_daily_spend_cap', "$recent AND total_impression > 0" ],
	[ 'users', 'total_impression_user', "$recent AND total_impression > 0" ],
	[ 'the whole row', 'campaign_report', "$recent AND total_impression > 0" ],
	[ 'no ids', 'spend_in_dollar', 'date > current_date - 30 AND total_impression > 0' ],
	[ 'a status to filter by', 'spend_in_dollar', "$recent AND total_impression > 0 AND campaign_status = 'RUNNING'" ])
{
	my ($name, $column, $condition) = @$where;
	is(ways("SELECT $column FROM campaign_report WHERE $condition"), 'report', "not used: $name");
}
query("ALTER FOREIGN TABLE campaign_report OPTIONS (SET historical_date '200 days')");
my $good = "SELECT trim_scale(spend_in_dollar) FROM campaign_report WHERE $recent AND total_impression > 0";
is(ways($good), 'synchronous', 'used again');
is(ways("SELECT spend_in_dollar FROM campaign_report WHERE campaign_id = $one AND total_impression > 0"),
	'report', 'not used: more than 90 days');
is(ways("SELECT spend_in_dollar FROM campaign_report WHERE campaign_id = $one AND date = current_date - 90 AND total_impression > 0"),
	'report', 'not used: 90 days ago');
is(ways("SELECT spend_in_dollar FROM campaign_report WHERE campaign_id = $one AND date = current_date - 89 AND total_impression > 0"),
	'synchronous', 'used: 89 days ago');
my $many = join ', ', map { "'" . (626735565838 + $_) . "'" } 1 .. 450;
is(ways("SELECT spend_in_dollar FROM campaign_report WHERE campaign_id IN ($many) AND date > current_date - 30 AND total_impression > 0"),
	'report', 'not used: many ids');
like(query("SET pinterest_fdw.enable_synchronous = off; EXPLAIN $good"),
	qr/Pinterest Way: report/, 'not used: setting');
foreach my $option (
	"synchronous 'off'",
	"granularity 'week'",
	"granularity 'month'",
	"attribution_types 'INDIVIDUAL'",
	"reporting_timezone 'PINTEREST_TIME_ZONE'",
	"campaign_statuses 'RUNNING'",
	"ad_group_ids '1'",
	"advertiser_id '$advertiser, $second'",
	"advertiser_id '*'")
{
	query("ALTER FOREIGN TABLE campaign_report OPTIONS (ADD $option)");
	is(ways($good), 'report', "not used: $option");
	my ($name) = $option =~ /(\w+)/;
	query("ALTER FOREIGN TABLE campaign_report OPTIONS (DROP $name)");
}
foreach my $table (qw(keyword_report product_item_report campaign_targeting_report))
{
	my $key = { keyword_report => 'keyword_id', product_item_report => 'product_item_id' }->{$table}
	  // 'campaign_id';
	is(ways("SELECT total_impression FROM $table WHERE $key = '1' AND date > current_date - 5 AND total_impression > 0"),
		'report', "not used: $table");
}
query(
	q{CREATE FUNCTION yes(bigint, bigint) RETURNS bool LANGUAGE sql AS 'SELECT true';
	  CREATE OPERATOR public.>>> (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = yes)});
is(ways("SELECT 1 FROM campaign_report WHERE $recent AND total_impression >>> 0::bigint"),
	'report', "not used: a user's operator");

# Other advertisers and options
query("ALTER FOREIGN TABLE campaign_report OPTIONS (ADD campaign_ids $one)");
is(ways("SELECT spend_in_dollar FROM campaign_report WHERE date > current_date - 30 AND total_impression > 0"),
	'synchronous', 'ids of the standing filter');
query("ALTER FOREIGN TABLE campaign_report OPTIONS (DROP campaign_ids)");
query("ALTER FOREIGN TABLE advertiser_report OPTIONS (ADD advertiser_id '*')");
my $by_advertiser =
  'SELECT advertiser_id, date, trim_scale(spend_in_dollar) FROM advertiser_report WHERE date > current_date - 9 AND total_impression > 0 ORDER BY 1, 2';
my $wanted = query("SET pinterest_fdw.enable_synchronous = off; $by_advertiser");
$sandbox->clear_log;
query("ALTER FOREIGN TABLE advertiser_report OPTIONS (SET advertiser_id '$advertiser, $second')");
is(answered($by_advertiser), $wanted, 'several advertisers');
is(asked(), '2 + 0', 'a request for each');
query("ALTER FOREIGN TABLE advertiser_report OPTIONS (DROP advertiser_id)");

#
# Ids that are known at execution
#

my $prepared =
  "PREPARE p (text[]) AS SELECT date, campaign_id, trim_scale(spend_in_dollar) FROM campaign_report WHERE campaign_id = ANY (\$1) AND date > current_date - 30 AND total_impression > 0 ORDER BY 1, 2";
(my $literal = $prepared) =~ s/.*? AS (.*)\$1(.*)/$1ARRAY[$some_ids{campaign_report}]$2/;
$literal =~ s/campaign_report/live_copy.campaign_report/;
$wanted = query($literal);
foreach my $mode (qw(force_custom_plan force_generic_plan))
{
	is( answered("SET plan_cache_mode = $mode; $prepared; EXECUTE p (ARRAY[$some_ids{campaign_report}])"),
		$wanted, "prepared statement, $mode");
	is(asked(), '1 + 0', 'answered at once');
	is(answered("SET plan_cache_mode = $mode; $prepared; EXECUTE p (NULL)"), '', 'null');
	is(asked(), '0 + 0', 'asks for nothing');
	answered("SET plan_cache_mode = $mode; $prepared; EXECUTE p (ARRAY[$many])");
	is(asked(), '0 + 1', 'many ids: a report');
}
query("CREATE TABLE wanted AS SELECT $one AS campaign_id; ANALYZE wanted");
my $join =
  "SELECT date, trim_scale(spend_in_dollar) FROM wanted JOIN campaign_report USING (campaign_id) WHERE date > current_date - 30 AND total_impression > 0 ORDER BY 1";
(my $join_copy = $join) =~ s/campaign_report/live_copy.campaign_report/;
is(answered($join), query($join_copy), 'join keys');
is(asked(), '1 + 0', 'answered at once');
my ($two, $three) = (split /, /, $some_ids{campaign_report})[ 1, 2 ];
query("INSERT INTO wanted VALUES ($two), ($three); ANALYZE wanted");
is(answered("$join, 2"), query("$join_copy, 2"), 'several join keys');
is(asked(), '3 + 0', 'a request for each');

# Several requests: as many rows as are safe to ask for at once
my $union = join ' UNION ALL ', map {
	"SELECT total_impression FROM $_ WHERE $key{$_} IN ($some_ids{$_}) AND date > current_date - 30 AND total_impression > 0"
} qw(campaign_report ad_group_report ad_report);
is(ways($union), 'synchronous synchronous synchronous', 'several scans');
(my $union_copy = $union) =~ s/FROM (\w+)/FROM live_copy.$1/g;
is(answered("SELECT sum(total_impression), count(*) FROM ($union) u"),
	query("SELECT sum(total_impression), count(*) FROM ($union_copy) u"), 'side by side');
is(asked(), '3 + 0', 'a request each');

#
# Refusals and faults
#

# An id of somebody else is none of a report's business, but refused here.
my $stranger = "SELECT date, trim_scale(spend_in_dollar) FROM campaign_report WHERE campaign_id IN ($one, '626735565838') AND date > current_date - 30 AND total_impression > 0 ORDER BY 1";
(my $stranger_copy = $stranger) =~ s/campaign_report/live_copy.campaign_report/;
is(answered($stranger), query($stranger_copy), 'refused: falls back to a report');
is(asked(), '1 + 1', 'which took both');
like(query("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) $stranger"),
	qr/Way: synchronous.*Fallbacks to Reports: 1/s, 'EXPLAIN ANALYZE tells');
unlike(query("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) $good"),
	qr/Fallbacks/, 'where it happened');

$wanted = query("SET pinterest_fdw.enable_synchronous = off; $good ORDER BY 1");
foreach my $fault (
	{ status => 503, body => { code => 4197, message => 'not now' } },
	{ status => 429, body => { code => 8, message => 'Retry after 1 seconds' } },
	{ cut => 100 })
{
	$sandbox->faults({ match => { path => 'analytics$' }, %$fault });
	is(answered("$good ORDER BY 1"), $wanted, 'a passing fault: ' . (keys %$fault)[0]);
	$sandbox->clear_faults;
}
foreach my $case (
	[ { status => 403, body => { code => 29, message => 'no' } }, qr/refused a request for foreign table "campaign_report": no/ ],
	[ { status => 200, body => { code => 0 } }, qr/no JSON array/ ],
	[ { status => 200, body => '<html>' }, qr/no JSON array/ ],
	[ { status => 200, body => '[1]' }, qr/Row 1 of the answer to .* is no JSON object/ ],
	[ { status => 200, body => '[{"CAMPAIGN_ID":"1","DATE":"2026-01-01"' }, qr/ended unexpectedly/ ],
	[ { status => 200, body => 'null' }, qr/no JSON array/ ],
	[ { status => 200, body => '[{"CAMPAIGN_ID":"1","DATE":"2026-01-01","TOTAL_IMPRESSION":1}]' }, qr/Row 1 of the answer to .* has the CAMPAIGN_ID "1", which was not asked for/ ],
	[ { status => 200, body => '[{"DATE":"2026-01-01","TOTAL_IMPRESSION":1}]' }, qr/Row 1 of the answer to .* has no CAMPAIGN_ID/ ],
	[ { status => 200, body => '[{"CAMPAIGN_ID":null,"DATE":"2026-01-01","TOTAL_IMPRESSION":1}]' }, qr/Row 1 of the answer to .* has no CAMPAIGN_ID/ ],
	[ { status => 200, body => '[' . join(',', (qq({"CAMPAIGN_ID":ONE.0,"DATE":"2026-01-01","TOTAL_IMPRESSION":1})) x 2) . ']' }, qr/sent a row twice .*\(\d+, \d+, 2026-01-01\)/s ],
	[ { status => 200, body => '[{"CAMPAIGN_ID":"ONE","DATE":"2026-01-01","TOTAL_IMPRESSION":"x"}]' }, qr/invalid input syntax for type/ ])
{
	my ($fault, $message) = @$case;
	my ($id) = $one =~ /(\d+)/;
	$fault->{body} =~ s/ONE/$id/g unless ref $fault->{body};
	$sandbox->faults({ match => { path => 'analytics$' }, count => -1, %$fault });
	my ($out, $err) = try($good);
	like($err, $message, "an error: $fault->{status}");
	$sandbox->clear_faults;
}

#
# The option
#

query("ALTER FOREIGN TABLE campaign_report OPTIONS (ADD synchronous 'off')");
is(ways($good), 'report', 'switched off for a table');
query('ALTER FOREIGN TABLE campaign_report OPTIONS (DROP synchronous)');
is(ways($good), 'synchronous', 'and on again');
query('CREATE SCHEMA pinterest_ads');
query("SELECT pinterest.materialize('live.campaign_report', 'pinterest_ads.campaign_report', false)");
answered(q{SELECT pinterest.refresh('pinterest_ads.campaign_report')});
is(asked(), '0 + 2', 'a refresh always reads reports');
my ($out, $err) = try("ALTER FOREIGN TABLE campaign_report OPTIONS (ADD synchronous 'sometimes')");
like($err, qr/invalid value for option "synchronous"/, 'a wrong value');
($out, $err) = try("ALTER FOREIGN TABLE campaigns OPTIONS (ADD synchronous 'off')");
like($err, qr/does not apply to resource "campaigns"/, 'a wrong place');

$node->stop;
done_testing();
