
# Copyright (c) 2026, pinterest_fdw contributors

# The extension does not trust what stands around it: schemas that are there
# before it, default privileges, settings of the database, objects of others in
# the search path, its own schema under another name.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use PinterestSandbox;
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
my ($options, $client, $token) = ($sandbox->server_options, $sandbox->client, $sandbox->token);

sub query
{
	my ($dbname, $sql) = @_;
	return $node->safe_psql($dbname, $sql);
}

# Runs SQL as a role; returns what it printed, and its errors.
sub as
{
	my ($role, $dbname, $sql) = @_;

	# The database's role is nobody's but the worker's.
	return PinterestSandbox::answer($node, $sql, role => $role, dbname => $dbname) =~
	  s/\n?^(?:psql: )?WARNING:  (?:\w+: )?permission denied to set (?:role|session authorization).*//gmr;
}

my $live =
  q{(advertiser_id text NOT NULL, campaign_id text NOT NULL, name text) SERVER pinterest OPTIONS (resource 'campaigns')};

# What every session can do, from the first statement to the last
my $set_up = qq{
	CREATE SERVER pinterest FOREIGN DATA WRAPPER pinterest_fdw OPTIONS ($options, historical_date '3 days');
	CREATE USER MAPPING FOR CURRENT_USER SERVER pinterest OPTIONS (access_token '$token');
	CREATE SCHEMA ads;
	CREATE FOREIGN TABLE ads.live $live;
	CREATE FOREIGN TABLE ads.live_days (advertiser_id text NOT NULL, campaign_id text NOT NULL, date date NOT NULL, spend_in_dollar numeric)
		SERVER pinterest OPTIONS (resource 'campaign_report');};
my $work = q{
	SELECT pinterest.materialize('ads.live', 'ads.campaigns');
	SELECT pinterest.materialize('ads.live_days', 'ads.days');
	UPDATE ads.campaigns SET name = 'x';
	DELETE FROM ads.days;
	SELECT updated FROM pinterest.refresh('ads.campaigns');
	CALL pinterest.refresh_all();
	SELECT status FROM pinterest.status;
	SELECT count(*) > 0 FROM pinterest.refresh_log;
	SELECT count(*) > 0 FROM pinterest.resources;
	SELECT count(*) > 0 FROM pinterest.resource_columns;
	SELECT bool_and(ok) FROM pinterest.check('pinterest') WHERE item = 'access token';
	SELECT count(*) FROM pinterest_internal.list_schedules();
	DROP TABLE ads.campaigns;
	DROP TABLE ads.days;};
my $works = join "\n", qw(ads.campaigns ads.days 2 ready ready t t t t 0);

query('postgres', 'CREATE ROLE mallory LOGIN; CREATE ROLE alice LOGIN');
query('postgres', 'CREATE EXTENSION pg_cron') if $has_cron;

# What belongs to the extension, as a condition on an object
my $member = q{
	EXISTS (SELECT FROM pg_depend AS d JOIN pg_extension AS e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
	  WHERE e.extname = 'pinterest_fdw' AND d.deptype = 'e' AND d.objid = o.oid AND d.classid = o.tableoid)};

#
# Schemas that somebody else has made before
#

foreach my $schema ('pinterest', 'pinterest_internal')
{
	my $db = "before_$schema";
	query('postgres', "CREATE DATABASE $db");
	query($db, qq{
		CREATE SCHEMA $schema AUTHORIZATION mallory;
		GRANT USAGE ON SCHEMA $schema TO PUBLIC;
		SET ROLE mallory;
		CREATE PROCEDURE $schema.refresh_all(regclass[]) LANGUAGE plpgsql AS 'BEGIN ALTER ROLE mallory SUPERUSER; END'});
	foreach my $create ('CREATE EXTENSION pinterest_fdw',
		'CREATE EXTENSION IF NOT EXISTS pinterest_fdw CASCADE',
		"CREATE EXTENSION pinterest_fdw SCHEMA $schema")
	{
		like(as('postgres', $db, $create), qr/^ERROR: /, "$schema exists: $create is refused");
		query($db, 'DROP EXTENSION IF EXISTS pinterest_fdw');
	}
	query($db, "DROP SCHEMA IF EXISTS $schema CASCADE");
}

