
# Copyright (c) 2026, pinterest_fdw contributors

# Authorization in a browser, and whose authorization a query uses.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use PinterestSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use PsqlSession qw(wait_until);
use Test::More;

my $sandbox = PinterestSandbox->new(
	campaigns => 1,
	ad_groups => 1,
	ads => 1,
	report_delay => 0);
my $node = PinterestSandbox::start_node('main');

# Runs SQL as a role; returns what it printed, and its error with SQLSTATE.
sub run_as
{
	my ($role, $sql, %params) = @_;
	my ($out, $err) = ('', '');
	my $ret = $node->psql(
		'postgres',
		"SET client_min_messages = warning; SET ROLE $role; $sql",
		stdout => \$out,
		stderr => \$err,
		extra_params => [ '-v', 'VERBOSITY=verbose', '-q' ],
		on_error_stop => 1);
	return $params{want_error} ? $err : $ret == 0 ? $out : "failed: $err";
}

sub fails_as
{
	my ($role, $sql, $pattern, $name) = @_;
	my $err = run_as($role, $sql, want_error => 1);
	like($err, $pattern, $name);
	my @found = grep { index($err, $_) >= 0 } $sandbox->secrets;
	is(scalar @found, 0, "$name: no secret is shown");
	return;
}

sub url_of
{
	my ($role, $server) = @_;
	return run_as($role, "SELECT pinterest.authorization_url('$server')");
}

sub authorize
{
	my ($role, $server, $url) = @_;
	return run_as($role, "SELECT pinterest.authorize('$server', '$url')");
}

sub state_of { return $_[0] =~ /[?&]state=(\w+)/ ? $1 : undef; }
sub code_of { return $_[0] =~ /[?&]code=(\w+)/ ? $1 : undef; }

sub token_requests
{
	return grep { $_->{host} eq 'oauth' && $_->{method} eq 'POST' } $sandbox->log;
}

my ($client_id, $client_secret) = ($sandbox->client_id, $sandbox->client_secret);
my ($consent, $client) = ($sandbox->authorization_url, $sandbox->client);
my $options = $sandbox->server_options . ", retry_timeout '2', timeout '60'";
$node->safe_psql(
	'postgres', qq{
	CREATE EXTENSION pinterest_fdw;
	CREATE ROLE alice;
	CREATE ROLE bob;
	CREATE ROLE carol;
	CREATE ROLE reader IN ROLE pg_read_all_data;
	CREATE FOREIGN DATA WRAPPER other;
	CREATE SERVER other FOREIGN DATA WRAPPER other;
	CREATE SERVER pinterest FOREIGN DATA WRAPPER pinterest_fdw OPTIONS ($options);
	CREATE SERVER second FOREIGN DATA WRAPPER pinterest_fdw OPTIONS ($options);
	GRANT USAGE ON FOREIGN SERVER pinterest, second TO alice, bob;
	GRANT USAGE ON FOREIGN SERVER pinterest TO reader;
	CREATE USER MAPPING FOR alice SERVER pinterest OPTIONS ($client);
	CREATE USER MAPPING FOR alice SERVER second OPTIONS ($client);
	CREATE USER MAPPING FOR bob SERVER pinterest OPTIONS ($client);
	CREATE SCHEMA live;
	IMPORT FOREIGN SCHEMA ads LIMIT TO (campaigns, campaign_report)
		FROM SERVER pinterest INTO live;
	GRANT USAGE, CREATE ON SCHEMA live TO alice, bob, carol;
	GRANT SELECT ON ALL TABLES IN SCHEMA live TO alice, bob, carol, reader;});

#
# The URL
#

fails_as('alice', q{SELECT pinterest.authorization_url('nobody')},
	qr/42704: server "nobody" does not exist/, 'unknown server');
fails_as('alice', q{SELECT pinterest.authorization_url('other')},
	qr/42809: "other" is not a server of pinterest_fdw/, 'server of another wrapper');
fails_as('carol', q{SELECT pinterest.authorization_url('pinterest')},
	qr/42501: permission denied for foreign server pinterest/, 'no privilege');
