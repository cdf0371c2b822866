using System.Text;
using CsvHelper;
using Marketplace.Api.Http;

namespace Marketplace.Api.Imports;

/// <summary>One record of a CSV file as its cells.</summary>
static class CsvText
{
    static readonly Dictionary<char, CsvReaderOptions> OneRecord = CellMark.All.ToDictionary(mark => mark, mark => new CsvReaderOptions
    {
        Separator = mark, HasHeader = false, TrimWhitespace = true, MalformedData = CsvMalformedDataHandling.Throw, BufferSize = 1 << 10,
    });

    /// <summary>Settles the mark by Excel's line <c>sep=;</c>.</summary>
    /// <returns>False where the record is no such line.</returns>
    public static bool IsSeparatorLine(ReadOnlySpan<byte> record, CellMark mark)
    {
        // A tab may be the last character that counts.
        var text = Encoding.UTF8.GetString(record).TrimEnd('\r');
        text = text.Length > 1 && text.StartsWith('"') && text.EndsWith('"') ? text[1..^1] : text;
        if (!text.StartsWith("sep=", StringComparison.OrdinalIgnoreCase) || text.Length != 5)
        {
            return false;
        }

        mark.Known = CellMark.All.Contains(text[4], StringComparison.Ordinal) ? text[4] : throw Problems.Invalid([new("", "malformed-csv", new(
            $"不支持以“{text[4]}”分隔；请用逗号、分号或制表符。", $"Cells parted by '{text[4]}' are not read: use commas, semicolons or tabs."))]);
        return true;
    }

    /// <summary>The mark that a header has most often outside quotation marks.</summary>
    public static char Separator(ReadOnlySpan<byte> header)
    {
        Span<int> counts = stackalloc int[CellMark.All.Length];
        var isQuoted = false;
        foreach (var sign in header)
        {
            isQuoted ^= sign == '"';
            if (!isQuoted && CellMark.All.IndexOf((char)sign) is >= 0 and var place)
            {
                counts[place]++;
            }
        }

        return CellMark.All[counts.IndexOf(Math.Max(counts[0], Math.Max(counts[1], counts[2])))];
    }

    /// <summary>The cells of one record, or the fault that makes it none.</summary>
    /// <param name="record">In UTF-8.</param>
    public static string[]? Cells(ReadOnlyMemory<byte> record, char mark, out Fault? fault)
    {
        fault = null;
        using var reader = CsvReader.Create(record, OneRecord[mark]);
        try
        {
            var cells = reader.Read() ? Enumerable.Range(0, reader.FieldCount).Select(reader.GetString).ToArray() : [];
            if (!reader.Read())
            {
                return cells;
            }
        }
        catch (CsvFormatException)
        {
            // Said below.
        }

        fault = new("", "malformed-csv", new(
            "含引号的单元格须整体用引号括起，其中的引号写两次；行以换行符结束。",
            "A cell that holds a quotation mark is quoted as a whole and doubles the mark; a line ends with a line feed."));
        return null;
    }
}
