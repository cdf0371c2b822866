using Marketplace.Api.Claims;

namespace Marketplace.Api.Tests.Claims;

/// <summary>What a claim's digest is made of never changes, or the claims of past years would seem altered.</summary>
public sealed class ClaimDigestTests
{
    static readonly ClaimRow Row = new()
    {
        Id = "clm_1", State = ClaimLifecycle.Approved, Version = 3, Contract = "con_1", TermsVersion = 1, Policy = "xining-2020", PolicyVersion = "1", Award = "buyer",
        Payee = "pty_1", Fen = 3_000_000, Content = "{}", Fund = "fnd_1", Reservation = 2, Reviewer = "张三", Approver = "王五", Region = "630102", Salt = "00",
        ReviewedAt = DateTimeOffset.FromUnixTimeMilliseconds(1_772_424_000_123), CreatedAt = DateTimeOffset.UnixEpoch, UpdatedAt = DateTimeOffset.UnixEpoch,
    };

    [Test]
    public void It_is_of_all_members_in_the_order_of_their_names_without_those_that_are_empty() => Assert.That(ClaimDigest.Text(Row), Is.EqualTo(
        """
        {"approver":"王五","award":"buyer","content":"{}","contract":"con_1","createdAt":"1970-01-01T00:00:00.000Z","fen":3000000,"fund":"fnd_1","id":"clm_1","payee":"pty_1","policy":"xining-2020","policyVersion":"1","region":"630102","reservation":2,"reviewedAt":"2026-03-02T04:00:00.123Z","reviewer":"张三","salt":"00","state":"approved","termsVersion":1,"updatedAt":"1970-01-01T00:00:00.000Z","version":3}
        """));

    [Test]
    public void It_is_the_fingerprint_of_that_text_and_differs_with_every_member()
    {
        Assert.That(ClaimDigest.Of(Row), Is.EqualTo(Marketplace.Api.Http.Fingerprint.Of(ClaimDigest.Text(Row))));
        ClaimRow[] others =
        [
            Row with { Payee = "pty_2" }, Row with { Fen = 3_000_001 }, Row with { Reviewer = "李四" }, Row with { Approver = null }, Row with { Reason = "" },
            Row with { Recovered = 1 }, Row with { Recover = 0 }, Row with { UpdatedAt = DateTimeOffset.UnixEpoch.AddMilliseconds(1) },
        ];
        Assert.That(others.Append(Row).Select(ClaimDigest.Of), Is.Unique);
    }
}
