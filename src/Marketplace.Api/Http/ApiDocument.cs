using System.ComponentModel;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Marketplace.Rules;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Marketplace.Api.Http;

/// <summary>
/// What the generator cannot see by itself: the query types, what the converters write, the headers and refusals that every operation
/// shares, and the state machines.
/// </summary>
static class ApiDocument
{
    const string ProblemSchema = "Problem";
    const string MoneySchema = "Money";

    /// <summary>The document is made of the program alone: the first who asks for it has it rendered, for all others too.</summary>
    public static void MapApiDocument(this IEndpointRouteBuilder routes)
    {
        var turn = new SemaphoreSlim(1);
        byte[]? rendered = null;
        routes.MapGet("/openapi/v1.json", async ([FromKeyedServices("v1")] IOpenApiDocumentProvider documents, HttpContext http) =>
        {
            if (Volatile.Read(ref rendered) is not { } bytes)
            {
                await turn.WaitAsync(http.RequestAborted);
                try
                {
                    rendered = bytes = rendered ?? await Render(documents);
                }
                finally
                {
                    turn.Release();
                }
            }

            return Results.Bytes(bytes, Json.ContentType);
        }).ExcludeFromDescription();
    }

    static async Task<byte[]> Render(IOpenApiDocumentProvider documents)
    {
        var document = await documents.GetOpenApiDocumentAsync();
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        document.SerializeAsV31(new OpenApiJsonWriter(text));
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    public static void Configure(OpenApiOptions options)
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.ShouldInclude = operation => operation.HttpMethod != HttpMethods.Head;
        options.CreateSchemaReferenceId = info => RenderedType(info.Type) is { } rendered ? SchemaName(rendered.Name)
            : OpenApiOptions.CreateDefaultSchemaReferenceId(info) switch
            {
                nameof(Fen) => MoneySchema,
                { } name => SchemaName(name),
                null => null,
            };
        options.AddSchemaTransformer(async (schema, context, cancel) =>
        {
            DescribeConverted(schema, context.JsonTypeInfo.Type, context.JsonPropertyInfo?.IsGetNullable == true);
            ApiSchemas.Mark(schema, context.JsonPropertyInfo);
            if (RenderedType(context.JsonTypeInfo.Type) is { } rendered)
            {
                var described = await context.GetOrCreateSchemaAsync(rendered, null, cancel);
                (schema.Type, schema.Properties, schema.Required) = (described.Type, described.Properties, described.Required);
            }
        });
        options.AddOperationTransformer(DescribeOperation);
        options.AddDocumentTransformer(DescribeDocument);
    }

    static string SchemaName(string type) => type.Replace("View", "", StringComparison.Ordinal);

    static Type? RenderedType(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Rendered<>) ? type.GetGenericArguments()[0] : null;

    /// <summary>The types that have converters of their own, whose JSON the generator cannot know.</summary>
    static void DescribeConverted(OpenApiSchema schema, Type type, bool nullable)
    {
        if (type == typeof(string))
        {
            schema.Type = nullable ? JsonSchemaType.String | JsonSchemaType.Null : JsonSchemaType.String;
        }
        else if (type == typeof(DateTimeOffset) || type == typeof(DateTimeOffset?))
        {
            schema.Type = JsonSchemaType.String | (type == typeof(DateTimeOffset?) ? JsonSchemaType.Null : 0);
            schema.Description = "UTC, to the millisecond.";
        }
        else if (type == typeof(DateOnly) || type == typeof(DateOnly?))
        {
            schema.Description = "A calendar day in Asia/Shanghai.";
        }
        else if (type == typeof(FenChange))
        {
            (schema.Type, schema.Description) = (JsonSchemaType.Number, "Yuan, with at most two decimals; negative where it is taken away.");
        }
        else if (schema.Type?.HasFlag(JsonSchemaType.Array) == true && schema.Items is null)
        {
            schema.Items = new OpenApiSchema { Type = JsonSchemaType.String };
        }
    }

