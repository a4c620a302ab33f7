
# Copyright (c) 2026, pinterest_fdw contributors

=pod

=head1 NAME

PsqlSession - a psql that is kept running

=head1 SYNOPSIS

  my $session = PsqlSession->new($node, user => 'analyst');
  my $output = $session->execute('SELECT 1');    # of stdout and stderr
  $session->begin('SELECT pg_sleep(10)');
  kill 'INT', $session->{pid};
  my ($out, $err) = $session->finish;
  $session->quit;

The methods begin, finish, execute and quit can be imported as functions, too.

=cut

package PsqlSession;

use strict;
use warnings;

use Exporter qw(import);
use IPC::Run;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time sleep);

our @EXPORT_OK = qw(begin execute finish quit wait_until);

sub new
{
	my ($class, $node, %options) = @_;
	my $self = bless { in => '', out => '', err => '', count => 0 }, $class;
	$self->{limit} = IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default);
	my $connstr = $options{connstr} // $node->connstr($options{dbname} // 'postgres');
	$connstr .= " user=$options{user}" if $options{user};
	$self->{run} = IPC::Run::start(
		[ 'psql', '-XAtq', '-v', 'VERBOSITY=verbose', '-d', $connstr ],
		'<' => \$self->{in},
		'>' => \$self->{out},
		'2>' => \$self->{err},
		$self->{limit});
	$self->{pid} = $self->execute('SELECT pg_backend_pid()');
	return $self;
}

=pod

=head2 $session->begin(sql)

Starts SQL, and does not wait for its end.  The test ends if SQL takes longer
than PG_TEST_TIMEOUT_DEFAULT, three minutes.

=cut

sub begin
{
	my ($self, $sql) = @_;
	my $mark = 'mark ' . ++$self->{count};
	$self->{out} = $self->{err} = '';
	$self->{in} .= "$sql;\n\\echo $mark\n\\warn $mark\n";
	$self->{mark} = $mark;
	$self->{limit}->start;
	$self->{run}->pump_nb;
	return;
}

=pod

=head2 $session->finish

Waits for its end and returns what it wrote to stdout and stderr.

=cut

sub finish
{
	my ($self) = @_;
	my $mark = qr/^\Q$self->{mark}\E\n/m;
	$self->{limit}->start;
	until ($self->{out} =~ $mark && $self->{err} =~ $mark)
	{
		last unless $self->{run}->pumpable;
		$self->{run}->pump;
	}
	foreach my $text ($self->{out}, $self->{err})
	{
		$text =~ s/\n?$mark//;
		chomp $text;
	}
	return ($self->{out}, $self->{err});
}

sub execute
{
	my ($self, $sql) = @_;
	$self->begin($sql);
	my ($out, $err) = $self->finish;
	return "$out$err";
}

=pod

=head2 $session->quit, $session->gone

Ends the session, or takes note that the server has.

=cut

sub quit
{
	my ($self) = @_;
	$self->{in} .= "\\q\n";
	$self->{limit}->start;
	$self->{run}->finish;
	return;
}

sub gone
{
	my ($self) = @_;
	$self->{run}->kill_kill;
	return;
}

=pod

=head2 PsqlSession::wait_until(what, condition)

Waits until a function returns something true; ends the test if it does not.

=cut

sub wait_until
{
	my ($what, $condition) = @_;
	my $end = time + $PostgreSQL::Test::Utils::timeout_default;
	until ($condition->())
	{
		Test::More::BAIL_OUT("timed out waiting for $what") if time > $end;
		sleep 0.02;
	}
	return;
}

1;
