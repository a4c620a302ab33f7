
# Copyright (c) 2026, pinterest_fdw contributors

# Rows of reports: plain values go to their types without a text in between, and are
# what they would be by their texts; fields in any order, left out, or that nobody
# wants; values that stay those of the row before.  test/rows compares the reader
# itself with json-c.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use PinterestSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RawServer;
use Test::More;

my $file = PostgreSQL::Test::Utils::tempdir() . '/report';

# What the report consists of, as bytes
sub answer
{
	my ($bytes) = @_;
	open(my $out, '>:raw', $file) or die "could not write: $!";
	print $out $bytes;
	close $out;
	return;
}

my $url = RawServer::start(
	sub {
		my ($method, $path, $query, $body, $url) = @_;
		return RawServer::document('{"report_status":"IN_PROGRESS","token":"x"}') if $method eq 'POST';
		return RawServer::document(qq({"report_status":"FINISHED","url":"$url/download/x","size":null}))
		  if $path =~ /reports$/;
		return RawServer::document(slurp_file($file));
	});

my $node = PinterestSandbox::start_node('main', "timezone = 'UTC'\njit = off");
$node->safe_psql(
	'postgres', qq{
	CREATE EXTENSION pinterest_fdw CASCADE;
	CREATE SERVER raw FOREIGN DATA WRAPPER pinterest_fdw OPTIONS (api_url '$url/v5',
		retry_timeout '0', report_reuse '0', advertiser_id '7', historical_date '60 days');
	CREATE USER MAPPING FOR CURRENT_USER SERVER raw OPTIONS (access_token 'pina_x');});

# Result of a query, or its error
sub run
{
	my ($sql) = @_;
	my $result = PinterestSandbox::answer($node, "SET client_encoding = 'UTF8'; $sql");
	utf8::encode($result) if utf8::is_utf8($result);
	return $result;
}

my $metric = '"SPEND_IN_MICRO_DOLLAR":5';

# A report of one campaign with a row for each of some pieces of JSON, of as many days
sub rows
{
	my @rows = map { sprintf '{"DATE":"%s",%s%s}', PinterestSandbox::day($_ + 1), $metric, $_[$_] eq '' ? '' : ",$_[$_]" } 0 .. $#_;
	return answer('{"626735565838":[' . join(',', @rows) . ']}');
}

#
# What a plain value becomes is what its text becomes: a domain has to see the text.
#

my @whole = ((map { $_, "-$_" } qw(0 1 7 12 12.0 12.00 127 32767 1e2 1.5e+3)), '"0"', '"12"', '"-5"', '" 5"', '"012"', 'null');
my @integers = (@whole, qw(32768 2147483647 -2147483648 100000.000));
my @bigints = (@integers, map { $_, "-$_" } qw(2147483648 999999999999999999 1000000000000000000
	9223372036854775807 123456789012345678.0 10.000000000000000000));
my @fractions = map { $_, "-$_" } qw(12.5 0.5 0.10 1.50 12345678901234567.8 1234567890.12345678
	0.000000000000000001 0.0000000000000000001 1E-7 99999999999999999999 9223372036854775808);
my @strings = map { qq("$_") } '', '1.5', 'x', 'a\"b', '\u00e9', "caf\xc3\xa9", '2026-02-30', '12.0', '1e2', 'x' x 600;
my @all = (@bigints, @fractions, @strings, 'true', 'false', '[]', '[1,"\u00e9"]', '{"a":{"b":[]}}');
my @days = (map { qq("$_") } '2026-01-31', '2026-1-31', '20260131', '0001-01-01', '0999-12-31', '9999-12-31',
	'2024-02-29', '2026-01-31T00:00:00', 'infinity'), 'null';
