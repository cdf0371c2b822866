using System.Text.Json;
using Marketplace.Api.Data;
using Marketplace.Api.Events;
using Marketplace.Api.Http;
using Marketplace.Rules;

namespace Marketplace.Api.Contracts;

/// <summary>Whether the row of a contract is what its last event recorded: its states, its version, its terms and its number.</summary>
static class ContractCheck
{
    static readonly string[] Members = ["state", "life", "recognitionState", "version", "termsVersion", "terms", "number"];

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
            var differing = Members.FirstOrDefault(member => !last.Exists(data => Raw(data, member) == Raw(now, member)));
            return last.Count == 0 ? new($"没有关于合同 {id} 的事件。", $"No event is about the contract {id}.")
                : differing is not null ? new($"合同 {id} 的 {differing} 与其最后的事件不符。", $"The {differing} of the contract {id} is not what its last event says.")
                : row.State != await ContractSql.StoredState(session, id) ? new($"合同 {id} 的状态与其两条进程不符。", $"The state of the contract {id} is not what its two axes add up to.")
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
