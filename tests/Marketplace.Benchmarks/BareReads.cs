using System.Buffers;
using System.Data.Common;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Marketplace.Benchmarks;

/// <summary>The least that answers <c>GET /api/v1/achievements/{id}</c>: one statement by ADO.NET, columns by place, JSON by hand.</summary>
static class BareReads
{
    const string Statement = "SELECT id, state, owner_id, version, content, created_at, updated_at FROM listings WHERE id = @id AND state = 'published'";

    public static async Task Serve(string database, string connectionString, string[] args)
    {
        SQLitePCL.Batteries_V2.Init();
        var reading = database == "sqlite" ? new SqliteConnectionStringBuilder(connectionString) { Mode = SqliteOpenMode.ReadOnly }.ToString() : "";
        await using var source = database == "postgresql" ? NpgsqlDataSource.Create(connectionString) : null;

        var app = WebApplication.CreateBuilder(args).Build();
        app.MapGet("/", () => "up");
        app.MapGet("/api/v1/achievements/{id}", async (string id, HttpContext http) =>
        {
            await using DbConnection connection = source is null ? new SqliteConnection(reading) : source.CreateConnection();
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = Statement;
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = ("@id", id);
            command.Parameters.Add(parameter);
            await using var row = await command.ExecuteReaderAsync();
            if (!await row.ReadAsync())
            {
                http.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
            }

            // The content is an object with at least a title; the other members go before its own.
            var content = row.GetString(4);
            var json = string.Create(CultureInfo.InvariantCulture,
                $$"""{"id":"{{row.GetString(0)}}","state":"{{row.GetString(1)}}","owner":"{{row.GetString(2)}}","version":{{row.GetInt32(3)}},"createdAt":"{{row.GetDateTime(5):yyyy-MM-dd'T'HH:mm:ss.fff'Z'}}","updatedAt":"{{row.GetDateTime(6):yyyy-MM-dd'T'HH:mm:ss.fff'Z'}}","availableActions":[],{{content.AsSpan(1)}}""");
            var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(json.Length));
            var length = Encoding.UTF8.GetBytes(json, bytes);
            http.Response.ContentType = "application/json; charset=utf-8";
            http.Response.ContentLength = length;
            await http.Response.Body.WriteAsync(bytes.AsMemory(0, length));
            ArrayPool<byte>.Shared.Return(bytes);
        });
        await app.RunAsync();
    }
}