query('postgres', 'CREATE DATABASE clean');
is(as('postgres', 'clean', 'CREATE EXTENSION pinterest_fdw'), '', 'created');
is( query('clean', qq{SELECT o.nspname FROM pg_namespace AS o WHERE $member ORDER BY 1}),
	"pinterest\npinterest_internal", 'the schemas belong to the extension');
is( query('clean', qq{SELECT o.relname FROM pg_class AS o WHERE $member AND o.relkind IN ('r', 'S')
	  AND o.relnamespace IS DISTINCT FROM to_regnamespace('pinterest_internal')::oid}),
	'', 'and what is not for users is in the second one');
like(as('postgres', 'clean', "BEGIN; DROP SCHEMA $_ CASCADE; ROLLBACK"), qr/^ERROR:  2BP01/,
	"nobody drops schema $_ alone")
  foreach qw(pinterest pinterest_internal);
is( query('clean', qq{SELECT count(*), bool_and(o.evtenabled = 'A') FROM pg_event_trigger AS o WHERE $member}) =~ /^([1-9]\d*)\|t$/ ? 1 : 0,
	1, 'event triggers belong to it, and fire on replicas, too');
is( query('clean', qq{SELECT o.proname FROM pg_proc AS o WHERE $member AND o.prosecdef
	  AND NOT EXISTS (SELECT FROM unnest(o.proconfig) c WHERE c LIKE 'search\\_path=%pg\\_temp%')}),
	'', 'no function with the rights of its owner is without a search path of its own');

#
# Default privileges
#

my $seize = q{
	CREATE SCHEMA mallory AUTHORIZATION mallory;
	SET ROLE mallory;
	CREATE FUNCTION mallory.seize() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN
			BEGIN
				ALTER ROLE mallory SUPERUSER;
			EXCEPTION WHEN insufficient_privilege THEN
			END;
			RETURN COALESCE(NEW, OLD);
		END $$};
{
	my $db = 'defaults';
	my $everything = join '',
	  map { "ALTER DEFAULT PRIVILEGES GRANT ALL ON $_ TO mallory;" }
	  qw(TABLES SEQUENCES FUNCTIONS TYPES SCHEMAS);
	query('postgres', "CREATE DATABASE $db");
	query($db, $everything);
	query($db, 'CREATE EXTENSION pinterest_fdw');
	is( query($db, qq{
			SELECT pg_describe_object(o.classid, o.objid, 0), a.privilege_type FROM (
				SELECT tableoid AS classid, oid AS objid, relacl AS acl FROM pg_class AS o WHERE $member
				UNION ALL SELECT tableoid, oid, proacl FROM pg_proc AS o WHERE $member
				UNION ALL SELECT tableoid, oid, typacl FROM pg_type AS o WHERE $member
				UNION ALL SELECT tableoid, oid, nspacl FROM pg_namespace AS o WHERE $member
				UNION ALL SELECT tableoid, oid, fdwacl FROM pg_foreign_data_wrapper AS o WHERE $member) AS o,
			aclexplode(o.acl) AS a WHERE a.grantee = 'mallory'::regrole ORDER BY 1, 2}),
		'', "default privileges give nothing of the extension away");
	query($db, $seize);
	foreach my $table (split /\n/, query($db, qq{SELECT o.oid::regclass FROM pg_class AS o WHERE $member AND o.relkind = 'r'}))
	{
		my $all = join "\n", map { as('mallory', $db, $_) }
		  "CREATE TRIGGER seize BEFORE INSERT OR UPDATE OR DELETE ON $table FOR EACH ROW EXECUTE FUNCTION mallory.seize()",
		  "DELETE FROM $table", "TRUNCATE $table", "INSERT INTO $table DEFAULT VALUES",
		  "BEGIN; LOCK TABLE $table IN ACCESS EXCLUSIVE MODE";
		is(scalar(() = $all =~ /ERROR:  42501/g), 5, "nobody else changes, locks or hooks into $table");
	}
	like(as('mallory', $db, "CREATE FUNCTION $_.planted(text) RETURNS int LANGUAGE sql AS 'SELECT 1'"),
		qr/ERROR:  (42501|3F000)/, "nor puts anything into schema $_")
	  foreach qw(pinterest pinterest_internal);

	query($db, $set_up);
	is(as('postgres', $db, $work), $works, 'all works');
	is(query($db, q{SELECT rolsuper FROM pg_roles WHERE rolname = 'mallory'}),
		'f', 'and makes nobody superuser');
	query($db, 'ALTER ROLE mallory NOSUPERUSER');
}

