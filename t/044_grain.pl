
# Copyright (c) 2026, pinterest_fdw contributors

# What a row of a report is about: ad groups share keywords, product groups and
# items, rows may be split further, and no query finds other rows for the columns
# that it reads.
#
# PINTEREST_RANDOM_SEED chooses other columns.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use PinterestSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $seed = $ENV{PINTEREST_RANDOM_SEED} || 20261126;
note "seed $seed";
srand($seed);

# Items are in several product groups of an ad group, too.
my $sandbox = PinterestSandbox->new(
	campaigns => 3,
	ads => 2,
	overlapping => 1,
	report_delay => 0);
my $node = PinterestSandbox::start_node('main', "timezone = 'UTC'");
$sandbox->connect($node, options => "historical_date '3 days'");

sub query { return $node->safe_psql('postgres', $_[0]); }
sub answer { return PinterestSandbox::answer($node, $_[0]); }
sub columns_of
{
	my ($table) = @_;
	return split /\n/, query(
		"SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = '$table'::regclass AND attnum > 0 ORDER BY attnum");
}

# The statements that the hint of an error consists of
sub hinted
{
	my ($answer) = @_;
	return ($answer =~ /HINT:  (?:.*?for example: )?(.*;)$/m)[0] // "no hint in $answer";
}

query(q{
	CREATE SCHEMA live;
	CREATE SCHEMA ads;
	IMPORT FOREIGN SCHEMA ads FROM SERVER pinterest INTO live;});

#
# The key
#
my @shared = qw(keyword_report product_group_report product_item_report
  product_group_targeting_report product_item_targeting_report);