    static async Task DescribeOperation(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancel)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var (method, path) = (context.Description.HttpMethod!, context.Description.RelativePath!);
        operation.OperationId ??= OperationId(method, path, context.Description.SupportedResponseTypes.Any(answer =>
            answer.Type is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(Page<>)));
        operation.Parameters ??= [];
        foreach (var parameter in operation.Parameters.OfType<OpenApiParameter>().Where(parameter => parameter.In == ParameterLocation.Path))
        {
            parameter.Description ??= "The resource's id.";
        }

        if (metadata.OfType<QueryMetadata>().FirstOrDefault() is { } query)
        {
            foreach (var property in Json.Options.GetTypeInfo(query.Type).Properties.Where(property => property.Set is not null))
            {
                operation.Parameters.Add(new OpenApiParameter
                {
                    Name = property.Name, In = ParameterLocation.Query, Description = OwnDescription(property) ?? QueryDescription(property.Name),
                    Schema = await context.GetOrCreateSchemaAsync(property.PropertyType, null, cancel),
                });
            }
        }

        operation.Responses ??= [];
        if (metadata.OfType<Routes.AnswersMetadata>().LastOrDefault()?.MediaTypes.Contains(Pages.MediaType) == true)
        {
            operation.Responses["200"].Content![Pages.MediaType] = new() { Schema = new OpenApiSchema { Type = JsonSchemaType.String, Description = "The same for a person." } };
        }

        foreach (var content in (operation.RequestBody?.Content?.AsEnumerable() ?? []).Concat(operation.Responses.Values.SelectMany(answer => answer.Content?.AsEnumerable() ?? [])))
        {
            if (!content.Key.EndsWith("json", StringComparison.Ordinal) && content.Value.Schema is OpenApiSchemaReference)
            {
                content.Value.Schema = new OpenApiSchema { Type = JsonSchemaType.String, Description = "A table: a header row, and a record in each row." };
            }
            else if (content.Key == Ndjson.MediaType && content.Value.Schema is OpenApiSchemaReference { Reference.Id: { } line })
            {
                content.Value.Schema = ApiSchemas.Lines(line);
            }
        }

        if (metadata.OfType<Ndjson.LastLineMetadata>().FirstOrDefault() is { } last)
        {
            var names = new List<string>();
            foreach (var type in last.Types)
            {
                context.Document!.AddComponent(SchemaName(type.Name), await context.GetOrCreateSchemaAsync(type, null, cancel));
                names.Add(SchemaName(type.Name));
            }

            operation.Responses["200"].Content![Ndjson.MediaType].Schema = ApiSchemas.Lines(LineOf(operation.Responses["200"]), [.. names]);

            static string LineOf(IOpenApiResponse answer) => ApiSchemas.LineTypes(answer.Content![Ndjson.MediaType].Schema)[0];
        }

