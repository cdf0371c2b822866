using System.Collections.Immutable;
using System.Globalization;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Marketplace.Rules.Tests;

/// <summary>The library is pure: what its compiled code refers to proves it.</summary>
public sealed class ArchitectureTests
{
    private static readonly string[] ImpureTypes =
    [
        "System.Random", "System.Console", "System.Diagnostics.Stopwatch", "System.TimeProvider", "System.Threading.Thread",
        "System.IO.File", "System.IO.Directory", "System.IO.FileStream", "System.Double", "System.Single", "System.Half", "System.Decimal",
    ];

    private static readonly string[] ImpureMembers =
    [
        "System.DateTime.get_Now", "System.DateTime.get_UtcNow", "System.DateTime.get_Today", "System.DateTimeOffset.get_Now", "System.DateTimeOffset.get_UtcNow",
        "System.Globalization.CultureInfo.get_CurrentCulture", "System.Globalization.CultureInfo.get_CurrentUICulture", "System.Guid.NewGuid",
    ];

    [Test]
    public void The_library_uses_no_clock_culture_chance_files_or_floating_point() =>
        Assert.That(Impurities(typeof(Policy).Assembly.Location), Is.Empty);

    [Test]
    public void The_same_look_finds_them_where_they_are()
    {
        Assert.That(Offender.Offend(2.5), Is.Not.Empty);
        Assert.That(Impurities(typeof(ArchitectureTests).Assembly.Location), Is.SupersetOf(new[]
        {
            "System.DateTime.get_Now", "System.Environment.get_MachineName", "System.Random", "System.Globalization.CultureInfo.get_CurrentCulture", "System.Decimal", "double",
        }));
    }

    [Test]
    public void The_library_stands_on_the_runtime_and_one_package()
    {
        var references = typeof(Policy).Assembly.GetReferencedAssemblies().Select(a => a.Name!);
        Assert.That(references.Where(name => !name.StartsWith("System.", StringComparison.Ordinal)), Is.EqualTo(new[] { "YamlDotNet" }));
        Assert.That(typeof(ArchitectureTests).Assembly.GetReferencedAssemblies().Select(a => a.Name), Does.Contain("Marketplace.Rules"));
    }

    private static string[] Impurities(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var metadata = file.GetMetadataReader();
        var found = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var handle in metadata.TypeReferences)
            if (ImpureTypes.Contains(Name(metadata, handle)))
                found.Add(Name(metadata, handle));
        var signatures = new Primitives(found);
        foreach (var handle in metadata.MemberReferences)
        {
            var member = metadata.GetMemberReference(handle);
            if (member.Parent.Kind == HandleKind.TypeReference
                && $"{Name(metadata, (TypeReferenceHandle)member.Parent)}.{metadata.GetString(member.Name)}" is var name && IsImpure(name))
                found.Add(name);
            if (member.GetKind() == MemberReferenceKind.Method) member.DecodeMethodSignature(signatures, null);
        }

        foreach (var handle in metadata.FieldDefinitions) metadata.GetFieldDefinition(handle).DecodeSignature(signatures, null);
        foreach (var handle in metadata.MethodDefinitions)
        {
            var method = metadata.GetMethodDefinition(handle);
            method.DecodeSignature(signatures, null);
            if (method.RelativeVirtualAddress == 0) continue;
            var locals = file.GetMethodBody(method.RelativeVirtualAddress).LocalSignature;
            if (!locals.IsNil) metadata.GetStandaloneSignature(locals).DecodeLocalSignature(signatures, null);
        }

        return [.. found];
    }

    // Iterators that the compiler writes ask for the thread they run on.
    private static bool IsImpure(string member) =>
        ImpureMembers.Contains(member)
        || (member.StartsWith("System.Environment.", StringComparison.Ordinal) && member != "System.Environment.get_CurrentManagedThreadId");

    private static string Name(MetadataReader metadata, TypeReferenceHandle handle)
    {
        var type = metadata.GetTypeReference(handle);
        return $"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}";
    }

    private static class Offender
    {
        public static string Offend(double price) =>
            string.Create(CultureInfo.CurrentCulture, $"{DateTime.Now}{Environment.MachineName}{new Random().Next()}{price * 2}{(decimal)price}");
    }

    /// <summary>Notes floating-point primitives; all else passes through.</summary>
    private sealed class Primitives(SortedSet<string> found) : ISignatureTypeProvider<int, object?>
    {
        public int GetPrimitiveType(PrimitiveTypeCode code)
        {
            if (code is PrimitiveTypeCode.Double) found.Add("double");
            if (code is PrimitiveTypeCode.Single) found.Add("float");
            return 0;
        }

        public int GetArrayType(int elementType, ArrayShape shape) => 0;

        public int GetByReferenceType(int elementType) => 0;

        public int GetFunctionPointerType(MethodSignature<int> signature) => 0;

        public int GetGenericInstantiation(int genericType, ImmutableArray<int> typeArguments) => 0;

        public int GetGenericMethodParameter(object? genericContext, int index) => 0;

        public int GetGenericTypeParameter(object? genericContext, int index) => 0;

        public int GetModifiedType(int modifier, int unmodifiedType, bool isRequired) => 0;

        public int GetPinnedType(int elementType) => 0;

        public int GetPointerType(int elementType) => 0;

        public int GetSZArrayType(int elementType) => 0;

        public int GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) => 0;

        public int GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => 0;

        public int GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) => 0;
    }
}
