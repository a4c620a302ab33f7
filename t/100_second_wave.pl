
# Copyright (c) 2026, pinterest_fdw contributors

# Tables of the schemas beside those of ads, and those of ads that came later: live and
# materialized, they have exactly what Pinterest has; scopes, and what of Pinterest is
# asked for which condition.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use ExpectedTables;
use JSON::PP;
use PinterestSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $sandbox = PinterestSandbox->new(
	report_delay => 0,
	advertisers => 2,
	campaigns => 3,
	ad_groups => 1,
	ads => 2,
	today => PinterestSandbox::day(0));
my $node = PinterestSandbox::start_node('main');
$sandbox->connect($node);

sub query
{
	my ($sql) = @_;
	return $node->safe_psql('postgres', $sql);
}

sub answer
{
	my ($sql) = @_;
	return PinterestSandbox::answer($node, $sql);
}

# Paths, without the version, and queries in the order of their names.
sub asked
{
	my @asked;
	foreach my $request (grep { $_->{path} =~ m{^/v5/} } $sandbox->log)
	{
		my %query = %{ $request->{query} };
		push @asked, ($request->{path} =~ s{^/v5}{}r) . '?' . join '&',
		  map { "$_=" . join ',', @{ $query{$_} } } sort keys %query;
	}
	return @asked;
}

# Analytics, of which less than all will do
my %dated = map { $_ => 1 } split /\n/, query(q{SELECT resource FROM pinterest.resources WHERE kind = 'report' AND schema <> 'ads'});
my $recently = PinterestSandbox::day(12);

# Loads what the tables must contain into a schema of their own.
sub load_expected
{
	my ($schema, $revision, @tables) = @_;
	ExpectedTables::load($sandbox, $node, $schema, 'live',
		map { $_ => { revision => $revision, $dated{$_} ? (start => $recently) : () } } @tables);
	return;
}

sub differences { return ExpectedTables::differences($node, @_); }

query(q{CREATE SCHEMA live; CREATE SCHEMA copied; CREATE SCHEMA expected; CREATE SCHEMA changed});
my @tables = split /\n/, query(q{SELECT resource FROM pinterest.resources WHERE schema <> 'ads'
	UNION ALL VALUES ('labels'), ('promotions'), ('advertiser_defined_events'), ('page_visit_tags'),
		('conversion_quality'), ('audience_insights'), ('customer_segments'), ('schedules'), ('ad_pins'),
		('billing_profiles'), ('billing_invoices'), ('credits'), ('businesses'), ('business_ad_accounts')});
query("IMPORT FOREIGN SCHEMA $_ FROM SERVER pinterest INTO live")
  foreach split /\n/, query('SELECT DISTINCT schema FROM pinterest.resources');

query("ALTER FOREIGN TABLE live.$_ OPTIONS (ADD historical_date '$recently')") foreach keys %dated;

#
# Contents
#

load_expected('expected', 0, @tables);
foreach my $table (@tables)
{
	cmp_ok(query("SELECT count(*) FROM expected.$table"), '>', 0, "$table: the sandbox has rows");
	is(differences("live.$table", "expected.$table"), '', "$table: live, it has what Pinterest has");
	query("SELECT pinterest.materialize('live.$table', 'copied.$table')");
	is(differences("copied.$table", "expected.$table"), '', "$table: so it has when materialized");
	is(query("SELECT inserted, updated, deleted FROM pinterest.refresh('copied.$table')"),
		'0|0|0', "$table: nothing new, nothing written");
}
$sandbox->settings(revision => 1);
load_expected('changed', 1, @tables);
foreach my $table (@tables)
{
	query("SELECT pinterest.refresh('copied.$table')");
	is(differences("copied.$table", "changed.$table"), '', "$table: it has what Pinterest has now");
}
$sandbox->settings(revision => 0);

#
# What is asked for
#

my ($first, $second) = $sandbox->advertisers;
my ($board, $other) = split /\n/, query("SELECT board_id FROM expected.boards WHERE advertiser_id = '$first' ORDER BY 1");

# What a query asks for, and its rows.
sub requests
{
	my ($sql) = @_;
	$sandbox->clear_log;
	my $rows = answer($sql);
	return ($rows, grep { !m{^/oauth} } asked());
}

