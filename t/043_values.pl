
# Copyright (c) 2026, pinterest_fdw contributors

# Values, ids, and the shape of answers: one bad value does not spoil a table,
# lists are not sets, and what is not as documented is an error instead of wrong
# rows.

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

# What the server answers to a name, as bytes; undef: nothing
sub answer
{
	my ($name, $bytes) = @_;
	return unlink "$dir/$name" unless defined $bytes;
	open(my $file, '>:raw', "$dir/$name.new") or die "could not write: $!";
	print $file $bytes;
	close $file;
	rename "$dir/$name.new", "$dir/$name" or die "could not rename: $!";
	return;
}

# A server that answers any bytes.  The name of a list's answer is the last part of
# its path, with the parameters that choose a page or a parent; a report's is its
# level.  Without one, a list or report is empty.  All requests are kept.
sub serve
{
	my ($method, $path, $query, $body, $url) = @_;
	if ($path =~ m{/reports$} && $method eq 'POST')
	{
		my ($level) = $body =~ /"level":"(\w+)"/;
		return qq({"report_status":"IN_PROGRESS","token":"$level"});
	}
	return
	  qq({"report_status":"FINISHED","url":"$url/download/$1","size":null})
	  if $path =~ m{/reports$} && $query =~ /token=(\w+)/;
	my ($name) = $path =~ m{([^/]+)$};
	my @chosen = sort $query =~ /((?:bookmark|campaign_id|ad_group_id)=\w+)/g;
	$name = join '.', $name, @chosen;
	return slurp_file("$dir/$name") if -e "$dir/$name";
	return $path =~ /download/ ? '{}' : '{"items":[]}';
}

my $url = RawServer::start(
	sub {
		my ($method, $path, $query) = @_;
		append_to_file("$dir/log", "$method $path?$query\n");
		return RawServer::document(serve(@_));
	});

my $node = PinterestSandbox::start_node('main', "timezone = 'America/New_York'");
my $fields = q{ft text OPTIONS (column_name 'ft'), fj jsonb OPTIONS (column_name 'fj'),
	fa text[] OPTIONS (column_name 'fa'), fi bigint OPTIONS (column_name 'fi')};

sub set_up
{
	my ($database) = @_;
	$node->safe_psql(
		$database, qq{
		CREATE EXTENSION pinterest_fdw CASCADE;
		CREATE SERVER raw FOREIGN DATA WRAPPER pinterest_fdw OPTIONS (api_url '$url/v5',
			retry_timeout '0', report_reuse '0', advertiser_id '7', historical_date '5 days');
		CREATE USER MAPPING FOR CURRENT_USER SERVER raw OPTIONS (access_token 'pina_x');
		CREATE SCHEMA live;
		IMPORT FOREIGN SCHEMA ads FROM SERVER raw INTO live;
		CREATE FOREIGN TABLE odd (campaign_id text, name text, $fields)
			SERVER raw OPTIONS (resource 'campaigns');});
	return;
}
set_up('postgres');

# Result of a query, or its error, as bytes
sub run
{
	my ($sql, $database) = @_;

	unlink "$dir/log";
	my $result = PinterestSandbox::answer($node, "SET client_encoding = 'UTF8'; $sql",
		dbname => $database);
	utf8::encode($result) if utf8::is_utf8($result);
	return $result;
}

