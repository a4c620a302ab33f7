
# Copyright (c) 2026, pinterest_fdw contributors

# The first load of a table that is there already: rows go straight into it, and its
# indexes are built afterwards, unless something else has to happen or somebody is
# in the way.

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
	advertisers => 2,
	campaigns => 12,
	ad_groups => 1,
	ads => 1,
	report_delay => 0);
my $node = PinterestSandbox::start_node('main', q{
	timezone = 'UTC'
	jit = off
	autovacuum = off});
$sandbox->connect($node, options => "report_reuse '0'");

sub query
{
	my ($sql) = @_;
	return $node->safe_psql('postgres', $sql);
}

sub try
{
	my ($sql) = @_;
	return PinterestSandbox::answer($node, $sql) =~ s/\n+\z//r;
}

query(q{
	CREATE SCHEMA live;
	CREATE SCHEMA copy;
	CREATE TABLE seen (n bigint);
	CREATE DOMAIN five AS int DEFAULT 5;
	CREATE DOMAIN five_or_more AS five;
	CREATE DOMAIN never_null AS int NOT NULL;
	CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
		INSERT INTO public.seen SELECT count(*) FROM new_rows;
		RETURN NULL;
	END $$;
	IMPORT FOREIGN SCHEMA ads LIMIT TO (campaign_report) FROM SERVER pinterest INTO live
		OPTIONS (historical_date '20 days');});
my $rows = query('SELECT count(*) FROM live.campaign_report');
cmp_ok($rows, '>', 200, 'there are rows');
my $has_amcheck = -e $node->config_data('--sharedir') . '/extension/amcheck.control';
query('CREATE EXTENSION amcheck') if $has_amcheck;

# The files of a table's indexes
sub files
{
	my ($name) = @_;
	return query(qq{SELECT string_agg(pg_relation_filenode(indexrelid)::text, ' ' ORDER BY indexrelid)
		FROM pg_index WHERE indrelid = 'copy.$name'::regclass});
}

# The table has what Pinterest has, and so have its indexes.
sub is_whole
{
	my ($name, $what) = @_;
	my $columns = query(q{SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
		WHERE attrelid = 'live.campaign_report'::regclass AND attnum > 0});
	is( query(qq{SELECT count(*) FROM (SELECT $columns FROM live.campaign_report EXCEPT ALL SELECT $columns FROM copy.$name) AS d}),
		0, "$what: all rows");
	is(query("SELECT count(*) FROM copy.$name"), $rows, "$what: and no other");
	is( query(qq{SET enable_seqscan = off; SET enable_bitmapscan = off;
			SELECT count(*) FROM copy.$name WHERE date > '-infinity'}),
		$rows, "$what: they are in the index");
	return if !$has_amcheck;
	is( query(qq{SELECT count(bt_index_check(indexrelid, true)) > 1 FROM pg_index WHERE indrelid = 'copy.$name'::regclass}),
		't', "$what: in all indexes, in order");
	return;
}

my $count = 0;

