
# Copyright (c) 2026, pinterest_fdw contributors

=pod

=head1 NAME

RawServer - a server that answers whatever a test likes

=head1 SYNOPSIS

  my $url = RawServer::start(
	sub {
		my ($method, $path, $query, $body) = @_;
		return RawServer::document('{"items":[]}');
	});

For answers that the sandbox does not give, whatever faults are ordered: of any
bytes, or none.  The server ends with the test.

=cut

package RawServer;

use strict;
use warnings;

use IO::Socket::INET;
use POSIX ();

my @pids;

=pod

=head2 RawServer::start(answer)

Starts a server, and returns its URL, without a path.  The function gets method,
path, query and body of each request, and this URL; it returns all that is sent,
status line and header included.  It runs in a process of its own.

=cut

sub start
{
	my ($answer) = @_;
	my $listener = IO::Socket::INET->new(
		LocalAddr => '127.0.0.1',
		Listen => 50,
		ReuseAddr => 1) or die "could not listen: $!";
	my $url = 'http://127.0.0.1:' . $listener->sockport;
	my $pid = fork // die "could not fork: $!";
	if ($pid == 0)
	{
		# What PostgreSQL's test library does in their place is for the test alone.
		local @SIG{qw(INT TERM __DIE__)} = ('DEFAULT') x 3;
		local $SIG{PIPE} = 'IGNORE';
		while (my $client = $listener->accept)
		{
			my ($method, $path, $query) = (<$client> // '') =~ m{^(\w+) ([^ ?]*)\??(\S*)};
			my ($length, $body) = (0, '');
			while (my $line = <$client>)
			{
				$length = $1 if $line =~ /^Content-Length: (\d+)/i;
				last if $line =~ /^\r\n/;
			}
			read $client, $body, $length;
			print $client $answer->($method, $path, $query, $body, $url) if defined $path;
			close $client;
		}
		POSIX::_exit(0);
	}
	push @pids, $pid;
	return $url;
}

=pod

=head2 RawServer::document(body, status => '200 OK')

An answer with these bytes.

=cut

sub document
{
	my ($body, %options) = @_;
	return
	    'HTTP/1.1 '
	  . ($options{status} // '200 OK')
	  . "\r\nContent-Length: "
	  . length($body)
	  . "\r\nConnection: close\r\n\r\n$body";
}

END
{
	# The test's exit status is not that of a server.
	local $?;
	kill 'TERM', @pids if @pids;
	waitpid $_, 0 foreach @pids;
}

1;
