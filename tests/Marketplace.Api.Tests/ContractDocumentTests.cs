using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Marketplace.Api.Http;
using Marketplace.Rules;

namespace Marketplace.Api.Tests;

/// <summary>
/// The committed contract is the one that the program serves. <c>MARKETPLACE_WRITE_SPECS=1</c> writes the files of api-specs anew
/// instead of comparing them; what changed then shows in the diff, where a reviewer sees it.
/// </summary>
public sealed class ContractDocumentTests
{
    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    readonly Market market = Market.On(Databases.Sqlite);

    [Test]
    public async Task The_committed_document_is_the_one_served() =>
        await SameAsCommitted("openapi.json", JsonNode.Parse(await market.Anonymous.GetStringAsync("/openapi/v1.json"))!.ToJsonString(Indented) + "\n");

    [Test]
    public Task The_committed_schema_of_policies_is_the_one_of_the_loader() =>
        SameAsCommitted("policy.schema.json", PolicySchema.Make().ToJsonString(Indented) + "\n");

    [Test]
    public Task The_committed_list_of_problems_is_the_one_in_the_program() => SameAsCommitted("problems.md", ProblemList());

    [Test]
    public async Task The_document_has_exactly_the_operations_that_the_program_maps()
    {
        var document = await market.Anonymous.GetJson("/openapi/v1.json");
        var described = document.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(operation => $"{operation.Name.ToUpperInvariant()} {path.Name.TrimEnd('/')}"));
        Assert.That(described.Where(operation => operation.Contains(" /api/v1/", StringComparison.Ordinal)), Is.EquivalentTo(Operation.Of(market).Select(operation => operation.ToString())));
    }

    [Test]
    public async Task The_document_and_its_page_are_served_to_everybody()
    {
        Assert.That((await market.Anonymous.GetJson("/openapi/v1.json")).Text("openapi"), Does.StartWith("3.1"));
        using var page = await market.Anonymous.GetAsync("/swagger/index.html");
        Assert.That(page.IsSuccessStatusCode, Is.True);
        Assert.That(page.Content.Headers.ContentType!.MediaType, Is.EqualTo("text/html"));
    }

    [Test]
    public void Every_problem_is_told_once_in_both_languages()
    {
        Assert.That(Problems.All.Select(type => type.Code), Is.Unique.And.All.Match("^[a-z0-9]+(-[a-z0-9]+)*$"));
        foreach (var type in Problems.All)
        {
            Assert.That(type.Status, Is.InRange(400, 599), type.Code);
            foreach (var text in new[] { type.Title, type.Cause, type.Fix })
            {
                Assert.That(text.Zh.Any(c => c is >= '\u4E00' and <= '\u9FFF'), Is.True, type.Code);
                Assert.That(text.En, Is.Not.Empty.And.Not.EqualTo(text.Zh), type.Code);
            }
        }
    }

    static string ProblemList()
    {
        var text = new StringBuilder(
            """
            # Problems 错误代码

            Every refusal is a problem document (RFC 9457); its `type` leads to a page with this text. Written by the test that compares it with the program.

            所有错误均以 RFC 9457 问题文档返回，其 `type` 指向含下述说明的页面。本文件由测试生成并与程序核对。

            """);
        foreach (var status in Problems.All.GroupBy(type => type.Status).OrderBy(group => group.Key))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {status.Key}\n");
            foreach (var type in status)
            {
                text.Append(CultureInfo.InvariantCulture, $"\n### `{type.Code}`\n\n**{type.Title.En}.** {type.Cause.En} {type.Fix.En}\n\n**{type.Title.Zh}。** {type.Cause.Zh}{type.Fix.Zh}\n");
            }
        }

        return text.ToString();
    }

    static async Task SameAsCommitted(string name, string served, [CallerFilePath] string here = "")
    {
        var file = Path.Combine(Path.GetDirectoryName(here)!, "../../api-specs", name);
        if (Environment.GetEnvironmentVariable("MARKETPLACE_WRITE_SPECS") == "1")
        {
            await File.WriteAllTextAsync(file, served);
        }

        Assert.That(File.Exists(file), Is.True, $"api-specs/{name} is missing: run this test with MARKETPLACE_WRITE_SPECS=1.");
        Assert.That((await File.ReadAllTextAsync(file)).ReplaceLineEndings("\n"), Is.EqualTo(served),
            $"api-specs/{name} is not what the program serves: run this test with MARKETPLACE_WRITE_SPECS=1 and look at the diff.");
    }
}