# An empty table for the report, which nothing has been loaded into
sub make
{
	my ($sql) = @_;
	my $name = 'a' . ++$count;
	query("SELECT pinterest.materialize('live.campaign_report', 'copy.$name', false);" . ($sql // '') =~ s/%s/copy.$name/gr);
	return $name;
}

sub refresh
{
	my ($name) = @_;
	return "SELECT inserted, updated, deleted, unchanged FROM pinterest.refresh('copy.$name')";
}

#
# The plain case
#

my @plain = (
	[ 'an empty table', '' ],
	[ 'one whose rows are gone', q{INSERT INTO %s (advertiser_id, campaign_id, date) SELECT '1', g, '2020-01-01' FROM generate_series(1, 500) g; DELETE FROM %s} ],
	[ 'one that was filled in vain', q{BEGIN; INSERT INTO %s (advertiser_id, campaign_id, date) SELECT '1', g, '2020-01-01' FROM generate_series(1, 500) g; ROLLBACK} ],
	[ 'other columns and indexes', q{ALTER TABLE %s ADD note text; CREATE INDEX ON %s (spend_in_dollar DESC) INCLUDE (total_clickthrough)} ],
	[ 'a column that is gone', q{ALTER TABLE %s ADD gone int, ADD note text; ALTER TABLE %s DROP gone} ]);
foreach (@plain)
{
	my ($what, $sql) = @$_;
	my $name = make($sql);
	my $files = files($name);
	is(try(refresh($name)), "$rows|0|0|0", $what);
	isnt(files($name), $files, "$what: its indexes are built afterwards");
	is_whole($name, $what);
	is(try(refresh($name)), "0|0|0|$rows", "$what: nothing is left to do");
	is(query("SELECT rows FROM pinterest.status WHERE target = 'copy.$name'::regclass"), $rows, "$what: status");
}

{
	my $name = make();
	is(try("BEGIN; INSERT INTO copy.$name (advertiser_id, campaign_id, date) VALUES ('1', '2', '2020-01-01'); DELETE FROM copy.$name;"
			. refresh($name) . '; COMMIT'), "$rows|0|0|0", 'rows that were there in the same transaction');
	is_whole($name, 'the same transaction');
	$name = make();
	like(try("BEGIN;" . refresh($name) . '; SELECT 1/0; COMMIT'), qr/22012/, 'a load that is rolled back');
	is(query("SELECT count(*) FROM copy.$name"), 0, 'has done nothing');
	is(try(refresh($name)), "$rows|0|0|0", 'and can be done again');
	is_whole($name, 'again');
}

#
# What else has to happen
#

my @others = (
	[ 'a row that is there', q{INSERT INTO %s (advertiser_id, campaign_id, date) VALUES ('1', '2', '2020-01-01')} ],
	[ 'a default', q{ALTER TABLE %s ADD note text; ALTER TABLE %s ALTER note SET DEFAULT 'own'}, q{note = 'own'} ],
	[ 'an identity', q{ALTER TABLE %s ADD id bigint GENERATED ALWAYS AS IDENTITY}, 'id IS NOT NULL' ],
	[ 'a domain with a default', q{DROP TABLE %s; CREATE TABLE %s (LIKE live.campaign_report, own five_or_more, PRIMARY KEY (advertiser_id, campaign_id, date));
		CREATE INDEX ON %s (date); SELECT pinterest.materialize('live.campaign_report', '%s', false)}, 'own = 5' ],
	[ 'a check', q{ALTER TABLE %s ADD CHECK (campaign_id <> 'x')} ],
	[ 'another unique index', q{CREATE UNIQUE INDEX ON %s (date, campaign_id)} ],
	[ 'an index on an expression', q{CREATE INDEX ON %s (lower(campaign_id::text))} ],
	[ 'a trigger', q{CREATE TRIGGER noted AFTER INSERT ON %s REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.note()} ]);
foreach (@others)
{
	my ($what, $sql, $condition) = @$_;
	my $name = make($sql);
	my $files = files($name);
	is(try(refresh($name)), "$rows|0|0|0", $what);
	is(files($name), $files, "$what: rows are inserted like any other's");
	query("DELETE FROM copy.$name WHERE advertiser_id = '1'") if $what =~ /that is there/;
	is_whole($name, $what);
	is(query("SELECT count(*) FROM copy.$name WHERE $condition"), $rows, "$what: it counts") if $condition;
}
is(query('SELECT * FROM seen'), $rows, 'a trigger has seen the rows');
{
	my $name = make(q{ALTER TABLE %s ADD own never_null});
	like(try(refresh($name)), qr/ERROR:  23502: domain \S*never_null does not allow null values/, 'a domain that must not be null');
	is(query("SELECT count(*) FROM copy.$name"), 0, 'is not passed by');
}

#
# Others are there
#

{
	my $name = make();
	my $files = files($name);
	my $reader = PsqlSession->new($node);
	my $older = PsqlSession->new($node);
	$older->execute('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1');
	is($reader->execute("BEGIN; SELECT count(*) FROM copy.$name"), 0, 'a reader');
	is(try("SET statement_timeout = '100s'; " . refresh($name)), "$rows|0|0|0", 'is not waited for');
	is(files($name), $files, 'rows are added to the indexes that he may read');
	is($reader->execute("SET enable_seqscan = off; SELECT count(*) FROM copy.$name"), $rows, 'as he does then');
	$reader->execute('COMMIT');
	is_whole($name, 'a reader');

	$name = make();
	$older->execute('COMMIT; BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1');
	is(try(refresh($name)), "$rows|0|0|0", 'an older snapshot');
	is($older->execute("SELECT count(*) FROM copy.$name"), 0, 'does not see the rows');
	is($older->execute("SET enable_seqscan = off; SELECT count(*) FROM copy.$name WHERE date > '2000-01-01'"), 0, 'nor by an index');
	$older->execute('COMMIT');
	is($older->execute("SELECT count(*) FROM copy.$name WHERE date > '2000-01-01'"), $rows, 'a later one does');

	$name = make();
	$files = files($name);
	is($reader->execute("BEGIN; DECLARE c CURSOR FOR SELECT * FROM copy.$name; FETCH FROM c"), '', 'a cursor of the same session');
	is($reader->execute(refresh($name)), "$rows|0|0|0", 'is in the way');
	is($reader->execute('FETCH FROM c; COMMIT'), '', 'and sees nothing of that');
	is(files($name), $files, 'so rows are inserted like any other\'s');
	is_whole($name, 'a cursor');
	$_->quit foreach $reader, $older;
}

#
# import_tables()
#

my $call = sub { return "CALL pinterest.import_tables('{$_[0]}', live_schema => 'live', schema => 'copy')" };
my $loaded = sub { return qq{NOTICE:  00000: table "copy.$_[0]" has been loaded: $_[1] rows} };
my $import = $call->('campaign_report');

# What a session holds: its locks on the copy, and whether its transaction has an id
sub holds
{
	my ($session) = @_;
	return query(qq{SELECT string_agg(DISTINCT l.mode, ' ' ORDER BY l.mode), bool_or(a.backend_xid IS NOT NULL)
		FROM pg_stat_activity a LEFT JOIN pg_locks l ON l.pid = a.pid AND l.locktype = 'relation'
			AND l.relation = to_regclass('copy.campaign_report')
		WHERE a.pid = $session->{pid}});
}

sub downloads { return grep { $_->{host} eq 'download' } $sandbox->log; }

# 400 days are three reports
query(q{ALTER FOREIGN TABLE live.campaign_report OPTIONS (SET historical_date '400 days')});
$rows = query('SELECT count(*) FROM live.campaign_report');
my $session = PsqlSession->new($node);
$sandbox->faults({ match => { host => 'download' }, delay => 3600, count => -1 });
$sandbox->clear_log;
$session->begin($import);
wait_until('a download', sub { downloads() > 0 });
is(holds($session), '|f', 'before there is a row, nothing is locked or held back');
is(query(q{SELECT status FROM pinterest.status WHERE target = 'copy.campaign_report'::regclass}), 'importing', 'others see that the table is being loaded');
query("SELECT pg_cancel_backend($session->{pid})");
like(($session->finish)[1], qr/57014/, 'canceled');
$sandbox->clear_faults;

$sandbox->faults({ match => { host => 'download' }, delay => 3600 });
$sandbox->clear_log;
$session->begin($import);
wait_until('rows', sub { holds($session) =~ /Exclusive/ });
is(holds($session), 'ShareRowExclusiveLock|t', 'from the first row on other writers are kept out');
is(query('SELECT count(*) FROM copy.campaign_report'), 0, 'readers are not');
my $files = files('campaign_report');
query("SELECT pg_terminate_backend($session->{pid})");
wait_until('its end', sub { query("SELECT count(*) FROM pg_stat_activity WHERE pid = $session->{pid}") eq '0' });
$sandbox->clear_faults;
is(query('SELECT count(*) FROM copy.campaign_report'), 0, 'what was loaded in vain is gone');
is(try($import), $loaded->('campaign_report', $rows), 'again');
isnt(files('campaign_report'), $files, 'the indexes are built afterwards');
is_whole('campaign_report', 'import_tables()');
is(query(q{SELECT outcome, inserted, rows FROM pinterest.refresh_log ORDER BY id DESC LIMIT 1}), "succeeded|$rows|$rows", 'on record');

# The table has been altered since it was made.
sub altered
{
	my ($what, $sql, $error) = @_;
	my $altering = PsqlSession->new($node);
	query('DROP TABLE IF EXISTS copy.campaign_report');
	$sandbox->faults({ match => { method => 'GET', path => '/reports' }, count => -1, body => { report_status => 'IN_PROGRESS' } });
	$sandbox->clear_log;
	$altering->begin($import);
	wait_until('a report', sub { grep { defined $_->{status} && $_->{method} eq 'GET' && $_->{path} =~ m{/reports$} } $sandbox->log });
	query($sql);
	$sandbox->clear_faults;
	like(join("\n", $altering->finish), $error, $what);
	$altering->quit;
	return;
}
altered('a column of another type', 'ALTER TABLE copy.campaign_report ALTER total_impression TYPE text', qr/ERROR:  (?!XX)\w{5}: .*campaign_report/);
altered('a column that is gone', 'ALTER TABLE copy.campaign_report DROP total_impression', qr/ERROR:  42703: column "total_impression" of table "copy\.campaign_report" is missing/);
altered('a table that is gone', 'DROP TABLE copy.campaign_report', qr/ERROR:  42P01: table "copy\.campaign_report" was dropped during its refresh/);
altered('another row', q{INSERT INTO copy.campaign_report (advertiser_id, campaign_id, date) VALUES ('1', '2', '2020-01-01')}, qr/has been loaded: $rows rows/);
is(query('SELECT count(*) FROM copy.campaign_report'), $rows + 1, 'which stays');
altered('a trigger', q{CREATE TRIGGER noted AFTER INSERT ON copy.campaign_report REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.note()}, qr/has been loaded: $rows rows/);
is(query("SELECT count(*) FROM seen WHERE n = $rows"), 1, 'which has seen the rows');
altered('statistics that cannot be made', 'CREATE STATISTICS copy.failing ON (1 / (total_impression - total_impression)), date FROM copy.campaign_report', qr/ERROR:  22012: /);
is(query('SELECT count(*) FROM copy.campaign_report'), 0, 'leave nothing of what was loaded');
is(query('SELECT outcome FROM pinterest.refresh_log ORDER BY id DESC LIMIT 1'), 'failed', 'as it is on record');
$session = undef;

# One table that fails stops no other.
$sandbox->faults({ match => { host => 'download' }, status => 404, body => 'gone', count => -1 });
query('DROP TABLE copy.campaign_report');
like(try($call->('campaign_report,campaigns')), qr/^NOTICE:  00000: table "copy\.campaigns" has been loaded: \d+ rows\nNOTICE:  00000: table "copy\.campaign_report" could not be loaded\n.*^ERROR/ms, 'one fails');
$sandbox->clear_faults;
is(try($call->('campaign_report,campaigns')), qq{NOTICE:  00000: table "copy.campaigns" is there already\n} . $loaded->('campaign_report', $rows), 'and is loaded by the same call');

done_testing();
