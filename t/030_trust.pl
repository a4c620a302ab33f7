
# Copyright (c) 2026, pinterest_fdw contributors

# Nobody's rights, tokens or rows reach anybody else: a refresh acts as the owner
# of its target, whoever calls it, and callers are those who have the owner's
# privileges.  Here are owners with triggers, expressions, settings and types that
# try to get at the rights of others.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use Digest::SHA qw(sha256_hex);
use PinterestSandbox;
use PsqlSession qw(wait_until);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $sandbox = PinterestSandbox->new(
	campaigns => 3,
	ad_groups => 1,
	ads => 1,
	report_delay => 0);
my $node = PinterestSandbox::start_node('main', "timezone = 'UTC'");
my $major = $node->pg_version->major;
my $token = $sandbox->token;
my $fingerprint = 'sha256:' . substr sha256_hex($token), 0, 12;

# Runs SQL as a role that has logged in; returns what it printed, and errors.
sub as
{
	my ($role, $sql) = @_;
	return PinterestSandbox::answer($node, $sql, role => $role);
}

sub query { return $node->safe_psql('postgres', $_[0]); }

sub rows { return query("SELECT count(*) FROM $_[0]"); }

my $options = $sandbox->server_options;
query(qq{
	CREATE EXTENSION pinterest_fdw;
	CREATE ROLE alice LOGIN;
	CREATE ROLE bob LOGIN;
	CREATE ROLE carol LOGIN;
	CREATE ROLE marketing;
	CREATE ROLE dora LOGIN IN ROLE marketing;
	CREATE ROLE eve LOGIN NOINHERIT IN ROLE marketing;
	CREATE SERVER pinterest FOREIGN DATA WRAPPER pinterest_fdw OPTIONS ($options);
	GRANT USAGE ON FOREIGN SERVER pinterest TO alice, bob, carol, marketing;
	CREATE USER MAPPING FOR postgres SERVER pinterest OPTIONS (access_token '$token');
	CREATE SCHEMA alice AUTHORIZATION alice;
	CREATE SCHEMA bob AUTHORIZATION bob;
	CREATE SCHEMA carol AUTHORIZATION carol;
	CREATE SCHEMA marketing AUTHORIZATION marketing;
	CREATE SCHEMA common;
	GRANT ALL ON SCHEMA common TO PUBLIC;
	-- what code has run, and with whose rights
	CREATE TABLE common.seen (what text, who text, path text);
	GRANT ALL ON common.seen TO PUBLIC;
	CREATE FUNCTION common.note(what text) RETURNS boolean LANGUAGE plpgsql AS \$\$
		BEGIN
			INSERT INTO common.seen VALUES (what, current_user, pg_catalog.current_setting('search_path'));
			RETURN true;
		END \$\$;
	CREATE FUNCTION common.on_row() RETURNS trigger LANGUAGE plpgsql AS \$\$
		BEGIN
			PERFORM common.note(TG_ARGV[0]);
			RETURN COALESCE(NEW, OLD);
		END \$\$;});

my $live =
  q{(advertiser_id text NOT NULL, campaign_id text NOT NULL, name text) SERVER pinterest OPTIONS (resource 'campaigns')};

# A foreign table and a materialized one, not loaded yet, of a role's in its schema.
sub give_table
{
	my ($role, $name) = @_;
	return query(qq{
		SET ROLE $role;
		CREATE FOREIGN TABLE $role.live_$name $live;
		SELECT pinterest.materialize('$role.live_$name', '$role.$name', false)});
}

# Who ran code of a kind, or of any, since the last time; each once
sub seen
{
	my ($what) = @_;
	my $who = query(
		'SELECT DISTINCT who FROM common.seen'
		  . (defined $what ? " WHERE what = '$what'" : '')
		  . ' ORDER BY 1');
	query('TRUNCATE common.seen') unless defined $what;
	return $who;
}

#
# Work for others is done with the owner's rights, mapping and settings
#

my $user_mapping =
  sub { return "CREATE USER MAPPING FOR $_[0] SERVER pinterest OPTIONS (access_token '$token')" };

