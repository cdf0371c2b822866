using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Marketplace.Api.Http;

/// <summary>What the generated OpenAPI document cannot know by itself: refusals, headers, query types, money and the state machines.</summary>
static class ApiDocument
{
    public static void Configure(OpenApiOptions options)
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new()
            {
                Title = "Marketplace 科技大市场",
                Version = "1",
                Description = "The API of a technology market: demands (技术需求), achievements (科技成果), matches, introductions (对接), "
                    + "technology contracts (技术合同) with recognition (认定登记), and the subsidies that policies pay.",
            };
            document.Servers = [new() { Url = "/" }];
            document.Components ??= new();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
            {
                ["key"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "A key that begins with tm_." },
            };
            return Task.CompletedTask;
        });
    }
}
