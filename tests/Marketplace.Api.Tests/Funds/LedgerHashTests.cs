using System.Security.Cryptography;
using System.Text;
using Marketplace.Api.Funds;

namespace Marketplace.Api.Tests.Funds;

/// <summary>What an entry's hash is made of never changes, or the ledgers of past years would no longer verify.</summary>
public sealed class LedgerHashTests
{
    static readonly EntryRow First = new()
    {
        Fund = "fnd_1", Number = 1, Kind = "appropriate", Debit = "appropriation", Credit = "available", Fen = 10_000_000, Person = "李四 A",
        At = DateTimeOffset.FromUnixTimeMilliseconds(1_772_424_000_123),
    };

    static readonly EntryRow Payment = new()
    {
        Fund = "fnd_1", Number = 4, Kind = "pay", Debit = "inFlight", Credit = "paid:pty_1", Fen = 3_000_001, Claim = "clm_1", Resolves = 2,
        Reference = "ICBC-1", Reason = "已付", Person = "the payer", At = DateTimeOffset.FromUnixTimeMilliseconds(1_772_424_000_999),
    };

    // Both digests were made by sha256sum from the text, line by line.
    [Test]
    public void The_hash_of_an_entry_is_that_of_its_lines()
    {
        Assert.That(First.HashAfter(""), Is.EqualTo("79dc1f7acc9b82800c5b5d80b2b179f24026f722d807abc74971ab615abb4533"));
        Assert.That(Payment.HashAfter(new string('a', 64)), Is.EqualTo("373a9e020eb9436f88ab2c3410f3d3cd5bc610f16207e3e271cb2d9b5c625079"));
    }

    [Test]
    public void An_entry_of_any_length_is_hashed_whole()
    {
        foreach (var length in new[] { 1, 300, 500, 1_000, 2_000 })
        {
            var entry = Payment with { Reason = new string('理', length) };
            var text = $"\nfnd_1\n4\npay\ninFlight\npaid:pty_1\n3000001\nclm_1\n2\nICBC-1\n1772424000999\n9:the payer\n{entry.Reason}";
            Assert.That(entry.HashAfter(""), Is.EqualTo(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))));
        }
    }
}
