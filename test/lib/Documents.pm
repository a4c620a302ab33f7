
# Copyright (c) 2026, pinterest_fdw contributors

=pod

=head1 NAME

Documents - what a test reads in documents: blocks, links, tables

=head1 SYNOPSIS

  use Documents;

  foreach my $block (Documents::blocks($text)) { ... }
  my @broken = Documents::broken_links($file);

=cut

package Documents;

use strict;
use warnings;

use File::Basename;
use PostgreSQL::Test::Utils;

=pod

=head2 Documents::blocks(text)

The fenced blocks of a document, each a hash: "line", where it begins; "language",
such as "sql"; "text"; "marks", a list of hashes with "name" and "value", which are
comments of the form <!-- test: name value --> above it.

=cut

my @marks = ('new database', 'in database', 'after', 'on', 'cron', 'output of', 'fails', 'dumped',
	'same rows in');

sub blocks
{
	my ($text) = @_;
	my (@blocks, $block, @pending);
	my $line = 0;
	my $names = join '|', @marks;
	foreach (split /^/, $text)
	{
		$line++;
		if ($block)
		{
			if (/^\s*```\s*$/) { push @blocks, $block; undef $block; }
			else { $block->{text} .= $_; }
		}
		elsif (/^\s*```(\w*)\s*$/)
		{
			$block = { line => $line, language => $1, text => '', marks => [@pending] };
			@pending = ();
		}
		elsif (/^<!-- test: (?<name>$names)(?: (?<value>.*))? -->$/)
		{
			push @pending, { name => $+{name}, value => $+{value} // '' };
		}
		elsif (/^<!--\s*test/) { die "line $line: unknown mark: $_"; }
		elsif (@pending) { die "line $line: a mark without a block\n"; }
	}
	die "line $block->{line}: a block without an end\n" if $block;
	return @blocks;
}

# Text without blocks and code, in which nothing is a link or a heading.
sub _prose
{
	my ($text, $keep_code) = @_;
	$text =~ s/^\s*```.*?^\s*```\s*$//gms;
	$text =~ s/`[^`\n]*`//g unless $keep_code;
	return $text;
}

=pod

=head2 Documents::transcript(block)

Of a block that shows a statement after a prompt and what psql answers: the statement,
and a pattern of the answer.  Days and long numbers may be others; "..." stands for
anything.  Empty for another block.

=cut

sub transcript
{
	my ($block) = @_;
	my ($statement, $answer) = $block->{text} =~ /\A=# (.*?;)\n(.*)\z/s or return;
	$answer =~ s/^ //gm;
	$answer = quotemeta $answer;
	$answer =~ s/\\\.\\\.\\\./.*/g;
	$answer =~ s/\d{4}\\-\d\d\\-\d\d/\\d{4}-\\d\\d-\\d\\d/g;
	$answer =~ s/\d{6,}/\\d+/g;
	return ($statement, qr/\A$answer\z/s);
}

=pod

=head2 Documents::anchors(text)

What links can lead to within a document, as the names that GitHub gives.

=cut

sub anchors
{
	my ($text) = @_;
	my (@anchors, %seen);
	foreach my $heading (_prose($text, 1) =~ /^#+ +(.*?) *$/gm)
	{
		$heading =~ s/\[([^]]*)\]\([^)]*\)/$1/g;
		$heading = lc $heading;
		$heading =~ s/[^\w\s-]//g;
		$heading =~ s/\s/-/g;
		my $again = $seen{$heading}++;
		push @anchors, $again ? "$heading-$again" : $heading;
	}
	return @anchors;
}

=pod

=head2 Documents::broken_links(file, text)

Links of a document, of which the text can be given, that lead nowhere.  Those to
other hosts are not followed.

=cut

sub broken_links
{
	my ($file, $text) = @_;
	$text //= slurp_file($file);
	my @broken;
	my $prose = _prose($text);
	foreach my $link ($prose =~ /\]\(\s*([^)\s]+)[^)]*\)/g, $prose =~ /(?:src|href)="([^"]*)"/g)
	{
		next if $link =~ m{^(?:https|mailto):};
		my ($path, $anchor) = split /#/, $link, 2;
		my $target = $path eq '' ? $file : dirname($file) . "/$path";
		if (!-e $target) { push @broken, $link; }
		elsif (defined $anchor)
		{
			my $there = $path eq '' ? $text : slurp_file($target);
			push @broken, $link unless grep { $_ eq $anchor } anchors($there);
		}
	}
	return @broken;
}

=pod

=head2 Documents::rows(text, heading)

The rows of the tables whose first column has this heading: each a hash of the
cells by headings.

=cut

sub rows
{
	my ($text, $heading) = @_;
	my (@rows, @headings);
	foreach my $line (split /\n/, $text)
	{
		if ($line !~ /^\|/) { @headings = (); next; }
		next if $line =~ /^\|[-:| ]+\|$/;
		my @cells = $line =~ /\|\s*((?:\\\||`[^`]*`|[^|])*?)\s*(?=\|)/g;
		if (!@headings) { @headings = @cells; next; }
		next unless $headings[0] eq $heading;
		my %row;
		@row{@headings} = @cells;
		push @rows, \%row;
	}
	return @rows;
}

1;
