
# Copyright (c) 2026, pinterest_fdw contributors

# Tokens are renewed by themselves: once, whoever needs them, and without losing
# them to a rollback, a cancel or a crash.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use PinterestSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use PsqlSession qw(wait_until);
use Test::More;
use Time::HiRes qw(sleep);

my $sandbox = PinterestSandbox->new(
	campaigns => 1,
	ad_groups => 1,
	ads => 1,
	report_delay => 0);
my $node = PinterestSandbox::start_node('main', q{
	restart_after_crash = on
	max_connections = 40
	log_min_messages = debug1}, allows_streaming => 1);
$sandbox->connect($node, client => 1, options => "retry_timeout '2', timeout '60'");
$node->safe_psql('postgres', q{
	CREATE SCHEMA live;
	IMPORT FOREIGN SCHEMA ads LIMIT TO (campaigns) FROM SERVER pinterest INTO live;});

my $count = 'SELECT count(*) FROM live.campaigns';

# What a statement prints, or its error with SQLSTATE
sub run
{
	my ($sql, %params) = @_;
	my ($out, $err) = ('', '');
	my $ret = ($params{node} // $node)->psql(
		'postgres', $sql,
		stdout => \$out,
		stderr => \$err,
		extra_params => [ '-v', 'VERBOSITY=verbose', '-q' ],
		on_error_stop => 1);
	my @found = grep { index("$out$err", $_) >= 0 } $sandbox->secrets;
	fail("a secret is shown by: $sql") if @found;
	return $ret == 0 ? $params{with_warnings} && $err ne '' ? "$out\n$err" : $out : $err;
}

sub authorize
{
	my $url = $sandbox->browse(run(q{SELECT pinterest.authorization_url('pinterest')}));
	return run("SELECT pinterest.authorize('pinterest', '$url')");
}

