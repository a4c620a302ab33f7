
# Copyright (c) 2026, pinterest_fdw contributors

# pinterest_authorize, the program that authorizes through a browser.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use Cwd qw(abs_path);
use File::Copy qw(copy);
use File::Temp;
use HTTP::Tiny;
use IO::Socket::INET;
use IPC::Run;
use PinterestSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

# A shell that runs the test in the background has it ignored.
$SIG{INT} = 'DEFAULT';

my $source = abs_path("$FindBin::RealBin/../pinterest_authorize");
my $port = PostgreSQL::Test::Cluster::get_free_port();
my $redirect = "http://localhost:$port/back/";
my $sandbox = PinterestSandbox->new(
	campaigns => 1, ad_groups => 1, ads => 1, redirect_uri => $redirect);
my $node = PinterestSandbox::start_node('main', 'log_statement = all');
my $options = $sandbox->server_options . ", redirect_uri '$redirect'";
my ($client, $client_id) = ($sandbox->client, $sandbox->client_id);
my $odd = q{it's "a" \\ server};
(my $odd_name = $odd) =~ s/"/""/g;
$node->safe_psql(
	'postgres', qq{
	SET log_statement = 'none';
	CREATE EXTENSION pinterest_fdw;
	CREATE ROLE alice LOGIN;
	CREATE SERVER pinterest FOREIGN DATA WRAPPER pinterest_fdw OPTIONS ($options);
	CREATE SERVER "$odd_name" FOREIGN DATA WRAPPER pinterest_fdw OPTIONS ($options);
	CREATE SERVER empty FOREIGN DATA WRAPPER pinterest_fdw OPTIONS ($options);
	CREATE SERVER away FOREIGN DATA WRAPPER pinterest_fdw
		OPTIONS (redirect_uri 'https://example.com/back');
	GRANT USAGE ON FOREIGN SERVER pinterest TO alice;
	CREATE USER MAPPING FOR CURRENT_USER SERVER pinterest OPTIONS ($client);
	CREATE USER MAPPING FOR CURRENT_USER SERVER "$odd_name" OPTIONS ($client);
	CREATE USER MAPPING FOR CURRENT_USER SERVER away OPTIONS ($client);
	CREATE USER MAPPING FOR alice SERVER pinterest OPTIONS ($client);});

chomp(my $bindir = $node->config_data('--bindir'));
my $program = "$bindir/pinterest_authorize";
is(slurp_file($program), slurp_file($source), 'make install has put it beside psql');

# Starts the program; waits until it says where to go, or has ended.
sub start
{
	my ($args, %params) = @_;
	my $run = { out => '', err => '' };
	my $command = $params{command} // [$program];
	local $ENV{BROWSER} = $params{browser} // '';
	local $ENV{PATH} = $params{path} // $ENV{PATH};
	delete local @ENV{qw(DISPLAY WAYLAND_DISPLAY)};
	$run->{harness} = IPC::Run::start(
		[ @$command, '-h', $node->host, '-p', $node->port, '-d', 'postgres', @$args ],
		'<' => \undef, '>' => \$run->{out}, '2>' => \$run->{err},
		IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
	$run->{harness}->pump
	  until $run->{err} =~ /^(http\S+)\n/m || !$run->{harness}->pumpable;
	$run->{url} = $1 if $run->{err} =~ /^(http\S+)\n/m;
	return $run;
}

# Waits for its end; returns the exit status and what it said after the URL.
sub finish
{
	my ($run) = @_;
	$run->{harness}->finish;
	(my $err = $run->{err}) =~ s/\A.*^http\S+\n//ms;
	return ($run->{harness}->full_result >> 8, $run->{out}, $err);
}

sub fails
{
	my ($args, $pattern, $name, %params) = @_;
	my $run = start($args, %params);
	my ($status, $out, $err) = finish($run);
	is($status, 1, "$name: exit status");
	is($out, '', "$name: nothing on standard output");
	like($err, $pattern, "$name: message");
	return;
}

sub get { return HTTP::Tiny->new->get(@_); }

my @secrets;

# A page that a browser has got to.
sub shows
{
	my ($answer, $status, $pattern, $name) = @_;
	is($answer->{status}, $status, "$name: status");
	like($answer->{content}, $pattern, "$name: page");
	my $found = grep { index($answer->{content}, $_) >= 0 } @secrets, $sandbox->secrets;
	is($found, 0, "$name: no secret in it");
	is($answer->{headers}{'cache-control'}, 'no-store', "$name: is not kept");
	return;
}

# Where the browser is sent back to; its code and state are secret.
sub landing
{
	my ($url) = @_;
	my $landed = $sandbox->browse($url);
	push @secrets, $landed =~ /(?:code|state)=(\w+)/g;
	return $landed;
}

my $done = qr/user "\w+" is authorized at server "pinterest" with scope ads:read/;

#
# The way of the code
#

my $run = start(['--no-browser']);
like($run->{url}, qr/^\Q${\ $sandbox->authorization_url }\E\?client_id=$client_id&/, 'shows where to go');
my $landed = landing($run->{url});
shows(get("http://localhost:$port/favicon.ico"), 404, qr/Nothing is here/, 'another path');
shows(get($redirect), 404, qr/Nothing is here/, 'no code');
shows(get("$redirect?code=wrong-code&state=" . '0' x 64),
	200, qr/did not work.*the state in the URL is unknown/s, 'wrong state');
shows(get("$redirect?code=%3Cscript%3E%26&error=%3Cb%3E"),
	200, qr/Pinterest did not authorize: &lt;b&gt;/, 'words from outside are no HTML');
my $page = get($landed);
shows($page, 200, qr/<h1>PostgreSQL is authorized at Pinterest.*user &quot;\w+&quot; is authorized/s, 'success');
my ($status, $out, $err) = finish($run);
is($status, 0, 'success: exit status');
like($out, qr/\A$done\n\z/, 'success: standard output');
like($err, qr/ERROR:  the state in the URL is unknown.*HINT:/s, 'what failed before is told');
is($node->safe_psql('postgres', "SELECT ok FROM pinterest.check('pinterest') WHERE item = 'refresh token'"),
	't', 'authorized');

# The browser is not started with anything that is secret.
my $dir = File::Temp->newdir(DIR => $PostgreSQL::Test::Utils::tmp_check);
append_to_file("$dir/browser", <<"SCRIPT");
#!$^X
use HTTP::Tiny;
open(my \$file, '>', '$dir/arguments') or die;
print \$file "\@ARGV";
close \$file;
open(\$file, '>', '$dir/page') or die;
print \$file HTTP::Tiny->new->get(\$ARGV[0])->{content};
SCRIPT
chmod 0755, "$dir/browser";
$run = start([ '--role', 'alice', '--scopes', 'ads:read,catalogs:read' ], browser => "$dir/browser");
($status, $out) = finish($run);
is($status, 0, 'by the browser itself');
like($out, qr/user "alice" is authorized .* with scope /, 'by the browser itself: for the role');
my ($state) = $run->{url} =~ /state=(\w+)/;
my $arguments = slurp_file("$dir/arguments");
like($arguments, qr{^http://localhost:$port/pinterest_authorize/[\w-]+$}, 'what it is started with');
unlike($arguments, qr/$state/, 'the state is not in it');

$run = start([ '--no-browser', $odd ]);
landing($run->{url});
get(landing($run->{url}));
($status, $out) = finish($run);
is("$status $out", qq{0 user "${\ $node->safe_psql('postgres', 'SELECT user') }" is authorized at server "$odd" with scope ads:read\n},
	'a name with quotes');

my $log = slurp_file($node->logfile);
is(scalar(grep { index($log, $_) >= 0 } @secrets), 0, 'no code or state in the log of statements');
like($log, qr/statement: .*set_config/s, 'which shows others');

#
# A second try
#

$sandbox->settings(consent => 'denied');
$run = start(['--no-browser']);
my $denied = get(landing($run->{url}));
shows($denied, 200, qr/did not work.*access was denied in the browser.*>Try again</s, 'access denied');
my ($again) = $denied->{content} =~ /href="([^"]+)"/;
$sandbox->settings(consent => 'granted');
shows(get($again), 200, qr/is authorized at Pinterest/, 'second try');
($status, $out, $err) = finish($run);
is($status, 0, 'second try: exit status');
like($err, qr/ERROR:  access was denied in the browser\nHINT: /, 'second try: what was wrong');

$run = start(['--no-browser']);
$sandbox->settings(consent => 'denied');
($again) = get(landing($run->{url}))->{content} =~ /href="([^"]+)"/;
get($again);
shows(get($again), 410, qr/has been used/, 'an address of ours works once');
shows(get("http://localhost:$port/pinterest_authorize/guess"), 410, qr/has been used/, 'a guessed one');
$sandbox->settings(consent => 'granted');
$run->{harness}->signal('INT');
($status, $out, $err) = finish($run);
is($status, 130, 'Ctrl-C: exit status');
like($err, qr/^pinterest_authorize: interrupted\n\z/m, 'Ctrl-C: message');
unlike($err, qr/Traceback/, 'Ctrl-C: no traceback');

