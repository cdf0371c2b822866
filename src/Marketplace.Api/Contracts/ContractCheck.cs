using System.Text.Json;
using Marketplace.Api.Data;
using Marketplace.Api.Events;
using Marketplace.Api.Http;
using Marketplace.Rules;

namespace Marketplace.Api.Contracts;

/// <summary>Whether the row of a contract is what its last event recorded: its states, its version, its terms, its number and what was recognised.</summary>
static class ContractCheck
{
    const string Recognition = "recognition";

    static readonly string[] Members = ["state", "life", "recognitionState", "version", "termsVersion", "terms", "number", Recognition];

    /// <summary>Refuses to compute a claim from, or to go on with one that rests on, a contract that was altered past the market.</summary>
    public static async Task Require(Session session, string id)
    {
        if (await Fault(session, id, await EventSql.DataAbout(session, [id])) is { } fault)
        {
            throw Problems.RecordAltered(fault);
        }
    }

    /// <returns>Null where nothing is wrong.</returns>
    public static async Task<Wording?> Fault(Session session, string id, IEnumerable<EventRow> events)
    {
        try
        {
            var row = (await ContractSql.Get(session, id))!;
            var said = events.Select(happened => Json.Read<JsonElement>(happened.Data, $"events {happened.Id}")).ToList();
            var now = JsonSerializer.SerializeToElement(ContractParties.EventData(row), Json.Options);
            // Not every event is a step: several may be of one version.
            var last = said.Count == 0 ? [] : said.Where(data => Version(data) == said.Max(Version)).ToList();
            // Events from before this member say nothing of it.
            var told = last.Exists(data => Raw(data, Recognition) is not null) ? Members : Members[..^1];
            var differing = told.FirstOrDefault(member => !last.Exists(data => Raw(data, member) == Raw(now, member)));
            var stored = await ContractSql.StoredForms(session, id);
            return last.Count == 0 ? new($"没有关于合同 {id} 的事件。", $"No event is about the contract {id}.")
                : differing is not null ? new($"合同 {id} 的 {differing} 与其最后的事件不符。", $"The {differing} of the contract {id} is not what its last event says.")
                : row.State != stored.State ? new($"合同 {id} 的状态与其两条进程不符。", $"The state of the contract {id} is not what its two axes add up to.")
                : row.ProjectKey != stored.ProjectKey ? new($"合同 {id} 的项目归并形式与其名称不符。", $"The project of the contract {id} does not count by its name.")
                : null;
        }
        catch (UnreadableException unreadable)
        {
            return new($"{unreadable.Record} 无法读取。", unreadable.Message);
        }

        static int Version(JsonElement data) => data.ValueKind == JsonValueKind.Object && data.TryGetProperty("version", out var version) && version.TryGetInt32(out var number) ? number : 0;

        static string? Raw(JsonElement data, string member) => data.ValueKind == JsonValueKind.Object && data.TryGetProperty(member, out var value) ? value.GetRawText() : null;
    }
}
