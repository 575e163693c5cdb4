# SPDX-License-Identifier: AGPL-3.0-or-later
#
# dkim_verify.pl RECORDS MAIL: the same as dkim_verify.py, by Mail::DKIM; "invalid" is what it cannot check.
use strict;
use warnings;
use JSON::PP;
use Mail::DKIM::Verifier;
use Net::DNS::RR;

my %dns;
open my $records, '<', $ARGV[0] or die;
while (<$records>) {
    my $r = decode_json($_);
    $dns{$r->{name}} = $r->{value};
}
{
    no warnings 'redefine';
    *Mail::DKIM::DNS::query = sub {
        my ($name, $type) = @_;
        return () unless $dns{$name};
        return Net::DNS::RR->new(owner => $name, type => 'TXT', txtdata => [unpack '(a255)*', $dns{$name}]);
    };
}
open my $mail, '<:raw', $ARGV[1] or die;
my $verifier = Mail::DKIM::Verifier->new;
while (<$mail>) {
    s/\r?\n\z//;
    $verifier->PRINT("$_\015\012");
}
$verifier->CLOSE;
print join(' ', $_->selector, $_->algorithm, $_->result), "\n" for $verifier->signatures;
