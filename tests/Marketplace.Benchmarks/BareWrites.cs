using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Marketplace.Api.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;

namespace Marketplace.Benchmarks;

/// <summary>The least that answers <c>POST /api/v1/demands</c> durably: prepared statements on one connection, one lock, one commit a request.</summary>
static class BareWrites
{
    internal sealed record Budget(decimal? Min, decimal? Max);

    internal record Content(
        string Title, string Description, string Kind, string Field, string[] Keywords, string Region, Budget? Budget, string[] Modes, int? MinTrl,
        DateOnly? Deadline);

    internal sealed record View(
        string Title, string Description, string Kind, string Field, string[] Keywords, string Region, Budget? Budget, string[] Modes, int? MinTrl,
        DateOnly? Deadline, string Id, string State, string Owner, int Version, DateTime CreatedAt, DateTime UpdatedAt, string[] AvailableActions)
        : Content(Title, Description, Kind, Field, Keywords, Region, Budget, Modes, MinTrl, Deadline);

    public static async Task Serve(string connectionString, string[] args)
    {
        SQLitePCL.Batteries_V2.Init();
        await using var database = new Database(connectionString);
        var builder = WebApplication.CreateBuilder(args);
        var json = new BareJson(new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        });
        var app = builder.Build();
        app.MapGet("/", () => "up");
        app.MapPost("/api/v1/demands", async (HttpContext http) =>
        {
            var header = http.Request.Headers.Authorization.ToString();
            if (!header.StartsWith("Bearer ", StringComparison.Ordinal) || await database.PartyOf(header[7..]) is not { } party)
            {
                http.Response.StatusCode = StatusCodes.Status401Unauthorized;
                return;
            }

            var sent = await JsonSerializer.DeserializeAsync(http.Request.Body, json.Content);
            var id = await database.Insert(party, sent!, JsonSerializer.Serialize(sent, json.Content), out var now);
            var body = JsonSerializer.SerializeToUtf8Bytes(
                new View(sent!.Title, sent.Description, sent.Kind, sent.Field, sent.Keywords, sent.Region, sent.Budget, sent.Modes, sent.MinTrl,
                    sent.Deadline, id, "draft", party, 1, now, now, ["submit", "withdraw"]),
                json.View);
            http.Response.StatusCode = StatusCodes.Status201Created;
            http.Response.Headers.Location = $"/api/v1/demands/{id}";
            http.Response.ContentType = "application/json; charset=utf-8";
            http.Response.ContentLength = body.Length;
            await http.Response.Body.WriteAsync(body);
        });
        await app.RunAsync();
    }

    sealed class Database : IAsyncDisposable
    {
        readonly string _reading;
        readonly SqliteConnection _writer;
        readonly SemaphoreSlim _lock = new(1);
        readonly SqliteCommand _begin, _commit, _insertListing, _readHead, _moveHead, _insertEvent;

        public Database(string connectionString)
        {
            _reading = new SqliteConnectionStringBuilder(connectionString) { Mode = SqliteOpenMode.ReadOnly }.ToString();
            _writer = new(connectionString);
            _writer.Open();
            Prepare("PRAGMA journal_mode=WAL").ExecuteNonQuery();
            Prepare("PRAGMA synchronous=FULL").ExecuteNonQuery();
            Prepare("PRAGMA foreign_keys=ON").ExecuteNonQuery();
            _begin = Prepare("BEGIN IMMEDIATE");
            _commit = Prepare("COMMIT");
            _insertListing = Prepare(
                """
                INSERT INTO listings (id, kind, owner_id, external_id, state, version, field, region, mode_codes, deadline, content, confidential,
                    created_at, updated_at)
                VALUES (@id, 'demand', @owner, NULL, 'draft', 1, @field, @region, @modes, @deadline, @content, NULL, @now, @now)
                """,
                "@id", "@owner", "@field", "@region", "@modes", "@deadline", "@content", "@now");
            _readHead = Prepare("SELECT last_sequence, last_hash FROM event_head WHERE id = 1");
            _moveHead = Prepare(
                "UPDATE event_head SET last_sequence = @sequence, last_hash = @hash WHERE id = 1 AND last_sequence = @before",
                "@sequence", "@hash", "@before");
            _insertEvent = Prepare(
                """
                INSERT INTO events (id, sequence, event_type, subject, actor, occurred_at, event_data, readers, hash)
                VALUES (@id, @sequence, 'demand.created', @subject, @actor, @now, @data, @readers, @hash)
                """,
                "@id", "@sequence", "@subject", "@actor", "@now", "@data", "@readers", "@hash");
        }

        public async Task<string?> PartyOf(string key)
        {
            await using var connection = new SqliteConnection(_reading);
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText =
                """
                SELECT k.party_id, p.kind, k.person, k.roles FROM api_keys k JOIN parties p ON p.id = k.party_id
                WHERE k.key_hash = @hash AND k.revoked_at IS NULL
                """;
            command.Parameters.AddWithValue("@hash", Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(key))));
            await using var row = await command.ExecuteReaderAsync();
            return await row.ReadAsync() ? row.GetString(0) : null;
        }

        public Task<string> Insert(string party, Content demand, string content, out DateTime now)
        {
            now = DateTime.UtcNow;
            return Insert(party, demand, content, now);
        }

        async Task<string> Insert(string party, Content demand, string content, DateTime now)
        {
            var (id, eventId) = (Ids.New("dem", TimeProvider.System), Ids.New("evt", TimeProvider.System));
            await _lock.WaitAsync();
            try
            {
                _begin.ExecuteNonQuery();
                Run(_insertListing, id, party, demand.Field, demand.Region, $",{string.Join(',', demand.Modes)},", (object?)demand.Deadline ?? DBNull.Value, content, now);
                long before;
                string hash;
                using (var head = _readHead.ExecuteReader())
                {
                    head.Read();
                    (before, hash) = (head.GetInt64(0), head.GetString(1));
                }

                const string data = """{"state":"draft","version":1}""";
                var text = string.Create(CultureInfo.InvariantCulture,
                    $"{hash}\n{before + 1}\n{eventId}\ndemand.created\n{id}\n{party}\n{new DateTimeOffset(now).ToUnixTimeMilliseconds()}\n|{party}|\n{data}");
                hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
                Run(_moveHead, before + 1, hash, before);
                Run(_insertEvent, eventId, before + 1, id, party, now, data, $"|{party}|", hash);
                _commit.ExecuteNonQuery();
            }
            finally
            {
                _lock.Release();
            }

            return id;
        }

        public ValueTask DisposeAsync() => _writer.DisposeAsync();

        SqliteCommand Prepare(string sql, params string[] parameters)
        {
            var command = _writer.CreateCommand();
            command.CommandText = sql;
            foreach (var name in parameters)
            {
                command.Parameters.Add(new() { ParameterName = name });
            }

            command.Prepare();
            return command;
        }

        static void Run(SqliteCommand command, params object[] values)
        {
            for (var i = 0; i < values.Length; i++)
            {
                command.Parameters[i].Value = values[i];
            }

            command.ExecuteNonQuery();
        }
    }
}

[JsonSerializable(typeof(BareWrites.Content))]
[JsonSerializable(typeof(BareWrites.View))]
sealed partial class BareJson : JsonSerializerContext;