# Whoever has no mapping gets no rows, whoever refreshes.
{
	give_table('alice', 'nothing');
	query(q{
		SET ROLE alice;
		CREATE FUNCTION alice.seize() RETURNS trigger LANGUAGE plpgsql AS $$
			BEGIN
				BEGIN
					ALTER ROLE alice SUPERUSER;
				EXCEPTION WHEN insufficient_privilege THEN
				END;
				RETURN NEW;
			END $$;
		CREATE TRIGGER seize BEFORE INSERT ON alice.nothing
			FOR EACH ROW EXECUTE FUNCTION alice.seize()});
	like(
		as('postgres', q{CALL pinterest.refresh_all('{alice.nothing}')}),
		qr/ERROR:  28000: user "alice" has no user mapping/,
		'refresh_all by a superuser: the owner has no mapping');
	is(rows('alice.nothing'), 0,
		"refresh_all by a superuser: nobody gets the superuser's rows");
	like(
		as('postgres', q{SELECT pinterest.refresh('alice.nothing')}),
		qr/ERROR:  28000: user "alice" has no user mapping/,
		'refresh by a superuser: likewise');
	is(rows('alice.nothing'), 0, 'refresh by a superuser: no rows');
	is( query(q{SELECT rolsuper FROM pg_roles WHERE rolname = 'alice'}),
		'f',
		'a trigger does not make its author superuser');
	query('ALTER ROLE alice NOSUPERUSER');
}