foreach my $table (@shared)
{
	my $entity = $table =~ /^keyword/ ? 'keyword_id' : $table =~ /^product_group/ ? 'product_group_id' : 'product_item_id';
	my $targeting = $table =~ /targeting/ ? ',targeting_type,targeting_value' : '';
	my $key = "advertiser_id,$entity,ad_group_id,date$targeting";
	is(query("SELECT array_to_string(key, ',') FROM pinterest.resources WHERE resource = '$table'"),
		$key, "$table: the ad group is part of the key");
	is(join(',', (columns_of("live.$table"))[ 0 .. ($key =~ tr/,//) ]), $key, "$table: which comes first");
	query("SELECT pinterest.materialize('live.$table', 'ads.$table')");
	is( query(
			qq{SELECT max(n) > 1, min(total) = (SELECT sum(spend_in_dollar) FROM live.$table)
				 FROM (SELECT count(*) AS n, sum(sum(spend_in_dollar)) OVER () AS total
						 FROM ads.$table GROUP BY $entity, date$targeting) AS s}),
		't|t', "$table: a row for each ad group, and nothing is lost");
	is(query("SELECT string_agg(attname, ',' ORDER BY array_position(indkey::int2[], attnum)) FROM pg_index
		JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey)
		WHERE indrelid = 'ads.$table'::regclass AND indisprimary"), $key, "$table: so is the primary key");
}

#
# No query finds other rows for the columns that it reads.
#
$sandbox->settings(row_split => 'requested');
is(query("SELECT count(*), sum(1) FROM live.$_"), query("SELECT count(*), sum(1) FROM ads.$_"),
	"$_: as many rows for a query that reads nothing")
  foreach @shared;
my @reports = split /\n/, query("SELECT resource FROM pinterest.resources WHERE kind = 'report' AND schema = 'ads'");
is(@reports, 13, 'all reports');
query(q{
	CREATE SCHEMA wide;
	IMPORT FOREIGN SCHEMA ads FROM SERVER pinterest INTO wide OPTIONS (columns 'all');
	ALTER FOREIGN TABLE wide.keyword_report ADD COLUMN pin_id text, ADD COLUMN ad_name text,
		OPTIONS (ADD key_columns 'pin_id');
	ALTER FOREIGN TABLE wide.product_group_report ADD COLUMN ad_id text;
	ALTER FOREIGN TABLE wide.product_item_report ADD COLUMN pin_id text;});
query("ALTER FOREIGN TABLE wide.$_ OPTIONS (ADD targeting_types 'GENDER, AGE_BUCKET')")
  foreach grep { /targeting/ } @reports;
foreach my $split ('requested', 'ad_group', 'pin')
{
	$sandbox->settings(row_split => $split);
	query("CREATE SCHEMA $split");
	foreach my $table (@reports)
	{
		query("CREATE TABLE $split.$table AS TABLE wide.$table");
		my @columns = columns_of("wide.$table");
		my (@differences, $count);
		foreach my $round (1 .. 4)
		{
			# one that reads nothing, and some that read little
			my @chosen = map { $columns[ rand @columns ] } 1 .. (0, 1, 3, 8)[ $round - 1 ];
			my ($live, $copied) = map {
				"SELECT count(*) AS n, sum(hash_record_extended(r, 0)) AS h FROM (SELECT @{[join ', ', @chosen]} FROM $_.$table) AS r"
			} 'wide', $split;
			push @differences, "@chosen"
			  if query("SELECT (l.n, l.h) IS DISTINCT FROM (c.n, c.h) FROM ($live) AS l, ($copied) AS c") eq 't';
		}
		is("@differences", '', "rows split by $split: $table has the same ones for any columns");
	}
}
is( query(
		q{SELECT (SELECT count(*) FROM requested.keyword_report) = (SELECT count(*) FROM ad_group.keyword_report),
				 (SELECT count(*) FROM pin.product_item_report) = (SELECT count(*) FROM requested.product_item_report)}),
	't|t', 'how Pinterest splits rows makes no difference then');

#
# Rows that are finer than the key
#
my $finer = q{SELECT pinterest.materialize('live.keyword_report', 'ads.finer_keywords')};
my $message = answer($finer);
like($message, qr/ERROR:  21000: foreign table "live.keyword_report" returned more than one row of the same key
DETAIL:  Key \(advertiser_id, keyword_id, ad_group_id, date\)=\(.*\) occurs more than once\.
HINT:  .*key_columns/, 'a repeated key is an error that names the option');
is(hinted($message),
	"ALTER FOREIGN TABLE live.keyword_report ADD COLUMN pin_promotion_id text, OPTIONS (ADD key_columns 'pin_promotion_id');",
	'and a column that may tell the rows apart');
like(answer("SET enable_seqscan = off; SET enable_sort = off; SET enable_hashagg = off; $finer"),
	qr/^DETAIL:  Key .* occurs more than once\.$/m, 'also where settings are against reading tables');
my $before = query('SELECT campaign_id, sum(spend_in_dollar), count(DISTINCT keyword_id) FROM live.keyword_report GROUP BY 1 ORDER BY 1');
query(hinted($message));
query($finer);
is( query('SELECT campaign_id, sum(spend_in_dollar), count(DISTINCT keyword_id) FROM ads.finer_keywords GROUP BY 1 ORDER BY 1'),
	$before, 'then it loads, and sums stay');
is(query('SELECT campaign_id, sum(spend_in_dollar), count(DISTINCT keyword_id) FROM live.keyword_report GROUP BY 1 ORDER BY 1'),
	$before, 'so they do live');
is(query(q{SELECT inserted, updated, deleted FROM pinterest.refresh('ads.finer_keywords')}), '0|0|0', 'and a refresh finds nothing new');
is( query(q{SELECT count(*) > count(DISTINCT (advertiser_id, keyword_id, ad_group_id, date)), count(*) = count(DISTINCT (advertiser_id, keyword_id, ad_group_id, date, pin_promotion_id)) FROM ads.finer_keywords}),
	't|t', 'its rows are those of ads');

# Columns of the table that differ are named first: ids, if there are any.
$message = answer(q{
	SET client_min_messages = error;
	CREATE FOREIGN TABLE live.items (advertiser_id text, product_item_id text, ad_group_id text, date date,
		product_group_id text, product_group_status text, pin_id text, spend_in_dollar numeric)
		SERVER pinterest OPTIONS (resource 'product_item_report');
	SELECT pinterest.materialize('live.items', 'ads.items');});
is(hinted($message), "ALTER FOREIGN TABLE live.items OPTIONS (ADD key_columns 'product_group_id, pin_id');",
	'columns that differ');
query(hinted($message));
query(q{SELECT pinterest.materialize('live.items', 'ads.items')});
is(query('SELECT sum(spend_in_dollar) FROM ads.items'), query('SELECT sum(spend_in_dollar) FROM live.product_item_report'),
	'finer rows add up to the same');

# The option at import
query(q{
	CREATE SCHEMA keyed;
	IMPORT FOREIGN SCHEMA ads LIMIT TO (product_item_report, keyword_report, product_group_report)
		FROM SERVER pinterest INTO keyed OPTIONS (key_columns 'PIN_ID, campaign_id', columns 'all');});
is(join(',', (columns_of('keyed.product_item_report'))[ 0 .. 5 ]),
	'advertiser_id,product_item_id,ad_group_id,date,pin_id,campaign_id', 'imported: the key comes first');
is(query(q{SELECT count(*), count(DISTINCT attname) FROM pg_attribute WHERE attrelid = 'keyed.product_item_report'::regclass AND attname IN ('pin_id', 'campaign_id')}),
	'2|2', 'imported: each column once');
like(answer(q{IMPORT FOREIGN SCHEMA ads LIMIT TO (ad_group_report) FROM SERVER pinterest INTO keyed OPTIONS (key_columns 'pin_id')}),
	qr/ERROR:  22023: invalid value for option "key_columns": "PIN_ID"\nDETAIL:  Resource "ad_group_report" does not have it/, 'imported: a wrong one');
like(query('EXPLAIN SELECT spend_in_dollar FROM keyed.keyword_report'),
	qr/Pinterest Columns: SPEND_IN_DOLLAR, AD_GROUP_ID, PIN_ID, CAMPAIGN_ID,/, 'key columns are always requested');
$sandbox->settings(row_split => 'ad_group');

#
# Existing tables
#
query(q{CREATE TABLE ads.adopted (LIKE keyed.product_group_report, PRIMARY KEY (campaign_id, pin_id, date, advertiser_id, ad_group_id, product_group_id));
	SELECT pinterest.materialize('keyed.product_group_report', 'ads.adopted');});
cmp_ok(query('SELECT count(*) FROM ads.adopted'), '>', 0, 'a table with the wider key is adopted');

# one that is of old: without ad groups, and with a row that Pinterest has no more
query(q{
	CREATE TABLE ads.old AS SELECT * FROM live.product_item_report LIMIT 0;
	ALTER TABLE ads.old DROP COLUMN ad_group_id, ADD CONSTRAINT "old key" PRIMARY KEY (advertiser_id, product_item_id, date);
	INSERT INTO ads.old (advertiser_id, product_item_id, date) SELECT 'x', '1', date '2020-01-01';});
like(answer(q{SELECT pinterest.materialize('live.product_item_report', 'ads.old')}),
	qr/Column "ad_group_id" of type text is missing/, 'adopting: a key column is missing');
query(q{ALTER TABLE ads.old ADD COLUMN ad_group_id text});
$message = answer(q{SELECT pinterest.materialize('live.product_item_report', 'ads.old')});
like($message, qr/ERROR:  55000: table "ads.old" has no usable unique index on the natural key \(advertiser_id, product_item_id, ad_group_id, date\)/,
	'adopting: the unique index is on part of the key');
query(hinted($message));
query(q{SELECT pinterest.materialize('live.product_item_report', 'ads.old')});
is(query(q{SELECT count(*) FILTER (WHERE ad_group_id = ''), count(*) > 1 FROM ads.old}), '1|t', 'adopting: the hint mends it');

# one that has another primary key, which is not to go
query(q{CREATE TABLE ads.numbered (LIKE live.product_item_report, number bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY)});
$message = answer(q{SELECT pinterest.materialize('live.product_item_report', 'ads.numbered')});
is(hinted($message), 'ALTER TABLE ads.numbered ADD UNIQUE (advertiser_id, product_item_id, ad_group_id, date);',
	'adopting: another primary key stays');

# the option changes
query(q{ALTER FOREIGN TABLE live.product_group_report ADD COLUMN ad_id text, OPTIONS (ADD key_columns 'ad_id')});
$message = answer(q{SELECT pinterest.refresh('ads.product_group_report')});
like($message, qr/ERROR:  55000: table "ads.product_group_report" has no usable unique index on the natural key \(.*, ad_id\)/,
	'the key of a materialized table has changed: an error');
is(hinted($message), q{ALTER TABLE ads.product_group_report ADD COLUMN ad_id pg_catalog.text DEFAULT '', DROP CONSTRAINT product_group_report_pkey, ADD PRIMARY KEY (advertiser_id, product_group_id, ad_group_id, date, ad_id);},
	'with what to do');
query(hinted($message));
my $spend = query('SELECT sum(spend_in_dollar) FROM ads.product_group_report');
like(answer(q{SELECT pinterest.refresh('ads.product_group_report', last => '2 days')}),
	qr/ERROR:  55000: refresh .* would mix rows .*\nDETAIL:  .*key_columns was not set and is AD_ID/, 'rows of both keys are not mixed');
query(q{SELECT pinterest.refresh('ads.product_group_report')});
is(query(q{SELECT sum(spend_in_dollar), count(*) FILTER (WHERE ad_id = '') FROM ads.product_group_report}), "$spend|0",
	'the refresh after that replaces the coarser rows');

#
# Rows without an ad group
#
my $groups = query(q{SELECT string_agg(DISTINCT ad_group_id, '|') FROM live.product_item_report});
sub without_ad_groups
{
	my ($sql) = @_;
	$sandbox->clear_faults;
	$sandbox->faults(map { { match => { host => 'download' }, replace => $_, count => -1 } } @_[ 1 .. $#_ ]);
	my $answer = answer($sql);
	$sandbox->clear_faults;
	return $answer;
}
is( without_ad_groups(q{SELECT count(*) > 0, count(*) FILTER (WHERE ad_group_id = '') = count(*) FROM live.product_item_report},
		[ 'AD_GROUP_ID', 'AD_GROUP_XX' ]),
	't|t', 'a row without an ad group has an empty one');
is( without_ad_groups(q{SELECT count(*) > 0 FROM live.product_item_report WHERE ad_group_id = ''}, [ 'AD_GROUP_ID', 'AD_GROUP_XX' ]),
	't', 'and is found by that');
is( without_ad_groups(q{SELECT count(*) > 0 FROM live.product_item_report WHERE ad_group_id IN ('', '12')}, [ 'AD_GROUP_ID', 'AD_GROUP_XX' ]),
	't', 'among others, too');
is( without_ad_groups(q{SELECT count(*) FROM live.product_item_report WHERE ad_group_id IS NULL}, [ 'AD_GROUP_ID', 'AD_GROUP_XX' ]),
	'0', 'a key is never null');
query(q{CREATE FOREIGN TABLE live.numbers (product_item_id text, ad_group_id bigint, date date, spend_in_dollar numeric)
	SERVER pinterest OPTIONS (resource 'product_item_report')});
cmp_ok(query('SELECT count(*) FROM live.numbers WHERE ad_group_id > 0'), '>', 0, 'ad groups as numbers');
like( without_ad_groups(q{SELECT * FROM live.numbers}, [ 'AD_GROUP_ID', 'AD_GROUP_XX' ]),
	qr/ERROR:  22004: Pinterest sent a row without its key for foreign table "numbers"\nHINT:  Use type text/, 'none is no number');

my $targeting = 'live.product_item_targeting_report';
is( without_ad_groups(qq{SELECT count(*) > 0, count(*) FILTER (WHERE targeting_value <> '') FROM $targeting}, [ 'TARGETING_VALUE', 'TARGETING_XXXXX' ]),
	't|0', 'so has one without a targeting value');
like( without_ad_groups(qq{SELECT * FROM $targeting}, [ 'TARGETING_TYPE', 'TARGETING_XXXX' ]),
	qr/ERROR:  HV000: .*It has no targeting type/s, 'but of some breakdown it must be');

#
# Pushdown, synchronous analytics, templates
#
my ($one) = split /\|/, $groups;
like(query("EXPLAIN SELECT * FROM live.keyword_report WHERE ad_group_id = '$one'"), qr/Pinterest Filters: ad_group_ids = $one/,
	'the ad group is pushed down');
my $ids = query(q{SELECT string_agg(quote_literal(product_group_id), ',') FROM (SELECT DISTINCT product_group_id FROM ads.adopted) AS d});
my $sync = "SELECT product_group_id, ad_group_id, date, total_impression FROM %s WHERE product_group_id IN ($ids) AND total_impression > 0 ORDER BY 1, 2, 3";
query(q{ALTER FOREIGN TABLE live.product_group_report OPTIONS (DROP key_columns), DROP COLUMN ad_id});
like(query('EXPLAIN ' . sprintf $sync, 'live.product_group_report'), qr/Way: synchronous.*Pinterest Columns: [^\n]*AD_GROUP_ID/s,
	'synchronous analytics are asked for the key, too');
is(query(sprintf $sync, 'live.product_group_report'), query(sprintf $sync, 'ads.adopted'), 'and have the same rows');
query(q{ALTER FOREIGN TABLE live.product_group_report ADD COLUMN promo_name text, ADD COLUMN spend_order_line_id text,
	OPTIONS (ADD key_columns 'spend_order_line_id')});
like(query('EXPLAIN ' . sprintf $sync, 'live.product_group_report'), qr/Way: report/, 'which they must have');

my $template = query(q{SELECT report_template_id FROM live.report_templates WHERE report_level = 'KEYWORD'});
query(qq{CREATE FOREIGN TABLE live.from_template (advertiser_id text, keyword_id text, ad_group_id text, date date, total_impression bigint)
	SERVER pinterest OPTIONS (resource 'keyword_report', template_id '$template')});
is(query('SELECT sum(total_impression) FROM live.from_template'), query('SELECT sum(total_impression) FROM ads.keyword_report'),
	'a template needs no ad group unless it is read');
like(answer(q{SELECT pinterest.materialize('live.from_template', 'ads.from_template')}),
	qr/report template $template has no column AD_GROUP_ID\nHINT:  Add it to the template in Ads Manager\. It is part of the natural key/,
	'a copy needs it');

$node->stop;
done_testing();
