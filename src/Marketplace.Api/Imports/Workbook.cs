using System.Globalization;
using System.IO.Compression;
using Marketplace.Api.Http;
using MiniExcelLibs;

namespace Marketplace.Api.Imports;

/// <summary>
/// The first sheet of a workbook (XLSX), row by row. A workbook is a compressed folder that is read from its end: it is kept in a file until it was
/// read, and how large it is, packed and unpacked, is bounded before anything of it is understood.
/// </summary>
static class Workbook
{
    public const string MediaType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

    const long MostBytes = 32 << 20;
    const long MostUnpacked = 256 << 20;
    const int MostParts = 1_000;
    const int MostRows = 100_000;

    /// <summary>What can be read from any place; a source that cannot is copied into a file that goes with its stream.</summary>
    /// <exception cref="Refusal">It is larger than a workbook may be.</exception>
    public static async Task<Stream> Seekable(Stream source, CancellationToken cancellation)
    {
        if (source.CanSeek)
        {
            return source.Length <= MostBytes ? source : throw TooLarge();
        }

        var file = new FileStream(
            Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 64 << 10,
            FileOptions.DeleteOnClose | FileOptions.Asynchronous);
        try
        {
            var buffer = new byte[64 << 10];
            for (int read; (read = await source.ReadAsync(buffer, cancellation)) > 0;)
            {
                if (file.Length + read > MostBytes)
                {
                    throw TooLarge();
                }

                await file.WriteAsync(buffer.AsMemory(0, read), cancellation);
            }

            return file;
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    /// <summary>Each row with its number, from 1; the cells of an empty row are empty.</summary>
    /// <exception cref="Refusal">It is no workbook, or larger than one may be.</exception>
    public static IEnumerable<(long Number, string[] Cells)> Rows(Stream file, CancellationToken cancellation)
    {
        RequireBounds(file, cancellation);
        file.Position = 0;
        using var rows = Guarded(() => file.Query(useHeaderRow: false, excelType: ExcelType.XLSX).GetEnumerator());
        for (long number = 1; Guarded(rows.MoveNext); number++)
        {
            cancellation.ThrowIfCancellationRequested();
            var cells = (IDictionary<string, object?>)rows.Current;
            if (number > MostRows)
            {
                throw Refused("too-long", new($"一个工作表最多 {MostRows} 行，请分成几个文件。", $"A sheet has at most {MostRows} rows; send several files."));
            }

            if (cells.Count > TableColumns.Most)
            {
                throw Refused("too-long", new($"最多 {TableColumns.Most} 列，收到 {cells.Count} 列。", $"At most {TableColumns.Most} columns; {cells.Count} were sent."));
            }

            yield return (number, [.. cells.Values.Select(Text)]);
        }
    }

    /// <summary>Unpacks everything once and keeps nothing: what a compressed part says of its own length need not be true.</summary>
    static void RequireBounds(Stream file, CancellationToken cancellation)
    {
        try
        {
            using var parts = new ZipArchive(file, ZipArchiveMode.Read, leaveOpen: true);
            if (parts.Entries.Count > MostParts)
            {
                throw TooLarge();
            }

            var buffer = new byte[64 << 10];
            long unpacked = 0;
            foreach (var part in parts.Entries)
            {
                using var text = part.Open();
                for (int read; (read = text.Read(buffer)) > 0;)
                {
                    cancellation.ThrowIfCancellationRequested();
                    if ((unpacked += read) > MostUnpacked)
                    {
                        throw TooLarge();
                    }
                }
            }
        }
        catch (Exception error) when (error is InvalidDataException or NotSupportedException)
        {
            throw Malformed();
        }
    }

#pragma warning disable CA1031 // Whatever the library throws at a damaged workbook is the sender's.
    static T Guarded<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is not IOException and not OperationCanceledException)
        {
            throw Malformed();
        }
    }
#pragma warning restore CA1031

    /// <summary>A cell as it would stand in CSV. A number keeps its digits, a day has no time of its own.</summary>
    static string Text(object? cell) => cell switch
    {
        null => "",
        DateTime { TimeOfDay.Ticks: 0 } day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        DateTime time => time.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
        bool flag => flag ? "true" : "false",
        double number when Math.Abs(number) < 1e15 && number == Math.Truncate(number) => ((long)number).ToString(CultureInfo.InvariantCulture),
        IFormattable value => value.ToString(null, CultureInfo.InvariantCulture),
        _ => cell.ToString()!.Trim(),
    };

    static Refusal TooLarge() => Refused("too-long", new(
        $"工作簿最多 {MostBytes >> 20} MiB，解压后最多 {MostUnpacked >> 20} MiB。", $"A workbook has at most {MostBytes >> 20} MiB, and {MostUnpacked >> 20} MiB unpacked."));

    static Refusal Malformed() => Refused("malformed-xlsx", new(
        "不是 XLSX 工作簿，或已损坏、加密；旧的 .xls 请另存为 .xlsx。", "It is no XLSX workbook, or is damaged or encrypted; save an old .xls as .xlsx."));

    static Refusal Refused(string code, Rules.Wording detail) => Problems.Invalid([new("", code, detail)]);
}