#
# What can be missing
#

fails([ '--no-browser', '--timeout', '0.1' ],
	qr/nobody has allowed access in 0\.1 seconds\nHINT:  Run pinterest_authorize again/, 'nobody comes');
fails(['nobody'], qr/\AERROR:  server "nobody" does not exist/, 'unknown server');
fails(['empty'], qr/\AERROR:  user "\w+" has no user mapping for server "empty"\n.*HINT:  Create one/s,
	'no user mapping');
fails(['away'], qr{cannot listen at the redirect URI https://example\.com/back\nDETAIL:  It is not an http address of this machine.*HINT:}s,
	'redirect URI elsewhere');
fails([ '-p', '1' ], qr/\Apsql: error: connection to server/, 'no connection');
fails([ '--role', 'nobody' ], qr/\AERROR:  role "nobody" does not exist/, 'no such role');
fails([ '-d', 'template1' ], qr/\AERROR:  schema "pinterest" does not exist/, 'no extension');
{
	my $taken = IO::Socket::INET->new(
		Listen => 1, LocalAddr => '127.0.0.1', LocalPort => $port, ReuseAddr => 1)
	  or BAIL_OUT("cannot listen at port $port: $!");
	fails([], qr/port $port is in use\nHINT:  End the program that listens there/, 'port taken');
}
chomp(my $python = `python3 -c 'import sys; print(sys.executable)'`);
copy($source, "$dir/alone");
fails([], qr/psql was not found\nHINT:  Install PostgreSQL's client programs/, 'no psql',
	command => [ $python, "$dir/alone" ], path => "$dir");
fails([ '--psql', "$dir/nothing" ], qr/could not run psql: No such file/, 'a psql that is none');

#
# A real browser
#

SKIP:
{
	my ($chromium) = grep { -x } map { ("$_/chromium", "$_/chromium-browser", "$_/google-chrome") }
	  split /:/, $ENV{PATH};
	skip 'no Chromium is installed', 3 unless $chromium;
	my $flags = "--headless --no-sandbox --disable-gpu --no-first-run --user-data-dir=$dir/profile";
	append_to_file("$dir/chromium", <<"SCRIPT");
#!/bin/sh
HOME=$dir exec $chromium $flags --dump-dom "\$1" >$dir/dom 2>$dir/chromium.log
SCRIPT
	chmod 0755, "$dir/chromium";
	$run = start([], browser => "$dir/chromium");
	($status, $out) = finish($run);
	is($status, 0, 'Chromium: exit status') or diag(slurp_file("$dir/chromium.log"));
	like($out, $done, 'Chromium: authorized');
	# The program ends first.
	for (1 .. 300)
	{
		last if -s "$dir/dom";
		select(undef, undef, undef, 0.1);
	}
	like(slurp_file("$dir/dom"), qr/PostgreSQL is authorized at Pinterest/, 'Chromium: the page');
}

done_testing();
