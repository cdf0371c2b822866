using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.OpenApi;

namespace Marketplace.Api.Http;

/// <summary>
/// Makes the schemas of answers say what is written, and those of changes what may be sent. The generator knows a type and not where it is used: in an answer
/// a member is there exactly when it has a value; in a merge patch no member need be there.
/// </summary>
static class ApiSchemas
{
    /// <summary>On a member that is written though it is null; taken off again.</summary>
    const string WrittenAsNull = "x-written-as-null";

    /// <summary>Called for each member's schema while its type is at hand.</summary>
    public static void Mark(OpenApiSchema schema, JsonPropertyInfo? member)
    {
        if (member?.AttributeProvider?.GetCustomAttributes(typeof(JsonIgnoreAttribute), true) is [JsonIgnoreAttribute { Condition: JsonIgnoreCondition.Never }])
        {
            schema.Extensions ??= new Dictionary<string, IOpenApiExtension>();
            schema.Extensions[WrittenAsNull] = new JsonNodeExtension(JsonValue.Create(true));
        }

        // A query's missing code is no code.
        schema.Enum = schema.Enum?.Where(code => code is not null && !JsonNullSentinel.IsJsonNullSentinel(code)).ToList();
    }

    /// <summary>The types of the lines of a text, where it consists of JSON lines.</summary>
    const string LinesOf = "x-lines";

    /// <summary>A text of lines, each a JSON object.</summary>
    /// <param name="line">The type of each line.</param>
    /// <param name="last">The types of which the last line is one.</param>
    public static OpenApiSchema Lines(string line, params string[] last) => new()
    {
        Type = JsonSchemaType.String,
        Description = last.Length == 0 ? $"JSON lines, each a {line}." : $"JSON lines, each a {line}; the last is a {string.Join(" or a ", last)}.",
        Extensions = new Dictionary<string, IOpenApiExtension>
        {
            [LinesOf] = new JsonNodeExtension(new JsonArray([.. last.Prepend(line).Select(type => new JsonObject { ["$ref"] = "#/components/schemas/" + type })])),
        },
    };

    public static string[] LineTypes(IOpenApiSchema? schema) => schema is OpenApiSchema { Extensions: { } extensions } && extensions.TryGetValue(LinesOf, out var lines) && lines is JsonNodeExtension { Node: JsonArray types }
        ? [.. types.Select(type => ((string)type!["$ref"]!).Split('/')[^1])] : [];

    public static void Finish(OpenApiDocument document)
    {
        var schemas = document.Components!.Schemas!;
        var operations = document.Paths.Values.SelectMany(path => path.Operations?.AsEnumerable() ?? []).ToList();
        foreach (var body in operations.Select(operation => operation.Value.RequestBody).OfType<OpenApiRequestBody>())
        {
            if (body.Content?.TryGetValue("application/merge-patch+json", out var patch) == true && patch.Schema is OpenApiSchemaReference { Reference.Id: { } type })
            {
                var name = type.Replace("Content", "", StringComparison.Ordinal) + "Patch";
                var content = (OpenApiSchema)schemas[type];
                schemas[name] = new OpenApiSchema { Type = content.Type, Properties = content.Properties, Description = "Only what changes; null takes a member away." };
                patch.Schema = new OpenApiSchemaReference(name, document);
            }
        }

        var (sent, answered) = (new HashSet<string>(), new HashSet<string>());
        foreach (var (_, operation) in operations)
        {
            foreach (var content in (operation.RequestBody?.Content?.Values.AsEnumerable() ?? []).Concat(operation.Parameters?.Select(parameter => new OpenApiMediaType { Schema = parameter.Schema }) ?? []))
            {
                Reach(content.Schema, sent);
            }

            foreach (var content in operation.Responses?.Values.SelectMany(response => response.Content?.Values.AsEnumerable() ?? []) ?? [])
            {
                Reach(content.Schema, answered);
            }
        }

        foreach (var name in answered.Except(sent))
        {
            if (schemas[name] is OpenApiSchema { Properties: { } members } schema)
            {
                schema.Required = members.Where(member => !IsNullable(member.Value) || IsWrittenAsNull(member.Value)).Select(member => member.Key).ToHashSet();
                schema.Properties = members.ToDictionary(member => member.Key, member => IsWrittenAsNull(member.Value) ? member.Value : WithoutNull(member.Value));
            }
        }

        foreach (var name in schemas.Keys.Except(sent).Except(answered).Except(["Problem"]).ToList())
        {
            schemas.Remove(name);
        }

        foreach (var member in schemas.Values.SelectMany(schema => schema.Properties?.Values.AsEnumerable() ?? []).OfType<OpenApiSchema>())
        {
            member.Extensions?.Remove(WrittenAsNull);
        }

        void Reach(IOpenApiSchema? schema, HashSet<string> reached)
        {
            if (schema is OpenApiSchemaReference { Reference.Id: { } name })
            {
                if (reached.Add(name))
                {
                    Reach(schemas[name], reached);
                }

                return;
            }

            foreach (var part in Parts(schema).Concat(LineTypes(schema).Select(type => new OpenApiSchemaReference(type, document))))
            {
                Reach(part, reached);
            }
        }
    }

    static IEnumerable<IOpenApiSchema?> Parts(IOpenApiSchema? schema) =>
        schema is null ? [] : [.. schema.Properties?.Values.AsEnumerable() ?? [], .. schema.OneOf ?? [], .. schema.AnyOf ?? [], .. schema.AllOf ?? [], schema.Items, schema.AdditionalProperties];

    static bool IsNullable(IOpenApiSchema schema) =>
        schema is OpenApiSchema && (schema.Type?.HasFlag(JsonSchemaType.Null) == true || schema.OneOf?.Any(part => part.Type == JsonSchemaType.Null) == true);

    static bool IsWrittenAsNull(IOpenApiSchema schema) => schema is OpenApiSchema { Extensions: { } extensions } && extensions.ContainsKey(WrittenAsNull);

    static IOpenApiSchema WithoutNull(IOpenApiSchema schema)
    {
        if (schema is not OpenApiSchema own || !IsNullable(schema))
        {
            return schema;
        }

        if (own.OneOf is { Count: 2 } parts)
        {
            return parts.First(part => part.Type != JsonSchemaType.Null);
        }

        own.Type &= ~JsonSchemaType.Null;
        return own;
    }
}
