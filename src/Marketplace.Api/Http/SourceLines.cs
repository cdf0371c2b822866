using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text;

namespace Marketplace.Api.Http;

/// <summary>One record of a file as it stands there: a line, or in CSV several where a quoted cell holds line ends.</summary>
/// <param name="Number">Of its first line in the file, from 1.</param>
/// <param name="Bytes">Without the line end; valid until the next record is asked for.</param>
/// <param name="Fault">Set instead of the bytes where the record cannot be taken up at all.</param>
readonly record struct SourceLine(long Number, ReadOnlyMemory<byte> Bytes, Fault? Fault = null);

/// <summary>What stands between the cells of a CSV file: known once its header, or a line that says so, was looked at.</summary>
sealed class CellMark
{
    public const string All = ",;\t";

    public char? Known { get; set; }

    public bool Is(byte sign) => Known is { } mark ? sign == mark : sign is (byte)',' or (byte)';' or (byte)'\t';
}

/// <summary>
/// Cuts a stream into records without ever holding more than the longest record allowed. It works on bytes, before the text is decoded:
/// the bytes of line feed, quotation mark, comma, semicolon and tab are never a part of another character, neither in UTF-8 nor in GB18030.
/// A stream that begins with the mark of UTF-16 is made UTF-8 before.
/// </summary>
static class SourceLines
{
    public const int Longest = 1 << 20;

    /// <summary>How much text after the first character beyond ASCII the choice of its encoding rests on.</summary>
    const int Sample = 16 << 10;

    static readonly StreamPipeReaderOptions Options = new(bufferSize: 64 << 10, minimumReadSize: 16 << 10, leaveOpen: true);

    enum Place
    {
        CellStart,
        Bare,
        Quoted,
        QuoteInQuoted,
    }

    /// <param name="source">Read to its end; the caller disposes it.</param>
    /// <param name="cells">Given for CSV, where a line end inside quotation marks belongs to the record; may be told the mark between two records.</param>
    /// <param name="charset">Told what it needs to know before the first record beyond ASCII is handed out.</param>
    public static async IAsyncEnumerable<SourceLine> Read(
        Stream source, CellMark? cells, Charset charset, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var reader = PipeReader.Create(source, Options);
        long number = 1, feeds = 0, scanned = 0;
        var place = Place.CellStart;
        var (tooLong, first) = (false, true);
        while (true)
        {
            ReadResult read = default;
            var isBroken = false;
            try
            {
                read = await reader.ReadAsync(cancellation);
            }
            catch (DecoderFallbackException)
            {
                isBroken = true;
            }

            if (isBroken)
            {
                yield return new(number, default, new("", "invalid-text", new("此行之后不是 UTF-16。", "What follows is not UTF-16.")));
                yield break;
            }

            var rest = read.Buffer;
            if (first && rest.Length < 3 && !read.IsCompleted)
            {
                reader.AdvanceTo(rest.Start, rest.End);
                continue;
            }

            if (first)
            {
                first = false;
                if (Charset.Utf16(rest) is { } wide)
                {
                    reader.AdvanceTo(rest.GetPosition(2));
                    charset.IsUtf8();
                    reader = PipeReader.Create(
                        Encoding.CreateTranscodingStream(reader.AsStream(), wide, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)), Options);
                    continue;
                }

                rest = charset.SkipMark(rest);
            }

            var waitsForSample = false;
            while (true)
            {
                var end = Scan(rest.Slice(scanned), cells, ref place, ref feeds);
                if (end is null && !(read.IsCompleted && (rest.Length > 0 || tooLong)))
                {
                    scanned = rest.Length;
                    break;
                }

                var length = end is { } found ? scanned + found : rest.Length;
                var record = rest.Slice(0, length);
                if (tooLong || length > Longest)
                {
                    yield return new(number, default, TooLong);
                }
                else if (!IsBlank(record))
                {
                    if (!charset.IsKnown && !IsAscii(record))
                    {
                        if (rest.Length < Sample && !read.IsCompleted)
                        {
                            // The scan of this record begins anew with more text behind it.
                            (scanned, feeds, place, waitsForSample) = (0, 0, Place.CellStart, true);
                            break;
                        }

                        charset.Choose(rest.Slice(0, Math.Min(Sample, rest.Length)));
                    }

                    yield return end is null && place == Place.Quoted
                        ? new(number, default, Unclosed)
                        : new(number, record.IsSingleSegment ? record.First : record.ToArray());
                }

                rest = rest.Slice(end is null ? length : length + 1);
                number += feeds + 1;
                (scanned, feeds, place, tooLong) = (0, 0, Place.CellStart, false);
            }

            if (read.IsCompleted)
            {
                await reader.CompleteAsync();
                yield break;
            }

            if (!waitsForSample && rest.Length > Longest)
            {
                // What is too long is passed over as it comes, and only its end is looked for.
                tooLong = true;
                rest = rest.Slice(rest.End);
                scanned = 0;
            }

            reader.AdvanceTo(rest.Start, read.Buffer.End);
        }
    }

    public static Fault TooLong => new("", "line-too-long",
        new("一行最多 1 MiB；CSV 中也可能是引号没有闭合。", "A line has at most 1 MiB; in CSV a quotation mark may not have been closed."));

    static Fault Unclosed => new("", "malformed-csv", new("引号没有闭合。", "A quotation mark is not closed."));

    /// <summary>Goes on where it stopped: the state of the record so far is in the two references.</summary>
    /// <returns>Where the line feed that ends the record stands, or null where it is not there yet.</returns>
    static long? Scan(ReadOnlySequence<byte> text, CellMark? cells, ref Place place, ref long feeds)
    {
        long before = 0;
        foreach (var segment in text)
        {
            var at = cells is not null ? ScanCells(segment.Span, cells, ref place, ref feeds) : segment.Span.IndexOf((byte)'\n');
            if (at >= 0)
            {
                return before + at;
            }

            before += segment.Length;
        }

        return null;
    }

    static int ScanCells(ReadOnlySpan<byte> text, CellMark cells, ref Place place, ref long feeds)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var (now, sign) = (place, text[i]);
            if (sign == '\n' && now != Place.Quoted)
            {
                return i;
            }

            feeds += sign == '\n' ? 1 : 0;
            place = (now, sign) switch
            {
                (Place.Quoted, (byte)'"') => Place.QuoteInQuoted,
                (Place.Quoted, _) => Place.Quoted,
                (Place.CellStart or Place.QuoteInQuoted, (byte)'"') => Place.Quoted,
                (Place.CellStart, (byte)' ' or (byte)'\t') => Place.CellStart,
                _ when cells.Is(sign) => Place.CellStart,
                _ => Place.Bare,
            };
        }

        return -1;
    }

    static bool IsBlank(ReadOnlySequence<byte> record)
    {
        foreach (var segment in record)
        {
            if (segment.Span.ContainsAnyExcept(" \t\r"u8))
            {
                return false;
            }
        }

        return true;
    }

    static bool IsAscii(ReadOnlySequence<byte> record)
    {
        foreach (var segment in record)
        {
            if (!Ascii.IsValid(segment.Span))
            {
                return false;
            }
        }

        return true;
    }
}
