
# Copyright (c) 2026, pinterest_fdw contributors

# What the documents say: every SQL block of README and docs runs as it stands, one
# after the other, and the page of tables is what the catalog makes.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use File::Basename;
use PinterestSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $root = dirname($FindBin::RealBin);
my $sandbox = PinterestSandbox->new(
	campaigns => 2,
	ad_groups => 1,
	ads => 1,
	report_delay => 0);
# Statements with secrets stand here as readers type them.
my $node = PinterestSandbox::start_node('main',
	"log_statement = none\n" . PinterestSandbox::cron_conf());
# The SQL blocks of a document with their lines.
sub blocks
{
	my ($file) = @_;
	my (@blocks, $block);
	my $line = 0;
	foreach (split /^/, slurp_file($file))
	{
		$line++;
		if (/^```sql/) { $block = { line => $line, sql => '' }; }
		elsif (/^```/ && $block) { push @blocks, $block; undef $block; }
		elsif ($block) { $block->{sql} .= $_; }
	}
	return @blocks;
}

# What a reader puts in: what is of his own account, and where this account is.
sub filled_in
{
	my ($sql) = @_;
	my $advertiser = ($sandbox->advertisers)[0];
	my ($id, $secret) = ($sandbox->client_id, $sandbox->client_secret);
	my $where = sprintf "api_url '%s', authorization_url '%s'", $sandbox->api_url,
	  $sandbox->authorization_url;
	my $json = sprintf '{"api_url": "%s", "authorization_url": "%s"}',
	  $sandbox->api_url, $sandbox->authorization_url;

	$sql =~ s/\b549755885175\b/$advertiser/g;
	$sql =~ s/'1480000'/'$id'/g;
	$sql =~ s/(client_secret\s*(?:=>)?\s*)'(?:\.\.\.|…)'/$1'$secret'/g;
	$sql =~ s/(FOREIGN DATA WRAPPER pinterest_fdw\s+OPTIONS \()/$1$where, /g;
	$sql =~ s/(pinterest\.connect\()/$1options => '$json', /g;

	# The page is opened where the URL was asked for, and its address is pasted.
	$sql =~ s/(SELECT pinterest\.(?:authorization_url|connect)\((?:'[^']*'|[^';])*\));/$1 AS url \\gset\n\\set landed `$root\/test\/lib\/browse :'url'`\n/g;
	$sql =~ s/'http:\/\/localhost:8085\/\?code=[^']*'/:'landed'/g;
	return $sql;
}

sub run_document
{
	my ($file) = @_;
	my $name = basename($file);
	foreach my $block (blocks($file))
	{
	  SKIP:
		{
			skip "$name, line $block->{line}: pg_cron is not installed", 1
			  if $block->{sql} =~ /cron|schedule|every/ && !PinterestSandbox::has_cron();
			my ($out, $err) = ('', '');
			my $ret = $node->psql(
				'postgres', filled_in($block->{sql}),
				stdout => \$out,
				stderr => \$err,
				on_error_stop => 1);
			is($ret, 0, "$name, line $block->{line}") or diag($err);
		}
	}
	return;
}

# Roles that documents name
$node->safe_psql('postgres', 'CREATE ROLE ann; CREATE ROLE analyst');

run_document($_) foreach "$root/README.md", sort glob "$root/docs/*.md";

# The page of tables
my ($out, $err);
IPC::Run::run [
	$node->installed_command('psql'), '-X', '-q', '-A', '-t',
	'-d', $node->connstr('postgres'), '-f', "$root/docs/tables.sql" ],
  '>', \$out, '2>', \$err;
is($out, slurp_file("$root/docs/tables.md"), 'docs/tables.md is what docs/tables.sql writes');
is($err, '', 'without an error');

done_testing();
