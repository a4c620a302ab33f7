
# Copyright (c) 2026, pinterest_fdw contributors

# A refresh turns a table into the download, whatever kind of table it is, and counts
# what it does as SQL would: rows of the same key by the operator of the unique
# index, everything else byte by byte.

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
	advertisers => 2,
	campaigns => 24,
	ad_groups => 1,
	ads => 1,
	today => PinterestSandbox::day(0),
	report_delay => 0);
my $node = PinterestSandbox::start_node('main', q{
	timezone = 'UTC'
	jit = off
	autovacuum = off
	log_temp_files = 0});
$sandbox->connect($node, options => "retry_timeout '60'");

sub query
{
	my ($sql) = @_;
	return $node->safe_psql('postgres', $sql);
}

sub try
{
	my ($sql) = @_;
	return PinterestSandbox::answer($node, $sql);
}

query(q{
	CREATE SCHEMA live;
	CREATE SCHEMA copy;
	CREATE EXTENSION citext;
	CREATE COLLATION german (provider = icu, locale = 'de-x-icu');
	CREATE COLLATION any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
	CREATE TABLE written (target text, operation text);
	CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
		INSERT INTO public.written VALUES (TG_TABLE_NAME, TG_OP);
		RETURN NULL;
	END $$;});

# The kinds of tables: columns of the foreign table, and how a table for it is made,
# in which %s is its name; without that materialize() makes it.
my %plain = (
	live => 'advertiser_id text, campaign_id text, date date, campaign_name text, spend_in_dollar numeric, total_impression bigint, ctr double precision');
my %kinds = (
	plain => {%plain},
	mixed_types => {
		live => 'advertiser_id varchar, campaign_id numeric, date timestamptz, campaign_name citext, spend_in_dollar double precision, total_impression numeric, ctr real' },
	insensitive_key => {
		live => 'advertiser_id citext, campaign_id citext, date timestamp, campaign_name text, spend_in_dollar numeric, total_impression bigint' },
	german_key => {
		%plain,
		create => q{CREATE TABLE %s (advertiser_id text COLLATE "C", campaign_id text COLLATE public.german, date date,
			campaign_name text COLLATE public.any_case, spend_in_dollar numeric, total_impression bigint, ctr double precision);
			CREATE UNIQUE INDEX german ON %s (date, campaign_id text_pattern_ops, advertiser_id)} },
	own_columns => {
		%plain,
		create => q{CREATE TABLE %s (gone text DEFAULT 'x', id bigint GENERATED ALWAYS AS IDENTITY, ctr double precision,
			total_impression bigint, twice bigint GENERATED ALWAYS AS (total_impression * 2) STORED, gone_too int,
			campaign_name text, note text DEFAULT 'own', date date, spend_in_dollar numeric CHECK (spend_in_dollar <> 1e30),
			campaign_id text, advertiser_id text, PRIMARY KEY (advertiser_id, campaign_id, date));
			ALTER TABLE %s DROP gone, DROP gone_too} },
	toasted => {
		%plain,
		create => q{CREATE TABLE %s (LIKE live.plain, note text DEFAULT repeat('x', 200), PRIMARY KEY (campaign_id, date, advertiser_id));
			ALTER TABLE %s SET (toast_tuple_target = 128);
			ALTER TABLE %s ALTER campaign_name SET STORAGE EXTERNAL, ALTER spend_in_dollar SET STORAGE EXTERNAL} },
	partitioned => {
		%plain,
		create => q{CREATE TABLE %s (LIKE live.plain, PRIMARY KEY (advertiser_id, campaign_id, date)) PARTITION BY RANGE (date);
			CREATE TABLE %s_old (gone int, LIKE live.plain INCLUDING ALL);
			ALTER TABLE %s_old DROP gone;
			ALTER TABLE %s_old DROP COLUMN ctr, ADD COLUMN ctr double precision;
			ALTER TABLE %s_old ALTER advertiser_id SET NOT NULL, ALTER campaign_id SET NOT NULL, ALTER date SET NOT NULL;
			ALTER TABLE %s ATTACH PARTITION %s_old FOR VALUES FROM (MINVALUE) TO (CURRENT_DATE - 10);
			CREATE TABLE %s_new PARTITION OF %s FOR VALUES FROM (CURRENT_DATE - 10) TO (MAXVALUE)} },
	observed => {
		%plain,
		create => q{CREATE TABLE %s (LIKE live.plain, PRIMARY KEY (advertiser_id, campaign_id, date),
			UNIQUE (campaign_id, advertiser_id, date) DEFERRABLE INITIALLY DEFERRED);
			CREATE TRIGGER noted AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION public.note();
			CREATE TABLE %s_child (advertiser_id text, campaign_id text, date date,
				FOREIGN KEY (advertiser_id, campaign_id, date) REFERENCES %s ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED)} },
	nullable_key => {
		%plain,
		create => q{CREATE TABLE %s (LIKE live.plain, UNIQUE (advertiser_id, campaign_id, date))} });

