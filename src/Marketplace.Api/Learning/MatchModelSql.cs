using Marketplace.Api.Data;

namespace Marketplace.Api.Learning;

static class MatchModelSql
{
    const string Columns = "id AS Id, state AS State, version AS Version, night AS Night, content AS Content, beat_at AS BeatAt, created_at AS CreatedAt";

    public static Task<MatchModelRow?> Get(Session session, string id) =>
        session.Find<MatchModelRow>($"SELECT {Columns} FROM match_models WHERE id = @id", new { id });

    public static Task<List<MatchModelRow>> List(Session session, string? after, int take) => session.First<MatchModelRow>(
        $"SELECT {Columns} FROM match_models WHERE id < @after ORDER BY id DESC", new { after = after ?? "~", take });

    /// <summary>The one that waits or runs.</summary>
    public static Task<MatchModelRow?> Running(Session session) =>
        session.Find<MatchModelRow>($"SELECT {Columns} FROM match_models WHERE running = 1");

    /// <summary>The newest adopted one.</summary>
    public static async Task<MatchModelRow?> InForce(Session session) => (await session.First<MatchModelRow>(
        $"SELECT {Columns} FROM match_models WHERE state = 'adopted' ORDER BY id DESC", new { take = 1 })).FirstOrDefault();

    /// <returns>False when another waits or runs, or the night has one.</returns>
    public static Task<bool> Insert(Session session, MatchModelRow row) => session.TryInsert(
        """
        INSERT INTO match_models (id, state, version, running, night, content, beat_at, created_at)
        VALUES (@Id, @State, @Version, 1, @Night, @Content, @BeatAt, @CreatedAt)
        """,
        row);

    /// <summary>Takes a step from one state to the next.</summary>
    /// <returns>False when the row is no longer of the version before <paramref name="row"/>'s.</returns>
    public static async Task<bool> Update(Session session, MatchModelRow row) => await session.Execute(
        """
        UPDATE match_models SET state = @State, version = @Version, running = @Running, content = @Content, beat_at = @BeatAt
        WHERE id = @Id AND version = @Version - 1
        """,
        new { row.Id, row.State, row.Version, Running = row.State is TrainingState.Waiting or TrainingState.Training ? 1 : (int?)null, row.Content, row.BeatAt }) == 1;

    /// <returns>False when somebody gave the training up.</returns>
    public static async Task<bool> Beat(Session session, string id, DateTimeOffset now) =>
        await session.Execute("UPDATE match_models SET beat_at = @now WHERE id = @id AND state = 'training'", new { id, now }) == 1;

    public static Task<int> InsertPart(Session session, string model, int part, byte[] bytes) => session.Execute(
        "INSERT INTO match_model_parts (model_id, part, part_bytes) VALUES (@model, @part, @bytes)", new { model, part, bytes });

    public static Task<List<byte[]>> Parts(Session session, string model) =>
        session.List<byte[]>("SELECT part_bytes FROM match_model_parts WHERE model_id = @model ORDER BY part", new { model });

    /// <summary>Forgets the bytes of every model but one.</summary>
    public static Task<int> DeletePartsBut(Session session, string model) =>
        session.Execute("DELETE FROM match_model_parts WHERE model_id <> @model", new { model });
}
