using System.Buffers;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Marketplace.Api.Http;
using Marketplace.Api.Policies;
using Marketplace.Rules;
using YamlDotNet.RepresentationModel;

namespace Marketplace.Benchmarks;

/// <summary>
/// Explained answers of Xining 2020 over random contracts against a bare writer of the same bytes, a deal under many policies against code that was
/// written for one, and reading documents against reading their nodes. One thread.
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

    /// <summary>
    /// One deal under 300 policies with every reason, in deals a second, against the two awards of a contract by hand-written code, which knows one policy
    /// whose numbers differ: the outcome, the sum and a reason for each condition.
    /// </summary>
    public static Task<Measured?> Compare()
    {
        const int Policies = 300, Times = 20;
        var policies = Documents(Policies).Select(document => PolicyDocument.Load(document.Name, document.Text).Policy!).ToArray();
        var byHand = Enumerable.Range(0, Policies).Select(i => new ByHand(3, 10_000_000 + i, 1, 5_000_000 + i)).ToArray();
        var (contract, facts) = (Contracts[0], Contracts[0].ToFacts());
        return InTurns(0.02, Times, () => Run(i => Evaluator.Evaluate(policies[i], facts, []).Awards.Count), () => Run(i => byHand[i].Of(contract).Count));

        static long Run(Func<int, long> evaluate)
        {
            var all = 0L;
            for (var time = 0; time < Times; time++)
            {
                for (var i = 0; i < Policies; i++)
                {
                    all += evaluate(i);
                }
            }

            return all;
        }
    }

    /// <summary>What somebody would write who has this one policy to encode, and no question to answer but what the two parties to a contract get.</summary>
    sealed record ByHand(long BuyerPercent, long BuyerCap, long BrokerPercent, long BrokerCap)
    {
        static readonly int FirstDay = new DateOnly(2020, 8, 19).DayNumber;

        public List<(string Award, bool IsGranted, long Fen, List<(string Code, string Clause, long Value)> Reasons)> Of(in Contract contract) =>
            [Award("buyer", contract, BuyerPercent, BuyerCap, isMade: true), Award("broker", contract, BrokerPercent, BrokerCap, contract.Brokered)];

        static (string, bool, long, List<(string, string, long)>) Award(string award, in Contract contract, long percent, long cap, bool isMade)
        {
            var reasons = new List<(string, string, long)>();
            Require(contract.Kind is ContractKind.Development or ContractKind.Transfer or ContractKind.Licence, "refused.kind", "kinds", (long)contract.Kind);
            Require(contract.Recognised, "refused.notRecognised", "kinds", 0);
            Require(contract.RecognisedOn >= FirstDay, "refused.beforeInForce", "in-force", contract.RecognisedOn);
            Require(!contract.Related, "refused.relatedParties", "related", 0);
            Require(contract.BuyerRegion / 100 == 6301, "refused.region", "scope", contract.BuyerRegion);
            Require(isMade, "refused.notBrokered", "broker", 0);
            if (reasons.Count > 0)
            {
                return (award, false, 0, reasons);
            }

            var sum = contract.TechnologyAmount * percent / 100;
            reasons.Add(("granted.rate", award, sum));
            if (sum > cap)
            {
                reasons.Add(("limited.cap", award, cap));
            }

            return (award, true, Math.Min(sum, cap), reasons);

            void Require(bool holds, string code, string clause, long value)
            {
                if (!holds)
                {
                    reasons.Add((code, clause, value));
                }
            }
        }
    }

    /// <summary>500 documents read, checked and compiled, in documents a second, against the YAML library alone, which makes nodes of the same texts.</summary>
    public static Task<Measured?> Load()
    {
        const int Count = 500;
        var documents = Documents(Count).ToArray();
        return InTurns(0.25, Count, () => documents.AsParallel().Sum(document => (long)PolicyDocument.Load(document.Name, document.Text).Policy!.Awards.Count),
            () => documents.AsParallel().Sum(document =>
            {
                var nodes = new YamlStream();
                nodes.Load(new StringReader(document.Text));
                return (long)nodes.Documents.Count;
            }), rounds: 5);
    }

    static IEnumerable<(string Name, string Text)> Documents(int count) => Enumerable.Range(1, count)
        .Select(i => ($"city-{i}.yaml", Yaml.Replace("id: xining-2020", $"id: city-{i}", StringComparison.Ordinal)));

    /// <param name="enough">A rate that is enough whatever the ratio; 0 where the ratio alone counts.</param>
    static async Task<Measured?> InTurns(double need, int times, Func<long> ours, Func<long> baseline, double enough = 0, int rounds = 15)
    {
        Warm(() =>
        {
            ours();
            baseline();
        });

        var measured = await Gates.InTurns(rounds, need, () => Task.FromResult(Rate(ours)), () => Task.FromResult(Rate(baseline)));
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