my @key = qw(advertiser_id campaign_id date);

sub columns
{
	my ($kind) = @_;
	return map { /^\s*(\w+)/ ? $1 : () } split /,/, $kinds{$kind}{live};
}

# What a refresh has to count, from what the foreign table and the copy have: by the
# operators of the key's columns, and by images.
sub expected
{
	my ($name) = @_;
	my ($kind) = $name =~ /^(.*?)_\d$/ ? $1 : $name;
	my $key = join ' AND ', map { "n.$_ = t.$_" } @key;
	my @rest = grep { my $column = $_; !grep { $_ eq $column } @key } columns($kind);
	my ($theirs, $ours) = map { my $prefix = $_; join ', ', map { "$prefix.$_" } @rest } qw(t n);
	return query(
		qq{CREATE TEMPORARY TABLE n AS SELECT * FROM live.$kind;
		SELECT count(*) FILTER (WHERE t.advertiser_id IS NULL AND t.date IS NULL),
			count(*) FILTER (WHERE t.date IS NOT NULL AND n.date IS NOT NULL AND record_image_ne(ROW($theirs), ROW($ours))),
			count(*) FILTER (WHERE n.date IS NULL),
			count(*) FILTER (WHERE t.date IS NOT NULL AND n.date IS NOT NULL AND record_image_eq(ROW($theirs), ROW($ours)))
		FROM n FULL JOIN (SELECT * FROM copy.$name WHERE advertiser_id IN (SELECT advertiser_id FROM n)) t ON $key});
}

# How many rows differ, byte by byte, in what comes from Pinterest but the key
sub differ
{
	my ($name) = @_;
	my ($kind) = $name =~ /^(.*?)_\d$/ ? $1 : $name;
	my $key = join ' AND ', map { "n.$_ = t.$_" } @key;
	my @rest = grep { my $column = $_; !grep { $_ eq $column } @key } columns($kind);
	my ($theirs, $ours) = map { my $prefix = $_; join ', ', map { "$prefix.$_" } @rest } qw(t n);
	return query(
		qq{CREATE TEMPORARY TABLE n AS SELECT * FROM live.$kind;
		SELECT count(*) FROM n FULL JOIN copy.$name t ON $key
		WHERE n.date IS NULL OR t.date IS NULL OR record_image_ne(ROW($theirs), ROW($ours))});
}

sub refresh
{
	my ($name, $before, $arguments) = @_;
	$before //= '';
	$arguments //= ', allow_deletion => true';
	return try("$before SELECT inserted, updated, deleted, unchanged FROM pinterest.refresh('copy.$name'$arguments)");
}

