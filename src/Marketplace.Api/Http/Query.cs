using System.Net;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using Marketplace.Rules;
using Microsoft.AspNetCore.WebUtilities;

namespace Marketplace.Api.Http;

/// <summary>What an operation takes in its query string: marks the endpoint, so that the API document can list the parameters.</summary>
public sealed record QueryMetadata(Type Type);

/// <summary>A query string, read by the same rules as a body; an unknown parameter is a fault, not noise.</summary>
public sealed class Query<T>(T value) : Microsoft.AspNetCore.Http.Metadata.IEndpointParameterMetadataProvider
    where T : class
{
    public T Value => value;

    public static ValueTask<Query<T>> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var faults = new List<Fault>();
        using var document = JsonDocument.Parse(Queries.AsJson(typeof(T), context.Request.Query, faults).ToJsonString());
        var value = Validation.Read<T>(document.RootElement, faults);
        faults = [.. faults.Select(fault => fault with { Place = fault.Place.TrimStart('/').Split('/')[0] })];
        return faults.Count == 0 ? ValueTask.FromResult(new Query<T>(value!)) : throw Problems.InvalidQuery(faults);
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) => builder.Metadata.Add(new QueryMetadata(typeof(T)));
}

static class Queries
{
    /// <summary>Refuses parameters that the operation does not know, before anything else of the request is read.</summary>
    /// <param name="type">Of its query; null where it has none, so that any parameter is unknown.</param>
    public static void RequireKnown(HttpContext context, Type? type)
    {
        if (!context.Request.QueryString.HasValue)
        {
            return;
        }

        var known = type is null ? [] : Validation.Members(type).ToList();
        if (context.Request.Query.Keys.Except(known).ToList() is { Count: > 0 } unknown)
        {
            throw Problems.InvalidQuery([.. unknown.Select(name => Validation.Unknown(name, name, known))]);
        }
    }

    /// <summary>What is no UTF-8 would be read as signs that nobody sent.</summary>
    public static void RequireText(QueryString query)
    {
        if (!query.HasValue || !query.Value.Contains('%', StringComparison.Ordinal))
        {
            return;
        }

        var faults = new List<Fault>();
        foreach (var sent in new QueryStringEnumerable(query.Value))
        {
            if (!IsText(sent.EncodedName) || !IsText(sent.EncodedValue))
            {
                faults.Add(new(sent.DecodeName().ToString(), "invalid-text", new("不是 UTF-8。", "Not UTF-8.")));
            }
        }

        if (faults.Count > 0)
        {
            throw Problems.InvalidQuery(faults);
        }

        static bool IsText(ReadOnlyMemory<char> encoded)
        {
            var bytes = Encoding.UTF8.GetBytes(encoded.ToArray());
            return Utf8.IsValid(WebUtility.UrlDecodeToBytes(bytes, 0, bytes.Length));
        }
    }

    /// <summary>Numbers and booleans as such where they read as such; a parameter given twice is a fault.</summary>
    public static JsonObject AsJson(Type type, IQueryCollection query, List<Fault> faults)
    {
        var json = new JsonObject();
        var properties = Json.Options.GetTypeInfo(type).Properties.ToDictionary(p => p.Name, p => p.PropertyType);
        foreach (var (name, values) in query)
        {
            if (values.Count > 1)
            {
                faults.Add(new(name, "repeated", new("参数重复。", "The parameter is given more than once.")));
                continue;
            }

            json[name] = properties.TryGetValue(name, out var property) ? Value(property, values.ToString()) : values.ToString();
        }

        return json;
    }

    static JsonNode Value(Type type, string text)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if ((type == typeof(int) || type == typeof(long)) && ExactNumber.TryRead(text, decimals: 0, out var number))
        {
            return number;
        }

        return type == typeof(bool) && text is "true" or "false" ? text == "true" : text;
    }
}
