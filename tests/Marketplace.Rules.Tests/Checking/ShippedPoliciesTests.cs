namespace Marketplace.Rules.Tests.Checking;

public sealed class ShippedPoliciesTests
{
    public static IEnumerable<TestCaseData> Shipped =>
        Directory.EnumerateFiles(Checked.Folder).Where(PolicyFile.IsPolicy).Select(path => new TestCaseData(path).SetArgDisplayNames(Path.GetFileName(path)));

    [TestCaseSource(nameof(Shipped))]
    public void A_shipped_policy_bears_out_its_examples_and_they_notice_every_change(string path)
    {
        var result = PolicyCheck.Run(Read(path), Read(PolicyFile.ExamplesOf(path)));
        Assert.That(result.Faults(), Is.Empty, string.Join('\n', result.Diagnostics));
        Assert.That(result.Examples, Is.GreaterThan(10));
        Assert.That((result.Mutants, result.Noticed), Is.EqualTo((result.Noticed, result.Mutants)).And.Not.EqualTo((0, 0)));
    }

    [Test]
    public void There_are_shipped_policies() => Assert.That(Shipped, Is.Not.Empty);

    private static PolicyFile Read(string path) => new(Path.GetFileName(path), File.ReadAllBytes(path));
}
