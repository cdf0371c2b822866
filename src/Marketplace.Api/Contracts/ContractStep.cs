using System.Text.Json;
using System.Text.Json.Serialization;
using Marketplace.Api.Data;
using Marketplace.Api.Http;

namespace Marketplace.Api.Contracts;

/// <summary>Who took a step of a contract. Steps are added with the change that they stand for, and never changed.</summary>
/// <param name="Version">The contract's version that the step made.</param>
/// <param name="Step">The action, such as <c>recognise</c>.</param>
/// <param name="Person">Shown to officials and to the party whose person it is.</param>
/// <param name="Content">
/// What came with it: the terms that were written, a reason, an expert opinion, what was recognised. Terms that were never signed by both, and what was
/// said of them, are for their two sides and the party that wrote them; others find nothing there.
/// </param>
/// <param name="AmendmentVersion">The number of the amendment's terms, of a step that is about an amendment.</param>
public sealed record ContractStep(
    int Version, string Step, string Life, string RecognitionState, int TermsVersion, string Party, string? Person, JsonElement? Content, DateTimeOffset At,
    int? AmendmentVersion = null)
{
    /// <summary>Whether the content is the contract's terms.</summary>
    [JsonIgnore]
    public bool WritesTerms => Step is "create" or "update";

    /// <summary>The number of the terms that it is about.</summary>
    [JsonIgnore]
    public int About => AmendmentVersion ?? TermsVersion;
}

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
    public int? AmendmentVersion { get; init; }
    public DateTimeOffset At { get; init; }

    /// <summary>1 where both sides have signed the terms of this version, else 0.</summary>
    public int Signed { get; init; }

    public ContractStep View(Sight sight)
    {
        var caller = sight.Caller;
        var step = new ContractStep(
            Version, Step, Life, Recognition, TermsVersion, Party, sight.IsOfficial || caller.BelongsTo(Party) ? Person : null,
            JsonSerializer.Deserialize<JsonElement>(Content), At, AmendmentVersion);
        var isShown = caller.BelongsTo(Party) || (step.WritesTerms ? sight.Shows(Json.Read<ContractContent>(Content), Signed == 1)
            : sight.IsSide || (sight.Content is not null && (AmendmentVersion is null || Signed == 1)));
        return isShown ? step : step with { Content = null };
    }
}

static class StepSql
{
    /// <param name="amendment">The number of the amendment's terms, where the step is about one.</param>
    public static Task Insert(Session session, ContractRow contract, string step, Caller caller, object content, int? amendment = null) => session.Execute(
        """
        INSERT INTO contract_steps (contract_id, version, step, life, recognition_state, terms_version, amendment_terms, party_id, person, content, occurred_at)
        VALUES (@Id, @Version, @step, @Life, @Recognition, @TermsVersion, @amendment, @Party, @Person, @content, @UpdatedAt)
        """,
        new
        {
            contract.Id, contract.Version, step, contract.Life, contract.Recognition, contract.TermsVersion, amendment, caller.Party, caller.Person,
            content = Json.Write(content), contract.UpdatedAt,
        });

    /// <summary>The steps after a version, oldest first.</summary>
    public static Task<List<StepRow>> After(Session session, string contract, int version, int take) => session.First<StepRow>(
        """
        SELECT version AS Version, step AS Step, life AS Life, recognition_state AS Recognition, terms_version AS TermsVersion, party_id AS Party,
            person AS Person, content AS Content, amendment_terms AS AmendmentVersion, occurred_at AS At,
            CASE WHEN EXISTS (SELECT 1 FROM contract_steps later WHERE later.contract_id = contract_steps.contract_id
                AND later.terms_version = COALESCE(contract_steps.amendment_terms, contract_steps.terms_version) AND later.life = 'signed') THEN 1 ELSE 0 END AS Signed
        FROM contract_steps WHERE contract_id = @contract AND version > @version ORDER BY version
        """,
        new { contract, version, take });

    public static async Task<bool> Any(Session session, string contract, string step, int termsVersion) => (await session.First<int>(
        "SELECT version FROM contract_steps WHERE contract_id = @contract AND step = @step AND terms_version = @termsVersion ORDER BY version",
        new { contract, step, termsVersion, take = 1 })).Count > 0;
}