# Changes a part of the rows of a table at random
sub disturb
{
	my ($name) = @_;
	my ($kind) = $name =~ /^(.*?)_\d$/ ? $1 : $name;
	my %has = map { $_ => 1 } columns($kind);
	my $columns = join ', ', columns($kind);
	my $select = join ', ', map { $_ eq 'date' ? "date - interval '1 day' * 0" : $_ } columns($kind);
	my @changes = (
		"DELETE FROM copy.$name WHERE random() < 0.1",
		"UPDATE copy.$name SET campaign_name = repeat(campaign_name, 3000) WHERE random() < 0.02",
		"UPDATE copy.$name SET campaign_name = NULL WHERE random() < 0.1",
		"UPDATE copy.$name SET total_impression = total_impression + 1 WHERE random() < 0.1",
		"UPDATE copy.$name SET spend_in_dollar = -spend_in_dollar WHERE random() < 0.1",
		"UPDATE copy.$name SET campaign_name = upper(campaign_name) WHERE random() < 0.1");
	push @changes, "UPDATE copy.$name SET spend_in_dollar = spend_in_dollar * 1.000 WHERE random() < 0.1"
	  if $kinds{$kind}{live} =~ /spend_in_dollar numeric/;
	push @changes, "UPDATE copy.$name SET campaign_id = campaign_id * 1.00 WHERE random() < 0.3"
	  if $kinds{$kind}{live} =~ /campaign_id numeric/;
	push @changes, "UPDATE copy.$name SET ctr = '-0' WHERE random() < 0.1" if $has{ctr};
	push @changes,
	  "INSERT INTO copy.$name (advertiser_id, campaign_id, date, campaign_name) SELECT advertiser_id, (n * 1000003)::text::"
	  . ($kinds{$kind}{live} =~ /campaign_id (\w+)/)[0]
	  . ", max(date), 'own' FROM copy.$name, generate_series(1, 20) n GROUP BY 1, 2";
	push @changes, "INSERT INTO copy.$name (advertiser_id, date) SELECT advertiser_id, max(date) FROM copy.$name GROUP BY 1"
	  if $kind eq 'nullable_key';
	query(join ';', map { "SELECT setseed(" . rand() . "); $_" } @changes);
	return;
}

srand(1);
my %settings = ('work_mem' => '', 'several passes' => "SET work_mem = '64kB'; SET hash_mem_multiplier = 1;");