# What was asked, without method and version, in order of the alphabet
sub asked
{
	my ($what) = @_;
	my @lines = map { m{^\w+ /v5/(\S+)} ? $1 : () } split /\n/, slurp_file("$dir/log");
	return join "\n", sort grep { /$what/ } map { s/entity_statuses=\w+&?|page_size=\d+&?//gr =~ s/[?&]$//r } @lines;
}

my $day = PinterestSandbox::day(2);
my $day_before = PinterestSandbox::day(3);
my $metrics = '"SPEND_IN_DOLLAR":1.5,"SPEND_IN_MICRO_DOLLAR":1500000,"TOTAL_IMPRESSION":3';
my $row = qq({"DATE":"$day",$metrics});

sub page
{
	my ($name, @items) = @_;
	return answer($name, '{"items":[' . join(',', @items) . ']}');
}

#
# What is no character
#

my $u = "\xef\xbf\xbd";
foreach my $case (
	[ 'half a pair', 'Sale \ud83d', "Sale $u" ],
	[ 'the other half', '\udd25 Sale', "$u Sale" ],
	[ 'NUL', 'a\u0000b', "a${u}b" ],
	[ 'raw NUL', "a\x00b", "a${u}b" ],
	[ 'no UTF-8', "caf\xe9", "caf$u" ],
	[ 'a raw tab', "a\tb", "a\tb" ],
	[ 'a pair', '\ud83d\udd25 "\u00e9\\\\\u0041' =~ s/"/\\"/r, "\xf0\x9f\x94\xa5 \"\xc3\xa9\\A" ])
{
	my ($what, $json, $text) = @$case;
	page('campaigns', qq({"id":1,"name":"$json","fa":["$json"],"fj":{"k":"$json"}}));
	is(run('SELECT name FROM odd'), $text, "$what in a text");
	is(run('SELECT fa[1] FROM odd'), $text, "$what in a list");
	is(run("SELECT fj ->> 'k' FROM odd"), $text, "$what in jsonb");
	answer('CAMPAIGN', qq({"1":[{"DATE":"$day",$metrics,"CAMPAIGN_NAME":"$json"}],"2":[$row]}));
	is(run("SELECT campaign_name FROM live.campaign_report WHERE campaign_id = '1'"),
		$text, "$what in a report");
	is(run('SELECT string_agg(campaign_id, $$ $$) FROM live.campaign_report'), '1 2', 'which is read without it');
	answer('PRODUCT_ITEM', qq({"$json":[$row]}));
	is(run('SELECT product_item_id FROM live.product_item_report'), $text, "$what in a key");
}
page('campaigns', '{"id":1,"fj":{"a\ud800":1,"a\ud801":2,"a\ufffd":3,"b":[{"a\ud801":4}]}}');
is(run('SELECT fj FROM odd'),
	qq({"b": [{"a$u$u": 4}], "a$u": 1, "a$u$u": 2, "a$u$u$u": 3}),
	'broken names stay apart');
page('campaigns', '{"id":1,"fj":{' . join(',', map { qq("a\\ud800":1,"\\ud8$_":1) } ('00' .. '99')) . '}}');
is(run('SELECT length(jsonb_object_keys(fj)) FROM odd ORDER BY 1 DESC LIMIT 1'), 100, 'up to a hundred');
page('campaigns', '{"id":1,"fj":{' . join(',', map { sprintf q("\ud8%02x\ud8%02x":1), $_ / 255, $_ % 255 } 1 .. 2000) . '}}');
like(run('SELECT fj FROM odd'), qr/ERROR:  54000: .*\nDETAIL:  In more than 256 names/, 'but not without end');
foreach my $name ("\x01", "\x00", "\\\x00", "\\\xff", "\\u0000\x00\xff", "\\", "\\u00", "\xff\x00")
{
	my $shown = unpack 'H*', $name;
	page('campaigns', qq({"id":1,"fj":{"$name":1,"$name":2,"$name"""$name}}));
	like(run('SELECT fj FROM odd'), qr/ERROR:  22P02: /, "no name of a field: $shown");
	answer('CAMPAIGN', qq({"1":[{"DATE":"$day",$metrics,"$name":1,"$name":2,"$name"""$name}]}));
	like(run('SELECT campaign_id FROM live.campaign_report'), qr/ERROR:  (?:22P02|HV000): /, "in a report: $shown");
}
answer('CAMPAIGN', undef);
page('campaigns', qq({"id":1,\xff"name":"x"}));
like(run('SELECT name FROM odd'), qr/ERROR:  22P02: /, 'elsewhere, what is no UTF-8 is an error');
answer('CAMPAIGN', qq({"1":[{"DATE":"$day",$metrics,\xff}]}));
like(run('SELECT campaign_id FROM live.campaign_report'), qr/ERROR:  22P02: /, 'in a report, too');
answer('PRODUCT_ITEM', qq({"4711\\ud83d":[{"DATE":"$day","TOTAL_IMPRESSION":"x"}]}));
like(run('SELECT total_impression FROM live.product_item_report'), qr/entity "4711$u"/, 'what is no character in a message');
answer('PRODUCT_ITEM', undef);

#
# Other encodings
#

foreach my $encoding ('LATIN1', 'EUC_JP', 'SQL_ASCII')
{
	my $database = lc $encoding;
	my $has = $encoding eq 'LATIN1' ? "\xc3\xa9" : "\xe4\xb8\xad";
	my $lacks = $encoding eq 'SQL_ASCII' ? undef : "\xf0\x9f\x94\xa5";
	my $other = $lacks // "\xf0\x9f\x94\xa5";

	$node->safe_psql('postgres',
		"CREATE DATABASE $database ENCODING '$encoding' LOCALE 'C' TEMPLATE template0");
	set_up($database);
	page('campaigns', qq({"id":1,"name":"$has","ft":"$other","fj":{"$other":1},"fa":["$other"],"fi":2}));
	answer('CAMPAIGN', qq({"1":[{"DATE":"$day",$metrics,"CAMPAIGN_NAME":"$other","X":"$other\\ud83d\\udd25","CAMPAIGN_STATUS":"$has\\u0041"}]}));
	answer('PRODUCT_ITEM', qq({"$other":[$row]}));
	is(run('SELECT name, fi FROM odd', $database), "$has|2", "$encoding: other columns");
	is(run('SELECT campaign_status, campaign_id FROM live.campaign_report', $database),
		"${has}A|1", "$encoding: of a report");
	is(run('SELECT total_impression FROM live.product_item_report', $database), 3,
		"$encoding: a key that is not read");
	foreach my $column ('odd.ft', 'odd.fj', 'odd.fa', 'live.campaign_report.campaign_name',
		'live.product_item_report.product_item_id')
	{
		my ($table, $name) = $column =~ /(.*)\.(.*)/;
		my $result = run("SELECT $name FROM $table", $database);
		$table =~ s/live\.//;
		if (defined $lacks)
		{
			like($result,
				qr/ERROR:  22P05: .*CONTEXT:  .*column "$name" of foreign table "$table", advertiser 7, entity "[1?]"/s,
				"$encoding: $column");
		}
		else
		{
			like($result, qr/$other/, "$encoding: $column");
		}
	}
	page('campaigns', qq({"id":1,"name":"a\\ud83d"}));
	is(run('SELECT name FROM odd', $database), $lacks ? 'a?' : "a$u", "$encoding: what is no character");
	answer('CAMPAIGN', qq({"1":[{"DATE":"$day","CAMPAIGN_NAME":"$other",nonsense}]}));
	like(run('SELECT campaign_name FROM live.campaign_report', $database),
		qr/ERROR:  22P02: /, "$encoding: what is no JSON");
	answer('LOCALE', qq([{"$other":"$other"}]));
	is(run(q{SELECT targeting_type FROM live.targeting_options WHERE targeting_type = 'LOCALE'}, $database),
		'LOCALE', "$encoding: codes that are not read");
	answer($_, undef) foreach 'campaigns', 'CAMPAIGN', 'PRODUCT_ITEM', 'LOCALE';
}

#
# Keys of any length
#

my ($long, $longest) = ('X' x 150, 'Y' x 65_536);
answer('PRODUCT_ITEM', qq({"${long}1":[$row],"${long}2":[$row],"$longest":[$row]}));
is(run('SELECT count(DISTINCT product_item_id), max(length(product_item_id)) FROM live.product_item_report'),
	'3|65536', 'long keys are not cut');
answer('PRODUCT_ITEM', qq({"${longest}Y":[$row]}));
like(run('SELECT total_impression FROM live.product_item_report'),
	qr/ERROR:  54000: .*\nDETAIL:  The id of a row is longer than 65536 bytes\./, 'one that is too long');
answer('PRODUCT_ITEM', '{"' . ('Y' x 1_000_000));
like(run('SELECT total_impression FROM live.product_item_report'), qr/ERROR:  54000: /, 'or never ends');
answer('PRODUCT_ITEM', undef);

#
# Times
#

my %times = (
	'1452208622' => '2016-01-07 23:17:02+00',
	'1452208622.5' => '2016-01-07 23:17:02.5+00',
	'1.4522086225E9' => '2016-01-07 23:17:02.5+00',
	'"1452208622"' => '2016-01-07 23:17:02+00',
	'"1452208622.25"' => '2016-01-07 23:17:02.25+00',
	'"2016-01-07T23:17:02"' => '2016-01-07 23:17:02+00',
	'"2016-01-07 23:17:02.5"' => '2016-01-07 23:17:02.5+00',
	'"2016-01-07T23:17:02Z"' => '2016-01-07 23:17:02+00',
	'"2016-01-07T23:17:02.000+0000"' => '2016-01-07 23:17:02+00',
	'"2016-01-07T18:17:02-05:00"' => '2016-01-07 23:17:02+00',
	'"2016-01-07T18:17:02-05"' => '2016-01-07 23:17:02+00',
	'"2016-01-07"' => '2016-01-07 00:00:00+00',
	'0' => '1970-01-01 00:00:00+00',
	'-1' => '1969-12-31 23:59:59+00',
	'253402300799' => '9999-12-31 23:59:59+00');
$node->safe_psql(
	'postgres', q{
	CREATE FOREIGN TABLE tags (conversion_tag_id text, last_fired_time_ms timestamptz)
		SERVER raw OPTIONS (resource 'conversion_tags');
	CREATE DOMAIN a_time AS timestamptz(0);
	CREATE FOREIGN TABLE times (a timestamp OPTIONS (column_name 'created_time'),
		b date OPTIONS (column_name 'created_time'), c text OPTIONS (column_name 'created_time'),
		d bigint OPTIONS (column_name 'created_time'), e numeric OPTIONS (column_name 'created_time'),
		f a_time OPTIONS (column_name 'created_time'), g timestamptz OPTIONS (column_name 'unknown_time'))
		SERVER raw OPTIONS (resource 'campaigns')});
foreach my $json (sort keys %times)
{
	my $time = $times{$json};
	my ($utc) = $time =~ /(.*)\+00/;
	my ($date) = $time =~ /^(\S+)/;
	page('campaigns', qq({"id":1,"created_time":$json,"unknown_time":$json}));
	is(run(q{SET timezone = 'UTC'; SELECT created_time FROM live.campaigns}), $time, "$json as a time");
	is(run(q{SELECT a FROM times}), $utc, "$json as timestamp");
	is(run(q{SELECT b FROM times}), $date, "$json as a date");
	is(run(q{SELECT c FROM times}), $json =~ s/"//gr, "$json as text stays as it is");
	is(run(qq{SELECT e = extract(epoch FROM '$time'::timestamptz) FROM times}), 't', "$json as a number");
	is(run(qq{SELECT f = '$time'::timestamptz(0) FROM times}), 't', "$json in a domain");
	is(run(qq{SELECT g = '$time'::timestamptz FROM times}), 't', "$json in a field that nobody knows")
	  unless $json =~ /^"[0-9.]+"$/;
}
page('campaigns', qq({"id":1,"created_time":1432744744123}));
is(run(q{SET timezone = 'UTC'; SELECT created_time FROM live.campaigns}), '2015-05-27 16:39:04.123+00',
	'milliseconds where there should be seconds');
page('conversion_tags', qq({"id":1,"last_fired_time_ms":1432744744123.0}));
is(run(q{SET timezone = 'UTC'; SELECT last_fired_time_ms FROM tags}), '2015-05-27 16:39:04.123+00', 'milliseconds');
page('conversion_tags', qq({"id":1,"last_fired_time_ms":"2015-05-27T16:39:04.123"}));
is(run(q{SET timezone = 'UTC'; SELECT last_fired_time_ms FROM tags}), '2015-05-27 16:39:04.123+00', 'as a text');
foreach my $json ('9223372036854775807', '1e300')
{
	page('campaigns', qq({"id":4711,"created_time":$json}));
	like(run('SELECT created_time FROM live.campaigns'),
		qr/ERROR:  22008: .*column "created_time" of foreign table "campaigns", advertiser 7, entity "4711"/s, "$json is no time");
	is(run('SELECT campaign_id FROM live.campaigns'), '4711', 'which nobody need read');
}

#
# Numbers
#

answer('CAMPAIGN', qq({"4711":[{"DATE":"$day",$metrics,"IMPRESSION_1":123.45}]}));
like(run('SELECT impression_1 FROM live.campaign_report'),
	qr/ERROR:  22P02: value "123.45" is not a whole number\nHINT:  Use ALTER FOREIGN TABLE campaign_report ALTER COLUMN impression_1 TYPE numeric\. .*column "impression_1" of foreign table "campaign_report", advertiser 7, entity "4711"/s,
	'a fraction in a count says which type takes it');
is(run('SELECT total_impression FROM live.campaign_report'), '3', 'which nobody need read');
is(run('ALTER FOREIGN TABLE live.campaign_report ALTER COLUMN impression_1 TYPE numeric; SELECT impression_1 FROM live.campaign_report'),
	'123.45', 'which takes it indeed');

#
# Lists are not sets
#

page('campaigns', '{"id":"1","name":"first"}', '{"id":1.0,"name":"again"}', '{"id":2,"name":"b"}', '{"name":"none"}', '{"id":null,"name":"none"}');
answer('campaigns', slurp_file("$dir/campaigns") =~ s/\}$/,"bookmark":"x"}/r);
page('campaigns.bookmark=x', '{"id":2,"name":"later"}', '{"id":"99999999999999999999","name":"c"}', '{"id":"99999999999999999999","name":"c"}', '{"id":"0012","name":"d"}', '{"id":"12","name":"e"}');
is(run('SELECT string_agg(name, $$ $$) FROM odd'), 'first b none none c d e', 'each entity once, and the first copy');
is(run('SELECT count(*) FROM odd'), '7', 'also for those who read nothing of it');
answer($_, undef) foreach 'campaigns', 'campaigns.bookmark=x';

