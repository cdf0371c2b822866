using System.Text;
using System.Text.Json;
using Marketplace.Api.Http;
using Marketplace.Api.Tests.Imports;
using Microsoft.AspNetCore.Http.Metadata;

namespace Marketplace.Api.Tests;

/// <summary>What an answer costs is bounded by the market and not by who asks: faults, members, entries, columns, what waits to be read.</summary>
public sealed class BoundTests
{
    readonly Market market = Market.On(Databases.Sqlite);

    [TestCase(100, false)]
    [TestCase(101, true)]
    [TestCase(900, true)]
    public async Task An_answer_lists_the_first_hundred_faults_and_says_where_there_are_more(int unknown, bool more)
    {
        var body = $"{{{string.Join(',', Enumerable.Range(0, unknown).Select(i => $"\"x{i}\":{i}"))},\"text\":\"a\"}}";
        var problem = await market.Anonymous.PostJson("matches", body).AssertProblem(400, "unknown-field");
        Assert.That(problem.Places(), Is.EqualTo(Enumerable.Range(0, 100).Select(i => $"/x{i}")));
        Assert.That(problem.Has("errorsTruncated"), Is.EqualTo(more));
        Assert.That(problem.Text("detail"), Does.Contain(more ? "More than 100" : "100 faults"));
    }

    [Test]
    public async Task A_query_lists_the_first_hundred_faults_too()
    {
        var query = string.Join('&', Enumerable.Range(0, 300).Select(i => $"x{i}=1"));
        foreach (var address in new[] { "demands", "codes" })
        {
            var problem = await market.Anonymous.GetAsync($"{address}?{query}").AssertProblem(400, "unknown-field");
            Assert.That(problem.Places(), Has.Length.EqualTo(100), address);
            Assert.That(problem.GetProperty("errorsTruncated").GetBoolean(), Is.True, address);
        }
    }

    [Test]
    public async Task An_object_of_more_than_a_thousand_members_is_one_fault()
    {
        var many = $"{{{string.Join(',', Enumerable.Range(0, 1001).Select(i => $"\"x{i}\":{i}"))}}}";
        var caller = await market.InEveryRole();
        foreach (var operation in Operation.Of(market).Where(operation => operation.TakesJson))
        {
            var problem = await caller.Send(new(operation.Method), operation.Address, Requests.Content(many)).AssertProblem(400, "validation-failed");
            Assert.That(Faults(problem), Is.EqualTo(new[] { ("", "too-many-members") }), operation.ToString());
        }

        // A large body is looked through before anything else is asked of it.
        var large = $"{{\"a/b\":[1,{{{string.Join(',', Enumerable.Range(0, 40_000).Select(i => $"\"x{i}\":{i}"))}}}]}}";
        var deep = await market.Anonymous.PostJson("matches", large).AssertProblem(400, "validation-failed");
        Assert.That(Faults(deep), Is.EqualTo(new[] { ("/a~1b/1", "too-many-members") }));

        var inside = await market.Anonymous.PostJson("matches", $$"""{"text":"a","budget":{{many}}}""").AssertProblem(400, "validation-failed");
        Assert.That(Faults(inside), Is.EqualTo(new[] { ("/budget", "too-many-members") }));
    }

    [Test]
    public async Task A_list_that_is_too_long_is_one_fault_whatever_is_in_it()
    {
        var modes = string.Join(',', Enumerable.Repeat("\"zz\"", 200_000));
        var problem = await market.Anonymous.PostJson("matches", $$"""{"text":"a","modes":[{{modes}}]}""").AssertProblem(400, "validation-failed");
        Assert.That(Faults(problem), Is.EqualTo(new[] { ("/modes", "too-long") }));
    }

    [Test]
    public void Every_list_that_is_taken_in_says_how_long_it_may_be()
    {
        var (unbounded, seen) = (new List<string>(), new HashSet<Type>());
        foreach (var type in Operation.Of(market).Select(operation => operation.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType).OfType<Type>())
        {
            Look(type);
        }

        Assert.That(seen, Has.Count.GreaterThan(30));
        Assert.That(unbounded, Is.Empty);

        void Look(Type type)
        {
            if (type == typeof(string) || type.IsValueType || !seen.Add(type))
            {
                return;
            }

            foreach (var member in Json.Options.GetTypeInfo(type).Properties.Where(member => member.Set is not null))
            {
                var element = member.PropertyType.IsGenericType && typeof(System.Collections.IEnumerable).IsAssignableFrom(member.PropertyType) ? member.PropertyType.GetGenericArguments()[0] : null;
                if (element is not null && member.AttributeProvider!.GetCustomAttributes(typeof(System.ComponentModel.DataAnnotations.MaxLengthAttribute), true).Length == 0)
                {
                    unbounded.Add($"{type.Name}.{member.Name}");
                }

                Look(element ?? member.PropertyType);
            }
        }
    }

    [Test]
    public async Task A_line_of_an_import_or_a_batch_lists_the_first_hundred_faults_too()
    {
        var owner = await market.Party("university");
        var unknown = string.Join(',', Enumerable.Range(0, 150).Select(i => $"\"x{i}\":{i}"));
        var imported = (await owner.Client.Import("achievements", $"{{{unknown}}}\n"))[1];
        var history = string.Join(',', Enumerable.Repeat("""{"award":"none","amount":1}""", 150));
        using var batch = await market.Anonymous.Send(HttpMethod.Post, "evaluations/batch",
            new StringContent($$"""{"policy":"xining-2020","facts":{},"history":[{{history}}]}""", Encoding.UTF8, "application/x-ndjson"));
        var evaluated = JsonDocument.Parse(await batch.Content.ReadAsStringAsync()).RootElement;
        foreach (var line in new[] { imported, evaluated })
        {
            Assert.That(line.GetProperty("errors").GetArrayLength(), Is.EqualTo(100));
            Assert.That(line.GetProperty("errorsTruncated").GetBoolean(), Is.True);
        }

        Assert.That((await owner.Client.Import("achievements", "{}\n"))[1].Has("errorsTruncated"), Is.False);
    }

    [Test]
    public async Task A_header_has_at_most_five_hundred_columns()
    {
        var owner = await market.Party("university");
        using var most = await owner.Client.PostFile("achievements", Encoding.UTF8.GetBytes(Columns(500) + "\n"), "text/csv");
        var unknown = await Task.FromResult(most).AssertProblem(400, "unknown-field");
        Assert.That((unknown.GetProperty("errors").GetArrayLength(), unknown.GetProperty("errorsTruncated").GetBoolean()), Is.EqualTo((100, true)));
        using var more = await owner.Client.PostFile("achievements", Encoding.UTF8.GetBytes(Columns(8_000) + "\n"), "text/csv");
        var problem = await Task.FromResult(more).AssertProblem(400, "validation-failed");
        Assert.That(problem.GetProperty("errors")[0].Text("code"), Is.EqualTo("too-long"));
        Assert.That(problem.GetProperty("errors")[0].Text("detail"), Does.Contain("500").And.Contain("8000"));

        static string Columns(int count) => string.Join(',', Enumerable.Range(0, count).Select(i => $"x{i}"));
    }

    [TestCase("title,price.mode,price", "/price", "malformed-csv")]
    [TestCase("title,price,price.mode", "/price/mode", "malformed-csv")]
    [TestCase("a.b.c.d,a.b", "/a/b", "malformed-csv")]
    [TestCase("a.b.c.d.e.f.g.h.i.j.k", "/a/b/c/d/e/f/g/h/i/j/k", "unknown-field")]
    public async Task A_column_that_holds_another_or_goes_too_deep_is_refused(string header, string place, string code)
    {
        var owner = await market.Party("university");
        using var refused = await owner.Client.PostFile("achievements", Encoding.UTF8.GetBytes(header + "\n"), "text/csv");
        var errors = (await refused.Json(400)).GetProperty("errors").EnumerateArray().Select(error => (error.Text("pointer"), error.Text("code")));
        Assert.That(errors, Does.Contain((place, code)));
    }

    [Test]
    public async Task Sixty_four_MiB_wait_for_a_reader_and_then_the_work_does()
    {
        using var spool = new Spool();
        var piece = new byte[1 << 20];
        for (var i = 0; i < 65; i++)
        {
            await spool.Append(piece);
        }

        using var gone = new CancellationTokenSource();
        var waiting = spool.Append(piece, gone.Token);
        Assert.That(waiting.IsCompleted, Is.False);
        await gone.CancelAsync();
        Assert.That(async () => await waiting, Throws.InstanceOf<OperationCanceledException>());
    }

    static (string, string)[] Faults(JsonElement problem) => [.. problem.GetProperty("errors").EnumerateArray().Select(error => (error.Text("pointer"), error.Text("code")))];
}
