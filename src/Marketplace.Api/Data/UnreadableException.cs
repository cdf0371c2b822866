using System.Data;
using System.Data.Common;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Marketplace.Api.Data;

/// <summary>A stored record holds what the market never writes, such as a time that is none: it was altered in the database.</summary>
/// <param name="record">Its table and its key.</param>
/// <param name="inner">What failed.</param>
public sealed partial class UnreadableException(string record, Exception? inner = null) : Exception($"{record} cannot be read.", inner)
{
    public string Record => record;

    /// <summary>What drivers and Dapper throw where a value is not of its column's kind; a database that is away throws other exceptions.</summary>
    internal static bool IsCause(Exception error) => error is DataException or FormatException or InvalidCastException or OverflowException;

    /// <param name="sql">The statement that found the row.</param>
    /// <param name="row">Null where the row is not known.</param>
    internal static string NameOf(string sql, DbDataReader? row)
    {
        var table = Table().Match(sql).Groups[1].Value;
        if (row is null)
        {
            return table;
        }

        var columns = Enumerable.Range(0, row.FieldCount).ToList();
        var key = columns.Where(column => row.GetName(column) == "Id").DefaultIfEmpty(0).Take(1);
        // The key of an entry is its fund and its number in it.
        key = row.GetName(0) == "Fund" ? columns.Take(2) : key;
        return $"{table} {string.Join(' ', key.Select(column => Convert.ToString(row.GetValue(column), CultureInfo.InvariantCulture)))}";
    }

    [GeneratedRegex(@"\bFROM (\w+)")]
    private static partial Regex Table();
}