# An id is a number, however that is written.
foreach my $id ('""', '1.5', '"1.5"', '-1', '"-1"', '"abc"', '"12 "', '"1,2"', '"\ud800"', '1e300')
{
	page('campaigns', '{"id":1,"name":"a"}', qq({"id":$id,"name":"b"}));
	foreach my $what ('campaign_id', 'name', 'count(*)')
	{
		my $answer = run("SELECT $what FROM live.campaigns");
		unlike($answer, qr/entity "1"/, "the one before is not blamed: $id, $what");
		like($answer,
			qr/ERROR:  HV000: invalid answer from Pinterest for foreign table "campaigns"\n.*The field "id" of item 2 of a page, which is column "campaign_id", is ".*", which is no id\./,
			"no id of a campaign: $id, $what");
	}
}
foreach my $id ('true', '{}', '[]', '["1"]')
{
	page('campaigns', qq({"id":$id,"name":"b"}));
	like(run('SELECT name FROM live.campaigns'), qr/ERROR:  HV000: .*\n.*The field "id"/, "no id of a campaign: $id");
}
page('templates', '{"id":"mine","name":"a"}');
like(run('SELECT name FROM live.report_templates'),
	qr/The field "id" of item 1 of a page, which is column "report_template_id", is "mine"/, 'no id of a template');
