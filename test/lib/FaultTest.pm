
# Copyright (c) 2026, pinterest_fdw contributors

=pod

=head1 NAME

FaultTest - a server and a sandbox, for tests of what goes wrong

=head1 DESCRIPTION

start() starts a sandbox, $sandbox, with further options if there are any, and a
node, $node, whose schema pinterest_live has all tables.  The rest is what statements are run and judged
with.

=cut

package FaultTest;

use strict;
use warnings;
use feature 'state';

use Digest::SHA qw(sha256_hex);
use Exporter 'import';
use PinterestSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

our @EXPORT = qw($sandbox $advertiser $wrong_token $node $campaigns $ads
  $report $count_own $yesterday %one_download %two_downloads start query run fails succeeds
  report_status download download_headers row check_secrets);

our ($sandbox, $advertiser, $node);
our $wrong_token = 'pina_WRONGWRONGWRONGWRONGWRONG';

my %default_options =
  (timeout => 60, low_speed_limit => 1000, low_speed_time => 60, report_timeout => 60,
	retry_timeout => 60, max_connections => 4);

# Starts both, with enough ads for two pages, and for a download of some hundred
# kilobytes.  Not while the module is loaded, when no cluster can be made yet.
sub start
{
	my (%options) = @_;

	$sandbox = PinterestSandbox->new(campaigns => 70, report_delay => 0, %options);
	$advertiser = $sandbox->advertiser;
	$node = PinterestSandbox::start_node('main', q{
		timezone = 'UTC'
		log_min_messages = debug1
		log_statement = none});
	$sandbox->import_into($node,
		options => join ', ',
		"historical_date '9 days'",
		map { "$_ '$default_options{$_}'" } keys %default_options);
	return;
}

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
# what psql got on stdout and stderr, and the number of requests of each kind but
# those of the last query.
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

	$node->psql(
		'postgres',
		"$sql;\n\\echo time\nSELECT 'alive: ' || count(*) FROM pinterest_live.advertisers;",
		stdout => \$stdout,
		stderr => \$stderr,
		on_error_stop => 0,
		timeout => $PostgreSQL::Test::Utils::timeout_default,
		extra_params => [ '-v', 'VERBOSITY=verbose' ]);

	my %count;
	foreach my $request ($sandbox->log)
	{
		push @requests, $request;
		next if $request->{path} =~ m{/ad_accounts/\d+$};

		# A report may not be ready at the first poll.
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
	my $alive = $stdout =~ s/\n?time\nalive: [1-9]\d*$//;
	$stderr .= "\nno answer afterwards" unless $alive;
	$seen .= "$stdout\n$stderr\n";
	return ($stdout, $stderr, \%count);
}

# Numbers of requests; "attempts" stands for what the error says.  How many these
# are before time is up depends on how fast the machine is.
sub check_requests
{
	my ($name, $stderr, $count, %params) = @_;
	return unless $params{requests};
	my ($attempts) = $stderr =~ /at attempt (\d+)/;
	my %wanted = map {
		my $wanted = $params{requests}{$_};
		($_ => $wanted eq 'attempts' ? $attempts // 1 : $wanted)
	} keys %{ $params{requests} };
	is_deeply($count, \%wanted, "$name: requests");
	return;
}

# A statement must fail, with this SQLSTATE and these words.
sub fails
{
	my ($name, $sql, $sqlstate, $words, %params) = @_;
	my ($stdout, $stderr, $count) = run($sql, %params);

	like($stderr, qr/ERROR:  $sqlstate: /, "$name: fails with $sqlstate");
	like($stderr, $_, "$name: says $_") foreach @$words;
	unlike($stderr, qr/no answer afterwards/, "$name: the session goes on");
	check_requests($name, $stderr, $count, %params);
	return;
}

# A statement must succeed, with this result.
sub succeeds
{
	my ($name, $sql, $result, %params) = @_;
	my ($stdout, $stderr, $count) = run($sql, %params);

	is("$stdout$stderr", $result, "$name: result");
	check_requests($name, $stderr, $count, %params);
	return;
}

our $campaigns = 'SELECT count(*) FROM pinterest_live.campaigns';
our $ads = 'SELECT count(*) FROM pinterest_live.ads';
our $report = q{SELECT count(*), count(DISTINCT (campaign_id, date)),
	md5(string_agg(r::text, ' ' ORDER BY campaign_id, date))
	FROM pinterest_live.campaign_report AS r};

sub report_status
{
	my ($status, %more) = @_;
	return {
		match => { method => 'GET', path => 'reports$' },
		report_status => $status,
		%more
	};
}

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

our %one_download =
  (requests => { 'POST reports' => 1, 'GET reports' => 1, 'download' => 1 });
our %two_downloads =
  (requests => { 'POST reports' => 1, 'GET reports' => 1, 'download' => 2 });

# Rows of our own, so that the storage can answer as we like
our $yesterday = PinterestSandbox::day(1);

sub row
{
	my ($json) = @_;
	return qq({"DATE":"$yesterday",$json});
}

our $count_own =
  'SELECT count(*), count(DISTINCT campaign_id), sum(total_impression) FROM pinterest_live.campaign_report';

# To be called at the end: neither the log nor what users saw has a secret, and
# each went where it belongs.
sub check_secrets
{
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
	return;
}

1;
