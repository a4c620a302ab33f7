
# Copyright (c) 2026, pinterest_fdw contributors

# Answers that hardly come, times to come back, and downloads that go on in the
# middle: nothing waits for ever, and nothing is put together from two documents.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use FaultTest;
use PinterestSandbox;
use PostgreSQL::Test::Utils;
use Test::More;

start();

# A period of a second in place of a minute.  The timeout is far away.
my %rate = (low_speed_limit => 100, low_speed_time => 1);

fails(
	'three bytes a second',
	$campaigns,
	'08006',
	[
		qr/could not reach Pinterest for foreign table "campaigns": less than 100 bytes per second in 1 seconds/,
		qr/HINT:  Try again later, or lower the server option "low_speed_limit"/
	],
	options => { %rate, retry_timeout => 0 },
	faults => [ { match => { path => 'campaigns$' }, drip => 0.3, count => -1 } ],
	requests => { 'GET campaigns' => 1 });
succeeds(
	'three bytes a second, once',
	$campaigns, '70',
	options => \%rate,
	faults => [ { match => { path => 'campaigns$' }, drip => 0.3 } ],
	requests => { 'GET campaigns' => 2 });
fails(
	'an encoded body that is slow',
	$campaigns,
	'08006',
	[qr/less than 100 bytes per second/],
	options => { %rate, retry_timeout => 0 },
	settings => { api_encoding => 'gzip' },
	faults => [ { match => { path => 'campaigns$' }, drip => 0.3, count => -1 } ]);
$sandbox->settings(api_encoding => 'identity');
fails(
	'a slow error',
	$campaigns,
	'08006',
	[qr/less than 100 bytes per second/],
	options => { %rate, retry_timeout => 0 },
	faults => [
		{
			match => { path => 'campaigns$' },
			status => 400,
			body => 'x' x 1000,
			drip => 0.3,
			count => -1
		}
	]);
my (undef, $slow, $requests) = run($report,
	options => { %rate, retry_timeout => 3 },
	faults => [ download(drip => 0.3, count => -1) ]);
like($slow, qr/ERROR:  08006: .* less than 100 bytes per second in 1 seconds/, 'a download that is always slow');
cmp_ok($requests->{download}, '>', 1, 'a download that is always slow: asked for again');
my ($rows) = run($report, options => { low_speed_limit => 0 });
succeeds(
	'a download that is slow once',
	$report, $rows,
	options => \%rate,
	faults => [ download(drip => 0.3) ],
	%two_downloads);
like((download_headers())[1]{range}, qr/^bytes=\d+-$/, 'and goes on where it was');
succeeds(
	'slow, but without a limit',
	$campaigns, '70',
	options => { low_speed_limit => 0, low_speed_time => 1 },
	faults => [ { match => { path => 'campaigns$' }, drip => 0.0001 } ],
	requests => { 'GET campaigns' => 1 });
# without run(), which expects a token in all requests
$sandbox->faults({ match => { path => 'ad_accounts$' }, drip => 0.3, count => -1 });
query(q{ALTER SERVER pinterest OPTIONS (SET low_speed_limit '100')});
like(
	PinterestSandbox::answer($node, q{SELECT * FROM pinterest.check('pinterest')}),
	qr/reachability\|f\|.*less than 100 bytes per second/, 'check() ends, too');
$sandbox->clear_faults;

