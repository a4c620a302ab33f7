
# Copyright (c) 2026, pinterest_fdw contributors

# What goes wrong at Pinterest or on the way there: what is tried again, how
# often, and which error the user gets in the end.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use FaultTest;
use IO::Socket::INET;
use PostgreSQL::Test::Cluster;
use Test::More;

start();

#
# Throttling
#

my $rate_limit = {
	code => 8,
	message =>
	  'This request exceeded a rate limit. This can happen if the client exceeds one of the published rate limits within a short time window.'
};
my $cost_limit = {
	code => 2726,
	message => 'Reporting query cost limit exceeded. Retry after 1 seconds'
};

# Whoever comes back before the second is over is sent away once more.
my %for_a_second = (count => -1, lasts => 0.9);

succeeds(
	'429 without a time', $campaigns, '70',
	faults => [
		{ match => { path => 'campaigns$' }, status => 429, body => $rate_limit }
	],
	requests => { 'GET campaigns' => 2 });

foreach my $header ('X-RateLimit-Reset', 'Retry-After')
{
	succeeds(
		"429 with $header", $campaigns, '70',
		faults => [
			{
				match => { path => 'campaigns$' },
				status => 429,
				headers => { $header => '1' },
				body => $rate_limit,
				%for_a_second
			}
		],
		requests => { 'GET campaigns' => 2 });
}

my ($rows) = run($report);
like($rows, qr/^[1-9]\d*\|/, 'the report has rows');

succeeds(
	'429 with the time in the message', $report, $rows,
	faults => [
		{
			match => { method => 'POST', path => 'reports$' },
			status => 429,
			body => $cost_limit,
			%for_a_second
		}
	],
	requests => { 'POST reports' => 2, 'GET reports' => 1, 'download' => 1 });

succeeds(
	'400 with a time', $campaigns, '70',
	faults => [
		{
			match => { path => 'campaigns$' },
			status => 400,
			body => { code => 1, message => 'Too busy. Retry after 1 second.' },
			%for_a_second
		}
	],
	requests => { 'GET campaigns' => 2 });

succeeds(
	'429 at a poll', $report, $rows,
	faults => [
		{
			match => { method => 'GET', path => 'reports$' },
			status => 429,
			body => $rate_limit
		}
	],
	requests => { 'POST reports' => 1, 'GET reports' => 2, 'download' => 1 });