        var needsKey = metadata.OfType<IAuthorizeData>().Any() || metadata.OfType<AuthorizationPolicy>().Any();
        operation.Security =
        [
            .. needsKey ? Array.Empty<OpenApiSecurityRequirement>() : [new OpenApiSecurityRequirement()],
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("key", context.Document)] = [] },
        ];
        var writes = metadata.OfType<Routes.WritesMetadata>().Any();
        if (writes && method == "POST")
        {
            Header("Idempotency-Key", "Makes a repetition of the request harmless: 1 to 255 visible ASCII characters.");
        }

        var one = path.Contains("{id}", StringComparison.Ordinal);
        if (writes && metadata.OfType<Lifecycle>().Any() && one || method == "PATCH")
        {
            Header("If-Match", "The ETag of the version that the change rests on.", required: method == "PATCH");
        }

        if (method == "GET" && one && path.EndsWith("{id}", StringComparison.Ordinal))
        {
            Header("If-None-Match", "An ETag that the caller has; the answer is 304 when nothing changed.");
            operation.Responses.TryAdd("304", new OpenApiResponse { Description = "Not changed." });
        }

        Refuse("400");
        if (needsKey)
        {
            Refuse("401");
            Refuse("403");
        }

        if (one)
        {
            Refuse("404");
        }

        if (writes)
        {
            Refuse("409");
            Refuse("422");
            if (one)
            {
                Refuse("412");
            }

            if (method == "PATCH")
            {
                Refuse("428");
            }
        }

        Refuse("default");

        void Header(string name, string description, bool required = false) => operation.Parameters.Add(new OpenApiParameter
        {
            Name = name, In = ParameterLocation.Header, Description = description, Required = required,
            Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        });

        void Refuse(string status) => operation.Responses.TryAdd(status, new OpenApiResponseReference(Refusals[status].Name, context.Document));
    }

    /// <summary>What every operation can be refused with is described once.</summary>
    static readonly Dictionary<string, (string Name, string Description)> Refusals = new()
    {
        ["400"] = ("Malformed", "The request is malformed; errors lists every fault."),
        ["401"] = ("Unauthenticated", "No valid key."),
        ["403"] = ("Forbidden", "The caller lacks the role."),
        ["404"] = ("NotFound", "There is none that the caller may know of."),
        ["409"] = ("Conflict", "Not possible in this state."),
        ["412"] = ("PreconditionFailed", "The version in If-Match is not the current one."),
        ["422"] = ("RuleViolated", "Against a rule of the market."),
        ["428"] = ("PreconditionRequired", "If-Match is missing."),
        ["default"] = ("Refused", "Any other refusal or failure."),
    };

    static Task DescribeDocument(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancel)
    {
        document.Info = new()
        {
            Title = "Marketplace 科技大市场",
            Version = "1",
            Description = "A technology market: demands (技术需求), achievements (科技成果), matches, introductions (对接), technology contracts "
                + "(技术合同) with recognition (认定登记), and what policies pay for them. Refusals are problem documents (RFC 9457).",
        };
        document.Servers = [new() { Url = "/" }];
        document.Components ??= new();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            ["key"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "A key that begins with tm_." },
        };
        document.Components.Schemas ??= new Dictionary<string, IOpenApiSchema>();
        document.Components.Schemas[ProblemSchema] = Problem();
        document.Components.Schemas[MoneySchema] = new OpenApiSchema
        {
            Type = JsonSchemaType.Number, Minimum = "0", ExclusiveMaximum = "100000000000000",
            Description = "Yuan, with at most two decimals.",
        };
        document.Components.Responses = Refusals.Values.ToDictionary(refusal => refusal.Name, IOpenApiResponse (refusal) => new OpenApiResponse
        {
            Description = refusal.Description,
            Content = new Dictionary<string, OpenApiMediaType> { ["application/problem+json"] = new() { Schema = new OpenApiSchemaReference(ProblemSchema, document) } },
        });
        ApiSchemas.Finish(document);
        document.Tags = document.Paths.Values.SelectMany(path => path.Operations?.Values.AsEnumerable() ?? [])
            .SelectMany(operation => operation.Tags ?? new HashSet<OpenApiTagReference>())
            .Select(tag => tag.Name!).Distinct().Order(StringComparer.Ordinal).Select(name => new OpenApiTag { Name = name }).ToHashSet();
        document.Extensions ??= new Dictionary<string, IOpenApiExtension>();
        document.Extensions["x-state-machines"] = new JsonNodeExtension(StateMachines(context));
        return Task.CompletedTask;
    }

    static JsonObject StateMachines(OpenApiDocumentTransformerContext context)
    {
        var machines = context.DescriptionGroups.SelectMany(group => group.Items)
            .SelectMany(item => item.ActionDescriptor.EndpointMetadata.OfType<Lifecycle>()).DistinctBy(machine => machine.Resource);
        return new(machines.Select(machine => KeyValuePair.Create<string, JsonNode?>(machine.Resource, new JsonObject
        {
            ["initial"] = machine.Initial,
            ["states"] = new JsonArray([.. machine.States.Select(state => JsonValue.Create(state))]),
            ["transitions"] = JsonSerializer.SerializeToNode(machine.Transitions, Json.Options),
        })));
    }

    static OpenApiSchema Problem() => new()
    {
        Type = JsonSchemaType.Object,
        Required = new HashSet<string> { "type", "title", "status", "detail", "instance", "code", "requestId" },
        Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["type"] = Text("A page on meaning, cause and fix."),
            ["title"] = Text("The kind of problem, in the caller's language."),
            ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer },
            ["detail"] = Text("What is wrong with this request, in the caller's language."),
            ["instance"] = Text("The address that was called."),
            ["code"] = Text("Stable; for programs."),
            ["requestId"] = Text("Names the request in the server's log."),
            ["currentState"] = Text("With invalid-transition: the state the resource is in."),
            ["availableActions"] = Texts("With invalid-transition: what the caller can do instead."),
            ["requiredRoles"] = Texts("With forbidden: who may do it."),
            ["errors"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Array,
                Items = new OpenApiSchema
                {
                    Type = JsonSchemaType.Object,
                    Required = new HashSet<string> { "code", "detail" },
                    Properties = new Dictionary<string, IOpenApiSchema>
                    {
                        ["pointer"] = Text("Where in the body (RFC 6901)."),
                        ["parameter"] = Text("Which query parameter."),
                        ["code"] = Text("Stable; for programs."),
                        ["detail"] = Text("In the caller's language."),
                    },
                },
            },
            ["errorsTruncated"] = new OpenApiSchema { Type = JsonSchemaType.Boolean, Description = "True where there are more faults than the 100 in errors." },
        },
    };

    static OpenApiSchema Text(string description) => new() { Type = JsonSchemaType.String, Description = description };

    static OpenApiSchema Texts(string description) => new()
    {
        Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.String }, Description = description,
    };

    /// <summary>
    /// POST demands → createDemand; GET demands/{id} → getDemand; POST demands/{id}/submit → submitDemand; GET funds/{id}/entries → listFundEntries. Where that
    /// reads ill the route has a name of its own.
    /// </summary>
    /// <param name="lists">Whether the answer is a page of a list.</param>
    static string OperationId(string method, string path, bool lists)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries).Skip(2).ToList();
        var ofOne = parts.Contains("{id}");
        var words = parts.Where(part => !part.StartsWith('{')).Select(part => string.Concat(part.Split('-').Select(Capital))).ToList();
        var resource = Singular(words[0]);
        return (method, words.Count) switch
        {
            ("GET", 1) when !ofOne => lists ? "list" + words[0] : "get" + words[0],
            ("GET", 1) => "get" + resource,
            ("GET", _) => (lists ? "list" : "get") + resource + string.Concat(words.Skip(1)),
            ("PATCH", _) => "change" + resource,
            ("DELETE", _) => "delete" + resource,
            (_, 1) => "create" + resource,
            _ => char.ToLowerInvariant(words[^1][0]) + words[^1][1..] + resource,
        };

        static string Capital(string word) => char.ToUpperInvariant(word[0]) + word[1..];

        static string Singular(string word) => word.EndsWith("ies", StringComparison.Ordinal) ? word[..^3] + "y" : word.TrimEnd('s');
    }

    /// <summary>For a name that means something else in this operation than elsewhere.</summary>
    static string? OwnDescription(JsonPropertyInfo property) =>
        property.AttributeProvider?.GetCustomAttributes(typeof(DescriptionAttribute), true).OfType<DescriptionAttribute>().FirstOrDefault()?.Description;

    static string QueryDescription(string name) => name switch
    {
        "limit" => "How many to return, 1 to 100.",
        "cursor" => "The nextCursor of the page before.",
        "after" => "The sequence number of the last event already seen.",
        "types" => "Event types, separated by commas.",
        "q" => "Full text over published listings; the answer is ranked.",
        "region" => "The first digits of the region code, or the region in which a policy holds.",
        "on" => "Policies in force on this day.",
        "validateOnly" => "Checks the request and answers as it would be answered, and changes nothing.",
        "at" => "The instant; the present one where it is missing.",
        "explain" => "Adds the steps of the calculation.",
        "readings" => "all adds each award under every reading of an unclear clause.",
        _ => $"Only those with this {name}.",
    };
}
