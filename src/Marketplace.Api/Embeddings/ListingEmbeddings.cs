using System.Security.Cryptography;
using System.Text;
using Marketplace.Api.Data;
using Marketplace.Api.Events;
using Marketplace.Api.Http;
using Marketplace.Api.Listings;
using Marketplace.Matching;

namespace Marketplace.Api.Embeddings;

// 语义向量: an engine of meaning from outside, where one is configured. The market works without it, and goes on when it is away.

/// <summary>
/// Keeps a vector for each published listing: of all of them at start, then of what the event feed names. A listing whose words did not
/// change keeps its vector. While the endpoint is away nothing is lost; the work waits.
/// </summary>
public sealed class ListingEmbeddings(Db db, Settings settings, Listening listening, TimeProvider clock, ILogger<ListingEmbeddings> log)
    : Loop(listening, clock, log)
{
    static readonly TimeSpan Sweep = TimeSpan.FromSeconds(1);
    static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(2);

    const int Page = 200;

    readonly EmbeddingsEndpoint? _endpoint = settings.Embeddings is { } configured ? new(configured, clock) : null;
    volatile string? _failure;

    /// <summary>The feed's last event before the first listing was looked at.</summary>
    long? _start;

    /// <summary>The last listing that was looked at, until all were.</summary>
    string _last = "";

    /// <summary>The last event that was followed, once all were.</summary>
    long? _followed;

    /// <summary>The model of the configured endpoint; null where there is none.</summary>
    public string? Model => _endpoint?.Model;

    /// <summary>Why vectors wait to be made; empty while they do not.</summary>
    public override IReadOnlyList<string> Warnings => _failure is { } failure ? [$"Marketplace:Embeddings: {failure}", .. base.Warnings] : base.Warnings;

    protected override bool IsNeeded => _endpoint is not null;

    /// <summary>
    /// How near listings are in meaning to a text: the cosine for each that has a vector. Empty where no endpoint is configured, or where
    /// it does not answer soon.
    /// </summary>
    /// <param name="session">To read with.</param>
    /// <param name="text">The words of a need or an offer.</param>
    /// <param name="listing">The listing whose words they are, if it is one.</param>
    /// <param name="candidates">Ids of listings.</param>
    /// <param name="cancel">Ends the wait for the endpoint.</param>
    public async Task<IReadOnlyDictionary<string, double>> Nearness(
        Session session, string text, string? listing, IReadOnlyCollection<string> candidates, CancellationToken cancel)
    {
        var near = new Dictionary<string, double>();
        if (_endpoint is null || candidates.Count == 0)
        {
            return near;
        }

        var rows = await EmbeddingSql.Of(session, _endpoint.Model, listing is null ? candidates : [.. candidates, listing]);
        var own = rows.Find(row => row.ListingId == listing && row.TextHash == Hash(text));
        if ((own is null ? await Asked(text, cancel) : TextVector.Read(own.Vector)) is not { } asked)
        {
            return near;
        }

        foreach (var row in rows.Where(row => row.ListingId != listing))
        {
            // Another length: the endpoint changed what stands behind the model's name.
            if (TextVector.Read(row.Vector) is { } vector && vector.Length == asked.Length)
            {
                near.Add(row.ListingId, vector.Cosine(asked));
            }
        }

        return near;
    }

    /// <summary>The words of a listing that its vector stands for: those that everybody may read.</summary>
    static string Words(ListingRow row) => Query.For(ListingKinds.Named(row.Kind).Indexed(row)).Text;

    public override void Dispose()
    {
        _endpoint?.Dispose();
        base.Dispose();
    }

    protected override async Task<Task> Piece(CancellationToken stopping)
    {
        var next = db.Writer.NextCommit;
        try
        {
            var isBehind = await MakeSome(_endpoint!, stopping);
            Report(null);
            return isBehind ? Task.CompletedTask : Task.WhenAny(next, Task.Delay(Sweep, stopping));
        }
        catch (EmbeddingsException error)
        {
            Report(error.Message);
            return Task.Delay(AfterFailure, Clock, stopping);
        }
    }

    /// <summary>Makes the vectors of a page of listings: through all that is published, up to where the feed was before; from there along the feed.</summary>
    /// <returns>Whether there may be more.</returns>
    async Task<bool> MakeSome(EmbeddingsEndpoint endpoint, CancellationToken stopping)
    {
        if (_followed is not { } seen)
        {
            _start ??= await db.Read(EventSql.LastSequence);
            var rows = await db.Read(session => ListingSql.WordsAfter(session, _last, Page));
            await Store(endpoint, rows, stopping);
            (_last, _followed) = rows.Count > 0 ? (rows[^1].Id, null) : (_last, _start);
            return rows.Count > 0;
        }

        var events = await db.Read(session => EventSql.Following(session, seen, types: null, Page));
        var ids = events.Select(e => e.Subject).Where(ListingKinds.Has).Distinct().ToList();
        await Store(endpoint, ids.Count == 0 ? [] : await db.Read(session => ListingSql.WordsOf(session, ids)), stopping);
        _followed = events.Count > 0 ? events[^1].Sequence : seen;
        return events.Count > 0;
    }

    /// <summary>One line when it begins and one when it is over, however often it is tried.</summary>
    void Report(string? failure)
    {
        if (failure is null != _failure is null)
        {
            if (failure is null)
            {
                Log.LogInformation("Vectors of listings are made again");
            }
            else
            {
                Log.LogWarning("Vectors of listings wait: {Failure}", failure);
            }
        }

        _failure = failure;
    }

    async Task Store(EmbeddingsEndpoint endpoint, List<ListingRow> listings, CancellationToken cancel)
    {
        if (listings.Count == 0)
        {
            return;
        }

        var stored = (await db.Read(session => EmbeddingSql.Of(session, endpoint.Model, [.. listings.Select(row => row.Id)]))).ToDictionary(row => row.ListingId);
        var changed = listings.Select(row => (row.Id, Words: Readable($"listings {row.Id}", () => Words(row))!))
            .Where(listing => listing.Words is not null && (!stored.TryGetValue(listing.Id, out var row) || row.TextHash != Hash(listing.Words)));
        foreach (var batch in changed.Chunk(EmbeddingsEndpoint.Batch))
        {
            await Store(endpoint, batch, cancel);
        }
    }

    async Task Store(EmbeddingsEndpoint endpoint, (string Id, string Words)[] batch, CancellationToken cancel)
    {
        IReadOnlyList<TextVector> vectors;
        try
        {
            vectors = await endpoint.Embed([.. batch.Select(listing => listing.Words)], cancel);
        }
        catch (EmbeddingsException error) when (error.Failure == EmbeddingsFailure.Refused)
        {
            if (batch is [var alone])
            {
                Log.LogWarning("Listing {Listing} has no vector: the endpoint does not take its text. {Failure}", alone.Id, error.Message);
                return;
            }

            foreach (var listing in batch)
            {
                await Store(endpoint, [listing], cancel);
            }

            return;
        }

        if (await db.Read(session => EmbeddingSql.Any(session, endpoint.Model)) is { } known && TextVector.Read(known.Vector)?.Length is { } length
            && length != vectors[0].Length)
        {
            throw new EmbeddingsException(
                EmbeddingsFailure.Broken, $"It answered vectors of {vectors[0].Length} components; those of model {endpoint.Model} have {length}.");
        }

        await db.Write(async session =>
        {
            foreach (var (listing, vector) in batch.Zip(vectors))
            {
                await EmbeddingSql.Store(session, endpoint.Model, new() { ListingId = listing.Id, TextHash = Hash(listing.Words), Vector = vector.Write() });
            }
        });
    }

    async Task<TextVector?> Asked(string text, CancellationToken cancel)
    {
        try
        {
            return await _endpoint!.EmbedNow(text, cancel);
        }
        catch (EmbeddingsException error)
        {
            Log.LogDebug(error, "A match is made without vectors");
            return null;
        }
    }

    static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
