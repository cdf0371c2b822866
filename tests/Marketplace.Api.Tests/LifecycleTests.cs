using Marketplace.Api.Claims;
using Marketplace.Api.Contracts;
using Marketplace.Api.Funds;
using Marketplace.Api.Http;
using Marketplace.Api.Introductions;
using Marketplace.Api.Listings;
using Marketplace.Api.Subscriptions;

namespace Marketplace.Api.Tests;

/// <summary>
/// Each machine against the contract, written here a second time and by hand: every state × action × set of capacities, first on the
/// table alone, then over HTTP.
/// </summary>
public sealed class LifecycleTests
{
    const string Listing =
        """
        submit    draft returned                             owner      submitted
        recall    submitted                                  owner      draft
        publish   submitted                                  moderator  published
        return    submitted                                  moderator  returned
        reject    submitted                                  moderator  rejected
        pause     published                                  owner      paused
        resume    paused                                     owner      published
        fulfil    published paused                           owner      fulfilled
        withdraw  draft submitted returned published paused  owner      withdrawn
        expire    published paused                           clock      expired
        remove    published paused fulfilled withdrawn expired  moderator  removed
        restore   removed                                    moderator  published
        restore   removed                                    moderator  paused
        restore   removed                                    moderator  fulfilled
        restore   removed                                    moderator  withdrawn
        restore   removed                                    moderator  expired
        """;

    const string Revision =
        """
        submit   draft returned  owner      submitted
        recall   submitted       owner      draft
        publish  submitted       moderator  published
        return   submitted       moderator  returned
        reject   submitted       moderator  rejected
        """;

    const string Introduction =
        """
        accept    sent                                       askedSide      accepted
        accept    sent accepted                              lastAskedSide  mutual
        decline   sent accepted                              askedSide      declined
        decline   sent accepted                              lastAskedSide  declined
        withdraw  sent accepted                              introducer     withdrawn
        """;

    const string ContractLife =
        """
        sign                draft signing                       unsignedSide      signing
        sign                signing signed performed            lastUnsignedSide  signed
        sign                signed                              unsignedSide      signed
        sign                performed                           unsignedSide      performed
        amend               signed                              sideWithoutAmendment  signed
        amend               performed                           sideWithoutAmendment  performed
        cancel-amendment    signed                              proposer          signed
        cancel-amendment    performed                           proposer          performed
        refuse-amendment    signed                              otherSide         signed
        refuse-amendment    performed                           otherSide         performed
        complete            signed                              side              performed
        terminate           draft signing                       side              abandoned
        terminate           draft                               drafter           abandoned
        terminate           signed                              side              terminated
        submit              signed                              registrant        signed
        submit              performed                           registrant        performed
        appeal              signed                              registrant        signed
        appeal              performed                           registrant        performed
        recognise           signed                              registrar         signed
        recognise           performed                           registrar         performed
        refuse              signed                              registrar         signed
        refuse              performed                           registrar         performed
        request-supplement  signed                              registrar         signed
        request-supplement  performed                           registrar         performed
        dispute             signed                              registrar         signed
        dispute             performed                           registrar         performed
        record-opinion      signed                              registrar         signed
        record-opinion      performed                           registrar         performed
        record-recognition  signed                              registrar         signed
        record-recognition  performed                           registrar         performed
        separate            signed                              registrarOfUnnamedContract  signed
        separate            performed                           registrarOfUnnamedContract  performed
        deregister          signed                              registrar         signed
        deregister          performed                           registrar         performed
        deregister          terminated                          registrar         terminated
        """;