# Whoever has got a trigger onto our tables all the same: they are written past it.
{
	my $db = 'triggers';
	query('postgres', "CREATE DATABASE $db");
	query($db, 'CREATE EXTENSION pinterest_fdw');
	query($db, $seize);
	query($db, $set_up);
	foreach my $table (split /\n/, query($db, qq{SELECT o.oid::regclass FROM pg_class AS o WHERE $member AND o.relkind = 'r'}))
	{
		query($db, qq{
			CREATE TRIGGER seize BEFORE INSERT OR UPDATE OR DELETE ON $table FOR EACH ROW EXECUTE FUNCTION mallory.seize()});
	}
	is(as('postgres', $db, $work), $works, 'with hostile triggers on all tables: all works');
	query($db, qq{
		CREATE USER MAPPING FOR alice SERVER pinterest OPTIONS ($client);
		GRANT USAGE ON FOREIGN SERVER pinterest TO alice});
	my $back = $sandbox->browse(as('alice', $db, q{SET client_min_messages = warning; SELECT pinterest.authorization_url('pinterest')}));
	like(as('alice', $db, "SELECT pinterest.authorize('pinterest', '$back')"),
		qr/is authorized/, 'with hostile triggers: authorized');
	query($db, 'ALTER SERVER pinterest RENAME TO renamed; ALTER SERVER renamed RENAME TO pinterest; DROP USER MAPPING FOR alice SERVER pinterest');
	query($db, q{CREATE TABLE ads.t (i int); DROP TABLE ads.t});
  SKIP:
	{
		skip 'pg_cron is not installed', 1 unless $has_cron;
		like(as('postgres', $db, q{SELECT pinterest.materialize('ads.live', 'ads.s', false); SELECT pinterest.schedule('ads.s', 'daily'); DROP TABLE ads.s}),
			qr/^ads.s\n\d+$/, 'with hostile triggers: scheduled');
	}
	is(query($db, q{SELECT rolsuper FROM pg_roles WHERE rolname = 'mallory'}),
		'f', 'none of the triggers has run with the rights of a superuser');
	query($db, 'ALTER ROLE mallory NOSUPERUSER');
}

#
# Names and places of our own objects
#

{
	my $db = 'clean';
	query($db, 'CREATE SCHEMA alice AUTHORIZATION alice');
	my @moves = map { [ "ALTER SCHEMA $_ RENAME TO moved", "ALTER SCHEMA moved RENAME TO $_" ] }
	  qw(pinterest pinterest_internal);
	foreach my $table (split /\n/, query($db, qq{SELECT o.oid::regclass FROM pg_class AS o WHERE $member AND o.relkind = 'r'}))
	{
		my ($schema, $name) = split /\./, $table;
		push @moves,
		  [ "ALTER TABLE $table RENAME TO moved", "ALTER TABLE $schema.moved RENAME TO $name" ],
		  [ "ALTER TABLE $table SET SCHEMA public", "ALTER TABLE public.$name SET SCHEMA $schema" ],
		  [ "ALTER EXTENSION pinterest_fdw DROP TABLE $table", "ALTER EXTENSION pinterest_fdw ADD TABLE $table" ];
	}
	foreach my $move (@moves)
	{
		my ($there, $back) = @$move;
		my $moved = as('postgres', $db, $there);
		like($moved, qr/^$|^ERROR:  .*HINT: /s, "$there: works, or says what to do");
		like(as('alice', $db, 'CREATE TABLE alice.t (i int PRIMARY KEY); ALTER TABLE alice.t ADD j int; DROP TABLE alice.t'),
			qr/^(WARNING:  01000: extension pinterest_fdw does not notice what is dropped: .*)?$/,
			"$there: and DROP goes on");
		query($db, 'DROP TABLE IF EXISTS alice.t') if $moved ne '';
		query($db, $back) if $moved eq '';
		query($db, 'DROP TABLE IF EXISTS alice.t');
	}
	query($db, $set_up);
	is(as('postgres', $db, $work), $works, 'afterwards all works');

	# dropped on a replica
	query($db, q{
		SELECT pinterest.materialize('ads.live', 'ads.one', false);
		SELECT pinterest.materialize('ads.live', 'ads.two', false)});
	query($db, q{SELECT pinterest.schedule('ads.one', 'daily')}) if $has_cron;
	my ($registry, $schedules) = map {
		query($db, qq{SELECT o.oid::regclass FROM pg_class AS o WHERE $member AND o.relname = '$_' AND o.relkind = 'r'})
	} qw(materialized_tables schedules);
	query($db, q{
		SET session_replication_role = replica;
		DROP TABLE ads.one;
		DROP FOREIGN TABLE ads.live});
	is(query($db, "SELECT target, source FROM $registry"), 'ads.two|-',
		'DROP on a replica takes registrations along');
	is(query($db, "SELECT count(*) FROM $schedules"), 0, 'and schedules');
	is(query('postgres', "SELECT count(*) FROM cron.job WHERE database = '$db'"), 0, 'and jobs')
	  if $has_cron;

	is(as('postgres', $db, 'DROP EXTENSION pinterest_fdw CASCADE; SELECT count(*) FROM pg_namespace WHERE nspname ~ $$^pinterest$$') =~ /^0/m ? 1 : 0,
		1, 'DROP EXTENSION leaves nothing');
	is(as('postgres', $db, 'CREATE EXTENSION pinterest_fdw'), '', 'and it can be created again');
}

