
# Copyright (c) 2026, pinterest_fdw contributors

# What answers mean: reports without rows, downloads that are encoded or moved,
# advertisers that are denied, columns that are refused, faults that pass.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use FaultTest;
use IO::Compress::Gzip;
use PostgreSQL::Test::Utils;
use RawServer;
use Test::More;

start(advertisers => 3);
my ($first, $second, $third) = $sandbox->advertisers;
query(
	qq{CREATE SCHEMA one;
	   IMPORT FOREIGN SCHEMA ads LIMIT TO (campaigns, ad_groups, campaign_report, product_group_promotions)
		FROM SERVER pinterest INTO one OPTIONS (advertiser_id '$first');
	   CREATE SCHEMA everyone;
	   IMPORT FOREIGN SCHEMA ads LIMIT TO (advertisers, campaigns, ads, campaign_report,
			report_templates)
		FROM SERVER pinterest INTO everyone OPTIONS (advertiser_id '*');
	   CREATE SCHEMA mat});

my $one = $report =~ s/pinterest_live/one/r;
my $rows = query($one);
like($rows, qr/^[1-9]\d*\|/, 'there are rows');
my $count_one = $count_own =~ s/pinterest_live/one/r;

# A fault of all requests to a path
sub about
{
	my ($what, %fault) = @_;
	my %match = map { $_ => delete $fault{$_} } grep { exists $fault{$_} } qw(method query);
	return { match => { path => $what, %match }, count => -1, answer(delete $fault{answer}), %fault };
}

sub answer
{
	my ($answer) = @_;
	return unless $answer;
	my ($status, $code, $message) = @$answer;
	return (status => $status, body => { code => $code, message => $message });
}

# What is said of a report that is finished
sub finished
{
	my (%state) = @_;
	return {
		match => { method => 'GET', path => 'reports$' },
		body => { report_status => 'FINISHED', url => undef, size => undef, %state }
	};
}

#
# Reports without rows
#
my $none = 'SELECT count(*) FROM one.campaign_report WHERE date >= current_date';
foreach my $form ('{}', '[]', '', "\n", 'null', 'none')
{
	foreach my $size ('integer', 'fraction')
	{
		my $name = sprintf 'no rows as "%s", size as %s', $form =~ s/\n/\\n/r, $size;
		succeeds(
			$name, $none, '0',
			settings => { empty_report => $form, size_format => $size },
			requests => {
				'POST reports' => 1,

				# a poll without a link counts as one that has to be repeated
				$form eq 'none' ? () : ('GET reports' => 1, download => 1)
			});
	}
}
$sandbox->settings(empty_report => '{}', size_format => 'integer');

foreach my $form ('[]', 'null')
{
	succeeds(
		"$form for an entity without rows",
		$one, $rows,
		settings => { empty_entity => $form },
		%one_download);
}
$sandbox->settings(empty_entity => '');
my $row = row('"TOTAL_IMPRESSION":7');
succeeds(
	'null in all places, one byte at a time',
	$count_one,
	'2|2|14',
	faults => [
		download(body => qq(\x{feff} {"1":null,"$yesterday":{"2":[$row],"3":null},"4":[$row]}), drip => 0.001)
	],
	%one_download);

foreach my $case (
	[ 'text that begins like null', 'nul' ],
	[ 'text that begins with null', 'nulls' ],
	[ 'null for a row', '{"1":[null]}' ],
	[ 'half a mark of UTF-8', "\x{feff}x" ])
{
	my ($name, $text) = @$case;
	fails($name, $count_one, $text eq 'nul' ? 'HV000' : '22P02', [qr/Pinterest/],
		faults => [ download(body => $text) ]);
}

# Whatever looks empty and need not be
fails('no bytes of some', $count_one, 'HV000', [qr/Pinterest sent an incomplete report/],
	faults => [ download(body => '') ]);
fails('white space in place of a report', $count_one, 'HV000',
	[qr/Pinterest sent an incomplete report/],
	faults => [ download(body => " \n ") ]);
