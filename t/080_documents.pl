
# Copyright (c) 2026, pinterest_fdw contributors

# What the documents say.
#
# Every SQL block of README.md and docs/*.md runs as it stands, one after the other,
# each document in a database of its own, in which the extension is set up and the
# tables of the tutorial are loaded.  README.md begins with an empty one.  Blocks that
# show a statement after the prompt "=# " and its answer are compared with the answer.  A comment above a block,
# which readers do not see, says what is different there:
#
#   <!-- test: new database -->        it and those after it have a new, empty database
#   <!-- test: in database NAME -->    this one runs in that database
#   <!-- test: after SQL -->           this is run before, in the same session
#   <!-- test: on SERVER -->           it runs on another server, which is made for it
#   <!-- test: cron -->                it takes pg_cron, and is skipped without
#   <!-- test: fails SQLSTATE -->      it is an error
#   <!-- test: output of COMMAND -->   it is not SQL, but what psql prints
#   <!-- test: dumped TABLES -->       that server gets the definitions of these before
#   <!-- test: same rows in TABLE -->  that server gets the same rows of it, before
#
# Pages that are made from the catalog are what the catalog makes.  Options, functions,
# views, settings and messages that documents name are there, and those that are there
# are documented.  Links lead somewhere.
#
# With PINTEREST_WRITE_DOCUMENTS=1, what psql prints and the pages that are made from
# the catalog are written to the documents instead.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use Documents;
use File::Basename;
use File::Find;
use PinterestSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $root = dirname($FindBin::RealBin);
my $has_cron = PinterestSandbox::has_cron();
my $write = $ENV{PINTEREST_WRITE_DOCUMENTS};
my $sandbox = PinterestSandbox->new(
	campaigns => 2,
	ad_groups => 1,
	ads => 1,
	report_delay => 0);
my $advertiser = ($sandbox->advertisers)[0];

# Statements with secrets stand here as readers type them.
my $node = PinterestSandbox::start_node(
	'main',
	"log_statement = none\nmax_worker_processes = 20\nmax_connections = 50\n"
	  . PinterestSandbox::cron_conf(),
	allows_streaming => 'logical');
my %servers;
my $databases = 0;
my $landed = "${PostgreSQL::Test::Utils::tmp_check}/landed";

# Whoever has made the cluster: what psql prints has the name in it.
my $user = 'postgres';
$node->safe_psql('postgres', "CREATE ROLE $user SUPERUSER LOGIN REPLICATION")
  unless $node->safe_psql('postgres', "SELECT 1 FROM pg_roles WHERE rolname = '$user'");

# ------------------------------------------------------------------ blocks

# Another server, by the name that documents give it
sub server
{
	my ($name) = @_;
	return $servers{$name} //= PinterestSandbox::start_node($name, "log_statement = none\n");
}

sub new_database
{
	my $name = sprintf 'document_%d', ++$databases;
	$node->safe_psql('postgres', "CREATE DATABASE $name");
	return $name;
}

# Where a reader's own server is
sub where
{
	my ($form, $server, $db) = @_;
	return sprintf $form, $server->host, $server->port, $db;
}

