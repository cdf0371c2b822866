using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Marketplace.Api.Contracts;
using Marketplace.Api.Data;
using Marketplace.Api.Http;
using Marketplace.Api.Parties;
using Marketplace.Rules;

namespace Marketplace.Api.Policies;

sealed record PolicyQuery : PageQuery
{
    /// <summary>Policies that hold in this region.</summary>
    [Region]
    public string? Region { get; init; }

    /// <summary>Policies in force on this day.</summary>
    public DateOnly? On { get; init; }
}

record EvaluationQuery
{
    /// <summary>Adds the steps of the calculation.</summary>
    public bool Explain { get; init; }

    /// <summary><c>all</c> adds each award under every reading of an unclear clause.</summary>
    [RegularExpression("all|chosen")]
    public string? Readings { get; init; }

    public EvaluationOptions Options => new() { Explain = Explain, AllReadings = Readings == "all" };
}

sealed record SingleEvaluationQuery : EvaluationQuery
{
    [Description("Adds the receipt (凭证) by which the evaluation can be made again and compared; none while it is unknown which version governs.")]
    public bool Receipt { get; init; }

    [Description("Adds to each refused award what would make it due (反事实): sets of changes, each the least that does.")]
    public bool Counterfactuals { get; init; }
}

sealed record BatchQuery : EvaluationQuery
{
    public const string Sums = "sums";

    [RegularExpression("all|sums")]
    [Description("sums answers what each award comes to, without reasons and steps: many times as fast. Not together with explain or readings=all.")]
    public string? Detail { get; init; }
}

/// <summary>What is known of one contract; a fact that is left out is unknown.</summary>
public record EvaluationRequest : IChecked
{
    [StringLength(100, MinimumLength = 1)]
    public required string Policy { get; init; }

    public required Facts Facts { get; init; }

    [MaxLength(10_000)]
    public IReadOnlyList<EarlierGrant> History { get; init; } = [];

    internal IReadOnlyList<Grant> Grants => [.. History.Select(grant => grant.ToGrant())];

    internal static readonly Fault TooLarge = new("", "out-of-range", new(
        "这些数合起来超出可以计算的金额。", "These numbers come to more than sums of money can be."));

    /// <summary>A grant of an award that no version has was meant to be another; to pass it over would pay twice.</summary>
    internal IEnumerable<Fault> UnknownAwards(IReadOnlyList<Policy> versions)
    {
        for (var i = 0; i < History.Count; i++)
        {
            var award = History[i].Award;
            if (!versions.Any(policy => policy.Award(award) is not null))
            {
                yield return new($"/history/{i}/award", "unknown-reference", new(
                    $"政策 {Policy} 没有奖补 {award}。", $"The policy {Policy} has no award '{award}'."));
            }
        }
    }

    internal Fault UnknownPolicy => new("/policy", "unknown-reference", new($"没有政策 {Policy}。", $"There is no policy {Policy}."));

    public IEnumerable<Fault> Check() => Check(Facts);

    /// <summary>
    /// A region that is no code is a slip of the pen, not a place elsewhere. Facts that no contract can have together are refused as the contract would be.
    /// </summary>
    internal static IEnumerable<Fault> Check(Facts facts)
    {
        if (facts is { TechnologyAmount: { } technology, Amount: { } amount } && technology > amount)
        {
            yield return InFacts(ContractFaults.TechnologyAmount(technology, amount));
        }

        if (facts is { RecognisedOn: { } recognisedOn, SignedOn: { } signedOn } && recognisedOn < signedOn)
        {
            yield return InFacts(ContractFaults.RecognisedBeforeSigned(recognisedOn, signedOn));
        }

        var form = new RegionAttribute();
        foreach (var (place, region) in new[] { ("/facts/buyerRegion", facts.BuyerRegion), ("/facts/sellerRegion", facts.SellerRegion) })
        {
            if (!form.IsValid(region))
            {
                yield return new(place, form.Code, form.Detail(region!));
            }
        }

        static Fault InFacts(Fault fault) => fault with { Place = "/facts" + fault.Place };
    }
}

