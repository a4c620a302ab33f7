
# Copyright (c) 2026, pinterest_fdw contributors

# Everyone keeps his own authorization, and nobody gets another one's, where OIDs
# or names change: pg_upgrade, copies and dumps of a database, renaming and
# dropping of servers, roles and user mappings.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use PinterestSandbox;
use PsqlSession qw(wait_until);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $has_cron = PinterestSandbox::has_cron();

my $sandbox = PinterestSandbox->new(
	campaigns => 2,
	ad_groups => 1,
	ads => 1,
	report_delay => 0);
my $node = PinterestSandbox::start_node('main',
	"timezone = 'UTC'" . PinterestSandbox::cron_conf());
my ($options, $client) = ($sandbox->server_options, $sandbox->client);
my $refused = qr/ERROR:  28000: user "\w+" is not authorized/;

# Runs SQL as a role; returns what it printed, and its errors.
sub as
{
	my ($role, $sql, %params) = @_;
	return PinterestSandbox::answer($node,
		"SET client_min_messages = warning; SET ROLE $role; $sql",
		on_error_stop => 1, %params);
}

sub query
{
	my ($sql, $dbname) = @_;
	return $node->safe_psql($dbname // 'postgres', $sql);
}

sub authorize
{
	my ($role, $server, %params) = @_;
	my $url = as($role, "SELECT pinterest.authorization_url('$server')", %params);
	my $back = $sandbox->browse($url);
	like(
		as($role, "SELECT pinterest.authorize('$server', '$back')", %params),
		qr/^user "\S+" is authorized/,
		"$role authorizes at $server");
	return;
}

# With which token a role reads from a server: a digest, or the error
sub token_of
{
	my ($role, $server, %params) = @_;
	my $table = 'live_' . $server =~ s/\W/_/gr;
	$sandbox->clear_log;
	my $result = as($role, "SELECT count(*) FROM $table", %params);
	my @calls = grep { $_->{path} =~ /campaigns$/ } $sandbox->log;
	return $result eq '2' && @calls ? $calls[-1]{credential} : $result;
}

sub token_requests
{
	return scalar grep { $_->{host} eq 'oauth' && $_->{method} eq 'POST' } $sandbox->log;
}

# A server with a table, and a mapping for each of some roles
sub create_server
{
	my ($name, $dbname, @roles) = @_;
	my $table = 'live_' . $name =~ s/\W/_/gr;
	query(
		qq{
		CREATE SERVER $name FOREIGN DATA WRAPPER pinterest_fdw OPTIONS ($options);
		GRANT USAGE ON FOREIGN SERVER $name TO PUBLIC;
		CREATE FOREIGN TABLE $table (advertiser_id text, campaign_id text, name text)
			SERVER $name OPTIONS (resource 'campaigns');
		GRANT SELECT ON $table TO PUBLIC;}
		  . join('', map { "CREATE USER MAPPING FOR $_ SERVER $name OPTIONS ($client);" } @roles),
		$dbname);
	return;
}

query('CREATE EXTENSION pinterest_fdw');
query('CREATE EXTENSION pg_cron') if $has_cron;
query("CREATE ROLE $_") foreach qw(alice bob);

#
# What is copied with a database: the registry and the record, schedules, reused
# reports
#

{
	my $token = $sandbox->token;
	query('CREATE DATABASE store');
	query(
		qq{
		CREATE EXTENSION pinterest_fdw;
		CREATE SERVER pinterest FOREIGN DATA WRAPPER pinterest_fdw
			OPTIONS ($options, report_reuse '3000', historical_date '5 days');
		CREATE USER MAPPING FOR postgres SERVER pinterest OPTIONS (access_token '$token');
		CREATE FOREIGN TABLE live (advertiser_id text NOT NULL, campaign_id text NOT NULL, date date NOT NULL, spend_in_dollar numeric)
			SERVER pinterest OPTIONS (resource 'campaign_report');
		CREATE TABLE days (LIKE live, PRIMARY KEY (advertiser_id, campaign_id, date));
		SELECT pinterest.materialize('live', 'public.days', false)},
		'store');
	query(q{SELECT pinterest.schedule('days', 'daily')}, 'store') if $has_cron;
	my $read = 'SELECT count(*) > 0 FROM live';
	query($read, 'store');
	query('CREATE DATABASE store_copy TEMPLATE store');

	my $reports = sub { return scalar grep { $_->{method} eq 'POST' && $_->{path} =~ /reports$/ } $sandbox->log };
	$sandbox->clear_log;
	query($read, 'store');
	is($reports->(), 0, 'the original uses its report again');
	query($read, 'store_copy');
	is($reports->(), 1, 'a copy asks for one of its own');
	is( query(q{SELECT target, status FROM pinterest.status}, 'store_copy'),
		'days|new', 'a copy has the registry');
	is( query(q{SELECT inserted > 0 FROM pinterest.refresh('days')}, 'store_copy'),
		't', 'and refreshes its table');
	is( query(q{SELECT status FROM pinterest.status}, 'store'),
		'new', 'which is no refresh of the original');
  SKIP:
	{
		skip 'pg_cron is not installed', 4 unless $has_cron;
		my $jobs = q{SELECT database, count(*) FROM cron.job GROUP BY 1 ORDER BY 1};
		query('DROP TABLE days', 'store_copy');
		is(query($jobs), 'store|1', "DROP in a copy leaves the original's job");
		query('CREATE DATABASE store_again TEMPLATE store');
		query(q{SELECT pinterest.schedule('days', 'hourly')}, 'store_again');
		is(query($jobs), "store|1\nstore_again|1", 'a copy that schedules has a job of its own');
		query(q{SELECT pinterest.unschedule('days')}, 'store_again');
		is(query($jobs), 'store|1', 'and ends no other one');
		query(q{SELECT pinterest.unschedule('days')}, 'store');
		is(query($jobs), '', 'the original ends its own');
	}
}

#
# Renaming
#

create_server('first', 'postgres', 'alice', 'bob', 'public');
create_server('second', 'postgres', 'alice');
query('CREATE ROLE carol');
authorize('alice', 'first');
authorize('alice', 'second');
authorize('bob', 'first');
{
	my %token = (
		alice1 => token_of('alice', 'first'),
		alice2 => token_of('alice', 'second'),
		bob => token_of('bob', 'first'));
	my %different = map { $_ => 1 } values %token;
	is(scalar(grep { /^sha256/ } keys %different), 3, 'everyone has a token of his own');
	like(token_of('carol', 'first'), qr/ERROR:  28000: user "public" is not authorized/,
		'the public mapping is not authorized');

	my $check = sub {
		my ($name) = @_;
		is(token_of('alice', 'first'), $token{alice1}, "$name: one server");
		is(token_of('alice', 'second'), $token{alice2}, "$name: the other server");
		is(token_of('bob', 'first'), $token{bob}, "$name: another role");
	};
	query('ALTER SERVER first RENAME TO "Renamed"');
	$check->('a renamed server');
	query(q{
		ALTER SERVER "Renamed" RENAME TO swap;
		ALTER SERVER second RENAME TO "Renamed";
		ALTER SERVER swap RENAME TO second});
	$check->('servers that swap their names');
	query('BEGIN; ALTER SERVER second RENAME TO gone; ROLLBACK');
	$check->('a rename that is rolled back');
	query(q{
		SET session_replication_role = replica;
		ALTER SERVER second RENAME TO renamed_again});
	$check->('a rename on a replica');
	query('ALTER ROLE alice RENAME TO alicia; ALTER ROLE bob RENAME TO alice; ALTER ROLE alicia RENAME TO bob');
	is(token_of('bob', 'first'), $token{alice1}, 'renamed roles: each keeps its token');
	is(token_of('alice', 'first'), $token{bob}, 'renamed roles: and does not get the other one');
	query('ALTER ROLE alice RENAME TO alicia; ALTER ROLE bob RENAME TO alice; ALTER ROLE alicia RENAME TO bob');

	# by an owner who is not superuser, and has no rights on our tables
	query(q{
		CREATE ROLE keeper;
		ALTER SERVER renamed_again OWNER TO keeper;
		SET ROLE keeper;
		ALTER SERVER renamed_again RENAME TO kept;
		RESET ROLE;
		ALTER SERVER kept OWNER TO postgres});
	$check->('a rename by an ordinary owner');

	# who was on his way to the browser
	query("CREATE USER MAPPING FOR carol SERVER kept OPTIONS ($client)");
	my $pending = as('carol', q{SELECT pinterest.authorization_url('kept')});
	query('ALTER SERVER kept RENAME TO first');
	my $back = $sandbox->browse($pending);
	like(as('carol', "SELECT pinterest.authorize('first', '$back')"),
		qr/^user "carol" is authorized at server "first"/,
		'a server renamed between authorization_url() and authorize()');
	query('ALTER SERVER "Renamed" RENAME TO second');
	$check->('old names again');

	# a server of a name that another one has had
	query(q{
		ALTER SERVER second RENAME TO former;
		ALTER FOREIGN TABLE live_second RENAME TO live_former});
	create_server('second', 'postgres', 'alice');
	like(token_of('alice', 'second'), $refused,
		'a new server of a former name has no authorization');
	is(token_of('alice', 'former'), $token{alice2}, 'the renamed one has');

	# while a renewal is under way, which must not lose what it gets
	$sandbox->expire('access_token');
	$sandbox->faults({ match => { host => 'oauth', method => 'POST' }, delay => 2 });
	my $session = PsqlSession->new($node);
	$session->execute('SET ROLE bob');
	$session->begin('SELECT count(*) FROM live_first');
	wait_until('the renewal to be under way',
		sub { query(q{SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'pinterest_fdw worker'}) });
	query('ALTER SERVER first RENAME TO meanwhile');
	is(join('', $session->finish), 2, 'a rename beside a renewal: the query goes on');
	$sandbox->expire('access_token');
	like(token_of('bob', 'first'), qr/^sha256/, 'a rename beside a renewal: the new tokens are kept');
	query('ALTER SERVER meanwhile RENAME TO first');
	$session->quit;
	$sandbox->clear_faults;
	$token{alice1} = token_of('alice', 'first');
	like($token{alice1}, qr/^sha256/, 'and those of others');
}

#
# In one transaction with what its authorization depends on
#

{
	$sandbox->expire('access_token');
	like(as('postgres', q{BEGIN; ALTER SERVER first RENAME TO other; SET ROLE bob; SELECT count(*) FROM live_first}),
		qr/ERROR:  55006: cannot renew .*HINT:  Commit it first/s,
		'a transaction that has renamed the server does not wait for itself');
	my $back = $sandbox->browse(as('alice', q{SELECT pinterest.authorization_url('second')}));
	like(
		as('postgres', qq{
			GRANT USAGE ON FOREIGN SERVER second TO alice;
			BEGIN;
			DROP USER MAPPING FOR alice SERVER second;
			CREATE USER MAPPING FOR alice SERVER second OPTIONS ($client);
			SET ROLE alice;
			SELECT pinterest.authorize('second', '$back')}),
		qr/ERROR:  55006: cannot authorize .*HINT:  Commit it first/s,
		'nor one that has dropped the user mapping');
	like(as('alice', "SELECT pinterest.authorize('second', '$back')"), qr/is authorized/, 'the state has not been used');
}

#
# Names of servers
#

{
	my $long = 'x' x 63;
	my $wide = "\xe6\x97\xa5" x 21;
	my $odd = q{it's "so" \\ it is};
	my @names = ($long, $wide, $odd);
	foreach my $name (@names)
	{
		(my $quoted = $name) =~ s/"/""/g;
		query(qq{CREATE SERVER "$quoted" FOREIGN DATA WRAPPER pinterest_fdw OPTIONS ($options);
			GRANT USAGE ON FOREIGN SERVER "$quoted" TO PUBLIC;
			CREATE USER MAPPING FOR alice SERVER "$quoted" OPTIONS ($client)});
		(my $literal = $name) =~ s/'/''/g;
		my $hint = as('alice', "SELECT hint FROM pinterest.check('$literal') WHERE item = 'access token'");
		like($hint, qr/^Call pinterest\.authorization_url\(.*\)/, "$name: check() tells what to call");
		my ($call) = $hint =~ /^Call (.*\)) and/;
		my $back = $sandbox->browse(as('alice', "SELECT $call"));
		like(as('alice', "SELECT pinterest.authorize('$literal', '$back')"), qr/is authorized/, "$name: authorized");
	}
	foreach my $name ("${long}y", "${wide}y", 'y' x 100_000)
	{
		foreach my $call ("authorization_url('$name')", "authorize('$name', 'x')", "check('$name')")
		{
			my $error = as('alice', "SELECT pinterest.$call");
			like($error, qr/ERROR:  42622: /, substr($call, 0, 30) . ': names are not cut');
			cmp_ok(length($error), '<', 2000, 'and the message is short');
		}
	}
	like(as('alice', "SELECT pinterest.check('$_')"), qr/ERROR:  42704: /, "'$_' is none")
	  foreach 'x' x 62, '', 'FIRST';
	like(as('alice', "SELECT pinterest.$_"), qr/ERROR:  22004: /, "$_ is none")
	  foreach 'check(NULL)', 'authorization_url(NULL)', 'authorize(NULL, NULL)';
	query('DROP SERVER "' . s/"/""/gr . '" CASCADE') foreach @names;
}

# Beside commands that take the server away, or give its name to another one
{
	my $ddl = PsqlSession->new($node);
	my $user = PsqlSession->new($node);
	$user->execute('SET client_min_messages = warning; SET ROLE alice');
	foreach my $case (
		[ 'DROP SERVER passing CASCADE', '42704' ],
		[ 'ALTER SERVER passing RENAME TO passed', '42704' ],
		[ 'ALTER SERVER passing RENAME TO passed; CREATE SERVER passing FOREIGN DATA WRAPPER pinterest_fdw', '42501' ],
		[ 'ALTER SERVER passing RENAME TO passed; ALTER SERVER passed RENAME TO passing', undef ])
	{
		my ($command, $sqlstate) = @$case;
		foreach my $call (q{authorization_url('passing')}, q{check('passing')})
		{
			query(qq{CREATE SERVER passing FOREIGN DATA WRAPPER pinterest_fdw OPTIONS ($options);
				GRANT USAGE ON FOREIGN SERVER passing TO alice;
				CREATE USER MAPPING FOR alice SERVER passing OPTIONS ($client)});
			$ddl->execute("BEGIN; $command");
			$user->begin("SELECT count(*) FROM pinterest.$call");
			wait_until('the lock on the server', sub {
				query(q{SELECT count(*) FROM pg_locks WHERE NOT granted AND classid = 'pg_foreign_server'::regclass}) });
			$ddl->execute('COMMIT');
			my ($out, $err) = $user->finish;
			like("$out$err", $sqlstate ? qr/ERROR:  $sqlstate:/ : qr/^\d+$/, "$call beside $command");
			query("DROP SERVER IF EXISTS $_ CASCADE") foreach qw(passing passed);
		}
	}
	$ddl->quit;
	$user->quit;
}

#
# Dropping
#

foreach my $role (qw(origin replica))
{
	authorize('alice', 'second') if $role eq 'origin';
	my $set = "SET session_replication_role = $role";
	query(qq{
		$set;
		DROP USER MAPPING FOR alice SERVER second;
		CREATE USER MAPPING FOR alice SERVER second OPTIONS ($client)});
	like(token_of('alice', 'second'), $refused, "$role: a new user mapping starts anew");
	authorize('alice', 'second');
	query("$set; DROP SERVER second CASCADE");
	create_server('second', 'postgres', 'alice');
	like(token_of('alice', 'second'), $refused, "$role: so does one of a new server");
	authorize('alice', 'second');
	query("$set; DROP OWNED BY alice");
	query("CREATE USER MAPPING FOR alice SERVER second OPTIONS ($client)");
	like(token_of('alice', 'second'), $refused, "$role: and one after DROP OWNED");
	query("CREATE USER MAPPING FOR alice SERVER first OPTIONS ($client)");
	authorize('alice', 'second');
	query(qq{$set; DROP OWNED BY alice; DROP ROLE alice; CREATE ROLE alice;
		CREATE USER MAPPING FOR alice SERVER first OPTIONS ($client);
		CREATE USER MAPPING FOR alice SERVER second OPTIONS ($client)});
	like(token_of('alice', 'second'), $refused, "$role: and a new role of the same name");
	authorize('alice', 'second');
}

# A worker whose session has been canceled
{
	my $rows = q{SELECT count(*) FROM pinterest_internal.authorizations WHERE role = 'alice'::regrole AND server = 'second'};
	query(qq{DROP USER MAPPING FOR alice SERVER second; CREATE USER MAPPING FOR alice SERVER second OPTIONS ($client)});
	my $back = $sandbox->browse(as('alice', q{SELECT pinterest.authorization_url('second')}));
	$sandbox->faults({ match => { host => 'oauth', method => 'POST' }, delay => 5 });
	$sandbox->clear_log;
	my $session = PsqlSession->new($node);
	$session->execute('SET ROLE alice');
	$session->begin("SELECT pinterest.authorize('second', '$back')");
	wait_until('the code to be on its way', sub { token_requests() });
	query("SELECT pg_cancel_backend($session->{pid})");
	like(join('', $session->finish), qr/ERROR:  57014/, 'canceled');
	$session->quit;
	query('DROP USER MAPPING FOR alice SERVER second');
	is(query(q{SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'pinterest_fdw worker'}),
		0, 'DROP waits for a worker that was left behind');
	is(query($rows), 0, 'so that it leaves nothing');
	$sandbox->clear_faults;
	query("CREATE USER MAPPING FOR alice SERVER second OPTIONS ($client)");
	authorize('alice', 'second');
}

# What has been dropped while the event trigger was off
{
	my $rows = q{SELECT count(*) FROM pinterest_internal.authorizations WHERE server = 'unseen'};
	my $trigger = 'ALTER EVENT TRIGGER pinterest_fdw_on_drop';
	my $unseen = sub {
		create_server('unseen', 'postgres', 'alice');
		authorize('alice', 'unseen');
		query("$trigger DISABLE; DROP SERVER unseen CASCADE; $trigger ENABLE ALWAYS");
		is(query($rows), 1, 'dropped unseen');
	};
	$unseen->();
	create_server('unseen', 'postgres');
	query(q{CREATE USER MAPPING FOR alice SERVER unseen OPTIONS (client_id 'another', client_secret 'x')});
	like(token_of('alice', 'unseen'), $refused, 'another app does not come upon the tokens');
	query('DROP SERVER unseen CASCADE');
	is(query($rows), 0, 'and they go with the next server of the name');

	$unseen->();
	my $second = token_of('alice', 'second');
	query('ALTER SERVER second RENAME TO unseen; ALTER FOREIGN TABLE live_second RENAME TO live_unseen');
	is(token_of('alice', 'unseen'), $second, 'a server that gets the name has its own tokens');
	query('ALTER SERVER unseen RENAME TO second; ALTER FOREIGN TABLE live_unseen RENAME TO live_second');

	$unseen->();
	my $url = q{SELECT pinterest.authorization_url('second')};
	as('alice', $url);
	is(query($rows), 1, 'a user mapping may be created by a transaction under way');
	query(q{UPDATE pinterest_internal.authorizations SET issued_at = now() - interval '25 hours'});
	as('alice', $url);
	is(query($rows), 0, 'for a day; then the tokens go');
	is(token_of('alice', 'second'), $second, 'and no others');
}

# Servers of other wrappers are not looked at.
query(q{
	CREATE FOREIGN DATA WRAPPER other;
	CREATE SERVER other FOREIGN DATA WRAPPER other;
	ALTER SERVER other RENAME TO unseen;
	DROP SERVER unseen});

# No token of a mapping that is gone is kept.
{
	my $table = query(q{
		SELECT c.oid::regclass FROM pg_class c JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid
		WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND c.relname = 'authorizations'
		  AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'pinterest_fdw')});
	is(query("SELECT count(*) FROM $table"),
		3, 'no tokens are kept but those of mappings that are authorized');
}

#
# A copy of a database
#

query('CREATE DATABASE original');
query('CREATE EXTENSION pinterest_fdw', 'original');
create_server('pinterest', 'original', 'alice', 'bob');
authorize('alice', 'pinterest', dbname => 'original');

# carol has a refresh token from elsewhere
query(sprintf(q{CREATE USER MAPPING FOR carol SERVER pinterest OPTIONS (%s, refresh_token '%s')}, $client, $sandbox->refresh_token),
	'original');
like(token_of('carol', 'pinterest', dbname => 'original'), qr/^sha256/, 'a refresh token in the user mapping is used');
{
	my $pending = as('bob', q{SELECT pinterest.authorization_url('pinterest')}, dbname => 'original');
	my $original = token_of('alice', 'pinterest', dbname => 'original');
	query('ALTER DATABASE original RENAME TO elsewhere');
	is(token_of('alice', 'pinterest', dbname => 'elsewhere'),
		$original, 'a renamed database keeps its authorizations');
	query('ALTER DATABASE elsewhere RENAME TO original');
	query('CREATE DATABASE copy TEMPLATE original');

	$sandbox->expire('access_token');
	$sandbox->clear_log;
	my $error = as('alice', 'SELECT count(*) FROM live_pinterest', dbname => 'copy');
	like($error, qr/ERROR:  28000/, 'a copy does not use what it was copied with');
	like($error, qr/copy|copied/i, 'and says that it is a copy');
	like($error, qr/HINT: .*authorization_url/, 'and what to do');
	unlike($error, qr/client_secret/, 'which is not about the client');
	like(as('carol', 'SELECT count(*) FROM live_pinterest', dbname => 'copy'),
		qr/ERROR:  28000: user "carol" is not authorized.*DETAIL:  This database is a copy/s,
		'not even with a refresh token that has been used in the original');
	is(token_requests(), 0, 'it does not renew');
	is(scalar $sandbox->log, 0, 'it asks Pinterest for nothing');
	like(
		as('alice', q{SELECT string_agg(concat(detail, hint), ' ') FROM pinterest.check('pinterest') WHERE NOT ok},
			dbname => 'copy'),
		qr/copy|copied/i,
		'check() in a copy says so, too');

	my $renewed = token_of('alice', 'pinterest', dbname => 'original');
	like($renewed, qr/^sha256/, 'the original goes on, and renews');
	isnt($renewed, $original, 'with another token');
	my $kept = sub {
		my ($dbname) = @_;
		return query(q{SELECT string_agg(format('%s %s', role::regrole, database = (SELECT oid FROM pg_database WHERE datname = current_database())),
			', ' ORDER BY role::regrole::text) FROM pinterest_internal.authorizations WHERE concat(access_token, refresh_token) <> ''}, $dbname);
	};
	is($kept->('original'), 'alice t, carol t', 'tokens of the original');
	is($kept->('copy'), 'alice f, carol f', 'which the copy has, too');
	my $back = $sandbox->browse($pending);
	like(as('bob', "SELECT pinterest.authorize('pinterest', '$back')", dbname => 'copy'),
		qr/ERROR:  28000: the state in the URL belongs to another/, 'nor is a state of the original good in the copy');

	authorize('alice', 'pinterest', dbname => 'copy');
	my $own = token_of('alice', 'pinterest', dbname => 'copy');
	like($own, qr/^sha256/, 'a copy that is authorized works');
	isnt($own, $renewed, 'with a token of its own');
	is($kept->('copy'), 'alice t', 'and no others are kept');
	like(as('carol', 'SELECT count(*) FROM live_pinterest', dbname => 'copy'),
		qr/DETAIL:  This database is a copy/, 'others are still told that it is a copy');
	is(token_of('alice', 'pinterest', dbname => 'original'),
		$renewed, 'as the original does with its own');
	query('ALTER SERVER pinterest RENAME TO other', 'copy');
	is(token_of('alice', 'pinterest', dbname => 'copy'), $own, 'a rename in the copy');
	is(token_of('alice', 'pinterest', dbname => 'original'),
		$renewed, 'is none in the original');
	query('DROP USER MAPPING FOR alice SERVER other', 'copy');
	is(token_of('alice', 'pinterest', dbname => 'original'),
		$renewed, 'and what is dropped in the copy stays in the original');

	# copies of copies, and back under the old name
	query('CREATE DATABASE again TEMPLATE original');
	query('DROP DATABASE original');
	query('ALTER DATABASE again RENAME TO original');
	like(as('alice', 'SELECT count(*) FROM live_pinterest', dbname => 'original'),
		qr/ERROR:  28000/, 'a copy in the place of the original is a copy');
	query('DROP DATABASE original');
}

#
# Dump and restore
#

{
	my $file = PostgreSQL::Test::Utils::tempdir . '/dump';
	query('CREATE DATABASE dumped');
	query('CREATE EXTENSION pinterest_fdw', 'dumped');
	create_server('pinterest', 'dumped', 'alice');
	authorize('alice', 'pinterest', dbname => 'dumped');
	$node->command_ok([ 'pg_dump', '-d', $node->connstr('dumped'), '-f', $file ],
		'dumped');
	my $dump = slurp_file($file);
	my @secrets = grep { !/^\Q@{[ $sandbox->client_secret ]}\E$/ } $sandbox->secrets;
	is(scalar(grep { index($dump, $_) >= 0 } @secrets), 0, 'a dump has no tokens');
	query('CREATE DATABASE restored');
	$node->command_ok(
		[ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('restored'), '-f', $file ],
		'restored');
	like(as('alice', 'SELECT count(*) FROM live_pinterest', dbname => 'restored'),
		qr/$refused.*HINT: .*authorization_url/s,
		'a restored database has to be authorized anew');
	authorize('alice', 'pinterest', dbname => 'restored');
	like(token_of('alice', 'pinterest', dbname => 'restored'), qr/^sha256/, 'and then works');
}

#
# pg_upgrade, which gives user mappings new OIDs: a dump has functions before user
# mappings, so that those get other ones, and some get each other's
#

$node->stop;
{
	my $old = $node = PinterestSandbox::start_node('old', "timezone = 'UTC'");
	my @users = map { sprintf 'user%02d', $_ } 1 .. 24;
	my $functions = 0;
	my $create_functions = sub {
		my ($count) = @_;
		query(join '', map { 'CREATE FUNCTION f' . ++$functions . q{() RETURNS int LANGUAGE sql AS 'SELECT 1';} } 1 .. $count);
		return;
	};
	query('CREATE EXTENSION pinterest_fdw');
	query("CREATE ROLE $_") foreach @users;
	create_server('pinterest', 'postgres');
	foreach my $user (@users)
	{
		query("CREATE USER MAPPING FOR $user SERVER pinterest OPTIONS ($client)");
		$create_functions->(4);
	}
	$create_functions->(40);

	my %token;
	foreach my $user (grep { /[13579]$/ } @users)
	{
		my $url = as($user, q{SELECT pinterest.authorization_url('pinterest')});
		my $back = $sandbox->browse($url);
		as($user, "SELECT pinterest.authorize('pinterest', '$back')");
		$token{$user} = token_of($user, 'pinterest');
	}
	is(scalar(grep { /^sha256/ } values %token), 12, 'half of the users have authorized');
	query("CREATE SCHEMA ads; CREATE USER MAPPING FOR postgres SERVER pinterest OPTIONS ($client)");
	authorize('postgres', 'pinterest');
	query(q{SELECT pinterest.materialize('live_pinterest', 'ads.campaigns')});
	my $state = q{SELECT target, source, status, rows, last_success_at FROM pinterest.status};
	my $before = query($state);

	my $new = PostgreSQL::Test::Cluster->new('new');
	$new->init(extra => [ '--encoding=UTF8', '--locale=C.UTF-8' ]);
	$old->stop;
	my $bindir = $old->config_data('--bindir');
	chdir PostgreSQL::Test::Utils::tempdir;
	$new->command_ok(
		[
			'pg_upgrade', '--no-sync', '--old-datadir', $old->data_dir,
			'--new-datadir', $new->data_dir, '--old-bindir', $bindir, '--new-bindir', $bindir,
			'--socketdir', $new->host, '--old-port', $old->port, '--new-port', $new->port
		],
		'pg_upgrade');
	$new->start;
	$node = $new;

	my (@lost, @gained, @others);
	my %owner = reverse %token;
	foreach my $user (@users)
	{
		my $now = token_of($user, 'pinterest');
		push @lost, $user if exists $token{$user} && $now ne $token{$user};
		push @gained, $user if !exists $token{$user} && $now =~ /^sha256/;
		push @others, "$user has that of $owner{$now}"
		  if exists $owner{$now} && $owner{$now} ne $user;
	}
	is("@lost", '', 'after pg_upgrade, everyone works with his own token');
	is("@gained", '', 'and nobody who has not authorized');
	is(join(', ', @others), '', "nor with another one's");
	is(query($state), $before, 'materialized tables and their state are kept');
	is(as('postgres', q{SELECT unchanged FROM pinterest.refresh('ads.campaigns')}),
		2, 'and refreshes go on');
	$new->stop;
}

done_testing();