my @compared = (
	[ 'TOTAL_IMPRESSION', 'bigint', @bigints ],
	[ 'TOTAL_IMPRESSION', 'integer', @integers ],
	[ 'TOTAL_IMPRESSION', 'smallint', @whole ],
	[ 'TOTAL_IMPRESSION', 'numeric', @bigints, @fractions ],
	[ 'SPEND_IN_DOLLAR', 'numeric', @bigints, @fractions, '"NaN"', '"1.5"' ],
	[ 'SPEND_IN_DOLLAR', 'numeric(12,2)', @integers, '12.345', '"1.555"' ],
	[ 'SPEND_IN_DOLLAR', 'float8', @bigints, @fractions ],
	[ 'SPEND_IN_DOLLAR', 'text', @all ],
	[ 'CTR', 'numeric', @bigints, @fractions ],
	[ 'AD_GROUP_ID', 'text', @all ],
	[ 'AD_GROUP_ID', 'varchar(6)', @whole ],
	[ 'AD_GROUP_ID', 'bigint', @bigints ],
	[ 'AD_GROUP_ID', 'numeric', @bigints ],
	[ 'CAMPAIGN_NAME', 'text', @all ],
	[ 'CAMPAIGN_NAME', 'varchar', @all ],
	[ 'CAMPAIGN_NAME', 'jsonb', @all ],
	[ 'CAMPAIGN_NAME', 'date', @days ],
	[ 'CAMPAIGN_OBJECTIVE_TYPE', 'text', @all ],
	[ 'CAMPAIGN_OBJECTIVE_TYPE', 'date', @days ],
	[ 'TOTAL_IMPRESSION', 'bigint', '12.5' ],
	[ 'TOTAL_IMPRESSION', 'bigint', '9223372036854775808' ],
	[ 'TOTAL_IMPRESSION', 'integer', '2147483648' ],
	[ 'TOTAL_IMPRESSION', 'smallint', '-32769' ],
	[ 'TOTAL_IMPRESSION', 'bigint', 'true' ],
	[ 'CAMPAIGN_NAME', 'date', '"2026-02-29"' ],
	[ 'CAMPAIGN_NAME', 'date', '"2026-13-01"' ],
	[ 'CAMPAIGN_NAME', 'date', '"0000-01-01"' ],
	[ 'CAMPAIGN_NAME', 'date', '"2026-01-00"' ],
	[ 'CAMPAIGN_NAME', 'date', '"2026-01/01"' ]);