/// <summary>What an evaluation was made of, and the receipt that was given for it.</summary>
public sealed record ReceiptCheck : EvaluationRequest
{
    public required Receipt Receipt { get; init; }
}

/// <param name="Agrees">Whether the same policy, facts and history give the same answer now.</param>
/// <param name="Differs">The first part that does not agree: hash (the receipt was altered), engine, policy, facts, history or answer.</param>
public sealed record ReceiptResult(bool Agrees, string? Differs);

/// <summary>A grant of the past that counts against a shared limit.</summary>
public record EarlierGrant
{
    [StringLength(100, MinimumLength = 1)]
    public required string Award { get; init; }

    public string? Project { get; init; }
    public string? Contract { get; init; }
    public string? Achievement { get; init; }
    public string? Party { get; init; }

    [Description("The buyer of the contract that it was granted for.")]
    public string? Buyer { get; init; }

    [Description("The seller of the contract that it was granted for.")]
    public string? Seller { get; init; }

    [Description("The title that it was granted for.")]
    public string? Title { get; init; }

    [Description("The platform, workstation or incubator that it was granted for.")]
    public string? Platform { get; init; }
    public string? Office { get; init; }
    public DateOnly? On { get; init; }
    public required Fen Amount { get; init; }

    internal static EarlierGrant Of(Grant grant) => new()
    {
        Award = grant.Award, Amount = grant.Amount, Project = grant.Project, Contract = grant.Contract, Achievement = grant.Achievement,
        Party = grant.Party, Buyer = grant.Buyer, Seller = grant.Seller, Title = grant.Title, Platform = grant.Platform, Office = grant.Office, On = grant.On,
    };

    internal Grant ToGrant() => new(Award, Amount)
    {
        Project = Project, Contract = Contract, Achievement = Achievement, Party = Party, Buyer = Buyer, Seller = Seller, Title = Title, Platform = Platform,
        Office = Office, On = On,
    };
}

/// <param name="Severity">error, warning or info.</param>
/// <param name="Code">Stable, such as POL301.</param>
public sealed record DiagnosticView(int Line, int Column, Severity Severity, string Code, string Message, string Fix);

public sealed record Diagnostics([property: System.Text.Json.Serialization.JsonPropertyName("diagnostics")] IReadOnlyList<DiagnosticView> All);

public sealed record Evaluations(IReadOnlyList<EvaluationView> Data);

static class PolicyEndpoints
{
    public static void MapPolicies(this IEndpointRouteBuilder api)
    {
        api.MapGet("/policies", List).AlsoPage().Produces<Page<PolicyView>>().WithSummary("The policies that hold in a region on a day.").WithTags("policies");
        api.MapGet("/policies/{id}", Get).AlsoPage().Produces<PolicyView>().WithSummary("One policy with its clauses, parameters and readings.").WithTags("policies");
        api.MapGet("/policies/{id}/analysis", Analyse).Computes().Produces<AnalysisView>()
            .WithName("analysePolicy").WithSummary("Where its awards bend, jump or fall, what cutting contracts gains, and what never counts.").WithTags("policies");
        api.MapPost("/policies/validate", Validate).Computes().Accepts<string>(YamlBody.MediaType).Produces<Diagnostics>()
            .WithName("validatePolicy").WithSummary("Check a policy document; every fault with its place.").WithTags("policies");
        api.MapPost("/evaluations", Evaluate).Computes().Produces<EvaluationView>()
            .WithName("evaluate").WithSummary("What a policy would pay for one contract, and why.").WithTags("evaluations");
        api.MapPost("/evaluations/verify", Verify).Computes().Produces<ReceiptResult>()
            .WithName("verifyEvaluation").WithSummary("Make an evaluation again and compare it with its receipt.").WithTags("evaluations");
        api.MapPost("/evaluations/compare", Compare).Computes().Produces<ComparisonView>()
            .WithName("compareEvaluations").WithSummary("What every policy in force at a place would pay for one deal, and what may be had together.").WithTags("evaluations");
        api.MapPost("/evaluations/batch", EvaluateBatch).Streams(Ndjson.MediaType)
            .Accepts<BatchLine>(Ndjson.MediaType).Produces<BatchAnswer>(StatusCodes.Status200OK, Ndjson.MediaType)
            .WithName("evaluateBatch").WithTags("evaluations")
            .WithSummary("Evaluate many contracts, one a line; each line is answered by a line while the rest is still being sent.")
            .WithDescription("""
                A line is what POST /evaluations takes, with an id of the caller's own where one helps; the answer's line has the number of the
                line it answers, and the evaluation or the errors. Lines stand alone: what one is granted is no history of the next. With
                ?detail=sums the answer has awards in place of the evaluation: for each its outcome and its amount or range, the same as in
                the evaluation. Empty lines are passed over, and a line of more than 1 MiB is refused. Some 64 MiB of answers may wait for a client that sends all
                before it reads.
                """);
        api.MapGet("/contracts/{id}/evaluation", ForContract).NeedsKey().Computes().Produces<Evaluations>()
            .WithName("evaluateContract").WithSummary("What each policy in force where the buyer is would pay for a contract.").WithTags("evaluations");
    }