answer('delivery_metrics', '{"items":[{"name":"SPEND"},{"name":"1.0"},{"name":"1"}]}');
is(run('SELECT count(*) FROM live.metrics'), 3, 'a metric has a name');
answer('delivery_metrics', '{"items":[{"name":"SPEND"},{"name":""}]}');
like(run('SELECT definition FROM live.metrics'),
	qr/The field "name" of item 2 of a page, which is column "name", is "", which is no name/, 'and one at all');
answer('LOCALE', '[{"":"none","1":"a","1.0":"b","1e0":"c","-1":"d"}]');
is(run(q{SELECT string_agg(code, ' ' ORDER BY name) FROM live.targeting_options WHERE targeting_type = 'LOCALE'}),
	'1 1.0 1e0 -1 ', 'codes are texts');
answer($_, undef) foreach 'campaigns', 'templates', 'delivery_metrics';

answer('LOCALE', '[{"fr":"French","de":"German"},{"fr":"again"}]');
answer('GENDER', '[{"fr":"x"}]');
is(run(q{SELECT string_agg(concat_ws('=', targeting_type, code, name), ' ' ORDER BY targeting_type, code) FROM live.targeting_options WHERE targeting_type IN ('LOCALE', 'GENDER') }),
	'GENDER=fr=x LOCALE=de=German LOCALE=fr=French', 'the same code of two types');
