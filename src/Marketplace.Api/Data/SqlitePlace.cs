using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace Marketplace.Api.Data;

/// <summary>
/// Whether the files that a connection has open are those at their path. A file that was deleted or replaced goes on taking writes for as long as it is open,
/// and all of them are lost when the process ends.
/// </summary>
static class SqlitePlace
{
    /// <summary>SQLITE_FCNTL_HAS_MOVED: compares the open file's identity with the path's, at the price of one stat.</summary>
    const int HasMoved = 20;

    /// <summary>SQLITE_CANTOPEN, which counts as a database that is away.</summary>
    const int CannotOpen = 14;

    /// <exception cref="SqliteException">What is written now would not be in the file at the path.</exception>
    public static void Require(SqliteConnection connection)
    {
        if (Look(connection) is { } fault)
        {
            throw new SqliteException($"{Text(fault)} Put it back, or start the market again.", CannotOpen);
        }
    }

    /// <returns>Null where everything is in its place.</returns>
    public static SqliteFault? Look(SqliteConnection connection)
    {
        // Where SQLite cannot tell (Windows, which deletes no open file), it does not set the answer.
        if (FileControl(connection.Handle!.DangerousGetHandle(), 0, HasMoved, out var moved) == SQLitePCL.raw.SQLITE_OK && moved != 0)
        {
            return SqliteFault.Moved;
        }

        var path = SQLitePCL.raw.sqlite3_db_filename(connection.Handle, "main").utf8_to_string();
        return !File.Exists(path + "-wal") ? SqliteFault.LogGone : new FileInfo(path) is not { Exists: true, Length: > 0 } ? SqliteFault.Emptied : null;
    }

    static string Text(SqliteFault fault) => fault switch
    {
        SqliteFault.Moved => "The database file was moved, deleted or replaced while it was in use.",
        SqliteFault.LogGone => "The database's write-ahead log was deleted while it was in use.",
        _ => "The database file was emptied while it was in use.",
    };

    [DllImport("e_sqlite3", EntryPoint = "sqlite3_file_control", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    static extern int FileControl(IntPtr database, IntPtr mainByDefault, int operation, out int answer);
}

/// <summary>What befell a file that is in use.</summary>
enum SqliteFault
{
    Moved,
    LogGone,
    Emptied,
}
