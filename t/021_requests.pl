
# Copyright (c) 2026, pinterest_fdw contributors

# Queries, and the requests that they take: no more than the rules of the API
# demand.  What these are is worked out here, from what a query needs, and not
# from what the code does; the result is that of the same query over copies.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use List::Util qw(max min uniq);
use PinterestSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $sandbox = PinterestSandbox->new(
	advertisers => 2,
	campaigns => 3,
	report_delay => 0);
my ($first, $second) = my @both = $sandbox->advertisers;

my $node = PinterestSandbox::start_node('main');
$sandbox->import_into($node);

# What Pinterest always has to be asked for, so that all rows are there
my @presence = qw(SPEND_IN_MICRO_DOLLAR TOTAL_IMPRESSION TOTAL_CLICKTHROUGH
  TOTAL_ENGAGEMENT TOTAL_VIDEO_P0_COMBINED TOTAL_CONVERSIONS
  TOTAL_DESTINATION_VIEWS LEADS);

# The limits of the API
my ($max_days, $max_hourly_days, $max_types) = (186, 3, 5);
my ($max_report_ids, $max_list_ids, $max_page) = (500, 250, 250);
my @statuses = qw(ACTIVE PAUSED ARCHIVED DRAFT DELETED_DRAFT);

sub query { return $node->safe_psql('postgres', $_[0]); }

# Foreign tables in schema "pinterest_live", copies in "copied"; local tables
# in "public".
query(
	q{
	CREATE FUNCTION ago(days integer) RETURNS date STABLE LANGUAGE sql
	  RETURN (now() AT TIME ZONE 'UTC')::date - days;
	CREATE FOREIGN TABLE pinterest_live.weekly (advertiser_id text,
		campaign_id text, date date, total_impression bigint)
	  SERVER pinterest OPTIONS (resource 'campaign_report', granularity 'week',
		historical_date '100 days');
	CREATE FOREIGN TABLE pinterest_live.hourly (advertiser_id text,
		campaign_id text, date timestamptz, total_impression bigint)
	  SERVER pinterest OPTIONS (resource 'campaign_report', granularity 'hour');
	CREATE FOREIGN TABLE pinterest_live.running (advertiser_id text,
		campaign_id text, date date, campaign_status text,
		total_impression bigint)
	  SERVER pinterest OPTIONS (resource 'campaign_report',
		campaign_statuses 'RUNNING, PAUSED', historical_date '30 days');
	CREATE FOREIGN TABLE pinterest_live.numbered (
		campaign_id bigint OPTIONS (column_name 'id'), name text)
	  SERVER pinterest OPTIONS (resource 'campaigns', advertiser_id 'FIRST');
	CREATE SCHEMA copied;
	CREATE TABLE pairs (campaign_id text, note text);
	CREATE TABLE two_days (day date);
	INSERT INTO two_days VALUES (ago(3)), (ago(8));} =~ s/FIRST/$first/r);
query("CREATE TABLE copied.$_ AS TABLE pinterest_live.$_")
  foreach qw(advertisers campaigns ad_groups ads keywords
  product_group_promotions targeting_options campaign_report ad_report weekly
  hourly running numbered);
query(
	q{CREATE TABLE copied.campaign_targeting_report AS
	   SELECT * FROM pinterest_live.campaign_targeting_report WHERE date >= ago(2)});

my ($campaign, $other_campaign) = split /\n/, query(
	qq{SELECT campaign_id FROM copied.campaigns
	   WHERE advertiser_id = '$first' ORDER BY status <> 'ACTIVE', 1 LIMIT 2});
my ($ad_group, $ad_group_campaign) = split /\|/, query(
	qq{SELECT ad_group_id, campaign_id FROM copied.ad_groups
	   WHERE advertiser_id = '$first' ORDER BY 1 LIMIT 1});
my $ad = query(qq{SELECT ad_id FROM copied.ads ORDER BY 1 LIMIT 1});
my $promotion = query(
	q{SELECT product_group_promotion_id FROM copied.product_group_promotions
	   ORDER BY 1 LIMIT 1});