fails_as('bob', q{SELECT pinterest.authorization_url('second')},
	qr/28000: user "bob" has no user mapping for server "second".*HINT:  Create one with CREATE USER MAPPING FOR bob/s,
	'no user mapping');
$node->safe_psql('postgres',
	q{CREATE USER MAPPING FOR bob SERVER second OPTIONS (client_id '1')});
fails_as('bob', q{SELECT pinterest.authorization_url('second')},
	qr/option "client_secret" .* is needed.*HINT:  They are those of your app.*OPTIONS \(ADD client_secret '\.\.\.'\)/s,
	'half of the credentials');
fails_as('bob', q{SELECT pinterest.check('other')}, qr/42809/, 'check of another server');
fails_as('alice', q{SELECT pinterest.authorization_url('pinterest', '{ads:read,Ads}')},
	qr/22023: invalid scope: "Ads"/, 'bad scope');
fails_as('alice', q{SELECT pinterest.authorization_url('pinterest', '{"ads:read&x=1"}')},
	qr/22023: invalid scope/, 'a scope cannot smuggle anything into the URL');
fails_as('alice', q{SELECT pinterest.authorization_url('pinterest', '{pins:read}')},
	qr/22023: scope "ads:read" is missing/, 'scope that is not enough');

my $url = url_of('alice', 'pinterest');
like(
	$url,
	qr{^\Q$consent\E\?client_id=$client_id&redirect_uri=http%3A%2F%2Flocalhost%3A8085%2F&response_type=code&scope=ads:read&state=[0-9a-f]{64}$},
	'authorization URL');
isnt(state_of(url_of('alice', 'pinterest')), state_of($url), 'each state is another one');
like(
	run_as('alice', q{SELECT pinterest.authorization_url('pinterest', '{ads:read,billing:read}')}),
	qr/&scope=ads:read,billing:read&/,
	'several scopes');
is( $node->safe_psql('postgres',
		"SELECT count(*) FROM pinterest_internal.authorization_requests r WHERE r::text LIKE '%"
		  . state_of($url) . "%'"),
	'0', 'the state itself is not kept');

#
# What can be pasted instead of the right thing
#

fails_as('alice', 'SELECT * FROM live.campaigns',
	qr/28000: user "alice" is not authorized at server "pinterest".*HINT:  Call pinterest.authorization_url\('pinterest'\)/s,
	'not authorized yet');

my $landed = $sandbox->browse($url);
my ($code, $state) = (code_of($landed), state_of($landed));
ok($code && $state, 'the browser comes back with code and state');

fails_as('alice', "SELECT pinterest.authorize('pinterest', '$code')",
	qr/22023: this is not the URL .*DETAIL:  It has to hold the code and the state/s,
	'a bare code');
fails_as('alice', "SELECT pinterest.authorize('pinterest', '$url')",
	qr/22023: there is no code in the URL.*HINT:  This is the URL to open in a browser/s,
	'the URL that is to be opened');
fails_as('alice', "SELECT pinterest.authorize('pinterest', 'http://localhost:8085/?code=$code')",
	qr/22023: there is no state in the URL/, 'no state');
fails_as('alice',
	"SELECT pinterest.authorize('pinterest', '$landed&state=$state')",
	qr/22023: invalid URL: bad or repeated parameter "state"/, 'state given twice');
fails_as('alice', "SELECT pinterest.authorize('pinterest', 'http://localhost:8085/?code=%00&state=$state')",
	qr/22023: invalid URL: bad or repeated parameter "code"/, 'null byte in the code');
fails_as('alice', "SELECT pinterest.authorize('pinterest', 'http://localhost:8085/?code=$code&state=" . ('0' x 64) . "')",
	qr/28000: the state in the URL is unknown/, 'wrong state');
fails_as('bob', "SELECT pinterest.authorize('pinterest', '$landed')",
	qr/28000: the state in the URL belongs to another user or server/, 'the state of another user');
fails_as('alice', "SELECT pinterest.authorize('second', '$landed')",
	qr/28000: the state in the URL belongs to another user or server/, 'the state of another server');

$sandbox->settings(consent => 'denied');
my $denied = $sandbox->browse(url_of('alice', 'pinterest'));
fails_as('alice', "SELECT pinterest.authorize('pinterest', '$denied')",
	qr/28000: access was denied in the browser.*HINT:  Call pinterest.authorization_url/s, 'access denied');
