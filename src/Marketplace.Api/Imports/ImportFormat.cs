using System.Runtime.CompilerServices;
using System.Text;
using Marketplace.Api.Http;

namespace Marketplace.Api.Imports;

/// <summary>The two formats of an import file.</summary>
enum ImportFormat
{
    Ndjson,
    Csv,
}

static class ImportFormats
{
    public const string Csv = "text/csv";

    /// <param name="content">The type whose members the columns of a CSV file name.</param>
    public static IAsyncEnumerable<JsonLine> Lines(this ImportFormat format, Stream source, Charset charset, Type content, CancellationToken cancellation) =>
        format == ImportFormat.Csv ? CsvLines(source, charset, content, cancellation) : Ndjson.Lines(source, charset, cancellation);

    static async IAsyncEnumerable<JsonLine> CsvLines(
        Stream source, Charset charset, Type content, [EnumeratorCancellation] CancellationToken cancellation)
    {
        CsvColumns? columns = null;
        await foreach (var line in SourceLines.Read(source, quoted: true, charset, cancellation))
        {
            var fault = line.Fault;
            var text = fault is null ? charset.ToUtf8(line.Bytes, out fault) : default;
            var cells = fault is null ? CsvColumns.Cells(text, out fault) : null;
            if (columns is null)
            {
                // Without its header the file means nothing.
                columns = new(cells ?? throw Problems.Invalid([fault!]), content);
                continue;
            }

            var json = cells is null ? null : columns.ToJson(cells, out fault);
            yield return new(line.Number, json is null ? default : Encoding.UTF8.GetBytes(json.ToJsonString(Json.Options)), fault);
        }
    }
}