# What a reader puts in: what is of his own account, and where this account and these
# servers are.
sub filled_in
{
	my ($sql, $db) = @_;
	my ($id, $secret) = ($sandbox->client_id, $sandbox->client_secret);
	my $where = sprintf "api_url '%s', authorization_url '%s'", $sandbox->api_url,
	  $sandbox->authorization_url;
	my $json = sprintf '{"api_url": "%s", "authorization_url": "%s"}',
	  $sandbox->api_url, $sandbox->authorization_url;

	$sql =~ s/\b549755885175\b/$advertiser/g;
	$sql =~ s/'1480000'/'$id'/g;
	$sql =~ s/(client_secret\s*(?:=>)?\s*)'(?:\.\.\.|…)'/$1'$secret'/g;
	$sql =~ s/(FOREIGN DATA WRAPPER pinterest_fdw\s+OPTIONS \()/$1$where, /g;
	$sql =~ s/(pinterest\.connect\((?![^;]*options))/$1options => '$json', /g;

	# The page is opened where the URL was asked for, and its address is pasted.
	$sql =~ s/(SELECT pinterest\.(?:authorization_url|connect)\((?:'[^']*'|[^';])*\));/$1 AS url \\gset\n\\setenv URL :url\n\\! $root\/test\/lib\/browse "\$URL" >$landed\n/g;
	$sql =~ s/'http:\/\/localhost:8085\/\?code=[^']*'/:'landed'/g;
	$sql = "\\set landed `cat $landed 2>&1`\n$sql" if $sql =~ /:'landed'/ && $sql !~ /\\! /;
	$sql =~ s/(\\! .*\n)/$1\\set landed `cat $landed`\n/g;

	# "small" is the one with the extension.
	my $of = sub { $_[0] eq 'small' ? ($node, $db) : (server($_[0]), 'postgres') };
	$sql =~ s/host '(\w+)\.example\.com', dbname 'mydb', sslmode 'require'/where("host '%s', port '%d', dbname '%s'", $of->($1))/ge;
	$sql =~ s/host=(\w+)\.example\.com dbname=mydb user=(\w+) password=\.\.\. sslmode=require/where("host=%s port=%d dbname=%s user=$2", $of->($1))/ge;
	$sql =~ s/user 'writer'/user '$user'/g;
	return $sql;
}

# What psql says: its exit status, what it prints and what it complains of
sub psql
{
	my ($server, $db, $sql) = @_;
	my ($out, $err) = ('', '');
	my $status = $server->psql(
		$db, $sql,
		stdout => \$out,
		stderr => \$err,
		extra_params => [ '-U', $user, '-v', 'VERBOSITY=verbose' ],
		on_error_stop => 1);
	return ($status, $out, $err);
}

# A database in which the extension is set up
sub prepared_database
{
	my $db = new_database();
	my ($status, undef, $err) = psql($node, $db, filled_in(<<'SQL', $db));
SET client_min_messages = warning;
CREATE EXTENSION pinterest_fdw;
SELECT pinterest.connect(client_id => '1480000', client_secret => '...',
	advertiser_id => '549755885175', historical_date => '60 days');
SELECT pinterest.authorize('pinterest', 'http://localhost:8085/?code=...');
CALL pinterest.import_tables('{advertisers,campaigns,ad_groups,ads,keywords,audiences,
	campaign_report,ad_group_report,ad_report,keyword_report}');
SQL
	die $err if $status != 0;
	return $db;
}

# Another server gets tables.
sub dump_tables
{
	my ($db, $server, @tables) = @_;
	my $file = "${PostgreSQL::Test::Utils::tmp_check}/tables.sql";
	$node->command_ok(
		[
			'pg_dump', '--schema-only', '--no-owner', '--no-privileges',
			'-U', $user, '-f', $file, (map { ('-t', $_) } @tables), $db ],
		"definitions of @tables");
	my ($status, undef, $err) = psql($server, 'postgres', "\\i $file");
	is($status, 0, "made on the other server") or diag($err);
	return;
}

# What a command of psql prints, without its title, which is not the same in all versions,
# and without white space at the ends of lines
sub printed
{
	my ($server, $db, $command) = @_;
	my ($out, $err);
	IPC::Run::run [
		$server->installed_command('psql'), '-X', '-U', $user,
		'-d', $server->connstr($db), '-c', $command ],
	  '>', \$out, '2>', \$err;
	$out =~ s/[ \t]+$//gm;
	$out =~ s/\A +List of .*\n//;
	$out =~ s/\n*\z/\n/;
	return $out;
}

my ($nblocks, $nskipped) = (0, 0);

