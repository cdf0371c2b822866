using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Marketplace.Rules;

namespace Marketplace.Benchmarks;

/// <summary>
/// Contracts a second through <c>POST /api/v1/evaluations/batch?detail=sums</c> of a running market, against a bare endpoint that reads the
/// same lines into plain structs, computes the same two awards by hand and writes the same lines. Until November 2026 these gates measured
/// the evaluator alone, which no request ran.
/// </summary>
static class BatchGates
{
    const int Many = 1 << 15;

    /// <summary>The buyer's and the broker's award of Xining 2020, and nothing else of it.</summary>
    const string Policy = """
        schema: policy/1
        id: gate-sums
        version: "1"
        region: "630100"
        title: { zh: 测量用政策, en: policy of the gates }
        authority: { zh: 无, en: none }
        source: { file: gate-sums.txt }
        inForce: { from: 2020-08-19, cite: [day] }
        governedBy: recognisedOn
        clauses:
          day: { article: "1", quote: "自2020-08-19起施行" }
          kinds: { article: "2", quote: 630100范围内买方对非关联方的技术开发、技术转让、技术许可合同，经认定后 }
          buyer: { article: "3", quote: "对买方给予3%的补贴,最高不超过10万元" }
          broker: { article: "4", quote: "对促成交易的给予1%的补贴,单个项目最高不超过5万元" }
        awards:
          buyer:
            label: { zh: 买方补贴, en: buyer's subsidy }
            payee: buyer
            when:
              - { kind: [development, transfer, licence], cite: kinds }
              - { recognised: true, cite: kinds }
              - { relatedParties: false, cite: kinds }
              - { buyerRegion: "630100", cite: kinds }
            base: technologyAmount
            amount: { rate: 3%, cite: buyer }
            limits: [ { cap: 10万元, scope: contract, cite: buyer } ]
          broker:
            label: { zh: 中介补贴, en: broker's subsidy }
            payee: broker
            when:
              - { brokered: true, cite: broker }
              - { kind: [development, transfer, licence], cite: kinds }
              - { recognised: true, cite: kinds }
              - { relatedParties: false, cite: kinds }
              - { buyerRegion: "630100", cite: kinds }
            base: technologyAmount
            amount: { rate: 1%, cite: broker }
            limits: [ { cap: 5万元, scope: project, cite: broker } ]
        """;

    /// <summary>Contracts without a past: the evaluator's shortest way.</summary>
    public static Task<Measured?> Amounts() => Measure(need: 0.9, hasHistory: false);

    /// <summary>Contracts that each bring two earlier grants of their project, which the broker's cap counts.</summary>
    public static Task<Measured?> SharedCaps() => Measure(need: 1.05, hasHistory: true);

    static async Task<Measured?> Measure(double need, bool hasHistory)
    {
        if (PolicyDocument.Load("gate-sums.yaml", Policy) is { Policy: null } broken)
        {
            throw new InvalidOperationException(string.Join('\n', broken.Diagnostics));
        }

        using var folder = new Folder();
        var policies = Directory.CreateDirectory(folder.File("policies"));
        await File.WriteAllTextAsync(Path.Combine(policies.FullName, "gate-sums.yaml"), Policy);
        await using var ours = await Server.Market("sqlite", $"Data Source={folder.File("market.db")}", more: ["--Marketplace:PolicyDirectory", policies.FullName]);
        await using var baseline = await Server.Bare("bare-batch");
        using var http = new HttpClient { Timeout = TimeSpan.FromMinutes(5) };
        var lines = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, Many).Select(seed => Line(seed, hasHistory))));
        Gates.Say($"  {lines.Length / Many} bytes a line");
        var (one, other) = (await Answer(ours), await Answer(baseline));
        if (one != other)
        {
            var at = one.Zip(other).TakeWhile(pair => pair.First == pair.Second).Count();
            throw new InvalidOperationException($"Not the same answers:\n{Near(one, at)}\n{Near(other, at)}");
        }

        var clock = Stopwatch.StartNew();
        for (var warmed = 0; warmed < 20 || clock.Elapsed < TimeSpan.FromSeconds(8); warmed++)
        {
            await Rate(ours);
            await Rate(baseline);
        }

        return await Gates.InTurns(rounds: 15, need, () => Rate(ours), () => Rate(baseline));

        async Task<double> Rate(Server server)
        {
            var (began, used) = (Stopwatch.GetTimestamp(), server.Used);
            using var response = await Send(server);
            await using var answer = await response.Content.ReadAsStreamAsync();
            await answer.CopyToAsync(Stream.Null);
            var perSecond = Many / Stopwatch.GetElapsedTime(began).TotalSeconds;
            Gates.Say(string.Create(CultureInfo.InvariantCulture,
                $"  {(server == ours ? "ours" : "baseline")}: {perSecond:0} a second, {(server.Used - used).TotalMicroseconds / Many:0.00} µs of processor each"));
            return perSecond;
        }

        async Task<string> Answer(Server server)
        {
            using var response = await Send(server);
            return await response.Content.ReadAsStringAsync();
        }

        async Task<HttpResponseMessage> Send(Server server)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"http://127.0.0.1:{server.Port}/api/v1/evaluations/batch?detail=sums"))
            {
                Content = new ByteArrayContent(lines) { Headers = { ContentType = new MediaTypeHeaderValue("application/x-ndjson") } },
            };
            var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            return response.EnsureSuccessStatusCode();
        }

        static string Near(string text, int at) => text.Substring(Math.Max(0, at - 200), Math.Min(300, text.Length - Math.Max(0, at - 200)));
    }

    static string Line(int seed, bool hasHistory)
    {
        var random = new Random(seed);
        var project = $"P{random.Next(Many / 4)}";
        var history = !hasHistory ? "" : string.Create(CultureInfo.InvariantCulture,
            $$""","history":[{"award":"broker","project":"{{project}}","contract":"E{{seed}}","amount":{{random.Next(30_000)}}},{"award":"buyer","project":"{{project}}","contract":"E{{seed}}","amount":{{random.Next(100_000)}}}]""");
        return string.Create(CultureInfo.InvariantCulture,
            $$"""
            {"id":"c{{seed}}","policy":"gate-sums","facts":{"kind":"{{((ContractKind)random.Next(5)).Wire()}}","technologyAmount":{{random.NextInt64(1, 20_000_000)}}.{{random.Next(10, 100)}},"recognised":{{(random.Next(10) > 0 ? "true" : "false")}},"recognisedOn":"{{new DateOnly(2018, 1, 1).AddDays(random.Next(2500)):yyyy-MM-dd}}","brokered":{{(random.Next(2) > 0 ? "true" : "false")}},"relatedParties":{{(random.Next(20) == 0 ? "true" : "false")}},"buyerRegion":"{{(random.Next(5) == 0 ? 620102 : 630100 + random.Next(6))}}","project":"{{project}}","contract":"C{{seed}}"}{{history}}}

            """).ReplaceLineEndings("\n");
    }
}
