using FsCheck;
using FsCheck.Fluent;
using Marketplace.Api.Parties;

namespace Marketplace.Api.Tests.Parties;

/// <summary>统一社会信用代码 against codes that were issued and against the arithmetic's edges.</summary>
public sealed class CreditCodeTests
{
    const string Alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";

    static readonly string[] Issued =
    [
        "91110000101623741K", "914403001922038216", "91110108551385082Q", "911101066976941872", "9144030071526726XG", "12100000400000624D",
    ];

    static readonly string[] Valid = [.. Issued, .. Enumerable.Range(0, 200).Select(_ => CreditCodes.New())];

    [TestCaseSource(nameof(Issued))]
    public void A_code_that_was_issued_is_accepted(string code)
    {
        Assert.That(CreditCode.HasForm(code), Is.True);
        Assert.That(CreditCode.OrganisationChecks(code), Is.True);
        Assert.That(CreditCode.Checks(code), Is.True);
    }

    [TestCase("91630100MA75000120", TestName = "A_sum_of_zero_is_written_0")]
    [TestCase("91630100MA7500002Y", TestName = "A_sum_of_one_is_written_Y")]
    public void The_edges_of_the_check_are_right(string code) => Assert.That(CreditCode.Checks(code), Is.True);

    [Test]
    public void A_code_that_was_issued_wrong_fails_its_last_check_alone()
    {
        Assert.That(CreditCode.OrganisationChecks("91350211M0000XUF46"), Is.True);
        Assert.That(CreditCode.Checks("91350211M0000XUF46"), Is.False);
    }

    [TestCase("91110000101623741")]
    [TestCase("91110000101623741KK")]
    [TestCase("91110000101623741k")]
    [TestCase("9111000010162374IK")]
    [TestCase("9111000010162374OK")]
    [TestCase("91A10000101623741K")]
    [TestCase("９1110000101623741K")]
    [TestCase("")]
    public void What_has_another_form_is_no_code(string code) => Assert.That(CreditCode.HasForm(code), Is.False);

    [Test]
    public void Any_single_changed_character_is_noticed()
    {
        var cases = from code in Gen.Elements(Valid)
                    from place in Gen.Choose(0, 17)
                    from character in Gen.Elements(Alphabet.ToCharArray())
                    where character != code[place]
                    select code[..place] + character + code[(place + 1)..];
        Prop.ForAll(cases.ToArbitrary(), code => !CreditCode.HasForm(code) || !CreditCode.Checks(code)).QuickCheckThrowOnFailure();
    }

    [Test]
    public void Any_two_neighbours_that_changed_places_are_noticed()
    {
        var cases = from code in Gen.Elements(Valid)
                    from place in Gen.Choose(0, 15)
                    where code[place] != code[place + 1]
                    select code[..place] + code[place + 1] + code[place] + code[(place + 2)..];
        Prop.ForAll(cases.ToArbitrary(), code => !CreditCode.Checks(code)).QuickCheckThrowOnFailure();
    }
}