answer($_, undef) foreach 'LOCALE', 'GENDER';

# Accounts that are listed twice
$node->safe_psql('postgres', q{ALTER SERVER raw OPTIONS (SET advertiser_id '*')});
answer('ad_accounts', '{"items":[{"id":"549755885175","name":"a"}],"bookmark":"y"}');
page('ad_accounts.bookmark=y', '{"id":5.49755885175E11,"name":"b"}', '{"id":8,"name":"c"}');
page('campaigns', '{"id":1,"name":"x"}');
answer('CAMPAIGN', qq({"1":[$row]}));
is(run('SELECT string_agg(name, $$ $$) FROM live.advertisers'), 'a c', 'an account that is listed twice');
is(run('SELECT string_agg(advertiser_id, $$ $$ ORDER BY 1) FROM live.campaigns'), '549755885175 8', 'its campaigns');
is(asked('campaigns'), "ad_accounts/549755885175/campaigns\nad_accounts/8/campaigns", 'asked for once, by a number');
is(run('SELECT sum(spend_in_dollar) FROM live.campaign_report'), '3.0', 'its report');
foreach my $id ('null', '""', '"x"', 'true', '1.5', '-1')
{
	page('ad_accounts.bookmark=y', qq({"id":$id}));
	like(run('SELECT name FROM live.campaigns'), qr/ERROR:  HV000: invalid answer from Pinterest for foreign table "campaigns"/, "an account without a number: $id");
	unlike(slurp_file("$dir/log"), qr{ad_accounts/[^?]}, 'asks for nothing else');
}
page('ad_accounts.bookmark=y', '{"name":"c"}');
like(run('SELECT name FROM live.campaigns'), qr/ERROR:  HV000: .*\n.*The field "id" is missing/, 'or without any');
answer($_, undef) foreach 'ad_accounts', 'ad_accounts.bookmark=y';
like(run(q{ALTER SERVER raw OPTIONS (SET advertiser_id '7,8, 7')}), qr/ERROR:  22023: .*twice/, 'an id that is given twice is refused');
$node->safe_psql('postgres', q{ALTER SERVER raw OPTIONS (SET advertiser_id '7')});
is(run(q{SELECT count(*) FROM live.campaigns WHERE campaign_id IN ('1', '2', '1', '2') AND advertiser_id IN ('7', '7')}), '1', 'in conditions');
is(asked('campaigns'), 'ad_accounts/7/campaigns?campaign_ids=1&campaign_ids=2', 'is asked for once');

