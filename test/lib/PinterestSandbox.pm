
# Copyright (c) 2026, pinterest_fdw contributors

=pod

=head1 NAME

PinterestSandbox - a sandbox of Pinterest for TAP tests

=head1 SYNOPSIS

  use FindBin;
  use lib "$FindBin::RealBin/../test/lib";
  use PinterestSandbox;

  my $sandbox = PinterestSandbox->new(campaigns => 3, report_delay => 0);
  $sandbox->import_into($node);    # pinterest_live.campaigns and so on
  $sandbox->settings(revision => 1);
  my $csv = $sandbox->expect('campaign_report', revision => 1);

The sandbox ends with the test, which fails if one of its secrets has got into
the log of a server.

=cut

package PinterestSandbox;

use strict;
use warnings;

use Carp;
use Cwd qw(abs_path);
use File::Basename;
use File::Temp;
use HTTP::Tiny;
use JSON::PP;
use POSIX qw(strftime);

my $program = dirname(abs_path(__FILE__)) . '/../sandbox';
my %is_data_option =
  map { $_ => 1 } qw(advertisers campaigns ad_groups ads pins seed today plausible overlapping
  shop turnover);
my %running;

sub _options
{
	my (%options) = @_;
	return map {
		my $name = '--' . tr/_/-/r;
		my $value = $options{$_};
		/^(?:plausible|overlapping|local_days|shop|turnover)$/ ? $name : map { ($name, $_) } ref $value ? @$value : $value
	} sort keys %options;
}

=pod

=head2 PinterestSandbox->new(option => value, ...)

Starts a sandbox with options of its command "serve", underscores for hyphens.
The flags "plausible", "overlapping", "shop" and "turnover" take any value.

=cut

sub new
{
	my ($class, %options) = @_;
	my $pid = open(my $output, '-|', 'python3', $program, 'serve',
		'--parent-pid', $$, _options(%options))
	  or croak "could not start the sandbox: $!";
	my $self = bless { pid => $pid, output => $output, owner => $$ }, $class;
	$running{$pid} = $self;

	# It says where it is as soon as it is ready.
	my $line = <$output> // croak "the sandbox did not start";
	$self->{about} = decode_json($line);
	$self->{data_options} =
	  { map { $_ => $options{$_} } grep { $is_data_option{$_} } keys %options };
	return $self;
}

my @secrets;

sub stop
{
	my ($self) = @_;
	return unless delete $running{ $self->{pid} };
	push @secrets, $self->secrets, $self->token, $self->refresh_token;
	kill 'TERM', $self->{pid};
	close $self->{output};
	return;
}

# Secrets in a text, other than as the value of an option, which is what a
# statement gave to PostgreSQL: in SQL, or in the tree of such a statement.
sub leaks
{
	my ($text, @wanted) = @_;
	my $option = qr/\b(?:access_token|refresh_token|client_secret)/;
	$text =~ s/$option '[^']*'//g;
	$text =~ s/:defname $option\s+:arg "[^"]*"//g;
	return grep { index($text, $_) >= 0 } @wanted;
}

# Those of the servers of this test: others run beside it.
sub leaking_logs
{
	my @leaking;
	my $test = basename($0, '.pl');
	foreach my $log (glob "$PostgreSQL::Test::Utils::log_path/${test}_*.log")
	{
		open(my $file, '<', $log) or next;
		local $/ = undef;
		push @leaking, $log if leaks(scalar <$file>, @secrets);
	}
	return @leaking;
}

END
{
	my $status = $?;
	my @mine = grep { $_->{owner} == $$ } values %running;

	# The test's exit status is not that of the sandbox.
	$_->stop foreach @mine;
	my @leaking = @mine ? leaking_logs() : ();
	print STDERR "secrets have leaked into $_\n" foreach @leaking;
	$? = $status == 0 && @leaking ? 1 : $status;
}

=pod

=head2 Where it is

api_url, download_url, control_url, authorization_url, token, refresh_token,
client_id, client_secret, advertisers (a list), advertiser (all of these, as the option
advertiser_id takes them).

=cut

sub api_url { return $_[0]{about}{api_url}; }
sub download_url { return $_[0]{about}{download_url}; }
sub control_url { return $_[0]{about}{control_url}; }
sub authorization_url { return $_[0]{about}{authorization_url}; }
sub token { return $_[0]{about}{access_token}; }
sub refresh_token { return $_[0]{about}{refresh_token}; }
sub client_id { return $_[0]{about}{client_id}; }
sub client_secret { return $_[0]{about}{client_secret}; }
sub advertisers { return @{ $_[0]{about}{advertiser_ids} }; }
sub advertiser { return join ',', $_[0]->advertisers; }

