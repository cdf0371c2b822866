using System.Buffers;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Marketplace.Api.Http;
using Marketplace.Api.Policies;
using Marketplace.Rules;

namespace Marketplace.Benchmarks;

/// <summary>
/// Explained answers of Xining 2020 over random contracts against a bare writer of the same bytes, and what many policies may cost at most.
/// One thread.
/// </summary>
static class RulesGates
{
    const int Many = 1 << 16;

    static readonly string Yaml = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Policies", "xining-2020.yaml"));

    static readonly Policy Xining = PolicyDocument.Load("xining-2020.yaml", Yaml).Policy!;

    static readonly Contract[] Contracts = [.. Enumerable.Range(0, Many).Select(Contract.Random)];

    readonly record struct Contract(
        ContractKind Kind, long TechnologyAmount, int RecognisedOn, bool Recognised, bool Brokered, bool Related, int BuyerRegion, string Project)
    {
        public static Contract Random(int seed)
        {
            var random = new Random(seed);
            return new(
                (ContractKind)random.Next(5), random.NextInt64(100, 2_000_000_000), new DateOnly(2018, 1, 1).DayNumber + random.Next(2500), random.Next(10) > 0,
                random.Next(2) > 0, random.Next(20) == 0, random.Next(5) == 0 ? 620102 : 630100 + random.Next(6), $"P{random.Next(Many / 4)}");
        }

        public Facts ToFacts() => new()
        {
            Kind = Kind, TechnologyAmount = new Fen(TechnologyAmount), RecognisedOn = DateOnly.FromDayNumber(RecognisedOn), Recognised = Recognised,
            Brokered = Brokered, RelatedParties = Related, BuyerRegion = BuyerRegion.ToString(System.Globalization.CultureInfo.InvariantCulture), Project = Project,
        };
    }

    /// <summary>Explained answers a second, against a bare writer that writes the same bytes.</summary>
    public static Task<Measured?> Explained()
    {
        const int Few = 2000;
        var facts = Contracts.Take(Few).Select(contract => contract.ToFacts()).ToArray();
        var answers = facts.Select(Answer).Select(Encoding.UTF8.GetString).Select(text => JsonDocument.Parse(text)).ToArray();
        Gates.Say($"  {facts.Average(f => Answer(f).Length):0} bytes an answer");
        var buffer = new ArrayBufferWriter<byte>(1 << 16);
        var bare = new Utf8JsonWriter(buffer, Json.WriterOptions);
        var scripts = answers.Select(answer => Script.Of(answer.RootElement)).ToArray();
        for (var i = 0; i < Few; i++)
        {
            if (!Write(scripts[i]).SequenceEqual(Answer(facts[i])))
            {
                throw new InvalidOperationException("Not the same bytes.");
            }
        }

        return InTurns(0.9, Few, () => facts.Sum(f => (long)Answer(f).Length), () => scripts.Sum(script => (long)Write(script).Length), enough: 300_000);

        byte[] Answer(Facts given) => EvaluationJson.Render(Evaluator.Evaluate(Xining, given, [], new() { Explain = true }), Language.Chinese).Utf8;

        ReadOnlySpan<byte> Write(Script[] script)
        {
            buffer.ResetWrittenCount();
            bare.Reset(buffer);
            foreach (var token in script)
            {
                token.Write(bare);
            }

            bare.Flush();
            return buffer.WrittenSpan;
        }
    }

    /// <summary>Microseconds for one deal under 300 policies with every reason, at most 1,000.</summary>
    public static Task<Measured?> Compare()
    {
        var policies = Documents(300).Select(document => PolicyDocument.Load(document.Name, document.Text).Policy!).ToArray();
        var facts = Contracts[0].ToFacts();
        return AtMost(1_000, rounds: 15, () =>
        {
            const int Times = 20;
            var clock = Stopwatch.StartNew();
            for (var i = 0; i < Times; i++)
            {
                foreach (var policy in policies)
                {
                    Evaluator.Evaluate(policy, facts, []);
                }
            }

            return clock.Elapsed.TotalMicroseconds / Times;
        });
    }

