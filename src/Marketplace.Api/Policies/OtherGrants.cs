using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Marketplace.Api.Http;
using Marketplace.Rules;

namespace Marketplace.Api.Policies;

/// <summary>What a party may know of others' grants: under each limit what they come to together, never whose and of which contract.</summary>
static class OtherGrants
{
    const string Prefix = "history.";

    /// <summary>An answer with evaluations, without the grants of other parties one by one.</summary>
    /// <param name="histories">Of each evaluation.</param>
    public static Rendered<Evaluations> Withhold(Rendered<Evaluations> answer, IEnumerable<IReadOnlyList<Grant>> histories, string party, Language language)
    {
        var json = JsonNode.Parse(answer.Utf8)!;
        foreach (var (evaluation, history) in json["data"]!.AsArray().Zip(histories))
        {
            foreach (var steps in evaluation!["awards"]!.AsArray().Select(award => award!["steps"]).OfType<JsonArray>())
            {
                Withhold(steps, place => place < history.Count && history[place].Party == party, language);
            }
        }

        return new(JsonSerializer.SerializeToUtf8Bytes(json, Json.Options));
    }

    /// <summary>Puts one step in the place of those about others' grants that count under the same limit.</summary>
    /// <param name="isOwn">Whether the grant at a place of the history is the reader's.</param>
    public static void Withhold(JsonArray steps, Func<int, bool> isOwn, Language language)
    {
        var others = steps.Where(step => (string)step!["kind"]! == "history" && !IsOwn((string)step["name"]!)).ToDictionary(step => (int)step!["id"]!, step => step!);
        if (others.Count == 0)
        {
            return;
        }

        foreach (var inputs in steps.Select(step => step!["inputs"]!.AsArray()).Where(inputs => inputs.Any(input => others.ContainsKey((int)input!))).ToList())
        {
            var counted = inputs.Select(input => (int)input!).Where(others.ContainsKey).ToList();
            var (first, total) = (others[counted[0]], Fen.Zero);
            foreach (var id in counted)
            {
                total += Fen.TryParseYuan((string)others[id]["value"]!, out var sum) ? sum : Fen.Zero;
            }

            (first["name"], first["value"]) = ("history", total.ToYuanText());
            first["text"] = language == Language.English ? $"other grants, together: {total} yuan" : $"其他补贴合计：{total} 元";
            foreach (var input in inputs.Where(input => counted[1..].Contains((int)input!)).ToList())
            {
                inputs.Remove(input);
            }

            foreach (var id in counted[1..])
            {
                steps.Remove(others[id]);
            }
        }

        bool IsOwn(string name) => name.StartsWith(Prefix, StringComparison.Ordinal)
            && int.TryParse(name.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var place) && isOwn(place);
    }
}
