using System.Buffers;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Marketplace.Api.Http;
using Marketplace.Api.Policies;
using Marketplace.Rules;

namespace Marketplace.Benchmarks;

/// <summary>
/// The rules library against the loop that somebody would write by hand for the buyer's and the broker's award of Xining 2020, over the
/// same random contracts in the same order, and against what it may cost at most. One thread.
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

        public void Fill(FactValues facts)
        {
            facts.Clear();
            facts.Set(Fact.Kind, (long)Kind);
            facts.Set(Fact.TechnologyAmount, TechnologyAmount);
            facts.Set(Fact.RecognisedOn, RecognisedOn);
            facts.Set(Fact.Recognised, Recognised ? 1 : 0);
            facts.Set(Fact.Brokered, Brokered ? 1 : 0);
            facts.Set(Fact.RelatedParties, Related ? 1 : 0);
            facts.Set(Fact.BuyerRegion, BuyerRegion);
        }

        public Facts ToFacts() => new()
        {
            Kind = Kind, TechnologyAmount = new Fen(TechnologyAmount), RecognisedOn = DateOnly.FromDayNumber(RecognisedOn), Recognised = Recognised,
            Brokered = Brokered, RelatedParties = Related, BuyerRegion = BuyerRegion.ToString(System.Globalization.CultureInfo.InvariantCulture), Project = Project,
        };
    }

    /// <summary>Contracts a second, for the two sums alone; fails where anything is allocated.</summary>
    public static Task<Measured?> Amounts()
    {
        var evaluator = new BulkEvaluator(Xining, ["buyer", "broker"]);
        var facts = new FactValues();
        RequireSame(Ours(), ByHand());
        var before = GC.GetAllocatedBytesForCurrentThread();
        Ours();
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Gates.Say($"  {allocated} bytes allocated for {Many} contracts");
        return allocated == 0 ? InTurns(0.2, Many, () => Ours(), () => ByHand()) : throw new InvalidOperationException($"{allocated} bytes were allocated.");

        long Ours()
        {
            var sum = 0L;
            foreach (ref readonly var contract in Contracts.AsSpan())
            {
                contract.Fill(facts);
                foreach (ref readonly var award in evaluator.Evaluate(facts))
                {
                    sum += award.Low;
                }
            }

            return sum;
        }
    }

    /// <summary>
    /// Contracts a second with the broker's cap shared over the contracts of a project, and for each award the condition or limit that
    /// decided: from it and the facts the whole explanation can be had again at any time.
    /// </summary>
    public static Task<Measured?> TraceSharedCaps()
    {
        var evaluator = new BulkEvaluator(Xining, ["buyer", "broker"]);
        var facts = new FactValues();
        var (refused, limited) = (0, 0);
        RequireSame(Ours(), SharedByHand());
        Gates.Say($"  {refused} refused by a condition, {limited} held by a limit");

        return InTurns(0.08, Many, () => Ours(), () => ByHand());

        long Ours()
        {
            var history = new GrantTotals(Xining);
            var sum = 0L;
            foreach (ref readonly var contract in Contracts.AsSpan())
            {
                contract.Fill(facts);
                facts.Set(Fact.Project, contract.Project);
                foreach (ref readonly var award in evaluator.Evaluate(facts, history))
                {
                    sum += award.Low;
                    refused += award.RefusedBy is null ? 0 : 1;
                    limited += award.LimitedBy is null ? 0 : 1;
                }
            }

            return sum;
        }
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

    static long ByHand()
    {
        var sum = 0L;
        foreach (ref readonly var contract in Contracts.AsSpan())
        {
            if (IsEligible(contract))
            {
                sum += Math.Min(contract.TechnologyAmount * 3 / 100, 10_000_000);
                if (contract.Brokered)
                {
                    sum += Math.Min(contract.TechnologyAmount / 100, 5_000_000);
                }
            }
        }

        return sum;
    }

    static long SharedByHand()
    {
        var sum = 0L;
        var granted = new Dictionary<string, long>();
        foreach (var contract in Contracts.Where(contract => IsEligible(contract)))
        {
            sum += Math.Min(contract.TechnologyAmount * 3 / 100, 10_000_000);
            if (contract.Brokered)
            {
                var before = granted.GetValueOrDefault(contract.Project);
                var broker = Math.Min(contract.TechnologyAmount / 100, 5_000_000 - before);
                granted[contract.Project] = before + broker;
                sum += broker;
            }
        }

        return sum;
    }

    static readonly int FirstDay = new DateOnly(2020, 8, 19).DayNumber;

    static bool IsEligible(in Contract contract) =>
        contract.RecognisedOn >= FirstDay && contract.Recognised && !contract.Related && contract.BuyerRegion / 100 == 6301
        && contract.Kind is ContractKind.Development or ContractKind.Transfer or ContractKind.Licence;

    static void RequireSame(long ours, long byHand)
    {
        if (ours != byHand)
        {
            throw new InvalidOperationException($"Not the same sums: {ours} and {byHand} fen.");
        }
    }

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