# Renewals that reached the token endpoint since the log was cleared
sub renewals
{
	return scalar grep {
			 $_->{host} eq 'oauth'
		  && ($_->{body}{grant_type} // '') eq 'refresh_token'
	} $sandbox->log;
}

# Lets time pass for the stored tokens, not for Pinterest.
sub age
{
	my ($access, $refresh) = @_;
	$refresh //= '30 days';
	$node->safe_psql(
		'postgres', qq{
		UPDATE pinterest_internal.authorizations SET
			access_expires_at = now() + interval '$access',
			refresh_expires_at = now() + interval '$refresh',
			issued_at = now() - interval '30 days', failed_at = NULL, failure = NULL});
	$sandbox->clear_log;
	return;
}

sub state
{
	return $node->safe_psql(
		'postgres', q{SELECT attempted_at IS NOT NULL, failure IS NOT NULL,
			access_expires_at > now() + interval '29 days'
			FROM pinterest_internal.authorizations});
}

like(authorize(), qr/is authorized/, 'authorized');

#
# When it is renewed
#

$sandbox->clear_log;
run($count) foreach 1 .. 3;
is(renewals(), 0, 'not as long as the token is good for long');
age('2 days');
is(run($count), '1', 'two days left');
is(renewals(), 0, 'is not renewed');
age('23 hours');
is(run($count, with_warnings => 1), '1', 'less than a day left');
is(renewals(), 1, 'is renewed ahead of time');
is(state(), 'f|f|t', 'and good for another 30 days');
age('-1 s');
is(run($count), '1', 'expired');
is(renewals(), 1, 'is renewed');
age('10 days', '6 days');
is(run($count), '1', 'the refresh token ends soon');
is(renewals(), 1, 'is renewed, which makes it a new one');
$sandbox->clear_log;
$sandbox->expire('access_token');
is(run($count), '1', 'Pinterest no longer takes the token');
is(renewals(), 1, 'is renewed');
is(scalar(grep { ($_->{status} // 0) == 401 } $sandbox->log), 1, 'after one refusal');

# In the middle of a scan, with requests side by side
$node->safe_psql('postgres', q{
	IMPORT FOREIGN SCHEMA ads LIMIT TO (campaign_report) FROM SERVER pinterest INTO live OPTIONS (historical_date '500 days')});
$sandbox->clear_log;
$sandbox->expire('access_token');
is(run('SELECT count(*) > 0 FROM live.campaign_report'), 't', 'several requests are refused at once');
is(renewals(), 1, 'and renew together');

# A brand-new token that is refused as well is an error, not a loop.
$sandbox->clear_log;
$sandbox->faults({ match => { host => 'api', path => 'campaigns$' }, count => -1,
		status => 401, body => { code => 2, message => 'Authentication failed.' } });
like(run($count), qr/ERROR:  28000: Pinterest refused a request .* Authentication failed/, 'refused again');
is(renewals(), 1, 'after one renewal');
$sandbox->clear_faults;

#
# Once, however many need it
#

foreach my $how ('expired', 'refused')
{
	my @sessions = map { $node->background_psql('postgres', on_error_stop => 0) } 1 .. 20;
	$_->query_safe('SET client_min_messages = error') foreach @sessions;
	age($how eq 'expired' ? '-1 s' : '20 days');
	$sandbox->expire('access_token');
	# All are held back and let go at once.
	my $gate = $node->background_psql('postgres');
	$gate->query_safe('BEGIN; SELECT pg_advisory_xact_lock(42)');
	foreach my $session (@sessions)
	{
		$session->{stdin} .=
		  "SELECT pg_advisory_xact_lock_shared(42);\n$count;\n\\echo the end\n";
		$session->{run}->pump_nb;
	}
	$node->poll_query_until('postgres',
		q{SELECT count(*) = 20 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted})
	  or die 'sessions did not get there';
	$gate->query_safe('COMMIT');
	$gate->quit;
	foreach my $session (@sessions)
	{
		$session->{run}->pump until $session->{stdout} =~ /the end\n/;
	}
	is(scalar(grep { $_->{stdout} =~ /^1$/m && $_->{stderr} !~ /ERROR/ } @sessions),
		20, "$how: 20 sessions have their result");
	is(renewals(), 1, "$how: and there was one renewal");
	$_->quit foreach @sessions;
}

#
# Whatever becomes of the statement
#

my %fates = (
	rollback => "BEGIN; $count; ROLLBACK",
	'read only' => "BEGIN READ ONLY; $count; COMMIT",
	'default read only' => "SET default_transaction_read_only = on; $count",
	'repeatable read' => "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1; $count; $count; COMMIT",
	serializable => "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE; $count; ROLLBACK",
	savepoint => "BEGIN; SAVEPOINT s; $count; ROLLBACK TO s; $count; ROLLBACK",
	error => "BEGIN; $count; SELECT 1/0; COMMIT",
	cursor => "BEGIN; DECLARE c CURSOR FOR SELECT campaign_id FROM live.campaigns; FETCH c; ROLLBACK");
foreach my $fate (sort keys %fates)
{
	age('-1 s');
	my $out = run($fates{$fate});
	$fate eq 'error'
	  ? like($out, qr/22012/, "$fate: fails by itself")
	  : unlike($out, qr/ERROR/, "$fate: works");
	is(renewals(), 1, "$fate: one renewal");
	is(run($count), '1', "$fate: the new token counts");
	is(renewals(), 1, "$fate: no second renewal");
}

# Canceled while it waits for the answer
my $waiting = q{SELECT count(*) FROM pg_locks WHERE locktype = 'object' AND NOT granted};
{
	my $session = PsqlSession->new($node);
	age('-1 s');
	$sandbox->faults({ match => { host => 'oauth' }, delay => 3600 });
	$session->begin($count);
	wait_until('a renewal', sub { renewals() });
	run("SELECT pg_cancel_backend($session->{pid})");
	like(($session->finish)[1], qr/57014: canceling statement due to user request/,
		'canceled while renewing');
	$session->begin($count);
	wait_until('another one', sub { run($waiting) == 1 });
	$sandbox->clear_faults;
	is(($session->finish)[0], '1', 'the next one waits for the worker that was left behind');
	is(renewals(), 1, 'and uses its result');
	$session->quit;
}

# While the worker waits for the answer it holds off interrupts, but not what the
# whole cluster waits for when a database is dropped.
{
	my $session = PsqlSession->new($node);
	run(q{ALTER SERVER pinterest OPTIONS (SET timeout '3600')});
	age('-1 s');
	$sandbox->faults({ match => { host => 'oauth' }, delay => 3600 });
	$session->begin($count);
	wait_until('a renewal', sub { renewals() });
	is(run('CREATE DATABASE other'), '', 'a database is created while a worker renews');
	is(run(q{SET statement_timeout = '120s'; DROP DATABASE other}), '', 'and dropped');
	isnt(worker_pid(), '', 'the worker still waits then');
	$sandbox->clear_faults;
	is(($session->finish)[0], '1', 'and its answer counts');
	is(renewals(), 1, 'of one renewal');
	$session->quit;
	run(q{ALTER SERVER pinterest OPTIONS (SET timeout '60')});
}

# With locks in the way
age('-1 s');
my $vacuum = $node->background_psql('postgres');
$vacuum->query_safe('BEGIN; LOCK pinterest_internal.authorizations IN SHARE MODE');
like(run($count), qr/55P03: canceling statement due to lock timeout/, 'the table is locked');
is(renewals(), 0, 'and nothing is spent');
$vacuum->query_safe('ROLLBACK');
$vacuum->quit;
is(run($count), '1', 'works as soon as it is not');

#
# When it does not work
#

my @cases = (
	[ 'dropped', { drop => JSON::PP::true },
		qr/08007: the outcome of renewing the access token of user "\w+" at server "pinterest" is unknown.*DETAIL:  Pinterest may have replaced the refresh token. The old one is kept/s,
		't|t|f', 1 ],
	[ 'fails', { status => 503 }, qr/08007: .* is unknown: Fault by request/, 't|t|f', 1 ],
	[ 'nonsense', { status => 200, body => '<html>' }, qr/08007: .* is unknown: the answer is not/, 't|t|f', 1 ],
	[ 'empty', { status => 200, body => '' }, qr/08007/, 't|t|f', 1 ],
	[ 'cut', { cut => 20 }, qr/08007/, 't|t|f', 0 ],
	[ 'done, not answered', { drop => 'after' }, qr/08007/, 't|t|f', 0 ],
	[ 'slow', { drip => 60 }, qr/08007: .* is unknown: .*timed? ?out/i, 't|t|f', 0, 3 ],
	[ 'throttled', { status => 429, body => { code => 8, message => 'Slow down' } },
		qr/53400: could not renew .*: Slow down.*DETAIL:  The refresh token has not been used/s, 'f|t|f', 1 ],
	[ 'redirected', { status => 302, headers => { Location => $sandbox->download_url } },
		qr/HV00N: could not renew .* has not been used/s, 'f|t|f', 1 ]);
foreach my $case (@cases)
{
	my ($name, $fault, $pattern, $state, $unspent, $timeout) = @$case;
	age('-1 s');
	run("ALTER SERVER pinterest OPTIONS (SET timeout '$timeout')") if $timeout;
	$sandbox->faults({ match => { host => 'oauth' }, %$fault });
	like(run($count), $pattern, "$name: error");
	is(renewals(), 1, "$name: is not repeated");
	is(state(), $state, "$name: state");
	$sandbox->clear_faults;
	run(q{ALTER SERVER pinterest OPTIONS (SET timeout '60')}) if $timeout;
	if ($unspent)
	{
		is(run($count), '1', "$name: the old refresh token is kept and works");
		is(state(), 'f|f|t', "$name: all is well again");
	}
	else
	{
		like(run($count),
			qr/28000: Pinterest refused to renew the access token .*DETAIL:  The outcome of a renewal at .* is unknown: Pinterest may have issued tokens then that did not arrive.*HINT:  .*authorize again/s,
			"$name: what was spent is said");
		like(authorize(), qr/is authorized/, "$name: authorized again");
		is(state(), 'f|f|t', "$name: all is well again");
	}
}

# Nobody there
age('-1 s');
run(q{ALTER SERVER pinterest OPTIONS (SET api_url 'http://127.0.0.1:1/v5')});
like(run($count), qr/HV00N: could not renew .*DETAIL:  The refresh token has not been used.*HINT:  Check the network/s,
	'unreachable');
is(state(), 'f|t|f', 'nothing is unknown then');
run(sprintf q{ALTER SERVER pinterest OPTIONS (SET api_url '%s')}, $sandbox->api_url);
is(run($count), '1', 'reachable again');

# Who waits for a renewal that fails shares the failure.
{
	my @sessions = map { $node->background_psql('postgres', on_error_stop => 0) } 1 .. 5;
	age('-1 s');
	$sandbox->faults({ match => { host => 'oauth' }, delay => 3600, status => 503, count => -1 });
	foreach my $session (@sessions)
	{
		$session->{stdin} .= "$count;\n\\echo the end\n";
		$session->{run}->pump_nb;
	}
	wait_until('the others', sub { renewals() && run($waiting) == 4 });
	$sandbox->clear_faults;
	foreach my $session (@sessions)
	{
		$session->{run}->pump until $session->{stdout} =~ /the end\n/;
	}
	is(scalar(grep { $_->{stderr} =~ /is unknown: Fault by request/ } @sessions), 5, 'all are told');
	is(renewals(), 1, 'of one attempt');
	$_->quit foreach @sessions;
	is(run($count), '1', 'later it works');
}

# Ahead of time a failure is no error yet, and is not repeated by each query.
age('5 hours');
$sandbox->faults({ match => { host => 'oauth' }, status => 503, count => -1 });
like(run($count, with_warnings => 1), qr/^1\n.*WARNING:  08007: the outcome of renewing/s, 'warning');
is(run($count, with_warnings => 1), '1', 'not each time');
is(renewals(), 1, 'nor a request');
age('5 hours', '6 days');
like(run($count, with_warnings => 1), qr/WARNING: .* ends at .* and could not be renewed.*HINT:  pinterest.check/s,
	'the end of the refresh token draws near');
like(run($count, with_warnings => 1), qr/WARNING: .* ends at .* and could not be renewed/,
	'which each query says');
$sandbox->clear_faults;
run(q{UPDATE pinterest_internal.authorizations SET failed_at = now() - interval '6 minutes'});
is(run($count, with_warnings => 1), '1', 'tried again after a while');
age('-1 s', '-1 s');
like(run($count), qr/28000: the access token of user "\w+" at server "pinterest" has expired and cannot be renewed.*DETAIL:  The refresh token has expired.*HINT:  Authorize again/s,
	'both have ended');
is(renewals(), 0, 'no use in asking');
age('-1 s');
run('ALTER USER MAPPING FOR CURRENT_USER SERVER pinterest OPTIONS (DROP client_secret)');
like(run($count), qr/28000: .*DETAIL:  The user mapping lacks the option "client_id" or "client_secret".*HINT:  Set the options/s,
	'no client secret');
age('5 hours', '6 days');
like(run($count, with_warnings => 1), qr/WARNING: .*could not be renewed.*lacks the option/s, 'a warning ahead');
run("ALTER USER MAPPING FOR CURRENT_USER SERVER pinterest OPTIONS (ADD client_secret 'wrong')");
age('-1 s');
like(run($count), qr/28000: Pinterest refused to renew .*Authentication failed. \(HTTP status 401, code 2\).*HINT:  Check "client_id"/s,
	'wrong client secret');
run(sprintf "ALTER USER MAPPING FOR CURRENT_USER SERVER pinterest OPTIONS (SET client_secret '%s')",
	$sandbox->client_secret);
is(run($count), '1', 'which can be mended');

# Tokens that were got elsewhere
my $digest = $node->safe_psql('postgres', 'SELECT mapping_digest FROM pinterest_internal.authorizations');
run(sprintf "ALTER USER MAPPING FOR CURRENT_USER SERVER pinterest OPTIONS (ADD refresh_token '%s')",
	$sandbox->refresh_token);
$sandbox->clear_log;
is(run($count), '1', 'a refresh token alone');
is(renewals(), 1, 'is renewed at once');
is(run($count), '1', 'and what it brought is kept');
is(renewals(), 1, 'once');
run(q{ALTER USER MAPPING FOR CURRENT_USER SERVER pinterest OPTIONS (ADD access_token 'pina_wrong', SET refresh_token 'pinr_wrong')});
like(run($count), qr/28000: Pinterest refused to renew/, 'both wrong');
run(q{ALTER USER MAPPING FOR CURRENT_USER SERVER pinterest OPTIONS (DROP refresh_token)});
like(run($count), qr/28000: Pinterest refused a request for foreign table "campaigns": Authentication failed/,
	'an access token alone is not renewed');
run(q{ALTER USER MAPPING FOR CURRENT_USER SERVER pinterest OPTIONS (DROP access_token)});
is(run($count), '1', 'back to those of the browser');
run("DELETE FROM pinterest_internal.authorizations WHERE mapping_digest <> '$digest'");

#
# No worker
#

$node->append_conf('postgresql.conf', 'max_worker_processes = 0');
$node->restart;
$sandbox->clear_log;
is(run($count), '1', 'no worker is needed as long as the token is good');
age('-1 s');
like(run($count), qr/53400: could not start a background worker.*HINT:  Try again later, or raise "max_worker_processes"/s,
	'no slot for a worker');
is(renewals(), 0, 'nothing is spent');
$node->append_conf('postgresql.conf', 'max_worker_processes = 8');
$node->restart;
is(run($count), '1', 'as the next one shows');

#
# Standby
#

$node->backup('backup');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'backup', has_streaming => 1);
$standby->start;
$sandbox->clear_log;
is(run($count, node => $standby), '1', 'a standby uses the token');
age('5 hours');
$node->wait_for_catchup($standby, 'replay');
is(run($count, node => $standby, with_warnings => 1), '1', 'as long as it is good');
age('-1 s');
$node->wait_for_catchup($standby, 'replay');
like(run($count, node => $standby),
	qr/25006: cannot renew the access token of user "\w+" at server "pinterest" during recovery.*HINT:  Run any query .* on the primary/s,
	'but cannot renew it');
is(renewals(), 0, 'nothing is spent');
like(run(q{SELECT detail FROM pinterest.check('pinterest') WHERE item = 'background worker'}, node => $standby),
	qr/during recovery/, 'check says so');
is(run($count), '1', 'the primary does');
$node->wait_for_catchup($standby, 'replay');
is(run($count, node => $standby), '1', 'and the standby has it');
$standby->stop;

#
# Killed
#

sub kill_and_recover
{
	my ($pid) = @_;
	my $offset = -s $node->logfile;
	kill 'KILL', $pid;

	# until then the server may still take connections that it is about to end
	wait_until('crash', sub {
			slurp_file($node->logfile, $offset) =~ /all server processes terminated; reinitializing/ });
	$node->poll_query_until('postgres', 'SELECT true') or die 'no recovery';
	return;
}

sub worker_pid
{
	return $node->safe_psql('postgres',
		q{SELECT pid FROM pg_stat_activity WHERE backend_type = 'pinterest_fdw worker'});
}

# Starts a query, waits for a condition and kills: the session, or the worker
# if there is one.  What of the query remains to be said is lost with it.
sub killed_when
{
	my ($whom, $what, $condition) = @_;
	my $session = $node->background_psql('postgres', on_error_stop => 0);
	my $pid = $session->query_safe('SELECT pg_backend_pid()');
	$session->{stdin} .= "$count;\n";
	$session->{run}->pump_nb;
	wait_until($what, $condition);
	$pid = worker_pid() if $whom eq 'worker';
	kill_and_recover($pid);
	eval { $session->{run}->finish };
	return;
}

my $arrived = sub { renewals() == 1 };
foreach my $whom ('session', 'worker')
{
	# Not answered: the sandbox does not do what nobody waits for.
	age('-1 s');
	$sandbox->faults({ match => { host => 'oauth' }, delay => 3600 });
	killed_when($whom, 'request', $arrived);
	$sandbox->clear_faults;
	$sandbox->clear_log;
	is(state(), 't|f|f', "$whom killed before the answer: it is on record");
	like(run(q{SELECT detail FROM pinterest.check('pinterest') WHERE item = 'access token'}),
		qr/^valid until/, "$whom killed before the answer: works");
	is(state(), 'f|f|t', "$whom killed before the answer: all is well");

	# Done and not answered: it is lost, and said.
	age('-1 s');
	my $issued = $sandbox->secrets;
	$sandbox->faults({ match => { host => 'oauth' }, drip => 3600 });
	killed_when($whom, 'answer', sub { $sandbox->secrets > $issued });
	$sandbox->clear_faults;
	like(run($count), qr/28000: .* is unknown: Pinterest may have issued tokens/s,
		"$whom killed between: it is said");
	authorize();
}

# The session is killed while it waits for its turn.
age('-1 s');
$sandbox->faults({ match => { host => 'oauth' }, delay => 3600 });
my $first = $node->background_psql('postgres', on_error_stop => 0);
$first->{stdin} .= "$count;\n";
$first->{run}->pump_nb;
wait_until('first', $arrived);
killed_when('session', 'its turn', sub {
		run($waiting) == 1 });
eval { $first->{run}->finish };
$sandbox->clear_faults;
is(run($count), '1', 'killed while waiting for another: works');

# The answer has been written down, and its first use is under way.
age('-1 s');
$sandbox->faults({ match => { path => 'campaigns$' }, delay => 3600 });
killed_when('session', 'first use', sub {
		grep { $_->{path} =~ /campaigns$/ } $sandbox->log });
$sandbox->clear_faults;
$sandbox->clear_log;
is(run($count), '1', 'killed before the first use: works');
is(renewals(), 0, 'killed before the first use: with the token that was committed');

# At any moment around the arrival of the answer: there is nothing between what
# works and what is said.
my %seen;
foreach my $try (1 .. 6)
{
	age('-1 s');
	my $session = $node->background_psql('postgres', on_error_stop => 0);
	my $pid = $session->query_safe('SELECT pg_backend_pid()');
	$session->{stdin} .= "$count;\n";
	$session->{run}->pump_nb;
	sleep 0.004 * $try;
	kill_and_recover($pid);
	eval { $session->{run}->finish };
	my $out = run($count);
	my $end = $out eq '1' ? 'works' : $out =~ /is unknown: Pinterest may have issued/ ? 'said' : $out;
	$seen{$end}++;
	authorize() if $end ne 'works';
}
is(join(',', grep { !/^(works|said)$/ } keys %seen), '', 'killed at any moment');
note explain \%seen;

$node->stop;
done_testing();
