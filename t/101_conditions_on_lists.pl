
# Copyright (c) 2026, pinterest_fdw contributors

# The lists of the schemas "organic" and "catalogs", and those of ads that came later,
# with conditions, joins and limits, in short pages and beside parents that have gone: their
# rows are always those of the same query of what Pinterest has.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use ExpectedTables;
use JSON::PP;
use PinterestSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use PsqlSession;
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

my $recently = PinterestSandbox::day(2);
my %dated = map { $_ => 1 } split /\n/,
  query(q{SELECT resource FROM pinterest.resources WHERE kind = 'report' AND schema <> 'ads'});
my @tables = split /\n/, query(q{SELECT resource FROM pinterest.resources WHERE schema <> 'ads'
	UNION ALL VALUES ('labels'), ('promotions'), ('advertiser_defined_events'), ('page_visit_tags'),
		('conversion_quality'), ('audience_insights'), ('customer_segments'), ('schedules'), ('ad_pins'),
		('billing_profiles'), ('billing_invoices'), ('credits'), ('businesses'), ('business_ad_accounts')
	ORDER BY 1});
query(q{CREATE SCHEMA live; CREATE SCHEMA expected; CREATE SCHEMA copied});
query("IMPORT FOREIGN SCHEMA $_ FROM SERVER pinterest INTO live") foreach qw(ads organic catalogs);
query("ALTER FOREIGN TABLE live.$_ OPTIONS (ADD historical_date '$recently')") foreach keys %dated;
ExpectedTables::load($sandbox, $node, 'expected', 'live', map { $_ => $dated{$_} ? { start => $recently } : {} } @tables);