=pod

=head2 $sandbox->server_options, $sandbox->client

Options that a server needs, and the credentials as options of a user mapping,
as in SQL.

=cut

sub server_options
{
	my ($self) = @_;
	return sprintf "api_url '%s', authorization_url '%s', advertiser_id '%s'",
	  $self->api_url, $self->authorization_url, $self->advertiser;
}

sub client
{
	my ($self) = @_;
	return sprintf "client_id '%s', client_secret '%s'",
	  $self->client_id, $self->client_secret;
}

=pod

=head2 PinterestSandbox::start_node(name, conf, option => value, ...)

A PostgreSQL::Test::Cluster that runs: its settings, and options of init().

=head2 PinterestSandbox::init_node($node, option => value, ...)

What init() does, in UTF-8.  The cluster is a copy of that in INITDB_TEMPLATE,
if this is set: PostgreSQL 15 and 16 do not do so by themselves, and later ones
not with an encoding.

=cut

sub start_node
{
	my ($name, $conf, %options) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);
	init_node($node, %options);
	$node->append_conf('postgresql.conf', $conf) if defined $conf;
	$node->start;
	return $node;
}

sub init_node
{
	my ($node, %options) = @_;
	my $system = \&PostgreSQL::Test::Utils::system_or_bail;
	no warnings 'redefine';
	local *PostgreSQL::Test::Utils::system_or_bail = sub {
		my @command = @_;
		@command = ('cp', '-RPp', $ENV{INITDB_TEMPLATE}, $node->data_dir)
		  if $command[0] eq 'initdb' && defined $ENV{INITDB_TEMPLATE};
		return $system->(@command);
	};
	$node->init(extra => [ '--encoding=UTF8', '--locale=C.UTF-8' ], %options);
	return;
}

=pod

=head2 PinterestSandbox::day(back)

The date so many days before the one, by UTC, on which this test has started.

A sandbox with the option "today" of day(0) stays at that: once midnight has passed,
it refuses the new date as the end of a report, which is then asked for up to the day
before.  So a test that names the first day itself finds the same rows throughout.

=cut

sub day
{
	my ($back) = @_;
	return strftime('%Y-%m-%d', gmtime($^T - 86400 * $back));
}

=pod

=head2 PinterestSandbox::has_cron, PinterestSandbox::cron_conf

Whether pg_cron is installed, and if so, settings of a server that has it, but does
not start the jobs.

=cut

sub has_cron
{
	my $pg_config = $ENV{PG_CONFIG} // 'pg_config';
	chomp(my $share = `$pg_config --sharedir`);
	return -e "$share/extension/pg_cron.control";
}

sub cron_conf
{
	return '' unless has_cron();
	return "\nshared_preload_libraries = 'pg_cron'\ncron.launch_active_jobs = off\n";
}

=pod

=head2 PinterestSandbox::answer($node, sql, dbname => 'postgres', role => undef, on_error_stop => 0)

What psql prints, and then what it complains of with SQLSTATEs, without file
names and lines.  With a role, it is that one that logs in.

=cut