foreach my $size (17, '17', undef, 'many')
{
	fails(
		'no link, size ' . ($size // 'null'),
		$count_one, 'HV000',
		[ qr/Pinterest finished a report without naming a link/, qr/advertiser $first/ ],
		faults => [ finished(size => $size) ]);
}
succeeds('no link, size "0"', $count_one, '0|0|', faults => [ finished(size => '0') ]);
succeeds('an empty link, size 0', $count_one, '0|0|',
	faults => [ finished(size => 0, url => '') ]);

# A gzip of 300 megabytes of spaces
sub bomb
{
	my $packed;
	my $gzip = IO::Compress::Gzip->new(\$packed) or die;
	print $gzip ' ' x 1_000_000 foreach 1 .. 300;
	close $gzip;
	return "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Encoding: gzip\r\nContent-Length: "
	  . length($packed) . "\r\n\r\n$packed";
}

# A connection that just ends does not tell that this is all.
my $raw = RawServer::start(
	sub {
		return bomb() if $_[1] eq '/bomb';
		my ($length) = $_[1] =~ m{/(\d*)};
		return "HTTP/1.1 200 OK\r\nConnection: close\r\n"
		  . ($length ne '' ? "Content-Length: $length\r\n" : '') . "\r\n";
	});

fails('an end without a length', $count_one, 'HV000',
	[qr/Pinterest sent an incomplete report/],
	faults => [ finished(url => "$raw/") ]);
succeeds('an end with a length', $count_one, '0|0|', faults => [ finished(url => "$raw/0") ]);

#
# Documents that begin with a mark
#
succeeds('a mark of UTF-8', $one, $rows, settings => { byte_order_mark => \1 }, %one_download);
$sandbox->settings(byte_order_mark => \0);
succeeds(
	'a mark of UTF-8 in a list',
	'SELECT campaign_id FROM one.campaigns',
	'1',
	faults => [ about('campaigns$', body => qq(\x{feff}{"items":[{"id":"1"}]})) ]);
fails('a mark of UTF-8 in an error',
	$count_one, 'HV000',
	[ qr/Pinterest refused a request for foreign table "campaign_report": No\./ ],
	faults => [ about('reports$', status => 400, body => qq(\x{feff}{"code":1,"message":"No."})) ]);

#
# Encoded documents
#
foreach my $encoding ('gzip', 'deflate')
{
	succeeds("$encoding: all of it", $one, $rows,
		settings => { download_encoding => $encoding, api_encoding => $encoding },
		%one_download);
	succeeds("$encoding: cut twice", $one, $rows,
		faults => [ map { download(cut => 20000 * $_, nth => $_) } 1 .. 2 ],
		requests => { 'POST reports' => 1, 'GET reports' => 1, 'download' => 3 });
	is_deeply([ map { $_->{range} } download_headers() ],
		[ undef, undef, undef ], "$encoding: no part of it is asked for");
}
$sandbox->settings(download_encoding => 'identity', api_encoding => 'identity');

# How the downloads of a statement were asked for: which form, and from which byte on
sub asked_for
{
	return map { [ $_->{'accept-encoding'}, $_->{range} ] } download_headers();
}

my %three = (requests => { 'POST reports' => 1, 'GET reports' => 1, 'download' => 3 });
succeeds('compressed where that is offered', $one, $rows,
	settings => { download_encoding => 'offered' }, %one_download);
is_deeply([ asked_for() ], [ [ 'gzip', undef ] ], 'compressed where that is offered: asked for');
my ($whole) = map { $_->{bytes} } grep { $_->{host} eq 'download' } $sandbox->log;
succeeds('compressed, and cut twice', $one, $rows,
	faults => [ map { download(cut => int($whole / 4) * $_, nth => $_) } 1 .. 2 ], %three);
is_deeply([ asked_for() ], [ ([ 'gzip', undef ]) x 3 ], 'compressed, and cut twice: begun anew');
succeeds('not compressed, and cut twice', $one, $rows,
	settings => { download_encoding => 'identity' },
	faults => [ map { download(cut => 20000 * $_, nth => $_) } 1 .. 2 ], %three);
is_deeply(
	[ asked_for() ],
	[ [ 'gzip', undef ], [ 'identity', 'bytes=20000-' ], [ 'identity', 'bytes=60000-' ] ],
	'not compressed, and cut twice: gone on with');

# One without an ETag that tells its bytes apart goes on in the form that it began in.
succeeds('not compressed, and a weak ETag', $one, $rows,
	faults => [
		download(cut => 20000, headers => { ETag => 'W/"1"' }),
		download(headers => { ETag => 'W/"1"' }, nth => 2) ],
	%two_downloads);
is_deeply([ asked_for() ], [ [ 'gzip', undef ], [ 'identity', undef ] ],
	'not compressed, and a weak ETag: begun anew');

# Spaces that are nearly nothing when they are sent
fails('a bomb', $count_one, '54000', [qr/too large/],
	faults => [ finished(url => "$raw/bomb") ]);

succeeds(
	'a part that is encoded by itself',
	$one, $rows,
	faults => [
		download(cut => 200000),
		download(headers => { 'Content-Encoding' => 'gzip' }, nth => 2)
	],
	requests => { 'POST reports' => 1, 'GET reports' => 1, 'download' => 3 });
is_deeply([ map { $_->{range} } download_headers() ],
	[ undef, 'bytes=200000-', undef ], 'a part that is encoded by itself: begun anew');
fails('an encoding that nobody knows', $one, '08P01', [qr/ncoding/],
	faults => [ download(headers => { 'Content-Encoding' => 'rot13' }) ]);

# What was handed out is compared with what comes when a download begins anew.
my ($long, $other) = map {
	my $value = $_;
	'{' . join(',', map { qq("$_":[) . row(qq("TOTAL_IMPRESSION":$value)) . ']' } 1000 .. 1999) . '}'
} (7, 8);
succeeds(
	'the same document without an ETag',
	$count_one,
	'1000|1000|7000',
	faults => [ download(body => $long, cut => 20000), download(body => $long, nth => 2) ],
	%two_downloads);
fails(
	'another document without an ETag',
	$count_one, 'HV000',
	[ qr/a report of Pinterest changed while it was being read/ ],
	faults => [ download(body => $long, cut => 20000), download(body => $other, nth => 2) ],
	%two_downloads);
succeeds('an ETag that names no bytes', $count_one, '1000|1000|7000',
	faults => [
		download(body => $long, headers => { ETag => 'W/"1"' }, cut => 20000),
		download(body => $long, headers => { ETag => 'W/"1"' }, nth => 2)
	],
	%two_downloads);
is((download_headers())[1]{range}, undef, 'an ETag that names no bytes: no part is asked for');

#
# Downloads that have moved
#
succeeds('moved three times', $one, $rows,
	settings => { download_redirects => 3 },
	requests => { 'POST reports' => 1, 'GET reports' => 1, 'download' => 4 });
succeeds('moved and cut', $one, $rows,
	settings => { download_redirects => 1 },
	faults => [ download(cut => 200000, nth => 2) ],
	requests => { 'POST reports' => 1, 'GET reports' => 1, 'download' => 4 });
is_deeply([ map { $_->{range} } download_headers() ],
	[ undef, undef, 'bytes=200000-', 'bytes=200000-' ],
	'moved and cut: the rest is asked for where it is now');
fails('moved four times', $one, 'HV000', [ qr/it was redirected too often/, qr/HTTP status 307/ ],
	settings => { download_redirects => 4 },
	requests => { 'POST reports' => 1, 'GET reports' => 1, 'download' => 4 });
$sandbox->settings(download_redirects => 0);

my $port = (split /:/, $sandbox->download_url)[-1];
foreach my $target (
	"http://localhost:$port/x",
	"http://127.0.0.2:$port/x",
	'http://example.com/x',
	'ftp://127.0.0.1/x',
	'https://user:password@example.com/x',
	"//user\@127.0.0.1:$port/x",
	"https:/user\@127.0.0.1:$port/x",
	'file:///etc/passwd')
{
	fails(
		"moved to $target",
		$one, 'HV000',
		[qr/it was redirected to a URL that must not be followed/],
		faults => [ download(status => 302, headers => { Location => $target }) ],
		%one_download);
}
succeeds(
	'moved to a path with the character of a user',
	$count_one,
	'0|0|',
	faults => [
		finished(url => $sandbox->download_url . '/x'),
		download(status => 302, headers => { Location => "$raw/0/user\@x?y\@z" })
	],
	requests => { 'POST reports' => 1, 'GET reports' => 1, 'download' => 1 });
fails('moved to https', $one, 'HV00N', [qr/could not reach Pinterest/],
	options => { retry_timeout => 1 },
	faults => [
		download(status => 301, headers => { Location => 'https://127.0.0.1:1/x' }, count => -1)
	]);
fails('moved to nowhere', $one, 'HV000', [qr/HTTP status 308/],
	faults => [ download(status => 308) ],
	%one_download);
fails('a call that has moved', $one, 'HV000',
	[ qr/HTTP status 307/, qr/HINT:  Requests with an access token are not redirected/ ],
	faults => [ about('reports$', status => 307, headers => { Location => $sandbox->api_url . '/x' }) ],
	requests => { 'POST reports' => 1 });

#
# Advertisers that are denied
#
my $sum = 'SELECT count(*), sum(total_impression) FROM everyone.campaign_report';
$sandbox->clear_faults;
my $all = query($sum);
my $others = query(
	qq{SELECT count(*), sum(total_impression) FROM everyone.campaign_report
		WHERE advertiser_id <> '$third'});
# A statement must have this result, and warn of one advertiser in these words.
sub leaves_out
{
	my ($name, $sql, $result, $advertiser, $words, %params) = @_;
	my ($stdout, $stderr) = run($sql, %params);
	my @messages = $stderr =~ /^(?:psql:\S+: )?((?:WARNING|ERROR): .*)$/mg;

	is($stdout, $result, "$name: result");
	is(@messages, 1, "$name: one message");
	like($messages[0] // '',
		qr/WARNING:  \w+: leaving out advertiser $advertiser, which Pinterest denies for foreign table "\w+": $words/,
		"$name: it says who is left out, and why");
	return;
}

my @denials = (
	[ 403, 29, 'You are not permitted to access the resource.' ],
	[ 404, 50, 'Advertiser not found.' ],
	[ 400, 1, 'Invalid ad account id' ]);
my $campaigns_of_others = query(
	qq{SELECT count(*) FROM everyone.campaigns WHERE advertiser_id <> '$third'});
foreach my $denial (@denials)
{
	my $status = $denial->[0];

	leaves_out("$status to a creation", $sum, $others, $third, $denial->[2],
		faults => [ about("$third/reports\$", method => 'POST', answer => $denial) ]);
	leaves_out("$status to a poll", $sum, $others, $third, $denial->[2],
		faults => [ about("$third/reports\$", method => 'GET', answer => $denial) ]);
	leaves_out("$status to a list", 'SELECT count(*) FROM everyone.campaigns',
		$campaigns_of_others, $third, $denial->[2],
		faults => [ about("$third/campaigns\$", answer => $denial) ]);

	# Of two pages the first one may have nothing.
	leaves_out(
		"$status to a later page",
		'SELECT count(*) FROM everyone.campaigns',
		$campaigns_of_others,
		$third,
		$denial->[2],
		faults => [
			{
				match => { path => "$third/campaigns\$" },
				body => { items => [], bookmark => 'next' }
			},
			about("$third/campaigns\$", nth => 2, answer => $denial)
		]);
	fails(
		"$status after a page with rows",
		'SELECT count(*) FROM everyone.ads',
		'42501',
		[ qr/Pinterest denied advertiser $third after a part of it had been read/, qr/$denial->[2]/ ],
		faults => [ about("$third/ads\$", nth => 2, answer => $denial) ]);
}

# Templates are those of one advertiser.
$sandbox->clear_faults;
my $template = query(
	qq{SELECT report_template_id FROM everyone.report_templates
		WHERE advertiser_id = '$first' AND report_level = 'CAMPAIGN' AND NOT is_deleted});
query(
	qq{CREATE FOREIGN TABLE everyone.from_template (advertiser_id text, campaign_id text, date date,
			spend_in_dollar numeric)
		SERVER pinterest OPTIONS (resource 'campaign_report', advertiser_id '*', template_id '$template')});
foreach my $denial (@denials)
{
	my ($stdout, $stderr) = run(
		'SELECT DISTINCT advertiser_id FROM everyone.from_template',
		faults => [ map { about("$_/templates\$", answer => $denial) } $second, $third ]);

	is($stdout, $first, "$denial->[0] to the list of templates: result");
	is(join(' ', $stderr =~ /leaving out advertiser (\d+), /g),
		"$second $third", "$denial->[0] to the list of templates: who is left out");
}
fails('a template that others do not have', 'SELECT count(*) FROM everyone.from_template', 'HV00R',
	[qr/advertiser $second has no report template $template/]);

# A scan that is repeated warns once.
my $twice = q{SET plan_cache_mode = force_generic_plan;
	SELECT count(*) FROM (VALUES (0), (1)) AS v (back)
	 CROSS JOIN LATERAL (SELECT * FROM everyone.campaign_report AS r
		WHERE r.date = current_date - v.back - 1 OFFSET 0) AS r};
$sandbox->clear_faults;
my $once = query(
	qq{SELECT count(*) FROM everyone.campaign_report
		WHERE date IN (current_date - 1, current_date - 2) AND advertiser_id <> '$third'});
leaves_out('a scan that is repeated', $twice, $once, $third, 'You are',
	faults => [ about("$third/reports\$", answer => $denials[0]) ]);
cmp_ok(scalar(grep { $_->{path} =~ m{$third/reports$} } $sandbox->log), '>', 1,
	'a scan that is repeated: it asks again');

# What is about all, or about something else than an advertiser
fails('401 code 3 about one of all', $sum, '42501', [qr/sufficient permissions/],
	faults => [ about("$third/reports\$", answer => [ 401, 3, 'Your token does not have sufficient permissions' ]) ]);
fails('500 about one of all', $sum, '08006', [qr/Something went wrong/],
	options => { retry_timeout => 1 },
	faults => [ about("$third/reports\$", answer => [ 500, 0, 'Something went wrong' ]) ]);
fails('another 400 about one of all', $sum, 'HV000', [qr/Columns \['X'\] are not available/],
	faults => [
		about("$third/reports\$",
			answer => [ 400, 1, "Columns ['X'] are not available for AD_ACCOUNT_ID." ])
	]);
succeeds('a report that Pinterest does not know any more', $sum, $all,
	faults => [ about("$third/reports\$", method => 'GET', count => 1, answer => [ 404, 404, 'Report not found.' ]) ]);
fails('a bookmark that has expired', 'SELECT count(*) FROM everyone.ads', 'HV00R',
	[ qr/Bookmark not found/, qr/HINT:  Run the statement again/ ],
	faults => [ about("$third/ads\$", nth => 2, answer => [ 404, 404, 'Bookmark not found.' ]) ]);
fails('a report that Pinterest never knows', $sum, 'HV00M', [qr/Pinterest lost a report/],
	faults => [ about("$third/reports\$", method => 'GET', answer => [ 404, 404, 'Report not found.' ]) ]);

# An advertiser that is given by name must be there.
foreach my $denial (@denials)
{
	fails("$denial->[0] about one by name", $count_one, $denial->[0] == 403 ? '42501' : 'HV00R',
		[ qr/$denial->[2]/, qr/$first/, qr/HINT/ ],
		faults => [ about("$first/reports\$", answer => $denial) ]);
	fails("$denial->[0] to a poll about one by name", $count_one,
		$denial->[0] == 403 ? '42501' : 'HV00R', [ qr/$denial->[2]/ ],
		faults => [ about("$first/reports\$", method => 'GET', answer => $denial) ],
		requests => { 'POST reports' => 1, 'GET reports' => 1 });
}

# Nobody is left.
$sandbox->clear_faults;
my @nobody = (qr/no advertiser may be read for foreign table/, qr/HINT:  Give the Pinterest user/);
query(q{SELECT pinterest.materialize('everyone.campaigns', 'mat.campaigns')});
my $copy = query('SELECT count(*) FROM mat.campaigns');
foreach my $sql ($sum, 'TABLE everyone.campaigns', 'TABLE everyone.advertisers',
	q{SELECT * FROM pinterest.refresh('mat.campaigns', allow_deletion => true)})
{
	fails("no ad accounts: $sql", $sql, '42501', [ @nobody, qr/Pinterest lists no ad account/ ],
		faults => [ about('ad_accounts$', count => 1, body => { items => [], bookmark => undef }) ]);
}
foreach my $sql ($sum, 'TABLE everyone.campaigns',
	q{SELECT * FROM pinterest.refresh('mat.campaigns', allow_deletion => true)})
{
	fails("all are denied: $sql", $sql, '42501',
		[ @nobody, qr/lists 3 ad accounts, and denies all of them/, qr/You are not permitted/ ],
		faults => [ about('/(reports|campaigns)$', answer => $denials[0]) ]);
}
$sandbox->clear_faults;
is(query('SELECT count(*) FROM mat.campaigns'), $copy, 'nobody is left: the copy stays');
leaves_out('a query for one that is denied', "$sum WHERE advertiser_id = '$third'", '0|', $third,
	'You are not permitted',
	faults => [ about("$third/reports\$", answer => $denials[0]) ]);

#
# Lists that shift while they are read
#
my @lists = map { "SELECT count(*), sum(hashtextextended(t::text, 0)) FROM $_ AS t" }
  qw(everyone.advertisers everyone.campaigns everyone.ads everyone.report_templates
  one.product_group_promotions);
my %once = map { $_ => query($_) } @lists, $sum;
my $refresh = q{SELECT inserted, updated, deleted FROM pinterest.refresh('mat.campaigns')};
$sandbox->settings(repeated_items => \1);
is(query($_), $once{$_}, "repeated items: each comes once: $_") foreach @lists, $sum;
is(query($refresh), '0|0|0', 'repeated items: a copy has each once');
$sandbox->settings(repeated_items => \0);

#
# Names that end in the middle of a character
#
$sandbox->settings(broken_texts => \1);
is( query(
		q{SELECT count(*), bool_and(c.name = m.name || U&'\FFFD')
			FROM everyone.campaigns AS c JOIN mat.campaigns AS m USING (campaign_id)}),
	"$copy|t", 'half a character in lists');
is( query(
		q{SELECT count(*) > 0, bool_and(r.campaign_name = m.name || U&'\FFFD')
			FROM one.campaign_report AS r JOIN mat.campaigns AS m USING (campaign_id)}),
	't|t', 'half a character in a report');
is(query($refresh), "0|$copy|0", 'half a character in a copy');
$sandbox->settings(broken_texts => \0);

#
# Columns that are refused
#
my $spend = 'SELECT count(*), sum(spend_in_dollar) FROM one.campaign_report WHERE spend_in_dollar > 0';
my $spent = query($spend);

# A report that is asked for these columns is refused, in either way.
sub refused
{
	my ($words, @columns) = @_;
	return map {
		{
			match => { method => 'POST', path => "$first/reports\$", body => qq("$_") },
			count => -1,
			answer([ 400, 1, $words =~ s/COLUMN/$_/r ])
		}
	} @columns;
}
foreach my $words (q('COLUMN' is not one of ['SPEND_IN_DOLLAR', 'LEADS']),
	q(Columns ['COLUMN'] are not available.))
{
	my ($stdout, $stderr, $count) =
	  run($spend, faults => [ refused($words, 'TOTAL_VIDEO_P0_COMBINED', 'TOTAL_IMPRESSION') ]);

	is($stdout, $spent, "$words: result");
	is(join(' ', sort $stderr =~ /WARNING:  01000: leaving out column (\w+), which Pinterest refuses/g),
		'TOTAL_IMPRESSION TOTAL_VIDEO_P0_COMBINED', "$words: a warning for each");
	unlike($stderr, qr/ERROR/, "$words: no error");
	is($count->{'POST reports'}, 3, "$words: asked for without one, and without the other");

	fails("$words: a column of the query",
		'SELECT date, total_impression FROM one.campaign_report', 'HV000', [qr/'TOTAL_IMPRESSION'/],
		faults => [ refused($words, 'TOTAL_IMPRESSION') ],
		requests => { 'POST reports' => 1 });
}
{
	my ($stdout, $stderr) = run(
		'SELECT sum(spend_in_dollar) > 0 FROM everyone.campaign_report',
		faults => [ refused(q(Columns ['COLUMN'] are not available.), 'LEADS') ]);
	my @without = map { $_->{path} =~ m{/(\d+)/} }
	  grep { $_->{method} eq 'POST' && !grep { $_ eq 'LEADS' } @{ $_->{body}{columns} } } $sandbox->log;

	is($stdout, 't', 'a column that one advertiser lacks: result');
	is(() = $stderr =~ /WARNING/g, 1, 'a column that one advertiser lacks: one warning');
	is_deeply(\@without, [$first], 'a column that one advertiser lacks: others are asked for it');
}

{
	my ($stdout, $stderr, $count) = run(
		$twice =~ s/everyone/one/r,
		faults => [ refused(q(Columns ['COLUMN'] are not available.), 'LEADS') ]);

	like($stdout, qr/^[1-9]\d*$/, 'a column that is refused to a scan that is repeated: result');
	is(() = $stderr =~ /WARNING/g, 1, 'a column that is refused to a scan that is repeated: one warning');
	is($count->{'POST reports'}, 3,
		'a column that is refused to a scan that is repeated: not asked for again');
}

#
# Faults that pass
#
foreach my $fault (
	[ 400, 12, 'Sorry' ],
	[ 400, 2787, 'Sorry! Something went wrong on our end.' ],
	[ 400, 1, 'something went wrong' ],
	[ 404, 0, 'Internal server error' ],
	[ 409, 9, 'The service is temporarily unavailable' ])
{
	succeeds("$fault->[0] code $fault->[1]", $one, $rows,
		faults => [ about('reports$', method => 'POST', count => 1, answer => $fault) ],
		requests => { 'POST reports' => 2, 'GET reports' => 1, 'download' => 1 });
}
fails('a refusal in other words', $one, 'HV000', [qr/Something else/],
	faults => [ about('reports$', method => 'POST', answer => [ 400, 2787, 'Something else' ]) ],
	requests => { 'POST reports' => 1 });

# The list that fails is one of many.
$sandbox->clear_faults;
my $ad_group = query('SELECT min(ad_group_id) FROM one.product_group_promotions');
query(
	qq{CREATE FOREIGN TABLE one.some_ad_groups (ad_group_id text) SERVER pinterest
		OPTIONS (resource 'ad_groups', advertiser_id '$first', ad_group_ids '$ad_group')});
fails('the list of an ad group', 'SELECT count(*) FROM one.product_group_promotions', '08006',
	[ qr{product_group_promotions\?ad_group_id=$ad_group was answered with HTTP status 500} ],
	options => { retry_timeout => 1 },
	faults => [
		about('product_group_promotions$', query => "ad_group_id=$ad_group\\b",
			answer => [ 500, 12, 'Something went wrong on our end.' ])
	]);

# A filter of which Pinterest says that it is a beta: the same rows without it
$sandbox->clear_faults;
foreach my $sql (
	"SELECT * FROM one.ad_groups WHERE ad_group_id IN ('$ad_group', '1')",
	"SELECT * FROM one.product_group_promotions WHERE ad_group_id = '$ad_group' ORDER BY 1, 2, 3",
	'SELECT ad_group_id FROM one.some_ad_groups')
{
	my $wanted = query($sql);
	my $refused = about('ad_groups$', query => 'ad_group_ids=',
		answer => [ 400, 1, "unexpected query parameter 'ad_group_ids'" ]);

	isnt($wanted, '', "$sql: there are rows");
	succeeds("$sql, without the filter", $sql, $wanted, faults => [$refused]);
	is( scalar(grep { $_->{path} =~ m{/ad_groups$} } $sandbox->log),
		2, "$sql, without the filter: asked for twice");
	$sandbox->clear_faults;
}
fails('a filter that fails for another reason',
	"SELECT * FROM one.ad_groups WHERE ad_group_id = '$ad_group'", '42501', [qr/You are not permitted/],
	faults => [ about('ad_groups$', query => 'ad_group_ids=', answer => $denials[0]) ]);

check_secrets();
done_testing();