    static IResult List(Query<PolicyQuery> query, PolicyCatalogue catalogue, TimeProvider clock, HttpContext http)
    {
        var q = query.Value;
        var after = q.After(http.Request.Path) ?? "";
        var rows = catalogue.All
            .Where(policy => q.Region is null || Region.Covers(policy.Region, q.Region))
            .Where(policy => q.On is null || policy.InForce.Contains(q.On.Value))
            .Where(policy => string.CompareOrdinal(Key(policy), after) > 0)
            .OrderBy(Key, StringComparer.Ordinal).Take(q.Limit + 1).ToList();
        var language = http.Request.Language();
        if (http.Request.WantsPage())
        {
            var page = q.ToPage(http, rows, Key, policy => policy);
            return PolicyPages.Many(page.Data, page.NextCursor is { } next ? Paging.Following(http.Request, next) : null, clock.Today(), language);
        }

        return Results.Json(q.ToPage(http, rows, Key, policy => PolicyView.Of(policy, language)), Json.Options);

        static string Key(Policy policy) => $"{policy.Id} {policy.Version}";
    }

    static IResult Get(string id, PolicyCatalogue catalogue, TimeProvider clock, HttpRequest request)
    {
        var policy = catalogue.Find(id, clock.Today()) ?? throw Problems.NotFound();
        return request.WantsPage()
            ? PolicyPages.One(policy, catalogue.Analysis(policy), clock.Today(), request.Language())
            : new Resource<PolicyView>(PolicyView.Of(policy, request.Language()), version: 1);
    }

    static IResult Analyse(string id, PolicyCatalogue catalogue, TimeProvider clock, HttpRequest request)
    {
        var policy = catalogue.Find(id, clock.Today()) ?? throw Problems.NotFound();
        return Results.Json(AnalysisView.Of(catalogue.Analysis(policy), request.Language()), Json.Options);
    }

    static IResult Validate(YamlBody yaml, HttpRequest request)
    {
        var language = request.Language();
        var result = PolicyDocument.Load("policy.yaml", yaml.Text());
        return Results.Json(
            new Diagnostics([.. result.Diagnostics.Select(d => language == Language.English
                ? new DiagnosticView(d.Line, d.Column, d.Severity, d.Code, d.MessageEn, d.FixEn)
                : new DiagnosticView(d.Line, d.Column, d.Severity, d.Code, d.MessageZh, d.FixZh))]),
            Json.Options);
    }