# Keywords of three kinds of parents, which may show them again
page('campaigns', '{"id":6.26735565838E11}');
page('ad_groups', '{"id":2680067996745.0}', '{"id":"2680067996745"}');
page('keywords', '{"id":1,"parent_id":7,"parent_type":"advertiser"}');
page('keywords.campaign_id=626735565838', '{"id":2,"parent_id":626735565838,"parent_type":"campaign"}', '{"id":3}');
page('keywords.ad_group_id=2680067996745', '{"id":3,"parent_id":2680067996745,"parent_type":"ad_group"}', '{"id":1}');
is(run('SELECT string_agg(keyword_id, $$ $$ ORDER BY 1) FROM live.keywords'), '1 2 3', 'keywords of all parents');
is(asked('keywords'), join("\n", map { "ad_accounts/7/keywords$_" } '', '?ad_group_id=2680067996745', '?campaign_id=626735565838'), 'asked for once each');
answer($_, undef) foreach 'campaigns', 'ad_groups', 'keywords', 'keywords.campaign_id=626735565838', 'keywords.ad_group_id=2680067996745';

# Fields that nobody has
$node->safe_psql('postgres', q{CREATE FOREIGN TABLE misspelt (campaign_id text, n text OPTIONS (column_name 'nmae'),
	x text OPTIONS (column_name 'something_new'), end_time timestamptz) SERVER raw OPTIONS (resource 'campaigns')});
