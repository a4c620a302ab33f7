
# Copyright (c) 2026, pinterest_fdw contributors

# Tokens and secrets show nowhere, with all that PostgreSQL has to show things
# switched on.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../test/lib";

use PinterestSandbox;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $sandbox = PinterestSandbox->new(
	campaigns => 1,
	ad_groups => 1,
	ads => 1,
	report_delay => 0);
# The postmaster logs its environment, and all sandboxes begin with the same
# tokens.
delete @ENV{ grep { /^PINTEREST_/ } keys %ENV };

my $libraries = PostgreSQL::Test::Cluster->new('none')->config_data('--pkglibdir');
my %available = map { $_ => -e "$libraries/$_.so" } qw(auto_explain pg_stat_statements);
my $preload = join ', ', grep { $available{$_} } sort keys %available;
my $conf = qq{
	shared_preload_libraries = '$preload'
	log_min_messages = debug5
	log_min_error_statement = debug5
	log_error_verbosity = verbose
	log_statement = all
	log_duration = on
	log_parameter_max_length = -1
	log_parameter_max_length_on_error = -1
	debug_print_parse = on
	debug_print_rewritten = on
	debug_print_plan = on
	log_executor_stats = on
	track_activity_query_size = 100kB};
$conf .= q{
	auto_explain.log_min_duration = 0
	auto_explain.log_analyze = on
	auto_explain.log_verbose = on
	auto_explain.log_nested_statements = on
	auto_explain.log_triggers = on} if $available{auto_explain};
$conf .= q{
	pg_stat_statements.track = all
	pg_stat_statements.track_utility = on} if $available{pg_stat_statements};
my $node = PinterestSandbox::start_node('main', $conf);

# All that clients have seen
my $seen = '';

sub run
{
	my ($sql) = @_;
	my ($out, $err) = ('', '');
	$node->psql(
		'postgres',
		"SET client_min_messages = debug5; $sql",
		stdout => \$out,
		stderr => \$err,
		extra_params => [ '-v', 'VERBOSITY=verbose' ],
		on_error_stop => 0);
	$seen .= "$out\n$err\n";
	return ($out =~ /([^\n]*)\z/)[0];
}

run('CREATE EXTENSION pg_stat_statements') if $available{pg_stat_statements};
$sandbox->connect($node, client => 1, options => "retry_timeout '1', timeout '60'");
run(q{
	CREATE SCHEMA live;
	IMPORT FOREIGN SCHEMA ads LIMIT TO (campaigns, campaign_report) FROM SERVER pinterest INTO live;});
my $url = $sandbox->browse(run(q{SELECT pinterest.authorization_url('pinterest')}));
like(run("SELECT pinterest.authorize('pinterest', '$url')"), qr/is authorized/, 'authorized');

my $count = 'SELECT count(*) FROM live.campaigns';
my $report = q{SELECT count(*) FROM live.campaign_report WHERE date > current_date - 3};

# Everything that has to do with tokens, well and badly, once with each fault
my @faults = (
	undef,
	{ drop => JSON::PP::true },
	{ status => 500 },
	{ status => 429 },
	{ status => 401, body => { code => 2, message => 'Authentication failed.' } },
	{ status => 200, body => 'nonsense' },
	{ status => 302, headers => { Location => 'http://127.0.0.1:1/' } });
foreach my $where ('oauth', 'api')
{
	foreach my $fault (@faults)
	{
		run(q{UPDATE pinterest_internal.authorizations SET access_expires_at = now(), failed_at = NULL})
		  if $where eq 'oauth';
		$sandbox->faults({ match => { host => $where, path => $where eq 'api' ? 'campaigns|reports' : '' }, count => 3, %$fault })
		  if $fault;
		run($count);
		run($report);
		run(q{SELECT * FROM pinterest.check('pinterest')});
		$sandbox->clear_faults;
	}
}

# A server that repeats what it was sent
$node->safe_psql('postgres', q{UPDATE pinterest_internal.authorizations SET failed_at = NULL});
my $issued = ($sandbox->secrets)[-2];
$sandbox->faults({ match => { path => 'campaigns$' }, status => 400, body => { code => 1, message => "Bearer $issued is bad" } });
run($count);
like($seen, qr/Bearer \*+ is bad/, 'a token in a message is blanked');
$sandbox->clear_faults;
$sandbox->expire('refresh_token');
run(q{UPDATE pinterest_internal.authorizations SET access_expires_at = now()});
run($count);
like($seen, qr/28000: Pinterest refused to renew/, 'refresh token refused');

# What is shown about queries, while one runs and afterwards
$url = $sandbox->browse(run(q{SELECT pinterest.authorization_url('pinterest')}));
run("SELECT pinterest.authorize('pinterest', '$url')");
$sandbox->faults({ match => { host => 'oauth' }, delay => 3600 });
run(q{UPDATE pinterest_internal.authorizations SET access_expires_at = now()});
my $session = $node->background_psql('postgres', on_error_stop => 0);
$session->{stdin} .= "$count;\n\\echo the end\n";
$session->{run}->pump_nb;
$node->poll_query_until('postgres',
	q{SELECT count(*) = 1 FROM pg_stat_activity WHERE backend_type = 'pinterest_fdw worker'});
run('SELECT * FROM pg_stat_activity');
foreach my $pid (split /\n/, $node->safe_psql('postgres', 'SELECT pid FROM pg_stat_activity WHERE pid IS NOT NULL'))
{
	open(my $file, '<', "/proc/$pid/cmdline") or next;
	$seen .= "$_\n" foreach <$file>;
}
$sandbox->clear_faults;
$session->{run}->pump until $session->{stdout} =~ /the end\n/;
$session->quit;
run('SELECT * FROM pg_stat_statements') if $available{pg_stat_statements};
run("EXPLAIN (ANALYZE, VERBOSE, SETTINGS, FORMAT $_) $report") foreach qw(TEXT JSON XML YAML);
run('SELECT * FROM pinterest_internal.materialized_tables');
run('SELECT * FROM pg_settings');
run('SELECT * FROM pg_prepared_statements');
my $dump = "$PostgreSQL::Test::Utils::tmp_check/all.sql";
$node->command_ok([ 'pg_dumpall', '-f', $dump, '-d', $node->connstr('postgres') ], 'pg_dumpall');
$seen .= slurp_file($dump);

my @secrets = ($sandbox->secrets, $sandbox->token, $sandbox->refresh_token);
cmp_ok(scalar @secrets, '>', 8, 'tokens have been issued');
is(scalar(PinterestSandbox::leaks($seen, @secrets)), 0, 'no secret in what clients see');
my $log = slurp_file($node->logfile);
like($log, qr/background worker "pinterest_fdw worker"/, 'the log tells much');
if ($available{auto_explain})
{
	like($log, qr/Query Text: SELECT DISTINCT r\.rolname FROM pinterest_internal/, 'also of statements within functions');
	unlike($log, qr/Query Text: .*authorization_requests/, 'and workers need none');
}
is(scalar(PinterestSandbox::leaks($log, @secrets)), 0, 'no secret in the log');

# The search finds what is there.
run(sprintf "SELECT '%s'", $secrets[1]);
is(scalar(PinterestSandbox::leaks($seen, @secrets)), 1, 'the search works');
$node->stop;
truncate $node->logfile, 0;

done_testing();