    const string ContractRecognition =
        """
        submit              none lapsed supplement              registrant  submitted
        recognise           submitted appealed                  registrar   recognised
        refuse              submitted                           registrar   refused
        refuse              appealed                            registrar   reviewed
        request-supplement  submitted                           registrar   supplement
        dispute             submitted                           registrar   submitted
        record-opinion      submitted                           registrar   submitted
        record-opinion      appealed                            registrar   appealed
        record-recognition  none lapsed submitted supplement    registrar   recognised
        appeal              refused                             registrant  appealed
        deregister          recognised lapsed                   registrar   deregistered
        separate            none                                registrarOfUnnamedContract  none
        separate            submitted                           registrarOfUnnamedContract  submitted
        separate            supplement                          registrarOfUnnamedContract  supplement
        separate            recognised                          registrarOfUnnamedContract  recognised
        separate            refused                             registrarOfUnnamedContract  refused
        separate            appealed                            registrarOfUnnamedContract  appealed
        separate            reviewed                            registrarOfUnnamedContract  reviewed
        separate            lapsed                              registrarOfUnnamedContract  lapsed
        amend               none                                sideWithoutAmendment  none
        sign                none                                unsignedSide          none
        amend               submitted                           sideWithoutAmendment  submitted
        sign                submitted                           unsignedSide          submitted
        amend               supplement                          sideWithoutAmendment  supplement
        sign                supplement                          unsignedSide          supplement
        amend               recognised                          sideWithoutAmendment  recognised
        sign                recognised                          unsignedSide          recognised
        amend               refused                             sideWithoutAmendment  refused
        sign                refused                             unsignedSide          refused
        amend               appealed                            sideWithoutAmendment  appealed
        sign                appealed                            unsignedSide          appealed
        amend               reviewed                            sideWithoutAmendment  reviewed
        sign                reviewed                            unsignedSide          reviewed
        amend               lapsed                              sideWithoutAmendment  lapsed
        sign                lapsed                              unsignedSide          lapsed
        sign                none submitted supplement refused appealed reviewed  lastUnsignedSide  none
        sign                recognised lapsed                   lastUnsignedSide  lapsed
        terminate           none submitted supplement appealed  side        none
        terminate           none                                drafter     none
        terminate           recognised                          side        recognised
        terminate           refused                             side        refused
        terminate           reviewed                            side        reviewed
        terminate           lapsed                              side        lapsed
        terminate           deregistered                        side        deregistered
        """;

    /// <summary>Both axes of a contract as the one state that api.md names.</summary>
    const string Contract =
        """
        sign                draft                                       unsignedSide      draft
        sign                draft signed submitted supplement refused appealed recognised completed  lastUnsignedSide  signed
        sign                signed                                      unsignedSide  signed
        sign                submitted                                   unsignedSide  submitted
        sign                supplement                                  unsignedSide  supplement
        sign                refused                                     unsignedSide  refused
        sign                appealed                                    unsignedSide  appealed
        sign                recognised                                  unsignedSide  recognised
        sign                completed                                   unsignedSide  completed
        amend               signed                                      sideWithoutAmendment  signed
        amend               submitted                                   sideWithoutAmendment  submitted
        amend               supplement                                  sideWithoutAmendment  supplement
        amend               refused                                     sideWithoutAmendment  refused
        amend               appealed                                    sideWithoutAmendment  appealed
        amend               recognised                                  sideWithoutAmendment  recognised
        amend               completed                                   sideWithoutAmendment  completed
        cancel-amendment    signed                                      proposer  signed
        cancel-amendment    submitted                                   proposer  submitted
        cancel-amendment    supplement                                  proposer  supplement
        cancel-amendment    refused                                     proposer  refused
        cancel-amendment    appealed                                    proposer  appealed
        cancel-amendment    recognised                                  proposer  recognised
        cancel-amendment    completed                                   proposer  completed
        refuse-amendment    signed                                      otherSide  signed
        refuse-amendment    submitted                                   otherSide  submitted
        refuse-amendment    supplement                                  otherSide  supplement
        refuse-amendment    refused                                     otherSide  refused
        refuse-amendment    appealed                                    otherSide  appealed
        refuse-amendment    recognised                                  otherSide  recognised
        refuse-amendment    completed                                   otherSide  completed
        cancel-amendment    deregistered                                proposer   deregistered
        refuse-amendment    deregistered                                otherSide  deregistered
        submit              signed supplement                           registrant        submitted
        submit              completed                                   registrant        completed
        appeal              refused                                     registrant        appealed
        appeal              completed                                   registrant        completed
        recognise           submitted appealed                          registrar         recognised
        recognise           completed                                   registrar         completed
        refuse              submitted appealed                          registrar         refused
        refuse              completed                                   registrar         completed
        request-supplement  submitted                                   registrar         supplement
        request-supplement  completed                                   registrar         completed
        dispute             submitted                                   registrar         submitted
        dispute             completed                                   registrar         completed
        record-opinion      submitted                                   registrar         submitted
        record-opinion      appealed                                    registrar         appealed
        record-opinion      completed                                   registrar         completed
        record-recognition  signed submitted supplement                 registrar         recognised
        record-recognition  completed                                   registrar         completed
        complete            signed submitted supplement refused appealed recognised  side  completed
        complete            deregistered                                side              deregistered
        terminate           draft signed submitted supplement refused appealed recognised  side  terminated
        terminate           deregistered                                side              deregistered
        terminate           draft                                       drafter           terminated
        separate            signed                                      registrarOfUnnamedContract  signed
        separate            submitted                                   registrarOfUnnamedContract  submitted
        separate            supplement                                  registrarOfUnnamedContract  supplement
        separate            refused                                     registrarOfUnnamedContract  refused
        separate            appealed                                    registrarOfUnnamedContract  appealed
        separate            recognised                                  registrarOfUnnamedContract  recognised
        separate            completed                                   registrarOfUnnamedContract  completed
        deregister          signed recognised completed terminated  registrar    deregistered
        """;

