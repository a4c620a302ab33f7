
# Copyright (c) 2026, pinterest_fdw contributors

# Random conditions over all kinds of tables: whatever of them Pinterest is
# told, the result is that of the same query over a copy, of which it is told
# nothing.
#
# PINTEREST_RANDOM_SEED chooses other conditions, PINTEREST_RANDOM_QUALS how
# many of them there are.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use IPC::Run;
use List::Util qw(max min sum);
use PinterestSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $seed = $ENV{PINTEREST_RANDOM_SEED} || 20261124;
my $wanted = $ENV{PINTEREST_RANDOM_QUALS} || 2000;

# Sessions at once.  They mostly wait for reports to be prepared.
my $sessions = 12;

note "seed $seed, $wanted conditions";
srand($seed);

my $sandbox = PinterestSandbox->new(
	advertisers => 3,
	denied => 1,
	campaigns => 4,
	ads => 1,
	report_delay => 0);
my ($first, $second, $third) = $sandbox->advertisers;

my $node = PinterestSandbox::start_node('main');
$sandbox->connect($node, options => "historical_date '40 days'");

$node->safe_psql(
	'postgres', qq{
	ALTER SERVER pinterest OPTIONS (SET advertiser_id '$first,$second');
	CREATE SCHEMA live;
	CREATE SCHEMA copied;
	CREATE FUNCTION public.today() RETURNS date STABLE LANGUAGE sql
	  RETURN (now() AT TIME ZONE 'UTC')::date;
	CREATE FUNCTION public.stable(anyelement) RETURNS anyelement STABLE
	  LANGUAGE plpgsql AS 'BEGIN RETURN \$1; END';
	IMPORT FOREIGN SCHEMA ads LIMIT TO (advertisers, campaigns, ad_groups, ads,
		keywords, product_group_promotions, targeting_options)
	  FROM SERVER pinterest INTO live;

	CREATE FOREIGN TABLE live.campaign_report (advertiser_id text,
		campaign_id text, date date, campaign_name text, campaign_status text,
		campaign_objective_type text, ad_account_id text,
		total_impression bigint, spend_in_dollar numeric, ctr numeric)
	  SERVER pinterest OPTIONS (resource 'campaign_report');
	CREATE FOREIGN TABLE live.ad_report (advertiser_id text, ad_id text,
		date date, campaign_id varchar, ad_group_id text, campaign_status text,
		ad_group_status text, ad_status varchar(40), pin_promotion_id bigint,
		total_impression bigint)
	  SERVER pinterest OPTIONS (resource 'ad_report', historical_date '12 days');
	CREATE FOREIGN TABLE live.weekly (advertiser_id text, campaign_id text,
		date date, campaign_status text, total_impression bigint)
	  SERVER pinterest OPTIONS (resource 'campaign_report', granularity 'week');
	CREATE FOREIGN TABLE live.hourly (advertiser_id text, campaign_id text,
		date timestamptz, total_impression bigint)
	  SERVER pinterest OPTIONS (resource 'campaign_report', granularity 'hour',
		advertiser_id '$first');
	CREATE FOREIGN TABLE live.targeting (advertiser_id text, campaign_id text,
		date date, targeting_type text, targeting_value text,
		total_impression bigint)
	  SERVER pinterest OPTIONS (resource 'campaign_targeting_report',
		targeting_types 'GENDER, COUNTRY, AGE_BUCKET, PLACEMENT, APPTYPE, REGION',
		historical_date '8 days');
	CREATE FOREIGN TABLE live.product_group_report (advertiser_id text,
		product_group_id text, date date, ad_group_id text,
		product_group_status text, total_impression bigint)
	  SERVER pinterest OPTIONS (resource 'product_group_report',
		historical_date '8 days', advertiser_id '$second');
	CREATE FOREIGN TABLE live.product_item_report (advertiser_id text,
		product_item_id text, date date, product_group_id text, campaign_id text,
		total_impression bigint)
	  SERVER pinterest OPTIONS (resource 'product_item_report',
		historical_date '8 days', advertiser_id '$second');
	CREATE FOREIGN TABLE live.filtered_report (advertiser_id text,
		ad_group_id text, date date, campaign_id text, campaign_status text,
		total_impression bigint)
	  SERVER pinterest OPTIONS (resource 'ad_group_report',
		campaign_statuses 'RUNNING, PAUSED', historical_date '12 days');
	CREATE FOREIGN TABLE live.some_ads (advertiser_id text,
		ad_id text OPTIONS (column_name 'id'), campaign_id text,
		ad_group_id bigint, status text)
	  SERVER pinterest OPTIONS (resource 'ads', advertiser_id '*',
		entity_statuses 'ACTIVE, PAUSED, ARCHIVED');});