fails(
	'a longer time than allowed',
	$campaigns,
	'53400',
	[
		qr/too many requests to Pinterest for foreign table "campaigns": This request exceeded a rate limit/,
		qr{DETAIL:  GET /ad_accounts/$advertiser/campaigns was answered with HTTP status 429, code 8\. Pinterest's id of the request is rid-1\.},
		qr/HINT:  Pinterest asks to wait 3600 seconds, longer than what is left of "retry_timeout" \(60 seconds\)/
	],
	faults => [
		{
			match => { path => 'campaigns$' },
			status => 429,
			headers => { 'Retry-After' => 3600, 'x-pinterest-rid' => 'rid-1' },
			body => $rate_limit,
			count => -1
		}
	],
	requests => { 'GET campaigns' => 1 });

fails(
	'a time of hours',
	$campaigns,
	'53400',
	[qr/HINT:  Pinterest asks to wait 18 h 39 min\. That is the daily limit of an app with Trial access, 1,000 requests\. Load fewer/],
	options => { retry_timeout => 300 },
	faults => [
		{
			match => { path => 'campaigns$' },
			status => 429,
			headers =>
			  { 'X-RateLimit-Reset' => 67150, 'x-envoy-ratelimited' => 'true' },
			body => $rate_limit,
			count => -1
		}
	],
	requests => { 'GET campaigns' => 1 });

fails(
	'throttling that does not end',
	$campaigns,
	'53400',
	[
		qr/HTTP status 429, code 8/,
		qr/HINT:  Try again later, or raise the server option "retry_timeout" \(1 seconds\)/
	],
	options => { retry_timeout => 1 },
	faults => [
		{
			match => { path => 'campaigns$' },
			status => 429,
			body => $rate_limit,
			count => -1
		}
	],
	requests => { 'GET campaigns' => 'attempts' });

# A report in three windows.  Requests that wait at the same time use the time
# allowed only once.
query(
	q{
	CREATE FOREIGN TABLE hours (date timestamptz) SERVER pinterest
		OPTIONS (resource 'advertiser_report', granularity 'hour', historical_date '6 days');}
);
my $hours =
  'SELECT count(DISTINCT date::date) FROM hours';
succeeds(
	'throttling of several requests at once', $hours, '6',
	options => { retry_timeout => 8 },
	faults => [
		{
			match => { method => 'POST', path => 'reports$' },
			status => 429,
			headers => { 'Retry-After' => 3 },
			body => $rate_limit,
			count => 3
		}
	],
	requests => { 'POST reports' => 6, 'GET reports' => 3, 'download' => 3 });

# With one connection, reports are asked for and read in turns.
succeeds(
	'one connection', $hours, '6',
	options => { max_connections => 1 },
	faults => [ { match => { host => 'download' }, cut => 1 } ],
	requests => { 'POST reports' => 3, 'GET reports' => 3, 'download' => 4 });
is((sort map { $_->{in_flight} } $sandbox->log)[-1],
	1, 'one connection: one request at a time');

#
# Faults that pass
#

foreach my $status (500, 502, 503)
{
	succeeds(
		"HTTP status $status", $campaigns, '70',
		faults => [ { match => { path => 'campaigns$' }, status => $status } ],
		requests => { 'GET campaigns' => 2 });
}

succeeds(
	'400 code 12', $campaigns, '70',
	faults => [
		{
			match => { path => 'campaigns$' },
			status => 400,
			body => {
				code => 12,
				message => 'Something went wrong on our end. Sorry about that.'
			}
		}
	],
	requests => { 'GET campaigns' => 2 });

succeeds(
	'dropped connection', $campaigns, '70',
	faults => [ { match => { path => 'campaigns$' }, drop => JSON::PP::true } ],
	requests => { 'GET campaigns' => 2 });

# No entity comes twice, and none is left out.
succeeds(
	'cut page',
	'SELECT count(*), count(DISTINCT ad_id) FROM pinterest_live.ads',
	'280|280',
	faults => [ { match => { path => 'ads$' }, nth => 2, cut => 5000 } ],
	requests => { 'GET ads' => 3 });

succeeds(
	'dropped creation and poll', $report, $rows,
	faults => [
		{
			match => { method => 'POST', path => 'reports$' },
			drop => 'after'
		},
		{ match => { method => 'GET', path => 'reports$' }, cut => 20 },
	],
	requests => { 'POST reports' => 2, 'GET reports' => 2, 'download' => 1 });

fails(
	'a server error that does not end',
	$campaigns,
	'08006',
	[
		qr/could not reach Pinterest for foreign table "campaigns": Fault by request\./,
		qr/answered with HTTP status 503, code 503/,
		qr/HINT:  Try again later, or raise the server option "retry_timeout"/
	],
	options => { retry_timeout => 1 },
	faults => [ { match => { path => 'campaigns$' }, status => 503, count => -1 } ],
	requests => { 'GET campaigns' => 'attempts' });

fails(
	'a page that is always cut',
	$ads,
	'08006',
	[qr/got no complete answer\./],
	options => { retry_timeout => 0 },
	faults => [ { match => { path => 'ads$' }, nth => 2, cut => 5000, count => -1 } ],
	requests => { 'GET ads' => 2 });

fails(
	'a stuck server',
	$campaigns,
	'08006',
	[
		qr/could not reach Pinterest for foreign table "campaigns": /,
		qr{GET /ad_accounts/$advertiser/campaigns got no complete answer\.}
	],
	options => { timeout => 1, retry_timeout => 0 },
	faults => [ { match => { path => 'campaigns$' }, delay => 600, count => -1 } ],
	requests => { 'GET campaigns' => 1 });

# The time until a request is known to be stuck counts.
{
	my ($stdout, $stderr, $count) = run(
		$campaigns,
		options => { timeout => 1, retry_timeout => 2 },
		faults =>
		  [ { match => { path => 'campaigns$' }, delay => 600, count => -1 } ]);
	like($stderr, qr/ERROR:  08006: /, 'a server that stays stuck: fails');
	cmp_ok($count->{'GET campaigns'}, '<=', 2, 'a server that stays stuck: attempts');
}

fails(
	'a body that gets stuck',
	$campaigns,
	'08006',
	[qr/got no complete answer\./],
	options => { timeout => 1, retry_timeout => 0 },
	faults => [ { match => { path => 'campaigns$' }, drip => 60, count => -1 } ],
	requests => { 'GET campaigns' => 1 });

# A port that is taken, so that nobody else listens there either
my $taken = IO::Socket::INET->new(
	LocalAddr => '127.0.0.1',
	LocalPort => 0,
	Proto => 'tcp') or die "no port: $!";
my $port = $taken->sockport;
query(
	qq{
	CREATE SERVER dead FOREIGN DATA WRAPPER pinterest_fdw
		OPTIONS (api_url 'http://127.0.0.1:$port/v5', advertiser_id '1', retry_timeout '1');
	CREATE USER MAPPING FOR CURRENT_USER SERVER dead OPTIONS (access_token '$wrong_token');
	CREATE FOREIGN TABLE dead (campaign_id text) SERVER dead OPTIONS (resource 'campaigns');}
);
fails(
	'a dead server',
	'SELECT * FROM dead',
	'HV00N',
	[
		qr/could not reach Pinterest for foreign table "dead": /,
		qr{GET /ad_accounts/1/campaigns got no complete answer(?:, at attempt [23])?\.},
		qr/HINT:  Check the network and the server options "api_url" and "proxy"/
	],
	requests => {});

fails(
	'a page in place of an error',
	$campaigns,
	'HV000',
	[
		qr/Pinterest refused a request for foreign table "campaigns": HTTP status 418\n/
	],
	faults => [
		{
			match => { path => 'campaigns$' },
			status => 418,
			body => '<html>' . 'x' x 200000,
			count => -1
		}
	],
	requests => { 'GET campaigns' => 1 });

fails(
	'a redirection',
	$campaigns,
	'HV000',
	[
		qr/Pinterest refused a request for foreign table "campaigns": HTTP status 302/
	],
	faults => [
		{
			match => { path => 'campaigns$' },
			status => 302,
			headers => { Location => $sandbox->download_url . '/campaigns' },
			body => '',
			count => -1
		}
	],
	requests => { 'GET campaigns' => 1 });

#
# Credentials and permissions
#

query(
	qq{
	CREATE SERVER wrong FOREIGN DATA WRAPPER pinterest_fdw
		OPTIONS (api_url '${\$sandbox->api_url}', advertiser_id '$advertiser');
	CREATE FOREIGN TABLE wrong (campaign_id text) SERVER wrong OPTIONS (resource 'campaigns');}
);
fails(
	'no user mapping',
	'SELECT * FROM wrong',
	'28000',
	[
		qr/user "\w+" has no user mapping for server "wrong"/,
		qr/HINT:  Create one with CREATE USER MAPPING FOR/
	],
	requests => {});
query('CREATE USER MAPPING FOR CURRENT_USER SERVER wrong');
fails(
	'no token',
	'SELECT * FROM wrong',
	'28000',
	[ qr/user "\w+" is not authorized at server "wrong"/, qr/HINT:/ ],
	requests => {});
query(
	"ALTER USER MAPPING FOR CURRENT_USER SERVER wrong OPTIONS (ADD access_token '$wrong_token')"
);
fails(
	'401 code 2',
	'SELECT * FROM wrong',
	'28000',
	[
		qr/Pinterest refused a request for foreign table "wrong": Authentication failed\./,
		qr/HTTP status 401, code 2/,
		qr/HINT:  The access token is wrong, expired or revoked/
	],
	requests => { 'GET campaigns' => 1 });
fails(
	'401 code 3',
	$campaigns,
	'42501',
	[ qr/HTTP status 401, code 3/, qr/HINT:  .*ads:read/ ],
	faults => [
		{
			match => { path => 'campaigns$' },
			status => 401,
			body => {
				code => 3,
				message => 'Your token does not have sufficient permissions'
			}
		}
	],
	requests => { 'GET campaigns' => 1 });

my $forbidden =
  $sandbox->control('GET', 'info')->{unpermitted_advertiser_id};
query(
	qq{
	CREATE FOREIGN TABLE forbidden (campaign_id text) SERVER pinterest
		OPTIONS (resource 'campaigns', advertiser_id '$forbidden');
	CREATE FOREIGN TABLE unknown (campaign_id text) SERVER pinterest
		OPTIONS (resource 'campaigns', advertiser_id '1');
	CREATE FOREIGN TABLE one_advertiser (currency text) SERVER pinterest
		OPTIONS (resource 'advertisers');});
fails(
	'403 code 29',
	'SELECT * FROM forbidden',
	'42501',
	[
		qr/HTTP status 403, code 29/,
		qr/You are not permitted to access the resource/,
		qr/HINT:  .*role/
	],
	requests => { 'GET campaigns' => 1 });
fails(
	'404',
	'SELECT * FROM unknown',
	'HV00R',
	[
		qr/Ad account not found/,
		qr{GET /ad_accounts/1/campaigns was answered with HTTP status 404},
		qr/HINT:  Check the option "advertiser_id"/
	],
	requests => { 'GET campaigns' => 1 });
fails(
	'invalid ad account id',
	$campaigns,
	'HV00R',
	[
		qr/Invalid ad account id/,
		qr/HTTP status 400, code 400/,
		qr/HINT:  Check the option "advertiser_id"/
	],
	faults => [
		{
			match => { path => 'campaigns$' },
			status => 400,
			body => { code => 400, message => 'Invalid ad account id' }
		}
	],
	requests => { 'GET campaigns' => 1 });

#
# Reports
#

foreach my $status ('EXPIRED', 'DOES_NOT_EXIST', 'CANCELLED')
{
	succeeds(
		"report $status once", $report, $rows,
		faults => [ report_status($status) ],
		requests =>
		  { 'POST reports' => 2, 'GET reports' => 2, 'download' => 1 });
}
fails(
	'report that is lost twice',
	$report, 'HV00M',
	[
		qr/Pinterest lost a report \(status CANCELLED\) for foreign table "campaign_report"/,
		qr/DETAIL:  The report is of advertiser $advertiser from \d+-\d+-\d+ to \d+-\d+-\d+\./,
		qr/HINT:/
	],
	faults =>
	  [ report_status('EXPIRED'), report_status('CANCELLED', nth => 2) ],
	requests => { 'POST reports' => 2, 'GET reports' => 2 });

fails(
	'report FAILED',
	$report, 'HV00M',
	[
		qr/Pinterest could not create a report for foreign table "campaign_report"/,
		qr/HINT:/
	],
	faults => [ report_status('FAILED') ],
	requests => { 'POST reports' => 1, 'GET reports' => 1 });
fails(
	'report FAILED at once',
	$report, 'HV00M',
	[
		qr/Pinterest could not create a report \(Too much of it\.\) for foreign table/
	],
	faults => [
		{
			match => { method => 'POST', path => 'reports$' },
			body => {
				report_status => 'FAILED',
				token => undef,
				message => 'Too much of it.'
			}
		}
	],
	requests => { 'POST reports' => 1 });
fails(
	'report without a token',
	$report, 'HV000',
	[qr/Pinterest accepted a report without naming a token/],
	faults => [
		{
			match => { method => 'POST', path => 'reports$' },
			body => { report_status => 'IN_PROGRESS', token => undef }
		}
	],
	requests => { 'POST reports' => 1 });
fails(
	'report without a link',
	$report, 'HV000',
	[qr/Pinterest finished a report without naming a link/],
	faults => [ report_status('FINISHED') ],
	requests => { 'POST reports' => 1, 'GET reports' => 1 });
fails(
	'report with a link to plain text',
	$report, 'HV000',
	[qr/Pinterest answered with a link that must not be followed/],
	faults => [
		{
			match => { method => 'GET', path => 'reports$' },
			body => {
				report_status => 'FINISHED',
				url => 'http://192.0.2.1/report',
				size => undef
			}
		}
	],
	requests => { 'POST reports' => 1, 'GET reports' => 1 });
fails(
	'report that is never ready',
	$report, 'HV00M',
	[
		qr/Pinterest did not finish a report within 1 seconds for foreign table "campaign_report"/,
		qr/HINT:  Raise the server option "report_timeout"/
	],
	options => { report_timeout => 1 },
	settings => { report_delay => 600 });
$sandbox->settings(report_delay => 0);

#
# Downloads
#

succeeds(
	'cut download', $report, $rows,
	faults => [ download(cut => 200000) ],
	%two_downloads);
is_deeply([ map { $_->{range} } download_headers() ],
	[ undef, 'bytes=200000-' ], 'cut download: resumed where it was cut');
like((download_headers())[1]{'if-range'}, qr/^".+"$/,
	'cut download: for the same document only');
is((grep { $_->{host} eq 'download' } $sandbox->log)[1]{status},
	206, 'cut download: only the rest is sent');

succeeds(
	'download cut many times', $report, $rows,
	faults => [ map { download(cut => 50000, nth => $_) } 1 .. 5 ],
	requests => { 'POST reports' => 1, 'GET reports' => 1, 'download' => 6 },
	options => { retry_timeout => 4 });

succeeds(
	'download cut before the first byte', $report, $rows,
	faults => [ download(cut => 0) ],
	%two_downloads);

my $body = '{'
  . join(',',
	map { qq("$_":[) . row(qq("TOTAL_IMPRESSION":$_)) . ']' } 1 .. 1000)
  . '}';
my $own_rows = '1000|1000|500500';

succeeds(
	'storage that does not know ranges',
	$count_own,
	$own_rows,
	faults => [
		download(body => $body, headers => { ETag => '"1"' }, cut => 20000),
		download(body => $body, headers => { ETag => '"1"' }, nth => 2)
	],
	%two_downloads);
succeeds(
	'storage that names no ETag',
	$count_own,
	$own_rows,
	faults => [
		download(body => $body, cut => 20000),
		download(body => $body, nth => 2)
	],
	%two_downloads);
fails(
	'another document after the cut',
	$count_own,
	'HV000',
	[
		qr/a report of Pinterest changed while it was being read/,
		qr/DETAIL:  download of the report from \d+-\d+-\d+ to \d+-\d+-\d+ was cut short/,
		qr/HINT:  Run the statement again/
	],
	faults => [
		download(body => $body, headers => { ETag => '"1"' }, cut => 20000),
		download(body => $body, headers => { ETag => '"2"' }, nth => 2)
	],
	%two_downloads);
fails(
	'another part after the cut',
	$count_own,
	'HV000',
	[
		qr/the wrong part of a report of Pinterest was sent/,
		qr{was to go on at byte 20000, but not at "bytes 0-9/10"}
	],
	faults => [
		download(body => $body, headers => { ETag => '"1"' }, cut => 20000),
		download(
			status => 206,
			body => '{"1":[{}]}',
			headers => { ETag => '"1"', 'Content-Range' => 'bytes 0-9/10' },
			nth => 2)
	],
	%two_downloads);
fails(
	'a shorter document after the cut',
	$count_own,
	'HV000',
	[qr/a report of Pinterest changed while it was being read/],
	faults => [
		download(body => $body, cut => 20000),
		download(body => substr($body, 0, 1000), nth => 2)
	],
	%two_downloads);
fails(
	'a download that is always cut',
	$report,
	'08006',
	[
		qr/could not reach Pinterest for foreign table "campaign_report"/,
		qr/DETAIL:  download of the report from \d+-\d+-\d+ to \d+-\d+-\d+ got no complete answer/
	],
	options => { retry_timeout => 1 },
	faults => [ download(cut => 0, count => -1) ],
	requests => { 'POST reports' => 1, 'GET reports' => 1, 'download' => 3 });

my $expired = download(
	status => 403,
	body =>
	  '<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>'
);
succeeds(
	'expired link', $report, $rows,
	faults => [$expired],
	requests => { 'POST reports' => 1, 'GET reports' => 2, 'download' => 2 });
succeeds(
	'link that expires in the middle', $report, $rows,
	faults => [ download(cut => 200000), { %$expired, nth => 2 } ],
	requests => { 'POST reports' => 1, 'GET reports' => 2, 'download' => 3 });
is_deeply(
	[ map { $_->{range} } download_headers() ],
	[ undef, 'bytes=200000-', 'bytes=200000-' ],
	'link that expires in the middle: resumed where it was cut');
fails(
	'links that have always expired',
	$report, '42501',
	[ qr/the download of a report was refused/, qr/HINT:/ ],
	settings => { link_lifetime => 0 },
	requests => { 'POST reports' => 1, 'GET reports' => 4, 'download' => 4 });
$sandbox->settings(link_lifetime => 300);
succeeds(
	'report that is gone with its first link',
	$report, $rows,
	faults => [ $expired, report_status('EXPIRED', nth => 2) ],
	requests => { 'POST reports' => 2, 'GET reports' => 3, 'download' => 2 });
fails(
	'report that is gone in the middle',
	$report, 'HV00M',
	[qr/Pinterest lost a report \(status EXPIRED\)/],
	faults => [
		download(cut => 200000),
		{ %$expired, nth => 2 },
		report_status('EXPIRED', nth => 2)
	],
	requests => { 'POST reports' => 1, 'GET reports' => 2, 'download' => 2 });
fails(
	'a document that is not there',
	$report, 'HV000',
	[ qr/Pinterest refused a request/, qr/HTTP status 404/ ],
	faults => [ download(status => 404, body => '<Error/>') ],
	%one_download);

check_secrets();
done_testing();
