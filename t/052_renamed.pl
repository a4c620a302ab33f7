
# Copyright (c) 2026, pinterest_fdw contributors

# A name is not a table.  Schemas are swapped in the middle of a refresh, as those
# do it who build tables anew: what was begun with a table is finished with it, and
# the other one stays as it is.  Locks are taken in one order.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use PinterestSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use PsqlSession;
use Test::More;

my $sandbox = PinterestSandbox->new(
	advertisers => 1,
	campaigns => 4,
	ad_groups => 1,
	ads => 1,
	report_delay => 0);
my $node = PinterestSandbox::start_node('main', q{
	timezone = 'UTC'
	deadlock_timeout = 100ms
	lock_timeout = 30s});
my ($advertiser) = $sandbox->advertisers;
$sandbox->connect($node);

sub query { return $node->safe_psql('postgres', $_[0]); }

sub try { return PinterestSandbox::answer($node, $_[0]); }

sub session { return PsqlSession->new($node); }

# Whether as many sessions wait for a lock
sub waiting
{
	my ($locks, $count) = @_;
	PsqlSession::wait_until(
		'a session waits',
		sub { query("SELECT count(*) FROM pg_locks WHERE NOT granted AND $locks") == ($count // 1) });
	return;
}

query(q{
	CREATE SCHEMA live;
	CREATE FOREIGN TABLE live.campaigns (advertiser_id text NOT NULL, campaign_id text NOT NULL, name text)
		SERVER pinterest OPTIONS (resource 'campaigns');
	CREATE SCHEMA ads;
	CREATE SCHEMA new;
	SELECT pinterest.materialize('live.campaigns', 'ads.t');
	CREATE TABLE new.t (LIKE ads.t INCLUDING ALL);
	INSERT INTO new.t SELECT advertiser_id, campaign_id, 'theirs' FROM ads.t;
	INSERT INTO new.t SELECT advertiser_id, '2', 'theirs' FROM ads.t LIMIT 1;
	CREATE FUNCTION pause() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN
			PERFORM pg_advisory_xact_lock(1);
			RETURN coalesce(new, old);
		END $$;
	CREATE FUNCTION pause_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$
		BEGIN
			PERFORM pg_advisory_xact_lock(1);
		END $$});
my ($ours, $theirs) = map { query("SELECT '$_.t'::regclass::oid") } qw(ads new);
my $rename = q{ALTER SCHEMA ads RENAME TO other; ALTER SCHEMA new RENAME TO ads; ALTER SCHEMA other RENAME TO new};

# What a table has, whatever it is called
sub rows
{
	my ($oid) = @_;
	my $name = query("SELECT $oid\::regclass");
	return query("SELECT * FROM $name ORDER BY campaign_id");
}

# A statement that is stopped by a trigger, while schemas are swapped
sub while_swapped
{
	my ($sql) = @_;
	my ($holder, $runner) = (session(), session());
	$holder->execute('SELECT pg_advisory_lock(1)');
	$runner->begin($sql);
	waiting(q{locktype = 'advisory'});
	query($rename);
	$holder->execute('SELECT pg_advisory_unlock(1)');
	my $result = join '', $runner->finish;
	$_->quit foreach $holder, $runner;
	return $result;
}

my $live = query('SELECT * FROM live.campaigns ORDER BY campaign_id');
my $other = rows($theirs);

# One row is to be deleted, one updated, one inserted
foreach my $event ('DELETE', 'UPDATE')
{
	my $name = query("SELECT $ours\::regclass");
	query(qq{
		DELETE FROM $name WHERE campaign_id = (SELECT min(campaign_id) FROM $name);
		UPDATE $name SET name = 'changed' WHERE campaign_id = (SELECT max(campaign_id) FROM $name);
		INSERT INTO $name VALUES ('$advertiser', '2', 'gone');
		CREATE TRIGGER pause BEFORE $event ON $name FOR EACH ROW EXECUTE FUNCTION pause()});
	like(
		while_swapped("SELECT inserted, updated, deleted FROM pinterest.refresh($ours)"),
		qr/^1\|1\|1$/m,
		"swapped before the $event: the counts");
	is(rows($ours), $live, 'our table is what Pinterest has');
	is(rows($theirs), $other, 'the other one is as it was');
	query(sprintf 'DROP TRIGGER pause ON %s', query("SELECT $ours\::regclass"));
}

# A first load, which is analyzed
{
	my $name = query("SELECT $ours\::regclass");
	query(qq{
		TRUNCATE $name;
		CREATE TRIGGER pause BEFORE INSERT ON $name FOR EACH ROW EXECUTE FUNCTION pause()});
	my $before = query("SELECT reltuples FROM pg_class WHERE oid = $theirs");
	while_swapped("SELECT pinterest.refresh($ours)");
	is(rows($ours), $live, 'swapped before a first load: all is loaded');
	is(query("SELECT reltuples FROM pg_class WHERE oid = $ours"), 4, 'our table has been analyzed');
	is(query("SELECT reltuples FROM pg_class WHERE oid = $theirs"), $before, 'and not the other one');
	query(sprintf 'DROP TRIGGER pause ON %s', query("SELECT $ours\::regclass"));
}

# A new column
foreach my $call ("SELECT pinterest.refresh($ours)", "CALL pinterest.refresh_all(ARRAY[$ours\::regclass])")
{
	my $column = $call =~ /CALL/ ? 'objective_type' : 'status';
	query(qq{
		ALTER FOREIGN TABLE live.campaigns ADD $column text;
		CREATE EVENT TRIGGER pause ON ddl_command_start WHEN TAG IN ('ALTER TABLE') EXECUTE FUNCTION pause_ddl()});
	while_swapped($call);
	query('DROP EVENT TRIGGER pause');
	is( rows($ours),
		query('SELECT * FROM live.campaigns ORDER BY campaign_id'),
		"swapped before ALTER TABLE in $call: the column is added and filled");
	is(rows($theirs), $other, 'the other table is as it was');
}

# A trigger that swaps the schemas itself, each time
{
	my $name = query("SELECT $ours\::regclass");
	my $schema = $name =~ s/\..*//r;
	query(qq{
		CREATE FUNCTION swap() RETURNS event_trigger LANGUAGE plpgsql AS \$\$
			BEGIN
				ALTER SCHEMA ads RENAME TO other;
				ALTER SCHEMA new RENAME TO ads;
				ALTER SCHEMA other RENAME TO new;
			END \$\$;
		ALTER FOREIGN TABLE live.campaigns ADD daily_spend_cap bigint;
		CREATE EVENT TRIGGER swap ON ddl_command_start WHEN TAG IN ('ALTER TABLE') EXECUTE FUNCTION swap()});
	like(
		try("\\set VERBOSITY verbose\nSELECT pinterest.refresh($ours)"),
		qr/ERROR:  40001: table "\w+\.t" got another name during its refresh\nHINT:  Refresh again/,
		'an error if that never ends');
	query('DROP EVENT TRIGGER swap; ALTER FOREIGN TABLE live.campaigns DROP daily_spend_cap');
	is(rows($theirs), $other, 'the other table is as it was');

	query(q{CREATE EVENT TRIGGER swap ON ddl_command_start WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION swap()});
	like(
		try("\\set VERBOSITY verbose\nSELECT pinterest.materialize('live.campaigns', 'ads.created')"),
		qr/ERROR:  40001: schema "ads" has been renamed while table "created" was created in it/,
		'nor is a table created in another schema than was meant');
	query('DROP EVENT TRIGGER swap');
}

# DDL of both tables beside a refresh of each kind and a schedule
query(q{SELECT pinterest.materialize('live.campaigns', 'ads.b')});
foreach my $call ('SELECT pinterest.refresh(%s)', 'CALL pinterest.refresh_all(ARRAY[%s::regclass])')
{
	my $sql = sprintf $call, q{'ads.b'};
	my ($ddl, $runner) = (session(), session());
	query(q{ALTER FOREIGN TABLE live.campaigns ADD daily_spend_cap bigint; SELECT pinterest.refresh('ads.b')});
	$ddl->execute('BEGIN; ALTER FOREIGN TABLE live.campaigns DROP daily_spend_cap');
	$runner->begin($sql);
	waiting(q{relation = 'live.campaigns'::regclass});
	is( $ddl->execute(q{ALTER TABLE ads.b DROP daily_spend_cap; SELECT pinterest.materialize('live.campaigns', 'ads.b', false)}),
		'ads.b', "DDL of both tables passes by $sql");
	$ddl->execute('COMMIT');
	unlike(join('', $runner->finish), qr/ERROR/, 'which goes on then');
	$_->quit foreach $ddl, $runner;
}

$node->stop;
done_testing();
