
# Copyright (c) 2026, pinterest_fdw contributors

# What a foreign table cannot have is refused when it is asked for, and where
# that could not be seen, when it is used; options that guard tokens count on a
# superuser's server only; settings count when a plan is executed.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use PinterestSandbox;
use PsqlSession;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $sandbox = PinterestSandbox->new(
	campaigns => 2,
	ad_groups => 1,
	ads => 1,
	report_delay => 0);
my $node = PinterestSandbox::start_node('main', "timezone = 'UTC'");
my $major = $node->pg_version->major;
$sandbox->connect($node, options => "historical_date '10 days'");

# Runs SQL as a role; returns what it printed, and its errors.
sub as
{
	my ($role, $sql) = @_;
	return PinterestSandbox::answer($node, $sql, role => $role, on_error_stop => 1);
}

sub query { return $node->safe_psql('postgres', $_[0]); }

sub refuses
{
	my ($name, $sql) = @_;
	my $error = as('postgres', "BEGIN; $sql; ROLLBACK");
	like($error, qr/^ERROR:  (?!XX)\w{5}: /, "$name: refused");
	like($error, qr/^HINT: /m, "$name: with a hint");
	return;
}

sub accepts
{
	my ($name, $sql) = @_;
	is(as('postgres', $sql), '', "$name: accepted");
	return;
}

like(
	as('postgres', sprintf q{CREATE USER MAPPING FOR PUBLIC SERVER pinterest OPTIONS (client_secret '%s')}, 'x' x 4097),
	qr/^ERROR:  22023: .*\nDETAIL:  It is longer than 4096 bytes/,
	'a credential has a length');

my $report = q{SERVER pinterest OPTIONS (resource 'campaign_report')};
my $entity = q{SERVER pinterest OPTIONS (resource 'campaigns')};
query(qq{
	CREATE SCHEMA live;
	CREATE FOREIGN TABLE live.report (advertiser_id text, campaign_id text, date date, spend_in_dollar numeric) $report;
	CREATE FOREIGN TABLE live.entity (advertiser_id text, campaign_id text, name text) $entity;
	CREATE TYPE pair AS (a int, b int);
	CREATE DOMAIN texts AS text;
	CREATE DOMAIN instants AS timestamptz[];
	CREATE DOMAIN day AS date;
	CREATE DOMAIN instant AS timestamp;
	CREATE DOMAIN same_instant AS instant;
	CREATE FOREIGN DATA WRAPPER other;
	CREATE SERVER other FOREIGN DATA WRAPPER other;
	CREATE ROLE owner LOGIN;
	GRANT USAGE ON FOREIGN SERVER pinterest, other TO owner;
	GRANT ALL ON SCHEMA live TO owner;});

#
# Columns
#

foreach my $kind ([ 'a report', 'report', $report, 'advertiser_id text, campaign_id text, date date' ],
	[ 'a list', 'entity', $entity, 'advertiser_id text, campaign_id text' ])
{
	my ($name, $table, $of, $keys) = @$kind;
	foreach my $column (
		[ 'a generated column', q{x int GENERATED ALWAYS AS (1) STORED} ],
		(
			$major >= 18
			? ([ 'a virtual column', q{x int GENERATED ALWAYS AS (1) VIRTUAL} ])
			: ()
		),
		[ 'a column that Pinterest does not have', 'no_such_thing text' ],
		(
			$table eq 'report'
			? (
				[
					'an option column_name that Pinterest does not have',
					q{x text OPTIONS (column_name 'NO_SUCH_THING')}
				])
			: ()
		),
		[
			'a type that cannot work',
			$table eq 'report' ? 'total_impression pair' : 'created_time pair'
		],
		[
			'another type that cannot work',
			$table eq 'report' ? 'total_impression date' : 'created_time point'
		])
	{
		my ($what, $definition) = @$column;
		refuses("$name: CREATE with $what",
			"CREATE FOREIGN TABLE live.created ($keys, $definition) $of");
		refuses("$name: ALTER FOREIGN TABLE ... ADD of $what",
			"ALTER FOREIGN TABLE live.$table ADD $definition");
		refuses("$name: ALTER TABLE ... ADD of $what",
			"ALTER TABLE live.$table ADD $definition");
	}
}
foreach my $type (qw(text varchar json jsonb int bigint numeric interval time date[] texts instants))
{
	refuses("a day of type $type: CREATE",
		"CREATE FOREIGN TABLE live.created (advertiser_id text, campaign_id text, date $type) $report");
	refuses("a day of type $type: ALTER",
		"ALTER FOREIGN TABLE live.report ALTER date TYPE $type");
}
refuses('a changed type', 'ALTER FOREIGN TABLE live.report ALTER spend_in_dollar TYPE pair');
refuses('a renamed column of a report',
	'ALTER FOREIGN TABLE live.report RENAME spend_in_dollar TO nonsense');
