
# Copyright (c) 2026, pinterest_fdw contributors

# Through PgBouncer in transaction mode, where each transaction of a client may run in
# another session: set-up, queries, settings, refreshes, procedures that commit, and
# cancels.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use IPC::Run;
use PinterestSandbox;
use PsqlSession;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep);

my $program = (grep { -x } map { "$_/pgbouncer" } split(/:/, $ENV{PATH}), '/usr/sbin')[0];
plan skip_all => 'PgBouncer is not installed' unless defined $program;
plan skip_all => 'PgBouncer does not run as root' if $< == 0;

my $sandbox = PinterestSandbox->new(
	campaigns => 2,
	ad_groups => 1,
	ads => 1,
	report_delay => 0,
	today => PinterestSandbox::day(0));
my $node = PinterestSandbox::start_node('main', "max_worker_processes = 20\nlog_statement = none\n");
my $user = getpwuid($<);
my $port = PostgreSQL::Test::Cluster::get_free_port();
my $dir = PostgreSQL::Test::Utils::tempdir_short();

# "any" takes the user from the line of the database.
append_to_file("$dir/pgbouncer.ini", sprintf <<'CONF', $node->host, $node->port, $user, $dir, $port, $dir);
[databases]
postgres = host=%s port=%d user=%s

[pgbouncer]
unix_socket_dir = %s
listen_port = %d
listen_addr =
auth_type = any
pool_mode = transaction
default_pool_size = 3
logfile = %s/log
CONF
my $bouncer = IPC::Run::start([ $program, "$dir/pgbouncer.ini" ], '>', "$dir/out", '2>', "$dir/err");

END
{
	my $status = $?;
	$bouncer->kill_kill if $bouncer;
	$? = $status;
}

sub connstr { return "host=$dir port=$port dbname=postgres user=$user"; }

# Runs SQL through PgBouncer: returns what psql printed, and its errors.
sub answer
{
	my ($sql) = @_;
	my ($out, $err) = ('', '');
	IPC::Run::run([ 'psql', '-XAtq', '-v', 'VERBOSITY=verbose', '-d', connstr() ],
		'<', \$sql, '>', \$out, '2>', \$err);
	$err =~ s/^LOCATION: .*\n?//gm;
	chomp $out;
	return join "\n", grep { $_ ne '' } $out, $err;
}

my $ready = '';
for (1 .. 10 * $PostgreSQL::Test::Utils::timeout_default)
{
	last if ($ready = answer('SELECT 1')) eq '1';
	sleep 0.1;
}
is($ready, '1', 'PgBouncer is there') or BAIL_OUT(slurp_file("$dir/err"));

#
# Set-up and import
#

is(answer('CREATE EXTENSION pinterest_fdw'), '', 'the extension');
my $json = sprintf '{"api_url": "%s", "authorization_url": "%s", "historical_date": "%s"}',
  $sandbox->api_url, $sandbox->authorization_url, PinterestSandbox::day(20);
my ($url) = split /\n/, answer(sprintf q{SELECT pinterest.connect(client_id => '%s', client_secret => '%s', advertiser_id => '%s', options => '%s')},
	$sandbox->client_id, $sandbox->client_secret, $sandbox->advertiser, $json);
like($url, qr/^http/, 'connect()');
is(answer(sprintf q{SELECT pinterest.authorize('pinterest', '%s') IS NOT NULL}, $sandbox->browse($url)), 't',
	'authorize(), in another session');
like(answer(q{CALL pinterest.import_tables('{campaigns,campaign_report,audiences}')}),
	qr/^(?:NOTICE:  00000: table "pinterest_ads\.\w+" has been loaded: \d+ rows?\n?){3}$/, 'import_tables(), which commits');
is(answer('SELECT count(*) FROM pinterest_live.campaign_report'), answer('SELECT count(*) FROM pinterest_ads.campaign_report'),
	'live and copied rows');
is(answer(q{SELECT count(*) FROM pinterest.check('pinterest') WHERE NOT ok}), 0, 'check()');

#
# Refreshes
#

like(answer(q{SELECT rows > 0 FROM pinterest.refresh('pinterest_ads.campaign_report', last => '7 days')}), qr/^t$/, 'refresh()');
is(answer('CALL pinterest.refresh_all()'), '', 'refresh_all(), which commits after each table');
is(answer(q{SELECT string_agg(DISTINCT status, ',') FROM pinterest.status}), 'ready', 'their status');
is(answer('BEGIN; CALL pinterest.refresh_all(); COMMIT') =~ /^ERROR:  25001: /m, 1, 'but not within a transaction');

#
# Settings: of a role or a database they hold for all sessions, of a transaction for it.
# What SET changes stays with the session that it came to.
#

is(answer(q{BEGIN; SET LOCAL pinterest_fdw.enable_synchronous = off; SELECT current_setting('pinterest_fdw.enable_synchronous');
		SELECT count(*) > 0 FROM pinterest_live.campaign_report; COMMIT}), "off\nt", 'SET LOCAL');
is(answer(q{BEGIN; SET LOCAL pinterest_fdw.report_reuse = 0; SELECT sum(spend_in_micro_dollar) IS NOT NULL FROM pinterest_live.campaign_report; COMMIT}),
	't', 'of another setting');
$node->safe_psql('postgres', 'ALTER DATABASE postgres SET pinterest_fdw.notify = on');
is(answer_of('RECONNECT'), '', 'sessions begin anew');
is(join(' ', map { answer('SHOW pinterest_fdw.notify') } 1 .. 3), 'on on on', 'ALTER DATABASE ... SET');
my $listener = PsqlSession->new($node);
$listener->execute('LISTEN pinterest_refresh');
is(answer(q{SELECT rows > 0 FROM pinterest.refresh('pinterest_ads.campaigns')}), 't', 'a refresh that says so');
like($listener->execute('SELECT 1'), qr/pinterest_refresh.*"target": "pinterest_ads\.campaigns"/, 'to those who listen');

#
# Sessions take turns
#

my ($one, $other) = map { PsqlSession->new($node, connstr => connstr()) } 1 .. 2;
$one->execute('BEGIN; DECLARE c CURSOR FOR SELECT * FROM pinterest_live.campaign_report; FETCH 1 FROM c');
like($other->execute('SELECT count(*) > 0 FROM pinterest_live.campaign_report'), qr/^t/, 'beside an open cursor');
like($one->execute('FETCH 1 FROM c; COMMIT'), qr/\|/, 'which goes on');

#
# A cancel goes through
#

$sandbox->faults({ match => { path => 'audiences' }, count => -1, delay => 600 });
$one->begin('SELECT * FROM pinterest_live.audiences');
$node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_stat_activity
	WHERE state = 'active' AND pid <> pg_backend_pid() AND query LIKE '%live.audiences%'});
$one->{run}->signal('INT');
# psql ends then.
like(($one->finish)[1], qr/^ERROR:  57014: /m, 'a query is canceled');
$one->gone;
$sandbox->clear_faults;
is(answer('SELECT count(*) > 0 FROM pinterest_live.audiences'), 't', 'and can be run again');
$_->quit foreach $other, $listener;

$bouncer->signal('INT');
$bouncer->finish;
undef $bouncer;
$node->stop;
done_testing();

# A command to PgBouncer itself
sub answer_of
{
	my ($command) = @_;
	my ($out, $err) = ('', '');
	IPC::Run::run([ 'psql', '-XAtq', '-d', "host=$dir port=$port dbname=pgbouncer user=pgbouncer", '-c', $command ],
		'>', \$out, '2>', \$err);
	return "$out$err";
}
