
# Copyright (c) 2026, pinterest_fdw contributors

# What goes wrong at Pinterest or on the way there: what is tried again, how
# often, and which error the user gets in the end.

use strict;
use warnings;
use feature 'state';

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use Digest::SHA qw(sha256_hex);
use IO::Socket::INET;
use JSON::PP;
use PinterestSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

# Enough ads for two pages, and for a download of some hundred kilobytes.
my $sandbox =
  PinterestSandbox->new(campaigns => 70, report_delay => 0);
my $advertiser = $sandbox->advertiser;
my $wrong_token = 'pina_WRONGWRONGWRONGWRONGWRONG';

my %default_options =
  (timeout => 5, report_timeout => 30, retry_timeout => 10, max_connections => 4);

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init(extra => [ '--encoding=UTF8', '--locale=C.UTF-8' ]);
$node->append_conf(
	'postgresql.conf', q{
	timezone = 'UTC'
	log_min_messages = debug1
	log_statement = none});
$node->start;
$sandbox->import_into($node,
	options => join ', ',
	"historical_date '9 days'",
	map { "$_ '$default_options{$_}'" } keys %default_options);

# All that users and logs got to see, and all requests
my $seen = '';
my @requests;

sub query
{
	my ($sql) = @_;
	return $node->safe_psql('postgres', $sql);
}

# Runs SQL, then, in the same session, a query that no fault hits.
#
# Options: faults, settings of the sandbox, options of the server.  Returns
# what psql got on stdout and stderr, the seconds that it took, and the number
# of requests of each kind but those of the last query.
sub run
{
	my ($sql, %params) = @_;
	my %options = (%default_options, %{ $params{options} // {} });
	my $set = join ', ', map { "SET $_ '$options{$_}'" } sort keys %options;
	state $current = '';
	my ($stdout, $stderr);

	query("ALTER SERVER pinterest OPTIONS ($set)") if $set ne $current;
	$current = $set;
	$sandbox->clear_faults;
	$sandbox->clear_log;
	$sandbox->settings(%{ $params{settings} }) if $params{settings};
	$sandbox->faults(@{ $params{faults} }) if $params{faults};

	my $start = time;
	$node->psql(
		'postgres',
		"$sql;\n\\echo time\nSELECT 'alive: ' || count(*) FROM pinterest_live.advertisers;",
		stdout => \$stdout,
		stderr => \$stderr,
		on_error_stop => 0,
		extra_params => [ '-v', 'VERBOSITY=verbose' ]);
	my $elapsed = time - $start;

	my %count;
	foreach my $request ($sandbox->log)
	{
		push @requests, $request;
		next if $request->{path} =~ m{/ad_accounts/\d+$};

		# On a slow machine, a report may not be ready at the first poll.
		next
		  if $request->{method} eq 'GET'
		  && $request->{path} =~ /reports$/
		  && !$request->{fault}
		  && ($request->{bytes} // 0) < 100;
		my ($last) = $request->{path} =~ m{([^/]*)$};
		$count{ $request->{host} eq 'download'
			? 'download'
			: "$request->{method} $last" }++;
	}
	my $alive = $stdout =~ s/\n?time\nalive: 1$//;
	$stderr .= "\nno answer afterwards" unless $alive;
	$seen .= "$stdout\n$stderr\n";
	return ($stdout, $stderr, $elapsed, \%count);
}

# Seconds in which something must have happened that ought to happen at once.
# Machines are slow at times.
my $soon = 10;

sub check_requests
{
	my ($name, $elapsed, $count, %params) = @_;
	is_deeply($count, $params{requests}, "$name: requests")
	  if $params{requests};
	cmp_ok($elapsed, '<', $params{within} // 60, "$name: time");
	cmp_ok($elapsed, '>=', $params{waits}, "$name: waits")
	  if $params{waits};
	return;
}

# A statement must fail, with this SQLSTATE and these words.
sub fails
{
	my ($name, $sql, $sqlstate, $words, %params) = @_;
	my ($stdout, $stderr, $elapsed, $count) = run($sql, %params);

	like($stderr, qr/ERROR:  $sqlstate: /, "$name: fails with $sqlstate");
	like($stderr, $_, "$name: says $_") foreach @$words;
	unlike($stderr, qr/no answer afterwards/, "$name: the session goes on");
	check_requests($name, $elapsed, $count, %params);
	return;
}

# A statement must succeed, with this result.
sub succeeds
{
	my ($name, $sql, $result, %params) = @_;
	my ($stdout, $stderr, $elapsed, $count) = run($sql, %params);

	is("$stdout$stderr", $result, "$name: result");
	check_requests($name, $elapsed, $count, %params);
	return;
}

my $campaigns = 'SELECT count(*) FROM pinterest_live.campaigns';
my $ads = 'SELECT count(*) FROM pinterest_live.ads';
my $report = q{SELECT count(*), count(DISTINCT (campaign_id, date)),
	md5(string_agg(r::text, ' ' ORDER BY campaign_id, date))
	FROM pinterest_live.campaign_report AS r};

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
				body => $rate_limit
			}
		],
		requests => { 'GET campaigns' => 2 },
		waits => 1);
}

