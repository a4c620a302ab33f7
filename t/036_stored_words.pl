
# Copyright (c) 2026, pinterest_fdw contributors

# What is on record is shown to those it is meant for: errors with the values of
# rows, and names of columns and constraints, to the owner of a table, to members
# of the owner and to pg_read_all_stats.  Whoever else may see the table sees that
# a refresh has failed, and the SQLSTATE.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use PinterestSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $sandbox = PinterestSandbox->new(
	campaigns => 2,
	ad_groups => 1,
	ads => 1,
	report_delay => 0);
my $node = PinterestSandbox::start_node('main', "timezone = 'UTC'");
$sandbox->connect($node);
my $token = $sandbox->token;

sub query { return $node->safe_psql('postgres', $_[0]); }

# Runs SQL as a role; returns what it printed, and its errors.
sub as
{
	my ($role, $sql) = @_;
	return PinterestSandbox::answer($node, $sql, role => $role);
}

query(qq{
	CREATE ROLE owner;
	CREATE ROLE member LOGIN IN ROLE owner;
	CREATE ROLE monitor LOGIN IN ROLE pg_read_all_stats;
	CREATE ROLE reader LOGIN;
	CREATE ROLE writer LOGIN;
	CREATE ROLE stranger LOGIN;
	GRANT USAGE ON FOREIGN SERVER pinterest TO owner;
	CREATE USER MAPPING FOR owner SERVER pinterest OPTIONS (access_token '$token');
	CREATE USER MAPPING FOR member SERVER pinterest OPTIONS (access_token '$token');
	CREATE SCHEMA ads AUTHORIZATION owner;
	GRANT USAGE ON SCHEMA ads TO PUBLIC;
	SET ROLE owner;
	CREATE FOREIGN TABLE ads.live (advertiser_id text NOT NULL, campaign_id text NOT NULL, name text)
		SERVER pinterest OPTIONS (resource 'campaigns');
	SELECT pinterest.materialize('ads.live', 'ads.campaigns');
	-- row-level security keeps all of it from the reader
	ALTER TABLE ads.campaigns ENABLE ROW LEVEL SECURITY;
	GRANT SELECT ON ads.campaigns TO reader;
	GRANT INSERT ON ads.campaigns TO writer;
	ALTER TABLE ads.campaigns ADD CONSTRAINT telling_name CHECK (name NOT LIKE '%zebra%');
	UPDATE ads.campaigns SET name = 'old';
	CREATE FUNCTION ads.change() RETURNS trigger LANGUAGE plpgsql AS \$\$
		BEGIN
			NEW.name := 'zebra';
			RETURN NEW;
		END \$\$;
	CREATE TRIGGER change BEFORE UPDATE ON ads.campaigns FOR EACH ROW EXECUTE FUNCTION ads.change();
	ALTER TABLE ads.campaigns DROP CONSTRAINT telling_name;
	ALTER TABLE ads.campaigns ADD CONSTRAINT telling_name CHECK (name NOT LIKE '%zebra%') NOT VALID;});
like(as('member', q{SELECT pinterest.refresh('ads.campaigns')}),
	qr/ERROR:  23514: .*telling_name.*DETAIL:  Failing row contains .*zebra/s,
	'the owner is told which row has failed');
is(as('reader', 'SELECT count(*) FROM ads.campaigns'), 0, 'row-level security keeps rows from the reader');

my $log = q{SELECT l::text FROM pinterest.refresh_log AS l WHERE target_name = 'ads.campaigns' ORDER BY id DESC LIMIT 1};
my $outcome = q{SELECT outcome, sqlstate, message IS NULL, detail IS NULL, hint IS NULL FROM pinterest.refresh_log
	WHERE target_name = 'ads.campaigns' ORDER BY id DESC LIMIT 1};
my $status = q{SELECT s::text FROM pinterest.status AS s WHERE target = 'ads.campaigns'::regclass};
my $telling = qr/telling_name|zebra/;

foreach my $role ('member', 'monitor', 'postgres')
{
	like(as($role, $log), qr/telling_name.*zebra/, "$role: refresh_log says it all");
	like(as($role, $status), qr/failed.*telling_name/, "$role: status has the message");
}
foreach my $role ('reader', 'writer')
{
	is(as($role, $outcome), 'failed|23514|t|t|t', "$role: refresh_log has outcome and SQLSTATE");
	unlike(as($role, $log), $telling, "$role: and nothing of the row");
	is(as($role, q{SELECT status FROM pinterest.status}), 'failed', "$role: status says that it has failed");
	unlike(as($role, $status), $telling, "$role: but not with which words");
	like(as($role, $status), qr/23514|failed/, "$role: with the SQLSTATE at most");
}
foreach my $view (qw(refresh_log status))
{
	is(as('stranger', "SELECT count(*) FROM pinterest.$view"), 0, "a stranger sees nothing in $view");
}

# By no other way: whatever schema it is in, and whatever it is called
foreach my $role ('reader', 'writer', 'stranger')
{
	foreach my $relation (
		split /\n/,
		query(q{
			SELECT c.oid::regclass FROM pg_class AS c JOIN pg_depend AS d
			  ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
			WHERE d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'pinterest_fdw')
			  AND c.relkind IN ('r', 'v', 'm')}))
	{
		unlike(as($role, "SELECT string_agg(r::text, ' ') FROM $relation AS r"),
			$telling, "$role: nothing of the row in $relation");
	}
}

# A condition that would be evaluated before those of the view
query(q{
	CREATE SCHEMA reader AUTHORIZATION reader;
	SET ROLE reader;
	CREATE FUNCTION reader.leak(text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS $$
		BEGIN
			RAISE NOTICE 'leaked %', $1;
			RETURN true;
		END $$;});
unlike(
	as('reader', "SELECT count(*) FROM pinterest.$_ AS r WHERE reader.leak(r::text)"),
	$telling, "nothing leaks through conditions on $_")
  foreach qw(refresh_log status);

# A refresh that somebody ran who has lost the owner's role since
query(q{REVOKE owner FROM member; GRANT SELECT ON ads.campaigns TO member});
unlike(as('member', $log), $telling, 'whoever was a member once sees no more than others');
query(q{GRANT owner TO member});

# A table that is gone
query(q{DROP TABLE ads.campaigns});
my $gone = q{SELECT l::text FROM pinterest.refresh_log AS l WHERE target_name = 'ads.campaigns'};
unlike(as($_, $gone), $telling, "$_: nothing of a table that is gone") foreach qw(reader writer stranger);
like(as('monitor', $gone), $telling, 'monitor: all of a table that is gone');

# What triggers print goes to the caller; the record has errors alone, and the
# log of the server is the administrator's.
$node->stop;
done_testing();