# Runs queries of both schemas in one session each; SCHEMA stands for its name.
sub all_as_expected
{
	my ($what, @queries) = @_;
	my ($live, $expected) = map {
		my $schema = $_;
		[ split /^--\n/m, query(join ";\n\\echo --\n", map { s/\bSCHEMA\b/$schema/gr } @queries) ];
	} 'live', 'expected';
	my @wrong = grep { ($live->[$_] // '') ne ($expected->[$_] // '') } 0 .. $#queries;
	is(join("\n", map { "$queries[$_]: " . ($live->[$_] // '') . ' instead of ' . ($expected->[$_] // '') } @wrong),
		'', $what);
	return;
}

# Number of rows, and a digest of them all
sub digest
{
	my ($from) = @_;
	return "SELECT count(*), md5(string_agg(t::text, chr(10) ORDER BY t::text COLLATE \"C\")) FROM (SELECT t.* FROM $from) AS t";
}

# Parents of lists, and the columns that refer to them
my %parents = (
	board_sections => [ 'boards', 'board_id' ],
	board_pins => [ 'boards', 'board_id' ],
	pin_report => [ 'organic_pins', 'pin_id' ],
	feed_processing_results => [ 'feeds', 'feed_id' ],
	feed_item_issues => [ 'feed_processing_results', 'processing_result_id' ],
	product_group_counts => [ 'product_groups', 'product_group_id' ],
	products => [ 'product_groups', 'product_group_id' ],
	business_ad_accounts => [ 'businesses', 'business_id' ]);

#
# Conditions
#

foreach my $table (@tables)
{
	my @queries = map { digest("SCHEMA.$table AS t$_") } '', ' ORDER BY 1 DESC';
	my @columns = split /\n/, query(qq{
		SELECT c.column_name FROM pinterest.resource_columns AS c
		 WHERE c.resource = '$table' AND c.type IN ('text', 'date') AND (c.is_key OR c.column_name IN ('entity_id', 'parent_id'))});
	foreach my $column (@columns)
	{
		my ($least, $most) = map {
			query("SELECT quote_literal(coalesce($_($column)::text, '2026-01-01')) FROM expected.$table WHERE ${column}::text <> ''")
		} 'min', 'max';
		my $type = query("SELECT atttypid::regtype FROM pg_attribute WHERE attrelid = 'live.$table'::regclass AND attname = '$column'");
		my $other = $type eq 'date' ? q{'2020-01-01'} : q{'none'};
		push @queries, map { digest("SCHEMA.$table AS t WHERE $_") }
		  "$column IN ($most, $other)", "$column = $other", "$column IS NULL",
		  "$column = $least AND $column = $most", "$column = $least OR $column = (SELECT max($column) FROM expected.$table)",
		  "$column = ANY (ARRAY(SELECT $column FROM expected.$table WHERE $column <> $least ORDER BY 1 LIMIT 2))",
		  "$column IN (SELECT $column FROM expected.$table LIMIT 0)";
		push @queries, "SELECT count(*) FROM (VALUES ($least), ($most)) AS v (id), LATERAL (SELECT $column FROM SCHEMA.$table AS t WHERE t.$column = v.id::$type LIMIT 4) AS t";
	}
	if (my $parent = $parents{$table})
	{
		my ($above, $column) = @$parent;
		push @queries, digest("SCHEMA.$table AS t JOIN SCHEMA.$above AS p USING ($column)") =~ s/\(SELECT t\.\*/(SELECT t, p/r,
		  digest("SCHEMA.$table AS t WHERE $column IN (SELECT $column FROM SCHEMA.$above ORDER BY 1 LIMIT 2)"),
		  digest("SCHEMA.$table AS t WHERE NOT EXISTS (SELECT FROM SCHEMA.$above AS p WHERE p.$column = t.$column)");
	}
	all_as_expected("$table: conditions", @queries);
	my $rows = query("SELECT count(*) FROM expected.$table");
	is(query("SELECT count(*), count(*) FILTER (WHERE EXISTS (SELECT FROM expected.$table AS e WHERE e IS NOT DISTINCT FROM t)) FROM (SELECT * FROM live.$table LIMIT 3) AS t"),
		join('|', ($rows < 3 ? $rows : 3) x 2), "$table: a few rows");
}

# Pinterest does not say in which order Pins come, and here it is not that of their times.
my $middle = query('SELECT created_at FROM expected.organic_pins ORDER BY 1 OFFSET 100 LIMIT 1');
all_as_expected('Pins by their times', map { digest("SCHEMA.$_ AS t WHERE created_at >= '$middle'"), digest("SCHEMA.$_ AS t WHERE created_at < '$middle' ORDER BY created_at DESC, t::text COLLATE \"C\" LIMIT 20") }
	'organic_pins', 'board_pins');

#
# Pages
#

$sandbox->settings(largest_page => 3, repeated_items => JSON::PP::true);

# Which credit is which is told by its place alone, so that one that comes again is another.
foreach my $table (grep { $_ ne 'credits' } @tables)
{
	is(ExpectedTables::differences($node, "live.$table", "expected.$table"), '', "$table: in pages that overlap");
}
$sandbox->settings(largest_page => undef, repeated_items => JSON::PP::false);

#
# Parents
#

my ($first, $second) = $sandbox->advertisers;
my %not_found = (status => 404, body => { code => 50, message => 'Not found.' });

# One that has gone since it was listed has nothing below it.
my $board = query("SELECT max(board_id) FROM expected.board_sections WHERE advertiser_id = '$first'");
foreach my $table ('board_sections', 'board_pins')
{
	$sandbox->faults({ match => { path => "/boards/$board/" }, %not_found, count => -1 });
	is(query("SELECT count(*) FROM (SELECT board_id FROM live.$table EXCEPT ALL SELECT board_id FROM expected.$table) AS d"), '0', "$table: nothing else than what there is");
	is(query("SELECT count(*), string_agg(DISTINCT board_id, '') FROM (SELECT board_id FROM expected.$table EXCEPT ALL SELECT board_id FROM live.$table) AS d"),
		query("SELECT count(*), '$board' FROM expected.$table WHERE board_id = '$board'"), 'but for a board that has gone');
	like(answer("SELECT count(*) FROM live.$table WHERE board_id = '$board'"), qr/^ERROR:  HV00R: .*Not found.*\nDETAIL:  GET \/boards\/$board\/.* status 404.*\nHINT:  Check the ids .*, or run the statement again/,
		'if nothing else was asked for, that is an error');
	$sandbox->clear_faults;
}
$sandbox->faults({ match => { path => '/item_issues$' }, %not_found, count => -1 });
like(answer('SELECT count(*) FROM live.feed_item_issues'), qr/^ERROR:  HV00R: /, 'if all have gone, that is an error');
$sandbox->clear_faults;
my $result = query('SELECT processing_result_id FROM expected.feed_item_issues ORDER BY 1 LIMIT 1');
$sandbox->faults({ match => { path => "/$result/item_issues\$" }, %not_found, count => -1 });
is(answer("SELECT count(*) FROM live.feed_item_issues"), query("SELECT count(*) FROM expected.feed_item_issues WHERE processing_result_id <> '$result'"),
	'the first one may have gone, too');
$sandbox->clear_faults;
$sandbox->settings(largest_page => 2);
$sandbox->faults({ match => { path => "/boards/$board/pins\$", query => 'bookmark' }, %not_found, count => -1 });
like(answer('SELECT count(*) FROM live.board_pins'), qr/^ERROR:  HV00R: .*HINT:  .*run the statement again/s, 'in the middle of its pages, none is complete');
$sandbox->clear_faults;
$sandbox->settings(largest_page => undef);
$sandbox->faults({ match => { path => '/sections$' }, %not_found, status => 403, count => -1 });
like(answer('SELECT count(*) FROM live.board_sections'), qr/^ERROR:  42501: /, 'what may not be read is no parent that has gone');
$sandbox->clear_faults;
$sandbox->faults({ match => { path => 'businesses' }, status => 403, body => { code => 29, message => 'No' }, count => -1 });
like(answer('SELECT count(*) FROM live.businesses'), qr/^ERROR:  42501: .*HINT:  The Pinterest user needs access to what the request names\./s, 'the roles of ad accounts are not those of businesses');
$sandbox->clear_faults;

# In a copy, what has gone is deleted; no parents at all are no reason to delete everything.
query("SELECT pinterest.materialize('live.board_sections', 'copied.board_sections')");
$sandbox->faults({ match => { path => "/boards/$board/" }, %not_found, count => -1 });
is(query("SELECT deleted FROM pinterest.refresh('copied.board_sections')"), query("SELECT count(*) FROM expected.board_sections WHERE board_id = '$board'"), 'sections of a board that has gone are deleted');
$sandbox->clear_faults;
query("SELECT pinterest.refresh('copied.board_sections')");
$sandbox->faults({ match => { path => '/boards$' }, status => 200, body => { items => [], bookmark => undef }, count => -1 });
is(query('SELECT count(*) FROM live.board_sections'), '0', 'no boards: no sections');
like(answer("SELECT deleted FROM pinterest.refresh('copied.board_sections')"), qr/^ERROR:  55000: refresh of table "copied.board_sections" would delete all rows/, 'a refresh does not believe that');
$sandbox->clear_faults;

# An advertiser whose parents may not be read
$sandbox->faults({ match => { path => '/boards$', query => "ad_account_id=$second" }, status => 403, body => { code => 29, message => 'No' }, count => -1 });
my $left_out = answer('SELECT count(*) FROM live.board_sections');
like($left_out, qr/^ERROR:  42501: /, 'of advertisers that are named, each must be readable');
query("ALTER SERVER pinterest OPTIONS (SET advertiser_id '*')");
like(answer('SELECT count(*) FROM live.board_sections'), qr/^(\d+)\nWARNING: .*$second/, 'of all advertisers, one may be left out');
is(query("SELECT count(*) FROM live.board_sections"), query("SELECT count(*) FROM expected.board_sections WHERE advertiser_id = '$first'"), 'the rows are those of the others');
is(query("SELECT deleted FROM pinterest.refresh('copied.board_sections')"), '0', 'in a copy, its rows stay');
$sandbox->clear_faults;

#
# The campaigns of schedules are asked for by their ids, for these are required
#

my ($campaign) = query("SELECT max(entity_id) FROM expected.schedules WHERE advertiser_id = '$first'");
$sandbox->clear_log;
is(query("SELECT count(*) FROM live.schedules WHERE entity_id = '$campaign'"), '1', 'the schedule of a campaign');
is(join(' ', map { "@{ $_->{query}{entity_ids} }" } grep { $_->{path} =~ m{/schedules$} } $sandbox->log), $campaign, 'no other is asked for');
is(query(q{SELECT DISTINCT jsonb_typeof(delta_value) FROM live.schedules ORDER BY 1}), "object\nstring", 'amounts and multipliers');

#
# Many pages
#

# Of a Pin that has been read its id is kept, in 16 bytes, and nothing else.
my $large = PinterestSandbox->new(pins => 1000, campaigns => 120, ad_groups => 1, ads => 1, today => PinterestSandbox::day(0));
query('CREATE DATABASE large');
$large->connect($node, dbname => 'large');
$node->safe_psql('large', 'IMPORT FOREIGN SCHEMA organic LIMIT TO (organic_pins) FROM SERVER pinterest INTO public');
my $session = PsqlSession->new($node, dbname => 'large');
$session->execute('BEGIN; DECLARE c NO SCROLL CURSOR FOR SELECT * FROM organic_pins');

# Bytes of ours in memory contexts, and what the process has beside shared memory
sub memory
{
	my ($used) = $session->execute(q{SELECT sum(used_bytes) FROM pg_backend_memory_contexts WHERE name LIKE 'pinterest_fdw%'});
	my $private = 0;
	if (-r "/proc/$session->{pid}/status")
	{
		($private) = slurp_file("/proc/$session->{pid}/status") =~ /^RssAnon:\s+(\d+) kB/m;
	}
	return ($used, $private // 0);
}

$session->execute('MOVE 1000 FROM c');
my ($used, $private) = memory();
$session->execute('MOVE 3500 FROM c');
my ($used_then, $private_then) = memory();
cmp_ok($used, '>', 0, 'memory of a scan');
cmp_ok(($used_then - $used) / 3500, '<', 48, 'next to nothing is kept of a Pin that has been read');
cmp_ok($private_then - $private, '<', 4096, 'nor is it anywhere else');
like($session->execute('MOVE ALL FROM c'), qr/^$/, 'there are more of them');
$session->execute('COMMIT');
$session->quit;
cmp_ok(scalar(grep { $_->{path} =~ m{/pins$} } $large->log), '>=', 19, 'they come in many pages');

# Of many parents, so many are asked for at once.
$node->safe_psql('large', 'IMPORT FOREIGN SCHEMA ads LIMIT TO (campaigns, schedules) FROM SERVER pinterest INTO public');
$large->clear_log;
is($node->safe_psql('large', 'SELECT count(*) FROM schedules'), '3', 'schedules of many campaigns');
is(join(' ', sort { $b <=> $a } map { scalar(@{ $_->{query}{entity_ids} }) } grep { $_->{path} =~ m{/schedules$} } $large->log),
	$node->safe_psql('large', q{SELECT concat_ws(' ', 100, count(*) - 100) FROM campaigns}), 'each campaign is asked for once, 100 with each request');

done_testing();
