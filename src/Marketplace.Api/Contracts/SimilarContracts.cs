using System.Globalization;
using Marketplace.Api.Codes;
using Marketplace.Api.Data;
using Marketplace.Api.Http;
using Marketplace.Rules;

namespace Marketplace.Api.Contracts;

/// <summary>Why another contract is shown beside one.</summary>
public enum Likeness
{
    /// <summary>Title, parties, amount, day of signing and project are the same, and it is on the register.</summary>
    [Label("内容相同且已登记", "Identical and on the register")] Identical,

    /// <summary>Its project's name is nearly the same.</summary>
    [Label("项目名称相近", "A project of nearly the same name")] NearProject,
}

/// <summary>Another contract that a registrar or reviewer of one should know of.</summary>
/// <param name="Project">Its project.</param>
public sealed record SimilarContract(string Contract, Likeness Because, string? Project);

/// <summary>Contracts that may be one contract registered twice, or one project under two names. For officials alone.</summary>
static class SimilarContracts
{
    const int Most = 20;

    /// <summary>Names of projects that are looked through.</summary>
    const int MostProjects = 2_000;

    public static bool AreShownTo(Caller caller) => caller.Is(Roles.Registrar) || caller.Is(Roles.Reviewer) || caller.Is(Roles.Auditor);

    public static async Task<IReadOnlyList<SimilarContract>> Of(Session session, ContractRow row)
    {
        var identical = await ContractSql.Identical(session, row.Id, KeyOf(row), Most);
        var near = row.Project is null ? []
            : (await ContractSql.ProjectsOf(session, row.Buyer, MostProjects))
                .Where(other => other.ProjectKey != row.ProjectKey && ProjectNames.AreNear(other.ProjectKey, row.ProjectKey!)).Take(Most);
        return
        [
            .. identical.Select(other => new SimilarContract(other.Contract, Likeness.Identical, other.Project)),
            .. near.Select(other => new SimilarContract(other.Contract, Likeness.NearProject, other.Project)),
        ];
    }

    /// <summary>Digest of what makes two contracts the same: title, parties, amount, day of signing and project.</summary>
    public static string KeyOf(ContractRow row)
    {
        var terms = row.Terms;
        return Fingerprint.Of(string.Join('\n', CanonicalName.Of(terms.Title), row.Buyer, row.Seller, row.TotalFen.ToString(CultureInfo.InvariantCulture),
            terms.SignedOn?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), terms.Project is null ? null : ProjectNames.Key(terms.Project)));
    }

    /// <summary>
    /// The row as it goes on the register: no second one is there with the same terms unless the registrar said why. The unique index on the key decides
    /// where two are recognised at once; one that has a reason keeps its own id in its key.
    /// </summary>
    public static async Task<ContractRow> Registered(Session session, ContractRow row, string? reason)
    {
        var key = KeyOf(row);
        var twin = (await ContractSql.Identical(session, row.Id, key, take: 1)).FirstOrDefault();
        return twin is not null && reason is null ? throw Refused(twin.Contract)
            : row with { Likeness = reason is null ? key : $"{key}#{row.Id}", IsIdentical = twin is not null, Reason = reason };
    }

    public static Refusal Refused(string other) => Problems.RuleViolated("/reason", "identical-contract", new(
        $"合同 {other} 的名称、双方、金额、签订日期和项目与此相同，且已登记；如确为另一份合同，请说明理由（reason）。",
        $"The contract {other} is on the register with the same title, parties, amount, day of signing and project; if this is another one, say why (reason)."));
}