foreach my $kind ('plain', grep { $_ ne 'plain' } sort keys %kinds)
{
	my $name = $kind;
	my $create = $kinds{$kind}{create} // '';

	$create =~ s/%s/copy.$name/g;
	query(
		qq{CREATE FOREIGN TABLE live.$kind ($kinds{$kind}{live}) SERVER pinterest
			OPTIONS (resource 'campaign_report', historical_date '20 days');
		SET search_path = public, pg_catalog;
		$create;
		SELECT pinterest.materialize('live.$kind', 'copy.$name');});
	is(differ($name), 0, "$kind: the first load");
	foreach my $setting (sort keys %settings)
	{
		$sandbox->next_revision if $setting eq 'work_mem';
		disturb($name);
		my $expected = expected($name);
		query('TRUNCATE written') if $kind eq 'observed';
		like($expected, qr/^[1-9]\d*\|[1-9]\d*\|[1-9]\d*\|[1-9]\d*$/, "$kind: there is something of each kind");
		is(refresh($name, $settings{$setting}), $expected, "$kind, $setting: it counts as SQL does");
		is(differ($name), 0, "$kind, $setting: the copy is what Pinterest has");
		is( query(
				q{SELECT count(*) FILTER (WHERE operation = 'INSERT'), count(*) FILTER (WHERE operation = 'UPDATE'),
				count(*) FILTER (WHERE operation = 'DELETE') FROM written WHERE target = 'observed'}),
			$expected =~ s/\|\d+$//r, 'triggers see just that')
		  if $kind eq 'observed';
		is(refresh($name, $settings{$setting}), '0|0|0|' . query("SELECT count(*) FROM copy.$name"),
			"$kind, $setting: nothing else is left to do");
	}
}

is(query('SELECT count(*) FROM copy.own_columns WHERE note IS NULL OR twice <> total_impression * 2'),
	0, 'own columns are what they would be');

#
# Keys
#

like(
	try(q{CREATE TABLE copy.any_case (LIKE live.plain, UNIQUE (advertiser_id, campaign_id, date));
		ALTER TABLE copy.any_case ALTER campaign_id TYPE text COLLATE any_case;
		SELECT pinterest.materialize('live.plain', 'copy.any_case');}),
	qr/^ERROR:  0A000: column "campaign_id" of table "copy.any_case" has a nondeterministic collation\nDETAIL:  It belongs to the natural key. Collation "any_case" takes different texts for the same.\nHINT:  Give the column, and the unique index on the natural key, a deterministic collation./,
	'different texts that are the same key are refused');
like(
	try(q{CREATE FOREIGN TABLE live.any_case (advertiser_id text, campaign_id text COLLATE any_case, date date) SERVER pinterest
			OPTIONS (resource 'campaign_report');
		SELECT pinterest.materialize('live.any_case', 'copy.new_any_case');}),
	qr/^ERROR:  0A000: column "campaign_id" of table "copy.new_any_case" has a nondeterministic collation/,
	'also in a table that materialize() would make');

# Runs SQL in a session, and something else in another one as soon as a report is
# being prepared
sub meanwhile
{
	my ($sql, $other) = @_;
	my $session = PsqlSession->new($node);
	my $requested = sub {
		scalar grep { defined $_->{status} && $_->{method} eq 'GET' && $_->{path} =~ m{/reports$} } $sandbox->log;
	};

	$sandbox->clear_log;
	$sandbox->faults(
		{ match => { method => 'GET', path => '/reports' }, count => -1,
			body => { report_status => 'IN_PROGRESS' } });
	$session->begin($sql);
	PsqlSession::wait_until('a report', $requested);
	$other->($session);
	$sandbox->clear_faults;
	my @answer = $session->finish;
	$session->quit;
	return join "\n", @answer;
}

like(
	meanwhile(
		q{SELECT inserted, updated, deleted FROM pinterest.refresh('copy.german_key')},
		sub { query(q{DROP INDEX copy.german; CREATE UNIQUE INDEX german ON copy.german_key (advertiser_id, date, campaign_id)}) }),
	qr/the unique index of table "copy.german_key" has changed during its refresh/,
	'the key must not change meanwhile');
{
	my $expected = expected('german_key');
	is(refresh('german_key'), $expected, 'with the new one it counts as SQL does');
}

#
# The first load
#

# How many statements insert a download into a table while SQL is run
sub inserts
{
	my ($sql, $table) = @_;
	my ($out, $err) = ('', '');
	$node->psql(
		'postgres', qq{
		LOAD 'auto_explain';
		SET auto_explain.log_min_duration = 0;
		SET auto_explain.log_nested_statements = on;
		SET client_min_messages = log;
		$sql},
		stdout => \$out,
		stderr => \$err);
	unlike($err, qr/^ERROR/m, "$table: without an error");
	return scalar grep { /^\s*Insert on \S*$table\b/m && /Named Tuplestore/ } split /^psql:\S+ LOG:  /m, $err;
}

sub same_as
{
	my ($table, $other) = @_;
	return query(
		qq{SELECT count(*) FROM (SELECT * FROM copy.$table) a
		FULL JOIN (SELECT * FROM copy.$other) b ON a::text = b::text WHERE a IS NULL OR b IS NULL});
}

query(q{CREATE TABLE copy.now AS SELECT * FROM live.plain});
is(inserts(q{SELECT pinterest.materialize('live.plain', 'copy.straight')}, 'straight'),
	0, 'into a table of its own, rows go straight');
is(same_as('straight', 'now'), 0, 'and are those of Pinterest');
is( query(
		q{SELECT count(*) = (SELECT count(*) FROM copy.now), count(DISTINCT (advertiser_id, campaign_id, date)) = count(*)
		FROM copy.straight WHERE advertiser_id > ''}),
	't|t', 'its index has them');
is( query(q{SELECT string_agg(pg_get_indexdef(indexrelid) || ' ' || indisvalid, E'\\n' ORDER BY indisprimary DESC) FROM pg_index WHERE indrelid = 'copy.straight'::regclass}),
	"CREATE UNIQUE INDEX straight_pkey ON copy.straight USING btree (advertiser_id, campaign_id, date) true\nCREATE INDEX straight_date_idx ON copy.straight USING btree (date) true", 'which is the primary key, beside one that begins with the date');
is( query(q{SET enable_seqscan = off; SELECT count(*) FROM copy.straight WHERE date > '1999-01-01'}),
	query('SELECT count(*) FROM copy.now'), 'and has them, too');
is( query(
		q{SET enable_seqscan = off;
		SELECT count(*) FROM copy.straight s JOIN copy.now n USING (advertiser_id, campaign_id, date)}),
	query('SELECT count(*) FROM copy.now'), 'and finds each');
is( query(
		q{SELECT s.rows, (SELECT count(*) FROM copy.straight), l.inserted, s.data_from = (SELECT min(date) FROM copy.straight), s.data_to = (SELECT max(date) FROM copy.straight)
		FROM pinterest.status s JOIN pinterest.refresh_log l USING (target) WHERE target = 'copy.straight'::regclass}
	) =~ s/^(\d+)\|\1\|\1\|//r,
	't|t', 'it is on record as any other');
is(refresh('straight'), '0|0|0|' . query('SELECT count(*) FROM copy.now'), 'a refresh finds nothing to do');
is( query(q{SELECT max(array_length(histogram_bounds, 1)) BETWEEN 2 AND 11 FROM pg_stats WHERE tablename = 'straight'}),
	't', 'it has statistics that do not cost much');
is( query(
		q{BEGIN; SELECT pinterest.materialize('live.plain', 'copy.in_transaction') \g /dev/null
		SHOW default_statistics_target; COMMIT;
		SELECT count(*) FROM copy.in_transaction}),
	"100\n" . query('SELECT count(*) FROM copy.now'), 'no setting stays');
query(
	q{CREATE TABLE copy.finer (LIKE live.plain, PRIMARY KEY (advertiser_id, campaign_id, date));
	ALTER TABLE copy.finer ALTER campaign_name SET STATISTICS 200;
	SELECT pinterest.materialize('live.plain', 'copy.finer')});
is( query(q{SELECT max(array_length(histogram_bounds, 1)) > 11 FROM pg_stats WHERE tablename = 'finer'}),
	't', 'whoever sets how fine they are has them as fine');
is(inserts(q{BEGIN; SELECT pinterest.materialize('live.plain', 'copy.undone'); ROLLBACK}, 'undone'),
	0, 'it can be rolled back');
is(query(q{SELECT to_regclass('copy.undone') IS NULL}), 't', 'and nothing stays');

# What others have done to the new table before anything is in it
my %hands = (
	trigger => q{CREATE TRIGGER noted AFTER INSERT ON %s FOR EACH ROW EXECUTE FUNCTION public.note()},
	rule => q{CREATE RULE noted AS ON INSERT TO %s DO ALSO INSERT INTO public.written VALUES ('rule', 'INSERT')},
	policy => q{ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; CREATE POLICY p ON %s USING (true)},
	own_column => q{ALTER TABLE %s ADD COLUMN note text DEFAULT clock_timestamp()::text},
	generated => q{ALTER TABLE %s ADD COLUMN twice bigint GENERATED ALWAYS AS (total_impression * 2) STORED},
	check => q{ALTER TABLE %s ADD CHECK (total_impression >= 0)},
	other_index => q{CREATE UNIQUE INDEX ON %s (campaign_id, date, advertiser_id)},
	partial_index => q{CREATE INDEX ON %s (total_impression) WHERE total_impression > 0},
	not_null => q{ALTER TABLE %s ALTER total_impression SET NOT NULL},
	child => q{CREATE TABLE %s_child () INHERITS (%s)},
	rows => q{INSERT INTO %s (advertiser_id, campaign_id, date) VALUES ('1', '1', '2020-01-01')});
foreach my $hand (sort keys %hands)
{
	my $sql = $hands{$hand} =~ s/%s/copy.hand_$hand/gr;
	query(
		qq{CREATE FUNCTION lay_hand() RETURNS event_trigger LANGUAGE plpgsql AS \$\$
		BEGIN
			IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands() WHERE object_identity = 'copy.hand_$hand' AND command_tag = 'CREATE TABLE') THEN
				$sql;
			END IF;
		END \$\$;
		CREATE EVENT TRIGGER lay_hand ON ddl_command_end WHEN tag IN ('CREATE TABLE') EXECUTE FUNCTION lay_hand();});
	is(inserts(qq{SELECT pinterest.materialize('live.plain', 'copy.hand_$hand')}, "hand_$hand"),
		1, "$hand: a table that somebody else has had in hand is not passed by");
	is( query(
			qq{SELECT count(*) FROM copy.now n JOIN copy.hand_$hand h USING (advertiser_id, campaign_id, date)
			WHERE record_image_eq(ROW(n.campaign_name, n.total_impression, n.spend_in_dollar, n.ctr), ROW(h.campaign_name, h.total_impression, h.spend_in_dollar, h.ctr))}
		),
		query('SELECT count(*) FROM copy.now'), "$hand: it has all rows");
	query('DROP EVENT TRIGGER lay_hand; DROP FUNCTION lay_hand()');
}
is( query(
		q{SELECT count(*) = (SELECT count(*) FROM copy.now) FROM written WHERE target IN ('hand_trigger')}),
	't', 'its trigger has run');

