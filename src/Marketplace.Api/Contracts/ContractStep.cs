using System.Text.Json;
using Marketplace.Api.Data;
using Marketplace.Api.Http;

namespace Marketplace.Api.Contracts;

/// <summary>Who took a step of a contract. Steps are added with the change that they stand for, and never changed.</summary>
/// <param name="Version">The contract's version that the step made.</param>
/// <param name="Step">The action, such as <c>recognise</c>.</param>
/// <param name="Person">Shown to officials and to the party whose person it is.</param>
/// <param name="Content">What came with it: the terms that were written, a reason, an expert opinion, what was recognised.</param>
public sealed record ContractStep(
    int Version, string Step, string Life, string RecognitionState, int TermsVersion, string Party, string? Person, JsonElement Content, DateTimeOffset At);

public sealed record StepRow
{
    public int Version { get; init; }
    public string Step { get; init; } = "";
    public string Life { get; init; } = "";
    public string Recognition { get; init; } = "";
    public int TermsVersion { get; init; }
    public string Party { get; init; } = "";
    public string Person { get; init; } = "";
    public string Content { get; init; } = "";
    public DateTimeOffset At { get; init; }

    public ContractStep View(Caller caller) => new(
        Version, Step, Life, Recognition, TermsVersion, Party, ContractParties.SeesAll(caller) || caller.BelongsTo(Party) ? Person : null,
        JsonSerializer.Deserialize<JsonElement>(Content), At);
}

static class StepSql
{
    public static Task Insert(Session session, ContractRow contract, string step, Caller caller, object content) => session.Execute(
        """
        INSERT INTO contract_steps (contract_id, version, step, life, recognition_state, terms_version, party_id, person, content, occurred_at)
        VALUES (@Id, @Version, @step, @Life, @Recognition, @TermsVersion, @Party, @Person, @content, @UpdatedAt)
        """,
        new
        {
            contract.Id, contract.Version, step, contract.Life, contract.Recognition, contract.TermsVersion, caller.Party, caller.Person,
            content = Json.Write(content), contract.UpdatedAt,
        });

    /// <summary>The steps after a version, oldest first.</summary>
    public static Task<List<StepRow>> After(Session session, string contract, int version, int take) => session.First<StepRow>(
        """
        SELECT version AS Version, step AS Step, life AS Life, recognition_state AS Recognition, terms_version AS TermsVersion, party_id AS Party,
            person AS Person, content AS Content, occurred_at AS At
        FROM contract_steps WHERE contract_id = @contract AND version > @version ORDER BY version
        """,
        new { contract, version, take });

    public static async Task<bool> Any(Session session, string contract, string step, int termsVersion) => (await session.First<int>(
        "SELECT version FROM contract_steps WHERE contract_id = @contract AND step = @step AND terms_version = @termsVersion ORDER BY version",
        new { contract, step, termsVersion, take = 1 })).Count > 0;
}
