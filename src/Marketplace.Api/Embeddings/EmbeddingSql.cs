using Marketplace.Api.Data;

namespace Marketplace.Api.Embeddings;

sealed record EmbeddingRow
{
    public string ListingId { get; init; } = "";
    public string TextHash { get; init; } = "";
    public byte[] Vector { get; init; } = [];
}

static class EmbeddingSql
{
    const string Columns = "listing_id AS ListingId, text_hash AS TextHash, vector AS Vector";

    public static Task<List<EmbeddingRow>> Of(Session session, string model, IReadOnlyCollection<string> listings) => session.List<EmbeddingRow>(
        $"SELECT {Columns} FROM listing_embeddings WHERE model = @model AND listing_id IN @listings", new { model, listings });

    /// <summary>Any vector of the model, for its length; null while there is none.</summary>
    public static async Task<EmbeddingRow?> Any(Session session, string model) => (await session.First<EmbeddingRow>(
        $"SELECT {Columns} FROM listing_embeddings WHERE model = @model ORDER BY listing_id", new { model, take = 1 })).FirstOrDefault();

    /// <summary>Puts a vector in the place of an older one; of two processes that do so at once one waits for the other, and either will do.</summary>
    public static async Task Store(Session session, string model, EmbeddingRow row)
    {
        var parameters = new { row.ListingId, model, row.TextHash, row.Vector };
        const string Update =
            """
            UPDATE listing_embeddings SET text_hash = @TextHash, vector = @Vector
            WHERE listing_id = @ListingId AND model = @model
            """;
        if (await session.Execute(Update, parameters) == 0)
        {
            await session.TryInsert(
                """
                INSERT INTO listing_embeddings (listing_id, model, text_hash, vector)
                VALUES (@ListingId, @model, @TextHash, @Vector)
                """,
                parameters);
        }
    }
}
