
# Copyright (c) 2026, pinterest_fdw contributors

# Ten revisions of the data at Pinterest, in which entities come, go, are renamed
# and archived, metrics of past days are corrected up, down and to nothing, and
# advertisers lose their access and get it back.  After each of them, every table
# has live what Pinterest has; and materialized it has that, too, and of those
# advertisers that cannot be read what they had when they could.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use PinterestSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $revisions = 10;
my $sandbox = PinterestSandbox->new(
	turnover => 1,
	advertisers => 3,
	campaigns => 3,
	ad_groups => 1,
	ads => 1,
	report_delay => 0,
	today => PinterestSandbox::day(0));
my $node = PinterestSandbox::start_node('main', "client_min_messages = error\njit = off");
$sandbox->connect($node);

sub query
{
	my ($sql) = @_;
	return $node->safe_psql('postgres', $sql);
}

my $start = PinterestSandbox::day(4);
query(qq{
	ALTER SERVER pinterest OPTIONS (SET advertiser_id '*', ADD historical_date '$start');
	CREATE SCHEMA live; CREATE SCHEMA ads; CREATE SCHEMA expected; CREATE SCHEMA file;
	IMPORT FOREIGN SCHEMA ads EXCEPT (ad_pins, labels, promotions, advertiser_defined_events,
		page_visit_tags, conversion_quality, audience_insights, customer_segments, schedules,
		billing_invoices, billing_profiles, credits, businesses, business_ad_accounts)
		FROM SERVER pinterest INTO live;});

# Some columns of each kind will do; with all it would take its time.
query($_) foreach split /\n/, query(q{
	SELECT format('ALTER FOREIGN TABLE live.%I %s', resource,
				  string_agg(format('DROP COLUMN %I', column_name), ', '))
	  FROM pinterest.resources JOIN pinterest.resource_columns USING (resource)
	 WHERE kind = 'report' AND schema = 'ads' AND standard AND NOT is_key AND api_name NOT IN (
		'CAMPAIGN_NAME', 'AD_GROUP_ID', 'AD_GROUP_ENTITY_STATUS', 'AD_NAME', 'PRODUCT_ITEM_NAME',
		'SPEND_IN_MICRO_DOLLAR', 'TOTAL_IMPRESSION', 'CTR', 'TOTAL_CONVERSIONS', 'CHECKOUT_ROAS')
	 GROUP BY resource});

# For each table: whether it has rows of advertisers, whether it is a report, and its
# columns other than those that the sandbox's files are sure to have
my %tables = map { my ($name, @about) = split /\|/; ($name => \@about) } split /\n/, query(q{
	SELECT r.resource, 'advertiser_id' = ANY (r.key), r.kind = 'report',
		   string_agg(c.api_name, ',') FILTER (WHERE NOT c.is_key)
	  FROM pinterest.resources AS r JOIN pinterest.resource_columns AS c USING (resource)
	  JOIN pg_attribute AS a ON a.attname = c.column_name
	   AND a.attrelid = to_regclass('live.' || r.resource)
	 GROUP BY r.resource, r.key, r.kind});
is(keys %tables, 29, 'number of tables');
my %types = map { $_ => 'GENDER,COUNTRY' } grep { /_targeting_report$/ } keys %tables;
query("ALTER FOREIGN TABLE live.$_ OPTIONS (ADD targeting_types '$types{$_}')") foreach keys %types;

# Where the rows that are expected are kept.  Files have lists as JSON.
query(join ';', map { "CREATE TABLE expected.$_ (LIKE live.$_); CREATE TABLE file.$_ (LIKE live.$_)" } keys %tables);
query($_) foreach split /\n/, query(q{
	SELECT format('ALTER TABLE file.%s ALTER %I TYPE jsonb USING NULL', c.relname, a.attname)
	  FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
	 WHERE c.relnamespace = 'file'::regnamespace AND a.atttypid = 'text[]'::regtype});
my %values = map { split /\|/, $_, 2 } split /\n/, query(q{
	SELECT c.relname, string_agg(CASE WHEN a.atttypid = 'text[]'::regtype THEN
			format('(SELECT coalesce(array_agg(e ORDER BY n), ''{}'') FROM jsonb_array_elements_text(nullif(%1$I, ''null'')) WITH ORDINALITY AS j (e, n)'
				' HAVING %1$I IS NOT NULL)', a.attname)
		ELSE quote_ident(a.attname) END, ', ' ORDER BY a.attnum)
	  FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
	 WHERE c.relnamespace = 'live'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped GROUP BY c.relname});