page('campaigns', '{"id":1,"name":"a"}', '{"id":2}');
my $warned = run('SELECT * FROM misspelt');
like($warned, qr/WARNING:  HV005: column "n" of foreign table "misspelt" is null in all rows: .* "nmae" in any\nHINT:  Perhaps you meant the field "name"/, 'a misspelt field');
like($warned, qr/WARNING:  HV005: .*"something_new" in any\nHINT:  Correct the option/, 'or one that is gone');
unlike($warned, qr/end_time/, 'but not one without a value');
page('campaigns', '{"id":1,"something_new":null,"nmae":1}', '{"id":2}');
unlike(run('SELECT * FROM misspelt'), qr/WARNING/, 'nor one that is new');
page('campaigns');
unlike(run('SELECT * FROM misspelt'), qr/WARNING/, 'nor of no entity');
answer('campaigns', undef);

#
# The shape of reports
#

my $count = 'SELECT count(*), sum(spend_in_dollar) FROM live.campaign_report';
my $with_id = qq({"DATE":"$day",$metrics,"CAMPAIGN_ID":626735565838});
my $earlier = qq({"DATE":"$day_before",$metrics});
foreach my $case (
	[ 'CAMPAIGN', '{"items":[ROW]}', 'HV000', qr/filed under "items", which is no id\. The row is \{"DATE"/ ],
	[ 'CAMPAIGN', qq({"$day":[ROW]}), 'HV000', qr/filed under "$day", which is no id/ ],
	[ 'CAMPAIGN', '{"1":[ROW],"TOTAL":[ROW]}', 'HV000', qr/filed under "TOTAL"/ ],
	[ 'CAMPAIGN', '{"null":[ROW]}', 'HV000', qr/filed under "null"/ ],
	[ 'CAMPAIGN', '{"":[ROW]}', 'HV000', qr/filed under no id/ ],
	[ 'CAMPAIGN', '[ROW]', 'HV000', qr/filed under no id/ ],
	[ 'CAMPAIGN', '{"-1":[ROW]}', 'HV000', qr/filed under "-1"/ ],
	[ 'CAMPAIGN', '{"1.5":[ROW]}', 'HV000', qr/filed under "1.5"/ ],
	[ 'CAMPAIGN', '{"errors":[{"code":12,"message":"gone"}]}', 'HV000', qr/filed under "errors".*"message":"gone"/ ],
	[ 'CAMPAIGN', '{"data":{"1":[ROW]}}', 'HV000', qr/filed under "data", which is not its date/ ],
	[ 'CAMPAIGN', qq({"$day_before":{"1":[ROW]}}), 'HV000', qr/which is not its date/ ],
	[ 'CAMPAIGN', qq({"1":[{"DATE":"$day","Spend":1.5,"CAMPAIGN_NAME":"x"}]}), 'HV000', qr/none of the metrics that were asked for\..*"Spend":1.5/ ],
	[ 'CAMPAIGN', qq({"1":[{"DATE":"$day","TOTAL_CONVERSIONS":null}]}), '', qr/^1\|0$/ ],
	[ 'CAMPAIGN', '{"1":[ROW,ROW]}', '21000', qr/Its key \(advertiser_id, campaign_id, date\) is \(7, 1, $day\).*HINT/s ],
	[ 'CAMPAIGN', "{\"1\":[ROW,$earlier,ROW]}", '21000', qr/\(7, 1, $day\)/ ],
	[ 'CAMPAIGN', "{\"1\":[ROW,$earlier]}", '', qr/^2\|3.0$/ ],
	[ 'CAMPAIGN', "{\"1\":[ROW],\"2\":[ROW],\"1\":[$earlier]}", '21000', qr/filed under "1" twice/ ],
	[ 'CAMPAIGN', "{\"1\":[ROW],\"2\":[ROW],\"1.0\":[$earlier]}", '21000', qr/filed under "1.0" twice/ ],
	[ 'CAMPAIGN', qq({"$day":{"1":[ROW],"2":[ROW]},"$day_before":{"2":[$earlier],"1":[$earlier]}}), '', qr/^4\|6.0$/ ],
	[ 'CAMPAIGN', "{\"626735565838\":[$with_id]}", '', qr/^1\|1.5$/ ],
	[ 'CAMPAIGN', "{\"6.26735565838E11\":[$with_id]}", '', qr/^1\|1.5$/ ],
	[ 'CAMPAIGN', "{\"626735565839\":[$with_id]}", 'HV000', qr/filed under "626735565839", but its CAMPAIGN_ID is "626735565838"/ ])
{
	my ($level, $text, $sqlstate, $pattern) = @$case;
	$text =~ s/ROW/$row/g;
	answer($level, $text);
	like(run($count), $sqlstate eq '' ? $pattern : qr/ERROR:  $sqlstate: .*$pattern/s, substr $text, 0, 60);
}
answer('CAMPAIGN', '{"6.26735565838E11":[' . $row . ']}');
is(run('SELECT campaign_id FROM live.campaign_report'), '626735565838', 'an id as a number');
answer('CAMPAIGN', '{"1":[' . $row . '],"2":[' . $row . ',' . $row . ']}');
like(run('SELECT pinterest.materialize($$live.campaign_report$$, $$copy$$)'), qr/ERROR:  21000: /, 'a refresh tells, too');
answer('CAMPAIGN', undef);

answer('PRODUCT_ITEM', qq({"a\\ud800":[$row],"a\\ud801":[$earlier]}));
like(run('SELECT total_impression FROM live.product_item_report'),
	qr/ERROR:  22021: .*differ only in what is no character.*"a$u"/s, 'broken ids that become one');
answer('PRODUCT_ITEM', qq({"a\\ud800":[$row,$earlier],"b\\ud801":[$earlier],"SKU 1E5":[$row],"-":[$row]}));
is(run('SELECT string_agg(DISTINCT product_item_id, $$,$$) FROM live.product_item_report'),
	"-,SKU 1E5,a$u,b$u", 'others stay as they are');
answer('PRODUCT_ITEM', undef);

answer('KEYWORD', qq({"1":[$row,$row]}));
is(run('SELECT sum(spend_in_dollar) FROM live.keyword_report'), '3.0', 'rows of keywords may be those of ads');
like(run('SELECT pinterest.materialize($$live.keyword_report$$, $$copy$$)'), qr/ERROR:  21000: .*key_columns/s, 'which a refresh has to tell apart');
is(run(q{ALTER FOREIGN TABLE live.keyword_report ADD COLUMN pin_id text, OPTIONS (ADD key_columns 'pin_id')}), '', 'by another column');
like(run('SELECT sum(spend_in_dollar) FROM live.keyword_report'), qr/ERROR:  21000: .*\(advertiser_id, keyword_id, ad_group_id, date, pin_id\)/s, 'so that a repeated one is an error');
answer('KEYWORD', undef);

# by targeting
my $target = qq({"DATE":"$day",$metrics,"TARGETING_TYPE":);
foreach my $case (
	[ "$target\"GENDER\",\"TARGETING_VALUE\":null},$target\"GENDER\",\"TARGETING_VALUE\":\"male\"}", qr/^2\|male$/ ],
	[ "$target\"GENDER\"}", qr/^1\|$/ ],
	[ "$target\"GENDER\"},$target\"GENDER\",\"TARGETING_VALUE\":\"\"}", qr/ERROR:  21000: / ],
	[ "$target null,\"TARGETING_VALUE\":\"x\"}", qr/ERROR:  HV000: .*It has no targeting type/s ],
	[ "{\"DATE\":\"$day\",$metrics,\"TARGETING_VALUE\":\"x\"}", qr/ERROR:  HV000: .*It has no targeting type/s ],
	[ "$target\"COUNTRY\",\"TARGETING_VALUE\":\"x\"}", qr/ERROR:  HV000: .*Its targeting type is "COUNTRY", which was not asked for/s ])
{
	answer('CAMPAIGN_TARGETING', "{\"1\":[$case->[0]]}");
	like(run(q{SELECT count(*), max(targeting_value) FROM live.campaign_targeting_report WHERE targeting_type = 'GENDER'}),
		$case->[1], "by targeting: $case->[0]" =~ s/\Q$metrics\E,//gr);
}

done_testing();
