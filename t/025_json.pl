
# Copyright (c) 2026, pinterest_fdw contributors

# JSON documents that are read as a whole: what is exact stays so, what is no
# character becomes one, and what is no JSON is refused, with nothing left behind.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use PinterestSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RawServer;
use Test::More;

my $dir = PostgreSQL::Test::Utils::tempdir();

sub write_bytes
{
	my ($name, $bytes) = @_;
	open(my $file, '>:raw', "$dir/$name.new") or die "could not write: $!";
	print $file $bytes;
	close $file;
	rename "$dir/$name.new", "$dir/$name" or die "could not rename: $!";
	return;
}

# A server that answers any bytes: those in the file that is named like the last
# part of the path.  What is sent to it is kept.
my $api_url = RawServer::start(
	sub {
		my (undef, $path, undef, $sent) = @_;
		my ($name) = $path =~ m{/(\w+)[^/]*$};
		write_bytes("sent_$name", $sent);
		return RawServer::document('', status => '404 Not Found') unless -e "$dir/$name";
		my $body = slurp_file("$dir/$name");
		return RawServer::document($2, status => $1) if $body =~ /\AHTTP (\d+ \w+)\n(.*)/s;
		return RawServer::document($body);
	}) . '/v5';

# Fields of every type that Pinterest does not have
my %types = (
	n => 'numeric', i => 'bigint', f => 'float8', j => 'jsonb', x => 'json',
	t => 'text', a => 'text[]', m => 'numeric[]', "pr\xc3\xaax" => 'text');
my $others = join ', ',
  map { qq{"$_" $types{$_} OPTIONS (column_name '$_')} } sort keys %types;

my $node = PinterestSandbox::start_node('main', "timezone = 'UTC'");
$node->safe_psql(
	'postgres', qq{
	SET client_encoding = 'UTF8';
	CREATE EXTENSION pinterest_fdw CASCADE;
	CREATE SERVER raw FOREIGN DATA WRAPPER pinterest_fdw
		OPTIONS (api_url '$api_url', retry_timeout '0', advertiser_id '1');
	CREATE USER MAPPING FOR CURRENT_USER SERVER raw OPTIONS (access_token 'pina_x');
	CREATE FOREIGN TABLE page (campaign_id text, name text, $others)
		SERVER raw OPTIONS (resource 'campaigns');
	CREATE FOREIGN TABLE keywords (value text) SERVER raw OPTIONS (resource 'keywords');
	CREATE FOREIGN TABLE options (targeting_type text, code text, name text)
		SERVER raw OPTIONS (resource 'targeting_options');
	CREATE FOREIGN TABLE report (campaign_id text, date date, total_impression bigint)
		SERVER raw OPTIONS (resource 'campaign_report', historical_date '3 days',
			reporting_timezone 'AD_ACCOUNT_TIME_ZONE');});

# Result of a query, or its error, as bytes
sub run
{
	my ($sql, $database) = @_;
	my $result = PinterestSandbox::answer($node, $sql, dbname => $database);
	utf8::encode($result) if utf8::is_utf8($result);
	return $result;
}

# What a column has when a page has one entity with this JSON
sub value
{
	my ($column, $json) = @_;
	my $field = $column =~ /^"(.*)"$/ ? $1 : $column;

	write_bytes('campaigns', qq({"items":[{"id":"1","$field":$json}],"bookmark":null}));
	return run("SELECT $column FROM page");
}

# A column that is an entity's value in UTF-8, as hexadecimal digits
sub hex_name
{
	my ($bytes) = @_;
	write_bytes('campaigns', qq({"items":[{"id":"1","name":"$bytes"}]}));
	return run(q{SELECT encode(convert_to(name, 'UTF8'), 'hex') FROM page});
}

#
# Numbers keep their digits
#

my %numbers = (
	'1.10' => '1.10',
	'1E2' => '100',
	'0.30000000000000000001' => '0.30000000000000000001',
	'18446744073709551615' => '18446744073709551615',
	'18446744073709551616' => '18446744073709551616',
	'-9223372036854775808' => '-9223372036854775808',
	'-9223372036854775809' => '-9223372036854775809',
	'123456789012345678901234567890' => '123456789012345678901234567890',
	'12345678901234567890.10' => '12345678901234567890.10',
	'12345678901234567890e0' => '12345678901234567890',
	'1.2345678901234567890e19' => '12345678901234567890',
	'-1.5e-3' => '-0.0015',
	'-0' => '0');