    static IResult Evaluate(Body<EvaluationRequest> body, Query<SingleEvaluationQuery> query, PolicyCatalogue catalogue, HttpRequest request)
    {
        var asked = body.Value;
        var versions = catalogue.Governing(asked.Policy, asked.Facts);
        var policy = versions.Count > 0 ? versions[0] : throw Problems.UnknownReference(asked.UnknownPolicy);
        if (asked.UnknownAwards(versions).FirstOrDefault() is { } unknown)
        {
            throw Problems.UnknownReference(unknown);
        }

        Evaluation evaluation;
        try
        {
            evaluation = Evaluator.Evaluate(versions, asked.Facts, asked.Grants, query.Value.Options);
        }
        catch (OverflowException)
        {
            throw Problems.Invalid([EvaluationRequest.TooLarge]);
        }

        if (query.Value.Counterfactuals)
        {
            evaluation = evaluation with
            {
                Awards = [.. evaluation.Awards.Select(award => award.Outcome != Outcome.Refused ? award
                    : award with { Counterfactuals = Counterfactuals.Find(policy, asked.Facts, asked.Grants, award.Award) })],
            };
        }

        // What may be the answer of either version is the answer of none.
        var receipt = query.Value.Receipt && versions.Count == 1 ? Receipt.Of(policy, asked.Facts, asked.Grants) : null;
        return Results.Json(EvaluationJson.Render(evaluation, request.Language(), receipt), Json.Options);
    }

    static IResult Verify(Body<ReceiptCheck> body, PolicyCatalogue catalogue)
    {
        var asked = body.Value;
        // The version that the receipt names, where it is still here; it need not be the one that would be taken today.
        var policy = catalogue.All.FirstOrDefault(policy => policy.Id == asked.Policy && policy.Hash == asked.Receipt.Policy)
            ?? catalogue.Find(asked.Policy, asked.Facts.RecognisedOn) ?? throw Problems.UnknownReference(asked.UnknownPolicy);
        var differs = asked.Receipt.Replay(policy, asked.Facts, asked.Grants);
        return Results.Json(new ReceiptResult(differs is null, differs), Json.Options);
    }

    static IResult Compare(Body<ComparisonRequest> body, PolicyCatalogue catalogue, TimeProvider clock, HttpRequest request)
    {
        var asked = body.Value;
        var on = asked.Governing ?? clock.Today();
        var policies = catalogue.All.Where(policy => policy.InForce.Contains(on) && (asked.Place is not { } place || Region.Covers(policy.Region, place))).ToList();
        var comparison = new Comparison(asked.Facts, asked.GrantsUnder);
        return Results.Json(
            ComparisonView.Of(asked, on, comparison.Of(policies), comparison.Best(policies, asked.Place), request.Language()), Json.Options);
    }

    static Task EvaluateBatch(Query<BatchQuery> query, PolicyCatalogue catalogue, HttpContext http)
    {
        Bodies.RequireType(http.Request, Ndjson.MediaType);
        if (query.Value is { Detail: BatchQuery.Sums } and ({ Explain: true } or { Options.AllReadings: true }))
        {
            throw Problems.InvalidQuery([new("detail", "invalid-value", new(
                "只要金额（sums）时没有步骤，也没有其他读法；请去掉 explain 和 readings。", "Sums alone have no steps and no other readings; leave explain and readings out."))]);
        }

        return new Batch(catalogue, query.Value, http.Request.Language()).Run(http);
    }

    static async Task<IResult> ForContract(
        string id, Query<EvaluationQuery> query, Caller caller, Session session, PolicyCatalogue catalogue, TimeProvider clock, HttpRequest request)
    {
        var contract = await ContractParties.WithTerms(session, id, caller, present: true);
        var cases = await ContractEvaluation.Cases(session, catalogue, contract, clock.Today());
        var answer = EvaluationJson.Render([.. cases.Select(c => Evaluator.Evaluate(c.Policy, c.Facts, c.History, query.Value.Options))], request.Language());
        return Results.Json(
            ContractParties.SeesAll(caller) ? answer : OtherGrants.Withhold(answer, cases.Select(c => c.History), caller.Party, request.Language()), Json.Options);
    }
}
