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
            schema.Type = JsonSchemaType.String;
            schema.Description = "UTC, to the millisecond.";
        }
        else if (type == typeof(DateOnly) || type == typeof(DateOnly?))
        {
            schema.Description = "A calendar day in Asia/Shanghai.";
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
        operation.OperationId ??= OperationId(method, path);
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

        Refuse("400", "The request is malformed; errors lists every fault.");
        if (needsKey)
        {
            Refuse("401", "No valid key.");
            Refuse("403", "The caller lacks the role.");
        }

        if (one)
        {
            Refuse("404", "There is none that the caller may know of.");
        }

        if (writes)
        {
            Refuse("409", "Not possible in this state.");
            Refuse("422", "Against a rule of the market.");
            if (one)
            {
                Refuse("412", "The version in If-Match is not the current one.");
            }

            if (method == "PATCH")
            {
                Refuse("428", "If-Match is missing.");
            }
        }

        Refuse("default", "Any other refusal or failure.");

        void Header(string name, string description, bool required = false) => operation.Parameters.Add(new OpenApiParameter
        {
            Name = name, In = ParameterLocation.Header, Description = description, Required = required,
            Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        });

        void Refuse(string status, string description) => operation.Responses.TryAdd(status, new OpenApiResponse
        {
            Description = description,
            Content = new Dictionary<string, OpenApiMediaType>
            {
                ["application/problem+json"] = new() { Schema = new OpenApiSchemaReference(ProblemSchema, context.Document) },
            },
        });
    }

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

    /// <summary>POST demands → createDemands; GET demands/{id} → getDemands; POST demands/{id}/submit → demandsSubmit.</summary>
    static string OperationId(string method, string path)
    {
        var words = path.Split('/', StringSplitOptions.RemoveEmptyEntries).Skip(2).Where(part => !part.StartsWith('{')).SelectMany(part => part.Split('-'))
            .Select(word => char.ToUpperInvariant(word[0]) + word[1..]).ToList();
        var ending = path.TrimEnd('/').EndsWith('}');
        var verb = (method, ending) switch
        {
            ("GET", true) => "get",
            ("GET", false) => "list",
            ("PATCH", _) => "change",
            ("DELETE", _) => "delete",
            _ => path.Contains('{', StringComparison.Ordinal) ? "" : "create",
        };
        var name = string.Concat(words);
        return verb.Length > 0 ? verb + name : char.ToLowerInvariant(name[0]) + name[1..];
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
        "explain" => "Adds the steps of the calculation.",
        "readings" => "all adds each award under every reading of an unclear clause.",
        _ => $"Only those with this {name}.",
    };
}