$sandbox->settings(consent => 'granted');
fails_as('alice',
	"SELECT pinterest.authorize('pinterest', 'http://localhost:8085/?error=invalid_scope&error_description=No+such%20scope&state=$state')",
	qr/28000: Pinterest did not authorize: invalid_scope.*DETAIL:  Pinterest says: No such scope/s, 'another error');

my $old = $sandbox->browse(url_of('alice', 'pinterest'));
$node->safe_psql('postgres',
	q{UPDATE pinterest_internal.authorization_requests SET requested_at = now() - interval '601 s'
	   WHERE state_digest = (SELECT encode(sha256('} . state_of($old)
	  . q{\000\001\000'::bytea), 'hex'))});
fails_as('alice', "SELECT pinterest.authorize('pinterest', '$old')",
	qr/28000: the state in the URL has expired.*ten minutes/s, 'expired state');

is(scalar(token_requests()), 0, 'none of these reaches the token endpoint');

#
# The right thing, and what can go wrong even then
#

my @cases = (
	[ 'throttled', { status => 429, body => { code => 8, message => 'Slow down' } },
		qr/53400: could not exchange the authorization code at server "pinterest": Slow down \(HTTP status 429, code 8\).*DETAIL:  The code has not been used/s, 1 ],
	[ 'redirect', { status => 307, headers => { Location => $sandbox->download_url } },
		qr/HV00N: could not exchange .*HTTP status 307/s, 1 ],
	[ 'dropped', { drop => JSON::PP::true },
		qr/08007: the outcome of exchanging the authorization code at server "pinterest" is unknown/, 0 ],
	[ 'fails', { status => 500 }, qr/08007: .* is unknown: Fault by request/, 0 ],
	[ 'nonsense', { status => 200, body => '<html>login</html>' },
		qr/08007: .* is unknown: the answer is not one of a token endpoint/, 0 ],
	[ 'no token in it', { status => 200, body => { access_token => '' } }, qr/08007: .* is unknown/, 0 ],
	[ 'bad token in it', { status => 200, body => { access_token => "a\nb" } }, qr/08007: .* is unknown/, 0 ],
	[ 'repeats the secret', { status => 401, body => { code => 2, message => "bad $client_secret" } },
		qr/28000: Pinterest refused the authorization code .*: bad \*{40} \(HTTP/, 0 ]);
foreach my $case (@cases)
{
	my ($name, $fault, $pattern, $again) = @$case;
	my $where = $sandbox->browse(url_of('alice', 'pinterest'));
	$sandbox->faults({ match => { host => 'oauth' }, %$fault });
	fails_as('alice', "SELECT pinterest.authorize('pinterest', '$where')", $pattern,
		"token endpoint: $name");
	$sandbox->clear_faults;
	if ($again)
	{
		like(authorize('alice', 'pinterest', $where), qr/is authorized/, "$name: the same URL works later");
		$node->safe_psql('postgres', 'DELETE FROM pinterest_internal.authorizations');
	}
	else
	{
		fails_as('alice', "SELECT pinterest.authorize('pinterest', '$where')",
			qr/28000: the state in the URL has been used already/, "$name: the state is used up");
	}
}

$sandbox->clear_log;
is(authorize('alice', 'pinterest', "$landed#_=_"),
	'user "alice" is authorized at server "pinterest" with scope ads:read', 'authorized');
my @requests = token_requests();
is(scalar @requests, 1, 'one request');
is_deeply(
	[ sort keys %{ $requests[0]{body} } ],
	[qw(code continuous_refresh grant_type redirect_uri)],
	'what is sent');
is($requests[0]{body}{continuous_refresh}, 'true', 'continuous refresh');
is($requests[0]{authorization}, 'Basic', 'with the credentials of the app');
is(run_as('alice', 'SELECT count(*) FROM live.campaigns'), '1', 'and the data are there');

fails_as('alice', "SELECT pinterest.authorize('pinterest', '$landed')",
	qr/28000: the state in the URL has been used already/, 'reused state');
my $other = url_of('alice', 'pinterest');
fails_as('alice',
	"SELECT pinterest.authorize('pinterest', 'http://localhost:8085/?code=$code&state=" . state_of($other) . "')",
	qr/28000: Pinterest refused the authorization code at server "pinterest": Authentication failed. \(HTTP status 401, code 2\).*DETAIL:  A code is good for one use/s,
	'a code used twice');
is(run_as('alice', 'SELECT count(*) FROM live.campaigns'), '1', 'which does not harm what there was');
my $late = $sandbox->browse(url_of('alice', 'pinterest'));
$sandbox->expire('code');
fails_as('alice', "SELECT pinterest.authorize('pinterest', '$late')",
	qr/28000: Pinterest refused the authorization code/, 'expired code');

#
# Transactions
#

my $again = $sandbox->browse(url_of('bob', 'pinterest'));
is(run_as('bob', "BEGIN; SELECT 1 FROM pinterest.authorize('pinterest', '$again'); ROLLBACK;"),
	'1', 'authorization in a transaction that is rolled back');
is(run_as('bob', 'SELECT count(*) FROM live.campaigns'), '1', 'counts all the same');

# All in one transaction, as clients without autocommit have it
my $session = $node->background_psql('postgres', on_error_stop => 1);
$session->query_safe(qq{
	SET client_min_messages = warning;
	BEGIN;
	CREATE SERVER third FOREIGN DATA WRAPPER pinterest_fdw OPTIONS ($options);
	CREATE USER MAPPING FOR CURRENT_USER SERVER third OPTIONS ($client);
	IMPORT FOREIGN SCHEMA ads LIMIT TO (ads) FROM SERVER third INTO live;});
my $third = $session->query_safe(q{SELECT pinterest.authorization_url('third')});
my $third_landed = $sandbox->browse($third);
like($session->query_safe("SELECT pinterest.authorize('third', '$third_landed')"),
	qr/is authorized/, 'server, mapping and authorization in one transaction');
is($session->query_safe('SELECT count(*) FROM live.ads'), '1', 'and used in it');
$session->query_safe('COMMIT');
$session->quit;
is(run_as('postgres', 'SELECT count(*) FROM live.ads'), '1', 'and after it');

#
# Who can see the tokens, and use them
#

foreach my $table (qw(authorizations authorization_requests))
{
	fails_as('alice', "SELECT * FROM pinterest_internal.$table", qr/42501: permission denied/,
		"nobody reads $table");
	is(run_as('reader', "SELECT count(*) FROM pinterest_internal.$table"), '0',
		"not even who may read all tables: $table");
}
$node->safe_psql('postgres', 'ANALYZE');
is( $node->safe_psql('postgres', q{SELECT count(*) FROM pg_stats WHERE schemaname LIKE 'pinterest%' AND attname LIKE '%token'}),
	'0', 'ANALYZE keeps none of them');
my $dump = "$PostgreSQL::Test::Utils::tmp_check/dump.sql";
$node->command_ok([ 'pg_dump', '-f', $dump, $node->connstr('postgres') ], 'pg_dump');
my $dumped = slurp_file($dump);
my @leaked = grep { index($dumped, $_) >= 0 && $_ ne $client_secret } $sandbox->secrets;
is(scalar @leaked, 0, 'issued tokens are not dumped');
unlike($dumped, qr/COPY pinterest\w*\.authorization/, 'nor are the tables');

# Whose token it is shows in the sandbox's log
sub credential_of
{
	my ($role, $sql) = @_;
	$sandbox->clear_log;
	my $out = run_as($role, $sql);
	my %used = map { ($_->{credential} // 'none') => 1 }
	  grep { $_->{host} eq 'api' } $sandbox->log;
	return $out =~ /^failed/ ? $out : join ',', sort keys %used;
}

my $alices = credential_of('alice', 'SELECT count(*) FROM live.campaigns');
my $bobs = credential_of('bob', 'SELECT count(*) FROM live.campaigns');
isnt($alices, $bobs, 'each has a token of his own');

run_as('alice', 'CREATE VIEW live.alices AS SELECT * FROM live.campaigns; GRANT SELECT ON live.alices TO bob, carol;');
is(credential_of('bob', 'SELECT count(*) FROM live.alices'), $alices,
	'through a view, it is the owner\'s');
is(credential_of('carol', 'SELECT count(*) FROM live.alices'), $alices,
	'also for a user without a mapping');
fails_as('carol', 'SELECT count(*) FROM live.campaigns',
	qr/28000: user "carol" has no user mapping for server "pinterest"/, 'who can use no other');
fails_as('carol', q{SELECT * FROM pinterest.check('pinterest')},
	qr/42501: permission denied for foreign server/, 'nor look at it');

run_as('alice', q{SELECT pinterest.materialize('live.campaigns', 'live.copy', false);
	GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER ON live.copy TO bob;});
is(credential_of('alice', q{SELECT pinterest.refresh('live.copy')}), $alices,
	'a refresh is made with the token of the owner of the table');
fails_as('bob', q{SELECT pinterest.refresh('live.copy')}, qr/42501: /, 'others may not refresh it');
run_as('postgres', 'GRANT alice TO bob');
is(credential_of('bob', q{SELECT pinterest.refresh('live.copy')}), $alices,
	'whichever member of his refreshes it');
run_as('postgres', 'REVOKE alice FROM bob');

# A function of the extension is run by its caller, and a function with the
# rights of its owner uses the owner's
run_as('alice', q{CREATE FUNCTION live.alices_count() RETURNS bigint LANGUAGE sql
	SECURITY DEFINER RETURN (SELECT count(*) FROM live.campaigns);});
is(credential_of('bob', 'SELECT live.alices_count()'), $alices, 'security definer');
like(run_as('bob', q{SELECT detail FROM pinterest.check('pinterest') WHERE item = 'user mapping'}),
	qr/of user "bob"/, 'check is about the caller');

# The public mapping is for all, but only the server's owner authorizes it.
$node->safe_psql('postgres',
	"CREATE USER MAPPING FOR public SERVER pinterest OPTIONS ($client)");
$node->safe_psql('postgres', 'GRANT USAGE ON FOREIGN SERVER pinterest TO carol');
fails_as('carol', q{SELECT pinterest.authorization_url('pinterest')},
	qr/42501: must be owner of server "pinterest" to authorize its public user mapping/,
	'public mapping');
fails_as('carol', "SELECT pinterest.authorize('pinterest', '$landed')", qr/42501: must be owner/,
	'public mapping, either function');
$node->safe_psql('postgres', 'ALTER SERVER pinterest OWNER TO postgres');
my $public = $sandbox->browse(url_of('postgres', 'pinterest'));
like(authorize('postgres', 'pinterest', $public), qr/user "public" is authorized/, 'by the owner');
like(credential_of('carol', 'SELECT count(*) FROM live.campaigns'), qr/^sha256:/, 'for everyone');
isnt(credential_of('carol', 'SELECT count(*) FROM live.campaigns'), $alices, 'but nobody\'s own');

#
# Nobody but a superuser decides where tokens go.
#

$node->safe_psql('postgres', 'GRANT USAGE ON FOREIGN DATA WRAPPER pinterest_fdw TO bob');
run_as('bob', 'CREATE SERVER bobs FOREIGN DATA WRAPPER pinterest_fdw; GRANT USAGE ON FOREIGN SERVER bobs TO alice;');
run_as($_, "CREATE USER MAPPING FOR CURRENT_USER SERVER bobs OPTIONS (client_id '$client_id', client_secret '$client_secret')")
  foreach qw(alice bob);
foreach my $option (qw(api_url authorization_url ca_file proxy))
{
	my $value = $option eq 'ca_file' ? '/tmp/ca' : 'http://127.0.0.1:1';
	run_as('bob', "ALTER SERVER bobs OPTIONS (ADD $option '$value')");
	fails_as($_, q{SELECT pinterest.authorization_url('bobs')},
		qr/42501: permission denied for option "$option" of server "bobs"/, "$option does not count for $_")
	  foreach qw(alice bob);
	run_as('bob', "ALTER SERVER bobs OPTIONS (DROP $option)");
	like(run_as($_, q{SELECT pinterest.authorization_url('bobs')}), qr{^https://www\.pinterest\.com/}, "without it, $_ is sent to Pinterest")
	  foreach qw(alice bob);
}

#
# Other tokens in the mapping, and none at all
#

my $given = $sandbox->token;
run_as('postgres', "ALTER USER MAPPING FOR alice SERVER pinterest OPTIONS (ADD access_token '$given')");
my $by_option = credential_of('alice', 'SELECT count(*) FROM live.campaigns');
isnt($by_option, $alices, 'tokens put into the mapping count from then on');
run_as('postgres', 'ALTER USER MAPPING FOR alice SERVER pinterest OPTIONS (DROP access_token)');
is(credential_of('alice', 'SELECT count(*) FROM live.campaigns'), $alices,
	'and no longer when they are taken out again');
run_as('postgres', q{ALTER USER MAPPING FOR alice SERVER pinterest OPTIONS (SET client_id 'another')});
fails_as('alice', 'SELECT count(*) FROM live.campaigns', qr/28000: user "alice" is not authorized/,
	'another app has no tokens of this one');
run_as('postgres', "ALTER USER MAPPING FOR alice SERVER pinterest OPTIONS (SET client_id '$client_id')");
is(credential_of('alice', 'SELECT count(*) FROM live.campaigns'), $alices, 'which has them still');

# Gone again before it is told of: somebody waits for the table while tokens are written.
{
	my ($session, $other) = map { PsqlSession->new($node) } 1 .. 2;
	my $again = $sandbox->browse(url_of('alice', 'pinterest'));
	$session->execute('SET ROLE alice');
	$sandbox->clear_log;
	$sandbox->faults({ match => { host => 'oauth' }, delay => 3600 });
	$session->begin("SELECT pinterest.authorize('pinterest', '$again')");
	wait_until('a request for tokens', sub { token_requests() });
	$other->begin(q{BEGIN; LOCK pinterest_internal.authorizations;
		DELETE FROM pinterest_internal.authorizations WHERE role = 'alice'::regrole AND server = 'pinterest'; COMMIT});
	wait_until('somebody who waits for the table', sub {
		$node->safe_psql('postgres', q{SELECT count(*) FROM pg_locks
			WHERE relation = 'pinterest_internal.authorizations'::regclass AND NOT granted}) > 0;
	});
	$sandbox->clear_faults;
	like(join('', $session->finish),
		qr/55000: the authorization of user "alice" at server "pinterest" is gone again.*HINT:  Call pinterest\.authorization_url\('pinterest'\)/s,
		'an authorization that is gone again');
	$other->finish;
	$_->quit foreach $session, $other;
}
like(authorize('alice', 'pinterest', $sandbox->browse(url_of('alice', 'pinterest'))), qr/ is authorized /, 'which works the next time');

my $rows = $node->safe_psql('postgres', 'SELECT count(*) FROM pinterest_internal.authorizations');
$node->safe_psql('postgres', 'DROP USER MAPPING FOR alice SERVER pinterest');
is($node->safe_psql('postgres', 'SELECT count(*) FROM pinterest_internal.authorizations'), $rows - 1,
	'tokens go with the mapping');
$node->safe_psql('postgres', 'DROP SERVER third CASCADE');
is($node->safe_psql('postgres', 'SELECT count(*) FROM pinterest_internal.authorizations'), $rows - 2,
	'and with the server');

#
# Where the token is sent
#

$sandbox->clear_log;
run_as('bob', q{SELECT count(*) FROM live.campaign_report WHERE date > current_date - 5});
my @downloads = grep { $_->{host} eq 'download' } $sandbox->log;
ok(@downloads > 0, 'a report was downloaded');
is(scalar(grep { defined $_->{authorization} } @downloads), 0, 'without any credentials');
foreach my $status (301, 302, 303, 307, 308)
{
	$sandbox->clear_log;
	$sandbox->faults({ match => { host => 'api', path => 'campaigns$' }, status => $status,
			headers => { Location => $sandbox->download_url . '/campaigns' } });
	fails_as('bob', 'SELECT count(*) FROM live.campaigns',
		qr/HV000: Pinterest refused a request for foreign table "campaigns"/, "redirect $status");
	is(scalar(grep { $_->{host} eq 'download' } $sandbox->log), 0, "redirect $status is not followed");
	$sandbox->clear_faults;
}

done_testing();
