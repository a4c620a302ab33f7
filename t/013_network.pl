
# Copyright (c) 2026, pinterest_fdw contributors

# TLS and proxies: what is said at once, since it does not pass, what is tried
# again, and what has not reached Pinterest at all.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use IPC::Open2;
use JSON::PP;
use PinterestSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

# A certificate of our own, which is its own authority
my $directory = PostgreSQL::Test::Utils::tempdir();
my ($cert, $key) = ("$directory/cert.pem", "$directory/key.pem");
plan skip_all => 'openssl cannot make a certificate here'
  if system(
	"openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
	  . " -addext subjectAltName=IP:127.0.0.1,DNS:sandbox.example"
	  . " -keyout '$key' -out '$cert' >'$directory/openssl.log' 2>&1") != 0;

my $sandbox = PinterestSandbox->new(
	campaigns => 3,
	ad_groups => 1,
	ads => 1,
	report_delay => 0);
my ($target) = $sandbox->api_url =~ m{^http://([^/]+)/};
my $gateway_pid = open2(
	my $from_gateway, my $to_gateway,
	'python3', "$FindBin::RealBin/../test/lib/gateway.py",
	'--target', $target, '--cert', $cert, '--key', $key);
my $port = decode_json(scalar <$from_gateway>);
END
{
	my $status = $?;
	if ($gateway_pid)
	{
		close $to_gateway;
		waitpid $gateway_pid, 0;
	}
	$? = $status;
}

my $node = PinterestSandbox::start_node('main');
$sandbox->connect($node,
	options => "timeout '10', retry_timeout '1', ca_file '$cert'");
$node->safe_psql('postgres', q{
	CREATE SCHEMA live;
	IMPORT FOREIGN SCHEMA ads LIMIT TO (campaigns, campaign_report) FROM SERVER pinterest INTO live;});

my $count = 'SELECT count(*) FROM live.campaigns';
my $tls = "https://127.0.0.1:$port->{tls}";

# What a statement prints, or its error with SQLSTATE
sub run
{
	my ($sql) = @_;
	my ($out, $err) = ('', '');
	my $ret = $node->psql(
		'postgres', $sql,
		stdout => \$out,
		stderr => \$err,
		extra_params => [ '-v', 'VERBOSITY=verbose' ]);
	return $ret == 0 ? $out : $err;
}

my $has_proxy = 0;

# Where Pinterest is, and the proxy on the way there if there is one
sub go_through
{
	my ($where, $proxy) = @_;
	my @changes = "SET api_url '$where/v5'";
	push @changes, 'DROP proxy' if $has_proxy && !$proxy;
	push @changes, ($has_proxy ? 'SET' : 'ADD') . " proxy '$proxy'" if $proxy;
	$has_proxy = defined $proxy;
	$node->safe_psql('postgres',
		'ALTER SERVER pinterest OPTIONS (' . join(', ', @changes) . ')');
	$sandbox->clear_log;
	return;
}

sub proxy { return "$_[1]://127.0.0.1:$port->{$_[0]}"; }

#
# What works
#

go_through($tls);
is(run($count), '3', 'TLS');
go_through($tls, proxy('tunnel', 'http'));
is(run($count), '3', 'TLS through a proxy');
go_through($tls, proxy('secure', 'https'));
is(run($count), '3', 'TLS through a proxy that speaks TLS itself');

# The sandbox links to plain http on this machine.  A stand-in for Pinterest may
# do that if it is on this machine itself.
my $report = q{SELECT count(*) > 0 FROM live.campaign_report WHERE date = current_date - 2};
go_through($tls);
is(run($report), 't', 'a link within this machine, from this machine');
go_through('https://sandbox.example', proxy('tunnel', 'http'));
is(run($count), '3', 'a host of another name');
like(run($report), qr/ERROR:  HV000: Pinterest answered with a link that must not be followed/,
	'a link within this machine, from elsewhere');

# Nor does TLS make a service of this machine one of Pinterest's.
foreach my $host ('127.0.0.1', '127.9.9.9', 'localhost', 'localhost.', 'x.localhost', '[::1]',
	'[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '0.0.0.0', '[::]')
{
	$sandbox->faults(
		{
			match => { method => 'GET', path => 'reports$' },
			body => { report_status => 'FINISHED', url => "https://$host:1/x", size => undef },
			count => -1
		});
	like(run($report), qr/ERROR:  HV000: Pinterest answered with a link that must not be followed/,
		"a link to $host by https, from elsewhere");
}
$sandbox->clear_faults;

#
# What does not pass is said at once, the rest is tried again
#

my $check_trust = qr/HINT:  Check the server options "api_url" and "ca_file"\.$/m;
my $check_url = qr/HINT:  Check the server options "api_url" and "proxy"\.$/m;
my $check_both = qr/HINT:  Check that the server option "api_url" leads to Pinterest, and "proxy" to a proxy\.$/m;
my $check_network = qr/HINT:  Check the network and the server options "api_url" and "proxy"\.$/m;
my $later = qr/HINT:  Try again later/;
my $once = qr/got no complete answer\.$/m;
my $again = qr/got no complete answer, at attempt [2-9]\.$/m;

sub at { my ($name) = @_; return "127.0.0.1:$port->{$name}"; }

my @cases = (
	[ 'handshake refused', [ 'https://' . at('handshake') ], 'HV00N', $once, $check_url ],
	[ 'no TLS', [ 'https://' . at('ssh') ], 'HV00N', $once, $check_url ],
	[ 'no HTTP', [ 'http://' . at('ssh') ], '08P01', $once, $check_both ],
	[ 'handshake cut', [ 'https://' . at('closes') ], '08006', $again, $later ],
	[ 'handshake reset', [ 'https://' . at('resets') ], '08006', $again, $later ],
	[ 'proxy that wants a password', [ $tls, proxy('407', 'http') ], 'HV00N', $once, $check_url ],
	[ 'proxy that forbids', [ $tls, proxy('403', 'http') ], 'HV00N', $once, $check_url ],
	[ 'proxy that finds nobody', [ $tls, proxy('502', 'http') ], 'HV00N', $again, $check_network ],
	[ 'proxy that is busy', [ $tls, proxy('503', 'http') ], 'HV00N', $again, $check_network ],
	[ 'proxy that closes', [ $tls, proxy('drops', 'http') ], '08006', $again, $later ],
	[ 'tunnel that closes', [ $tls, proxy('hollow', 'http') ], '08006', $again, $later ],
	[ 'proxy without TLS', [ $tls, proxy('tunnel', 'https') ], 'HV00N', $once, $check_url ],
	# libcurl knows that for what it is since version 8
	[ 'proxy that is none', [ $tls, proxy('ssh', 'http') ], 'HV00N|08006', qr/$once|$again/, qr/$check_url|$later/ ],
	[ 'SOCKS with a password', [ $tls, proxy('socks', 'socks5') ], 'HV00N', $once, $check_url ],
	[ 'SOCKS that finds nobody', [ $tls, proxy('socks_down', 'socks5') ], 'HV00N', $again, $check_network ]);
foreach my $case (@cases)
{
	my ($name, $way, $sqlstate, $attempts, $hint) = @$case;
	go_through(@$way);
	my $err = run($count);
	my $verb = $sqlstate eq '08P01' ? 'read what Pinterest answered' : 'reach Pinterest';
	like($err, qr/ERROR:  (?:$sqlstate): could not $verb for foreign table "campaigns": \S/,
		"$name: error");
	like($err, $attempts, "$name: attempts");
	like($err, $hint, "$name: hint");
	unlike($err, qr/rid-of-the-proxy/, "$name: no header of the proxy");
	is(scalar($sandbox->log), 0, "$name: no request");
}

# A certificate that is not to be trusted, and no file to check it with
foreach my $file ("$directory/none.pem", '/dev/null')
{
	go_through($tls);
	run("ALTER SERVER pinterest OPTIONS (SET ca_file '$file')");
	my $err = run($count);
	like($err, qr/ERROR:  HV00N: could not reach Pinterest for foreign table "campaigns": /,
		"ca_file $file: error");
	like($err, $once, "ca_file $file: one attempt");
	like($err, $check_trust, "ca_file $file: hint");
}
run("ALTER SERVER pinterest OPTIONS (SET ca_file '$cert')");

# The proxy wants to be left alone for an hour, Pinterest does not.
go_through($tls, proxy('tunnel', 'http'));
$sandbox->faults({ match => { path => 'campaigns$' }, status => 429 });
is(run($count), '3', 'headers of the proxy are not those of Pinterest');
$sandbox->clear_faults;

#
# What got no further than the proxy has not reached Pinterest
#

my $renewal = qr/HV00N: could not renew the access token .*DETAIL:  The refresh token has not been used/s;
run(sprintf q{DROP USER MAPPING FOR CURRENT_USER SERVER pinterest;
	CREATE USER MAPPING FOR CURRENT_USER SERVER pinterest OPTIONS (%s, refresh_token '%s')},
	$sandbox->client, $sandbox->refresh_token);

# but for one that was sent in plain text to whoever listens
foreach my $case (grep { $_->[0] ne 'no HTTP' } @cases)
{
	my ($name, $way) = @$case;
	go_through(@$way);
	like(run($count), $renewal, "renewal, $name: the refresh token has not been used");
	is(run('SELECT count(attempted_at), count(failure) FROM pinterest_internal.authorizations'),
		'0|1', "renewal, $name: nothing is unknown");
}

go_through($tls, proxy('tunnel', 'http'));
$sandbox->faults({ match => { host => 'oauth' }, drop => JSON::PP::true });
like(run($count), qr/08007: the outcome of renewing .* is unknown/,
	'renewal, dropped behind the proxy: the outcome is unknown');
is(run('SELECT count(attempted_at), count(failure) FROM pinterest_internal.authorizations'),
	'1|1', 'renewal, dropped behind the proxy: it is on record');
$sandbox->clear_faults;
is(run($count), '3', 'renewal through a proxy');

$node->stop;
done_testing();
