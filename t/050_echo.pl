
# Copyright (c) 2026, pinterest_fdw contributors

# Servers that repeat what they were sent: no message shows it, in whatever form,
# and however it is cut.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use MIME::Base64;
use PinterestSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $sandbox = PinterestSandbox->new(
	advertisers => 1,
	campaigns => 1,
	ad_groups => 1,
	ads => 1,
	report_delay => 0);
my $node = PinterestSandbox::start_node('main', q{
	log_min_messages = debug1
	log_statement = none
	log_min_error_statement = panic});
$sandbox->connect($node, options => "retry_timeout '0'");

# Secrets of no known form, with characters that each encoding changes
my %secret = (
	access_token => 'q7Zk/9+Xw=vB~2LmT8_rY4-cN6.hJ1sD3fG5',
	client_secret => 'u8Rt"5W&x/y+Pq\\3Kd%7Fz<Hj>2VbM9nC4gS6',
	refresh_token => 'r4Jx+8Lk/2Gd-5Qw~7Tz_1Hv.6Nm=3Cb9Fs');
my %options = (%secret, client_secret => $secret{client_secret} =~ s/\\/\\\\/gr);
my $mapping = join ', ', q{SET access_token E'} . $secret{access_token} . q{'},
  map { "ADD $_ E'" . $options{$_} . q{'} } qw(client_secret refresh_token);
$node->safe_psql('postgres', qq{
	CREATE SCHEMA live;
	IMPORT FOREIGN SCHEMA ads LIMIT TO (campaigns, campaign_report) FROM SERVER pinterest INTO live;});

# What each form makes of a few characters
my %forms = (
	plain => sub { $_[0] },
	percent => sub { $_[0] =~ s/([^A-Za-z0-9_.~-])/sprintf '%%%02X', ord $1/ger },
	percent_all => sub { $_[0] =~ s/(.)/sprintf '%%%02x', ord $1/ger },
	json => sub { $_[0] =~ s/(["\\])/\\$1/gr },
	json_all => sub { $_[0] =~ s/(.)/sprintf '\\u%04x', ord $1/ger },
	html => sub { $_[0] =~ s/(.)/sprintf '&#x%x;', ord $1/ger });
$forms{percent_twice} = sub { $forms{percent}->($forms{percent}->($_[0])) };

# All strings that would show eight characters of a secret
my %shows;
foreach my $value (values %secret)
{
	foreach my $place (0 .. length($value) - 8)
	{
		$shows{ lc $_->(substr $value, $place, 8) } = 1 foreach values %forms;
	}
	foreach my $shift (0 .. 2)
	{
		my $encoded = encode_base64('x' x $shift . $value, '');
		foreach my $text ($encoded, $encoded =~ tr{+/}{-_}r)
		{
			$shows{ lc substr $text, $_, 12 } = 1
			  foreach 4 .. length($encoded) - 16;
		}
	}
}

sub shown
{
	my ($text) = @_;
	my @found = grep { index(lc $text, $_) >= 0 } keys %shows;
	note("$_ in " . substr $text, index(lc $text, $_) - 500, 600) foreach @found[0 .. ($#found > 3 ? 3 : $#found)];
	return scalar @found;
}

is(shown("a $secret{access_token} b") > 0, 1, 'the search works');

# All that clients have seen
my $seen = '';

sub run
{
	my ($sql) = @_;
	my $answer = PinterestSandbox::answer($node, "SET client_min_messages = debug1; $sql");
	$seen .= "$answer\n";
	return $answer;
}

my $count = 'SELECT count(*) FROM live.campaigns';
my $report = q{SELECT count(*) FROM live.campaign_report WHERE date > current_date - 3};
my @forms =
  qw(plain lower percent percent_all percent_twice json json_all html base64 base64url);

# The API: first a table on the server with the true token, for later
$node->safe_psql('postgres', q{SELECT pinterest.materialize('live.campaigns', 'public.campaigns')});
$node->safe_psql('postgres', "ALTER USER MAPPING FOR CURRENT_USER SERVER pinterest OPTIONS ($mapping, ADD client_id '1234567')");
foreach my $status (400, 401, 403, 404, 429, 500)
{
	foreach my $form (@forms)
	{
		$sandbox->faults(
			{
				match => { host => 'api', path => 'ad_accounts' },
				count => -1,
				status => $status,
				echo => $form,
				body => { code => 7, message => 'begin {request}', message_detail => '{request} end' }
			},
			{
				match => { host => 'oauth' },
				count => -1,
				status => $status == 404 ? 401 : $status,
				echo => $form,
				body => $form eq 'html' ? { error => 'begin {request}' } :
				  { error => 'invalid_client', error_description => 'begin {request}' }
			});
		my $answer = run($count);
		like($answer, qr/begin .*\*{8}/is, "$status, $form: is shown, and blanked");
		is(shown($answer), 0, "$status, $form: shows nothing");
		$sandbox->clear_faults;
	}
}

# A copy, its log and its status, and check()
foreach my $status (403, 500)
{
	$sandbox->faults({
		match => { host => 'api' },
		count => -1,
		status => $status,
		echo => 'base64',
		headers => { 'x-pinterest-rid' => $secret{access_token} },
		body => { code => 29, message => 'begin {request}' } });
	run(q{SELECT pinterest.refresh('public.campaigns')});
	run(q{SELECT * FROM pinterest.refresh_all()});
	run(q{SELECT * FROM pinterest.check('pinterest')});
	run('SELECT * FROM pinterest.refresh_log');
	run('SELECT * FROM pinterest.status');
	run('SELECT * FROM pinterest.freshness');
	$sandbox->clear_faults;
}

# The border where a message is cut, wherever the secret lies on it
foreach my $form (qw(plain percent json_all base64))
{
	foreach my $width (map { $_ * 3 } 110 .. 172)
	{
		$sandbox->faults({
			match => { host => 'api' },
			count => -1,
			status => 400,
			echo => $form,
			body => { code => 7, message => 'x' x $width . '{request}' } });
		run($count);
		$sandbox->clear_faults;
	}
}
is(shown($seen), 0, 'nothing is shown at a border, in views, or by check()');

# The token endpoint, with a refresh token
$node->safe_psql('postgres', q{ALTER USER MAPPING FOR CURRENT_USER SERVER pinterest OPTIONS (DROP access_token)});
foreach my $status (400, 401, 403, 500, 302, 200)
{
	foreach my $form (@forms)
	{
		$sandbox->faults({
			match => { host => 'oauth' },
			count => -1,
			status => $status,
			echo => $form,
			body => { error => 'begin {request}', error_description => 'begin {request}', scope => '{request}' } });
		my $answer = run($count);
		like($answer, $status == 200 ? qr/not one of a token endpoint/ : qr/begin .*\*{8}/is,
			"token endpoint, $status, $form");
		is(shown($answer), 0, "token endpoint, $status, $form: shows nothing");
		$sandbox->clear_faults;
	}
}
run(q{SELECT * FROM pinterest.check('pinterest')});
run('SELECT scope, failure, failure_detail, failure_hint FROM pinterest_internal.authorizations');

# Tokens that are issued, with what was sent in the place of the scope
$sandbox->faults({
	match => { host => 'oauth' },
	count => 1,
	echo => 'plain',
	body => {
		access_token => $secret{access_token},
		token_type => 'bearer',
		expires_in => 2592000,
		scope => "ads:read {request} $secret{access_token}" } });
like(run($count), qr/28000/, 'issued tokens are sent');
run('SELECT scope FROM pinterest_internal.authorizations');
run(q{SELECT * FROM pinterest.check('pinterest')});
like($seen, qr{ads:read Basic \*{8}}, 'the scope is shown');
is(shown($seen), 0, 'nothing is shown by the token endpoint');
is(shown(slurp_file($node->logfile)), 0, 'nothing is in the log');

# The code
my $state = run(q{SELECT pinterest.authorization_url('pinterest')}) =~ /state=(\w+)/ ? $1 : '';
my $code = $forms{percent}->($secret{access_token});
foreach my $query ("code=$code&error=x$code", "error=denied&error_description=$code&code=$code",
	"state=$state&code=$code")
{
	$sandbox->faults({
		match => { host => 'oauth' },
		count => -1,
		status => 400,
		echo => 'plain',
		body => { error => 'begin {request}' } });
	my $answer = PinterestSandbox::answer($node,
		"SELECT pinterest.authorize('pinterest', 'http://localhost:8085/?$query')");
	like($answer, qr/\*{8}/, 'the code is blanked');
	is(shown($answer), 0, 'nothing of the code is shown');
	$sandbox->clear_faults;
}

# The search for a code of any length would not end, nor be canceled.
like(
	PinterestSandbox::answer($node,
		q{SELECT pinterest.authorize('pinterest', 'http://localhost/?error=x&code=' || repeat('x', 4097))}),
	qr/ERROR:  22023: the code in the URL is longer than 4096 bytes/,
	'a code has a length');

# A signed link of a download
$node->safe_psql('postgres', sprintf "ALTER USER MAPPING FOR CURRENT_USER SERVER pinterest OPTIONS (ADD access_token '%s')", $sandbox->token);
$sandbox->faults(
	{
		match => { method => 'GET', path => 'reports$' },
		count => -1,
		body => {
			report_status => 'FINISHED',
			size => 100,
			url => $sandbox->download_url . '/report?X-Amz-Signature=' . $forms{percent}->($secret{client_secret}) } },
	{
		match => { host => 'download' },
		count => -1,
		status => 400,
		echo => 'plain',
		body => { code => 7, message => 'begin {request}' } });
my $answer = run($report);
like($answer, qr/begin .*GET .*\*{16}/s, 'a signed link is blanked');
is(shown($answer), 0, 'nothing of a signed link is shown');

$sandbox->clear_faults;

# Rows that have a secret in the place of a value, or are no JSON: PostgreSQL's
# own messages repeat what they do not take.
my $token = $sandbox->token;
my $any_piece = join '|', map { quotemeta substr $token, $_, 12 } 5 .. length($token) - 12;
$any_piece = qr/$any_piece/;
my $day = $node->safe_psql('postgres', q{SELECT (now() AT TIME ZONE 'UTC')::date - 1});
$node->safe_psql('postgres', q{
	ALTER FOREIGN TABLE live.campaign_report ALTER campaign_name TYPE tsquery,
		ALTER campaign_objective_type TYPE regclass});
foreach my $case (
	[ 'a number', qq("DATE":"$day","SPEND_IN_DOLLAR":"$token"), '22P02' ],
	[ 'a key', qq("DATE":"$day","CAMPAIGN_ID":"$token"), '\w{5}' ],
	[ 'a day', qq("DATE":"$token","SPEND_IN_DOLLAR":1), '2\w{4}' ],
	[ 'what is searched for', qq("DATE":"$day","SPEND_IN_DOLLAR":1,"CAMPAIGN_NAME":"Bearer $token"), '42601' ],
	[ 'a table', qq("DATE":"$day","SPEND_IN_DOLLAR":1,"CAMPAIGN_OBJECTIVE_TYPE":"$token"), '42P01' ],
	[ 'a word of broken JSON', qq("DATE":"$day","SPEND_IN_DOLLAR":"$token" "x"), '22P02' ],
	[ 'broken JSON behind it', qq("DATE":"$day","SPEND_IN_DOLLAR":"$token",]), '22P02' ],
	[ 'no JSON', qq("DATE":"$day","SPEND_IN_DOLLAR":$token), '22P02' ])
{
	my ($name, $row, $sqlstate) = @$case;
	$sandbox->faults({ match => { host => 'download' }, count => -1, body => qq({"1":[{$row}]}) });
	my $error = run(q{SELECT count(spend_in_dollar), count(campaign_id), count(campaign_name), count(campaign_objective_type) FROM live.campaign_report WHERE date > current_date - 3});
	like($error, qr/ERROR:  $sqlstate/, "$name: fails");
	unlike($error, $any_piece, "$name: shows no token");
	$sandbox->clear_faults;
}
unlike(slurp_file($node->logfile), $any_piece, 'no token in the log');

$node->stop;
done_testing();