# All code of a table runs as its owner, with a safe search path.
{
	query($user_mapping->('alice'));
	give_table('alice', 'traps');
	query(q{
		SET ROLE alice;
		CREATE FUNCTION alice.note_immutable(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
			BEGIN
				PERFORM common.note('index');
				RETURN $1;
			END $$;
		ALTER TABLE alice.traps ADD extra boolean DEFAULT common.note('default');
		ALTER TABLE alice.traps ADD CHECK (common.note('check'));
		CREATE INDEX ON alice.traps (alice.note_immutable(name));
		CREATE TRIGGER before_insert BEFORE INSERT ON alice.traps
			FOR EACH ROW EXECUTE FUNCTION common.on_row('trigger');
		CREATE TRIGGER before_update BEFORE UPDATE ON alice.traps
			FOR EACH ROW EXECUTE FUNCTION common.on_row('update');
		CREATE TRIGGER before_delete BEFORE DELETE ON alice.traps
			FOR EACH ROW EXECUTE FUNCTION common.on_row('delete');
		CREATE RULE also AS ON INSERT TO alice.traps DO ALSO SELECT common.note('rule');
		ALTER TABLE alice.traps ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
		CREATE POLICY all_rows ON alice.traps USING (common.note('policy')) WITH CHECK (common.note('policy'));});
	foreach my $way (
		[ 'refresh', q{SELECT rows FROM pinterest.refresh('alice.traps')}, "3" ],
		[ 'refresh_all', q{CALL pinterest.refresh_all('{alice.traps}')}, '' ])
	{
		my ($name, $call, $result) = @$way;
		query(q{
			DELETE FROM alice.traps WHERE campaign_id IN (SELECT campaign_id FROM alice.traps LIMIT 1);
			UPDATE alice.traps SET name = 'x' WHERE campaign_id IN (SELECT campaign_id FROM alice.traps LIMIT 1);
			INSERT INTO alice.traps SELECT advertiser_id, '1', 'gone' FROM alice.traps LIMIT 1;
			TRUNCATE common.seen});
		is(as('postgres', $call), $result, "$name by a superuser works");
		is(seen($_), 'alice', "$name by a superuser: the owner's $_ runs as the owner")
		  foreach qw(trigger index check default policy), $name eq 'refresh' ? 'rule' : ();
		if ($name eq 'refresh_all')
		{
			is(seen($_), 'alice', "$name by a superuser: the owner's $_ trigger runs as the owner")
			  foreach qw(update delete);
		}
		is( query('SELECT DISTINCT path FROM common.seen'),
			'pg_catalog, pg_temp',
			"$name by a superuser: the search path is a safe one");
		is(seen(), 'alice', "$name by a superuser: nothing at all runs as the superuser");
	}
	is(rows('alice.traps'), 3, 'and the table is what Pinterest has');
}

# The owner's user mapping is used, also where the caller's would do.
{
	query(q{
		ALTER USER MAPPING FOR postgres SERVER pinterest OPTIONS (SET access_token 'pina_wrong');
		DELETE FROM alice.traps});
	$sandbox->clear_log;
	is( as('postgres', q{SELECT inserted FROM pinterest.refresh('alice.traps')}),
		3, "the owner's mapping is used, and not the caller's");
	my @others = grep { $_->{credential} ne $fingerprint } $sandbox->log;
	is(scalar @others, 0, "the caller's token has gone nowhere");
	query(qq{ALTER USER MAPPING FOR postgres SERVER pinterest OPTIONS (SET access_token '$token')});

	# and the owner's privileges on the source
	query(q{
		CREATE FOREIGN TABLE common.live_secret } . $live . q{;
		GRANT SELECT ON common.live_secret TO alice;
		SET ROLE alice;
		SELECT pinterest.materialize('common.live_secret', 'alice.secret', false);
		RESET ROLE;
		REVOKE ALL ON common.live_secret FROM alice});
	like(as('postgres', q{SELECT pinterest.refresh('alice.secret')}),
		qr/ERROR:  42501: permission denied for foreign table live_secret/,
		'a superuser does not read for the owner what the owner may not read');
	is(rows('alice.secret'), 0, 'and no row has come');
}

# What triggers do to the session ends with the refresh.
{
	give_table('alice', 'settings');
	query(q{
		SET ROLE alice;
		CREATE FUNCTION alice.change_settings() RETURNS trigger LANGUAGE plpgsql AS $$
			BEGIN
				PERFORM pg_catalog.set_config('search_path', 'alice', false),
					pg_catalog.set_config('datestyle', 'German', false);
				RETURN NEW;
			END $$;
		CREATE TRIGGER change_settings BEFORE INSERT ON alice.settings
			FOR EACH ROW EXECUTE FUNCTION alice.change_settings()});
	is( as( 'postgres',
			q{SET search_path = common; SELECT inserted FROM pinterest.refresh('alice.settings'); SHOW search_path; SHOW datestyle}
		),
		"3\ncommon\nISO, MDY",
		'refresh: settings of a trigger do not stay in the session');
	query('DELETE FROM alice.settings');
	is( as( 'postgres',
			q{SET search_path = common; CALL pinterest.refresh_all('{alice.settings}'); SHOW search_path; SHOW datestyle}
		),
		"common\nISO, MDY",
		'refresh_all: likewise');

	# what could be left behind for the caller to run into, or take his identity
	foreach my $try (
		[ 'a temporary table', 'CREATE TEMPORARY TABLE IF NOT EXISTS seen (what text)' ],
		[ 'SET ROLE', q{PERFORM pg_catalog.set_config('role', 'postgres', false)} ],
		[ 'RESET ROLE', 'RESET ROLE' ],
		[ 'SET SESSION AUTHORIZATION', 'SET SESSION AUTHORIZATION postgres' ],
		[ 'RESET SESSION AUTHORIZATION', 'RESET SESSION AUTHORIZATION' ],
		[ 'PREPARE', q{PREPARE p AS SELECT 1} ],
		[ 'LISTEN', 'LISTEN x' ])
	{
		my ($name, $statement) = @$try;
		query(qq{
			DELETE FROM alice.settings;
			SET ROLE alice;
			CREATE OR REPLACE FUNCTION alice.change_settings() RETURNS trigger LANGUAGE plpgsql AS \$\$
				BEGIN
					$statement;
					RETURN NEW;
				END \$\$});
		like(
			as('postgres', q{SELECT pinterest.refresh('alice.settings')}),
			qr/ERROR:  42501: .*(security-restricted|security-definer|permission denied)/,
			"$name: refused in a trigger");
		is(rows('alice.settings'), 0, "$name: and nothing is applied");
	}
}

# Constraints that would be checked at the end are checked at once, as the owner;
# what the caller's transaction has put off is the caller's.
{
	give_table('marketing', 'deferred');
	query($user_mapping->('marketing'));
	query(q{
		SET ROLE marketing;
		GRANT USAGE ON SCHEMA marketing TO PUBLIC;
		CREATE CONSTRAINT TRIGGER late AFTER INSERT ON marketing.deferred
			DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION common.on_row('late');
		CREATE TABLE marketing.names (name text PRIMARY KEY);
		RESET ROLE;
		SET ROLE carol;
		CREATE TABLE carol.own (i int);
		CREATE CONSTRAINT TRIGGER late AFTER INSERT ON carol.own
			DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION common.on_row('pending');
		GRANT USAGE ON SCHEMA carol TO dora, postgres;
		GRANT INSERT ON carol.own TO dora;
		RESET ROLE;
		TRUNCATE common.seen});
	is( as( 'dora', q{
			BEGIN;
			INSERT INTO carol.own VALUES (1);
			SELECT inserted FROM pinterest.refresh('marketing.deferred');
			SELECT DISTINCT who FROM common.seen WHERE what = 'late';
			COMMIT;}),
		"3\nmarketing",
		'a deferred trigger fires within the refresh, as the owner');
	is(seen('pending'), 'dora',
		'what the caller has deferred before does not run as the owner');
	query('TRUNCATE common.seen; DELETE FROM marketing.deferred');
	is(as('dora', q{CALL pinterest.refresh_all('{marketing.deferred}')}),
		'', 'refresh_all works for a member of the owner');
	is(seen('late'), 'marketing', 'refresh_all: a deferred trigger runs as the owner');
	query(q{
		TRUNCATE common.seen;
		DELETE FROM marketing.deferred;
		ALTER TABLE marketing.deferred ADD FOREIGN KEY (name) REFERENCES marketing.names
			DEFERRABLE INITIALLY DEFERRED});
	like(
		as( 'dora', q{
			BEGIN;
			SELECT inserted FROM pinterest.refresh('marketing.deferred');
			SELECT 'went on';
			COMMIT;}),
		qr/\AERROR:  23503: insert or update on table "deferred" violates foreign key.*^ERROR:  25P02/ms,
		'a deferred foreign key is checked within the refresh');

	# nor can a trigger put it off again, to run as whoever commits
	query(q{
		ALTER TABLE marketing.deferred DROP CONSTRAINT deferred_name_fkey;
		SET ROLE marketing;
		CREATE FUNCTION marketing.defer() RETURNS trigger LANGUAGE plpgsql AS $$
			BEGIN
				SET CONSTRAINTS ALL DEFERRED;
				RETURN NULL;
			END $$;
		CREATE TRIGGER defer BEFORE INSERT ON marketing.deferred
			FOR EACH STATEMENT EXECUTE FUNCTION marketing.defer();
		RESET ROLE;
		TRUNCATE common.seen});
	like(as('postgres', $_),
		qr/ERROR:  42501: cannot fire deferred trigger within security-restricted operation/,
		"what a trigger puts off is refused: $_")
	  foreach q{SELECT pinterest.refresh('marketing.deferred')},
	  q{CALL pinterest.refresh_all('{marketing.deferred}')};
	is(seen('late'), '', 'and has not run');
	query('DROP TRIGGER defer ON marketing.deferred; TRUNCATE common.seen');
}

#
# Who may call it
#

{
	give_table($_, 'mine') foreach qw(bob carol);
	query($user_mapping->($_)) foreach qw(bob carol);
	query(q{
		SET ROLE bob;
		GRANT USAGE ON SCHEMA bob TO PUBLIC;
		GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON bob.mine, bob.live_mine TO PUBLIC;
		CREATE TRIGGER before_insert BEFORE INSERT ON bob.mine
			FOR EACH ROW EXECUTE FUNCTION common.on_row('trigger')});
	like(as('carol', $_), qr/ERROR:  42501: .*bob\.mine|ERROR:  42501: .*table "?mine/,
		"not whom the owner has granted everything on the table: $_")
	  foreach q{SELECT pinterest.refresh('bob.mine')},
	  q{CALL pinterest.refresh_all('{bob.mine}')};
	is(as('carol', 'CALL pinterest.refresh_all()'),
		'', 'without names, a role refreshes what is its own');
	is(rows('carol.mine') . rows('bob.mine'),
		'30', "and not what others have granted to PUBLIC");
	is(seen(), '', "so nobody's trigger has run as another role");

	query('DELETE FROM marketing.deferred');
	is( as('dora', q{SELECT inserted FROM pinterest.refresh('marketing.deferred')}),
		3, 'a member of the owner may');
	query('DELETE FROM marketing.deferred');
	like(as('eve', q{SELECT pinterest.refresh('marketing.deferred')}),
		qr/ERROR:  42501: /, 'one who does not inherit may not');
	is( as('eve', q{SET ROLE marketing; SELECT inserted FROM pinterest.refresh('marketing.deferred')}),
		3, 'but as the owner');

	# without names
	query(q{
		DELETE FROM marketing.deferred; DELETE FROM carol.mine; DELETE FROM alice.traps;
		CREATE FOREIGN TABLE common.live_mine } . $live . q{;
		SELECT pinterest.materialize('common.live_mine', 'common.mine', false)});
	is(as('dora', 'CALL pinterest.refresh_all()'),
		'', "without names, the tables of the caller's roles are refreshed");
	is( join(' ', map { rows($_) } qw(marketing.deferred carol.mine alice.traps bob.mine common.mine)),
		'3 0 0 0 0', 'these alone');
	query('DELETE FROM marketing.deferred');
	is(as('postgres', 'CALL pinterest.refresh_all()'),
		'', "a superuser's call without names");
	is( join(' ', map { rows($_) } qw(marketing.deferred carol.mine alice.traps bob.mine common.mine)),
		'0 0 0 0 3', 'refreshes what he owns');
	seen();
}

# An owner that cannot log in is authorized with SET ROLE.
{
	my $client = $sandbox->client;
	query(qq{
		DROP USER MAPPING FOR marketing SERVER pinterest;
		CREATE USER MAPPING FOR marketing SERVER pinterest OPTIONS ($client)});
	like(as('dora', q{SELECT pinterest.refresh('marketing.deferred')}),
		qr/ERROR:  28000: user "marketing" is not authorized/,
		'the error names the owner who is not authorized');
	my $url = as('dora', q{SET client_min_messages = warning; SET ROLE marketing; SELECT pinterest.authorization_url('pinterest')});
	my $back = $sandbox->browse($url);
	like(as('dora', qq{SET ROLE marketing; SELECT pinterest.authorize('pinterest', '$back')}),
		qr/^user "marketing" is authorized/, 'SET ROLE, then authorize()');
	is( as('dora', q{SELECT inserted FROM pinterest.refresh('marketing.deferred')}),
		3, 'then it works for the members');
}

# An error that looks like a cancellation is one of that table alone.
{
	give_table($_, 'canceled') foreach qw(alice carol);
	query(q{
		SET ROLE alice;
		CREATE FUNCTION alice.cancel() RETURNS trigger LANGUAGE plpgsql AS $$
			BEGIN
				RAISE EXCEPTION 'words of alice' USING ERRCODE = 'query_canceled';
			END $$;
		CREATE TRIGGER cancel BEFORE INSERT ON alice.canceled
			FOR EACH ROW EXECUTE FUNCTION alice.cancel()});
	like(
		as('postgres', q{CALL pinterest.refresh_all('{alice.canceled,carol.canceled}')}),
		qr/ERROR:  57014: words of alice/,
		'a trigger that raises query_canceled fails its own table');
	is(rows('carol.canceled'), 3, 'and the next one is loaded');
	is( query(q{SELECT string_agg(outcome || COALESCE(message, ''), ',') FROM pinterest.refresh_log WHERE target = 'carol.canceled'::regclass}),
		'succeeded',
		'on whose record it leaves nothing');
}

# Nothing that the owner's code leaves open or puts off is there for the caller.
{
	give_table('alice', 'leaves');
	query(q{
		SET ROLE alice;
		CREATE FUNCTION alice.leave() RETURNS trigger LANGUAGE plpgsql AS $$
			DECLARE
				cursor refcursor := 'left_open';
			BEGIN
				OPEN cursor FOR SELECT common.note('cursor');
				SET CONSTRAINTS ALL DEFERRED;
				RETURN NULL;
			END $$;
		CREATE TRIGGER leave AFTER INSERT ON alice.leaves EXECUTE FUNCTION alice.leave();
		RESET ROLE;
		CREATE TABLE common.checked (i int UNIQUE DEFERRABLE);
		TRUNCATE common.seen});
	my $error = as('postgres', q{
		BEGIN;
		DECLARE my_own CURSOR FOR SELECT 'my own';
		SELECT inserted FROM pinterest.refresh('alice.leaves');
		FETCH my_own;
		SAVEPOINT one;
		INSERT INTO common.checked VALUES (1), (1);
		ROLLBACK TO one;
		FETCH left_open;
		COMMIT});
	like($error, qr/^3\nmy own$/m, "the caller's cursors stay open");
	like($error, qr/ERROR:  34000: cursor "left_open" does not exist/,
		"those of the owner's code do not");
	like($error, qr/ERROR:  23505/, "and the caller's constraints are not put off");
	is(seen(), '', 'nothing has run as the caller');
}

# Privileges to maintain, that PostgreSQL 17 has brought
SKIP:
{
	skip 'MAINTAIN came with PostgreSQL 17', 16 if $major < 17;
	query(q{
		DELETE FROM bob.mine;
		SET ROLE bob;
		REVOKE ALL ON bob.mine FROM PUBLIC;
		GRANT MAINTAIN ON bob.mine TO carol;
		TRUNCATE common.seen});
	is(as('carol', q{SELECT inserted FROM pinterest.refresh('bob.mine')}),
		3, 'whoever has MAINTAIN may refresh');
	is(seen(), 'bob', 'with the rights of the owner');
	query(q{SET ROLE bob; ALTER TABLE bob.mine ADD CHECK (name <> 'x') NOT VALID;
		UPDATE bob.mine SET name = name || '!';
		CREATE OR REPLACE FUNCTION bob.fail() RETURNS trigger LANGUAGE plpgsql AS $$
			BEGIN
				RAISE check_violation USING MESSAGE = 'no ' || NEW::text, DETAIL = 'Failing row contains ' || NEW::text;
			END $$;
		CREATE TRIGGER fail BEFORE UPDATE ON bob.mine FOR EACH ROW EXECUTE FUNCTION bob.fail()});
	foreach my $call (q{SELECT pinterest.refresh('bob.mine')},
		q{CALL pinterest.refresh_all('{bob.mine}')})
	{
		my $error = as('carol', $call);
		like($error, qr/ERROR:  23514/, 'a failure keeps its SQLSTATE');
		unlike($error, qr/DETAIL|CONTEXT|Failing row|no \(/,
			'without the privileges of the owner an error has no row values');
		is( as('carol', q{SELECT outcome, sqlstate, role, message IS NULL, detail IS NULL
				FROM pinterest.refresh_log WHERE target_name = 'bob.mine' ORDER BY id DESC LIMIT 1}),
			'failed|23514|carol|t|t', 'nor has the record for the caller');
	}
	like(as('bob', q{SELECT pinterest.refresh('bob.mine')}),
		qr/Failing row/, 'the owner sees why');
	query(q{
		SET ROLE bob;
		DROP TRIGGER fail ON bob.mine;
		INSERT INTO bob.mine SELECT x.advertiser_id, i::text, 'gone'
			FROM (SELECT advertiser_id FROM bob.mine LIMIT 1) AS x, generate_series(1, 5) AS i});
	my $allowed = q{SELECT deleted FROM pinterest.refresh('bob.mine', allow_deletion => true)};
	my $permission =
	  qr/ERROR:  42501: permission denied to refresh table "bob.mine" with allow_deletion/;
	like(as('carol', $allowed), $permission,
		'nor can the guard against mass deletion be passed');

	# It holds if nothing comes in place of the eight rows.
	$sandbox->faults(
		{
			match => { path => 'campaigns$' },
			count => -1,
			body => { items => [] }
		});
	like(as('carol', q{SELECT pinterest.refresh('bob.mine')}),
		qr/ERROR:  55000/, 'which holds');
	like(as('carol', $allowed), $permission, 'whatever comes');
	is(rows('bob.mine'), 8, 'and has kept all rows');
	is( as('bob', q{SELECT message FROM pinterest.refresh_log
			WHERE target_name = 'bob.mine' AND sqlstate = '55000' ORDER BY id DESC LIMIT 1}),
		'refresh of table "bob.mine" would delete all rows of what Pinterest returned empty',
		'as the owner learns');
	query(q{CREATE TABLE common.kept AS TABLE bob.mine});
	is(as('bob', $allowed), 8, 'who can pass it');
	query(q{INSERT INTO bob.mine TABLE common.kept});
	$sandbox->clear_faults;
	is(as('carol', q{SELECT deleted FROM pinterest.refresh('bob.mine')}),
		5, 'but a list that was read to its end needs no leave');
}

#
# Between the owners of source and target
#

{
	query(q{
		SET ROLE bob;
		CREATE FOREIGN TABLE bob.shared } . $live . q{;
		GRANT SELECT ON bob.shared TO alice;
		RESET ROLE;
		SET ROLE alice;
		SELECT pinterest.materialize('bob.shared', 'alice.from_bob', false);
		RESET ROLE;
		SET ROLE bob;
		CREATE DOMAIN bob.trap AS text CHECK (common.note('domain'));
		GRANT USAGE ON TYPE bob.trap TO PUBLIC;
		ALTER FOREIGN TABLE bob.shared ADD status bob.trap;
		TRUNCATE common.seen});
	my $refused = qr/ERROR:  42501: type bob.trap of column "status" of foreign table "bob.shared" brings along somebody else's code/;
	like(as('alice', q{SELECT pinterest.refresh('alice.from_bob')}),
		$refused, "a type of the source's owner is refused");
	unlike(seen('domain'), qr/alice/,
		"the source's owner gets no code into the rights of the target's owner");
	query('TRUNCATE common.seen');
	like(as('postgres', q{SELECT pinterest.refresh('alice.from_bob')}),
		$refused, 'also for a superuser');
	like(as('postgres', q{SELECT pinterest.materialize('bob.shared', 'common.from_bob')}),
		$refused, 'who cannot materialize such a table, either');
	unlike(seen('domain'), qr/alice|postgres/, 'nor into those of a superuser');
	seen();
}

# An owner who changes in the middle: rows read for one are not another's.
{
	give_table('alice', 'passed_on');
	$sandbox->faults(
		{
			match => { path => 'campaigns$' },
			delay => 3
		});
	my $session = PsqlSession->new($node);
	$sandbox->clear_log;
	$session->begin(q{SELECT pinterest.refresh('alice.passed_on')});
	wait_until('the refresh to be on record',
		sub { query(q{SELECT count(*) FROM pinterest.refresh_log WHERE target_name = 'alice.passed_on'}) });
	query(q{ALTER TABLE alice.passed_on OWNER TO bob});
	my ($out, $err) = $session->finish;
	like(
		$err,
		qr/ERROR:  55000: owner of table "alice.passed_on" has changed during its refresh/,
		'a table that gets another owner during its refresh');
	is(rows('alice.passed_on'), 0, "does not get the former owner's rows");
	$session->quit;
	$sandbox->clear_faults;
}

$node->stop;
done_testing();