# Rows that have come, and belong to something of which not everything could be read
{
	my ($first, $second) = $sandbox->advertisers;
	my $path = "/ad_accounts/$second/campaigns";

	query(q{CREATE FOREIGN TABLE live.campaigns (advertiser_id text, campaign_id text, name text) SERVER pinterest OPTIONS (resource 'campaigns', advertiser_id '*')});
	$sandbox->faults(
		{ match => { path => $path, query => 'bookmark' }, count => -1, status => 403,
			body => { code => 29, message => 'You are not permitted to access the resource.' } },
		{ match => { path => $path }, count => -1,
			body => { items => [ { id => '1', name => 'one' } ], bookmark => 'next' } });
	query(q{SELECT pinterest.materialize('live.campaigns', 'copy.campaigns')});
	$sandbox->clear_faults;
	is(query('SELECT string_agg(DISTINCT advertiser_id, $$ $$) FROM copy.campaigns'), $first, 'half a list is none');
	is( query(
			q{SELECT rows = (SELECT count(*) FROM copy.campaigns) AND status = 'partial' FROM pinterest.status WHERE target = 'copy.campaigns'::regclass}),
		't', 'which is told');
	is(refresh('campaigns'), '24|0|0|24', 'until it can be read');
}

#
# Cancellation
#

