
# Copyright (c) 2026, pinterest_fdw contributors

# Answers that are wrong: what does not fit is an error that says where, and a
# refresh that meets one changes nothing.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use FaultTest;
use JSON::PP;
use PostgreSQL::Test::Utils;
use RawServer;
use Test::More;

start();

query(
	q{CREATE FOREIGN TABLE one_advertiser (currency text) SERVER pinterest
		OPTIONS (resource 'advertisers')});

#
# Contents of reports
#

sub report_body
{
	my ($text) = @_;
	return (
		faults => [ download(body => $text) ],
		%one_download);
}

my $row = row('"TOTAL_IMPRESSION":7');
succeeds('empty array', $count_own, '0|0|', report_body('[]'));
succeeds('empty object', $count_own, '0|0|', report_body('{}'));
succeeds('key without rows', $count_own, '0|0|', report_body('{"1":[]}'));
succeeds('rows by date, then by id',
	$count_own, '2|2|14',
	report_body(qq({"$yesterday":{"1":[$row],"2":[$row]}})));
succeeds(
	'a field that nobody knows',
	$count_own, '1|1|7',
	report_body(
		qq({"1":[{"NEW":{"a":[1,{"]":"}"}]},"DATE":"$yesterday","TOTAL_IMPRESSION":7}]})
	));
succeeds('white space', $count_own, '1|1|7',
	report_body(qq( \r\n{ "1" :\t[\n$row\n]\n}\n )));
succeeds(
	'empty document',
	$count_own, '0|0|',
	faults => [
		{
			match => { method => 'GET', path => 'reports$' },
			body => {
				report_status => 'FINISHED',
				url => $sandbox->download_url . '/report',
				size => 0
			}
		},
		download(body => '')
	],
	%one_download);

# Without its id a row is of no use.
fails(
	'bare array',
	$count_own,
	'HV000',
	[
		qr/invalid answer from Pinterest for foreign table "campaign_report"/,
		qr/DETAIL:  It is filed under no id\. The row is \{.*"TOTAL_IMPRESSION":7\}\./
	],
	report_body("[$row]"));
fails(
	'row without a date',
	'SELECT date FROM pinterest_live.campaign_report',
	'22004',
	[
		qr/Pinterest sent a row without its key/,
		qr/column "date" of foreign table "campaign_report", advertiser $advertiser, entity "1"/
	],
	report_body('{"1":[{"TOTAL_IMPRESSION":7}]}'));

my @layouts = (
	[ 'trailing garbage', qq({"1":[$row]}x) ],
	[ 'rows within nested arrays', qq({"1":[[$row]]}) ],
	[ 'nested arrays', qq([[$row]]) ],
	[ 'a list below three objects', qq({"$yesterday":{"$yesterday":{"$yesterday":[$row]}}}) ],
	[ 'numbers for rows', '{"1":[1]}' ],
	[ 'text', 'Internal error' ],
	[ 'a page', '<html><body>Welcome to the hotel</body></html>' ],
	[ 'too deep', '[[[[[[[[[[{}]]]]]]]]]]' ],
	[ 'a comma too many', qq({"1":[$row,]}) ],
	[ 'wrong brackets', qq({"1":[$row}}) ]);
foreach my $layout (@layouts)
{
	my ($what, $text) = @$layout;
	fails(
		"$what in a report",
		$count_own,
		'22P02',
		[
			qr/invalid answer from Pinterest/,
			qr/Byte \d+ does not fit the layout of a list of rows/,
			qr/foreign table "campaign_report"/
		],
		report_body($text));
}
foreach my $text (qq({"1":$row}), '{"1":{}}')
{
	fails(
		"an object in place of rows: $text",
		$count_own,
		'HV000',
		[ qr/invalid answer from Pinterest/, qr/An object is filed under "1", which is not its date/ ],
		report_body($text));
}
fails(
	'a row that is nested too deep',
	$count_own,
	'54000',
	[ qr/A row is nested deeper than 64 levels/, qr/foreign table "campaign_report"/ ],
	report_body('{"1":[{"x":' . ('[' x 20000) . (']' x 20000) . '}]}'));
fails('a broken row', $count_own, '22P02',
	[qr/invalid input syntax for type json/],
	report_body('{"1":[{"DATE":yesterday}]}'));
