
# Copyright (c) 2026, pinterest_fdw contributors

# A refresh does the same whatever surrounds it: settings of the session, locale
# and encoding of the database, objects that get in its way, a subscription.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use PinterestSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $sandbox = PinterestSandbox->new(
	campaigns => 4,
	ad_groups => 2,
	ads => 1,
	report_delay => 0);
my $node = PostgreSQL::Test::Cluster->new('publisher');
PinterestSandbox::init_node($node, allows_streaming => 'logical');
$node->append_conf('postgresql.conf', "timezone = 'UTC'");
$node->start;

sub query
{
	my ($sql, $dbname) = @_;
	return $node->safe_psql($dbname // 'postgres', $sql);
}

# Runs SQL in a session with settings, and returns what it wrote and its errors.
sub query_with
{
	my ($settings, $sql, $dbname) = @_;
	local $ENV{PGOPTIONS} = join ' ',
	  map { "-c $_=" . ($settings->{$_} =~ s/([\\ ])/\\$1/gr) } sort keys %$settings;
	my ($status, $out, $err) = $node->psql($dbname // 'postgres', $sql);
	return "$out$err";
}

my @tables = ('campaigns', 'report');

sub set_up
{
	my ($dbname) = @_;
	$sandbox->connect($node, dbname => $dbname);
	query(
		q{
		CREATE SCHEMA live;
		CREATE SCHEMA ads;
		IMPORT FOREIGN SCHEMA ads LIMIT TO (campaigns) FROM SERVER pinterest INTO live;
		CREATE FOREIGN TABLE live.report (
			advertiser_id text, campaign_id text, date date, spend_in_dollar numeric,
			total_impression bigint, ctr numeric, campaign_name text
		) SERVER pinterest OPTIONS (resource 'campaign_report', historical_date '30 days');
		CREATE FOREIGN TABLE live.numbers (
			advertiser_id text, campaign_id text, date date, spend_in_dollar numeric
		) SERVER pinterest OPTIONS (resource 'campaign_report', historical_date '30 days');},
		$dbname);
	return;
}

# The contents of the tables, in a form that depends on no setting
sub contents
{
	my ($dbname, @which) = @_;
	return join "\n", map {
		query(
			qq{
			SET extra_float_digits = 3;
			SET client_encoding = 'UTF8';
			SELECT to_jsonb(t) FROM ads.$_ AS t
			 ORDER BY to_jsonb(t) ->> 'campaign_id' COLLATE "C", to_jsonb(t) ->> 'date' COLLATE "C"},
			$dbname)
	} @which ? @which : @tables;
}

# Puts the tables out of step with Pinterest, always in the same way.
sub disturb
{
	my ($dbname) = @_;
	query(
		q{
		DELETE FROM ads.report WHERE date = (SELECT max(date) - 3 FROM ads.report);
		UPDATE ads.report SET spend_in_dollar = spend_in_dollar + 1 WHERE date = (SELECT max(date) - 5 FROM ads.report);
		INSERT INTO ads.report (advertiser_id, campaign_id, date) SELECT advertiser_id, 'none', date FROM ads.report LIMIT 1;
		UPDATE ads.campaigns SET created_time = created_time + interval '1 s', name = 'x';},
		$dbname);
	return;
}

my $refresh = join '; ', map {
	"SELECT rows, inserted, updated, deleted, unchanged FROM pinterest.refresh('ads.$_')"
} @tables;

#
# The usual way, which is compared with Pinterest
#

set_up('postgres');
query("SELECT pinterest.materialize('live.$_', 'ads.$_')") foreach @tables, 'numbers';
query('CREATE TABLE expected (LIKE live.report)');
my $file = $sandbox->expect(
	'campaign_report',
	columns => 'SPEND_IN_DOLLAR,TOTAL_IMPRESSION,CTR,CAMPAIGN_NAME',
	start => query(q{SELECT (now() AT TIME ZONE 'UTC')::date - 30}));
query("\\copy expected FROM '$file' (FORMAT csv, HEADER)");
is( query('(TABLE expected EXCEPT ALL TABLE ads.report) UNION ALL (TABLE ads.report EXCEPT ALL TABLE expected)'),
	'',
	'the report is what Pinterest has');
my $contents = contents('postgres');
disturb('postgres');
my $counts = query($refresh);
like($counts, qr/^\d+\|0\|\d+\|0\|0\n\d+\|[1-9]\d*\|[1-9]\d*\|1\|[1-9]\d*$/,
	'a refresh of each kind of change');
is(contents('postgres'), $contents, 'puts them right');

#
# Settings of the session
#

my %hostile_names = (
	tables => 'CREATE TABLE evil.materialized_tables (x int); CREATE TABLE evil.pg_class (x int); CREATE TABLE evil.report (x int); CREATE TABLE evil.pinterest_download (x int);',
	functions => join('', map { "CREATE FUNCTION evil.$_ LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN false; END';" }
		  'record_image_ne(record, record) RETURNS boolean',
		'texteq(text, text) RETURNS boolean', 'date_ge(date, date) RETURNS boolean')
	  . q{CREATE FUNCTION evil.count_ends(bigint) RETURNS bigint LANGUAGE sql AS 'SELECT 0::bigint';
		CREATE FUNCTION evil.count_step(bigint, anyelement) RETURNS bigint LANGUAGE sql AS 'SELECT 0::bigint';
		CREATE AGGREGATE evil.count(anyelement) (SFUNC = evil.count_step, STYPE = bigint, INITCOND = '0', FINALFUNC = evil.count_ends);},
	operators => q{
		CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.texteq);
		CREATE OPERATOR evil.>= (LEFTARG = date, RIGHTARG = date, FUNCTION = evil.date_ge);
		CREATE OPERATOR evil.*<> (LEFTARG = record, RIGHTARG = record, FUNCTION = evil.record_image_ne);},
	types => 'CREATE DOMAIN evil.text AS pg_catalog.text CHECK (false); CREATE DOMAIN evil.date AS pg_catalog.date CHECK (false); CREATE DOMAIN evil.name AS pg_catalog.name CHECK (false);');
query('CREATE SCHEMA evil');
query($hostile_names{$_}) foreach 'tables', 'functions', 'operators', 'types';

foreach my $settings (
	{ search_path => 'evil, pg_catalog, public' },
	{ search_path => '' },
	{ datestyle => 'German, DMY', intervalstyle => 'sql_standard' },
	{ datestyle => 'SQL, MDY', timezone => 'Pacific/Kiritimati' },
	{ timezone => 'Pacific/Pago_Pago', lc_time => 'C' },
	{ standard_conforming_strings => 'off', backslash_quote => 'off', escape_string_warning => 'on' },
	# has no effect where PostgreSQL was built without LLVM
	{ jit => 'on', jit_above_cost => 0, jit_inline_above_cost => 0, jit_optimize_above_cost => 0 },
	{ work_mem => '64kB', hash_mem_multiplier => 1 },
	{ work_mem => '64kB', enable_hashjoin => 'off', enable_mergejoin => 'off' },
	{ enable_nestloop => 'off', enable_indexscan => 'off', enable_hashagg => 'off', enable_sort => 'off' },
	{ force_parallel_mode => 'on', parallel_setup_cost => 0, parallel_tuple_cost => 0, min_parallel_table_scan_size => 0 },
	{ session_replication_role => 'replica' },
	{ row_security => 'off' },
	{ array_nulls => 'off', bytea_output => 'escape', xmloption => 'document', extra_float_digits => -15 },
	{ quote_all_identifiers => 'on', transform_null_equals => 'on' },
	{ client_encoding => 'SJIS' },
	{ plan_cache_mode => 'force_generic_plan' },
	{ default_tablespace => 'pg_default', temp_tablespaces => '', default_table_access_method => 'heap' },
	{ vacuum_cost_delay => 1, synchronous_commit => 'off', temp_buffers => '800kB', from_collapse_limit => 1, geqo_threshold => 2 },
	{ statement_timeout => '1min', lock_timeout => '1s', idle_in_transaction_session_timeout => '1s' })
{
	# Renamed in PostgreSQL 16
	$settings->{debug_parallel_query} = delete $settings->{force_parallel_mode}
	  if exists $settings->{force_parallel_mode} && $node->pg_version->major >= 16;
	# Gone in PostgreSQL 19
	delete @$settings{qw(standard_conforming_strings escape_string_warning)}
	  if $node->pg_version->major >= 19;
	my $name = join ', ', map { "$_ = $settings->{$_}" } sort keys %$settings;
	disturb('postgres');
	is(query_with($settings, $refresh), $counts, $name);
	is(contents('postgres'), $contents, "$name: contents");
}

# Names that the session has taken for itself
disturb('postgres');
my $result = query(
	qq{
	CREATE TEMP TABLE pinterest_download (x int);
	CREATE TEMP TABLE report (x int);
	CREATE TEMP TABLE t (x int);
	CREATE FUNCTION pg_temp.count(text) RETURNS bigint LANGUAGE sql AS 'SELECT 0::bigint';
	PREPARE s AS SELECT 1;
	SET search_path = pg_temp, pg_catalog;
	$refresh});
is($result, $counts, 'temporary objects of the same names');
is(contents('postgres'), $contents, 'temporary objects: contents');

# Nobody writes in a read-only transaction; a transaction that says otherwise does.
disturb('postgres');
like(query_with({ default_transaction_read_only => 'on' }, $refresh),
	qr/ERROR:  cannot execute pinterest\.refresh\(\) in a read-only transaction/,
	'default_transaction_read_only');
is( query_with({ default_transaction_read_only => 'on' }, "BEGIN READ WRITE; $refresh; COMMIT"),
	$counts,
	'default_transaction_read_only, in a transaction that is not');
is(contents('postgres'), $contents, 'default_transaction_read_only: contents');

# Nor does anyone compare with what has been committed before the snapshot only.
foreach my $level ('repeatable read', 'serializable')
{
	disturb('postgres');
	like(
		query_with({ default_transaction_isolation => $level }, $refresh),
		qr/ERROR:  cannot call pinterest\.refresh\(\) in a transaction of isolation level $level/,
		"default_transaction_isolation = $level");
	is( query_with({ default_transaction_isolation => $level }, "BEGIN ISOLATION LEVEL READ COMMITTED; $refresh; COMMIT"),
		$counts,
		"$level, in a transaction that is not");
	is(contents('postgres'), $contents, "$level: contents");
	disturb('postgres');
	foreach my $deferrable ('off', 'on')
	{
		is( query_with({ default_transaction_isolation => $level, default_transaction_deferrable => $deferrable },
				'CALL pinterest.refresh_all()'),
			'', "$level, deferrable $deferrable: refresh_all");
	}
	is(contents('postgres'), $contents, "$level: contents after refresh_all");
}

# In the middle of other work
disturb('postgres');
is( query("BEGIN; SAVEPOINT a; $refresh; RELEASE a; COMMIT"),
	$counts, 'in a subtransaction');
is(contents('postgres'), $contents, 'in a subtransaction: contents');

#
# Other databases
#

my $numbers = contents('postgres', 'numbers');
foreach my $options (
	q{ENCODING 'UTF8' LOCALE 'C'},
	q{ENCODING 'UTF8' LOCALE 'C.UTF-8' LOCALE_PROVIDER icu ICU_LOCALE 'tr-TR'},
	q{ENCODING 'SQL_ASCII' LOCALE 'C'},
	q{ENCODING 'LATIN1' LOCALE 'C'},
	q{ENCODING 'EUC_JP' LOCALE 'C'})
{
	my $dbname = 'db' . $options =~ s/\W//gr;
	my ($status, $out, $err) = $node->psql('postgres',
		qq{CREATE DATABASE "$dbname" TEMPLATE template0 $options});
	if ($status != 0)
	{
		note("$options: $err");
		next;
	}
	set_up($dbname);

	# SQL_ASCII keeps what comes, byte by byte.
	if ($options =~ /UTF8|SQL_ASCII/)
	{
		query("SELECT pinterest.materialize('live.$_', 'ads.$_')", $dbname)
		  foreach @tables;
		is(contents($dbname), $contents, "$options: contents");
		disturb($dbname);
		is(query($refresh, $dbname), $counts, "$options: refresh");
		is(contents($dbname), $contents, "$options: contents after it");
		next;
	}

	# Not every name can be written there, and what is wrong must not be stored.
	like(
		query_with({}, q{SELECT pinterest.materialize('live.campaigns', 'ads.campaigns')}, $dbname),
		qr/ERROR:  (character with byte sequence|conversion between|unsupported Unicode escape sequence)/,
		"$options: a name that cannot be written");
	query(q{SELECT pinterest.materialize('live.numbers', 'ads.numbers')}, $dbname);
	is(contents($dbname, 'numbers'), $numbers, "$options: contents");
	query('UPDATE ads.numbers SET spend_in_dollar = -1', $dbname);
	is( query(q{SELECT inserted, deleted, unchanged FROM pinterest.refresh('ads.numbers')}, $dbname),
		'0|0|0',
		"$options: refresh");
	is(contents($dbname, 'numbers'), $numbers, "$options: contents after it");
}

#
# A subscription: what did not change is not sent
#

my $subscriber = PinterestSandbox::start_node('subscriber');
$subscriber->safe_psql(
	'postgres', q{
	CREATE SCHEMA ads;
	CREATE TABLE ads.numbers (
		advertiser_id text, campaign_id text, date date, spend_in_dollar numeric,
		PRIMARY KEY (advertiser_id, campaign_id, date));
	CREATE TABLE ads.changes (what text);
	CREATE FUNCTION ads.note() RETURNS trigger LANGUAGE plpgsql AS
		'BEGIN INSERT INTO ads.changes VALUES (tg_op); RETURN NULL; END';});
query('CREATE PUBLICATION ads FOR TABLE ads.numbers');
my $connection = $node->connstr('postgres') =~ s/'/''/gr;
$subscriber->safe_psql('postgres', qq{CREATE SUBSCRIPTION ads CONNECTION '$connection' PUBLICATION ads});
$subscriber->wait_for_subscription_sync($node, 'ads');
$subscriber->safe_psql(
	'postgres', q{
	CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON ads.numbers FOR EACH ROW EXECUTE FUNCTION ads.note();
	ALTER TABLE ads.numbers ENABLE ALWAYS TRIGGER note;});

my $all = q{SELECT * FROM ads.numbers ORDER BY campaign_id, date};
my $ops = q{SELECT what, count(*) FROM ads.changes GROUP BY 1 ORDER BY 1};

is(query(q{SELECT inserted, updated, deleted FROM pinterest.refresh('ads.numbers')}),
	'0|0|0', 'published: nothing has changed');
$node->wait_for_catchup('ads');
is($subscriber->safe_psql('postgres', $ops), '', 'nothing is sent');

# At Pinterest, some days have changed; here, one is missing.
$sandbox->settings(revision => 5);
query('DELETE FROM ads.numbers WHERE date = (SELECT max(date) - 20 FROM ads.numbers)');
$node->wait_for_catchup('ads');
$subscriber->safe_psql('postgres', 'TRUNCATE ads.changes');
my ($rows, $inserted, $updated, $deleted) = split /\|/,
  query(q{SELECT rows, inserted, updated, deleted FROM pinterest.refresh('ads.numbers')});
note("of $rows rows: $inserted inserted, $updated updated, $deleted deleted");
cmp_ok($inserted * $updated * $deleted, '>', 0, 'changes of each kind');
cmp_ok($inserted + $updated + $deleted, '<', $rows / 2, 'of few rows');
$node->wait_for_catchup('ads');
is( $subscriber->safe_psql('postgres', $ops),
	"DELETE|$deleted\nINSERT|$inserted\nUPDATE|$updated",
	'just these are sent');
is($subscriber->safe_psql('postgres', $all), query($all),
	'the subscriber has the same');

$subscriber->safe_psql('postgres', 'DROP SUBSCRIPTION ads');
$subscriber->stop;
$node->stop;
done_testing();