sub paths { return map { s/\?.*//r } @_; }

my ($rows, @asked) = requests("SELECT count(*) FROM live.board_sections WHERE board_id = '$other'");
is($rows, query("SELECT count(*) FROM expected.board_sections WHERE board_id = '$other'"), 'sections of one board');
is(join(' ', sort { $a cmp $b } paths(@asked)), "/boards /boards /boards/$other/sections", 'no others are asked for');
($rows, @asked) = requests("SELECT count(*) FROM live.board_sections WHERE board_id = 'none'");
is($rows, '0', 'sections of no board');
is(join(' ', paths(@asked)), '/boards /boards', 'none is asked for');
($rows, @asked) = requests("SELECT count(*) FROM live.board_pins AS p JOIN (VALUES ('$board'), ('$other')) AS b(id) ON p.board_id = b.id WHERE advertiser_id = '$first'");
is($rows, query("SELECT count(*) FROM expected.board_pins WHERE board_id IN ('$board', '$other')"), 'Pins of two boards');
is(scalar(grep { /ad_account_id=$second/ } @asked), 0, 'the other advertiser is not asked for');
($rows, @asked) = requests("SELECT DISTINCT type FROM live.audience_insights WHERE type LIKE 'YOUR%' AND type = 'YOUR_TOTAL_AUDIENCE'");
is($rows, 'YOUR_TOTAL_AUDIENCE', 'one type of insight');
is(scalar(@asked), 2, 'is asked for once for each advertiser');
($rows, @asked) = requests('SELECT lookback_period, count(*) FROM live.conversion_quality GROUP BY 1 ORDER BY 1');
is(scalar(@asked), 4, 'each period is asked for');
($rows, @asked) = requests(q{SELECT count(*) FROM live.labels WHERE parent_id = (SELECT min(parent_id) FROM expected.labels)});
like(join(' ', @asked), qr/labels\?campaign_ids=\d+&/, 'labels of a campaign');
is($rows, query('SELECT count(*) FROM expected.labels WHERE parent_id = (SELECT min(parent_id) FROM expected.labels)'), 'are found');
($rows, @asked) = requests('SELECT pin_id FROM live.organic_pins LIMIT 3');
is(scalar(@asked), 1, 'a few rows: one page');
like($asked[0], qr/page_size=3\b/, 'and a small one');

# Days
my ($from, $to) = map { PinterestSandbox::day($_) } 5, 3;
my $of_days = "date BETWEEN '$from' AND '$to'";
($rows, @asked) = requests("SELECT count(*) FROM live.user_account_report WHERE $of_days AND split_field = 'APP_TYPE'");
is($rows, query("SELECT count(*) FROM expected.user_account_report WHERE $of_days AND split_field = 'APP_TYPE'"), 'some days of a split');
is(scalar(@asked), 2, 'take one request for each advertiser');
like($asked[0], qr/&end_date=$to&split_field=APP_TYPE&start_date=$from/, 'of these days alone');
($rows, @asked) = requests("SELECT count(*) FROM live.top_pins WHERE $of_days AND sort_by IN ('SAVE', 'IMPRESSION')");
is($rows, query("SELECT count(*) FROM expected.top_pins WHERE $of_days AND sort_by IN ('SAVE', 'IMPRESSION')"), 'top Pins of some days');
is(scalar(@asked), 12, 'each day and metric is asked for');
like(query("EXPLAIN SELECT * FROM live.top_pins WHERE $of_days AND sort_by = 'SAVE'"),
	qr{Pinterest Endpoint: GET /user_account/analytics/top_pins\n.*Pinterest Windows: $from\.\.$from, .*Parameter sort_by: SAVE\n}s, 'EXPLAIN shows it');
my ($pin) = query("SELECT min(pin_id) FROM expected.organic_pins WHERE advertiser_id = '$first'");
($rows, @asked) = requests("SELECT count(*), min(date), max(date) FROM live.pin_report WHERE pin_id = '$pin' AND $of_days");
is($rows, "3|$from|$to", 'one Pin');
is(join(' ', grep { m{^/pins/} } map { s/&metric_types=[^&]*//r } @asked), "/pins/analytics?ad_account_id=$first&end_date=$to&pin_ids=$pin&start_date=$from", 'is asked for alone');
($rows, @asked) = requests("SELECT count(*) FROM live.pin_report WHERE $of_days");
is(scalar(grep { m{^/pins/analytics} } @asked), 4, 'Pins are asked for 100 at once');

# Pins that are asked for one by one, as not every app may have several at once
$sandbox->settings(pins_analytics => JSON::PP::false);
($rows, @asked) = requests("SELECT count(*) FROM live.pin_report WHERE $of_days AND advertiser_id = '$first'");
is($rows, query("SELECT count(*) FROM expected.pin_report WHERE $of_days AND advertiser_id = '$first'"), 'one by one: the same rows');
is(scalar(grep { m{^/pins/\d+/analytics} } @asked), query("SELECT count(*) FROM expected.organic_pins WHERE advertiser_id = '$first'"), 'each by itself');
cmp_ok(scalar(grep { m{^/pins/analytics} } @asked), '<', 4, 'after few refusals');
is(query("SELECT count(*) FROM (TABLE live.pin_report EXCEPT TABLE expected.pin_report) AS d"), '0', 'all of them');
$sandbox->settings(pins_analytics => JSON::PP::true);

# What has gone meanwhile is no error, what is wrong with the advertiser is one
cmp_ok(query("SELECT count(DISTINCT pin_id) FROM live.ads"), '>', query('SELECT count(*) FROM live.ad_pins'), 'Pins of some ads have gone');
$sandbox->faults({ match => { path => '/sections$' }, status => 403, body => { code => 29, message => 'No' } });
like(answer('SELECT count(*) FROM live.board_sections'), qr/^ERROR:  42501: Pinterest refused/, 'who may not read an account fails');
$sandbox->clear_faults;

#
# History stays in the copy
#

my $all = query('SELECT count(*) FROM copied.user_account_report');
query(q{UPDATE copied.user_account_report SET date = date - 200 WHERE split_field = 'NO_SPLIT'});
is(query("SELECT deleted FROM pinterest.refresh('copied.user_account_report')"), '0', 'days that Pinterest has no more are not deleted');
is(query('SELECT count(*) - ' . $all . ' FROM copied.user_account_report'), query(q{SELECT count(*) FROM expected.user_account_report WHERE split_field = 'NO_SPLIT'}), 'they are kept beside the others');
query('DELETE FROM copied.user_account_report WHERE date < current_date - 100');
query("INSERT INTO copied.user_account_report (advertiser_id, date, split_field, split_value) SELECT '$first', current_date - n, 'NO_SPLIT', 'none' FROM generate_series(1, 5) AS n");
is(query("SELECT deleted FROM pinterest.refresh('copied.user_account_report', last => '3 days')"), '3', 'of the days that are loaded, what Pinterest does not have is deleted');
is(query("SELECT reports, days FROM pinterest.refresh_plan('{copied.top_pins}', last => '3 days')"), '40|4', 'refresh_plan() counts requests');
like(answer("SELECT pinterest.materialize('live.top_pins', 'copied.kept', keep_deleted => true)"), qr/22023: rows of a report cannot be kept/, 'rows of days are no entities');
like(answer("ALTER FOREIGN TABLE live.boards OPTIONS (ADD historical_date '3 days')"), qr/does not apply to resource "boards"/, 'a list has no days');
like(answer("ALTER FOREIGN TABLE live.top_pins OPTIONS (ADD granularity 'week')"), qr/does not apply to resource "top_pins"/, 'analytics have no weeks');
query("ALTER SERVER pinterest OPTIONS (ADD granularity 'hour')");
is(query("SELECT count(*) FROM live.user_account_report WHERE $of_days AND split_field = 'SOURCE'"), '12', 'those of the server are for reports');
query("ALTER SERVER pinterest OPTIONS (DROP granularity)");

#
# What the tables are for
#

# What a join of foreign tables finds is compared with the same join of what the sandbox
# says that they contain.
my ($since, $three_months) = map { PinterestSandbox::day($_) } 9, 95;
ExpectedTables::load($sandbox, $node, 'expected', 'live',
	ad_report => { start => $since, columns => 'PIN_ID,SPEND_IN_MICRO_DOLLAR' },
	product_item_report => { start => $since, columns => 'SPEND_IN_MICRO_DOLLAR' },
	advertiser_report => { start => $three_months, columns => 'SPEND_IN_MICRO_DOLLAR' });

sub joins_as_expected
{
	my ($sql, $what) = @_;
	my ($live, $expected) = map { query($sql =~ s/\bSCHEMA\b/$_/gr) } 'live', 'expected';
	is($live, $expected, "$what: the same as of what Pinterest has");
	return split /\n/, $live;
}

# Spend beside the picture
my @pictures = joins_as_expected(qq{
	SELECT p.pin_id, p.image_url, sum(r.spend_in_micro_dollar) FROM SCHEMA.ad_report AS r
	  JOIN SCHEMA.ad_pins AS p USING (advertiser_id, pin_id)
	 WHERE r.date >= '$since' AND p.image_url IS NOT NULL GROUP BY 1, 2 ORDER BY 1}, 'spend beside the picture');
cmp_ok(scalar(grep { m{^\d+\|https://i\.example/\d+/\S+\.jpg\|\d+$} } @pictures), '>', 3, 'there are pictures');
is(scalar(grep { !m{^(\d+)\|https://i\.example/\1/} } @pictures), 0, 'each beside the spend of its own Pin');

# Spend beside invoices, which bill it
my @billed = joins_as_expected(qq{
	SELECT i.billing_invoice_id, i.amount_net_micro_currency, sum(r.spend_in_micro_dollar)
	  FROM SCHEMA.billing_invoices AS i JOIN SCHEMA.advertiser_report AS r ON r.advertiser_id = i.advertiser_id
	   AND r.date BETWEEN i.billing_period_start_date AND i.billing_period_end_date
	 WHERE i.document_type = 'INVOICE' AND i.billing_period_start_date >= '$three_months'
	 GROUP BY 1, 2 ORDER BY 1}, 'spend beside invoices');
cmp_ok(scalar(@billed), '>=', 4, 'two months of two advertisers at least');
is(scalar(grep { !/^\d+\|(\d{7,})\|\1$/ } @billed), 0, 'each invoice is about what was spent in its month');

# Problems of feeds beside what the items cost: those that the latest result has
my @issues = joins_as_expected(qq{
	SELECT i.item_id, i.errors, i.warnings, sum(r.spend_in_micro_dollar)
	  FROM (SELECT DISTINCT ON (advertiser_id, feed_id) advertiser_id, processing_result_id
	          FROM SCHEMA.feed_processing_results WHERE status = 'COMPLETED'
	         ORDER BY advertiser_id, feed_id, created_at DESC) AS latest
	  JOIN SCHEMA.feed_item_issues AS i USING (advertiser_id, processing_result_id)
	  JOIN SCHEMA.product_item_report AS r ON r.advertiser_id = i.advertiser_id AND r.product_item_id = i.item_id
	 WHERE r.date >= '$since' GROUP BY i.advertiser_id, i.processing_result_id, i.item_number, 1, 2, 3 ORDER BY 1, 2, 3, 4},
	'issues beside reports');
cmp_ok(scalar(grep { /IMAGE_LINK_MISSING.*\|\d+$/ } @issues), '>', 0, 'items with an error that were shown');

# Catalogs
my ($feed, $result, $group) = (
	query("SELECT min(feed_id) FROM expected.feeds WHERE advertiser_id = '$first'"),
	query("SELECT min(processing_result_id) FROM expected.feed_item_issues WHERE advertiser_id = '$first'"),
	query("SELECT min(product_group_id) FROM expected.products WHERE advertiser_id = '$first'"));
($rows, @asked) = requests("SELECT count(*) FROM live.feed_processing_results WHERE feed_id = '$feed'");
is($rows, query("SELECT count(*) FROM expected.feed_processing_results WHERE feed_id = '$feed'"), 'results of one feed');
is(scalar(grep { /processing_results/ } @asked), 1, 'take one request: their bookmarks lead nowhere');
($rows, @asked) = requests("SELECT count(*) FROM live.feed_item_issues WHERE processing_result_id = '$result'");
is("$rows " . scalar(grep { /item_issues/ } @asked), '3 1', 'issues of one result');
($rows, @asked) = requests("SELECT count(*) FROM live.products WHERE product_group_id = '$group'");
is("$rows " . scalar(grep { /products/ } @asked), '28 1', 'products of one group');
is(query(q{SELECT count(*) FROM pg_attribute WHERE attrelid = 'live.feeds'::regclass AND attname = 'credentials'}), '0', 'passwords of feeds are no column');
is(query(q{SELECT string_agg(DISTINCT kind, ', ' ORDER BY kind) FROM pinterest.usage WHERE period = 'day' AND kind ~ 'organic|catalogs'}),
	'catalogs, organic, organic analytics', 'requests are counted by the limits that they are for');

#
# Scopes
#

query('DROP USER MAPPING FOR CURRENT_USER SERVER pinterest; CREATE USER MAPPING FOR CURRENT_USER SERVER pinterest OPTIONS ('
	  . $sandbox->client . ')');
my $url = $sandbox->browse(query("SELECT pinterest.authorization_url('pinterest', '{ads:read}')"));
query("SELECT pinterest.authorize('pinterest', '$url')");
my %scopes = (
	billing_invoices => 'ads:read, billing:read',
	businesses => 'biz_access:read',
	products => 'boards:read, catalogs:read, pins:read',
	boards => 'boards:read',
	organic_pins => 'boards:read, pins:read',
	user_account_report => 'user_accounts:read',
	top_pins => 'pins:read, user_accounts:read');
foreach my $table (sort keys %scopes)
{
	my $named = $scopes{$table} =~ s/ads:read, //r =~ s/, /,/gr;
	like(answer("SELECT count(*) FROM live.$table"),
		qr/42501: .*HINT:  The access token needs the scopes: \Q$scopes{$table}\E\. Call pinterest\.authorization_url\('pinterest', '\{ads:read,\Q$named\E\}'\) and pinterest\.authorize\(\)/s,
		"$table: the hint names the scopes");
}
like(answer(q{CALL pinterest.import_tables('{boards}')}), qr/table "boards" is skipped\nDETAIL:  The access token does not have boards:read\.\nHINT:  .*Then CALL pinterest\.import_tables\('\{boards\}'\)/, 'import_tables() says so, too');
like(query("SELECT pinterest.authorization_url('pinterest')"), qr/scope=ads:read,(?=.*boards:read)(?=.*pins:read)(?=.*user_accounts:read)/, 'authorization_url() asks for what the tables need');
unlike(query("SELECT pinterest.authorization_url('pinterest')"), qr/secret/, 'but for no secrets');
$url = $sandbox->browse(query("SELECT pinterest.authorization_url('pinterest')"));
query("SELECT pinterest.authorize('pinterest', '$url')");
is(query('SELECT count(*) FROM live.boards'), query(q{SELECT count(*) FROM expected.boards WHERE privacy <> 'SECRET'}), 'without the scope, secret boards are not shown');
is(query(q{SELECT optional_scopes FROM pinterest.resources WHERE resource = 'boards'}), '{boards:read_secret}', 'the view says which scope that is');

#
# import_tables()
#

like(answer(q{CALL pinterest.import_tables('{boards,promotions}')}), qr/"pinterest_organic\.boards" has been loaded: \d+ rows\n.*"pinterest_ads\.promotions" has been loaded/s, 'copies go to the schema of their kind');
is(query(q{SELECT count(*) FROM pg_foreign_table WHERE ftrelid IN ('pinterest_live.boards'::regclass, 'pinterest_live.promotions'::regclass)}), '2', 'foreign tables to one');
like(answer(q{CALL pinterest.import_tables('{user_accounts}', schema => 'mine')}), qr/"mine\.user_accounts" has been loaded/, 'unless a schema is named');
like(answer(q{CALL pinterest.import_tables('{boards}', live_schema => 'pinterest_organic')}), qr/must differ/, 'which must be another one');
like(answer('IMPORT FOREIGN SCHEMA ads LIMIT TO (boards) FROM SERVER pinterest INTO live'), qr/HV00R: table "boards" is not present in schema "ads"\nHINT:  It is in schema "organic"\./, 'a table of another schema');

done_testing();
