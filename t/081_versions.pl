
# Copyright (c) 2026, pinterest_fdw contributors

# Objects of one release with the library of another: older ones work and can be
# updated to what a new installation has, newer ones are refused.  The versions
# before and after this one are made up, unless there are released ones.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use File::Basename;
use OwnInstallation;
use PinterestSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use PsqlSession;
use Test::More;

my $top = "$FindBin::RealBin/..";
my $installation = OwnInstallation->new;
my $control = $installation->original('pinterest_fdw.control');
my ($version) = $control =~ /^default_version = '(.*)'/m;
my $script = $installation->original("pinterest_fdw--$version.sql");

sub default_version
{
	my ($default) = @_;
	$installation->script('pinterest_fdw.control', $control =~ s/'\Q$version\E'/'$default'/r);
	return;
}

# A view and a function, and what belongs to them, as in the script
sub statements
{
	my ($pattern) = @_;
	my @found = $script =~ /^($pattern.*?;)$/gms;
	die "the script has nothing like $pattern" unless @found;
	return @found;
}

my @view = statements(qr/(?:CREATE VIEW|COMMENT ON (?:VIEW|COLUMN)) pinterest\.problems\b/);
my @function = statements(qr/(?:CREATE|COMMENT ON) FUNCTION pinterest\.version\(\)/);
my @grants = (
	'REVOKE ALL ON FUNCTION pinterest.version() FROM PUBLIC;',
	'GRANT EXECUTE ON FUNCTION pinterest.version() TO PUBLIC;',
	'GRANT SELECT ON pinterest.problems TO PUBLIC;');
