using System.Text;
using Marketplace.Api.Claims;
using Marketplace.Api.Data;
using Marketplace.Api.Http;
using Marketplace.Api.Parties;
using Marketplace.Rules;

namespace Marketplace.Api.Contracts;

/// <summary>Names of projects. Who profits from a project's limits also writes its name, so names are compared in a form that no spelling changes.</summary>
static class ProjectNames
{
    /// <summary>Characters of the canonical form, which NFKC can make longer than what was typed.</summary>
    public const int LongestKey = 400;

    // Small letters of Greek and Cyrillic, each before the Latin one that it looks like.
    const string LookAlikes = "αaβbεeηnιiκkνvοoρpτtυuχxγyωwаaвbеeкkмmнhоoрpсcтtуyхxіiјjѕsԁdԛqԝwһhӏlғf";

    /// <summary>The form by which limits, filters and history count; of a name from before there was a bound, its beginning.</summary>
    public static string Key(string name) => CanonicalName.Of(name) is var key && key.Length > LongestKey ? key[..LongestKey] : key;

    /// <summary>Whether two different projects may be one in a spelling that the canonical form does not see through.</summary>
    public static bool AreNear(string oneKey, string otherKey)
    {
        var (one, other) = (Letters(oneKey), Letters(otherKey));
        return one == other || (Math.Min(one.Length, other.Length) >= 4 && DifferByOne(one, other));
    }

    /// <summary>Refuses terms that take a contract in force out of a project of which something was claimed that is not given back, or was not refused.</summary>
    public static async Task RequireUnchanged(Session session, ContractRow row, ContractContent terms)
    {
        if (row.Life is ContractLifecycle.Draft or ContractLifecycle.Signing || ContractRow.ProjectKeyOf(terms.Project, row) == row.ProjectKey)
        {
            return;
        }

        // Claims of the buyer's projects are made under this lock.
        await PartySql.Lock(session, row.Buyer);
        if (await ClaimSql.AnyOfProject(session, row))
        {
            throw Problems.RuleViolated("/project", "project-is-fixed", new(
                $"项目 {row.Project ?? "（无）"} 已有奖补申领，不能改为 {terms.Project ?? "（无）"}。",
                $"Awards of the project '{row.Project ?? "(none)"}' are claimed; it cannot become '{terms.Project ?? "(none)"}'."));
        }
    }

    /// <summary>Letters and digits alone, each as the Latin letter that it looks like.</summary>
    static string Letters(string key)
    {
        var letters = new StringBuilder(key.Length);
        foreach (var rune in key.EnumerateRunes().Where(Rune.IsLetterOrDigit))
        {
            var place = rune.IsBmp ? LookAlikes.IndexOf((char)rune.Value, StringComparison.Ordinal) : -1;
            letters.Append(place >= 0 && place % 2 == 0 ? LookAlikes[place + 1].ToString() : rune.ToString());
        }

        // A name of marks alone is compared as it is.
        return letters.Length == 0 ? key : letters.ToString();
    }

    /// <summary>One character more, less or other.</summary>
    static bool DifferByOne(string one, string other)
    {
        var (longer, shorter) = one.Length >= other.Length ? (one, other) : (other, one);
        var same = longer.AsSpan().CommonPrefixLength(shorter);
        return longer.Length - shorter.Length <= 1
            && longer.AsSpan(Math.Min(same + 1, longer.Length)).SequenceEqual(shorter.AsSpan(Math.Min(longer.Length == shorter.Length ? same + 1 : same, shorter.Length)));
    }
}