foreach my $case (@compared)
{
	my ($field, $type, @values) = @$case;
	my @results;

	# rows of as many days as values, of several campaigns
	my @lists;
	push @{ $lists[ $_ / 50 ] }, sprintf '{"DATE":"%s",%s,"%s":%s}', PinterestSandbox::day($_ % 50 + 1), $metric, $field, $values[$_]
	  foreach 0 .. $#values;
	answer('{' . join(',', map { qq("$_":[) . join(',', @{ $lists[$_] }) . ']' } 0 .. $#lists) . '}');
	my ($id, $resource) = $field eq 'AD_GROUP_ID' ? ('ad_id', 'ad_report') : ('campaign_id', 'campaign_report');
	foreach my $table ('plain', 'domains')
	{
		my $as = $table eq 'plain' ? $type : 'd';
		my $result = run(qq{DROP FOREIGN TABLE IF EXISTS plain, domains; DROP DOMAIN IF EXISTS d; CREATE DOMAIN d AS $type;
			CREATE FOREIGN TABLE $table ($id text, date date, v $as OPTIONS (column_name '$field'))
				SERVER raw OPTIONS (resource '$resource');
			SELECT string_agg(coalesce(v::text, '-'), E'\\n' ORDER BY $id\::int, date DESC) FROM $table});
		push @results, $result =~ s/^NOTICE.*\n//mgr =~ s/foreign table "?\w+"?/foreign table/gir =~ s/\btype d\b/type $type/gr;
	}
	is($results[0], $results[1], "$field as $type" . (@values == 1 ? ", $values[0]" : ''));
	like($results[0], @values == 1 ? qr/ERROR/ : qr/\A(?!.*ERROR)/s, 'with' . (@values == 1 ? '' : 'out') . ' an error');
}

#
# Rows of one report differ in what they have and in its order
#

run(q{CREATE FOREIGN TABLE report (advertiser_id text, campaign_id text, date date, campaign_name text,
		total_impression bigint, spend_in_dollar numeric, ctr numeric, f text OPTIONS (column_name 'CAMPAIGN_OBJECTIVE_TYPE'),
		j jsonb OPTIONS (column_name 'CAMPAIGN_STATUS'), spend_in_micro_dollar bigint)
		SERVER raw OPTIONS (resource 'campaign_report');});
my $all = q{SELECT string_agg(concat_ws('|', campaign_name, total_impression, spend_in_dollar, ctr, f, j), E'\n' ORDER BY date DESC) FROM report};
rows('"TOTAL_IMPRESSION":1,"CAMPAIGN_NAME":"a"',
	'"CAMPAIGN_NAME":"a","CTR":0.5,"TOTAL_IMPRESSION":2',
	'"OTHER":{"TOTAL_IMPRESSION":9},"CTR":0.25,"X":[1,{"CTR":1}],"CAMPAIGN_NAME":"b","CAMPAIGN_NAME":"c"',
	'"CAMPAIGN_STATUS":{"a":[1,"\u00e9"]},"CAMPAIGN_OBJECTIVE_TYPE":"x","OTHER":null,"CAMPAIGN_NAME":"c"',
	'',
	'"SPEND_IN_DOLLAR":1.50,"CTR":null,"TOTAL_IMPRESSION":null,"CAMPAIGN_NAME":null',
	' "CAMPAIGN_OBJECTIVE_TYPE" : "x" , "TOTAL_IMPRESSION" : 12.0 ');
is(run($all), qq(a|1|0
a|2|0|0.5
c|0|0|0.25
c|0|0|x|{"a": [1, "\xc3\xa9"]}
0|0
0|1.50
12|0|x), 'fields in any order, repeated, left out, and unknown ones');
like(run('SELECT count(*), sum(total_impression), min(advertiser_id), min(campaign_id) FROM report'),
	qr/^7\|15\|7\|626735565838$/, 'what one query reads of them');

# More names than are remembered, and long ones, and no two rows in the same order
my @names = map { "N$_" . 'x' x ($_ % 200) } 1 .. 600;
rows(map { my $n = $_; join ',', (map { qq("$_":$n) } $n % 2 ? @names : reverse @names), qq("TOTAL_IMPRESSION":$n) } 1 .. 20);
is(run('SELECT count(*), sum(total_impression) FROM report'), '20|210', 'more names than are remembered');

# A name that looks like the beginning of what was expected
rows('"TOTAL_IMPRESSION":1', '"TOTAL_IMPRESSION_":2', '"TOTAL":3', '"\u0054OTAL_IMPRESSION":4', '"TOTAL_IMPRESSION" :5');
is(run('SELECT string_agg(total_impression::text, $$,$$ ORDER BY date DESC) FROM report'), '1,0,0,4,5', 'names that are nearly another one');

#
# Values that are taken over from the row before are as good as others
#

my @texts = ('a', 'a', 'b', 'bb', 'a', '', 'a', 'x' x 600, 'a', "caf\\u00e9", "caf\xc3\xa9", 'a');
rows(map { qq("CAMPAIGN_NAME":"$_","TOTAL_IMPRESSION":7) } @texts);
my $expected = join ',', map { s/\\u00e9/\xc3\xa9/r } @texts;
is(run('SELECT string_agg(campaign_name, $$,$$ ORDER BY date DESC) FROM report'), $expected, 'texts that repeat');
is(run('SELECT string_agg(n, $$,$$) FROM (SELECT campaign_name AS n FROM report ORDER BY date DESC OFFSET 0) AS r'), $expected, 'sorted');
is(run('SELECT string_agg(array_to_string(a, $$$$), $$,$$) FROM (SELECT array_agg(campaign_name) OVER (ORDER BY date DESC ROWS BETWEEN CURRENT ROW AND CURRENT ROW) AS a FROM report) AS r'),
	$expected, 'in a window');
is(run(q{BEGIN; DECLARE c SCROLL CURSOR FOR SELECT campaign_name FROM report; MOVE 3 IN c; FETCH RELATIVE 0 FROM c; FETCH BACKWARD 2 FROM c; COMMIT}),
	"b\na\na", 'in a cursor that goes back');
is(run('SELECT count(*) FROM report AS a JOIN report AS b USING (date) WHERE a.campaign_name = b.campaign_name'),
	scalar @texts, 'in a join');
is(run('SELECT count(DISTINCT campaign_name), min(campaign_name), max(length(campaign_name)) FROM report'), '6||600', 'different ones');
run('CREATE TABLE copied AS TABLE report');
is(run('SELECT string_agg(campaign_name, $$,$$ ORDER BY date DESC) FROM copied'), $expected, 'in a table');

# Ids are written in one way, whatever the row before had
rows(map { qq("AD_GROUP_ID":$_) } '"12"', '12', '12.0', '"12.0"', '"x"', '"12"', '1.2e1');
run(q{CREATE FOREIGN TABLE ids (date date, ad_id text, ad_group_id text) SERVER raw OPTIONS (resource 'ad_report')});
is(run('SELECT string_agg(ad_group_id, $$,$$ ORDER BY date DESC) FROM ids'), '12,12,12,12,x,12,12', 'ids');

#
# Errors name what is at hand
#

my $context = qr/column "total_impression" of foreign table "report", advertiser 7, entity "626735565838"/;
rows('', '"TOTAL_IMPRESSION":1.5');
like(run('SELECT total_impression FROM report'), qr/ERROR:  22P02: value "1\.5" is not a whole number.*$context/s, 'a bad value');
is(run('SELECT count(campaign_id) FROM report'), '2', 'which nobody reads');
rows('', '"TOTAL_IMPRESSION":1x');
like(run($all), qr/ERROR:  22P02: invalid input syntax for type json.*"TOTAL_IMPRESSION":1x.*\nrow of foreign table "report", advertiser 7, entity "626735565838"/s, 'no JSON');
like(run('SELECT count(*) FROM report'), qr/ERROR:  22P02: .*row of foreign table "report", advertiser 7, entity "626735565838"/s, 'which nobody reads either');
foreach my $junk ('"A":01', '"A":1.', '"A":tru', '"A":"\u12g4"', ',', '"A":[1,]', '"A":{"b":1,}', '"A":[}', 'A:1', "\x01", '"A":1 "B":2')
{
	rows($junk);
	like(run('SELECT count(*) FROM report'), qr/ERROR:  22P02: .*row of foreign table "report"/s, "no JSON: $junk");
}
sub nested { my ($levels) = @_; return '[' x $levels . ']' x $levels; }
rows('"CAMPAIGN_STATUS":' . nested(63));
is(run('SELECT j FROM report'), nested(63), 'nested deep');
rows('"OTHER":' . nested(64));
like(run('SELECT j FROM report'), qr/ERROR:  54000: .*A row is nested deeper than 64 levels/s, 'too deep, where nobody wants it');

# Many bytes that are no row's end, in pieces as they come
my $long = 'y' x 3_000_000;
rows(qq("CAMPAIGN_NAME":"$long","TOTAL_IMPRESSION":1), qq("OTHER":["$long"],"TOTAL_IMPRESSION":2), '"TOTAL_IMPRESSION":3');
is(run('SELECT sum(total_impression), max(length(campaign_name)) FROM report'), '6|3000000', 'rows that are larger than what comes at once');

done_testing();