query("INSERT INTO pairs VALUES ('$campaign', 'one'); ANALYZE pairs, two_days");
my @all_types = split /\n/, query(
	q{SELECT DISTINCT targeting_type FROM copied.campaign_targeting_report});
my $ad_groups = query('SELECT count(*) FROM copied.ad_groups');

#
# What a query needs, and what that takes
#

# Fewest windows that hold some days, by dynamic programming: the days are
# numbers of days ago.
sub fewest_windows
{
	my ($longest, @days) = @_;
	my @sorted = sort { $a <=> $b } @days;
	my @fewest = (0);
	foreach my $last (1 .. @sorted)
	{
		$fewest[$last] = 1 + min map { $fewest[ $_ - 1 ] }
		  grep { $sorted[ $last - 1 ] - $sorted[ $_ - 1 ] < $longest } 1 .. $last;
	}
	return $fewest[-1];
}

sub parts { my ($count, $most) = @_; return $count ? int(($count + $most - 1) / $most) : 1; }

my %ago;    # by date, so that nobody asks for each of them
$ago{ $_->[0] } = $_->[1] foreach
  map { [ split /\|/ ] } split /\n/, query('SELECT ago(n), n FROM generate_series(-1, 1000) n');

# A report: the level, and days (list), filters, columns, types, advertisers;
# windows, if there have to be as many; or only at_most how many reports
sub report
{
	my ($level, %need) = @_;
	return { kind => 'report', level => $level, advertisers => \@both, %need };
}

# A list: its path, and rows of each of the advertisers (1 page if not given),
# parameters other than those that all have, page_size, advertisers, times; or
# only at_most how many requests
sub list
{
	my ($path, %need) = @_;
	return { kind => 'list', path => $path, advertisers => \@both, times => 1, %need };
}