# Runs a block, in the database of its document; returns whether that is a new one.
sub run_block
{
	my ($name, $block, $document) = @_;
	my %mark = map { $_->{name} => $_->{value} } @{ $block->{marks} };
	my $where = "$name, line $block->{line}";

	$document->{db} = new_database() if defined $mark{'new database'};
	my $db = $mark{'in database'} // $document->{db};
	my $server = $node;
	($server, $db) = (server($mark{on}), 'postgres') if defined $mark{on};

	if (defined $mark{'output of'})
	{
		my $out = printed($server, $db, $mark{'output of'});
		$document->{written}{ $block->{line} } = $out;
		$out = $block->{text} if $write;
		is($block->{text}, $out, "$where: output of $mark{'output of'}");
		return;
	}
	if (my ($statement, $answer) = Documents::transcript($block))
	{
		my $sql = "SET search_path = pinterest_live;\n$statement";
		my ($status, $out, $err) = psql($server, $db, filled_in($sql, $db));
		like("$out\n", $answer, "$where: what psql answers") or diag($err);
		return;
	}
	return unless $block->{language} eq 'sql';

	$nblocks++;
  SKIP:
	{
		if (defined $mark{cron} && !$has_cron)
		{
			$nskipped++;
			skip "$where: pg_cron is not installed", 1;
		}
		dump_tables($document->{db}, $server, split ' ', $mark{dumped}) if defined $mark{dumped};
		if (my $table = $mark{'same rows in'})
		{
			my $count = $node->safe_psql($document->{db}, "SELECT count(*) FROM $table");
			cmp_ok($count, '>', 0, "$where: there are rows in $table");
			ok($server->poll_query_until(
					'postgres', "SELECT count(*) = $count FROM $table"),
				"$where: both servers have $count rows in $table");
		}
		my $sql = ($mark{after} // '') . ";\n$block->{text}";
		my ($status, $out, $err) = psql($server, $db, filled_in($sql, $document->{db}));
		if (defined $mark{fails})
		{
			like($err, qr/ERROR:  $mark{fails}:/, "$where: SQLSTATE $mark{fails}");
		}
		else { is($status, 0, $where) or diag($err); }
	}
	return;
}

sub run_document
{
	my ($file) = @_;
	my $name = basename($file);
	my $text = slurp_file($file);
	my @blocks = grep { $_->{language} eq 'sql' || @{ $_->{marks} } || Documents::transcript($_) }
	  Documents::blocks($text);
	return unless @blocks;

	# A document that begins with a new database needs none that is prepared.
	my $begins_anew = $name eq 'README.md'
	  || grep { $_->{name} eq 'new database' } @{ $blocks[0]{marks} };
	my $document = { db => $begins_anew ? new_database() : prepared_database() };
	run_block($name, $_, $document) foreach @blocks;

	if ($write && $document->{written})
	{
		my @lines = split /^/, $text;
		foreach my $block (reverse Documents::blocks($text))
		{
			my $new = $document->{written}{ $block->{line} } // next;
			splice @lines, $block->{line}, scalar(split /^/, $block->{text}), $new;
		}
		write_file($file, join '', @lines);
	}
	return;
}

sub write_file
{
	my ($file, $text) = @_;
	open(my $handle, '>', $file) or die "could not write \"$file\": $!";
	print $handle $text;
	close $handle;
	return;
}

# Roles that documents name, and those whose page makes the extension pg_cron first
$node->safe_psql('postgres', 'CREATE ROLE ann LOGIN; CREATE ROLE analyst LOGIN');
run_document($_)
  foreach "$root/docs/refresh.md", "$root/README.md",
  sort grep { basename($_) ne 'refresh.md' } glob "$root/docs/*.md";
cmp_ok($nblocks, '>', 40, "$nblocks SQL blocks, of which $nskipped were skipped");
note "$nblocks SQL blocks of the documents, $nskipped of them skipped";

# ------------------------------------------------------------------ pages

# The extension as it is, for all that follows
my $db = new_database();
$node->safe_psql($db, 'CREATE EXTENSION pinterest_fdw');

foreach my $page (qw(tables functions))
{
	my ($out, $err);
	IPC::Run::run [
		$node->installed_command('psql'), '-X', '-q', '-A', '-t',
		'-d', $node->connstr($db), '-f', "$root/docs/$page.sql" ],
	  '>', \$out, '2>', \$err;
	$out =~ s/ +$//gm;
	write_file("$root/docs/$page.md", $out) if $write;
	is($out, slurp_file("$root/docs/$page.md"), "docs/$page.md is what docs/$page.sql writes");
	is($err, '', 'without an error');
}

# ------------------------------------------------------------------ links

my @documents = map { glob "$root/$_" } qw(*.md docs/*.md */README.md examples/*/*.md);
foreach my $file (@documents)
{
	is(join(' ', Documents::broken_links($file)),
		'', substr($file, length($root) + 1) . ': all links lead somewhere');
}

my $broken = "[a](nowhere.md) [b](README.md#nowhere) [c](#c-d) [e](README.md) `[f](g)`\n# C: `d`!\n";
is(join(' ', Documents::broken_links("$root/README.md", $broken)),
	'nowhere.md README.md#nowhere', 'a link that leads nowhere is found');
is(join(' ', Documents::anchors("# A\n## `b_c`: [D](e), f?\n# A\n")), 'a b_c-d-f a-1', 'anchors');

my %linked = map { $_ => 1 }
  map { /\]\((?:docs\/)?([\w-]+\.md)/g } slurp_file("$root/README.md");
is(join(' ', grep { !$linked{$_} } map { basename($_) } glob "$root/docs/*.md"),
	'', 'README.md leads to each page');
cmp_ok(scalar(() = slurp_file("$root/README.md") =~ /\n/g), '<=', 200, 'README.md is short');

# ------------------------------------------------------------------ names

sub list { return join "\n", sort @_; }

# The hint of the validator has all options of a place.
sub known_options
{
	my %statement = (
		'server' => 'CREATE SERVER x FOREIGN DATA WRAPPER pinterest_fdw OPTIONS (?)',
		'user mapping' => 'CREATE USER MAPPING FOR ann SERVER y OPTIONS (?)',
		'table' => "CREATE FOREIGN TABLE x (id text) SERVER y OPTIONS (resource 'ads', ?)",
		'column' => "CREATE FOREIGN TABLE x (id text OPTIONS (?)) SERVER y OPTIONS (resource 'ads')");
	my @known;
	$node->safe_psql($db, 'CREATE SERVER y FOREIGN DATA WRAPPER pinterest_fdw');
	foreach my $place (sort keys %statement)
	{
		my (undef, undef, $err) =
		  psql($node, $db, $statement{$place} =~ s/\?/zzzzzzzzzzzzzzzzzzzz '1'/r);
		my ($names) = $err =~ /Valid options in this context are: (.*)\.$/m or die $err;
		push @known, map { "$_ of $place" } split /, /, $names;
	}
	return @known;
}

my @documented;
foreach my $row (Documents::rows(slurp_file("$root/docs/options.md"), 'option'))
{
	foreach my $name ($row->{option} =~ /`(\w+)`/g)
	{
		push @documented, "$name of $_" foreach split /, /, $row->{where} // 'table';
	}
}
is(list(@documented), list(known_options()), 'docs/options.md has the options that there are');

my $tables = slurp_file("$root/docs/foreign-tables.md");
is( list(map { $_->{table} =~ /`(\w+)`/g } Documents::rows($tables, 'table')),
	$node->safe_psql($db, q{SELECT resource FROM pinterest.resources ORDER BY resource COLLATE "C"}),
	'docs/foreign-tables.md has the tables that there are');

my %known = map { $_ => 1 } split /\n/, $node->safe_psql($db, q{
	SELECT proname FROM pg_proc WHERE pronamespace = 'pinterest'::regnamespace
	UNION SELECT relname FROM pg_class WHERE relnamespace = 'pinterest'::regnamespace});
my %settings = map { $_ => 1 } split /\n/, $node->safe_psql($db, q{
	DO 'BEGIN PERFORM pinterest.version(); END';
	SELECT substr(name, 15) FROM pg_settings WHERE name LIKE 'pinterest\_fdw.%'});
cmp_ok(scalar(keys %known), '>', 20, 'functions and views are known');
cmp_ok(scalar(keys %settings), '>=', 3, 'settings are known');

my %named;
foreach my $file ("$root/README.md", grep { basename($_) ne 'functions.md' } glob "$root/docs/*.md")
{
	my $text = slurp_file($file);
	$text =~ s/www\.pinterest\.com|pinterest\.com//g;
	$named{$_} = 1 foreach $text =~ /(?<![\w.])pinterest\.([a-z]\w*)/g;
	$named{"setting $_"} = 1 foreach $text =~ /\bpinterest_fdw\.([a-z]\w*)/g;
}
my %there = ((map { $_ => 1 } keys %known), (map { ("setting $_" => 1) } keys %settings));
is(list(grep { !$there{$_} } keys %named), '', 'functions, views and settings that documents name exist');
delete $there{refresh_result};
is(list(grep { !$named{$_} } keys %there), '', 'and those that exist are named');

# ------------------------------------------------------------------ messages

# Literals of the source, with "..." for what is put in
my %literals;
find(
	sub {
		return unless /\.c$/;
		my $text = slurp_file($_);
		while ($text =~ /((?:"(?:[^"\\\n]|\\.)*"\s*)+)/g)
		{
			my $literal = join '', $1 =~ /"((?:[^"\\\n]|\\.)*)"/g;
			$literal =~ s/%(?:\.\*)?l*[sdu]|" INT64_FORMAT "/.../g;
			$literal =~ s/\\"/"/g;
			$literals{$literal} = 1;
		}
	},
	"$root/src");

# Either as it stands, or what comes before something that is put in
sub is_message
{
	my ($message) = @_;
	return 1 if $literals{$message};
	return $message =~ /\.\.\.$/ && grep { index($_, $message) == 0 } keys %literals;
}
ok(!is_message('the moon is "..."'), 'a message that does not exist is found');
my @messages = Documents::rows(slurp_file("$root/docs/errors.md"), 'message');
cmp_ok(scalar(@messages), '>', 40, 'docs/errors.md has messages');
is(list(grep { !is_message($_) } map { $_->{message} =~ s/^`(.*)`$/$1/r } @messages),
	'', 'messages in docs/errors.md are those of the source');

# SQLSTATEs, of which the source has the names
chomp(my $include = `$ENV{PG_CONFIG} --includedir-server`);
my $errcodes = slurp_file("$include/utils/errcodes.h");
my %sqlstate;
while ($errcodes =~ /^#define (ERRCODE_\w+)\s+MAKE_SQLSTATE\((.*)\)/gm)
{
	$sqlstate{$1} = join '', split /[',]+/, $2;
}
my %raised;
find(
	sub {
		return unless /\.[ch]$/;
		$raised{ $sqlstate{$_} // '-' } = 1 foreach slurp_file($_) =~ /\bERRCODE_\w+/g;
	},
	"$root/src");
my @states = map { $_->{SQLSTATE} =~ /\w+/g }
  Documents::rows(slurp_file("$root/docs/errors.md"), 'SQLSTATE');
cmp_ok(scalar(@states), '>', 10, 'docs/errors.md has SQLSTATEs');
is(list(grep { my $state = s/x+$//r; !grep { index($_, $state) == 0 } keys %raised } @states),
	'', 'SQLSTATEs in docs/errors.md are those of the source');

done_testing();
