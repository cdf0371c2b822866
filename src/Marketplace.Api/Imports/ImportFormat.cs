using System.Runtime.CompilerServices;
using Marketplace.Api.Http;

namespace Marketplace.Api.Imports;

/// <summary>The formats of an import file: lines of JSON, and two of tables.</summary>
enum ImportFormat
{
    Ndjson,
    Csv,
    Xlsx,
}

static class ImportFormats
{
    public const string Csv = "text/csv";

    /// <summary>What browsers on machines with Excel call a CSV file.</summary>
    public const string CsvOfExcel = "application/vnd.ms-excel";

    public static IAsyncEnumerable<JsonLine> Lines(this ImportFormat format, Stream source, Charset charset, ImportTarget target, CancellationToken cancellation) => format switch
    {
        ImportFormat.Csv => CsvLines(source, charset, target, cancellation),
        ImportFormat.Xlsx => XlsxLines(source, target, cancellation),
        _ => Ndjson.Lines(source, charset, cancellation),
    };

    static async IAsyncEnumerable<JsonLine> CsvLines(
        Stream source, Charset charset, ImportTarget target, [EnumeratorCancellation] CancellationToken cancellation)
    {
        TableColumns? columns = null;
        var mark = new CellMark();
        await foreach (var line in SourceLines.Read(source, mark, charset, cancellation))
        {
            var fault = line.Fault;
            if (columns is null && (line.Bytes.Span.StartsWith("PK\u0003\u0004"u8) || line.Bytes.Span.StartsWith((ReadOnlySpan<byte>)[0xD0, 0xCF, 0x11, 0xE0])))
            {
                throw Problems.Invalid([new("", "malformed-csv", new(
                    $"这是 Excel 工作簿，不是 CSV：.xlsx 请以 {Workbook.MediaType} 发送，.xls 请另存为 .xlsx 或 CSV。",
                    $"This is a workbook of Excel and no CSV: send .xlsx as {Workbook.MediaType}, and save .xls as .xlsx or CSV."))]);
            }

            var text = fault is null ? charset.ToUtf8(line.Bytes, out fault) : default;
            if (columns is null && fault is null && CsvText.IsSeparatorLine(text.Span, mark))
            {
                continue;
            }

            mark.Known ??= CsvText.Separator(text.Span);
            var cells = fault is null ? CsvText.Cells(text, mark.Known.Value, out fault) : null;
            if (columns is null)
            {
                // Without its header the file means nothing.
                columns = new(cells ?? throw Problems.Invalid([fault!]), target);
            }
            else if (cells is null)
            {
                yield return new(line.Number, default, fault);
            }
            else if (!Array.TrueForAll(cells, cell => cell.Length == 0))
            {
                yield return columns.Line(line.Number, cells);
            }
        }
    }

    static async IAsyncEnumerable<JsonLine> XlsxLines(Stream source, ImportTarget target, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var file = await Workbook.Seekable(source, cancellation);
        try
        {
            TableColumns? columns = null;
            foreach (var (number, cells) in Workbook.Rows(file, cancellation))
            {
                if (Array.TrueForAll(cells, cell => cell.Length == 0))
                {
                    continue;
                }

                if (columns is null)
                {
                    columns = new(cells, target);
                }
                else
                {
                    yield return cells.Sum(cell => (long)cell.Length) > SourceLines.Longest ? new(number, default, SourceLines.TooLong) : columns.Line(number, cells);
                }
            }
        }
        finally
        {
            if (file != source)
            {
                await file.DisposeAsync();
            }
        }
    }
}
