
# Copyright (c) 2026, pinterest_fdw contributors

=pod

=head1 NAME

ExpectedTables - tables of what foreign tables must contain, for TAP tests

=head1 SYNOPSIS

  use ExpectedTables;

  ExpectedTables::load($sandbox, $node, 'expected', 'live', boards => {}, feeds => { revision => 1 });
  is(ExpectedTables::differences($node, 'live.boards', 'expected.boards'), '', 'boards');

=cut

package ExpectedTables;

use strict;
use warnings;

use PostgreSQL::Test::Utils;

=pod

=head2 load($sandbox, $node, schema, live, table => { option => value, ... }, ...)

Makes tables of what the sandbox says that they contain, for all its advertisers, in
the database "postgres".  Each is like the foreign table of its name in the schema
"live"; the options are those of the sandbox's command "expect".  Columns that are not
asked for are null.

=cut

sub load
{
	my ($sandbox, $node, $schema, $live, %tables) = @_;
	$_->{advertiser} = [ $sandbox->advertisers ] foreach values %tables;
	my %files = $sandbox->expect_all(%tables);
	foreach my $table (sort keys %tables)
	{
		my ($columns) = split /\n/, slurp_file($files{$table});

		# The file has lists as JSON, which is an array but for the brackets.
		my @lists = split /\n/, $node->safe_psql('postgres', qq{
			SELECT quote_ident(attname) FROM pg_attribute
			 WHERE attrelid = '$live.$table'::regclass AND atttypid = 'text[]'::regtype});
		my $to_json = join '',
		  map { "ALTER TABLE $schema.$table ALTER $_ TYPE jsonb USING NULL;\n" } @lists;
		my $to_array = join '', map {
			"ALTER TABLE $schema.$table ALTER $_ TYPE text[] USING translate(${_}::text, '[]', '{}')::text[];\n"
		} @lists;
		$node->safe_psql('postgres', qq{
			CREATE TABLE $schema.$table (LIKE $live.$table);
			$to_json
			\\copy $schema.$table ($columns) FROM '$files{$table}' (FORMAT csv, HEADER)
			$to_array});
	}
	return;
}

=pod

=head2 differences($node, one, other)

Rows that are not as often in one table as in the other, three at most; empty if there
are none.

=cut

sub differences
{
	my ($node, $one, $other) = @_;
	return $node->safe_psql('postgres', qq{
		SELECT r, sum(n) FROM (SELECT ROW(t.*) AS r, 1 AS n FROM $one AS t UNION ALL
			SELECT ROW(t.*), -1 FROM $other AS t) AS u
		 GROUP BY r HAVING sum(n) <> 0 LIMIT 3});
}

1;