# Whose rows a table has now: those whom Pinterest lists in that of advertisers,
# those who may be read elsewhere
sub readable
{
	my ($table, $access) = @_;
	my $good = $table eq 'advertisers' ? qr/full|denied/ : qr/full/;
	return grep { $access->{$_} =~ $good } sort keys %$access;
}

# Puts what is expected at a revision in the place of what was: of those advertisers
# that can be read.
sub expect
{
	my ($revision, $access) = @_;
	my %wanted;
	foreach my $table (keys %tables)
	{
		my ($of_advertisers, $is_report, $columns) = @{ $tables{$table} };
		my %options = (revision => $revision);
		$options{advertiser} = [ readable($table, $access) ] if $of_advertisers eq 't';
		@options{qw(start columns)} = ($start, $columns) if $is_report eq 't';
		$options{targeting_types} = $types{$table} if $types{$table};
		$wanted{$table} = \%options;
	}
	my %files = $sandbox->expect_all(%wanted);
	my $sql = '';
	foreach my $table (sort keys %files)
	{
		my ($columns) = split /\n/, slurp_file($files{$table});
		my $whose = $wanted{$table}{advertiser};
		$sql .= "DELETE FROM expected.$table"
		  . ($whose ? sprintf(" WHERE advertiser_id IN (%s)", join ',', map { "'$_'" } @$whose) : '') . ";\n"
		  . "\\copy file.$table ($columns) FROM '$files{$table}' (FORMAT csv, HEADER)\n"
		  . "INSERT INTO expected.$table SELECT $values{$table} FROM file.$table;\n"
		  . "TRUNCATE file.$table;\n";
	}
	query($sql);
	return;
}

# SQL for the number of rows that are not as often in one query as in the other
sub differences
{
	my ($one, $other) = @_;
	return qq{(SELECT count(*) FROM (SELECT 1 FROM (SELECT ROW(t.*) AS r, 1 AS n FROM ($one) AS t UNION ALL
		SELECT ROW(t.*), -1 FROM ($other) AS t) AS u GROUP BY r HAVING sum(n) <> 0) AS d)};
}

sub compare
{
	my ($revision, $access) = @_;

	# in one statement, so that all reports are prepared at the same time
	my @queries;
	foreach my $table (sort keys %tables)
	{
		my $whose = $tables{$table}[0] eq 't'
		  ? sprintf('WHERE advertiser_id IN (%s)', join ',', map { "'$_'" } readable($table, $access)) : '';
		push @queries, sprintf "SELECT '%s', %s, %s", $table,
		  differences("TABLE live.$table", "SELECT * FROM expected.$table $whose"),
		  differences("TABLE ads.$table", "TABLE expected.$table");
	}
	my %wrong = map { my ($table, $live, $copy) = split /\|/; ($table => [ $live, $copy ]) } split /\n/, query(join ' UNION ALL ', @queries);
	my @live = grep { $wrong{$_}[0] } sort keys %wrong;
	my @copy = grep { $wrong{$_}[1] } sort keys %wrong;
	is(scalar keys %wrong, scalar keys %tables, "revision $revision: all tables are compared");
	is("@live", '', "revision $revision: live, they have what Pinterest has");
	is("@copy", '', "revision $revision: and so they have when materialized");
	return;
}

sub access { return { map { @$_ } @{ $sandbox->control('GET', 'access') } }; }

my %seen;
expect(0, access());
query('SELECT ' . join ', ', map { "pinterest.materialize('live.$_', 'ads.$_')" } sort keys %tables);
compare(0, access());
foreach (1 .. $revisions)
{
	my $revision = $sandbox->next_revision;
	my $access = access();
	$seen{$_}++ foreach values %$access;
	expect($revision, $access);
	query('CALL pinterest.refresh_all(allow_deletion => true)');
	compare($revision, $access);
}

is_deeply([ sort keys %seen ], [qw(denied full unlisted)], 'advertisers could be read, were denied, and were not listed');
is(query(q{SELECT string_agg(target::text, ' ' ORDER BY target::text) FROM (
		SELECT target FROM pinterest.refresh_log GROUP BY target
		HAVING sum(inserted) = 0 OR sum(updated) = 0 OR sum(deleted) = 0) AS l}),
	'ads.advertisers ads.metrics_ready_state', 'every table that may has got rows, lost some, and had some changed');

$node->stop;
done_testing();
