using System.Text.Json;
using System.Text.Json.Nodes;
using Marketplace.Api.Http;
using Marketplace.Api.Policies;
using Marketplace.Rules;

namespace Marketplace.Api.Claims;

/// <summary>The calculation of a claim as it is shown: the award's steps, and from the award to the claim's sum.</summary>
static class ClaimSteps
{
    /// <summary>Whether a grant that counted is the payee's own.</summary>
    public static bool IsOwn(ClaimRow row, EarlierGrant grant) => grant.Party == row.Payee;

    /// <summary>The award with steps that end in what is claimed now.</summary>
    /// <param name="official">Who sees every grant that counted; others see theirs, and what the rest comes to.</param>
    public static byte[] Of(ClaimRow row, ClaimBasis basis, Language language, bool official)
    {
        var award = JsonNode.Parse(language == Language.English ? basis.En : basis.Zh)!;
        if (award["steps"] is not JsonArray steps)
        {
            award["steps"] = steps = [];
        }

        if (!official)
        {
            OtherGrants.Withhold(steps, place => place < basis.History.Count && IsOwn(row, basis.History[place]), language);
        }

        var last = steps.LastOrDefault(step => (string)step!["kind"]! is not "share") is { } whole ? (int)whole["id"]! : 0;
        var next = steps.Count == 0 ? 1 : steps.Max(step => (int)step!["id"]!) + 1;
        if (basis.Sum is { } sum)
        {
            var others = basis.Others ?? Fen.Zero;
            var part = basis.Part ?? sum + basis.Held;
            if (basis.ShareOfAward != 100)
            {
                last = Add("share", "shareOfAward", [last], part, $"份额 {basis.ShareOfAward:0.#########}%", $"share of {basis.ShareOfAward:0.#########} %");
            }

            if (others > Fen.Zero)
            {
                var held = Add("history", "others", [], others, "其他收款人已持有该奖补", "other payees hold of the award");
                last = Add("cap", "award", [last, held], sum + basis.Held, "该奖补对全体收款人的余额之内", "within what they leave of the award");
            }

            if (basis.Held > Fen.Zero)
            {
                var held = Add("history", "held", [], basis.Held, "以前各期已持有", "earlier parts of the claim hold");
                last = Add("excess", "claim", [last, held], sum, "本期", "this part");
            }
        }

        if (row.Fen is { } now && now != basis.Sum?.Value)
        {
            _ = basis.Sum is null
                ? Add("fact", "decision", [], new(now), "一事一议决定", "decided")
                : Add("excess", "claim", [last], new(now), "合同变更后", "after the change of the contract");
        }

        return JsonSerializer.SerializeToUtf8Bytes(award, Json.Options);

        int Add(string kind, string name, int[] inputs, Fen value, string zh, string en)
        {
            steps.Add(new JsonObject
            {
                ["id"] = next, ["kind"] = kind, ["name"] = name, ["inputs"] = new JsonArray([.. inputs.Select(input => (JsonNode)input)]), ["value"] = value.ToYuanText(),
                ["binding"] = false, ["text"] = language == Language.English ? $"{en}: {value} yuan" : $"{zh}：{value} 元",
            });
            return next++;
        }
    }

    /// <summary>A stored basis as its payee may have it, in a file that is checked elsewhere; as it is stored where it names no grant of others.</summary>
    public static string Withheld(ClaimRow row, string stored)
    {
        var basis = Json.Read<ClaimBasis>(stored);
        List<EarlierGrant> own = [.. basis.History.Where(grant => IsOwn(row, grant))];
        return own.Count == basis.History.Count ? stored : Json.Write(basis with
        {
            History = own, Withheld = basis.History.Count - own.Count, Zh = Steps(basis.Zh, Language.Chinese), En = Steps(basis.En, Language.English),
        });

        string Steps(string text, Language language)
        {
            var award = JsonNode.Parse(text)!;
            if (award["steps"] is JsonArray steps)
            {
                OtherGrants.Withhold(steps, place => IsOwn(row, basis.History[place]), language);
            }

            return JsonSerializer.Serialize(award, Json.Options);
        }
    }
}