my ($rows) = run($report);
like($rows, qr/^[1-9]\d*\|/, 'the report has rows');

succeeds(
	'429 with the time in the message', $report, $rows,
	faults => [
		{
			match => { method => 'POST', path => 'reports$' },
			status => 429,
			body => $cost_limit
		}
	],
	requests => { 'POST reports' => 2, 'GET reports' => 1, 'download' => 1 },
	waits => 1);

succeeds(
	'400 with a time', $campaigns, '70',
	faults => [
		{
			match => { path => 'campaigns$' },
			status => 400,
			body => { code => 1, message => 'Too busy. Retry after 1 second.' }
		}
	],
	requests => { 'GET campaigns' => 2 },
	waits => 1);

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
		qr/HINT:  Pinterest asks to wait 60 seconds, longer than what is left of "retry_timeout" \(10 seconds\)/
	],
	faults => [
		{
			match => { path => 'campaigns$' },
			status => 429,
			headers => { 'Retry-After' => 60, 'x-pinterest-rid' => 'rid-1' },
			body => $rate_limit,
			count => -1
		}
	],
	requests => { 'GET campaigns' => 1 },
	within => $soon);

fails(
	'a time of hours',
	$campaigns,
	'53400',
	[qr/asks to wait 67150 seconds/],
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
	requests => { 'GET campaigns' => 1 },
	within => $soon);

fails(
	'throttling that does not end',
	$campaigns,
	'53400',
	[
		qr/HTTP status 429, code 8, at attempt 3/,
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
	requests => { 'GET campaigns' => 3 },
	within => $soon);

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
	options => { retry_timeout => 2 },
	faults => [
		{
			match => { method => 'POST', path => 'reports$' },
			status => 429,
			headers => { 'Retry-After' => 1 },
			body => $rate_limit,
			count => 3
		}
	],
	requests => { 'POST reports' => 6, 'GET reports' => 3, 'download' => 3 });

# With one connection, reports are asked for and read in turns.
succeeds(
	'one connection', $hours, '6',
	options => { max_connections => 1 },
	faults => [ { match => { host => 'download' }, cut => 500 } ],
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
		qr/answered with HTTP status 503, code 503, at attempt 3/,
		qr/HINT:  Try again later, or raise the server option "retry_timeout"/
	],
	options => { retry_timeout => 1 },
	faults => [ { match => { path => 'campaigns$' }, status => 503, count => -1 } ],
	requests => { 'GET campaigns' => 3 },
	within => $soon);

fails(
	'a page that is always cut',
	$ads,
	'08006',
	[qr/got no complete answer, at attempt 1|got no complete answer\./],
	options => { retry_timeout => 0 },
	faults => [ { match => { path => 'ads$' }, nth => 2, cut => 5000, count => -1 } ],
	requests => { 'GET ads' => 2 },
	within => $soon);

fails(
	'a stuck server',
	$campaigns,
	'08006',
	[
		qr/could not reach Pinterest for foreign table "campaigns": /,
		qr{GET /ad_accounts/$advertiser/campaigns got no complete answer\.}
	],
	options => { timeout => 1, retry_timeout => 0 },
	faults => [ { match => { path => 'campaigns$' }, delay => 60, count => -1 } ],
	requests => { 'GET campaigns' => 1 },
	within => $soon,
	waits => 1);