    const string Payment =
        """
        confirm  recorded  otherSide  confirmed
        confirm  recorded  registrar  confirmed
        reject   recorded  otherSide  rejected
        reject   recorded  registrar  rejected
        """;

    const string Subscription =
        """
        pause   active         owner  paused
        resume  paused         owner  active
        cancel  active paused  owner  cancelled
        """;

    const string Claim =
        """
        submit         returned                             claimant     submitted
        recommend      submitted                            reviewer     reviewed
        return         submitted                            reviewer     returned
        reject         submitted                            reviewer     rejected
        approve        reviewed                             firstOfTwoApprovers  reviewed
        approve        reviewed                             approver     approved
        order          approved                             payer        ordered
        confirm-paid   ordered                              payer        paid
        fail-payment   ordered                              payer        approved
        withdraw       submitted returned reviewed approved claimant     withdrawn
        lapse          approved                             fundManager  lapsed
        open-clawback  paid                                 fundManager  clawbackOpened
        open-clawback  clawedBack waived                    fundManagerOfHeldRest  clawbackOpened
        claw-back      clawbackOpened                       approver     clawedBack
        waive          clawbackOpened                       approver     waived
        """;

    const string Fund =
        """
        open     planned suspended               fundManager                 open
        suspend  open                            fundManager                 suspended
        adjust   planned                         fundManager                 planned
        adjust   open                            fundManager                 open
        adjust   suspended                       fundManager                 suspended
        close    open suspended                  fundManagerOfUnsettledFund  closing
        close    planned open suspended closing  fundManagerOfSettledFund    closed
        """;

    /// <summary>Nobody is both: one side is the last to be asked, or it is not.</summary>
    static readonly string[][] Exclusive = [["askedSide", "lastAskedSide"], ["unsignedSide", "lastUnsignedSide"], ["fundManagerOfUnsettledFund", "fundManagerOfSettledFund"]];

    static IEnumerable<TestCaseData> Machines =>
    [
        new TestCaseData(ListingLifecycle.Demands, Listing).SetArgDisplayNames("demands"),
        new TestCaseData(ListingLifecycle.Achievements, Listing).SetArgDisplayNames("achievements"),
        new TestCaseData(ListingLifecycle.Revisions, Revision).SetArgDisplayNames("revisions"),
        new TestCaseData(IntroductionLifecycle.Machine, Introduction).SetArgDisplayNames("introductions"),
        new TestCaseData(ContractLifecycle.Machine, Contract).SetArgDisplayNames("contracts"),
        new TestCaseData(ContractLifecycle.Life, ContractLife).SetArgDisplayNames("lives of contracts"),
        new TestCaseData(ContractLifecycle.Recognition, ContractRecognition).SetArgDisplayNames("recognition of contracts"),
        new TestCaseData(PaymentLifecycle.Machine, Payment).SetArgDisplayNames("payments"),
        new TestCaseData(ClaimLifecycle.Machine, Claim).SetArgDisplayNames("claims"),
        new TestCaseData(FundLifecycle.Machine, Fund).SetArgDisplayNames("funds"),
        new TestCaseData(SubscriptionLifecycle.Machine, Subscription).SetArgDisplayNames("subscriptions"),
    ];

