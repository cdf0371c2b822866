using System.Globalization;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;

namespace Marketplace.Api.Tests.Claims;

/// <summary>
/// Random people do random things with public money, and the market is stopped and started in between; after each step it answers and
/// holds what a small reference model says. <c>MARKETPLACE_MODEL_RUNS</c> raises the runs, <c>MARKETPLACE_MODEL_SEED</c> repeats a failure.
/// </summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class MoneyModelTests(Database database)
{
    const int Steps = 50, Officials = 4;

    static readonly int Runs = int.TryParse(Environment.GetEnvironmentVariable("MARKETPLACE_MODEL_RUNS"), out var runs) ? runs : 4;

    /// <summary>What somebody does; the numbers choose to what, who and how much.</summary>
    public sealed record Act(string Kind, int Which, int Who, int HowMuch);

    static readonly Gen<Act> Acts =
        from kind in Gen.Frequency(new[]
        {
            (80, "claim"), (70, "recommend"), (70, "approve"), (70, "order"), (70, "confirm"), (20, "fail"), (15, "return"), (20, "submit"), (5, "reject"),
            (15, "withdraw"), (10, "lapse"), (30, "openClawback"), (30, "clawBack"), (30, "waive"), (40, "amend"), (80, "recognise"), (4, "deregister"), (20, "plan"),
            (30, "open"), (10, "suspend"), (40, "adjust"), (10, "close"), (30, "repeat"), (3, "crash"),
        }.Select(choice => (choice.Item1, Gen.Constant(choice.Item2))).ToArray())
        from which in Gen.Choose(0, 999)
        from who in Gen.Choose(0, Officials - 1)
        from howMuch in Gen.Choose(0, 999)
        select new Act(kind, which, who, howMuch);

    Town town = null!;

    [OneTimeSetUp]
    public async Task Start() => town = await Town.Build(database);

    [OneTimeTearDown]
    public async Task Stop() => await town.DisposeAsync();

    [Test]
    public void The_market_keeps_money_as_the_model_does_whoever_does_what_and_whenever_it_is_stopped()
    {
        var config = Config.QuickThrowOnFailure.WithMaxTest(Runs).WithQuietOnSuccess(true);
        if (Environment.GetEnvironmentVariable("MARKETPLACE_MODEL_SEED")?.Split(',') is [var seed, var gamma])
        {
            config = config.WithReplay(ulong.Parse(seed, CultureInfo.InvariantCulture), ulong.Parse(gamma, CultureInfo.InvariantCulture));
        }

        Check.One(config, Prop.ForAll(Arb.From(Acts.ArrayOf(Steps), Fewer), acts =>
        {
            new Run(town).All(acts).GetAwaiter().GetResult();
            return true;
        }));
        TestContext.Out.WriteLine($"{Runs} runs of {Steps} steps: {string.Join(", ", town.Answers.OrderByDescending(answer => answer.Value).Select(answer => $"{answer.Key} {answer.Value}"))}");
    }

    /// <summary>Without a half, a quarter … and each single act.</summary>
    static IEnumerable<Act[]> Fewer(Act[] acts)
    {
        for (var size = acts.Length / 2; size > 0; size /= 2)
        {
            for (var from = 0; from + size <= acts.Length; from += size)
            {
                yield return [.. acts[..from], .. acts[(from + size)..]];
            }
        }
    }

    /// <summary>The people, who stay, and the market, which may be stopped.</summary>
    sealed class Town : IAsyncDisposable
    {
        EmptyDatabase _database = null!;
        Market _market = null!;
        readonly Dictionary<string, string> _keys = [];
        readonly Dictionary<string, HttpClient> _clients = [];

        public readonly Dictionary<string, int> Answers = [];

        public Market Market => _market;

        public TestParty Buyer { get; private set; } = null!;
        public TestParty Seller { get; private set; } = null!;
        public TestParty Broker { get; private set; } = null!;

        public static async Task<Town> Build(Database database)
        {
            var town = new Town { _database = await database.Create() };
            town._market = town.Begin();
            (town.Buyer, town.Seller, town.Broker) = (await town._market.Party(region: "630105"), await town._market.Party("university"), await town._market.Party("broker"));
            foreach (var party in new[] { town.Buyer, town.Seller, town.Broker })
            {
                town._keys[party.Id] = await town._market.Key(party.Id, ["member"], $"person of {party.Kind}");
            }

            var office = await town._market.Party("government");
            for (var i = 0; i < Officials; i++)
            {
                town._keys[$"official {i}"] = await town._market.Key(office.Id, ["reviewer", "approver", "payer", "fundManager"], $"official {i}");
            }

            town._keys["planner"] = await town._market.Key(office.Id, ["fundManager"], "planner");
            town._keys["registrar"] = await town._market.Key(office.Id, ["registrar"], "registrar");
            return town;
        }

        public HttpClient As(string who) => _clients.TryGetValue(who, out var client) ? client : _clients[who] = _market.Client(_keys[who]);

        /// <summary>Whatever is under way ends as it may.</summary>
        public async Task Restart()
        {
            await _market.DisposeAsync();
            _clients.Clear();
            _market = Begin();
        }

        Market Begin() => Market.Apart(new EmptyDatabase(_database.Database, _database.Name, _database.ConnectionString, () => Task.CompletedTask));

        public async ValueTask DisposeAsync()
        {
            await _market.DisposeAsync();
            await _database.DisposeAsync();
        }
    }

    sealed class Differs(string message) : Exception(message);

    /// <summary>One course of things: two contracts of a new project, and funds that nobody else uses.</summary>
    sealed class Run(Town town)
    {
        readonly MoneyModel _model = new();
        readonly StringBuilder _done = new();
        readonly string _name = Guid.NewGuid().ToString("n")[..12];
        (string Who, string Address, object Body, string Key, string Answer)? _last;
        bool _crashes, _refused;
        int _looks;

        public async Task All(Act[] acts)
        {
            try
            {
                await NewContract(2_000_000);
                await NewContract(2_000_000);
                await NewFund(2026, 12_000_000);
                await Fund("open", _model.Open, new("open", 0, 0, 0));
                foreach (var act in acts)
                {
                    await Do(act);
                }

                foreach (var fund in _model.Funds)
                {
                    await Invariants(fund);
                }
            }
            finally
            {
                // So that no later course is paid from these, and each finds the place of its fund free.
                foreach (var fund in _model.Funds)
                {
                    (await town.As("official 0").PostJson($"funds/{fund.Id}/close", Reason, Market.NewKey())).Dispose();
                }
            }
        }

        Task Do(Act act) => act.Kind switch
        {
            "claim" => NewClaim(act),
            "submit" => Claim(act, "submit", Claimant, new { }, _model.Submit, "returned"),
            "recommend" => Claim(act, "recommend", Official, new { }, c => MoneyModel.Recommend(c, act.Who), "submitted"),
            "return" => Claim(act, "return", Official, Reason, MoneyModel.Return, "submitted"),
            "reject" => Claim(act, "reject", Official, Reason, MoneyModel.Reject, "submitted"),
            "approve" => Claim(act, "approve", Official, new { }, c => _model.Approve(c, act.Who), "reviewed"),
            "order" => Claim(act, "order", Official, new { }, c => MoneyModel.Order(c, act.Who), "approved"),
            "confirm" => Claim(act, "confirm-paid", Official, new { reference = $"{_name}-{act.HowMuch % 12}" }, c => _model.Confirm(c, act.Who, $"{_name}-{act.HowMuch % 12}"), "ordered"),
            "fail" => Claim(act, "fail-payment", Official, Reason, _model.Fail, "ordered"),
            "withdraw" => Claim(act, "withdraw", Claimant, Reason, MoneyModel.Withdraw, "approved", "reviewed"),
            "lapse" => Claim(act, "lapse", Official, Reason, MoneyModel.Lapse, "approved"),
            "openClawback" => Claim(act, "open-clawback", Official, Recovery(act), c => MoneyModel.OpenClawback(c, RecoveredSum(act)), "paid", "clawedBack", "waived"),
            "clawBack" => Claim(act, "claw-back", Official, Reason, c => _model.ClawBack(c, act.Who), "clawbackOpened"),
            "waive" => Claim(act, "waive", Official, Reason, c => _model.Waive(c, act.Who), "clawbackOpened"),
            "amend" => Amend(act),
            "recognise" => Recognise(act),
            "deregister" => Contract(act, "deregister", "registrar", Reason, _model.Deregister, "recognised", "resting"),
            "plan" => _model.Funds.Count >= 4 ? Task.CompletedTask : NewFund(act.Which % 3 == 0 ? 2027 : 2026, act.HowMuch * 20_000L),
            "open" => Fund("open", _model.Open, act, "planned", "suspended"),
            "suspend" => Fund("suspend", MoneyModel.Suspend, act, "open"),
            "adjust" => Fund("adjust", fund => MoneyModel.Adjust(fund, act.Who, Change(fund, act)), act, "open", "suspended"),
            "close" => Close(act),
            "repeat" => Repeat(),
            "crash" => Task.FromResult(_crashes = true),
            _ => throw new ArgumentOutOfRangeException(nameof(act), act.Kind, null),
        };

        static object Reason => new { reason = "按规定办理" };

        static string Official(MoneyModel.Claim? _, int who) => $"official {who}";

        string Claimant(MoneyModel.Claim? claim, int _) => claim!.Award == "buyer" ? town.Buyer.Id : town.Broker.Id;

        static long? RecoveredSum(Act act) => act.HowMuch % 3 == 0 ? null : act.HowMuch * 5_000L;

        static object Recovery(Act act) => RecoveredSum(act) is { } sum ? new { amount = sum / 100m, reason = "复查" } : new { reason = "复查" };

        /// <summary>Mostly what another person has proposed, else something new.</summary>
        static long Change(MoneyModel.Fund fund, Act act) =>
            fund.Proposal is { } proposed && act.HowMuch % 5 > 0 ? proposed.Sum : (act.HowMuch - 300) * 10_000L is var sum && sum != 0 ? sum : 1;

        async Task NewContract(long technology)
        {
            var contract = await town.As(town.Buyer.Id).PostJson("contracts", town.Market.ContractBody(town.Buyer, town.Seller, new
            {
                project = _name, amount = 4_900_000, technologyAmount = technology, brokers = new[] { new { party = town.Broker.Id, share = 100 } },
            })).Json(201);
            _model.Contracts.Add(new() { Id = contract.Text("id"), Technology = technology * 100 });
            await Sign(contract.Text("id"));
            await town.As(town.Seller.Id).Act($"contracts/{contract.Text("id")}/submit").Json();
            await town.As("registrar").PostJson($"contracts/{contract.Text("id")}/recognise", town.Market.RecognitionBody()).Json();
        }

        async Task Sign(string contract)
        {
            await town.As(town.Buyer.Id).Act($"contracts/{contract}/sign").Json();
            await town.As(town.Seller.Id).Act($"contracts/{contract}/sign").Json();
        }

        async Task NewFund(int year, long plan)
        {
            var answer = await town.As("planner").PostJson("funds", new
            {
                name = _name, region = "630105", year, appropriation = plan / 100m, policies = new[] { "xining-2020" },
            }, Market.NewKey()).Json(201);
            _model.Funds.Add(new() { Id = answer.Text("id"), Year = year, Plan = plan });
        }

        async Task NewClaim(Act act)
        {
            var (contract, award) = (_model.Contracts[act.Which % _model.Contracts.Count], act.HowMuch % 3 == 0 ? "broker" : "buyer");
            var expected = _model.Create(contract, award, out var claim);
            var answer = await Post(award == "buyer" ? town.Buyer.Id : town.Broker.Id, "claims", new { contract = contract.Id, award }, expected);
            if (claim is not null)
            {
                claim.Id = answer.Text("id");
            }

            await Compare(contract);
        }

        async Task Claim(Act act, string action, Func<MoneyModel.Claim, int, string> who, object body, Func<MoneyModel.Claim, string> says, params string[] fitting)
        {
            if (Chosen(_model.Claims, act.Which, claim => fitting.Contains(claim.State)) is { } claim)
            {
                await Post(who(claim, act.Who), $"claims/{claim.Id}/{action}", body, says(claim));
                await Compare(claim.Contract);
            }
            else if (Chosen(_model.Contracts, act.Which, contract => contract.State == "resting") is { State: "resting" })
            {
                await Recognise(act);
            }
            else
            {
                await Do(act with { Kind = Next(act) });
            }
        }

        async Task Contract(Act act, string action, string who, object body, Func<MoneyModel.Contract, string> says, params string[] fitting)
        {
            var contract = Chosen(_model.Contracts, act.Which, contract => fitting.Contains(contract.State)) ?? _model.Contracts[0];
            await Post(who, $"contracts/{contract.Id}/{action}", body, says(contract));
            await Compare(contract);
        }

        async Task Amend(Act act)
        {
            var contract = Chosen(_model.Contracts, act.Which, contract => contract.State == "recognised") ?? _model.Contracts[0];
            var expected = MoneyModel.Amend(contract);
            await Post(town.Buyer.Id, $"contracts/{contract.Id}/amend", Reason, expected);
            if (expected == MoneyModel.Done)
            {
                await Sign(contract.Id);
            }
        }

        async Task Recognise(Act act)
        {
            var contract = Chosen(_model.Contracts, act.Which, contract => contract.State == "resting") ?? _model.Contracts[0];
            var (technology, resting) = ((1 + act.HowMuch % 49) * 100_000L, contract.State == "resting");
            var expected = _model.Recognise(contract, technology * 100);
            await Post(town.Seller.Id, $"contracts/{contract.Id}/submit", new { }, resting ? MoneyModel.Done : expected);
            if (resting)
            {
                await Post("registrar", $"contracts/{contract.Id}/recognise", town.Market.RecognitionBody(new { technologyAmount = technology }), expected);
            }

            await Compare(contract);
        }

        async Task Fund(string action, Func<MoneyModel.Fund, string> says, Act act, params string[] fitting)
        {
            var fund = Chosen(_model.Funds, act.Which, fund => fitting.Contains(fund.State)) ?? _model.Funds[0];
            var body = action == "adjust" ? new { amount = Change(fund, act) / 100m, reason = "调整" } : Reason;
            await Post($"official {act.Who}", $"funds/{fund.Id}/{action}", body, says(fund));
            await Compare(null);
        }

        async Task Close(Act act)
        {
            var fund = Chosen(_model.Funds, act.Which, fund => fund.State == "closing") ?? _model.Funds[0];
            var to = act.HowMuch % 2 == 0 ? null : _model.Funds.FirstOrDefault(other => other.Year > fund.Year);
            object body = to is null ? new { } : new { carryOverTo = to.Id };
            await Post($"official {act.Who}", $"funds/{fund.Id}/close", body, MoneyModel.Close(fund, to));
            await Compare(null);
        }

        /// <summary>The last request again with its key: nothing happens, and the answer is the same.</summary>
        async Task Repeat()
        {
            if (_last is not var (who, address, body, key, answer))
            {
                return;
            }

            using var response = await town.As(who).PostJson(address, body, key);
            var text = await response.Content.ReadAsStringAsync();
            if (response.IsSuccessStatusCode || (int)response.StatusCode is 409 or 412 or 422)
            {
                if (text != answer || !response.Headers.Contains("Idempotent-Replayed"))
                {
                    throw new Differs($"{_done}repeating {address}: {text} instead of {answer}");
                }
            }

            await Compare(null);
        }

        /// <summary>What brings some claim on, where nothing was there for what somebody meant to do; a new claim where none is on its way.</summary>
        string Next(Act act)
        {
            var way = new Dictionary<string, string>
            {
                ["returned"] = "submit", ["submitted"] = "recommend", ["reviewed"] = "approve", ["approved"] = "order", ["ordered"] = "confirm", ["clawbackOpened"] = "clawBack",
            };
            return Chosen([.. _model.Claims.Where(claim => way.ContainsKey(claim.State))], act.HowMuch, _ => true) is { } claim ? way[claim.State] : "claim";
        }

        /// <summary>Mostly one to which it can be done; now and then any, to see it refused.</summary>
        static T? Chosen<T>(List<T> all, int which, Func<T, bool> fits)
            where T : class
        {
            var fitting = which % 9 == 0 ? all : all.Where(fits).ToList();
            return fitting.Count > 0 ? fitting[which / 9 % fitting.Count] : null;
        }

        async Task<JsonElement> Post(string who, string address, object body, string expected)
        {
            var key = Market.NewKey();
            if (_crashes)
            {
                _crashes = false;
                var underWay = town.As(who).PostJson(address, body, key);
                await town.Restart();
                try
                {
                    (await underWay).Dispose();
                }
                catch (Exception lost) when (lost is HttpRequestException or OperationCanceledException or ObjectDisposedException)
                {
                    // Its client cannot know whether it was done, and sends it again.
                }
            }

            using var response = await town.As(who).PostJson(address, body, key);
            var text = await response.Content.ReadAsStringAsync();
            var json = JsonDocument.Parse(text).RootElement;
            var got = response.IsSuccessStatusCode ? MoneyModel.Done : json.Text("code");
            town.Answers[got] = town.Answers.GetValueOrDefault(got) + 1;
            _done.AppendLine(CultureInfo.InvariantCulture, $"{who} {address} {JsonSerializer.Serialize(body)} → {got}");
            _last = (who, address, body, key, text);
            _refused = got != MoneyModel.Done;
            return got == expected ? json : throw new Differs($"{_done}expected {expected}: {text} {TestLog.About(response)}");
        }

        /// <summary>Every fund, and the claims of the contract that was touched.</summary>
        async Task Compare(MoneyModel.Contract? touched)
        {
            // A refusal changes nothing, which need not be looked at each time.
            _looks++;
            if (_refused && _looks % 4 > 0)
            {
                return;
            }

            foreach (var fund in _looks % 20 == 0 ? _model.Funds : [])
            {
                await Invariants(fund);
            }

            foreach (var fund in _model.Funds)
            {
                var seen = await town.As("official 0").GetJson($"funds/{fund.Id}");
                var there = (seen.Text("state"), Fen(seen, "appropriation"), Fen(seen, "available"), Fen(seen, "reserved"), Fen(seen, "inFlight"), Fen(seen, "paid"), Fen(seen, "returned"));
                var here = (fund.State, fund.Given + (fund.State == "planned" ? fund.Plan : 0), fund.Available, fund.Reserved, fund.InFlight, fund.Paid, fund.Returned);
                Same(fund.Id, there, here);
            }

            if (touched is not null)
            {
                var seen = (await town.As("official 0").GetJson($"claims?contract={touched.Id}&limit=100")).GetProperty("data").EnumerateArray().ToDictionary(claim => claim.Text("id"));
                foreach (var claim in _model.Claims.Where(claim => claim.Contract == touched))
                {
                    var there = seen[claim.Id];
                    Same(claim.Id, (there.Text("state"), Fen(there, "amount"), there.Has("recover") ? Fen(there, "recover") : 0, Fen(there, "recovered"), Fen(there, "waived"), there.GetProperty("part").GetInt32()),
                        (claim.State, claim.Amount, claim.Recover, claim.Recovered, claim.Waived, claim.Part));
                }

                Same(touched.Id, seen.Count, _model.Claims.Count(claim => claim.Contract == touched));
            }
        }

        async Task Invariants(MoneyModel.Fund fund)
        {
            foreach (var invariant in (await town.Market.Anonymous.GetJson($"funds/{fund.Id}/invariants")).GetProperty("invariants").EnumerateArray())
            {
                Same($"{fund.Id} {invariant.GetRawText()}", invariant.GetProperty("holds").GetBoolean(), true);
            }
        }

        static long Fen(JsonElement json, string member) => (long)(json.GetProperty(member).GetDecimal() * 100);

        void Same<T>(string what, T there, T here)
        {
            if (!Equals(there, here))
            {
                throw new Differs($"{_done}{what} is {there}; the model has {here}");
            }
        }
    }
}