refuses('a changed option',
	q{ALTER FOREIGN TABLE live.report ALTER spend_in_dollar OPTIONS (ADD column_name 'NONSENSE')});

# Through a parent, which is not a foreign table itself
query(qq{
	CREATE TABLE live.parent (advertiser_id text, campaign_id text, name text) PARTITION BY LIST (advertiser_id);
	CREATE FOREIGN TABLE live.part PARTITION OF live.parent DEFAULT $entity;
	CREATE TABLE live.ancestor (advertiser_id text, campaign_id text, name text);
	CREATE FOREIGN TABLE live.child () INHERITS (live.ancestor) $entity;});
refuses("a column of the parent's: $_", "ALTER TABLE live.$_ ADD no_such_thing text")
  foreach qw(parent ancestor);
accepts('a good one', "ALTER TABLE live.$_ ADD status text") foreach qw(parent ancestor);

# Other children are neither locked nor waited for.
{
	query(q{
		CREATE TABLE live.wide (i int, x text) PARTITION BY LIST (i);
		CREATE TABLE live.wide1 PARTITION OF live.wide FOR VALUES IN (1);
		CREATE TABLE live.wide2 (i int, x text);});
	my $other = PsqlSession->new($node);
	$other->execute('BEGIN; LOCK TABLE live.wide1');
	accepts("$_ of a table, while somebody is at work on a partition",
		"SET lock_timeout = '1s'; ALTER TABLE live.wide $_")
	  foreach 'ATTACH PARTITION live.wide2 FOR VALUES IN (2)',
	  'OWNER TO owner', 'DETACH PARTITION live.wide2', 'RENAME TO wider';
	$other->quit;
}

# What is right goes on.
accepts('good columns',
	"CREATE FOREIGN TABLE live.good (advertiser_id text, campaign_id text, date date, total_impression bigint, x numeric OPTIONS (column_name 'SPEND_IN_DOLLAR')) $report");
accepts('other types that work',
	"CREATE FOREIGN TABLE live.types (advertiser_id bigint, campaign_id varchar, date timestamptz, total_impression numeric, spend_in_dollar double precision) $report");
accepts("a day of type $_",
	"ALTER FOREIGN TABLE live.types ALTER date TYPE $_")
  foreach qw(date timestamp day instant same_instant timestamptz);
like(query('SELECT count(*) > 0, count(total_impression) > 0, min(date) IS NOT NULL FROM live.types'),
	qr/^t\|t\|t$/, 'which they do');
accepts('ADD', 'ALTER FOREIGN TABLE live.good ADD ctr numeric');
accepts('DROP', 'ALTER FOREIGN TABLE live.good DROP ctr');
accepts('options', q{ALTER FOREIGN TABLE live.good OPTIONS (ADD historical_date '5 days')});
accepts('a foreign table of another wrapper',
	'CREATE FOREIGN TABLE other_table (x int GENERATED ALWAYS AS (1) STORED, y pair) SERVER other');
accepts('ALTER of it', 'ALTER FOREIGN TABLE other_table ADD no_such_thing text');
accepts('an ordinary table',
	'CREATE TABLE ordinary (a int, x int GENERATED ALWAYS AS (1) STORED, y pair); ALTER TABLE ordinary ADD no_such_thing text');