# The time until a request is known to be stuck counts.
{
	my ($stdout, $stderr, $elapsed, $count) = run(
		$campaigns,
		options => { timeout => 1, retry_timeout => 2 },
		faults =>
		  [ { match => { path => 'campaigns$' }, delay => 60, count => -1 } ]);
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
	requests => { 'GET campaigns' => 1 },
	within => $soon,
	waits => 1);

my $port = PostgreSQL::Test::Cluster::get_free_port();
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
		qr{GET /ad_accounts/1/campaigns got no complete answer, at attempt 3},
		qr/HINT:  Check the network and the server options "api_url" and "proxy"/
	],
	requests => {},
	within => $soon);

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
	requests => { 'GET campaigns' => 1 },
	within => $soon);

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
	requests => { 'GET campaigns' => 1 },
	within => $soon);

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
	requests => { 'GET campaigns' => 1 },
	within => $soon);
fails(
	'401 code 3',
	$campaigns,
	'42501',
	[ qr/HTTP status 401, code 3/, qr/HINT:  .*"ads:read"/ ],
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
	requests => { 'GET campaigns' => 1 },
	within => $soon);

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
	requests => { 'GET campaigns' => 1 },
	within => $soon);
fails(
	'404',
	'SELECT * FROM unknown',
	'HV00R',
	[
		qr/Ad account not found/,
		qr{GET /ad_accounts/1/campaigns was answered with HTTP status 404},
		qr/HINT:  Check the option "advertiser_id"/
	],
	requests => { 'GET campaigns' => 1 },
	within => $soon);
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
	requests => { 'GET campaigns' => 1 },
	within => $soon);

#
# Reports
#

sub report_status
{
	my ($status, %more) = @_;
	return {
		match => { method => 'GET', path => 'reports$' },
		report_status => $status,
		%more
	};
}

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
	[qr/Pinterest answered with a link that is not https/],
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
	settings => { report_delay => 600 },
	within => $soon);
$sandbox->settings(report_delay => 0);

#
# Downloads
#

sub download
{
	my (%fault) = @_;
	return { match => { host => 'download' }, %fault };
}

sub download_headers
{
	return map { $_->{headers} }
	  grep { $_->{host} eq 'download' } $sandbox->log;
}

my %one_download =
  (requests => { 'POST reports' => 1, 'GET reports' => 1, 'download' => 1 });
my %two_downloads =
  (requests => { 'POST reports' => 1, 'GET reports' => 1, 'download' => 2 });

succeeds(
	'cut download', $report, $rows,
	faults => [ download(cut => 200000) ],
	%two_downloads);
is_deeply([ map { $_->{range} } download_headers() ],
	[ undef, 'bytes=200000-' ], 'cut download: resumed where it was cut');
like((download_headers())[1]{'if-range'}, qr/^".+"$/,
	'cut download: for the same document only');
is(($sandbox->log)[3]{status}, 206, 'cut download: only the rest is sent');

succeeds(
	'download cut many times', $report, $rows,
	faults => [ map { download(cut => 50000, nth => $_) } 1 .. 5 ],
	requests => { 'POST reports' => 1, 'GET reports' => 1, 'download' => 6 },
	options => { retry_timeout => 4 });

succeeds(
	'download cut before the first byte', $report, $rows,
	faults => [ download(cut => 0) ],
	%two_downloads);

# One of our own, so that the storage can answer as we like
my $yesterday = do
{
	my @time = gmtime(time - 86400);
	sprintf '%04d-%02d-%02d', $time[5] + 1900, $time[4] + 1, $time[3];
};

sub row
{
	my ($json) = @_;
	return qq({"DATE":"$yesterday",$json});
}

my $body = '{'
  . join(',',
	map { qq("$_":[) . row(qq("TOTAL_IMPRESSION":$_)) . ']' } 1 .. 1000)
  . '}';
my $count_own =
  'SELECT count(*), count(DISTINCT campaign_id), sum(total_impression) FROM pinterest_live.campaign_report';
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
	[qr/Pinterest sent an incomplete report/],
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
	requests => { 'POST reports' => 1, 'GET reports' => 1, 'download' => 3 },
	within => $soon);

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
	'22004',
	[
		qr/Pinterest sent a row without its key for foreign table "campaign_report"/
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
	[ 'a row outside of a list', qq({"1":$row}) ],
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
	report_body('{"4711":[{"DATE":"yesteryear"}]}'));