sub answer
{
	my ($node, $sql, %params) = @_;
	my ($out, $err) = ('', '');
	$node->psql(
		$params{dbname} // 'postgres', $sql,
		stdout => \$out,
		stderr => \$err,
		extra_params => [
			'-v', 'VERBOSITY=verbose', defined $params{role} ? ('-U', $params{role}) : ()
		],
		on_error_stop => $params{on_error_stop} // 0);
	$err =~ s/^psql:<stdin>:\d+: //gm;
	$err =~ s/^LOCATION: .*\n?//gm;
	return join "\n", grep { $_ ne '' } $out, $err;
}

=pod

=head2 $sandbox->control(method, path, value)

A request to the sandbox itself, not to the Pinterest that it stands for:
returns the decoded answer.  The value, if any, is sent as JSON.

=cut

sub control
{
	my ($self, $method, $path, $value) = @_;
	my %content =
	  defined $value
	  ? ( content => encode_json($value),
		headers => { 'Content-Type' => 'application/json' })
	  : ();
	my $answer = HTTP::Tiny->new->request($method,
		$self->control_url . "/$path", \%content);
	croak "$method $path: $answer->{status} $answer->{content}"
	  unless $answer->{success};
	return length $answer->{content} ? decode_json($answer->{content}) : undef;
}

=pod

=head2 $sandbox->log, $sandbox->clear_log

The requests since the start or since clear_log, a list of hashes.

=head2 $sandbox->faults(fault, ...), $sandbox->clear_faults

Orders faults, each a hash.

=head2 $sandbox->settings(name => value, ...)

Changes settings.

=head2 $sandbox->next_revision

Goes on to the next revision of the data, and returns its number.

=cut

sub log { return @{ $_[0]->control('GET', 'log') }; }
sub clear_log { return $_[0]->control('DELETE', 'log'); }
sub clear_faults { return $_[0]->control('DELETE', 'faults'); }

sub faults
{
	my ($self, @faults) = @_;
	return $self->control('POST', 'faults', \@faults);
}

sub next_revision { return $_[0]->control('POST', 'revision')->{revision}; }

sub settings
{
	my ($self, %settings) = @_;
	return $self->control('POST', 'settings', \%settings);
}

=pod

=head2 $sandbox->browse(url)

What a browser does with an authorization URL: returns where it is sent.

=head2 $sandbox->expire(what)

Ends the life of all "access_token", "refresh_token", "code" and so on.

=head2 $sandbox->secrets

Tokens issued so far, and the client's secret.

=cut

sub browse
{
	my ($self, $url) = @_;
	my $answer = HTTP::Tiny->new(max_redirect => 0)->get($url);
	croak "consent: $answer->{status} $answer->{content}"
	  unless $answer->{status} == 302;
	return $answer->{headers}{location};
}

sub expire
{
	my ($self, $what) = @_;
	return $self->control('POST', 'expire', { what => $what });
}

sub secrets
{
	my ($self) = @_;
	my @secrets = ($self->client_secret, @{ $self->control('GET', 'issued') });
	return @secrets;
}

=pod

=head2 $sandbox->expect(resource, option => value, ...)

What a table must contain: the name of a CSV file with header.  Options are
those of the sandbox's command "expect"; what makes up its data is known.

=cut

sub expect
{
	my ($self, $resource, %options) = @_;
	my $file = File::Temp->new(SUFFIX => '.csv');
	my $pid = open(my $output, '-|', 'python3', $program, 'expect', $resource,
		_options(%{ $self->{data_options} }, %options))
	  or croak "could not start the sandbox: $!";
	print $file $_ while <$output>;
	close $output or croak "no expected contents of $resource";
	close $file;

	# Keep the file until the end of the test.
	push @{ $self->{files} }, $file;
	return $file->filename;
}

=pod

=head2 $sandbox->expect_all(resource => { option => value, ... }, ...)

The same for many tables, faster: returns pairs of a resource and a file.  A list
as a value repeats the option.

=cut

sub expect_all
{
	my ($self, %tables) = @_;
	my %files = map { $_ => File::Temp->new(SUFFIX => '.csv') } keys %tables;
	my $plan = File::Temp->new(SUFFIX => '.json');
	print $plan encode_json([
		map {
			{
				arguments => [ $_, _options(%{ $self->{data_options} }, %{ $tables{$_} }) ],
				file => $files{$_}->filename
			}
		} keys %tables ]);
	close $plan;
	system('python3', $program, 'expect-all', $plan->filename) == 0
	  or croak 'no expected contents';
	push @{ $self->{files} }, values %files;
	return map { $_ => $files{$_}->filename } keys %files;
}

=pod

=head2 $sandbox->connect($node, dbname => ..., options => ...)

Creates the extension, a server "pinterest" and a user mapping in a database of
a PostgreSQL::Test::Cluster.  The options are further ones of the server, as in
SQL; unless they say otherwise, each query asks for new reports.  With client =>
1 the mapping has the app's credentials in place of an access token.

=head2 $sandbox->import_into($node, ...)

Likewise, and imports all tables into the schema "pinterest_live".

=cut

sub connect
{
	my ($self, $node, %params) = @_;
	my $options = join ', ', $self->server_options, $params{options} // ();
	my $credentials =
	  $params{client} ? $self->client : sprintf "access_token '%s'", $self->token;
	$options .= ", report_reuse '0'" unless $options =~ /\breport_reuse\b/;
	$node->safe_psql(
		$params{dbname} // 'postgres', qq{
		CREATE EXTENSION pinterest_fdw;
		CREATE SERVER pinterest FOREIGN DATA WRAPPER pinterest_fdw
			OPTIONS ($options);
		CREATE USER MAPPING FOR CURRENT_USER SERVER pinterest
			OPTIONS ($credentials);});
	return;
}

sub import_into
{
	my ($self, $node, %params) = @_;
	$self->connect($node, %params);
	$node->safe_psql(
		$params{dbname} // 'postgres', q{
		CREATE SCHEMA pinterest_live;
		IMPORT FOREIGN SCHEMA ads FROM SERVER pinterest INTO pinterest_live;});
	return;
}

1;