sub same_set
{
	my ($got, $wanted, $name) = @_;
	return is(
		join(',', sort @{ $got // [] }),
		join(',', sort @{ $wanted // [] }), $name);
}

# Checks the requests for reports of one level.
sub check_reports
{
	my ($name, $need, @posts) = @_;
	my @days = @{ $need->{days} };
	my $longest = $need->{hourly} ? $max_hourly_days : $max_days;
	my $filters = $need->{filters} // {};
	my $batches = 1;
	$batches *= parts(scalar(@$_), $max_report_ids) foreach values %$filters;
	my $kinds = parts(scalar(@{ $need->{types} // [] }), $max_types);
	my $wanted =
	  @{ $need->{advertisers} } *
	  ($need->{windows} // fewest_windows($longest, @days)) * $batches * $kinds;

	if ($need->{at_most})
	{
		cmp_ok(scalar(@posts), '<=', $need->{at_most}, "$name: few reports");
		return scalar(@posts);
	}
	is(scalar(@posts), $wanted, "$name: $wanted report(s) of level $need->{level}");
	same_set(
		[ uniq map { $_->{path} =~ m{/ad_accounts/(\d+)/} } @posts ],
		$need->{advertisers}, "$name: of these advertisers");

	my (%covered, %values, %columns, @ends);
	foreach my $body (map { $_->{body} } @posts)
	{
		my ($end, $start) = map { $ago{ $body->{$_} } } 'end_date', 'start_date';
		$covered{$_} = 1 foreach $end .. $start;
		push @ends, $start, $end;
		push @{ $values{$_} }, @{ $body->{$_} }
		  foreach grep { /_ids$|_statuses$|_types$/ } keys %$body;
		$columns{$_} = 1 foreach @{ $body->{columns} };
	}
	is(join(',', grep { !$covered{$_} } @days), '', "$name: all days are there");
	my @present = grep { !$need->{hourly} || !/LEADS|CONVERSIONS/ } @presence;
	my %is_needed = map { $_ => 1 } @days;
	is(join(',', grep { !$is_needed{$_} } @ends),
		'', "$name: windows begin and end with days that are needed");
	same_set(
		[ keys %columns ],
		[ uniq @present, @{ $need->{columns} // [] } ],
		"$name: only the columns that it uses");
	same_set(
		[ keys %values ],
		[ keys %$filters, $need->{types} ? 'targeting_types' : () ],
		"$name: these filters");
	same_set([ uniq @{ $values{$_} } ], $filters->{$_}, "$name: values of $_")
	  foreach keys %$filters;
	same_set([ uniq @{ $values{targeting_types} } ],
		$need->{types}, "$name: these targeting types")
	  if $need->{types};
	return $wanted;
}

# Checks the requests for one list.
sub check_list
{
	my ($name, $need, @gets) = @_;
	my $size = $need->{page_size} // $max_page;
	my $wanted = $need->{times} *
	  @{ $need->{advertisers} } * parts($need->{rows} // 1, $size);

	if ($need->{at_most})
	{
		cmp_ok(scalar(@gets), '<=', $need->{at_most}, "$name: few requests for $need->{path}");
		return scalar(@gets);
	}
	is(scalar(@gets), $wanted, "$name: $wanted request(s) for $need->{path}");
	my %given;
	foreach my $query (map { $_->{query} } @gets)
	{
		push @{ $given{$_} }, @{ $query->{$_} } foreach keys %$query;
	}
	same_set([ uniq @{ $given{page_size} } ], [$size], "$name: pages of this size")
	  unless $need->{whole};
	delete @given{ 'page_size', 'bookmark' };
	my %wanted = %{ $need->{filters} // {} };
	same_set([ keys %given ], [ keys %wanted ], "$name: these parameters of $need->{path}");
	same_set([ uniq @{ $given{$_} } ], $wanted{$_}, "$name: values of $_")
	  foreach keys %wanted;
	return $wanted;
}

my $queries = 0;

# Runs a query over foreign tables and over copies, and checks the requests.
sub check
{
	my ($name, $sql, @needs) = @_;
	my $settings = 'SET client_min_messages = warning;';
	$queries++;

	$sandbox->clear_log;
	my $live = query("$settings SET search_path = pinterest_live, public; $sql");
	my @log = $sandbox->log;
	my $copied = query("$settings SET search_path = copied, public; $sql");
	is($live, $copied, "$name: the result");

	my ($reports, $requests) = (0, 0);
	foreach my $need (@needs)
	{
		if ($need->{kind} eq 'report')
		{
			my @posts = grep {
				     $_->{method} eq 'POST'
				  && $_->{body}{level} eq $need->{level}
			} @log;
			$reports += check_reports($name, $need, @posts);
		}
		else
		{
			my @gets = grep { $_->{path} =~ m{^/v5/(?:ad_accounts/\d+/)?$need->{path}$} }
			  @log;
			$requests += check_list($name, $need, @gets);
		}
	}

	# a report is created, polled once since it is ready by then, downloaded
	is(scalar(@log), 3 * $reports + $requests, "$name: no other requests");
	return;
}

my @year = (0 .. query("SELECT ago(0) - (ago(0) - interval '1 year')::date"));
my $ids = join ', ', map { "'$_'" } $campaign, $other_campaign;

#
# Columns
#

check('count', 'SELECT count(*) FROM campaign_report',
	report('CAMPAIGN', days => \@year));
check('one metric', 'SELECT sum(total_checkout) FROM campaign_report WHERE date >= ago(5)',
	report('CAMPAIGN', days => [ 0 .. 5 ], columns => ['TOTAL_CHECKOUT']));
check(
	'columns of conditions and order',
	'SELECT campaign_id FROM campaign_report WHERE date >= ago(5) AND ctr > 0.01 ORDER BY campaign_name, date, 1',
	report('CAMPAIGN', days => [ 0 .. 5 ], columns => [ 'CTR', 'CAMPAIGN_NAME' ]));
check('tableoid', q{SELECT count(*) FROM campaign_report WHERE date = ago(2) AND tableoid <> 0},
	report('CAMPAIGN', days => [2]));

#
# Days
#

check('a day', 'SELECT count(*) FROM campaign_report WHERE ago(3) = date',
	report('CAMPAIGN', days => [3]));
check('a range', 'SELECT count(*) FROM campaign_report WHERE date BETWEEN ago(200) AND ago(10)',
	report('CAMPAIGN', days => [ 10 .. 200 ]));
check('exclusive ends', 'SELECT count(*) FROM campaign_report WHERE date > ago(9) AND date < ago(4)',
	report('CAMPAIGN', days => [ 5 .. 8 ]));
check(
	'instants',
	q{SET TimeZone = 'UTC'; SELECT count(*) FROM campaign_report WHERE date >= ago(9) + interval '1 hour' AND date < ago(4)::timestamptz},
	report('CAMPAIGN', days => [ 5 .. 8 ]));
check('days close to each other', 'SELECT count(*) FROM campaign_report WHERE date IN (ago(3), ago(100), ago(180))',
	report('CAMPAIGN', days => [ 3, 100, 180 ]));
check('days far from each other', 'SELECT count(*) FROM campaign_report WHERE date IN (ago(1), ago(180), ago(360))',
	report('CAMPAIGN', days => [ 1, 180, 360 ]));
check(
	'several ranges',
	'SELECT count(*) FROM campaign_report WHERE date BETWEEN ago(300) AND ago(290) OR date >= ago(20) AND date < ago(10) OR date = ago(295)',
	report('CAMPAIGN', days => [ 11 .. 20, 290 .. 300 ]));
check('without some days', 'SELECT count(*) FROM campaign_report WHERE date >= ago(6) AND date <> ago(6) AND date NOT IN (ago(0), ago(1))',
	report('CAMPAIGN', days => [ 2 .. 5 ]));
check('an array', 'PREPARE q(date[]) AS SELECT count(*) FROM campaign_report WHERE date = ANY ($1); EXECUTE q(ARRAY[ago(2), NULL, ago(4)])',
	report('CAMPAIGN', days => [ 2, 4 ]));
check('weeks', 'SELECT count(*) FROM weekly WHERE date = date_trunc(\'week\', ago(20))::date',
	do
	{
		my @week = split /\n/, query(
			q{SELECT ago(0) - date_trunc('week', ago(20))::date - n FROM generate_series(0, 6) n});
		report('CAMPAIGN', days => \@week);
	});
check('hours', q{SET TimeZone = 'UTC'; SELECT count(*) FROM hourly WHERE date >= ago(2)::timestamp + interval '5 hours' AND date < ago(1)},
	report('CAMPAIGN', days => [2], hourly => 1));

#
# Nothing to ask for
#

check('the future', 'SELECT count(*) FROM campaign_report WHERE date > ago(0)');
check('before the history', 'SELECT count(*) FROM campaign_report WHERE date < ago(700)');
check('a contradiction', 'SELECT count(*) FROM campaign_report WHERE date > ago(3) AND date < ago(5)');
check('null', 'SET plan_cache_mode = force_generic_plan; PREPARE q(date) AS SELECT count(*) FROM campaign_report WHERE date = $1; EXECUTE q(NULL)');
check('false', 'SELECT count(*) FROM campaign_report WHERE date = ago(1) AND false');
check('no such id', q{SELECT count(*) FROM campaign_report WHERE campaign_id IN ('', 'x', '12 ', '1234567890123456789')});
check('two ids at once', "SELECT count(*) FROM campaign_report WHERE campaign_id = '$campaign' AND campaign_id = '$other_campaign'");
check('another advertiser', q{SELECT count(*) FROM campaign_report WHERE advertiser_id = '123'});
check('a key that is null', 'SELECT count(*) FROM campaign_report WHERE campaign_id IS NULL');
check('outside of the standing filter', q{SELECT count(*) FROM running WHERE campaign_status = 'ARCHIVED'});

#
# Filters
#

check('an id', "SELECT count(*), sum(spend_in_dollar) FROM campaign_report WHERE campaign_id = '$campaign' AND date >= ago(3)",
	report('CAMPAIGN', days => [ 0 .. 3 ], columns => ['SPEND_IN_DOLLAR'], filters => { campaign_ids => [$campaign] }));
check('ids, some of them wrong', "SELECT count(*) FROM campaign_report WHERE campaign_id IN ('x', $ids) AND date >= ago(3)",
	report('CAMPAIGN', days => [ 0 .. 3 ], filters => { campaign_ids => [ $campaign, $other_campaign ] }));
check(
	'a parameter',
	"SET plan_cache_mode = force_generic_plan; PREPARE q(text[], date) AS SELECT count(*) FROM campaign_report WHERE campaign_id = ANY (\$1) AND date = \$2; EXECUTE q(ARRAY[$ids], ago(2))",
	report('CAMPAIGN', days => [2], filters => { campaign_ids => [ $campaign, $other_campaign ] }));
check(
	'the result of a subquery',
	'SELECT count(*) FROM campaign_report WHERE campaign_id = (SELECT max(campaign_id) FROM pairs) AND date = ago(2)',
	report('CAMPAIGN', days => [2], filters => { campaign_ids => [$campaign] }));
check(
	'more ids than one request takes',
	"SELECT count(*) FROM campaign_report WHERE campaign_id = ANY (ARRAY[$ids] || ARRAY(SELECT n::text FROM generate_series(1, 600) n)) AND date = ago(2)",
	report('CAMPAIGN', days => [2], filters => { campaign_ids => [ $campaign, $other_campaign, 1 .. 600 ] }));
check(
	'far more ids than one request takes',
	"SELECT count(*) FROM campaign_report WHERE campaign_id = ANY (ARRAY[$ids] || ARRAY(SELECT n::text FROM generate_series(1, 100000) n)) AND date = ago(2)",
	report('CAMPAIGN', days => [2]));
check(
	'many ids of several kinds',
	"SELECT count(*) FROM ad_report WHERE campaign_id = ANY (ARRAY[$ids] || ARRAY(SELECT n::text FROM generate_series(1, 1200) n))"
	  . " AND ad_group_id = ANY (ARRAY(SELECT ad_group_id FROM copied.ad_groups) || ARRAY(SELECT n::text FROM generate_series(1, 1000) n))"
	  . " AND ad_id = ANY (ARRAY(SELECT ad_id FROM copied.ads) || ARRAY(SELECT n::text FROM generate_series(1, 900) n))"
	  . ' AND date = ago(2)',
	report('PIN_PROMOTION', days => [2],
		columns => [ 'CAMPAIGN_ID', 'AD_GROUP_ID' ],
		filters => {
			ad_ids => [ split(/\n/, query('SELECT ad_id FROM copied.ads')), 1 .. 900 ],
			ad_group_ids => [ split(/\n/, query('SELECT ad_group_id FROM copied.ad_groups')), 1 .. 1000 ] }));
check('a status', q{SELECT count(*) FROM campaign_report WHERE campaign_status = 'RUNNING' AND date >= ago(2)},
	report('CAMPAIGN', days => [ 0 .. 2 ], columns => ['CAMPAIGN_STATUS'], filters => { campaign_statuses => ['RUNNING'] }));
check(
	'more statuses than one request takes',
	q{SELECT count(*) FROM campaign_report WHERE campaign_status IN ('RUNNING', 'PAUSED', 'NOT_STARTED', 'COMPLETED', 'ADVERTISER_DISABLED', 'ARCHIVED', 'DRAFT') AND date >= ago(2)},
	report('CAMPAIGN', days => [ 0 .. 2 ], columns => ['CAMPAIGN_STATUS']));
check('a status that Pinterest does not take', q{SELECT count(*) FROM campaign_report WHERE campaign_status IN ('RUNNING', 'NEW') AND date >= ago(2)},
	report('CAMPAIGN', days => [ 0 .. 2 ], columns => ['CAMPAIGN_STATUS']));
check('the standing filter narrowed', q{SELECT count(*) FROM running WHERE campaign_status IN ('PAUSED', 'ARCHIVED') AND date >= ago(2)},
	report('CAMPAIGN', days => [ 0 .. 2 ], columns => ['CAMPAIGN_STATUS'], filters => { campaign_statuses => ['PAUSED'] }));
check('an advertiser', "SELECT count(*) FROM campaign_report WHERE advertiser_id = '$second' AND date >= ago(2)",
	report('CAMPAIGN', days => [ 0 .. 2 ], advertisers => [$second]));
check('all advertisers but one', "SELECT count(*) FROM campaign_report WHERE advertiser_id <> '$second' AND date >= ago(2)",
	report('CAMPAIGN', days => [ 0 .. 2 ], advertisers => [$first]));
check(
	'filters of several entities',
	"SELECT count(*) FROM ad_report WHERE campaign_id = '$ad_group_campaign' AND ad_group_id = '$ad_group' AND ad_status IN ('APPROVED', 'PAUSED') AND date >= ago(2)",
	report('PIN_PROMOTION', days => [ 0 .. 2 ], columns => [ 'CAMPAIGN_ID', 'AD_GROUP_ID', 'AD_STATUS' ],
		filters => { campaign_ids => [$ad_group_campaign], ad_group_ids => [$ad_group], ad_statuses => [ 'APPROVED', 'PAUSED' ] }));
check(
	'an OR across columns',
	"SELECT count(*) FROM campaign_report WHERE campaign_id = '$campaign' AND date = ago(2) OR campaign_id = '$other_campaign' AND date = ago(4)",
	report('CAMPAIGN', days => [ 2, 4 ], filters => { campaign_ids => [ $campaign, $other_campaign ] }));
check('targeting types', q{SELECT count(*) FROM campaign_targeting_report WHERE targeting_type IN ('GENDER', 'COUNTRY') AND date = ago(1)},
	report('CAMPAIGN_TARGETING', days => [1], types => [ 'GENDER', 'COUNTRY' ]));
check('all targeting types', q{SELECT count(*) FROM campaign_targeting_report WHERE date = ago(1)},
	report('CAMPAIGN_TARGETING', days => [1], types => \@all_types));

#
# Lists
#

my %all = (entity_statuses => \@statuses);
check('campaigns', 'SELECT count(*) FROM campaigns', list('campaigns', filters => \%all));
check('campaigns by id', "SELECT name FROM campaigns WHERE campaign_id IN ($ids) ORDER BY 1",
	list('campaigns', filters => { %all, campaign_ids => [ $campaign, $other_campaign ] }));
check('campaigns by status', q{SELECT count(name) FROM campaigns WHERE status <> 'ARCHIVED' AND status <> 'DRAFT'},
	list('campaigns', filters => { entity_statuses => [ 'ACTIVE', 'PAUSED', 'DELETED_DRAFT' ] }));
check('more ids than a list takes', "SELECT count(*) FROM campaigns WHERE campaign_id = ANY (ARRAY['$campaign'] || ARRAY(SELECT n::text FROM generate_series(1, 300) n))",
	list('campaigns', times => 2, filters => { %all, campaign_ids => [ $campaign, 1 .. 300 ] }));
check('ads by several ids', "SELECT count(*) FROM ads WHERE campaign_id = '$campaign' AND ad_group_id = '$ad_group'",
	list('ads', filters => { %all, ad_group_ids => [$ad_group] }));
check('an ad', "SELECT count(*), max(name) FROM ads WHERE ad_id = '$ad' AND status = 'ACTIVE'",
	list('ads', filters => { entity_statuses => ['ACTIVE'], ad_ids => [$ad] }));
check('the first few', 'SELECT count(*) FROM (SELECT FROM ads LIMIT 2) a',
	list('ads', filters => \%all, page_size => 2, advertisers => [$first]));
check('the latest', 'SELECT campaign_id FROM numbered ORDER BY campaign_id DESC LIMIT 2',
	list('campaigns', filters => { %all, order => ['DESCENDING'] }, page_size => 2, advertisers => [$first]));
check('from the first one on', "SELECT campaign_id FROM numbered WHERE campaign_id IN ($campaign, $other_campaign) ORDER BY 1",
	list('campaigns', filters => { %all, campaign_ids => [ $campaign, $other_campaign ], order => ['ASCENDING'] }, advertisers => [$first]));
check('in order of more ids than a list takes', "SELECT campaign_id FROM numbered WHERE campaign_id = ANY (ARRAY(SELECT campaign_id FROM numbered UNION ALL SELECT n FROM generate_series(1, 300) n)) ORDER BY 1",
	list('campaigns', times => 2, filters => { %all, order => ['ASCENDING'] }, advertisers => [$first]));
check('text has another order', "SELECT campaign_id FROM campaigns WHERE advertiser_id = '$first' ORDER BY campaign_id LIMIT 2",
	list('campaigns', filters => \%all, advertisers => [$first]));
check('keywords of an ad group', "SELECT count(*) FROM keywords WHERE parent_id = '$ad_group' AND advertiser_id = '$first'",
	list('campaigns', advertisers => [$first], filters => { %all, campaign_ids => [$ad_group] }),
	list('ad_groups', advertisers => [$first], filters => { %all, ad_group_ids => [$ad_group] }),
	list('keywords', advertisers => [$first], filters => { ad_group_id => [$ad_group] }));
check('keywords of ad groups', "SELECT count(*) FROM keywords WHERE parent_id = '$ad_group' AND parent_type = 'ad_group' AND advertiser_id = '$first'",
	list('ad_groups', advertisers => [$first], filters => { %all, ad_group_ids => [$ad_group] }),
	list('keywords', advertisers => [$first], filters => { ad_group_id => [$ad_group] }));
check('keywords of advertisers', q{SELECT count(*) FROM keywords WHERE parent_type = 'advertiser'},
	list('keywords'));
check('keywords of an advertiser', "SELECT count(*) FROM keywords WHERE parent_id = '$first' AND parent_type IN ('advertiser', 'campaign')",
	list('campaigns', filters => { %all, campaign_ids => [$first] }),
	list('keywords', advertisers => [$first]));
check('keywords of a type that nobody knows', "SELECT count(*) FROM keywords WHERE parent_id = '$ad_group' AND parent_type = ANY ('{ad_group,ad}') AND advertiser_id = '$first'",
	list('campaigns', advertisers => [$first], filters => { %all, campaign_ids => [$ad_group] }),
	list('ad_groups', advertisers => [$first], filters => { %all, ad_group_ids => [$ad_group] }),
	list('keywords', advertisers => [$first], filters => { ad_group_id => [$ad_group] }));
my @campaigns = split /\n/, query('SELECT campaign_id FROM copied.campaigns');
check('all keywords', 'SELECT count(*) FROM keywords',
	list('campaigns', filters => \%all),
	list('ad_groups', filters => \%all),
	list('keywords', times => 1 + @campaigns / 2 + $ad_groups / 2, filters => { campaign_id => \@campaigns,
		ad_group_id => [ split /\n/, query('SELECT ad_group_id FROM copied.ad_groups') ] }));
check('product group promotions by id', "SELECT count(*) FROM product_group_promotions WHERE product_group_promotion_id = '$promotion'",
	list('product_group_promotions', filters => { %all, product_group_promotion_ids => [$promotion] }));
check('targeting options', q{SELECT count(*) FROM targeting_options WHERE targeting_type = 'GENDER'},
	list('resources/targeting/GENDER', whole => 1, advertisers => [0]));
check('an advertiser by id', "SELECT count(*) FROM advertisers WHERE advertiser_id = '$first'",
	list("ad_accounts/$first", whole => 1, advertisers => [$first]));

#
# Joins and repetitions
#

check(
	'a join with one row',
	'SELECT count(*), sum(spend_in_dollar) FROM pairs p JOIN campaign_report r USING (campaign_id) WHERE r.date >= ago(3)',
	report('CAMPAIGN', days => [ 0 .. 3 ], columns => ['SPEND_IN_DOLLAR'], filters => { campaign_ids => [$campaign] }));
check(
	'a join of ads with one campaign',
	q{SELECT count(*), max(a.name) FROM pairs p JOIN ads a USING (campaign_id) WHERE p.note = 'one'},
	list('ads', filters => { %all, campaign_ids => [$campaign] }));
check(
	'once for each value',
	'SELECT d.day, n FROM two_days d CROSS JOIN LATERAL (SELECT count(*) AS n FROM campaign_report r WHERE r.date = d.day) s ORDER BY 1',
	report('CAMPAIGN', days => [ 3, 8 ], windows => 2));
check(
	'the same request again',
	'SELECT n, (SELECT count(*) FROM campaign_report r WHERE r.date = ago(2) AND r.total_impression > n) FROM generate_series(0, 900, 300) n',
	report('CAMPAIGN', days => [2]));
check(
	'a value that comes twice in a row',
	'SET enable_memoize = off; SELECT n, (SELECT count(*) FROM campaigns c WHERE c.campaign_id = v) FROM (VALUES (1, '
	  . "'$campaign'), (2, '$campaign'), (3, 'none')) x(n, v)",
	list('campaigns', filters => { %all, campaign_ids => [$campaign] }));
check(
	'many values, which the planner did not expect',
	q{SET enable_hashjoin = off; SET enable_mergejoin = off;
	  SELECT count(*), sum(length(c.name)) FROM ads a JOIN campaigns c USING (campaign_id)},
	list('ads', filters => \%all),
	list('campaigns', at_most => 6));
check(
	'many values, and reports',
	q{SET enable_hashjoin = off; SET enable_mergejoin = off;
	  SELECT count(*), sum(r.total_impression) FROM ads a, campaign_report r WHERE r.campaign_id = a.campaign_id AND r.date = ago(2)},
	list('ads', filters => \%all),
	report('CAMPAIGN', days => [2], at_most => 4));
check(
	'an outer join that finds nothing',
	'SELECT count(*) FROM (SELECT * FROM pairs WHERE false) p JOIN campaign_report r USING (campaign_id)');
check(
	'both arms of a union',
	'SELECT count(*) FROM campaign_report WHERE date = ago(1) UNION ALL SELECT count(*) FROM ad_report WHERE date = ago(2)',
	report('CAMPAIGN', days => [1]),
	report('PIN_PROMOTION', days => [2]));

#
# Partitions, one for each advertiser
#

query(qq{
	CREATE TABLE pinterest_live.parts (advertiser_id text, campaign_id text, date date, total_impression bigint) PARTITION BY LIST (advertiser_id);
	CREATE FOREIGN TABLE pinterest_live.part1 PARTITION OF pinterest_live.parts FOR VALUES IN ('$first')
	  SERVER pinterest OPTIONS (resource 'campaign_report', advertiser_id '$first');
	CREATE FOREIGN TABLE pinterest_live.part2 PARTITION OF pinterest_live.parts FOR VALUES IN ('$second')
	  SERVER pinterest OPTIONS (resource 'campaign_report', advertiser_id '$second');
	CREATE VIEW copied.parts AS SELECT advertiser_id, campaign_id, date, total_impression FROM copied.campaign_report;
	CREATE VIEW pinterest_live.spend AS SELECT advertiser_id, campaign_id, date, spend_in_dollar FROM pinterest_live.campaign_report;
	CREATE VIEW copied.spend AS SELECT advertiser_id, campaign_id, date, spend_in_dollar FROM copied.campaign_report;});

check('all partitions', 'SELECT count(*), sum(total_impression) FROM parts WHERE date >= ago(2)',
	report('CAMPAIGN', days => [ 0 .. 2 ]));
check('one partition', "SELECT count(*) FROM parts WHERE date >= ago(2) AND advertiser_id = '$second'",
	report('CAMPAIGN', days => [ 0 .. 2 ], advertisers => [$second]));
check(
	'partitions pruned at execution',
	"SET plan_cache_mode = force_generic_plan; PREPARE q(text) AS SELECT count(*) FROM parts WHERE date >= ago(2) AND advertiser_id = \$1; EXECUTE q('$first')",
	report('CAMPAIGN', days => [ 0 .. 2 ], advertisers => [$first]));
check('a view', "SELECT sum(spend_in_dollar) FROM spend WHERE date = ago(2) AND campaign_id = '$campaign'",
	report('CAMPAIGN', days => [2], columns => ['SPEND_IN_DOLLAR'], filters => { campaign_ids => [$campaign] }));

#
# ANALYZE reads all of a table once, and says so
#

$sandbox->clear_log;
my $said;
$node->psql('postgres', 'ANALYZE (VERBOSE) pinterest_live.weekly',
	stderr => \$said);
my @analyzed = $sandbox->log;
my $sent = @analyzed;
is(scalar(grep { $_->{method} eq 'POST' } @analyzed),
	2, 'ANALYZE: a report for each advertiser');
like(
	$said,
	qr/INFO:  "weekly": read \d+ rows with $sent requests to Pinterest, \d+ bytes; \d+ rows in sample/,
	'ANALYZE: its message tells the price');

cmp_ok($queries, '>=', 40, "$queries queries");
done_testing();