sub temporary_files
{
	return query(q{SELECT count(*) FROM pg_ls_tmpdir()});
}

foreach my $case ([ 'while it loads a new table', q{SELECT pinterest.materialize('live.plain', 'copy.canceled')}, q{to_regclass('copy.canceled') IS NULL} ],
	[ 'while it downloads', q{SET work_mem = '64kB'; SELECT pinterest.refresh('copy.straight')}, q{true} ])
{
	my ($name, $sql, $check) = @$case;
	my $before = query('SELECT md5(string_agg(s::text, $$ $$ ORDER BY s::text)) FROM copy.straight s');
	my $session = PsqlSession->new($node);

	$sandbox->faults({ match => { host => 'download' }, drip => 0.05, count => -1 });
	$session->begin($sql);
	PsqlSession::wait_until($name,
		sub { query(q{SELECT count(*) FROM pinterest.status WHERE bytes_read > 0 AND status = 'importing'}) > 0
			|| query(q{SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Extension' AND query ~ 'materialize'}) > 0 });
	query("SELECT pg_cancel_backend($session->{pid})");
	like(join("\n", $session->finish), qr/canceling statement due to user request/, "$name: it can be canceled");
	is(query("SELECT $check"), 't', "$name: nothing stays of it");
	is(query('SELECT md5(string_agg(s::text, $$ $$ ORDER BY s::text)) FROM copy.straight s'), $before, "$name: nothing has changed");
	is(temporary_files(), 0, "$name: no file is left");
	$session->quit;
	$sandbox->clear_faults;
}

{
	my $session = PsqlSession->new($node);
	my $before = query('SELECT md5(string_agg(s::text, $$ $$ ORDER BY s::text)) FROM copy.observed s');

	query(
		q{CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(600); RETURN new; END $$;
		CREATE TRIGGER waits AFTER UPDATE ON copy.observed FOR EACH STATEMENT EXECUTE FUNCTION wait()});
	$sandbox->next_revision;
	$session->begin(q{SET work_mem = '64kB'; SELECT pinterest.refresh('copy.observed')});
	PsqlSession::wait_until('the trigger',
		sub { query(q{SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'}) > 0 });
	query("SELECT pg_cancel_backend($session->{pid})");
	like(join("\n", $session->finish), qr/canceling statement due to user request/, 'it can be canceled while it writes');
	is(query('SELECT md5(string_agg(s::text, $$ $$ ORDER BY s::text)) FROM copy.observed s'), $before, 'and nothing is written');
	is(temporary_files(), 0, 'nor left');
	query('DROP TRIGGER waits ON copy.observed');
	my $expected = expected('observed');
	is(refresh('observed'), $expected, 'the next refresh does it all');
}

$node->stop;
done_testing();