fails('an incomplete report', $count_own, 'HV000',
	[qr/Pinterest sent an incomplete report/],
	report_body(qq({"1":[$row)));
fails('an empty report', $count_own, 'HV000',
	[qr/Pinterest sent an incomplete report/],
	report_body(''));

my $impressions =
  'SELECT total_impression FROM pinterest_live.campaign_report';

sub context
{
	my ($column) = @_;
	return
	  qr/CONTEXT: .*column "$column" of foreign table "campaign_report", advertiser $advertiser, entity "4711"/s;
}
fails(
	'2^63 in a count',
	$impressions,
	'22003',
	[
		qr/value "9223372036854775808" is out of range for type bigint/,
		context('total_impression')
	],
	report_body(
		'{"4711":[' . row('"TOTAL_IMPRESSION":9223372036854775808') . ']}'));
succeeds(
	'2^63 - 1 in a count',
	$impressions,
	'9223372036854775807',
	report_body(
		'{"4711":[' . row('"TOTAL_IMPRESSION":9223372036854775807') . ']}'));
fails(
	'a fraction in a count',
	$impressions,
	'22P02',
	[ qr/value "1\.5" is not a whole number/, context('total_impression') ],
	report_body('{"4711":[' . row('"TOTAL_IMPRESSION":1.5') . ']}'));
succeeds('a count with a point',
	$impressions, '100',
	report_body('{"4711":[' . row('"TOTAL_IMPRESSION":1.00E2') . ']}'));
foreach my $value ('"many"', '[1]')
{
	fails("$value in a count", $impressions, '22P02',
		[ context('total_impression') ],
		report_body('{"4711":[' . row(qq("TOTAL_IMPRESSION":$value)) . ']}'));
}
fails(
	'no date',
	'SELECT date FROM pinterest_live.campaign_report',
	'22007',
	[ qr/invalid input syntax for type date/, context('date') ],
	report_body('{"4711":[{"DATE":"yesteryear","TOTAL_IMPRESSION":1}]}'));
succeeds(
	'\u0000 in a report',
	q{SELECT campaign_name = U&'a\FFFDb' FROM pinterest_live.campaign_report},
	't',
	report_body('{"4711":[' . row('"TOTAL_IMPRESSION":1,"CAMPAIGN_NAME":"a\u0000b"') . ']}'));

#
# Contents of entity lists
#

sub page_body
{
	my ($text) = @_;
	return (
		faults => [ { match => { path => 'campaigns$' }, body => $text } ],
		requests => { 'GET campaigns' => 1 });
}

my $times = 'SELECT created_time FROM pinterest_live.campaigns';

sub entity_context
{
	my ($column) = @_;
	return
	  qr/CONTEXT: .*column "$column" of foreign table "campaigns", advertiser $advertiser, entity "4711"/s;
}

my $huge_page = '<!DOCTYPE html><html><body>'
  . '<p>Please log in to the network first.</p>' x 12500
  . '</body></html>';
{
	my ($stdout, $stderr) = run(
		$campaigns,
		faults => [
			{
				match => { path => 'campaigns$' },
				body => $huge_page,
				headers => { 'Content-Type' => 'text/html' }
			}
		]);
	like(
		$stderr,
		qr/ERROR:  HV000: invalid answer from Pinterest for foreign table "campaigns"/,
		'HTML: fails');
	like(
		$stderr,
		qr{DETAIL:  GET /ad_accounts/$advertiser/campaigns was answered with HTTP status 200 and content of type "text/html" that is no JSON object},
		'HTML: says what was asked');
	like($stderr, qr/HINT:  Check the server options "api_url" and "proxy"/,
		'HTML: says what to do');
	unlike($stderr, qr/log in/, 'HTML: shows none of it');
	unlike($stderr, qr/no answer afterwards/, 'HTML: the session goes on');
}

my @pages = (
	[ 'an empty body', 'HV000', '' ],
	[ 'an array', 'HV000', '[]' ],
	[ 'a scalar', 'HV000', '1' ],
	[ 'null', 'HV000', 'null' ],
	[ 'no items', 'HV000', '{}' ],
	[ 'items that are no list', 'HV000', '{"items":{"id":"1"}}' ],
	[ 'items that are null', 'HV000', '{"items":null}' ],
	[ 'items that are numbers', '22P02', '{"items":[1,2]}' ],
	[ 'truncated JSON', '22P02', '{"items":[{"id":"1","name":"a"}' ],
	[ 'trailing garbage', '22P02', '{"items":[]} x' ],
	[ 'a broken item', '22P02', '{"items":[{"id":1x}]}' ]);
foreach my $page (@pages)
{
	my ($what, $sqlstate, $text) = @$page;
	fails("$what in a page", $campaigns, $sqlstate,
		[qr/foreign table "campaigns"/],
		page_body($text));
}
fails(
	'truncated JSON: says what was asked',
	$campaigns, '22P02',
	[
		qr/DETAIL:  The input string ended unexpectedly/,
		qr{CONTEXT:  .*answer to GET /ad_accounts/$advertiser/campaigns, which begins: \S}s
	],
	page_body('{"items":[{"id":"1","name":"a"}'));
fails(
	'HTML for a single entity',
	'SELECT * FROM one_advertiser',
	'HV000',
	[qr/invalid answer from Pinterest for foreign table "one_advertiser"/],
	faults => [ { match => { path => "$advertiser\$" }, body => '<html/>' } ]);
fails(
	'HTML at the creation of a report',
	$report, 'HV000',
	[
		qr{POST /ad_accounts/$advertiser/reports was answered with HTTP status 200}
	],
	faults => [ { match => { path => 'reports$' }, body => '<html/>' } ],
	requests => { 'POST reports' => 1 });
fails(
	'no id',
	'SELECT campaign_id FROM pinterest_live.campaigns',
	'22004',
	[
		qr/Pinterest sent a row without its key for foreign table "campaigns"/
	],
	page_body('{"items":[{"name":"a"}]}'));
fails(
	'a wrong type',
	$times, '22007',
	[ qr/invalid input syntax for type timestamp/, entity_context('created_time') ],
	page_body('{"items":[{"id":"4711","created_time":"soon"}]}'));
fails(
	'a repeated page',
	$campaigns, 'HV000',
	[
		qr/Pinterest repeats a page for foreign table "campaigns"/,
		qr/has the bookmark of an earlier one/
	],
	faults => [
		{
			match => { path => 'campaigns$' },
			body => '{"items":[],"bookmark":"again"}',
			count => -1
		}
	],
	requests => { 'GET campaigns' => 2 });
succeeds(
	'an empty page in the middle', $campaigns, '1',
	faults => [
		{
			match => { path => 'campaigns$' },
			body => '{"items":[],"bookmark":"next"}'
		},
		{
			match => { path => 'campaigns$', query => 'bookmark=next' },
			nth => 1,
			body => '{"items":[{"id":1}],"bookmark":""}'
		}
	],
	requests => { 'GET campaigns' => 2 });

# Bytes that are no UTF-8 do not come from the sandbox, but from a server that
# knows nothing else.
my %answers = (
	# no length, and cut
	'/v5/ad_accounts/5/campaigns' =>
	  qq(HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{"items":[{"id":"4711"),
	# an error whose words cannot be shown as they are
	'/v5/ad_accounts/6/campaigns' =>
	  qq(HTTP/1.1 400 Bad\r\nX-Pinterest-Rid: \xff\x01\r\nConnection: close\r\n\r\n{"code":1,"message":"no \xff"}),
	'/v5/ad_accounts/7/campaigns' =>
	  qq(HTTP/1.1 400 Bad\r\nConnection: close\r\n\r\n{"code":1,"message":"one\\ntwo\\u001b[2Jthree )
	  . ("\xc3\xa4" x 1000) . qq("}),
	# more than any page has
	'/v5/ad_accounts/8/campaigns' => RawServer::document(' ' x (70 * 1024 * 1024)),
	'/overlong_key' => RawServer::document(qq({"\xc0\x80":[$row]})),
	'/overlong_value' => RawServer::document(
		'{"4711":[' . row(qq("TOTAL_IMPRESSION":1,"CAMPAIGN_NAME":"\xc0\x80")) . ']}'),
	'/escaped_key' => RawServer::document(qq({"a\\"\\u00e4\\/b":[$row]})),
	'/null_key' => RawServer::document(qq({"a\\u0000b":[$row]})));

# Answers that break the rules of HTTP, or of the encoding that they name
my $head = "HTTP/1.1 200 OK\r\nConnection: close\r\n";
my %no_http = (
	'HTTP/0.9' => '{"items":[],"bookmark":null}',
	'another protocol' => "SSH-2.0-OpenSSH_9.2\r\n",
	'an unknown version of HTTP' => "HTTP/7.0 200 OK\r\n\r\n{}",
	'a length that is none' => "${head}Content-Length: many\r\n\r\n{}",
	'a body that is no gzip' => "${head}Content-Encoding: gzip\r\n\r\nno gzip",
	'a body in an unknown encoding' => "${head}Content-Encoding: unheard-of\r\n\r\n{}");
my @no_http = sort keys %no_http;
foreach my $i (0 .. $#no_http)
{
	$answers{"/v5/ad_accounts/1$i/campaigns"} = $answers{"/no_http$i"} = $no_http{ $no_http[$i] };
}

my $raw = RawServer::start(sub { return $answers{ $_[1] } // ''; });

query(
	qq{
	CREATE SERVER raw FOREIGN DATA WRAPPER pinterest_fdw
		OPTIONS (api_url '$raw/v5', retry_timeout '0');
	CREATE USER MAPPING FOR CURRENT_USER SERVER raw OPTIONS (access_token '$wrong_token');});
query(
	"CREATE FOREIGN TABLE raw$_ (campaign_id text, name text) SERVER raw OPTIONS (resource 'campaigns', advertiser_id '$_')"
) foreach 5 .. 8, map { "1$_" } 0 .. $#no_http;

fails(
	'a cut body of unknown length',
	'SELECT name FROM raw5',
	'22P02',
	[ qr/ended unexpectedly/, qr/foreign table "raw5"/ ]);
fails(
	'an error without UTF-8',
	'SELECT name FROM raw6',
	'HV000', [qr/Pinterest refused a request for foreign table "raw6": no (?:\xef\xbf\xbd|\x{fffd})\n/]);
fails(
	'an error with too many words',
	'SELECT name FROM raw7',
	'HV000', [qr/"raw7": one two \[2Jthree (?:\xc3\xa4|\x{e4}){200,260}\.\.\.\n/]);

fails(
	'a page that is too large',
	'SELECT name FROM raw8',
	'54000', [qr/could not read what Pinterest answered for foreign table "raw8": the answer is too large/]);

sub raw_report
{
	my ($path) = @_;
	return (
		faults => [
			{
				match => { method => 'GET', path => 'reports$' },
				body => {
					report_status => 'FINISHED',
					url => "$raw/$path",
					size => undef
				}
			}
		]);
}
foreach my $i (0 .. $#no_http)
{
	fails(
		"$no_http[$i], a page",
		"SELECT name FROM raw1$i",
		'08P01',
		[
			qr/could not read what Pinterest answered for foreign table "raw1$i": \S/,
			qr/campaigns got no complete answer\.$/m,
			qr/HINT:  Check that the server option "api_url" leads to Pinterest, and "proxy" to a proxy\.$/m
		],
		options => { retry_timeout => 60 });
	fails(
		"$no_http[$i], a download",
		$count_own,
		'08P01',
		[
			qr/could not read what Pinterest answered for foreign table "campaign_report": \S/,
			qr/HINT:  Check the server option "proxy", or run the statement again\.$/m
		],
		raw_report("no_http$i"));
}
succeeds(
	'overlong key of a report',
	q{SELECT product_item_id = U&'\FFFD\FFFD' FROM pinterest_live.product_item_report},
	't',
	raw_report('overlong_key'));
succeeds(
	'overlong value in a report',
	q{SELECT campaign_name = U&'\FFFD\FFFD' FROM pinterest_live.campaign_report},
	't',
	raw_report('overlong_value'));
succeeds(
	'escapes in a key of a report',
	q{SELECT product_item_id = U&'a"\00e4/b' FROM pinterest_live.product_item_report},
	't',
	raw_report('escaped_key'));
succeeds(
	'\u0000 in a key of a report',
	q{SELECT product_item_id = U&'a\FFFDb' FROM pinterest_live.product_item_report},
	't',
	raw_report('null_key'));

# Words that the encoding of the database does not have.  "\u00fc", for one, it
# has, but errors are shown in ASCII.
query(
	q{CREATE DATABASE latin1 ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0});
$sandbox->import_into($node, dbname => 'latin1');
$sandbox->clear_faults;
foreach my $case (
	[ 'escaped', '{"code":1,"message":"Clef \\\\u4e2d\\u00fc \\ud83d\\ude00\\u4e2d."}' ],
	[ 'raw', qq({"code":1,"message":"Clef \\\\u4e2d\x{fc} \x{4e2d}\x{4e2d}."}) ])
{
	my ($what, $text) = @$case;
	my $stderr;
	$sandbox->faults(
		{ match => { path => 'campaigns$' }, status => 400, body => $text });
	$node->psql('latin1', $campaigns, stderr => \$stderr);
	like(
		$stderr,
		qr/refused a request for foreign table "campaigns": Clef \\u4e2d\? \?\?\.\n/,
		"$what characters beyond the encoding");
}
$sandbox->faults(
	{
		match => { path => 'campaigns$' },
		body => qq({"items":[{"id":1,"name":"\x{e9}\\u00e8"}]})
	});
is( $node->safe_psql(
		'latin1',
		q{SELECT encode(convert_to(name, 'UTF8'), 'hex') FROM pinterest_live.campaigns}
	),
	'c3a9c3a8',
	'values are converted');

#
# A refresh that fails changes nothing
#

query(
	q{
	CREATE SCHEMA pinterest_ads;
	SELECT pinterest.materialize('pinterest_live.campaign_report', 'pinterest_ads.campaign_report');
	SELECT pinterest.materialize('pinterest_live.ads', 'pinterest_ads.ads');});

sub contents
{
	return query(
		q{SELECT md5(string_agg(t.ctid || t::text, ' ' ORDER BY t.ctid)) FROM pinterest_ads.campaign_report AS t
		  UNION ALL
		  SELECT md5(string_agg(t.ctid || t::text, ' ' ORDER BY t.ctid)) FROM pinterest_ads.ads AS t}
	);
}

my $contents = contents();
my $refresh = "SELECT pinterest.refresh('pinterest_ads.campaign_report')";

$sandbox->settings(revision => 1);
my @failures = (
	[
		'cut download', '08006',
		options => { retry_timeout => 0 },
		faults => [ download(cut => 200000, count => -1) ]
	],
	[ 'FAILED', 'HV00M', faults => [ report_status('FAILED') ] ],
	[
		'empty report', '[^0]\w{4}',
		# it is asked for once more
		faults => [ download(body => '{}', count => -1) ]
	],
	[
		'bad value',
		'22003',
		faults => [
			download(
				body => '{"4711":['
				  . row('"TOTAL_IMPRESSION":9223372036854775808') . ']}')
		]
	],
	[
		'a long value of a wrong type',
		'22P02',
		faults => [
			download(
				body => '{"4711":['
				  . row('"TOTAL_IMPRESSION":"' . ('x' x 2000000) . '"') . ']}')
		]
	],
	[
		'timeout', '57014',
		timeout => '300ms',
		faults => [ download(delay => 60) ]
	],);
foreach my $failure (@failures)
{
	my ($name, $sqlstate, %params) = @$failure;
	my $limit = $params{timeout} // 0;
	fails("refresh: $name",
		"SET statement_timeout = '$limit'; $refresh; RESET statement_timeout",
		$sqlstate, [], %params);
	is(contents(), $contents, "refresh: $name: the table is as it was");
	is( query(
			q{SELECT count(*) FROM pinterest.refresh_log
			  WHERE octet_length(message || coalesce(detail, '') || coalesce(hint, '')) > 2000}
		),
		'0',
		"refresh: $name: what is on record is bounded");
}

# A list does not end where it says nothing of the kind.
foreach my $bookmark (5, JSON::PP::true, {}, [])
{
	my $shown = JSON::PP->new->allow_nonref->encode($bookmark);
	fails(
		"refresh: bookmark $shown",
		"SELECT pinterest.refresh('pinterest_ads.ads')",
		'HV000', [qr/The field "bookmark"/],
		faults => [ { match => { path => 'ads$' }, body => { items => [], bookmark => $bookmark } } ]);
	is(contents(), $contents, "refresh: bookmark $shown: the table is as it was");
}

# What an error says of itself does not make it another one.
fails(
	'an error that is nested deeply',
	$campaigns,
	'08006',
	[qr/HTTP status 500/],
	options => { retry_timeout => 0 },
	faults => [ { match => { path => 'campaigns$' }, status => 500, body => '[' x 20000, count => -1 } ]);
foreach my $code ('18446744073709551616', '-9223372036854775809', '1e300', '0.5')
{
	my ($stdout, $stderr) = run($campaigns,
		faults => [ { match => { path => 'campaigns$' }, status => 400, body => qq({"code":$code,"message":"No."}) } ]);
	like($stderr, qr/ERROR:  HV000: Pinterest refused a request .*: No\.\nDETAIL:  .*HTTP status 400\.$/m,
		"a code that is none is not shown: $code");
}
fails(
	'refresh: cut page',
	"SELECT pinterest.refresh('pinterest_ads.ads')",
	'08006',
	[],
	options => { retry_timeout => 0 },
	faults =>
	  [ { match => { path => 'ads$' }, nth => 2, cut => 5000, count => -1 } ]);
is(contents(), $contents, 'refresh: cut page: the table is as it was');
{
	my ($stdout, $stderr) = run($refresh);
	is($stderr, '', 'refresh: works afterwards');
	isnt(contents(), $contents, 'refresh: brings what is new afterwards');
}

check_secrets();
done_testing();
