
# Copyright (c) 2026, pinterest_fdw contributors

# Every table, live and materialized, has exactly what Pinterest has, and a
# refresh writes exactly what has changed there.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use PinterestSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $sandbox = PinterestSandbox->new(
	report_delay => 0,
	campaigns => 2,
	ads => 1,
	today => PinterestSandbox::day(0));
my $node = PinterestSandbox::start_node('main');
my $year_ago = PinterestSandbox::day(365);
$sandbox->connect($node, options => "historical_date '$year_ago'");
$node->safe_psql(
	'postgres', q{
	CREATE SCHEMA pinterest_live;
	IMPORT FOREIGN SCHEMA ads FROM SERVER pinterest INTO pinterest_live
		OPTIONS (columns 'all');
	CREATE SCHEMA pinterest_ads;
	CREATE SCHEMA expected;
	CREATE SCHEMA changed;});

sub query
{
	my ($sql) = @_;
	return $node->safe_psql('postgres', $sql);
}

my @tables = split /\n/, query(q{SELECT resource FROM pinterest.resources
	WHERE schema = 'ads' AND resource <> ALL ('{labels,promotions,advertiser_defined_events,page_visit_tags,
		conversion_quality,audience_insights,customer_segments,schedules,ad_pins,
		billing_profiles,billing_invoices,credits,businesses,business_ad_accounts}')});
is(@tables, 29, 'number of tables');

# A year of every breakdown would take too long, so these begin later.
my $recently = PinterestSandbox::day(2);
my %later = map { $_ => 1 } grep { /keyword_|product_|_targeting_report/ && /_report$/ } @tables;
query("ALTER FOREIGN TABLE pinterest_live.$_ OPTIONS (ADD historical_date '$recently')")
  foreach keys %later;

# Loads what a table must contain into a schema of its own.
sub load_expected
{
	my ($schema, $table, %options) = @_;
	my $columns_of_report = query(qq{
		SELECT string_agg(api_name, ',') FROM pinterest.resource_columns
		 WHERE resource = '$table' AND NOT is_key AND resource ~ '_report\$'});
	$options{columns} = $columns_of_report if $columns_of_report ne '';
	$options{start} = $later{$table} ? $recently : $year_ago if $table =~ /_report$/;
	my $file = $sandbox->expect($table, %options);
	my ($columns) = split /\n/, slurp_file($file);

	# The file has lists as JSON, which is an array but for the brackets.
	my @lists = split /\n/, query(qq{
		SELECT quote_ident(attname) FROM pg_attribute
		 WHERE attrelid = 'pinterest_live.$table'::regclass
		   AND atttypid = 'text[]'::regtype});
	my $to_json = join '',
	  map { "ALTER TABLE $schema.$table ALTER $_ TYPE jsonb USING NULL;\n" } @lists;
	my $to_array = join '', map {
		"ALTER TABLE $schema.$table ALTER $_ TYPE text[] USING translate(${_}::text, '[]', '{}')::text[];\n"
	} @lists;

	query(qq{
		CREATE TABLE $schema.$table (LIKE pinterest_live.$table);
		$to_json
		\\copy $schema.$table ($columns) FROM '$file' (FORMAT csv, HEADER)
		$to_array});
	return;
}

# Number of rows that are not as often in one table as in the other.  Compared as
# records, since PostgreSQL sorts and hashes by hundreds of columns slowly.
sub differences
{
	my ($one, $other) = @_;
	return query(qq{
		SELECT count(*)
		  FROM (SELECT 1
				  FROM (SELECT ROW(t.*) AS r, 1 AS n FROM $one AS t UNION ALL
						SELECT ROW(t.*), -1 FROM $other AS t) AS u
				 GROUP BY r HAVING sum(n) <> 0) AS d});
}

# What a refresh must report that makes the first table equal to the second.
sub expected_counts
{
	my ($table, $old, $new) = @_;
	my $key = query(
		"SELECT array_to_string(key, ', ') FROM pinterest.resources WHERE resource = '$table'"
	);
	return query(qq{
		SELECT count(*) FILTER (WHERE o IS NULL),
			   count(*) FILTER (WHERE record_image_ne(o, n)),
			   count(*) FILTER (WHERE n IS NULL)
		  FROM $old.$table AS o FULL JOIN $new.$table AS n USING ($key)});
}

sub refresh
{
	my ($table) = @_;
	return query("SELECT inserted, updated, deleted FROM pinterest.refresh('pinterest_ads.$table')"
	);
}

foreach my $table (@tables)
{
	load_expected('expected', $table);
	cmp_ok(query("SELECT count(*) FROM expected.$table"),
		'>', 0, "$table: the sandbox has rows");
	is(differences("pinterest_live.$table", "expected.$table"),
		0, "$table: live, it has what Pinterest has");

	query(
		"SELECT pinterest.materialize('pinterest_live.$table', 'pinterest_ads.$table')"
	);
	is(differences("pinterest_ads.$table", "expected.$table"),
		0, "$table: so it has when materialized");
	is(refresh($table), '0|0|0', "$table: nothing new, nothing written");
}

# A year does not fit into one request.
my %starts = map { $_->{body}{start_date} => 1 }
  grep { $_->{method} eq 'POST' } $sandbox->log;
cmp_ok(keys %starts, '>', 1, 'reports are requested in several windows');

$sandbox->settings(revision => 1);
foreach my $table (@tables)
{
	load_expected('changed', $table, revision => 1);
	my $counts = expected_counts($table, 'expected', 'changed');
	is(refresh($table), $counts,
		"$table: refresh reports what changed ($counts)");
	is(differences("pinterest_ads.$table", "changed.$table"),
		0, "$table: it has what Pinterest has now");
}

$node->stop;
done_testing();