foreach my $json (sort keys %numbers)
{
	my $number = $numbers{$json};
	is(value('n', $json), $number, "$json as numeric");
	is(value('j', qq({"a":[$json,"$json"]})),
		qq({"a": [$number, "$json"]}), "$json in jsonb");
	is(value('j', $json), $number, "$json as jsonb");
	is(value('m', "[$json]"), "{$number}", "$json in an array");
}
is(value('x', qq({"a":[18446744073709551616,"18446744073709551616","1e0","\\"19"]})),
	qq({"a":[18446744073709551616,"18446744073709551616","1e0","\\"19"]}),
	'json has no digits more than the source');
is(value('t', '12345678901234567890'), '12345678901234567890', 'as text, too');
is(value('i', '-9223372036854775808'), '-9223372036854775808', 'the least integer');
is(value('i', '9223372036854775807'), '9223372036854775807', 'the largest one');
is(value('i', '1.00E2'), '100', 'an integer with a point');
like(value('i', $_), qr/^\S* ?ERROR:  22003: .*out of range.*column "i" of foreign table "page", advertiser 1, entity "1"/s,
	"$_ is none")
  foreach '9223372036854775808', '-9223372036854775809', '18446744073709551615',
  '99999999999999999999';
is(value('f', '0.1'), '0.1', 'a fraction');
write_bytes('campaigns', '{"items":[{"id":12345678901234567890}]}');
is(run('SELECT campaign_id FROM page'), '12345678901234567890', 'a long id');

#
# Characters
#

my $replacement = 'efbfbd';
my %texts = (
	"caf\xc3\xa9" => '636166c3a9',
	"\xe4\xb8\xad\xe6\x96\x87" => 'e4b8ade69687',
	"\xf0\x9f\x98\x80!" => 'f09f988021',
	"\xf4\x8f\xbf\xbf\x7f" => 'f48fbfbf7f',
	'\u00e9\u4e2d\ud83d\ude00\uD83D\uDE00' => 'c3a9e4b8adf09f9880f09f9880',
	'\"\\\\\/\b\f\n\r\t\u0022\u005c' => '225c2f080c0a0d09225c',
	'\ud800' => $replacement,
	'\ud800x' => "${replacement}78",
	'\ude00\ud83d' => "$replacement$replacement",
	'\ud83d\ud83d\ude00' => "${replacement}f09f9880",
	'\ud83d\n' => "${replacement}0a",
	'a\u0000b' => "61${replacement}62",
	"a\x00b" => "61${replacement}62",
	"a\tb" => '610962',
	"a\xc0\x80" => "61$replacement$replacement",
	"a\xed\xa0\x80b" => "61$replacement$replacement${replacement}62",
	"caf\xe9" => "636166$replacement",
	"\xf5\x80\x80\x80" => $replacement x 4,
	"\xe4\xb8" => $replacement x 2);
foreach my $bytes (sort keys %texts)
{
	is(hex_name($bytes), $texts{$bytes},
		'characters ' . ($bytes =~ /[^!-~]/ ? unpack('H*', $bytes) : $bytes));
}
is(value("\"pr\xc3\xaax\"", '"1"'), '1', 'a name beyond ASCII');
is(value('j', qq({"\xc3\xa9":"\xf0\x9f\x98\x80\\u00e9/\\u0007"})),
	qq({"\xc3\xa9": "\xf0\x9f\x98\x80\xc3\xa9/\\u0007"}), 'characters in jsonb');
is(value('j', qq("a\\u0000\\"")), qq("a\xef\xbf\xbd\\""), 'a string as jsonb');
is(value('a', qq(["\xc3\xa9","a\\"b\\\\",null,1.10,true,{"b":[1]}])),
	qq({\xc3\xa9,"a\\"b\\\\",NULL,1.10,true,"{\\"b\\":[1]}"}), 'an array');
is(value('a', '[]'), '{}', 'an empty one');
is(value('t', '{"b":[1, 2]}'), '{"b":[1,2]}', 'an object as text');

#
# What counts: the last of fields of one name; what is no JSON is refused
#

write_bytes('campaigns', '{"items":[{"id":"1","n":1,"n":2}],"items":[{"id":"1","n":3,"n":4}]}');
is(run('SELECT n FROM page'), '4', 'the last of two fields');

my $refused = qr/ERROR:  22P02: invalid answer from Pinterest\nDETAIL:  .*CONTEXT:  .*answer to GET \/ad_accounts\/1\/campaigns.*foreign table "page"/s;
foreach my $json ('NaN', '-NaN', 'Infinity', '-Infinity', 'nan', "'1'", '{\'a\':1}',
	'01', '+1', '.5', '1e', '--1', '0x10', 'True', 'undefined', '[1,]', '{"a":1,}',
	'{a:1}', '/**/1', '1 2', '"\q"', '"\u12g4"', "\xc3\xa9", "\x00")
{
	like(value('n', $json), $refused, 'no JSON: ' . ($json =~ /[^ -~]/ ? unpack('H*', $json) : $json));
}
is(value('n', '1.'), '1', 'a number that should have a digit more is harmless');
foreach my $text ('{"items":[]} x', '{"items":[]}{}', "{\"items\":[]}\x00x", '{"items":[]},')
{
	write_bytes('campaigns', $text);
	like(run('SELECT n FROM page'), $refused, 'something behind it: ' . $text =~ s/\0/\\0/r);
}
write_bytes('campaigns', "{\"items\":[]} \r\n\t ");
is(run('SELECT n FROM page'), '', 'white space may be there');
write_bytes('campaigns', '{"items":[{"id":"1","n":tru}]}');
like(run('SELECT n FROM page'), qr/DETAIL:  Its JSON is wrong at byte 2\d: /, 'where it is wrong');

# The row's object is the third level.
sub nested
{
	my ($levels) = @_;
	return ('[' x ($levels - 3)) . (']' x ($levels - 3));
}
is(value('j', nested(50)), nested(50), 'nested deep');
like(value('j', nested($_)),
	qr/ERROR:  54000: invalid answer from Pinterest\nDETAIL:  Its JSON is nested deeper than 64 levels/,
	"$_ levels are too many")
  foreach 70, 100_000;

# Fields of a wrong type say which, and what came.
my %wrong = (
	'{"items":{"id":"1"}}' => qr/The field "items" is an object, not an array\./,
	'{"items":"1"}' => qr/The field "items" is a string, not an array\./,
	'{"items":12}' => qr/The field "items" is the number 12, not an array\./,
	'{"items":' . ('1' x 5000) . '}' => qr/The field "items" is the number 1{500,512}\.\.\., not an array\./,
	'{"items":null}' => qr/The field "items" is null, not an array\./,
	'{"Items":[]}' => qr/The field "items" is missing\./,
	'{"items":[],"bookmark":true}' => qr/The field "bookmark" is true, not a string\./);
foreach my $text (sort keys %wrong)
{
	write_bytes('campaigns', $text);
	like(run('SELECT n FROM page'),
		qr/ERROR:  HV000: invalid answer from Pinterest for foreign table "page"\nDETAIL:  $wrong{$text}/,
		'a wrong field: ' . substr $text, 0, 30);
}
foreach my $item ('null', '"1"', '[]')
{
	write_bytes('campaigns', qq({"items":[{"id":"1"},$item]}));
	like(run('SELECT n FROM page'),
		qr/ERROR:  22P02: .*\nDETAIL:  Item 2 of a page is no JSON object/, "an item that is $item");
}

write_bytes('campaigns', '{"items":[]}');
write_bytes('ad_groups', '{"items":[{"id":1},{"name":"a"}]}');
write_bytes('keywords', '{"items":[{"id":"2","value":"shoes"}]}');
like(run('SELECT value FROM keywords'),
	qr/ERROR:  HV000: invalid answer from Pinterest for foreign table "keywords"\nDETAIL:  The field "id" is missing/,
	'a list of what has no id');
write_bytes('ad_groups', '{"items":[{"id":1},{"id":"3"}]}');
is(run('SELECT value FROM keywords'), 'shoes', 'an id is a number or a string, and a keyword one keyword');

#
# Codes and names, of which a document consists
#

my $options = q{SELECT string_agg(concat_ws('=', targeting_type, code, name), ' ' ORDER BY code) FROM options WHERE targeting_type = 'LOCALE'};
my %options = (
	'[{"fr":"Fran\u00e7ais","de":"\ud800"},null,{},{"1":null}]' => "LOCALE=1 LOCALE=de=\xef\xbf\xbd LOCALE=fr=Fran\xc3\xa7ais",
	'[null]' => '',
	'null' => '',
	' []' => '');
foreach my $text (sort keys %options)
{
	write_bytes('LOCALE', $text);
	is(run($options), $options{$text}, "targeting options: $text");
}
foreach my $case ([ '{}', qr/HV000: .*no JSON array/s ], [ 'nothing', qr/22P02: / ], [ '[1]', qr/22P02: / ], [ '["a"]', qr/22P02: / ])
{
	write_bytes('LOCALE', $case->[0]);
	like(run($options), qr/ERROR:  $case->[1]/, "no targeting options: $case->[0]");
}

#
# Errors and tokens
#

write_bytes('campaigns', qq(HTTP 400 Bad\n{"code":18446744073709551616,"message":"no \\ud800 caf\\u00e9 \xff","message_detail":{}}));
like(run('SELECT n FROM page'),
	qr/ERROR:  HV000: .*: no \xef\xbf\xbd caf\xc3\xa9 \xef\xbf\xbd\nDETAIL:  .* HTTP status 400\./, 'words of an error');
write_bytes('campaigns', qq(HTTP 400 Bad\n{"code":7,"message":"no","message_detail":"not yet"}));
like(run('SELECT n FROM page'), qr/: no not yet\nDETAIL:  .* HTTP status 400, code 7\./, 'more words');
write_bytes('campaigns', qq(HTTP 400 Bad\n{"code":7,"message":"no"} x));
like(run('SELECT n FROM page'), qr/: HTTP status 400\nDETAIL/, 'no error of Pinterest');

write_bytes('campaigns', '{"items":[{"id":"1","n":1}]}');
sub renew
{
	my ($text) = @_;
	write_bytes('token', $text);
	return run('DELETE FROM pinterest_internal.authorizations; SELECT n FROM page');
}
run(q{ALTER USER MAPPING FOR CURRENT_USER SERVER raw
	OPTIONS (DROP access_token, ADD refresh_token 'pinr_x', ADD client_id '1', ADD client_secret 'not-shown')});
my $good = '"access_token":"pina_new","token_type":"bearer"';
is(renew("{$good}"), '1', 'a token');
is(renew(qq({$good,"expires_in":"3600","scope":[],"x":"caf\xc3\xa9"})), '1', 'a token, with more');
is(run(q{SELECT access_expires_at - issued_at FROM pinterest_internal.authorizations}), '01:00:00', 'its life');
foreach my $text (
	'{"access_token":"pina_\ud800","token_type":"bearer"}',
	'{"access_token":"pina_a\u0000b","token_type":"bearer"}',
	qq({"access_token":"pina_a\x00b","token_type":"bearer"}),
	qq({"access_token":"pina_\xe9","token_type":"bearer"}),
	qq({$good,"x":"\xff"}),
	"{$good} x",
	"[{$good}]",
	'{"access_token":1}',
	'{"access_token":["pina_new"]}',
	qq({$good,"refresh_token":1}),
	'{}',
	'null',
	'')
{
	my $result = renew($text);
	like($result, qr/ERROR:  08007: .*the answer is not one of a token endpoint/s, 'no token: '
		  . ($text =~ /[^ -~]/ ? unpack('H*', $text) : $text));
	unlike($result, qr/pina_/, 'which is not shown');
}
like(renew(qq(HTTP 400 Bad\n{"error":"invalid_grant","error_description":"gone"})),
	qr/: gone \(HTTP status 400\)/, 'a refusal as OAuth has it');
like(renew(qq(HTTP 400 Bad\n{"code":283,"message":"revoked"})),
	qr/: revoked \(HTTP status 400, code 283\)/, 'and as Pinterest has it');
run(q{ALTER USER MAPPING FOR CURRENT_USER SERVER raw
	OPTIONS (DROP refresh_token, DROP client_id, DROP client_secret, ADD access_token 'pina_x')});

#
# What is sent
#

write_bytes('reports', '{"report_status":"IN_PROGRESS"}');
write_bytes('1', '{"id":"1","time_zone":"Europe/Berlin"}');
like(run('SELECT campaign_id FROM report'), qr/without naming a token/, 'a report is asked for');
like(slurp_file("$dir/sent_reports"),
	qr/^\{"start_date":"\d{4}-\d\d-\d\d","end_date":"\d{4}-\d\d-\d\d","granularity":"DAY","level":"CAMPAIGN","report_format":"JSON","columns":\["\w+"(?:,"\w+")*\],"reporting_timezone":"AD_ACCOUNT_TIME_ZONE"\}$/,
	'the body');

#
# Another encoding
#

$node->safe_psql('postgres', q{CREATE DATABASE latin1 ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0});
$node->safe_psql(
	'latin1', qq{
	SET client_encoding = 'UTF8';
	CREATE EXTENSION pinterest_fdw CASCADE;
	CREATE SERVER raw FOREIGN DATA WRAPPER pinterest_fdw
		OPTIONS (api_url '$api_url', retry_timeout '0', advertiser_id '1');
	CREATE USER MAPPING FOR CURRENT_USER SERVER raw OPTIONS (access_token 'pina_x');
	CREATE FOREIGN TABLE page (name text, $others)
		SERVER raw OPTIONS (resource 'campaigns');});
write_bytes('campaigns',
	qq({"items":[{"id":1,"name":"\xc3\xa9\\u00e8\\ud800","j":{"\xc3\xa9":["\\u00e8"]},"pr\xc3\xaax":"1","no":"\xe4\xb8\xad"}]}));
is( run(qq{SET client_encoding = 'UTF8';
		SELECT encode(convert_to(name || j::text || "pr\xc3\xaax", 'UTF8'), 'hex') FROM page}, 'latin1'),
	unpack('H*', qq(\xc3\xa9\xc3\xa8?{"\xc3\xa9": ["\xc3\xa8"]}1)),
	'values are converted, where they are wanted');
write_bytes('campaigns', qq({"items":[{"id":1,"name":"\xe4\xb8\xad"}]}));
like(run('SELECT name FROM page', 'latin1'),
	qr/ERROR:  22P05: character with byte sequence 0xe4 0xb8 0xad in encoding "UTF8" has no equivalent in encoding "LATIN1".*HINT:  The encoding of the database lacks a character\. .*column "name" of foreign table "page"/s,
	'or else refused');

#
# Nothing is left behind
#

SKIP:
{
	skip 'no /proc', 3 unless -e "/proc/$$/status";
	my $rows = join ',', map { qq({"id":"$_","name":"row $_","i":"x","j":[1,2,{"a":"b"}]}) } 1 .. 5000;
	my %leaving = (
		'an incomplete document' => [ "{\"items\":[$rows", 'SELECT name FROM page' ],
		'a bad value' => [ "{\"items\":[$rows]}", 'SELECT i FROM page' ],
		'one row of many' => [ "{\"items\":[$rows]}", 'SELECT name FROM page LIMIT 1' ]);
	foreach my $what (sort keys %leaving)
	{
		my ($text, $sql) = @{ $leaving{$what} };
		my $read = q{SELECT substring(pg_read_file('/proc/self/status') FROM 'VmRSS:\s+(\d+)')};
		my $repeat = sub {
			return qq{DO \$\$ BEGIN FOR i IN 1 .. $_[0] LOOP BEGIN EXECUTE '$sql';
				EXCEPTION WHEN data_exception THEN NULL; END; END LOOP; END \$\$;};
		};
		write_bytes('campaigns', $text);
		my ($before, $after) = run($repeat->(5) . "$read; " . $repeat->(60) . $read) =~ /(\d+)\n(\d+)/;

		# each of them takes some megabytes
		cmp_ok($after - $before, '<', 40_000, "memory after $what");
	}
}

done_testing();
