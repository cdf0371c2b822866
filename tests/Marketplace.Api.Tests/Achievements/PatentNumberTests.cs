using FsCheck;
using FsCheck.Fluent;
using Marketplace.Api.Achievements;
using Marketplace.Api.Codes;

namespace Marketplace.Api.Tests.Achievements;

/// <summary>Chinese patent numbers of both forms against numbers that were given.</summary>
public sealed class PatentNumberTests
{
    static readonly string[] Given = ["201710601862.3", "95115608.X", "97101765.4", "200310102344.5", "85100001.0"];

    [TestCaseSource(nameof(Given))]
    public void A_number_that_was_given_is_accepted_with_and_without_its_prefix(string number)
    {
        Assert.That(PatentNumber.Fault(RightKind.InventionPatent, number), Is.Null);
        Assert.That(PatentNumber.Fault(RightKind.InventionPatent, "ZL" + number), Is.Null);
    }

    [TestCase("201710601862")]
    [TestCase("201710601862.33")]
    [TestCase("2017106018623")]
    [TestCase("20171060186.3")]
    [TestCase("CN201710601862.3")]
    [TestCase("zl201710601862.3")]
    [TestCase("ZL 201710601862.3")]
    [TestCase("95115608.x")]
    [TestCase("２01710601862.3")]
    [TestCase(".")]
    [TestCase("")]
    public void What_has_another_form_is_no_number(string number) =>
        Assert.That(PatentNumber.Fault(RightKind.InventionPatent, number), Is.Not.Null);

    [TestCase("CN201710601862.3", "201710601862.3")]
    [TestCase("ZL 2017 1 0601862.3", "ZL201710601862.3")]
    [TestCase("zl201710601862.3", "ZL201710601862.3")]
    [TestCase("ＺＬ２０１７１０６０１８６２．３", "ZL201710601862.3")]
    [TestCase("ZL2017106018623", "ZL201710601862.3")]
    [TestCase("2017106018623", "201710601862.3")]
    [TestCase("95115608.x", "95115608.X")]
    [TestCase("cn 95115608x", "95115608.X")]
    public void All_forms_of_a_number_in_print_are_one(string printed, string canonical)
    {
        var right = PatentNumber.Canonical(new() { Kind = RightKind.InventionPatent, Number = printed });
        Assert.That(right.Number, Is.EqualTo(canonical));
        Assert.That(PatentNumber.Fault(right.Kind, right.Number!), Is.Null);
        Assert.That(PatentNumber.Canonical(right), Is.EqualTo(right));
    }

    [TestCase(RightKind.InventionPatent, "CN107123456A")]
    [TestCase(RightKind.InventionPatent, "20171060186")]
    [TestCase(RightKind.Software, "2017106018623")]
    [TestCase(RightKind.KnowHow, "zl 2017 1 0601862.3")]
    public void What_is_no_patent_number_stays_as_it_is(RightKind kind, string number) =>
        Assert.That(PatentNumber.Canonical(new() { Kind = kind, Number = number }).Number, Is.EqualTo(number));

    [TestCase(RightKind.InventionPatent, '1')]
    [TestCase(RightKind.InventionPatent, '8')]
    [TestCase(RightKind.UtilityModel, '2')]
    [TestCase(RightKind.UtilityModel, '9')]
    [TestCase(RightKind.Design, '3')]
    public void The_digit_of_the_kind_agrees_with_the_kind(RightKind kind, char digit)
    {
        var number = WithCheck($"2019{digit}0123456");
        foreach (var other in new[] { RightKind.InventionPatent, RightKind.UtilityModel, RightKind.Design })
        {
            Assert.That(PatentNumber.Fault(other, number)?.Code, other == kind ? Is.Null : Is.EqualTo("invalid-format"));
        }
    }

    [Test]
    public void Other_rights_have_numbers_of_their_own_form() =>
        Assert.That(PatentNumber.Fault(RightKind.Software, "2020SR0123456"), Is.Null);

    [Test]
    public void Any_single_changed_digit_is_noticed()
    {
        var cases = from number in Gen.Elements(Given)
                    from place in Gen.Choose(0, number.Length - 1).Where(place => number[place] != '.')
                    from digit in Gen.Elements("0123456789".ToCharArray())
                    where digit != number[place]
                    select number[..place] + digit + number[(place + 1)..];
        Prop.ForAll(cases.ToArbitrary(), number => PatentNumber.Fault(RightKind.InventionPatent, number) is not null).QuickCheckThrowOnFailure();
    }

    static string WithCheck(string digits)
    {
        int[] weights = [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5];
        var rest = digits.Select((digit, i) => (digit - '0') * weights[i]).Sum() % 11;
        return $"{digits}.{(rest == 10 ? "X" : rest)}";
    }
}
