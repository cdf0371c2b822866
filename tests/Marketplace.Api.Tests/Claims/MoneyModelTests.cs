using System.Globalization;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Marketplace.Api.Claims;
using Marketplace.Api.Contracts;
using Marketplace.Api.Data;
using Marketplace.Api.Funds;
using Microsoft.Extensions.DependencyInjection;

namespace Marketplace.Api.Tests.Claims;

/// <summary>
/// Random people do random things with public money, and the market is stopped and started in between; after each step it answers and
/// holds what a small reference model says, and K1–K10 hold of every fund. <c>MARKETPLACE_MODEL_RUNS</c> says how many courses, and
/// <c>MARKETPLACE_MODEL_WORKERS</c> on how many markets side by side; <c>MARKETPLACE_MODEL_SEED</c> repeats a failure.
/// </summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class MoneyModelTests(Database database)
{
    const int FewestSteps = 5, MostSteps = 30, Officials = 4;

    /// <summary>After as many courses a market gives way to a new one, so that the last are no slower than the first.</summary>
    const int CoursesOfAMarket = 100;

    static readonly int Runs = Number("MARKETPLACE_MODEL_RUNS", 8), Workers = Number("MARKETPLACE_MODEL_WORKERS", 1);

    /// <summary>What somebody does; the numbers choose to what, who and how much.</summary>
    public sealed record Act(string Kind, int Which, int Who, int HowMuch);

    static readonly Gen<Act> Acts =
        from kind in Gen.Frequency(new[]
        {
            (90, "claim"), (70, "recommend"), (70, "approve"), (70, "order"), (70, "confirm"), (20, "fail"), (15, "return"), (20, "submit"), (5, "reject"),
            (15, "withdraw"), (10, "lapse"), (30, "openClawback"), (30, "clawBack"), (30, "waive"), (30, "amend"), (50, "sign"), (10, "change"), (4, "changeParty"), (6, "endAmendment"),
            (20, "newContract"), (60, "recognise"), (4, "deregister"), (3, "terminate"), (60, "onward"), (20, "plan"),
            (30, "open"), (10, "suspend"), (40, "adjust"), (10, "close"), (30, "repeat"), (3, "crash"),
        }.Select(choice => (choice.Item1, Gen.Constant(choice.Item2))).ToArray())
        from which in Gen.Choose(0, 999)
        from who in Gen.Choose(0, Officials - 1)
        from howMuch in Gen.Choose(0, 999)
        select new Act(kind, which, who, howMuch);

    int _courses, _steps;
    readonly Dictionary<string, int> _answers = [];

    [Test]
    public async Task The_market_keeps_money_as_the_model_does_whoever_does_what_and_whenever_it_is_stopped()
    {
        var seed = Environment.GetEnvironmentVariable("MARKETPLACE_MODEL_SEED")?.Split(',').Select(number => ulong.Parse(number, CultureInfo.InvariantCulture)).ToArray();
        var (first, gamma) = (seed?[0] ?? (ulong)Random.Shared.NextInt64(), seed?[1] ?? 0x9E37_79B9_7F4A_7C15);
        try
        {
            await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(() => Courses(first + ((ulong)worker * 1_000_003), gamma))));
        }
        finally
        {
            await TestContext.Out.WriteLineAsync(
                $"{_courses} courses of {_steps} steps from seed {first},{gamma}: {string.Join(", ", _answers.OrderByDescending(answer => answer.Value).Select(answer => $"{answer.Key} {answer.Value}"))}");
        }
    }

    async Task Courses(ulong seed, ulong gamma)
    {
        var (town, courses) = (await Town.Build(database), 0);
        try
        {
            Check.One(Config.QuickThrowOnFailure.WithMaxTest(Runs / Workers).WithQuietOnSuccess(true).WithReplay(seed, gamma), Prop.ForAll(Arb.From(Gen.Choose(FewestSteps, MostSteps).SelectMany(steps => Acts.ArrayOf(steps)), Fewer), acts =>
            {
                Course(acts).GetAwaiter().GetResult();
                return true;
            }));
        }
        finally
        {
            await town.DisposeAsync();
        }

        async Task Course(Act[] acts)
        {
            if (++courses % CoursesOfAMarket == 0)
            {
                await town.DisposeAsync();
                town = await Town.Build(database);
            }

            var run = new Run(town);
            await run.All(acts);
            lock (_answers)
            {
                _courses++;
                _steps += run.Steps;
                foreach (var (answer, times) in run.Answers)
                {
                    _answers[answer] = _answers.GetValueOrDefault(answer) + times;
                }
            }
        }
    }

    static int Number(string variable, int otherwise) => int.TryParse(Environment.GetEnvironmentVariable(variable), out var number) ? number : otherwise;

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

        public Market Market => _market;

        public TestParty Seller { get; private set; } = null!;
        public TestParty Stranger { get; private set; } = null!;
        public TestParty[] Brokers { get; private set; } = [];

        public static async Task<Town> Build(Database database)
        {
            var town = new Town { _database = await database.Create() };
            town._market = town.Begin();
            (town.Seller, town.Stranger) = (await town.Party("university", MoneyModel.Seller), await town.Party("enterprise", "stranger"));
            town.Brokers = [await town.Party("broker", "broker 0"), await town.Party("broker", "broker 1")];

            var office = await town._market.Party("government");
            for (var i = 0; i < Officials; i++)
            {
                town._keys[$"official {i}"] = await town._market.Key(office.Id, ["reviewer", "approver", "payer", "fundManager"], $"official {i}");
            }

            town._keys["planner"] = await town._market.Key(office.Id, ["fundManager"], "planner");
            town._keys["registrar"] = await town._market.Key(office.Id, ["registrar"], "registrar");
            return town;
        }

        /// <param name="who">As whom <see cref="As"/> knows its member.</param>
        public async Task<TestParty> Party(string kind, string who)
        {
            var party = await _market.Party(kind, "630105");
            _keys[who] = await _market.Key(party.Id, ["member"], $"person of {who}");
            return party;
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

    /// <summary>One course of things: a new buyer with two contracts of one project, and funds that nobody else uses.</summary>
    sealed class Run(Town town)
    {
        readonly MoneyModel _model = new();
        readonly StringBuilder _done = new();
        readonly string _name = Guid.NewGuid().ToString("n")[..12];
        TestParty _buyer = null!;
        (string Who, string Address, object Body, string Key, string Answer)? _last;
        bool _crashes;

        public readonly Dictionary<string, int> Answers = [];

        public int Steps { get; private set; }

        public async Task All(Act[] acts)
        {
            try
            {
                _buyer = await town.Party("enterprise", _name);
                foreach (var which in new[] { 1, 2 })
                {
                    await NewContract(new("newContract", which, 0, which));
                    await Recognise(_model.Contracts[^1], 2_000_000, hasReason: false);
                }

                await NewFund(2026, 12_000_000);
                await Fund("open", _model.Open, new("open", 0, 0, 0));
                foreach (var act in acts)
                {
                    await Do(act);
                    await Compare();
                }

                await CompareWhatIsShown();
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
            "fail" => Claim(act, "fail-payment", Official, Reason, c => _model.Fail(c, act.Who), "ordered"),
            "withdraw" => Claim(act, "withdraw", Claimant, Reason, MoneyModel.Withdraw, "approved", "reviewed"),
            "lapse" => Claim(act, "lapse", Official, Reason, MoneyModel.Lapse, "approved"),
            "openClawback" => Claim(act, "open-clawback", Official, Recovery(act), c => MoneyModel.OpenClawback(c, act.Who, RecoveredSum(act)), "paid", "clawedBack", "waived"),
            "clawBack" => Claim(act, "claw-back", Official, Reason, c => _model.ClawBack(c, act.Who), "clawbackOpened"),
            "waive" => Claim(act, "waive", Official, Reason, c => _model.Waive(c, act.Who), "clawbackOpened"),
            "amend" => Amend(act),
            "sign" => Sign(act),
            "change" => Change(act),
            "changeParty" => ChangeParty(act),
            "endAmendment" => EndAmendment(act),
            "newContract" => _model.Contracts.Count >= 5 ? Task.CompletedTask : NewContract(act),
            "recognise" => Recognise(act),
            "deregister" => Deregister(act),
            "terminate" => Terminate(act),
            "plan" => _model.Funds.Count >= 4 ? Task.CompletedTask : NewFund(act.Which % 3 == 0 ? 2027 : 2026, act.HowMuch * 20_000L),
            "open" => Fund("open", _model.Open, act, "planned", "suspended"),
            "suspend" => Fund("suspend", MoneyModel.Suspend, act, "open"),
            "adjust" => Fund("adjust", fund => MoneyModel.Adjust(fund, act.Who, Change(fund, act)), act, "open", "suspended"),
            "close" => Close(act),
            "onward" => Onward(act),
            "repeat" => Repeat(),
            // A new start takes as long as two whole courses.
            "crash" => Task.FromResult(_crashes = Runs < 100 || act.Who == 0),
            _ => throw new ArgumentOutOfRangeException(nameof(act), act.Kind, null),
        };

        static object Reason => new { reason = "按规定办理" };

        static string Official(MoneyModel.Claim? _, int who) => $"official {who}";

        /// <summary>As the town knows them.</summary>
        string Party(string who) => who == MoneyModel.Buyer ? _name : who;

        string Claimant(MoneyModel.Claim? claim, int _) => Party(claim!.Payee);

        static string Side(Act act) => act.Who % 2 == 0 ? MoneyModel.Buyer : MoneyModel.Seller;

        static string Broker(Act act) => $"broker {act.HowMuch % 4 / 3}";

        static long? RecoveredSum(Act act) => act.HowMuch % 3 == 0 ? null : act.HowMuch * 5_000L;

        static object Recovery(Act act) => RecoveredSum(act) is { } sum ? new { amount = sum / 100m, reason = "复查" } : new { reason = "复查" };

        /// <summary>Mostly what another person has proposed, else something new.</summary>
        static long Change(MoneyModel.Fund fund, Act act) =>
            fund.Proposal is { } proposed && act.HowMuch % 5 > 0 ? proposed.Sum : (act.HowMuch - 300) * 10_000L is var sum && sum != 0 ? sum : 1;

        /// <summary>Of the one project in whatever spelling, of none or of another, or one that says what another says.</summary>
        async Task NewContract(Act act)
        {
            var twin = act.HowMuch % 4 == 0 && _model.Contracts.Count > 0 ? _model.Contracts[act.Which % _model.Contracts.Count] : null;
            var contract = twin is null ? _model.Sign($"技术开发合同 {_model.Contracts.Count}", Project(act), Broker(act)) : _model.Sign(twin.Title, twin.Project, Broker(act));
            var made = await town.As(_name).PostJson("contracts", town.Market.ContractBody(_buyer, town.Seller, new
            {
                title = contract.Title, project = Spelt(contract.Project, act), amount = 4_900_000, brokers = Shares(contract.Broker),
            })).Json(201);
            contract.Id = made.Text("id");
            foreach (var side in new[] { _name, MoneyModel.Seller })
            {
                await town.As(side).Act($"contracts/{contract.Id}/sign").Json();
            }
        }

        object Shares(string broker) => new[] { new { party = town.Brokers[broker[^1] - '0'].Id, share = 100 } };

        string? Project(Act act) => (act.Which % 6) switch { 0 => null, 5 => $"{_name}x", _ => _name };

        static string? Spelt(string? project, Act act) => project is null ? null : (act.HowMuch % 7) switch
        {
            0 => project.ToUpperInvariant(),
            1 => string.Concat(project.Select(letter => (char)(letter + 0xFEE0))),
            2 => $"“{project}”",
            3 => $"{project[..4]} {project[4..]}",
            4 => $"{project}。",
            5 => $"{project[..6]}\u200b{project[6..]}",
            _ => project,
        };

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
            var contract = Chosen(_model.Contracts, act.Which, contract => contract.State == "recognised") ?? _model.Contracts[0];
            var payee = act.HowMuch % 2 == 0 ? MoneyModel.Buyer : act.HowMuch % 9 == 0 ? Broker(act) : contract.Broker;
            var expected = _model.Create(contract, payee, out var claim);
            var answer = await Post(Party(payee), "claims", new { contract = contract.Id, award = payee == MoneyModel.Buyer ? "buyer" : "broker" }, expected);
            if (claim is not null)
            {
                claim.Id = answer.Text("id");
            }
        }

        async Task Claim(Act act, string action, Func<MoneyModel.Claim, int, string> who, object body, Func<MoneyModel.Claim, string> says, params string[] fitting)
        {
            if (Chosen(_model.Claims, act.Which, claim => fitting.Contains(claim.State)) is { } claim)
            {
                await Post(who(claim, act.Who), $"claims/{claim.Id}/{action}", body, says(claim));
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

        /// <summary>Mostly another broker or project with it.</summary>
        async Task Amend(Act act)
        {
            var contract = Chosen(_model.Contracts, act.Which, contract => contract is { State: not "fallen", Amendment: null }) ?? _model.Contracts[0];
            await Post(Party(Side(act)), $"contracts/{contract.Id}/amend", Reason, MoneyModel.Amend(contract, Side(act)));
            if (act.HowMuch % 3 > 0)
            {
                await Change(contract, act);
            }
        }

        Task Change(Act act) => Change(Chosen(_model.Contracts, act.Which, IsAmended) ?? _model.Contracts[0], act);

        async Task Change(MoneyModel.Contract contract, Act act)
        {
            var (broker, project) = (Broker(act), act.HowMuch % 5 == 0 ? Project(act) : contract.Project);
            await Patch(Party(Side(act)), contract, new { brokers = Shares(broker), project = Spelt(project, act) }, _model.Change(contract, broker, project));
        }

        Task ChangeParty(Act act)
        {
            var contract = _model.Contracts[act.Which % _model.Contracts.Count];
            var other = town.Stranger.Id;
            return Patch(Party(Side(act)), contract, act.HowMuch % 2 == 0 ? new { buyer = other } : new { seller = other }, MoneyModel.ChangeParty());
        }

        async Task Sign(Act act)
        {
            if (Chosen(_model.Contracts, act.Which, IsAmended) is not { } contract)
            {
                await Amend(act);
                return;
            }

            // Mostly both in turn.
            var second = Side(act) == MoneyModel.Buyer ? MoneyModel.Seller : MoneyModel.Buyer;
            foreach (var side in act.HowMuch % 3 == 0 ? [second] : new[] { Side(act), second })
            {
                await Post(Party(side), $"contracts/{contract.Id}/sign", new { }, _model.Sign(contract, side));
            }
        }

        Task EndAmendment(Act act)
        {
            var contract = Chosen(_model.Contracts, act.Which, IsAmended) ?? _model.Contracts[0];
            var refuses = act.HowMuch % 2 == 0;
            return Post(Party(Side(act)), $"contracts/{contract.Id}/{(refuses ? "refuse" : "cancel")}-amendment", Reason, MoneyModel.End(contract, Side(act), refuses));
        }

        static bool IsAmended(MoneyModel.Contract contract) => contract.Amendment is not null;

        Task Recognise(Act act)
        {
            var contract = Chosen(_model.Contracts, act.Which, contract => contract.State == "resting") ?? _model.Contracts[0];
            return Recognise(contract, (1 + act.HowMuch % 49) * 100_000L, act.HowMuch % 3 == 0);
        }

        async Task Recognise(MoneyModel.Contract contract, long technology, bool hasReason)
        {
            if (!contract.IsSubmitted)
            {
                await Post(MoneyModel.Seller, $"contracts/{contract.Id}/submit", new { }, MoneyModel.Submit(contract));
            }

            var body = hasReason ? town.Market.RecognitionBody(new { technologyAmount = technology, reason = "另一份合同" })
                : town.Market.RecognitionBody(new { technologyAmount = technology });
            await Post("registrar", $"contracts/{contract.Id}/recognise", body, _model.Recognise(contract, technology * 100, hasReason));
        }

        Task Deregister(Act act)
        {
            var contract = Chosen(_model.Contracts, act.Which, contract => contract.OnRegister is not null) ?? _model.Contracts[0];
            return Post("registrar", $"contracts/{contract.Id}/deregister", Reason, _model.Deregister(contract));
        }

        Task Terminate(Act act)
        {
            var contract = Chosen(_model.Contracts, act.Which, contract => !contract.IsEnded) ?? _model.Contracts[0];
            return Post(Party(Side(act)), $"contracts/{contract.Id}/terminate", Reason, _model.Terminate(contract));
        }

        async Task Fund(string action, Func<MoneyModel.Fund, string> says, Act act, params string[] fitting)
        {
            var fund = Chosen(_model.Funds, act.Which, fund => fitting.Contains(fund.State)) ?? _model.Funds[0];
            var body = action == "adjust" ? new { amount = Change(fund, act) / 100m, reason = "调整" } : Reason;
            await Post($"official {act.Who}", $"funds/{fund.Id}/{action}", body, says(fund));
        }

        async Task Close(Act act)
        {
            var fund = Chosen(_model.Funds, act.Which, fund => fund.State == "closing") ?? _model.Funds[0];
            var to = act.HowMuch % 2 == 0 ? null : _model.Funds.FirstOrDefault(other => other.Year > fund.Year);
            object body = to is null ? new { } : new { carryOverTo = to.Id };
            await Post($"official {act.Who}", $"funds/{fund.Id}/close", body, MoneyModel.Close(fund, to));
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

        }

        /// <summary>Four officials one after the other do what comes next.</summary>
        async Task Onward(Act act)
        {
            for (var i = 0; i < Officials; i++)
            {
                await Do(act with { Kind = Next(act), Who = (act.Who + i) % Officials });
                await Compare();
            }
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
            var json = await Answered(who, address, body, expected, response);
            _last = (who, address, body, key, await response.Content.ReadAsStringAsync());
            return json;
        }

        async Task Patch(string who, MoneyModel.Contract contract, object body, string expected)
        {
            var (client, address) = (town.As(who), $"contracts/{contract.Id}");
            using var response = await client.PatchJson(address, body, await client.ETag(address));
            await Answered(who, address, body, expected, response);
        }

        async Task<JsonElement> Answered(string who, string address, object body, string expected, HttpResponseMessage response)
        {
            var text = await response.Content.ReadAsStringAsync();
            var json = JsonDocument.Parse(text).RootElement;
            var got = response.IsSuccessStatusCode ? MoneyModel.Done : json.Text("code");
            Answers[got] = Answers.GetValueOrDefault(got) + 1;
            _done.AppendLine(CultureInfo.InvariantCulture, $"{who} {address} {JsonSerializer.Serialize(body)} → {got}");
            // What is too much for the award now is too much, whether the market finds it against the stored limits or by computing it anew.
            var isSo = got == expected || (expected == MoneyModel.EntitlementExceeded && got == "limit-exceeded");
            return isSo ? json : throw new Differs($"{_done}expected {expected}: {text} {TestLog.About(response)}");
        }

        /// <summary>All funds, contracts and claims as they are stored, at one moment; K1–K10; and what the model promises whatever happened.</summary>
        async Task Compare()
        {
            Steps++;
            foreach (var broken in _model.Broken())
            {
                throw new Differs($"{_done}{broken}");
            }

            await town.Market.Services.GetRequiredService<Db>().Read(async session =>
            {
                await session.FixMoment();
                foreach (var fund in _model.Funds)
                {
                    var row = (await FundSql.Get(session, fund.Id))!;
                    Same(fund.Id, (row.State, row.AppropriationFen, row.AvailableFen, row.ReservedFen, row.InFlightFen, row.PaidFen, row.ReturnedFen),
                        (fund.State, fund.Given, fund.Available, fund.Reserved, fund.InFlight, fund.Paid, fund.Returned));
                    var invariants = await LedgerCheck.Of(session, row);
                    Same(fund.Id, string.Join("; ", invariants.Where(invariant => !invariant.Holds)), "");
                    Same(fund.Id, string.Join(' ', invariants.Select(invariant => invariant.Name)), "K1 K2 K3 K4 K5 K6 K7 K8 K9 K10");
                }

                foreach (var contract in _model.Contracts)
                {
                    var row = (await ContractSql.Get(session, contract.Id))!;
                    Same(contract.Id, (row.IsRecognised, row.HasFallen, row.Amendment is not null, row.ProjectKey, row.Terms.Brokers[0].Party),
                        (contract.State == "recognised", contract.State == "fallen", IsAmended(contract), contract.Project, town.Brokers[contract.Broker[^1] - '0'].Id));
                    var (there, here) = (await ClaimSql.OfContract(session, contract.Id), _model.Claims.Where(claim => claim.Contract == contract));
                    Same(contract.Id, string.Join('\n', there.OrderBy(claim => claim.Id, StringComparer.Ordinal)
                            .Select(claim => (claim.Id, claim.State, claim.Fen!.Value, claim.Recover ?? 0, claim.Recovered, claim.Waived, claim.Part))),
                        string.Join('\n', here.OrderBy(claim => claim.Id, StringComparer.Ordinal)
                            .Select(claim => (claim.Id, claim.State, claim.Amount, claim.Recover, claim.Recovered, claim.Waived, claim.Part))));
                }

                return 0;
            });
        }

        /// <summary>At the end, the funds and claims as the API shows them.</summary>
        async Task CompareWhatIsShown()
        {
            foreach (var fund in _model.Funds)
            {
                var seen = await town.As("official 0").GetJson($"funds/{fund.Id}");
                var there = (seen.Text("state"), Fen(seen, "appropriation"), Fen(seen, "available"), Fen(seen, "reserved"), Fen(seen, "inFlight"), Fen(seen, "paid"), Fen(seen, "returned"));
                var here = (fund.State, fund.Given + (fund.State == "planned" ? fund.Plan : 0), fund.Available, fund.Reserved, fund.InFlight, fund.Paid, fund.Returned);
                Same(fund.Id, there, here);
                foreach (var invariant in (await town.Market.Anonymous.GetJson($"funds/{fund.Id}/invariants")).GetProperty("invariants").EnumerateArray())
                {
                    Same($"{fund.Id} {invariant.GetRawText()}", invariant.GetProperty("holds").GetBoolean(), true);
                }
            }

            foreach (var contract in _model.Contracts)
            {
                var seen = (await town.As("official 0").GetJson($"claims?contract={contract.Id}&limit=100")).GetProperty("data").EnumerateArray().ToDictionary(claim => claim.Text("id"));
                foreach (var claim in _model.Claims.Where(claim => claim.Contract == contract))
                {
                    var there = seen[claim.Id];
                    Same(claim.Id, (there.Text("state"), Fen(there, "amount"), there.Has("recover") ? Fen(there, "recover") : 0, Fen(there, "recovered"), Fen(there, "waived"), there.GetProperty("part").GetInt32()),
                        (claim.State, claim.Amount, claim.Recover, claim.Recovered, claim.Waived, claim.Part));
                }
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
