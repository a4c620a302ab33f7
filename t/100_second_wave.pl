
# Copyright (c) 2026, pinterest_fdw contributors

# Tables of the schemas beside those of ads, and those of ads that came later: live and
# materialized, they have exactly what Pinterest has; scopes, and what of Pinterest is
# asked for which condition.

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
	advertisers => 2,
	campaigns => 3,
	ad_groups => 1,
	ads => 2,
	today => PinterestSandbox::day(0));
my $node = PinterestSandbox::start_node('main');
$sandbox->connect($node);

sub query
{
	my ($sql) = @_;
	return $node->safe_psql('postgres', $sql);
}

sub answer
{
	my ($sql) = @_;
	return PinterestSandbox::answer($node, $sql);
}

# Paths and queries that have been asked for, without the version.
sub asked
{
	return map { $_->{path} =~ s{^/v5}{}r } grep { $_->{path} =~ m{^/v5/} } $sandbox->log;
}

# Loads what a table must contain into a schema of its own.
sub load_expected
{
	my ($schema, $table, %options) = @_;
	my $file = $sandbox->expect($table, advertiser => [ $sandbox->advertisers ], %options);
	my ($columns) = split /\n/, slurp_file($file);

	# The file has lists as JSON, which is an array but for the brackets.
	my @lists = split /\n/, query(qq{
		SELECT quote_ident(attname) FROM pg_attribute
		 WHERE attrelid = 'live.$table'::regclass AND atttypid = 'text[]'::regtype});
	my $to_json = join '',
	  map { "ALTER TABLE $schema.$table ALTER $_ TYPE jsonb USING NULL;\n" } @lists;
	my $to_array = join '', map {
		"ALTER TABLE $schema.$table ALTER $_ TYPE text[] USING translate(${_}::text, '[]', '{}')::text[];\n"
	} @lists;
	query(qq{
		CREATE TABLE $schema.$table (LIKE live.$table);
		$to_json
		\\copy $schema.$table ($columns) FROM '$file' (FORMAT csv, HEADER)
		$to_array});
	return;
}

# Rows that are not as often in one table as in the other.
sub differences
{
	my ($one, $other) = @_;
	return query(qq{
		SELECT r, sum(n) FROM (SELECT ROW(t.*) AS r, 1 AS n FROM $one AS t UNION ALL
			SELECT ROW(t.*), -1 FROM $other AS t) AS u
		 GROUP BY r HAVING sum(n) <> 0 LIMIT 3});
}

query(q{CREATE SCHEMA live; CREATE SCHEMA copied; CREATE SCHEMA expected; CREATE SCHEMA changed});
my @tables = split /\n/, query(q{SELECT resource FROM pinterest.resources WHERE schema <> 'ads'
	UNION ALL VALUES ('labels'), ('promotions'), ('advertiser_defined_events'), ('page_visit_tags'),
		('conversion_quality'), ('audience_insights'), ('customer_segments'), ('schedules'), ('ad_pins')});
query("IMPORT FOREIGN SCHEMA $_ FROM SERVER pinterest INTO live")
  foreach split /\n/, query('SELECT DISTINCT schema FROM pinterest.resources');

#
# Contents
#

foreach my $table (@tables)
{
	load_expected('expected', $table);
	cmp_ok(query("SELECT count(*) FROM expected.$table"), '>', 0, "$table: the sandbox has rows");
	is(differences("live.$table", "expected.$table"), '', "$table: live, it has what Pinterest has");
	query("SELECT pinterest.materialize('live.$table', 'copied.$table')");
	is(differences("copied.$table", "expected.$table"), '', "$table: so it has when materialized");
	is(query("SELECT inserted, updated, deleted FROM pinterest.refresh('copied.$table')"),
		'0|0|0', "$table: nothing new, nothing written");
}
$sandbox->settings(revision => 1);
foreach my $table (@tables)
{
	load_expected('changed', $table, revision => 1);
	query("SELECT pinterest.refresh('copied.$table')");
	is(differences("copied.$table", "changed.$table"), '', "$table: it has what Pinterest has now");
}

done_testing();
