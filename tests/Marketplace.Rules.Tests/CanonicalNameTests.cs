using FsCheck;
using FsCheck.Fluent;

namespace Marketplace.Rules.Tests;

public sealed class CanonicalNameTests
{
    [TestCase("光伏p1")]
    [TestCase("光伏Ｐ１")]
    [TestCase("光伏P1 ")]
    [TestCase(" 光伏P1")]
    [TestCase("光伏\u200bP1")]
    [TestCase("光伏 P1")]
    [TestCase("光伏\u3000P1")]
    [TestCase("光伏\u00a0P1")]
    [TestCase("光伏P1。")]
    [TestCase("「光伏P1」")]
    [TestCase("光伏P1\ufe0f")]
    [TestCase("光\u202e伏P1\u2028")]
    [TestCase("光伏P1\u3164\udb40\udc01")]
    public void Spellings_that_look_alike_are_one_name(string spelling) =>
        Assert.That(CanonicalName.Of(spelling), Is.EqualTo(CanonicalName.Of("光伏P1")));

    [TestCase("Li Lei", "ＬＩ\u200d lei")]
    [TestCase("Οδυσσεύς", "ΟΔΥΣΣΕΎΣ")]
    [TestCase("e\u0301cole", "ÉCOLE")]
    public void Case_and_composition_make_no_other_name(string one, string other) => Assert.That(CanonicalName.AreSame(one, other));

    [TestCase("光伏P1", "光伏P2")]
    [TestCase("光伏P1", "光伏")]
    [TestCase("王伟", "王 伟明")]
    [TestCase("P1.2", "P12")]
    public void Other_names_stay_other_names(string one, string other) => Assert.That(CanonicalName.AreSame(one, other), Is.False);

    [TestCase("。", "。")]
    [TestCase(" \u200b\ufeff", "")]
    public void What_has_no_letter_keeps_what_can_be_seen(string name, string canonical) =>
        Assert.That(CanonicalName.Of(name), Is.EqualTo(canonical));

    [Test]
    public void Half_of_a_character_is_no_character() => Assert.That(CanonicalName.Of('\ud800' + "P"), Is.EqualTo("\ufffdp"));

    [Test]
    public void The_form_of_a_form_is_itself() =>
        Prop.ForAll<string?>(name => CanonicalName.Of(CanonicalName.Of(name ?? "")) == CanonicalName.Of(name ?? ""))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(10_000));
}