my %tables = (
	advertisers => 1,
	campaigns => 4,
	ad_groups => 5,
	ads => 6,
	some_ads => 4,
	keywords => 3,
	product_group_promotions => 3,
	targeting_options => 2,
	campaign_report => 6,
	ad_report => 6,
	weekly => 3,
	hourly => 3,
	targeting => 3,
	product_group_report => 2,
	product_item_report => 2,
	filtered_report => 3);

#
# What conditions are made of
#

sub pick { return $_[ int(rand(@_)) ]; }

sub chance { return rand(100) < $_[0]; }

sub quoted { my ($text) = @_; return "'" . $text =~ s/'/''/gr . "'"; }

# Columns of a table by type, and values that there are
my (%columns, %values);
my @interesting = (
	'date', qr/_id$/, qr/status$/, qr/_type$/, 'targeting_value', 'code');
foreach my $table (sort keys %tables)
{
	$node->safe_psql('postgres',
		"SET client_min_messages = error; CREATE TABLE copied.$table AS TABLE live.$table");
	foreach my $line (
		split /\n/,
		$node->safe_psql(
			'postgres',
			"SELECT attname, atttypid::regtype FROM pg_attribute
			  WHERE attrelid = 'copied.$table'::regclass AND attnum > 0
			  ORDER BY attnum"))
	{
		my ($column, $type) = split /\|/, $line;
		$columns{$table}{$column} = $type =~ s/ varying.*//r;
		next unless $type =~ /^(text|character varying|bigint)$/;
		$values{$table}{$column} = [
			split /\n/,
			$node->safe_psql(
				'postgres',
				"SELECT v FROM (SELECT DISTINCT ${column}::text v FROM copied.$table
				  WHERE $column IS NOT NULL) d ORDER BY md5(v) LIMIT 30")];
	}
	cmp_ok($node->safe_psql('postgres', "SELECT count(*) FROM copied.$table"),
		'>', 0, "$table has rows");
}

my @statuses = qw(RUNNING PAUSED NOT_STARTED COMPLETED ADVERTISER_DISABLED
  ARCHIVED DRAFT DELETED_DRAFT ACTIVE APPROVED PENDING REJECTED EXCLUDED);
my @junk = (
	'', 'nothing', '0', '007', '12 ', "it's", '-5', '1e3', '99999999999999999999',
	'123456789012345678901234567890', 'running', 'Active');

sub text_value
{
	my ($table, $column) = @_;
	my $known = $values{$table}{$column};
	return pick(@$known) if @$known && chance(75);
	return pick(@statuses) if $column =~ /status/ && chance(70);
	return pick($first, $second, $third) if $column =~ /advertiser/ && chance(70);
	return pick(@junk);
}

# A value of a type, as a literal
sub literal
{
	my ($table, $column, $type) = @_;
	return "NULL::$type" if chance(3);
	return quoted(text_value($table, $column)) . '::text' if $type eq 'text';
	if ($type eq 'bigint')
	{
		my $text = text_value($table, $column);
		return $text =~ /^-?\d{1,18}$/ ? "'$text'::bigint" : "'0'::bigint";
	}
	return "'"
	  . pick('infinity', '-infinity', '1999-01-01', '2345-06-07') . "'::$type"
	  if chance(4);
	my $history = $table eq 'hourly' ? 9 : $table eq 'campaign_report' ? 44 : 15;
	my $day = int(rand($history + 3)) - 2;
	return "(public.today() - $day)" if $type eq 'date';
	return "((public.today() - $day)::$type + interval '"
	  . pick(0, 0, 1, 12, 23) . " hours')";
}

# What a statement is made of besides its text
my (@parameters, @lateral);

# A value in one of the forms in which a query can give it
sub expression
{
	my ($table, $column, $type) = @_;
	my $value = literal($table, $column, $type);
	my $form = int(rand(100));
	return $value if $form < 45;
	return "public.stable($value)" if $form < 57;
	return "(SELECT $value)" if $form < 67;
	if ($form < 85)
	{
		push @parameters, [ $type, $value ];
		return '$' . @parameters;
	}
	push @lateral, [ $value, literal($table, $column, $type) ];
	return 'x.c' . @lateral;
}

sub array
{
	my ($table, $column, $type, $max) = @_;
	my @elements =
	  map { literal($table, $column, $type) } 1 .. 1 + int(rand($max));
	my $array = 'ARRAY[' . join(', ', @elements) . ']';
	return $array if chance(50);
	if (chance(50))
	{
		push @parameters, [ "${type}[]", $array ];
		return '$' . @parameters;
	}
	push @lateral, [ $array, "ARRAY[" . literal($table, $column, $type) . "]" ];
	return 'x.c' . @lateral;
}

# A condition on the day of a row that is not a comparison of it
sub day_test
{
	my ($name, $value) = @_;
	my $unit = pick('day', 'week', 'month', 'quarter', 'year');
	my $part = pick('dow', 'day', 'week', 'month', 'year', 'isodow');
	my $days = int(rand(40));
	return pick(
		"date_trunc('$unit', $name) = date_trunc('$unit', ($value)::timestamptz)",
		"date_trunc('$unit', $name) >= ($value)",
		"extract($part FROM $name) = extract($part FROM $value)",
		"date_part('$part', $name) IN (1, 2, 3, 2026)",
		"$name + interval '$days days' > $value",
		"$name - interval '1 month' <= $value",
		"tstzrange(($value)::timestamptz - interval '$days days', ($value)::timestamptz) @> ($name)::timestamptz",
		"daterange(($name)::date, ($name)::date + 7) && daterange('2026-11-01', ($value)::date + 365)",
		"to_char($name, 'YYYY-MM') = to_char(($value)::timestamptz, 'YYYY-MM')",
		"coalesce($name, now()) < $value",
		"CASE WHEN extract(day FROM $name) > 15 THEN $name > $value ELSE true END",
		"NOT date_trunc('$unit', $name) = $value",
		"10 / (extract(day FROM $name) - 40) < 0");
}

# One comparison
sub comparison
{
	my ($table) = @_;
	my @names = sort keys %{ $columns{$table} };
	my @good = grep { my $name = $_; grep { $name =~ /^(?:$_)$/ || (ref $_ && $name =~ $_) } @interesting } @names;
	my $column = chance(92) ? pick(@good) : pick(@names);
	my $type = $columns{$table}{$column};
	my $name = "t.$column";

	return "$name IS " . pick('NULL', 'NOT NULL') if chance(5);
	if ($type eq 'date' || $type eq 'timestamp with time zone')
	{
		my $other = pick('date', 'date', 'timestamp', 'timestamptz');
		my $operator = pick('=', '<', '<=', '>', '>=', '>=', '<=', '<>');
		my $kind = int(rand(100));
		return day_test($name, expression($table, $column, $other)) if chance(15);
		$name = "$name\::timestamp" if $type eq 'date' && chance(6);
		$name = "$name\::timestamptz" if $type eq 'date' && chance(3);
		return "$name BETWEEN "
		  . expression($table, $column, $other) . ' AND '
		  . expression($table, $column, $other)
		  if $kind < 20;
		return "$name " . pick('= ANY', '= ANY', '<> ALL')
		  . ' (' . array($table, $column, 'date', 4) . ')'
		  if $kind < 35;
		return expression($table, $column, $other) . " $operator $name" if $kind < 50;
		return "$name $operator " . expression($table, $column, $other);
	}
	if ($type =~ /^(text|character|bigint)$/)
	{
		my $value_type = $type eq 'bigint' ? 'bigint' : 'text';
		my $kind = int(rand(100));
		return "$name " . pick('= ANY', '= ANY', '= ANY', '<> ALL')
		  . ' (' . array($table, $column, $value_type, 8) . ')'
		  if $kind < 30;
		return expression($table, $column, $value_type) . " = $name" if $kind < 40;
		return "$name LIKE " . quoted((text_value($table, $column) =~ /^([ -~])/ ? $1 : '') . '%')
		  if $kind < 44 && $type eq 'text';
		return "$name " . pick('=', '=', '=', '=', '<>', '<', '>=') . ' '
		  . expression($table, $column, $value_type);
	}
	return "$name > " . int(rand(3000)) if $type =~ /^(bigint|numeric)$/;
	return "$name IS NOT NULL";
}

sub condition
{
	my ($table, $depth) = @_;
	my $kind = int(rand(100));
	return comparison($table) if $depth == 0 || $kind < 35;
	return 'NOT (' . condition($table, $depth - 1) . ')' if $kind < 42;
	my $operator = $kind < 75 ? 'AND' : 'OR';
	return join " $operator ",
	  map { '(' . condition($table, $depth - 1) . ')' } 1 .. pick(2, 2, 3);
}

# A statement that says "differs" if the results do.
sub statement
{
	my ($table, $number) = @_;
	(@parameters, @lateral) = ();
	my $condition = condition($table, 2);
	my $from = '';
	if (@lateral)
	{
		my @rows =
		  map { my $row = $_; '(' . join(', ', map { $_->[$row] } @lateral) . ')' } 0, 1;
		$from = '(VALUES ' . join(', ', @rows) . ') AS x('
		  . join(', ', map { "c$_" } 1 .. @lateral) . '), ';
	}
	my ($live, $copied) = map {
		"SELECT count(*) AS n, sum(hashtextextended(t::text, 0)) AS h FROM $from$_.$table AS t WHERE $condition"
	} 'live', 'copied';
	my $label = quoted("differs: $table WHERE $condition"
		  . (@lateral ? " from $from" : '')
		  . (@parameters ? ' with ' . join(', ', map { $_->[1] } @parameters) : ''));
	my $query =
	  "SELECT $label, l.n, c.n FROM ($live) l, ($copied) c WHERE (l.n, l.h) IS DISTINCT FROM (c.n, c.h)";
	my $count = "SELECT 'rows', c.n FROM ($copied) c";

	# one in ten statements tells how many rows there were, at no expense
	my $told = $number % 10 == 0;
	return "$query;\n" . ($told ? "$count;\n" : '') unless @parameters;
	my $types = join ', ', map { $_->[0] } @parameters;
	my $arguments = join ', ', map { $_->[1] } @parameters;
	return "PREPARE q($types) AS $query;\nEXECUTE q($arguments);\nDEALLOCATE q;\n";
}

#
# The statements, dealt out to the sessions
#

my @weighted = map { ($_) x $tables{$_} } sort keys %tables;
my @scripts = map {
	my $zone = pick('UTC', 'America/Los_Angeles', 'Asia/Kolkata', 'Pacific/Auckland');
	"SET client_min_messages = error;\nSET TimeZone = '$zone';\n"
	  . "SET plan_cache_mode = "
	  . pick('auto', 'force_generic_plan', 'force_custom_plan') . ";\n"
	  . (chance(60) ? "SET enable_hashjoin = off;\nSET enable_mergejoin = off;\n" : '')
	  . (chance(30) ? "SET enable_material = off;\nSET enable_memoize = off;\n" : '')
} 1 .. $sessions;
my $nested = 0;
foreach my $number (1 .. $wanted)
{
	$scripts[ $number % $sessions ] .= statement(pick(@weighted), $number);
	$nested++ if @lateral;
}

# Files, since nobody listens to several sessions at a time.
$sandbox->clear_log;
my $dir = PostgreSQL::Test::Utils::tempdir();
my @handles;
foreach my $number (0 .. $#scripts)
{
	append_to_file("$dir/$number.sql", $scripts[$number]);
	push @handles,
	  IPC::Run::start(
		[
			'psql', '-XAtq', '-d', $node->connstr('postgres'),
			'-f', "$dir/$number.sql"
		],
		'>', "$dir/$number.out",
		'2>', "$dir/$number.err");
}
$_->finish foreach @handles;
my @outputs = map { slurp_file("$dir/$_.out") } 0 .. $#scripts;
my @errors = map { slurp_file("$dir/$_.err") } 0 .. $#scripts;

is(join('', grep { /\S/ } @errors), '', 'no statement failed');
my @lines = map { split /\n/ } @outputs;
my @differences = grep { /^differs/ } @lines;
is(scalar(@differences), 0,
	"$wanted conditions, $nested of them with values from another relation: no difference")
  or diag(join "\n", "seed $seed", @differences[ 0 .. min($#differences, 9) ]);

# That was no empty exercise.
my @found = grep { $_ > 0 } map { /^rows\|(\d+)/ ? $1 : () } @lines;
cmp_ok(scalar(@found), '>', $wanted / 100, 'many conditions had rows');
my %filters;
foreach my $request ($sandbox->log)
{
	my $asked =
	    $request->{method} eq 'POST' ? $request->{body}
	  : $request->{path} =~ m{/v5/ad_accounts/} ? $request->{query}
	  : {};
	$filters{$_}++ foreach grep { /_ids$|_statuses$|_types$|^ad_group_id$/ } keys %$asked;
}
note join ', ', map { "$_ $filters{$_}" } sort keys %filters;
cmp_ok($filters{$_} // 0, '>', 0, "$_ was pushed") foreach qw(
  campaign_ids campaign_statuses campaign_objective_types ad_group_ids
  ad_group_statuses ad_ids ad_statuses product_group_ids product_group_statuses
  product_item_ids product_group_promotion_ids entity_statuses targeting_types);

done_testing();