is( as('owner', "CREATE FOREIGN TABLE live.of_owner (advertiser_id text, campaign_id text, name text) $entity;
	ALTER FOREIGN TABLE live.of_owner ADD status text;
	DROP FOREIGN TABLE live.of_owner"),
	'', 'ordinary roles need nothing more for that');

# Event triggers can be off: then a scan and a refresh see it.
my $off = join '', map { "ALTER EVENT TRIGGER $_ DISABLE;" }
  split /\n/, query(q{SELECT evtname FROM pg_event_trigger});
my $on = join '', map { "ALTER EVENT TRIGGER $_ ENABLE ALWAYS;" }
  split /\n/, query(q{SELECT evtname FROM pg_event_trigger});
query(qq{
	CREATE SCHEMA ads;
	CREATE FOREIGN TABLE live.later (advertiser_id text, campaign_id text, name text) $entity;
	SELECT pinterest.materialize('live.later', 'ads.later', false);
	$off
	CREATE FOREIGN TABLE live.generated (advertiser_id text, campaign_id text, x int GENERATED ALWAYS AS (1) STORED) $entity;
	CREATE FOREIGN TABLE live.unknown (advertiser_id text, campaign_id text, no_such_thing text) $entity;
	CREATE FOREIGN TABLE live.textual (advertiser_id text, campaign_id text, date text, spend_in_dollar numeric) $report;
	ALTER FOREIGN TABLE live.later ADD x int GENERATED ALWAYS AS (1) STORED;
	$on});
like(as('postgres', "SELECT * FROM live.$_"), qr/^ERROR:  (?!XX)\w{5}: .*HINT: /s,
	"past the event triggers, the planner sees a table with a column $_")
  foreach qw(generated unknown textual);
like(as('postgres', $_), qr/^ERROR:  (?!XX)\w{5}: .*generated/,
	"and a refresh: $_")
  foreach q{SELECT pinterest.refresh('ads.later')},
  q{SELECT pinterest.materialize('live.generated', 'ads.generated')};

# On a replica, too
like(
	as('postgres', "SET session_replication_role = replica; CREATE FOREIGN TABLE live.created (advertiser_id text, campaign_id text, no_such_thing text) $entity"),
	qr/^ERROR: /,
	'session_replication_role makes no difference');

#
# Owners, as whom refreshes act
#

{
	my $token = $sandbox->token;
	my $give = 'ALTER TABLE ads.given OWNER TO owner';
	my $back = 'ALTER TABLE ads.given OWNER TO postgres';
	my $warns = qr/^WARNING:  01000: role "owner" is not authorized to use server "pinterest", .*HINT: /s;
	query(q{SELECT pinterest.materialize('live.entity', 'ads.given', false)});
	like(as('postgres', $give), $warns, 'a new owner without a user mapping');
	is(as('postgres', $back), '', 'one who is authorized');
	query(q{CREATE USER MAPPING FOR owner SERVER pinterest OPTIONS (client_id '1', client_secret 'x')});
	like(as('postgres', $give), $warns, 'a new owner without tokens');
	query("$back; ALTER USER MAPPING FOR owner SERVER pinterest OPTIONS (ADD access_token '$token')");
	is(as('postgres', $give), '', 'a new owner with a token');
	query("$back; DROP USER MAPPING FOR owner SERVER pinterest");
	is(as('postgres', 'CREATE TABLE ads.plain (i int); ALTER TABLE ads.plain OWNER TO owner'),
		'', 'a table that is not materialized');
}

#
# Comments, which BI tools show
#

query(q{
	CREATE SCHEMA commented;
	IMPORT FOREIGN SCHEMA ads LIMIT TO (campaigns, campaign_report) FROM SERVER pinterest INTO commented;});
is( query(q{SELECT r.resource, obj_description(('commented.' || r.resource)::regclass) = r.description
	  FROM pinterest.resources AS r WHERE r.resource IN ('campaigns', 'campaign_report') ORDER BY 1}),
	"campaign_report|t\ncampaigns|t",
	'imported tables have comments');
is( query(q{SELECT count(*) FILTER (WHERE a.attname = 'campaign_id') > 0, count(*) > 10,
	  count(*) FILTER (WHERE col_description(a.attrelid, a.attnum) IS DISTINCT FROM c.description)
	  FROM pg_attribute AS a JOIN pinterest.resource_columns AS c
	    ON c.column_name = a.attname AND 'commented.' || c.resource = a.attrelid::regclass::text
	  WHERE a.attrelid IN ('commented.campaigns'::regclass, 'commented.campaign_report'::regclass) AND a.attnum > 0}),
	't|t|0',
	'and so have their columns');
query(q{
	COMMENT ON COLUMN commented.campaigns.name IS 'my own';
	COMMENT ON FOREIGN TABLE commented.campaigns IS 'my own';
	ALTER FOREIGN TABLE commented.campaigns OPTIONS (ADD entity_statuses 'ACTIVE')});
is( query(q{SELECT col_description('commented.campaigns'::regclass, attnum), obj_description(attrelid)
	  FROM pg_attribute WHERE attrelid = 'commented.campaigns'::regclass AND attname = 'name'}),
	'my own|my own',
	"nobody's own comment is replaced");

#
# Options that guard where tokens go
#

{
	my ($url, $advertiser, $token) = ($sandbox->api_url, $sandbox->advertiser, $sandbox->token);
	my $server = sub {
		my ($name, $option) = @_;
		query(qq{
			CREATE SERVER $name FOREIGN DATA WRAPPER pinterest_fdw OPTIONS ($option, advertiser_id '$advertiser', retry_timeout '0', timeout '2');
			CREATE USER MAPPING FOR owner SERVER $name OPTIONS (client_id '1', client_secret 'x', access_token 'pina_guarded');
			CREATE USER MAPPING FOR postgres SERVER $name OPTIONS (client_id '1', client_secret 'x', access_token 'pina_guarded');
			ALTER SERVER $name OWNER TO owner});
		return;
	};
	my $file = PostgreSQL::Test::Utils::tempdir . '/ca.pem';
	foreach my $guard (
		[ 'api_url', "api_url '$url'" ],
		[ 'authorization_url', "authorization_url 'https://example.com/oauth/'" ],
		[ 'ca_file', "ca_file '$file'" ],
		[ 'proxy', "proxy 'http://127.0.0.1:9'" ])
	{
		my ($option, $setting) = @$guard;
		my $name = "guarded_$option";
		$server->($name, $setting);
		is(as('owner', "ALTER SERVER $name OPTIONS (ADD max_connections '2')"),
			'', "$option: an owner who is no superuser can set other options");
		is(as('owner', "CREATE FOREIGN TABLE live.$name (advertiser_id text, campaign_id text, name text) SERVER $name OPTIONS (resource 'campaigns')"),
			'', "$option: and create tables");
		$sandbox->clear_log;
		my @uses =
		  $option eq 'authorization_url'
		  ? "SELECT pinterest.authorization_url('$name')"
		  : (
			"SELECT * FROM live.$name",
			"SELECT pinterest.authorize('$name', 'http://localhost:8085/?code=a&state=b')",
			"SELECT pinterest.materialize('live.$name', 'live.copy_$option')");
		like(as('owner', $_), qr/^ERROR:  42501: .*$option.*HINT: /s,
			"$option: its use is refused: $_")
		  foreach @uses;
		like(as('owner', "SELECT string_agg(concat(detail, ' ', hint), ' ') FROM pinterest.check('$name') WHERE NOT ok"),
			qr/superuser/, "$option: check() says why") ;
		like(as('postgres', $_), qr/^ERROR:  42501: /, "$option: also by a superuser: $_")
		  foreach $uses[0];
		is(scalar $sandbox->log, 0, "$option: and no token goes anywhere");

		# a superuser takes it over
		query("ALTER SERVER $name OWNER TO postgres");
		unlike(as('owner', "SELECT * FROM live.$name"), qr/42501/,
			"$option: on a superuser's server it counts");
		like(as('owner', "ALTER SERVER $name OPTIONS ($_)"), qr/^ERROR:  42501: /,
			"$option: where others can neither change nor drop it: $_")
		  foreach "SET $option '" . ($setting =~ s/.*'(.*)'/$1/r) . "'", "DROP $option";
	}

	# whoever sets one himself
	query('GRANT USAGE ON FOREIGN DATA WRAPPER pinterest_fdw TO owner');
	my $created = as('owner', qq{
		CREATE SERVER mine FOREIGN DATA WRAPPER pinterest_fdw OPTIONS (api_url '$url', advertiser_id '$advertiser');
		CREATE USER MAPPING FOR PUBLIC SERVER mine OPTIONS (access_token 'pina_guarded');
		CREATE FOREIGN TABLE live.mine (advertiser_id text, campaign_id text, name text) SERVER mine OPTIONS (resource 'campaigns');
		SELECT * FROM live.mine});
	like($created, qr/^ERROR:  42501: /m, "an ordinary role's own server with such an option is of no use");

	# a superuser who is none any more
	query(qq{
		CREATE ROLE former LOGIN SUPERUSER;
		SET ROLE former;
		CREATE SERVER of_former FOREIGN DATA WRAPPER pinterest_fdw OPTIONS (api_url '$url', advertiser_id '$advertiser');
		CREATE USER MAPPING FOR former SERVER of_former OPTIONS (access_token '$token');
		CREATE FOREIGN TABLE live.of_former (advertiser_id text, campaign_id text, name text) SERVER of_former OPTIONS (resource 'campaigns');
		RESET ROLE});
	is(as('former', 'SELECT count(*) FROM live.of_former'), 2, 'a server of a superuser');
	query('ALTER ROLE former NOSUPERUSER; GRANT USAGE ON SCHEMA live TO former');
	like(as('former', 'SELECT count(*) FROM live.of_former'),
		qr/^ERROR:  42501: /, 'who is none any more');
}

#
# A setting counts when a plan is executed
#

{
	my $sql = q{
		PREPARE p AS SELECT count(*) FROM live.report WHERE campaign_id = (SELECT min(campaign_id) FROM live.entity)
			AND date > current_date - 5 AND spend_in_dollar > 0};
	my $id = query('SELECT min(campaign_id) FROM live.entity');
	$sql =~ s/\(SELECT min.*?entity\)/'$id'/;
	my $asked = sub {
		return join ' ', map { "$_->{method} " . ($_->{path} =~ m{([^/]*)$})[0] }
		  grep { $_->{method} eq 'POST' || $_->{path} =~ /analytics$/ } $sandbox->log;
	};
	$sandbox->clear_log;
	my $result = query("$sql; SET plan_cache_mode = force_generic_plan; EXECUTE p");
	is($asked->(), 'GET analytics', 'a plan with synchronous analytics');
	$sandbox->clear_log;
	is(query("SET plan_cache_mode = force_generic_plan; $sql; EXECUTE p; SET pinterest_fdw.enable_synchronous = off; EXECUTE p"),
		"$result\n$result",
		'that is executed with enable_synchronous off has the same result');
	is($asked->(), 'GET analytics POST reports', 'but asks for a report');
}

#
# Objects of the extension stay where they are
#

foreach my $move (
	'ALTER SCHEMA pinterest RENAME TO moved',
	'ALTER SCHEMA pinterest_internal RENAME TO moved',
	'ALTER TABLE pinterest_internal.schedules RENAME TO moved',
	'ALTER TABLE pinterest_internal.schedules SET SCHEMA public',
	'ALTER TABLE pinterest_internal.schedules RENAME COLUMN cron TO moved',
	'ALTER VIEW pinterest.status SET SCHEMA public',
	'ALTER SEQUENCE pinterest_internal.refresh_ids RENAME TO moved',
	'ALTER TYPE pinterest.refresh_result SET SCHEMA public',
	'ALTER FUNCTION pinterest.version() RENAME TO moved',
	'ALTER FUNCTION pinterest_internal.check_ddl RENAME TO moved',
	'ALTER FUNCTION pinterest_internal.on_ddl SET SCHEMA public',
	'ALTER PROCEDURE pinterest.refresh_all SET SCHEMA public',
	'ALTER EXTENSION pinterest_fdw DROP TABLE pinterest_internal.schedules')
{
	like(as('postgres', "BEGIN; $move; ROLLBACK"), qr/^ERROR:  55000: .*HINT: /s, "$move: refused");
}
accepts('others move their objects',
	q{CREATE SCHEMA s; CREATE TABLE s.t (i int); ALTER TABLE s.t RENAME TO u; ALTER TABLE s.u SET SCHEMA live; ALTER SCHEMA s RENAME TO s2});
accepts('other changes', 'ALTER FOREIGN DATA WRAPPER pinterest_fdw RENAME TO wrapper; ALTER FOREIGN DATA WRAPPER wrapper RENAME TO pinterest_fdw');

#
# Nor does anybody need privileges
#

query(q{
	REVOKE ALL ON SCHEMA pinterest_internal FROM PUBLIC;
	REVOKE ALL ON ALL ROUTINES IN SCHEMA pinterest_internal FROM PUBLIC});
is( as('owner', q{
	CREATE TABLE live.plain (i int);
	ALTER TABLE live.plain ADD j int;
	DROP TABLE live.plain;
	SELECT 'done'}),
	'done', 'without privileges on what is internal, DDL goes on');
query(q{
	GRANT USAGE ON SCHEMA pinterest_internal TO PUBLIC;
	GRANT EXECUTE ON ALL ROUTINES IN SCHEMA pinterest_internal TO PUBLIC});

#
# Nobody needs the library to change what is not ours
#

query(q{UPDATE pg_proc SET probin = '$libdir/no_such_library' WHERE probin = '$libdir/pinterest_fdw'});
my $without = as('owner', q{
	CREATE TABLE live.plain (i int);
	ALTER TABLE live.plain ADD j int;
	ALTER TABLE live.plain RENAME TO other_name;
	DROP TABLE live.other_name;
	SELECT 'done'});
like($without, qr/^done/m, 'without the library, DDL goes on');
unlike($without, qr/ERROR/, 'without an error');
like($without, qr/WARNING:  01000: extension pinterest_fdw does not/, 'with a warning');
like(as('postgres', q{DROP EXTENSION pinterest_fdw CASCADE; SELECT 'done'}), qr/^done/m, 'and so does DROP EXTENSION');

$node->stop;
done_testing();