fails(
	'\u0000 in a report',
	'SELECT campaign_name FROM pinterest_live.campaign_report',
	'22P05',
	[
		qr/unsupported Unicode escape sequence/,
		qr/\\u0000 cannot be converted to text/,
		qr/CAMPAIGN_NAME":"a\\u0000/,
		qr/row of foreign table "campaign_report", advertiser $advertiser, entity "4711"/
	],
	report_body('{"4711":[' . row('"CAMPAIGN_NAME":"a\u0000b"') . ']}'));

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

my $names = 'SELECT name FROM pinterest_live.campaigns';
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
		qr{CONTEXT:  .*answer to GET /ad_accounts/$advertiser/campaigns\n}s
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
	'\u0000 in an entity',
	$names, '22P05',
	[
		qr/unsupported Unicode escape sequence/,
		qr/foreign table "campaigns"/
	],
	page_body('{"items":[{"id":"4711","name":"a\u0000b"}]}'));
fails(
	'half a surrogate pair',
	$names, '22P02',
	[qr/foreign table "campaigns"/],
	page_body('{"items":[{"id":"4711","name":"\ud800"}]}'));
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
sub answer_of
{
	my ($body) = @_;
	return
		"HTTP/1.1 200 OK\r\nContent-Length: "
	  . length($body)
	  . "\r\nConnection: close\r\n\r\n$body";
}