    [TestCaseSource(nameof(Machines))]
    public void A_machine_allows_exactly_what_the_contract_does(Lifecycle machine, string contract)
    {
        var rows = Read(contract);
        Assert.That(machine.States, Is.EquivalentTo(rows.SelectMany(row => row.From.Append(row.To)).Distinct()));
        var actions = rows.Select(row => row.Action).Distinct().ToList();
        foreach (var who in Subsets([.. rows.Select(row => row.Who).Distinct(), "stranger"]).Where(who => !Exclusive.Any(pair => pair.All(who.Contains))))
        {
            foreach (var state in machine.States)
            {
                Assert.That(machine.AvailableActions(state, who), Is.EquivalentTo(actions.Where(action => Step(rows, action, state, who) is not null)), $"{state} {Names(who)}");
                foreach (var action in actions)
                {
                    Assert.That(Outcome(() => machine.Require(action, state, who)), Is.EqualTo(Expected(rows, action, state, who)), $"{action} in {state} by {Names(who)}");
                }
            }
        }
    }

    [TestCaseSource(nameof(Machines))]
    public void A_stale_version_is_said_after_who_may_not_and_before_what_cannot_be(Lifecycle machine, string contract)
    {
        foreach (var row in Read(contract))
        {
            foreach (var state in machine.States)
            {
                Assert.That(Outcome(() => machine.Require(row.Action, state, Set(row.Who), () => Problems.PreconditionFailed("\"1\""))), Is.EqualTo("precondition-failed"));
                Assert.That(Outcome(() => machine.Require(row.Action, state, Set("stranger"), () => Problems.PreconditionFailed("\"1\""))), Is.EqualTo("forbidden"));
            }
        }
    }

    [Test]
    public void A_state_that_no_way_leads_to_stops_the_start() =>
        Assert.That(() => new Lifecycle("thing", "a", new Transition("go", ["a"], "b", "x"), new Transition("fly", ["c"], "d", "x")), Throws.InvalidOperationException);

    internal static string Expected(IReadOnlyList<(string Action, string[] From, string Who, string To)> rows, string action, string state, IReadOnlySet<string> who) =>
        !rows.Any(row => row.Action == action && who.Contains(row.Who)) ? "forbidden" : Step(rows, action, state, who) ?? "invalid-transition";

    internal static List<(string Action, string[] From, string Who, string To)> ListingRows => Read(Listing);

    static string? Step(IReadOnlyList<(string Action, string[] From, string Who, string To)> rows, string action, string state, IReadOnlySet<string> who) =>
        rows.Where(row => row.Action == action && row.From.Contains(state) && who.Contains(row.Who)).Select(row => row.To).FirstOrDefault();

    static string Outcome(Func<Transition> require)
    {
        try
        {
            return require().To;
        }
        catch (Refusal refusal)
        {
            return refusal.Type.Code;
        }
    }

    static List<(string Action, string[] From, string Who, string To)> Read(string table) =>
    [
        .. table.Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(words => (words[0], words[1..^2], words[^2], words[^1])),
    ];

    static IEnumerable<IReadOnlySet<string>> Subsets(string[] names) => Enumerable.Range(0, 1 << names.Length)
        .Select(bits => names.Where((_, i) => (bits & (1 << i)) != 0).ToHashSet());

    static HashSet<string> Set(params string[] names) => [.. names];

    static string Names(IReadOnlySet<string> who) => string.Join('+', who);
}

/// <summary>The machine of demands and achievements, walked over HTTP by everybody.</summary>
[TestFixtureSource(typeof(Databases), nameof(Databases.All))]
public sealed class LifecycleWalkTests(Database database)
{
    readonly Market market = Market.On(database);