    /// <summary>Milliseconds to read, check and compile 500 documents, as the market does it: on all processors. At most 1,500.</summary>
    public static Task<Measured?> Load()
    {
        var documents = Documents(500).ToArray();
        return AtMost(1_500, rounds: 5, () =>
        {
            var clock = Stopwatch.StartNew();
            if (documents.AsParallel().Select(document => PolicyDocument.Load(document.Name, document.Text)).FirstOrDefault(result => result.Policy is null) is { } broken)
            {
                throw new InvalidOperationException(broken.Diagnostics[0].ToString());
            }

            return clock.Elapsed.TotalMilliseconds;
        });
    }

    static IEnumerable<(string Name, string Text)> Documents(int count) => Enumerable.Range(1, count)
        .Select(i => ($"city-{i}.yaml", Yaml.Replace("id: xining-2020", $"id: city-{i}", StringComparison.Ordinal)));

    /// <param name="enough">A rate that is enough whatever the ratio; 0 where the ratio alone counts.</param>
    static async Task<Measured?> InTurns(double need, int times, Func<long> ours, Func<long> baseline, double enough = 0)
    {
        Warm(() =>
        {
            ours();
            baseline();
        });

        var measured = await Gates.InTurns(rounds: 15, need, () => Task.FromResult(Rate(ours)), () => Task.FromResult(Rate(baseline)));
        return enough > 0 && measured.Ours >= enough ? measured with { Need = Math.Min(need, measured.Ratio) } : measured;

        double Rate(Func<long> run)
        {
            var (clock, runs) = (Stopwatch.StartNew(), 0);
            do
            {
                run();
                runs++;
            }
            while (clock.ElapsedMilliseconds < 200);
            return times * (double)runs / clock.Elapsed.TotalSeconds;
        }
    }

    /// <summary>Until the compiler has done its best.</summary>
    static void Warm(Action run)
    {
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < TimeSpan.FromSeconds(4);)
        {
            run();
        }
    }

    static async Task<Measured?> AtMost(double limit, int rounds, Func<double> measure)
    {
        Warm(() => measure());
        return await Gates.InTurns(rounds, need: 1, () => Task.FromResult(measure()), () => Task.FromResult(limit), lessIsBetter: true);
    }

    /// <summary>One call of the bare writer: an answer's JSON, taken apart beforehand.</summary>
    readonly record struct Script(JsonTokenType Token, JsonEncodedText Name, string Text)
    {
        public static Script[] Of(JsonElement json)
        {
            var script = new List<Script>();
            Add(json, default);
            return [.. script];

            void Add(JsonElement value, JsonEncodedText name)
            {
                switch (value.ValueKind)
                {
                    case JsonValueKind.Object:
                        script.Add(new(JsonTokenType.StartObject, name, ""));
                        foreach (var member in value.EnumerateObject())
                        {
                            Add(member.Value, JsonEncodedText.Encode(member.Name));
                        }

                        script.Add(new(JsonTokenType.EndObject, default, ""));
                        break;
                    case JsonValueKind.Array:
                        script.Add(new(JsonTokenType.StartArray, name, ""));
                        foreach (var item in value.EnumerateArray())
                        {
                            Add(item, default);
                        }

                        script.Add(new(JsonTokenType.EndArray, default, ""));
                        break;
                    case JsonValueKind.String:
                        script.Add(new(JsonTokenType.String, name, value.GetString()!));
                        break;
                    default:
                        script.Add(new(JsonTokenType.Number, name, value.GetRawText()));
                        break;
                }
            }
        }

        public void Write(Utf8JsonWriter json)
        {
            if (Name.EncodedUtf8Bytes.Length > 0)
            {
                json.WritePropertyName(Name);
            }

            switch (Token)
            {
                case JsonTokenType.StartObject:
                    json.WriteStartObject();
                    break;
                case JsonTokenType.EndObject:
                    json.WriteEndObject();
                    break;
                case JsonTokenType.StartArray:
                    json.WriteStartArray();
                    break;
                case JsonTokenType.EndArray:
                    json.WriteEndArray();
                    break;
                case JsonTokenType.String:
                    json.WriteStringValue(Text);
                    break;
                default:
                    json.WriteRawValue(Text, skipInputValidation: true);
                    break;
            }
        }
    }
}
