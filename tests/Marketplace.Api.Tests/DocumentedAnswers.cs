extern alias JsonSchemas;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using JsonSchemas::Json.Schema;

namespace Marketplace.Api.Tests;

/// <summary>
/// Holds each answer of the suite against the committed document: the status is one that the operation lists, the media type too, and the body is what its
/// schema says, with no member beside those. Who reads the document alone reads every answer.
/// </summary>
sealed partial class DocumentedAnswers() : DelegatingHandler(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
{
    static readonly Lazy<Document> Committed = new(() => new());

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (response.RequestMessage?.RequestUri?.AbsolutePath is { } path && request.Method != HttpMethod.Head
            && response.Content.Headers.ContentType?.MediaType is "application/json" or "application/problem+json")
        {
            await response.Content.LoadIntoBufferAsync(cancellationToken);
            if (Committed.Value.Fault(request.Method, path, (int)response.StatusCode, response.Content.Headers.ContentType!.MediaType!, await response.Content.ReadAsStringAsync(cancellationToken)) is { } fault)
            {
                throw new AssertionException($"{request.Method} {path}: {(int)response.StatusCode} is not as documented: {fault}");
            }
        }

        return response;
    }

    sealed partial class Document
    {
        static readonly Uri Base = new("https://market.test/openapi");

        readonly List<(string Method, Regex Path, JsonObject Responses)> _operations = [];
        readonly ConcurrentDictionary<string, JsonSchema> _schemas = new();
        readonly EvaluationOptions _options = new() { OutputFormat = OutputFormat.List };
        readonly JsonObject _document;

        public Document()
        {
            _document = JsonNode.Parse(File.ReadAllText(Path.Combine(Here(), "../../api-specs/openapi.json")))!.AsObject();
            var definitions = _document["components"]!["schemas"]!.DeepClone().AsObject();
            foreach (var (_, definition) in definitions)
            {
                // A problem has members of its own for some kinds; everything else has exactly those that are listed.
                Close(definition!);
            }

            var all = JsonSchema.FromText(new JsonObject { ["$id"] = Base.ToString(), ["$defs"] = Absolute(definitions) }.ToJsonString());
            SchemaRegistry.Global.Register(Base, all);
            foreach (var (path, operations) in _document["paths"]!.AsObject())
            {
                var pattern = new Regex("^" + Parameter().Replace(Regex.Escape(path).Replace("\\{", "{", StringComparison.Ordinal), "[^/]+") + "/?$", RegexOptions.Compiled);
                foreach (var (method, operation) in operations!.AsObject())
                {
                    _operations.Add((method.ToUpperInvariant(), pattern, operation!["responses"]!.AsObject()));
                }
            }
        }

        /// <returns>Null where the answer is as documented, or no operation is asked for.</returns>
        public string? Fault(HttpMethod method, string path, int status, string mediaType, string body)
        {
            var found = _operations.Where(operation => operation.Method == method.Method && operation.Path.IsMatch(path)).OrderBy(operation => operation.Path.ToString().Length).ToList();
            if (found.Count == 0)
            {
                return null;
            }

            // An address with fewer parameters is the nearer one: /evaluations/batch before /evaluations/{id}.
            var responses = found.MinBy(operation => operation.Path.ToString().Split("[^/]+").Length).Responses;
            var documented = responses[status.ToString(System.Globalization.CultureInfo.InvariantCulture)] ?? (status >= 400 ? responses["default"] : null);
            if (documented is null)
            {
                return "the status is not listed";
            }

            if (documented["$ref"] is { } shared)
            {
                documented = _document["components"]!["responses"]![((string)shared!).Split('/')[^1]]!;
            }

            if (documented["content"]?[mediaType]?["schema"] is not { } schema)
            {
                return $"{mediaType} is not listed";
            }

            var compiled = _schemas.GetOrAdd(schema.ToJsonString(), text => JsonSchema.FromText(Absolute(JsonNode.Parse(text)!).ToJsonString()));
            var result = compiled.Evaluate(JsonElement.Parse(body), _options);
            return result.IsValid ? null : string.Join("; ", result.Details!.Where(detail => detail.Errors is { Count: > 0 }).Take(5)
                .SelectMany(detail => detail.Errors!.Select(error => $"{detail.InstanceLocation} {error.Key}: {error.Value}")));
        }

        static void Close(JsonNode schema)
        {
            if (schema is not JsonObject definition)
            {
                return;
            }

            if (definition["properties"] is JsonObject members)
            {
                if (members["requestId"] is null)
                {
                    definition["additionalProperties"] ??= false;
                }

                foreach (var (_, member) in members)
                {
                    Close(member!);
                }
            }

            if (definition["items"] is { } items)
            {
                Close(items);
            }
        }

        static string Here([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;

        static JsonNode Absolute(JsonNode schema) => JsonNode.Parse(schema.ToJsonString().Replace("#/components/schemas/", Base + "#/$defs/", StringComparison.Ordinal))!;

        [GeneratedRegex(@"\{[^}]+\}")]
        private static partial Regex Parameter();
    }
}
