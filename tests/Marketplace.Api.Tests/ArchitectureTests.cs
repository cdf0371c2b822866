using System.Reflection;
using System.Reflection.Emit;
using Marketplace.Api.Data;

namespace Marketplace.Api.Tests;

/// <summary>What the compiled code refers to keeps the rules of its layout; each look is also shown to find what it looks for.</summary>
public sealed class ArchitectureTests
{
    const string Root = "Marketplace.Api";

    static readonly Assembly Api = typeof(Program).Assembly;

    static readonly string[] Drivers = ["Microsoft.Data.Sqlite", "Npgsql", "Microsoft.Data.SqlClient", "SQLitePCLRaw.batteries_v2", "SQLitePCLRaw.core"];

    /// <summary>Every namespace of the program but the three that are no slice.</summary>
    static string[] Slices => [.. Api.GetTypes().Select(type => type.Namespace).OfType<string>().Distinct()
        .Where(name => name.StartsWith(Root + ".", StringComparison.Ordinal) && name is not ("Marketplace.Api.Http" or "Marketplace.Api.Data"))];

    [Test]
    public void Rules_and_matching_refer_to_no_project_of_this_house()
    {
        Assert.That(Own(typeof(Rules.Policy).Assembly), Is.Empty);
        Assert.That(Own(typeof(Matching.MarketIndex).Assembly), Is.Empty);
        Assert.That(Own(Api), Is.EquivalentTo(new[] { "Marketplace.Rules", "Marketplace.Matching" }));

        static IEnumerable<string> Own(Assembly assembly) =>
            assembly.GetReferencedAssemblies().Select(name => name.Name!).Where(name => name.StartsWith("Marketplace", StringComparison.Ordinal));
    }

    [TestCase("Marketplace.Api.Http")]
    [TestCase("Marketplace.Api.Data")]
    public void What_every_request_shares_knows_no_slice(string shared) =>
        Assert.That(Uses(shared).Where(use => Slices.Contains(use.Of.Namespace)).Select(use => $"{use.By} → {use.Of}"), Is.Empty);

    [Test]
    public void Data_knows_nothing_of_requests() =>
        Assert.That(Uses("Marketplace.Api.Data").Where(use => use.Of.Namespace == "Marketplace.Api.Http").Select(use => $"{use.By} → {use.Of}"), Is.Empty);

    [Test]
    public void The_same_look_finds_the_slices_that_a_slice_uses() =>
        Assert.That(Uses("Marketplace.Api.Contracts").Select(use => use.Of.Namespace).Distinct(),
            Is.SupersetOf(new[] { "Marketplace.Api.Parties", "Marketplace.Api.Introductions", "Marketplace.Api.Listings", "Marketplace.Api.Http", "Marketplace.Api.Data" }));

    [Test]
    public void Nobody_but_Data_knows_which_engine_it_runs_on()
    {
        Assert.That(Slices.Append("Marketplace.Api.Http").Append(Root).SelectMany(Engines), Is.Empty);
        Assert.That(Engines("Marketplace.Api.Data"), Has.Some.Contains("SqliteDialect").And.Some.Contains("Npgsql").And.Some.Contains("SqlClient").And.Some.Contains("get_Name"));

        static IEnumerable<string> Engines(string space) => Uses(space)
            .Where(use => typeof(Dialect).IsAssignableFrom(use.Of) && use.Of != typeof(Dialect)
                || Drivers.Contains(use.Of.Assembly.GetName().Name)
                || (use.Of == typeof(Dialect) && use.Member == "get_Name"))
            .Select(use => $"{use.By} → {use.Of}.{use.Member}");
    }

    [Test]
    public void Nobody_but_Rules_Data_and_Clock_asks_the_machine_for_the_time()
    {
        Assert.That(Slices.Append("Marketplace.Api.Http").Append("Marketplace.Api.Data").SelectMany(Uses).Where(AsksTheTime).Select(use => $"{use.By} → {use.Of}.{use.Member}"), Is.Empty);
        Assert.That(UsesOf(typeof(Late)).Any(AsksTheTime), Is.True);

        static bool AsksTheTime(Use use) => (use.Of == typeof(DateTime) || use.Of == typeof(DateTimeOffset)) && use.Member is "get_Now" or "get_UtcNow" or "get_Today";
    }

    static class Late
    {
        public static DateTime Now => DateTime.UtcNow;
    }

    sealed record Use(Type By, Type Of, string? Member);

    static IEnumerable<Use> Uses(string space) => Api.GetTypes().Where(type => type.Namespace == space).SelectMany(UsesOf);

    /// <summary>The types that a type's declaration and the bodies of its methods refer to.</summary>
    static IEnumerable<Use> UsesOf(Type type)
    {
        const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        List<(Type? Of, string? Member)> found = [(type.BaseType, null), .. type.GetInterfaces().Select(i => ((Type?)i, (string?)null))];
        found.AddRange(type.GetFields(All).Select(field => ((Type?)field.FieldType, (string?)null)));
        found.AddRange(type.GetCustomAttributesData().Select(attribute => ((Type?)attribute.AttributeType, (string?)null)));
        foreach (var method in type.GetMethods(All).Cast<MethodBase>().Concat(type.GetConstructors(All)))
        {
            found.AddRange(method.GetParameters().Select(parameter => ((Type?)parameter.ParameterType, (string?)null)));
            found.Add(((method as MethodInfo)?.ReturnType, null));
            found.AddRange(method.GetMethodBody()?.LocalVariables.Select(local => ((Type?)local.LocalType, (string?)null)) ?? []);
            foreach (var member in Referred(method))
            {
                found.Add((member as Type ?? member.DeclaringType, member.Name));
                found.AddRange(member is MethodInfo { IsGenericMethod: true } generic ? generic.GetGenericArguments().Select(a => ((Type?)a, (string?)null)) : []);
            }
        }

        return found.SelectMany(use => Parts(use.Of).Select(part => new Use(type, part, use.Member))).Distinct();
    }

    /// <summary>A type and what it is made of: elements and type arguments.</summary>
    static IEnumerable<Type> Parts(Type? type) => type is null || type.IsGenericParameter ? []
        : type.HasElementType ? Parts(type.GetElementType())
        : type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts).Append(type.GetGenericTypeDefinition())
        : [type];

    static readonly Dictionary<short, OpCode> Codes = typeof(OpCodes).GetFields().Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value);

    /// <summary>The types and members whose tokens stand in a method's code.</summary>
    static IEnumerable<MemberInfo> Referred(MethodBase method)
    {
        var il = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        var typeArguments = method.DeclaringType!.IsGenericType ? method.DeclaringType.GetGenericArguments() : null;
        var methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : null;
        for (var at = 0; at < il.Length;)
        {
            var code = il[at] == 0xFE ? Codes[unchecked((short)(0xFE00 | il[at + 1]))] : Codes[il[at]];
            at += code.Size;
            if (code.OperandType is OperandType.InlineMethod or OperandType.InlineField or OperandType.InlineType or OperandType.InlineTok)
            {
                yield return method.Module.ResolveMember(BitConverter.ToInt32(il, at), typeArguments, methodArguments)!;
            }

            at += code.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(il, at)),
                _ => 4,
            };
        }
    }
}