my $without = 'DROP VIEW pinterest.problems; DROP FUNCTION pinterest.version();';
my $added = 'ALTER TABLE pinterest_internal.materialized_tables ADD COLUMN made_up pg_catalog.text;';
$installation->script('pinterest_fdw--0.9.0.sql', "$script\n$without\n");
$installation->script("pinterest_fdw--0.9.0--$version.sql", join "\n", @view, @function, @grants);
$installation->script('pinterest_fdw--0.8.0.sql', "$script\n$without\n");
$installation->script("pinterest_fdw--0.8.0--$version.sql",
	join "\n", @view[0 .. $#view - 1], @function, @grants[0 .. 1]);
$installation->script('pinterest_fdw--99.0.0.sql', "$script\n$added\n");
$installation->script("pinterest_fdw--$version--99.0.0.sql", "$added\n");

my $node = $installation->node('main', "timezone = 'UTC'\n" . PinterestSandbox::cron_conf());
my $sandbox = PinterestSandbox->new(
	advertisers => 1,
	campaigns => 3,
	ad_groups => 1,
	ads => 1,
	report_delay => 0);

sub query { return $node->safe_psql('postgres', $_[0]); }

sub try { return PinterestSandbox::answer($node, $_[0]); }

my $number = 0;

# What makes up the extension, in a database of its own
sub objects
{
	my ($sql) = @_;
	my $database = 'objects' . ++$number;
	query("CREATE DATABASE $database");
	$node->safe_psql($database, $sql);
	return described($database);
}

sub described
{
	my ($database) = @_;
	my $all = $node->safe_psql($database, slurp_file("$top/test/lib/extension_objects.sql"));
	return [ split /^(?=(?:composite type|cast|event trigger|foreign-data wrapper|function|index|pinterest_fdw|procedure|schema|sequence|table|type|view) ?\S*\|?)/m, $all ];
}

# The lines that only one of two has
sub difference
{
	my ($one, $other) = @_;
	my %count;
	$count{$_}++ foreach @$one;
	$count{$_}-- foreach @$other;
	return join '', sort grep { $count{$_} } keys %count;
}

# The comparison
my $new = objects('CREATE EXTENSION pinterest_fdw');
cmp_ok(scalar @$new, '>', 500, 'there is much to compare');
unlike("@$new", qr/of a kind that is not compared/, 'and no kind of object is left out');
my $incomplete =
  objects("CREATE EXTENSION pinterest_fdw VERSION '0.8.0'; ALTER EXTENSION pinterest_fdw UPDATE");
my $missing = difference($new, $incomplete);
like($missing, qr/pinterest\.problems\|comment on column/, 'a comment that an update forgets is found');
like($missing, qr/pinterest\.problems\|privileges/, 'and so are privileges');
unlike($missing, qr/pinterest\.version/, 'and nothing else');

# Older objects, in this library
default_version('0.9.0');
$sandbox->connect($node);
default_version($version);
my $notice = qr/NOTICE:  00000: extension pinterest_fdw is of version 0\.9\.0, and its library of version \Q$version\E\nHINT:  Run ALTER EXTENSION pinterest_fdw UPDATE\./;
query(q{
	CREATE ROLE analyst LOGIN;
	CREATE SCHEMA live;
	CREATE SCHEMA ads;
	GRANT USAGE ON SCHEMA live TO analyst;
	IMPORT FOREIGN SCHEMA ads LIMIT TO (campaigns, campaign_report) FROM SERVER pinterest INTO live;
	GRANT SELECT ON ALL TABLES IN SCHEMA live TO analyst});
my $session = PsqlSession->new($node);
like($session->execute('SELECT count(*) FROM live.campaigns'),
	qr/^3$notice/, 'who may update older objects is told so');
is($session->execute('SELECT count(*) FROM live.campaigns'), '3', 'once in a session');
query(sprintf 'CREATE USER MAPPING FOR analyst SERVER pinterest OPTIONS (access_token %s)',
	"'" . $sandbox->token . "'");
is(PinterestSandbox::answer($node, 'SELECT count(*) FROM live.campaigns', role => 'analyst'),
	'3', 'who may not, is not');
is(query(q{SELECT item, detail, hint FROM pinterest.check('pinterest') WHERE NOT ok}),
	"versions|The library is version $version, the extension 0.9.0."
	  . '|Run ALTER EXTENSION pinterest_fdw UPDATE, and connect anew.',
	'check() tells everybody');
like(try(q{SELECT pinterest.materialize('live.campaigns', 'ads.campaigns')}),
	qr/^ads\.campaigns\n.*UPDATE/s, 'they can be used');
is(query(q{SELECT rows, unchanged FROM pinterest.refresh('ads.campaigns')}), '3|3', 'for refreshes, too');
is(query(q{SELECT status, rows FROM pinterest.status}), 'ready|3', 'and views');

# They are updated while sessions are open.
is(try('ALTER EXTENSION pinterest_fdw UPDATE'), '', 'an update');
is(difference($new, described('postgres')), '', 'leads to what is new');
is(query(q{SELECT extversion FROM pg_extension WHERE extname = 'pinterest_fdw'}), $version, 'and is known');
is($session->execute(q{SELECT unchanged FROM pinterest.refresh('ads.campaigns')}),
	'3', 'a session that was open goes on');
is(try('SELECT count(*) FROM live.campaigns'), '3', 'nobody is told anything');
is(query(q{SELECT count(*) FROM pinterest.check('pinterest') WHERE NOT ok}), '0', 'nor by check()');

# And so are those of all releases.
my (@released, @symbols);
foreach my $path (glob("$top/sql/pinterest_fdw--*.sql"), glob("$top/sql/script/*.sql"))
{
	my ($old) = $path =~ /pinterest_fdw--((?:(?!--).)*)\.sql$/;
	push @released, $old if defined $old && $old ne $version;
	push @symbols, slurp_file($path) =~ /^AS 'MODULE_PATHNAME', '(\w+)'/gm;
}
foreach my $old (@released)
{
	is( difference(
			$new,
			objects("CREATE EXTENSION pinterest_fdw VERSION '$old'; ALTER EXTENSION pinterest_fdw UPDATE")),
		'', "an update from $old leads to what is new");
}

# With tables that have been made before
foreach my $old (@released)
{
	my $database = 'used' . ++$number;
	my $in = sub { return PinterestSandbox::answer($node, $_[0], dbname => $database) };
	query("CREATE DATABASE $database");
	$node->safe_psql($database, sprintf q{
		CREATE EXTENSION pinterest_fdw VERSION '%s';
		CREATE SERVER pinterest FOREIGN DATA WRAPPER pinterest_fdw OPTIONS (%s);
		CREATE USER MAPPING FOR CURRENT_USER SERVER pinterest OPTIONS (access_token '%s');
		CREATE SCHEMA live;
		CREATE SCHEMA ads;
		IMPORT FOREIGN SCHEMA ads LIMIT TO (campaigns, campaign_report) FROM SERVER pinterest INTO live;
		SELECT pinterest.materialize('live.campaigns', 'ads.campaigns');
		SELECT pinterest.materialize('live.campaign_report', 'ads.campaign_report');
		CREATE VIEW ads.known AS SELECT resource, scopes FROM pinterest.resources;
		CREATE VIEW ads.asked AS SELECT kind, requests FROM pinterest.usage},
		$old, $sandbox->server_options, $sandbox->token);
	is($in->('ALTER EXTENSION pinterest_fdw UPDATE'), '', "an update from $old that is in use");
	is(difference($new, described($database)), '', 'leads to what is new');
	is($in->(q{SELECT inserted, updated, deleted FROM pinterest.refresh('ads.campaigns')}), '0|0|0', 'copies are refreshed');
	is($in->(q{SELECT inserted, updated, deleted FROM pinterest.refresh('ads.campaign_report')}), '0|0|0', 'those of reports, too');
	is($in->(q{SELECT count(*) = (SELECT count(*) FROM pinterest.resources) FROM ads.known}), 't', 'views of views go on');
	is($in->(q{SELECT count(*) > 0 FROM ads.asked}), 't', 'all of them');
}
my %symbols = map { $_ => 1 } @symbols;
cmp_ok(scalar keys %symbols, '>', 30, 'scripts name functions of the library');
is(join('', map { try(qq{CREATE FUNCTION pg_temp.f() RETURNS void AS '\$libdir/pinterest_fdw', '$_' LANGUAGE C}) }
			sort keys %symbols), '', 'all of which it has');
like(try(q{CREATE FUNCTION pg_temp.f() RETURNS void AS '$libdir/pinterest_fdw', 'pinterest_none' LANGUAGE C}),
	qr/42883.*pinterest_none/, 'and not any other');

# Newer objects, in a library that was there before
is(try(q{ALTER EXTENSION pinterest_fdw UPDATE TO '99.0.0'}), '', 'an update to what is newer than the library');
my $error = qr/55000: extension pinterest_fdw is of version 99\.0\.0, but the library of this session is of version \Q$version\E\nHINT:  Connect anew\. If the error remains, install pinterest_fdw 99\.0\.0 on this machine\./;
foreach my $sql (
	'SELECT count(*) FROM live.campaigns',
	'EXPLAIN SELECT * FROM live.campaigns',
	'ANALYZE live.campaigns',
	'IMPORT FOREIGN SCHEMA ads LIMIT TO (ads) FROM SERVER pinterest INTO live',
	q{SELECT pinterest.refresh('ads.campaigns')},
	q{SELECT pinterest.materialize('live.campaign_report', 'ads.report', with_data => false)},
	'DROP TABLE ads.campaigns')
{
	like($session->execute($sql), $error, "refused: $sql");
}
like(query(q{SELECT item, detail, hint FROM pinterest.check('pinterest') WHERE NOT ok LIMIT 1}),
	qr/^versions\|The library is version \Q$version\E, the extension 99\.0\.0\.\|Connect anew\./, 'check() says so');
is($session->execute('SELECT count(*) FROM ads.campaigns'), '3', 'tables can be read');
is($session->execute('SELECT status FROM pinterest.status'), 'ready', 'views, too');
is($session->execute('ALTER TABLE ads.campaigns ADD COLUMN note text'), '', 'what is one\'s own can be altered');
is($session->execute('CREATE TABLE ads.own (); DROP TABLE ads.own'), '', 'and dropped');
is(try('SET client_min_messages = warning; DROP EXTENSION pinterest_fdw CASCADE'), '', 'and so can the extension');
$session->quit;

done_testing();
