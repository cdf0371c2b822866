using System.Reflection;
using NUnit.Framework;

namespace Marketplace.Matching.Tests;

public sealed class ArchitectureTests
{
    [Test]
    public void The_library_stands_on_nothing_but_the_base_class_library() =>
        Assert.That(Foreign(typeof(MarketIndex).Assembly), Is.Empty);

    [Test]
    public void The_check_sees_a_reference_that_is_not_allowed() =>
        Assert.That(Foreign(typeof(ArchitectureTests).Assembly), Does.Contain("Marketplace.Matching").And.Contain("nunit.framework"));

    private static IEnumerable<string> Foreign(Assembly assembly) => assembly.GetReferencedAssemblies()
        .Select(reference => reference.Name!)
        .Where(name => !name.StartsWith("System.", StringComparison.Ordinal));
}