#
# Objects of others, which come first in the search path
#

{
	my $db = 'planted';
	query('postgres', "CREATE DATABASE $db");
	my $plant = q{
		CREATE SCHEMA evil AUTHORIZATION mallory;
		GRANT USAGE ON SCHEMA evil TO PUBLIC;
		SET ROLE mallory;
		CREATE TABLE evil.seen (what pg_catalog.text);
		GRANT INSERT ON evil.seen TO PUBLIC;
		CREATE FUNCTION evil.note(what pg_catalog.text) RETURNS pg_catalog.bool LANGUAGE plpgsql AS $$
			BEGIN
				INSERT INTO evil.seen VALUES (what);
				RETURN true;
			END $$;};
	foreach my $type (qw(oid int4 int8 text name date timestamptz jsonb numeric bool))
	{
		my $n = 0;
		foreach my $operator (qw(= <> < > <= >= -))
		{
			my $function = "f_${type}_" . $n++;
			$plant .= qq{
				CREATE FUNCTION evil.$function(a pg_catalog.$type, b pg_catalog.$type) RETURNS pg_catalog.bool LANGUAGE plpgsql AS \$\$
					BEGIN
						PERFORM evil.note('$operator of $type');
						RETURN true;
					END \$\$;
				CREATE OPERATOR evil.$operator (LEFTARG = pg_catalog.$type, RIGHTARG = pg_catalog.$type, FUNCTION = evil.$function);};
		}
		foreach my $function (qw(min max count length lower upper btrim quote_ident pg_has_role))
		{
			$plant .= qq{
				CREATE FUNCTION evil.$function(pg_catalog.$type) RETURNS pg_catalog.$type LANGUAGE plpgsql AS \$\$
					BEGIN
						PERFORM evil.note('$function of $type');
						RETURN \$1;
					END \$\$;};
		}
	}
	foreach my $type (qw(text date jsonb int8 numeric timestamptz bool oid name regclass))
	{
		$plant .= "CREATE DOMAIN evil.$type AS pg_catalog.$type CHECK (evil.note('type $type'));"
		  . "GRANT USAGE ON TYPE evil.$type TO PUBLIC;";
	}
	foreach my $relation (qw(pg_class pg_namespace pg_depend pg_extension pg_foreign_table pg_foreign_server
		pg_user_mapping pg_proc pg_attribute pinterest_download materialized_tables schedules refresh_runs
		refresh_ends authorizations authorization_requests))
	{
		$plant .= "CREATE VIEW evil.$relation AS SELECT 1::pg_catalog.oid AS oid, 'x'::pg_catalog.text AS name WHERE evil.note('$relation');"
		  . "GRANT ALL ON evil.$relation TO PUBLIC;";
	}
	$plant .= q{
		CREATE FUNCTION evil.now() RETURNS pg_catalog.timestamptz LANGUAGE sql AS 'SELECT pg_catalog.now() FROM evil.note($$now$$)';
		CREATE FUNCTION evil.pg_event_trigger_dropped_objects() RETURNS pg_catalog.int4 LANGUAGE sql AS 'SELECT 1 FROM evil.note($$dropped$$)';
		CREATE FUNCTION evil.pg_event_trigger_ddl_commands() RETURNS pg_catalog.int4 LANGUAGE sql AS 'SELECT 1 FROM evil.note($$commands$$)';};
	query($db, $plant);
	my $first = 'SET search_path = evil, pg_catalog;';
	is(as('postgres', $db, "$first CREATE EXTENSION pinterest_fdw"), '', 'created beside planted objects');
	query($db, $set_up);

	# what the statements of the test themselves run is not what is tested
	(my $plain = $work) =~ s/^.*(?:count\(|bool_and|UPDATE|DELETE).*$//gm;
	is( as('postgres', $db, "$first $plain"),
		"ads.campaigns\nads.days\n0\nready\nready",
		'with planted objects first in the search path: all works');
	is(query($db, 'SELECT DISTINCT what FROM evil.seen ORDER BY 1'), '', 'and none of them is used');

	query($db, 'TRUNCATE evil.seen');
	is( as('postgres', $db, qq{
			$first
			CREATE SCHEMA imported;
			IMPORT FOREIGN SCHEMA ads FROM SERVER pinterest INTO imported;}),
		'', 'IMPORT FOREIGN SCHEMA likewise');
	is( query($db, q{SELECT DISTINCT a.atttypid::regtype FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
		  WHERE c.relnamespace = 'imported'::regnamespace AND a.attnum > 0 AND a.atttypid >= 16384 ORDER BY 1}),
		'', 'imports with types of PostgreSQL');
	is(query($db, 'SELECT DISTINCT what FROM evil.seen ORDER BY 1'), '', 'and uses none of the planted ones');

	# and in pg_temp, where they come first without being asked for
	is( as('postgres', $db, q{
			CREATE TEMPORARY TABLE pinterest_download (advertiser_id text, campaign_id text, name text);
			CREATE TEMPORARY TABLE pg_class (oid oid);
			SELECT pinterest.materialize('ads.live', 'ads.campaigns');
			SELECT unchanged FROM pinterest.refresh('ads.campaigns');}),
		"ads.campaigns\n2",
		'temporary tables of such names do no harm');
}

#
# Settings of the database
#

foreach my $setting (
	[ 'role', 'mallory' ],
	[ 'session_authorization', 'mallory' ],
	[ 'exit_on_error', 'on' ],
	[ 'search_path', 'mallory, pg_catalog' ],
	[ 'session_replication_role', 'replica' ],
	[ 'default_transaction_read_only', 'on' ],
	[ 'default_transaction_isolation', 'serializable' ],
	[ 'row_security', 'off' ],
	[ 'lock_timeout', '1' ],
	[ 'datestyle', 'German' ])
{
	my ($name, $value) = @$setting;
	my $db = "with_$name";
	query('postgres', "CREATE DATABASE $db");
	query($db, qq{
		CREATE EXTENSION pinterest_fdw;
		CREATE SERVER pinterest FOREIGN DATA WRAPPER pinterest_fdw OPTIONS ($options);
		GRANT USAGE ON FOREIGN SERVER pinterest TO alice;
		CREATE USER MAPPING FOR alice SERVER pinterest OPTIONS ($client);
		CREATE SCHEMA work AUTHORIZATION alice;
		SET ROLE alice;
		CREATE FOREIGN TABLE work.live $live;
		RESET ROLE;
		ALTER DATABASE $db SET $name TO $value});
	my $allow = $name =~ /read_only|isolation/ ? "SET $name TO DEFAULT;"
	  . 'SET default_transaction_read_only = off; SET default_transaction_isolation = "read committed";' : '';
	my $url = as('alice', $db, q{SET client_min_messages = warning; SELECT pinterest.authorization_url('pinterest')});
	like($url, qr/^http\S+$/, "ALTER DATABASE SET $name: authorization_url");
	my $back = $url =~ /^http/ ? $sandbox->browse($url) : 'none';
	like(as('alice', $db, "SELECT pinterest.authorize('pinterest', '$back')"),
		qr/is authorized/, "ALTER DATABASE SET $name: authorize");
	is( as('alice', $db, "$allow SELECT pinterest.materialize('work.live', 'work.campaigns'); SELECT status, rows FROM pinterest.status"),
		"work.campaigns\nready|2", "ALTER DATABASE SET $name: a refresh is on record");
	$sandbox->expire('access_token');
	is(as('alice', $db, 'SELECT count(*) FROM work.live'),
		2, "ALTER DATABASE SET $name: tokens are renewed");
}

$node->stop;
done_testing();