    [TestCase("demands")]
    [TestCase("achievements")]
    public async Task Every_action_in_every_state_by_every_caller_does_what_the_machine_says(string list)
    {
        var (owner, other, moderator, auditor) = (await market.Party("university"), await market.Party(), await market.As("moderator"), await market.As("auditor"));
        (string Name, HttpClient Client, HashSet<string> Capacities)[] callers =
            [("owner", owner.Client, ["owner", "member"]), ("other", other.Client, ["member"]), ("moderator", moderator, ["moderator"]), ("auditor", auditor, ["auditor"])];
        // Restored is what it was: these are restored from published, RemovalTests has the others.
        var rows = LifecycleTests.ListingRows.Where(row => row.Who != "clock" && (row.Action != "restore" || row.To == "published")).ToList();
        foreach (var (state, path) in Paths(rows))
        {
            string? id = null;
            foreach (var (name, client, capacities) in callers)
            {
                var sees = name == "owner" || state == "published" || (state != "draft" && name != "other");
                foreach (var action in rows.Select(row => row.Action).Distinct())
                {
                    id ??= await Bring(list, owner, moderator, path);
                    var address = $"{list}/{id}";
                    var about = $"{action} in {state} by {name}";
                    if (!sees)
                    {
                        await client.GetAsync(address).AssertProblem(404, "not-found");
                        await client.PostJson($"{address}/{action}", new { reason = "理由" }).AssertProblem(404, "not-found");
                        continue;
                    }

                    var available = (await client.GetJson(address)).Texts("availableActions");
                    var expected = LifecycleTests.Expected(rows, action, state, capacities);
                    Assert.That(available.Contains(action), Is.EqualTo(expected is not ("forbidden" or "invalid-transition")), about);
                    TestContext.Out.WriteLine(about);
                    var request = client.PostJson($"{address}/{action}", new { reason = "理由" });
                    if (expected == "forbidden")
                    {
                        await request.AssertProblem(403, "forbidden");
                    }
                    else if (expected == "invalid-transition")
                    {
                        var problem = await request.AssertProblem(409, "invalid-transition");
                        Assert.That(problem.Text("currentState"), Is.EqualTo(state), about);
                        Assert.That(problem.Texts("availableActions"), Is.EqualTo(available), about);
                    }
                    else
                    {
                        Assert.That((await request.Json()).Text("state"), Is.EqualTo(expected), about);
                        Assert.That((await owner.Client.GetJson(address)).Text("state"), Is.EqualTo(expected), about);
                        id = null;
                    }
                }
            }
        }
    }

    [Test]
    public async Task A_listing_expires_by_the_clock_after_its_last_day_in_Beijing_and_leaves_publication()
    {
        await using var own = await Market.Apart(database);
        var party = await own.Party();
        var (published, paused, draft, open) = (
            await own.PublishedDemand(party, new { deadline = own.Today.AddDays(1).Iso() }), await own.PublishedDemand(party, new { deadline = own.Today.AddDays(1).Iso() }),
            await party.Demand(new { deadline = own.Today.AddDays(1).Iso() }), await own.PublishedDemand(party));
        await party.Client.Act($"demands/{paused}/pause").Json();
        // 23:59 of the last day.
        own.Clock.Advance(TimeSpan.FromHours(35) + TimeSpan.FromMinutes(59));
        await party.Client.Act($"demands/{paused}/resume").Json();
        await party.Client.Act($"demands/{paused}/pause").Json();
        Assert.That(await State(published), Is.EqualTo("published"));
        own.Clock.Advance(TimeSpan.FromMinutes(1));
        await Eventually.Holds(async () =>
        {
            own.Clock.Advance(TimeSpan.FromMinutes(1));
            return await State(published) == "expired" && await State(paused) == "expired";
        }, "both expired");
        Assert.That(await State(draft), Is.EqualTo("draft"));
        Assert.That(await State(open), Is.EqualTo("published"));
        await own.Anonymous.GetAsync($"demands/{published}").AssertProblem(404, "not-found");
        await party.Client.Act($"demands/{published}/fulfil").AssertProblem(409, "invalid-transition");

        async Task<string> State(string id) => (await party.Client.GetJson($"demands/{id}")).Text("state");
    }

    /// <summary>Each state with the shortest way to it.</summary>
    static Dictionary<string, string[]> Paths(List<(string Action, string[] From, string Who, string To)> rows)
    {
        var paths = new Dictionary<string, string[]> { ["draft"] = [] };
        for (var found = true; found;)
        {
            found = rows.SelectMany(row => row.From.Where(paths.ContainsKey).Select(from => (row, from)).ToList())
                .Aggregate(false, (any, step) => paths.TryAdd(step.row.To, [.. paths[step.from], step.row.Action]) || any);
        }

        return paths;
    }

    static async Task<string> Bring(string list, TestParty owner, HttpClient moderator, string[] path)
    {
        var id = list == "demands" ? await owner.Demand() : await owner.Achievement();
        foreach (var action in path)
        {
            var client = action is "publish" or "return" or "reject" or "remove" or "restore" ? moderator : owner.Client;
            await client.PostJson($"{list}/{id}/{action}", new { reason = "理由" }).Json();
        }

        return id;
    }
}