my %answers = (
	'/v5/ad_accounts/1/campaigns' =>
	  answer_of(qq({"items":[{"id":"4711","name":"a\xc0\x80"}]})),
	'/v5/ad_accounts/2/campaigns' =>
	  answer_of(qq({"items":[{"id":"4711","name":"a\xed\xa0\x80"}]})),
	'/v5/ad_accounts/3/campaigns' =>
	  answer_of(qq({"items":[{"id":"4711","name":"caf\xe9"}]})),
	'/v5/ad_accounts/4/campaigns' =>
	  answer_of(qq({"items":[{"id":"4711","name":"a\x00b"}]})),
	# no length, and cut
	'/v5/ad_accounts/5/campaigns' =>
	  qq(HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{"items":[{"id":"4711"),
	# an error whose words cannot be shown as they are
	'/v5/ad_accounts/6/campaigns' =>
	  qq(HTTP/1.1 400 Bad\r\nX-Pinterest-Rid: \xff\x01\r\nConnection: close\r\n\r\n{"code":1,"message":"\xff"}),
	'/v5/ad_accounts/7/campaigns' =>
	  qq(HTTP/1.1 400 Bad\r\nConnection: close\r\n\r\n{"code":1,"message":"one\\ntwo\\u001b[2Jthree )
	  . ("\xc3\xa4" x 1000) . qq("}),
	# more than any page has
	'/v5/ad_accounts/8/campaigns' => answer_of(' ' x (70 * 1024 * 1024)),
	'/overlong_key' => answer_of(qq({"\xc0\x80":[$row]})),
	'/overlong_value' => answer_of(
		'{"4711":[' . row(qq("CAMPAIGN_NAME":"\xc0\x80")) . ']}'),
	'/escaped_key' => answer_of(qq({"a\\"\\u00e4\\/b":[$row]})),
	'/null_key' => answer_of(qq({"a\\u0000b":[$row]})));

my $listener = IO::Socket::INET->new(
	LocalAddr => '127.0.0.1',
	Listen => 10,
	ReuseAddr => 1) or die "could not listen: $!";
my $raw_pid = fork // die "could not fork: $!";
if ($raw_pid == 0)
{
	local $SIG{PIPE} = 'IGNORE';
	while (my $client = $listener->accept)
	{
		my ($path) = (<$client> // '') =~ m{^\w+ ([^ ?]*)};
		while (my $line = <$client>)
		{
			last if $line =~ /^\r\n/;
		}
		print $client $answers{ $path // '' } // '';
		close $client;
	}
	POSIX::_exit(0);
}
my $raw = 'http://127.0.0.1:' . $listener->sockport;
close $listener;

END
{
	local $?;
	if ($raw_pid)
	{
		kill 'TERM', $raw_pid;
		waitpid $raw_pid, 0;
	}
}

query(
	qq{
	CREATE SERVER raw FOREIGN DATA WRAPPER pinterest_fdw
		OPTIONS (api_url '$raw/v5', retry_timeout '0');
	CREATE USER MAPPING FOR CURRENT_USER SERVER raw OPTIONS (access_token '$wrong_token');});
query(
	"CREATE FOREIGN TABLE raw$_ (campaign_id text, name text) SERVER raw OPTIONS (resource 'campaigns', advertiser_id '$_')"
) foreach 1 .. 8;

my %bytes = (
	1 => '0xc0 0x80',
	2 => '0xed 0xa0',
	3 => '0xe9',
	4 => '0x00');
foreach my $table (sort keys %bytes)
{
	fails(
		"bytes $bytes{$table}",
		"SELECT name FROM raw$table",
		'22021',
		[
			qr/invalid byte sequence for encoding "UTF8": $bytes{$table}/,
			qr/foreign table "raw$table"/
		]);
}
fails(
	'a cut body of unknown length',
	'SELECT name FROM raw5',
	'22P02',
	[ qr/ended unexpectedly/, qr/foreign table "raw5"/ ]);
fails(
	'an error without UTF-8',
	'SELECT name FROM raw6',
	'HV000', [qr/Pinterest refused a request for foreign table "raw6": HTTP status 400/]);
fails(
	'an error with too many words',
	'SELECT name FROM raw7',
	'HV000', [qr/"raw7": one two \[2Jthree (?:\xc3\xa4|\x{e4}){200,260}\.\.\.\n/]);

fails(
	'a page that is too large',
	'SELECT name FROM raw8',
	'54000', [qr/"raw8": the answer is too large/]);

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
fails(
	'overlong key of a report',
	'SELECT campaign_id FROM pinterest_live.campaign_report',
	'22021',
	[ qr/0xc0 0x80/, qr/foreign table "campaign_report"/ ],
	raw_report('overlong_key'));
fails(
	'overlong value in a report',
	'SELECT campaign_name FROM pinterest_live.campaign_report',
	'22021',
	[
		qr/0xc0 0x80/,
		qr/foreign table "campaign_report", advertiser $advertiser, entity "4711"/
	],
	raw_report('overlong_value'));
succeeds(
	'escapes in a key of a report',
	q{SELECT campaign_id = U&'a"\00e4/b' FROM pinterest_live.campaign_report},
	't',
	raw_report('escaped_key'));
fails('\u0000 in a key of a report',
	'SELECT campaign_id FROM pinterest_live.campaign_report',
	'22P05', [qr/foreign table "campaign_report"/],
	raw_report('null_key'));

# Words that the encoding of the database does not have.  "\u00fc", for one, it
# has, but errors are shown in ASCII.
query(
	q{CREATE DATABASE latin1 ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0});
$sandbox->import_into($node, dbname => 'latin1');
$sandbox->clear_faults;
foreach my $case (
	[ 'escaped', '{"code":1,"message":"Clef \\\\u4e2d\\u00fc \\ud83d\\ude00."}' ],
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
		faults => [ download(body => '{}') ]
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
		$sqlstate, [], %params, within => $soon);
	is(contents(), $contents, "refresh: $name: the table is as it was");
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

#
# Secrets
#

$node->stop;

my $log = slurp_file($node->logfile);
foreach my $text ([ 'log', $log ], [ 'messages', $seen ])
{
	my ($where, $words) = @$text;
	foreach my $secret ($sandbox->token, $wrong_token)
	{
		my $part = substr $secret, 5, 12;
		ok($words !~ /\Q$part\E/, "no token in the $where");
	}
	ok($words !~ /X-Amz-Signature=/, "no signed link in the $where");
	ok($words !~ /Bearer/, "no Authorization in the $where");
}
ok($log =~ /DEBUG:  GET \S+: HTTP status 200/, 'the log has requests');

my $fingerprint = 'sha256:' . substr sha256_hex($sandbox->token), 0, 12;
my $fingerprint_wrong = 'sha256:' . substr sha256_hex($wrong_token), 0, 12;
my @downloads = grep { $_->{host} eq 'download' } @requests;
my @calls = grep { $_->{host} ne 'download' } @requests;
cmp_ok(scalar @downloads, '>', 0, 'there were downloads');
is(scalar(grep { defined $_->{authorization} } @downloads),
	0, 'no download with an Authorization');
is( scalar(
		grep {
			$_->{authorization} ne 'Bearer'
			  || $_->{credential} ne $fingerprint
			  && $_->{credential} ne $fingerprint_wrong
		} @calls),
	0,
	'no call without the token');

done_testing();