# Whoever takes rows slowly slows down the download, which is no fault.  Much more
# than the operating system keeps is still to come when the cursor rests.
my $long = '{' . join(',', map { qq("$_":[) . row(qq("TOTAL_IMPRESSION":$_)) . ']' } 1 .. 200000) . '}';
my ($fetched, $complaints, $count) = run(
	q{BEGIN; DECLARE c CURSOR FOR SELECT campaign_id FROM pinterest_live.campaign_report;
	FETCH 1 FROM c; SELECT pg_sleep(3); FETCH 1 FROM c; SELECT pg_sleep(3);
	MOVE 190000 IN c; FETCH 1 FROM c; COMMIT},
	options => { low_speed_limit => 1000000, low_speed_time => 2 },
	faults => [ download(body => $long) ]);
is("$fetched$complaints", "1\n\n2\n\n190003", 'a cursor that rests');
is($count->{download}, 1, 'a cursor that rests: one download');

# Times to come back
sub throttled
{
	my (%headers) = @_;
	return faults => [
		{
			match => { path => 'campaigns$' },
			status => 429,
			headers => \%headers,
			body => { code => 8, message => 'Slow down.' }
		}
	];
}
my $now = 'Tue, 15 Nov 1994 08:12:31 GMT';
foreach my $case (
	[ 'a date, by the clock of the server', $now, 'Tue, 15 Nov 1994 09:12:31 GMT', 3600 ],
	[ 'a date of RFC 850', 'Mon, 15 Nov 2094 08:12:31 GMT', 'Monday, 15-Nov-94 09:12:32 GMT', 3601 ],
	[ 'a date of asctime()', $now, 'Tue Nov 15 09:12:33 1994', 3602 ],
	[ 'a day of one digit', 'Sun, 06 Nov 1994 08:49:37 GMT', 'Sun Nov  6 09:49:37 1994', 3600 ],
	[ 'the end of time', $now, 'Fri, 31 Dec 9999 23:59:59 GMT', 1000000000 ],
	[ 'more seconds than there are', $now, '99999999999999999999', 1000000000 ])
{
	my ($name, $date, $after, $seconds) = @$case;
	fails($name, $campaigns, '53400', [qr/Pinterest asks to wait $seconds seconds/],
		throttled(Date => $date, 'Retry-After' => $after),
		requests => { 'GET campaigns' => 1 });
}
foreach my $after ('Tue, 15 Nov 1994 08:12:30 GMT', 'Tue, 31 Feb 2094 08:12:30 GMT', 'soon', '0', '-1')
{
	succeeds("Retry-After: $after", $campaigns, '70',
		throttled(Date => $now, 'Retry-After' => $after),
		requests => { 'GET campaigns' => 2 });
}

# Downloads that are cut, and what stands there afterwards
my $body = '{' . join(',', map { qq("$_":[) . row(qq("TOTAL_IMPRESSION":$_)) . ']' } 1 .. 1000) . '}';
my $length = length $body;
my $own = '1000|1000|500500';
foreach my $case (
	[ 'an ETag of 128 characters', { ETag => '"' . 'x' x 126 . '"' } ],
	[ 'an ETag of 1000 characters', { ETag => '"' . 'x' x 998 . '"' } ],
	[ 'a weak ETag', { ETag => 'W/"1"' } ],
	[ 'no ETag, but a time', { 'Last-Modified' => $now } ])
{
	my ($name, $headers) = @$case;
	succeeds($name, $count_own, $own,
		faults => [
			download(body => $body, headers => $headers, cut => 20000),
			download(body => $body, headers => $headers, nth => 2)
		],
		%two_downloads);
	is((download_headers())[1]{range}, undef, "$name: no part is asked for");
}
sub part
{
	my ($range, $etag) = @_;
	return faults => [
		download(body => $body, headers => { ETag => '"1"' }, cut => 20000),
		download(
			status => 206,
			body => substr($body, 20000),
			headers => { ETag => $etag // '"1"', 'Content-Range' => $range },
			nth => 2)
	];
}
succeeds('the rest', $count_own, $own,
	part(sprintf 'bytes 20000-%d/%d', $length - 1, $length), %two_downloads);
succeeds('the rest of a document of unknown length', $count_own, $own,
	part(sprintf 'bytes 20000-%d/*', $length - 1), %two_downloads);
foreach my $case (
	[ 'the rest of a longer document', 'changed while it was being read', sprintf 'bytes 20000-%d/%d', $length, $length + 1 ],
	[ 'the rest with another ETag', 'changed while it was being read', (sprintf 'bytes 20000-%d/%d', $length - 1, $length), '"2"' ],
	[ 'a part of the rest', 'wrong part', "bytes 20000-20099/$length" ],
	[ 'another part', 'wrong part', sprintf 'bytes 19999-%d/%d', $length - 1, $length ],
	[ 'a part that is not said', 'wrong part', '' ])
{
	my ($name, $words, @part) = @$case;
	fails($name, $count_own, 'HV000', [qr/$words/], part(@part), %two_downloads);
}
fails('a part that was not asked for', $count_own, 'HV000', [qr/wrong part/],
	faults => [
		download(
			status => 206,
			body => $body,
			headers => { 'Content-Range' => sprintf 'bytes 0-%d/%d', $length - 1, $length })
	]);

check_secrets();
done_testing();
